"""Files whose first page is built to exhaust what draws it, made anew for each test."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping

from eval.benchmarks.helpers.pdf_by_hand import written

PAGE = (612.0, 792.0)
_FULL = b"0 0 612 792 re f"


def pdf(
    content: bytes,
    resources: bytes = b"",
    objects: Mapping[int, bytes] | None = None,
    size: tuple[float, float] = PAGE,
) -> bytes:
    """A PDF of one page. `objects` are its further ones, by number from 10."""
    box = b"[0 0 %g %g]" % size
    bodies = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R /Resources << %s >> >>"
        % (box, resources),
        4: stream(content),
        **(objects or {}),
    }
    return written(bodies)


def stream(content: bytes, entries: bytes = b"", packed: bool = False) -> bytes:
    """A stream object."""
    if packed:
        content, entries = zlib.compress(content, 9), entries + b" /Filter /FlateDecode"
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)


def tiling(text: str = "") -> bytes:
    """A pattern whose tiles are so small that a page needs a billion of them, around a text."""
    written = b" BT 0 g /F 12 Tf 40 700 Td (%s) Tj ET" % text.encode("cp1252")
    resources = b"/Pattern << /P 10 0 R >> /Font << /F 11 0 R >>"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = {10: _tile(b"0 0 .01 .01 re f", 0.02), 11: font}
    return pdf(b"/Pattern cs /P scn " + _FULL + written, resources, objects)


def pattern_in_pattern() -> bytes:
    """A tile that is filled with tiles that are filled with tiles."""
    inner = b"/Resources << /Pattern << /P %d 0 R >> >>"
    fill = b"/Pattern cs /P scn 0 0 600 600 re f"
    objects = {
        10: _tile(fill, 0.5, 600, inner % 11),
        11: _tile(fill, 0.5, 600, inner % 12),
        12: _tile(b"0 0 1 1 re f", 0.5, 600),
    }
    return pdf(b"/Pattern cs /P scn " + _FULL, b"/Pattern << /P 10 0 R >>", objects)


def _tile(content: bytes, step: float, box: float = 1.0, resources: bytes = b"") -> bytes:
    entries = (
        b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 %g %g] /XStep %g /YStep %g %s"
        % (box, box, step, step, resources or b"/Resources << >>")
    )
    return stream(content, entries)


def shading() -> bytes:
    """A colour for each pixel by a program of a hundred thousand steps."""
    program = b"{ add " + b"dup mul sqrt " * 60_000 + b"dup dup }"
    function = stream(
        program, b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1]", packed=True
    )
    kind = b"<< /ShadingType 1 /ColorSpace /DeviceRGB /Matrix [612 0 0 792 0 0] /Function 11 0 R >>"
    return pdf(b"/S sh", b"/Shading << /S 10 0 R >>", {10: kind, 11: function})


def form_recursion() -> bytes:
    """A form that draws itself."""
    return pdf(b"/F Do", b"/XObject << /F 10 0 R >>", {10: _form(b"/F Do /F Do", 10)})


def form_laughs() -> bytes:
    """A form that draws ten forms that draw ten forms, ten times over."""
    forms = {number: _form(b"/F Do " * 10, number + 1) for number in range(10, 19)}
    forms[19] = _form(_FULL, 19)
    return pdf(b"/F Do", b"/XObject << /F 10 0 R >>", forms)


def _form(content: bytes, inner: int, more: bytes = b"") -> bytes:
    resources = b"/Resources << /XObject << /F %d 0 R >> >>" % inner
    return stream(
        content, b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] %s %s" % (resources, more)
    )


def huge_image() -> bytes:
    """Fifty thousand pixels square of four bytes, in some kilobytes."""
    once = zlib.compress(bytes(20_000_000), 9)
    entries = (
        b"/Type /XObject /Subtype /Image /Width 50000 /Height 50000 /BitsPerComponent 8"
        b" /ColorSpace /DeviceCMYK /Decode [1 0 1 0 1 0 1 0] /Filter [/FlateDecode /FlateDecode]"
    )
    image = stream(zlib.compress(once, 9), entries)
    return pdf(b"612 0 0 792 0 0 cm /I Do", b"/XObject << /I 10 0 R >>", {10: image})


def inline_image() -> bytes:
    """An image in the page's own content, declared far larger than its bytes."""
    head = b"612 0 0 792 0 0 cm BI /W 2000000 /H 2000000 /BPC 8 /CS /RGB /D [0 9 0 9 0 9] ID "
    return pdf(head + bytes(1000) + b" EI")


def transparency_groups() -> bytes:
    """Groups in groups, each a picture of the whole page that is blended into the next."""
    group = b"/Group << /S /Transparency /I true /K true >>"
    count = 400
    objects = {
        number: _form(b"/G gs " + b"/F Do " * 3, number + 1, group)
        for number in range(10, 10 + count)
    }
    state = b"/ExtGState << /G << /BM /Luminosity /ca .5 >> >>"
    for number in objects:
        objects[number] = objects[number].replace(b"/Resources << ", b"/Resources << " + state)
    objects[10 + count] = _form(_FULL, 10 + count, group)
    return pdf(b"/F Do", b"/XObject << /F 10 0 R >>", objects)


def looping_font() -> bytes:
    """A font each of whose letters is written in the font itself."""
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [.001 0 0 .001 0 0]"
        b" /FirstChar 97 /LastChar 97 /Widths [1000] /Encoding << /Differences [97 /a] >>"
        b" /CharProcs << /a 11 0 R >> /Resources << /Font << /T 10 0 R >> >> >>"
    )
    letter = stream(b"1000 0 d0 BT /T 900 Tf (" + b"a" * 50 + b") Tj ET")
    text = b"BT /T 12 Tf 40 700 Td (" + b"a" * 500 + b") Tj ET"
    return pdf(text, b"/Font << /T 10 0 R >>", {10: font, 11: letter})


def dashes() -> bytes:
    """Lines that are dashed a thousand times within a pixel."""
    lines = b"".join(b"0 %d m 612 %d l S " % (y, y + 9) for y in range(780))
    return pdf(b"[.0001 .0001] 0 d 3 w " + lines * 5)


def letters() -> bytes:
    """A text layer in which a quote of the same letters could stand anywhere."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    text = b"".join(b"1 0 0 1 10 %d Tm (%s) Tj " % (y % 790, b"ab" * 400) for y in range(400))
    return pdf(b"BT /F 1 Tf " + text + b" ET", b"/Font << /F 10 0 R >>", {10: font})


def giant_page() -> bytes:
    """A page of 20,000 points square, which is drawn as small as any."""
    return pdf(b"1 0 0 rg 0 0 10000 10000 re f", size=(20_000, 20_000))


def flat_page() -> bytes:
    """A page without any height to speak of."""
    return pdf(_FULL, size=(20_000, 0.0001))


def png(width: int, height: int, rows: int) -> bytes:
    """A PNG that declares its size, with `rows` rows of black."""
    packed = zlib.compressobj(9)
    data = b"".join(packed.compress(bytes(1 + 3 * width)) for _ in range(rows)) + packed.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


MAKERS: tuple[Callable[[], bytes], ...] = (
    tiling,
    pattern_in_pattern,
    shading,
    form_recursion,
    form_laughs,
    huge_image,
    inline_image,
    transparency_groups,
    looping_font,
    dashes,
    letters,
    giant_page,
    flat_page,
)
