"""``mock-server state``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mock_server.cli import output, remote
from mock_server.cli.main import FINE
from mock_server.core.exceptions import ConfigError


@click.group("state", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Write an account's records and clock into a file, or start an account from one."""


@command.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@remote.account_options
def export(file: Path | None, url: str | None, admin_token: str | None, account: str) -> int:
    """Write the account's records and clock as JSON; to stdout where no file is named."""
    document = remote.account(url, admin_token, account).export_state()
    if file is None:
        output.document(document)
    else:
        file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
        click.echo(f"{output.plural(len(document['records']), 'record')} of account {account} in {file}")
    return FINE


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@remote.account_options
def import_(file: Path, url: str | None, admin_token: str | None, account: str) -> int:
    """Reset the account, then give it the records and the clock of the file."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise ConfigError(f"{file} is not JSON: {error}") from None
    count = remote.account(url, admin_token, account).import_state(document)
    click.echo(f"account {account} starts with {output.plural(count, 'record')}")
    return FINE
