"""Which words may be the title of a document."""

from __future__ import annotations

import re
from pathlib import PurePath

from rag.parsing.characters import clean_line
from rag.parsing.file import File

MAX_TITLE = 200  # characters

_NO_TITLE = re.compile(
    r"^microsoft (word|powerpoint|excel)|^(powerpoint presentation|presentación de powerpoint)$"
    r"|^(slide|diapositiva|sheet|hoja) ?\d*$"
    r"|^(untitled( document)?|(documento )?sin título|(word )?document|documento|título)\s*\d*$"
    r"|^\W*(anonymous|unspecified|unknown|(table of )?contents|índice|sumario|contenidos?)\W*$"
    r"|\.(docx?|odt|rtf|pdf|tex|dvi|indd|pptx?|xlsx?|html?|txt|md|qxd|p65)$|[\\/].*[\\/]|^\S*_\S*$|^\([^()]*\)$",
    re.IGNORECASE,
)


def choose_title(file: File, *candidates: str) -> str:
    """Returns the first candidate that may be a title, else the file name without its suffix."""
    for candidate in candidates:
        words = sensible_title(candidate)
        if words:
            return words[:MAX_TITLE]
    return title_from_name(file.name)


def title_from_name(name: str) -> str:
    """Returns the title of a document that has none of its own; `name` may be a path."""
    return clean_line(PurePath(name).stem.replace("_", " ")) or "untitled"


def sensible_title(words: str) -> str:
    """Returns `words` if they may be a title; "" for file names, «Microsoft Word - …» and such."""
    words = clean_line(words)
    if not any(character.isalpha() for character in words) or _NO_TITLE.search(words):
        return ""
    return words
