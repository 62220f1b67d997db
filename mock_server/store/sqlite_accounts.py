"""The accounts of the SQLite store, and what all its parts share: two connections to the file, and
transactions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from math import inf
from pathlib import Path
from typing import Any

from msgspec.json import Decoder

from mock_server.core.clock import Clock, ClockState
from mock_server.core.exceptions import ConfigError, StoreError
from mock_server.core.records import AccountState
from mock_server.store.change_notifier import ChangeNotifier
from mock_server.store.filters import LONG_AGO, TICK
from mock_server.store.outage import Outage
from mock_server.store.sqlite_database import Database
from mock_server.store.sqlite_file import prepare
from mock_server.store.sqlite_rows import SQL, dump_body, dump_json, load_body

_POLL = 0.01
"""Seconds between two looks for other processes' changes, by a thread that waits for some."""
_CACHED = 2000
"""Account states that stay in memory."""

_texts = Decoder(list[str]).decode


class SqliteAccounts:
    """As `Store`, as far as it is about accounts."""

    # A commit takes less time than handing it to a thread would.
    blocking = False
    shared = True

    def __init__(self, path: Path, clock: Clock, synchronous: str) -> None:
        """Raises `ConfigError` with a remedy for a file that cannot be used."""
        self._now = clock.now
        self._states: dict[str, AccountState] = {}
        self._used: dict[str, float] = {}
        """Accounts that are in the file, and when that was last written."""
        self._amounts: dict[tuple[str, str, str], float] = {}
        """What the transaction under way adds to counters (account, kind, name): written once for all of a group."""
        self._watch = ChangeNotifier(lambda _: self._db.look(), _POLL)
        self.outage = Outage(self.probe)
        prepare(path)
        try:
            self._db = Database(
                path, synchronous, self.outage, self._forget, self._watch.notify, self._write_counters
            )
            self._lists = Database(path, synchronous, self.outage)
            """For lists, so that reading one keeps no request waiting."""
        except StoreError as error:
            self.outage.close()
            raise ConfigError(str(error)) from None

    def account(self, account: str) -> AccountState:
        with self._db.lock:
            self._db.look()
            state = self._states.get(account)
            if state is None:
                row = self._db.row(SQL.account, {"account": account})
                if len(self._states) >= _CACHED:
                    self._states.clear()
                state = self._states[account] = AccountState() if row is None else _state(row)
            return state

    def accounts(self) -> list[str]:
        return [name for (name,) in self._reader().rows(SQL.accounts)]

    def update(self, account: str, change: Callable[[AccountState], AccountState]) -> AccountState:
        with self._db.transaction():
            before = self.account(account)
            after = change(before)._replace(generation=int(self._db.row(SQL.next_generation)[0]))
            self._use(account)
            self._db.run(SQL.set_account, (*_row(after), account))
            self._states.pop(account)
            if after.clock != before.clock:
                self._set_clock(account, after.clock)
            return after

    def reset(self, account: str) -> None:
        with self._db.transaction():
            self._write_counters()
            self._db.run(SQL.reset, {"account": account})
            self._forget()

    def reset_all(self) -> None:
        with self._db.transaction():
            self._db.run(SQL.reset_all)
            self._forget()

    def group(self) -> AbstractContextManager[None]:
        return self._db.transaction()

    def probe(self) -> None:
        self._db.doubt()
        with self._db.transaction(noticed=False):
            self._db.run(SQL.probe)
            self._db.run(SQL.forget_probe)

    def version(self) -> int:
        self._db.look()
        return self._watch.version

    def wait(self, version: int, timeout: float) -> int:
        return self._watch.wait(version, timeout)

    def close(self) -> None:
        self.outage.close()
        self._watch.close()
        self._db.close()
        self._lists.close()

    def _reader(self) -> Database:
        """Where to read lists: what has been committed, and within a group also what has been written
        there."""
        return self._db if self._db.in_transaction else self._lists

    def _use(self, account: str) -> None:
        """See that the account is in the file, with the second of its last use."""
        now = self._now()
        if now - self._used.get(account, -inf) >= 1.0:
            self._db.run(SQL.use_account, {"account": account, "now": now})
            self._used[account] = now

    def _forget(self) -> None:
        self._states.clear()
        self._used.clear()
        self._amounts.clear()

    def _write_counters(self) -> None:
        amounts, self._amounts = self._amounts, {}
        for counter, amount in amounts.items():
            self._db.run(SQL.add, (*counter, amount))

    def _set_clock(self, account: str, clock: ClockState) -> None:
        """Pending deliveries are due at other real times then."""
        frozen = None if clock.frozen is None else clock.frozen + TICK
        values = {"account": account, "frozen": frozen, "offset": clock.offset, "long_ago": LONG_AGO}
        self._db.run(SQL.set_clock, values)


def _row(state: AccountState) -> tuple[Any, ...]:
    inline = dump_json([document.decode() for document in state.inline])
    off = dump_json(state.switched_off)
    return *state.clock, state.pinned, inline, off, dump_body(state.overrides), state.generation


def _state(row: tuple[Any, ...]) -> AccountState:
    frozen, offset, pinned, inline, off, overrides, generation = row
    documents = tuple(text.encode() for text in _texts(inline))
    return AccountState(
        ClockState(frozen, offset),
        pinned,
        documents,
        load_body(overrides) or b"",
        generation,
        tuple(_texts(off)),
    )
