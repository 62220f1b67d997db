"""Every shipped scenario is reached by a signed request over HTTP and does what it says; together they reach
all there is."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import MockServer, Receiver
from mock_server.client.account import Account
from mock_server.core.delivery_directives import DIRECTIVES, SIGNED_ONLY, plan
from mock_server.core.http import FAULTS
from mock_server.core.random import Draws
from mock_server.providers import registry
from mock_server.scenario import lint, schema
from mock_server.scenario.facts import MISSING
from mock_server.scenario.loader import load
from mock_server.scenario.model import CallbackSpec, Respond, Scenario, Step, is_template
from mock_server.scenario.rendering import merge
from tests.answers import check_answer as check_type
from tests.answers import check_callback
from tests.scenarios.customer import CUSTOMERS, IMPATIENT, PATIENCE, Answer, Customer, exchange

SHIPPED = Path(__file__).resolve().parents[2] / "scenarios"
VOCABULARIES = {name: provider.vocabulary for name, provider in registry.build({}).items()}
SET = load([SHIPPED], VOCABULARIES)
SCENARIOS = [scenario for provider in VOCABULARIES for scenario in SET.scenarios(provider)]


def operations(scenario: Scenario) -> list[str]:
    """Those it answers; of scenarios that name none, the one that their path belongs to, else the vendor's
    first."""
    if scenario.operations is not None:
        return sorted(scenario.operations)
    path = next(
        (condition.matcher.argument for condition in scenario.match if condition.path == ("path",)), None
    )
    known = VOCABULARIES[scenario.provider].operations.values()
    return [operation.name for operation in known if path in (None, operation.path)][
        : 1 if path is None else None
    ]


CASES = [
    pytest.param(scenario, operation, id=f"{scenario.provider}/{scenario.name}/{operation}")
    for scenario in SCENARIOS
    for operation in operations(scenario)
]


def account_name(scenario: Scenario, operation: str) -> str:
    """Each case has an account of its own; some scenarios want it to be called in a certain way."""
    prefix = next(
        (condition.matcher.argument for condition in scenario.match if condition.path == ("account",)),
        "test-",
    )
    return f"{prefix}{scenario.provider}-{scenario.name}-{operation}"


@pytest.mark.parametrize(("scenario", "operation"), CASES)
def test_a_shipped_scenario_answers_as_it_says(
    service: tuple[MockServer, Receiver], scenario: Scenario, operation: str
) -> None:
    server, receiver = service
    exercise(server.account(account_name(scenario, operation)), receiver, scenario, operation)


def exercise(
    account: Account,
    receiver: Receiver,
    scenario: Scenario,
    operation: str,
    others: Sequence[Scenario] = (),
) -> None:
    """Send what the scenario has to answer, and check that it does as it says.

    ``others``: those of its file, of which one may have to set a value first."""
    hook = f"{receiver.url}/{account.name}"
    if scenario.provider == "cloudcheck":
        account.configure(cloudcheck={"webhook_url": hook})
    for other in setters(scenario, others):
        CUSTOMERS[other.provider](account, other, operation, hook).send()
    customer = CUSTOMERS[scenario.provider](account, scenario, operation, hook)
    wait_for_chance(customer, scenario)
    for step in scenario.steps:
        for _ in range(step.times):
            check_step(customer, account, scenario, step)
    last = scenario.steps[-1]
    if last.callbacks is not None:
        check_callbacks(account, receiver, last.callbacks)
    if scenario.is_sequence and operation != "verification":  # whose last step has taken the reference
        check_step(customer, account, scenario, last)


def setters(scenario: Scenario, others: Sequence[Scenario]) -> list[Scenario]:
    """Of the others, those that set the named values which the scenario needs."""
    needed = [
        condition
        for condition in scenario.match
        if condition.path[0] == "state" and not condition.matcher.holds(MISSING)
    ]
    return [
        next(
            other
            for other in others
            if any(name == path[1] and matcher.holds(value) for name, value in other.sets)
        )
        for path, matcher, _ in needed
    ]


def wait_for_chance(customer: Customer, scenario: Scenario) -> None:
    """Ask until the next call is one for which the chance is drawn; the draws depend on the number of calls."""
    if scenario.chance < 1.0:
        draws = Draws(0, customer.account.name, scenario.name)
        while draws.random(f"chance-{customer.sent}").random() >= scenario.chance:
            customer.send()


def check_step(customer: Customer, account: Account, scenario: Scenario, step: Step) -> None:
    respond = step.respond or Respond()
    if respond.fault is not None:
        check_fault(customer, respond.fault)
    else:
        answer = customer.send()
        check_answer(answer, scenario, respond)
        if not respond.has_body and respond.merge is None and "json" in answer.headers["content-type"]:
            check_type(scenario.provider, customer.operation, answer.status, answer.json)
    entry = account.requests.find(limit=1)[0]
    assert entry.scenario == scenario.name
    if respond.outcome is not None:
        assert entry.outcome == respond.outcome
    if respond.error is not None:
        assert entry.error == respond.error


def check_answer(answer: Answer, scenario: Scenario, respond: Respond) -> None:
    assert answer.headers.get("x-mock-scenario") == scenario.name, answer
    assert answer.headers["x-mock-source"].endswith(
        f"{Path(scenario.file).name}:{scenario.line}" if scenario.line else "<inline>"
    )
    assert answer.status == (respond.status or STATUS.get((scenario.provider, respond.error or ""), 200))
    assert b"{{" not in answer.body or answer.headers["content-type"].startswith(
        ("application/pdf", "image/")
    )
    for name, value in respond.headers:
        assert is_template(value) or answer.headers[name.lower()] == value
    if respond.has_body and not is_template(respond.body):
        assert (answer.body.decode() if isinstance(respond.body, str) else answer.json) == respond.body
    if respond.merge is not None and not is_template(respond.merge):
        assert merge(answer.json, respond.merge) == answer.json
    if respond.delay is not None and respond.delay.kind == "fixed":
        assert answer.took >= respond.delay.first - 0.005, "timers count whole milliseconds"


STATUS = {("shuftipro", code): int(code) for code in VOCABULARIES["shuftipro"].errors if code.isdecimal()}
STATUS |= {("shuftipro", "request.invalid"): 400, ("shuftipro", "request.unauthorized"): 401}
SEEN: dict[str, tuple[type[Exception], ...]] = {
    "reset": (ConnectionResetError,),
    "empty": (http.client.RemoteDisconnected,),
    "truncate": (http.client.IncompleteRead,),
    "garbage": (http.client.BadStatusLine,),
    "hang": (TimeoutError,),
}
"""What a client sees of each fault."""


def check_fault(customer: Customer, fault: str) -> None:
    with pytest.raises(SEEN[fault]) as caught:
        customer.send(IMPATIENT if fault == "hang" else PATIENCE)
    assert fault != "garbage" or not isinstance(caught.value, http.client.RemoteDisconnected)


def check_callbacks(account: Account, receiver: Receiver, callbacks: Sequence[CallbackSpec]) -> None:
    """All of them come to an end, and what was to arrive has arrived."""
    request = account.requests.find(limit=1)[0]
    account.clock.advance("60d")
    sent = (
        account.callbacks.wait_all(len(callbacks), request=request.id)
        if callbacks
        else account.callbacks.find(request=request.id)
    )
    assert sorted(one.event for one in sent) == sorted(callback.event for callback in callbacks)
    arriving = sum(map(transmissions, callbacks))
    received = [one for one in receiver.received if f"/{account.name}" in one.path]
    assert len(received) == arriving
    for callback, one in (
        (callback, one) for callback in callbacks for one in sent if one.event == callback.event
    ):
        assert one.state == "delivered", (callback, one)
    if all(callback.merge is None for callback in callbacks):
        for one in sent:
            check_callback(one.provider, one.event, account.callbacks.get(one.id).request.json)


def transmissions(callback: CallbackSpec) -> int:
    """How often the receiver hears of it; ``status-changed`` tells of the change too."""
    steps = plan(callback.deliver)
    return max(1, sum(step.directive != "drop" for step in steps)) + sum(
        step.directive == "status-changed" for step in steps
    )


@pytest.mark.parametrize("path", ["/verify/", "/live/response/", "/", "/status", "/status/", "/verify/pdf"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_gateway_is_down_for_every_request_that_asks_for_it(
    service: tuple[MockServer, Receiver], path: str, method: str
) -> None:
    answer = exchange(
        service[0].url, method, path, b"{" if method == "POST" else None, {"X-Mock-Outage": "gateway"}
    )
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (503, b"upstream unavailable", "5")
    assert answer.headers["x-mock-scenario"] == "gateway-down"


def test_the_list_of_scenarios_says_which_answer_before_the_checks(
    service: tuple[MockServer, Receiver],
) -> None:
    listed = service[0].account("test-list").scenarios.find()
    assert {scenario.name for scenario in listed if scenario.before == "checks"} == {"gateway-down"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/status", {"reference": "http-down-1"}),
        ("POST", "/status", {"reference": "http-down-2", "x": [1]}),
    ],
    ids=["unknown", "with more in it"],
)
def test_the_status_service_is_down_for_unknown_references(
    service: tuple[MockServer, Receiver], method: str, path: str, body: dict[str, Any]
) -> None:
    credentials = base64.b64encode(b"test-down:test-down-secret").decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    answer = exchange(service[0].url, method, path, json.dumps(body).encode(), headers)
    assert (answer.status, answer.headers["x-mock-scenario"]) == (503, "status-service-down")


def test_no_shipped_file_has_a_finding() -> None:
    assert lint.render(lint.check([SHIPPED], VOCABULARIES)) == "no problems found\n"


def test_every_shipped_file_names_the_current_schema() -> None:
    files = sorted(SHIPPED.rglob("*.yaml"))
    assert len(files) >= 20
    for file in files:
        assert file.read_text().startswith("# yaml-language-server: $schema=../scenario.schema.json\n")
    expected = schema.text(VOCABULARIES)
    assert (SHIPPED / "scenario.schema.json").read_text() == expected, (
        "write it anew: mock-server schema > scenarios/scenario.schema.json"
    )


def test_the_schema_accepts_every_shipped_file() -> None:
    from jsonschema import Draft7Validator

    from mock_server.scenario import source

    validator = Draft7Validator(json.loads((SHIPPED / "scenario.schema.json").read_text()))
    for file in sorted(SHIPPED.rglob("*.yaml")):
        value = source.read(str(file), file.read_bytes())[0].value
        assert [error.message for error in validator.iter_errors(value)] == []


@pytest.mark.parametrize("provider", VOCABULARIES)
def test_the_library_reaches_every_word_of_the_vendor(provider: str) -> None:
    vocabulary = VOCABULARIES[provider]
    scenarios = SET.scenarios(provider)
    steps = [(scenario, step) for scenario in scenarios for step in scenario.steps]
    responds = [(scenario, step.respond) for scenario, step in steps if step.respond is not None]
    callbacks = [callback for _, step in steps for callback in step.callbacks or ()]
    reached = {
        (operation, respond.outcome)
        for scenario, respond in responds
        if respond.outcome
        for operation in operations(scenario)
    }
    untouched = {
        operation
        for scenario, step in steps
        if not (step.respond and step.respond.outcome)
        for operation in operations(scenario)
    }
    missing = [
        (name, outcome)
        for name, operation in vocabulary.operations.items()
        for outcome in operation.outcomes
        if (name, outcome) not in reached and not (len(operation.outcomes) == 1 and name in untouched)
    ]
    assert missing == []
    assert {respond.error for _, respond in responds} >= set(vocabulary.errors)
    statuses = {
        respond.status or STATUS.get((provider, respond.error or ""), 200)
        for _, respond in responds
        if not respond.fault
    }
    assert statuses >= set(vocabulary.statuses)
    assert {callback.event for callback in callbacks} == {
        event.name for event in vocabulary.events.values() if event.callback
    }
    assert {callback.request_type for callback in callbacks} >= set(vocabulary.request_types)
    assert {respond.fault for _, respond in responds} >= set(FAULTS)
    played = {step.directive for callback in callbacks for step in plan(callback.deliver)}
    unsigned = set() if vocabulary.schemes else set(SIGNED_ONLY)
    assert set(DIRECTIVES) - unsigned <= played
    assert {respond.delay.kind for _, respond in responds if respond.delay} == {
        "fixed",
        "uniform",
        "lognormal",
    }


def test_the_library_does_not_get_in_the_way() -> None:
    """Every scenario waits for a value that nobody sends by chance."""
    for scenario in SCENARIOS:
        explicit = [
            condition
            for condition in scenario.match
            if condition.matcher.kind != "exists" and condition.path not in (("method",), ("path",))
        ]
        assert explicit, scenario.name
        assert scenario.description or scenario.name
