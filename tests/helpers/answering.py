"""What the tests of the answer side share: coefficients of their own, and libraries of fakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.answering import QuestionAnalyzer
from rag.answering.calibration import Calibration
from rag.answering.citations import CheckedAnswer, GetDocument, Verifier, stands
from rag.answering.composing import Material, compose
from rag.answering.conversation import small_talk
from rag.answering.evidence import ANSWER_FEATURES, SENTENCE_FEATURES
from rag.answering.extractive_answer import as_blocks
from rag.answering.layout import Layout
from rag.answering.leaning import Leaning
from rag.answering.prepared import Prepared, reply
from rag.config import Settings
from rag.library import Library
from rag.protocols import Generator, QAModel, Stop
from rag.schema import (
    Answer,
    Chunk,
    Document,
    DocumentBlock,
    DocumentInfo,
    Filters,
    Passage,
    Prompt,
    Question,
    Section,
    Sentence,
    Turn,
    WeightedTerms,
    rendered,
)
from rag.text import detect_language, query_terms, split_sentences
from tests.helpers.fakes import FakeEmbedder

SENTENCE = {
    "intercept": -3.0,
    **dict.fromkeys(SENTENCE_FEATURES, 0.0),
    "covers": 6.0,
    "right_kind": 1.0,
}
COMPARED = {**SENTENCE, "near": 0.0}
ANSWER = {"intercept": 0.0, **dict.fromkeys(ANSWER_FEATURES, 0.0), "best": 1.0}
READ = {**SENTENCE, "covers": 1.0, "span": 6.0}
READ_ANSWER = {**ANSWER, "best": 0.0, "answerable": 1.0}
CALIBRATION = Calibration(
    {"sentence": SENTENCE, "compared": COMPARED, "answer": ANSWER, "answer-cross": ANSWER},
    {
        "sentence": READ,
        "compared": {**READ, "near": 0.0},
        "answer": READ_ANSWER,
        "answer-cross": READ_ANSWER,
    },
)
"""Readable ones: what words cover, or where a reader points; the fitted ones may
change at any time."""

ALWAYS, NEVER = 0.0, 1.1
"""Values of `min_confidence` under which every question is answered, and none."""


@dataclass
class Scripted:
    """A generator that says these deltas; keeps what it was asked."""

    deltas: Sequence[str]
    name: str = "scripted"
    context_window: int = 4096
    prompts: list[Prompt] = field(default_factory=list)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def stream(self, prompt: Prompt, stop: Stop) -> Iterator[str]:
        self.prompts.append(prompt)
        for delta in self.deltas:
            if stop():
                return
            yield delta


class FakeAnalyzer(QuestionAnalyzer):
    """Reads questions without a library: all words weigh the same."""

    def __init__(self) -> None:
        self.default = "es"
        self._embedder = None
        self.leans = Leaning()

    def language(self, text: str, history: Sequence[Turn] = ()) -> str:
        return detect_language(text, self.default)

    def reply(self, question: Question) -> Prepared | None:
        words = small_talk(question)
        return reply(words) if words else None

    def documents(self, filters: Filters) -> list[DocumentInfo]:
        return []

    def _occurs(self, filters: Filters, terms: Sequence[str]) -> bool:
        return True

    def _spelt(self, text: str, language: str, filters: Filters) -> str:
        return text

    def _terms(self, text: str, language: str, translate: bool = True) -> WeightedTerms:
        groups = query_terms(text, language, translate)
        return WeightedTerms(groups, [1.0] * len(groups), 1.0)


def verify(
    draft: str, passages: Sequence[Passage], attributor: object, get_document: GetDocument
) -> CheckedAnswer:
    """Checks a whole draft at once."""
    asked = Question("", "", "", "es")
    verifier = Verifier(passages, attributor, get_document, asked)  # type: ignore[arg-type]
    verifier.add(draft)
    verifier.finish()
    return verifier.checked


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """The folder, with these files in it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def open_library(
    folder: Path,
    generator: Generator | None = None,
    min_confidence: float = ALWAYS,
    embedder: FakeEmbedder | None = None,
    qa_model: QAModel | None = None,
) -> Library:
    """A library at `folder` on fakes; by default every question is answered, and nothing read."""
    settings = Settings(
        library=folder, min_confidence=min_confidence, qa_model="off", written_answers="always"
    )
    return Library.open(
        settings=settings,
        embedder=embedder or FakeEmbedder(),
        generator=generator,
        qa_model=qa_model,
    )


def proved(library: Library, answer: Answer) -> bool:
    """Whether every quote stands in the library's documents as they are now."""
    return all(stands(citation, library.document) for citation in answer.citations)


def material_of(
    question: Question,
    text: str,
    best: str,
    sections: Sequence[Section] = (),
    blocks: Sequence[DocumentBlock] = (),
    language: str = "es",
) -> Material:
    """One document that is one passage, whose best sentence is the one that begins with `best`."""
    document = Document(
        "g.md", "Guía", text, language, sections=tuple(sections), id=1, blocks=tuple(blocks)
    )
    chunk = Chunk(1, 0, len(text), text, language=language, id=1)
    spans = split_sentences(text)
    first = [span for span in spans if text.startswith(best, span[0])]
    ordered = [*first, *(span for span in spans if span not in first)]
    sentences = [
        Sentence(0, start, end, text[start:end], 0.9 / (1 + index))
        for index, (start, end) in enumerate(ordered)
    ]
    layout = Layout(document)
    return Material(question, sentences, [Passage(chunk, "Guía", "g.md", 0.9)], lambda _: layout)


def evidence_text(material: Material) -> str:
    """What is shown of the composed answer; every citation is proved on the way."""
    layout = material.layout(0)
    assert layout is not None
    composition = compose(material)
    blocks, citations = as_blocks(
        composition, material.passages, lambda _: layout.document, material.question.language
    )
    assert all(stands(citation, lambda _: layout.document) for citation in citations)
    return rendered(blocks)
