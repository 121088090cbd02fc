"""The map, the parts that are held back, and the interval: on vectors whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from rag.models.batching import unit
from rag.training import guard
from rag.training.held_back import groups, interval, least, parts
from rag.training.learner import Learner
from rag.training.linear_map import Asked, Floats, Places, gains, spread, whitening

DIMENSION, NUISANCE = 24, 4
STRENGTHS = (2.0, 8.0)


def normal(*shape: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def made(documents: int = 20, nuisance: float = 1.5, seed: int = 0) -> tuple[Asked, Places]:
    """Six questions to six passages a document; the last dimensions say nothing of the match."""
    count = documents * 6
    passages = normal(count, DIMENSION, seed=seed)
    questions = passages + 0.9 * normal(count, DIMENSION, seed=seed + 1)
    for rows, more in ((passages, 2), (questions, 3)):
        rows[:, -NUISANCE:] += 2 * nuisance * normal(count, NUISANCE, seed=seed + more)
    one = np.zeros(count, dtype=np.intp)
    asked = Asked(unit(questions), unit(passages), [[i] for i in range(count)], one, one)
    return asked, np.repeat(np.arange(documents), 6)


def everything(asked: Asked) -> Places:
    return np.arange(len(asked.gold))


# --- the map ---


def test_directions_that_say_nothing_are_shrunk() -> None:
    asked, _ = made()
    (matrix,) = whitening(spread(asked, everything(asked)), [2.0])
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-5)
    lengths = np.linalg.norm(matrix, axis=0)
    assert lengths[-NUISANCE:].max() < 0.8 * lengths[:-NUISANCE].min()


def test_the_stronger_the_hold_the_nearer_to_the_identity() -> None:
    asked, _ = made()
    weak, strong = whitening(spread(asked, everything(asked)), [1.0, 1e6])
    np.testing.assert_allclose(strong, np.eye(DIMENSION), atol=1e-3)
    assert np.abs(weak - np.eye(DIMENSION)).max() > 0.1


def test_ranks_count_passages_of_the_same_language_only() -> None:
    passages = unit(np.array([[1, 0], [1, 0.1], [0, 1]], dtype=np.float32))
    question = unit(np.array([[1, 0.05], [1, 0]], dtype=np.float32))
    asked = Asked(question, passages, [[2], [1, 2]], np.array([0, 0]), np.array([1, 0, 0]))
    assert gains(asked, np.arange(2), None).tolist() == [0.5, 1.0]
    turn = np.array([[0, 1], [1, 0]], dtype=np.float32)
    assert gains(asked, np.arange(2), turn).tolist() == [0.5, 1.0]  # turning all changes nothing
    assert gains(asked, np.arange(0), None).tolist() == []


def test_beyond_the_tenth_is_not_found() -> None:
    passages = unit(np.stack([np.ones(20), np.arange(20)], axis=1).astype(np.float32))
    question, one = passages[:1], np.zeros(20, dtype=np.intp)
    ranks = [gains(Asked(question, passages, [[k]], one[:1], one), one[:1], None) for k in (9, 10)]
    assert [float(each[0]) for each in ranks] == [pytest.approx(0.1), 0.0]


# --- what is held back ---


def test_near_copies_stand_together() -> None:
    rows = unit(normal(12, 16))
    copied = np.concatenate([rows, unit(rows[:4] + 0.01 * normal(4, 16, seed=1))])
    documents = np.repeat([5, 6, 7, 9], 4)
    assert groups(copied, documents).tolist() == [5] * 4 + [6] * 4 + [7] * 4 + [5] * 4
    assert groups(rows, documents[:12]).tolist() == documents[:12].tolist()


def test_parts_keep_groups_whole_and_are_of_like_size() -> None:
    group = np.repeat(np.arange(11), np.arange(1, 12))
    part = parts(group, 3, seed=1)
    assert all(len(set(part[group == name].tolist())) == 1 for name in range(11))
    sizes = np.bincount(part)
    assert len(sizes) == 3
    assert sizes.max() - sizes.min() <= 3
    assert parts(group, 3, seed=1).tolist() == part.tolist()


def test_the_interval_knows_that_questions_of_a_document_share_its_luck() -> None:
    group = np.repeat(np.arange(10), 30)
    luck = np.repeat(normal(10), 30)
    low, high = interval(luck, group, seed=1)
    alone = interval(luck, np.arange(300), seed=1)
    assert low < luck.mean() < high
    assert high - low > 3 * (alone[1] - alone[0])
    assert least(luck, group) == pytest.approx(low, abs=0.25)
    sure = np.full(300, 0.25, dtype=np.float32)
    assert interval(sure, group, seed=1) == (0.25, 0.25)
    few = interval(luck[:120], group[:120], seed=1)  # by Student's quantile for four documents
    spread_of_four = luck[:120:30].std(ddof=1) / 2
    assert few[1] - few[0] > 2 * 2.2 * spread_of_four
    assert least(sure, group) == 0.25


# --- all of it ---


def test_what_helps_in_documents_held_back_is_learnt() -> None:
    asked, group = made()
    learner = Learner(asked, group, STRENGTHS, 5, seed=1)
    gained = learner.held_back() - learner.gains(None)
    assert interval(gained, group, seed=1)[0] > 0
    matrix, strength = learner.learn()
    assert strength in STRENGTHS
    assert learner.gains(matrix).mean() > learner.gains(None).mean()


def test_where_nothing_can_be_learnt_nothing_is_gained() -> None:
    asked, group = made(nuisance=0.0)
    learner = Learner(asked, group, STRENGTHS, 5, seed=1)
    assert interval(learner.held_back() - learner.gains(None), group, seed=1)[0] <= 0


def test_a_part_is_asked_by_a_map_that_knows_nothing_of_it() -> None:
    asked, group = made(documents=10)
    part = parts(group, 5, seed=1)
    spoilt = asked.questions.copy()
    spoilt[part == 0] = unit(normal(int((part == 0).sum()), DIMENSION, seed=9))
    other = Asked(spoilt, asked.passages, asked.gold, asked.questions_of, asked.passages_of)
    first, second = (Learner(each, group, (8.0,), 5, seed=1) for each in (asked, other))
    (own,) = first._maps(0)
    np.testing.assert_allclose(own, second._maps(0)[0], atol=1e-6)
    assert np.abs(first._maps(1)[0] - second._maps(1)[0]).max() > 1e-3


# --- the guard ---


def test_the_same_model_loses_nothing_and_a_broken_one_is_told() -> None:
    both = {
        text: unit(normal(1, 32, seed=i))[0] for i, pair in enumerate(guard.PAIRS) for text in pair
    }

    def encode(texts: Sequence[str]) -> Floats:
        return np.stack([both[text] for text in texts])

    assert all(len(pair) == 2 for pair in guard.PAIRS)
    assert len({text for pair in guard.PAIRS for text in pair}) == 2 * len(guard.PAIRS) == 120
    same = guard.compare(encode, np.eye(32, dtype=np.float32))
    assert same == {"likeness": 1.0, "across_before": 1.0, "across_after": 1.0}
    assert guard.lost(same) is None
    flat = np.zeros((32, 32), dtype=np.float32)
    flat[0, 0] = 1.0
    assert "otherwise than before" in (guard.lost(guard.compare(encode, flat)) or "")
    assert "match worse" in (guard.lost({**same, "across_after": 0.98}) or "")
    assert guard.lost({**same, "likeness": float("nan")})
