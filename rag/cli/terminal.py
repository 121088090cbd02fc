"""The one way to the terminal: what others wrote is shown, and commands nothing.

Names, titles, text of documents and messages of libraries may hold control characters: they would
move the cursor, change the title, fill the clipboard, or hide what stands there. `visible` spells
them out (`\\x1b`). Everything passes it: the results and the progress by `SafeConsole`, the logs by
`SafeFormatter`, errors and warnings by `complain`. JSON escapes them itself (`json_output.dump`).
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
import warnings
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from rag.json_output import CONTROL

_ANY = re.compile(f"[{CONTROL}]")
_BUT_BREAKS = re.compile(f"(?![\n\t])[{CONTROL}]")
_SMUGGLED = range(0xDC80, 0xDD00)
"""Surrogates that stand for bytes of a name that is no UTF-8."""


def visible(text: str) -> str:
    """Returns `text` on one line: control characters as `\\x1b` or `\\u202e`.

    Bytes that are no UTF-8 become `\\xe9`.
    """
    return _ANY.sub(_spell, text)


def visible_lines(text: str) -> str:
    """Returns the same of a text of several lines: its line breaks and tabs stay."""
    return _BUT_BREAKS.sub(_spell, text)


def complain(message: str) -> None:
    """Prints a line, or several, to stderr."""
    print(visible_lines(message), file=sys.stderr)  # noqa: T201


class SafeConsole(Console):
    """A console of rich that draws nothing but visible text and its own colours and moves."""

    def __init__(self, **options: Any) -> None:
        super().__init__(emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Spells control characters out before the lines are laid out: what is added takes room."""
        return super().render_str(visible_lines(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Gives segments of which none holds a control character, whatever way the text came."""
        for segment in super().render(renderable, options):
            if segment.control or not _BUT_BREAKS.search(segment.text):
                yield segment
            else:
                yield Segment(visible_lines(segment.text), segment.style)


class SafeFormatter(logging.Formatter):
    """A line a record, and the lines of its traceback."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Returns the record's line."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Returns the traceback."""
        return visible_lines(super().formatException(ei))


def log_to_stderr(level: int) -> None:
    """Sends the logs of all libraries to stderr, unless somebody has set logging up before."""
    handler = logging.StreamHandler()
    handler.setFormatter(SafeFormatter("%(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])


def guard() -> None:
    """Warnings, and tracebacks of threads, pass here too."""
    warnings.formatwarning = _warning
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _of_thread


def _warning(message: Any, category: Any, filename: str, lineno: int, line: Any = None) -> str:
    return f"{visible(f'{filename}:{lineno}: {category.__name__}: {message}')}\n"


def _of_thread(args: threading.ExceptHookArgs) -> None:
    lines = traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)
    complain("".join(lines))


def _spell(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code in _SMUGGLED:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
