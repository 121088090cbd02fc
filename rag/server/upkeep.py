"""What a server does by itself: it forgets what is old, and tells what is beyond a threshold.

A notice goes to the log, and where the setting `notice_url` names an address to that one, as JSON:
the measure, its value and its limit, and nothing of what is asked or read. It is told when it
begins and when it is over. What the settings of retention say is done once an hour.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable

import httpx

from rag import monitoring
from rag.errors import RagError
from rag.library import Library
from rag.monitoring import Measure, Notice
from rag.server import retention
from rag.server.audit import Audit
from rag.server.watching import Metrics

_HOUR = 3600.0
_MINUTE = 60.0
_DAYS = 1.0  # of the questions that are looked at
_TIMEOUT = 10.0

_MEANING = {Measure.REFUSED: " (of the answers, those that are «not in your documents»)"}

_log = logging.getLogger(__name__)


class Upkeep:
    """The upkeep of one library, in a thread of its own."""

    def __init__(self, library: Library, audit: Audit | None, metrics: Metrics) -> None:
        self._library, self._audit, self._metrics = library, audit, metrics
        self._told: dict[Measure, Notice] = {}
        self._forgotten = float("-inf")  # when what is old was forgotten last
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        """Begins to look, at once and then again and again."""
        self._thread.start()

    def close(self) -> None:
        """Ends it, after the look in hand."""
        self._ended.set()
        self._thread.join()

    def look(self) -> None:
        """Looks once. What fails is logged, and tried again at the next look."""
        try:
            if time.monotonic() - self._forgotten > _HOUR:
                retention.forget_old(self._library, self._audit, "server")
                self._forgotten = time.monotonic()
            if self._library.settings.notice_minutes > 0:
                found = monitoring.figures(self._library, _DAYS)
                self._tell(monitoring.notices(found, self._library.settings))
        except (RagError, OSError) as error:
            _log.warning("upkeep: %s", error)

    def _run(self) -> None:
        minutes = self._library.settings.notice_minutes
        while not self._ended.is_set():
            self.look()
            self._ended.wait(minutes * _MINUTE if minutes > 0 else _HOUR)

    def _tell(self, notices: Iterable[Notice]) -> None:
        found = {notice.measure: notice for notice in notices}
        self._metrics.show(found)
        begun = [found[measure] for measure in found.keys() - self._told.keys()]
        over = [self._told[measure] for measure in self._told.keys() - found.keys()]
        for notice in begun:
            if self._sent(notice, "begun"):
                self._told[notice.measure] = notice
        for notice in over:
            if self._sent(notice, "over"):
                del self._told[notice.measure]

    def _sent(self, notice: Notice, state: str) -> bool:
        """Logs and sends a notice; tells whether it is where it should be."""
        measure = f"{notice.measure}{_MEANING.get(notice.measure, '')}"
        said = f"{measure} is {notice.value:.3g}, the limit is {notice.limit:g}: {state}"
        _log.warning("notice: %s", said)
        url = self._library.settings.notice_url
        if not url:
            return True
        body = {
            "notice": notice.measure,
            "state": state,
            "value": notice.value,
            "limit": notice.limit,
            "at": time.time(),
            "text": f"Fuente: {said}",
        }
        try:  # not by way of a proxy of the environment, and to no other address
            httpx.post(url, json=body, timeout=_TIMEOUT, trust_env=False).raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _log.warning("notice_url: %s; it is tried again", type(error).__name__)
            return False
        return True
