"""The pages of feedback, monitoring and settings over a fake library."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag import monitoring
from rag.config import CONFIG_FILE, Settings, config_folder, load
from rag.errors import ModelMissing, UsageError
from rag.library import shop
from rag.llms.hub import Accept
from rag.monitoring import Figures
from rag.schema import Feedback, FileInfo, Outcome, Usage
from tests.helpers.fakes_ui import FakeLibrary, answer, passage
from tests.ui.test_ui import PROOF, QUESTION, button, html, open_app
from ui import monitoring_page
from ui.i18n import EN, ES, Words


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    fake = FakeLibrary(tmp_path)
    fake.add("informe.pdf")
    return fake


def test_judged_answers_are_listed_and_can_be_used(library: FakeLibrary) -> None:
    assert ES.feedback.none in [item.value for item in open_app(library, "feedback").caption]
    kept = library.conversations
    made = kept.begin(QUESTION)
    for good in (True, False):
        turn = kept.ask(made.id, QUESTION)
        kept.answer(turn, answer(QUESTION, f"{PROOF} [1]", passage(PROOF)))
        kept.rate(turn, Feedback(good, "porque <b>"))
    app = open_app(library, "feedback")
    captions = [item.value for item in app.caption]
    assert ES.feedback.counts.format(good=1, bad=1) in captions
    assert ES.feedback.usable.format(count=1) in captions
    assert list(app.dataframe[0].value[ES.feedback.judged]) == ["mal", "bien"]


def notes(seconds: float, found: bool = True, count: int = 20) -> list[Usage]:
    return [Usage(time.time(), found, "es", "m", {"total": seconds}) for _ in range(count)]


@pytest.mark.parametrize("words", [ES, EN])
def test_thresholds_raise_notices(words: Words) -> None:
    def raised(
        usage: list[Usage],
        judged: tuple[bool, ...] = (),
        memory: float = 8.0,
        disk: float = 90.0,
        outcome: Outcome = Outcome.OK,
    ) -> list[str]:
        files = [FileInfo("a.md", "/a.md", outcome, "", 0.0, None)] * 2
        found = Figures(usage, judged, files, memory, disk)
        return list(monitoring_page.notices(words, monitoring.notices(found, Settings())))

    said = words.monitoring
    assert raised(notes(0.5)) == []
    assert raised(notes(9.0, count=3)) == [], "three questions say nothing"
    slow = "9.0".replace(".", words.decimal)
    assert raised(notes(9.0)) == [said.slow_notice.format(seconds=slow)]
    assert raised(notes(0.5, found=False)) == [said.refusal_notice.format(share=100)]
    assert raised([], (False,) * 9 + (True,)) == [said.feedback_notice.format(share=90)]
    assert len(raised([], memory=0.1)) == len(raised([], disk=0.1)) == 1
    assert raised([], outcome=Outcome.ENCRYPTED) == [said.failed_notice.format(count=2)]


def test_the_page_of_monitoring_counts_without_a_word_of_a_question(library: FakeLibrary) -> None:
    assert ES.monitoring.none in [item.value for item in open_app(library, "monitoring").caption]
    library.conversations.usage.add(answer(QUESTION, f"{PROOF} [1]", passage(PROOF)))
    app = open_app(library, "monitoring")
    assert app.metric[0].value == "1"
    assert ES.monitoring.stage_names["total"] in html(app)
    assert QUESTION not in html(app)


def test_a_change_of_settings_is_tried_and_kept(library: FakeLibrary) -> None:
    app = open_app(library, "settings")
    app.slider(key="set-passages").set_value(9)
    app.toggle(key="set-short").set_value(False)
    button(app, "save-settings")
    folder = config_folder(os.environ)
    assert folder is not None
    kept = folder / CONFIG_FILE
    assert kept.read_text() == "passages = 9\nshort_answers = false\n", "what is left alone is not"
    assert kept.stat().st_mode & 0o077 == 0
    assert library.settings.passages == 9
    assert (load().passages, load().short_answers) == (9, False)


def test_a_change_that_fails_is_not_kept(library: FakeLibrary) -> None:
    library.refused = ModelMissing("no such model", "rag models list")
    app = open_app(library, "settings")
    app.slider(key="set-passages").set_value(9)
    button(app, "save-settings")
    assert ES.errors["ModelMissing"] in [item.value for item in app.warning]
    assert load().passages == 5


def test_what_a_variable_sets_cannot_be_changed(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_PASSAGES", "7")
    app = open_app(library, "settings")
    assert app.slider(key="set-passages").disabled
    assert any("environment" in item.value for item in app.caption)


def test_comments_of_the_settings_file_stay(library: FakeLibrary) -> None:
    folder = config_folder(os.environ)
    assert folder is not None
    folder.mkdir(parents=True)
    (folder / CONFIG_FILE).write_text("# mío\nmax_sentences = 3 # pocas\n")
    button(open_app(library, "settings"), "save-settings")
    text = (folder / CONFIG_FILE).read_text()
    assert text.startswith("# mío\nmax_sentences = 3 # pocas\n")


def test_a_model_is_brought_in_once_its_licence_is_accepted(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[str] = []

    def pull(settings: Settings, name: str, accept: Accept, sha256: str) -> None:
        if not accept("apache-2.0"):
            raise UsageError("the licence is not accepted", "rag models pull")
        came.append(name)

    monkeypatch.setattr(shop, "pull_apart", pull)
    for decision, note in (("refuse", ES.errors["UsageError"]), ("accept", "acme/pluma:Q4_K_M")):
        app = open_app(library, "settings")
        app.text_input(key="bring-name").set_value("acme/pluma:Q4_K_M")
        button(app, "bring")
        until(app, "apache-2.0")
        assert not came
        button(app, decision)
        until(app, note)
    assert came == ["acme/pluma:Q4_K_M"]


def test_the_computer_is_described_in_the_persons_language(library: FakeLibrary) -> None:
    said = [item.value for item in open_app(library, "settings").caption]
    assert [text for text in said if "núcleos" in text]
    assert not [text for text in said if "cores" in text or "free" in text]


def test_how_a_model_writes_is_kept(library: FakeLibrary) -> None:
    app = open_app(library, "settings")
    app.slider(key="set-temperature").set_value(0.3)
    app.number_input(key="set-longest").set_value(200)
    button(app, "save-settings")
    assert (load().temperature, load().max_tokens) == (0.3, 200)


def until(app: AppTest, words: str) -> None:
    """Looks at the page anew until the words stand there."""
    shown = ""
    for _ in range(100):
        items = (*app.run().caption, *app.success, *app.warning, *app.error)
        shown = re.sub("[\\\\\u2060]", "", "\n".join(item.value for item in items))
        if words in shown:
            return
        time.sleep(0.1)
    pytest.fail(f"«{words}» never came: {shown}")
