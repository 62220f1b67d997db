"""The file of the SQLite store: its tables, and the one connection a process has to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from mock_server.core.clock import ClockState
from mock_server.core.exceptions import ConfigError
from mock_server.store.selecting import real_due

if TYPE_CHECKING:
    from sqlite3 import Connection, Cursor

T = TypeVar("T")
Run = Callable[..., "Cursor"]
"""``run(sql, values)``: one statement of the transaction."""

SCHEMA = 1
"""Kept in ``user_version``; a file of another version is refused, since it holds nothing worth a migration."""

ACCOUNT_TABLES = ("accounts", "claims", "records", "aliases", "steps", "tallies", "counters", "entries", "counts", "deliveries")

# Every index costs each commit a page more, so there is none that a request or a worker does not need.
# records, entries, deliveries: ``seq`` is the order in which they came.
# deliveries: ``place`` orders a lane; ``away`` is when a hold or lease ends; ``wake`` the real time at which the delivery may next
# be taken (due, hold and lease considered), null while it is finished or not the first of its lane.
_TABLES = """
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
INSERT INTO meta VALUES('generation', 0);
CREATE TABLE accounts(account TEXT PRIMARY KEY, state BLOB) WITHOUT ROWID;
CREATE TABLE claims(account TEXT, kind TEXT, value TEXT, at REAL, expires REAL, by TEXT, PRIMARY KEY(account, kind, value)) WITHOUT ROWID;
CREATE TABLE records(seq INTEGER PRIMARY KEY, account TEXT, provider TEXT, kind TEXT, key TEXT, status TEXT, created REAL, data BLOB,
    aliases BLOB, version INTEGER);
CREATE UNIQUE INDEX records_key ON records(account, provider, key, kind);
CREATE TABLE aliases(account TEXT, provider TEXT, alias TEXT, record INTEGER, PRIMARY KEY(account, provider, alias, record)) WITHOUT ROWID;
CREATE TABLE steps(account TEXT, scenario TEXT, reference TEXT, position INTEGER, PRIMARY KEY(account, scenario, reference)) WITHOUT ROWID;
CREATE TABLE tallies(account TEXT, name TEXT, amount REAL, PRIMARY KEY(account, name)) WITHOUT ROWID;
CREATE TABLE counters(account TEXT, name TEXT, value INTEGER, expires REAL, PRIMARY KEY(account, name)) WITHOUT ROWID;
CREATE TABLE counts(account TEXT, scenario TEXT, value INTEGER, PRIMARY KEY(account, scenario)) WITHOUT ROWID;
CREATE TABLE entries(seq INTEGER PRIMARY KEY, account TEXT, id TEXT, provider TEXT, operation TEXT, status INTEGER, scenario TEXT,
    reference TEXT, at REAL, body BLOB);
CREATE INDEX entries_id ON entries(account, id);
CREATE TABLE deliveries(seq INTEGER PRIMARY KEY, account TEXT, id TEXT, provider TEXT, event TEXT, reference TEXT, request_id TEXT,
    kind TEXT, lane TEXT, place REAL, state TEXT, due REAL, wake REAL, held INTEGER, away REAL, turn INTEGER, attempts BLOB, message BLOB);
CREATE UNIQUE INDEX deliveries_id ON deliveries(account, id);
CREATE INDEX deliveries_finished ON deliveries(account) WHERE state <> 'pending';
CREATE INDEX deliveries_wake ON deliveries(wake, due, seq) WHERE wake IS NOT NULL;
CREATE INDEX deliveries_lane ON deliveries(account, lane, place, seq) WHERE state = 'pending' AND lane <> '';
CREATE UNIQUE INDEX deliveries_head ON deliveries(account, lane) WHERE wake IS NOT NULL AND lane <> '';
"""

_PATIENCE = 10.0
"""Seconds to wait for other processes' transactions, which take some fifty microseconds each."""
_SPINS = 20
"""How often to try again at once, since the other transaction is about to end, before sleeping."""


def wake_time(frozen: float | None, offset: float, due: float, away: float) -> float:
    """Real time at which a delivery may be taken: it is due on its account's clock, and its hold or lease is over."""
    when = real_due(ClockState(frozen, offset), due)
    return max(when, away) if away else when


class SqliteFile:
    """One connection for all threads, behind one lock. Each write is one short transaction.

    A process that finds another one writing tries again after microseconds; SQLite's own handler would sleep for milliseconds."""

    def __init__(self, path: str, synchronous: str) -> None:
        """Makes the file if need be. Raises `ConfigError` with a remedy when it cannot be used."""
        import sqlite3

        self._locked = sqlite3.OperationalError
        self._lock = Lock()
        self._closed = False
        try:
            self._db: Connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False, cached_statements=256)
            self._prepare(synchronous)
            self._data_version = self._patiently("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            raise ConfigError(f"the store {path} cannot be used ({error}); delete the file, or name another one") from None

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """All rows of a query."""
        with self._lock:
            return self._patiently(sql, values).fetchall()

    def row(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        """The only row of a query, or None."""
        with self._lock:
            cursor = self._patiently(sql, values)
            row = cursor.fetchone()
            cursor.close()
            return row

    def write(self, work: Callable[[Run], T]) -> T:
        """``work`` in one transaction; what it raises undoes it."""
        with self._lock:
            self._patiently("BEGIN IMMEDIATE")
            run = self._db.execute
            try:
                result = work(run)
            except BaseException:
                run("ROLLBACK")
                raise
            run("COMMIT")
            return result

    def changed(self) -> bool:
        """Whether another process has written since the last time this was asked."""
        with self._lock:
            if self._closed:
                return False
            before, self._data_version = self._data_version, self._patiently("PRAGMA data_version").fetchone()[0]
            return bool(before != self._data_version)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._db.close()

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
                time.sleep(0)
            else:
                time.sleep(min(0.00005 * (tries - _SPINS), 0.001))
            try:
                return self._db.execute(sql, values)
            except self._locked as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise

    def _prepare(self, synchronous: str) -> None:
        self._patiently("PRAGMA journal_mode = WAL")
        self._patiently(f"PRAGMA synchronous = {synchronous}")
        self._patiently("PRAGMA cache_size = -8000")
        self._db.create_function("wake_time", 4, wake_time, deterministic=True)
        found = self.write(self._make_tables)
        if found != SCHEMA:
            self._db.close()
            raise ConfigError("the store was made by another version of mock-server; delete the file, or name another one")

    @staticmethod
    def _make_tables(run: Run) -> int:
        version = int(run("PRAGMA user_version").fetchone()[0])
        if version == 0:
            for statement in _TABLES.split(";"):
                run(statement)
            run(f"PRAGMA user_version = {SCHEMA}")
            return SCHEMA
        return version
