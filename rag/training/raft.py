"""Questions and answers out of a person's own documents, to teach a language model their form.

After RAFT (arXiv 2403.10131): the passage that answers stands among others that do not, sometimes
it is missing, and the answer is a quote with the number of its passage, or the refusal.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.answering.excerpts import excerpts
from rag.answering.prompts import NOT_FOUND, pack
from rag.library import Library
from rag.schema import Document, Filters, Message, Passage, Sentence
from rag.text import split_sentences

_ASKED = {
    "es": "¿Qué dice «{title}» sobre «{heading}»?",
    "en": "What does “{title}” say about “{heading}”?",
}
_MISSING = 0.25  # share of questions whose passage is left out
_SHORTEST, _LONGEST = 40, 300  # characters of a sentence that is an answer
_SHOWN, _CHARACTERS = 3, 400  # passages, as few as fit a small model, and of each
_HELD_BACK = 4  # of so many documents one is not learnt from
_BUDGET = 1600  # tokens of a prompt


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt as `rag ask` would send it, and what is right to answer.

    `quote` is "" and `number` 0 where none of the passages answers.
    """

    document: int
    messages: tuple[Message, ...]
    answer: str
    quote: str = ""
    number: int = 0


def examples(
    library: Library, count_tokens: Callable[[str], int], most: int, seed: int = 1
) -> list[Example]:
    """Returns at most `most` examples of all documents, mixed."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    asked = [
        (document, heading, span)
        for info in library.documents()
        if (document := library.document(info.id)) is not None
        for heading, span in _facts(document)
    ]
    draw.shuffle(asked)
    made = (_example(library, *fact, count_tokens, draw) for fact in asked[:most])
    return [example for example in made if example is not None]


def _facts(document: Document) -> list[tuple[str, tuple[int, int]]]:
    """Returns each section's heading with the first sentence below it that says something."""
    found = []
    for section in document.sections:
        body = document.text[section.start : section.end]
        spans = [
            (section.start + a, section.start + b)
            for a, b in split_sentences(body)
            if _SHORTEST <= b - a <= _LONGEST and body[a:b].rstrip().endswith(".")
        ]
        if section.headings and spans:
            found.append((section.headings[-1], spans[0]))
    return found


def _example(
    library: Library,
    document: Document,
    heading: str,
    span: tuple[int, int],
    count_tokens: Callable[[str], int],
    draw: random.Random,
) -> Example | None:
    language = document.language if document.language in _ASKED else "es"
    question = _ASKED[language].format(title=document.title, heading=heading)
    found = library.search(question, 8, Filters())
    right = [p for p in found if p.chunk.document_id == document.id and _holds(p, span)]
    others = [p for p in found if not _holds(p, span) and heading not in p.chunk.headings]
    missing = draw.random() < _MISSING
    if len(others) < _SHOWN or not (right or missing):
        return None
    shown = others[:_SHOWN] if missing else [right[0], *others[: _SHOWN - 1]]
    draw.shuffle(shown)
    number = 0 if missing else shown.index(right[0]) + 1
    quote = document.text[slice(*span)]
    evidence = [] if missing else [Sentence(number - 1, *span, quote)]
    cut = sorted(excerpts(shown, evidence, _SHOWN, _CHARACTERS), key=lambda pair: pair[0])
    passages = [(passage, False) for _, passage in cut]
    prompt = pack(question, passages, (), language, count_tokens, _BUDGET)
    if len(prompt.passages) < _SHOWN:
        return None
    if missing:
        return Example(document.id, prompt.messages, NOT_FOUND[language])
    return Example(document.id, prompt.messages, f"{quote} [{number}]", quote, number)


def _holds(passage: Passage, span: tuple[int, int]) -> bool:
    return passage.chunk.start <= span[0] and span[1] <= passage.chunk.end


def held_back(made: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Returns the examples to learn from, and those of each fourth document."""
    documents = sorted({example.document for example in made})
    kept = set(documents[::_HELD_BACK])
    learnt = [example for example in made if example.document not in kept]
    return learnt, [example for example in made if example.document in kept]
