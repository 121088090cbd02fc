"""ZIP containers: refused before they unpack, and their XML read without entities.

`zipfile` gives no member more bytes than it declares, so the declared sizes are the truth. Archives
inside archives (a chart's workbook, say) are never opened, hence no nesting to limit; the files
that an e-mail carries are counted there.
"""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from rag.errors import FileProblem
from rag.parsing.builder import encrypted, unreadable
from rag.parsing.file import File, openable
from rag.schema import Outcome

MAX_MEMBERS = 2_000
MAX_UNPACKED = 200_000_000
MAX_STREAMED = 2_000_000_000
"""For the sheets of a workbook, which are read row by row and never held as a whole."""

MAX_RATIO = 100
RATIO_FREE = 1_000_000
"""Below this many unpacked bytes the ratio says nothing: small repetitive XML packs very well."""

_STREAMED = "xl/worksheets/sheet"
_LOCAL_HEADER = 30  # bytes before the name of a member
_BLOCK = 1_000_000  # bytes
_RELATIONS = "_rels/.rels"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_PROPERTIES = re.compile(rb"(extended|custom)Properties")
_HEAD = 1_024  # of an XML part: a document type stands before the first element
_ENCRYPTED = 1  # flag bit of a member


def open_archive(file: File) -> zipfile.ZipFile:
    """Returns the archive, checked. Raises FileProblem: bomb, encrypted or unreadable."""
    try:
        archive = zipfile.ZipFile(openable(file))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise unreadable(file, f"the archive is damaged ({error})") from error
    try:
        check_archive(file, archive)
    except BaseException:
        archive.close()
        raise
    return archive


def check_archive(file: File, archive: zipfile.ZipFile) -> None:
    """Refuses an archive that would unpack to too much. Raises FileProblem(BOMB or ENCRYPTED)."""
    members = archive.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise encrypted(file)
    reason = _excess(members) or _overlap(members)
    if reason:
        raise _bomb(file, reason)


def check_markup(file: File, archive: zipfile.ZipFile) -> None:
    """Refuses Office parts that declare a document type, which their standard forbids."""
    for member in archive.infolist():
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as stream:
                refuse_entities(file, stream.read(_HEAD), b"<!DOCTYPE")


def transitional(file: File) -> Path | io.BytesIO:
    """Returns what libraries open: the file, or a copy in memory where it is Strict Office XML.

    The copy has the namespaces of the Transitional kind, which are all that libraries know.
    """
    with open_archive(file) as archive:
        if _STRICT.search(archive.read(_RELATIONS)) is None:
            return openable(file)
        copy = io.BytesIO()
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
            for member in archive.infolist():
                with archive.open(member) as source, target.open(member.filename, "w") as part:
                    # The namespaces stand in the first element, and relations are short.
                    part.write(_STRICT.sub(_transitional_name, source.read(_BLOCK)))
                    shutil.copyfileobj(source, part)
    copy.seek(0)
    return copy


def _transitional_name(strict: re.Match[bytes]) -> bytes:
    words = {
        b"extendedProperties": b"extended-properties",
        b"customProperties": b"custom-properties",
    }
    room, name = strict[1], words.get(strict[2], strict[2])
    return b"http://schemas.openxmlformats.org/%b/2006/%b" % (room, name)


def unpacked_size(archive: zipfile.ZipFile) -> int:
    """Returns the bytes that all members declare together."""
    return sum(member.file_size for member in archive.infolist())


def parse_xml(file: File, data: bytes) -> Any:
    """Returns the root of an XML part: no entities, no network, depth and text size limited.

    Raises FileProblem(BOMB) for one that declares entities, lxml.etree.XMLSyntaxError when damaged.
    """
    from lxml import etree

    refuse_entities(file, data, b"<!ENTITY")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.parse(io.BytesIO(data), parser).getroot()


def refuse_entities(file: File, data: bytes, mark: bytes) -> None:
    """Raises FileProblem(BOMB) where `data` declares what `mark` begins, in any Unicode form."""
    if mark in data or mark in data.replace(b"\x00", b""):
        raise _bomb(file, "its XML declares entities")


def _excess(members: list[zipfile.ZipInfo]) -> str:
    streamed = sum(member.file_size for member in members if member.filename.startswith(_STREAMED))
    unpacked = sum(member.file_size for member in members) - streamed
    packed = max(1, sum(member.compress_size for member in members))
    if len(members) > MAX_MEMBERS:
        return f"{len(members)} files inside"
    if unpacked > MAX_UNPACKED or streamed > MAX_STREAMED:
        return f"{(unpacked + streamed) // 1_000_000} MB when unpacked"
    ratio = (unpacked + streamed) // packed
    if unpacked + streamed > RATIO_FREE and ratio > MAX_RATIO:
        return f"unpacks to {ratio} times its size"
    return ""


def _overlap(members: list[zipfile.ZipInfo]) -> str:
    """What to say where members share bytes: so a small file can declare many large ones."""
    placed = sorted(
        (member.header_offset, member.header_offset + _LOCAL_HEADER + member.compress_size)
        for member in members
    )
    shared = any(after[0] < before[1] for before, after in pairwise(placed))
    return "its parts overlap" if shared else ""


def _bomb(file: File, reason: str) -> FileProblem:
    return FileProblem(
        Outcome.BOMB,
        f"{file.name} is built to exhaust the machine: {reason}",
        "do not open it unless you know where it comes from",
    )
