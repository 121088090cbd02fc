"""The answers that are made of whole documents or tables, and not of the best sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.answering.composing import in_the_margin, under_headings
from rag.answering.everything import PassageSource, Survey, Surveyor, everything_asked
from rag.answering.findings import TOPIC, PartFindings
from rag.answering.layout import LayoutOf
from rag.answering.prepared import Prepared
from rag.answering.prose_figures import computed_in_prose
from rag.answering.question_analysis import QuestionAnalyzer
from rag.answering.summaries import Summariser
from rag.answering.tables import computed
from rag.protocols import Embedder, QAModel
from rag.schema import BlockKind, Document, Intent, Passage, Question
from rag.text import search_terms


@dataclass(frozen=True, slots=True)
class Unsearched:
    """What answers a question without a search, if anything does."""

    reply: Prepared | None
    survey: Survey | None

    def __bool__(self) -> bool:
        return self.reply is not None or self.survey is not None


class PreparedAnswers:
    """Computes, sums up and reads everything, for questions that ask for it."""

    def __init__(
        self,
        analyzer: QuestionAnalyzer,
        retriever: PassageSource,
        qa_model: QAModel | None,
        get_document: Callable[[int], Document | None],
        embedder: Embedder | None,
    ) -> None:
        self._documents = analyzer.documents
        self._reply = analyzer.reply
        self._summariser = Summariser(analyzer.documents, embedder)
        self.surveyor = Surveyor(
            lambda text, filters, language: analyzer.analyze(text, filters, language=language),
            analyzer.documents,
            retriever,
            qa_model,
            get_document,
        )

    def unsearched(self, question: Question) -> Unsearched:
        """Returns the reply to small talk or about the library, or the reading of everything.

        Of what the library itself tells, only what must be complete is read for.
        """
        reply, request = self._reply(question), everything_asked(question)
        if request is None or (reply is not None and not request.exhaustive):
            return Unsearched(reply, None)
        return Unsearched(reply, Survey(request, question, self.surveyor))

    def answer(
        self, question: Question, passages: Sequence[Passage], layout_of: LayoutOf
    ) -> Prepared | None:
        """Returns the answer; None for a question of another kind, and where it is not sure."""
        if in_the_margin(question, passages, layout_of):
            return None
        if question.intent is Intent.SUMMARY:
            return self._summariser.summary(question, passages, layout_of)
        found = list(dict.fromkeys(passage.chunk.document_id for passage in passages))
        return computed(question, found, self._documents(question.filters), layout_of)

    def of_part(
        self, part: Question, passages: Sequence[Passage], layout_of: LayoutOf
    ) -> Prepared | None:
        """Returns what answers a part of a question: by its own words, else with its topic."""
        bare = replace(part, query=TOPIC.sub("?", part.query))
        return self.answer(bare, passages, layout_of) or self.answer(part, passages, layout_of)

    def of_sentence(
        self,
        question: Question,
        parts: Sequence[PartFindings],
        get_document: Callable[[int], Document | None],
    ) -> Prepared | None:
        """Returns what is computed of the one stretch of prose that was composed as the answer.

        Of its sentences the one that says most of the question is looked at first, then all.
        """
        pieces = parts[0].composition.pieces if len(parts) == 1 else ()
        if len(pieces) != 1 or pieces[0].kind is not BlockKind.SENTENCE:
            return None
        piece, part = pieces[0], parts[0]
        passage = part.passages[piece.passage]
        document = get_document(passage.chunk.document_id)
        adds = {
            (one.start, one.end): _adds(question, passage, one.text)
            for one in part.evidence.sentences
            if one.passage == piece.passage and piece.span[0] <= one.start < piece.span[1]
        }
        best = max(adds, key=lambda span: adds[span], default=None)
        if document is None or best is None or not adds[best]:
            return None
        return computed_in_prose(question, document, [best, piece.span])


def _adds(question: Question, passage: Passage, text: str) -> float:
    """Returns how much of the question a text says that the title and headings do not."""
    language = passage.chunk.language
    above = set(search_terms(under_headings(passage, ""), language))
    terms = above.union(search_terms(text, language))
    return question.terms.covered(terms) - question.terms.covered(above)
