"""Receivers in three languages check a thousand callbacks each, as they come over the wire."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mock_server.core import config
from mock_server.core.http import Request
from mock_server.store.base import DeliveryFilter
from mock_server.web.service import Service

RECEIVERS = Path(__file__).parent / "receivers"
SECRET = "$2y$10$MockMockMockMockMockMeAbCdEfGhIjKlMnOpQrStUvWxYz01/34"
CALLBACKS = 1000
NAMES = (
    "Solvang",
    "Côté",
    "Κωνσταντίνου",
    "O’Neill",
    "Łukasiewicz",
    "李",
    "Nuñez-Ähs",
    "Embargo",
    "Falsworth",
    "Marlowe",
)


@contextmanager
def receiving(language: str, scheme: str) -> Iterator[int]:
    """A receiver of the language; its port."""
    if language == "php":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = ["php", "-S", f"127.0.0.1:{port}", str(RECEIVERS / "receiver.php")]
        environment = {**os.environ, "SECRET_KEY": SECRET, "SCHEME": scheme}
        process = subprocess.Popen(
            command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        assert process.stderr is not None
        started = process.stderr.readline()
        assert b"started" in started, started
        drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        process.stderr.close()
    else:
        program = {"python": [sys.executable, "receiver.py"], "node": ["node", "receiver.js"]}[language]
        process = subprocess.Popen(
            [program[0], str(RECEIVERS / program[1]), SECRET, scheme], stdout=subprocess.PIPE
        )
        drain = None
        assert process.stdout is not None
        port = int(process.stdout.readline())
        process.stdout.close()
    try:
        yield port
    finally:
        process.terminate()
        process.wait()
        if drain is not None:
            drain.wait()


def body(number: int, port: int) -> dict[str, Any]:
    name = {"first_name": f"Zoë {'abc'[number % 3]}", "last_name": NAMES[number % len(NAMES)]}
    services = (
        {"background_checks": {"name": name, "dob": "1979-11-04"}}
        if number % 10
        else {"face": "", "document": {"name": name}}
    )
    return {
        "reference": f"receiver-{number:05d}",
        "callback_url": f"http://127.0.0.1:{port}/a/b?c=d",
        "email": f"a{number}@b.test",
        **services,
    }


def statuses(language: str, expected: str, scheme: str, empty: Path, callbacks: int = CALLBACKS) -> list[int]:
    """What the receiver, which expects one scheme, says to callbacks signed by a scheme."""
    account = {"shuftipro": {"client_id": "acme", "secret_key": SECRET, "signature": scheme}}
    options = {"scenarios": [str(empty)], "journal_limit": 2 * CALLBACKS, "watch": False}
    service = Service(
        config.build(options, accounts={"acme": account}, settings={"shuftipro": {"check_charsets": False}})
    )
    headers = {
        "authorization": "Basic " + b64encode(f"acme:{SECRET}".encode()).decode(),
        "content-type": "application/json",
    }
    service.start()
    try:
        with receiving(language, expected) as port:
            for number in range(callbacks):
                response = service.pipeline.handle(
                    Request("POST", "/", "", headers, msgspec.json.encode(body(number, port)))
                )
                assert response.status == 200, response.body
                service.release(response.release)
            return [delivery.attempts[0].status for delivery in tried(service, callbacks)]
    finally:
        service.stop()


def tried(service: Service, callbacks: int) -> list[Any]:
    """All deliveries, once each has been tried."""
    version, end = service.store.version(), time.monotonic() + 60
    while time.monotonic() < end:
        deliveries, total = service.store.deliveries("acme", DeliveryFilter(kind="callback"), limit=callbacks)
        if total == callbacks and all(delivery.attempts for delivery in deliveries):
            return deliveries
        version = service.store.wait(version, 1.0)
    raise AssertionError("not every callback was tried within a minute")


@pytest.mark.parametrize("scheme", ["hashed", "legacy"])
@pytest.mark.parametrize("language", ["python", "node", "php"])
def test_a_receiver_verifies_every_callback(language: str, scheme: str, tmp_path: Path) -> None:
    assert statuses(language, scheme, scheme, tmp_path) == [200] * CALLBACKS


@pytest.mark.parametrize("language", ["python", "node", "php"])
def test_a_receiver_of_the_other_scheme_refuses_them(language: str, tmp_path: Path) -> None:
    assert statuses(language, "legacy", "hashed", tmp_path, 3) == [400] * 3
