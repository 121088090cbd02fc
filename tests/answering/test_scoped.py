"""A question that is limited to documents is answered from them alone, whatever it asks for."""

from __future__ import annotations

from pathlib import Path

from rag.schema import Filters
from tests.helpers.answering import open_library, write_files

FILES = {
    "ascensor.md": "# Ascensor\n\nEl ascensor admite ocho personas. Se revisa cada mes.\n",
    "garantia.md": "# Garantía\n\nLa garantía dura dos años. No cubre el mal uso.\n",
}


def test_the_limit_holds_for_search_summary_and_the_list_of_documents(tmp_path: Path) -> None:
    only = Filters(paths=("garantia.md",))
    with open_library(tmp_path / "library") as library:
        library.ingest([write_files(tmp_path / "docs", FILES)])
        for question in (
            "¿Cuántas personas admite el ascensor?",
            "Resume todos los documentos",
            "¿Qué documentos hay?",
        ):
            free = library.ask(question).answer
            limited = library.ask(question, (), only).answer
            assert "scensor" in free.text
            assert "scensor" not in limited.text, question
            assert {passage.path for passage in limited.passages} <= {"garantia.md"}
