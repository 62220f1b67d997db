"""Many waits and streams at once: they take no thread, keep nobody waiting, and end with their clients."""

from __future__ import annotations

import json
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import MockServer
from mock_server.core import config as configuration
from mock_server.web.app import create_app
from mock_server.web.http import wsgi
from mock_server.web.http.serving import LiveServer, raise_file_limit
from mock_server.web.service import Service
from tests.scenarios.customer import exchange
from tests.web.kit import CHECK

MANY = 1000
PATIENCE = 60.0
BASIC = {
    "Authorization": "Basic dGVzdC13YWl0czp0ZXN0LXdhaXRzLXNlY3JldA==",
    "Content-Type": "application/json",
}
"""Of ``test-waits``."""
WAIT = "/__admin/requests/wait?account=test-waits&timeout=300s"
STREAM = "/__admin/stream?account=test-waits"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    raise_file_limit()
    (tmp_path / "none.yaml").write_text("version: 1\nprovider: shuftipro\nscenarios: []\n")
    service = Service(configuration.build({"scenarios": [str(tmp_path)], "watch": False}))
    with LiveServer(service, lambda: create_app(service)) as live:
        yield live


class Clients:
    """Raw sockets, each with one request under way."""

    def __init__(self, server: LiveServer, stack: ExitStack) -> None:
        self._address, self._stack = ("127.0.0.1", server.port), stack

    def ask(self, target: str) -> socket.socket:
        client = self._stack.enter_context(socket.create_connection(self._address, PATIENCE))
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return client


def read_all(clients: list[socket.socket], mark: bytes) -> list[bytes]:
    """What each has received once the mark is in it, or its end."""
    received = dict.fromkeys(clients, b"")
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(PATIENCE)
            assert ready, f"{len(selector.get_map())} of {len(clients)} hear nothing more"
            for key, _ in ready:
                sender: Any = key.fileobj
                piece = sender.recv(65536)
                received[sender] += piece
                if not piece or mark in received[sender]:
                    selector.unregister(sender)
    return list(received.values())


def test_a_thousand_waits_and_streams_keep_nobody_waiting(server: LiveServer) -> None:
    with ExitStack() as stack, MockServer(server.url) as control:
        clients = Clients(server, stack)
        streams = [clients.ask(STREAM) for _ in range(MANY)]
        read_all(streams, b": following")
        waits = [clients.ask(WAIT) for _ in range(MANY)]
        control.ready()
        parked = server.server.parked
        while len(parked) < 2 * MANY:  # each has been looked at by a thread once, which has gone on
            assert exchange(server.url, "GET", "/__admin/health", None, {}).status == 200
        assert exchange(server.url, "POST", "/", json.dumps(CHECK).encode(), BASIC).status == 200
        answers = read_all(waits, b'"total"')
        events = read_all(streams, b"event: request")
        assert [answer.split(b" ", 2)[1] for answer in answers] == [b"200"] * MANY
        assert sum(b'"reference": "check-1"' in event for event in events) == MANY


@pytest.mark.parametrize("target", [WAIT, STREAM])
@pytest.mark.parametrize("leave", ["ends its side", "closes"])
def test_who_has_left_waits_no_longer(server: LiveServer, target: str, leave: str) -> None:
    with ExitStack() as stack:
        clients = Clients(server, stack)
        waiting = [clients.ask(target) for _ in range(200)]
        while len(server.server.parked) < len(waiting):
            exchange(server.url, "GET", "/__admin/health", None, {})
        for client in waiting:
            client.shutdown(socket.SHUT_WR) if leave == "ends its side" else client.close()
        while server.server.parked:
            exchange(server.url, "GET", "/__admin/health", None, {})
        if leave == "ends its side":
            assert not any(
                b"HTTP/1.1 200" in each and target == WAIT for each in read_all(waiting, b"\0never")
            )


def test_health_and_ready_have_threads_of_their_own(server: LiveServer) -> None:
    assert exchange(server.url, "GET", "/__admin/ready", None, {}).status == 200
    blocked, free = threading.Semaphore(0), threading.Event()

    def block() -> None:
        blocked.release()
        free.wait(PATIENCE)

    threads = server.server.app_threads
    for _ in range(256):
        threads.submit(block)
    for _ in range(256):
        assert blocked.acquire(timeout=PATIENCE)
    try:
        for path in ("/__admin/health", "/__admin/ready"):
            assert exchange(server.url, "GET", path, None, {}).status == 200
    finally:
        free.set()


def test_a_wait_whose_time_is_up_says_so(server: LiveServer) -> None:
    answer = exchange(server.url, "GET", f"{WAIT.replace('300s', '50ms')}", None, {})
    assert (answer.status, answer.json["detail"]) == (
        408,
        "0 of 1 such requests within 0.05 s; 0 requests in all",
    )


def test_a_server_that_stops_answers_its_waits(server: LiveServer) -> None:
    with ExitStack() as stack:
        waits = [Clients(server, stack).ask(WAIT) for _ in range(20)]
        while len(server.server.parked) < len(waits):
            exchange(server.url, "GET", "/__admin/health", None, {})
        server.stop()
        assert [each.split(b" ", 2)[1] for each in read_all(waits, b'"others"')] == [b"408"] * 20


def test_a_stream_whose_client_does_not_read_is_closed(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wsgi, "_BACKLOG", 3)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", server.port))
        client.sendall(f"GET {STREAM} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        while not server.server.parked:
            exchange(server.url, "GET", "/__admin/health", None, {})
        body = json.dumps({**CHECK, "email": "x" * 4000}).encode()
        for _ in range(10_000):
            if not server.server.parked:
                break
            exchange(server.url, "POST", "/", body, BASIC)
        assert not server.server.parked
