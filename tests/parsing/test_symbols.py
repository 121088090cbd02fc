"""Fonts of symbols: what their letters show, and which bullets are check boxes."""

from __future__ import annotations

import pytest

from rag.parsing.symbols import box, glyph

GLYPHS = [
    ("\uf0fe", "wingdings", "☑"), ("þ", "wingdings", "☑"), ("\uf0a8", "wingdings", "☐"),
    ("R", "wingdings 2", "☑"), ("a", "webdings", "✓"), ("a", "symbol", "α"), ("a", "arial", "a"),
    ("\uf0b7", "wingdings", "•"),
]  # fmt: skip
BULLETS = [
    ("☐", "", "☐"), ("☒", "MS Gothic", "☒"), ("\uf0a8", "Wingdings", "☐"), ("ü", "Wingdings", "✓"),
    ("\uf0b7", "Symbol", ""), ("o", "Courier New", ""), ("\uf071", "Wingdings", ""), ("•", "", ""),
    ("–", "", ""), ("", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("character", "font", "shown"), GLYPHS)
def test_glyphs(character: str, font: str, shown: str) -> None:
    assert glyph(ord(character), font) == shown


@pytest.mark.parametrize(("bullet", "font", "shown"), BULLETS)
def test_bullets(bullet: str, font: str, shown: str) -> None:
    assert box(bullet, font) == shown
