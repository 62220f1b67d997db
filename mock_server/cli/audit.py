"""``mock-server audit``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from mock_server.cli import output, vendors
from mock_server.cli.options import config_options, configure, option
from mock_server.cli.parsing import address, seconds


@click.command("audit")
@click.argument("url")
@option(
    "--provider",
    metavar="P",
    default="",
    help="Whose callbacks; the vendor's that signs them when not given.",
)
@option("--scheme", metavar="S", default="", help="How they are signed; as the account's when not given.")
@option(
    "--secret", metavar="K", default=None, help="What they are signed with; the account's when not given."
)
@option(
    "--reference",
    metavar="R",
    default="",
    help="One that the receiver knows, where it answers 404 to others.",
)
@option("--timeout", metavar="TIME", default="15s", show_default=True, help="How long one answer may take.")
@option("--account", metavar="NAME", default="default", show_default=True, help="Whose secret and scheme.")
@option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@config_options("callback_allow", "callback_rewrite", "callback_proxy", "callback_ca", "callback_verify")
def command(
    options: Mapping[str, Any],
    url: str,
    provider: str,
    scheme: str,
    secret: str | None,
    reference: str,
    timeout: str,
    account: str,
    form: str,
) -> int:
    """Send the receiver at URL genuine callbacks, many forged ones and some awkward ones, and judge what it
    answers.

    Exits 1 when it accepts a forgery, refuses what is genuine or cannot be reached.
    """
    from mock_server.cli.container import container_engine
    from mock_server.delivery.client import make_client
    from mock_server.delivery.targets import Policy
    from mock_server.providers import audit
    from mock_server.providers.accounts import secrets_of

    config, _ = configure(options)
    vendor = vendors.for_body(config, provider)
    whose, name = vendor.account(account, secret), vendor.provider.name
    signs = bool(vendor.command_line.SIGNATURE_HEADER)
    section = whose.sections[name]
    policy = Policy.build(allow=config.callback_allow, rewrite=config.callback_rewrite)
    report = audit.run(
        vendor.provider,
        address("URL", url),
        secret=next((str(getattr(section, each)) for each in secrets_of(section)), "") if signs else "",
        scheme=vendor.scheme(scheme) or vendor.command_line.scheme_of(whose),
        reference=reference,
        client=make_client(
            policy, proxy=config.callback_proxy, ca=config.callback_ca, verify=config.callback_verify
        ),
        policy=policy,
        timeout=seconds("--timeout", timeout),
        container=container_engine(),
    )
    if form == "json":
        output.document(report.as_json())
    else:
        show(report)
    return report.exit_code


def show(report: Any) -> None:
    """Ruled for a terminal; a table and the meanings for a pipe."""
    if not report.reached:
        click.echo(report.summary)
        return
    if sys.stdout.isatty():
        from rich.console import Console

        Console().print(report.as_table())
        return
    if report.inference is not None:
        click.echo(report.inference.in_words() + "\n")
    output.table(
        ("case", "kind", "expected", "answered", "verdict"),
        [(row.case.id, row.case.kind, row.expected, row.answered, row.verdict) for row in report.rows],
    )
    for row in report.rows:
        if row.meaning:
            click.echo(f"\n{row.verdict}: {row.case.id}, {row.case.sent}\n  {row.meaning}")
    click.echo(f"\n{report.summary}")
