"""The written set of personal data: true to its marks, and the bars of the kinds with a check."""

from __future__ import annotations

import json

import pytest
from stdnum import iban, luhn
from stdnum.es import dni, nie

from eval.benchmarks.quality.personal_data import (
    CHECKED,
    FORMLESS,
    LEAST,
    PRECISION,
    RECALL,
    SET,
    main,
    measured,
    unmarked,
)

ROWS = [json.loads(line) for line in SET.read_text("utf-8").splitlines()]
CHECKS = {"dni": dni, "nie": nie, "iban": iban, "card": luhn}


def bare(kind: str, value: str) -> str:
    number = value.replace("-", "").replace(" ", "").replace(".", "").upper()
    return number.zfill(9) if kind == "dni" else number


def test_what_is_marked_has_its_check_digit() -> None:
    marked = [
        (one.kind, plain[one.start : one.end])
        for plain, findings in (unmarked(row["text"]) for row in ROWS)
        for one in findings
    ]
    assert len(marked) > 80
    for kind, value in marked:
        assert kind not in CHECKED or CHECKS[kind].is_valid(bare(kind, value)), (kind, value)
    assert {row["language"] for row in ROWS} == {"es", "en"}


def test_kinds_with_a_check_digit_are_found() -> None:
    counts = measured(row["text"] for row in ROWS)
    for kind in CHECKED:
        right, wrong, missed = (counts[kind, what] for what in ("right", "wrong", "missed"))
        assert right / (right + wrong) >= PRECISION, kind
        assert right / (right + missed) >= RECALL, kind


def test_names_and_addresses_are_found_by_more_than_half() -> None:
    counts = measured(row["text"] for row in ROWS)
    for kind in FORMLESS:
        right, wrong, missed = (counts[kind, what] for what in ("right", "wrong", "missed"))
        assert right > 20
        assert right / (right + wrong) >= LEAST, kind
        assert right / (right + missed) >= LEAST, kind


def test_a_name_counts_where_half_of_it_is_shared() -> None:
    assert measured(["Firmado: don ⟦name:Luis Peña⟧ Soto"])["name", "right"] == 1
    counts = measured(["Firmado: don Luis Peña ⟦name:Soto⟧"])
    assert counts["name", "wrong"] == counts["name", "missed"] == 1


def test_what_is_missed_and_what_is_made_up_count() -> None:
    counts = measured(["DNI ⟦dni:12345678A⟧, cuenta ES91 2100 0418 4502 0005 1332"])
    assert counts["dni", "missed"] == counts["iban", "wrong"] == 1


def test_the_command_prints_each_kind(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["personal_data"])
    assert main() == 0
    assert "iban" in capsys.readouterr().out
