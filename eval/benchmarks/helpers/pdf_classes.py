"""The classes of PDF attacks, those in decoders, tables of objects and trees among them.

For `pdf_attacks`; a file each, named for what it does. Most classes are those of which PDF
libraries have had to publish advisories.
"""

from __future__ import annotations

import base64
import zlib

from eval.benchmarks.helpers.pdf_by_hand import (
    LINE,
    Objects,
    chained,
    cross_reference_stream,
    document,
    flate,
    stream,
    with_,
    written,
    zeros,
)
from eval.benchmarks.helpers.pdf_contents import (
    Files,
    contents,
    damages,
    fonts,
    lengths,
    letters,
    locks,
)

_IMAGE = b"/Type /XObject /Subtype /Image /BitsPerComponent 8 /ColorSpace /DeviceRGB"
_RUN = b"\x81 " * 2**20  # RunLength: 128 spaces for two bytes


def attacks() -> dict[str, bytes]:
    """Returns every file by its name."""
    parts = (
        _decoders,
        _tables,
        _trees,
        _circles,
        contents,
        lengths,
        fonts,
        letters,
        locks,
        damages,
    )
    return {f"{name}.pdf": data for part in parts for name, data in part()}


def _with_content(raw: bytes) -> bytes:
    return written(with_(document(), {4: raw}))


def _decoders() -> Files:
    yield "flate bomb", _with_content(zeros(500, inside=LINE))
    yield "flate bomb without text", _with_content(zeros(500))
    yield "flate in flate in flate", _with_content(zeros(1_000, times=3))
    yield "lzw bomb", _with_content(stream(_lzw(60), b"/Filter /LZWDecode"))
    yield "run length bomb", _with_content(stream(_RUN * 4, b"/Filter /RunLengthDecode"))
    run = zlib.compress(_RUN * 8, 9)
    yield (
        "run length in flate",
        _with_content(stream(run, b"/Filter [/FlateDecode /RunLengthDecode]")),
    )
    text = base64.a85encode(zlib.compress(b" " * 50 * 2**20)) + b"~>"
    yield "ascii85 of flate", _with_content(stream(text, b"/Filter [/ASCII85Decode /FlateDecode]"))
    names = b"/Filter [%s]" % (b"/ASCIIHexDecode " * 5_000)
    yield "five thousand filters", _with_content(stream(b"00>", names))
    columns = b"/DecodeParms << /Predictor 15 /Columns 2147483647 /Colors 32 >>"
    yield "predictor of endless columns", _with_content(flate(LINE, columns))
    yield (
        "lzw of early change",
        _with_content(
            stream(_lzw(1), b"/Filter /LZWDecode /DecodeParms << /EarlyChange 99999999 >>")
        ),
    )
    wide = b"%s /Width 100000 /Height 100000" % _IMAGE
    for name, filters in (
        ("jbig2", b"JBIG2Decode"),
        ("jpx", b"JPXDecode"),
        ("ccitt", b"CCITTFaxDecode"),
    ):
        image = stream(
            b"\x97JB2\r\n\x1a\n" + bytes(range(256)) * 20, b"%s /Filter /%s" % (wide, filters)
        )
        yield f"{name} garbage, ten billion points", _picture(image)
    yield (
        "flate image of ten billion points",
        _picture(stream(zlib.compress(bytes(50 * 2**20)), wide + b" /Filter /FlateDecode")),
    )


def _picture(image: bytes) -> bytes:
    page = b"/Resources << /XObject << /I 6 0 R >> >>"
    return written(with_(document(b"q 595 0 0 842 0 0 cm /I Do Q", page), {6: image}))


def _lzw(megabytes: int) -> bytes:
    """Spaces by LZW: each code one character longer than the last, the table cleared when full."""
    block, entry, width, bits, held = [(256, 9), (32, 9)], 258, 9, 0, 0
    for _ in range(3_800):
        if entry + 1 >= 1 << width and width < 12:
            width += 1
        block.append((entry, width))
        entry += 1
    length = sum(range(1, 3_802))
    out = bytearray()
    for code, size in block * max(1, megabytes * 2**20 // length):
        held, bits = held << size | code, bits + size
        while bits >= 8:
            bits -= 8
            out.append(held >> bits & 255)
        held &= (1 << bits) - 1
    return bytes(out) + b"\x80"


def _tables() -> Files:
    plain = written(document())
    start = int(plain.rsplit(b"startxref\n", 1)[1].split()[0])
    yield "table that goes back to itself", written(document(), b"/Prev %d" % start)
    yield "table far away", written(document(), b"/Prev 99999999999")
    yield "table of two thousand million", written(document(), size=2_147_483_647)
    yield "root that is not there", plain.replace(b"/Root 1 0 R", b"/Root 9 0 R")
    yield "no table at all", plain[: plain.rindex(b"xref\n0 1")]
    yield (
        "stream table of endless rows",
        cross_reference_stream(document(), b"/Size 2147483647 /Index [0 2147483647]"),
    )
    yield (
        "stream table that goes back to itself",
        cross_reference_stream(document(), b"/Size 7 /Prev %d" % (start // 2)),
    )
    yield (
        "stream table of wide fields",
        cross_reference_stream(document(), b"/Size 7").replace(
            b"/W [1 4 1]", b"/W [99999999 99999999 9]"
        ),
    )
    long = with_(document(), {4: stream(LINE).replace(b"/Length %d" % len(LINE), b"/Length 4 0 R")})
    yield "length that is the stream itself", written(long)
    yield "object that is itself", written(with_(document(), {4: b"4 0 R"}))
    yield (
        "circle of references",
        written(with_(document(), {4: b"6 0 R", 6: b"7 0 R", 7: b"6 0 R"})),
    )
    inside = stream(b"6 0 " + b"<< >>", b"/Type /ObjStm /N 99999999 /First 4 /Extends 6 0 R")
    yield "object stream that extends itself", written(with_(document(), {6: inside}))
    yield (
        "a million objects",
        written(with_(document(), dict.fromkeys(range(6, 1000006), b"null"))),
    )
    garbage = b"".join(
        b"%d 0 obj << /A %d 0 R >>\n" % (number, number + 1) for number in range(300_000)
    )
    yield "endless objects without a table", b"%PDF-1.4\n" + garbage
    yield (
        "start far beyond the end",
        plain.replace(b"startxref\n%d" % start, b"startxref\n4294967295"),
    )


def _trees() -> Files:
    outlines = b"/Outlines 10 0 R"
    item = b"/Title (uno) /Parent 10 0 R /Dest [3 0 R /Fit]"
    head = {10: b"<< /Type /Outlines /First 11 0 R /Last 11 0 R /Count 1 >>"}
    for name, link, count in (
        ("outline that goes round", b"Next", 2),
        ("outline inside itself", b"First", 1),
        ("outline a hundred thousand deep", b"First", 100_000),
        ("outline a hundred thousand long", b"Next", 100_000),
    ):
        yield name, written(with_(document(catalog=outlines), head, chained(11, count, link, item)))
    yield (
        "pages inside themselves",
        written(with_(document(), {2: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>"})),
    )
    yield "pages in a circle", written(
        with_(document(), {2: b"<< /Type /Pages /Kids [6 0 R 3 0 R] /Count 9 >>",
                           6: b"<< /Type /Pages /Kids [2 0 R] /Count 9 /Parent 2 0 R >>"})
    )  # fmt: skip
    yield (
        "two thousand million pages",
        written(with_(document(), {2: b"<< /Type /Pages /Kids [3 0 R] /Count 2147483647 >>"})),
    )
    yield (
        "a page a hundred thousand times",
        written(
            with_(
                document(),
                {2: b"<< /Type /Pages /Kids [%s] /Count 100000 >>" % (b"3 0 R " * 100_000)},
            )
        ),
    )
    yield "pages fifty thousand deep", written(with_(document(), _deep(50_000)))


def _circles() -> Files:
    yield (
        "parent that is its own",
        written(
            with_(
                document(),
                {
                    3: document()[3]
                    .replace(b"/Parent 2 0 R", b"/Parent 3 0 R")
                    .replace(b"/MediaBox [0 0 595 842]", b"")
                },
            )
        ),
    )
    names = b"/Names << /Dests 10 0 R >> /PageLabels 10 0 R /StructTreeRoot 10 0 R"
    yield (
        "names in a circle",
        written(
            with_(
                document(catalog=names),
                {10: b"<< /Kids [10 0 R 10 0 R] /K [10 0 R] /Nums [0 10 0 R] >>"},
            )
        ),
    )
    fields = b"/AcroForm << /Fields [10 0 R] >>"
    yield (
        "form fields in a circle",
        written(
            with_(
                document(page=b"/Annots [10 0 R]", catalog=fields),
                {10: b"<< /FT /Tx /T (a) /Kids [10 0 R] /Parent 10 0 R >>"},
            )
        ),
    )
    for name, opened, closed in (("arrays", b"[", b"]"), ("dictionaries", b"<</A", b">>")):
        nested = opened * 200_000 + closed * 200_000
        yield f"{name} two hundred thousand deep", written(document(catalog=b"/X " + nested))


def _deep(count: int) -> Objects:
    found: Objects = {2: b"<< /Type /Pages /Kids [10 0 R] /Count 1 >>"}
    for number in range(10, 10 + count):
        below = number + 1 if number < 9 + count else 3
        found[number] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 /Parent %d 0 R >>" % (
            below,
            max(2, number - 1),
        )
    return found
