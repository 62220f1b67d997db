"""Waiting for changes, which other processes may make as well."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf
from threading import Condition


class ChangeNotifier:
    """A version that rises at once with this process's changes, and with those of others while a thread
    waits.

    However many threads wait, one of them looks outside and the others wait for it."""

    def __init__(self, look: Callable[[float], None] = lambda _: None, interval: float = inf) -> None:
        """``look(timeout)`` looks outside for at most so long and calls `advance` or `notify` if something
        has changed there. It is called every ``interval`` seconds; 0: at once, since it blocks by itself."""
        self._look = look
        self._interval = interval
        self._changed = Condition()
        self._version = 0
        self._waiting = 0
        self._looking = False
        self._closed = False

    @property
    def version(self) -> int:
        return self._version

    def advance(self, version: int) -> int:
        """The version is at least this; the version then."""
        with self._changed:
            if version > self._version:
                self._version = version
                self._wake()
            return self._version

    def notify(self) -> None:
        """Something has changed."""
        with self._changed:
            self._version += 1
            self._wake()

    def close(self) -> None:
        """End all waits, also those to come; returns when no thread looks outside any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._looking)

    def wait(self, version: int, timeout: float) -> int:
        """As `Store.wait`."""
        deadline = time.monotonic() + timeout
        with self._changed:
            self._waiting += 1
            try:
                while self._version <= version and not self._closed and time.monotonic() < deadline:
                    if self._looking:
                        self._changed.wait(max(0.0, deadline - time.monotonic()))
                    else:
                        self._lead(version, deadline)
            finally:
                self._waiting -= 1
            return self._version

    def _lead(self, version: int, deadline: float) -> None:
        self._looking = True
        try:
            while (
                self._version <= version
                and not self._closed
                and (remaining := deadline - time.monotonic()) > 0
            ):
                if self._interval and self._changed.wait(min(self._interval, remaining)):
                    continue
                self._changed.release()
                try:
                    self._look(remaining)
                finally:
                    self._changed.acquire()
        finally:
            self._looking = False
            # One of those who still wait goes on looking; when closing, the closing thread waits as well.
            if self._closed:
                self._changed.notify_all()
            else:
                self._changed.notify()

    def _wake(self) -> None:
        if self._waiting:
            self._changed.notify_all()
