"""What a matcher of the table warns of by itself, such as a regular expression that can take very long."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.scenario.matchers import MATCHERS, Matcher
from mock_server.scenario.model import Scenario
from mock_server.scenario.rules.finding import LintFinding
from mock_server.scenario.vocabulary import Vocabulary


def doubtful_matchers(scenario: Scenario, _: Vocabulary) -> Iterator[LintFinding]:
    for condition in scenario.match:
        for matcher in _each(condition.matcher):
            doubt = MATCHERS[matcher.kind].doubts(matcher.argument)
            if doubt is not None:
                yield LintFinding(("match", condition.written), *doubt)


def _each(matcher: Matcher) -> Iterator[Matcher]:
    yield matcher
    for inner in matcher.inner:
        yield from _each(inner)
