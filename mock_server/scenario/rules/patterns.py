"""Regular expressions that can take very long."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mock_server.scenario.matchers import Matcher
from mock_server.scenario.model import Scenario
from mock_server.scenario.rules.finding import Finding
from mock_server.scenario.vocabulary import Vocabulary


def slow_patterns(scenario: Scenario, _: Vocabulary) -> Iterator[Finding]:
    for condition in scenario.match:
        for pattern in _patterns(condition.matcher):
            if _NESTED.search(pattern):
                message = (
                    f"the regular expression `{pattern}` can take for ever: it repeats what repeats itself"
                )
                yield Finding(
                    ("match", condition.written),
                    "slow-regex",
                    message,
                    "repeat once, such as (ab)+ instead of ((ab)+)+",
                )


_NESTED = re.compile(r"\((?:[^()\\]|\\.)*(?<!\\)[+*](?:[^()\\]|\\.)*\)(?:[+*]|\{\d+,)")
"""A group with an unbounded repetition in it that is itself repeated."""


def _patterns(matcher: Matcher) -> Iterator[str]:
    if matcher.kind == "regex":
        yield matcher.argument
    inner = (
        matcher.argument
        if matcher.kind in ("any", "all")
        else [matcher.argument]
        if matcher.kind == "not"
        else ()
    )
    for one in inner:
        yield from _patterns(one)
