"""Retention by age: conversations, figures of questions, entries of the audit log."""

from __future__ import annotations

import time
from dataclasses import dataclass

from rag.library import Library
from rag.server.audit import Audit

_DAY = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many of each went."""

    conversations: int = 0
    questions: int = 0  # figures of monitoring
    audit_entries: int = 0


def forget_old(library: Library, audit: Audit | None, who: str) -> Forgotten:
    """Forgets what is older than the settings keep; who is noted in the audit log.

    Raises UsageError where the audit log is not as it was written: nothing of it goes then.
    """
    settings, kept = library.settings, library.conversations
    conversations = questions = entries = 0
    if kept.writable:
        days = settings.keep_conversations_days
        conversations = kept.forget_old(days) if days > 0 else 0
        questions = kept.usage.forget_old()
    if audit is not None and settings.keep_audit_days > 0 and audit.on:
        limit = time.time() - settings.keep_audit_days * _DAY
        oldest = next(audit.entries(), None)
        if oldest is not None and oldest.at < limit:
            entries = audit.forget(settings.keep_audit_days, who)
    return Forgotten(conversations, questions, entries)
