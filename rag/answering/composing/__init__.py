"""Sentences, lists and rows -> one coherent answer, by what the question wants.

`prose` completes a sentence, `listings` gives whole lists, `rows` rows under the names of their
columns, `comparison` both sides, `yes_no` the quote that says yes or no, `asked_here` what stands
below a question that the document itself asks; `about` refuses what is about something else.
"""

from rag.answering.composing.compose import Composition, compose, distinct
from rag.answering.composing.material import Material, Piece

__all__ = ["Composition", "Material", "Piece", "compose", "distinct"]
