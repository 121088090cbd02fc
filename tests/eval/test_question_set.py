"""The question set can be trusted: every evidence quote stands where the set says it does."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

from eval.benchmarks.quality.probes import as_printed
from eval.datasets import Evidence, Question, load
from rag.parsing import parse
from rag.text import detect_language

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "corpus/documents"
QUESTIONS = load(ROOT / "eval/questions.jsonl").questions  # refuses an id that comes twice
KINDS = Counter(question.kind for question in QUESTIONS)
QUOTED = [(question.id, evidence) for question in QUESTIONS for evidence in question.evidence]


@cache
def pages(path: str, printed: bool = False) -> tuple[str, ...]:
    """Text of each page as it is parsed, or with the rows of tables as printed: cells alone.

    A file without pages is one page.
    """
    document = parse(DOCUMENTS / path).document
    edges = itertools.pairwise([*(document.pages or (0,)), len(document.text)])
    return tuple(as_printed(document, a, b) if printed else document.text[a:b] for a, b in edges)


def plain(text: str) -> str:
    return " ".join(text.split())


def stands(evidence: Evidence) -> bool:
    """Whether the quote is on its page; «a | b» are neighbouring cells of one row."""
    text, printed = (
        texts[evidence.page - 1] if evidence.page else "\n".join(texts)
        for texts in (pages(evidence.path), pages(evidence.path, printed=True))
    )
    if " | " not in evidence.quote:
        return any(plain(evidence.quote) in plain(version) for version in (text, printed))
    cells = [re.escape(cell.strip()) for cell in evidence.quote.split(" | ")]
    row = re.compile(r"(?:^|: |\t)" + r"(?:\t|;[^;]*?: )".join(cells) + r"(?=;|\t|$)")
    return any(row.search(line) for line in text.splitlines())


def test_there_are_enough_of_every_kind() -> None:
    assert len(QUESTIONS) >= 160
    assert KINDS["unanswerable"] >= 40
    several = "fact definition explanation table cross-language multi-document follow-up".split()
    assert all(KINDS[kind] >= 10 for kind in several), KINDS
    languages = Counter(question.language for question in QUESTIONS)
    assert set(languages) == {"es", "en"}
    assert min(languages.values()) >= 60


def flaws(question: Question) -> list[str]:
    """What contradicts itself in a question."""
    files = {evidence.path for evidence in question.evidence}
    same_language = {path for path in files if path.startswith(f"{question.language}/")}
    unanswerable = question.kind == "unanswerable"
    right = {
        "text": question.text.strip() == question.text != "",
        "unanswerable": question.unanswerable == unanswerable,
        "answers": unanswerable != bool(question.answers) and all(question.answers),
        "evidence": unanswerable != bool(question.evidence),
        "history": (question.kind == "follow-up") == bool(question.history),
        "language": detect_language(question.text, question.language) == question.language,
        "multi-document": question.kind != "multi-document" or len(files) > 1,
        "cross-language": question.kind != "cross-language" or not same_language,
    }
    return [f"{question.id}: {name}" for name, well in right.items() if not well]


def test_each_question_is_what_it_says() -> None:
    assert [flaw for question in QUESTIONS for flaw in flaws(question)] == []


def test_no_question_is_asked_twice() -> None:
    seen = Counter((question.text.casefold(), question.history) for question in QUESTIONS)
    assert seen.most_common(1)[0][1] == 1


def test_evidence_is_in_documents_of_the_manifest() -> None:
    manifest = tomllib.loads((ROOT / "corpus/manifest.toml").read_text("utf-8"))["document"]
    listed = {document["path"] for document in manifest}
    present = {path.relative_to(DOCUMENTS).as_posix() for path in DOCUMENTS.rglob("*.*")}
    assert listed == present
    assert {evidence.path for _, evidence in QUOTED} <= listed
    assert all(
        document["language"] == document["path"][:2] and document["licence"]
        for document in manifest
    )


def test_pdf_evidence_names_its_page() -> None:
    assert [
        name for name, evidence in QUOTED if bool(evidence.page) != evidence.path.endswith(".pdf")
    ] == []


def test_every_quote_stands_on_its_page() -> None:
    assert len(QUOTED) >= 160
    assert [(name, evidence.quote) for name, evidence in QUOTED if not evidence.quote.strip()] == []
    assert [(name, evidence.quote) for name, evidence in QUOTED if not stands(evidence)] == []


def test_a_quote_elsewhere_is_noticed() -> None:
    moved = Evidence("es/guia-rag.pdf", 1, "No está en ninguna parte.")
    apart = Evidence("es/sesgos.md", None, "Seis medianas | 120")  # 372 lies between
    assert not stands(moved)
    assert not stands(apart)
