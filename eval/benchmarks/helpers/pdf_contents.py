"""The classes of PDF attacks that are in what a page draws, in its fonts, in passwords, in damages.

For `pdf_classes`, which has the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from eval.benchmarks.helpers.pdf_by_hand import (
    LINE,
    Objects,
    document,
    flate,
    stream,
    with_,
    written,
    zeros,
)

_FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]"

Files = Iterator[tuple[str, bytes]]
"""Name without suffix, content."""


def _with_content(raw: bytes) -> bytes:
    return written(with_(document(), {4: raw}))


def contents() -> Files:
    """Gives content streams, forms, patterns, metadata."""
    calls = b"/Resources << /XObject << /X 6 0 R >> >>"
    recursive = stream(b"/X Do " + LINE, _FORM + b" /Resources << /XObject << /X 6 0 R >> >>")
    yield "form that draws itself", written(with_(document(b"/X Do", calls), {6: recursive}))
    yield "forms that laugh", written(with_(document(b"/X Do", calls), _laughs(9)))
    inside = b"/Resources << /Pattern << /P 6 0 R >> >>"
    tile = b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] "
    steps = b"/XStep 0.0001 /YStep 0.0001 "
    pattern = stream(b"/Pattern cs /P scn 0 0 9 9 re f", tile + steps + inside)
    filled = document(b"/Pattern cs /P scn 0 0 595 842 re f", inside)
    yield "pattern inside itself", written(with_(filled, {6: pattern}))
    yield (
        "inline image without an end",
        _with_content(stream(b"BI /W 9 /H 9 ID " + b"\0EI\0" * 999_999)),
    )
    yield (
        "inline image of endless width",
        _with_content(
            stream(b"BI /W 2147483647 /H 2147483647 /BPC 8 /CS /RGB /F /Fl ID xx EI " + LINE)
        ),
    )


def lengths() -> Files:
    """Gives content streams, metadata and titles without an end."""
    yield (
        "a hundred thousand inline images",
        _with_content(stream(b"BI /W 1 /H 1 ID \0 EI\n" * 100_000)),
    )
    yield "three million states saved", _with_content(flate(b"q " * 3_000_000 + LINE))
    yield "a million paths", _with_content(flate(b"0 0 m 9 9 l S " * 1_000_000 + LINE))
    yield (
        "a million words",
        _with_content(flate(b"BT /F1 12 Tf 72 700 Td (palabra) Tj ET " * 1_000_000)),
    )
    yield (
        "one word of ten million letters",
        _with_content(flate(b"BT /F1 1 Tf (%s) Tj ET" % (b"a" * 10**7))),
    )
    yield "brackets without an end", _with_content(flate(b"BT /F1 1 Tf " + b"[(" * 2_000_000))
    yield (
        "page of endless size",
        written(with_(document(), {3: document()[3].replace(b"595 842", b"9e30 9e30")})),
    )
    laugh = b'<!DOCTYPE x [<!ENTITY a "%s"><!ENTITY b "%s">]><x>&b;</x>' % (
        b"a" * 1000,
        b"&a;" * 1000,
    )
    yield (
        "metadata with entities",
        written(
            with_(
                document(catalog=b"/Metadata 6 0 R"),
                {6: stream(laugh, b"/Type /Metadata /Subtype /XML")},
            )
        ),
    )
    yield (
        "metadata of 500 MB",
        written(with_(document(catalog=b"/Metadata 6 0 R"), {6: zeros(500, inside=b"<x>")})),
    )
    yield (
        "title of 20 MB",
        written(with_(document(), {6: b"<< /Title (%s) >>" % (b"t" * 20 * 2**20)}), b"/Info 6 0 R"),
    )


def _laughs(levels: int) -> Objects:
    """Forms that each draw the next ten times."""
    found: Objects = {}
    for number in range(6, 6 + levels):
        deeper = b"/Resources << /XObject << /X %d 0 R >> /Font << /F1 5 0 R >> >>" % (number + 1)
        found[number] = stream(b"/X Do " * 10, _FORM + deeper)
    found[6 + levels] = stream(LINE, _FORM + b" /Resources << /Font << /F1 5 0 R >> >>")
    return found


def fonts() -> Files:
    """Maps of letters, widths, font files."""
    base = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 6 0 R "
        b"/DescendantFonts [7 0 R] >>"
    )
    system = b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
    below = (
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo " + system + b" %s >>"
    )
    words = b"BT /F1 12 Tf 72 700 Td <00410042> Tj ET"

    def font(unicode: bytes, facts: bytes = b"") -> bytes:
        return written(with_(document(words), {5: base, 6: unicode, 7: below % facts}))

    yield (
        "letters of a hundred million codes",
        font(stream(b"begincmap 1 beginbfrange <00000000> <ffffffff> <0041> endbfrange endcmap")),
    )
    lines = b"".join(
        b"<%04x> <%04x> <0041>\n" % (number % 65536, (number + 9) % 65536)
        for number in range(400_000)
    )
    yield (
        "letters of 400,000 lines",
        font(flate(b"begincmap 99 beginbfrange " + lines + b"endbfrange endcmap")),
    )
    yield (
        "letters that stand for books",
        font(
            flate(b"begincmap 1 beginbfchar <0041> <%s> endbfchar endcmap" % (b"0041" * 2_000_000))
        ),
    )
    yield "letters of 500 MB", font(zeros(500, inside=b"begincmap "))
    yield (
        "map that uses itself",
        font(stream(b"/X usecmap", b"/Type /CMap /CMapName /X /UseCMap 6 0 R")),
    )
    yield (
        "widths without an end",
        font(stream(b""), b"/W [0 2147483647 500 %s]" % (b"0 65535 9 " * 100_000)),
    )
    yield (
        "font file of garbage",
        font(
            stream(b""),
            b"/FontDescriptor << /Type /FontDescriptor /FontFile2 6 0 R /FontFile3 6 0 R >>",
        ),
    )


def letters() -> Files:
    """Letters that are drawings, and their names."""
    three = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] "
        b"/FirstChar 65 /LastChar 66 /Widths [9 9] /Encoding << /Differences [65 /A /B] >> "
        b"/CharProcs << /A 6 0 R /B 6 0 R >> /Resources << /Font << /F1 5 0 R >> >> >>"
    )
    yield (
        "letters that draw themselves",
        written(
            with_(
                document(b"BT /F1 12 Tf (AB) Tj ET"),
                {5: three, 6: stream(b"9 0 d0 BT /F1 9 Tf (AB) Tj ET")},
            )
        ),
    )
    yield (
        "encoding of a hundred million names",
        written(
            with_(
                document(),
                {
                    5: b"<< /Type /Font /Subtype /Type1 /BaseFont /X /Encoding << /Differences "
                    b"[%s] >> >>" % (b"99999999 /A " * 300_000)
                },
            )
        ),
    )


def locks() -> Files:
    """Gives encryption, in order and not."""
    standard = (
        b"/Encrypt << /Filter /Standard /V %d /R %d /Length %d /P -44 /O <%s> /U <%s> %s >> "
        b"/ID [<00> <00>]"
    )
    key = b"ab" * 32
    yield "locked", written(document(), standard % (2, 3, 128, key, key, b""))
    yield (
        "locked with an endless key",
        written(document(), standard % (2, 3, 2_147_483_640, key, key, b"")),
    )
    yield "locked with a negative key", written(document(), standard % (1, 2, -8, key, key, b""))
    longer = b"ab" * 48
    more = (
        b"/OE <%s> /UE <%s> /Perms <%s> /CF << /StdCF << /CFM /AESV3 /Length 32 >> >> "
        b"/StmF /StdCF /StrF /StdCF"
    )
    yield (
        "locked, revision 6",
        written(document(), standard % (5, 6, 256, longer, longer, more % (key, key, key))),
    )
    yield (
        "locked with a huge password hash",
        written(
            document(), standard % (5, 6, 256, b"ab" * 10**6, b"ab" * 10**6, more % (key, key, key))
        ),
    )
    yield "locked by a stranger", written(document(), b"/Encrypt << /Filter /Nobody /V 99 >>")
    yield (
        "locked by itself",
        written(
            with_(document(), {6: b"<< /Filter 6 0 R /V 6 0 R /CF 6 0 R >>"}), b"/Encrypt 6 0 R"
        ),
    )


def damages() -> Files:
    """Gives files cut off or full of nothing."""
    plain = written(document())
    yield "cut in half", plain[: len(plain) // 2]
    yield "only a head", b"%PDF-1.7\n"
    yield "zeros after the head", b"%PDF-1.7\n" + bytes(5 * 2**20)
    yield (
        "a bit flipped in each line",
        bytes(byte ^ 4 if index % 61 == 60 else byte for index, byte in enumerate(plain)),
    )
    yield "ten million brackets", b"%PDF-1.7\n" + b"(" * 10_000_000
    yield "ten million numbers", b"%PDF-1.7\n" + b"1 " * 5_000_000
