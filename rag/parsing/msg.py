"""MSG, the messages of Outlook: headers, the text, and each attachment under its name."""

from __future__ import annotations

from typing import Any

from rag.parsing.attachments import add_attachments, file_name
from rag.parsing.builder import TextBuilder, encrypted, finish
from rag.parsing.characters import clean_line, decode
from rag.parsing.eml import add_headers, decoded
from rag.parsing.file import Beat, File
from rag.parsing.html import add_html
from rag.parsing.txt import add_text
from rag.schema import ParsedDocument

_TO, _CC = 0x0E04, 0x0E03  # the names shown for those it went to
_TEXT, _HTML = 0x1000, 0x1013
_SHORT_NAME, _CONTENT_ID = 0x3704, 0x3712
_ENCRYPTED = "IPM.Note.SMIME"  # the class of a message; those that are only signed are longer


def parse_msg(file: File, beat: Beat) -> ParsedDocument:
    """Reads an Outlook message. Raises FileProblem: encrypted, unreadable or no_text."""
    from oxmsg import Message

    message = Message.load(file.read_bytes())
    if message.message_class == _ENCRYPTED:
        raise encrypted(file)
    builder = TextBuilder()
    parts = [part for part in message.attachments if not _is_shown_inline(part)]
    names = [_name(part, number) for number, part in enumerate(parts, 1)]
    add_headers(builder, _headers(message, names))
    lacks = _add_body(builder, message)
    files = [(name, part.file_bytes) for name, part in zip(names, parts, strict=True)]
    lacks += [
        f"{name} is kept as an Outlook object, which is not read"
        for name, data in files
        if data is None
    ]
    kept = [(name, data) for name, data in files if data is not None]
    lacks += add_attachments(builder, file, kept, beat)
    return finish(file, builder, message.subject, lacks)


def _name(part: Any, number: int) -> str:
    given = part.file_name or part.properties.str_prop_value(_SHORT_NAME) or ""
    return file_name(given) or f"attachment {number}"


def _is_shown_inline(part: Any) -> bool:
    """Tells whether it is a picture in the text of the message."""
    pictured = str(part.mime_type).startswith("image/")
    return pictured and bool(part.properties.str_prop_value(_CONTENT_ID))


def _headers(message: Any, attached: list[str]) -> list[str]:
    properties = message.properties
    date = message.sent_date
    headers = {
        "From": message.sender,
        "To": properties.str_prop_value(_TO),
        "Cc": properties.str_prop_value(_CC),
        "Date": date.isoformat(" ", "minutes") if date is not None else "",
        "Subject": message.subject,
        "Attachments": ", ".join(attached),
    }
    lines = {name: clean_line(decoded(str(value or ""))) for name, value in headers.items()}
    return [f"{name}: {value}" for name, value in lines.items() if value]


def _add_body(builder: TextBuilder, message: Any) -> list[str]:
    """Appends the text of the message; returns what cannot be read."""
    text = message.properties.str_prop_value(_TEXT) or ""
    if text.strip():
        add_text(builder, text)
    elif page := message.properties.binary_prop_value(_HTML):
        add_html(decode(page), builder)
    elif page := message.html_body:
        add_html(page, builder)
    else:
        return ["the text of the message is missing or kept in a form that is not read"]
    return []
