"""Passages, citations, answers and questions about one bridge, for the tests of evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eval.datasets import Evidence, Question
from rag.schema import Answer, Chunk, Citation, Passage
from tests.helpers.fakes import make_answer

GUIDE = "El puente se abrió en 1910. Lo diseñó Ana Ruiz."


def passage(path: str, text: str, page: int | None = None, start: int = 0) -> Passage:
    chunk = Chunk(1, start, start + len(text), text, page, page)
    return Passage(chunk, "title", path, 0.9)


def cite(source: Passage, quote: str) -> Citation:
    return Citation(1, source, 0, len(quote), quote, source.page)


def answered(
    text: str, short: str | None = None, citations: Sequence[Citation] = (), **more: Any
) -> Answer:
    base = make_answer(text, short=short, citations=tuple(citations), confidence=0.8)
    return replace(base, **more)


WITHHELD = answered("No está en sus documentos.", found=False, confidence=0.2)


def question(number: str, **more: Any) -> Question:
    evidence = (Evidence("es/guia.pdf", 2, "Lo diseñó Ana Ruiz."),)
    base = Question(number, f"p{number}", ("Ana Ruiz",), evidence, False, "es")
    return replace(base, **more)
