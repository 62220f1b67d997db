"""Statements and transactions on the file of the SQLite store."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock, get_ident
from typing import Any

from mock_server.core.exceptions import StoreError
from mock_server.store.selecting import mentions
from mock_server.store.sqlite_file import PATIENCE, connect, reason
from mock_server.store.sqlite_rows import storable

_PAUSE = 0.0005
"""Seconds between two tries. SQLite's own handler would sleep for up to 100 ms and let single requests wait for half a second."""


class Database:
    """One connection for all threads, behind a lock. Whatever SQLite raises comes out as `StoreError`."""

    def __init__(self, path: Path, synchronous: str, on_change: Callable[[], None] | None = None) -> None:
        """The file must be ours: see `prepare`. ``on_change`` is called when another connection has committed something."""
        self._path = path
        self._on_change = on_change
        self.lock = RLock()
        self._depth = 0
        self._owner = 0
        self._db = connect(path)
        # Some builds overwrite with zeros what is deleted, at three times the price.
        for pragma in ("journal_mode = WAL", f"synchronous = {synchronous}", "secure_delete = OFF", "cache_size = -16000"):
            self.run(f"PRAGMA {pragma}")
        self._db.create_function("mentions", -1, mentions, deterministic=True)
        self._data_version = self.row("PRAGMA data_version")[0]

    def run(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        with self.lock:
            try:
                return self._db.execute(sql, values)
            except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
                return self._run_again(error, sql, values)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query."""
        with self.lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
                return self._run_again(error, sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first row of a query, or None."""
        return next(iter(self.rows(sql, values)), None)

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is within `transaction`."""
        return self._owner == get_ident()

    @contextmanager
    def transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
        """All that is done within, or nothing of it. One in another is a part of that one."""
        with self.lock:
            outer = self._depth == 0
            if not outer and not self._db.in_transaction:
                raise StoreError(reason(self._path, "the transaction has been rolled back"))
            self.run(begin if outer else "SAVEPOINT part")
            if outer:
                self.look()
            self._depth += 1
            self._owner = get_ident()
            try:
                yield
                self.run("COMMIT" if outer else "RELEASE part")
            except BaseException:
                if self._db.in_transaction:
                    for statement in ("ROLLBACK",) if outer else ("ROLLBACK TO part", "RELEASE part"):
                        self.run(statement)
                raise
            finally:
                self._depth -= 1
                self._owner = 0 if outer else self._owner

    def look(self) -> None:
        """See whether another connection has committed something since the last look; within a transaction none can."""
        with self.lock:
            if self._depth == 0 and self._on_change is not None:
                before, self._data_version = self._data_version, self.row("PRAGMA data_version")[0]
                if before != self._data_version:
                    self._on_change()

    def close(self) -> None:
        with self.lock:
            self._db.close()

    def _run_again(self, error: Exception, sql: str, values: Sequence[Any]) -> sqlite3.Cursor:
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
