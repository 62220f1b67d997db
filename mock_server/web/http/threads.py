"""Threads for what blocks. Daemons, so that a thread inside a long wait never keeps the process from
ending."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable


class Threads:
    """Runs jobs on up to ``limit`` threads, which start on demand and end after ``idle`` seconds without
    work.

    The standard library's executor joins its threads at exit, however long the wait they are in; this one
    does not."""

    def __init__(self, limit: int, name: str, idle: float = 30.0) -> None:
        self._limit, self._name, self._idle_for = limit, name, idle
        self._jobs: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._count = self._idle = 0

    def submit(self, job: Callable[[], None]) -> None:
        """Run the job soon; beyond the limit it waits for a thread. What it raises is logged."""
        with self._changed:
            self._jobs.append(job)
            if self._idle >= len(self._jobs):
                self._changed.notify()
            elif self._count < self._limit:
                self._count += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def idle(self) -> int:
        """Threads that wait for a job."""
        return self._idle

    def waiting(self) -> int:
        """Jobs that wait for a thread."""
        return max(len(self._jobs) - self._idle, 0)

    def _work(self) -> None:
        while (job := self._take()) is not None:
            try:
                job()
            except Exception:
                logging.getLogger(__name__).exception("a job failed")
            del job

    def _take(self) -> Callable[[], None] | None:
        with self._changed:
            self._idle += 1
            has_job = self._changed.wait_for(lambda: self._jobs, self._idle_for)
            self._idle -= 1
            if has_job:
                return self._jobs.popleft()
            self._count -= 1
            return None
