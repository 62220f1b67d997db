"""From a store's address to the store."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import parse_qsl, urlencode

from mock_server.core.clock import Clock
from mock_server.core.exceptions import ConfigError
from mock_server.store.base import Store
from mock_server.store.memory import MemoryStore

RECORD_LIMIT = 5000
_SYNCHRONOUS = ("OFF", "NORMAL", "FULL")


def open_store(url: str, *, journal_limit: int, record_limit: int = RECORD_LIMIT, clock: Clock) -> Store:
    """The store at ``memory``, ``sqlite:PATH`` or ``redis://host:port/db``.

    ``journal_limit`` bounds the journal entries and the finished deliveries of each account, ``record_limit``
    its records and its sequences; the oldest go first. ``clock`` is real time. Raises `ConfigError` with a
    remedy for any other address and for a store that cannot be reached."""
    if url == "memory":
        return MemoryStore(clock, journal_limit, record_limit)
    scheme, _, path = url.partition(":")
    if scheme == "sqlite" and path:
        return _open_sqlite(path, journal_limit, record_limit, clock)
    if scheme in ("redis", "rediss", "unix"):
        return _open_redis(url, journal_limit, record_limit, clock)
    raise ConfigError(f"there is no store {url!r}; write memory, sqlite:PATH or redis://HOST:PORT/DB")


def _open_sqlite(address: str, journal_limit: int, record_limit: int, clock: Clock) -> Store:
    from mock_server.store.sqlite import SqliteStore

    path, _, query = address.partition("?")
    options = dict(parse_qsl(query))
    synchronous = options.pop("synchronous", "NORMAL").upper()
    if options or synchronous not in _SYNCHRONOUS:
        raise ConfigError(
            f"sqlite:{address} has an option that is not known; the only one is synchronous={'|'.join(_SYNCHRONOUS)}"
        )
    return SqliteStore(path, clock, journal_limit, record_limit, synchronous)


def _open_redis(url: str, journal_limit: int, record_limit: int, clock: Clock) -> Store:
    if find_spec("redis") is None:
        raise ConfigError("the Redis store needs the package redis; install kyc-mock-server[redis]")
    from mock_server.store.redis import RedisStore

    address, _, query = url.partition("?")
    options = dict(parse_qsl(query))
    prefix = options.pop("prefix", "kyc")
    others = f"?{urlencode(options)}" if options else ""
    return RedisStore(f"{address}{others}", clock, journal_limit, record_limit, prefix)
