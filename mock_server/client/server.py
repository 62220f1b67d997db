"""The server as a whole: its accounts, and whether it is ready."""

from __future__ import annotations

import os
import secrets
import ssl
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from mock_server.client.account import Account
from mock_server.client.errors import ApiError, UnreachableError
from mock_server.client.http import Control, Endpoint
from mock_server.core.clock import parse_duration

DEFAULT_URL = "http://127.0.0.1:8484"


def endpoint(url: str | None, token: str | None, timeout: float, context: ssl.SSLContext | None) -> Endpoint:
    """What is not given comes from the ``MOCK_SERVER_…`` variables."""
    address = url or os.environ.get("MOCK_SERVER_URL") or DEFAULT_URL
    return Endpoint(address, token or os.environ.get("MOCK_SERVER_ADMIN_TOKEN") or None, timeout, context)


def fresh_name() -> str:
    """A name that no account has used."""
    return f"test-{secrets.token_hex(8)}"


class MockServer:
    """A running mock server.

    ``url``: ``MOCK_SERVER_URL``, else ``http://127.0.0.1:8484``, when not given; ``token``: of
    ``--admin-token``, or ``MOCK_SERVER_ADMIN_TOKEN``; ``timeout``: seconds that a call may take; ``context``:
    for https with a certificate of its own."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 10.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.used_accounts: dict[str, Account] = {}
        """Those that `account` has handed out, by name."""
        self.control = Control(endpoint(url, token, timeout, context))

    def __repr__(self) -> str:
        return f"<MockServer {self.url}>"

    @property
    def url(self) -> str:
        """Base address of both vendors' APIs."""
        return self.control.url

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        *,
        patience: float = 0.0,
    ) -> Any:
        """Any control call: ``server.call("GET", "version")``. Raises `ApiError` or `UnreachableError`."""
        return self.control.call(method, path, query, body, patience=patience)

    def account(self, name: str | None = None) -> Account:
        """The account of that name; a fresh one of its own, ``test-…``, when not given."""
        account = Account(self.control, fresh_name() if name is None else name)
        return self.used_accounts.setdefault(account.name, account)

    def accounts(self) -> list[dict[str, Any]]:
        """Declared and used accounts, their secrets masked."""
        return list(self.call("GET", "accounts")["accounts"])

    def ready(self) -> dict[str, Any]:
        """How many scenarios are loaded, and what is wrong with the files as they are now."""
        return dict(self.call("GET", "ready"))

    def version(self) -> dict[str, Any]:
        return dict(self.call("GET", "version"))

    def wait_until_ready(self, timeout: str | float = 10.0) -> dict[str, Any]:
        """As `ready`, as soon as the server answers. Raises `UnreachableError` when time is up."""
        deadline = time.monotonic() + parse_duration(timeout)
        while True:
            try:
                return self.ready()
            except (UnreachableError, ApiError):
                if time.monotonic() >= deadline:
                    raise
            time.sleep(0.05)

    def reset_all(self) -> None:
        """Every account back to its seeded state."""
        self.call("POST", "reset", {"all": 1})

    def close(self) -> None:
        """Close the connections."""
        self.control.close()

    def __enter__(self) -> MockServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
