"""How far a sentence, with what stands around it, is about what the question is about."""

from __future__ import annotations

from rag.schema import Subject
from rag.text import fold

UNBOUND = 0.0


def binding(subject: Subject, sentence: str, header: str = "", before: str = "") -> float:
    """Returns in [0, 1] how much of the subject the sentence or its surroundings name.

    `header` holds the title and headings above the sentence, `before` the sentence before it. A
    question without a subject binds anything. UNBOUND where the sentence names another code of the
    same form, and not the one asked for.
    """
    wanted = [*subject.names, *subject.codes, *map(str, subject.years)]
    around = fold(" ".join((header, before, sentence)))
    found = [fold(item) in around for item in wanted]
    return sum(found) / len(found) if found else 1.0
