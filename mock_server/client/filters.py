"""The words by which requests, callbacks, verifications and scenarios are chosen. A wrong one is an error of type
checkers, and at run time one with a suggestion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

CallbackState = Literal["pending", "delivered", "failed", "dropped", "cancelled", "not sent"]


class RequestFilters(TypedDict, total=False):
    """Which requests; what is not given is any."""

    provider: str
    operation: str
    status: int
    scenario: str
    reference: str
    q: str
    """A text somewhere in path, query, body or answer."""
    since: str | float
    """An instant of the account's clock."""


class CallbackFilters(TypedDict, total=False):
    """Which callbacks; what is not given is any."""

    event: str
    reference: str
    outcome: CallbackState
    provider: str
    request: str
    """Id of the journal entry that caused it."""


class VerificationFilters(TypedDict, total=False):
    """Which records; what is not given is any."""

    provider: str
    kind: str


class ProviderFilter(TypedDict, total=False):
    """The vendor."""

    provider: str


class Expected(TypedDict, total=False):
    """What `expects` waits for: a callback where ``event`` or ``state`` is given, else a request."""

    error: str | int
    status: int
    operation: str
    path: str
    reference: str
    event: str
    state: CallbackState


def checked(kind: type[Any], filters: Mapping[str, Any]) -> dict[str, Any]:
    """The filters, if all are known. Otherwise raises ``TypeError`` with a suggestion."""
    known = kind.__annotations__
    for name in filters:
        if name == "count":
            raise TypeError("`wait` waits for one; for several write `wait_all(2, …)`")
        if name not in known:
            from mock_server.scenario.problems import did_you_mean

            raise TypeError(f"unknown filter `{name}`; {did_you_mean(name, known)}")
    return dict(filters)
