"""Every claim of the plans in `examples/plans` holds: the requests in their ``#>`` lines are sent over HTTP."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import Account, MockServer, Receiver
from mock_server.core.clock import parse_instant
from mock_server.scenario import lint, source
from mock_server.scenario.loader import load
from mock_server.scenario.model import Scenario
from tests.scenarios.customer import CHECK, CUSTOMERS, PATIENCE, PERSON, put
from tests.scenarios.test_shipped import VOCABULARIES

PLANS = Path(__file__).resolve().parents[2] / "examples" / "plans"
FILES = sorted(PLANS.glob("*/*.yaml"))
CLAIM = re.compile(r"(?:(\d+) x )?(\w+) (.+) -> (\S+) (.+)")
SHARE = re.compile(r"(\d+) to (\d+) times")


def claims(file: Path) -> list[str]:
    lines = file.read_text("utf-8").splitlines()
    return [line.removeprefix("#> ").strip() for line in lines if line.startswith("#>")]


class Plan:
    """One file in an account of its own."""

    def __init__(self, account: Account, receiver: Receiver, provider: str) -> None:
        self.account = account
        self.receiver = receiver
        self.hook = f"{receiver.url}/{account.name}"
        self.provider = provider
        self.numbers = itertools.count(1)
        self.customer = CUSTOMERS[provider](account, Scenario("plan", provider, ()), "", self.hook)
        self.heard = 0

    def run(self, claim: str) -> None:
        """Raises ``AssertionError`` where the claim does not hold."""
        word, _, rest = claim.partition(" ")
        if word in COMMANDS:
            COMMANDS[word](self, rest)
            return
        found = CLAIM.fullmatch(claim)
        assert found is not None, f"not a claim: {claim}"
        count, operation, fields, scenario, expected = found.groups()
        answers = [self.ask(operation, fields) for _ in range(int(count or 1))]
        share = SHARE.fullmatch(expected)
        if share is not None:
            times = sum(answer[0] == scenario for answer in answers)
            assert int(share[1]) <= times <= int(share[2]), f"{claim}: {times} times"
            return
        status, _, outcome = expected.partition(" ")
        assert answers == [(scenario, int(status), outcome)] * len(answers), claim

    def ask(self, operation: str, fields: str) -> tuple[str, int, str]:
        """Scenario, status and outcome of the answer."""
        body = deepcopy(BASES[operation])
        for field in fields.replace("{n}", str(next(self.numbers))).split():
            path, _, value = field.partition("=")
            put(body, tuple(path.split(".")), value)
        if self.provider == "shuftipro":
            body["callback_url"] = self.hook
        self.customer.operation = operation
        answer = self.customer.again(PREPARED[operation](body), PATIENCE)
        entry = self.account.requests.find(limit=1)[0]
        return entry.scenario or "built-in", answer.status, entry.outcome or ""

    def set_clock(self, instant: str) -> None:
        self.account.clock.freeze(instant)
        self.customer.at = parse_instant(instant)

    def advance(self, by: str) -> None:
        self.account.clock.advance(by)

    def callbacks(self, events: str) -> None:
        """What has arrived since the last look, in its order."""
        expected = events.split()
        if expected:
            self.receiver.wait(self.heard + len(expected))
        new = [event_of(one.json) for one in self.receiver.received[self.heard :]]
        assert new == expected
        self.heard += len(new)


def event_of(body: Mapping[str, Any]) -> str:
    """Each vendor names its event in a member of its own."""
    return str(body.get("event") or body["eventType"])


COMMANDS: Mapping[str, Callable[[Plan, str], None]] = {
    "clock": Plan.set_clock,
    "advance": Plan.advance,
    "callbacks": Plan.callbacks,
}
BASES: Mapping[str, Any] = {"verification": CHECK, "verify": PERSON}
PREPARED: Mapping[str, Callable[[Any], Any]] = {
    "verification": lambda body: ("POST", "/", body),
    "verify": lambda body: ("", {"data": json.dumps(body)}, None),
}


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}/{file.stem}" for file in FILES])
def test_a_plan_does_what_it_claims(service: tuple[MockServer, Receiver], file: Path) -> None:
    server, _ = service
    account = server.account(f"test-plan-{file.parent.name}-{file.stem}")
    read, problems = source.read(str(file), file.read_bytes())
    assert problems == []
    account.call("POST", "scenarios", body=read.value)
    with Receiver() as receiver:
        if file.parent.name == "cloudcheck":
            account.configure(cloudcheck={"webhook_url": f"{receiver.url}/{account.name}"})
        plan = Plan(account, receiver, file.parent.name)
        for claim in claims(file):
            plan.run(claim)


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}/{file.stem}" for file in FILES])
def test_each_scenario_of_a_plan_has_a_claim(file: Path) -> None:
    names = {scenario.name for scenario in load([file], VOCABULARIES).scenarios(file.parent.name)}
    assert names == {name for name in names if any(f"-> {name} " in claim for claim in claims(file))}


def test_both_vendors_have_every_plan() -> None:
    stems = {vendor: {file.stem for file in FILES if file.parent.name == vendor} for vendor in VOCABULARIES}
    assert stems["cloudcheck"] == stems["shuftipro"]
    assert len(stems["cloudcheck"]) == 6


def test_no_plan_has_a_finding() -> None:
    assert lint.check([PLANS], VOCABULARIES) == []
