"""Copying what is in SQLite's write-ahead log to the file, on a thread of its own.

SQLite itself does so within a commit, and waits for the disk three times. On a disk that takes 0.3 s to sync, the event
loop stood still for a second. The size at which SQLite does it nevertheless bounds the log where the thread cannot
follow."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from mock_server.store.sqlite_file import connect

ROWS = 2000
"""Changed rows after which it is time."""
BYTES = 16 * 2**20
"""Bytes by which the log has grown, after which it is time."""
LARGE = 16 * 2**20
"""Bytes of the log from which writers wait for a moment, so that they start at its beginning again: to overwrite costs
them a fifth less than to append. An event loop does not wait: to it the file is busy, and it asks again."""
_LOOK = 32
"""Commits between two looks at the log's size."""
_END = 1.0
"""Seconds to wait for the thread at the end."""


class Checkpoints:
    """Of one connection, whose lock the caller of `committed` has."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(f"{path.name}-wal")
        self._commits = self._changes = self._size = 0
        self._wake_event = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def opened(self) -> None:
        """The connection is a new one."""
        self._changes = self._size = 0

    def committed(self, changes: int) -> None:
        """``changes``: rows that the connection has changed since it was opened."""
        self._commits += 1
        if changes - self._changes < ROWS and (self._commits % _LOOK or not self._has_grown()):
            return
        self._changes, self._size = changes, self._size_now()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
            self._thread.start()
        self._wake_event.set()

    def close(self) -> None:
        """Stop copying."""
        self._closed = True
        self._wake_event.set()
        if self._thread is not None:
            self._thread.join(_END)

    def _has_grown(self) -> bool:
        return self._size_now() - self._size > BYTES

    def _size_now(self) -> int:
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def _run(self) -> None:
        while True:
            self._wake_event.wait()
            self._wake_event.clear()
            if self._closed:
                return
            with suppress(sqlite3.Error):  # the store meets the same error and reports it
                copy(self._path, lambda: self._size_now() > LARGE)
            self._size = self._size_now()


def copy(path: Path, is_large: Callable[[], bool]) -> None:
    """Copy what no reader holds on to. Writers go on meanwhile, unless the log is large then."""
    with closing(connect(path, "mode=rw", timeout=1.0)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        if is_large():
            connection.execute("PRAGMA wal_checkpoint(RESTART)")
