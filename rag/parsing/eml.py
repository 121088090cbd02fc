"""EML: headers, the text that the writer meant to be read, and each attachment under its name.

Attachments go through the same parsers as files do, with the same checks, from memory: nothing is
unpacked to the disk. Knows nothing about mailboxes.
"""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from pathlib import PurePosixPath

from selectolax.lexbor import LexborHTMLParser

from rag.errors import FileProblem
from rag.parsing import parse
from rag.parsing.archive import MAX_UNPACKED, open_archive, unpacked_size
from rag.parsing.builder import TextBuilder, encrypted, finish
from rag.parsing.characters import clean_line, decode
from rag.parsing.file import Beat, File, InnerFile
from rag.parsing.html import add_html
from rag.parsing.txt import add_text
from rag.schema import ParsedDocument

MAX_DEPTH = 3
"""Mails inside mails that are opened."""

MAX_ATTACHMENTS = 200

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_SIGNATURES = frozenset({
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
    "application/pgp-keys", "message/delivery-status", "text/rfc822-headers",
})  # fmt: skip
_LOCKED = frozenset({
    "multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime",
})  # fmt: skip
_STUB = 0.5  # of the page's length: a plain text shorter than that says «see the page»


def parse_eml(file: File, beat: Beat) -> ParsedDocument:
    """Read a mail. Raises FileProblem: encrypted or no_text."""
    data = file.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = decode(data).lstrip("\ufeff").encode()
    mail = _Mail(email.message_from_bytes(data))
    if any(part.get_content_type() in _LOCKED for part in mail.attachments + mail.locked):
        raise encrypted(file)
    builder = TextBuilder()
    mail.write(builder)
    lacks = _write_attachments(builder, mail, file, beat)
    return finish(file, builder, mail.subject, lacks)


class _Mail:
    """The parts of a message: what is read first, and what is attached to it."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.body: list[Message] = []
        self.attachments: list[Message] = []
        self.locked: list[Message] = []
        self._sort(message)
        self.subject = _header(message, "Subject")

    def write(self, builder: TextBuilder) -> None:
        """The headers, the names of the attachments, the text."""
        lines = [f"{name}: {value}" for name in _HEADERS if (value := _header(self.message, name))]
        if names := ", ".join(map(_name, self.attachments)):
            lines.append(f"Attachments: {names}")
        builder.add("\n".join(lines))
        for part in self.body:
            if part.get_content_type() == "text/html":
                add_html(LexborHTMLParser(_text(part)), builder)
            else:
                add_text(builder, _text(part))

    def _sort(self, part: Message) -> None:
        kind = part.get_content_type()
        if kind in _LOCKED:
            self.locked.append(part)
        elif kind == "multipart/alternative":
            self._choose(list(_children(part)))
        elif kind == "multipart/related":
            # What a page shows: its images, its style. Some programs put attachments here.
            first, *others = [*_children(part)] or [part]
            self._sort(first)
            self.attachments += [each for each in others if _is_attached(each)]
        elif part.is_multipart() and not kind.startswith("message/"):
            for child in _children(part):
                self._sort(child)
        elif kind in ("text/plain", "text/html") and not _is_attached(part):
            self.body.append(part)
        elif kind not in _SIGNATURES:
            self.attachments.append(part)

    def _choose(self, versions: list[Message]) -> None:
        """One of several versions of a text: the plain one, unless it is a stub."""
        body, self.body = self.body, []
        for version in versions:
            self._sort(version)
        plain = [part for part in self.body if part.get_content_type() == "text/plain"]
        pages = [part for part in self.body if part.get_content_type() == "text/html"]
        self.body = body + (plain if _says_enough(plain, pages) else pages)


def _write_attachments(builder: TextBuilder, mail: _Mail, file: File, beat: Beat) -> list[str]:
    """Appends what can be read; returns what cannot, and why."""
    depth = file.depth if isinstance(file, InnerFile) else 0
    lacks: list[str] = []
    room = MAX_UNPACKED
    for part in mail.attachments[:MAX_ATTACHMENTS]:
        beat()
        inner = InnerFile(_name(part), _bytes(part), depth + 1)
        try:
            if depth >= MAX_DEPTH:
                lacks.append(f"{inner.name} lies too deep in other mails")
                continue
            room -= _size(inner)
            if room < 0:
                lacks.append(f"{inner.name} and what follows is too much to unpack")
                break
            reading = parse(inner, beat, beat.left)
        except FileProblem as problem:
            lacks.append(problem.message)
            continue
        builder.heading(inner.name, 1)
        builder.embed(reading.document, 2)
        lacks += [f"{inner.name}: {reading.reason}"] if reading.reason else []
    if len(mail.attachments) > MAX_ATTACHMENTS:
        lacks.append(f"only the first {MAX_ATTACHMENTS} attachments are read")
    return lacks


def _size(inner: InnerFile) -> int:
    """Bytes when unpacked. Raises FileProblem where they are too many."""
    if not inner.data.startswith(b"PK\x03\x04"):
        return len(inner.data)
    with open_archive(inner) as archive:
        return unpacked_size(archive)


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):  # a damaged multipart is one string
        yield from (each for each in payload if isinstance(each, Message))


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or (
        part.get_content_maintype() in ("text", "application", "message")
        and part.get_filename() is not None
    )


def _says_enough(plain: list[Message], pages: list[Message]) -> bool:
    said = sum(len(_text(part).split()) for part in plain)
    trees = [LexborHTMLParser(_text(part)) for part in pages]
    shown = sum(len(tree.body.text().split()) for tree in trees if tree.body is not None)
    return said > 0 and said >= _STUB * shown


def _text(part: Message) -> str:
    declared = part.get_content_charset("")
    return decode(_bytes(part), declared)


def _bytes(part: Message) -> bytes:
    if part.get_content_maintype() == "message" and part.is_multipart():
        return next(_children(part)).as_bytes()
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _header(message: Message, name: str) -> str:
    found = (value for key, value in message.raw_items() if key.lower() == name.lower())
    # Bytes beyond ASCII, which the standard forbids and programs write, come as half characters.
    raw = str(next(found, "")).encode("utf-8", "surrogateescape")
    return clean_line(_decoded(decode(raw)))


def _decoded(value: str) -> str:
    """A header with its encoded words spelled out; damaged ones stay as they are."""
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError):
        return value


def _name(part: Message) -> str:
    """The last part of the attachment's name; nothing is written under it."""
    if given := part.get_filename():
        name = PurePosixPath(clean_line(_decoded(given)).replace("\\", "/")).name
        if name:
            return name
    if part.get_content_maintype() == "message":
        return f"{_header(next(_children(part), part), 'Subject') or 'message'}.eml"
    return f"attachment.{part.get_content_subtype()[:10]}"
