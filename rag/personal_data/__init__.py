"""Personal data in a text, found by a check digit or a form, and made unreadable where asked for.

Numbers of identity (DNI, NIE), accounts (IBAN) and cards count only where their check digits are
right; telephone numbers where the plan of their country has them. Postal addresses (`addresses`)
and names of people (`names`) have no such form: they are found by rules and lists, and some are
missed.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache

from rag.errors import UsageError, needing
from rag.personal_data import addresses, names
from rag.schema import Document, Note, NoteKind

KINDS = ("iban", "card", "dni", "nie", "email", "phone", "address", "name")
"""In the order in which they are looked for: what is a card's number is no telephone's."""

ALL = "all"
MASK = "█"
"""What stands in the place of each character that is made unreadable."""

_REGION = "ES"  # whose telephone numbers are known without their prefix

_IBAN = re.compile(r"(?<![\w-])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?!\w)")
_SHORTEST_IBAN = 15
_DNI = re.compile(r"(?<![\w.-])\d{1,2}\.?\d{3}\.?\d{3}(?:-?[A-Za-z]|[ ][A-Z])(?!\w)")
_NIE = re.compile(r"(?<![\w-])[XYZxyz][ -]?\d{7}(?:-?[A-Za-z]|[ ][A-Z])(?!\w)")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@\w[\w-]*(?:\.\w[\w-]*)+")
# as cards are printed and typed: in one, by fours, or by four, six and five
_CARD = re.compile(
    r"(?<![\w.-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ -])\d{6}\2\d{5})"
    r"(?![\w-]|\.\d)"  # a comma may part columns
)
_ISSUERS = re.compile(  # Visa, Mastercard, American Express, Discover, Diners
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"
    r"|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}"
    r"|3(?:0[0-5]|[68]\d)\d{11}"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Where personal data stands in a text, and of which of `KINDS` it is."""

    kind: str
    start: int
    end: int


def chosen(names: str) -> tuple[str, ...]:
    """Returns the kinds that a list names, parted by commas; `all` names all of them.

    Raises UsageError for another name, and ModelMissing without the extra `privacy`.
    """
    named = {name.strip() for name in names.split(",") if name.strip()}
    if unknown := named.difference(KINDS, {ALL}):
        raise UsageError(
            f"«{min(unknown)}» is no kind of personal data", f"take {', '.join((*KINDS, ALL))}"
        )
    kinds = tuple(kind for kind in KINDS if kind in named or ALL in named)
    find("", kinds)  # what is missing is told before a file is read
    return kinds


def redacted(document: Document, kinds: Collection[str]) -> Document:
    """Returns a document in which these kinds are unreadable, with a note of how many of each.

    Every character of them but white space becomes `MASK`, so that all offsets, pages and blocks
    stay. Title, headings and the words of notes are treated alike, and not counted. Raises
    ModelMissing.
    """
    if not kinds:
        return document
    counts = Counter[str]()
    text = _masked(document.text, kinds, counts)
    words = cache(lambda text: _masked(text, kinds, Counter()))
    notes = (replace(note, text=words(note.text)) for note in document.notes)
    counted = (Note(NoteKind.REDACTED, kind, counts[kind]) for kind in KINDS if counts[kind])
    sections = (
        replace(section, headings=tuple(map(words, section.headings)))
        for section in document.sections
    )
    return replace(
        document,
        text=text,
        title=words(document.title),
        sections=tuple(sections),
        notes=(*notes, *counted),
    )


def _masked(text: str, kinds: Collection[str], counts: Counter[str]) -> str:
    parts, at = [], 0
    for one in find(text, kinds):
        counts[one.kind] += 1
        parts += [text[at : one.start], re.sub(r"\S", MASK, text[one.start : one.end])]
        at = one.end
    return "".join((*parts, text[at:]))


def find(text: str, kinds: Collection[str] = KINDS) -> list[Finding]:
    """Returns what is found of these kinds, by where it stands; nothing twice.

    Raises ModelMissing without the extra `privacy`.
    """
    if not kinds:
        return []
    with needing("privacy", "finding personal data"):
        import phonenumbers
        import stdnum
    del stdnum, phonenumbers
    taken: list[Finding] = []  # by where they stand
    last = max(map(KINDS.index, kinds))
    for kind, spans in zip(KINDS[: last + 1], _spans(text), strict=False):
        for start, end in spans:
            at = bisect_left(taken, start, key=lambda one: one.start)
            before = taken[at - 1].end if at else 0
            after = taken[at].start if at < len(taken) else end
            if before <= start and end <= after:
                taken.insert(at, Finding(kind, start, end))
    return [one for one in taken if one.kind in kinds]


def _spans(text: str) -> Iterator[Iterator[tuple[int, int]]]:
    from stdnum.es import dni, nie

    yield _ibans(text)
    yield _cards(text)
    yield (match.span() for match in _DNI.finditer(text) if dni.is_valid(_bare(match[0])))
    yield (match.span() for match in _NIE.finditer(text) if nie.is_valid(_bare(match[0])))
    yield (match.span() for match in _EMAIL.finditer(text))
    yield _phones(text)
    yield addresses.find(text)
    yield names.find(text)


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    from stdnum import iban

    for match in _IBAN.finditer(text):
        whole = match[0]
        for end in range(len(whole), _SHORTEST_IBAN - 1, -1):  # words may follow it
            cut = end < len(whole) and (whole[end].isalnum() or not whole[end - 1].isalnum())
            if not cut and iban.is_valid(whole[:end]):
                yield match.start(), match.start() + end
                break


def _cards(text: str) -> Iterator[tuple[int, int]]:
    from stdnum import luhn

    for match in _CARD.finditer(text):
        digits = _bare(match[0])
        if _ISSUERS.fullmatch(digits) and luhn.is_valid(digits):
            yield match.span()


def _phones(text: str) -> Iterator[tuple[int, int]]:
    from phonenumbers import PhoneNumberMatcher

    return ((found.start, found.end) for found in PhoneNumberMatcher(text, _REGION))


def _bare(number: str) -> str:
    """Returns a number as it is checked: «12.345.678-z» is 12345678Z; a DNI has eight digits."""
    bare = re.sub(r"[ .-]", "", number).upper()
    return bare.zfill(9) if bare[:1].isdigit() and bare[-1:].isalpha() else bare
