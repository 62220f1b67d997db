"""From a store's address to the store."""

from __future__ import annotations

from mock_server.core.clock import Clock
from mock_server.core.exceptions import ConfigError
from mock_server.store.base import Store
from mock_server.store.memory import MemoryStore

RECORD_LIMIT = 5000


def open_store(url: str, *, journal_limit: int, record_limit: int = RECORD_LIMIT, clock: Clock) -> Store:
    """The store at ``memory``, ``sqlite:PATH`` or ``redis://host:port/db``.

    ``journal_limit`` bounds the journal entries and the finished deliveries of each account, ``record_limit`` its records and
    its sequences; the oldest go first. ``clock`` is real time. Raises `ConfigError` with a remedy for any other address and
    for a store that cannot be reached.
    """
    if url == "memory":
        return MemoryStore(clock, journal_limit, record_limit)
    raise ConfigError(f"there is no store {url!r}; write memory, sqlite:PATH or redis://HOST:PORT/DB")
