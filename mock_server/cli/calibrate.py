"""``mock-server calibrate``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_server.cli import calibration_text, local, output
from mock_server.cli.main import FINDINGS, FINE
from mock_server.cli.options import config_options, configure, option
from mock_server.cli.parsing import seconds
from mock_server.core.config import Config
from mock_server.core.exceptions import ConfigError, MockServerError

if TYPE_CHECKING:
    from mock_server.providers.base import Provider
    from mock_server.providers.probes import Probes
    from mock_server.web.calibration.asking import ProbeExchange
    from mock_server.web.calibration.report import Report, ReportedShape

CLOCK = (time.time, time.sleep)
"""Real time, in seconds since the epoch, and how it is waited for."""
INTERRUPTED = "interrupted; the results so far are stored"


@click.command("calibrate")
@option("--provider", metavar="P", required=True, help="The vendor.")
@option(
    "--upstream",
    metavar="URL",
    default="",
    help="Its real service, such as https://api.vendor.example. Required.",
)
@option(
    "--credentials-file",
    metavar="FILE",
    default="",
    help="Credentials of your account there, as an account of the config file names them, or as the variables of record.",
)
@option("--dry-run", is_flag=True, help="Print the probes and send nothing.")
@option(
    "--out", metavar="FILE", default="", help="The config file to write; calibrated-P.yaml when not given."
)
@option(
    "--report",
    metavar="FILE",
    default="",
    help="Also write what was found as JSON, without secrets: to share, and for --check.",
)
@option(
    "--check",
    metavar="FILE",
    default="",
    help="Compare with the report of an earlier run, and exit 1 when the service has changed.",
)
@option(
    "--persona",
    metavar="FILE",
    default="",
    help="Also send the requests of this file, for the test person that the vendor gave you: they may be billed.",
)
@option(
    "--ca",
    metavar="FILE",
    default="",
    help="Certificate authorities trusted in addition to the usual ones (PEM).",
)
@option("--timeout", metavar="TIME", default="30s", show_default=True, help="How long one answer may take.")
@option(
    "--account",
    metavar="NAME",
    default="default",
    show_default=True,
    help="The account of the config file to compare with.",
)
@option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@config_options("seed")
def command(
    options: Mapping[str, Any],
    provider: str,
    upstream: str,
    credentials_file: str,
    dry_run: bool,
    out: str,
    report: str,
    check: str,
    persona: str,
    ca: str,
    timeout: str,
    account: str,
    form: str,
) -> int:  # fmt: skip
    """Ask the real service harmless questions, compare its answers with the mock's, and write the settings that make the mock
    agree.

    Every probe is refused or unknown by construction: no person, nothing billable, at most one request a second. Exits 0
    when all probes were asked, whatever they found; with --check, 1 when an answer is not what it was."""
    config, _ = configure(options)
    vendor = _vendor(config, provider)
    kit = vendor.probes
    if kit is None:
        raise click.UsageError(f"--provider: {vendor.title} has no probes")
    if dry_run:
        _dry_run(kit, form)
        return FINE
    if not upstream or not credentials_file:
        raise click.UsageError(
            "give --upstream and --credentials-file, or --dry-run to see what would be sent"
        )
    run = CalibrationRun(
        config, vendor, kit, upstream, credentials_file, account, ca, seconds("--timeout", timeout)
    )
    return run.carry_out(out or f"calibrated-{provider}.yaml", report, check, persona, form)


def _vendor(config: Config, name: str) -> Provider:
    vendors = local.providers(config)
    if name not in vendors:
        raise click.UsageError(f"--provider: unknown provider {name!r}; use {', '.join(vendors)}")
    return vendors[name]


def _dry_run(kit: Probes, form: str) -> None:
    if form == "json":
        members = ("id", "sends", "harmless", "decides", "sentences")
        output.document([{name: getattr(probe, name) for name in members} for probe in kit.PROBES])
        return
    rows = [(probe.id, probe.sends, probe.harmless, ", ".join(probe.decides)) for probe in kit.PROBES]
    output.table(("probe", "sends", "harmless because", "decides"), rows)
    click.echo(f"\n{output.plural(len(rows), 'probe')}; nothing was sent")


class CalibrationRun:
    """One run against one service."""

    def __init__(
        self,
        config: Config,
        vendor: Provider,
        kit: Probes,
        upstream: str,
        file: str,
        account: str,
        ca: str,
        timeout: float,
    ) -> None:
        from mock_server.cli import credentials
        from mock_server.providers import registry
        from mock_server.web.calibration.asking import Pace
        from mock_server.web.calibration.ours import Ours
        from mock_server.web.calibration.upstream import Upstream

        local.account(config, account)
        self._vendor, self._kit, self._account = vendor, kit, account
        self._secrets = credentials.read(file, vendor)
        self._settings = config.settings.get(vendor.name, {})
        section = {**(config.accounts.get(account, {}).get(vendor.name) or {}), **self._secrets}
        self._ours = Ours(partial(registry.load, vendor.name), self._settings, section)
        self._upstream = Upstream(upstream, os.environ, ca=ca, timeout=timeout)
        self._pace = Pace(*CLOCK)
        self._notes: list[str] = []

    def carry_out(self, out: str, report_file: str, check: str, persona: str, form: str) -> int:
        """Ask, compare, write, and show. The exit code."""
        from mock_server.web.calibration import persona as personas
        from mock_server.web.calibration import report as reports
        from mock_server.web.calibration import settings_file

        earlier = reports.read(check, self._vendor.name) if check else None
        people = personas.read(persona, self._vendor) if persona else []
        if not check:
            settings_file.check(Path(out))
        if report_file:
            settings_file.check_folder("--report", Path(report_file))
        if check and report_file and Path(check).resolve() == Path(report_file).resolve():
            raise ConfigError("--report would replace the file of --check; name another one")
        if people:
            _warn(people, self._upstream.address)
        report = self._report(people)
        if report_file:
            reports.write(Path(report_file), reports.text_of(report))
        if earlier is None and report.settings:
            service = self._upstream.address
            text = settings_file.text_of(
                self._vendor.name, self._settings, report.settings, report.at, service, self._account
            )
            reports.write(Path(out), text)
        if form == "json":
            output.document(reports.as_json(report))
        if earlier is not None:
            return calibration_text.show_drift(earlier, report, form)
        if form == "text":
            calibration_text.show(report, out)
        return FINE if report.complete else FINDINGS

    def _report(self, people: list[Any]) -> Report:
        from mock_server.web.calibration import persona as personas
        from mock_server.web.calibration import report as reports
        from mock_server.web.calibration.asking import Asker, StopAsking, new_mark
        from mock_server.web.calibration.fitting import Fitter
        from mock_server.web.calibration.redaction import ReportRedactor

        account = self._ours.account()
        asker = Asker(self._kit, account, self._upstream, self._pace)
        exchanges: list[ProbeExchange] = []
        shapes: list[ReportedShape] = []
        complete = False
        total = len(self._kit.PROBES)
        click.echo(f"asking {self._upstream.address} {total} probes, at most one request a second", err=True)
        try:
            for exchange in asker.ask_all(self._kit.PROBES, new_mark):
                exchanges.append(exchange)
                if sys.stderr.isatty():
                    click.echo(f"\r{len(exchanges)} of {total}", nl=len(exchanges) == total, err=True)
            shapes.extend(
                personas.ask(people, self._vendor, self._kit, account, self._upstream, self._pace, self._ours)
            )
            complete = True
        except KeyboardInterrupt:
            if not exchanges:
                raise MockServerError("interrupted before the first answer; nothing was written") from None
            self._notes.append(INTERRUPTED)
        except StopAsking as error:
            if not exchanges:
                raise MockServerError(f"{self._upstream.address}: {error}") from None
            self._notes.append(f"stopped: {error}")
        redactor = ReportRedactor(
            {value: name for name, value in self._secrets.items()},
            (each.mark for each in exchanges),
            (each.body for each in people),
        )
        return reports.make(
            self._kit,
            account,
            Fitter(self._kit, self._ours, exchanges).agreement(),
            redactor,
            provider=self._vendor.name,
            at=CLOCK[0](),
            complete=complete,
            persona=shapes,
            notes=[*self._notes, *calibration_text.notes(exchanges)],
        )


def _warn(people: list[Any], address: str) -> None:
    click.echo(
        click.style("NOT HARMLESS: ", fg="red", bold=True)
        + f"--persona sends {output.plural(len(people), 'request')} for a person to {address}. The vendor runs them, may bill them"
        " and keeps them. Use the test person that the vendor gave you, never anybody real.",
        err=True,
    )
