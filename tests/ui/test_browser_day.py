"""A person's day with the app, in a real browser: kept, found, limited, exported, deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.browser import READING, ROOT, Tab, serving, tab
from ui.i18n import EN, ES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

CORPUS = ROOT / "corpus" / "documents"
NAMES = ("turnos", "almacen", "viajes", "becas", "seguros", "obras", "comedor")
QUESTION = "¿Qué significa LoRA?"
_MOST_TABS = 5  # presses before the question can be written


@pytest.fixture(scope="module")
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
    found = [path.name for path in folder.rglob("*") if path.is_file() and trace(path)]
    assert not found, "nothing of the conversation is left"


def trace(path: Path) -> bool:
    """Whether a file holds words of a question: those of the documents are theirs."""
    return any(word in path.read_bytes() for word in (b"significa LoRA", b"encargado de turnos?"))


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
    page.locator(".st-key-open-scope button").click()
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


PAGES = [
    "conversations.asking",
    "documents",
    "feedback.title",
    "monitoring.title",
    "settings.title",
]


@pytest.fixture(scope="module")
def address(browser: Any, files: list[str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    from rag.library import Library
    from rag.schema import Feedback

    folder = tmp_path_factory.mktemp("pages") / "library"
    with Library.open(folder) as library:
        library.ingest([Path(file) for file in files[-2:]])
        made = library.conversations.begin(QUESTION)
        turn = library.conversations.ask(made.id, QUESTION)
        answer = library.ask(QUESTION).answer
        library.conversations.answer(turn, answer)
        library.conversations.usage.add(answer)
        library.conversations.rate(turn, Feedback(True))
    with serving(folder) as served:
        yield f"{served}&c={made.id}"


@pytest.mark.parametrize(
    ("locale", "theme", "width"), [("es-ES", "light", 1400), ("en-GB", "dark", 390)]
)
def test_every_page_can_be_used_by_everybody(
    browser: Any, address: str, locale: str, theme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    words = ES if locale == "es-ES" else EN
    with tab(browser, address, locale, width, theme) as visit:
        page = visit.page
        page.locator(".footer").wait_for()
        visit.settle()
        assert presses_to_the_question(page) <= _MOST_TABS
        for name in PAGES:
            title = words
            for part in name.split("."):
                title = getattr(title, part)
            visit.go(str(title))
            wide = page.evaluate("document.scrollingElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} wide"
            found = Axe().run(page).response["violations"]
            serious = [
                (item["id"], [node["html"][:200] for node in item["nodes"]][:3])
                for item in found
                if item["impact"] in ("serious", "critical")
            ]
            assert not serious, f"{name}: {serious}"
        assert not visit.errors
        assert not visit.foreign


def presses_to_the_question(page: Any) -> int:
    """How often Tab and Enter are pressed from the top of the page until one can write."""
    page.locator("#skips a").first.wait_for(state="attached")
    page.locator("[data-testid=stChatInput] textarea").wait_for()
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement?.closest('#skips') !== null")
    page.keyboard.press("Enter")
    in_question = "document.activeElement?.closest('[data-testid=stChatInput]') !== null"
    return 2 if page.evaluate(in_question) else 99
