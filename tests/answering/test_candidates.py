"""What of a passage can be quoted, and how the QA model reads it."""

from __future__ import annotations

from rag.answering.candidates import candidates
from rag.answering.layout import Layout
from rag.schema import Chunk, Document, Passage
from tests.helpers.fakes import make_question

TEXT = "Traiga lo siguiente:\n- El DNI\n- El padrón\n\nNada más hay que traer."


def test_what_introduces_a_list_is_read_with_its_items() -> None:
    document = Document("g.md", "Guía", TEXT, "es", id=1)
    passage = Passage(Chunk(1, 0, len(TEXT), TEXT, language="es", id=1), "Guía", "g.md", 0.9)
    layout = Layout(document)
    found = candidates(make_question("¿Y el padrón?"), [passage], lambda _: layout)
    lead = next(candidate for candidate in found if candidate.sentence.text.endswith(":"))
    assert lead.reading.text.endswith("Traiga lo siguiente:\n- El DNI\n- El padrón")
    assert lead.features["covers"] == 1, "the list holds the word that its lead-in lacks"
    start = lead.reading.text.index("padrón")
    assert lead.reading.in_document(start, start + 6) == (
        TEXT.index("padrón"),
        TEXT.index("padrón") + 6,
    )
    other = next(candidate for candidate in found if candidate.sentence.text.startswith("Nada"))
    assert other.reading.text.endswith("Nada más hay que traer.")
    assert "DNI" not in other.reading.text.rsplit("\n", 1)[-1]
