"""The JSON of the command line and the server: names and keys are a contract for scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.config import ADDRESSES, NAMES, Settings, Trusted, shown
from rag.errors import UsageError
from rag.schema import (
    Answer,
    Block,
    Citation,
    DocumentInfo,
    IngestReport,
    Note,
    Outcome,
    Passage,
    Purge,
    Removal,
    Status,
    Turn,
)

Json = dict[str, Any]

CONTROL = "\x00-\x1f\x7f-\x9f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
"""Characters that command a terminal or hide text, and lone surrogates, for a class of a regex."""

_CONTROL = re.compile(f"[{CONTROL}]")


def of_ingest(report: IngestReport) -> Json:
    """Returns what `rag ingest --json` prints."""
    return {
        "files": report.counts(),
        "failed": [
            {"path": file.path, "outcome": file.outcome, "reason": file.reason}
            for file in report.failed
        ],
        "kept_out": [
            {"path": file.path, "reason": file.reason}
            for file in report.files
            if file.outcome is Outcome.STAYS_REMOVED
        ],
        "notes": [
            {"path": file.path, **of_note(note)} for file in report.files for note in file.notes
        ],
        "redacted": report.redacted(),
        "chunks": report.chunks,
        "stopped": report.stopped,
        "seconds": _round(report.seconds),
        "purge": _purge(report.purge),
    }


def of_note(note: Note) -> Json:
    """Returns what was left out of a file, or read with doubt."""
    return {"kind": note.kind, "where": note.where, "count": note.count, "text": note.text}


def of_removal(removal: Removal) -> Json:
    """Returns what `rag remove --json` prints."""
    return {
        "removed": list(removal.paths),
        "deleted": list(removal.copies),
        "purge": _purge(removal.purge),
    }


def of_answer(answer: Answer) -> Json:
    """Returns what `rag ask --json` prints."""
    return {
        "question": answer.question.text,
        "answer": answer.text,
        "intent": answer.question.intent,
        "short": answer.short,
        "found": answer.found,
        "confidence": round(answer.confidence, 4),
        "language": answer.question.language,
        "model": answer.model,
        "standalone": answer.question.standalone,
        "citations": list(map(of_citation, answer.citations)),
        "passages": of_found(answer.passages),
        "blocks": [_block(block) for block in answer.blocks],
        "conflicts": list(map(asdict, answer.conflicts)),
        "used": answer.used,
        "struck": answer.struck,
        "fallback": answer.fallback,
        "unwritten": answer.unwritten,
        "flagged": list(answer.flagged),
        "hidden": list(answer.hidden),
        "seconds": _round(answer.seconds),
    }


def of_found(passages: Sequence[Passage]) -> list[Json]:
    """Returns where the passages stand that an answer was looked for in."""
    return list(map(_passage, passages))


def of_passages(passages: list[Passage]) -> Json:
    """Returns what `rag search --json` prints."""
    return {
        "passages": [
            {
                **_passage(passage),
                "text": passage.chunk.text,
                "title": passage.title,
                "headings": list(passage.chunk.headings),
                "signals": _round(passage.signals.as_dict()),
            }
            for passage in passages
        ]
    }


def of_documents(documents: Iterable[DocumentInfo]) -> Json:
    """Returns the list of documents; where their files lie on this machine is left out."""
    names = "id path title language chunks pages suffix".split()
    return {"documents": [{name: getattr(info, name) for name in names} for info in documents]}


def of_status(status: Status) -> Json:
    """Returns what `rag status --json` prints."""
    return {
        "documents": status.documents,
        "chunks": status.chunks,
        "files": dict(status.files),
        "generation": status.generation,
        "consistent": status.consistent,
        "problems": list(status.problems),
        "embedder": status.embedder,
        "language": dict(status.languages),
        "private": status.private,
        "engine": status.engine,
    }


def of_settings(settings: Settings) -> Json:
    """Returns what `rag config --json` prints: values, origins, and what was ignored."""
    rows: Json = {
        name: {"value": _plain(getattr(settings, name)), "origin": settings.origins[name]}
        for name in NAMES
    }
    for name in ADDRESSES:
        rows[name]["value"] = shown(name, getattr(settings, name))
    for setting in settings.ignored:
        ignored = {"value": setting.value, "origin": str(setting.path), "why": setting.why}
        rows[setting.name].setdefault("ignored", []).append(ignored)
    return rows


def of_trusted(trusted: Trusted) -> Json:
    """Returns what `rag config --trust --json` prints."""
    return {
        "path": str(trusted.path),
        "sha256": trusted.sha256,
        "settings": dict(trusted.settings),
        "record": str(trusted.record),
    }


def read_questions(path: Path) -> Iterator[tuple[Json, list[Turn]]]:
    """Gives lines of a question file with their history. Raises UsageError for a bad line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "check the path") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            row = _question(path, number, line)
            yield row, _turns(path, number, row)


def dump(value: Json) -> str:
    """Returns one line of JSON, readable as UTF-8; no terminal obeys it, whatever its texts hold.

    Every text is exact once it is parsed. Bytes of a name that is no UTF-8 are lone surrogates
    (`\\udce9`), as Python's `surrogateescape` has them.
    """
    return _CONTROL.sub(_escape, json.dumps(value, ensure_ascii=False))


def plain(value: Json) -> Json:
    """Returns a value of JSON's own types, without the lone surrogates that UTF-8 cannot hold."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    return dict(json.loads(text))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _question(path: Path, number: int, line: str) -> Json:
    advice = 'one JSON object a line, with at least {"id": ..., "question": ...}'
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{path}, line {number} is no JSON: {error}", advice) from error
    question = row.get("question") if isinstance(row, dict) else None
    if not isinstance(question, str) or not question.strip():
        raise UsageError(f"{path}, line {number} has no question", advice)
    return dict(row)


def _turns(path: Path, number: int, row: Json) -> list[Turn]:
    try:
        return [Turn(turn["question"], turn["answer"]) for turn in row.get("history") or []]
    except (KeyError, TypeError) as error:
        raise UsageError(
            f"{path}, line {number} has a history of another form",
            '"history": [{"question": ..., "answer": ...}]',
        ) from error


def _purge(purge: Purge) -> Json:
    """Returns whether removed text is off the disk; if not, why, and the processes that read it."""
    return {
        "state": "complete" if purge.complete else "pending",
        "reason": purge.reason,
        "processes": [asdict(holder) for holder in purge.holders],
    }


def _block(block: Block) -> Json:
    return {
        "kind": block.kind,
        "text": block.text,
        "citations": list(block.citations),
        "support": block.support,
        "score": round(block.score, 4),
    }


def of_citation(citation: Citation) -> Json:
    """Returns a citation with its quote and its address."""
    return {
        "number": citation.number,
        "path": citation.passage.path,
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "headings": list(citation.headings),
    }


def _passage(passage: Passage) -> Json:
    return {
        "path": passage.path,
        "page": passage.page,
        "start": passage.chunk.start,
        "end": passage.chunk.end,
        "score": round(passage.score, 4),
    }


def _round(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
