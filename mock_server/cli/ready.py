"""``mock-server ready``: the container's healthcheck."""

from __future__ import annotations

import click

from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import option
from mock_server.cli.remote import connect, server_options
from mock_server.core.clock import parse_duration


@click.command("ready")
@server_options
@option("--wait/--no-wait", default=False, help="Wait until it is.")
@option("--timeout", metavar="TIME", default="10s", show_default=True, help="How long at most.")
def command(url: str | None, admin_token: str | None, wait: bool, timeout: str) -> int:
    """Exit 0 when the server answers ready, 1 when not.

    Without --url it asks the server that the MOCK_SERVER_HOST, MOCK_SERVER_PORT and MOCK_SERVER_PORT_FILE variables describe.
    """
    from mock_server.client import ApiError, UnreachableError

    try:
        seconds = parse_duration(timeout)
    except ValueError as error:
        raise click.UsageError(f"--timeout: {error}") from None
    server = connect(url, admin_token, timeout=max(seconds, 0.1))
    try:
        state = server.wait_until_ready(seconds) if wait else server.ready()
    except (ApiError, UnreachableError) as error:
        click.echo(f"not ready: {error}", err=True)
        return FINDINGS
    click.echo(f"{server.url} is ready: {state['scenarios']} scenarios")
    if state["reload_error"]:
        click.echo(f"the scenario files were not reloaded:\n{state['reload_error']}", err=True)
    return FINE
