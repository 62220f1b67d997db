"""Which scenario answers a request and why each other does not, worked out again from the stored request. Nothing is written."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from mock_server.core.clock import ClockState
from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request
from mock_server.core.ids import ProcessIds
from mock_server.core.records import AccountState, Claim, Entry, Record
from mock_server.providers.base import Provider
from mock_server.providers.context import Call, Effects
from mock_server.scenario.matchers import MISSING
from mock_server.scenario.model import Scenario
from mock_server.scenario.selection import NearMiss, near_misses, select
from mock_server.store.base import Store
from mock_server.web.service import Service

_UNFIT = (ProviderError, LookupError, AttributeError, TypeError, ValueError)


class Hindsight:
    """The store as it was before a request: its nonce is free again, the clock shows its time. For reading only."""

    def __init__(self, store: Store, entry: Entry | None, *, hide_new: bool = False) -> None:
        """``entry``: of the request; None: the store as it is now."""
        self._store, self._entry, self._hide_new = store, entry, hide_new
        self._at = None if entry is None else entry.at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def view(self) -> Hindsight:
        return self

    def account(self, account: str) -> AccountState:
        state = self._store.account(account)
        return state if self._at is None else state._replace(clock=ClockState(self._at))

    def claimed(self, account: str, kind: str, value: str) -> Claim | None:
        """The claim of an earlier request: what this one or a later one took was free."""
        claim = self._store.claimed(account, kind, value)
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


def _order(entry: Entry) -> tuple[float, int]:
    """Sorts entries by when their requests were answered; ids of one process end with a count."""
    count = entry.id.rpartition("-")[2]
    return entry.real, int(count) if count.isdecimal() else 0


class Rebuilt(NamedTuple):
    """A call as it stood when its scenario was chosen."""

    call: Call
    refusal: ProviderError | None
    """What kept it from getting there; the facts are what was known by then."""


def as_of(service: Service, entry: Entry | None, *, hide_new: bool = False) -> Effects:
    """The service's effects, reading the store as it was before a journal entry's request; None: as it is now."""
    known = service.pipeline.effects
    store = cast(Store, Hindsight(service.store, entry, hide_new=hide_new))
    return Effects(store, known.accounts, ProcessIds("hindsight"), seed=known.seed, settings=known.settings)


def rebuild(service: Service, provider: Provider, request: Request, entry: Entry | None = None) -> Rebuilt:
    """The call of a request: of a journal entry as it was then, else as if it came now."""
    rebuilt = _attempt(service, provider, request, entry, hide_new=False)
    if rebuilt.refusal is not None and entry is not None and not entry.error:
        again = _attempt(service, provider, request, entry, hide_new=True)
        return rebuilt if again.refusal is not None else again
    return rebuilt


def _attempt(service: Service, provider: Provider, request: Request, entry: Entry | None, *, hide_new: bool) -> Rebuilt:
    call = Call(as_of(service, entry, hide_new=hide_new), request, "", entry.real if entry else service.clock.now())
    try:
        call.operation = provider.operation(request.method, request.path)
        provider.authenticate(call)
    except ProviderError as refusal:
        if call.operation:
            try:
                provider.validate(call)
            except _UNFIT:
                pass  # the refusal is what counts; this was for more facts
        return Rebuilt(call, refusal)
    try:
        provider.validate(call)
    except ProviderError as refusal:
        return Rebuilt(call, refusal)
    return Rebuilt(call, None)


def nearest(service: Service, entry: Entry, limit: int = 3) -> list[dict[str, Any]]:
    """The scenarios that came closest to answering a journal entry."""
    provider = service.providers.get(entry.provider)
    if provider is None:
        return []
    call = rebuild(service, provider, entry.request, entry).call
    state = service.store.account(entry.account)
    misses = near_misses(service.scenarios.of(entry.account, state), entry.provider, call.operation, call, limit)
    return [_miss(miss) for miss in misses]


def explain(service: Service, request: Request, entry: Entry | None = None, limit: int = 5) -> dict[str, Any] | None:
    """Which scenario would answer, and why the nearest others would not; None where no vendor serves the path.

    ``{"provider", "operation", "account", "reference", "answers": "scenario"|"built-in"|"refusal", "refusal", "scenario", "near_misses"}``
    """
    provider = service.pipeline.provider_of(request.path, request.mount)
    if provider is None:
        return None
    call, refusal = rebuild(service, provider, request, entry)
    state = service.store.account(call.account.name)
    scenarios = service.scenarios.of(call.account.name, state)
    chosen = select(scenarios, provider.name, call.operation, call, state.pinned)
    misses = near_misses(scenarios, provider.name, call.operation, call, limit)
    return {
        "provider": provider.name,
        "operation": call.operation,
        "account": call.account.name,
        "reference": call.reference,
        "answers": "refusal" if refusal is not None else "scenario" if chosen is not None else "built-in",
        "refusal": _refusal(refusal),
        "scenario": _scenario(chosen, pinned=chosen is not None and chosen.name == state.pinned),
        "near_misses": [_miss(miss) for miss in misses if miss.scenario is not chosen],
    }


def _refusal(refusal: ProviderError | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    return {"error": str(refusal.code), "message": refusal.message, "fields": list(refusal.fields), "evidence": refusal.evidence}


def _scenario(scenario: Scenario | None, *, pinned: bool) -> dict[str, Any] | None:
    if scenario is None:
        return None
    return {"name": scenario.name, "source": scenario.source, "description": scenario.description, "pinned": pinned}


def _miss(miss: NearMiss) -> dict[str, Any]:
    """``{"name", "source", "differences": [{"path", "expected", "reason", "actual"?}]}``; no ``actual``: there is none."""
    differences = []
    for path, expected, actual, reason in miss.differences:
        shown = {"path": path, "expected": expected, "reason": reason}
        differences.append(shown if actual is MISSING else {**shown, "actual": actual})
    return {"name": miss.scenario.name, "source": miss.scenario.source, "differences": differences}
