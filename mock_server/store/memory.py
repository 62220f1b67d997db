"""The default store: everything in this process, behind one lock, gone when it ends."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from threading import Lock

from mock_server.core.clock import Clock
from mock_server.core.records import AccountState, Attempt, Delivery, Entry, Message, Record, UsedValue
from mock_server.store.account_data import AccountData
from mock_server.store.base import (
    ANY_DELIVERY,
    ANY_ENTRY,
    ANY_RECORD,
    DeliveryFilter,
    EntryFilter,
    Limits,
    RecordFilter,
    StepKey,
    Totals,
    Transaction,
)
from mock_server.store.change_notifier import ChangeNotifier
from mock_server.store.delivery_queue import DeliveryQueue
from mock_server.store.delivery_table import DeliveryTable
from mock_server.store.filters import HOLD, entry_matches, page, record_matches
from mock_server.store.journal import Journal
from mock_server.store.outage import never
from mock_server.store.record_table import RecordTable

ACCOUNTS = 2000
"""How many accounts are remembered: tests that make one each would fill the memory of a server that serves
them for weeks."""


class MemoryStore:
    """As `Store`. Nothing it does waits, so the event loop may call it directly."""

    blocking = False
    shared = False

    def __init__(self, clock: Clock, limits: Limits) -> None:
        """``clock``: real time, for counters and for claims that have run out."""
        self._now = clock.now
        self._limits = limits
        self._size = 0
        """Bytes of entries, finished deliveries and records of all accounts."""
        self._lock = Lock()
        self._watch = ChangeNotifier()
        self._generation = 0
        self._nothing = AccountData(limits)
        """Read in place of an account that nothing has been written to."""
        self._accounts: OrderedDict[str, AccountData] = OrderedDict()
        """The account that was written to last is at the end."""
        self._queue = DeliveryQueue(limits.journal, limits.journal_bytes)
        self.outage = never()

    # Reading for an exchange.

    def account(self, account: str) -> AccountState:
        return self._read(account).state

    def find_used(self, account: str, kind: str, value: str) -> UsedValue | None:
        with self._lock:
            data = self._read(account)
            nonces = data.used_values.get(kind)
            return None if nonces is None else nonces.find(value, data.state.clock.at(self._now()))

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        with self._lock:
            return self._read(account).records.find(provider, kind, key)

    def step(self, account: str, key: StepKey) -> int:
        return self._read(account).steps.get(key, 0)

    def counter(self, account: str, name: str) -> float:
        return self._read(account).counters.get(name, 0.0)

    def counters(self, account: str) -> Mapping[str, float]:
        with self._lock:
            return dict(self._read(account).counters)

    # Writing.

    def commit(self, transaction: Transaction) -> str | None:
        hold_until = self._now() + HOLD if transaction.messages else 0.0
        with self._lock:
            data = self._accounts.get(transaction.account) or AccountData(self._limits)
            conflict = data.conflict(transaction)
            if conflict is None:
                self._admit(transaction.account, data)
                before = data.size
                data.apply(transaction)
                self._size += data.size - before
                if self._size > self._limits.total_bytes:
                    self._shrink()
                for message in transaction.messages:
                    self._queue.schedule(message, None if message.before_response else hold_until)
                self._watch.notify()
            return conflict

    def group(self) -> AbstractContextManager[None]:
        return nullcontext()

    def release(self, account_ids: Sequence[tuple[str, str]]) -> None:
        with self._lock:
            for account, delivery_id in account_ids:
                self._queue.release(account, delivery_id)
            self._watch.notify()

    def update(self, account: str, change: Callable[[AccountState], AccountState]) -> AccountState:
        while True:
            before = self.account(account)
            after = change(before)
            with self._lock:
                if self.account(account) is before:
                    # One count for all accounts: a generation never comes back with another content, not even
                    # after a reset.
                    return self._set_state(account, after._replace(generation=self._generation + 1))

    def increment(self, account: str, name: str, expires_real: float) -> int:
        with self._lock:
            return self._count(account, name, expires_real, self._now())[0]

    def reset(self, account: str) -> None:
        with self._lock:
            self._forget(account)
            self._watch.notify()

    def reset_all(self) -> None:
        with self._lock:
            for account in list(self._accounts):
                self._forget(account)
            self._watch.notify()

    # Looking.

    def accounts(self) -> list[str]:
        with self._lock:
            return sorted(
                name for name, data in self._accounts.items() if not data.empty() or self._queue.table(name)
            )

    def totals(self) -> Totals:
        names = self.accounts()
        counters: dict[str, float] = {}
        deliveries: Counter[str] = Counter()
        with self._lock:
            for account, data in self._accounts.items():
                for name, amount in data.counters.items():
                    counters[name] = counters.get(name, 0.0) + amount
                table = self._queue.table(account)
                deliveries.update({} if table is None else table.states("callback"))
        return Totals(names, counters, deliveries)

    def entries(
        self, account: str, where: EntryFilter = ANY_ENTRY, limit: int = 100, before: str = ""
    ) -> tuple[list[Entry], int]:
        with self._lock:
            entries = self._read(account).journal.entries
            if where == ANY_ENTRY and not before:
                return list(islice(reversed(entries.values()), limit)), len(entries)
            newest_first = list(reversed(entries.items()))
        return page(newest_first, lambda entry: entry_matches(entry, where), limit, before)

    def entry(self, account: str, entry_id: str) -> Entry | None:
        with self._lock:
            return self._read(account).journal.entries.get(entry_id)

    def newest_records(
        self, account: str, where: RecordFilter = ANY_RECORD, limit: int = 100, before: str = ""
    ) -> tuple[list[Record], int]:
        with self._lock:
            records = self._read(account).records
            if where == ANY_RECORD and not before:
                return records.newest(limit), len(records)
            newest_first = [(record.id, record) for record in records.newest(len(records))]
        return page(newest_first, lambda record: record_matches(record, where), limit, before)

    def clear_entries(self, account: str) -> None:
        with self._lock:
            journal = self._read(account).journal
            self._size -= journal.size
            journal.clear()
            self._watch.notify()

    def scenario_counts(self, account: str) -> Mapping[str, int]:
        with self._lock:
            return dict(self._read(account).counts)

    def records(self, account: str, provider: str = "", kind: str = "") -> list[Record]:
        with self._lock:
            records = self._read(account).records
            return [
                record
                for record in reversed(records.newest(len(records)))
                if provider in ("", record.provider) and kind in ("", record.kind)
            ]

    # Deliveries.

    def schedule(self, messages: Sequence[Message]) -> None:
        with self._lock:
            for message in messages:
                self._data(message.account)
                self._queue.schedule(message)
            self._watch.notify()

    def lease_due(self, real: float, lease: float, limit: int = 100, account: str = "") -> list[Delivery]:
        with self._lock:
            return self._queue.lease(real, lease, limit, account)

    def wake_at(self, real: float) -> float | None:
        with self._lock:
            return self._queue.wake_at(real)

    def next_due(self, account: str, after: float) -> float | None:
        with self._lock:
            table = self._queue.table(account)
            return None if table is None else table.next_due(after)

    def record_attempt(
        self,
        account: str,
        delivery_id: str,
        attempt: Attempt | None,
        state: str,
        due: float = 0.0,
        turn: int = 0,
    ) -> None:
        with self._lock:
            before = self._queue.size(account)
            self._queue.record_attempt(account, delivery_id, attempt, state, due, turn)
            self._count_finished(account, before)
            self._watch.notify()

    def delivery(self, account: str, delivery_id: str) -> Delivery | None:
        table = self._queue.table(account)
        return None if table is None else table.get(delivery_id)

    def deliveries(
        self, account: str, where: DeliveryFilter = ANY_DELIVERY, limit: int = 100, before: str = ""
    ) -> tuple[list[Delivery], int]:
        with self._lock:
            table = self._queue.table(account)
            return ([], 0) if table is None else table.search(where, limit, before)

    def reschedule(
        self, account: str, delivery_ids: Sequence[str], due: float, state: str = "pending"
    ) -> None:
        with self._lock:
            before = self._queue.size(account)
            self._queue.reschedule(account, delivery_ids, due, state)
            self._count_finished(account, before)
            self._watch.notify()

    # Noticing.

    def probe(self) -> None:
        """It can always be used."""

    def version(self) -> int:
        return self._watch.version

    def wait(self, version: int, timeout: float) -> int:
        return self._watch.wait(version, timeout)

    def close(self) -> None:
        """Ends all waits; what is stored goes with the object."""
        self._watch.close()

    # Under the lock.

    def _set_state(self, account: str, state: AccountState) -> AccountState:
        data = self._data(account)
        data.state = state
        self._generation = state.generation
        self._queue.set_clock(account, state.clock)
        self._watch.notify()
        return state

    def _count(self, account: str, name: str, expires: float, now: float) -> tuple[int, float]:
        """Add one to a counter; its value and when it vanishes."""
        rate_counters = self._data(account).rate_counters
        value, ends = rate_counters.get(name, (0, expires))
        if ends <= now:
            value, ends = 0, expires
        if value == 0:
            for stale in [other for other, (_, end) in rate_counters.items() if end <= now]:
                del rate_counters[stale]
        rate_counters[name] = (value + 1, ends)
        return rate_counters[name]

    def _read(self, account: str) -> AccountData:
        """The account's data, which must not be changed."""
        return self._accounts.get(account, self._nothing)

    def _data(self, account: str) -> AccountData:
        data = self._accounts.get(account) or AccountData(self._limits)
        self._admit(account, data)
        return data

    def _admit(self, account: str, data: AccountData) -> None:
        """The account is in use; if there are too many now, the one that was not for longest is forgotten, but
        none of the server's own (``*…``)."""
        self._accounts[account] = data
        self._accounts.move_to_end(account)
        if len(self._accounts) > ACCOUNTS:
            oldest = next(name for name in self._accounts if not name.startswith("*"))
            self._forget(oldest)

    def _forget(self, account: str) -> None:
        data = self._accounts.pop(account, None)
        self._size -= (0 if data is None else data.size) + self._queue.size(account)
        self._queue.forget(account)

    def _shrink(self) -> None:
        """Forget entries, then finished deliveries, then records, until a tenth of what may stay is free; the
        account that was not in use for longest loses its own first."""
        goal = self._limits.total_bytes * 9 // 10
        for part in self._parts():
            before = part.size
            while part.size and self._size - before + part.size > goal:
                part.forget_oldest()
            self._size += part.size - before
            if self._size <= goal:
                return

    def _parts(self) -> Iterator[Journal | DeliveryTable | RecordTable]:
        """What can be forgotten, in this order."""
        everything = self._accounts.values()
        yield from (data.journal for data in everything)
        yield from filter(None, map(self._queue.table, self._accounts))
        yield from (data.records for data in everything)

    def _count_finished(self, account: str, before: int) -> None:
        """Deliveries of the account may have finished, which took so many bytes before."""
        self._size += self._queue.size(account) - before
        if self._size > self._limits.total_bytes:
            self._shrink()
