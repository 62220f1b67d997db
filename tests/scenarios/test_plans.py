"""Every claim of the plans in `examples/plans` holds: the requests in their ``#>`` lines are sent over HTTP."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import Account, MockServer, Receiver
from mock_server.core import config as configuration
from mock_server.core.clock import parse_instant
from mock_server.scenario import lint, source
from mock_server.scenario.loader import load
from mock_server.scenario.model import Scenario
from mock_server.scenario.switches import Tags
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.scenarios.customer import CHECK, CUSTOMERS, PATIENCE, PERSON, put
from tests.scenarios.test_shipped import VOCABULARIES

PLANS = Path(__file__).resolve().parents[2] / "examples" / "plans"
FILES = sorted(PLANS.glob("[a-z]*/*.yaml"))
IDS = [f"{file.parent.name}/{file.stem}" for file in FILES]
OVERLAYS = sorted(PLANS.glob("_*/*.yaml"))
SERVED = "serve "
CLAIM = re.compile(r"(?:(\d+) x )?(\w+) (.+) -> (\S+) (.+)")
SHARE = re.compile(r"(\d+) to (\d+) times")


def claims(file: Path) -> list[str]:
    lines = file.read_text("utf-8").splitlines()
    return [line.removeprefix("#> ").strip() for line in lines if line.startswith("#>")]


def options_of(file: Path) -> dict[str, list[str]]:
    """The options of its ``serve`` line, by name; without one the plans are served as they are."""
    words = next((claim.split()[1:] for claim in claims(file) if claim.startswith(SERVED)), [])
    options: dict[str, list[str]] = {}
    for flag, value in zip(words[::2], words[1::2]):
        options.setdefault(flag.removeprefix("--").replace("-", "_"), []).append(value)
    return {"scenarios": [str(PLANS)], **options}


def provider_of(file: Path) -> str:
    return str(source.read(str(file), file.read_bytes())[0].value["provider"])


def rows_of(file: Path, name: str) -> list[dict[str, str]]:
    """A sheet beside a plan."""
    text = (file.parent / name).read_text("utf-8-sig")
    return list(csv.DictReader(text.splitlines(), delimiter=max(",;", key=text.partition("\n")[0].count)))


def each_claim(file: Path) -> Iterator[str]:
    """The claims of a plan, those about each row of a sheet one by one."""
    for claim in claims(file):
        if claim.startswith("each "):
            name, _, about = claim.removeprefix("each ").partition(": ")
            yield from (about.format(**row) for row in rows_of(file, name))
        elif not claim.startswith(SERVED):
            yield claim


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
        parts = CLAIM.fullmatch(claim)
        assert parts is not None, f"not a claim: {claim}"
        count, operation, fields, scenario, expected = parts.groups()
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


@pytest.fixture(scope="module", name="serve")
def _serve(root: Path) -> Iterator[Callable[[Mapping[str, list[str]]], MockServer]]:
    """A server with such options, one for all plans that want the same."""
    running: dict[str, MockServer] = {}
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)

        def serve(options: Mapping[str, list[str]]) -> MockServer:
            if str(options) not in running:
                service = Service(configuration.build({**options, "watch": False, "journal_limit": 10_000}))
                server = stack.enter_context(LiveServer(service, lambda: create_app(service)))
                running[str(options)] = stack.enter_context(MockServer(server.url))
            return running[str(options)]

        yield serve


@pytest.mark.parametrize(
    "file", [*FILES, *OVERLAYS], ids=[*IDS, *(f"{file.parent.name}/{file.stem}" for file in OVERLAYS)]
)
def test_a_plan_does_what_it_claims(
    serve: Callable[[Mapping[str, list[str]]], MockServer], file: Path
) -> None:
    provider = provider_of(file)
    account = serve(options_of(file)).account(f"test-plan-{file.parent.name}-{file.stem}")
    with Receiver() as receiver:
        if provider == "cloudcheck":
            account.configure(cloudcheck={"webhook_url": f"{receiver.url}/{account.name}"})
        plan = Plan(account, receiver, provider)
        for claim in each_claim(file):
            plan.run(claim)


@pytest.mark.parametrize("file", FILES, ids=IDS)
def test_each_scenario_of_a_plan_has_a_claim(file: Path) -> None:
    options = options_of(file)
    tags = Tags(
        *(
            ",".join(options.get(name, [])).split(",") if name in options else ()
            for name in ("tags", "skip_tags")
        )
    )
    names = {one.name for one in load([file], VOCABULARIES, tags).scenarios(file.parent.name)}
    claimed = " ".join(each_claim(file))
    assert names == {name for name in names if f"-> {name} " in claimed}


def test_both_vendors_have_every_plan() -> None:
    stems = {vendor: {file.stem for file in FILES if file.parent.name == vendor} for vendor in VOCABULARIES}
    assert stems["cloudcheck"] == stems["shuftipro"]
    assert len(stems["cloudcheck"]) == 12
    assert [file.stem for file in OVERLAYS] == list(VOCABULARIES)


@pytest.mark.parametrize("paths", [[PLANS], [PLANS, PLANS / "_staging"]], ids=["base", "staging"])
def test_no_plan_has_a_finding(paths: list[Path]) -> None:
    assert lint.check(paths, VOCABULARIES) == []


def test_the_sheets_have_fifty_customers() -> None:
    assert [len(rows_of(file, "customers.csv")) for file in FILES if file.stem == "customers"] == [50, 50]
