"""Whether the service still answers as it did when the report was written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mock_server.web.calibration.comparing import differences
from mock_server.web.calibration.report import NOT_COMPARABLE, Report


class FactChange(NamedTuple):
    """One fact of one probe."""

    probe: str
    fact: str
    was: Any
    now: Any


def drift(before: Report, now: Report) -> tuple[list[FactChange], list[tuple[str, str]]]:
    """The changes; and probe and reason of each that was answered then and could not be compared now."""
    return list(_changes(before, now)), list(_unasked(before, now))


def _changes(before: Report, now: Report) -> Iterator[FactChange]:
    current = {probe.id: probe for probe in now.probes if probe.verdict != NOT_COMPARABLE}
    for probe in before.probes:
        if probe.verdict != NOT_COMPARABLE and probe.id in current:
            for each in differences(probe.service, current[probe.id].service):
                yield FactChange(probe.id, each.fact, each.service, each.mock)
    shapes = {shape.operation: shape for shape in now.persona if not shape.reason}
    for shape in before.persona:
        if not shape.reason and shape.operation in shapes:
            for each in differences(shape.service, shapes[shape.operation].service):
                yield FactChange(f"persona {shape.operation}", each.fact, each.service, each.mock)


def _unasked(before: Report, now: Report) -> Iterator[tuple[str, str]]:
    reasons = {probe.id: probe.reason for probe in now.probes}
    for probe in before.probes:
        if probe.verdict == NOT_COMPARABLE:
            continue
        reason = reasons.get(probe.id, "it was not asked")
        if reason:
            yield probe.id, reason
