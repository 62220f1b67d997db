"""What only the Redis store promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from mock_server.core.clock import ManualClock
from mock_server.store import open_store
from mock_server.store.base import Store
from mock_server.store.redis_scripts import escape, unescape
from tests.contract.values import NOW, claim, entry, message, record, writes


@pytest.fixture
def client(redis_address: str) -> Iterator[Any]:
    """The server itself, emptied."""
    with redis.Redis.from_url(redis_address) as made:
        made.flushall()
        yield made


@pytest.fixture
def store(client: Any, redis_address: str) -> Iterator[Store]:
    made = open_store(redis_address, journal_limit=10, clock=ManualClock())
    yield made
    made.close()


def fill(store: Store) -> None:
    store.update("a:b", lambda state: state._replace(pinned="p"))
    store.increment("a:b", "minute", NOW + 60)
    store.commit(
        writes(
            "a:b", entry=entry("r-1", "a:b", scenario="s"), claims=[claim("n")], records=[record("k", aliases=("x",))],
            messages=[message("d-1", "a:b", lane="l"), message("d-2", "a:b", lane="l"), message("d-3", "a:b")], tallies=[("spent", 1.0)],
        )
    )  # fmt: skip
    store.settle("a:b", "d-3", None, "delivered")


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
    assert {key.split(b":")[1] for key in client.scan_iter()} == {b"version", b"changes", b"generation"}
    assert client.xlen("{kyc}:changes") == 1


def test_a_commit_that_is_sent_again_is_not_made_again(store: Store) -> None:
    again = writes(entry=entry("r-1"), claims=[claim("n")], records=[record("k")], tallies=[("spent", 1.0)], messages=[message("d-1")])
    assert store.commit(again) is None
    assert store.commit(again) is None
    assert store.tally("default", "spent") == 1.0
    assert store.entries("default")[1] == 1


def test_a_server_that_has_forgotten_the_scripts_is_sent_them_again(store: Store, client: Any) -> None:
    assert store.commit(writes(entry=entry("r-1"))) is None
    client.script_flush()
    assert store.commit(writes(entry=entry("r-2"))) is None
    assert store.entries("default")[1] == 2


def test_a_lost_connection_is_made_again(store: Store, client: Any) -> None:
    store.commit(writes(entry=entry("r-1")))
    client.client_kill_filter(skipme=True)
    store.commit(writes(entry=entry("r-2")))
    assert store.entries("default")[1] == 2


def test_it_blocks_so_the_event_loop_must_not_call_it(store: Store) -> None:
    assert store.blocking


@pytest.mark.parametrize("text", ["", "a", "a:b", "100%", "%3A", "\0", "a%00b", "%25", "{x}", "ü"])
def test_names_are_escaped_and_back(text: str) -> None:
    assert unescape(escape(text)) == text
    assert not set(escape(text)) & {":", "\0"}
