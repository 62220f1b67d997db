"""``mock-server scenarios``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from mock_server.cli import output, remote
from mock_server.cli.main import FINE
from mock_server.cli.options import config_options, configure, option


@click.command("scenarios")
@option("--provider", metavar="P", default="", help="Only this vendor's.")
@option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@remote.account_options
@config_options("scenarios", "tags", "skip_tags")
def command(
    options: Mapping[str, Any],
    provider: str,
    form: str,
    url: str | None,
    admin_token: str | None,
    account: str,
) -> int:
    """List what is loaded, in the order in which it is asked: name, file, line, and how often it answered.

    Asks the running server; without one, or with --scenarios, the files are listed.
    """
    from mock_server.client import UnreachableError

    rows: list[dict[str, Any]]
    if "scenarios" in options:
        rows = _of_files(options, provider)
    else:
        try:
            rows = list(
                remote.account(url, admin_token, account).call("GET", "scenarios", {"provider": provider})[
                    "scenarios"
                ]
            )
        except UnreachableError as error:
            if url:
                raise
            click.echo(f"{error}\nlisting the files instead", err=True)
            rows = _of_files(options, provider)
    if form == "json":
        output.document(rows)
        return FINE
    output.table(("scenario", "provider", "answers", "answered", "source"), [_row(row) for row in rows])
    return FINE


def _of_files(options: Mapping[str, Any], provider: str) -> list[dict[str, Any]]:
    from mock_server.cli.local import check_provider, load_files
    from mock_server.web.admin.scenarios import show

    config, _ = configure(options)
    loaded, providers = load_files(config)
    check_provider(provider, providers)
    return [
        show(scenario)
        for name in providers
        if provider in ("", name)
        for scenario in (*loaded.scenarios(name), *loaded.disabled(name))
    ]


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    marks = " (pinned)" if row.get("pinned") else "" if row.get("enabled", True) else " (off)"
    operations = ", ".join(row["operations"]) if row["operations"] is not None else "any operation"
    return (
        row["name"] + marks,
        row["provider"],
        operations,
        str(row.get("answered", "-")),
        row.get("row") or row["source"],
    )
