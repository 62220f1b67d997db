"""What a process decides for all that share an SQLite file, on what is true while no other can change it.

Objects, not functions within functions: those, when compiled, keep what they have seen until the garbage collector comes round, and a
group of requests with all that it wrote is much to keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from mock_server.core.records import AccountState, Delivery, Entry, Message, Place, Record
from mock_server.store import replica as changes
from mock_server.store.base import StepKey, Writes
from mock_server.store.claims import lasting_digest
from mock_server.store.codec import pack
from mock_server.store.packing import Commit, Fold, KnownClaim
from mock_server.store.replica import Replica

T = TypeVar("T")
Told = tuple[int, bytes]
"""A change: its kind and its packed arguments."""


class Decision:
    """One change, or none, once it has been decided."""

    def decide(self, replica: Replica, followed: int) -> Sequence[Told]:
        """What to tell the others; ``followed``: the last change that the replica has made. The others wait meanwhile."""
        raise NotImplementedError

    def make(self, replica: Replica) -> None:
        """What the others will do when they are told, where deciding has not done it."""


class Tell(Decision, Generic[T]):
    """A change about which there is nothing to decide."""

    def __init__(self, kind: int, change: Callable[..., T], *arguments: Any) -> None:
        self._told = [(kind, pack(arguments))]
        self._change = change
        self._arguments = arguments
        self.results: list[T] = []

    def decide(self, replica: Replica, followed: int) -> Sequence[Told]:
        return self._told

    def make(self, replica: Replica) -> None:
        self.results.append(self._change(replica, *self._arguments))


class SetState(Decision):
    """Another state of an account, unless that is no longer what it was ``before``."""

    def __init__(self, account: str, before: AccountState, after: AccountState) -> None:
        self._account = account
        self._before = before
        self._after = after
        self.state: AccountState | None = None

    def decide(self, replica: Replica, followed: int) -> Sequence[Told]:
        self.state = replica.next_state(self._before, self._account, self._after)
        return [] if self.state is None else [(changes.STATE, pack((self._account, self.state)))]

    def make(self, replica: Replica) -> None:
        if self.state is not None:
            replica.follow_state(self._account, self.state)


class TakeDue(Decision):
    """As `Store.take_due`. The replica takes in deciding."""

    def __init__(self, real: float, lease: float, limit: int, account: str) -> None:
        self._moment = real
        self._lease = lease
        self._limit = limit
        self._account = account
        self.taken: list[Delivery] = []

    def decide(self, replica: Replica, followed: int) -> Sequence[Told]:
        self.taken = replica.take_due(self._moment, self._lease, self._limit, self._account)
        return [(changes.LEASE, pack((changes.leased_ids(self.taken), self._moment + self._lease)))] if self.taken else []


class CommitAll(Decision):
    """As `Store.commit_all`: one row, packed before the others have to wait."""

    def __init__(self, group: Sequence[Writes], hold_until: float) -> None:
        self._group = group
        self._hold_until = hold_until
        self.conflicts: list[str | None] = []
        self._commits: list[Commit] = []
        self._body = b""
        self._join({})

    def _join(self, refused: Mapping[int, str]) -> None:
        joined: dict[str, _Joined] = {}
        self.conflicts = [refused.get(number) or _join(joined, writes) for number, writes in enumerate(self._group)]
        self._commits = [each.commit(account, self._hold_until) for account, each in joined.items()]
        self._body = pack((self._commits,))

    def decide(self, replica: Replica, followed: int) -> Sequence[Told]:
        refused: dict[int, str] = {}
        for number, writes in enumerate(self._group):
            if writes.since != followed and (conflict := replica.conflict(writes)) is not None:
                refused[number] = conflict
        if refused:
            self._join(refused)
        return [(changes.COMMIT, self._body)] if self._commits else []

    def make(self, replica: Replica) -> None:
        replica.follow_commits(self._commits)


class _Joined:
    """The writes of a group to one account, on their way to be a `Commit`."""

    __slots__ = ("claimed", "claims", "counts", "entries", "messages", "names", "new", "places", "records", "steps", "tallies")

    def __init__(self) -> None:
        self.claimed: set[tuple[str, str]] = set()
        self.places: set[Place] = set()
        self.entries: list[Entry] = []
        self.counts: dict[str, int] = {}
        self.claims: list[KnownClaim] = []
        self.records: list[Record] = []
        self.names: list[str] = []
        self.new = 0
        self.steps: dict[StepKey, int] = {}
        self.tallies: dict[str, float] = {}
        self.messages: list[Message] = []

    def conflict(self, writes: Writes) -> str | None:
        """As `Store.commit`, of the preconditions that earlier ones of the group have changed."""
        for claim in writes.claims:
            if (claim.kind, claim.value) in self.claimed:
                return "claim"
        for record in writes.records:
            if (record.provider, record.kind, record.key) in self.places:
                return "record"
        return "step" if writes.step is not None and writes.step[0] in self.steps else None

    def add(self, writes: Writes) -> None:
        entry = writes.entry
        if entry is not None:
            self.entries.append(entry)
            if entry.scenario:
                self.counts[entry.scenario] = self.counts.get(entry.scenario, 0) + 1
        for claim in writes.claims:
            kind, value = claim.kind, claim.value
            self.claimed.add((kind, value))
            self.claims.append(KnownClaim(kind, lasting_digest(value), claim.at, claim.expires, claim.by))
        for record in writes.records:
            key = record.key
            self.places.add((record.provider, record.kind, key))
            self.records.append(record)
            self.names.append(key)
            self.names.extend(record.aliases)
            if record.version == 0:
                self.new += 1
        if writes.step is not None:
            step, position = writes.step
            self.steps[step] = position
        for name, amount in writes.tallies:
            self.tallies[name] = self.tallies.get(name, 0.0) + amount
        self.messages.extend(writes.messages)

    def commit(self, account: str, hold_until: float) -> Commit:
        entries = Fold(len(self.entries), (), pack(self.entries))
        records = Fold(self.new, tuple(self.names), pack(self.records))
        steps = list(self.steps.items())
        return Commit(account, hold_until, entries, self.counts, self.claims, records, steps, self.tallies, self.messages)


def _join(joined: dict[str, _Joined], writes: Writes) -> str | None:
    """Join the writes to those of the same account, unless an earlier one of them is in their way."""
    mine = joined.get(writes.account)
    if mine is None:
        mine = joined[writes.account] = _Joined()
    conflict = mine.conflict(writes)
    if conflict is None:
        mine.add(writes)
    return conflict
