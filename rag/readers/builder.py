"""Builds a document's text block by block, and its sections from the headings it meets.

Knows nothing about formats. Sections are sorted, do not overlap and cover the whole text; a
heading line belongs to the section it opens.
"""

from __future__ import annotations

import re
from pathlib import Path

from rag.errors import FileProblem
from rag.readers.clean import MAX_CHARACTERS, clean_code, clean_line, clean_text
from rag.schema import Document, Outcome, Reading, Section

PARAGRAPH = "\n\n"
LINE = "\n"
MAX_TITLE = 200
_NO_TITLE = re.compile(
    r"^microsoft (word|powerpoint|excel)"
    r"|^(untitled|sin título|(word )?document|documento|título)\s*\d*$"
    r"|^\W*(anonymous|unspecified|unknown|(table of )?contents|índice|sumario|contenidos?)\W*$"
    r"|\.(docx?|odt|rtf|pdf|tex|dvi|indd|pptx?|xlsx?|html?|txt|md|qxd|p65)$|[\\/].*[\\/]|^\S*_\S*$",
    re.IGNORECASE,
)


class TextBuilder:
    """Collects cleaned blocks. `length` is the number of characters so far."""

    def __init__(self) -> None:
        self.length = 0
        self._parts: list[str] = []
        self._headings: list[tuple[int, int, str]] = []  # offset, level, words
        self.overflow = False

    def add(self, text: str, separator: str = PARAGRAPH) -> int:
        """Append a block of text behind `separator`; returns the offset at which it starts."""
        return self.append(clean_text(text), separator)

    def code(self, text: str, separator: str = PARAGRAPH) -> int:
        """Append a preformatted block, indentation kept."""
        return self.append(clean_code(text), separator)

    def heading(self, text: str, level: int) -> None:
        """Append a heading of `level` >= 1 (0 for a second title) and open a section."""
        words = clean_line(text)
        if words:
            self.mark(self.append(words, PARAGRAPH), level, words)

    def mark(self, offset: int, level: int, words: str) -> None:
        """Open a section at `offset` of the text already added."""
        self._headings.append((offset, level, words))

    def text(self) -> str:
        """All blocks joined."""
        return "".join(self._parts)

    def main_heading(self) -> str:
        """The first heading if it stands above all others, as the title of a page does."""
        levels = [level for _, level, _ in self._headings]
        alone = levels and all(level > levels[0] for level in levels[1:])
        return self._headings[0][2] if alone else ""

    def opening_heading(self) -> str:
        """The heading with which the text begins, if it does."""
        return self._headings[0][2] if self._headings and self._headings[0][0] == 0 else ""

    def sections(self, title: str = "") -> tuple[Section, ...]:
        """One section a heading, one before the first; `headings` lists the open ones, outer first.

        A heading that is the document's `title` opens a section, but is not repeated as its name.
        """
        named = [
            (at, level, "" if words == title else words) for at, level, words in self._headings
        ]
        return make_sections(named, self.length)

    def append(self, text: str, separator: str = PARAGRAPH) -> int:
        """As `add`, for text that is clean already; tabs in it part the cells of a row."""
        if not text or self.overflow:
            return self.length
        room = MAX_CHARACTERS - self.length - len(separator)
        if len(text) > room:
            text, self.overflow = text[: max(room, 0)], True
        lead = separator if self._parts else ""
        self._parts.append(lead + text)
        self.length += len(lead) + len(text)
        return self.length - len(text)


def make_sections(headings: list[tuple[int, int, str]], length: int) -> tuple[Section, ...]:
    """Sections over [0, length) from (offset, level, words), which are sorted here by offset."""
    sections: list[Section] = []
    open_levels: list[tuple[int, str]] = []
    start, path = 0, tuple[str, ...]()
    for offset, level, words in sorted(headings, key=lambda heading: heading[0]):
        if offset > start:
            sections.append(Section(start, offset, path))
        while open_levels and open_levels[-1][0] >= level:
            open_levels.pop()
        open_levels.append((level, words))
        start, path = offset, tuple(words for _, words in open_levels if words)
    if length > start or not sections:
        sections.append(Section(start, length, path))
    return tuple(sections)


def finish(path: Path, builder: TextBuilder, title: str = "") -> Reading:
    """The reading of a format without pages. Raises FileProblem(NO_TEXT) when there is nothing."""
    text = builder.text()
    if not text.strip():
        raise no_text(path)
    title = choose_title(path, title, builder.main_heading())
    return make_reading(
        Document(path=path.name, title=title, text=text, sections=builder.sections(title)),
        ["the text is cut at 20 million characters"] if builder.overflow else [],
    )


def make_reading(document: Document, lacks: list[str]) -> Reading:
    """OK when nothing lacks, otherwise PARTIAL with the reasons."""
    outcome = Outcome.PARTIAL if lacks else Outcome.OK
    return Reading(document, outcome, "; ".join(lacks))


def choose_title(path: Path, *candidates: str) -> str:
    """The first candidate that may be one, else the file name without its suffix."""
    for candidate in candidates:
        words = sensible_title(candidate)
        if words:
            return words[:MAX_TITLE]
    return clean_line(path.stem.replace("_", " ")) or "untitled"


def sensible_title(words: str) -> str:
    """`words` if they may be a title; "" for file names, «Microsoft Word - …», «untitled»."""
    words = clean_line(words)
    if not any(character.isalpha() for character in words) or _NO_TITLE.search(words):
        return ""
    return words


def no_text(path: Path) -> FileProblem:
    """The problem to raise for a file that opens well and says nothing."""
    return FileProblem(
        Outcome.NO_TEXT, f"{path.name} holds no text", "add a document that has text in it"
    )


def unreadable(path: Path, cause: str) -> FileProblem:
    """The problem to raise for a damaged file; `cause` in a few words."""
    return FileProblem(
        Outcome.UNREADABLE,
        f"{path.name} cannot be read: {cause}",
        "open it in its own program, save it again and repeat the ingest",
    )
