"""Three servers on one store, one of them killed in the middle of its work."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from mock_server.core import config
from mock_server.core.records import DELIVERED, PENDING
from mock_server.store.base import DeliveryFilter
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.receivers import Receiver
from tests.redis_server import running_redis

KEY, SECRET = "MockKey0NotReal1", "mock-secret-not-real-0123456789ab"
CLIENT = base64.b64encode(b"mock-client:mock-secret-QvT7dR2mZk4Lw9Xb").decode()
COUNT = 60
"""Nonces that each server is sent, and verifications of its own."""
ALL = 10_000


class Ahead:
    """A clock by which every hold and lease of the dead has ended."""

    def now(self) -> float:
        return time.time() + 120


class Server:
    """A process that serves, and what it answered."""

    def __init__(self, name: str, store: str, folder: Path, root: Path) -> None:
        self.name = name
        command = [
            sys.executable,
            "-m",
            "mock_server",
            "serve",
            "--port",
            "0",
            "--store",
            store,
            "--scenarios",
            str(folder),
        ]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_SERVER_")}
        self.process = subprocess.Popen(
            [*command, "--journal-limit", str(ALL)],
            cwd=root,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.accepted: list[str] = []
        """Nonces that it let pass."""
        self.verified: list[str] = []
        """References of its own that it answered."""

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def load(self, hook: str, enough: threading.Event) -> None:
        """Send it what the others are sent too, and verifications of its own, until it is dead."""
        try:
            for number in range(COUNT):
                status, answer = self.ask(
                    "POST",
                    "/verify/",
                    cloudcheck_form(f"nonce-{number:04d}"),
                    {"Content-Type": "application/x-www-form-urlencoded"},
                )
                assert (status, answer["verification"].get("error", 104)) == (200, 104)
                if "error" not in answer["verification"]:
                    self.accepted.append(f"nonce-{number:04d}")
                reference = f"{self.name}-{number:04d}"
                status, answer = self.ask("POST", "/", shufti_body(reference, hook), shufti_headers())
                assert (status, answer["reference"]) == (200, reference)
                self.verified.append(reference)
                if number == COUNT // 3:
                    enough.set()
        except (OSError, http.client.HTTPException, ValueError):
            assert self.process.poll() is not None or self.process.wait(10) == -9


def cloudcheck_form(nonce: str) -> bytes:
    data = {
        "details": {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1990-02-03"},
        "reference": f"ref-{nonce}",
        "consent": "Yes",
    }
    fields = {"data": json.dumps(data), "key": KEY, "nonce": nonce, "timestamp": str(int(time.time() * 1000))}
    canonical = "/verify/" + "".join(f"{name}={fields[name]};" for name in sorted(fields))
    fields["signature"] = hmac.new(SECRET.encode(), canonical.encode(), hashlib.sha256).hexdigest()
    return urlencode(fields).encode()


def shufti_headers() -> dict[str, str]:
    return {"Content-Type": "application/json", "Authorization": f"Basic {CLIENT}"}


def shufti_body(reference: str, hook: str) -> bytes:
    name = {"first_name": "Ingrid", "last_name": "Solvang"}
    checks = {"background_checks": {"name": name, "dob": "1979-11-04"}}
    return json.dumps({"reference": reference, "country": "GB", "callback_url": hook, **checks}).encode()


@pytest.fixture(params=["sqlite", "redis"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path / 'store.db'}"
    else:
        with running_redis(tmp_path) as address:
            yield f"{address}?prefix=replicas"


def test_nothing_is_lost_when_one_of_three_servers_is_killed(
    store_url: str, tmp_path: Path, root: Path
) -> None:
    (tmp_path / "scenarios").mkdir()
    with ExitStack() as stack:
        receiver = stack.enter_context(Receiver())
        servers = [Server(name, store_url, tmp_path / "scenarios", root) for name in ("one", "two", "three")]
        for server in servers:
            stack.enter_context(server.process)
            stack.callback(server.process.kill)
        first, killed, last = servers
        enough = threading.Event()
        loads = [
            threading.Thread(
                target=server.load, args=(receiver.url, enough if server is killed else threading.Event())
            )
            for server in servers
        ]
        for load in loads:
            load.start()
        assert enough.wait(60)
        killed.process.kill()
        for load in loads:
            load.join(60)

        # Every nonce passed once at most; where nobody was told so, the dead one had let it pass.
        passed = Counter(nonce for server in servers for nonce in server.accepted)
        assert set(passed.values()) == {1}
        assert len(first.verified) == len(last.verified) == COUNT > len(killed.verified) >= COUNT // 3
        for reader in (first, last):
            for number in range(COUNT):
                status, verification = reader.ask("GET", f"/__admin/verifications/ref-nonce-{number:04d}")
                assert (status, verification["aliases"]) == (200, [f"ref-nonce-{number:04d}"])
            for server in servers:
                for reference in server.verified:
                    status, answer = reader.ask(
                        "POST", "/status", json.dumps({"reference": reference}).encode(), shufti_headers()
                    )
                    assert (status, answer["reference"]) == (200, reference)

        # What was in the dead one's hands, another takes over once holds and leases have ended, as they have
        # by its clock.
        options = {"store": store_url, "journal_limit": ALL, "scenarios": (str(tmp_path / "scenarios"),)}
        service = Service(config.build(options), clock=Ahead())
        with LiveServer(service, create_app):
            deadline = time.monotonic() + 60
            while service.store.deliveries("default", DeliveryFilter(state=PENDING), 1)[1]:
                assert time.monotonic() < deadline
                service.store.wait(service.store.version(), 0.05)
            deliveries, total = service.store.deliveries("default", limit=ALL)
        assert {delivery.state for delivery in deliveries} == {DELIVERED}
        assert total == len(deliveries)
        reported = {json.loads(request.body)["reference"] for request in receiver.requests}
        assert reported >= {reference for server in servers for reference in server.verified}
        assert reported == {delivery.message.reference for delivery in deliveries}
