"""Sentences, lists and rows -> one coherent answer, by what the question wants.

`prose` completes a sentence, `listings` gives whole lists, `rows` rows under the names of their
columns, `comparison` both sides, `yes_no` the quote that says yes or no, `asked_here` what stands
below a question that the document itself asks; `about` refuses what is about something else.
"""

from rag.answering.composing.compose import Composition, compose, distinct
from rag.answering.composing.margins import in_the_margin
from rag.answering.composing.material import Material, Piece, under_headings

__all__ = [
    "Composition",
    "Material",
    "Piece",
    "compose",
    "distinct",
    "in_the_margin",
    "under_headings",
]
