"""One account: its own requests, callbacks, verifications, scenarios and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from mock_server.client import calls, results
from mock_server.client.calls import Call
from mock_server.client.credentials import Credentials, credentials, vendors
from mock_server.client.expectation import Expectation
from mock_server.client.filters import Expected
from mock_server.client.http import Control
from mock_server.client.parts import Callbacks, Clock, Requests, Scenarios, Verifications

if TYPE_CHECKING:
    from typing_extensions import Unpack

T = TypeVar("T")


class Identity:
    """Name, address and credentials of an account."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        """Base address of the vendors' APIs; the credentials choose the account."""
        self.name = name
        self.expected: set[str] = set()
        """Ids of the requests and callbacks that `expects` has met: a strict run accepts them."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} at {self.url}>"

    def provider(self, name: str) -> Credentials:
        """The account's credentials for a vendor; also as ``account.NAME``, such as ``account.shuftipro``.

        Raises ``LookupError`` for an account whose secrets only the server's config file knows."""
        return credentials(self.name, name)

    def __getattr__(self, name: str) -> Credentials:
        if name.startswith("_") or name not in vendors():
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self.provider(name)


class Account(Identity):
    """Made by `MockServer.account`. Every call is about this account alone."""

    def __init__(self, control: Control, name: str) -> None:
        super().__init__(control.url, name)
        self.control = control
        self.requests = Requests(self.run)
        self.callbacks = Callbacks(self.run)
        self.verifications = Verifications(self.run)
        self.scenarios = Scenarios(self.run)
        self.clock = Clock(self.run)

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
        return self.control.call(
            method, path, {"account": self.name, **(query or {})}, body, patience=patience
        )

    def run(self, call: Call[T]) -> T:
        """A call of `mock_server.client.calls`, and its answer read."""
        return call.read(self.call(call.method, call.path, call.query, call.body, patience=call.patience))

    def configure(self, **sections: Mapping[str, Any]) -> None:
        """Change the account: ``configure(shuftipro={"signature": "legacy"}, cloudcheck={"webhook_url":
        …})``."""
        self.control.call("PUT", f"accounts/{self.name}", body=sections)

    def pin(self, scenario: str) -> None:
        """Let that scenario answer every request of its provider and operations."""
        self.run(calls.pin(scenario))

    def unpin(self) -> None:
        self.run(calls.unpin())

    def decide(self, reference: str, outcome: str, **more: Any) -> results.Decided:
        """Decide a pending verification: ``decide("ref-1", "declined", decline={"document":
        ["SPDR03"]})``."""
        return self.run(calls.decide(reference, outcome, more))

    def fire(self, event: str, reference: str = "", **more: Any) -> list[results.Callback]:
        """Fire a callback now; ``provider``, ``url``, ``requestType`` and ``merge`` may be given."""
        return self.run(calls.fire(event, reference, more))

    @contextmanager
    def expects(self, *, count: int = 1, **fields: Unpack[Expected]) -> Iterator[None]:
        """Within the block comes what a strict run would refuse: ``with account.expects(error=104): …``.

        With ``event`` or ``state`` a callback is expected, else a request. Raises ``AssertionError`` where fewer
        than ``count`` have come."""
        expectation = Expectation(self.name, count, fields)
        expectation.begin(self.run(expectation.call))
        yield
        self.expected.update(expectation.end(self.run(expectation.call)))

    def coverage(self, *, all_accounts: bool = False) -> dict[str, Any]:
        """Which words of the vendors were met since the last reset; of all accounts, since the server
        started."""
        return self.run(calls.coverage(all_accounts))

    def reset(self) -> None:
        """Forget everything that happened and was set; the scenario files stay."""
        self.run(calls.reset())

    def export_state(self) -> dict[str, Any]:
        """The account's records and clock, to start a run from."""
        return self.run(calls.export_state())

    def import_state(self, state: Mapping[str, Any]) -> int:
        """Reset the account, then give it these records and this clock; how many records there are."""
        return self.run(calls.import_state(state))

    def bundle(self, *, personal: bool = False) -> dict[str, Any]:
        """What the account did, with all that its answers depend on, for ``mock-server replay``.

        Secrets are replaced, and personal data too unless ``personal``."""
        return self.run(calls.bundle(personal))
