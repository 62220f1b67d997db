"""Statements and transactions on the file of the SQLite store."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock, get_ident
from typing import Any

from mock_server.core.exceptions import ConfigError, StoreBusyError, StoreError
from mock_server.core.log_lines import ONCE
from mock_server.store.filters import mentions
from mock_server.store.outage import Outage
from mock_server.store.sqlite_checkpoints import Checkpoints
from mock_server.store.sqlite_file import PATIENCE, connect, inode, prepare, reason
from mock_server.store.sqlite_rows import storable

log = logging.getLogger("mock_server")
Values = Sequence[Any] | Mapping[str, Any]

_PAUSE = 0.0005
"""Seconds between two tries. SQLite's own handler sleeps for up to 100 ms, which delays single requests by
half a second."""
_BRIEFLY = 0.02
"""Seconds for which an event loop waits for another process, whose transactions take a few milliseconds."""
_LOOK_AT_FILE = 1.0
"""Seconds between two looks whether the file is still there."""
_OUTAGES = ("full", "readonly", "locked", "unable to open", "malformed", "I/O", "deleted")
"""Words of what keeps every caller from using the file."""
_SETTINGS = (
    "journal_mode = WAL",
    "secure_delete = OFF",  # some builds overwrite what is deleted with zeros, which takes three times as long
    "cache_size = -16000",
    "wal_autocheckpoint = 16000",  # pages; usually a thread is earlier: see `sqlite_checkpoints`
)


class Database:
    """One connection for all threads, behind a lock. Whatever SQLite raises comes out as `StoreError`."""

    def __init__(
        self,
        path: Path,
        synchronous: str,
        outage: Outage,
        on_doubt: Callable[[], None] = lambda: None,
        on_change: Callable[[], None] = lambda: None,
        before_commit: Callable[[], None] = lambda: None,
    ) -> None:
        """The file must be ours: see `sqlite_file.prepare`. ``on_doubt``: what has been read may not hold any
        more. ``on_change``: something has been committed, here or by another connection. ``before_commit``: writes
        what is left to write. ``outage``: hears of what keeps the file from being used."""
        self._path, self._synchronous, self._outage = path, synchronous, outage
        self._on_doubt, self._on_change, self._before_commit = on_doubt, on_change, before_commit
        self.lock = RLock()
        self._owner = 0
        """The thread whose transaction is under way; 0: none is."""
        self._broken = False
        self._locked_since = 0.0
        """Monotonic time since which another process has blocked our writing; 0: none does."""
        self._checkpoints = Checkpoints(path)
        self._open()

    def _open(self) -> None:
        self._db = connect(self._path)
        self._checkpoints.opened()
        self._cursor = self._db.cursor()
        """One for all statements, since to create one takes half as long as to find a row by its key."""
        for setting in (*_SETTINGS, f"synchronous = {self._synchronous}"):
            self.run(f"PRAGMA {setting}")
        self._db.create_function("mentions", -1, mentions, deterministic=True)
        self._data_version = self.row("PRAGMA data_version")
        self._inode, self._looked = inode(self._path), time.monotonic()

    def run(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        """Run a statement. The caller has the lock, as `transaction` has; what is returned is good until the next one."""
        try:
            return self._cursor.execute(sql, values)
        except (sqlite3.Error, UnicodeEncodeError, OverflowError) as error:
            return self._run_again(error, sql, values)

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        with self.lock:
            try:
                return self.run(sql, values).fetchall()
            except sqlite3.Error as error:
                raise self._failure(error) from error

    def row(self, sql: str, values: Values = ()) -> Any:
        """The first row, or None."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    @property
    def in_transaction(self) -> bool:
        """Whether this thread is within `transaction`."""
        return self._owner == get_ident()

    @contextmanager
    def transaction(self, begin: str = "BEGIN IMMEDIATE", *, noticed: bool = True) -> Iterator[None]:
        """All that is done within, or nothing of it. One within another is a part of that one: where it fails
        after it has written something, the other one cannot be committed any more.

        ``noticed``: wakes those that wait for changes, if something has changed."""
        is_part = self._begin(begin)
        try:
            written = self._db.total_changes
            try:
                yield
                if not is_part:
                    self._commit()
            except BaseException:
                if is_part:
                    self._broken = self._broken or self._db.total_changes != written
                else:
                    self._roll_back()
                raise
            finally:
                self._owner = self._owner if is_part else 0
            if noticed and not is_part and self._db.total_changes != written:
                self._on_change()
        finally:
            self.lock.release()

    def _begin(self, begin: str) -> bool:
        """Take the lock, and begin unless a transaction of this thread is under way; whether one is. Other
        processes are waited for without the lock, so that no other thread waits with us."""
        while True:
            self.lock.acquire()
            try:
                if self._owner:
                    if not self._db.in_transaction:
                        raise StoreError(reason(self._path, "the transaction has been rolled back"))
                    return True
                self._see_that_it_is_there()
                self._cursor.execute(begin)
                self._locked_since = 0.0
                self.look()
                self._owner, self._broken = get_ident(), False
                return False
            except sqlite3.Error as error:
                self.lock.release()
                self._wait(error)
            except BaseException:
                self.lock.release()
                raise

    def _commit(self) -> None:
        if self._broken:
            raise StoreError(reason(self._path, "a part of the transaction has failed"))
        self._before_commit()
        self.run("COMMIT")
        self._checkpoints.committed(self._db.total_changes)

    def _wait(self, error: sqlite3.Error) -> None:
        """A moment, for another process that is writing. Raises `StoreError` where that is not the matter or takes
        too long."""
        if "locked" not in str(error):
            raise self._failure(error) from error
        now = time.monotonic()
        self._locked_since = self._locked_since or now
        if now - self._locked_since > PATIENCE:
            raise self._failure(error) from error
        if now - self._locked_since > _BRIEFLY and _on_event_loop():
            raise StoreBusyError(reason(self._path, error))
        time.sleep(_PAUSE)

    def _see_that_it_is_there(self) -> None:
        """Open the file again where somebody has deleted or replaced it."""
        now = time.monotonic()
        if now - self._looked < _LOOK_AT_FILE and not self._outage.reason:
            return
        self._looked = now
        if inode(self._path) == self._inode:
            return
        if not self._path.parent.is_dir():
            raise self._failure("its folder has been deleted")
        try:
            prepare(self._path)
        except ConfigError as error:
            self._outage.begin(str(error))
            raise StoreError(str(error)) from None
        self._db.close()
        self._open()
        self._on_doubt()
        log.warning("%s was deleted or replaced; what is there now is used", self._path, extra=ONCE)

    def _failure(self, error: object) -> StoreError:
        """The error to raise; an outage begins where others will meet it, too."""
        said = reason(self._path, error)
        if any(word in str(error) for word in _OUTAGES):
            self._outage.begin(said)
        return StoreError(said)

    def look(self) -> None:
        """See whether another connection has committed something since the last look; within a transaction
        none can."""
        with self.lock:
            if not self._owner:
                before, self._data_version = self._data_version, self.row("PRAGMA data_version")
                if before != self._data_version:
                    self._on_doubt()
                    self._on_change()

    def doubt(self) -> None:
        """See at the next transaction whether the file is still there, however soon that is."""
        self._looked = 0.0

    def close(self) -> None:
        self._checkpoints.close()
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
        may_wait = not _on_event_loop()
        deadline = time.monotonic() + (PATIENCE if may_wait else _BRIEFLY)
        while "locked" in str(error) and not self._db.in_transaction and time.monotonic() < deadline:
            time.sleep(_PAUSE)
            try:
                return self._cursor.execute(sql, values)
            except sqlite3.Error as again:
                error = again
        if "locked" in str(error) and not may_wait:
            raise StoreBusyError(reason(self._path, error)) from error
        raise self._failure(error) from error


def _on_event_loop() -> bool:
    """Whether this thread runs one: others would wait with it."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
