"""What only the Redis store promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from mock_server.core.clock import ManualClock
from mock_server.core.records import DELIVERED, PENDING
from mock_server.store import open_store
from mock_server.store.base import DeliveryFilter, Store
from mock_server.store.redis_scripts import escape, unescape
from tests.contract.values import NOW, claim, entry, message, record, transaction


@pytest.fixture
def client(redis_address: str) -> Iterator[Any]:
    """The server itself, emptied."""
    with redis.Redis.from_url(redis_address) as connection:
        connection.flushall()
        yield connection


@pytest.fixture
def store(client: Any, redis_address: str) -> Iterator[Store]:
    redis_store = open_store(redis_address, journal_limit=10, clock=ManualClock())
    yield redis_store
    redis_store.close()


def fill(store: Store) -> None:
    store.update("a:b", lambda state: state._replace(pinned="p"))
    store.increment("a:b", "minute", NOW + 60)
    store.commit(
        transaction(
            "a:b", entry=entry("r-1", "a:b", scenario="s"), used_values=[claim("n")], records=[record("k", aliases=("x",))],
            messages=[message("d-1", "a:b", lane="l"), message("d-2", "a:b", lane="l"), message("d-3", "a:b")], counters=[("spent", 1.0)],
        )
    )  # fmt: skip
    store.record_attempt("a:b", "d-3", None, "delivered")


def test_all_keys_share_the_prefix_and_one_slot(store: Store, client: Any) -> None:
    fill(store)
    assert {key.split(b":")[0] for key in client.scan_iter()} == {b"{kyc}"}


def test_two_prefixes_are_two_stores(store: Store, redis_address: str) -> None:
    other = open_store(f"{redis_address}?prefix=other", journal_limit=10, clock=ManualClock())
    fill(store)
    assert other.accounts() == []
    fill(other)
    other.reset_all()
    assert store.accounts() == ["a:b"]
    other.close()


def test_a_reset_leaves_no_keys(store: Store, client: Any) -> None:
    fill(store)
    store.reset_all()
    assert {key.split(b":")[1] for key in client.scan_iter()} == {
        b"version",
        b"changes",
        b"generation",
        b"journal_bytes",
    }
    assert client.xlen("{kyc}:changes") == 1


def test_what_is_forgotten_leaves_no_index(store: Store, client: Any) -> None:
    for number in range(30):
        store.schedule(
            [
                message(
                    f"d-{number}",
                    reference=f"ref-{number}",
                    request_id=f"r-{number}",
                    event=f"event-{number}",
                )
            ]
        )
        store.record_attempt("default", f"d-{number}", None, DELIVERED)
    for pattern in ("reference", "request", "group"):
        assert len(list(client.scan_iter(f"*:{pattern}:*"))) == 10
    assert client.scard("{kyc}:default:groups") == 10


@pytest.mark.parametrize(
    ("where", "total"),
    [
        (DeliveryFilter(), 400),
        (DeliveryFilter(state=PENDING), 399),
        (DeliveryFilter(state=DELIVERED), 1),
        (DeliveryFilter(event="DONE"), 400),
        (DeliveryFilter(reference="ref-7"), 1),
        (DeliveryFilter(request_id="r-7", state=PENDING), 1),
    ],
    ids=str,
)
def test_a_list_costs_what_it_shows(store: Store, client: Any, where: DeliveryFilter, total: int) -> None:
    store.schedule(
        [message(f"d-{number}", reference=f"ref-{number}", request_id=f"r-{number}") for number in range(400)]
    )
    store.record_attempt("default", "d-0", None, DELIVERED)
    client.config_resetstat()
    assert store.deliveries("default", where, limit=5)[1] == total
    calls = client.info("commandstats")
    looks = sum(calls.get(name, {}).get("calls", 0) for name in ("cmdstat_hmget", "cmdstat_hgetall"))
    assert looks <= 2 * min(5, total)


def test_a_commit_that_is_sent_again_is_not_made_again(store: Store) -> None:
    again = transaction(
        entry=entry("r-1"),
        used_values=[claim("n")],
        records=[record("k")],
        counters=[("spent", 1.0)],
        messages=[message("d-1")],
    )
    assert store.commit(again) is None
    assert store.commit(again) is None
    assert store.counter("default", "spent") == 1.0
    assert store.entries("default")[1] == 1


def test_a_server_that_has_forgotten_the_scripts_is_sent_them_again(store: Store, client: Any) -> None:
    assert store.commit(transaction(entry=entry("r-1"))) is None
    client.script_flush()
    assert store.commit(transaction(entry=entry("r-2"))) is None
    assert store.entries("default")[1] == 2


def test_a_lost_connection_is_made_again(store: Store, client: Any) -> None:
    store.commit(transaction(entry=entry("r-1")))
    client.client_kill_filter(skipme=True)
    store.commit(transaction(entry=entry("r-2")))
    assert store.entries("default")[1] == 2


def test_it_blocks_so_the_event_loop_must_not_call_it(store: Store) -> None:
    assert store.blocking


@pytest.mark.parametrize("text", ["", "a", "a:b", "100%", "%3A", "\0", "a%00b", "%25", "{x}", "ü"])
def test_names_are_escaped_and_back(text: str) -> None:
    assert unescape(escape(text)) == text
    assert not set(escape(text)) & {":", "\0"}


def test_changes_are_noticed_after_redis_has_lost_its_data(
    store: Store, client: Any, redis_address: str
) -> None:
    for _ in range(3):
        fill(store)
    before = store.version()
    client.flushall()
    lost = store.wait(before, 30)
    assert lost > before
    other = open_store(redis_address, journal_limit=10, clock=ManualClock())
    fill(other)
    assert store.wait(lost, 30) > lost
    other.close()
