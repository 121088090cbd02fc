"""Names the format of a file by its content; suffixes only tell text formats from plain text.

Whatever is recognised but not read is refused here, with the name of the format and what to do
about it. `sniff_text` looks at what carries no signature.
"""

from __future__ import annotations

import re
import struct
import zipfile

from rag.errors import FileProblem
from rag.parsing.archive import check_markup, open_archive
from rag.parsing.builder import encrypted, no_text, unreadable
from rag.parsing.file import File, Format
from rag.parsing.sniff_text import is_binary, text_format
from rag.schema import Outcome

HEAD = 65_536
"""Bytes looked at."""

_AS_PDF = "save it as PDF or DOCX and add that"
_AS_PDF_TEXT = "add the text of it as PDF, DOCX or TXT"
_TRANSCRIPT = "add a transcript of it"
_NOTHING = "nothing is to be done: add the document itself"
_UNPACK = "unpack it and add the documents inside"
_POSTSCRIPT = b"%!PS"  # the one signature of a text
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
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
    (_POSTSCRIPT, "a PostScript file", _AS_PDF),
    (b"AT&TFORM", "a DjVu document", _AS_PDF),
    (b"\xe4\x52\x5c\x7b\x8c\xd8", "a OneNote section", "export it as PDF and add that"),
)
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_KINDS: tuple[tuple[str, Format | tuple[str, str]], ...] = (
    (
        "WordDocument",
        ("an old Word document (DOC)", "save it as DOCX in Word or LibreOffice and add that"),
    ),
    ("PowerPoint Document", ("an old PowerPoint file (PPT)", "save it as PPTX and add that")),
    ("Workbook", Format.XLS),
    ("Book", Format.XLS),
    ("__properties_version1.0", Format.MSG),
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

_PDF = re.compile(rb"^%PDF-\d", re.MULTILINE)


def sniff(file: File) -> Format:
    """Returns the format of a file.

    Raises FileProblem: unsupported, encrypted, bomb, no_text or unreadable. A ZIP container has
    passed `archive.check_archive` when this returns.
    """
    head = _head(file)
    if not head.strip(b" \t\r\n\f\v\x00\xef\xbb\xbf\xff\xfe"):
        raise no_text(file)
    if _PDF.search(head[:1024]):
        return Format.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        with open_archive(file) as archive:
            return _sniff_archive(file, archive)
    if head.startswith(_OLE):
        return _sniff_compound(file)
    if head.startswith(b"{\\rtf"):
        return Format.RTF
    if is_image(head):
        return Format.IMAGE
    _refuse_known(file, head)
    found = text_format(head, file.suffix.lower(), whole=len(head) < HEAD)
    if found is None:
        raise _unsupported(file, *_unknown(file))
    return found


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


def _sniff_compound(file: File) -> Format:
    """Returns what the names at the root of a compound file (of Office up to 2003) say it is."""
    import olefile

    try:
        with file.open("rb") as stream, olefile.OleFileIO(stream) as container:
            names = {entry[0] for entry in container.listdir()}
    except (OSError, ValueError, LookupError, struct.error) as error:
        raise unreadable(file, f"its container is damaged ({error})") from error
    if "EncryptedPackage" in names:
        raise encrypted(file)
    for name, kind in _OLE_KINDS:
        if name in names and isinstance(kind, Format):
            return kind
        if name in names:
            raise _unsupported(file, *kind)
    raise _unsupported(file, "an old Office file", _AS_PDF)


def is_image(head: bytes) -> bool:
    """Tells whether a file that begins with `head` is an image of a format that is read."""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return True
    return any(map(head.startswith, _IMAGES)) and is_binary(head)


def _refuse_known(file: File, head: bytes) -> None:
    for magic, kind, advice in _MAGIC:
        # A text may begin with the letters of a signature: «MZ», «ID3», «Rar!».
        if head.startswith(magic) and (is_binary(head) or magic == _POSTSCRIPT):
            raise _unsupported(file, kind, advice)
    if head[4:8] == b"ftyp":
        raise _unsupported(file, "a video or photo", "add a transcript of it, or save it as JPG")
    if re.match(rb"\s*(<\?xml[^>]*>\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]", head):
        raise _unsupported(file, "an SVG drawing", _AS_PDF)


def _unknown(file: File) -> tuple[str, str]:
    if file.name.startswith(("~$", ".~lock.")):
        return "a mark that an office program leaves beside a document that is open", _NOTHING
    if file.name.startswith("._"):
        return "a companion file that macOS leaves beside a document", _NOTHING
    return "a binary file of unknown format", _AS_PDF


def _unsupported(file: File, kind: str, advice: str) -> FileProblem:
    return FileProblem(Outcome.UNSUPPORTED, f"{file.name} is {kind}, which is not read", advice)
