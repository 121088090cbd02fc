"""Which sentences of the passages answer a question, and whether any of them does.

`questions` says what a question asks for, `coverage` how much of it a text covers, `rows` what
names the row of a table, `reading` what a reader makes of a passage; `finder` joins these into
probabilities by the models of `calibration`; `short_answers` picks the few words that are enough,
by the `rule_spans` of dates, amounts and names where no reader is sure.
"""

from rag.evidence.calibration import Calibration, load_calibration
from rag.evidence.coverage import CoverageReranker, Query, query_weights
from rag.evidence.finder import Evidence, EvidenceFinder
from rag.evidence.questions import defines, explains, holds_kind
from rag.evidence.reading import PassageReader, with_verdict
from rag.evidence.short_answers import short_answer

__all__ = [
    "Calibration",
    "CoverageReranker",
    "Evidence",
    "EvidenceFinder",
    "PassageReader",
    "Query",
    "defines",
    "explains",
    "holds_kind",
    "load_calibration",
    "query_weights",
    "short_answer",
    "with_verdict",
]
