"""Replies that need no evidence: to small talk, and to questions about the library itself.

The intent of a question and the words of `rag.text.conversation` must agree, so that no question
about the documents is taken for a greeting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.retrieval import weighted_terms
from rag.schema import DocumentInfo, Intent, Question
from rag.storage import Store
from rag.text import query_terms, search_terms
from rag.text.conversation import CONVERSATION, ConversationData

_MOST_WORDS = 9  # of small talk: what is longer says something else besides
_LISTED = 20  # documents named in a reply
_SEARCHED = 400  # chunks looked at for a topic
_ON_TOPIC = 0.7  # share of a topic's weight that a chunk must hold
_FEW = 2  # chunks that make a document one about the topic, if its title does not


def plausible(question: Question) -> bool:
    """Tells whether a question may have its intent: small talk and the library need their words."""
    if question.intent == Intent.SMALL_TALK:
        return small_talk(question) is not None
    return question.intent != Intent.LIBRARY or asks_about_the_library(question)


def small_talk(question: Question) -> str | None:
    """Returns the reply to a greeting, thanks or a question about the assistant; else None."""
    if question.intent != Intent.SMALL_TALK or len(question.text.split()) > _MOST_WORDS:
        return None
    others = (code for code in CONVERSATION if code != question.language)
    for code in (question.language, *others):
        for pattern, reply in CONVERSATION[code].small_talk:
            if re.search(pattern, question.text, re.IGNORECASE):
                return reply
    return None


def asks_about_the_library(question: Question) -> bool:
    """Tells whether its words ask for the documents themselves."""
    words = CONVERSATION[question.language]
    asks = words.asks_for_documents.format(documents=words.documents)
    return re.search(asks, question.query, re.IGNORECASE) is not None


def about_the_library(question: Question, store: Store) -> str | None:
    """Returns how many documents there are, or which ones; None where that is not asked."""
    if question.intent != Intent.LIBRARY or not asks_about_the_library(question):
        return None
    words = CONVERSATION[question.language]
    infos = _selected(store.documents.infos(), question.query, words)
    topic = _topic(question.query, words)
    if topic:
        infos = _on_topic(store, infos, topic, question.language)
    counts = re.search(words.counts, question.query, re.IGNORECASE) is not None
    return _reply(infos, topic, counts and not topic, words, question.query)


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


def _reply(
    infos: Sequence[DocumentInfo], topic: str, counts: bool, words: ConversationData, query: str
) -> str:
    about = words.about.format(topic=topic) if topic else ""
    if not infos:
        return f"{words.no_documents}{about}."
    one, many = words.number_of_documents
    number = (one if len(infos) == 1 else many).format(count=len(infos)) + about
    if counts:
        return f"{number}: {_counted(infos, words, query)}."
    titles = [info.title for info in infos[:_LISTED]]
    if len(infos) > _LISTED:
        titles.append(words.further.format(count=len(infos) - _LISTED))
    return f"{number}:\n" + "\n".join(f"- {title}" for title in titles)


def _counted(infos: Sequence[DocumentInfo], words: ConversationData, query: str) -> str:
    by_language = [
        template.format(count=count)
        for code, template in words.in_languages.items()
        if (count := sum(info.language == code for info in infos))
    ]
    if _says(words.pages, query):
        by_language.append(words.number_of_pages.format(count=sum(info.pages for info in infos)))
    return ", ".join(by_language)
