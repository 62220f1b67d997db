"""Header fields that say where a message ends, which the server writes by itself."""

from __future__ import annotations

from collections.abc import Iterator

from mock_server.scenario.model import Scenario
from mock_server.scenario.rules.finding import Finding, responds_of
from mock_server.scenario.vocabulary import Vocabulary

_FRAMING = frozenset(
    {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


def framing_headers(scenario: Scenario, _: Vocabulary) -> Iterator[Finding]:
    for path, respond in responds_of(scenario):
        for name in dict.fromkeys(name for name, _ in respond.headers):
            if name.lower() in _FRAMING:
                message = f"the server writes `{name}` by itself, and a second one can break the answer"
                remedy = "remove it; for a broken connection write `fault`"
                yield Finding((*path, "headers", name), "framing-header", message, remedy, key=True)
