"""Which sentences of the passages answer a question, and whether any of them does.

`coverage` measures how much of a question a text covers, `kinds` whether it holds the kind of thing
asked for, `finder` joins these into probabilities.
"""

from rag.evidence.coverage import CoverageReranker, Query, query_weights
from rag.evidence.finder import Evidence, EvidenceFinder, load_calibration
from rag.evidence.kinds import defines, holds_kind

__all__ = [
    "CoverageReranker",
    "Evidence",
    "EvidenceFinder",
    "Query",
    "defines",
    "holds_kind",
    "load_calibration",
    "query_weights",
]
