"""One account: an isolated world of requests, callbacks, verifications, scenarios and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from mock_server.client import results
from mock_server.client.credentials import Credentials, credentials, vendors
from mock_server.client.http import Control
from mock_server.core.clock import parse_duration

Duration = str | float
"""``5s``, ``1h30m`` or seconds."""


class Account:
    """Made by `MockServer.account`. Every call is about this account alone."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self.name = name
        self.expected: set[str] = set()
        """Ids of the requests and callbacks that `expects` has met: a strict run accepts them."""
        self.requests = Requests(self)
        self.callbacks = Callbacks(self)
        self.verifications = Verifications(self)
        self.scenarios = Scenarios(self)
        self.clock = Clock(self)

    def __repr__(self) -> str:
        return f"<Account {self.name} at {self.url}>"

    @property
    def url(self) -> str:
        """Base address of the vendors' APIs; the credentials choose the account."""
        return self._control.url

    def provider(self, name: str) -> Credentials:
        """The account's credentials for a vendor; also as ``account.NAME``, such as ``account.shuftipro``.

        Raises ``LookupError`` for an account whose secrets only the server's config file knows."""
        return credentials(self.name, name)

    def __getattr__(self, name: str) -> Credentials:
        if name.startswith("_") or name not in vendors():
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self.provider(name)

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        *,
        patience: float = 0.0,
    ) -> Any:
        """Any control call about this account: ``account.call("GET", "coverage")``."""
        return self._control.call(
            method, path, {"account": self.name, **(query or {})}, body, patience=patience
        )

    def configure(self, **sections: Mapping[str, Any]) -> None:
        """Change the account: ``configure(shuftipro={"signature": "legacy"}, cloudcheck={"webhook_url":
        …})``."""
        self._control.call("PUT", f"accounts/{self.name}", body=sections)

    def pin(self, scenario: str) -> None:
        """Let that scenario answer every request of its provider and operations."""
        self.call("PUT", "scenarios/pinned", body={"name": scenario})

    def unpin(self) -> None:
        self.call("DELETE", "scenarios/pinned")

    def decide(self, reference: str, outcome: str, **more: Any) -> results.Decided:
        """Decide a pending verification: ``decide("ref-1", "declined", decline={"document":
        ["SPDR03"]})``."""
        return results.read(
            results.Decided,
            self.call(
                "POST", f"verifications/{quote(reference, safe='')}/decide", body={"outcome": outcome, **more}
            ),
        )

    def fire(self, event: str, reference: str = "", **more: Any) -> list[results.Callback]:
        """Fire a callback now; ``provider``, ``url``, ``requestType`` and ``merge`` may be given."""
        document = self.call("POST", "events", body={"event": event, "reference": reference, **more})
        return results.read_all(results.Callback, document["callbacks"])

    @contextmanager
    def expects(
        self,
        *,
        count: int = 1,
        error: str | int | None = None,
        status: int | None = None,
        operation: str | None = None,
        path: str | None = None,
        reference: str | None = None,
        event: str | None = None,
        state: str | None = None,
    ) -> Iterator[None]:
        """Within the block comes what a strict run would refuse: ``with account.expects(error=104): …``.

        With ``event`` or ``state`` a callback is expected, else a request. Raises ``AssertionError`` where fewer
        than ``count`` have come."""
        callbacks = event is not None or state is not None
        fields = (
            {"event": event, "state": state, "reference": reference}
            if callbacks
            else {
                "error": error,
                "status": status,
                "operation": operation,
                "path": path,
                "reference": reference,
            }
        )
        conditions = {name: str(value) for name, value in fields.items() if value is not None}
        before = set(self._ids(callbacks, conditions))
        yield
        came = [each for each in self._ids(callbacks, conditions) if each not in before]
        self.expected.update(came)
        if len(came) < count:
            what = ", ".join(f"{name} {value}" for name, value in conditions.items()) or "anything"
            kind = "callbacks" if callbacks else "requests"
            raise AssertionError(f"account {self.name}: expected {count} {kind} with {what}, got {len(came)}")

    def _ids(self, callbacks: bool, conditions: Mapping[str, str]) -> list[str]:
        items: Sequence[results.Request | results.Callback]
        items = self.callbacks.find(limit=1000) if callbacks else self.requests.find(limit=1000)
        return [
            item.id
            for item in items
            if all(str(getattr(item, name)) == value for name, value in conditions.items())
        ]

    def coverage(self, *, all_accounts: bool = False) -> dict[str, Any]:
        """Which words of the vendors were met since the last reset; of all accounts, since the server
        started."""
        return dict(self.call("GET", "coverage", {"all": 1} if all_accounts else None))

    def reset(self) -> None:
        """Forget everything that happened and was set; the scenario files stay."""
        self.call("POST", "reset")


class _Part:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._call = account.call


class Requests(_Part):
    """The journal. Filters: ``provider operation status scenario reference q since``."""

    def find(self, *, limit: int = 100, **filters: Any) -> list[results.Request]:
        """Newest first."""
        return results.read_all(
            results.Request, self._call("GET", "requests", {**filters, "limit": limit})["requests"]
        )

    def unmatched(self, *, limit: int = 100, **filters: Any) -> list[results.Request]:
        """What was refused, and what no vendor serves; newest first."""
        return results.read_all(
            results.Request, self._call("GET", "requests/unmatched", {**filters, "limit": limit})["requests"]
        )

    def get(self, request_id: str) -> results.Request:
        """One of them whole, with its near misses."""
        return results.read(results.Request, self._call("GET", f"requests/{request_id}"))

    def explain(self, request_id: str) -> dict[str, Any]:
        """Why it was answered so: signature, refusal, scenarios."""
        return dict(self._call("GET", f"requests/{request_id}/explain"))

    def count(self, **filters: Any) -> int:
        """How many there are."""
        return int(self._call("POST", "requests/count", body=filters)["count"])

    def wait(self, *, timeout: Duration = 5.0, **filters: Any) -> results.Request:
        """The newest such request, as soon as there is one. Raises `WaitTimeoutError` saying what did
        happen."""
        return self.wait_all(1, timeout=timeout, **filters)[0]

    def wait_all(self, count: int, *, timeout: Duration = 5.0, **filters: Any) -> list[results.Request]:
        """The newest ``count`` such requests, as soon as there are so many."""
        seconds = parse_duration(timeout)
        document = self._call(
            "GET", "requests/wait", {**filters, "count": count, "timeout": seconds}, patience=seconds
        )
        return results.read_all(results.Request, document["requests"])

    def clear(self) -> None:
        """Empty the journal."""
        self._call("DELETE", "requests")


class Callbacks(_Part):
    """Callbacks and webhooks. Filters: ``event reference outcome provider request``."""

    def find(self, *, limit: int = 100, **filters: Any) -> list[results.Callback]:
        """Newest first."""
        return results.read_all(
            results.Callback, self._call("GET", "callbacks", {**filters, "limit": limit})["callbacks"]
        )

    def get(self, callback_id: str) -> results.Callback:
        """One of them whole."""
        return results.read(results.Callback, self._call("GET", f"callbacks/{callback_id}"))

    def wait(self, *, timeout: Duration = 10.0, **filters: Any) -> results.Callback:
        """The newest such callback, as soon as there is one that is no longer pending (or stands as
        ``outcome`` says).

        Raises `WaitTimeoutError` saying what did happen."""
        return self.wait_all(1, timeout=timeout, **filters)[0]

    def wait_all(self, count: int, *, timeout: Duration = 10.0, **filters: Any) -> list[results.Callback]:
        """The newest ``count`` such callbacks, as soon as there are so many."""
        seconds = parse_duration(timeout)
        document = self._call(
            "GET", "callbacks/wait", {**filters, "count": count, "timeout": seconds}, patience=seconds
        )
        return results.read_all(results.Callback, document["callbacks"])

    def resend(self, callback_id: str) -> results.Callback:
        """Send it again as a callback of its own."""
        return results.read(
            results.Callback, self._call("POST", f"callbacks/{callback_id}/resend")["callbacks"][0]
        )

    def cancel(self, callback_id: str) -> results.Callback:
        """Cancel it while it is pending."""
        return results.read(results.Callback, self._call("DELETE", f"callbacks/{callback_id}"))

    def flush(self) -> list[results.Callback]:
        """Send now what is scheduled; as it stands after that."""
        return results.read_all(
            results.Callback, self._call("POST", "callbacks/flush", patience=60.0)["callbacks"]
        )


class Verifications(_Part):
    """What the providers remember."""

    def find(self, *, limit: int = 100, **filters: Any) -> list[results.Verification]:
        """Oldest first. Filters: ``provider kind``."""
        return results.read_all(
            results.Verification,
            self._call("GET", "verifications", {**filters, "limit": limit})["verifications"],
        )

    def get(self, reference: str, **filters: Any) -> results.Verification:
        """By key or reference."""
        return results.read(
            results.Verification, self._call("GET", f"verifications/{quote(reference, safe='')}", filters)
        )


class Scenarios(_Part):
    """What is in force for the account."""

    def find(self, **filters: Any) -> list[results.Scenario]:
        """In the order in which they are asked. Filter: ``provider``."""
        return results.read_all(results.Scenario, self._call("GET", "scenarios", filters)["scenarios"])

    def add(self, scenario: Mapping[str, Any], *, provider: str = "") -> list[results.Scenario]:
        """Add one scenario, or a whole file's mapping, until the account is reset. Raises `ApiError` with
        every problem."""
        given = {**({"provider": provider} if provider else {}), **scenario}
        return results.read_all(results.Scenario, self._call("POST", "scenarios", body=given)["scenarios"])


class Clock(_Part):
    """The account's own time."""

    def now(self) -> results.ClockState:
        return results.read(results.ClockState, self._call("GET", "clock"))

    def freeze(self, at: str | float = "now") -> results.ClockState:
        """Stand still at the instant (ISO 8601 or seconds since the epoch)."""
        return self._put("freeze", at)

    def set(self, at: str | float) -> results.ClockState:
        """Run on from the instant."""
        return self._put("set", at)

    def offset(self, by: Duration) -> results.ClockState:
        """Run that far beside real time."""
        return self._put("offset", by)

    def advance(self, by: Duration) -> results.ClockState:
        """Move on, and run what falls due on the way: the ``callbacks`` of the answer."""
        return results.read(
            results.ClockState, self._call("POST", "clock/advance", body={"by": by}, patience=120.0)
        )

    def reset(self) -> results.ClockState:
        """Back to real time."""
        return results.read(results.ClockState, self._call("DELETE", "clock"))

    def _put(self, name: str, value: str | float) -> results.ClockState:
        return results.read(results.ClockState, self._call("PUT", "clock", body={name: value}))
