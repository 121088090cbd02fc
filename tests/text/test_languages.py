"""The words of the languages are data: complete, alike in shape, and held nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from rag.schema import AnswerType
from rag.text.language import LanguageData
from rag.text.languages import DATA
from rag.text.numbers import numbers_in

ROOT = Path(__file__).parents[2]
WORDS = {
    "es.py",
    "en.py",
    "intent_cues.py",
    "conversation.py",
    "accounts.py",
    "everything.py",
    "same_names.py",
    "summarising.py",
    "prompts.py",
}
MODULES = [
    path
    for room in ("text", "answering", "retrieval")
    for path in sorted((ROOT / "rag" / room).rglob("*.py"))
    if path.name not in WORDS
]
BOTH = list(DATA.values())


@pytest.mark.parametrize("language", BOTH, ids=list(DATA))
def test_every_pattern_compiles(language: LanguageData) -> None:
    patterns = [getattr(language, field.name) for field in fields(LanguageData)]
    for pattern in patterns:
        if isinstance(pattern, str):
            re.compile(pattern.replace("{term}", "x").replace("{months}", "x").replace("{}", "x"))


def test_the_languages_hold_the_same_kinds_in_the_same_order() -> None:
    spanish, english = BOTH
    assert len(spanish.months) == len(english.months) == 12
    assert len(spanish.opposites) == len(english.opposites)
    assert set(spanish.asks_for) == set(english.asks_for) == set(AnswerType) - {AnswerType.TEXT}
    assert set(spanish.gap_words) == set(english.gap_words)


@pytest.mark.parametrize("language", BOTH, ids=list(DATA))
def test_every_numeral_is_read(language: LanguageData) -> None:
    for word, value in language.numerals.items():
        if " " not in word:
            assert [set(number.readings) for number in numbers_in(word)] == [{value}]


def constants(path: Path) -> Iterator[str]:
    """The strings of a module, its docstrings apart."""
    tree = ast.parse(path.read_text("utf-8"))
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_module_holds_words_of_a_language(path: Path) -> None:
    spanish = DATA["es"]
    words = {
        *spanish.stop_words,
        *spanish.numerals,
        *(word for names in spanish.months for word in names),
    }
    held = {word for text in constants(path) for word in re.findall(r"[^\W\d_]{3,}", text)}
    assert not held & words
