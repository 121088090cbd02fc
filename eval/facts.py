"""Judges a whole answer by the facts that a right one states: is the person who asked satisfied?

metric (over which questions): value

satisfied (whose facts are known, be they none): 1 where the answer states every fact, in
    few enough words, begins as it has to and does not mislead; unanswerable: 1 iff withheld, or
    answered with the facts that set the question right
confidently_wrong (the same): 1 where an answer was given that states no fact, or misleads
wrongly_refused (answerable): 1 where withheld
wrong_short (with a short answer): 1 where the short answer states no fact
short_shown (facts of a kind that a short answer fits): 1 where there is one
evidence_cited (answerable, with evidence): 1 where a citation holds half of an evidence's words

An answer misleads where its short answer or its first sentence holds a wrong value and no fact.
Facts are compared by words without case, accents and punctuation, and numbers by their value.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from eval.datasets import Evidence, Question
from rag.schema import Answer, Citation

NAMES = (
    "satisfied",
    "confidently_wrong",
    "wrongly_refused",
    "wrong_short",
    "short_shown",
    "evidence_cited",
)
SMALL_TALK = "chitchat"
SHORT_KINDS = frozenset({"factoid", "fact", "table", "yesno"})
"""Kinds of questions for which a short answer is expected."""

_MARK = re.compile(r"\s*\[\d+(?:\s*,\s*\d+)*\]")
_SPACED_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)")
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+\*?|%")
_PER_CENT = re.compile(r"\bpor ciento\b|\bper ?cent\b")
_STOP = re.compile(r"(?<=[\w)»”\"%€][.!?])\s+[¿¡«“\"]?(?=\w)")
_LONG_WORD = 4  # letters: shorter words are mostly grammar, and say little of a quote


def judge_facts(question: Question, answer: Answer) -> dict[str, float | None]:
    """Returns the metrics of NAMES for one question; none for a question without facts."""
    values: dict[str, float | None] = dict.fromkeys(NAMES)
    if question.facts is None:
        return values
    text = _MARK.sub("", answer.text).strip()
    short = answer.short or ""
    stated = [states(f"{short}\n{text}", fact) for fact in question.facts]
    brief = question.max_words is None or len(re.findall(r"\w+", text)) <= question.max_words
    misled = any(_misleads(part, question) for part in (short, _first_sentence(answer.text)))
    if question.unanswerable:
        right = not answer.found or (bool(stated) and all(stated) and brief)
        values |= {"satisfied": float(right), "confidently_wrong": float(not right)}
        if short:
            values["wrong_short"] = float(answer.found)
        return values
    if question.kind == SMALL_TALK:
        right = brief and not misled and not answer.citations
        values |= {"satisfied": float(right), "confidently_wrong": float(bool(answer.citations))}
        return values
    begun = not question.starts or any(_begins(part, question.starts) for part in (short, text))
    right = answer.found and all(stated) and begun and brief and not misled
    values["satisfied"] = float(right)
    values["confidently_wrong"] = float(answer.found and (misled or not any(stated)))
    values["wrongly_refused"] = float(not answer.found)
    if question.kind in SHORT_KINDS:
        values["short_shown"] = float(bool(short))
    if short:
        proper = _begins(short, question.starts) or any(
            states(short, fact) for fact in question.facts
        )
        values["wrong_short"] = float(not proper)
    if question.evidence:
        values["evidence_cited"] = float(answer.found and _cites(answer, question.evidence))
    return values


def states(text: str, spellings: Iterable[str]) -> bool:
    """Tells whether one of the spellings stands in the text; `imit*` stands for any ending."""
    line = f" {' '.join(_words(text))} "
    for spelling in spellings:
        words = [
            re.escape(word.removesuffix("*")) + (r"\S*" if word.endswith("*") else "")
            for word in _words(spelling)
        ]
        if words and re.search(f" {' '.join(words)} ", line):
            return True
    return False


def _misleads(text: str, question: Question) -> bool:
    right = any(states(text, fact) for fact in question.facts or ())
    return states(text, question.wrong) and not right


def _begins(text: str, starts: Sequence[str]) -> bool:
    words = _words(text)
    return any(words[: len(first)] == first for first in map(_words, starts) if first)


def _first_sentence(text: str) -> str:
    line = _MARK.split(text.split("\n", 1)[0], maxsplit=1)[0]  # what follows has other proof
    end = next((end for end in _STOP.finditer(line) if line[end.end()].isupper()), None)
    return line[: end.start()] if end else line


def _cites(answer: Answer, evidence: Sequence[Evidence]) -> bool:
    return any(_holds_half(citation, item) for citation in answer.citations for item in evidence)


def _holds_half(citation: Citation, evidence: Evidence) -> bool:
    paths = PurePosixPath(citation.passage.path).parts, PurePosixPath(evidence.path).parts
    depth = min(map(len, paths))
    if paths[0][-depth:] != paths[1][-depth:]:
        return False
    words = _words(evidence.quote)
    telling = [word for word in words if len(word) >= _LONG_WORD or word[0].isdigit()]
    wanted = Counter(telling or words)
    return 2 * (wanted & Counter(_words(citation.quote))).total() >= wanted.total()


def _words(text: str) -> list[str]:
    """Returns the words in lower case without accents, numbers by value, and per cent signs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = _SPACED_THOUSANDS.sub(lambda match: re.sub(r"\s", "", match[0]), plain)
    words = _WORD.findall(_PER_CENT.sub("%", plain))
    return [_value(word) if word[0].isdigit() else word for word in words]


def _value(number: str) -> str:
    """Returns a number in one spelling: 1.234,5 and 1,234.50 are 1234.5.

    Where the only mark stands before three digits, it parts thousands, unless a lone 0 is before
    it. A mark that repeats before groups of another length is left as it is: a date or a version.
    """
    marks = re.findall(r"[.,]", number)
    groups = re.split(r"[.,]", number)
    parts_thousands = all(len(group) == 3 for group in groups[1:]) and 0 < len(groups[0]) <= 3
    if len(set(marks)) <= 1:
        if not marks or (parts_thousands and groups[0].strip("0")):
            return str(int("".join(groups)))
        if len(marks) > 1:
            return number
    decimals = groups[-1].rstrip("0")
    return str(int("".join(groups[:-1]))) + (f".{decimals}" if decimals else "")
