"""The answers that are made of whole documents or tables, and not of the best sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.answering.findings import PartFindings
from rag.answering.layout import LayoutOf
from rag.answering.prepared import Prepared
from rag.answering.prose_figures import computed_in_prose
from rag.answering.summaries import Summariser
from rag.answering.tables import computed
from rag.protocols import Embedder
from rag.schema import BlockKind, Document, DocumentInfo, Filters, Intent, Passage, Question


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

    def of_sentence(
        self,
        question: Question,
        parts: Sequence[PartFindings],
        get_document: Callable[[int], Document | None],
    ) -> Prepared | None:
        """Returns what is computed of the one sentence that was composed as the answer."""
        pieces = parts[0].composition.pieces if len(parts) == 1 else ()
        if len(pieces) != 1 or pieces[0].kind is not BlockKind.SENTENCE:
            return None
        chunk = parts[0].passages[pieces[0].passage].chunk
        document = get_document(chunk.document_id)
        return computed_in_prose(question, document, pieces[0].span) if document else None
