"""Addresses as a person may see them."""

from __future__ import annotations

import pytest

from rag.system import addresses


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("", ""),
        ("http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"),
        ("https://user:secreta@host:8/v1", "https://…@host:8/v1"),
        ("https://secreta@host/v1", "https://…@host/v1"),
        ("https://user:p@secreta@host/v1", "https://…@host/v1"),
        ("https://user:x/secreta@host/v1", "https://…"),
        ("https://evil.example/secreta@good.example", "https://evil.example/…"),
        ("https://host/v1?key=secreta", "https://host/v1?…"),
        ("https://host/v1#secreta", "https://host/v1#…"),
        ("//user:secreta@host", "//…@host"),
        ("user:secreta@host/v1", "…@host/v1"),
        ("https://ho\x1bst/", "https://ho\\x1bst/"),
        ("https://a\nb", "https://a\\nb"),
    ],
)
def test_no_secret_of_an_address_is_shown(address: str, shown: str) -> None:
    assert addresses.shown(address) == shown
    assert "secreta" not in addresses.shown(address)


def test_long_text_is_cut() -> None:
    assert addresses.printable("a" * 400) == "a" * 300 + "…"
