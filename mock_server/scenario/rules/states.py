"""Conditions on named values of the account that no scenario sets."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.scenario.facts import MISSING
from mock_server.scenario.loader import Loaded, Located
from mock_server.scenario.problems import suggestion
from mock_server.scenario.rules.finding import LintFinding


def states_that_nobody_sets(loaded: Loaded) -> Iterator[tuple[Located, LintFinding]]:
    """Each condition that needs such a value."""
    sound = [place for place in loaded.places if not place.is_spoilt]
    known = sorted({name for place in sound for name, _ in place.scenario.sets})
    for place in sound:
        for condition in place.scenario.match:
            root, *below = condition.path
            if root != "state" or below[0] in known or condition.matcher.holds(MISSING):
                continue
            message = f"no scenario sets `state.{below[0]}`"
            remedy, fix = suggestion(f"state.{below[0]}", [f"state.{name}" for name in known])
            if fix is None:
                remedy = f"add `set: {{{below[0]}: …}}` to the scenario that comes before"
            elif len(below) > 1:
                fix = None
            at = ("match", condition.written)
            yield place, LintFinding(at, "unset-state", message, remedy, key=True, fix=fix)
