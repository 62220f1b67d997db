"""``mock-server ready``: the container's healthcheck, and what a CI job waits for."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import click

from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import option
from mock_server.cli.parsing import seconds
from mock_server.cli.remote import address, connect, server_options

_LOOK = 0.05


@click.command("ready")
@server_options
@option(
    "--port-file", metavar="FILE", default="", help="The file that serve --port-file writes the port into."
)
@option("--wait/--no-wait", default=False, help="Wait until it is.")
@option("--timeout", metavar="TIME", default="10s", show_default=True, help="How long at most.")
def command(url: str | None, admin_token: str | None, port_file: str, wait: bool, timeout: str) -> int:
    """Exit 0 when the server answers ready, 1 when not.

    Without --url it asks the server that the MOCK_SERVER_HOST, MOCK_SERVER_PORT and MOCK_SERVER_PORT_FILE
    variables describe."""
    from mock_server.client import ApiError, UnreachableError

    patience = seconds("--timeout", timeout)
    variables = {**os.environ, **({"MOCK_SERVER_PORT_FILE": port_file} if port_file else {})}
    deadline = time.monotonic() + patience
    while True:
        try:
            if port_file and not url and not Path(port_file).is_file():
                raise UnreachableError(f"{port_file} has not been written yet")
            server = connect(url or address(variables), admin_token, timeout=max(patience, 0.1))
            state = server.ready()
        except (ApiError, UnreachableError) as error:
            if not wait or time.monotonic() >= deadline:
                click.echo(f"not ready: {error}", err=True)
                return FINDINGS
            time.sleep(_LOOK)
        else:
            return _show_ready(server.url, state)


def _show_ready(url: str, state: dict[str, Any]) -> int:
    click.echo(f"{url} is ready: {state['scenarios']} scenarios")
    if state["reload_error"]:
        click.echo(f"the scenario files were not reloaded:\n{state['reload_error']}", err=True)
    return FINE
