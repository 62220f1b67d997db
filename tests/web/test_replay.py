"""The store as it was before a request: what it and later ones took is free again."""

from __future__ import annotations

from math import inf

import pytest

from mock_server.core.clock import ClockState, ManualClock
from mock_server.core.records import UsedValue
from mock_server.store import open_store
from mock_server.store.base import Store
from mock_server.web.replay import PastStore
from tests.contract.values import NOW, entry, transaction


@pytest.fixture
def store() -> Store:
    store = open_store("memory", journal_limit=3, clock=ManualClock())
    for number, real in ((7, NOW), (8, NOW), (9, NOW + 1)):
        taken = UsedValue("nonce", f"n{number}", NOW, inf, f"r-a-{number}")
        store.commit(transaction(entry=entry(f"r-a-{number}", real=real), used_values=[taken]))
    store.commit(transaction(used_values=[UsedValue("nonce", "forgotten", NOW, inf, "r-a-1")]))
    return store


@pytest.mark.parametrize(
    ("value", "taken"),
    [("n7", True), ("n8", False), ("n9", False), ("forgotten", True), ("never", False)],
    ids=lambda value: str(value),
)
def test_a_nonce_is_taken_by_earlier_requests_only(store: Store, value: str, taken: bool) -> None:
    past = PastStore(store, store.entry("default", "r-a-8"))
    assert (past.find_used("default", "nonce", value) is not None) is taken


@pytest.mark.parametrize("value", ["n7", "n8", "n9"])
def test_a_request_that_comes_now_finds_every_nonce_taken(store: Store, value: str) -> None:
    assert PastStore(store, None).find_used("default", "nonce", value) is not None


def test_the_clock_shows_the_time_of_the_request(store: Store) -> None:
    past = PastStore(store, store.entry("default", "r-a-8"))
    assert past.account("default").clock == ClockState(NOW)
