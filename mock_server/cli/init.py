"""``mock-server init``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from mock_server.cli import local
from mock_server.cli.main import FINE
from mock_server.cli.options import config_options, configure


@click.command("init")
@click.argument("folder", default="scenarios", metavar="[DIR]")
@config_options("seed")
def command(options: Mapping[str, Any], folder: str) -> int:
    """Write a scenario directory to start from: a commented file and test plans for each vendor, and the JSON
    Schema for editors. DIR is ./scenarios when not given.

    Files that exist are left alone.
    """
    from mock_server.core.shipped import plans
    from mock_server.scenario.starter import write

    config, _ = configure(options)
    try:
        written = write(Path(folder), local.vocabularies(config), plans())
    except OSError as error:
        raise click.UsageError(f"{folder}: {error.strerror or error}") from None
    for path in written:
        click.echo(f"wrote {path}")
    start = "mock-server" if folder == "scenarios" else f"mock-server serve --scenarios {folder}"
    click.echo(
        f"Now edit {next((path for path in written if path.suffix == '.yaml'), Path(folder))}, and start {start}."
    )
    return FINE
