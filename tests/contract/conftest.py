"""The three stores, each behind one fixture."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mock_server.core.clock import ManualClock
from mock_server.store import open_store
from mock_server.store.base import Store
from tests.redis_server import running_redis

JOURNAL, RECORDS = 50, 40
"""The limits of the stores under test."""


@pytest.fixture(scope="session")
def redis_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture(scope="session")
def redis_prefixes() -> Iterator[str]:
    return (f"test{number}" for number in itertools.count())


@pytest.fixture
def clock() -> ManualClock:
    """Real time, as the stores see it."""
    return ManualClock()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'store.db'}"
    if request.param == "redis":
        address, prefixes = (
            request.getfixturevalue("redis_address"),
            request.getfixturevalue("redis_prefixes"),
        )
        return f"{address}?prefix={next(prefixes)}"
    return "memory"


@pytest.fixture
def another(store_url: str, clock: ManualClock) -> Iterator[Callable[[], Store]]:
    """Opens the same store again, as another process would. There is only one memory store: that one is
    handed out again."""
    opened: list[Store] = []

    def open_another() -> Store:
        if store_url == "memory" and opened:
            return opened[0]
        opened.append(open_store(store_url, journal_limit=JOURNAL, record_limit=RECORDS, clock=clock))
        return opened[-1]

    yield open_another
    for store in opened:
        store.close()


@pytest.fixture
def store(another: Callable[[], Store]) -> Store:
    return another()
