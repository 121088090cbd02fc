"""A model of two tiny layers that knows nothing, and a data folder of a few made-up rows."""

from __future__ import annotations

import gzip
import json
import os
import string
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel
from transformers.utils import logging

from rag.training.rows import PAIRS, PARALLEL, QUESTIONS

WORDS = "the a of in is was what who where when war house water bridge river town built".split()
WIDTH = 16
THINGS = {"bridge": "puente", "river": "ruta", "town": "pueblo", "house": "hogar", "war": "guerra"}
COLOURS = {"red": "rojo", "blue": "azul", "green": "verde", "white": "blanco", "black": "negro"}

# A translator that a test can word, called as the real one is.
APERTIUM = """#!{python}
import pathlib, sys
source, target = map(pathlib.Path, sys.argv[-2:])
assert sys.argv[1:-3] == ["-u", "-f", "html"], sys.argv
assert sys.argv[-3] == "eng-spa", sys.argv
text = source.read_text(encoding="utf-8")
{work}
target.write_text(text, encoding="utf-8")
"""


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that wait for each other cost more than such small models do."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    torch.set_num_threads(1)


def toy_tokenizer() -> Tokenizer:
    """WordPiece as BERT has it: places left unused, letters, a few words."""
    letters = string.ascii_lowercase + string.digits + string.punctuation + "¿¡"
    special = ["[PAD]", *(f"[unused{i}]" for i in range(4)), "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens = [*special, *letters, *(f"##{letter}" for letter in letters), *WORDS]
    vocab = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, vocab[token]) for token in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def toy_encoder(folder: Path, seed: int = 0) -> Path:
    """A model folder with random weights, the same for the same seed."""
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    tokenizer = toy_tokenizer()
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=2 * WIDTH,
        max_position_embeddings=512,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def fake_apertium(folder: Path, python: str, work: str) -> Path:
    """A folder for PATH whose `apertium` does `work` on `text`."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "apertium"
    script.write_text(APERTIUM.format(python=python, work=work), encoding="utf-8")
    script.chmod(0o755)
    return folder


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def toy_data(folder: Path) -> Path:
    """A data folder: parallel sentences of two sources, pairs, questions of three sources."""
    phrases = [
        (f"the {thing} is {colour}", f"el {es_thing} es {es_colour}")
        for thing, es_thing in THINGS.items()
        for colour, es_colour in COLOURS.items()
    ]
    write_rows(
        folder / PARALLEL,
        (
            {"en": en, "es": es, "source": source}
            for source in ("news", "manual")
            for en, es in phrases
        ),
    )
    pairs = [(f"what is the {thing}", f"the {thing} is old", "en", "glossary") for thing in THINGS]
    pairs += [
        (f"qué es {es}", f"the {en} is old", "es>en", "glossary") for en, es in THINGS.items()
    ]
    pairs += [(f"is a {thing} old", f"a {thing} is old indeed", "en", "boolq") for thing in THINGS]
    write_rows(
        folder / PAIRS,
        (
            {"query": query, "passage": passage, "lang": language, "source": source}
            for query, passage, language, source in pairs
        ),
    )
    write_rows(folder / QUESTIONS, [*_asked("qed-nq"), *_asked("qamr"), *_asked("fairytaleqa")])
    return folder


def _asked(source: str) -> Iterable[dict[str, Any]]:
    for thing in THINGS:
        for colour in COLOURS:
            context = f"In the town stands one {thing} that was {colour} for a year."
            yield {
                "question": f"which colour was the {thing}",
                "context": context,
                "answer": colour,
                "start": context.index(colour),
                "lang": "en",
                "source": source,
            }


def squad(
    path: Path, articles: Mapping[str, Sequence[tuple[str, Sequence[Mapping[str, Any]]]]]
) -> None:
    """A file in SQuAD's layout: title -> (context, questions)."""
    data = [
        {
            "title": title,
            "paragraphs": [{"context": context, "qas": list(asked)} for context, asked in parts],
        }
        for title, parts in articles.items()
    ]
    text = json.dumps({"data": data}, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def qa(key: str, question: str, context: str, *answers: str) -> dict[str, Any]:
    """One question of a SQuAD file; without answers it is impossible."""
    found = [{"text": text, "answer_start": context.find(text)} for text in answers]
    return {"id": key, "question": question, "answers": found, "is_impossible": not answers}


def toy_articles(folder: Path) -> Path:
    """Four articles in both languages, with XQuAD's and SQuAD's files, ids shared."""
    xquad: dict[str, dict[str, Any]] = {"en": {}, "es": {}}
    more: dict[str, Any] = {}
    for number, (en, es) in enumerate(list(THINGS.items())[:4]):
        title = f"{en.title()}"
        for language, thing in (("en", en), ("es", es)):
            colours = COLOURS if language == "en" else COLOURS.values()
            parts = []
            for i, colour in enumerate(list(colours)[:3]):
                context = f"{thing} number {i} was {colour} when it was new"
                parts.append((context, [qa(f"{number}-{i}", f"{thing} {i}?", context, colour)]))
            xquad[language][title] = parts
        context = f"Nobody knows who owns the {en} and the garden."
        more[title] = [(context, [qa(f"{number}-null", f"who sold the {en}?", context)])]
    squad(folder / "xquad.dev.en.json", xquad["en"])
    squad(folder / "xquad.dev.es.json", xquad["es"])
    squad(folder / "squad-v2.0-dev.shared.en.json.gz", more)
    return folder
