"""What the interface has words for; `ui.i18n.es` and `ui.i18n.en` hold them.

Words with {braces} are filled with `str.format`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ui.i18n.answers import AnswerWords
from ui.i18n.collections import CollectionWords
from ui.i18n.comparing import ComparingWords
from ui.i18n.conversations import ConversationWords
from ui.i18n.documents import DocumentWords
from ui.i18n.keeping import FeedbackWords, MonitoringWords
from ui.i18n.scope import ScopeWords
from ui.i18n.settings import SettingsWords
from ui.i18n.signing_in import SigningInWords
from ui.i18n.why import WhyWords


@dataclass(frozen=True, slots=True)
class Words:
    """The interface in one language."""

    decimal: str
    title: str
    sentence: str
    language: str
    new_chat: str
    ask: str
    loading: str
    searching: str
    writing: str
    searched: str
    took: str
    verbatim: str
    written: str
    fallbacks: Mapping[str, str]
    used: str
    partly: str
    partly_tip: str
    unfound: str
    unfound_tip: str
    conflict: str
    struck: str
    idle_writer: str
    flagged: str
    hidden: str
    sources: str
    sources_title: str
    quote: str
    citation: str
    near_passage: str
    page: str
    headings: str
    not_found: str
    nearest: str
    nearest_title: str
    nearest_none: str
    interrupted: str
    pane_hint: str
    previous: str
    following: str
    close: str
    source_name: str
    page_image: str
    not_marked: str
    drawing: str
    undrawn: Mapping[str, str]
    no_page_image: str
    gone: str
    documents: str
    upload: str
    upload_button: str
    year_hint: str
    upload_hint: str
    folder: str
    folder_help: str
    folder_inside: str
    folder_pick: str
    folder_up: str
    folder_add: str
    folder_missing: str
    folder_outside: str
    no_match: str
    read_all: str
    read_notes: str
    left_out: str
    notes: Mapping[str, str]
    block_kinds: Mapping[str, str]
    remove_yes: str
    purge_read: str
    purge_pending: str
    stop: str
    stop_writing: str
    stop_reading: str
    read_through: str
    written_until_stopped: str
    stopping: str
    clear: str
    progress: str
    starting: str
    waiting: str
    job_done: str
    job_stopped: str
    job_failed: str
    job_left: str
    job_retry: str
    job_restore: str
    pace: str
    minutes_left: str
    seconds_left: str
    stages: Mapping[str, str]
    steps: Mapping[str, str]
    outcomes: Mapping[str, str]
    empty_title: str
    empty_sentence: str
    empty_or: str
    sample: str
    reading: str
    ready: str
    ready_sentence: str
    starters_title: str
    errors: Mapping[str, str]
    error_unknown: str
    detail: str
    locked: str
    opening: str
    conversations: ConversationWords
    comparing: ComparingWords
    scope: ScopeWords
    answers: AnswerWords
    documents_page: DocumentWords
    collections: CollectionWords
    why: WhyWords
    feedback: FeedbackWords
    monitoring: MonitoringWords
    settings: SettingsWords
    signing_in: SigningInWords
    skips: str
    skip_to_question: str
    skip_to_content: str
    offline: str
