"""Which scenario set an account sees: the files' set, which may be swapped at any time, plus its own inline
scenarios."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mock_server.core.records import AccountState
from mock_server.scenario.loader import ScenarioSet, compile_inline
from mock_server.scenario.vocabulary import Vocabulary

_KEPT = 512


class Scenarios:
    """The set in force. Replacing it is one assignment, so a request sees the old set or the new one, never a
    mixture."""

    def __init__(self, loaded: ScenarioSet, vocabularies: Mapping[str, Vocabulary]) -> None:
        self.loaded = loaded
        self.vocabularies = vocabularies
        self._extended: dict[tuple[str, int], tuple[ScenarioSet, ScenarioSet]] = {}

    def replace(self, loaded: ScenarioSet) -> None:
        """Put another set in force."""
        self.loaded = loaded

    def of(self, account: str, state: AccountState) -> ScenarioSet:
        """The account's set."""
        if not state.inline:
            return self.loaded
        base, key = self.loaded, (account, state.generation)
        cached = self._extended.get(key)
        if cached is None or cached[0] is not base:
            if len(self._extended) >= _KEPT:
                self._extended.clear()
            inline = [
                scenario
                for document in state.inline
                for scenario in compile_inline(msgspec.json.decode(document), self.vocabularies)
            ]
            cached = self._extended[key] = (base, base.extended(inline))
        return cached[1]
