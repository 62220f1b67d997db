"""When the store cannot be used: logged once, tried again until it can be used, logged again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from mock_server.core.exceptions import StoreError
from mock_server.core.log_lines import ONCE

log = logging.getLogger("mock_server")

_PAUSE = 0.5
"""Seconds between two tries."""


class Outage:
    """Thread-safe. A thread of its own asks the store until it answers."""

    def __init__(self, probe: Callable[[], None], pause: float = _PAUSE) -> None:
        """``probe`` writes something that is never read. Raises `StoreError` as long as that is impossible."""
        self.reason = ""
        """Why the store cannot be used, and what to do; empty: it can be."""
        self.is_shut = False
        """Whether callers need not ask, since each would wait as long as the last one."""
        self.on_end: Callable[[], object] = lambda: None
        """Called when the store can be used again; on the outage's thread."""
        self._probe, self._pause = probe, pause
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._since = 0.0

    def begin(self, reason: str, *, shut: bool = False) -> None:
        """The store has failed; nothing happens where that is known."""
        with self._lock:
            self.is_shut = self.is_shut or shut
            if self.reason or self._closed.is_set():
                return
            self.reason, self._since = reason, time.monotonic()
            log.error("%s; until then vendors' calls are answered with status 500", reason, extra=ONCE)
            threading.Thread(target=self._watch, name="mock-server-outage", daemon=True).start()

    def close(self) -> None:
        """Ask no more."""
        self._closed.set()

    def _watch(self) -> None:
        while not self._closed.wait(self._pause):  # closed at once where the store could not even be opened
            try:
                self._probe()
            except StoreError as error:
                self.reason = str(error)
            else:
                self._end()
                return

    def _end(self) -> None:
        with self._lock:
            self.reason, self.is_shut = "", False
        seconds = time.monotonic() - self._since
        log.warning("the store can be used again; it could not be for %.1f s", seconds, extra=ONCE)
        self.on_end()


def never() -> Outage:
    """Of a store that cannot fail."""
    return Outage(lambda: None)
