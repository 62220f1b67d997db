"""The server as a whole, asynchronously."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import anyio

from mock_server.client.aio.account import Account
from mock_server.client.aio.http import Control
from mock_server.client.errors import ApiError, UnreachableError
from mock_server.client.server import endpoint, fresh_name
from mock_server.core.clock import parse_duration


class MockServer:
    """As `mock_server.client.MockServer`. It holds no connection, so it needs no closing."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 10.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.control = Control(endpoint(url, token, timeout, context))

    def __repr__(self) -> str:
        return f"<MockServer {self.url}>"

    @property
    def url(self) -> str:
        """Base address of both vendors' APIs."""
        return self.control.url

    async def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        *,
        patience: float = 0.0,
    ) -> Any:
        """Any control call: ``await server.call("GET", "version")``. Raises `ApiError` or `UnreachableError`."""
        return await self.control.call(method, path, query, body, patience=patience)

    def account(self, name: str | None = None) -> Account:
        """The account of that name; a fresh one of its own, ``test-…``, when not given."""
        return Account(self.control, fresh_name() if name is None else name)

    async def accounts(self) -> list[dict[str, Any]]:
        """Declared and used accounts, their secrets masked."""
        return list((await self.call("GET", "accounts"))["accounts"])

    async def ready(self) -> dict[str, Any]:
        """How many scenarios are loaded, and what is wrong with the files as they are now."""
        return dict(await self.call("GET", "ready"))

    async def version(self) -> dict[str, Any]:
        return dict(await self.call("GET", "version"))

    async def wait_until_ready(self, timeout: str | float = 10.0) -> dict[str, Any]:
        """As `ready`, as soon as the server answers. Raises `UnreachableError` when time is up."""
        deadline = anyio.current_time() + parse_duration(timeout)
        while True:
            try:
                return await self.ready()
            except (UnreachableError, ApiError):
                if anyio.current_time() >= deadline:
                    raise
            await anyio.sleep(0.05)

    async def reset_all(self) -> None:
        """Every account back to its seeded state."""
        await self.call("POST", "reset", {"all": 1})
