"""Which values of the settings make the mock answer as the service does.

A setting has the value with which the fewest facts differ, over the probes that decide it. The mock is asked with each
candidate, so what is written is what was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.core.exceptions import ConfigError
from mock_server.providers.probes import ProbeAnswer, Probes
from mock_server.web.calibration.asking import ProbeExchange
from mock_server.web.calibration.comparing import AnswerDifference, differences, facts_of
from mock_server.web.calibration.ours import Ours

_ROUNDS = 3
"""One setting can hide another, so all are decided again until nothing changes."""


class SettingChoice(NamedTuple):
    """A setting that has another value now."""

    setting: str
    was: Any
    value: Any
    probes: tuple[str, ...]
    """Those whose answers agree because of it."""


class Comparison(NamedTuple):
    """One probe."""

    exchange: ProbeExchange
    mock: ProbeAnswer | None
    """What the mock answered before anything was changed; None: it could not be asked."""
    before: tuple[AnswerDifference, ...]
    after: tuple[AnswerDifference, ...]
    """What differs with the settings that were found."""

    @property
    def problem(self) -> str:
        """Why it cannot be compared; empty: it can."""
        if self.exchange.problem:
            return self.exchange.problem
        return "the mock could not be asked the same" if self.mock is None else ""


class Agreement(NamedTuple):
    """What is known after the last probe."""

    comparisons: tuple[Comparison, ...]
    choices: tuple[SettingChoice, ...]

    @property
    def chosen(self) -> dict[str, Any]:
        return {choice.setting: choice.value for choice in self.choices}


Differing = Mapping[str, Sequence[AnswerDifference]]
"""By probe."""


class Fitter:
    """Compares, and tries settings."""

    def __init__(self, kit: Probes, ours: Ours, exchanges: Sequence[ProbeExchange]) -> None:
        self._kit, self._ours = kit, ours
        self._exchanges = exchanges
        self._asked = [each for each in exchanges if not each.problem]
        self._answers = {each.probe.id: each.answer for each in self._asked}

    def agreement(self) -> Agreement:
        """Everything compared before and after, and the settings between."""
        before = self._differing({})
        chosen = self._chosen()
        after = self._differing(chosen) if chosen else before
        mock = self._ours.answers(self._kit, self._asked)
        compared = [
            Comparison(
                each,
                mock.get(each.probe.id),
                tuple(before.get(each.probe.id, ())),
                tuple(after.get(each.probe.id, ())),
            )
            for each in self._exchanges
        ]
        return Agreement(tuple(compared), tuple(self._explained(chosen)))

    def _chosen(self) -> dict[str, Any]:
        chosen: dict[str, Any] = {}
        for _ in range(_ROUNDS):
            earlier = dict(chosen)
            for setting, candidates in self._kit.CANDIDATES.items():
                probes = [each for each in self._asked if setting in each.probe.decides]
                if probes:
                    self._decide(setting, candidates(self._answers), probes, chosen)
            if chosen == earlier:
                break
        return chosen

    def _decide(
        self, setting: str, values: Any, probes: Sequence[ProbeExchange], chosen: dict[str, Any]
    ) -> None:
        """Give the setting the value with the fewest differences, where it has fewer than now."""
        best = self._score(chosen, probes)
        for value in values if best else ():
            trial = {**chosen, setting: value}
            score = self._score(trial, probes)
            if score < best:
                best, chosen[setting] = score, value
            if not best:
                return

    def _score(self, chosen: Mapping[str, Any], probes: Sequence[ProbeExchange]) -> int:
        try:
            differing = self._differing(chosen, probes)
        except ConfigError:
            return 1 << 30  # the vendor's settings do not allow it
        return sum(map(len, differing.values()))

    def _differing(
        self, chosen: Mapping[str, Any], exchanges: Sequence[ProbeExchange] | None = None
    ) -> dict[str, list[AnswerDifference]]:
        exchanges = self._asked if exchanges is None else exchanges
        account = self._ours.account(chosen)
        mock = self._ours.answers(self._kit, exchanges, chosen)
        return {
            each.probe.id: differences(
                facts_of(self._kit, each.probe, each.answer, account),
                facts_of(self._kit, each.probe, mock[each.probe.id], account),
            )
            for each in exchanges
            if each.probe.id in mock
        }

    def _explained(self, chosen: Mapping[str, Any]) -> list[SettingChoice]:
        """Each setting with the probes that differ more without it."""
        full = self._differing(chosen)
        choices = []
        for setting, value in chosen.items():
            without = self._differing({name: other for name, other in chosen.items() if name != setting})
            probes = tuple(
                name for name, differences in without.items() if len(differences) > len(full[name])
            )
            if probes:
                choices.append(SettingChoice(setting, self._ours.now(setting), value, probes))
        return choices
