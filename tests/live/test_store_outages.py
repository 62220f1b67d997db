"""A store in trouble, and the server on it: each kind of trouble with a real Redis or a real file, while callbacks are
due and on their way."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import http.client
import json
import logging
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import redis

from mock_server.core import config
from mock_server.core.clock import SystemClock
from mock_server.providers.cloudcheck.signing import sign
from mock_server.store import sqlite_database
from mock_server.store.sqlite import SqliteStore
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.receivers import Conversation, ReceivedRequest, Receiver
from tests.redis_server import RedisServer

SECRET = "mock-secret-QvT7dR2mZk4Lw9Xb"
BASIC = base64.b64encode(f"mock-client:{SECRET}".encode()).decode()
PATIENCE = 20.0

Trouble = Callable[["OutageHarness"], AbstractContextManager[None]]


class OutageHarness:
    """A server on a store that can be broken, and a receiver that answers when it may."""

    def __init__(self, url: str, folder: Path, receiver: Receiver, redis_server: RedisServer | None) -> None:
        self.receiver, self.redis, self.path = receiver, redis_server, Path(url.removeprefix("sqlite:"))
        (folder / "scenarios").mkdir()
        chosen = config.build({"scenarios": [str(folder / "scenarios")], "store": url, "watch": False})
        self.service = Service(chosen)
        self.app = create_app(self.service)
        self.server = LiveServer(self.service, lambda: self.app)

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return (
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read(),
            )

    def check(self, reference: str) -> tuple[int, dict[str, str], bytes]:
        """A verification of the vendor that signs its answers."""
        person = {"name": {"first_name": "Hēmi", "last_name": "O'Neill-Tūī"}, "dob": "1987-03-14"}
        request = {"reference": reference, "country": "NZ", "background_checks": person}
        body = json.dumps({**request, "callback_url": f"{self.receiver.url}/hook"}).encode()
        return self.ask("POST", "/", body, Authorization=f"Basic {BASIC}")

    def verify(self, nonce: str) -> tuple[int, dict[str, str], bytes]:
        """A verification of the other one."""
        data = {
            "details": {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1990-02-03"},
            "reference": nonce,
            "consent": "Yes",
        }
        params = {"data": json.dumps(data), "key": "MockKey0NotReal1", "nonce": nonce}
        params["timestamp"] = str(int(time.time() * 1000))
        params["signature"] = sign("mock-secret-not-real-0123456789ab", "/verify/", params)
        form = urlencode(params).encode()
        return self.ask("POST", "/verify/", form, **{"Content-Type": "application/x-www-form-urlencoded"})

    def admin(self, path: str) -> tuple[int, Any]:
        status, _, body = self.ask("GET", f"/__admin/{path}")
        return status, json.loads(body)

    def await_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.admin("ready")[0] != 200:
            assert time.monotonic() < deadline, self.admin("ready")


# -- the kinds of trouble


def redis_of(harness: OutageHarness) -> RedisServer:
    assert harness.redis is not None
    return harness.redis


@contextmanager
def killed(harness: OutageHarness) -> Iterator[None]:
    redis_of(harness).kill()
    yield
    redis_of(harness).start()


@contextmanager
def hanging(harness: OutageHarness) -> Iterator[None]:
    pid = redis_of(harness).process.pid
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


@contextmanager
def loading(harness: OutageHarness) -> Iterator[None]:
    """It reads its data as slowly as it can be told to."""
    server = redis_of(harness)
    with redis.Redis.from_url(server.url) as client:
        client.config_set("rdbcompression", "no")
        client.mset({f"ballast-{number}": "x" * 600 for number in range(5000)})
        client.bgrewriteaof()  # only what it has in this form it reads slowly
        while (
            not client.info("persistence")["aof_rewrites"]
            or client.info("persistence")["aof_rewrite_in_progress"]
        ):
            time.sleep(0.005)
    server.kill()
    server.start("--key-load-delay", "2000", "--loading-process-events-interval-bytes", "1024", wait=False)
    with redis.Redis.from_url(server.url) as client:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                client.ping()
            except redis.exceptions.BusyLoadingError:
                break
            except redis.ConnectionError:
                assert time.monotonic() < deadline
    yield
    with redis.Redis.from_url(server.url) as client:
        client.config_set("key-load-delay", "0")


@contextmanager
def configured(harness: OutageHarness, name: str, value: str, usual: str) -> Iterator[None]:
    with redis.Redis.from_url(redis_of(harness).url) as client:
        client.config_set(name, value)
        yield
        client.config_set(name, usual)


def full(harness: OutageHarness) -> AbstractContextManager[None]:
    return configured(harness, "maxmemory", "1", "0")


@contextmanager
def demoted(harness: OutageHarness) -> Iterator[None]:
    with redis.Redis.from_url(redis_of(harness).url) as client:
        client.replicaof("127.0.0.1", "1")
        yield
        client.replicaof("NO", "ONE")


@contextmanager
def another_password(harness: OutageHarness) -> Iterator[None]:
    with redis.Redis.from_url(redis_of(harness).url) as client:
        client.config_set("requirepass", "another")
        client.client_kill_filter(_type="normal", skipme=True)
        yield
        client.config_set("requirepass", "")


@contextmanager
def locked(harness: OutageHarness) -> Iterator[None]:
    """By another process, in the middle of a transaction."""
    code = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);"
        " db.execute('BEGIN IMMEDIATE'); print('locked', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(harness.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"locked\n"
        yield
        process.stdin.close()


@contextmanager
def pragma(harness: OutageHarness, broken: str, mended: str) -> Iterator[None]:
    store = harness.service.store
    assert isinstance(store, SqliteStore)
    with store._db.lock:
        store._db.run(f"PRAGMA {broken}")
    yield
    with store._db.lock:
        store._db.run(f"PRAGMA {mended}")


def fill(harness: OutageHarness) -> None:
    """Until nothing fits three times in a row: a small answer may fit where a large one does not."""
    refused = 0
    for number in range(500):
        statuses = {harness.check(f"filler-{number}")[0], harness.verify(f"filling-{number}")[0]}
        refused = refused + 1 if statuses == {500} else 0
        if refused == 3:
            return
    raise AssertionError("the disk never filled up")


@contextmanager
def disk_full(harness: OutageHarness) -> Iterator[None]:
    with pragma(harness, "max_page_count = 1", "max_page_count = 1000000"):
        fill(harness)
        yield


@contextmanager
def quota_reached(harness: OutageHarness) -> Iterator[None]:
    """The kernel lets the file grow no further, in the middle of whatever is being written."""
    usual, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    sizes = [path.stat().st_size for path in harness.path.parent.glob(f"{harness.path.name}*")]
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(sizes) + 20_000, most))
    try:
        fillers = (harness.check(f"filler-{number}")[0] for number in range(500))
        assert 500 in fillers
        # Less than one page, since after a checkpoint, or for a small answer, there might be room again.
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, most))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (usual, most))


def unwritable(harness: OutageHarness) -> AbstractContextManager[None]:
    return pragma(harness, "query_only = ON", "query_only = OFF")


@contextmanager
def deleted(harness: OutageHarness) -> Iterator[None]:
    shutil.rmtree(harness.path.parent)
    assert harness.admin("ready")[0] == 503  # a request would find it out within a second
    yield
    harness.path.parent.mkdir()


TROUBLES: dict[str, tuple[str, Trouble, str]] = {
    "redis killed": ("redis", killed, "nothing answers there; start it"),
    "redis hanging": ("redis", hanging, "it does not answer; see whether it hangs"),
    "redis loading": ("redis", loading, "it is still reading its data; wait"),
    "redis full": ("redis", full, "its memory is full; raise its maxmemory"),
    "redis demoted": ("redis", demoted, "it is a replica, which accepts no writes; name the primary"),
    "redis password": ("redis", another_password, "it asks for a password; write --store redis://:PASSWORD@"),
    "sqlite locked": ("sqlite", locked, "another process has been writing to it"),
    "sqlite disk full": ("sqlite", disk_full, "is full; free some disk space"),
    "sqlite quota reached": ("sqlite", quota_reached, "check the disk, its free space and its quota"),
    "sqlite read-only": ("sqlite", unwritable, "let this user write the file and its folder"),
    "sqlite folder deleted": ("sqlite", deleted, "its folder has been deleted; create it again"),
}
FORGETFUL = {"sqlite folder deleted"}
"""Troubles after which nothing is left."""


class Gate:
    """A receiver that keeps the first callback waiting until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    async def __call__(self, talk: Conversation, request: ReceivedRequest) -> None:
        while not self.opened.is_set():
            await asyncio.sleep(0.005)
        talk.answer()


@pytest.fixture
def store_waits() -> float:
    """Seconds for which the store waits before it gives up."""
    return 0.5


@pytest.fixture
def harness(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_waits: float
) -> Iterator[OutageHarness]:
    kind = TROUBLES[request.param][0]
    monkeypatch.setattr(sqlite_database, "PATIENCE", store_waits)
    gate = Gate()
    with contextlib.ExitStack() as stack:
        receiver = stack.enter_context(Receiver(gate))
        server = None
        if kind == "redis":
            server = RedisServer(tmp_path)
            server.start()
            stack.callback(lambda: server.kill())
            url = f"{server.url}?socket_timeout={store_waits}"
        else:
            (tmp_path / "data").mkdir()
            url = f"sqlite:{tmp_path / 'data' / 'store.db'}"
        harness = OutageHarness(url, tmp_path, receiver, server)
        stack.callback(gate.opened.set)
        stack.callback(harness.server.stop)
        yield harness


@pytest.mark.parametrize(
    ("harness", "trouble"), [(name, name) for name in TROUBLES], ids=TROUBLES, indirect=["harness"]
)
def test_an_outage_is_survived(
    harness: OutageHarness, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    _, trouble_of, cause = TROUBLES[trouble]
    answer = harness.check("before-1")
    assert answer[0] == 200, answer
    harness.receiver.wait(1)
    with caplog.at_level(logging.INFO, "mock_server"):
        with trouble_of(harness):
            harness.receiver._behave.opened.set()  # type: ignore[attr-defined]
            answers_as_the_vendors_would(harness)
            speaks_of_it(harness, cause)
        harness.await_ready()
    assert [line for line in caplog.messages if "cannot be used" in line] == [
        f"{stage_reason(caplog)}; until then vendors' calls are answered with status 500"
    ]
    assert sum("can be used again" in line for line in caplog.messages) == 1
    assert "Traceback" not in caplog.text
    assert harness.check("after-1")[0] == 200
    delivered_once(harness, ["after-1"] if trouble in FORGETFUL else ["before-1", "after-1"])


def stage_reason(caplog: pytest.LogCaptureFixture) -> str:
    """The first line about the store, without what is said of the consequences."""
    line = next(line for line in caplog.messages if "cannot be used" in line)
    return line.rpartition("; until then")[0]


def answers_as_the_vendors_would(harness: OutageHarness) -> None:
    status, headers, body = harness.check("during-1")
    assert (status, headers.get("retry-after"), headers["content-type"]) == (500, "1", "application/json")
    refusal = json.loads(body)
    assert refusal["error"]["message"] == "Internal Server Error"
    assert (refusal["reference"], refusal["country"]) == ("during-1", "NZ")
    signed = hashlib.sha256(body + hashlib.sha256(SECRET.encode()).hexdigest().encode()).hexdigest()
    assert headers["signature"] == signed
    status, headers, body = harness.verify("during-2")
    assert (status, headers.get("retry-after")) == (500, "1"), body
    assert json.loads(body) == {"verification": {"error": 111, "message": "The query failed."}}
    status, headers, _ = harness.ask("GET", "/no/such/path")
    assert (status, "retry-after" in headers) == (404, False)


def speaks_of_it(harness: OutageHarness, cause: str) -> None:
    assert harness.admin("health") == (200, {"status": "ok"})
    status, document = harness.admin("ready")
    assert (status, document["status"]) == (503, "not ready")
    assert cause in document["store"]
    for account in ("default", "test-somebody", "*"):
        status, noticed = harness.admin(f"notices?account={account}")
        assert status == 200
        assert [cause in notice["text"] for notice in noticed["notices"] if notice["kind"] == "store"] == [
            True
        ]


def delivered_once(harness: OutageHarness, references: list[str]) -> None:
    for reference in references:
        path = f"callbacks/wait?reference={reference}&outcome=delivered&timeout=20s"
        status, document = harness.admin(path)
        assert (status, len(document["callbacks"][0]["attempts"])) == (200, 1), document
    sent = [json.loads(body)["reference"] for body in harness.receiver.bodies]
    assert [sent.count(reference) for reference in references] == [1] * len(references)


@pytest.mark.parametrize("store_waits", [4.0])
@pytest.mark.parametrize("harness", ["sqlite locked", "redis hanging"], indirect=True)
def test_the_event_loop_never_waits(
    harness: OutageHarness, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    """The loop's longest turn while ten requests wait for the store."""
    trouble = locked if harness.redis is None else hanging
    longest: list[float] = []
    over = threading.Event()
    loop = harness.server._loop

    def beat(last: float) -> None:
        now = time.monotonic()
        longest.append(now - last)
        if not over.is_set():
            loop.call_later(0.001, beat, now)

    with trouble(harness):
        loop.call_soon_threadsafe(beat, time.monotonic())
        threads = [threading.Thread(target=harness.check, args=(f"r-{number}",)) for number in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        over.set()
    harness.await_ready()
    # To wait in the store would take four seconds; a busy machine takes less from a turn of the loop.
    assert max(longest) < 2.0


def test_a_transaction_that_ends_in_time_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Receiver() as receiver:
        (tmp_path / "data").mkdir()
        harness = OutageHarness(f"sqlite:{tmp_path / 'data' / 'store.db'}", tmp_path, receiver, None)
        answers: list[int] = []
        with contextlib.closing(_Closer(harness.server.stop)):
            with locked(harness):
                thread = threading.Thread(target=lambda: answers.append(harness.check("waits-1")[0]))
                thread.start()
                assert harness.admin("health")[0] == 200
                assert answers == []
            thread.join(PATIENCE)
            assert answers == [200]
            delivered_once(harness, ["waits-1"])
    assert caplog.messages == []


class _Closer:
    def __init__(self, close: Callable[[], None]) -> None:
        self.close = close


def test_callbacks_of_a_dead_process_are_sent_by_an_idle_one(tmp_path: Path) -> None:
    """Two processes on one file; the one that answered is killed before it may send anything."""
    url = f"sqlite:{tmp_path / 'store.db'}"
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "later.yaml").write_text(
        "version: 1\nprovider: shuftipro\nscenarios:\n  - name: later\n    match: {operation: verification}\n"
        "    respond: {outcome: accepted}\n    callbacks: [{event: verification.accepted, after: 1s}]\n"
    )
    with Receiver() as receiver:
        (tmp_path / "idle").mkdir()
        idle = OutageHarness(url, tmp_path / "idle", receiver, None)
        command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--store", url]
        command += ["--scenarios", str(tmp_path / "scenarios")]
        with (
            contextlib.closing(_Closer(idle.server.stop)),
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
        ):
            assert process.stdout is not None
            port = json.loads(process.stdout.readline())["port"]
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            person = {"name": {"first_name": "Ada", "last_name": "Okafor"}, "dob": "1987-03-14"}
            request = {"reference": "left-behind", "country": "NZ", "background_checks": person}
            body = json.dumps({**request, "callback_url": f"{receiver.url}/hook"})
            connection.request("POST", "/", body, {"Authorization": f"Basic {BASIC}"})
            assert connection.getresponse().status == 200
            connection.close()
            process.kill()
            process.wait()
            # Its hold, or its lease, ends half a minute after its death.
            idle.service.dispatcher._clock = _Later(60.0)
            delivered_once(idle, ["left-behind"])


class _Later(SystemClock):
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return super().now() + self._seconds
