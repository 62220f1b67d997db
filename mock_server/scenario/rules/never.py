"""Conditions that no request can meet, whatever the vendor: a method in lower case, a path without its slash, bounds
with nothing between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mock_server.scenario.facts import MISSING, shown
from mock_server.scenario.matchers import Matcher
from mock_server.scenario.model import Condition, Scenario
from mock_server.scenario.problems import did_you_mean
from mock_server.scenario.rules.finding import LintFinding, operations_of
from mock_server.scenario.vocabulary import Operation, Vocabulary
from mock_server.scenario.yaml_text import one_line

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def impossible_conditions(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    operations = operations_of(scenario, vocabulary)
    for condition in scenario.match:
        place = ("match", condition.written)
        problem = _method(condition, operations) or _path(condition, operations) or _range(condition)
        if problem is not None:
            message, remedy, fix = problem
            yield LintFinding(place, "impossible-value", message, remedy, fix=fix)


Said = tuple[str, str, "str | None"]
"""Message, remedy and fix."""


def _method(condition: Condition, operations: Sequence[Operation]) -> Said | None:
    matcher = condition.matcher
    if condition.path != ("method",) or matcher.values is None or any(map(matcher.holds, METHODS)):
        return None
    written = str(matcher.values[0])
    fix = written.upper() if matcher.kind == "equals" and written.upper() in METHODS else None
    known = sorted({operation.method for operation in operations})
    return f"`method` is never `{written}`", f"write `{fix}`" if fix else did_you_mean(written, known), fix


def _path(condition: Condition, operations: Sequence[Operation]) -> Said | None:
    matcher = condition.matcher
    starts = [str(value) for value in matcher.values or ()] or list(matcher.beginnings)
    if condition.path != ("path",) or not starts or any(start.startswith("/") for start in starts):
        return None
    known = [operation.path for operation in operations]
    meant = next((path for path in known if path.strip("/") == starts[0].strip("/")), f"/{starts[0]}")
    fix = one_line(meant) if matcher.kind == "equals" else None
    return f"`path` begins with a slash, and `{starts[0]}` does not", f"write `{meant}`", fix


def _range(condition: Condition) -> Said | None:
    """Parts that contradict each other."""
    matcher = condition.matcher
    if matcher.kind != "all" or matcher.timed:
        return None
    low = [part.argument for part in matcher.inner if part.kind in ("gt", "gte")]
    high = [part.argument for part in matcher.inner if part.kind in ("lt", "lte")]
    if any(_above(first, last) for first in low for last in high):
        return (
            f"no value is {_words(matcher, ('gt', 'gte'))} and {_words(matcher, ('lt', 'lte'))}",
            "exchange the two bounds",
            None,
        )
    exact = next((part for part in matcher.inner if part.values is not None), None)
    values = exact.values or () if exact is not None else ()
    if values and not any(map(matcher.holds, (*values, MISSING))):
        other = next(part for part in matcher.inner if not any(map(part.holds, values)) or part is not exact)
        return (
            f"no value is {shown(values[0]) if len(values) == 1 else exact and exact.expected} and {other.expected}",
            "for one of several write `any` or `in`",
            None,
        )
    return None


def _above(first: object, last: object) -> bool:
    if isinstance(first, str) and isinstance(last, str):
        return first > last
    return isinstance(first, (int, float)) and isinstance(last, (int, float)) and first > last


def _words(matcher: Matcher, kinds: tuple[str, ...]) -> str:
    return next(part.expected for part in matcher.inner if part.kind in kinds)
