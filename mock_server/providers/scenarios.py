"""Which scenario set an account sees: the files' set, which may be swapped at any time, plus its own inline
scenarios."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from mock_server.core.records import AccountState
from mock_server.scenario.loader import ScenarioSet, compile_inline
from mock_server.scenario.vocabulary import Vocabulary

_MAX_CACHED = 512
OFF = "is switched off for this account"


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
        """The account's set, without what is switched off for it."""
        if not state.inline and not state.switched_off:
            return self.loaded
        base, key = self.loaded, (account, state.generation)
        cached = self._extended.get(key)
        if cached is None or cached[0] is not base:
            if len(self._extended) >= _MAX_CACHED:
                self._extended.clear()
            whole = self.whole(state)
            off = frozenset(state.switched_off)
            cached = self._extended[key] = (base, whole.without(off, OFF) if off else whole)
        return cached[1]

    def whole(self, state: AccountState) -> ScenarioSet:
        """The same with what is switched off."""
        inline = [
            scenario
            for document in state.inline
            for scenario in compile_inline(msgspec.json.decode(document), self.vocabularies)
        ]
        return self.loaded.extended(inline) if inline else self.loaded
