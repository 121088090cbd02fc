"""Rows are read and drawn the same every time; a passage is cut, its answer never."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from rag.training.qa_batches import (
    CAPS,
    CONTRADICTED,
    NEITHER,
    SUPPORTED,
    Example,
    QABatches,
    Task,
    capped,
    composed,
    window,
)
from rag.training.rows import (
    Pair,
    Parallel,
    Question,
    SourceSampler,
    pair_rows,
    parallel_rows,
    passages_of,
    question_rows,
)
from tests.helpers.training import (
    one_thread,  # noqa: F401
    toy_data,
    toy_tokenizer,
    write_rows,
)

WORDS = st.text("abcdefghij é", min_size=1, max_size=60)


def question(context: str, answer: str | None, start: int = -1, source: str = "s") -> Question:
    return Question("who was it?", context, answer, start, "en", source)


# --- reading files ---


def test_rows_come_as_the_files_have_them(tmp_path: Path) -> None:
    data = toy_data(tmp_path)
    assert parallel_rows(data)[0] == Parallel("the bridge is red", "el puente es rojo", "news")
    assert pair_rows(data)[5] == Pair("qué es puente", "the bridge is old", "glossary/es>en")
    for row in question_rows(data / "qa.jsonl.gz"):
        assert row.answer
        assert row.context[row.start : row.start + len(row.answer)] == row.answer


def test_a_question_without_answer_has_no_start(tmp_path: Path) -> None:
    path = tmp_path / "qa.gz"
    write_rows(
        path,
        [{"question": " q? ", "context": "c", "answer": None, "start": None, "lang": "es",
          "source": "x"}],
    )  # fmt: skip
    assert question_rows(path) == [Question("q?", "c", None, -1, "es", "x")]


def test_passages_are_neighbours_of_one_source() -> None:
    rows = [Parallel(f"one two {i}", f"uno dos {i}", "ab"[i >= 3]) for i in range(6)]
    joined = passages_of(rows, words=6)
    assert [row.en for row in joined] == [
        "one two 0 one two 1",
        "one two 2",
        "one two 3 one two 4",
        "one two 5",
    ]
    assert joined[0].es == "uno dos 0 uno dos 1"
    assert [row.source for row in joined] == ["a", "a", "b", "b"]
    assert passages_of([]) == []


# --- the sampler ---


def sources(**sizes: int) -> list[Parallel]:
    return [Parallel(f"{s}{i}", f"{s}{i}", s) for s, size in sizes.items() for i in range(size)]


def test_the_sampler_draws_the_same_from_the_same_seed() -> None:
    sampler = SourceSampler(sources(a=30, b=5))
    assert sampler.draw(50, random.Random(1)) == sampler.draw(50, random.Random(1))
    assert sampler.draw(50, random.Random(1)) != sampler.draw(50, random.Random(2))


def test_large_sources_do_not_drown_small_ones() -> None:
    sampler = SourceSampler(sources(large=1600, small=100))
    drawn = Counter(row.source for row in sampler.draw(10_000, random.Random(1)))
    assert drawn["large"] / drawn["small"] == pytest.approx(4, rel=0.1)  # the root of 16
    evenly = SourceSampler(sources(large=1600, small=100), cap=100)
    drawn = Counter(row.source for row in evenly.draw(10_000, random.Random(1)))
    assert drawn["large"] / drawn["small"] == pytest.approx(1, rel=0.1)


def test_rows_of_one_source_are_different_ones() -> None:
    sampler = SourceSampler(sources(a=30, b=5))
    assert len(set(sampler.of("a", 20, random.Random(1)))) == 20
    assert {row.source for row in sampler.of("b", 20, random.Random(1))} == {"b"}
    assert len(sampler.of("b", 20, random.Random(1))) == 5


# --- windows ---


@given(WORDS, WORDS, WORDS, st.integers(20, 90), st.integers(0, 99))
def test_a_window_keeps_the_answer_and_its_span(
    before: str, answer: str, after: str, size: int, seed: int
) -> None:
    row = question(before * 3 + answer + after * 3, answer, len(before * 3))
    cut = window(row, random.Random(seed), size)
    assert len(cut.context) <= max(size, 1)
    assert cut.context in row.context
    if len(answer) <= size:
        assert cut.answer == answer
    if cut.answer is None:
        assert cut.start == -1
    else:
        assert cut.context[cut.start : cut.start + len(cut.answer)] == cut.answer


@given(st.text("ab ", min_size=1, max_size=300), st.integers(60, 90), st.integers(0, 99))
def test_a_window_without_answer_is_some_of_the_passage(text: str, size: int, seed: int) -> None:
    cut = window(question(text, None), random.Random(seed), size)
    assert cut.answer is None
    assert cut.context in text
    assert 20 <= len(cut.context) <= size or cut.context == text


def test_windows_stand_at_different_places() -> None:
    row = question("x " * 300 + "Ana" + " y" * 300, "Ana", 600)
    starts = {window(row, random.Random(seed), 100).start for seed in range(50)}
    assert min(starts) < 20
    assert max(starts) > 70


# --- one sentence among others ---


def test_capped_keeps_so_many_questions_a_passage_and_no_other_source() -> None:
    rows = [question(f"c{i % 2}", "c", 0, "qamr") for i in range(40)]
    rows += [question("c0", "c", 0, "other") for _ in range(20)]
    kept = Counter((row.source, row.context) for row in capped(rows, random.Random(1)))
    assert kept == {("qamr", "c0"): CAPS["qamr"], ("qamr", "c1"): CAPS["qamr"], ("other", "c0"): 20}


@given(st.integers(0, 99), st.integers(1, 12))
def test_composed_moves_the_span_with_the_sentence(seed: int, count: int) -> None:
    rows = [question(f"In {i} it was Ana{i} .", f"Ana{i}", 11 + len(str(i))) for i in range(count)]
    rows.append(question("Nobody knows.", None))
    for row, old in zip(composed(rows, random.Random(seed), 4), rows, strict=True):
        assert row.context.count(old.context) == 1
        if row.answer is None:
            assert row.start == -1
        else:
            assert row.context[row.start : row.start + len(row.answer)] == row.answer
    assert max(len(row.context) for row in composed(rows, random.Random(seed), 4)) > 20


# --- tensors ---


@given(st.integers(0, 99))
def test_token_places_are_those_of_the_answer(seed: int) -> None:
    draw = random.Random(seed)
    words = [draw.choice(["town", "river", "Ana", "é", "zzz", "war"]) for _ in range(30)]
    position = draw.randrange(30)
    words[position] = answer = draw.choice(["the bridge", "José", "1812", "built in Rome"])
    context = " ".join(words)
    row = question(context, answer, len(" ".join(words[:position])) + bool(position))
    tokenizer = toy_tokenizer()
    tensors = QABatches(tokenizer, [Task(row)], [1.0]).tensors(
        [Example(row, 1.0), Example(question("x", None), 0.0)]
    )
    pair = tokenizer.encode(row.question, context)
    start, end = int(tensors["start"][0]), int(tensors["end"][0])
    assert context[pair.offsets[start][0] : pair.offsets[end][1]] == answer
    assert pair.type_ids[start] == pair.type_ids[end] == 1
    assert tensors["start"].tolist()[1] == tensors["end"].tolist()[1] == -1
    assert tensors["relevant"].tolist() == [1.0, 0.0]


def test_an_answer_beyond_the_last_token_is_none() -> None:
    row = question("zzzzzzzzzz " * 60 + "Ana", "Ana", 660)
    tensors = QABatches(toy_tokenizer(), [Task(row)], [1.0]).tensors([Example(row, 1.0)])
    assert tensors["start"].tolist() == [-1]


def test_a_step_draws_the_same_rows_by_weight_and_near_misses_in_their_share() -> None:
    tasks = [Task(question("the house", "house", 4, "a"), ("the manor",)) for _ in range(9)]
    tasks += [Task(question("the river", "river", 4, "never")) for _ in range(9)]
    batches = QABatches(
        toy_tokenizer(),
        tasks,
        [float(task.row.source == "a") for task in tasks],
        negative_share=0.3,
    )
    left, right = (batches(5, random.Random(2)) for _ in range(2))
    assert all((left[name] == right[name]).all() for name in left)
    assert 0.5 < float(left["relevant"].mean()) < 0.9
    assert ((left["start"] >= 0) == (left["relevant"] == 1)).all()
    river = toy_tokenizer().token_to_id("river")
    assert not (left["input_ids"] == river).any()


def test_answerable_rows_become_near_misses_in_their_share() -> None:
    row = question("Ana saw the bridge of Rome in 1812.", "the bridge", 8)
    task = Task(replace(row, question="What did Ana see in 1812?"))
    batches = QABatches(toy_tokenizer(), [task], [1.0], near_miss_share=0.5)
    tensors = batches(1, random.Random(1))
    assert 0.2 < float((tensors["start"] < 0).float().mean()) < 0.8
    assert set(tensors["relevant"].tolist()) == {1.0}


def test_claims_are_supported_contradicted_or_not_found() -> None:
    claim = question("The bridge was built in 1812.", None)
    task = Task(
        replace(claim, context="It is old: 1812 it was built."), ("no town",), (), SUPPORTED
    )
    batches, town = QABatches(toy_tokenizer(), [task], [1.0]), toy_tokenizer().token_to_id("town")
    labels = set[int]()
    for step in range(12):  # a step's rows are of like length: of one label here
        tensors = batches(step, random.Random(step))
        labels |= set(tensors["support"].tolist())
        assert set(tensors["start"].tolist()) == {-1}
        unfound = (tensors["input_ids"] == town).any(1)
        assert ((tensors["support"] == NEITHER) == unfound).all()
    assert labels == {NEITHER, SUPPORTED, CONTRADICTED}
    given_so = replace(task, support=CONTRADICTED, negatives=())
    tensors = QABatches(toy_tokenizer(), [given_so], [1.0])(1, random.Random(1))
    assert set(tensors["support"].tolist()) == {CONTRADICTED}


def test_a_passage_known_as_a_near_miss_is_never_relevant() -> None:
    task = Task(question("the house", None, -1, "nq-bm25-negative"))
    null = Task(question("the house", None, -1, "squad/en-null"))
    for given_task, relevant in ((task, 0.0), (null, 1.0)):
        batches = QABatches(toy_tokenizer(), [given_task], [1.0])
        assert set(batches(1, random.Random(1))["relevant"].tolist()) == {relevant}
