"""``mock-server lint``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from mock_server.cli import local, output
from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import config_options, configure, option


@click.command("lint")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
)
@option("--strict/--no-strict", default=False, help="Warnings count as findings too.")
@config_options("scenarios")
def command(options: Mapping[str, Any], paths: tuple[str, ...], form: str, strict: bool) -> int:
    """Check scenario files and folders: every problem at once, with file, line, column and remedy.

    Without a PATH it checks what serve would load. Exits 1 when there are errors.
    """
    from mock_server.scenario.files import scenario_files
    from mock_server.scenario.lint import check, empty_folders, render
    from mock_server.scenario.problems import ERROR

    started = time.perf_counter()
    config, _ = configure({**options, "scenarios": paths or options.get("scenarios")})
    places = local.paths(config)
    problems = [*empty_folders(places), *check(places, local.vocabularies(config))]
    text = render(problems, form)
    if text.strip():
        click.echo(text.rstrip("\n"))
    errors = sum(problem.severity == ERROR for problem in problems)
    warnings = len(problems) - errors
    if form == "text":
        files = output.plural(len(scenario_files(places)), "file")
        took = time.perf_counter() - started
        click.echo(
            f"{files}: {output.plural(errors, 'error')}, {output.plural(warnings, 'warning')} ({took:.2f} s)",
            err=True,
        )
    return FINDINGS if errors or (strict and warnings) else FINE
