"""Bytes to text: byte order marks first, then UTF-8, then what charset-normalizer finds likeliest.

Knows nothing about formats or files.
"""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000  # bytes: detection is slow and one encoding holds for a whole file
_LATIN = frozenset({"ascii", "cp1252", "latin_1", "iso8859_1", "iso8859_15", "cp1250", "cp850"})


def decode(data: bytes, declared: str = "") -> str:
    """Text of `data`; bytes that fit no encoding become U+FFFD, never an error."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A late stray byte in what is otherwise UTF-8: keep the rest of it.
        if error.start > len(data) // 2 and any(byte > 127 for byte in data[: error.start]):
            return data.decode("utf-8", "replace")
    return data.decode(_known(declared) or _detect(data), "replace")


def _known(declared: str) -> str:
    try:
        name = codecs.lookup(declared.strip()).name if declared.strip() else ""
    except LookupError:
        return ""
    # The HTML standard reads Latin-1 as its superset; UTF-8 was tried and failed.
    return {"iso8859-1": "cp1252", "ascii": "cp1252", "utf-8": ""}.get(name, name)


def _detect(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None or best.encoding in _LATIN or best.encoding == "utf_8":
        return "cp1252"
    # Short Western texts are often taken for exotic code pages that decode them as well.
    latin = data[:_SAMPLE].decode("cp1252", "replace")
    letters = sum(character.isalpha() for character in latin)
    common = sum(character in "áéíóúüñçàèòïÁÉÍÓÚÜÑ¿¡«»“”‘’–—€" for character in latin)
    foreign = sum(ord(character) > 127 for character in latin)
    if letters and foreign and common * 10 >= foreign * 9:
        return "cp1252"
    return best.encoding
