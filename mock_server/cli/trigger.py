"""``mock-server trigger``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from mock_server.cli import remote
from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import option
from mock_server.cli.parsing import address, json_object, seconds

if TYPE_CHECKING:
    from mock_server.client import Account
    from mock_server.client.results import Callback

_LOOK = 0.05


@click.command("trigger")
@click.argument("event")
@option("--reference", metavar="R", default="", help="What it speaks of.")
@option("--provider", metavar="P", default="", help="The vendor, where both have the event.")
@option("--to", metavar="URL", default="", help="Where it goes, instead of the usual address.")
@option(
    "--request-type",
    metavar="T",
    default="",
    help="The kind of request it is about, where the vendor tells that.",
)
@option("--merge", metavar="JSON", default="", help="An object to merge into the payload.")
@option("--wait/--no-wait", default=True, help="Wait for the first attempt, and exit 1 when it fails.")
@option("--timeout", metavar="TIME", default="20s", show_default=True, help="How long at most.")
@remote.account_options
def command(
    event: str,
    reference: str,
    timeout: str,
    wait: bool,
    url: str | None,
    admin_token: str | None,
    account: str,
    **options: str,
) -> int:
    """Fire one callback or webhook now, such as verification.accepted or PEP_MATCH_REVIEW."""
    patience = seconds("--timeout", timeout)
    more: dict[str, Any] = {
        "provider": options["provider"],
        "url": address("--to", options["to"]),
        "requestType": options["request_type"],
    }
    more["merge"] = json_object("--merge", options["merge"])
    there = remote.account(url, admin_token, account)
    fired = there.fire(event, reference, **{name: value for name, value in more.items() if value})
    return follow(there, fired, patience if wait else 0.0)


def follow(account: Account, callbacks: list[Callback], patience: float) -> int:
    """Print how each callback fares, waiting ``patience`` seconds for first attempts; the exit code."""
    deadline = time.monotonic() + patience
    code = FINE
    for callback in callbacks:
        while callback.state == "pending" and not callback.attempts and time.monotonic() < deadline:
            time.sleep(_LOOK)
            callback = account.callbacks.get(callback.id)  # noqa: PLW2901
        click.echo(line(callback))
        if callback.state != "not sent":  # not a failure of the receiver
            failed = callback.attempts and (
                callback.attempts[-1].error or not 200 <= callback.attempts[-1].status < 300
            )
            code = FINDINGS if failed or (patience and not callback.attempts) else code
    return code


def line(callback: Callback) -> str:
    """``verification.accepted for ref-1 → http://…: delivered (204 in 12 ms)``."""
    last = callback.attempts[-1] if callback.attempts else None
    how = "" if last is None else f" ({last.error or f'{last.status} in {last.took * 1000:.0f} ms'})"
    reference, url = callback.reference or "(no reference)", callback.request.url or "no address"
    return f"{callback.event} for {reference} → {url}: {callback.state}{how}  [{callback.id}]"
