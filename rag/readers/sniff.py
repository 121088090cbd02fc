"""Names the format of a file by its content; the suffix only tells Markdown from plain text.

Knows nothing about how a format is read. Whatever is recognised but not read is refused here, with
the name of the format and what to do about it.
"""

from __future__ import annotations

import re
import zipfile
from enum import StrEnum
from pathlib import Path

from rag.errors import FileProblem
from rag.readers.builder import no_text, unreadable
from rag.schema import Outcome

HEAD = 65_536
"""Bytes looked at."""

MAX_MEMBERS = 2_000
MAX_UNPACKED = 200_000_000
MAX_RATIO = 100
RATIO_FREE = 1_000_000
"""Below this many unpacked bytes the ratio says nothing: small repetitive XML packs very well."""


class Format(StrEnum):
    """What can be read."""

    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"


_AS_PDF = "save it as PDF or DOCX and add that"
_AS_PDF_TEXT = "add the text of it as PDF, DOCX or TXT"
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"{\\rtf", "an RTF document", _AS_PDF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (DOC, XLS, PPT or MSG)", _AS_PDF),
    (b"\x89PNG\r\n\x1a\n", "a PNG image", "recognise its text with an OCR tool, add the PDF"),
    (b"\xff\xd8\xff", "a JPEG image", "recognise its text with an OCR tool, add the PDF"),
    (b"GIF8", "a GIF image", "recognise its text with an OCR tool, add the PDF"),
    (b"II*\x00", "a TIFF image", "recognise its text with an OCR tool, add the PDF"),
    (b"MM\x00*", "a TIFF image", "recognise its text with an OCR tool, add the PDF"),
    (b"BM", "a BMP image", "recognise its text with an OCR tool, add the PDF"),
    (b"RIFF", "a WEBP, WAV or AVI file", _AS_PDF_TEXT),
    (b"ID3", "an MP3 recording", "add a transcript of it"),
    (b"\xff\xfb", "an MP3 recording", "add a transcript of it"),
    (b"OggS", "an OGG recording", "add a transcript of it"),
    (b"fLaC", "a FLAC recording", "add a transcript of it"),
    (b"\x1a\x45\xdf\xa3", "a video", "add a transcript of it"),
    (b"\x1f\x8b", "a GZIP archive", "unpack it and add the documents inside"),
    (b"BZh", "a BZIP2 archive", "unpack it and add the documents inside"),
    (b"\xfd7zXZ\x00", "an XZ archive", "unpack it and add the documents inside"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack it and add the documents inside"),
    (b"Rar!", "a RAR archive", "unpack it and add the documents inside"),
    (b"\x7fELF", "a program", _AS_PDF_TEXT),
    (b"MZ", "a program", _AS_PDF_TEXT),
    (b"SQLite format 3\x00", "a SQLite database", _AS_PDF_TEXT),
    (b"%!PS", "a PostScript file", _AS_PDF),
    (b"AT&TFORM", "a DjVu document", _AS_PDF),
)
_ZIP_KINDS: tuple[tuple[str, str, str], ...] = (
    ("xl/workbook", "an Excel workbook", _AS_PDF),
    ("ppt/presentation", "a PowerPoint presentation", _AS_PDF),
    ("META-INF/container.xml", "an EPUB book", _AS_PDF),
    ("content.xml", "an OpenDocument file", _AS_PDF),
)
_TAG = re.compile(
    rb"<(!doctype\s+html|html|head|body|meta|title|div|p|h1|table|article|main|section)[\s>/]",
    re.IGNORECASE,
)
_MAIL_HEADER = re.compile(
    rb"^(received|from|to|subject|date|message-id|mime-version|return-path|delivered-to|content-type"
    rb"|x-[\w-]+):[ \t]",
    re.IGNORECASE | re.MULTILINE,
)
_MARKDOWN_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def sniff(path: Path) -> Format:
    """The format of a file. Raises FileProblem: unsupported, bomb, no_text or unreadable."""
    head = _head(path)
    if not head.strip(b" \t\r\n\f\v\x00\xef\xbb\xbf\xff\xfe"):
        raise no_text(path)
    if b"%PDF-" in head[:1024]:
        return Format.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _sniff_zip(path)
    _refuse_known(path, head)
    return _sniff_text(path, head)


def check_zip(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse an archive that would unpack to too much. Raises FileProblem(BOMB).

    The declared sizes are enough: `zipfile` reads no member beyond what it declares.
    """
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    reason = ""
    if len(members) > MAX_MEMBERS:
        reason = f"{len(members)} files inside"
    elif unpacked > MAX_UNPACKED:
        reason = f"{unpacked // 1_000_000} MB when unpacked"
    elif unpacked > RATIO_FREE and unpacked // packed > MAX_RATIO:
        reason = f"unpacks to {unpacked // packed} times its size"
    if reason:
        raise FileProblem(
            Outcome.BOMB,
            f"{path.name} is built to exhaust the machine: {reason}",
            "do not open it unless you know where it comes from",
        )


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():  # a FIFO or device would block for ever
            raise unreadable(path, "it is gone or is no regular file")
        with path.open("rb") as stream:
            return stream.read(HEAD)
    except OSError as error:
        raise unreadable(path, error.strerror or "the system refuses it") from error


def _sniff_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if any(name.startswith("word/") and name.endswith(".xml") for name in names):
                check_zip(path, archive)
                return Format.DOCX
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise unreadable(path, f"the archive is damaged ({error})") from error
    for member, kind, advice in _ZIP_KINDS:
        if any(name.startswith(member) for name in names):
            raise _unsupported(path, kind, advice)
    raise _unsupported(path, "a ZIP archive", "unpack it and add the documents inside")


def _refuse_known(path: Path, head: bytes) -> None:
    for magic, kind, advice in _MAGIC:
        if head.startswith(magic) and (len(magic) > 2 or _is_binary(head)):
            raise _unsupported(path, kind, advice)
    if head[4:8] == b"ftyp":
        raise _unsupported(path, "a video or photo", "add a transcript of it")
    if head.lstrip().startswith(b"<svg"):
        raise _unsupported(path, "an SVG drawing", _AS_PDF)
    if _is_mail(path, head):
        raise _unsupported(path, "an e-mail", "print it to PDF and add that")


def _sniff_text(path: Path, head: bytes) -> Format:
    wide = head.startswith(_UTF16_MARKS)
    if _is_binary(head) and not wide:
        raise _unsupported(path, "a binary file of unknown format", _AS_PDF)
    narrow = head.replace(b"\x00", b"") if wide else head
    suffix = path.suffix.lower()
    if suffix not in _MARKDOWN_SUFFIXES and _looks_like_html(narrow, suffix):
        return Format.HTML
    return Format.MARKDOWN if suffix in _MARKDOWN_SUFFIXES else Format.TEXT


def _looks_like_html(head: bytes, suffix: str) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start[:1] == b"<" and re.match(rb"<(!doctype html|html)", start, re.IGNORECASE):
        return True
    if suffix in {".html", ".htm", ".xhtml"}:
        return _TAG.search(head) is not None
    return start[:1] == b"<" and _TAG.search(head) is not None


def _is_mail(path: Path, head: bytes) -> bool:
    narrow = head[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    top = re.split(rb"\r?\n\r?\n", narrow, maxsplit=1)[0]
    fields = {field.lower() for field in _MAIL_HEADER.findall(top)}
    needed = 1 if path.suffix.lower() == ".eml" else 3
    first = top[: top.find(b":")]
    return len(fields) >= needed and re.fullmatch(rb"[A-Za-z][\w-]*", first) is not None


def _is_binary(head: bytes) -> bool:
    if b"\x00" in head:
        return True
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return controls > len(head) // 50


def _unsupported(path: Path, kind: str, advice: str) -> FileProblem:
    return FileProblem(Outcome.UNSUPPORTED, f"{path.name} is {kind}, which is not read", advice)
