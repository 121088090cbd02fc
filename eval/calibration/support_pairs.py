"""Labelled pairs of a claim and a passage: does the passage support the claim?

From SciFact (claims that an abstract supports or contradicts), CLAPNQ (sentences of long answers
and the passages they were written from), RGB (answers, true and false, and the documents) and
XQuAD (the same paragraph in Spanish and English, and a machine's Spanish beside a translator's).
Each supported claim also comes with a fact swapped, or a «not» put in, and with a near passage that
says something else. Nothing is kept: the data stay where they are.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.text import search_terms, split_sentences

_NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*(?<![.,])")
_NAME = re.compile(r"(?<=[a-záéíóúñ,] )[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{2,}(?: [A-ZÁÉÍÓÚÑ][a-záéíóúñ]{2,})*")
_VERB = {
    "en": re.compile(r"\b(is|are|was|were|can|could|will|has been|have been)\b(?! not)"),
    "es": re.compile(r"(?<!no )\b(es|son|fue|fueron|puede|pueden|tiene|tienen|había|está|están)\b"),
}
_WORDS = 5  # fewest of a sentence that is taken for a claim


@dataclass(frozen=True)
class Pair:
    """A claim and a passage; `group` is never split between fitting and measuring."""

    claim: str
    passage: str
    supported: bool
    source: str  # scifact | clapnq | rgb | xquad
    origin: str  # supported | other passage | contradicted | number | name | negated
    group: str
    claim_language: str = "en"
    passage_language: str = "en"
    title: str = ""


def read_pairs(data: Path, limit: int, seed: int = 3) -> list[Pair]:
    """Returns at most `limit` pairs a source, origin and pair of languages."""
    draw = random.Random(seed)
    makers = (scifact(data), clapnq(data), rgb(data), xquad(data))
    pairs = [pair for maker in makers for pair in with_changes(list(maker), draw)]
    draw.shuffle(pairs)
    taken: dict[tuple[str, ...], int] = defaultdict(int)
    kept = []
    for pair in pairs:
        key = (pair.source, pair.origin, pair.claim_language, pair.passage_language)
        taken[key] += 1
        if taken[key] <= limit:
            kept.append(pair)
    return kept


def scifact(data: Path) -> Iterator[Pair]:
    """Claims against abstracts that support or contradict them."""
    folder = data / "retrieval/scifact"
    corpus = {row["_id"]: row for row in _gzipped(folder / "corpus.jsonl.gz")}
    claims = {row["_id"]: row["text"] for row in _lines(folder / "queries.train.jsonl")}
    labels = {
        (row["claim_id"], row["doc_id"]): row["label"]
        for row in _lines(folder / "evidence.train.jsonl")
    }
    for (claim, document), label in labels.items():
        row, supported = corpus[document], label == "SUPPORT"
        origin = "supported" if supported else "contradicted"
        yield Pair(
            claims[claim], row["text"], supported, "scifact", origin, claim, title=row["title"]
        )


def clapnq(data: Path) -> Iterator[Pair]:
    """Sentences of long answers against the passage that the answer was made from."""
    for row in _gzipped(data / "rag/clapnq/dev_answerable.shared.jsonl.gz"):
        passage = row["passages"][0]
        for answer in row["output"]:
            for claim in _claims(_tidy(answer["answer"])):
                text = _tidy(passage["text"])
                title = passage["title"]
                yield Pair(claim, text, True, "clapnq", "supported", row["id"], title=title)


def rgb(data: Path) -> Iterator[Pair]:
    """A question with its answer, or a false one, against the documents that hold the true one."""
    for row in _lines(data / "rag/rgb/en_fact.shared.jsonl"):
        answers = row["answer"] if isinstance(row["answer"], str) else _first(row["answer"])
        for text, changed in zip(row["positive"], row["positive_wrong"], strict=False):
            if answers not in text:
                continue
            group = f"rgb-{row['id']}"
            for answer, supported in ((answers, True), (row["fakeanswer"], False)):
                claim = f"{row['query']}: {answer}."
                origin = "supported" if supported else "name"
                yield Pair(claim, _tidy(text), supported, "rgb", origin, group)
            if text != changed:
                for claim in _claims(_tidy(changed)):
                    if claim not in _tidy(text):
                        yield Pair(claim, _tidy(text), False, "rgb", "name", group)


def xquad(data: Path) -> Iterator[Pair]:
    """Sentences against the same paragraph in the other language, or in other Spanish words."""
    folder = data / "qa"
    articles = {
        "en": json.loads((folder / "xquad.dev.en.json").read_text(encoding="utf-8")),
        "es": json.loads((folder / "xquad.dev.es.json").read_text(encoding="utf-8")),
    }
    with gzip.open(folder / "squad-es-v1.1-dev-small.shared.json.gz", "rt") as stream:
        machine = {key: text for key, text, _ in _paragraphs(json.load(stream))}
    spanish = {key: text for key, text, _ in _paragraphs(articles["es"])}
    seen = set()
    for key, english, title in _paragraphs(articles["en"]):
        if english in seen or key not in spanish:
            continue
        seen.add(english)
        versions = [("en", english), ("es", spanish[key])]
        texts = [(a, b) for a in versions for b in versions if a[0] != b[0]]
        if key in machine:
            texts += [(versions[1], ("es", machine[key])), (("es", machine[key]), versions[1])]
        for (spoken, text), (language, other) in texts:
            for claim in _claims(text):
                yield Pair(claim, other, True, "xquad", "supported", title, spoken, language)


def with_changes(pairs: Sequence[Pair], draw: random.Random) -> Iterator[Pair]:
    """Yields the pairs and unsupported ones: another passage, a swapped fact, a «not»."""
    names = sorted({name for pair in pairs for name in _NAME.findall(pair.passage)})
    others = _near_passages(pairs)
    for pair in pairs:
        yield pair
        if not pair.supported:
            continue
        if pair.passage in others:
            yield replace(
                pair, passage=others[pair.passage], supported=False, origin="other passage"
            )
        if pair.source == "rgb":
            continue
        for origin, claim in _changed(pair, names, draw):
            yield replace(pair, claim=claim, supported=False, origin=origin)


def _changed(pair: Pair, names: Sequence[str], draw: random.Random) -> Iterator[tuple[str, str]]:
    """The claim with another number, another name, and denied, where that can be."""
    claim = pair.claim
    numbers = list(_NUMBER.finditer(claim))
    if numbers:
        chosen = draw.choice(numbers)
        yield "number", _put(claim, chosen, _another(chosen.group(), draw))
    named = [match for match in _NAME.finditer(claim) if match.group() in pair.passage]
    if named and names:
        chosen = draw.choice(named)
        yield "name", _put(claim, chosen, draw.choice(names))
    verb = _VERB[pair.claim_language].search(claim)
    if verb and not re.search(r"\b(no|not|never|nunca|sin|without)\b", claim):
        english = pair.claim_language == "en"
        denied = f"{verb.group()} not" if english else f"no {verb.group()}"
        yield "negated", _put(claim, verb, denied)


def _another(number: str, draw: random.Random) -> str:
    """Returns a number of the same form that is not this one."""
    digits = [index for index, char in enumerate(number) if char.isdigit()]
    index = draw.choice(digits[-2:])
    changed = str((int(number[index]) + draw.randint(1, 8)) % 9 + 1)
    return number[:index] + changed.replace(number[index], "7") + number[index + 1 :]


def _near_passages(pairs: Iterable[Pair]) -> dict[str, str]:
    """For each passage the one of another group that shares most of its words."""
    groups = {
        pair.passage: (pair.group, pair.passage_language, pair.source == "xquad") for pair in pairs
    }
    words = {text: set(search_terms(text, spoken)) for text, (_, spoken, _) in groups.items()}
    found = {}
    for text, (group, spoken, same_article) in groups.items():
        others = [
            other
            for other, (theirs, language, _) in groups.items()
            # paragraphs of one article are about the same things, and say others
            if other != text
            and language == spoken
            and (theirs == group) == same_article
            and len(words[other] & words[text]) < 0.5 * len(words[text])
        ]
        if others:
            found[text] = max(others, key=lambda other: len(words[text] & words[other]))
    return found


def _put(text: str, match: re.Match[str], other: str) -> str:
    return text[: match.start()] + other + text[match.end() :]


def _claims(text: str) -> list[str]:
    sentences = [text[start:end] for start, end in split_sentences(text)]
    return [sentence for sentence in sentences if len(sentence.split()) >= _WORDS]


def _tidy(text: str) -> str:
    """Text whose signs had been set apart by spaces."""
    text = text.replace("\u00a0", " ").replace(" -- ", ", ").replace("``", '"').replace("''", '"')
    return " ".join(re.sub(r" ([.,;:!?%)\]]|'s\b|n't\b)", r"\1", text).replace("( ", "(").split())


def _first(value: Any) -> str:
    return value if isinstance(value, str) else _first(value[0])


def _paragraphs(dataset: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(id of a question, paragraph, title of the article)."""
    for article in dataset["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                yield question["id"], paragraph["context"], article["title"]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _gzipped(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from map(json.loads, stream)
