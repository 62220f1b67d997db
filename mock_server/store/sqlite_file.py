"""The file of the SQLite store: a log of changes, a dump of what they came to now and then, and a number beside it.

The log is what makes a commit cheap: one row at its end, two or three pages, whatever the commit consists of."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_server.core.exceptions import ConfigError

if TYPE_CHECKING:
    from sqlite3 import Connection, Cursor

    from mock_server.store.beacon import Beacon

SCHEMA = 5
"""Kept in ``user_version``; a file of another version is refused, since it holds nothing worth a migration."""

# seq counts from 1 without gaps. meta.dump is the seq at which the parts of the last whole dump were made; the log's rows before
# that one are no longer needed, and it is never empty again.
_TABLES = """
CREATE TABLE log(seq INTEGER PRIMARY KEY, kind INTEGER, body BLOB);
CREATE TABLE dumps(seq INTEGER, part INTEGER, body BLOB);
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
INSERT INTO meta VALUES('dump', 0);
"""

_PATIENCE = 10.0
"""Seconds to wait for other processes' transactions, which take some twenty microseconds each."""
_PENDING = 0.0005
"""Seconds to wait for a transaction to end before trying in vain, which costs twenty microseconds; its process may have been killed."""
_SPINS = 20
"""How often to try again at once, since the other transaction is about to end, before sleeping."""
_PART = 256 * 1024
"""Bytes of a dump written, and roughly of a log forgotten, in one transaction: no other process waits longer for it than a millisecond."""
_FORGOTTEN = 10
# Where there is no such call, sleeping for no time does; on Linux that takes eighty microseconds.
_yield: Callable[[], None] = getattr(os, "sched_yield", partial(time.sleep, 0))


class Row(NamedTuple):
    """One change."""

    seq: int
    kind: int
    body: bytes


class SqliteFile:
    """One connection. Not thread-safe: one lock, the store's, guards it.

    A process that finds another one writing tries again after microseconds; SQLite's own handler would sleep for milliseconds."""

    def __init__(self, path: str, synchronous: str) -> None:
        """Makes the file if need be. Raises `ConfigError` with a remedy when it cannot be used."""
        import sqlite3

        self._path = path
        self._error, self._locked = sqlite3.Error, sqlite3.OperationalError
        try:
            # One connection for all threads, behind the store's lock; no sleeping of SQLite's when another process is writing.
            self._db: Connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        try:
            self._prepare(synchronous)
        except sqlite3.Error as error:
            self._db.close()
            raise self._unusable(error) from None
        except BaseException:
            self._db.close()
            raise

    def begin(self, beacon: Beacon | None = None) -> None:
        """Begin a transaction that no other process can write beside; not before that of another one, says the beacon, has ended."""
        if beacon is not None and beacon.pending:
            deadline = time.monotonic() + _PENDING
            while beacon.pending and time.monotonic() < deadline:
                _yield()
        self._patiently("BEGIN IMMEDIATE")

    def append(self, rows: Sequence[Row]) -> None:
        """Write the next changes, in the transaction that has begun."""
        self._db.executemany("INSERT INTO log VALUES(?, ?, ?)", rows)

    def commit(self) -> None:
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """End the transaction; a commit that failed may have ended it already."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def rows_after(self, seq: int) -> list[Row]:
        """The changes since then; where the first is not the next, those before it have been forgotten."""
        return [Row(*row) for row in self._patiently("SELECT seq, kind, body FROM log WHERE seq > ? ORDER BY seq", (seq,)).fetchall()]

    def everything(self) -> tuple[int, bytes, list[Row]]:
        """The seq at which the last whole dump was made (0: there is none), that dump, and the changes since."""
        begun = self._db.in_transaction
        if not begun:
            # All of it as it was at one moment: another process may just be writing a dump and forgetting changes.
            self._patiently("BEGIN")
        try:
            seq = self._patiently("SELECT value FROM meta WHERE name = 'dump'").fetchone()[0]
            parts = self._db.execute("SELECT body FROM dumps WHERE seq = ? ORDER BY part", (seq,)).fetchall()
            return seq, b"".join(body for (body,) in parts), self.rows_after(seq)
        except self._error as error:
            raise self._unusable(error) from None
        finally:
            if not begun:
                self.rollback()

    def write_dump(self, seq: int, body: bytes) -> None:
        """Write a dump, then forget what it makes needless; in many short transactions."""
        for part, start in enumerate(range(0, len(body), _PART)):
            self._write("INSERT INTO dumps VALUES(?, ?, ?)", (seq, part, body[start : start + _PART]))
        self._write("UPDATE meta SET value = ? WHERE name = 'dump' AND value < ?", (seq, seq))
        while self._write("DELETE FROM dumps WHERE rowid IN (SELECT rowid FROM dumps WHERE seq < ? LIMIT 1)", (seq,)):
            pass
        first = self._patiently("SELECT min(seq) FROM log").fetchone()[0]
        for end in range(first + _FORGOTTEN, seq + _FORGOTTEN, _FORGOTTEN):
            self._write("DELETE FROM log WHERE seq < ?", (min(end, seq),))

    def close(self) -> None:
        self._db.close()

    def _write(self, sql: str, values: tuple[Any, ...]) -> int:
        """One statement as a transaction; how many rows it changed."""
        return self._patiently(sql, values).rowcount

    def _patiently(self, sql: str, values: tuple[Any, ...] = ()) -> Cursor:
        """Run a statement that other processes may keep from starting. Raises as sqlite3 does when they do for too long."""
        try:
            return self._db.execute(sql, values)
        except self._locked as error:
            if "locked" not in str(error):
                raise
        deadline = time.monotonic() + _PATIENCE
        tries = 0
        while True:
            tries += 1
            if tries <= _SPINS:
                _yield()
            else:
                time.sleep(min(0.00005 * (tries - _SPINS), 0.001))
            try:
                return self._db.execute(sql, values)
            except self._locked as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise

    def _prepare(self, synchronous: str) -> None:
        # Measured with rows of 400 to 3,300 bytes: pages of this size cost a third less than the usual ones of 4,096. What some
        # builds of SQLite do by themselves, overwriting what is deleted with zeros, costs three times what deleting does.
        self._patiently("PRAGMA page_size = 16384")
        self._patiently("PRAGMA secure_delete = OFF")
        self._patiently("PRAGMA wal_autocheckpoint = 256")
        self._patiently("PRAGMA journal_mode = WAL")
        self._patiently(f"PRAGMA synchronous = {synchronous}")
        self.begin()
        try:
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in _TABLES.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {SCHEMA}")
            self.commit()
        finally:
            self.rollback()
        if version not in (0, SCHEMA):
            raise self._unusable("it was made by another version of mock-server")

    def _unusable(self, why: object) -> ConfigError:
        return ConfigError(f"the store {self._path} cannot be used: {why}; delete the file, or name another one")
