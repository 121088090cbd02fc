"""The answers that are made of whole documents or tables, and not of the best sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.answering.layout import LayoutOf
from rag.answering.prepared import Prepared
from rag.answering.summaries import Summariser
from rag.answering.tables import computed
from rag.protocols import Embedder
from rag.schema import DocumentInfo, Filters, Intent, Passage, Question


class PreparedAnswers:
    """Computes and sums up, for questions that ask for it."""

    def __init__(
        self, infos: Callable[[Filters], Sequence[DocumentInfo]], embedder: Embedder | None
    ) -> None:
        self._summariser = Summariser(infos, embedder)

    def answer(
        self, question: Question, passages: Sequence[Passage], layout_of: LayoutOf
    ) -> Prepared | None:
        """Returns the answer; None for a question of another kind, and where it is not sure."""
        if question.intent is Intent.SUMMARY:
            return self._summariser.summary(question, passages, layout_of)
        return computed(question, passages, layout_of)
