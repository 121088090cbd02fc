"""Exports with page images: a PDF that says all of it, and Markdown beside its pictures."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfReader

from rag.schema import Conversation, KeptTurn, Outcome
from tests.helpers.fakes_ui import FakeLibrary, answer, passage
from tests.ui.test_ui import PROOF, QUESTION
from ui import export_pages
from ui.i18n import EN, ES


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    fake = FakeLibrary(tmp_path)
    fake.add("informe.pdf", "Informe", pages=5)
    return fake


def kept(library: FakeLibrary, text: str = PROOF) -> tuple[Conversation, list[KeptTurn]]:
    """Two turns that cite two pages and a text without any, and a third without an answer."""
    store = library.conversations
    made = store.begin("¿Cuánto <b>costó</b> & qué?")
    read = [passage(text), passage(text, number=2), passage("Notas.", "notas.md", None, number=3)]
    for _ in range(2):
        turn = store.ask(made.id, QUESTION)
        store.answer(turn, answer(QUESTION, f"{text} [1] [2] [3]", *read, short="43.150 euros"))
    store.ask(made.id, "¿Y luego?")
    return made, store.turns(made.id)


def text_of(made: bytes) -> str:
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    return " ".join(" ".join(pages).split())


@pytest.mark.parametrize("words", [ES, EN], ids=["es", "en"])
def test_a_pdf_says_all_of_it_with_each_page_once(library: FakeLibrary, words: object) -> None:
    assert words in (ES, EN)
    said = ES if words is ES else EN
    made = export_pages.pdf(said, *kept(library), library.as_library())
    text = text_of(made)
    for part in ("¿Cuánto <b>costó</b> & qué?", "43.150 euros", PROOF, said.interrupted):
        assert part in text
    assert f"informe.pdf · {said.page.format(page=2)}" in text
    images = [image for page in PdfReader(io.BytesIO(made)).pages for image in page.images]
    assert len(images) == 2
    assert said.conversations.letters_left.split(":")[0] not in text


def test_letters_that_the_font_lacks_are_counted(library: FakeLibrary) -> None:
    text = text_of(export_pages.pdf(ES, *kept(library, "Vale 漢字."), library.as_library()))
    assert ES.conversations.letters_left.split("{")[0] in text
    assert "Vale" in text


def test_markdown_comes_with_its_pictures(library: FakeLibrary) -> None:
    made = export_pages.markdown_zip(ES, *kept(library), library.as_library())
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.namelist() == ["pages/001.png", "pages/002.png", "conversation.md"]
        text = archive.read("conversation.md").decode()
        assert archive.read("pages/001.png").startswith(b"\x89PNG")
    assert "![(1) informe.pdf · pág. 2](pages/001.png)" in text
    assert text.count("](pages/") == 2


def test_a_page_that_cannot_be_drawn_and_those_that_do_not_fit_are_left_out(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_pages, "MOST_PAGES", 1)
    left = ES.conversations.pages_left.format(count=2)
    made, turns = kept(library)
    assert left in text_of(export_pages.pdf(ES, made, turns, library.as_library()))
    library.undrawn = Outcome.TIMEOUT
    with zipfile.ZipFile(
        io.BytesIO(export_pages.markdown_zip(ES, made, turns, library.as_library()))
    ) as archive:
        assert archive.namelist() == ["conversation.md"]
