"""From a store's address to the store, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.core.clock import ManualClock
from mock_server.core.exceptions import ConfigError
from mock_server.store import open_store
from mock_server.store.base import Store


def open_at(url: str) -> Store:
    return open_store(url, journal_limit=10, clock=ManualClock())


@pytest.mark.parametrize(
    "url", ["", "memory:", "Memory", "sqlite", "sqlite:", "postgres://localhost", "file.db"]
)
def test_another_address_is_refused_with_a_remedy(url: str) -> None:
    with pytest.raises(ConfigError, match="use memory, sqlite:PATH or redis://"):
        open_at(url)


@pytest.mark.parametrize("query", ["synchronous=maybe", "journal=wal", "synchronous=OFF&x=1"])
def test_an_unknown_option_of_sqlite_is_refused(tmp_path: Path, query: str) -> None:
    with pytest.raises(ConfigError, match="the only one is synchronous"):
        open_at(f"sqlite:{tmp_path / 'store.db'}?{query}")


def test_a_redis_that_is_not_there_is_refused(free_port: int) -> None:
    with pytest.raises(
        ConfigError, match=r"redis://127\.0\.0\.1:\d+/0 cannot be used: nothing answers there; start it"
    ):
        open_at(f"redis://127.0.0.1:{free_port}/0")


def test_an_address_of_redis_is_named_without_its_password(free_port: int) -> None:
    for url in (
        f"redis://mary:canary-pw@127.0.0.1:{free_port}/0?password=canary-pw",
        "unix://:canary-pw@/nowhere/redis.sock?db=1",
        f"redis://:canary-pw@127.0.0.1:{free_port}/x",
        "redis://:/canary-pw@127.0.0.1/0",
        "redis://:#?canary-pw@127.0.0.1:port/0",
    ):
        with pytest.raises(ConfigError) as caught:
            open_at(url)
        assert "canary-pw" not in str(caught.value)


def test_a_socket_of_redis_is_named_as_it_was_given() -> None:
    with pytest.raises(ConfigError, match=r"unix:///nowhere/redis\.sock cannot be used"):
        open_at("unix:///nowhere/redis.sock?prefix=other")


def test_memory_and_sqlite_do_not_block_the_caller(tmp_path: Path) -> None:
    for url in (
        "memory",
        f"sqlite:{tmp_path / 'store.db'}",
        f"sqlite:{tmp_path / 'careful.db'}?synchronous=normal",
    ):
        store = open_at(url)
        assert not store.blocking
        store.close()
