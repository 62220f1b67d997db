"""What the memory store keeps of one account."""

from __future__ import annotations

from collections import OrderedDict

from mock_server.core.records import AccountState
from mock_server.store.base import Limits, StepKey, Transaction
from mock_server.store.journal import Journal
from mock_server.store.nonce_store import NonceStore
from mock_server.store.record_table import RecordTable

UNSET = AccountState()


class AccountData:
    """Not thread-safe: the store's lock guards it."""

    __slots__ = (
        "counters",
        "counts",
        "journal",
        "limits",
        "rate_counters",
        "records",
        "state",
        "steps",
        "used_values",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.state = UNSET
        self.used_values: dict[str, NonceStore] = {}
        self.records = RecordTable(limits.records, limits.record_bytes)
        self.steps: OrderedDict[StepKey, int] = OrderedDict()
        self.counters: dict[str, float] = {}
        self.rate_counters: dict[str, tuple[int, float]] = {}
        self.journal = Journal(limits.journal, limits.journal_bytes)
        self.counts: dict[str, int] = {}

    @property
    def size(self) -> int:
        """Bytes of its entries and records."""
        return self.journal.size + self.records.size

    def empty(self) -> bool:
        return self.state == UNSET and not (
            self.used_values
            or self.records
            or self.steps
            or self.counters
            or self.rate_counters
            or self.journal
            or self.counts
        )

    def conflict(self, transaction: Transaction) -> str | None:
        """The precondition that does not hold, as `Store.commit` names it."""
        for claim in transaction.used_values:
            log = self.used_values.get(claim.kind)
            if log is not None and log.find(claim.value, claim.at) is not None:
                return "claim"
        for record in transaction.records:
            if not self.records.check_version(record):
                return "record"
        for key, position in transaction.steps.items():
            if self.steps.get(key, 0) != position:
                return "step"
        return None

    def apply(self, transaction: Transaction) -> None:
        """Everything but the messages, which go to the store's `DeliveryQueue`."""
        entry = transaction.entry
        if entry is not None:
            self.journal.note(entry)
            if entry.scenario:
                self.counts[entry.scenario] = self.counts.get(entry.scenario, 0) + 1
        for claim in transaction.used_values:
            log = self.used_values.get(claim.kind)
            if log is None:
                log = self.used_values[claim.kind] = NonceStore(claim.kind)
            log.add(claim)
        for record in transaction.records:
            self.records.put(record)
        for key, position in transaction.steps.items():
            self._advance(key, position)
        for name, amount in transaction.counters:
            self.counters[name] = self.counters.get(name, 0.0) + amount

    def _advance(self, key: StepKey, position: int) -> None:
        self.steps[key] = position + 1
        self.steps.move_to_end(key)
        if len(self.steps) > self.limits.records:
            self.steps.popitem(last=False)
