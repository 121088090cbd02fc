"""Characters of fonts of symbols in Unicode, and the check boxes among the bullets of lists."""

from __future__ import annotations

_GREEK = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_FONTS: dict[str, dict[int, str]] = {
    "symbol": {  # where its characters are no Latin letters
        **{ord("A") + index: letter for index, letter in enumerate(_GREEK)},
        **{ord("a") + index: letter for index, letter in enumerate("αβχδεφγηιϕκλμνοπθρστυϖωξψζ")},
        0xA3: "≤", 0xB3: "≥", 0xB1: "±", 0xB4: "×", 0xB9: "≠", 0xBB: "≈", 0xB0: "°", 0xA5: "∞",
        0xAE: "→", 0xB8: "÷", 0xD6: "√", 0xE5: "∑", 0xB6: "∂", 0xCE: "∈", 0xB7: "•",
    },
    "wingdings": {
        0xFD: "☒", 0x78: "☒", 0xFE: "☑", 0xFC: "✓", 0xFB: "✗", 0xE0: "→",
        **dict.fromkeys((0xA8, 0x6F, 0x71, 0x72), "☐"),
    },
    "wingdings 2": {
        0x50: "✓", 0x4F: "✗", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0xA3: "☐", 0x2A: "☐",
    },
    "webdings": {0x61: "✓", 0x72: "✗", 0x63: "☐"},
}  # fmt: skip
_BOXES = frozenset("☐☑☒✓✗✔✘")
_ORNAMENTS = frozenset({0x71, 0x72})  # boxes with a shadow, which most writers take for a bullet


def has_symbols(font: str) -> bool:
    """Tells whether the letters of a font, named in small letters, are symbols."""
    return font in _FONTS


def glyph(code: int, font: str) -> str:
    """Returns what a character of a font shows, «•» where nobody can tell.

    `font`: its name in small letters; fonts of symbols use a private range as well.
    """
    small = _small(code)
    if small in _FONTS.get(font, {}):
        return _FONTS[font][small]
    return "•" if 0xE000 <= code < 0xF900 or code > 0x10FFFF else chr(code)


def box(bullet: str, font: str) -> str:
    """Returns the check box that a bullet of a font is, "" for any other bullet."""
    font = font.lower()
    if len(bullet) != 1 or (font == "wingdings" and _small(ord(bullet)) in _ORNAMENTS):
        return ""
    sign = glyph(ord(bullet), font)
    return sign if sign in _BOXES else ""


def _small(code: int) -> int:
    return code - 0xF000 if 0xF000 <= code < 0xF100 else code
