"""What an account consists of, each part with its calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mock_server.client import calls, results
from mock_server.client.calls import MOST, Call, Duration
from mock_server.client.expectation import in_order
from mock_server.client.filters import (
    CallbackFilters,
    ProviderFilter,
    RequestFilters,
    VerificationFilters,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

T = TypeVar("T")


class Run(Protocol):
    """Sends a call about the account and reads its answer."""

    def __call__(self, call: Call[T]) -> T: ...


class _Part:
    def __init__(self, run: Run) -> None:
        self._run = run


class Requests(_Part):
    """The journal. Filters: ``provider operation status scenario reference q since``."""

    def find(self, *, limit: int = 100, **filters: Unpack[RequestFilters]) -> list[results.Request]:
        """Newest first."""
        return self._run(calls.requests(limit, filters))

    def unmatched(self, *, limit: int = 100, **filters: Unpack[RequestFilters]) -> list[results.Request]:
        """What was refused, and what no vendor serves; newest first."""
        return self._run(calls.requests(limit, filters, "requests/unmatched"))

    def get(self, request_id: str) -> results.Request:
        """One of them whole, with its near misses."""
        return self._run(calls.request(request_id))

    def explain(self, request_id: str) -> dict[str, Any]:
        """Why it was answered so: signature, refusal, scenarios."""
        return self._run(calls.explanation(request_id))

    def count(self, **filters: Unpack[RequestFilters]) -> int:
        """How many there are."""
        return self._run(calls.request_count(filters))

    def wait(self, *, timeout: Duration = 5.0, **filters: Unpack[RequestFilters]) -> results.Request:
        """The newest such request, as soon as there is one. Raises `WaitTimeoutError` saying what did
        happen."""
        return self._run(calls.await_requests(1, timeout, filters))[0]

    def wait_all(
        self, count: int, *, timeout: Duration = 5.0, **filters: Unpack[RequestFilters]
    ) -> list[results.Request]:
        """The newest ``count`` such requests, as soon as there are so many."""
        return self._run(calls.await_requests(count, timeout, filters))

    def in_order(self, *steps: RequestFilters) -> list[results.Request]:
        """The requests that met the steps one after the other; others may have come between them.

        ``in_order({"operation": "verify"}, {"operation": "status", "reference": "r"})``. Raises
        ``AssertionError`` that lists what came."""
        matches = [self.find(limit=MOST, **step) for step in steps]
        return in_order(steps, self.find(limit=MOST), matches)

    def clear(self) -> None:
        """Empty the journal."""
        self._run(calls.clear_requests())


class Callbacks(_Part):
    """Callbacks and webhooks. Filters: ``event reference outcome provider request``."""

    def find(self, *, limit: int = 100, **filters: Unpack[CallbackFilters]) -> list[results.Callback]:
        """Newest first."""
        return self._run(calls.callbacks(limit, filters))

    def get(self, callback_id: str) -> results.Callback:
        """One of them whole."""
        return self._run(calls.callback(callback_id))

    def wait(self, *, timeout: Duration = 10.0, **filters: Unpack[CallbackFilters]) -> results.Callback:
        """The newest such callback, as soon as one is no longer pending (or stands as
        ``outcome`` says).

        Raises `WaitTimeoutError` saying what did happen."""
        return self._run(calls.await_callbacks(1, timeout, filters))[0]

    def wait_all(
        self, count: int, *, timeout: Duration = 10.0, **filters: Unpack[CallbackFilters]
    ) -> list[results.Callback]:
        """The newest ``count`` such callbacks, as soon as there are so many."""
        return self._run(calls.await_callbacks(count, timeout, filters))

    def resend(self, callback_id: str) -> results.Callback:
        """Send it again as a callback of its own."""
        return self._run(calls.resend(callback_id))

    def cancel(self, callback_id: str) -> results.Callback:
        """Cancel it while it is pending."""
        return self._run(calls.cancel(callback_id))

    def flush(self) -> list[results.Callback]:
        """Send now what is scheduled; as it stands after that."""
        return self._run(calls.flush())


class Verifications(_Part):
    """What the providers remember."""

    def find(self, *, limit: int = 100, **filters: Unpack[VerificationFilters]) -> list[results.Verification]:
        """Newest first. Filters: ``provider kind status q``."""
        return self._run(calls.verifications(limit, filters))

    def get(self, reference: str, **filters: Unpack[ProviderFilter]) -> results.Verification:
        """By key or reference."""
        return self._run(calls.verification(reference, filters))


class Scenarios(_Part):
    """What is in force for the account."""

    def find(self, **filters: Unpack[ProviderFilter]) -> list[results.Scenario]:
        """In the order in which they are asked. Filter: ``provider``."""
        return self._run(calls.scenarios(filters))

    def add(self, scenario: Mapping[str, Any], *, provider: str = "") -> list[results.Scenario]:
        """Add one scenario, or a whole file's mapping, until the account is reset. Raises `ApiError` with
        every problem."""
        return self._run(calls.add_scenario(scenario, provider))


class Clock(_Part):
    """The account's own time."""

    def now(self) -> results.ClockState:
        return self._run(calls.clock())

    def freeze(self, at: str | float = "now") -> results.ClockState:
        """Stand still at the instant (ISO 8601 or seconds since the epoch)."""
        return self._run(calls.clock("PUT", freeze=at))

    def set(self, at: str | float) -> results.ClockState:
        """Run on from the instant."""
        return self._run(calls.clock("PUT", set=at))

    def offset(self, by: Duration) -> results.ClockState:
        """Run with that offset from real time."""
        return self._run(calls.clock("PUT", offset=by))

    def advance(self, by: Duration) -> results.ClockState:
        """Move on, and run what falls due on the way: the ``callbacks`` of the answer."""
        return self._run(calls.advance(by))

    def reset(self) -> results.ClockState:
        """Back to real time."""
        return self._run(calls.clock("DELETE"))
