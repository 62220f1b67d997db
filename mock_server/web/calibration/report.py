"""The report: one JSON document, to share and to compare a later run with. Nothing in it is a secret or somebody's."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

import mock_server
from mock_server.core.clock import isoformat
from mock_server.core.exceptions import ConfigError
from mock_server.providers.accounts import Account
from mock_server.providers.probes import Probes
from mock_server.web.calibration.comparing import AnswerDifference, facts_of
from mock_server.web.calibration.fitting import Agreement, Comparison
from mock_server.web.calibration.redaction import ReportRedactor

SAME, DIFFERENT, NOT_COMPARABLE = "same", "different", "not comparable"


class ReportedDifference(msgspec.Struct, frozen=True):
    fact: str
    service: Any
    mock: Any


class ReportedProbe(msgspec.Struct, frozen=True):
    """One probe, as the report has it."""

    id: str
    sends: str
    verdict: str
    reason: str = ""
    """Why it is not comparable."""
    answer: str = ""
    """The service's, in a word."""
    mock: str = ""
    """The mock's."""
    service: dict[str, Any] = {}
    """The facts of the service's answer."""
    differences: tuple[ReportedDifference, ...] = ()
    settings: tuple[str, ...] = ()
    """Those that make it agree."""
    left: tuple[ReportedDifference, ...] = ()
    """What differs still with the settings."""


class ReportedChoice(msgspec.Struct, frozen=True):
    setting: str
    was: Any
    value: Any
    probes: tuple[str, ...]


class ReportedShape(msgspec.Struct, frozen=True):
    """One request of the test person."""

    operation: str
    reason: str = ""
    """Why it is not comparable."""
    service: dict[str, str] = {}
    """Path → types."""
    differences: tuple[ReportedDifference, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """A run."""

    provider: str
    at: str
    """When it ended, ISO 8601."""
    complete: bool
    probes: tuple[ReportedProbe, ...]
    settings: tuple[ReportedChoice, ...] = ()
    persona: tuple[ReportedShape, ...] = ()
    notes: tuple[str, ...] = ()
    version: str = mock_server.__version__
    calibration: int = 1
    """Version of this format."""

    def count(self, verdict: str) -> int:
        return sum(probe.verdict == verdict for probe in self.probes)


def make(
    kit: Probes,
    account: Account,
    agreement: Agreement,
    redactor: ReportRedactor,
    *,
    provider: str,
    at: float,
    complete: bool,
    persona: Sequence[ReportedShape] = (),
    notes: Sequence[str] = (),
) -> Report:
    """The report of a run."""
    settings = tuple(
        ReportedChoice(each.setting, each.was, each.value, each.probes) for each in agreement.choices
    )
    return Report(
        provider,
        isoformat(at),
        complete,
        tuple(_probe(kit, account, each, agreement, redactor) for each in agreement.comparisons),
        settings,
        tuple(_shape(each, redactor) for each in persona),
        tuple(map(redactor.text, notes)),
    )


def _probe(
    kit: Probes, account: Account, comparison: Comparison, agreement: Agreement, redactor: ReportRedactor
) -> ReportedProbe:
    exchange, probe = comparison.exchange, comparison.exchange.probe
    if comparison.problem or comparison.mock is None:
        return ReportedProbe(probe.id, probe.sends, NOT_COMPARABLE, redactor.text(comparison.problem))
    settings = tuple(each.setting for each in agreement.choices if probe.id in each.probes)
    return ReportedProbe(
        probe.id,
        probe.sends,
        DIFFERENT if comparison.before else SAME,
        answer=redactor.text(f"{exchange.answer.status} {kit.brief(exchange.answer)}"),
        mock=redactor.text(f"{comparison.mock.status} {kit.brief(comparison.mock)}"),
        service=redactor.facts(facts_of(kit, probe, exchange.answer, account)),
        differences=_reported(comparison.before, redactor),
        settings=settings if comparison.before else (),
        left=_reported(comparison.after, redactor),
    )


def _shape(shape: ReportedShape, redactor: ReportRedactor) -> ReportedShape:
    """A service may use what is somebody's as the name of a member."""
    return ReportedShape(
        shape.operation,
        redactor.text(shape.reason),
        {redactor.text(path): kinds for path, kinds in shape.service.items()},
        tuple(
            ReportedDifference(redactor.text(each.fact), each.service, each.mock)
            for each in shape.differences
        ),
    )


def _reported(
    differences: Sequence[AnswerDifference], redactor: ReportRedactor
) -> tuple[ReportedDifference, ...]:
    return tuple(
        ReportedDifference(
            redactor.text(each.fact),
            *(redactor.facts({each.fact: value}).popitem()[1] for value in (each.service, each.mock)),
        )
        for each in differences
    )


def as_json(report: Report) -> Mapping[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(report)
    return document


def write(path: Path, text: str) -> None:
    """The whole text or nothing. Raises `ConfigError` where the file cannot be written."""
    pending = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        pending.write_text(text, "utf-8")
        pending.replace(path)
    except OSError as error:
        pending.unlink(missing_ok=True)
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from None


def text_of(report: Report) -> str:
    return json.dumps(as_json(report), indent=1, ensure_ascii=False) + "\n"


def read(path: str, provider: str) -> Report:
    """A report that an earlier run has written. Raises `ConfigError`."""
    hint = "give the file that an earlier run has written with --report"
    try:
        report = msgspec.json.decode(Path(path).read_bytes(), type=Report)
    except OSError as error:
        raise ConfigError(f"--check {path}: {error.strerror or error}; {hint}") from None
    except (msgspec.DecodeError, RecursionError):
        raise ConfigError(f"--check {path}: not a report of calibrate; {hint}") from None
    if report.calibration != 1:
        raise ConfigError(
            f"--check {path}: a report of another version of calibrate; run it again with --report"
        )
    if report.provider != provider:
        raise ConfigError(f"--check {path}: a report about {report.provider}, not {provider}")
    return report
