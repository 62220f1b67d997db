"""``python -m benchmarks.scale``: resident memory of one server under more than anybody should send it.

``--small`` sends a hundredth of everything. Fails where memory passes the ceiling, or where health does not answer."""

from __future__ import annotations

import argparse
import base64
import json
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.report import machine

CEILING = 1000
"""MB that the server may take at its peak."""
MB = 10**6
BODY = 30 * MB
SCENARIO = """\
version: 1
provider: shuftipro
scenarios:
  - name: tomorrow
    match: {operation: verification, body.reference: {prefix: later-}}
    respond: {outcome: accepted}
    callbacks: [{event: verification.accepted, after: 24h, url: "http://127.0.0.1:9/"}]
  - name: large
    match: {operation: verification, body.reference: {prefix: large-}}
    respond: {outcome: accepted}
    callbacks: [{event: verification.accepted, url: "http://127.0.0.1:9/", deliver: [drop], merge: {padding: PADDING}}]
"""
LARGE = 1_000_000
"""Bytes of a callback of the last scenario, which ends without being sent."""
PERSON = {"name": {"first_name": "Tāne", "last_name": "Okafor"}, "dob": "1987-03-14"}


class Server:
    """In a process of its own."""

    def __init__(self, folder: Path) -> None:
        (folder / "scale.yaml").write_text(SCENARIO.replace("PADDING", "x" * LARGE), "utf-8")
        command = [sys.executable, "-m", "mock_server", "serve", "--port", "0", "--log-level", "error"]
        self.process = subprocess.Popen(
            [*command, "--scenarios", str(folder), "--no-watch"], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port: int = json.loads(self.process.stdout.readline())["port"]

    def memory(self) -> tuple[int, int]:
        """MB that are resident now, and at the peak."""
        text = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        fields = dict(line.split(":", 1) for line in text.splitlines())
        return tuple(int(fields[name].split()[0]) * 1024 // MB for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 120)

    def get(self, path: str) -> float:
        """Seconds until it has answered."""
        started = time.perf_counter()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__admin/{path}", timeout=120) as answer:
            answer.read()
        return time.perf_counter() - started

    def list(self, path: str) -> Any:
        """The JSON of a list."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__admin/{path}", timeout=120) as answer:
            return json.loads(answer.read())


def post(path: str, body: bytes, account: str = "") -> bytes:
    """A request to Shufti Pro; without credentials where no account is named."""
    basic = base64.b64encode(f"{account}:{account}-secret".encode()).decode()
    credentials = f"Authorization: Basic {basic}\r\n" if account else ""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{credentials}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def verification(reference: str, account: str) -> bytes:
    document = {"reference": reference, "country": "NZ", "background_checks": PERSON}
    return post("/", json.dumps(document).encode(), account)


def send(server: Server, requests: Iterable[bytes], together: int = 32) -> None:
    """On one connection, so many without waiting for an answer."""
    with server.connect() as connection:
        answers = Answers(connection)
        pending = 0
        for request in requests:
            connection.sendall(request)
            pending += 1
            if pending == together:
                answers.read(pending)
                pending = 0
        answers.read(pending)


class Answers:
    """Reads answers with a Content-Length."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._rest = connection, b""

    def read(self, count: int) -> None:
        for _ in range(count):
            while b"\r\n\r\n" not in self._rest:
                self._more()
            head, _, self._rest = self._rest.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            while len(self._rest) < length:
                self._more()
            self._rest = self._rest[length:]

    def _more(self) -> None:
        piece = self._connection.recv(1 << 20)
        if not piece:
            raise RuntimeError("the server has closed the connection")
        self._rest += piece


def large(server: Server, count: int) -> None:
    body = b'{"reference": "' + b"x" * BODY + b'"}'
    send(server, (post("/", body) for _ in range(count)), 1)


def many(server: Server, count: int) -> None:
    one = post("/status", b'{"reference": "none"}', "test-many")
    send(server, (one for _ in range(count)))


def accounts(server: Server, count: int) -> None:
    send(server, (verification(f"r-{number}", f"test-{number}") for number in range(count)))


def callbacks(server: Server, count: int) -> None:
    send(server, (verification(f"later-{number}", "test-later") for number in range(count)))


def large_callbacks(server: Server, count: int) -> None:
    send(server, (verification(f"large-{number}", "test-large") for number in range(count)))
    while server.list("callbacks?account=test-large&outcome=pending&limit=1")["total"]:
        time.sleep(0.1)


@contextmanager
def waiting(server: Server, count: int) -> Iterator[None]:
    """So many waits and as many streams, half each."""
    with ExitStack() as stack:
        for number in range(count):
            path = (
                "stream?account=test-open" if number % 2 else "requests/wait?account=test-open&timeout=300s"
            )
            connection = stack.enter_context(server.connect())
            connection.sendall(f"GET /__admin/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        yield


STEPS: tuple[tuple[str, Callable[[Server, int], None], int], ...] = (
    ("bodies of 30 MB without credentials", large, 1000),
    ("requests", many, 1_000_000),
    ("accounts", accounts, 10_000),
    ("pending callbacks", callbacks, 100_000),
    ("finished callbacks of 1 MB", large_callbacks, 2000),
)
OPEN = 10_000
LOOKS = {
    "health": "health",
    "search of the journal": "requests?account=default&q=nothing",
    "list of 100 callbacks": "callbacks?account=test-later&limit=100",
    "list of 1,000 callbacks, brief": "callbacks?account=test-later&limit=1000&brief=1",
    "list of 1,000 large callbacks, brief": "callbacks?account=test-large&limit=1000&brief=1",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a hundredth of everything")
    share = 100 if parser.parse_args().small else 1
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(f"{machine()}\n\n| after | resident, MB | peak, MB | seconds |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="mock-server-scale-") as folder:
        server = Server(Path(folder))
        try:
            server.get("ready")
            _row(server, "the start", 0.0)
            for name, step, count in STEPS:
                started = time.perf_counter()
                step(server, count // share)
                _row(server, f"{count // share:,} {name}", time.perf_counter() - started)
            started = time.perf_counter()
            with waiting(server, OPEN // share):
                server.get("health")
                _row(server, f"{OPEN // share:,} open waits and streams", time.perf_counter() - started)
            print("\n| then | seconds |\n|---|---:|")
            for name, path in LOOKS.items():
                print(f"| {name} | {server.get(path):.3f} |", flush=True)
            peak = server.memory()[1]
        finally:
            server.process.terminate()
            server.process.wait()
    print(f"\npeak {peak} MB, ceiling {CEILING} MB")
    return int(peak > CEILING)


def _row(server: Server, what: str, seconds: float) -> None:
    resident, peak = server.memory()
    print(f"| {what} | {resident} | {peak} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
