"""Whether a passage says what an answer claims, and which of its sentences does.

`facts` reads what must agree to the letter, `features` compares a claim with sentences of a
passage, `model` weighs the comparison by `support.json`, `judging` holds the parts of an answer to
its passages, `conflicts` finds sources that contradict each other.
"""

from rag.answering.support.attribution import Attribution, Attributor
from rag.answering.support.conflicts import Clash, clash
from rag.answering.support.model import Scale, SupportModel, load_model

__all__ = ["Clash", "Attribution", "Attributor", "Scale", "SupportModel", "clash", "load_model"]
