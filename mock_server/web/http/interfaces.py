"""What the parts of the server see of each other and of the service behind them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Protocol

from mock_server.core.http import Arrival, Request, Response, Route
from mock_server.web.http.threads import Threads
from mock_server.web.http.wire import ConnectionLimits
from mock_server.web.http.wsgi import LazyApp, Stream

Deliveries = Sequence[tuple[str, str]]
"""(account, delivery id) pairs."""


class AnsweringService(Protocol):
    """What the server needs of `mock_server.web.service.Service`."""

    @property
    def blocking(self) -> bool:
        """Whether `handle_all` may wait for a disk or a network, and so belongs on a thread."""
        ...

    def resolve(self, method: str, path: str, host: str = "", accept: str = "") -> Route:
        """Where a request goes: to `handle_all`, or to the WSGI application."""
        ...

    def handle_all(self, arrivals: Sequence[Arrival]) -> Sequence[Response | Exception]:
        """Answer several that came together: for each its answer, or what went wrong."""
        ...

    def failure_headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        """Headers of the answer to a request that went wrong."""
        ...

    def release(self, deliveries: Deliveries) -> None: ...

    def deliver_first(self, deliveries: Deliveries) -> None:
        """Make attempts that must end before the answer leaves. Blocks."""
        ...

    def start(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Begin to deliver, on this event loop or (None) on a thread."""
        ...

    def stop(self) -> list[str]:
        """Stop delivering; a line for each callback that was still to be sent."""
        ...


class ClientConnection(Protocol):
    """What the server does with one client."""

    def resume(self, response: Response) -> None:
        """Send the answer to the request under way."""
        ...

    def drain(self) -> None:
        """Close once the answer under way has left; cut its delay short."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...

    def check_age(self, now: float) -> None:
        """Close, or refuse the request, where the client takes too long. ``now`` in monotonic seconds."""
        ...


class ServerContext(Protocol):
    """What a connection and its parser share with all others of the server."""

    loop: asyncio.AbstractEventLoop
    service: AnsweringService
    blocking: bool
    limits: ConnectionLimits
    tls: ssl.SSLContext | None
    scheme: str
    app: LazyApp
    app_threads: Threads
    health_threads: Threads
    in_flight: int
    """Bytes of bodies that are being received, or whose requests wait for their answers."""
    parked: set[Stream]
    """Answers that wait without a thread."""
    service_threads: Threads
    connections: set[ClientConnection]
    stopping: bool
    address: tuple[str, int]
    date_line: str
    now: float
    """Monotonic seconds, renewed about once a second."""

    def submit(self, connection: ClientConnection, request: Arrival) -> None:
        """Answer the request together with others of this turn of the loop."""
        ...

    def answer(self, requests: Sequence[Arrival]) -> list[Response]:
        """The service's answers; its failures are logged."""
        ...

    def deliver_first(self, response: Response) -> None:
        """Make the attempts that precede this answer. Blocks."""
        ...

    def on_response_sent(self, response: Response) -> None:
        """The answer has left, or never will: its deliveries may go."""
        ...

    def release(self, deliveries: Deliveries) -> None:
        """Let these deliveries go now."""
        ...

    def tls_failed(self, error: ssl.SSLError) -> None:
        """The client has not agreed about TLS."""
        ...

    def forget(self, connection: ClientConnection) -> None:
        """The connection is closed."""
        ...
