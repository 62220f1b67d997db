"""``mock-server coverage``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

import click

from mock_server.cli import output, remote
from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import option
from mock_server.client.coverage import CoverageGate, Report, coverage_gate


@click.command("coverage")
@option(
    "--fail-under",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="Exit 1 below this share of the words.",
)
@option("--all", "run", is_flag=True, help="All accounts since the server started, resets included.")
@option(
    "--require",
    "required_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Exit 1 if a word of this file is not met: one `provider group word` a line, * for any.",
)
@option("--provider", metavar="P", default="", help="Only this vendor's words.")
@option(
    "--group",
    metavar="G",
    default="",
    help="Only operation, outcome, error, status, event, request-type, directive or decline.",
)
@option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "junit", "json"]),
    default="text",
    show_default=True,
)
@remote.account_options
def command(
    fail_under: float | None,
    run: bool,
    required_file: str | None,
    provider: str,
    group: str,
    form: str,
    url: str | None,
    admin_token: str | None,
    account: str,
) -> int:
    """Show which operations, outcomes, error codes, statuses, events, request types, `deliver` words and decline codes a run
    exercised."""
    report = remote.account(url, admin_token, account).call(
        "GET", "coverage", {"provider": provider, "group": group, **({"all": 1} if run else {})}
    )
    gate = coverage_gate(report, fail_under, required_file)
    if fail_under is not None and 0 < fail_under < 1:
        message = f"--fail-under {fail_under:g} is less than one per cent; for {fail_under:.0%} write {fail_under * 100:g}"
        click.echo(f"warning: {message}", err=True)
    if form == "text":
        text(report)
    else:
        click.echo(FORMS[form](report, gate))
    for line in gate.failures:
        click.echo(line, err=True)
    return FINDINGS if gate.failures else FINE


def text(report: Report) -> None:
    """Groups, and what was never met."""
    output.table(("provider", "group", "met", "of", "%"), [_row(row) for row in report["groups"]])
    for row in report["groups"]:
        missing = _missing(report, row)
        if missing:
            click.echo(f"\nnot met, {row['provider']} {row['group']}: {', '.join(missing)}")
    click.echo(f"\n{report['met']} of {report['total']} words met: {report['percent']} %")


def markdown(report: Report, gate: CoverageGate) -> str:
    """A table of the groups, and the words that were not met folded away."""
    lines = ["| provider | group | met | of | % |", "|---|---|--:|--:|--:|"]
    lines += [f"| {' | '.join(str(cell) for cell in _row(row))} |" for row in report["groups"]]
    lines.append(f"\n**{report['met']} of {report['total']} words met: {report['percent']} %**")
    lines += [f"\n:x: {failure}" for failure in gate.failures]
    for row in report["groups"]:
        missing = _missing(report, row)
        if missing:
            words = ", ".join(f"`{word}`" for word in missing)
            lines.append(
                f"\n<details><summary>not met: {row['provider']} {row['group']} ({len(missing)})</summary>\n\n{words}\n\n</details>"
            )
    return "\n".join(lines)


def junit(report: Report, gate: CoverageGate) -> str:
    """One suite a group, one case a word. A word that was not met is a skipped case; what fails the gate is a
    failed case of the suite ``gate``."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for group in report["groups"]:
        rows = [
            row
            for row in report["coverage"]
            if (row["provider"], row["group"]) == (group["provider"], group["group"])
        ]
        missed = sum(not row["count"] for row in rows)
        name = quoteattr(f"{group['provider']} {group['group']}")
        lines.append(
            f'  <testsuite name={name} tests="{len(rows)}" skipped="{missed}" failures="0" errors="0">'
        )
        for row in rows:
            case = f"    <testcase classname={name} name={quoteattr(row['word'])}"
            lines.append(f"{case}/>" if row["count"] else f'{case}><skipped message="not met"/></testcase>')
        lines.append("  </testsuite>")
    lines.append(
        f'  <testsuite name="gate" tests="{len(gate.failures)}" skipped="0" failures="{len(gate.failures)}" errors="0">'
    )
    for failure in gate.failures:
        message = quoteattr(failure)
        lines.append(f'    <testcase classname="gate" name={message}><failure message={message}/></testcase>')
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"])


def as_json(report: Report, gate: CoverageGate) -> str:
    """As the control API tells it."""
    import json

    return json.dumps(report, indent=2, ensure_ascii=False)


FORMS: Mapping[str, Callable[[Report, CoverageGate], str]] = {
    "markdown": markdown,
    "junit": junit,
    "json": as_json,
}


def _row(row: Mapping[str, Any]) -> Sequence[Any]:
    return row["provider"], row["group"], row["met"], row["total"], row["percent"]


def _missing(report: Report, group: Mapping[str, Any]) -> list[str]:
    key = group["provider"], group["group"]
    return [
        row["word"]
        for row in report["coverage"]
        if (row["provider"], row["group"]) == key and not row["count"]
    ]
