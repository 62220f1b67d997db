"""A memory store that can be brought to where another one is: by a dump of everything, and by every change told in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from msgspec.msgpack import Decoder

from mock_server.core.records import AccountState, Attempt, Delivery, Message
from mock_server.store.base import Writes
from mock_server.store.claims import lasting_digest
from mock_server.store.codec import pack
from mock_server.store.dumps import Dump, unpack_dump
from mock_server.store.memory import MemoryStore
from mock_server.store.packing import Commit

Ids = Sequence[tuple[str, str]]
"""Of deliveries: (account, id)."""


class Replica(MemoryStore):
    """What it decides for itself (who is due, what a counter is now) it says, so that the others need not decide it again."""

    digest = staticmethod(lasting_digest)

    # -- decisions, made by the one ----------------------------------------------------------------------------
    def conflict(self, writes: Writes) -> str | None:
        """The precondition of a commit that does not hold."""
        with self._lock:
            return (self._worlds.get(writes.account) or self._new_world()).conflict(writes)

    def anything_due(self, real: float) -> bool:
        """Whether it is worth while to take what is due."""
        with self._lock:
            return self._departures.due(real)

    def next_state(self, before: AccountState, account: str, after: AccountState) -> AccountState | None:
        """The state with its generation, unless another change came first."""
        if self.account(account).generation != before.generation:
            return None
        return after._replace(generation=self._generation + 1)

    def count(self, account: str, name: str, expires: float, now: float) -> int:
        """As `Store.increment`, at that real time."""
        with self._lock:
            return self._count(account, name, expires, now)[0]

    # -- and followed by the others ----------------------------------------------------------------------------
    def follow_commits(self, commits: Sequence[Commit]) -> None:
        """Commits whose preconditions held."""
        with self._lock:
            for commit in commits:
                world = self._world(commit.account)
                world.apply_commit(commit)
                if commit.messages:
                    self._hold(commit.messages, world, commit.hold_until)
            self._bump()

    def follow_state(self, account: str, state: AccountState) -> None:
        with self._lock:
            self._set_state(account, state)

    def follow_lease(self, leased: Ids, until: float) -> None:
        with self._lock:
            for account, delivery_id in leased:
                world = self._worlds.get(account)
                delivery = None if world is None else world.agenda.get(delivery_id)
                if world is not None and delivery is not None:
                    self._departures.lease(account, world, delivery, until)

    # -- everything at once ------------------------------------------------------------------------------------
    def dump(self) -> bytes:
        with self._lock:
            return pack(Dump(self._generation, [(name, world.dump(), self._departures.away(name)) for name, world in self._worlds.items()]))

    def load(self, body: bytes) -> None:
        """Take over a dump. The store must be new."""
        dump = unpack_dump(body)
        with self._lock:
            self._generation = dump.generation
            for name, held, away in dump.worlds:
                world = self._world(name)
                world.load(held)
                for delivery_id, until in away.items():
                    self._departures.send_away(name, delivery_id, until)
                self._departures.ring(name, world)


class Change(NamedTuple):
    """A kind of change: how its arguments are read, and how a replica follows it."""

    unpack: Callable[[bytes], Any]
    follow: Callable[[Replica, Any], object]


def _change(arguments: Any, follow: Callable[..., object]) -> Change:
    """A change whose arguments are a tuple of these types."""
    return Change(Decoder(arguments).decode, lambda replica, given: follow(replica, *given))


COMMIT, RELEASE, STATE, COUNT, RESET, RESET_ALL, CLEAR, ENQUEUE, LEASE, SETTLE, RESCHEDULE = range(11)
UNNOTICED = (COUNT, LEASE)
"""Those that `Store.version` does not rise with."""

CHANGES = {
    COMMIT: _change(tuple[list[Commit]], Replica.follow_commits),
    RELEASE: _change(tuple[list[tuple[str, str]]], Replica.release),
    STATE: _change(tuple[str, AccountState], Replica.follow_state),
    COUNT: _change(tuple[str, str, float, float], Replica.count),
    RESET: _change(tuple[str], Replica.reset),
    RESET_ALL: _change(tuple[()], Replica.reset_all),
    CLEAR: _change(tuple[str], Replica.clear_entries),
    ENQUEUE: _change(tuple[list[Message]], Replica.enqueue),
    LEASE: _change(tuple[list[tuple[str, str]], float], Replica.follow_lease),
    SETTLE: _change(tuple[str, str, Attempt | None, str, float, int], Replica.settle),
    RESCHEDULE: _change(tuple[str, list[str], float, str], Replica.reschedule),
}
"""By the number under which a change is kept. Never give a number to another kind of change: raise the file's version instead."""


def follow(replica: Replica, kind: int, body: bytes) -> None:
    """Make a change that another store has made."""
    change = CHANGES[kind]
    change.follow(replica, change.unpack(body))


def leased_ids(taken: Sequence[Delivery]) -> list[tuple[str, str]]:
    return [(delivery.message.account, delivery.message.id) for delivery in taken]
