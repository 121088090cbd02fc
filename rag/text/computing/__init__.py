"""How computations over tables are asked for, in any capitals, and worded; data by language."""

from __future__ import annotations

from rag.text.computing.data import ComputingData as ComputingData
from rag.text.computing.en import ENGLISH
from rag.text.computing.es import SPANISH
from rag.text.languages import DATA, fold

COMPUTING = {"es": SPANISH, "en": ENGLISH}
MONTHS = {
    fold(name): number
    for data in DATA.values()
    for number, names in enumerate(data.months, start=1)
    for name in names
}
"""Names of months, folded, with their numbers."""
