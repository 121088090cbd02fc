"""EML: headers, the text that the writer meant to be read, and each attachment under its name.

Attachments go through the same parsers as files do, with the same checks, from memory: nothing is
unpacked to the disk.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator, Sequence
from email.header import decode_header, make_header
from email.message import Message

from selectolax.lexbor import LexborHTMLParser

from rag.parsing.attachments import add_attachments, file_name
from rag.parsing.builder import LINE, PARAGRAPH, TextBuilder, encrypted, finish
from rag.parsing.characters import clean_line, decode
from rag.parsing.file import Beat, File
from rag.parsing.html import add_html
from rag.parsing.html_parts import words_of
from rag.parsing.txt import add_text
from rag.schema import DocumentBlockKind, NoteKind, ParsedDocument

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_SIGNATURES = frozenset({
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
    "application/pgp-keys", "message/delivery-status", "text/rfc822-headers",
})  # fmt: skip
_LOCKED = frozenset({
    "multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime",
})  # fmt: skip
_QUOTED = re.compile(r"(?:>[ \t]?)+")
_SIGNATURE = "-- "
_MBOX = re.compile(rb"From [^\r\n]*\r?\n")
_LACKS = 0.1  # of the page's words: a plain text that lacks more of them is no copy of it


def parse_eml(file: File, beat: Beat) -> ParsedDocument:
    """Reads a mail. Raises FileProblem: encrypted or no_text."""
    data = file.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = decode(data).lstrip("\ufeff").encode()
    mail = _Mail(
        email.message_from_bytes(_MBOX.sub(b"", data, count=1) if _MBOX.match(data) else data)
    )
    if any(part.get_content_type() in _LOCKED for part in mail.attachments + mail.locked):
        raise encrypted(file)
    builder = TextBuilder()
    mail.write(builder)
    attached = [(_name(part), _bytes(part)) for part in mail.attachments]
    lacks = add_attachments(builder, file, attached, beat)
    return finish(file, builder, mail.subject, lacks)


def add_headers(builder: TextBuilder, lines: Sequence[str]) -> None:
    """Appends the headers of a mail, each a line «Name: value»."""
    for index, line in enumerate(lines):
        builder.add(line, LINE if index else PARAGRAPH, DocumentBlockKind.FIELD)


class _Mail:
    """The parts of a message: what is read first, and what is attached to it."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.body: list[Message] = []
        self.attachments: list[Message] = []
        self.inline: list[Message] = []  # what a page shows in itself, as its pictures
        self.locked: list[Message] = []
        self._sort(message)
        self.subject = _header(message, "Subject")

    def write(self, builder: TextBuilder) -> None:
        """Appends the headers, the names of the attachments and the text."""
        lines = [f"{name}: {value}" for name in _HEADERS if (value := _header(self.message, name))]
        if names := ", ".join(map(_name, self.attachments)):
            lines.append(f"Attachments: {names}")
        add_headers(builder, lines)
        pictures = [part for part in self.inline if part.get_content_maintype() == "image"]
        if pictures:
            builder.note(NoteKind.PICTURE, count=len(pictures), text=_name(pictures[0]))
        for part in self.body:
            if part.get_content_type() == "text/html":
                add_html(_text(part), builder)
            else:
                add_text(builder, _unquoted(_text(part), part.get_param("format") == "flowed"))

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
            for part in others:
                (self.attachments if _is_attached(part) else self.inline).append(part)
        elif part.is_multipart() and not kind.startswith("message/"):
            for child in _children(part):
                self._sort(child)
        elif kind in ("text/plain", "text/html") and not _is_attached(part):
            self.body.append(part)
        elif kind not in _SIGNATURES:
            self.attachments.append(part)

    def _choose(self, versions: list[Message]) -> None:
        """One of several versions of a text: the plain one, unless it says less than the page."""
        body, self.body = self.body, []
        for version in versions:
            self._sort(version)
        plain = [part for part in self.body if part.get_content_type() == "text/plain"]
        pages = [part for part in self.body if part.get_content_type() == "text/html"]
        self.body = body + (plain if _says_enough(plain, pages) else pages)


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):  # a damaged multipart is one string
        yield from (part for part in payload if isinstance(part, Message))


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or (
        part.get_content_maintype() in ("text", "application", "message")
        and part.get_filename() is not None
    )


def _says_enough(plain: list[Message], pages: list[Message]) -> bool:
    """Whether a plain text has nearly all the words of the page, and all its figures."""
    said = set(" ".join(map(_text, plain)).split())
    trees = [LexborHTMLParser(_text(part)) for part in pages]
    shown = {
        word for tree in trees if tree.body is not None for word in words_of(tree.body).split()
    }
    lacking = shown - said
    figures = any(character.isdigit() for word in lacking for character in word)
    return bool(said) and not figures and len(lacking) <= _LACKS * len(shown)


def _text(part: Message) -> str:
    declared = part.get_content_charset("")
    return decode(_bytes(part), declared)


def _unquoted(text: str, flowed: bool) -> str:
    """A plain text without the marks of what it quotes; `flowed`: a space at the end of a line says
    that its paragraph goes on."""
    done: list[str] = []
    before, goes_on = 0, False
    for line in text.splitlines():
        marks = _QUOTED.match(line)
        depth = marks[0].count(">") if marks else 0
        words = line[marks.end() :] if marks else line
        if depth != before:
            done += ["", words]
        elif goes_on:
            done[-1] += words
        else:
            done.append(words)
        before, goes_on = depth, flowed and words.endswith(" ") and words != _SIGNATURE
    return "\n".join(done)


def _bytes(part: Message) -> bytes:
    if part.get_content_maintype() == "message" and part.is_multipart():
        return next(_children(part)).as_bytes()
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _header(message: Message, name: str) -> str:
    found = (value for key, value in message.raw_items() if key.lower() == name.lower())
    # Bytes beyond ASCII, which the standard forbids and programs write, come as half characters.
    raw = str(next(found, "")).encode("utf-8", "surrogateescape")
    return clean_line(decoded(decode(raw)))


def decoded(value: str) -> str:
    """Returns a header with its encoded words spelled out; damaged ones stay as they are."""
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError):
        return value


def _name(part: Message) -> str:
    """The last part of the attachment's name; nothing is written under it."""
    if name := file_name(decoded(part.get_filename() or "")):
        return name
    if part.get_content_maintype() == "message":
        return f"{_header(next(_children(part), part), 'Subject') or 'message'}.eml"
    return f"attachment.{part.get_content_subtype()[:10]}"
