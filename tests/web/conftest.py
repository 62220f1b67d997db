from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from mock_server.web.http.serving import LiveServer
from mock_server.web.http.wire import ConnectionLimits
from tests.web.echo import Client, EchoApp, EchoService


class ServerHarness:
    """A live front over an echo service, and clients of it that are closed at the end."""

    def __init__(self, stack: ExitStack, limits: ConnectionLimits, *, blocking: bool = False) -> None:
        self.service, self.app = EchoService(blocking=blocking), EchoApp()
        self.server = stack.enter_context(LiveServer(self.service, self.app.factory, limits=limits))
        self._stack = stack

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.server.port

    def connect(self) -> Client:
        return self._stack.enter_context(Client(self.address))

    def wait_for(self, condition: Callable[[], bool], interval: float = 0.002) -> None:
        """Until it holds, looked at every so many seconds. Fails where it does not in half a minute."""
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline, "it has not come true"
            time.sleep(interval)


Staging = Callable[..., ServerHarness]


@pytest.fixture
def staging() -> Iterator[Staging]:
    """Starts servers with the limits of a test."""
    with ExitStack() as stack:

        def make(*, blocking: bool = False, **limits: Any) -> ServerHarness:
            return ServerHarness(stack, ConnectionLimits()._replace(**limits), blocking=blocking)

        yield make


@pytest.fixture
def stage(staging: Staging) -> ServerHarness:
    return staging()
