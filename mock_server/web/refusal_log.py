"""Logs why each request was refused, on a thread of its own: finding the mistake may take milliseconds that
no answer waits for."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from mock_server.core.records import Entry
from mock_server.providers.pipeline import Pipeline

log = logging.getLogger("mock_server")
_WAITING = 16
"""Refusals that may wait for their line; beyond that only the journal explains them."""


class RefusalLog:
    """One line a refusal."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "explain")
        self._places = threading.BoundedSemaphore(_WAITING)
        self._pipeline: Pipeline | None = None

    def attach(self, pipeline: Pipeline) -> None:
        """Explain with what the pipeline knows."""
        self._pipeline = pipeline

    def add(self, entry: Entry) -> None:
        """Log the refusal soon."""
        if log.isEnabledFor(logging.INFO) and self._places.acquire(blocking=False):
            try:
                self._thread.submit(self._write, entry)
            except RuntimeError:  # closed
                self._places.release()

    def _write(self, entry: Entry) -> None:
        from mock_server.web.refusals import describe

        try:
            if self._pipeline is not None:
                log.info("%s", describe(self._pipeline, entry))
        except Exception:
            log.exception("could not explain request %s", entry.id)
        finally:
            self._places.release()

    def close(self) -> None:
        """Drop what is still waiting."""
        self._thread.shutdown(wait=False, cancel_futures=True)
