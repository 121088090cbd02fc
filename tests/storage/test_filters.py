"""Filters name the chunks that a search may find: by path, language, kind and date of the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from rag.schema import Filters
from rag.storage import Store
from tests.helpers.fakes import make_entry

FILES = {
    "actas/uno.md": "2025-03-01",
    "actas/sub/dos.PDF": "2025-06-30",
    "actas_2/tres.md": "2026-01-01",
}
MANY = tuple(f"x/{number}" for number in range(5000))

pytestmark = pytest.mark.both_engines


@pytest.fixture
def filled(store: Store) -> Store:
    for number, (path, day) in enumerate(FILES.items()):
        entry = make_entry(f"/r/{path}", [f"texto {number}"], path)
        when = int(datetime.fromisoformat(f"{day} 12:00").timestamp() * 1e9)
        language = "en" if path.startswith("actas_2") else "es"
        document = replace(entry.document, language=language)
        record = replace(entry.record, modified_ns=when)
        store.add(replace(entry, document=document, record=record))
    return store


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(paths=("actas",)), "uno dos"),
        (Filters(paths=("ACTAS/",)), "uno dos"),
        (Filters(paths=("actas/uno.md", "actas_2")), "uno tres"),
        (Filters(paths=("acta",)), ""),
        (Filters(paths=("actas%",)), ""),
        (Filters(suffixes=(".pdf",)), "dos"),
        (Filters(languages=("en",)), "tres"),
        (Filters(since="2025-06-30"), "dos tres"),
        (Filters(until="2025-06-30"), "uno dos"),
        (Filters(since="2025-03-02", until="2025-12-31"), "dos"),
        (Filters(paths=("actas",), languages=("en",)), ""),
        (Filters(paths=(*MANY, "actas/uno.md")), "uno"),
    ],
)
def test_filters_name_the_chunks_that_pass(filled: Store, filters: Filters, expected: str) -> None:
    found = filled.documents.chunks(filled.documents.allowed(filters))
    names = [path.rsplit("/", 1)[-1].split(".")[0] for _, _, path in found.values()]
    assert sorted(names) == sorted(expected.split())
