"""Header fields that the server writes by itself, such as those that say where a message ends."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.core.http import FRAMING
from mock_server.scenario.model import Scenario
from mock_server.scenario.rules.finding import LintFinding, responds_of
from mock_server.scenario.vocabulary import Vocabulary


def framing_headers(scenario: Scenario, _: Vocabulary) -> Iterator[LintFinding]:
    for path, respond in responds_of(scenario):
        for name in dict.fromkeys(name for name, _ in respond.headers):
            if name.lower() in FRAMING:
                message = f"the server writes `{name}` by itself, so this one is not sent"
                remedy = "remove it; for a broken connection write `fault`"
                yield LintFinding((*path, "headers", name), "framing-header", message, remedy, key=True)
