"""Statements and transactions on the file of the SQLite store."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock, get_ident
from typing import Any

from mock_server.core.exceptions import StoreError
from mock_server.store.filters import mentions
from mock_server.store.sqlite_file import PATIENCE, connect, reason
from mock_server.store.sqlite_rows import storable

Values = Sequence[Any] | Mapping[str, Any]

_PAUSE = 0.0005
"""Seconds between two tries. SQLite's own handler sleeps for up to 100 ms, which delays single requests by
half a second."""
_SETTINGS = (
    "journal_mode = WAL",
    "secure_delete = OFF",  # some builds overwrite what is deleted with zeros, which takes three times as long
    "cache_size = -16000",
)


class Database:
    """One connection for all threads, behind a lock. Whatever SQLite raises comes out as `StoreError`."""

    def __init__(
        self,
        path: Path,
        synchronous: str,
        on_doubt: Callable[[], None] = lambda: None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """The file must be ours: see `sqlite_file.prepare`. ``on_doubt``: what has been read may not hold any
        more. ``on_change``: something has been committed, here or by another connection."""
        self._path = path
        self._on_doubt, self._on_change = on_doubt, on_change
        self.lock = RLock()
        self._depth = 0
        self._owner = 0
        self._broken = False
        self._db = connect(path)
        for setting in (*_SETTINGS, f"synchronous = {synchronous}"):
            self.run(f"PRAGMA {setting}")
        self._db.create_function("mentions", -1, mentions, deterministic=True)
        self._data_version = self.row("PRAGMA data_version")

    def run(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        """Run a statement. The caller has the lock, as `transaction` has."""
        try:
            return self._db.execute(sql, values)
        except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
            return self._run_again(error, sql, values)

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        with self.lock:
            try:
                return self.run(sql, values).fetchall()
            except sqlite3.Error as error:
                raise StoreError(reason(self._path, error)) from error

    def row(self, sql: str, values: Values = ()) -> Any:
        """The first row, or None."""
        return next(iter(self.rows(sql, values)), None)

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is within `transaction`."""
        return self._owner == get_ident()

    @contextmanager
    def transaction(self, begin: str = "BEGIN IMMEDIATE", *, noticed: bool = True) -> Iterator[None]:
        """All that is done within, or nothing of it. One within another is a part of that one: where it fails
        after it has written something, the other one cannot be committed any more.

        ``noticed``: whoever waits for changes is woken, if there are any."""
        with self.lock:
            if self._depth:
                with self._part():
                    yield
                return
            self.run(begin)
            self.look()
            self._depth, self._owner, self._broken = 1, get_ident(), False
            written = self._db.total_changes
            try:
                yield
                if self._broken:
                    raise StoreError(reason(self._path, "a part of the transaction has failed"))
                self.run("COMMIT")
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._depth, self._owner = 0, 0
            if noticed and self._db.total_changes != written:
                self._on_change()

    @contextmanager
    def _part(self) -> Iterator[None]:
        if not self._db.in_transaction:
            raise StoreError(reason(self._path, "the transaction has been rolled back"))
        written = self._db.total_changes
        try:
            yield
        except BaseException:
            self._broken = self._broken or self._db.total_changes != written
            raise

    def look(self) -> None:
        """See whether another connection has committed something since the last look; within a transaction
        none can."""
        with self.lock:
            if self._depth == 0:
                before, self._data_version = self._data_version, self.row("PRAGMA data_version")
                if before != self._data_version:
                    self._on_doubt()
                    self._on_change()

    def close(self) -> None:
        with self.lock:
            self._db.close()

    def _roll_back(self) -> None:
        self._on_doubt()
        if self._db.in_transaction:
            self.run("ROLLBACK")

    def _run_again(self, error: Exception, sql: str, values: Values) -> sqlite3.Cursor:
        """After an error: with text that can be stored, or when another process has ended its transaction."""
        if not isinstance(error, sqlite3.Error):
            return self.run(sql, storable(values))
        deadline = time.monotonic() + PATIENCE
        while "locked" in str(error) and not self._db.in_transaction and time.monotonic() < deadline:
            time.sleep(_PAUSE)
            try:
                return self._db.execute(sql, values)
            except sqlite3.Error as again:
                error = again
        raise StoreError(reason(self._path, error)) from error
