"""Whether a passage says what an answer claims, and which of its sentences does.

`features` compares a claim with the sentences of a passage, `model` weighs the comparison by
`support.json`, `attribution` holds the parts of an answer to its passages, `invented` finds figures
and names from nowhere, and `conflicts` sources that contradict each other.
"""

from rag.answering.support.attribution import Attribution, Attributor
from rag.answering.support.conflicts import Contradiction, contradiction
from rag.answering.support.invented import invents
from rag.answering.support.model import Scale, SupportModel, load_model

__all__ = [
    "Attribution",
    "Attributor",
    "Contradiction",
    "Scale",
    "SupportModel",
    "contradiction",
    "invents",
    "load_model",
]
