"""Through the whole pipeline and over every store: a Cloudcheck nonce passes once, also between processes and
across a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from mock_server.core.clock import ManualClock
from mock_server.core.http import Arrival, Request
from mock_server.core.ids import ProcessIds
from mock_server.providers.accounts import Accounts
from mock_server.providers.cloudcheck.provider import Cloudcheck
from mock_server.providers.cloudcheck.settings import parse_settings
from mock_server.providers.context import Services
from mock_server.providers.pipeline import Pipeline
from mock_server.providers.scenarios import Scenarios
from mock_server.scenario.loader import ScenarioSet
from mock_server.store import open_store
from mock_server.store.base import Store
from tests.providers.cloudcheck.harness import FORM, KEY, MINI, SECRET, digest, form

Another = Callable[[], Store]
USED = 104
BODIES: tuple[Any, ...] = (
    MINI,
    {**MINI, "details": {}},
    {**MINI, "consent": "No"},
    {**MINI, "reference": "error-111-a"},
)
"""One that succeeds, and three that are refused after the signature."""


def pipeline(store: Store, clock: ManualClock, process: str) -> Pipeline:
    """A server of its own on the store."""
    provider = Cloudcheck(parse_settings({}))
    vocabularies = {"cloudcheck": provider.vocabulary}
    services = Services(
        store,
        Accounts({}, [provider], store),
        ProcessIds(process),
        seed=1,
        settings={"cloudcheck": provider.settings},
        public_base_url="",
    )
    return Pipeline({"cloudcheck": provider}, services, store, Scenarios(ScenarioSet(), vocabularies), clock)


def request(clock: ManualClock, nonce: str, body: Any = MINI) -> Request:
    params = {"data": json.dumps(body), "key": KEY, "nonce": nonce, "timestamp": str(int(clock.at * 1000))}
    params["signature"] = digest(SECRET, "/verify/", params)
    return Request("POST", "/verify/", "", {"content-type": FORM}, form(params).encode())


def code(server: Pipeline, sent: Request) -> int | None:
    error_code: int | None = json.loads(server.handle(sent).body)["verification"].get("error")
    return error_code


def test_of_many_simultaneous_requests_one_has_the_nonce(
    store: Store, another: Another, clock: ManualClock
) -> None:
    servers = [pipeline(store, clock, "a"), pipeline(another(), clock, "b")]
    barrier, rounds = Barrier(8), range(6)

    def send(number: int) -> list[int | None]:
        barrier.wait()
        return [
            code(servers[number % 2], request(clock, f"n{turn}", BODIES[(number + turn) % 4]))
            for turn in rounds
        ]

    with ThreadPoolExecutor(8) as threads:
        codes = list(threads.map(send, range(8)))
    assert [sum(row[turn] != USED for row in codes) for turn in rounds] == [1 for _ in rounds]


def test_requests_that_come_together_share_no_nonce(store: Store, clock: ManualClock) -> None:
    server = pipeline(store, clock, "a")
    together = [
        request(clock, "n1", BODIES[2]),
        request(clock, "n1"),
        request(clock, "n2"),
        request(clock, "n1"),
    ]
    answers = server.handle_all([Arrival(each, server.router.route_of(each)) for each in together])
    codes = [json.loads(getattr(answer, "body"))["verification"].get("error") for answer in answers]  # noqa: B009
    assert codes == [107, USED, None, USED]


@pytest.mark.parametrize("store_url", ["sqlite", "redis"], indirect=True)
@pytest.mark.parametrize("body", BODIES[:2], ids=["success", "refusal"])
@pytest.mark.parametrize("later", [0.0, 400 * 86400.0], ids=["at once", "a year later"])
def test_a_nonce_stays_used_across_a_restart(
    store_url: str, clock: ManualClock, body: Any, later: float
) -> None:
    before = open_store(store_url, journal_limit=10, clock=clock)
    assert code(pipeline(before, clock, "a"), request(clock, "n1", body)) != USED
    before.close()
    clock.advance(later)
    after = open_store(store_url, journal_limit=10, clock=clock)
    try:
        assert code(pipeline(after, clock, "b"), request(clock, "n1")) == USED
        assert code(pipeline(after, clock, "b"), request(clock, "n2")) is None
    finally:
        after.close()
