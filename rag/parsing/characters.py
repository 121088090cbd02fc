"""Bytes to characters, and characters to clean ones; every text that is parsed goes through both.

Byte order marks decide the encoding first, then UTF-8, then what charset-normalizer finds
likeliest. After `clean_text` no later module meets control characters, carriage returns or half
characters.
"""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from typing import BinaryIO

MAX_CHARACTERS = 20_000_000
"""More text than this from one file is cut and reported as partial."""

_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Soft hyphens, zero-width characters and marks of direction split a word for every search while
# nobody sees them: address books put such marks around telephone numbers.
# Joiners (U+200C, U+200D) stay: Persian, Indic scripts and emoji are spelled with them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ufff9-\ufffb]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile("[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BLANK_LINES = re.compile("\n{3,}")


def clean_characters(text: str) -> str:
    """Line ends as "\\n"; ligatures spelled out; invisible and broken characters gone; NFC."""
    text = _LINE_ENDS.sub("\n", text)
    text = _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text.translate(_LIGATURES))


def clean_line(text: str) -> str:
    """Returns one clean line: every run of white space is one space, with none at the ends."""
    if not (text.isascii() and text.isprintable()):  # most cells of tables are
        text = clean_characters(text)
    return " ".join(text.split())


def clean_text(text: str) -> str:
    """Returns clean lines: single spaces within them, at most one blank line between them."""
    lines = (_SPACES.sub(" ", line).strip(" ") for line in clean_characters(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def clean_code(text: str) -> str:
    """Returns clean preformatted lines, with their indentation."""
    lines = (line.expandtabs(4).rstrip() for line in clean_characters(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1 << 20  # bytes
_SAMPLE = 200_000  # bytes: detection is slow and one encoding holds for a whole file
_PAIRS = 2_000  # of bytes in which UTF-16 must show
_WESTERN = ("cp1252", "cp850", "mac_roman")  # of Windows, of DOS, of the Mac
_ACCENTED = frozenset("áéíóúüñçàèòïâêîôûëäöãõÁÉÍÓÚÜÑÇÀÈÒ¿¡«»“”‘’ºª·—–…€")
_IN_WORDS = re.compile(r"(?<=[a-zA-Z])[^\x00-\x7f]|[^\x00-\x7f](?=[a-zA-Z])")
_HIGH_CONTROLS = re.compile(rb"[\x80-\x9f]")
_LATIN = frozenset({"ascii", "cp1252", "latin_1", "iso8859_1", "iso8859_15", "cp1250", "cp850"})


def wide_encoding(head: bytes) -> str:
    """Returns the encoding of a text whose characters take two or four bytes; "" for others.

    Without a byte order mark UTF-16 shows in the zeros: Latin letters and line ends have one in
    every pair, always on the same side.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    pairs = head[: _PAIRS * 2].rstrip(b"\x00")
    pairs += b"\x00" * (len(pairs) % 2)
    even, odd = pairs[::2].count(0), pairs[1::2].count(0)
    half = len(pairs) // 2
    if 2 * odd > half and 20 * even <= half:
        return "utf-16-le"
    return "utf-16-be" if 2 * even > half and 20 * odd <= half else ""


def decode(data: bytes, declared: str = "") -> str:
    """Returns the text of `data`; bytes that fit no encoding become U+FFFD, never an error."""
    return data.decode(encoding_of(io.BytesIO(data), declared), "replace")


def decode_start(stream: BinaryIO, most: int) -> tuple[str, bool]:
    """Returns at most so many characters of a stream, and whether there are more."""
    text = io.TextIOWrapper(stream, encoding_of(stream), "replace", newline="")
    try:
        return text.read(most), bool(text.read(1))
    finally:
        text.detach()  # whoever opened the stream closes it


def encoding_of(stream: BinaryIO, declared: str = "") -> str:
    """Returns the encoding of all that `stream` holds; leaves it at its start."""
    head = stream.read(_SAMPLE)
    stream.seek(0)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if wide := wide_encoding(head):
        return wide
    fits = _is_utf8(stream)
    stream.seek(0)
    return "utf-8" if fits else _known(declared) or _detect(head)


def _is_utf8(stream: BinaryIO) -> bool:
    """Tells whether it is UTF-8 all through, or but for a late stray byte in text that uses it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    before, wide = 0, False
    while True:
        block = stream.read(_BLOCK)
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            wide = wide or not block[: error.start].isascii()
            return wide and 2 * (before + error.start) > stream.seek(0, io.SEEK_END)
        if not block:
            return True
        before, wide = before + len(block), wide or not text.isascii()


def _known(declared: str) -> str:
    try:
        name = codecs.lookup(declared.strip()).name if declared.strip() else ""
    except LookupError:
        return ""
    # The HTML standard reads Latin-1 as its superset; UTF-8 was tried and failed.
    return {"iso8859-1": "cp1252", "ascii": "cp1252", "utf-8": ""}.get(name, name)


def _detect(data: bytes) -> str:
    from charset_normalizer import from_bytes

    data = data[:_SAMPLE]
    western, fits = _western(data)
    # Short Western texts are often taken for exotic code pages that decode them as well.
    if fits:
        return western
    best = from_bytes(data).best()
    if best is None or best.encoding in _LATIN or best.encoding == "utf_8":
        return western
    return best.encoding


def _western(data: bytes) -> tuple[str, bool]:
    """The Western code page in which most marks inside words are accented letters, and whether
    nine in ten are."""
    scores = {}
    for encoding in _WESTERN:
        found = _IN_WORDS.findall(data.decode(encoding, "replace"))
        scores[encoding] = (sum(mark in _ACCENTED for mark in found), len(found))
    best = max(_WESTERN, key=lambda encoding: 2 * scores[encoding][0] - scores[encoding][1])
    letters, marks = scores[best]
    # «€» of ISO 8859-15 is a sign that nobody writes in cp1252, which fills 0x80-0x9f with letters.
    if best == "cp1252" and b"\xa4" in data and not _HIGH_CONTROLS.search(data):
        best = "iso8859-15"
    return best, marks > 0 and letters * 10 >= marks * 9
