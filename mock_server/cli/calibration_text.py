"""What calibrate shows in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import click

from mock_server.cli import output
from mock_server.cli.main import FINDINGS, FINE

if TYPE_CHECKING:
    from mock_server.web.calibration.asking import ProbeExchange
    from mock_server.web.calibration.report import Report

_SHOWN = 4
_SKEW = 30.0


def show(report: Report, out: str) -> None:
    """The table of agreement, the settings, and what is left."""
    from mock_server.web.calibration.report import DIFFERENT, NOT_COMPARABLE, SAME

    output.table(
        ("probe", "verdict", "service", "mock", "setting or reason"),
        [
            (one.id, one.verdict, one.answer, one.mock, one.reason or _settled(one.settings, one.left))
            for one in report.probes
        ],
    )
    if report.settings:
        click.echo("\nSettings that make the mock agree:")
        output.table(
            ("setting", "was", "is", "decided by"),
            [
                (one.setting, _shown(one.was), _shown(one.value), _listed(one.probes))
                for one in report.settings
            ],
        )
    left = list(_left(report))
    if left:
        click.echo("\nDifferent, and no setting for it:")
        for line in left:
            click.echo(f"  {line}")
    _show_persona(report)
    for note in report.notes:
        click.echo(f"\nnote: {note}")
    counts = ", ".join(f"{report.count(verdict)} {verdict}" for verdict in (SAME, DIFFERENT, NOT_COMPARABLE))
    click.echo(f"\n{output.plural(len(report.probes), 'probe')}: {counts}")
    if report.settings:
        click.echo(f"written: {out}; use it with: mock-server serve --config {out}")
    elif report.count(DIFFERENT):
        click.echo("no config file was written, since no setting removes a difference")


def _settled(settings: Sequence[str], left: Sequence[Any]) -> str:
    if left:
        return f"{', '.join(settings)}; and more, below" if settings else "none, see below"
    return ", ".join(settings)


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _left(report: Report) -> Iterator[str]:
    """Each remaining difference once, with the probes that have it."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in report.probes:
        for each in one.left:
            key = each.fact, _quoted(each.service), _quoted(each.mock)
            groups.setdefault(key, []).append(one.id)
    for (fact, service, mock), probes in groups.items():
        yield f"{fact}: the service has {service}, the mock {mock}  ({_listed(probes)})"


def _quoted(value: Any) -> str:
    from mock_server.web.calibration.comparing import ABSENT

    if value == ABSENT:
        return "nothing"
    return f'"{value}"' if isinstance(value, str) else _shown(value)


def _show_persona(report: Report) -> None:
    for shape in report.persona:
        if shape.reason:
            click.echo(f"\npersona {shape.operation}: not comparable: {shape.reason}")
        elif not shape.differences:
            click.echo(
                f"\npersona {shape.operation}: the same {output.plural(len(shape.service), 'member')} and types"
            )
        else:
            click.echo(f"\npersona {shape.operation}:")
            for each in shape.differences:
                click.echo(
                    f"  {each.fact}: the service has {_plain(each.service)}, the mock {_plain(each.mock)}"
                )


def _plain(value: Any) -> str:
    from mock_server.web.calibration.comparing import ABSENT

    return "nothing" if value == ABSENT else str(value)


def notes(exchanges: Sequence[ProbeExchange]) -> Iterator[str]:
    """What is odd about the service as a whole."""
    answers = [answer for exchange in exchanges for answer in exchange.answers]
    if any("x-mock-request-id" in answer.headers for answer in answers):
        yield "the service sends X-Mock headers, so it is a mock server and not the vendor"
    first = next((exchange for exchange in exchanges if exchange.answers), None)
    if first is not None:
        skew = _skew(first.answers[0].headers.get("date", ""), first.times[0])
        if abs(skew) > _SKEW:
            yield (
                f"the clock of this machine is {abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} the service's;"
                " what was found about timestamps is off by as much"
            )


def _skew(date: str, at: float) -> float:
    """Seconds that the service's clock is ahead."""
    try:
        return parsedate_to_datetime(date).timestamp() - at
    except (TypeError, ValueError):
        return 0.0


def show_drift(earlier: Report, report: Report, form: str) -> int:
    """What has changed since the earlier report; the exit code."""
    from mock_server.web.calibration.drift import drift

    changes, unasked = drift(earlier, report)
    err = form == "json"
    for change in changes:
        click.echo(
            f"{change.probe}: {change.fact}: was {_quoted(change.was)}, is {_quoted(change.now)}", err=err
        )
    for probe, reason in unasked:
        click.echo(f"{probe}: not comparable now: {reason}", err=err)
    for note in report.notes:
        click.echo(f"note: {note}", err=err)
    count = len({change.probe for change in changes})
    since = earlier.at[:10]
    if changes:
        verdict = f"the service has changed since {since}: {output.plural(count, 'probe')} answered otherwise"
    elif unasked or not report.complete:
        verdict = f"no change was found since {since}, but {output.plural(len(unasked), 'probe')} could not be compared"
    else:
        verdict = f"the service answers as it did on {since}"
    click.echo(verdict, err=err)
    return FINDINGS if changes or unasked or not report.complete else FINE
