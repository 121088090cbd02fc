"""Questions that a corpus asks of itself: headings, definitions, and sentences with a gap.

No model and no network: rules over the text. A gap is asked for as in the
unsupervised question answering of Lewis et al. 2019 («Unsupervised Question Answering by Cloze
Translation», arXiv 1906.04980): the answer gives way to the word that asks for its kind, and some
words are left out, because a person who asks does not know the sentence.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag.schema import Document, Span
from rag.text.languages import CAPITALS, DATA, either

Split = Callable[[str], Sequence[Span]]

HEADING, DEFINITION, GAP = "heading", "definition", "gap"
KINDS = (HEADING, DEFINITION, GAP)
FEWEST_WORDS, MOST_WORDS = 8, 60  # of a sentence that is asked about
ASKED_WORDS = 12  # of a question: what people type is shorter than a sentence
KEPT = 0.7  # share of the words around a gap


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question whose answer stands in `[start, end)` of the document's text."""

    text: str
    kind: str
    language: str
    document_id: int
    start: int
    end: int


_WORD = re.compile(r"\w[\w.,'’/-]*\w|\w")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_SCALES = either(lambda language: language.scales)
_NUMBER = re.compile(rf"(?<![\w.,-])\d[\d.,]*(?:\s?(?:%|€|\$|{_SCALES}))?(?![\w-])")
_CAPITAL = rf"[{CAPITALS}][\w-]+"
_PARTICLES = either(lambda language: language.name_particles)
_NAME = re.compile(rf"(?<=[\w,;:)»] ){_CAPITAL}(?: (?:{_PARTICLES} )*{_CAPITAL})*")
_GAPS = {"year": _YEAR, "number": _NUMBER, "name": _NAME}
_TERM = r"(?P<term>(?:[^\W\d_][\w-]*)(?: [\w-]+){0,4}?)"
_DEFINES = {
    code: re.compile(language.defining_sentence.replace("{term}", _TERM))
    for code, language in DATA.items()
}
_NUMBERING = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?|[ivxIVX]+[.)])\s+")


def ask(document: Document, split: Split, seed: int = 0) -> Iterator[OwnQuestion]:
    """The questions of one document, in the order of its text; the same for the same seed.

    `split` gives the spans of the sentences of a text.
    """
    dice = random.Random(f"{seed}/{document.content_hash or document.id}")  # noqa: S311
    yield from _headings(document)
    for start, end in split(document.text):
        sentence = " ".join(document.text[start:end].split())
        if FEWEST_WORDS <= len(_WORD.findall(sentence)) <= MOST_WORDS:
            for kind, text in _asked(sentence, document.language, dice):
                yield OwnQuestion(text, kind, document.language, document.id, start, end)


def _headings(document: Document) -> Iterator[OwnQuestion]:
    """One question a heading that stands over text; those of numbers alone ask nothing."""
    for section in document.sections:
        if not section.headings or section.end - section.start < 40:
            continue
        heading = _NUMBERING.sub("", section.headings[-1]).strip(" .:¿?#")
        if len(_WORD.findall(heading)) >= 2 or heading.casefold() != document.title.casefold():
            text = DATA[document.language].heading_question.format(heading)
            yield OwnQuestion(
                text, HEADING, document.language, document.id, section.start, section.end
            )


def _asked(sentence: str, language: str, dice: random.Random) -> Iterator[tuple[str, str]]:
    defined = _DEFINES[language].match(sentence)
    if defined:
        term = defined["term"]
        if term.split()[0].casefold() not in DATA[language].no_terms:
            yield DEFINITION, DATA[language].definition_question.format(term)
    gaps = [
        (words, match.span())
        for kind, words in DATA[language].gap_words.items()
        for match in _GAPS[kind].finditer(sentence)
    ]
    if gaps:
        asks, (start, end) = dice.choice(gaps)
        yield GAP, _gap(sentence[:start], asks, sentence[end:], language, dice)


def _gap(before: str, asks: str, after: str, language: str, dice: random.Random) -> str:
    """The words around the gap, the nearest ones, some left out; who asks comes first."""
    left, right = _WORD.findall(before), _WORD.findall(after)
    half = ASKED_WORDS // 2
    take_right = min(len(right), max(half, ASKED_WORDS - len(left)))
    near = left[-(ASKED_WORDS - take_right) or len(left) :], right[:take_right]
    kept = [[w for w in side if dice.random() < KEPT] for side in near]
    words = " ".join([asks, *kept[1], *kept[0]])
    return DATA[language].question_format.format(f"{words[0].upper()}{words[1:]}")
