"""A trained model as the folder that ships: `model.onnx` in int8, `tokenizer.json`, `model.json`.

    encoder folder → Bert → int8 → model.onnx ┐
                         tokenizer.json ──────┴→ model.json (hashes, sizes, what it is)

`export` takes any torch module around a BertModel: the embedder gives token states, the QA model
its logits. Knows nothing about how the module was trained or how the files are run.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from rag.errors import UsageError
from rag.training.attention import OPSET
from rag.training.int8 import to_int8

LIMIT = 48_000_000  # bytes of a whole folder
FORMAT = 1
EMBEDDER_INPUTS = ("input_ids", "attention_mask")
EMBEDDER_OUTPUTS = ("states",)
QA_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
QA_OUTPUTS = ("start", "end", "judgement")
_BATCH = 16
_LONG = 8


@dataclass(frozen=True, slots=True)
class Card:
    """What `model.json` says beside hashes; `max_tokens` counts the special ones.

    `prefixes` stand before what is asked and before a passage, where the model learnt it so.
    """

    name: str
    version: str
    dimension: int
    max_tokens: int
    prefixes: tuple[str, str] = ("", "")


class TokenStates(nn.Module):
    """An encoder's last layer, shape (batch, length, dimension); the mean is taken by the user."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Returns the token states."""
        states: Any = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        last: Tensor = states.last_hidden_state
        return last


def export_embedder(
    source: Path,
    target: Path,
    version: str,
    texts: Sequence[str],
    prefixes: tuple[str, str] = ("", ""),
    name: str = "fuente-embedder",
) -> Path:
    """Exports the encoder's folder `source` (transformers) as the artefact `target`.

    `name` and `version` say what it is. `texts` set the scales of the activations: some hundred, of
    each language and length; every other one is measured as a question, if there are `prefixes` of
    questions and passages.
    """
    from rag.training.encoding import load_encoder

    encoder = load_encoder(source)
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    config: Any = encoder.config
    longest = int(config.max_position_embeddings)
    card = Card(name, version, config.hidden_size, longest, prefixes)
    shown = [prefixes[index % 2] + text for index, text in enumerate(texts)]
    examples = text_batches(tokenizer, shown, card.max_tokens)
    names = (EMBEDDER_INPUTS, EMBEDDER_OUTPUTS)
    return export(TokenStates(encoder), *names, examples, tokenizer, card, target)


def export_qa_model(
    source: Path, target: Path, version: str, pairs: Sequence[tuple[str, str]]
) -> Path:
    """Exports the QA model's folder `source` as the artefact `target`.

    `pairs` of question and passage set the scales of the activations: some hundred, as
    `export_embedder`'s texts. Raises as `export` does.
    """
    from rag.training.qa_model import load_qa_model

    model = load_qa_model(source)
    config: Any = model.encoder.config
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    card = Card("fuente-qa", version, config.hidden_size, int(config.max_position_embeddings))
    examples = text_batches(tokenizer, pairs, card.max_tokens)
    return export(model, QA_INPUTS, QA_OUTPUTS, examples, tokenizer, card, target)


def export(
    module: nn.Module,
    inputs: Sequence[str],
    outputs: Sequence[str],
    examples: Iterable[Mapping[str, Tensor]],
    tokenizer: Tokenizer,
    card: Card,
    target: Path,
) -> Path:
    """Writes the artefact folder and returns it. `module` is consumed: its parts become int8.

    inputs, outputs: names in the graph; the first two axes of each are batch and length, an output
    of another length keeps its own. examples: inputs by name, to set the scales by. Raises
    UsageError when the folder would be larger than 48 MB.
    """
    batches = list(examples)
    small = to_int8(module, batches)
    target.mkdir(parents=True, exist_ok=True)
    (target / "model.onnx").write_bytes(graph(small, inputs, outputs, batches[-1]))
    (target / "tokenizer.json").write_text(_compact(tokenizer), encoding="utf-8")
    write_manifest(target, card)
    size = sum(path.stat().st_size for path in target.iterdir() if path.suffix in _PARTS)
    if size > LIMIT:
        raise UsageError(
            f"{target} holds {size / 1e6:.1f} MB, more than {LIMIT / 1e6:.0f}",
            "train with fewer words",
        )
    return target


_PARTS = (".onnx", ".json")


def write_manifest(folder: Path, card: Card) -> None:
    """Writes `model.json`: what the model is, with hash and size of each file."""
    files = {}
    for name in ("model.onnx", "tokenizer.json"):
        content = (folder / name).read_bytes()
        files[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    manifest = {
        "format": FORMAT,
        "name": card.name,
        "version": card.version,
        "precision": "int8",
        "dimension": card.dimension,
        "max_tokens": card.max_tokens,
        "files": files,
    }
    if any(card.prefixes):
        manifest["prefixes"] = dict(zip(("query", "passage"), card.prefixes, strict=True))
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")


def text_batches(
    tokenizer: Tokenizer, texts: Sequence[str] | Sequence[tuple[str, str]], max_tokens: int
) -> Iterable[dict[str, Tensor]]:
    """Yields ids, mask and types of texts or pairs, and of some that fill the window, by length.

    What no example shows is clipped, so the last places of the window must be among them.
    """
    cutting = Tokenizer.from_str(tokenizer.to_str())
    cutting.enable_truncation(max_tokens)
    cutting.enable_padding()
    ordered = sorted([*texts, *_joined(texts, max_tokens)], key=_length)
    paired = any(isinstance(text, tuple) for text in ordered)
    for start in range(0, len(ordered), _BATCH):
        encoded = cutting.encode_batch(ordered[start : start + _BATCH])
        batch = {"input_ids": [row.ids for row in encoded]}
        batch["attention_mask"] = [row.attention_mask for row in encoded]
        if paired:
            batch["token_type_ids"] = [row.type_ids for row in encoded]
        yield {name: torch.tensor(rows) for name, rows in batch.items()}


def _length(text: str | tuple[str, str]) -> int:
    return len(text) if isinstance(text, str) else len(text[0]) + len(text[1])


def _joined(texts: Sequence[str] | Sequence[tuple[str, str]], max_tokens: int) -> list[Any]:
    """Returns texts, or pairs with passages, of as many words as the window has tokens."""
    words = " ".join(text if isinstance(text, str) else text[1] for text in texts).split()
    # a word is a token at least; repeated, so that few texts fill the window too
    words *= 1 + _LONG * max_tokens // max(1, len(words))
    long = [" ".join(words[i * max_tokens : (i + 1) * max_tokens]) for i in range(_LONG)]
    questions = [text[0] for text in texts if isinstance(text, tuple)]
    if not questions:
        return long
    return [(questions[i % len(questions)], text) for i, text in enumerate(long)]


def graph(
    module: nn.Module, inputs: Sequence[str], outputs: Sequence[str], example: Mapping[str, Tensor]
) -> bytes:
    """Returns the module as ONNX, for any batch and length; `example` is run once to follow it."""
    buffer: Any = io.BytesIO()  # torch's types know paths only
    axes = {0: "batch", 1: "length"}
    given = tuple(example[name] for name in inputs)
    with warnings.catch_warnings(), torch.no_grad():
        # torch's older exporter says that it is old; the newer one needs another package
        warnings.simplefilter("ignore")
        results = module(*given)
        results = results if isinstance(results, tuple) else (results,)
        long = [n for n, r in zip(outputs, results, strict=True) if r.shape[1] == given[0].shape[1]]
        torch.onnx.export(
            module,
            given,
            buffer,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={
                n: axes if n in long or n in inputs else {0: "batch"} for n in (*inputs, *outputs)
            },
            opset_version=OPSET,
            custom_opsets={"com.microsoft": 1},
            dynamo=False,
        )
    return bytes(buffer.getvalue())


def _compact(tokenizer: Tokenizer) -> str:
    """Returns it as JSON without spaces, truncation or padding: the user sets the last two."""
    plain = Tokenizer.from_str(tokenizer.to_str())
    plain.no_truncation()
    plain.no_padding()
    return json.dumps(json.loads(plain.to_str()), ensure_ascii=False, separators=(",", ":"))
