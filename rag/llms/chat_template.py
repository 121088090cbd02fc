"""Chat messages to token ids by a model's own template, and ids back to text.

What messages say can never become a control token, whatever it spells: only the template writes
those.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream

from rag.errors import ModelMissing, stated
from rag.llms.template_sandbox import ADVICE, ChatTemplate, overhead
from rag.models.batching import without_surrogates
from rag.schema import Message

_BREAK = "\ue07f"  # private use: here a text is cut before it is turned into tokens
_NAMED = ("bos_token", "eos_token", "pad_token", "unk_token")


class ChatTokenizer:
    """A tokenizer with its chat template. Safe in several threads."""

    def __init__(self, tokenizer: Tokenizer, template: str, named: Mapping[str, str]) -> None:
        """`named`: the tokens that templates call by name. Raises ModelMissing for bad jinja."""
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._template = ChatTemplate(template, named)
        added = tokenizer.get_added_tokens_decoder()
        # white space is an added token of some models and is no control token
        self.control = {key for key, token in added.items() if not token.content.isspace()}
        self._spelled = _starts([added[key].content for key in self.control])
        # that a character is unknown forges nothing
        self._forged = self.control.difference(self.ids_of([named.get("unk_token", "")]))

    @property
    def overhead(self) -> int:
        """Returns how many tokens the template adds to a chat of three turns and a question."""
        return overhead(self.encode, self.count)

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Returns the ids up to the answer. Raises ModelMissing when the template refuses."""
        text = self._template.render([Message(m.role, self._harmless(m.content)) for m in messages])
        return [key for part in text.split(_BREAK) if part for key in self._ids(part)]

    def count(self, text: str) -> int:
        """Returns the length of a text in tokens, without those of the template."""
        return sum(len(self._ids(part)) for part in self._harmless(text).split(_BREAK) if part)

    def ids_of(self, tokens: Sequence[str]) -> list[int]:
        """Returns the ids of those tokens that exist."""
        found = (self._tokenizer.token_to_id(token) for token in tokens)
        return [key for key in found if key is not None]

    def reader(self) -> TextReader:
        """Returns what turns the ids of one answer into text as they come."""
        return TextReader(self._tokenizer)

    def _harmless(self, text: str) -> str:
        """Returns the text with a break in all that spells a control token."""
        text = without_surrogates(text).replace(_BREAK, "")
        broken = self._spelled.sub(rf"\g<0>{_BREAK}", text)
        if any(self._forged.intersection(self._ids(part)) for part in broken.split(_BREAK)):
            # a tokenizer that normalizes found one that is spelled otherwise: no two letters meet
            kept = (char for char in text if not self._forged.intersection(self._ids(char)))
            broken = _BREAK.join(kept)
        return broken

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)


class TextReader:
    """Ids to text, each piece as soon as its characters are whole."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._stream = DecodeStream(skip_special_tokens=True)

    def read(self, key: int) -> str:
        """Returns the characters that the id completes; "" while one is still in pieces."""
        return self._stream.step(self._tokenizer, key) or ""


def load_chat(folder: Path) -> ChatTokenizer:
    """Loads the tokenizer and template of a model folder. Raises ModelMissing."""
    path = folder / "tokenizer.json"
    with stated(f"{path} does not load", "rag models list"):
        tokenizer = Tokenizer.from_file(str(path))
    config = read_json(folder / "tokenizer_config.json")
    template = _template_of(folder, config)
    if not template:
        raise ModelMissing(f"model «{folder.name}» has no chat template", ADVICE)
    named = {**read_json(folder / "special_tokens_map.json"), **config}
    return ChatTokenizer(
        tokenizer, template, {key: _content(named[key]) for key in _NAMED if named.get(key)}
    )


def stop_ids(folder: Path, chat: ChatTokenizer) -> list[int]:
    """Returns the ids that end an answer, of which a model may have several."""
    found: set[int] = set()
    for name in ("generation_config.json", "config.json"):
        ends = read_json(folder / name).get("eos_token_id")
        found.update(ends if isinstance(ends, list) else [] if ends is None else [ends])
    named = read_json(folder / "tokenizer_config.json").get("eos_token")
    return sorted(found | set(chat.ids_of([_content(named)] if named else [])))


def read_json(path: Path) -> dict[str, Any]:
    """Returns the object in a JSON file; an empty one where there is no such file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _template_of(folder: Path, config: Mapping[str, Any]) -> str:
    path = folder / "chat_template.jinja"
    if path.is_file():
        return path.read_text(encoding="utf-8")
    found = config.get("chat_template") or ""
    if isinstance(found, list):
        return next((str(row["template"]) for row in found if row["name"] == "default"), "")
    return str(found)


def _content(token: Any) -> str:
    return str(token["content"] if isinstance(token, dict) else token)


def _starts(tokens: Sequence[str]) -> re.Pattern[str]:
    """Matches the first letter of each token in a text, of tokens that overlap too."""
    spelled = "|".join(re.escape(token) for token in tokens if len(token) > 1)
    return re.compile(f"(?={spelled})." if spelled else "(?!)", re.DOTALL)
