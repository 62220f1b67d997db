"""One account, asynchronously."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from mock_server.client import account as blocking
from mock_server.client import calls, results
from mock_server.client.aio.http import Control
from mock_server.client.aio.parts import Callbacks, Clock, Requests, Scenarios, Verifications
from mock_server.client.calls import Call
from mock_server.client.expectation import Expectation
from mock_server.client.filters import Expected

if TYPE_CHECKING:
    from typing_extensions import Unpack

T = TypeVar("T")


class Account(blocking.Identity):
    """Made by `MockServer.account`, or by `of` for one that fixtures have made."""

    def __init__(self, control: Control, name: str) -> None:
        super().__init__(control.url, name)
        self.control = control
        self.requests = Requests(self.run)
        self.callbacks = Callbacks(self.run)
        self.verifications = Verifications(self.run)
        self.scenarios = Scenarios(self.run)
        self.clock = Clock(self.run)

    @classmethod
    def of(cls, account: blocking.Account) -> Account:
        """The same account, awaited; what either expects counts for both."""
        awaited = cls(Control(account.control.endpoint), account.name)
        awaited.expected = account.expected
        return awaited

    async def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        *,
        patience: float = 0.0,
    ) -> Any:
        """Any control call about this account: ``await account.call("GET", "coverage")``."""
        query = {"account": self.name, **(query or {})}
        return await self.control.call(method, path, query, body, patience=patience)

    async def run(self, call: Call[T]) -> T:
        """A call of `mock_server.client.calls`, and its answer read."""
        return call.read(
            await self.call(call.method, call.path, call.query, call.body, patience=call.patience)
        )

    async def configure(self, **sections: Mapping[str, Any]) -> None:
        """Change the account, as the ``accounts`` of a config file have it."""
        await self.control.call("PUT", f"accounts/{self.name}", body=sections)

    async def pin(self, scenario: str) -> None:
        """Let that scenario answer every request of its provider and operations."""
        await self.run(calls.pin(scenario))

    async def unpin(self) -> None:
        await self.run(calls.unpin())

    async def decide(self, reference: str, outcome: str, **more: Any) -> results.Decided:
        """Decide a pending verification."""
        return await self.run(calls.decide(reference, outcome, more))

    async def fire(self, event: str, reference: str = "", **more: Any) -> list[results.Callback]:
        """Fire a callback now; ``provider``, ``url``, ``requestType`` and ``merge`` may be given."""
        return await self.run(calls.fire(event, reference, more))

    @asynccontextmanager
    async def expects(self, *, count: int = 1, **fields: Unpack[Expected]) -> AsyncIterator[None]:
        """``async with account.expects(error=104): …``, as `mock_server.client.Account.expects`."""
        expectation = Expectation(self.name, count, fields)
        expectation.begin(await self.run(expectation.call))
        yield
        self.expected.update(expectation.end(await self.run(expectation.call)))

    async def coverage(self, *, all_accounts: bool = False) -> dict[str, Any]:
        """Which words of the vendors were met since the last reset; of all accounts, since the server
        started."""
        return await self.run(calls.coverage(all_accounts))

    async def reset(self) -> None:
        """Forget everything that happened and was set; the scenario files stay."""
        await self.run(calls.reset())

    async def export_state(self) -> dict[str, Any]:
        """The account's records and clock, to start a run from."""
        return await self.run(calls.export_state())

    async def import_state(self, state: Mapping[str, Any]) -> int:
        """Reset the account, then give it these records and this clock; how many records there are."""
        return await self.run(calls.import_state(state))

    async def bundle(self, *, personal: bool = False) -> dict[str, Any]:
        """What the account did, with all that its answers depend on, for ``mock-server replay``.

        Secrets are replaced, and personal data too unless ``personal``."""
        return await self.run(calls.bundle(personal))
