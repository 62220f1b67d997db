"""What the Redis store promises where replicas stand by, and how it finds the primary of sentinels."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import trustme

from mock_server.core.clock import ManualClock
from mock_server.core.exceptions import ConfigError, StoreError
from mock_server.store import open_store
from mock_server.store.base import Store
from tests.contract.values import claim, entry, transaction
from tests.redis_server import RedisServer, Sentinels

PATIENCE = 30.0


class Pair:
    """A primary and its replica."""

    def __init__(self, folder: Path) -> None:
        self.primary, self.replica = (_server(folder / name) for name in ("primary", "replica"))

    def start(self) -> None:
        self.primary.start("--repl-diskless-sync-delay", "0")
        self.replica.follow(self.primary.port)
        self.primary.await_replicas(1)

    def replicate(self, port: int) -> None:
        with redis.Redis(port=self.replica.port) as client:
            client.replicaof("127.0.0.1", str(port))

    def promote(self) -> None:
        """The primary dies, and the replica takes its place."""
        self.primary.kill()
        with redis.Redis(port=self.replica.port) as client:
            client.replicaof("NO", "ONE")


def _server(folder: Path) -> RedisServer:
    folder.mkdir()
    return RedisServer(folder, durable=False)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    servers = Pair(tmp_path)
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: servers.primary.kill())
        servers.start()
        stack.callback(lambda: servers.replica.kill())
        yield servers


def opened(url: str) -> Store:
    return open_store(url, clock=ManualClock())


def use(store: Store, nonce: str) -> str | None:
    return store.commit(transaction("a", entry=entry(f"r-{nonce}", "a"), used_values=[claim(nonce)]))


def is_used(store: Store, nonce: str) -> bool:
    return store.find_used("a", claim(nonce).kind, nonce) is not None


def test_what_no_replica_has_is_lost_with_the_primary(pair: Pair) -> None:
    store = opened(pair.primary.url)
    assert use(store, "before") is None
    pair.replicate(1)
    assert use(store, "alone") is None
    store.close()
    pair.promote()
    store = opened(pair.replica.url)
    assert not is_used(store, "alone")
    store.close()


def test_what_no_replica_confirms_is_not_acknowledged(pair: Pair) -> None:
    store = opened(f"{pair.primary.url}?replicas=1&socket_timeout=4")
    assert use(store, "before") is None
    pair.replicate(1)
    with pytest.raises(
        StoreError, match="too few of its replicas confirm what is written; start them, or lower"
    ):
        use(store, "alone")
    assert store.outage.is_shut
    pair.promote()
    store.close()
    store = opened(pair.replica.url)
    assert is_used(store, "before")
    assert not is_used(store, "alone")
    store.close()


def test_the_outage_is_over_when_a_replica_follows_again(pair: Pair) -> None:
    store = opened(f"{pair.primary.url}?replicas=1&socket_timeout=4")
    pair.replicate(1)
    with pytest.raises(StoreError):
        use(store, "alone")
    pair.replicate(pair.primary.port)
    deadline = time.monotonic() + PATIENCE
    while store.outage.reason:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert use(store, "after") is None
    store.close()


def test_reading_waits_for_no_replica(pair: Pair) -> None:
    store = opened(f"{pair.primary.url}?replicas=1&socket_timeout=4")
    assert use(store, "before") is None
    pair.replicate(1)
    assert is_used(store, "before")
    assert store.entries("a")[1] == 1
    assert store.outage.reason == ""
    store.close()


def test_a_store_without_the_replicas_it_asks_for_is_not_opened(pair: Pair) -> None:
    with pytest.raises(ConfigError, match="too few of its replicas confirm"):
        opened(f"{pair.primary.url}?replicas=2&socket_timeout=4")


@pytest.mark.parametrize("replicas", ["x", "-1", "1.5"])
def test_a_number_of_replicas_that_is_none_is_refused(replicas: str) -> None:
    with pytest.raises(ConfigError, match="is not a whole number; write for example replicas=1"):
        opened(f"redis://127.0.0.1:1/0?replicas={replicas}")


# -- sentinels


@pytest.fixture(scope="module")
def sentinels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentinels]:
    cluster = Sentinels(tmp_path_factory.mktemp("sentinels"))
    with contextlib.ExitStack() as stack:
        stack.callback(cluster.stop)
        cluster.start()
        yield cluster


def test_the_sentinels_say_where_the_primary_is(sentinels: Sentinels) -> None:
    store = opened(f"{sentinels.url}?replicas=2&prefix=sentinels")
    assert use(store, "one") is None
    store.close()
    store = opened(f"{sentinels.primary().url}?prefix=sentinels")
    assert is_used(store, "one")
    store.close()


def test_a_sentinel_that_is_gone_does_no_harm(sentinels: Sentinels) -> None:
    address = sentinels.url.replace("://", "://127.0.0.1:1,", 1)
    opened(address).close()


def test_a_name_that_no_sentinel_knows_is_refused(sentinels: Sentinels) -> None:
    address = sentinels.url.replace(f"/{Sentinels.NAME}/", "/other/")
    with pytest.raises(
        ConfigError,
        match="its sentinels name no primary; wait until a fail-over is over, and compare the name with sentinel",
    ):
        opened(address)


def test_options_for_the_sentinels_go_to_them(sentinels: Sentinels) -> None:
    with pytest.raises(ConfigError, match="its sentinels name no primary"):
        opened(f"{sentinels.url}?sentinel_username=nobody&sentinel_password=x")


def test_redis_and_sentinel_are_asked_with_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    options = {
        "port": "0",
        "tls-cert-file": tmp_path / "certificate.pem",
        "tls-key-file": tmp_path / "key.pem",
        "tls-ca-cert-file": tmp_path / "ca.pem",
        "tls-auth-clients": "no",
        "tls-replication": "yes",
    }
    primary, watcher = free(), free()
    with contextlib.ExitStack() as stack:
        stack.enter_context(started(tmp_path, {**options, "tls-port": primary, "save": '""'}))
        monitor = {"tls-port": watcher, "sentinel monitor kyc 127.0.0.1": f"{primary} 1"}
        stack.enter_context(started(tmp_path, {**options, **monitor}, "--sentinel"))
        trust = tmp_path / "ca.pem"
        asked = f"ssl=true&ssl_ca_certs={trust}&sentinel_ssl=true&sentinel_ssl_ca_certs={trust}"
        store = opened_soon(f"redis+sentinel://127.0.0.1:{watcher}/kyc/0?{asked}")
        assert use(store, "one") is None
        assert is_used(store, "one")
        store.close()


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def started(folder: Path, options: dict[str, object], *flags: str) -> Iterator[None]:
    path = folder / f"redis{''.join(flags)}.conf"
    path.write_text("".join(f"{name} {value}\n" for name, value in options.items()), "utf-8")
    with subprocess.Popen(["redis-server", str(path), *flags], stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def opened_soon(url: str) -> Store:
    """Once Redis and the sentinel have started."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return opened(url)
        except ConfigError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.parametrize(
    "places",
    ["", "127.0.0.1:1", "127.0.0.1:1/", "127.0.0.1:port/kyc/0", "127.0.0.1:1/kyc/0?socket_timeout=x"],
)
def test_an_address_of_sentinels_that_is_none_is_refused(places: str) -> None:
    with pytest.raises(
        ConfigError, match=r"is not an address of Redis; write redis\+sentinel://HOST,HOST/NAME/DB"
    ):
        opened(f"redis+sentinel://:canary-pw@{places}")


def test_an_option_that_is_not_known_is_refused(sentinels: Sentinels) -> None:
    for address in (sentinels.url, sentinels.primary().url):
        with pytest.raises(ConfigError, match="has an unknown option 'colour'; prefix, replicas"):
            opened(f"{address}?colour=red")


def test_an_address_of_sentinels_is_named_without_its_password(free_port: int) -> None:
    with pytest.raises(ConfigError) as caught:
        opened(f"redis+sentinel://:canary-pw@127.0.0.1:{free_port}/kyc/0?sentinel_password=canary-pw")
    assert f"redis+sentinel://127.0.0.1:{free_port}/kyc/0 cannot be used" in str(caught.value)
    assert "canary-pw" not in str(caught.value)
