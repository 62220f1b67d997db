"""Each vendor's probes: harmless against our own server however it is set, and each decides what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import filter as filter_names
from typing import Any

import pytest

from mock_server.core.clock import ManualClock
from mock_server.providers import registry
from mock_server.providers.accounts import Account
from mock_server.providers.base import Provider
from mock_server.providers.pipeline import Pipeline
from mock_server.providers.probes import ACCOUNT, Probe, ProbeAnswer, Probes, ProbeStage, among
from mock_server.web.admin.fidelity import rows_of
from mock_server.web.calibration.asking import new_mark
from mock_server.web.calibration.ours import NAME, laid_over, pipeline_of

NOW = 1_700_000_000.0
VENDORS = tuple(registry.installed())
READ = ("content_type", "error_status", "rate_limit")
"""Settings whose values are read off the answers; with examples below."""
EXAMPLES: Mapping[str, tuple[Any, ...]] = {
    "content_type": ("application/json", "text/json"),
    "error_status": (400, 422),
    "rate_limit": (20, 120),
}


def kit_of(provider: Provider) -> Probes:
    assert provider.probes is not None
    return provider.probes


class Mock:
    """A vendor of our own with some settings, asked without a socket."""

    def __init__(self, name: str, chosen: Mapping[str, Any]) -> None:
        self.provider = registry.load(name, laid_over({}, chosen))
        self.kit = kit_of(self.provider)
        self.clock = ManualClock(NOW)
        section = laid_over({}, chosen, ACCOUNT)
        self.pipeline: Pipeline = pipeline_of(self.provider, section, self.clock)
        self.account = Account(NAME, {name: self.provider.section(NAME, section)})

    def play(self, probe: Probe) -> list[ProbeAnswer]:
        earlier: list[ProbeAnswer] = []
        mark = new_mark()
        for ask in probe.asks:
            self.clock.advance(61)
            request = self.kit.request(ask, ProbeStage(self.account, self.clock.now(), mark, earlier))
            response = self.pipeline.handle(request)
            headers = {name.lower(): value for name, value in response.headers}
            earlier.append(ProbeAnswer(response.status, headers, response.body))
        return earlier


def values_of(kit: Probes, setting: str) -> list[Any]:
    return list(EXAMPLES.get(setting) or kit.CANDIDATES[setting]({}))


def every_setting(name: str) -> Iterator[dict[str, Any]]:
    """As it is, and each setting at each of its values, but for those that say only where an error stands."""
    yield {}
    kit = kit_of(registry.load(name))
    for setting in kit.CANDIDATES:
        if not setting.startswith("error_position."):
            yield from ({setting: value} for value in values_of(kit, setting))


@pytest.mark.parametrize("name", VENDORS)
def test_no_probe_creates_anything_however_the_server_is_set(name: str) -> None:
    for chosen in every_setting(name):
        mock = Mock(name, chosen)
        for probe in mock.kit.PROBES:
            answers = mock.play(probe)
            store = mock.pipeline.store
            for account in ("default", NAME):
                assert store.records(account) == [], (probe.id, chosen)
                assert store.deliveries(account) == ([], 0), (probe.id, chosen)
            assert not any(map(mock.kit.created, answers)), (probe.id, chosen)


@pytest.mark.parametrize("name", VENDORS)
def test_what_is_created_is_recognised(name: str) -> None:
    """The net under the table: an answer that names something new ends the run."""
    mock = Mock(name, {})
    samples = mock.provider.samples
    assert samples is not None
    request = samples.sign(samples.first("order-4711"), mock.account, mock.clock.now())
    response = mock.pipeline.handle(request)
    assert mock.kit.created(ProbeAnswer(response.status, {}, response.body))


@pytest.mark.parametrize("name", VENDORS)
def test_rows_are_whole(name: str) -> None:
    kit = kit_of(registry.load(name))
    sentences = {row.id for row in registry.load(name).specification}
    for probe in kit.PROBES:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", probe.id)
        assert probe.harmless.endswith("."), probe.id
        assert probe.sends, probe.id
        assert probe.asks, probe.id
        assert set(probe.sentences) <= sentences, probe.id


@pytest.mark.parametrize("name", VENDORS)
def test_names_are_unique_and_each_setting_has_a_probe(name: str) -> None:
    kit = kit_of(registry.load(name))
    ids = [probe.id for probe in kit.PROBES]
    assert len(ids) == len(set(ids))
    decided = {setting for probe in kit.PROBES for setting in probe.decides}
    assert set(kit.CANDIDATES) == decided


@pytest.mark.parametrize("name", VENDORS)
def test_the_first_probe_has_the_right_credentials(name: str) -> None:
    mock = Mock(name, {})
    assert mock.kit.denied(mock.play(mock.kit.PROBES[0])[-1]) == ""


@pytest.mark.parametrize("name", VENDORS)
def test_wrong_credentials_are_denied(name: str) -> None:
    mock = Mock(name, {})
    section = mock.account.sections[name]
    probe = mock.kit.PROBES[0]
    own = mock.account.with_secret(name, "not the secret")
    assert section != own.sections[name]
    request = mock.kit.request(probe.asks[0], ProbeStage(own, mock.clock.now(), new_mark()))
    response = mock.pipeline.handle(request)
    assert mock.kit.denied(ProbeAnswer(response.status, {}, response.body))


DECIDED = [
    pytest.param(name, setting, id=f"{name}-{setting}")
    for name in VENDORS
    for setting in kit_of(registry.load(name)).CANDIDATES
]


@pytest.mark.parametrize(("name", "setting"), DECIDED)
def test_the_values_of_a_setting_are_told_apart(name: str, setting: str) -> None:
    """Whatever two values there are, a probe that decides the setting is answered otherwise."""
    kit = kit_of(registry.load(name))
    answers = []
    for value in values_of(kit, setting):
        mock = Mock(name, {setting: value})
        probes = [probe for probe in mock.kit.PROBES if setting in probe.decides]
        played = [mock.play(probe)[-1] for probe in probes]
        answers.append(
            [(kit.brief(one), one.status, dict(kit.facts(one, mock.account)), one.headers) for one in played]
        )
    assert all(one != other for number, one in enumerate(answers) for other in answers[:number])


def test_among_gives_its_values_whatever_was_answered() -> None:
    assert list(among(1, None)({})) == [1, None]


@pytest.mark.parametrize("name", VENDORS)
def test_each_assumption_names_the_probe_that_would_decide_it(name: str) -> None:
    provider = registry.load(name)
    ids = [probe.id for probe in kit_of(provider).PROBES]
    for row in rows_of(provider):
        text = row["probe"]
        if text.startswith("none: "):
            assert len(text) > len("none: "), row["topic"]
            continue
        patterns = [word for word in text.partition("; ")[0].split(", ") if word]
        assert patterns, row["topic"]
        assert [word for word in patterns if not filter_names(ids, word)] == [], row["topic"]


@pytest.mark.parametrize("name", VENDORS)
def test_a_setting_that_can_be_found_has_an_assumption_with_a_probe(name: str) -> None:
    """The two tables agree: what a probe decides is not said to be out of reach."""
    provider = registry.load(name)
    asked = {row["setting"] for row in rows_of(provider) if not row["probe"].startswith("none: ")}
    settings = {setting.partition(".")[0] for setting in kit_of(provider).CANDIDATES}
    assert {setting for setting in settings if not setting.startswith(ACCOUNT)} <= asked
