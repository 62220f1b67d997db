"""``mock-server bundle``."""

from __future__ import annotations

from pathlib import Path

import click

from mock_server.cli import remote
from mock_server.cli.main import FINE
from mock_server.cli.options import option
from mock_server.cli.output import plural


@click.command("bundle")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@option("--personal", is_flag=True, help="Leave personal data as they are. Secrets are replaced anyway.")
@remote.account_options
def command(file: Path, personal: bool, url: str | None, admin_token: str | None, account: str) -> int:
    """Write what an account did, and what its answers depend on, into one file for `replay`.

    Secrets become stand-ins, and personal data pseudonyms of the same form; requests are signed again. A name that
    ends with .gz is compressed."""
    import msgspec

    from mock_server.web.bundle.model import write

    document = remote.account(url, admin_token, account).bundle(personal=personal)
    write(file, msgspec.json.encode(document))
    click.echo(f"{plural(len(document['journal']), 'request')} of account {account} in {file}")
    for each in document.get("cut", ()):
        click.echo(f"left out {each['id']}: {each['why']}", err=True)
    return FINE
