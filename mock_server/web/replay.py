"""The store as it was before a request, so that its answer can be worked out again. Nothing is written."""

from __future__ import annotations

from typing import Any, cast

from mock_server.core.clock import ClockState
from mock_server.core.ids import ProcessIds
from mock_server.core.records import AccountState, Entry, Record, UsedValue
from mock_server.providers.context import Services
from mock_server.providers.pipeline import Pipeline
from mock_server.store.base import Store


class PastStore:
    """As `Store`, for reading only: the request's nonce is free again, the clock shows its time."""

    def __init__(self, store: Store, entry: Entry | None, *, hide_new: bool = False) -> None:
        """``entry``: of the request; None: the store as it is now."""
        self._store, self._entry, self._hide_new = store, entry, hide_new
        self._at = None if entry is None else entry.at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

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
        found = self._store.record(account, provider, kind, key)
        hidden = found is not None and self._hide_new and self._at is not None and found.created >= self._at
        return None if hidden else found

    def increment(self, account: str, name: str, expires_real: float) -> int:
        return 0


def as_of(pipeline: Pipeline, entry: Entry | None, *, hide_new: bool = False) -> Services:
    """The pipeline's effects, reading the store as it was before a journal entry's request; None: as it is
    now."""
    known = pipeline.services
    store = cast(Store, PastStore(pipeline.store, entry, hide_new=hide_new))
    return Services(store, known.accounts, ProcessIds("hindsight"), seed=known.seed, settings=known.settings)


def _order(entry: Entry) -> tuple[float, int]:
    """Sorts entries by when their requests were answered; ids of one process end with a count."""
    count = entry.id.rpartition("-")[2]
    return entry.real, int(count) if count.isdecimal() else 0
