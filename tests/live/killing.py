"""Kills servers at random moments under load, and finds what was lost: ``make kill``.

What was acknowledged is there afterwards, no nonce passes twice, and no callback is missing. Where a process dies between
sending a callback and storing that it was sent, the callback is sent again, as docs/callbacks.md says."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil  # type: ignore[import-untyped]

from mock_server.core import config
from mock_server.core.records import DELIVERED, PENDING
from mock_server.store.base import DeliveryFilter
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.live.test_replicas import ALL, Ahead, cloudcheck_form, shufti_body, shufti_headers
from tests.receivers import Receiver
from tests.redis_server import running_redis

CLIENTS = 3
PATIENCE = 60.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Report:
    """What happened, and what should not have."""

    kills: int = 0
    accepted: list[str] = field(default_factory=list)
    """Nonces of requests that were answered with success."""
    verified: list[str] = field(default_factory=list)
    """References of the other vendor that were answered with success."""
    sent: Counter[str] = field(default_factory=Counter)
    """Reference → how often its callback came."""
    problems: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """Requests that were answered with success."""
        return len(self.accepted) + len(self.verified)

    @property
    def repeated(self) -> int:
        """Callbacks that came more than once."""
        return sum(count - 1 for count in self.sent.values())


class Asked(Protocol):
    """Where requests go."""

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any] | None:
        """Status and JSON; None: nothing that counts as an answer."""


class Target:
    """The server under test; killed and, where nobody else does it, started again."""

    def __init__(self, store: str, workers: int, folder: Path, draw: random.Random) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
        self._workers, self._draw = workers, draw
        self._command = [
            sys.executable, "-m", "mock_server", "serve", "--port", str(self.port), "--store", store, "--workers",
            str(workers), "--scenarios", str(folder), "--journal-limit", str(ALL), "--record-limit", str(ALL), "--no-watch",
        ]  # fmt: skip
        self.start()

    @classmethod
    def of(cls, store: str, folder: Path) -> Target:
        """One that is killed once at most."""
        return cls(store, 1, folder, random.Random())

    def end(self) -> int:
        """Ask it to stop; the code with which it ends."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def start(self) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_SERVER_")}
        self.process = subprocess.Popen(
            self._command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def kill(self) -> None:
        if self._workers == 1:
            self.stop()
            self.start()
            return
        workers = psutil.Process(self.process.pid).children()
        if workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._draw.choice(workers).pid, signal.SIGKILL)

    def stop(self) -> None:
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any] | None:
        return ask(self.port, method, path, body, headers)


def ask(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any] | None:
    """Status and JSON; None: the server died before it answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def torture(store: str, workers: int, seconds: float, folder: Path, seed: int) -> Report:
    """Load and kills for so many seconds; then everything is looked at."""
    report, over, draw = Report(), threading.Event(), random.Random(seed)
    scenarios = folder / "scenarios"
    scenarios.mkdir(exist_ok=True)
    with Receiver() as receiver:
        target = Target(store, workers, scenarios, draw)
        clients = [
            threading.Thread(target=load, args=(target, receiver.url, number, over, report))
            for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            over.wait(draw.uniform(0.2, 1.0))
            target.kill()
            report.kills += 1
        over.set()
        for client in clients:
            client.join(PATIENCE)
        target.stop()
        look(store, scenarios, receiver, report)
    return report


def load(target: Asked, hook: str, client: int, over: threading.Event, report: Report) -> None:
    number = 0
    while not over.is_set():
        number += 1
        nonce, reference = f"nonce-{client}-{number:05d}", f"killed-{client}-{number:05d}"
        # Every request goes out twice, and again where no answer came.
        for _ in range(2):
            answer = target.ask("POST", "/verify/", cloudcheck_form(nonce), _FORM)
            if answer is None:
                over.wait(0.01)
            elif "error" not in answer[1]["verification"]:
                report.accepted.append(nonce)
            elif answer[1]["verification"]["error"] != 104:
                report.problems.append(f"{nonce}: {answer}")
        answer = target.ask("POST", "/", shufti_body(reference, hook), shufti_headers())
        if answer is not None and answer[0] == 200:
            report.verified.append(reference)
        elif answer is not None:
            report.problems.append(f"{reference}: {answer}")


def look(store: str, scenarios: Path, receiver: Receiver, report: Report) -> None:
    """What the dead have left, another server does; then what is there is compared with what was said."""
    options = {"store": store, "journal_limit": ALL, "record_limit": ALL, "scenarios": (str(scenarios),)}
    service = Service(config.build({**options, "watch": False}), clock=Ahead())
    with LiveServer(service, create_app) as server:
        deadline = time.monotonic() + PATIENCE
        while service.store.deliveries("default", DeliveryFilter(state=PENDING), 1)[1]:
            if time.monotonic() > deadline:
                report.problems.append("callbacks are still pending")
                break
            service.store.wait(service.store.version(), 0.05)
        twice = [nonce for nonce, count in Counter(report.accepted).items() if count > 1]
        report.problems += [f"{nonce} passed twice" for nonce in twice]
        store_now = service.store
        for nonce in report.accepted:
            again = ask(server.port, "POST", "/verify/", cloudcheck_form(nonce), _FORM)
            if again is None or again[1]["verification"].get("error") != 104:
                report.problems.append(f"{nonce} passes again: {again}")
            if store_now.record("default", "cloudcheck", "", f"ref-{nonce}") is None:
                report.problems.append(f"ref-{nonce} is lost")
        for reference in report.verified:
            if store_now.record("default", "shuftipro", "", reference) is None:
                report.problems.append(f"{reference} is lost")
        failed = store_now.deliveries("default", limit=ALL)[0]
        report.problems += [
            f"{each.message.reference} is {each.state}" for each in failed if each.state != DELIVERED
        ]
    report.sent = Counter(json.loads(body)["reference"] for body in receiver.bodies)
    report.problems += [f"no callback for {name}" for name in report.verified if not report.sent[name]]
    # A process has at most some attempts under way when it dies.
    if report.repeated > 64 * report.kills:
        report.problems.append(f"{report.repeated} callbacks came again after {report.kills} kills")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="for all four arrangements together")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    chosen = parser.parse_args()
    code = 0
    for kind in ("sqlite", "redis"):
        for workers in (1, 4):
            with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
                folder = Path(name)
                store = f"sqlite:{folder / 'store.db'}"
                if kind == "redis":
                    store = stack.enter_context(running_redis(folder))
                report = torture(store, workers, chosen.seconds / 4, folder, chosen.seed)
            print(
                f"{kind}, {workers} worker(s): {report.kills} kills, {len(report.accepted) + len(report.verified)}"
                f" acknowledged, {sum(report.sent.values())} callbacks ({report.repeated} repeated),"
                f" {len(report.problems)} problems"
            )
            for problem in report.problems[:20]:
                print(f"  {problem}")
            code = code or bool(report.problems)
    print(f"seed {chosen.seed}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
