"""Logs why each request was refused, on a thread of its own: finding the mistake may take milliseconds that
no answer waits for."""

from __future__ import annotations

import logging
import queue
import threading
import time
from math import inf
from typing import NamedTuple

from mock_server.core.exceptions import StoreError
from mock_server.core.log_lines import Repeated
from mock_server.core.records import Entry
from mock_server.providers.pipeline import Pipeline

log = logging.getLogger("mock_server")
_WAITING = 16
"""Refusals that may wait for their line; beyond that only the journal explains them."""
_LAST_MOMENT = 0.3
"""Seconds for what waits when the server stops."""
_SHOWN, _SECONDS = 5, 10.0
"""Lines of one kind that are written in each span of time; the others are counted."""


class _RefusalKind(NamedTuple):
    """Refusals with the same cause."""

    account: str
    provider: str
    operation: str
    """The path where no operation is served: each wrong path has a cause of its own."""
    status: int
    error: str
    check: str

    @classmethod
    def of(cls, entry: Entry) -> _RefusalKind:
        check = str((entry.evidence or {}).get("check", ""))
        return cls(
            entry.account,
            entry.provider,
            entry.operation or entry.request.path,
            entry.status,
            entry.error,
            check,
        )

    def __str__(self) -> str:
        what = " ".join(filter(None, (self.provider, self.operation))) or "no operation"
        return f"{self.account}: {what} refused with {self.error or self.status}"


class RefusalLog:
    """One line a refusal; of many that are the same, the first ones and how many more there were."""

    def __init__(self) -> None:
        self._entries: queue.Queue[Entry | None] = queue.Queue()
        self._repeated: Repeated[_RefusalKind] = Repeated(_SHOWN, _SECONDS)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pipeline: Pipeline | None = None
        self._closed = False

    def attach(self, pipeline: Pipeline) -> None:
        """Explain with what the pipeline knows."""
        self._pipeline = pipeline

    def add(self, entry: Entry) -> None:
        """Log the refusal soon."""
        if not log.isEnabledFor(logging.INFO):
            return
        kind = _RefusalKind.of(entry)
        if not self._repeated.passes(kind, time.monotonic()):
            return
        if self._entries.qsize() >= _WAITING:
            self._repeated.hold_back(kind)
            return
        self._entries.put(entry)
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="explain", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            try:
                entry = self._entries.get(timeout=1.0 if self._repeated else None)
            except queue.Empty:
                self._count(time.monotonic())
                continue
            if entry is None or self._closed:
                return
            self._write(entry)
            self._entries.task_done()
            self._count(time.monotonic())

    def _write(self, entry: Entry) -> None:
        from mock_server.web.refusals import describe

        fields = {"request_id": entry.id, "account": entry.account}
        try:
            if self._pipeline is not None:
                line = describe(self._pipeline, entry)
                if not self._closed:
                    log.info("%s", self._pipeline.services.accounts.without_secrets(line), extra=fields)
        except StoreError:  # it says so itself
            self._repeated.hold_back(_RefusalKind.of(entry))
        except Exception:
            if not self._closed:
                log.exception("could not explain request %s", entry.id, extra=fields)

    def _count(self, now: float) -> None:
        for more in self._repeated.ended(now):
            log.info("… %d more like this: %s", more.more, more.kind, extra={"account": more.kind.account})

    def flush(self) -> None:
        """Wait until what was added has been written."""
        self._entries.join()

    def close(self) -> None:
        """Give what waits a moment to be written, and drop the rest."""
        self._entries.put(None)
        if self._thread is not None:
            self._thread.join(_LAST_MOMENT)
        self._closed = True
        self._count(inf)
