"""Text hygiene shared by all readers: what is removed from characters, and nothing else.

Knows nothing about formats, files or layout. Every text that leaves a reader went through
`clean_text`, so that no later module meets control characters, carriage returns or half characters.
"""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 20_000_000
"""More text than this from one file is cut and reported as partial."""

_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Soft hyphens and zero-width characters split a word for every search while nobody sees them.
# Joiners (U+200C, U+200D) stay: Persian, Indic scripts and emoji are spelled with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufffe\uffff\ufff9-\ufffb]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile("[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BLANK_LINES = re.compile("\n{3,}")


def clean_characters(text: str) -> str:
    """Line ends as "\\n"; ligatures spelled out; invisible and broken characters gone; NFC."""
    text = _LINE_ENDS.sub("\n", text)
    text = _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text.translate(_LIGATURES))


def clean_line(text: str) -> str:
    """One line: cleaned, with every run of white space as one space and none at the ends."""
    return " ".join(clean_characters(text).split())


def clean_text(text: str) -> str:
    """Several lines: cleaned; spaces collapsed within lines, at most one blank line between."""
    lines = (_SPACES.sub(" ", line).strip(" ") for line in clean_characters(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def clean_code(text: str) -> str:
    """Preformatted lines: cleaned, with their indentation kept."""
    lines = (line.expandtabs(4).rstrip() for line in clean_characters(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
