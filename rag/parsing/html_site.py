"""What the pages of a site share: kept where it stands first, left out of the pages after it.

An address at the foot of a single page is content; at the foot of a hundred pages it is found a
hundred times. The pages of a folder count as a site.
"""

from __future__ import annotations

from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from rag.parsing.characters import decode
from rag.parsing.file import File

PAGES = frozenset({".html", ".htm", ".xhtml"})
_LOOKED_AT = 2  # earlier pages of the folder: the first by name, and the one just before
_LONGEST = 2_000_000  # bytes of a page that is looked at


def earlier_pages(file: File) -> list[LexborHTMLParser]:
    """Returns pages of the same folder that come before this one by name; none in an archive."""
    if not isinstance(file, Path):
        return []
    try:
        names = sorted(
            path.name
            for path in file.parent.iterdir()
            if path.suffix.lower() in PAGES and path.name < file.name and not path.is_symlink()
        )
    except OSError:
        return []
    chosen = dict.fromkeys([*names[: _LOOKED_AT - 1], *names[-1:]])
    return [page for name in chosen if (page := _page(file.parent / name)) is not None]


def _page(path: Path) -> LexborHTMLParser | None:
    try:
        if not path.is_file() or path.stat().st_size > _LONGEST:
            return None
        return LexborHTMLParser(decode(path.read_bytes()))
    except OSError:
        return None
