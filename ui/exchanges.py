"""A question of the chat and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from rag.errors import RagError
from rag.schema import Answer, Citation, Feedback, KeptTurn, TurnState
from ui.writing import Writing


@dataclass
class Exchange:
    """A question, and what came of it; all None while it is being answered."""

    question: str
    answer: Answer | None = None
    error: RagError | None = None
    stopped: bool = False
    cut: bool = False  # stopped while a model wrote: what it had written stands
    writing: Writing | None = None
    turn: int | None = None  # under which it is kept
    erased: bool = False  # its answer quoted a document that was removed
    feedback: Feedback | None = None

    @classmethod
    def of(cls, kept: KeptTurn, writing: Writing | None) -> Exchange:
        """Returns a kept turn; with the `writing` that is still at work on it."""
        return cls(
            kept.question,
            kept.answer,
            stopped=writing is None and kept.answer is None,
            cut=kept.state is TurnState.CUT,
            writing=writing,
            turn=kept.id,
            erased=kept.state is TurnState.ERASED,
            feedback=kept.feedback,
        )

    @property
    def pending(self) -> bool:
        """Tells whether it is yet to be answered."""
        return self.answer is None and self.error is None and not self.stopped

    def begin_again(self) -> None:
        """Forgets what came of it, so that it is answered anew."""
        self.answer = self.error = self.writing = self.feedback = None
        self.stopped = self.cut = self.erased = False

    def end(self) -> None:
        """Takes over what came of the writing."""
        if self.writing is not None:
            # the verbatim answer stays if the model that writes fails
            self.answer = self.writing.result
            self.error = self.writing.error
            self.cut = self.writing.stopped and self.answer is not None
            self.writing = None

    def drop(self) -> None:
        """Gives the answer up, for nobody waits for it; a verbatim one that was shown stays."""
        if self.writing is not None:
            self.writing.stop()
            self.end()
        self.stopped = self.stopped or (self.answer is None and self.error is None)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Returns what the sources pane can show: the proofs, or else the nearest passages."""
        if self.answer is None:
            return ()
        return self.answer.proofs or self.answer.nearest
