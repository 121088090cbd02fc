"""One app over one library, for all browser tests that need nothing of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers import hostile_pages
from tests.helpers.browser import ROOT, chromium, serving

CORPUS = ROOT / "corpus" / "documents"
FILES = ("es/ajuste-fino-y-lora.pdf", "en/evaluation-metrics.pdf", "es/sesgos.md")
UNDRAWN = "Informe del faro.pdf"  # whose page is built to exhaust what draws it
CONTRACT = "# Contrato de alquiler\n\n## Preaviso\n\nEl plazo de preaviso es de {days} días.\n"
VERSIONS = {"v1.md": 30, "v2.md": 45}
"""Days of notice by the file of a contract's version."""

DOCUMENTS = len(FILES) + 1 + len(VERSIONS)


@dataclass(frozen=True)
class Served:
    """An app that runs: its address with the secret, its library, a document of four pages."""

    address: str
    library: Path
    document: int

    @property
    def bare(self) -> str:
        """The address without the secret."""
        return self.address.partition("?")[0]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app over a library of six documents; without a browser it is not built."""
    chromium()
    from rag.library import Library

    folder = tmp_path_factory.mktemp("web")
    undrawn = folder / UNDRAWN
    text = "El faro de Cabo Azul tiene una altura de 47 metros sobre el mar."
    undrawn.write_bytes(hostile_pages.tiling(text))
    for name, days in VERSIONS.items():
        (folder / name).write_text(CONTRACT.format(days=days), encoding="utf-8")
    written = (folder / name for name in VERSIONS)
    with Library.open(folder / "library") as library:
        report = library.ingest([*(CORPUS / name for name in FILES), undrawn, *written])
        assert report.counts() == {"ok": DOCUMENTS}
        document = next(info.id for info in library.documents() if info.pages == 4)
    with serving(folder / "library") as address:
        yield Served(address, folder / "library", document)


@pytest.fixture
def address(served: Served) -> str:
    """The address of the app, with the secret that lets a browser in."""
    return served.address
