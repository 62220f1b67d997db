"""``mock-server replay``."""

from __future__ import annotations

from pathlib import Path

import click

import mock_server
from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.output import plural


@click.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> int:
    """Answer the requests of a bundle once more, and say where the answers differ. Exit 1 where one does.

    No server has to run, and no callback is sent. Decisions and changes over the control API between two requests are
    not in a bundle: what follows from them differs."""
    from mock_server.web.bundle.model import read
    from mock_server.web.bundle.rerun import rerun

    bundle = read(file)
    other = bundle.versions.get("kyc-mock-server")
    if other != mock_server.__version__:
        click.echo(f"written by version {other}, run by {mock_server.__version__}", err=True)
    count = differing = 0
    for outcome in rerun(bundle):
        count += 1
        if outcome.differences:
            differing += 1
            request = outcome.exchange.request
            click.echo(f"{outcome.exchange.id} {request.method} {request.path}")
            for difference in outcome.differences:
                click.echo(f"  {difference}")
    if differing:
        click.echo(f"{differing} of {plural(count, 'answer')} {'differs' if differing == 1 else 'differ'}")
        return FINDINGS
    click.echo(f"{plural(count, 'answer')}, the same bytes")
    return FINE
