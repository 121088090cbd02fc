"""What the first bytes of a text look like: a page, a mail, a table, records or prose.

Text formats carry no signature. Names that promise one (`.csv`, `.json`) are believed when the
content does not speak against it; without such a name the content must be beyond doubt. Knows
nothing about how a format is read.
"""

from __future__ import annotations

import re
from collections import Counter

_TAG = re.compile(
    rb"<(!doctype\s+html|html|head|body|meta|title|div|p|h1|table|article|main|section)[\s>/]",
    re.IGNORECASE,
)
_MAIL_HEADER = re.compile(
    rb"^(received|from|to|subject|date|message-id|mime-version|return-path|delivered-to|content-type"
    rb"|x-[\w-]+):[ \t]",
    re.IGNORECASE | re.MULTILINE,
)
_RECORD = re.compile(rb'\[?\s*\{\s*"(?:[^"\\]|\\.)*"\s*:')
_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".psv"})
_JSON_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson", ".geojson", ".jsonld"})
_LINES = 50  # looked at in search of a table
_MIN_ROWS = 3  # a table that is not called one


def text_format(head: bytes, suffix: str, whole: bool) -> str:
    """markdown | csv | json | text. `whole`: the head is all of the file."""
    if suffix in _MARKDOWN_SUFFIXES:
        return "markdown"
    start = head.lstrip()
    if suffix in _JSON_SUFFIXES and start[:1] in (b"{", b"["):
        return "json"
    if suffix in _TABLE_SUFFIXES:
        return "csv"
    if _RECORD.match(start):
        return "json"
    return "csv" if suffix in ("", ".txt") and _is_table(head, whole) else "text"


def looks_like_html(head: bytes, suffix: str) -> bool:
    """Whether it begins as a page does, or has a page's tags where its name says so."""
    start = head.lstrip(b" \t\r\n")
    if start[:1] == b"<" and re.match(rb"<(!doctype html|html)", start, re.IGNORECASE):
        return True
    if suffix in {".html", ".htm", ".xhtml"}:
        return _TAG.search(head) is not None
    return start[:1] == b"<" and _TAG.search(head) is not None


def is_mail(head: bytes, suffix: str) -> bool:
    """Whether it begins with the headers of a mail."""
    top = re.split(rb"\r?\n\r?\n", head[:8192], maxsplit=1)[0]
    fields = {field.lower() for field in _MAIL_HEADER.findall(top)}
    needed = 1 if suffix in {".eml", ".mht", ".mhtml"} else 3
    first = top[: top.find(b":")]
    return len(fields) >= needed and re.fullmatch(rb"[A-Za-z][\w-]*", first) is not None


def is_binary(head: bytes) -> bool:
    """Whether it has bytes that no 8-bit text has."""
    if b"\x00" in head:
        return True
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return controls > len(head) // 50


def _is_table(head: bytes, whole: bool) -> bool:
    """Lines that all hold the same number of tabs or semicolons, or of commas without a space."""
    lines = [line for line in head.splitlines() if line.strip()]
    lines = (lines if whole else lines[:-1])[:_LINES]
    if len(lines) < _MIN_ROWS or re.search(rb", |; ", b"\n".join(lines)):
        return False
    for sign, least in ((b"\t", 1), (b";", 1), (b",", 2)):
        counts = Counter(line.count(sign) for line in lines)
        if len(counts) == 1 and counts.most_common(1)[0][0] >= least:
            return True
    return False
