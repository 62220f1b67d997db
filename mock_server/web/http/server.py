"""The connections of one listening socket: vendor requests are answered there, together; everything else goes
to Flask on threads.

Why a protocol of our own and not a finished server: docs/server.md.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from mock_server.core.exceptions import StoreBusyError, StoreError
from mock_server.core.http import Arrival, Response
from mock_server.core.log_lines import Repeated
from mock_server.web.http import wire, wire_errors
from mock_server.web.http.connection import Connection
from mock_server.web.http.interfaces import AnsweringService, ClientConnection, Deliveries
from mock_server.web.http.threads import Threads
from mock_server.web.http.wire import ConnectionLimits
from mock_server.web.http.wsgi import LazyApp, Stream, WsgiApp

log = logging.getLogger(__name__)

_AT_ONCE = 1024
"""Connections that are accepted before anybody else has a turn."""
_TOGETHER = 32
"""Requests that are answered together at most: more of them gain little and keep the first one waiting."""
_ASK_AGAIN = 0.01
"""Seconds after which a store is asked again that another process is writing to."""
_ACCEPT_AGAIN = 1.0
"""Seconds to leave callers waiting in the kernel when no more files may be open."""


class HttpServer:
    """The connections of one listening socket, and what they share. Lives on one event loop."""

    def __init__(
        self,
        service: AnsweringService,
        app_factory: Callable[[], WsgiApp],
        *,
        limits: ConnectionLimits | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.service = service
        self.blocking = service.blocking
        self.limits = limits or ConnectionLimits()
        self.tls = tls
        self.scheme = "http" if tls is None else "https"
        self.app = LazyApp(app_factory)
        self.app_threads = Threads(256, "mock-server-app")
        self.health_threads = Threads(4, "mock-server-health")
        self.parked: set[Stream] = set()
        self.in_flight = 0
        self.service_threads = Threads(16, "mock-server-store")
        self.connections: set[ClientConnection] = set()
        self._arrivals: set[asyncio.Task[None]] = set()
        self.stopping = False
        self.address: tuple[str, int] = ("127.0.0.1", 0)
        self.date_line = ""
        self.now = 0.0
        """Monotonic seconds, as coarse as the sweep: reading a clock for each request would cost more than it
        tells."""
        self._sweeper: asyncio.TimerHandle | None = None
        self._waiting: list[tuple[ClientConnection, Arrival]] = []
        """Requests that have no answer yet, from the first."""
        self._tls_failures: Repeated[str] = Repeated(shown=1, seconds=10.0)
        self._let_go: list[tuple[str, str]] = []
        """Deliveries whose answers have left in this turn of the loop."""

    async def start(self, listener: socket.socket) -> None:
        """Serve the bound socket."""
        self.loop = asyncio.get_running_loop()
        self._all_gone = asyncio.Event()
        self.address = listener.getsockname()[:2]
        self._listener = listener
        listener.listen(4096)
        self._sweep()
        self._listen()

    def _listen(self) -> None:
        if not self.stopping:
            self.loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        """Take all callers that wait, in one turn of the loop."""
        for _ in range(_AT_ONCE):
            try:
                caller, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:  # no more files, or no memory
                log.error("cannot accept connections for the moment: %s", error)
                self.loop.remove_reader(self._listener)
                self.loop.call_later(_ACCEPT_AGAIN, self._listen)
                return
            caller.setblocking(False)
            self._arrivals.add(task := self.loop.create_task(self._welcome(caller)))
            task.add_done_callback(self._arrivals.discard)

    async def _welcome(self, caller: socket.socket) -> None:
        with suppress(OSError), self._tls_troubles():  # gone already, or the TLS handshake failed
            refusal = (
                wire_errors.HTTP_TO_HTTPS
                if self.tls is not None and not await self._speaks_tls(caller)
                else None
            )
            tls = self.tls if refusal is None else None
            await self.loop.connect_accepted_socket(lambda: Connection(self, refusal), caller, ssl=tls)

    @contextmanager
    def _tls_troubles(self) -> Iterator[None]:
        """Log why a client and we do not agree about TLS."""
        try:
            yield
        except ssl.SSLError as error:
            self.tls_failed(error)
            raise

    def tls_failed(self, error: ssl.SSLError) -> None:
        """Log it, with what to do; of many that are the same only the first ones."""
        said = wire_errors.tls_trouble(error)
        if self._tls_failures.passes(said, time.monotonic()):
            log.warning("%s", said)

    async def _speaks_tls(self, caller: socket.socket) -> bool:
        """Whether the first byte that comes begins a TLS handshake. Raises ``OSError`` where none comes."""
        arrived = self.loop.create_future()

        def arrive() -> None:
            if not arrived.done():
                arrived.set_result(None)

        self.loop.add_reader(caller, arrive)
        try:
            await asyncio.wait_for(arrived, self.limits.head_timeout)
        except BaseException:
            caller.close()
            raise
        finally:
            self.loop.remove_reader(caller)
        return caller.recv(1, socket.MSG_PEEK) == wire_errors.TLS_HELLO

    def preload(self) -> None:
        """Make the WSGI application in the background, so that the first caller of ``/__admin`` need not wait
        for Flask's import."""
        self.app_threads.submit(self.app.make)

    async def stop(self, grace: float = 0.5) -> None:
        """Accept nothing more, close what is idle, answer what is being answered (delays cut short), then
        close the rest."""
        self.stopping = True
        self.loop.remove_reader(self._listener)
        for _ in range(3):  # what is being accepted at this moment becomes a connection first
            await asyncio.sleep(0)
        for arrival in self._arrivals:  # and who has not come to terms about TLS need not any more
            arrival.cancel()
        await asyncio.gather(*self._arrivals, return_exceptions=True)
        self._listener.close()
        for connection in list(self.connections):
            connection.drain()
        if self.connections:
            last_call = self.loop.call_later(grace, self._abort_all)
            await self._all_gone.wait()
            last_call.cancel()
        if self._sweeper is not None:
            self._sweeper.cancel()

    def _abort_all(self) -> None:
        for connection in list(self.connections):
            connection.abort()

    def forget(self, connection: ClientConnection) -> None:
        """The connection is closed."""
        self.connections.discard(connection)
        if self.stopping and not self.connections:
            self._all_gone.set()

    def submit(self, connection: ClientConnection, arrival: Arrival) -> None:
        """Answer the request together with what else this turn of the loop brings: the client's host is woken
        once for all of them, and a store on disk writes once."""
        if not self._waiting:
            self.loop.call_soon(self._answer_waiting)
        self._waiting.append((connection, arrival))

    def _answer_waiting(self) -> None:
        group, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
        answers = self._ask([arrival for _, arrival in group])
        busy = [turn for turn, answer in zip(group, answers) if isinstance(answer, StoreBusyError)]
        if busy:  # another process is writing to the store
            self._waiting[:0] = busy
            self.loop.call_later(_ASK_AGAIN, self._answer_waiting)
        elif self._waiting:  # once what else has come has had its turn, callbacks above all
            self.loop.call_soon(self._answer_waiting)
        for (connection, arrival), answer in zip(group, answers):
            if not isinstance(answer, StoreBusyError):
                connection.resume(self._response(arrival, answer))

    def answer(self, arrivals: Sequence[Arrival]) -> list[Response]:
        """The service's answers. Its failures are logged, never sent."""
        return [self._response(arrival, answer) for arrival, answer in zip(arrivals, self._ask(arrivals))]

    def _ask(self, arrivals: Sequence[Arrival]) -> Sequence[Response | Exception]:
        try:
            return self.service.handle_all(arrivals)
        except Exception as error:  # noqa: BLE001 - logged where it is answered
            return [error] * len(arrivals)

    def _response(self, arrival: Arrival, answer: Response | Exception) -> Response:
        return answer if isinstance(answer, Response) else self._failed(arrival, answer)

    def _failed(self, arrival: Arrival, error: Exception) -> Response:
        return wire_errors.failed(arrival, error, self.service.failure_headers(arrival.request))

    def deliver_first(self, response: Response) -> None:
        """Blocks: make the attempts that precede this answer."""
        try:
            self.service.deliver_first(response.first)
        except StoreError:
            pass  # the store says so itself; they are sent later
        except Exception:
            log.exception("delivering before the answer failed")

    def on_response_sent(self, response: Response) -> None:
        """The answer has left, or never will: what waited for it may be delivered, together with what others
        of this turn let go."""
        if response.release:
            if not self._let_go:
                self.loop.call_soon(self._release)
            self._let_go += response.release

    def _release(self) -> None:
        deliveries, self._let_go = self._let_go, []
        if self.blocking:
            self.service_threads.submit(partial(self.release, deliveries))
        else:
            self.release(deliveries)

    def release(self, deliveries: Deliveries) -> None:
        """Let these be delivered now. Where the store cannot be used they go by themselves after a while."""
        try:
            if deliveries:
                self.service.release(deliveries)
        except StoreBusyError:
            self.loop.call_later(_ASK_AGAIN, self.release, deliveries)
        except StoreError:
            pass  # the store says so itself
        except Exception:
            log.exception("releasing deliveries failed")

    def _sweep(self) -> None:
        self.now = self.loop.time()
        for more in self._tls_failures.ended(time.monotonic()):
            log.warning("… %d more like this: %s", more.more, more.kind)
        self.date_line = f"Date: {wire.http_date(time.time())}\r\n{wire.NOSNIFF}"
        for connection in list(self.connections):
            connection.check_age(self.now)
        limits = self.limits
        shortest = min(limits.head_timeout, limits.body_timeout, limits.idle_timeout, limits.drain_timeout)
        self._sweeper = self.loop.call_later(min(1.0, shortest / 4), self._sweep)
