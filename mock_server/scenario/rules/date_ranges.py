"""``after`` and ``before`` of one field that leave nothing between them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mock_server.scenario.date_bounds import Bound
from mock_server.scenario.matchers import Matcher
from mock_server.scenario.model import Scenario
from mock_server.scenario.rules.finding import LintFinding
from mock_server.scenario.vocabulary import Vocabulary

_NOW = 1_767_225_600.0
"""2026-01-01, in seconds since the epoch: offsets are compared with each other, so any day does."""


def empty_date_ranges(scenario: Scenario, _: Vocabulary) -> Iterator[LintFinding]:
    for condition in scenario.match:
        after, before = _bound(condition.matcher, "after"), _bound(condition.matcher, "before")
        if after is not None and before is not None and after.moves == before.moves and _empty(after, before):
            message = f"no date is after {after.written} and before {before.written}"
            remedy = "exchange the two, or move them at least two days apart"
            yield LintFinding(("match", condition.written), "empty-range", message, remedy)


def _bound(matcher: Matcher, kind: str) -> Bound | None:
    parts = matcher.inner if matcher.kind == "all" else (matcher,)
    return next((part.argument for part in parts if part.kind == kind), None)


def _empty(after: Bound, before: Bound) -> bool:
    first, last = after.at(_NOW), before.at(_NOW)
    if isinstance(first, datetime) and isinstance(last, datetime):
        return last <= first
    days = [point.date() if isinstance(point, datetime) else point for point in (first, last)]
    return isinstance(first, datetime) == isinstance(last, datetime) and (days[1] - days[0]).days < 2
