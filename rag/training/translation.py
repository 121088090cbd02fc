"""Spanish versions of English questions and passages, by Apertium's rules, answers kept marked.

Labelled Spanish questions over encyclopaedic text are few. Apertium (eng-spa, a rule-based
translator that Debian packages and that runs without a network) writes stiff Spanish with the right
words in nearly the right order: enough to teach what corresponds to what, not how to write.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rag.errors import RagError, UsageError
from rag.training.rows import Pair, Question

SEARCHED = ("qed-nq", "nq-open-oracle")  # people's questions to a search engine, with spans
YES_NO = "boolq"  # the same, with yes or no for an answer: pairs only
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_MARKED = re.compile(r"^(.*?)<b>(.*?)</b>(.*)$", re.DOTALL)


def translatable(questions: Iterable[Question], pairs: Iterable[Pair]) -> list[Question]:
    """What is worth it: search questions over encyclopaedia passages, with a span or without."""
    spans = [row for row in questions if row.source in SEARCHED]
    whole = [row for row in pairs if row.source == f"{YES_NO}/en"]
    return spans + [Question(row.query, row.passage, None, -1, "en", YES_NO) for row in whole]


def translate(rows: Sequence[Question], cache: Path) -> list[Question | None]:
    """Each row in Spanish, None where the mark of its answer was lost; kept in `cache`.

    A cache of other rows, or one half written, is made anew. Raises UsageError when apertium is
    not installed and RagError when it fails.
    """
    paragraphs = _translated(list(_markup(rows)), cache)
    pairs = zip(paragraphs[::2], paragraphs[1::2], strict=True)
    return [
        _read(row, question, context) for row, (question, context) in zip(rows, pairs, strict=True)
    ]


def _markup(rows: Iterable[Question]) -> Iterator[str]:
    for row in rows:
        question = row.question[:1].upper() + row.question[1:]
        yield f"<p>{_escape(question if question.endswith('?') else question + '?')}</p>"
        if row.answer is None:
            yield f"<p>{_escape(row.context)}</p>"
            continue
        end = row.start + len(row.answer)
        before, after = row.context[: row.start], row.context[end:]
        yield f"<p>{_escape(before)} <b>{_escape(row.answer)}</b> {_escape(after)}</p>"


def _escape(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=False)


def _translated(paragraphs: Sequence[str], cache: Path) -> list[str]:
    """Each paragraph's translation, from `cache` where that is of these very paragraphs."""
    markup = "\n".join(paragraphs)
    source = cache.with_suffix(".source.html")
    if not (cache.exists() and source.exists() and source.read_text("utf-8") == markup):
        cache.unlink(missing_ok=True)  # before its source says that it is of these rows
        source.write_text(markup, encoding="utf-8")
        _apertium(source, cache)
    translated = _PARAGRAPH.findall(cache.read_text(encoding="utf-8"))
    if len(translated) != len(paragraphs):
        raise RagError(
            f"apertium gave {len(translated)} paragraphs for {len(paragraphs)}",
            f"delete {cache.name} and run the same command again, or train with --no-translate",
        )
    return translated


def _apertium(source: Path, target: Path) -> None:
    if shutil.which("apertium") is None:
        raise UsageError(
            "the translator apertium is not installed",
            "apt install apertium apertium-eng-spa, or train with --no-translate",
        )
    half = target.with_suffix(".half")  # a run that is killed leaves no cache that looks whole
    command = ["apertium", "-u", "-f", "html", "eng-spa", str(source), str(half)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RagError(
            f"apertium failed: {done.stderr.strip() or done.returncode}",
            "apt install apertium-eng-spa, or train with --no-translate",
        )
    half.replace(target)


def _read(row: Question, question: str, context: str) -> Question | None:
    asked = _plain(question)
    translated = replace(row, question=f"¿{asked}", language="es", source=f"{row.source}-mt")
    if row.answer is None:
        return replace(translated, context=_plain(context))
    marked = _MARKED.match(context)
    if marked is None:
        return None
    before, answer, after = (_plain(part) for part in marked.groups())
    if not answer:
        return None
    head = f"{before} " if before else ""
    gap = "" if after[:1] in {"", ".", ",", ";", ":", ")"} else " "
    return replace(
        translated, context=f"{head}{answer}{gap}{after}", answer=answer, start=len(head)
    )


def _plain(markup: str) -> str:
    """Text of a translated paragraph: no tags, single spaces, none before punctuation."""
    text = html.unescape(re.sub(r"<[^>]*>", "", markup))
    return re.sub(r"\s+([.,;:?)])", r"\1", " ".join(text.split()))
