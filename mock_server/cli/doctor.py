"""``mock-server doctor``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from mock_server.cli import output
from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import config_options, configure, option
from mock_server.cli.parsing import seconds

_SIGNS = {"good": ("✓", "green"), "note": ("!", "yellow"), "problem": ("✗", "red")}


@click.command("doctor")
@click.argument("url")
@option("--timeout", metavar="TIME", default="5s", show_default=True, help="How long the attempt may take.")
@option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@config_options("callback_allow", "callback_rewrite", "callback_proxy", "callback_ca", "callback_verify")
def command(options: Mapping[str, Any], url: str, timeout: str, form: str) -> int:
    """Resolve and try a callback address as the server would, and say what to change when it cannot be
    reached.

    Run it where the server runs: inside a container, localhost is the container. Exits 1 when callbacks would
    not arrive."""
    from mock_server.cli.container import container_engine
    from mock_server.delivery.client import make_client
    from mock_server.delivery.connectivity import PROBLEM, check
    from mock_server.delivery.targets import Policy

    config, _ = configure(options)
    policy = Policy.build(allow=config.callback_allow, rewrite=config.callback_rewrite)
    client = make_client(
        policy, proxy=config.callback_proxy, ca=config.callback_ca, verify=config.callback_verify
    )
    findings = check(url, policy, client, timeout=seconds("--timeout", timeout), container=container_engine())
    if form == "json":
        output.document([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            sign, colour = _SIGNS[finding.level]
            click.echo(f"{click.style(sign, fg=colour)} {finding.message}")
            if finding.remedy:
                click.echo(f"  {finding.remedy}")
    return FINDINGS if any(finding.level == PROBLEM for finding in findings) else FINE
