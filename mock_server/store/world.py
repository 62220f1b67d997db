"""What the memory store keeps of one account."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from mock_server.core.records import AccountState
from mock_server.store.base import StepKey, Writes
from mock_server.store.claims import ClaimLog
from mock_server.store.journal import Journal
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
        "claims",
        "counters",
        "counts",
        "journal",
        "limits",
        "records",
        "state",
        "steps",
        "tallies",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.state = UNSET
        self.claims: dict[str, ClaimLog] = {}
        self.records = Shelf(limits.records)
        self.steps: OrderedDict[StepKey, int] = OrderedDict()
        self.tallies: dict[str, float] = {}
        self.counters: dict[str, tuple[int, float]] = {}
        self.journal = Journal(limits.journal)
        self.counts: dict[str, int] = {}

    def empty(self) -> bool:
        return self.state == UNSET and not (
            self.claims or self.records or self.steps or self.tallies or self.counters or self.journal or self.counts
        )

    def conflict(self, writes: Writes) -> str | None:
        """The precondition that does not hold, as `Store.commit` names it."""
        for claim in writes.claims:
            log = self.claims.get(claim.kind)
            if log is not None and log.find(claim.value, claim.at) is not None:
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
        """Everything but the messages, which go to the store's `DeliveryQueue`."""
        entry = writes.entry
        if entry is not None:
            self.journal.note(entry)
            if entry.scenario:
                self.counts[entry.scenario] = self.counts.get(entry.scenario, 0) + 1
        for claim in writes.claims:
            log = self.claims.get(claim.kind)
            if log is None:
                log = self.claims[claim.kind] = ClaimLog(claim.kind)
            log.add(claim)
        for record in writes.records:
            self.records.put(record)
        if writes.step is not None:
            self._advance(*writes.step)
        for name, amount in writes.tallies:
            self.tallies[name] = self.tallies.get(name, 0.0) + amount

    def _advance(self, key: StepKey, position: int) -> None:
        self.steps[key] = position + 1
        self.steps.move_to_end(key)
        if len(self.steps) > self.limits.records:
            self.steps.popitem(last=False)
