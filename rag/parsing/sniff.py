"""Names the format of a file by its content; suffixes only tell text formats from plain text.

Text formats carry no signature. Names that promise one (`.csv`, `.json`) are believed when the
content does not speak against it; without such a name the content must be beyond doubt. Whatever is
recognised but not read is refused here, with the name of the format and what to do about it.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from enum import StrEnum

from rag.errors import FileProblem
from rag.parsing.archive import check_markup, open_archive
from rag.parsing.builder import encrypted, no_text, unreadable
from rag.parsing.file import File
from rag.schema import Outcome

HEAD = 65_536
"""Bytes looked at."""


class Format(StrEnum):
    """What can be read."""

    PDF = "pdf"
    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    EPUB = "epub"
    EMAIL = "email"
    HTML = "html"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    TEXT = "text"
    IMAGE = "image"


_AS_PDF = "save it as PDF or DOCX and add that"
_AS_PDF_TEXT = "add the text of it as PDF, DOCX or TXT"
_TRANSCRIPT = "add a transcript of it"
_UNPACK = "unpack it and add the documents inside"
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"{\\rtf", "an RTF document", "open it in Word or LibreOffice, save it as DOCX and add that"),
    (b"RIFF", "a WAV or AVI file", _AS_PDF_TEXT),
    (b"ID3", "an MP3 recording", _TRANSCRIPT),
    (b"\xff\xfb", "an MP3 recording", _TRANSCRIPT),
    (b"OggS", "an OGG recording", _TRANSCRIPT),
    (b"fLaC", "a FLAC recording", _TRANSCRIPT),
    (b"\x1a\x45\xdf\xa3", "a video", _TRANSCRIPT),
    (b"\x1f\x8b", "a GZIP archive", _UNPACK),
    (b"BZh", "a BZIP2 archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an XZ archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"\x7fELF", "a program", _AS_PDF_TEXT),
    (b"MZ", "a program", _AS_PDF_TEXT),
    (b"SQLite format 3\x00", "a SQLite database", _AS_PDF_TEXT),
    (b"%!PS", "a PostScript file", _AS_PDF),
    (b"AT&TFORM", "a DjVu document", _AS_PDF),
)
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_KINDS = (
    ("WordDocument", "an old Word document (DOC)", "save it as DOCX in Word or LibreOffice"),
    ("PowerPoint Document", "an old PowerPoint file (PPT)", "save it as PPTX"),
    ("Workbook", "an old Excel workbook (XLS)", "save it as XLSX"),
    ("Book", "an old Excel workbook (XLS)", "save it as XLSX"),
    ("__substg1.0_", "an Outlook message (MSG)", "save it as EML or print it to PDF"),
)
_ZIP_SUFFIXES = (
    ("xl/workbook.bin", "a binary Excel workbook (XLSB)", "save it as XLSX and add that"),
    ("Index/Document.iwa", "an iWork document", "export it as PDF and add that"),
    ("Index.zip", "an iWork document", "export it as PDF and add that"),
)
_OFFICE = {
    "word/": Format.DOCX,
    "ppt/presentation.xml": Format.PPTX,
    "xl/workbook.xml": Format.XLSX,
}
_MIME = {
    b"application/epub+zip": Format.EPUB,
    b"application/vnd.oasis.opendocument.text": Format.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": Format.ODS,
    b"application/vnd.oasis.opendocument.presentation": Format.ODP,
}

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


def sniff(file: File) -> Format:
    """The format of a file. Raises FileProblem: unsupported, encrypted, bomb, no_text, unreadable.

    Whatever is a ZIP container has passed `archive.check_archive` when this returns.
    """
    head = _head(file)
    if not head.strip(b" \t\r\n\f\v\x00\xef\xbb\xbf\xff\xfe"):
        raise no_text(file)
    if b"%PDF-" in head[:1024]:
        return Format.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        with open_archive(file) as archive:
            return _sniff_archive(file, archive)
    if head.startswith(_OLE):
        raise _old_office(file)
    if is_image(head):
        return Format.IMAGE
    _refuse_known(file, head)
    return _sniff_text(file, head)


def _head(file: File) -> bytes:
    try:
        if not file.is_file():  # a FIFO or device would block for ever
            raise unreadable(file, "it is gone or is no regular file")
        with file.open("rb") as stream:
            return stream.read(HEAD)
    except OSError as error:
        raise unreadable(file, error.strerror or "the system refuses it") from error


def _sniff_archive(file: File, archive: zipfile.ZipFile) -> Format:
    names = archive.namelist()
    for start, kind in _OFFICE.items():
        if any(name.startswith(start) and name.endswith(".xml") for name in names):
            check_markup(file, archive)
            return kind
    mime = b""
    if "mimetype" in names:
        with archive.open("mimetype") as stream:
            mime = stream.read(100).strip().removesuffix(b"-template")
    elif "META-INF/container.xml" in names:
        mime = b"application/epub+zip"
    if mime in _MIME:
        return _MIME[mime]
    if mime.startswith(b"application/vnd.oasis.opendocument"):
        raise _unsupported(file, "an OpenDocument drawing or formula", _AS_PDF)
    for member, named, advice in _ZIP_SUFFIXES:
        if member in names:
            raise _unsupported(file, named, advice)
    raise _unsupported(file, "a ZIP archive", _UNPACK)


def _old_office(file: File) -> FileProblem:
    """What the names in the file's own directory, which are in UTF-16, say it is."""
    data = file.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data:
        return encrypted(file)
    for name, kind, advice in _OLE_KINDS:
        if name.encode("utf-16-le") in data:
            return _unsupported(file, kind, f"{advice} and add that")
    return _unsupported(file, "an old Office file", _AS_PDF)


def is_image(head: bytes) -> bool:
    """Tells whether a file that begins with `head` is an image of a format that is read."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return True
    return any(head.startswith(magic) and (len(magic) > 2 or _is_binary(head)) for magic in _IMAGES)


def _refuse_known(file: File, head: bytes) -> None:
    for magic, kind, advice in _MAGIC:
        if head.startswith(magic) and (len(magic) > 2 or _is_binary(head)):
            raise _unsupported(file, kind, advice)
    if head[4:8] == b"ftyp":
        raise _unsupported(file, "a video or photo", "add a transcript of it, or save it as JPG")
    if head.lstrip().startswith(b"<svg"):
        raise _unsupported(file, "an SVG drawing", _AS_PDF)


def _sniff_text(file: File, head: bytes) -> Format:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if _is_binary(head) and not wide:
        raise _unsupported(file, "a binary file of unknown format", _AS_PDF)
    narrow = head.replace(b"\x00", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    narrow = narrow.removeprefix(b"\xef\xbb\xbf")
    suffix = file.suffix.lower()
    if _is_mail(narrow, suffix):
        return Format.EMAIL
    found = _text_format(narrow, suffix, whole=len(head) < HEAD)
    if found != Format.MARKDOWN and _looks_like_html(narrow, suffix):
        return Format.HTML
    return Format(found)


def _text_format(head: bytes, suffix: str, whole: bool) -> str:
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


def _looks_like_html(head: bytes, suffix: str) -> bool:
    """Whether it begins as a page does, or has a page's tags where its name says so."""
    start = head.lstrip(b" \t\r\n")
    if start[:1] == b"<" and re.match(rb"<(!doctype html|html)", start, re.IGNORECASE):
        return True
    if suffix in {".html", ".htm", ".xhtml"}:
        return _TAG.search(head) is not None
    return start[:1] == b"<" and _TAG.search(head) is not None


def _is_mail(head: bytes, suffix: str) -> bool:
    """Whether it begins with the headers of a mail."""
    top = re.split(rb"\r?\n\r?\n", head[:8192], maxsplit=1)[0]
    fields = {field.lower() for field in _MAIL_HEADER.findall(top)}
    needed = 1 if suffix in {".eml", ".mht", ".mhtml"} else 3
    first = top[: top.find(b":")]
    return len(fields) >= needed and re.fullmatch(rb"[A-Za-z][\w-]*", first) is not None


def _is_binary(head: bytes) -> bool:
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


def _unsupported(file: File, kind: str, advice: str) -> FileProblem:
    return FileProblem(Outcome.UNSUPPORTED, f"{file.name} is {kind}, which is not read", advice)
