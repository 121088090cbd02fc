"""Every command that prints a result prints it as one JSON object too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from rag.cli.commands import app
from tests.helpers.commandline import LIFT, Rag

WITHOUT = {
    "chat": "runs until it is ended",
    "serve": "runs until it is ended",
    "mcp": "speaks a protocol over stdin and stdout",
    "worker": "runs until it is ended",
}


def verbs(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Gives the commands below one, by what is typed for them."""
    below = getattr(command, "commands", None)
    if below is None:
        yield name.strip(), command
        return
    for word, inner in below.items():
        if not inner.hidden:
            yield from verbs(inner, f"{name} {word}")


VERBS = dict(verbs(typer.main.get_command(app)))


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_it(name: str) -> None:
    flags = {flag for parameter in VERBS[name].params for flag in parameter.opts}
    assert ("--json" in flags) is (name not in WITHOUT)


def test_all_verbs_are_seen() -> None:
    assert len(VERBS) > 40
    assert {"ingest", "models pull", "train lexicon", "audit verify", *WITHOUT} <= VERBS.keys()


def test_figures_come_as_one_object(filled: Rag, tmp_path: Path) -> None:
    row = {"id": "a", "question": LIFT, "answers": ["ocho personas"], "language": "es"}
    evidence = [{"path": "ascensor.md", "quote": "El ascensor admite ocho personas."}]
    whole = {**row, "unanswerable": False, "evidence": evidence}
    (tmp_path / "set.jsonl").write_text(json.dumps(whole), "utf-8")
    first = filled("eval", "set.jsonl", "--json", "--out", "first")
    assert first.json["questions"] == 1
    assert first.json["figures"]["all"]["recall@1"]["value"] == 1.0
    flags = ("--against", "first", "--fail-under", "recall@1=1.5")
    second = filled("eval", "set.jsonl", "--json", *flags)
    assert second.code == 1
    assert second.json["against"]["recall@1"]["value"] == 0.0
    assert len(second.json["failed"]) == 1
