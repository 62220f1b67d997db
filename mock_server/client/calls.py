"""Every call about an account as a value, for the client that blocks and for the one that awaits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from msgspec import Struct

from mock_server.client import results
from mock_server.client.filters import (
    CallbackFilters,
    ProviderFilter,
    RequestFilters,
    VerificationFilters,
    checked,
)
from mock_server.core.clock import parse_duration

Duration = str | float
"""``5s``, ``1h30m`` or seconds."""
MOST = 1000
"""Items of one page at the most."""
T = TypeVar("T", covariant=True)
S = TypeVar("S", bound=Struct)


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call of the control API, and what its answer is read as."""

    method: str
    path: str
    read: Callable[[Any], T]
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    patience: float = 0.0
    """Seconds that the answer may take in addition to the usual timeout."""


def nothing(document: Any) -> None:
    """Of an answer that says nothing new."""


def _one(kind: type[S]) -> Callable[[Any], S]:
    return partial(results.read, kind)


def _list(kind: type[S], name: str) -> Callable[[Any], list[S]]:
    return lambda document: results.read_all(kind, document[name])


# -- the account
def pin(name: str) -> Call[None]:
    return Call("PUT", "scenarios/pinned", nothing, body={"name": name})


def unpin() -> Call[None]:
    return Call("DELETE", "scenarios/pinned", nothing)


def decide(reference: str, outcome: str, more: Mapping[str, Any]) -> Call[results.Decided]:
    path = f"verifications/{quote(reference, safe='')}/decide"
    return Call("POST", path, _one(results.Decided), body={"outcome": outcome, **more})


def fire(event: str, reference: str, more: Mapping[str, Any]) -> Call[list[results.Callback]]:
    body = {"event": event, "reference": reference, **more}
    return Call("POST", "events", _list(results.Callback, "callbacks"), body=body)


def coverage(all_accounts: bool) -> Call[dict[str, Any]]:
    return Call("GET", "coverage", dict, {"all": 1} if all_accounts else {})


def reset() -> Call[None]:
    return Call("POST", "reset", nothing)


def export_state() -> Call[dict[str, Any]]:
    return Call("GET", "state/export", dict)


def import_state(state: Mapping[str, Any]) -> Call[int]:
    return Call("POST", "state/import", lambda document: int(document["records"]), body=dict(state))


def bundle(personal: bool) -> Call[dict[str, Any]]:
    return Call("GET", "bundle", dict, {"personal": personal}, patience=60.0)


# -- requests
def requests(limit: int, filters: Mapping[str, Any], path: str = "requests") -> Call[list[results.Request]]:
    query = {**checked(RequestFilters, filters), "limit": limit}
    return Call("GET", path, _list(results.Request, "requests"), query)


def request(request_id: str) -> Call[results.Request]:
    return Call("GET", f"requests/{request_id}", _one(results.Request))


def explanation(request_id: str) -> Call[dict[str, Any]]:
    return Call("GET", f"requests/{request_id}/explain", dict)


def request_count(filters: Mapping[str, Any]) -> Call[int]:
    return Call(
        "POST",
        "requests/count",
        lambda document: int(document["count"]),
        body=checked(RequestFilters, filters),
    )


def await_requests(count: int, timeout: Duration, filters: Mapping[str, Any]) -> Call[list[results.Request]]:
    seconds = parse_duration(timeout)
    query = {**checked(RequestFilters, filters), "count": count, "timeout": seconds}
    return Call("GET", "requests/wait", _list(results.Request, "requests"), query, patience=seconds)


def clear_requests() -> Call[None]:
    return Call("DELETE", "requests", nothing)


# -- callbacks
def callbacks(limit: int, filters: Mapping[str, Any]) -> Call[list[results.Callback]]:
    query = {**checked(CallbackFilters, filters), "limit": limit}
    return Call("GET", "callbacks", _list(results.Callback, "callbacks"), query)


def callback(callback_id: str) -> Call[results.Callback]:
    return Call("GET", f"callbacks/{callback_id}", _one(results.Callback))


def await_callbacks(
    count: int, timeout: Duration, filters: Mapping[str, Any]
) -> Call[list[results.Callback]]:
    seconds = parse_duration(timeout)
    query = {**checked(CallbackFilters, filters), "count": count, "timeout": seconds}
    return Call("GET", "callbacks/wait", _list(results.Callback, "callbacks"), query, patience=seconds)


def resend(callback_id: str) -> Call[results.Callback]:
    return Call(
        "POST",
        f"callbacks/{callback_id}/resend",
        lambda document: results.read(results.Callback, document["callbacks"][0]),
    )


def cancel(callback_id: str) -> Call[results.Callback]:
    return Call("DELETE", f"callbacks/{callback_id}", _one(results.Callback))


def flush() -> Call[list[results.Callback]]:
    return Call("POST", "callbacks/flush", _list(results.Callback, "callbacks"), patience=60.0)


# -- verifications, scenarios, clock
def verifications(limit: int, filters: Mapping[str, Any]) -> Call[list[results.Verification]]:
    query = {**checked(VerificationFilters, filters), "limit": limit}
    return Call("GET", "verifications", _list(results.Verification, "verifications"), query)


def verification(reference: str, filters: Mapping[str, Any]) -> Call[results.Verification]:
    path = f"verifications/{quote(reference, safe='')}"
    return Call("GET", path, _one(results.Verification), checked(ProviderFilter, filters))


def scenarios(filters: Mapping[str, Any]) -> Call[list[results.Scenario]]:
    query = checked(ProviderFilter, filters)
    return Call("GET", "scenarios", _list(results.Scenario, "scenarios"), query)


def add_scenario(scenario: Mapping[str, Any], provider: str) -> Call[list[results.Scenario]]:
    body = {**({"provider": provider} if provider else {}), **scenario}
    return Call("POST", "scenarios", _list(results.Scenario, "scenarios"), body=body)


def clock(method: str = "GET", **setting: Any) -> Call[results.ClockState]:
    """``PUT`` with one of ``freeze``, ``set`` and ``offset``; ``DELETE`` for real time."""
    return Call(method, "clock", _one(results.ClockState), body=setting or None)


def advance(by: Duration) -> Call[results.ClockState]:
    return Call("POST", "clock/advance", _one(results.ClockState), body={"by": by}, patience=120.0)
