"""PDF files written byte by byte, and what hostile ones are made of: one class of attack each.

For `pdf_attacks`. `written` makes a file of numbered objects and a true table of their places;
`document` one of a single page with a line of text, whose objects an attack then replaces.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

Objects = dict[int, bytes]
"""Content by number; 1 is the catalogue, 2 the pages, 3 the page, 4 its content, 5 the font."""

LINE = b"BT /F1 12 Tf 72 700 Td (El pozo se limpia en mayo.) Tj ET"


def document(content: bytes = LINE, page: bytes = b"", catalog: bytes = b"") -> Objects:
    """Returns a page with a line; what is given goes into its dictionaries."""
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> %s >>" % page,
        4: stream(content),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }


def stream(data: bytes, facts: bytes = b"", length: int | None = None) -> bytes:
    """Returns a stream as it stands in a file; `facts` go into its dictionary."""
    declared = len(data) if length is None else length
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (declared, facts, data)


def flate(data: bytes, facts: bytes = b"", times: int = 1) -> bytes:
    """Returns a stream packed `times` times over."""
    for _ in range(times):
        data = zlib.compress(data, 9)
    return stream(data, b"/Filter [%s] %s" % (b"/FlateDecode " * times, facts))


def zeros(megabytes: int, times: int = 1, inside: bytes = b"") -> bytes:
    """Returns a stream of so many spaces, packed block by block."""
    packer = zlib.compressobj(9)
    data = packer.compress(inside)
    block = b" " * 2**20
    data = b"".join([data, *(packer.compress(block) for _ in range(megabytes)), packer.flush()])
    for _ in range(times - 1):
        data = zlib.compress(data, 9)
    return stream(data, b"/Filter [%s]" % (b"/FlateDecode " * times))


def written(objects: Objects, trailer: bytes = b"", size: int | None = None) -> bytes:
    """Returns the file, with a table of where its objects stand."""
    body, offsets = _laid_out(objects)
    start = len(body)
    body += b"xref\n0 1\n0000000000 65535 f \n"
    for number, offset in offsets.items():
        body += b"%d 1\n%010d 00000 n \n" % (number, offset)
    most = max(objects) + 1 if size is None else size
    body += b"trailer << /Size %d /Root 1 0 R %s >>\n" % (most, trailer)
    return bytes(body + b"startxref\n%d\n%%%%EOF\n" % start)


def cross_reference_stream(objects: Objects, facts: bytes, rows: Sequence[bytes] = ()) -> bytes:
    """Returns a file whose table is a stream at the end, with these facts."""
    body, offsets = _laid_out(objects)
    start = len(body)
    number = max(objects) + 1
    table = b"".join(
        b"\1%s\0" % offsets.get(object_number, start).to_bytes(4, "big")
        for object_number in range(number + 1)
    )
    facts = b"/Type /XRef /Root 1 0 R /W [1 4 1] %s" % facts
    body += b"%d 0 obj\n%s\nendobj\n" % (number, stream(table + b"".join(rows), facts))
    return bytes(body + b"startxref\n%d\n%%%%EOF\n" % start)


def _laid_out(objects: Objects) -> tuple[bytearray, dict[int, int]]:
    """Returns a file as far as its objects go, and the offset of each."""
    body, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, content in objects.items():
        offsets[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return body, offsets


def chained(first: int, count: int, link: bytes, facts: bytes = b"") -> Objects:
    """Objects each of which names the next by `link`, the last one the first."""
    return {
        number: b"<< %s /%s %d 0 R >>" % (facts, link, number + 1 if number < last else first)
        for last in [first + count - 1]
        for number in range(first, first + count)
    }


def with_(objects: Objects, *more: Objects) -> Objects:
    """Returns the objects with others in their place or beside them."""
    return {key: value for part in (objects, *more) for key, value in part.items()}
