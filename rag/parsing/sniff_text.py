"""Tells text formats apart, which carry no signature.

Names that promise a format (`.csv`, `.json`) are believed when the content does not speak against
it; without such a name the content must be beyond doubt.
"""

from __future__ import annotations

import re
from collections import Counter

from rag.parsing.characters import wide_encoding
from rag.parsing.file import Format

_TAG = re.compile(
    rb"<(!doctype\s+html|html|head|body|meta|title|div|p|h1|table|article|main|section)[\s>/]",
    re.IGNORECASE,
)
_PAGE = re.compile(rb"<(!doctype html|html)", re.IGNORECASE)
_MAIL_HEADER = re.compile(
    rb"^(received|from|to|subject|date|message-id|mime-version|return-path|delivered-to|content-type"
    rb"|x-[\w-]+):[ \t]",
    re.IGNORECASE | re.MULTILINE,
)
_MBOX = re.compile(rb"\AFrom [^\n]*\n")  # before a mail out of a mailbox
_RECORD = re.compile(rb'\[?\s*\{\s*"(?:[^"\\]|\\.)*"\s*:')
_MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_TABLE = frozenset({".csv", ".tsv", ".tab", ".psv"})
_JSON = frozenset({".json", ".jsonl", ".ndjson", ".geojson", ".jsonld"})
_PLAIN = frozenset({"", ".txt", ".text"})
"""Suffixes that promise nothing about the content."""

_MARKUP = (
    re.compile(rb"(?:\A|\n[ \t]*\n)#{1,6} [^\n]*\S[^\n]*(?=\n[ \t]*\n)"),  # a heading by itself
    re.compile(rb"^\|?[ \t]*:?-{3,}:?[ \t]*(\|[ \t]*:?-{3,}:?[ \t]*)+\|?[ \t]*$", re.MULTILINE),
    re.compile(rb"^(```|~~~)[^\n]*\n.*?^\1[ \t]*$", re.MULTILINE | re.DOTALL),
    re.compile(rb"!?\[[^\]\n]+\]\((?:https?:|mailto:|#|\.{0,2}/|[\w-]+\.)[^)\s]*\)"),
    re.compile(rb"(?<![*\w])\*\*[^*\s][^*\n]*\*\*(?![*\w])"),
    re.compile(rb"^[ \t]*[-*] \[[ xX]\] ", re.MULTILINE),
)
_CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32)])  # but for white space and escape
_ENOUGH_MARKUP = 2  # signs of Markdown: a single one stands in many plain texts
_LINES = 50  # looked at in search of a table
_MIN_ROWS = 3  # a table that is not called one


def text_format(head: bytes, suffix: str, whole: bool) -> Format | None:
    """Returns the format of a text that begins with `head`; None where it is no text.

    `whole` tells that the head is all of the file.
    """
    if encoding := wide_encoding(head):
        head = head.decode(encoding, "ignore").encode("utf-8", "ignore")
    head = head.rstrip(b"\x00").removeprefix(b"\xef\xbb\xbf")
    if is_binary(head):
        return None
    head = head.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if _is_mail(head, suffix):
        return Format.EMAIL
    if suffix in _MARKDOWN:
        return Format.MARKDOWN
    start = head.lstrip()
    if _is_page(start, suffix):
        return Format.HTML
    if suffix in _JSON and start[:1] in (b"{", b"["):
        return Format.JSON
    if suffix in _TABLE:
        return Format.CSV
    if _RECORD.match(start):
        return Format.JSON
    if suffix in _PLAIN and _is_markdown(head):
        return Format.MARKDOWN
    return Format.CSV if suffix in _PLAIN and _is_table(head, whole) else Format.TEXT


def is_binary(head: bytes) -> bool:
    """Tells whether there are bytes that no 8-bit text has."""
    if b"\x00" in head:
        return True
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > len(head) // 50


def _is_page(start: bytes, suffix: str) -> bool:
    """Tells whether it begins as a page does, or has a page's tags where its name says so."""
    if _PAGE.match(start):
        return True
    named = suffix in {".html", ".htm", ".xhtml"}
    return (named or start[:1] == b"<") and _TAG.search(start) is not None


def _is_mail(head: bytes, suffix: str) -> bool:
    """Tells whether it begins with the headers of a mail."""
    top = re.split(rb"\n\n", _MBOX.sub(b"", head[:8192], count=1), maxsplit=1)[0]
    fields = {field.lower() for field in _MAIL_HEADER.findall(top)}
    needed = 1 if suffix in {".eml", ".mht", ".mhtml"} else 3
    first = top[: top.find(b":")]
    return len(fields) >= needed and re.fullmatch(rb"[A-Za-z][\w-]*", first) is not None


def _is_markdown(head: bytes) -> bool:
    """Tells whether a text shows two signs of Markdown, or two headings that stand alone."""
    headings, *others = (pattern.findall(head) for pattern in _MARKUP)
    return min(len(headings), 2) + sum(map(bool, others)) >= _ENOUGH_MARKUP


def _is_table(head: bytes, whole: bool) -> bool:
    """Lines that all hold the same number of tabs or semicolons, or of commas without a space."""
    lines = [line for line in head.splitlines() if line.strip()]
    lines = (lines if whole else lines[:-1])[:_LINES]
    if len(lines) < _MIN_ROWS:
        return False
    for sign, least in ((b"\t", 1), (b";", 1), (b",", 2)):
        counts = Counter(line.count(sign) for line in lines)
        prose = any(sign + b" " in line for line in lines)
        if not prose and len(counts) == 1 and counts.most_common(1)[0][0] >= least:
            return True
    return False
