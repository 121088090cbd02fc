"""A person's day with the app, in a real browser: kept, found, limited, exported, deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.browser import READING, ROOT, Tab, serving, tab
from ui.i18n import ES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

CORPUS = ROOT / "corpus" / "documents"
NAMES = ("turnos", "almacen", "viajes", "becas", "seguros", "obras", "comedor")
QUESTION = "¿Qué significa LoRA?"


@pytest.fixture
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Eight small files, one of them a PDF."""
    folder = tmp_path_factory.mktemp("eight")
    for number, name in enumerate(NAMES, 11):
        text = (
            f"# {name.title()}\n\nEl encargado de {name} es Fermín Zarapito, extensión {number}.\n"
        )
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return [*map(str, sorted(folder.iterdir())), str(CORPUS / "es/ajuste-fino-y-lora.pdf")]


def test_a_day(browser: Any, files: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "library"
    with serving(folder, 0, True) as address, tab(browser, address, "es-ES") as visit:
        page = visit.page
        page.locator("input[type=file]").set_input_files(files)
        page.locator(".st-key-clear-brief").wait_for(timeout=READING)
        reply = visit.ask(QUESTION)
        assert "adaptación de rango bajo" in reply.inner_text()
        copied_text_has_no_glued_number(visit)
        for name in ("turnos", "becas", "obras", "viajes"):
            assert "Zarapito" in visit.ask(f"¿Quién es el encargado de {name}?").inner_text()
        assert "?c=" in page.url
        key = page.url.split("?c=")[1]
        assert not visit.errors
    # the server has been killed; what was asked is there when it starts again
    with serving(folder) as address, tab(browser, address, "es-ES") as visit:
        page = visit.page
        page.locator(".st-key-search-conversations input").fill("ADAPTACION rango")
        page.locator('[class*="st-key-conversation-"] a', has_text="LoRA").click()
        page.get_by_text("extensión 14").first.wait_for()
        limited_to_one_document(visit)
        exported(visit)
        page.get_by_role("button", name=ES.conversations.menu).click()
        page.get_by_text(ES.conversations.delete).click()
        page.get_by_role("button", name=ES.conversations.delete_yes).click()
        page.get_by_text(ES.conversations.deleted).wait_for()
        assert not visit.foreign
    found = [path.name for path in folder.rglob("*") if path.is_file() and trace(path, key)]
    assert not found, "nothing of the conversation is left"


def trace(path: Path, key: str) -> bool:
    """Whether a file holds the conversation's name or a question: answers are the documents'."""
    asked = [f"encargado de {name}?" for name in ("turnos", "becas", "obras", "viajes")]
    asked += ["significa LoRA", "significa lora", "el encargado del comedor", key]
    content = path.read_bytes()
    return any(words.encode() in content for words in asked)


def copied_text_has_no_glued_number(visit: Tab) -> None:
    selected = visit.page.evaluate(
        """() => { const range = document.createRange();
        range.selectNodeContents(document.querySelector('.answer p:last-of-type'));
        const selection = getSelection();
        selection.removeAllRanges(); selection.addRange(range);
        return selection.toString(); }"""
    )
    assert "[1]" in selected


def limited_to_one_document(visit: Tab) -> None:
    page = visit.page
    page.locator(".st-key-search-conversations input").fill("lora")
    page.locator(".st-key-open-scope button").click()  # while the field is still to be sent
    box = page.locator('[role="dialog"] input').first
    box.fill("comedor")
    page.get_by_role("option", name="Comedor (comedor.md)").click()
    page.locator('[role="dialog"]').get_by_text(ES.scope.title).click()  # closes the options
    page.get_by_role("button", name=ES.scope.apply).click()
    page.locator(".st-key-clear-scope").wait_for()
    assert "comedor.md" in page.locator(".st-key-open-scope").inner_text()
    reply = visit.ask("¿Quién es el encargado de becas?").inner_text()
    assert "becas.md" not in reply
    reply = visit.ask("¿Qué extensión tiene el encargado del comedor?").inner_text()
    assert "comedor.md" in reply


def exported(visit: Tab) -> None:
    page = visit.page
    page.get_by_role("button", name=ES.conversations.menu).click()
    texts = {}
    for key in ("markdown", "json"):
        with page.expect_download() as download:
            page.locator(f".st-key-export-{key} button").click()
        texts[key] = Path(download.value.path()).read_text(encoding="utf-8")
    assert "ajuste-fino-y-lora.pdf · pág. 2" in texts["markdown"]
    with page.expect_download() as download:
        page.locator(".st-key-export-pdf button").click()
    assert pictures(Path(download.value.path())) == 1
    turns = json.loads(texts["json"])["turns"]
    assert len(turns) == 7
    assert turns[0]["citations"][0]["page"] == 2
    page.keyboard.press("Escape")


def pictures(path: Path) -> int:
    """How many pictures a PDF holds."""
    from pypdf import PdfReader

    return sum(len(page.images) for page in PdfReader(path).pages)
