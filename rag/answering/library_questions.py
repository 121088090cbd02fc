"""Questions about the library itself: how many documents, which ones, the newest, what is new.

Answered from the ledger and the index; each document that is named is cited by how it begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rag.answering.prepared import Citations, Prepared, reply
from rag.retrieval import weighted_terms
from rag.schema import Block, BlockKind, DocumentInfo, Intent, Question, Support
from rag.storage import Store
from rag.text import query_terms, search_terms
from rag.text.conversation import CONVERSATION, ConversationData
from rag.text.languages import DATA

_LISTED = 20  # documents named in a reply
_SEARCHED = 400  # chunks looked at for a topic
_ON_TOPIC = 0.7  # share of a topic's weight that a chunk must hold
_FEW = 2  # chunks that make a document one about the topic, if its title does not
_FEWEST = 3  # characters of a line that shows how a document begins


def asks_about_the_library(question: Question) -> bool:
    """Tells whether its words ask for the documents themselves."""
    words = CONVERSATION[question.language]
    asks = words.asks_for_documents.format(documents=words.documents)
    return re.search(asks, question.query, re.IGNORECASE) is not None


def about_the_library(
    question: Question, store: Store, now: datetime | None = None
) -> Prepared | None:
    """Returns how many documents there are, or which ones; None where that is not asked."""
    if question.intent != Intent.LIBRARY or not asks_about_the_library(question):
        return None
    words, query = CONVERSATION[question.language], question.query
    infos = _selected(store.documents.infos(question.filters), query, words)
    topic = _topic(query, words)
    if topic:
        infos = _on_topic(store, infos, topic, question.language)
    added = _added(store)
    since = _since(query, words, now or datetime.now(UTC).astimezone())
    if since is not None:
        infos = [info for info in infos if added.get(info.id, since) >= since]
    about = words.about.format(topic=topic) if topic else ""
    if not infos:
        return reply(f"{words.no_documents}{about}.")
    if order := _ordered(infos, query, words, added):
        return _listed(store, order[:1], "", [_day(added.get(order[0].id), question.language)])
    one, many = words.number_of_documents
    number = (one if len(infos) == 1 else many).format(count=len(infos)) + about
    if re.search(words.counts, query, re.IGNORECASE) and not topic and since is None:
        return reply(f"{number}: {_counted(infos, words, query)}.")
    return _listed(store, infos, f"{number}:", [], words)


def _added(store: Store) -> dict[int, datetime]:
    """Returns when each document came into the library, by its id."""
    return {
        document: datetime.fromtimestamp(seen / 1e9, UTC).astimezone()
        for document, seen in store.ledger.added().items()
    }


def _since(query: str, words: ConversationData, now: datetime) -> datetime | None:
    """Returns the moment from which documents are asked for: «la semana pasada»."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for days, pattern in words.since.items():
        if re.search(pattern, query, re.IGNORECASE):
            return midnight - timedelta(days=days)
    return None


def _ordered(
    infos: Sequence[DocumentInfo],
    query: str,
    words: ConversationData,
    added: dict[int, datetime],
) -> list[DocumentInfo]:
    """Returns the documents, the one asked for first; none where no extreme is asked for."""
    epoch = datetime.fromtimestamp(0, UTC)
    if _says(words.newest, query) or _says(words.oldest, query):
        newest = _says(words.newest, query)
        return sorted(infos, key=lambda info: added.get(info.id, epoch), reverse=newest)
    if _says(words.longest, query) or _says(words.shortest, query):
        longest = _says(words.longest, query)
        return sorted(infos, key=lambda info: (info.pages, info.chunks), reverse=longest)
    return []


def _day(moment: datetime | None, language: str) -> str:
    if moment is None:
        return ""
    month = DATA[language].months[moment.month - 1][0]
    if language == "es":
        return f"{moment.day} de {month} de {moment.year}"
    return f"{moment.day} {month.capitalize()} {moment.year}"


def _listed(
    store: Store,
    infos: Sequence[DocumentInfo],
    lead: str,
    beside: Sequence[str],
    words: ConversationData | None = None,
) -> Prepared:
    """Returns the titles as a list, each with a citation of how its document begins."""
    citations, lines, numbers = Citations(), [], []
    for index, info in enumerate(infos[:_LISTED]):
        document = store.documents.get(info.id)
        line = re.search(rf"\S[^\n]{{{_FEWEST},}}", document.text) if document else None
        mark = ""
        if document and line:
            numbers.append(citations.number(document, line.span()))
            mark = f" [{numbers[-1]}]"
        note = f" ({beside[index]})" if index < len(beside) and beside[index] else ""
        lines.append(f"{info.title}{note}{mark}")
    if not lead:
        block = Block(BlockKind.SENTENCE, lines[0], tuple(numbers), Support.SUPPORTED, 1.0)
        return Prepared((block,), tuple(citations.made), infos[0].title)
    if len(infos) > _LISTED and words is not None:
        lines.append(words.further.format(count=len(infos) - _LISTED))
    text = "\n".join((lead, *(f"• {line}" for line in lines)))
    block = Block(BlockKind.LIST, text, tuple(numbers), Support.SUPPORTED, 1.0)
    return Prepared((block,), tuple(citations.made))


def _selected(
    infos: Sequence[DocumentInfo], query: str, words: ConversationData
) -> list[DocumentInfo]:
    """Returns the documents in the language and of the type that the question names, if any."""
    codes = {code for code, name in words.languages.items() if _says(name, query)}
    endings = {
        suffix
        for suffixes, name in words.suffixes.items()
        if _says(name, query)
        for suffix in suffixes.split()
    }
    return [
        info
        for info in infos
        if (not codes or info.language in codes) and (not endings or info.suffix in endings)
    ]


def _says(words: str, query: str) -> bool:
    return re.search(rf"\b(?:{words})\b", query, re.IGNORECASE) is not None


def _topic(query: str, words: ConversationData) -> str:
    match = re.search(words.topic, query, re.IGNORECASE)
    return match[1].strip(" ?.") if match is not None else ""


def _on_topic(
    store: Store, infos: Sequence[DocumentInfo], topic: str, language: str
) -> list[DocumentInfo]:
    """Returns the documents whose title or some chunks name the topic, most chunks first."""
    groups = query_terms(topic, language)
    frequencies = store.keywords.frequencies([term for group in groups for term in group])
    terms = weighted_terms(groups, groups, frequencies, store.documents.counts()[1])
    hits = [key for key, _ in store.keywords.search(groups, _SEARCHED)]
    found: dict[int, int] = {}
    for chunk, _, _ in store.documents.chunks(hits).values():
        if terms.covered(set(search_terms(chunk.text, chunk.language))) >= _ON_TOPIC:
            found[chunk.document_id] = found.get(chunk.document_id, 0) + 1
    titled = {
        info.id
        for info in infos
        if terms.covered(set(search_terms(info.title, info.language))) >= _ON_TOPIC
    }
    least = min(_FEW, max(found.values(), default=0))
    chosen = [
        info
        for info in infos
        if info.id in titled or (not titled and found.get(info.id, 0) >= least > 0)
    ]
    return sorted(chosen, key=lambda info: -found.get(info.id, 0))


def _counted(infos: Sequence[DocumentInfo], words: ConversationData, query: str) -> str:
    by_language = [
        template.format(count=count)
        for code, template in words.in_languages.items()
        if (count := sum(info.language == code for info in infos))
    ]
    if _says(words.pages, query):
        by_language.append(words.number_of_pages.format(count=sum(info.pages for info in infos)))
    return ", ".join(by_language)
