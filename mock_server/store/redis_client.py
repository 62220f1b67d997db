"""The connection to Redis: its failures become errors of the store, with a cause and a remedy, and none of them takes
longer than a moment."""

from __future__ import annotations

import os
from typing import Any, NamedTuple
from urllib.parse import unquote

import redis
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool
from redis.retry import Retry

from mock_server.core.exceptions import ConfigError, StoreError
from mock_server.store.outage import Outage

TIMEOUT = 2.0
"""Seconds that an answer may take. The address may say otherwise: ``?socket_timeout=5``."""
SENTINEL = "redis+sentinel"
_SENTINEL_PORT = 26379


class _Cause(NamedTuple):
    sign: str
    """Text of the error by which it is known, in lower case."""
    said: str
    remedy: str


_CAUSES = (
    _Cause("no master found", "its sentinels name no primary", "wait until a fail-over is over, and compare the name with sentinel.conf"),
    _Cause("unacknowledged", "too few of its replicas confirm what is written", "start them, or lower replicas= in --store"),
    _Cause("readonly", "it is a replica, which accepts no writes", "name the primary in --store"),
    _Cause("used memory", "its memory is full", "raise its maxmemory, or reset accounts that are not needed"),
    _Cause("misconf", "it cannot save to its disk", "free some disk space on its machine"),
    _Cause("loading", "it is still reading its data", "wait until it has"),
    _Cause("masterdown", "it is a replica that has lost its primary", "name the primary in --store"),
    _Cause("noreplicas", "too few of its replicas follow", "start them, or lower min-replicas-to-write"),
    _Cause("clusterdown", "its cluster is down", "see to the cluster"),
    _Cause("noperm", "the user may not run the commands that the store needs", "give the user ~* and +@all"),
    _Cause("noauth", "it asks for a password", "write --store redis://:PASSWORD@HOST:PORT/DB"),
    _Cause("wrongpass", "it does not accept the password", "write --store redis://:PASSWORD@HOST:PORT/DB"),
    _Cause("invalid username-password", "it does not accept the password", "write --store redis://:PASSWORD@HOST:PORT/DB"),
    _Cause("called without any password", "it has no password, and one was sent", "leave the password out of --store"),
    _Cause("authentication", "it asks for a password", "write --store redis://:PASSWORD@HOST:PORT/DB"),
    _Cause("timeout", "it does not answer", "see whether it hangs, or whether a firewall is in between"),
    _Cause("timed out", "it does not answer", "see whether it hangs, or whether a firewall is in between"),
    _Cause("db index", "it has no database of that number", "write another one, such as /0"),
)  # fmt: skip
_NOBODY = _Cause("", "nothing answers there", "start it, or name another store")


def named(url: str) -> str:
    """The address without user, password and options; taken apart by hand, since a password may have any
    character, and be where it does not belong."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def reason(url: str, error: Exception) -> str:
    """Why Redis cannot be used, and what to do."""
    text = f"{type(error).__name__} {error}".lower()
    cause = next((cause for cause in _CAUSES if cause.sign in text), None)
    if cause is None:
        is_gone = isinstance(error, (redis.ConnectionError, OSError))
        cause = _NOBODY if is_gone else _Cause("", f"it says: {error}", "see its log")
    return f"the store {named(url)} cannot be used: {cause.said}; {cause.remedy}"


_Base: Any = redis.Redis
_parse_url: Any = redis.connection.parse_url


class RedisClient(_Base):  # type: ignore[misc]
    """As its base, but for what it raises: `StoreError`. Scripts that Redis does not know yet are its own business."""

    url: str
    outage: Outage

    replicas = 0
    """How many replicas must have what a command has changed before it counts as done."""

    def execute_command(self, *arguments: Any, **options: Any) -> Any:
        if self.outage.is_shut:
            raise StoreError(self.outage.reason)
        try:
            return self._execute(*arguments, **options)
        except redis.exceptions.NoScriptError:
            raise
        except redis.RedisError as error:
            said = reason(self.url, error)
            self.outage.begin(said, shut=isinstance(error, (redis.TimeoutError, _UnacknowledgedError)))
            raise StoreError(said) from error

    def probe(self, key: str) -> None:
        """Write something for a moment, outage or not. Raises `StoreError`."""
        try:
            self._execute("SET", key, os.urandom(16).hex(), "PX", 1)
        except redis.RedisError as error:
            raise StoreError(reason(self.url, error)) from error

    def reader(self) -> RedisClient:
        """One on the same connections for commands that change nothing, and so wait for no replica."""
        return _client(self.connection_pool, self.url, self.outage, 0)

    def _execute(self, *arguments: Any, **options: Any) -> Any:
        if not self.replicas:
            return super().execute_command(*arguments, **options)
        # WAIT is about what its own connection has written.
        patience = self.connection_pool.connection_kwargs["socket_timeout"] / 2
        with self.pipeline(transaction=False) as pipeline:
            pipeline.execute_command(*arguments, **options)
            pipeline.execute_command("WAIT", self.replicas, int(patience * 1000))
            answer, followers = pipeline.execute(raise_on_error=False)
        for each in (answer, followers):
            if isinstance(each, Exception):
                raise each
        if followers < self.replicas:
            raise _UnacknowledgedError
        return answer


class _UnacknowledgedError(redis.RedisError):
    """A change was made, but a fail-over could lose it."""


def connect(url: str, outage: Outage, key: str, replicas: int = 0) -> RedisClient:
    """``key``: one that may be written to; ``replicas``: how many must have a change before it counts. Raises
    `ConfigError` without a usable Redis at ``url``."""
    retry: Any = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    limits = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT, "retry": retry}
    try:
        pool = _sentinel_pool(url, limits) if _is_sentinel(url) else ConnectionPool.from_url(url, **limits)
    except ValueError:
        form = f"{SENTINEL}://HOST,HOST/NAME/DB" if _is_sentinel(url) else "redis://:PASSWORD@HOST:PORT/DB"
        raise ConfigError(
            f"--store {named(url)} is not an address of Redis; write {form}, with %2F for a / in the password, and so on"
        ) from None
    client = _client(pool, url, outage, replicas)
    try:
        client.probe(key)
    except TypeError as error:
        name = str(error).rpartition(" ")[2]
        raise ConfigError(
            f"--store {named(url)} has an unknown option {name}; prefix, replicas and those of redis-py are known"
        ) from None
    except StoreError as error:
        raise ConfigError(str(error)) from None
    return client


def _client(pool: ConnectionPool, url: str, outage: Outage, replicas: int) -> RedisClient:
    client = RedisClient(connection_pool=pool)
    client.url, client.outage, client.replicas = url, outage, replicas
    return client


def _is_sentinel(url: str) -> bool:
    return url.startswith(f"{SENTINEL}:")


def _sentinel_pool(url: str, limits: dict[str, Any]) -> ConnectionPool:
    """Connections to whichever Redis the sentinels call the primary. ``url``: credentials of Redis, sentinels, the
    name under which they watch it, database, options; those that begin with ``sentinel_`` are for the sentinels. Raises
    ``ValueError``."""
    from redis import sentinel

    address, _, query = url.partition("://")[2].partition("?")
    credentials, at, places = address.rpartition("@")
    hosts, _, path = places.partition("/")
    name, _, database = path.partition("/")
    if not hosts or not name:
        raise ValueError(url)
    options = {**limits, **_parse_url(f"redis://{credentials}{at}sentinel/{database}?{query}")}
    options.pop("host")
    asking = {key: options.pop(key) for key in list(options) if key.startswith("sentinel_")}
    untyped: Any = sentinel
    sentinels = [_place(host) for host in hosts.split(",")]
    manager = untyped.Sentinel(
        sentinels,
        sentinel_kwargs={**limits, **{key.removeprefix("sentinel_"): asking[key] for key in asking}},
    )
    pool: ConnectionPool = untyped.SentinelConnectionPool(unquote(name), manager, **options)
    return pool


def _place(text: str) -> tuple[str, int]:
    """``host:port``, ``host`` or ``[::1]:port``."""
    options = _parse_url(f"redis://{text}")
    return options["host"], options.get("port", _SENTINEL_PORT)
