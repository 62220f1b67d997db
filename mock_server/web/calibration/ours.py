"""The mock's own answers to the same requests, without a socket: the pipeline on an empty store, at the time at which the
service was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from mock_server.core.clock import ManualClock
from mock_server.core.http import Request
from mock_server.core.ids import ProcessIds
from mock_server.providers.accounts import Account, Accounts
from mock_server.providers.base import Provider
from mock_server.providers.context import Services
from mock_server.providers.pipeline import Pipeline
from mock_server.providers.probes import ACCOUNT, CannotAsk, ProbeAnswer, Probes, ProbeStage
from mock_server.providers.scenarios import Scenarios
from mock_server.scenario.loader import ScenarioSet
from mock_server.store import open_store
from mock_server.web.calibration.asking import ProbeExchange

Build = Callable[[Mapping[str, Any]], Provider]
"""The vendor with other settings. Raises `ConfigError`."""
NAME = "calibrated"
"""Of the account that asks. Not the default one, under which strangers are journalled."""
_LIMIT = 1000


class Ours:
    """Answers as a mock with given settings would."""

    def __init__(self, build: Build, settings: Mapping[str, Any], section: Mapping[str, Any]) -> None:
        """``settings``: the vendor's part of the config file; ``section``: its part of the account, credentials
        included."""
        self._build, self._settings, self._section = build, settings, section
        self.provider = build(settings)

    def account(self, chosen: Mapping[str, Any] | None = None) -> Account:
        """The account that the requests are made with."""
        section = self.provider.section(NAME, laid_over(self._section, chosen or {}, ACCOUNT))
        return Account(NAME, {self.provider.name: section})

    def now(self, setting: str) -> Any:
        """What a setting, or a member of the account, is before anything is changed; None where it is not set."""
        key, _, inner = setting.removeprefix(ACCOUNT).partition(".")
        of_account = setting.startswith(ACCOUNT)
        holder = self.account().sections[self.provider.name] if of_account else self.provider.settings
        value = getattr(holder, key, None)
        return value.get(inner) if inner and isinstance(value, Mapping) else value

    def answers(
        self, kit: Probes, exchanges: Iterable[ProbeExchange], chosen: Mapping[str, Any] | None = None
    ) -> dict[str, ProbeAnswer]:
        """Probe → the mock's answer with the chosen settings. Probes that cannot be asked are left out."""
        chosen = chosen or {}
        provider = self._build(laid_over(self._settings, chosen)) if chosen else self.provider
        clock = ManualClock()
        section = laid_over(self._section, chosen, ACCOUNT)
        pipeline = pipeline_of(provider, section, clock)
        account = Account(NAME, {provider.name: provider.section(NAME, section)})
        answers: dict[str, ProbeAnswer] = {}
        for exchange in exchanges:
            earlier: list[ProbeAnswer] = []
            try:
                for ask, at in zip(exchange.probe.asks, exchange.times):
                    clock.at = at
                    request = kit.request(ask, ProbeStage(account, at, exchange.mark, earlier))
                    earlier.append(_answer(pipeline, request))
            except CannotAsk:
                continue
            if len(earlier) == len(exchange.probe.asks):
                answers[exchange.probe.id] = earlier[-1]
        return answers

    def answer(self, request: Request, at: float, outcome: str = "") -> ProbeAnswer:
        """To one request; ``outcome``: the one that a scenario would ask for."""
        clock = ManualClock(at)
        pipeline = pipeline_of(self.provider, self._section, clock)
        if outcome:
            scenario = {"name": "calibrate", "respond": {"outcome": outcome}}
            document = {"version": 1, "provider": self.provider.name, "scenarios": [scenario]}
            inline = (msgspec.json.encode(document),)
            pipeline.store.update(NAME, lambda state: state._replace(inline=inline))
        return _answer(pipeline, request)


def pipeline_of(provider: Provider, section: Mapping[str, Any], clock: ManualClock) -> Pipeline:
    """The vendor alone, on an empty store, with one account."""
    vendors = {provider.name: provider}
    store = open_store("memory", journal_limit=1, record_limit=_LIMIT, clock=clock)
    accounts = Accounts({NAME: {provider.name: section}}, vendors.values(), store)
    services = Services(store, accounts, ProcessIds(), seed=0, settings={provider.name: provider.settings})
    scenarios = Scenarios(ScenarioSet(), {provider.name: provider.vocabulary})
    return Pipeline(vendors, services, store, scenarios, clock, mock_headers=False)


def _answer(pipeline: Pipeline, request: Request) -> ProbeAnswer:
    response = pipeline.handle(request)
    headers: dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(name.lower(), value)
    return ProbeAnswer(response.status, headers, response.body)


def laid_over(values: Mapping[str, Any], chosen: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The values with those of the chosen that have the prefix, ``error_position.verify`` as a key of a mapping."""
    result = dict(values)
    for name, value in chosen.items():
        if name.startswith(ACCOUNT) == bool(prefix):
            key, _, inner = name.removeprefix(prefix).partition(".")
            result[key] = {**(result.get(key) or {}), inner: value} if inner else value
    return result
