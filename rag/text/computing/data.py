"""The words of a language for computations over tables, in any capitals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputingData:
    """The words of one language for computations."""

    operations: tuple[tuple[str, str], ...]
    """(operation, how it is asked for): the first that matches is the one."""
    defined: str
    """Says how what is asked for is to be worked out: a formula that is not read."""
    filters: tuple[tuple[str, str], ...]
    """(comparison, pattern with one group: the figure), for conditions on rows."""
    except_for: str
    """What stands before the part of a whole that does not count."""
    between: str
    """Two groups: the ends of a range."""
    totals: str
    """Names of rows that sum up the others."""
    parts_of: str
    """What stands before the whole of which a share is asked for, and one group: the whole."""
    part_of: str
    """How a sentence says that one figure is a part of another: «de los que»."""
    compares: str
    """What a sentence says between two figures that it compares."""
    joins: str
    """How a sum of several things is asked for, which no single figure is."""
    rest: str
    """Asks for what is left of a whole."""
    per_year: str
    per_month: str
    by_year: str
    """How a column says that it is by year."""
    by_month: str
    differences: str
    """Names, folded, of columns that hold the difference of two others."""
    negative: str
    """Asks for figures below nothing."""
    since: str
    """Asks what has become of something until now."""
    clock: str
    """Asks for a time of the day."""
    until: str
    """Words between the first and the last of a run of days."""
    quarters: str
    """The names of a quarter of a year, singular and plural."""
    before: str
    """Names, folded, of columns that hold what was before: «anterior»."""
    tells_apart: str
    """Function words that tell columns apart: «antes» and «ahora»."""
    idle: str
    """Words of a question that name nothing."""
    scales: Mapping[str, int]
    scale_names: Mapping[int, str]
    result: Mapping[str, str]
    """Operation -> how its result is put into words."""
    two_fit: str
    mixed: str
    """Says that figures are in different units; with the figures."""
    rows_named: str
    """Says how many of all rows are meant, where no condition chooses them."""
    rows_counted: str
    rows_counted_documents: str
    several: str
    """Asks for the same of several documents."""
    counted: str
    """One group: of how many documents something is asked for."""
    changing: str
    """Asks how something changes with time."""
    newest: str
    """Asks for the last document of its kind."""
    asks: str
    """Asks for an amount."""
    money: str
    """Words that speak of money."""
    of_series: str
    """One group: what is asked for of a series, «month»."""
    priced: str
    """Asks for a price in no other word."""
    by_unit: str
    """Asks for the price of one thing, and not of all that were bought."""
    more: str
    """Asks whether one thing is more than another; `less` is looked for first."""
    less: str
    moves: str
    """Asks whether something became more or less with time."""
    results: str
    """Names, folded, of figures that are results, so that below nothing they are small."""
    growth: str
