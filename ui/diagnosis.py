"""Why a document or a sentence did not come as an answer: where it was lost on the way."""

from __future__ import annotations

from collections.abc import Callable

from rag.library import Library
from rag.schema import FAILURES, Answer, Filters, Outcome, Passage
from ui import documents_page, i18n, pictures, safe_text, scope
from ui.i18n.labels import Words

DEPTH = 100
"""Passages that are ranked; what lies below has hardly a word of the question."""

_NEAR = 10  # passages among which a pasted sentence is looked for
_NAMED = 3  # documents of a name that are explained
_QUOTED = 160  # characters of the nearest passage


def explain(library: Library, words: Words, answer: Answer, given: str) -> list[str]:
    """Returns in words what became of a document that is named, or of a sentence."""
    named = documents_page.matching(library.documents(), given)
    unread = _unread(library, words, given)
    if unread and len(named) == 0:
        return unread
    if named and len(named) <= _NAMED:
        return [
            _trace(library, words, answer, info.path.rsplit("/", 1)[-1], _of_document(info.id))
            for info in named
        ]
    near = library.search(given, _NEAR)
    passage = next((item for item in near if _says(item, given)), None)
    if passage is not None:
        source = i18n.source_name(words, passage)
        return [_trace(library, words, answer, source, _of_chunk(passage))]
    return [words.why.unknown, *(_nearest(words, item) for item in near[:1])]


def percent(value: float) -> int:
    """Returns a share as a whole number of hundredths, within what it can be."""
    return round(100 * min(max(value, 0.0), 1.0))


def _trace(
    library: Library,
    words: Words,
    answer: Answer,
    source: str,
    is_it: Callable[[Passage], bool],
) -> str:
    said, asked = words.why, answer.question
    ranked = library.search(asked.standalone, DEPTH, asked.filters)
    rank = next((place for place, item in enumerate(ranked, 1) if is_it(item)), 0)
    if not rank:
        if asked.filters and any(map(is_it, library.search(asked.standalone, DEPTH, Filters()))):
            where = scope.described(words, asked.filters)
            return said.outside.format(source=source, scope=where)
        return said.unranked.format(source=source, depth=DEPTH)
    if any(is_it(citation.passage) for citation in answer.citations):
        return said.cited.format(source=source, rank=rank)
    if rank > library.settings.passages:
        return said.too_low.format(source=source, rank=rank, read=library.settings.passages)
    least = percent(library.settings.min_confidence)
    return said.read.format(source=source, rank=rank, share=percent(answer.confidence), least=least)


def _unread(library: Library, words: Words, given: str) -> list[str]:
    """Returns what to do about files of that name that could not be read."""
    wanted = i18n.folded(given).split()
    return [
        words.why.unread.format(
            file=file.path,
            outcome=words.outcomes[Outcome(file.outcome)],
            step=pictures.next_step(words, file.outcome, file.reason),
        )
        for file in library.files()
        if file.outcome in FAILURES and all(word in i18n.folded(file.path) for word in wanted)
    ][:_NAMED]


def _of_document(document_id: int) -> Callable[[Passage], bool]:
    return lambda passage: passage.chunk.document_id == document_id


def _of_chunk(wanted: Passage) -> Callable[[Passage], bool]:
    return lambda passage: passage.chunk.id == wanted.chunk.id


def _says(passage: Passage, given: str) -> bool:
    plain = " ".join(i18n.folded(given).strip(' .«»"“”').split())
    return plain in " ".join(i18n.folded(passage.chunk.text).split())


def _nearest(words: Words, passage: Passage) -> str:
    text = safe_text.flat(passage.chunk.text, _QUOTED)
    return words.why.nearest.format(source=i18n.source_name(words, passage), text=text)
