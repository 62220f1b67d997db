"""The store as it was before a request, so that its answer can be worked out again. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.core.clock import ClockState
from mock_server.core.ids import ProcessIds
from mock_server.core.records import AccountState, Delivery, Entry, Record, UsedValue
from mock_server.providers.context import Services
from mock_server.providers.pipeline import Pipeline
from mock_server.store.base import (
    ANY_DELIVERY,
    ANY_ENTRY,
    DeliveryFilter,
    EntryFilter,
    StepKey,
    Store,
)


class PastStore:
    """As `VendorStore`: the request's nonce is free again, the clock shows its time."""

    def __init__(self, store: Store, entry: Entry | None, *, hide_new: bool = False) -> None:
        """``entry``: of the request; None: the store as it is now."""
        self._store, self._entry, self._hide_new = store, entry, hide_new
        self._at = None if entry is None else entry.at

    def account(self, account: str) -> AccountState:
        state = self._store.account(account)
        return state if self._at is None else state._replace(clock=ClockState(self._at))

    def find_used(self, account: str, kind: str, value: str) -> UsedValue | None:
        """The claim of an earlier request: what this one or a later one took was free."""
        claim = self._store.find_used(account, kind, value)
        if claim is None or self._entry is None:
            return claim
        taker = self._store.entry(account, claim.by)
        # The journal forgets the oldest first: an entry that it no longer holds is of an earlier request.
        return claim if taker is None or _order(taker) < _order(self._entry) else None

    def record(self, account: str, provider: str, kind: str, key: str) -> Record | None:
        record = self._store.record(account, provider, kind, key)
        hidden = record is not None and self._hide_new and self._at is not None and record.created >= self._at
        return None if hidden else record

    def increment(self, account: str, name: str, expires_real: float) -> int:
        """Nothing is counted, and no limit is reached."""
        return 0

    # The rest is as it is now.

    def step(self, account: str, key: StepKey) -> int:
        return self._store.step(account, key)

    def counter(self, account: str, name: str) -> float:
        return self._store.counter(account, name)

    def counters(self, account: str) -> Mapping[str, float]:
        return self._store.counters(account)

    def records(self, account: str, provider: str = "", kind: str = "") -> list[Record]:
        return self._store.records(account, provider, kind)

    def entries(
        self, account: str, where: EntryFilter = ANY_ENTRY, limit: int = 100, before: str = ""
    ) -> tuple[list[Entry], int]:
        return self._store.entries(account, where, limit, before)

    def deliveries(
        self, account: str, where: DeliveryFilter = ANY_DELIVERY, limit: int = 100, before: str = ""
    ) -> tuple[list[Delivery], int]:
        return self._store.deliveries(account, where, limit, before)


def as_of(pipeline: Pipeline, entry: Entry | None, *, hide_new: bool = False) -> Services:
    """The pipeline's effects, reading the store as it was before a journal entry's request; None: as it is
    now."""
    known = pipeline.services
    store = PastStore(pipeline.store, entry, hide_new=hide_new)
    return Services(store, known.accounts, ProcessIds("hindsight"), seed=known.seed, settings=known.settings)


def _order(entry: Entry) -> tuple[float, int]:
    """Sorts entries by when their requests were answered; ids of one process end with a count."""
    count = entry.id.rpartition("-")[2]
    return entry.real, int(count) if count.isdecimal() else 0
