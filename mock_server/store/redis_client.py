"""The connection to Redis: its failures become errors of the store, with a cause and a remedy, and none of them takes
longer than a moment."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mock_server.core.exceptions import ConfigError, StoreError
from mock_server.store.outage import Outage

TIMEOUT = 2.0
"""Seconds that an answer may take. The address may say otherwise: ``?socket_timeout=5``."""


class _Cause(NamedTuple):
    sign: str
    """Text of the error by which it is known, in lower case."""
    said: str
    remedy: str


_CAUSES = (
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


class Client(_Base):  # type: ignore[misc]
    """As its base, but for what it raises: `StoreError`. Scripts that Redis does not know yet are its own business."""

    url: str
    outage: Outage

    def execute_command(self, *arguments: Any, **options: Any) -> Any:
        if self.outage.is_shut:
            raise StoreError(self.outage.reason)
        try:
            return super().execute_command(*arguments, **options)
        except redis.exceptions.NoScriptError:
            raise
        except redis.RedisError as error:
            said = reason(self.url, error)
            self.outage.begin(said, shut=isinstance(error, redis.TimeoutError))
            raise StoreError(said) from error

    def probe(self, key: str) -> None:
        """Write something for a moment, outage or not. Raises `StoreError`."""
        try:
            super().execute_command("SET", key, os.urandom(16).hex(), "PX", 1)
        except redis.RedisError as error:
            raise StoreError(reason(self.url, error)) from error


def connect(url: str, outage: Outage, key: str) -> Client:
    """``key``: one that may be written to. Raises `ConfigError` without a usable Redis at ``url``."""
    retry: Any = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    try:
        client: Client = Client.from_url(
            url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=retry
        )
    except ValueError:
        raise ConfigError(
            f"--store {named(url)} is not an address of Redis; write redis://:PASSWORD@HOST:PORT/DB, with %2F for a /"
            " in the password, and so on"
        ) from None
    client.url, client.outage = url, outage
    try:
        client.probe(key)
    except StoreError as error:
        raise ConfigError(str(error)) from None
    return client
