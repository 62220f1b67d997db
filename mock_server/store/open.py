"""From a store's address to the store."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import parse_qsl, urlencode

from mock_server.core.clock import Clock
from mock_server.core.exceptions import ConfigError
from mock_server.store.base import Limits, Store
from mock_server.store.memory import MemoryStore

RECORD_LIMIT = 5000
_SYNCHRONOUS = ("OFF", "NORMAL", "FULL")


def open_store(
    url: str,
    *,
    journal_limit: int = 1000,
    record_limit: int = RECORD_LIMIT,
    limits: Limits | None = None,
    clock: Clock,
) -> Store:
    """The store at ``memory``, ``sqlite:PATH``, ``redis://host:port/db`` or ``redis+sentinel://host,host/name/db``.

    ``limits``: what is remembered; where they are not given, ``journal_limit`` and ``record_limit`` are those of
    `Limits`. ``clock`` is real time. Raises `ConfigError` with a
    remedy for any other address and for a store that cannot be reached."""
    limits = limits or Limits(journal_limit, record_limit)
    if url == "memory":
        return MemoryStore(clock, limits)
    scheme, _, path = url.partition(":")
    if scheme == "sqlite" and path:
        return _open_sqlite(path, limits, clock)
    if scheme in ("redis", "rediss", "unix", "redis+sentinel") and path:
        return _open_redis(url, limits, clock)
    raise ConfigError(f"--store: unknown store {url!r}; use memory, sqlite:PATH or redis://HOST:PORT/DB")


def _open_sqlite(address: str, limits: Limits, clock: Clock) -> Store:
    from mock_server.store.sqlite import SqliteStore

    path, _, query = address.partition("?")
    options = dict(parse_qsl(query))
    synchronous = options.pop("synchronous", "NORMAL").upper()
    if options or synchronous not in _SYNCHRONOUS:
        raise ConfigError(
            f"sqlite:{address} has an option that is not known; the only one is synchronous={'|'.join(_SYNCHRONOUS)}"
        )
    return SqliteStore(path, clock, limits, synchronous)


def _open_redis(url: str, limits: Limits, clock: Clock) -> Store:
    if find_spec("redis") is None:
        raise ConfigError("the Redis store needs the package redis; install kyc-mock-server[redis]")
    from mock_server.store.redis import RedisStore

    address, _, query = url.partition("?")
    options = dict(parse_qsl(query))
    prefix, replicas = options.pop("prefix", "kyc"), options.pop("replicas", "0")
    if not replicas.isdecimal():
        raise ConfigError(f"--store: replicas={replicas} is not a whole number; write for example replicas=1")
    others = f"?{urlencode(options)}" if options else ""
    return RedisStore(f"{address}{others}", clock, limits, prefix, int(replicas))
