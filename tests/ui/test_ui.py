"""The web app over a fake library, as Streamlit runs it, without a browser."""

from __future__ import annotations

import io
import re
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Html

from rag.errors import GeneratorFailed
from rag.schema import Answer, Block, Conflict, Fallback, Outcome, Support, shared_numbers
from tests.helpers.fakes import make_block
from tests.helpers.fakes_ui import HOSTILE, FakeLibrary, FakeStream, answer, passage
from ui import bridge, safe_text, state
from ui.i18n import EN, ES
from ui.i18n.labels import Words

QUESTION = "¿Cuánto costó?"
PROOF = "El piloto costó 43.150 euros en total."


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    fake = FakeLibrary(tmp_path)
    fake.add("informe.pdf", "Informe", pages=5)
    fake.answers[QUESTION] = answer(QUESTION, f"{PROOF} [1]", passage(PROOF), short="43.150 euros")
    return fake


def open_app(library: FakeLibrary, page: str = "") -> AppTest:
    def script(library: object) -> None:  # its source runs alone: only builtins are known here
        from ui.streamlit_app import main

        main(library)  # type: ignore[arg-type]

    app = AppTest.from_function(script, kwargs={"library": library}, default_timeout=120)
    well(app.run())
    return go(app, page) if page else app


def go(app: AppTest, page: str) -> AppTest:
    """Opens another page: AppTest itself finds only those that are files."""
    pages = app._registered_pages.items()
    app._page_hash = next(key for key, info in pages if info["url_pathname"] == page)
    return well(app.run())


def well(app: AppTest) -> AppTest:
    assert not app.exception, [error.value for error in app.exception]
    return app


def ask(app: AppTest, question: str) -> AppTest:
    return well(app.chat_input[0].set_value(question).run())


def html(app: AppTest) -> str:
    """All that is drawn as HTML, without the style sheet."""
    bodies = [element.value for element in app.get("html") if isinstance(element, Html)]
    return "\n".join(body for body in bodies if "<style>" not in body)


def words_of(app: AppTest) -> list[str]:
    """All that Streamlit reads as markdown: texts, notes, and labels."""
    texts = [element.value for element in [*app.markdown, *app.caption, *app.warning]]
    return texts + [element.label for element in [*app.button, *app.expander]]


def button(app: AppTest, key: str) -> AppTest:
    return well(app.button(key=key).click().run())


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_answer_comes_short_first_with_chips_buttons_and_list(library: FakeLibrary) -> None:
    app = ask(open_app(library), QUESTION)
    drawn = html(app)
    assert drawn.index('<p class="short">43.150 euros</p>') < drawn.index(PROOF)
    assert 'data-citation="0:1"' in drawn
    assert "[1] informe.pdf · pág. 2</button>" in drawn
    assert ES.sources.format(count=1) in drawn
    assert f"«{PROOF}»" in drawn
    assert "Apartado: Resumen › Cifras" in drawn
    assert "0,3 s · todo en tu equipo" in drawn


def test_the_words_that_answer_are_bold_in_each_source(library: FakeLibrary) -> None:
    sentences = ("Costó 43.150 euros.", "Fueron 43.150 euros en total.")
    read = [
        replace(passage(text, number=n, page=None), answer_span=(at, at + len("43.150 euros")))
        for n, text in enumerate(sentences, 1)
        for at in [text.index("43")]
    ]
    library.answers[QUESTION] = answer(QUESTION, "Costó eso. [1] Fueron tantos. [2]", *read)
    app = ask(open_app(library), QUESTION)
    assert html(app).count("<b>43.150 euros</b>") == 3, "in the list twice, and in the open text"
    assert "<mark>Costó <b>43.150 euros</b>.</mark>" in html(app)


def test_first_citation_opens_with_its_page(library: FakeLibrary) -> None:
    app = ask(open_app(library), QUESTION)
    assert app.session_state.opened == (0, 1)
    assert len(app.image) == 1
    assert ES.sources_title in html(app)


@pytest.mark.parametrize("outcome", [*ES.undrawn, Outcome.UNREADABLE])
@pytest.mark.parametrize("words", [ES, EN], ids=["es", "en"])
def test_a_page_that_cannot_be_drawn_is_named_and_its_text_is_shown(
    library: FakeLibrary, outcome: str, words: Words
) -> None:
    library.undrawn = Outcome(outcome)
    file = "a<b> {x}.pdf"
    library.answers[QUESTION] = answer(QUESTION, f"{PROOF} [1]", passage(PROOF, file))
    app = open_app(library)
    if words is EN:
        app = well(app.segmented_control[0].set_value("en").run())
    app = ask(app, QUESTION)
    reason = words.undrawn.get(outcome, words.no_page_image)
    drawn = html(app)
    assert safe_text.plain(reason.format(page=2, file=file)) in drawn
    assert f"<mark>{PROOF}</mark>" in drawn
    assert not app.image


def test_buttons_step_through_citations(library: FakeLibrary) -> None:
    second = passage("No hay páginas aquí.", "notas.md", None, number=2)
    library.answers[QUESTION] = answer(QUESTION, "Uno. [1] Dos. [2]", passage(PROOF), second)
    app = ask(open_app(library), QUESTION)
    button(app, "following")
    assert app.session_state.opened == (0, 2)
    assert "<mark>No hay páginas aquí.</mark>" in html(app)
    assert not app.image
    button(app, "previous")
    assert app.session_state.opened == (0, 1)
    assert app.session_state.clicked


@pytest.mark.parametrize("given", ["x", "0:1:1", "-1:1", "0:", "1:1 ", "<b>", None, {}])
def test_only_the_address_of_a_chip_is_heard(given: object) -> None:
    assert bridge.citation_of(given) is None
    assert bridge.citation_of("12:3") == (12, 3)


@pytest.mark.parametrize("wrong", [(0, 9), (7, 1), (0, 0)])
def test_a_citation_that_is_not_there_opens_nothing(
    wrong: tuple[int, int], library: FakeLibrary
) -> None:
    def script(exchange: int, number: int) -> None:
        from ui import state

        state.show(exchange, number)

    app = AppTest.from_function(script, args=wrong)
    app.session_state.exchanges = [state.Exchange(QUESTION, library.answers[QUESTION])]
    assert "opened" not in well(app.run()).session_state


def written(*blocks: Block) -> Answer:
    """What a model wrote, after the verbatim answer of two sentences of which it cites one."""
    other = passage("Se gastó menos de lo previsto.", number=2)
    claim = f"{PROOF} [1] Menos. [2]"
    verbatim = answer(QUESTION, claim, passage(PROOF), other, short="43.150 euros")
    written_answer = answer(QUESTION, "x [1]", other)
    verbatim = verbatim.renumbered(shared_numbers(written_answer, verbatim))
    both = (passage(PROOF), other)
    return replace(
        written_answer, model="modelo", extractive=verbatim, blocks=blocks, passages=both, used=1
    )


def test_the_verbatim_answer_stands_above_the_written_one(library: FakeLibrary) -> None:
    library.answers[QUESTION] = written(make_block("Costó menos de lo previsto [1]."))
    drawn = html(ask(open_app(library), QUESTION))
    assert drawn.index(ES.verbatim) < drawn.index(PROOF) < drawn.index("Escrito por modelo")
    assert drawn.index("Escrito por modelo") < drawn.index("Costó menos de lo")
    # the same proof has one number, whichever answer shows it
    assert re.findall(r'chip" data-citation="0:(\d)"', drawn) == ["2", "1", "1"]
    assert re.findall(r'opener" data-citation="0:(\d)"', drawn) == ["1", "2"]
    assert "modelo leyó 1 de 2 pasajes" in drawn


def test_doubtful_sentences_are_named(library: FakeLibrary) -> None:
    library.answers[QUESTION] = written(
        make_block("Costó poco [1].", Support.PARTLY),
        make_block("Fue en Marte.", Support.NOT_FOUND),
        make_block("Costó menos de lo previsto [1]."),
    )
    drawn = html(ask(open_app(library), QUESTION))
    assert f'title="{ES.unfound_tip}">Fue en </span>' in drawn
    assert re.search(r'Marte\.</span> <span class="doubt">', drawn)
    assert re.findall(r'<span class="doubt">(.*?)</span>', drawn) == [ES.partly, ES.unfound]


@pytest.mark.parametrize("why", Fallback)
def test_where_a_model_had_no_support_it_is_told_why(library: FakeLibrary, why: Fallback) -> None:
    verbatim = written(make_block("x [1]")).extractive
    assert verbatim is not None
    library.answers[QUESTION] = replace(verbatim, extractive=verbatim, fallback=why)
    drawn = html(ask(open_app(library), QUESTION))
    assert drawn.count('class="answer"') == 1
    assert [known for known in Fallback if ES.fallbacks[known] in drawn] == [why]


def test_sources_that_disagree_and_passages_that_deceive_are_named(library: FakeLibrary) -> None:
    conflict = Conflict(1, "43.150", 1, 0, 9, "Fueron <b>40.000</b>.", "40.000")
    library.answers[QUESTION] = replace(
        written(make_block("Costó eso [1].")),
        conflicts=(conflict,),
        struck=2,
        flagged=(0,),
        hidden=("<b>.pdf",),
    )
    drawn = html(ask(open_app(library), QUESTION))
    assert ES.hidden.format(paths="&lt;b&gt;.pdf") in drawn
    assert "[1] dice «43.150»; informe.pdf · pág. 2 dice «40.000»" in drawn
    assert "«Fueron &lt;b&gt;40.000&lt;/b&gt;.»" in drawn
    assert ES.flagged in drawn
    assert ES.struck.format(count=2) in drawn


def test_the_verbatim_answer_stays_when_the_model_fails(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: FakeStream) -> None:
        raise GeneratorFailed("the server is gone", "start it")

    library.answers[QUESTION] = written(make_block("Costó eso [1]."))
    monkeypatch.setattr(FakeStream, "__iter__", fails)
    app = ask(open_app(library), QUESTION)
    assert PROOF in html(app)
    assert ES.errors["GeneratorFailed"] in [item.value for item in app.warning]


def test_not_found_is_said_and_shows_the_nearest(library: FakeLibrary) -> None:
    near = [passage(f"Algo parecido {number}", number=number) for number in range(1, 6)]
    library.answers["¿Y esto?"] = answer("¿Y esto?", "", *near)
    app = ask(open_app(library), "¿Y esto?")
    drawn = html(app)
    assert f'<div class="missing">{ES.not_found}</div>' in drawn
    assert ES.nearest in drawn
    assert drawn.count("Algo parecido") == 3
    assert 'class="answer"' not in drawn
    assert app.session_state.opened is None


def test_history_is_handed_on_and_forgotten(library: FakeLibrary) -> None:
    library.answers["¿Y luego?"] = answer("¿Y luego?", f"{PROOF} [1]", passage(PROOF))
    app = ask(ask(open_app(library), QUESTION), "¿Y luego?")
    assert [(turn.question, turn.answer) for turn in library.asked[1][1]] == [
        (QUESTION, f"{PROOF} [1]")
    ]
    app.query_params.clear()
    assert PROOF not in html(well(app.run()))
    assert app.session_state.exchanges == []


def test_the_language_that_was_chosen_outlives_a_run_without_its_control(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import streamlit

    from ui import streamlit_app

    kept: dict[str, str] = {"language": "en"}
    monkeypatch.setattr(streamlit, "session_state", kept)
    assert streamlit_app._language("es") == "en"
    del kept["language"]  # as Streamlit does with a control that was not drawn
    assert streamlit_app._language("es") == "en"
    assert kept["language"] == "en"


def test_language_switch_changes_every_word(library: FakeLibrary) -> None:
    app = ask(open_app(library), QUESTION)
    well(app.segmented_control(key="language").set_value("en").run())
    page_text = html(app) + "".join(words_of(app))
    assert app.chat_input[0].placeholder == EN.ask
    assert EN.sentence in page_text
    assert ES.sentence not in page_text
    assert EN.sources.format(count=1) in page_text


def test_empty_library_explains_itself_and_offers_the_sample(tmp_path: Path) -> None:
    app = open_app(FakeLibrary(tmp_path))
    assert ES.empty_title in html(app)
    assert app.button(key="sample").label == ES.sample
    ask(app, "¿Hola?")
    assert app.warning[0].value == ES.errors["EmptyLibrary"]


def test_upload_is_ingested_and_listed(library: FakeLibrary) -> None:
    library.outcomes["roto.pdf"] = Outcome.UNREADABLE
    app = open_app(library, "documents")
    files = [("nota.md", b"hola", "text/markdown"), ("roto.pdf", b"x", "application/pdf")]
    well(app.file_uploader[0].set_value(files).run())
    wait_for(lambda: not app.session_state.shared.jobs.active)
    drawn = html(well(app.run()))
    assert "nota.md" in drawn
    assert ES.outcomes[Outcome.UNREADABLE] in drawn
    folder = library.settings.library / "uploads"
    assert [path.name for path in folder.iterdir()] == ["nota.md"]
    button(app, "clear-jobs")
    assert ES.outcomes[Outcome.UNREADABLE] not in html(app)


def test_the_files_of_an_archive_are_ingested_and_a_bomb_is_refused(library: FakeLibrary) -> None:
    def packed(*members: tuple[str, bytes]) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content)
        return made.getvalue()

    app = open_app(library, "documents")
    bomb = ("bomba.zip", packed(("a.txt", bytes(30_000_000))), "application/zip")
    well(app.file_uploader[0].set_value([bomb]).run())
    assert ES.errors["FileProblem"] in [item.value for item in app.warning]
    assert not app.session_state.shared.jobs.all
    files = packed(("actas/uno.md", b"uno"), ("dos.md", b"dos"))
    well(app.file_uploader[0].set_value([("actas.zip", files, "application/zip")]).run())
    wait_for(lambda: not app.session_state.shared.jobs.active)
    assert [info.path for info in library.infos[1:]] == ["uno.md", "dos.md"]


def test_only_folders_of_the_person_are_added(
    library: FakeLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "docs").mkdir()
    app = open_app(library, "documents")
    for given, notice in (("/etc/passwd", ES.folder_outside), ("~/none", ES.folder_missing)):
        app.text_input(key="folder-path").set_value(given)
        well(next(item for item in app.button if item.label == ES.folder_add).click().run())
        assert safe_text.label(notice.format(path=given), length=600) in [
            item.value for item in app.warning
        ]
        assert not app.session_state.shared.jobs.all
    app.text_input(key="folder-path").set_value("~/docs")
    next(item for item in app.button if item.label == ES.folder_add).click().run()
    (job,) = app.session_state.shared.jobs.all
    assert job.paths == ((tmp_path / "docs").resolve(),)


def test_chat_answers_while_files_are_read_and_the_ingest_stops(library: FakeLibrary) -> None:
    release = threading.Event()
    library.gate = release
    app = open_app(library, "documents")
    well(app.file_uploader[0].set_value([("a.md", b"a", ""), ("b.md", b"b", "")]).run())
    assert PROOF in html(ask(go(app, ""), QUESTION))
    assert ES.stages["queued"] in html(go(app, "documents"))
    button(app, "stop-jobs")
    assert ES.stopping in [item.value for item in app.caption]
    release.set()
    wait_for(lambda: not app.session_state.shared.jobs.active)
    assert any(ES.job_stopped in item.value for item in well(app.run()).caption)


def test_a_fault_of_ours_shows_no_traceback(library: FakeLibrary) -> None:
    app = ask(open_app(library), "una pregunta sin respuesta preparada")
    assert app.warning[0].value == ES.error_unknown


def test_hostile_text_stays_text(library: FakeLibrary) -> None:
    hostile = passage(HOSTILE, f"{HOSTILE}.md", None)
    library.add(f"{HOSTILE}.md", HOSTILE)
    library.answers[HOSTILE] = answer(HOSTILE, f"{HOSTILE} [1]", hostile, short=HOSTILE)
    library.answers["nada"] = answer("nada", "", hostile)
    app = ask(ask(open_app(library), HOSTILE), "nada")
    drawn = html(app)
    assert "&lt;img src=x" in drawn
    assert "<img" not in drawn
    assert "<script" not in drawn
    for sentence in words_of(app):
        assert not re.search(r"[<>\[\]$*_`]|:\w", re.sub(r"\\.", "", sentence)), sentence
        # Streamlit finds these once the backslashes are gone
        assert not re.search(r"://|www\.|:\w+:|:\w+/|\w@\w", sentence.replace("\\", "")), sentence
