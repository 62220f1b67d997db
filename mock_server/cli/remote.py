"""Options and errors of the verbs that talk to a running server."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mock_server.cli.options import option
from mock_server.core.config import ENV_PREFIX

if TYPE_CHECKING:
    from mock_server.client import Account, MockServer

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_PORT = "8484"


def server_options(function: F) -> F:
    """``--url`` and ``--admin-token``; they arrive as ``url`` and ``admin_token``."""
    url = option("--url", metavar="URL", help="The running server.  [default: http://127.0.0.1:8484]")
    token = option("--admin-token", metavar="T", help="Its admin token, where it has one.")
    return url(token(function))


def account_options(function: F) -> F:
    """`server_options` and ``--account``."""
    return server_options(
        option(
            "--account", metavar="NAME", default="default", show_default=True, help="The account it is about."
        )(function)
    )


def connect(url: str | None, admin_token: str | None, *, timeout: float = 10.0) -> MockServer:
    """A client of the server that the options, or the variables a server on this machine was started with,
    point at."""
    from mock_server.client import MockServer

    options = url or address(os.environ)
    try:
        server = MockServer(options, admin_token, timeout=timeout, context=_trusting(options))
    except ValueError as error:
        raise click.UsageError(f"--url: {error}") from None
    click.get_current_context().call_on_close(server.close)
    return server


def account(url: str | None, admin_token: str | None, name: str) -> Account:
    """The account on that server."""
    return connect(url, admin_token).account(name)


def address(variables: Mapping[str, str]) -> str:
    """Where a server with these ``MOCK_SERVER_…`` variables listens, seen from this machine."""
    host = variables.get(ENV_PREFIX + "HOST") or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    scheme = "https" if variables.get(ENV_PREFIX + "TLS_CERT") else "http"
    port = _port(variables)
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _port(variables: Mapping[str, str]) -> str:
    written = variables.get(ENV_PREFIX + "PORT_FILE")
    if written and Path(written).is_file():
        port = Path(written).read_bytes().strip()
        if not port.isdigit():
            raise click.UsageError(
                f"{written} has no port in it; name the file that serve --port-file has written"
            )
        return port.decode()
    return variables.get(ENV_PREFIX + "PORT") or DEFAULT_PORT


def _trusting(url: str) -> Any:
    """For https on this machine no authority is asked: a mock server's certificate is seldom signed by
    one."""
    if not url.startswith("https://"):
        return None
    import ssl
    from urllib.parse import urlsplit

    context = ssl.create_default_context()
    if urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
