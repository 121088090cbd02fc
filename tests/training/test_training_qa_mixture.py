"""What the QA model learns from: passages without the answer, articles left out for good."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from rag.errors import UsageError
from rag.training.articles import (
    Article,
    Asked,
    Paragraph,
    by_id,
    left_out,
    load_articles,
    originals,
    questions_of,
    retitled,
)
from rag.training.qa_batches import Task
from rag.training.qa_mixture import (
    NEGATIVES,
    article_tasks,
    base_tasks,
    mixed,
    negatives,
    weight_of,
)
from rag.training.rows import Question, question_rows
from tests.helpers.training import THINGS, qa, squad, toy_articles, toy_data

# --- near misses ---


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from("ana Río paz 1812 — luz de".split()), min_size=1, max_size=6),
            st.integers(0, 5),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(["en", "es"]),
)
def test_a_near_miss_never_holds_the_answer(
    rows: list[tuple[list[str], int, bool]], language: str
) -> None:
    questions = []
    for words, place, answered in rows:
        context, answer = " ".join(words), words[place % len(words)]
        start = context.index(answer)
        questions.append(
            Question(f"{words[0]}?", context, answer, start, language, "s")
            if answered
            else Question(f"{words[0]}?", context, None, -1, language, "s")
        )
    for row, misses in zip(questions, negatives(questions, language), strict=True):
        assert len(set(misses)) == len(misses) <= NEGATIVES
        assert row.context not in misses
        for text in misses:
            assert row.answer is None or row.answer.lower() not in text.lower()


def test_near_misses_look_most_alike() -> None:
    contexts = {f"The {en} over the {i}th water was built late.": i for i, en in enumerate(THINGS)}
    rows = [Question("Who built it?", text, "late", text.index("late"), "en", "s")
            for text in contexts]  # fmt: skip
    other = "The bridge was first built by Ana."
    asked = Question("When was the bridge built?", "In 1900.", "1900", 3, "en", "s")
    rows += [asked, Question("Who?", other, "Ana", other.index("Ana"), "en", "s")]
    misses = negatives(rows, "en")
    assert misses[-2][0] in {other, next(iter(contexts))}
    assert all(set(each) <= {other, "In 1900."} for each in misses[:5])  # the rest say «late»
    assert negatives([], "es") == []


def test_another_wording_of_the_same_passage_is_no_miss() -> None:
    rows = [
        Question("¿puente?", "El puente nuevo.", "nuevo", 10, "es", "s"),
        Question("¿puente?", "Un puente reciente.", "reciente", 10, "es", "s"),
        Question("¿puente?", "Otro puente.", "Otro", 0, "es", "s"),
    ]
    original = {"El puente nuevo.": "The bridge.", "Un puente reciente.": "The bridge."}
    assert set(negatives(rows, "es")[0]) == {"Un puente reciente.", "Otro puente."}
    assert negatives(rows, "es", original)[0] == ("Otro puente.",)


# --- the base mixture ---


def spanish(row: Question) -> Question:
    return Question(f"¿{row.question}?", f"ES {row.context}", row.answer, row.start + 3, "es",
                    f"{row.source}-mt")  # fmt: skip


def test_search_questions_come_in_both_languages_and_across(tmp_path: Path) -> None:
    questions = question_rows(toy_data(tmp_path) / "qa.jsonl.gz")
    searched = [row for row in questions if row.source == "qed-nq"]
    translated = [None if i == 0 else spanish(row) for i, row in enumerate(searched)]
    tasks = base_tasks(questions, translated, None, seed=1)
    count = Counter(task.row.source for task in tasks)
    assert count["qed-nq"] == 25
    assert count["qed-nq-mt"] == count["across/es>en"] == count["across/en>es"] == 24
    for task in tasks:
        row, is_spanish = task.row, task.row.context.startswith("ES ")
        assert row.answer
        assert row.context[row.start : row.start + len(row.answer)] == row.answer
        assert all(text.startswith("ES ") == is_spanish for text in task.negatives)
        assert all(row.answer not in text for text in task.negatives)
        assert row.question.startswith("¿") == (row.source in {"qed-nq-mt", "across/es>en"})
        assert is_spanish == (row.source in {"qed-nq-mt", "across/en>es"})
    assert all(task.negatives for task in tasks if task.row.source == "fairytaleqa")


def test_without_translations_all_is_english_and_the_mixture_is_the_same_each_time(
    tmp_path: Path,
) -> None:
    questions = question_rows(toy_data(tmp_path) / "qa.jsonl.gz")
    tasks = base_tasks(questions, [], None, seed=1)
    assert {task.row.source for task in tasks} == {"qed-nq", "qamr", "fairytaleqa"}
    assert tasks == base_tasks(questions, [], None, seed=1)
    assert tasks != base_tasks(questions, [], None, seed=2)


def test_extra_sets_are_read_where_they_are_without_endless_answers(tmp_path: Path) -> None:
    context = "Ana was " + "very " * 60 + "late."
    asked = [qa("1", "who?", context, "Ana"), qa("2", "how?", context, context)]
    squad(tmp_path / "zsre.en.json.gz", {"zsre": [(context, asked)]})
    tasks = base_tasks([], [], tmp_path, seed=1)
    assert [(task.row.source, task.row.answer) for task in tasks] == [("zsre", "Ana")]


# --- SQuAD's layout ---


def test_questions_whose_answer_is_not_where_it_should_be(tmp_path: Path) -> None:
    context = "Ana met Ana in Lima."
    moved = {"id": "m", "question": "Where?", "answers": [{"text": "Lima", "answer_start": 3}]}
    lost = {"id": "l", "question": "Who?", "answers": [{"text": "Eva", "answer_start": 0}]}
    unsure = {
        "id": "u",
        "question": "Whom?",
        "answers": [{"text": "Ana", "answer_start": 0, "start_inferred": True}],
    }
    asked = [
        qa("a", " Who? ", context, "Ana", "Ana met"),
        moved,
        lost,
        unsure,
        qa("n", "?", context),
    ]
    squad(tmp_path / "x.json.gz", {"T": [(context, asked)]})
    articles = load_articles(tmp_path / "x.json.gz")
    assert articles == [
        Article("T", (Paragraph(context, (
            Asked("a", "Who?", ("Ana", "Ana met"), 0),
            Asked("m", "Where?", ("Lima",), 15),
            Asked("n", "?", (), -1),
        )),)),
    ]  # fmt: skip
    assert questions_of(articles, "en", "s") == [
        Question("Who?", context, "Ana", 0, "en", "s"),
        Question("Where?", context, "Lima", 15, "en", "s"),
        Question("?", context, None, -1, "en", "s-null"),
    ]
    assert list(by_id(articles, "en", "s")) == ["a", "m", "n"]


def article(title: str, context: str, *ids: str) -> Article:
    return Article(title, (Paragraph(context, tuple(Asked(i, "?", (), -1) for i in ids)),))


def test_an_article_has_one_title_in_both_languages() -> None:
    english = [article("Oxygen", "Oxygen is.", "1", "2"), article("Rhine", "It flows.", "3")]
    translated = [article("Oxígeno", "El oxígeno es.", "2"), article("Otro", "Nada.", "9")]
    assert [each.title for each in retitled(translated, english)] == ["Oxygen", "Otro"]
    assert originals([*english, *translated]) == {
        "Oxygen is.": "Oxygen is.",
        "It flows.": "It flows.",
        "El oxígeno es.": "Oxygen is.",
        "Nada.": "Nada.",
    }


@given(st.sets(st.text("abcdef", min_size=1, max_size=4), min_size=2, max_size=20), st.data())
def test_folds_part_the_articles(titles: set[str], data: st.DataObject) -> None:
    parts = data.draw(st.integers(2, 6))
    folds = [left_out(titles, f"{k}/{parts}", []) for k in range(1, parts + 1)]
    assert Counter(title for fold in folds for title in fold) == Counter(titles)
    assert max(map(len, folds)) - min(map(len, folds)) <= 1


def test_left_out_by_name_and_what_makes_no_sense() -> None:
    assert left_out("abcd", None, ["c"]) == {"c"}
    assert left_out("abcd", "1/2", ["d"]) == {"a", "c", "d"}
    with pytest.raises(UsageError, match="no article is called z; there are a, b"):
        left_out("ab", None, ["z"])
    for fold in ("0/4", "5/4", "1/1", "x/4", "2", "-1/4", "1/4/2"):
        with pytest.raises(UsageError, match="--fold"):
            left_out("abcd", fold, [])


# --- the mixture of articles ---


def test_articles_in_both_languages_and_across(tmp_path: Path) -> None:
    tasks = article_tasks(toy_articles(tmp_path), None, [])
    assert Counter(task.row.source for task in tasks) == {
        "xquad/en": 12,
        "xquad/es": 12,
        "xquad/en>es": 12,
        "xquad/es>en": 12,
        "squad/en-null": 4,
    }
    for task in tasks:
        thing = task.row.context.split()[0]
        if task.row.answer is not None:
            assert task.negatives  # of the same article, without the colour
            assert all(thing in text.split() or thing in text for text in task.negatives)
            assert all(task.row.answer not in text for text in task.negatives)


def test_nothing_of_an_article_left_out_is_trained_on(tmp_path: Path) -> None:
    folder = toy_articles(tmp_path)
    (title,) = left_out({thing.title() for thing in THINGS}, "2/4", [])
    words = {title.lower(), THINGS[title.lower()]}
    texts = [
        (task.row.question, task.row.context, *task.negatives)
        for task in article_tasks(folder, "2/4", [])
    ]
    assert texts
    assert not any(words & set(" ".join(each).replace("?", "").split()) for each in texts)


def test_each_mixture_has_its_share_of_what_is_drawn(tmp_path: Path) -> None:
    tasks = article_tasks(toy_articles(tmp_path), None, [])
    base = [Task(Question("q", "c", None, -1, "en", source)) for source in ["qamr"] * 40 + ["zsre"]]
    both, weights = mixed([(tasks, 0.75), (base, 0.25), ([], 0.3)])
    drawn = random.Random(1).choices(both, weights, k=20_000)
    share = sum(task.row.source in {"qamr", "zsre"} for task in drawn) / len(drawn)
    assert share == pytest.approx(0.25, abs=0.015)
    spanish, english = (
        next(weight for task, weight in zip(both, weights, strict=True) if task.row.source == name)
        for name in ("xquad/es", "squad/en-null")
    )
    assert spanish / english == pytest.approx(weight_of("xquad/es") / weight_of("squad/en-null"))
