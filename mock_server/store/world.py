"""What the memory store keeps of one account."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from mock_server.core.records import AccountState
from mock_server.store.agenda import Agenda
from mock_server.store.base import StepKey, Writes
from mock_server.store.claims import ClaimLog, Digest
from mock_server.store.dumps import WorldDump
from mock_server.store.journal import Journal
from mock_server.store.packing import Commit
from mock_server.store.shelf import Shelf

UNSET = AccountState()


class Limits(NamedTuple):
    """How much of an account is remembered."""

    journal: int
    """Journal entries, and as many finished deliveries."""
    records: int
    """Records, and as many sequences."""


class World:
    """Not thread-safe: the store's lock guards it."""

    __slots__ = (
        "agenda",
        "alarm",
        "claims",
        "counters",
        "counts",
        "digest",
        "journal",
        "limits",
        "records",
        "state",
        "steps",
        "tallies",
    )

    def __init__(self, limits: Limits, digest: Digest) -> None:
        """``digest``: by what claims are known."""
        self.limits = limits
        self.digest = digest
        self.state = UNSET
        self.claims: dict[str, ClaimLog] = {}
        self.records = Shelf(limits.records)
        self.steps: OrderedDict[StepKey, int] = OrderedDict()
        self.tallies: dict[str, float] = {}
        self.counters: dict[str, tuple[int, float]] = {}
        self.journal = Journal(limits.journal)
        self.counts: dict[str, int] = {}
        self.agenda = Agenda(limits.journal)
        self.alarm: float | None = None
        """Real time at which the store will next look at the agenda; None: it will not."""

    def empty(self) -> bool:
        return self.state == UNSET and not (
            self.claims or self.records or self.steps or self.tallies or self.counters or self.journal or self.counts or len(self.agenda)
        )

    def conflict(self, writes: Writes) -> str | None:
        """The precondition that does not hold, as `Store.commit` names it."""
        for claim in writes.claims:
            log = self.claims.get(claim.kind)
            if log is not None and log.find(claim.value, self.digest(claim.value), claim.at) is not None:
                return "claim"
        for record in writes.records:
            if not self.records.expects(record):
                return "record"
        if writes.step is not None:
            key, position = writes.step
            if self.steps.get(key, 0) != position:
                return "step"
        return None

    def apply(self, writes: Writes) -> None:
        """Everything but the messages, with which the store's departures have to do."""
        entry = writes.entry
        if entry is not None:
            self.journal.note(entry)
            if entry.scenario:
                self.counts[entry.scenario] = self.counts.get(entry.scenario, 0) + 1
        for claim in writes.claims:
            self._claim(claim.kind, self.digest(claim.value), claim.at, claim.expires, claim.by)
        for record in writes.records:
            self.records.put(record)
        if writes.step is not None:
            self._advance(*writes.step)
        for name, amount in writes.tallies:
            self.tallies[name] = self.tallies.get(name, 0.0) + amount

    def apply_commit(self, commit: Commit) -> None:
        """The same of several exchanges."""
        if commit.entries.new:
            self.journal.add(commit.entries)
        for name, number in commit.counts.items():
            self.counts[name] = self.counts.get(name, 0) + number
        for known in commit.claims:
            self._claim(known.kind, known.digest, known.at, known.expires, known.by)
        if commit.records.names:
            self.records.add(commit.records)
        for key, position in commit.steps:
            self._advance(key, position)
        for name, amount in commit.tallies.items():
            self.tallies[name] = self.tallies.get(name, 0.0) + amount

    def _claim(self, kind: str, digest: int, at: float, expires: float, by: str) -> None:
        log = self.claims.get(kind)
        if log is None:
            log = self.claims[kind] = ClaimLog(kind)
        log.add(digest, at, expires, by)

    def _advance(self, key: StepKey, position: int) -> None:
        self.steps[key] = position + 1
        self.steps.move_to_end(key)
        if len(self.steps) > self.limits.records:
            self.steps.popitem(last=False)

    def dump(self) -> WorldDump:
        """All of it, as plain values."""
        older, newer = self.records.dump()
        return WorldDump(
            self.state,
            {kind: log.dump() for kind, log in self.claims.items()},
            older,
            newer,
            [(key.scenario, key.reference, position) for key, position in self.steps.items()],
            self.tallies,
            self.counters,
            self.journal.dump(),
            self.counts,
            self.agenda.dump(),
        )

    def load(self, dump: WorldDump) -> None:
        """Take over what was dumped."""
        self.state = dump.state
        for kind, rows in dump.claims.items():
            self.claims[kind] = ClaimLog(kind)
            self.claims[kind].load(*rows)
        self.records.load(dump.records, dump.newer_records)
        self.steps = OrderedDict((StepKey(scenario, reference), position) for scenario, reference, position in dump.steps)
        self.tallies, self.counters, self.counts = dump.tallies, dump.counters, dump.counts
        self.journal.load(dump.journal)
        self.agenda.load(dump.agenda)
