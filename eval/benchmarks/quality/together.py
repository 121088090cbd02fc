"""A language model that writes the answers to many prompts in one go.

One at a time, a small model on two busy cores needs a minute an answer; two dozen share the
reading of the weights. The file is read back to bfloat16 by transformers and nothing is sampled, so
the words are close to those of llama.cpp, not always the same. Says nothing about speed. With
`grammar` the answers have the form that the prompt asks for, whatever the model would write.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.benchmarks.quality.answer_grammar import AnswerGrammar
from rag.models.folders import gguf_of
from rag.protocols import Stop
from rag.schema import Prompt

_AT_ONCE = 24
_WINDOW = 8192
_FENCE, _SAME = re.compile(r"<[0-9a-f]{8}>"), "<0a1b2c3d>"  # new for each prompt


class TogetherWriter:
    """Gives what it has written; of other prompts nothing, and remembers them for `write`."""

    context_window = _WINDOW

    def __init__(self, folder: Path, kept: Path, max_tokens: int, grammar: bool = False) -> None:
        """`kept`: the file in which answers are kept, so that a run goes on where it ended."""
        from transformers import AutoTokenizer

        self.name = f"{folder.name}-grammar" if grammar else folder.name
        self._grammar = grammar
        self._path = gguf_of(folder)
        assert self._path is not None, f"{folder} holds no GGUF file"
        self._tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=self._path.name)
        self._tokenizer.padding_side = "left"
        self._kept, self._most = kept, max_tokens
        self._written = {row["key"]: row["text"] for row in _rows(kept)}
        self._missing: dict[str, Prompt] = {}

    def count_tokens(self, text: str) -> int:
        """Returns the length in the model's tokens."""
        return len(self._tokenizer(text, add_special_tokens=False).input_ids)

    def stream(self, prompt: Prompt, stop: Stop) -> Iterator[str]:
        """Yields what was written after this prompt; nothing where it has yet to be."""
        key = key_of(prompt)
        if key not in self._written:
            self._missing[key] = prompt
        yield self._written.get(key, "")

    def write(self) -> int:
        """Writes after all prompts that were remembered; returns how many these were."""
        count = len(self._missing)
        if count:
            model = self._loaded()
            texts = {key: self._templated(prompt) for key, prompt in self._missing.items()}
            keys = sorted(texts, key=lambda key: len(texts[key]))  # of like length: little padding
            for start in range(0, len(keys), _AT_ONCE):
                self._write(model, {key: texts[key] for key in keys[start : start + _AT_ONCE]})
        return count

    def _write(self, model: Any, texts: dict[str, str]) -> None:
        given = self._tokenizer(
            list(texts.values()), return_tensors="pt", padding=True, add_special_tokens=False
        )
        written = model.generate(
            input_ids=given.input_ids,
            attention_mask=given.attention_mask,
            max_new_tokens=self._most,
            do_sample=False,
            repetition_penalty=1.0,
            eos_token_id=self._tokenizer.eos_token_id,
            pad_token_id=self._tokenizer.eos_token_id,
            logits_processor=self._processors(texts, given.input_ids.shape[1]),
        )
        rows: Sequence[Any] = written[:, given.input_ids.shape[1] :]
        with self._kept.open("a", encoding="utf-8") as file:
            for key, ids in zip(texts, rows, strict=True):
                text = self._tokenizer.decode(ids, skip_special_tokens=True)
                self._written[key] = text
                del self._missing[key]
                file.write(json.dumps({"key": key, "text": text}, ensure_ascii=False) + "\n")

    def _processors(self, keys: Iterable[str], prompt_tokens: int) -> list[AnswerGrammar]:
        passages = [len(self._missing[key].passages) for key in keys]
        grammar = self._grammar
        return [AnswerGrammar(self._tokenizer, passages, prompt_tokens)] if grammar else []

    def _loaded(self) -> Any:
        import torch
        from transformers import AutoModelForCausalLM, GgufConfig

        assert self._path is not None
        model: Any = AutoModelForCausalLM.from_pretrained(
            self._path.parent,
            gguf_file=self._path.name,
            dtype=torch.bfloat16,
            quantization_config=GgufConfig(dequantize=True),  # packed ones compute in fp32
        )
        return model.eval()

    def _templated(self, prompt: Prompt) -> str:
        return str(
            self._tokenizer.apply_chat_template(
                _messages(prompt), tokenize=False, add_generation_prompt=True
            )
        )


def key_of(prompt: Prompt) -> str:
    """Returns what tells a prompt from others, whatever its fence is."""
    said = json.dumps(_messages(prompt), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _messages(prompt: Prompt) -> list[dict[str, str]]:
    return [
        {"role": message.role, "content": _FENCE.sub(_SAME, message.content)}
        for message in prompt.messages
    ]


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
