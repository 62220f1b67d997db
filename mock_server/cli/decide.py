"""``mock-server decide``."""

from __future__ import annotations

import click

from mock_server.cli import remote
from mock_server.cli.main import FINE
from mock_server.cli.options import option
from mock_server.cli.parsing import declines, json_object, seconds
from mock_server.cli.trigger import follow


@click.command("decide")
@click.argument("reference")
@click.argument("outcome")
@option(
    "--decline",
    metavar="[SERVICE=]CODE",
    multiple=True,
    help="A decline code, of a service or of all, where the vendor has such codes.",
)
@option(
    "--review",
    metavar="JSON",
    default="",
    help="An object with what the review says, where the vendor keeps that.",
)
@option("--merge", metavar="JSON", default="", help="An object to merge into the result.")
@option("--provider", metavar="P", default="", help="The vendor, where both know the reference.")
@option("--wait/--no-wait", default=True, help="Wait for the first attempt of what follows.")
@option("--timeout", metavar="TIME", default="20s", show_default=True, help="How long at most.")
@remote.account_options
def command(
    reference: str,
    outcome: str,
    decline: tuple[str, ...],
    review: str,
    merge: str,
    provider: str,
    wait: bool,
    timeout: str,
    url: str | None,
    admin_token: str | None,
    account: str,
) -> int:
    """Decide a pending verification as a reviewer would, and fire what follows."""
    more = {
        "decline": declines(decline),
        "review": json_object("--review", review),
        "merge": json_object("--merge", merge),
    }
    patience = seconds("--timeout", timeout) if wait else 0.0
    there = remote.account(url, admin_token, account)
    decided = there.decide(
        reference, outcome, provider=provider, **{name: value for name, value in more.items() if value}
    )
    record = decided.verification
    click.echo(f"{record.provider} {record.kind} {record.key}: {_state(record.status, outcome)}")
    follow(there, decided.callbacks, patience)
    return FINE


def _state(status: str, outcome: str) -> str:
    """How the record stands, and what was decided where that does not say it."""
    spoken = outcome.strip().lower().replace("_", "-").replace(" ", "-")
    return status if spoken in status.lower().replace("_", "-") else f"{status}, decided: {spoken}"
