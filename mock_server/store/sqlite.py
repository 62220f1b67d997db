"""The store of one machine: an SQLite file, shared by any number of processes and kept when they end.

Every process has all of it in memory, as the memory store has, and the file is the log of what is changed. Who changes something
begins a transaction, follows what the others have changed since, decides, writes one row, commits. Who reads something looks
whether there are new rows, which costs nothing when there are none. So what a change means is written once, in the memory store,
and a commit is a tenth of what it would be with a table for everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from typing import Any, TypeVar

from mock_server.core.clock import Clock
from mock_server.core.records import AccountState, Attempt, Claim, Delivery, Entry, Message, Record
from mock_server.store import replica as changes
from mock_server.store.base import ANY_DELIVERY, ANY_ENTRY, DeliveryFilter, EntryFilter, Reading, StepKey, Writes
from mock_server.store.beacon import Beacon
from mock_server.store.decisions import CommitAll, Decision, SetState, TakeDue, Tell
from mock_server.store.replica import Replica
from mock_server.store.selecting import HOLD
from mock_server.store.sqlite_file import Row, SqliteFile
from mock_server.store.watch import Watch

T = TypeVar("T")

_POLL = 0.01
"""Seconds between two looks for other processes' changes, by a thread that waits for some."""
_DUMP_EVERY = 128 * 2**20
"""Bytes of changes between two dumps: what a process that starts has to follow at most, in some tenths of a second."""


class SqliteStore:
    """As `Store`. A commit takes some thirty microseconds, less than handing it to a thread would, so it counts as not blocking."""

    blocking = False
    joint = True

    def __init__(
        self,
        path: str,
        clock: Clock,
        journal_limit: int,
        record_limit: int,
        synchronous: str = "OFF",
        dump_every: int = _DUMP_EVERY,
    ) -> None:
        """``synchronous`` is SQLite's: with ``OFF`` no commit is lost when a process is killed, but some may be when the machine
        loses power, and the file may be damaged then; with ``NORMAL`` it is not, at about half the speed."""
        self._now = clock.now
        self._new_replica = partial(Replica, clock, journal_limit, record_limit)
        self._dump_every = dump_every
        self._beacon = Beacon(Path(f"{path}-seq"))
        self._open_file = partial(SqliteFile, path, synchronous)
        self._file = self._open_file()
        try:
            self._replica, self._followed = self._begin_anew()
        except BaseException:
            self._file.close()
            raise
        self._lock = Lock()
        self._closed = False
        self._dumping: Thread | None = None
        self._watch = Watch(self._look, _POLL)

    # -- reading for an exchange -------------------------------------------------------------------------------
    def account(self, account: str) -> AccountState:
        return self._answered().account(account)

    def claimed(self, account: str, kind: str, value: str) -> Claim | None:
        return self._answered().claimed(account, kind, value)

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        return self._answered().record(account, provider, kind, key)

    def step(self, account: str, key: StepKey) -> int:
        return self._answered().step(account, key)

    def tally(self, account: str, name: str) -> float:
        return self._answered().tally(account, name)

    def tallies(self, account: str) -> Mapping[str, float]:
        return self._answered().tallies(account)

    # -- writing -----------------------------------------------------------------------------------------------
    def mark(self) -> int:
        self._answered()
        return self._followed

    def view(self) -> Reading:
        # What follows the others at each single reading would do so several times in an exchange, at 15 µs each time.
        return self._answered()

    def commit(self, writes: Writes) -> str | None:
        return self.commit_all((writes,))[0]

    def commit_all(self, group: Sequence[Writes]) -> list[str | None]:
        commits = CommitAll(group, self._now() + HOLD)
        self._change(commits)
        return commits.conflicts

    def release(self, account_ids: Sequence[tuple[str, str]]) -> None:
        self._tell(changes.RELEASE, Replica.release, list(account_ids))

    def update(self, account: str, change: Callable[[AccountState], AccountState]) -> AccountState:
        while True:
            before = self.account(account)
            state = SetState(account, before, change(before))
            self._change(state)
            if state.state is not None:
                return state.state

    def increment(self, account: str, name: str, expires_real: float) -> int:
        now = self._now()
        return self._tell(changes.COUNT, Replica.count, account, name, expires_real, now)

    def reset(self, account: str) -> None:
        self._tell(changes.RESET, Replica.reset, account)

    def reset_all(self) -> None:
        self._tell(changes.RESET_ALL, Replica.reset_all)

    # -- looking -----------------------------------------------------------------------------------------------
    def accounts(self) -> list[str]:
        return self._current().accounts()

    def entries(self, account: str, where: EntryFilter = ANY_ENTRY, limit: int = 100, before: str = "") -> tuple[list[Entry], int]:
        return self._current().entries(account, where, limit, before)

    def entry(self, account: str, entry_id: str) -> Entry | None:
        return self._current().entry(account, entry_id)

    def clear_entries(self, account: str) -> None:
        self._tell(changes.CLEAR, Replica.clear_entries, account)

    def scenario_counts(self, account: str) -> Mapping[str, int]:
        return self._current().scenario_counts(account)

    def records(self, account: str, provider: str = "", kind: str = "", after: str = "", limit: int = 1000) -> list[Record]:
        return self._current().records(account, provider, kind, after, limit)

    # -- deliveries --------------------------------------------------------------------------------------------
    def enqueue(self, messages: Sequence[Message]) -> None:
        self._tell(changes.ENQUEUE, Replica.enqueue, list(messages))

    def take_due(self, real: float, lease: float, limit: int = 100, account: str = "") -> list[Delivery]:
        # Looking first, since most looks find nothing and a transaction keeps the other processes waiting.
        if not self._current().anything_due(real):
            return []
        due = TakeDue(real, lease, limit, account)
        self._change(due)
        return due.taken

    def next_due(self, real: float) -> float | None:
        return self._current().next_due(real)

    def settle(self, account: str, delivery_id: str, attempt: Attempt | None, state: str, due: float = 0.0, turn: int = 0) -> None:
        self._tell(changes.SETTLE, Replica.settle, account, delivery_id, attempt, state, due, turn)

    def delivery(self, account: str, delivery_id: str) -> Delivery | None:
        return self._current().delivery(account, delivery_id)

    def deliveries(
        self, account: str, where: DeliveryFilter = ANY_DELIVERY, limit: int = 100, before: str = ""
    ) -> tuple[list[Delivery], int]:
        return self._current().deliveries(account, where, limit, before)

    def reschedule(self, account: str, delivery_ids: Sequence[str], due: float, state: str = "pending") -> None:
        self._tell(changes.RESCHEDULE, Replica.reschedule, account, list(delivery_ids), due, state)

    # -- noticing ----------------------------------------------------------------------------------------------
    def version(self) -> int:
        self._current()
        return self._watch.version

    def wait(self, version: int, timeout: float) -> int:
        return self._watch.wait(version, timeout)

    def close(self) -> None:
        self._watch.close()
        if self._dumping is not None:
            self._dumping.join()
        with self._lock:
            if not self._closed:
                self._closed = True
                self._file.close()
                self._beacon.close()

    # -- following the others ----------------------------------------------------------------------------------
    def _current(self) -> Replica:
        """The replica, once it has followed all changes."""
        if self._beacon.seq != self._followed:
            with self._lock:
                self._follow()
        return self._replica

    def _answered(self) -> Replica:
        """The replica, once it has followed all changes of which anybody may have heard."""
        following = self._followed + 1
        if self._beacon.seq == following == self._beacon.pending:
            return self._replica  # most likely a look at the file would be in vain
        return self._current()

    def _look(self, _timeout: float) -> None:
        self._current()

    def _follow(self) -> None:
        if self._beacon.seq == self._followed:
            return
        rows = self._file.rows_after(self._followed)
        if not rows:
            return
        if rows[0].seq != self._followed + 1:
            # This process has slept for so long that what it missed has been forgotten.
            self._replica, self._followed = self._begin_anew()
            rows = []
        for seq, kind, body in rows:
            changes.follow(self._replica, kind, body)
            self._followed = seq
        self._watch.bump()

    def _begin_anew(self) -> tuple[Replica, int]:
        """A replica of everything in the file, and the seq of the last change that it has made."""
        seq, body, rows = self._file.everything()
        replica = self._new_replica()
        if body:
            replica.load(body)
        for row in rows:
            changes.follow(replica, row.kind, row.body)
            seq = row.seq
        return replica, seq

    # -- changing ----------------------------------------------------------------------------------------------
    def _tell(self, kind: int, make: Callable[..., T], *arguments: Any) -> T:
        """A change that needs no decision: this replica makes it as the others will."""
        tell = Tell(kind, make, *arguments)
        self._change(tell)
        return tell.results[0]

    def _change(self, decision: Decision) -> None:
        """Decide, on what is true and stays so meanwhile; tell the others; then make it here, when nobody has to wait any more."""
        noticed = False
        with self._lock:
            self._follow()  # before the others have to wait
            self._file.begin(self._beacon)
            try:
                self._follow()
                self._beacon.begin(self._followed + 1)
                rows: list[Row] = []
                size = grown = self._beacon.size
                for kind, body in decision.decide(self._replica, self._followed):
                    rows.append(Row(self._followed + 1 + len(rows), kind, body))
                    grown += len(body)
                    noticed = noticed or kind not in changes.UNNOTICED
                if rows:
                    self._file.append(rows)
                    self._beacon.set(rows[-1].seq, grown)
                self._file.commit()
                self._beacon.end()
            except BaseException:
                self._file.rollback()
                self._beacon.end()
                # The replica may have done what the file does not know of.
                self._replica, self._followed = self._begin_anew()
                raise
            if rows:
                self._followed = rows[-1].seq
                decision.make(self._replica)
            if grown // self._dump_every != size // self._dump_every:
                self._dump(self._followed)
        if noticed:
            self._watch.bump()

    def _dump(self, seq: int) -> None:
        """Write down what all changes came to, beside the work."""
        if self._dumping is None or not self._dumping.is_alive():
            body = self._replica.dump()
            self._dumping = Thread(target=self._write_dump, args=(seq, body), name="dump", daemon=True)
            self._dumping.start()

    def _write_dump(self, seq: int, body: bytes) -> None:
        file = self._open_file()
        try:
            file.write_dump(seq, body)
        finally:
            file.close()
