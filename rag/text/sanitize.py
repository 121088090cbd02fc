"""Text that others wrote, made harmless: what cannot be seen, what forges a chat, what links.

For all that goes to a model (passages, titles, questions, earlier answers) and for what a model
writes. Removes characters that hide what a text says, takes the force out of the control tokens of
chat templates, and turns images, links and markup into plain words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from rag.text.languages import either

# Invisible though their category does not say so: variation selectors (they can carry bytes),
# fillers of Hangul, the grapheme joiner, Mongolian selectors, the blank of Braille.
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\uffa0\ufe00-\ufe0f"
_INVISIBLE = re.compile(f"[{_BLANK}\U000e0100-\U000e01ef]")
_REMOVED = ("Cf", "Cc", "Cs", "Cn")
# What no honest document holds: tags, overrides of direction, bytes in selectors; and runs of
# characters of no width. Soft hyphens, byte order marks and joiners of emoji are honest.
_SMUGGLES = re.compile(
    "[\U000e0000-\U000e007f\U000e0100-\U000e01ef\u202a-\u202e\u2066-\u2069]"
    "|[\u200b-\u200d\u2060-\u2064\ufeff\u180e]{3,}|[\ufe00-\ufe0f]{2,}|(?:\\w\u200b){3,}"
)
_ROLES = "system|user|assistant|human|model|tool|developer|ipython"
_CONTROL = re.compile(
    r"<\s*[|｜][^<>\n]{1,60}[|｜]\s*>"  # <|im_start|>, <｜User｜>
    r"|</?s>|<(?:/?(?:bos|eos|pad|unk|mask|sep|cls|think|tool_call|tool_response|tools)|"
    r"start_of_turn|end_of_turn|start_header_id|end_header_id|eot_id|begin_of_text|end_of_text|"
    r"extra_id_\d+|unused\d+)>"
    r"|\[/?(?:INST|SYS|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|SYSTEM_PROMPT|gMASK|CLS|SEP|MASK)\]"
    rf"|<</?SYS>>|</?(?:{_ROLES})>",
    re.IGNORECASE,
)
_TURN = re.compile(
    rf"^([ \t]*(?:#{{2,}}[ \t]*)?(?:{_ROLES}|{either(lambda language: language.chat_roles)}))"
    r"([ \t]*):",
    re.IGNORECASE | re.MULTILINE,
)
_SOFTER = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "|": "¦", "｜": "¦"})

_IMAGE = re.compile(r"!\[([^\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])")
_LINK = re.compile(r"\[([^\]\n]*)\]\(\s*<?[^)\n]*\)")
_LEFT_OVER = re.compile(r"\]\(\s*<?(?:[a-z][a-z0-9+.-]*:|//|www\.)[^)\s]*\)?", re.IGNORECASE)
_REFERENCE = re.compile(r"^[ \t]*\[[^\]\n]+\]:[ \t]*\S+.*$", re.MULTILINE)
_TAG = re.compile(
    r"</?(?:a|img|picture|script|iframe|frame|svg|style|link|video|audio|source|track|object|embed|"
    r"form|input|button|meta|base|body|html|head|div|span)\b[^<>\n]{0,500}/?>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:\b(?:https?|ftp|file|data|javascript|mailto|vbscript):|(?<![\w@/])//|\bwww\.)"
    r"[^\s<>\"'»”)\]]+",
    re.IGNORECASE,
)
_MARK = re.compile(r"\[\d{1,3}\]")
_CUT = "…"


def clean(text: str) -> str:
    """Returns the text as it may stand in a prompt: nothing hidden, nothing that forges a turn."""
    shown = _CONTROL.sub(_softened, visible(text))
    return _TURN.sub(r"\1\2 -", shown)


def visible(text: str) -> str:
    """Returns the text without characters that have no shape or change the direction of others."""
    kept = (
        char
        for char in _INVISIBLE.sub("", text)
        if char in "\n\t" or unicodedata.category(char) not in _REMOVED
    )
    return "".join(kept)


def suspicious(text: str) -> bool:
    """Tells whether a text hides characters, or spells the control tokens of a chat."""
    return (
        _SMUGGLES.search(text) is not None
        or _CONTROL.search(text) is not None
        or _CONTROL.search(visible(text)) is not None
    )


def flattened(text: str, known: Callable[[str], bool] = lambda address: False) -> str:
    """Returns what a model wrote as plain words: images by description, links by their text.

    Addresses that are not `known` (from the passages) are cut out: they could carry away what was
    read. Marks [n] stay.
    """
    words = _IMAGE.sub(r"\1", visible(text))
    words = _LINK.sub(_link_text, words)
    words = _TAG.sub("", _REFERENCE.sub("", _LEFT_OVER.sub("]", words)))
    return _ADDRESS.sub(lambda match: match.group() if known(match.group()) else _CUT, words)


def _link_text(match: re.Match[str]) -> str:
    """Returns the text of a link; «[1](…)» keeps its mark: it may be a citation."""
    whole = f"[{match.group(1)}]"
    return whole if _MARK.fullmatch(whole) else match.group(1)


def _softened(match: re.Match[str]) -> str:
    return match.group().translate(_SOFTER)
