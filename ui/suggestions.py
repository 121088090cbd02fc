"""Questions that the documents answer, found in the background and checked by asking them.

One thread for all sessions, which gives way to the questions of people, to the pages that they open
and to the reading of files. What it finds is held in memory alone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from rag import scheduling
from rag.errors import RagError
from rag.library import Library
from rag.schema import Answer, DocumentInfo, Filters
from ui import i18n, questions
from ui.questions import Candidate

STARTERS = 4
FOLLOWING = 3

_DOCUMENTS = 8  # that are looked at for starters, the last changed first
_TRIES = 3  # candidates that are asked for each one that is wanted
_KEPT = 200  # results and checks
_CALM = 1.0  # seconds after somebody has opened a page, in which its parts are still on their way
_WAIT = 0.2  # seconds between two looks whether the machine is free

Busy = Callable[[], bool]
"""Tells whether somebody waits for an answer, or files are being read."""


class Suggestions:
    """Finds suggestions by key; what is wanted last is looked for first."""

    def __init__(self, library: Library, busy: Busy) -> None:
        self._library, self._busy = library, busy
        self._guard = threading.Condition()
        self._wanted: OrderedDict[Hashable, Callable[[], Iterable[Candidate]]] = OrderedDict()
        self._found: OrderedDict[Hashable, tuple[Candidate, ...]] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._put_off = -_CALM  # by the monotonic clock

    def put_off(self) -> None:
        """Lets a page go first that somebody has opened, or a part of it."""
        self._put_off = time.monotonic()

    def starters(
        self, documents: Sequence[DocumentInfo], scope: Filters, language: str
    ) -> tuple[Candidate, ...] | None:
        """Returns questions to begin with, from several of the documents within the scope.

        Documents in `language`, the person's, come before the others. None until they are known.
        """
        key = ("starters", language, scope, len(documents), max(info.id for info in documents))
        return self._get(key, STARTERS, scope, lambda: self._openers(scope, language))

    def following(
        self, answer: Answer, asked: Sequence[str], scope: Filters
    ) -> tuple[Candidate, ...] | None:
        """Returns questions near what an answer cites; None until they are known."""
        cited = tuple(citation.address for citation in answer.citations)
        if not cited:
            return ()
        known = frozenset(map(i18n.folded, asked))
        key = ("following", scope, cited, known)
        return self._get(key, FOLLOWING, scope, lambda: self._nearby(cited, known))

    def _get(
        self,
        key: Hashable,
        count: int,
        scope: Filters,
        candidates: Callable[[], Iterable[Candidate]],
    ) -> tuple[Candidate, ...] | None:
        with self._guard:
            if key in self._found:
                return self._found[key]
            self._wanted[key] = lambda: self._answered(candidates(), scope, count)
            self._wanted.move_to_end(key)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            return None

    def _run(self) -> None:
        scheduling.step_back()
        while True:
            self._give_way()
            with self._guard:
                if not self._wanted:
                    self._thread = None
                    return
                key, find = self._wanted.popitem()
            found: tuple[Candidate, ...] = ()
            try:
                found = tuple(find())
            except RagError:
                pass  # whoever asks next meets it, and is told
            except Exception:
                logging.getLogger(__name__).exception("no suggestions could be made")
            with self._guard:
                self._found[key] = found
                while len(self._found) > _KEPT:
                    self._found.popitem(last=False)

    def _newest(self, scope: Filters, language: str) -> Iterator[int]:
        """Returns ids of documents within the scope: those in the language, then the newest."""
        languages = {info.id: info.language for info in self._library.documents(scope)}
        files = sorted(self._library.files(), key=lambda file: -file.modified)
        ids = dict.fromkeys(file.document_id for file in files if file.document_id in languages)
        known = (key for key in ids if key is not None)
        return islice(sorted(known, key=lambda key: languages[key] != language), _DOCUMENTS)

    def _openers(self, scope: Filters, language: str) -> Iterator[Candidate]:
        """Gives candidates of these documents in turns, of another kind from each."""
        lists = [
            _in_turns(questions.of_document(document), number)
            for number, key in enumerate(self._newest(scope, language))
            if (document := self._library.document(key)) is not None
        ]
        turns = chain.from_iterable(zip_longest(*lists))
        return (candidate for candidate in turns if candidate is not None)

    def _nearby(
        self, cited: Sequence[tuple[int, int]], known: frozenset[str]
    ) -> Iterator[Candidate]:
        """Gives candidates of the cited documents, those near the first citations first."""
        starts = dict(reversed(cited))  # of each document its first citation
        for key in dict.fromkeys(document for document, _ in cited):
            document = self._library.document(key)
            if document is None:
                continue
            here = [at for other, at in cited if other == key]
            left = (
                item
                for item in questions.of_document(document)
                if not any(item.start <= at < item.end for at in here)
                and i18n.folded(item.text) not in known
            )
            near = sorted(left, key=lambda item: abs(item.start - starts[key]))
            yield from _in_turns(near, 0)

    def _answered(
        self, candidates: Iterable[Candidate], scope: Filters, count: int
    ) -> Iterator[Candidate]:
        """Gives so many candidates at most that the library answers where it should."""
        found = 0
        for candidate in islice(candidates, _TRIES * count):
            self._give_way()
            if self._holds(candidate, scope):
                found += 1
                yield candidate
            if found == count:
                return

    def _give_way(self) -> None:
        while self._busy() or time.monotonic() - self._put_off < _CALM:
            threading.Event().wait(_WAIT)

    def _holds(self, candidate: Candidate, scope: Filters) -> bool:
        stream = self._library.ask(candidate.text, (), scope)
        answer = stream.extractive or stream.answer
        return answer.found and any(
            citation.address[0] == candidate.document
            and candidate.start <= citation.start < candidate.end
            for citation in answer.citations
        )


def _in_turns(candidates: Iterable[Candidate], first: int) -> list[Candidate]:
    """Returns the candidates kind by kind in turns, beginning with the kind number `first`."""
    kinds: dict[str, list[Candidate]] = {kind: [] for kind in questions.KINDS}
    for candidate in candidates:
        kinds[candidate.kind].append(candidate)
    order = [*questions.KINDS[first % len(kinds) :], *questions.KINDS[: first % len(kinds)]]
    turns = zip_longest(*(kinds[kind] for kind in order))
    return [item for item in chain.from_iterable(turns) if item is not None]
