"""``mock-server explain``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from mock_server.cli import local, output, remote
from mock_server.cli.main import FINE
from mock_server.cli.options import config_options, configure, option
from mock_server.cli.requestfile import is_curl, read, to_request


@click.command("explain")
@click.argument("request")
@option(
    "--limit",
    metavar="N",
    type=click.IntRange(0),
    default=None,
    help="Scenarios that came closest, so many; without it up to three that are close.",
)
@option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@remote.account_options
@config_options("scenarios", "tags", "skip_tags", "max_body")
def command(
    options: Mapping[str, Any],
    request: str,
    limit: int | None,
    form: str,
    url: str | None,
    admin_token: str | None,
    account: str,
) -> int:
    """Say which scenario answers a request, and why the nearest others do not.

    REQUEST is a file (.http, .json, a curl command, - for stdin) or a curl command in quotes, judged by the scenario
    files, or the id of a request in the journal of the running server."""
    if request == "-" or is_curl(request) or Path(request).suffix or Path(request).exists():
        explanation = of_file(options, request, limit)
    else:
        explanation = remote.account(url, admin_token, account).call(
            "GET", f"requests/{request}/explain", {} if limit is None else {"near_misses": limit}
        )
    if form == "json":
        output.document(explanation)
    else:
        show(explanation)
    return FINE


def of_file(options: Mapping[str, Any], path: str, limit: int | None) -> dict[str, Any]:
    """What the scenario files make of the request in the file, on a server that has seen no other request."""
    from mock_server.web.explanation import explain
    from mock_server.web.http.wire import ConnectionLimits
    from mock_server.web.http.wire_errors import over_a_limit
    from mock_server.web.serializers import SecretRedactor

    config, _ = configure(options)
    service = local.service(config)
    request = to_request(read(path), service.pipeline.router.mounts)
    entry = service.pipeline.preview(
        request, over_a_limit(request, ConnectionLimits(max_body=config.max_body))
    )
    explanation = SecretRedactor(service.accounts.get(entry.account)).value(explain(service, entry, limit))
    return {"request": f"{entry.request.method} {entry.request.path}", **explanation}


def show(explanation: Mapping[str, Any]) -> None:
    """Who answers, then why the others do not."""
    facts = [
        explanation.get("provider"),
        explanation.get("operation"),
        explanation.get("account") and f"account {explanation['account']}",
    ]
    facts.append(explanation.get("reference") and f"reference {explanation['reference']}")
    click.echo(
        f"{explanation.get('request') or explanation.get('id')} ({', '.join(fact for fact in facts if fact)})"
    )
    refusal, scenario, misses = (
        explanation.get("refusal"),
        explanation.get("scenario"),
        explanation.get("near_misses") or (),
    )
    mistakes = explanation.get("mistakes") or ()
    if refusal:
        why = (
            refusal["message"]
            if mistakes
            else explanation["reason"].partition(" refused with ")[2].partition(": ")[2]
        )
        is_shown = any(mistake["explanation"] == why for mistake in mistakes)
        click.secho(f"refused with {refusal['error']}{'' if is_shown else f': {why}'}", fg="red")
        for mistake in mistakes:
            click.echo(f"  {mistake['explanation']} [{mistake['id']}]\n    fix: {mistake['fix']}")
    for warning in explanation.get("warnings") or ():
        click.secho(
            f"warning: {warning['explanation']} [{warning['id']}]\n    fix: {warning['fix']}", fg="yellow"
        )
    if scenario:
        would = "once that is fixed, answered" if refusal else "answered"
        pinned = ", which is pinned" if scenario["pinned"] else ""
        valid = " (it answers valid requests only)" if refusal and scenario["answers"] == "valid" else ""
        click.secho(f"{would} by {scenario['name']} at {scenario['source']}{pinned}{valid}", fg="green")
    elif explanation.get("operation"):
        would = "no scenario matches once that is fixed" if refusal else "no scenario matches"
        click.secho(f"{would}; the built-in behaviour answers", fg="yellow")
    if misses:
        click.echo("\nclosest of the others:")
    for miss in misses:
        click.echo(f"  {miss['name']} at {miss['source']}")
        for difference in miss["differences"]:
            click.echo(f"    {output.difference(difference)}")
