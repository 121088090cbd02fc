"""For which questions a language model writes beneath the verbatim answer, and what it is shown.

A fact, a cell or a list is best in the document's own words; sentences that have to be brought
together are what a model is for.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.excerpts import excerpts
from rag.answering.findings import Findings
from rag.answering.prompts import pack
from rag.config import Settings
from rag.protocols import Generator
from rag.schema import Intent, Prompt, Question, Turn

_PASSAGES, _CHARACTERS = 3, 500  # a processor reads some fifty to a hundred tokens a second
_BROUGHT_TOGETHER = frozenset({Intent.REASON, Intent.COMPARISON, Intent.SUMMARY})


def writes_for(question: Question, settings: Settings) -> bool:
    """Tells whether a model is asked to write the answer to the question."""
    if settings.written_answers == "always":
        return True
    return question.intent in _BROUGHT_TOGETHER or len(question.parts) > 1


def writing_prompt(
    findings: Findings, history: Sequence[Turn], generator: Generator, settings: Settings
) -> Prompt:
    """Returns the prompt with the passages that fit, cut short around what answers best."""
    chosen = excerpts(findings.passages, findings.evidence, _PASSAGES, _CHARACTERS)
    return pack(
        findings.question.standalone,
        [(passage, index in findings.flagged) for index, passage in chosen],
        history,
        findings.question.language,
        generator.count_tokens,
        generator.context_window - settings.max_tokens,
    )
