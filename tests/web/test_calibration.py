"""Calibration over sockets: a second server whose settings and answers are changed at random, and a third one with what was
found."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from mock_server.core import config as configuration
from mock_server.core.clock import ManualClock
from mock_server.core.http import Request
from mock_server.providers import config_file, registry
from mock_server.providers.accounts import DEFAULT
from mock_server.providers.base import Provider
from mock_server.providers.pipeline import Pipeline
from mock_server.providers.probes import ACCOUNT, ProbeAnswer, Probes
from mock_server.web.app import create_app
from mock_server.web.calibration import settings_file
from mock_server.web.calibration.asking import Asker, Pace, new_mark
from mock_server.web.calibration.comparing import ABSENT, AnswerDifference, differences, shape_of
from mock_server.web.calibration.fitting import Agreement, Fitter
from mock_server.web.calibration.ours import Ours, laid_over, pipeline_of
from mock_server.web.calibration.persona import shape_differences
from mock_server.web.calibration.redaction import ReportRedactor
from mock_server.web.calibration.report import ReportedChoice
from mock_server.web.calibration.upstream import Upstream
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service

VENDORS = ("cloudcheck", "shuftipro")
SECTIONS = {
    "cloudcheck": {"key": "RealKey é+1", "secret": "real secret/ū=+&"},
    "shuftipro": {"client_id": "real-client-ā", "secret_key": "real:secret+/ū"},
}


def kit_of(provider: Provider) -> Probes:
    assert provider.probes is not None
    return provider.probes


@contextmanager
def serving(
    provider: str, file: Path, clock: ManualClock, scenarios: Sequence[Mapping[str, Any]] = ()
) -> Iterator[str]:
    """A server with the config file; its address."""
    _, accounts, values = config_file.read(file)
    section = {**SECTIONS[provider], **accounts.get(DEFAULT, {}).get(provider, {})}
    with tempfile.TemporaryDirectory() as folder:
        document = {"version": 1, "provider": provider, "scenarios": list(scenarios)}
        if scenarios:
            (Path(folder) / "changed.yaml").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
        service = Service(
            configuration.build(
                {"scenarios": [folder], "watch": False},
                accounts={"real": {provider: section}},
                settings=values,
            ),
            clock=clock,
        )
        with LiveServer(service, lambda: create_app(service)) as live:
            yield live.url


def agreement(provider: str, url: str, clock: ManualClock, base: Path) -> Agreement:
    """Ask the server, and compare with a mock that has the config file."""
    _, accounts, values = config_file.read(base)
    section = {**accounts.get(DEFAULT, {}).get(provider, {}), **SECTIONS[provider]}
    ours = Ours(lambda options: registry.load(provider, options), values.get(provider, {}), section)
    kit = kit_of(ours.provider)
    pace = Pace(clock.now, clock.advance)
    asker = Asker(kit, ours.account(), Upstream(url, {}, timeout=30), pace)
    return Fitter(kit, ours, list(asker.ask_all(kit.PROBES, new_mark))).agreement()


def write(file: Path, provider: str, chosen: Mapping[str, Any]) -> None:
    """A config file, as calibrate writes it."""
    choices = [ReportedChoice(name, None, value, ("a-probe",)) for name, value in chosen.items()]
    file.write_text(
        settings_file.text_of(provider, {}, choices, "2026-11-29", "https://vendor.example", DEFAULT), "utf-8"
    )


CLOUDCHECK: Mapping[str, st.SearchStrategy[Any]] = {
    "timestamp_max_age": st.integers(61, 500_000),
    "timestamp_max_ahead": st.integers(50, 80_000),
    "timestamp_malformed": st.just(103),
    "refusal_uses_nonce": st.just(False),
    "nonce_max_length": st.integers(20, 1000),
    "repeated_parameters": st.sampled_from(["concatenate", "first", "last"]),
    "malformed_escape": st.just("keep"),
    "form_without_content_type": st.just(True),
    "signed_file": st.just("never"),
    "signature_case": st.just("lower"),
    "error_position.gate": st.just("top"),
    "error_position.verify": st.just("top"),
    "error_position.live": st.just("top"),
    "error_position.verify-pdf": st.just("top"),
    "error_position.watchlist-get": st.sampled_from(["nested", "top"]),
    "error_status": st.sampled_from([400, 403, 422]),
    "content_type": st.sampled_from(["application/json", "text/plain;charset=UTF-8"]),
    "reference_required": st.just(True),
    "numbers_as_text": st.just(False),
    "image_download": st.just("signed"),
}
SHUFTIPRO: Mapping[str, st.SearchStrategy[Any]] = {
    f"{ACCOUNT}signature": st.just("legacy"),
    "body_style": st.just("plain"),
    "expose_headers": st.just(False),
    "unknown_status": st.just(404),
    "missing_status": st.just(402),
    "sign_unauthorized": st.just(False),
    "refusal_burns_token": st.just(False),
    "parse_by_content_type": st.just(True),
    "flags_strict": st.just(True),
    "ttl_max": st.integers(1440, 900_000),
    "rate_limit": st.integers(5, 300),
}
STRATEGIES = {"cloudcheck": CLOUDCHECK, "shuftipro": SHUFTIPRO}
SHADOWED = {"error_position.watchlist-get"}
"""What another setting may decide as well."""
TEXT = st.text("abc ĀŪ\"'&<>🥝/\\", min_size=1, max_size=20)
ANSWERS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "cloudcheck": {
        "live": st.fixed_dictionaries({"error": st.sampled_from([111, 112, 113]), "message": TEXT}),
        "idscan-initiate": st.fixed_dictionaries({"body": st.dictionaries(st.sampled_from("abc"), st.integers(), min_size=1)}),
        "go-create": st.fixed_dictionaries({"status": st.sampled_from([404, 410]), "body": st.just({"gone": True})}),
        "tree-request": st.fixed_dictionaries({"body": TEXT}),
    },
    "shuftipro": {
        "delete": st.fixed_dictionaries({"status": st.sampled_from([404, 410]), "body": st.just({"gone": True})}),
        "decline-reasons": st.fixed_dictionaries({"body": st.just({"decline_reasons": [{"status_code": "SPDR01"}]})}),
        "account-info": st.fixed_dictionaries({"body": st.just({"account": {"name": 7}})}),
    },
}  # fmt: skip


def some(table: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Some rows, each with a value."""
    return st.fixed_dictionaries({}, optional=dict(table))


@pytest.mark.parametrize("provider", VENDORS)
@settings(max_examples=3, phases=[Phase.generate])
@given(data=st.data())
def test_settings_and_answers_that_were_changed_at_random_are_found(
    provider: str, data: st.DataObject
) -> None:
    chosen = data.draw(some(STRATEGIES[provider]), "settings")
    answers = data.draw(some(ANSWERS[provider]), "answers")
    scenarios = [
        {"name": f"changed-{operation}", "match": {"operation": operation}, "respond": respond}
        for operation, respond in answers.items()
    ]
    clock = ManualClock(time.time())
    with tempfile.TemporaryDirectory() as folder:
        nothing, changed, fitted = (Path(folder) / f"{name}.yaml" for name in ("nothing", "changed", "found"))
        nothing.write_text("{}")
        write(changed, provider, chosen)
        with serving(provider, changed, clock, scenarios) as url:
            first = agreement(provider, url, clock, nothing)
            write(fitted, provider, first.chosen)
            second = agreement(provider, url, clock, fitted)
        with serving(provider, fitted, clock) as url:
            third = agreement(provider, url, clock, fitted)
    differing = {each.exchange.probe.id for each in first.comparisons if each.after}
    assert {each.problem for each in first.comparisons} == {""}
    assert set(chosen) - set(first.chosen) <= SHADOWED
    assert operations(provider, differing) >= set(answers)
    assert answers or not differing
    assert {each.exchange.probe.id for each in second.comparisons if each.before} == differing
    assert third.choices == ()
    assert [each for each in third.comparisons if each.before or each.problem] == []


def operations(provider: str, probes: set[str]) -> set[str]:
    """The operations that the probes ask."""
    vendor = registry.load(provider)
    names = set()
    for probe in kit_of(vendor).PROBES:
        if probe.id in probes:
            ask = probe.asks[-1]
            names.add(vendor.operation(ask.method, ask.path))
    return names


# -- one change at a time, without sockets


class InProcess:
    """A changed mock that is asked directly."""

    def __init__(self, provider: str, chosen: Mapping[str, Any], clock: ManualClock) -> None:
        section = {**SECTIONS[provider], **laid_over({}, chosen, ACCOUNT)}
        vendor = registry.load(provider, laid_over({}, chosen))
        self._pipeline: Pipeline = pipeline_of(vendor, section, clock)

    def send(self, request: Request) -> ProbeAnswer:
        response = self._pipeline.handle(request)
        return ProbeAnswer(
            response.status, {name.lower(): value for name, value in response.headers}, response.body
        )


def one_change() -> Iterator[Any]:
    for provider in VENDORS:
        kit = kit_of(registry.load(provider))
        ours = Ours(lambda options, name=provider: registry.load(name, options), {}, SECTIONS[provider])  # type: ignore[misc]
        for setting, candidates in kit.CANDIDATES.items():
            values = READ_OFF.get(setting) or list(candidates({}))
            for value in values:
                usual = ours.now(setting)
                if value != usual and not (usual is None and value in ("nested", None)):
                    yield pytest.param(provider, setting, value, id=f"{provider}-{setting}-{value}")


READ_OFF: Mapping[str, list[Any]] = {
    "content_type": ["application/json"],
    "error_status": [400],
    "rate_limit": [120],
    "timestamp_max_age": [60, 300, 3600, 86_400],
    "timestamp_max_ahead": [60, 900],
    "nonce_max_length": [64, 255],
    "ttl_max": [1440, 10_080, 50_000],
}
EXACT = ("error_position.", "account", "signature_case", "signed_file", "repeated_parameters", "ttl_max")


@pytest.mark.parametrize(("provider", "setting", "value"), list(one_change()))
def test_one_change_is_found(provider: str, setting: str, value: Any) -> None:
    clock = ManualClock(time.time())
    ours = Ours(lambda options: registry.load(provider, options), {}, SECTIONS[provider])
    kit = kit_of(ours.provider)
    probes = [probe for probe in kit.PROBES if setting in probe.decides or probe is kit.PROBES[0]]
    asker = Asker(
        kit, ours.account(), InProcess(provider, {setting: value}, clock), Pace(clock.now, clock.advance)
    )
    agreed = Fitter(kit, ours, list(asker.ask_all(probes, new_mark))).agreement()
    if usual_position(provider, setting, value):
        assert agreed.choices == ()
        return
    assert [choice.setting for choice in agreed.choices] == [setting]
    assert [each.after for each in agreed.comparisons if each.after] == []
    if setting.startswith(EXACT):
        assert agreed.chosen == {setting: value}


def usual_position(provider: str, setting: str, value: Any) -> bool:
    """Whether an endpoint's errors stand there anyway."""
    if not setting.startswith("error_position."):
        return False
    from mock_server.providers.cloudcheck.routes import BY_NAME

    endpoint = BY_NAME.get(setting.partition(".")[2])
    return endpoint is not None and endpoint.position == value


# -- what is compared


def test_true_and_1_are_not_the_same() -> None:
    assert differences({"a": True}, {"a": 1}) == [AnswerDifference("a", True, 1)]


def test_what_one_side_lacks_is_a_difference() -> None:
    differing = differences({"a": 1, "b": None}, {"a": 1, "c": ""})
    assert differing == [AnswerDifference("b", None, ABSENT), AnswerDifference("c", ABSENT, "")]


def test_a_shape_has_the_types_of_every_item() -> None:
    document = {"a": [{"b": 1}, {"b": "x", "c": None}], "d": [], "e": {}}
    assert shape_of(document) == {
        "(all of it)": "object",
        "a": "list",
        "a[]": "object",
        "a[].b": "number | text",
        "a[].c": "null",
        "d": "list",
        "e": "object",
    }


@pytest.mark.parametrize(
    ("service", "mock", "expected"),
    [
        ({"a": 1}, {"a": 2}, []),
        ({"a": 1, "b": {"c": 1}}, {"a": 1}, [("b", "object", ABSENT)]),
        ({"a": 1}, {"a": 1, "b": [{"c": 1}]}, [("b", ABSENT, "list")]),
        ({"a": "1"}, {"a": 1}, [("a", "text", "number")]),
        ({"a": []}, {"a": [{"b": 1}]}, []),
        ({"a": [{"b": 1}]}, {"a": [{"c": 1}]}, [("a[].b", "number", ABSENT), ("a[].c", ABSENT, "number")]),
        ({"a": [1]}, {"a": {"b": 1}}, [("a", "list", "object")]),
    ],
    ids=["values", "added", "removed", "retyped", "empty list", "items", "list for object"],
)
def test_shapes_are_compared_without_values(
    service: Any, mock: Any, expected: list[tuple[str, str, str]]
) -> None:
    differing = shape_differences(shape_of(service), shape_of(mock))
    assert [tuple(each) for each in differing] == expected


@pytest.mark.parametrize(
    ("fact", "value", "expected"),
    [
        ("error message", "no key RealKey é+1 here", "no key (key) here"),
        ("error message", "mark AbCdEf234567", "mark (mark)"),
        ("error message", "ask tamsin@shop.example", "ask (email)"),
        ("body trace", "0f8fad5b-d9cb-469f-a165-70867728950e", "(id)"),
        ("body digest", "ab" * 32, "(hex digits)"),
        ("body token", "zK9" * 20, "(token)"),
        ("body client", "seen from 203.0.113.7", "seen from (IP address)"),
        ("body account.name", "Kōwhai Ltd", "(personal)"),
        ("body error.key", "reference", "reference"),
        ("status", 200, 200),
        ("body flag", True, True),
    ],
)
def test_a_report_has_no_secret_and_nothing_of_somebody(fact: str, value: Any, expected: Any) -> None:
    redactor = ReportRedactor({"RealKey é+1": "key"}, ["AbCdEf234567"])
    assert redactor.facts({fact: value}) == {fact: expected}
