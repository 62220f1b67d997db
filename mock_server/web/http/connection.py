"""One client of the production server: answers in order, delays awaited, wire faults carried out."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections import deque
from functools import partial
from typing import cast

from mock_server.core.http import Arrival, Refusal, Request, Response
from mock_server.providers.routing import ADMIN
from mock_server.web.http import wire, wire_errors
from mock_server.web.http.interfaces import ServerContext
from mock_server.web.http.parser import BODY, DONE, DRAIN, HEAD, IDLE, RequestParser, Way
from mock_server.web.http.wsgi import Incoming, Stream

_HEALTH = frozenset((f"{ADMIN}/health", f"{ADMIN}/ready"))
"""Paths with threads of their own: a health check never queues behind other calls."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: closing sends RST."""


class Connection(asyncio.Protocol):
    """At most one answer is under way; later requests wait in a queue, and input behind a full queue in the
    kernel."""

    def __init__(self, server: ServerContext, refusal: Refusal | None = None) -> None:
        """``refusal``: of every request."""
        self._server, self._refusal = server, refusal
        self._loop = server.loop
        self._turns: deque[tuple[Request, Way, Refusal | None]] = deque()
        self._busy = False
        self._lost = False
        self._eof = False
        self._reading = True
        self._clogged_since = 0.0
        """When the client fell behind in reading; 0 while it keeps up."""
        self._owes_continue = False
        self._timer: asyncio.TimerHandle | None = None
        self._delayed: Response | None = None
        self._stream: Stream | None = None

    # -- what the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._reader = RequestParser(
            self._server, self, str(peer[0]).removeprefix("::ffff:") if peer else "127.0.0.1", self._refusal
        )
        self._server.connections.add(self)
        if self._server.stopping:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)

    def eof_received(self) -> bool:
        """Whether to keep our side open: only for a client that has sent its last request and still awaits an
        answer."""
        self._eof = True
        streaming = self._stream is not None and (self._stream.began or self._stream.parked)
        if streaming or self._hanging() or not (self._busy or self._turns):
            return False
        return self._server.tls is None

    def pause_writing(self) -> None:
        self._clogged_since = self._server.now
        self._steer_reading()
        if self._stream is not None:
            self._stream.pause()

    def resume_writing(self) -> None:
        self._clogged_since = 0.0
        self._steer_reading()
        if self._stream is not None:
            self._stream.resume()

    def connection_lost(self, error: Exception | None) -> None:
        self._lost = True
        if isinstance(error, ssl.SSLError):  # in TLS 1.3 a client says last that it does not trust us
            self._server.tls_failed(error)
        self._reader.end()
        self._reader.settle()
        self._turns.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._delayed is not None:
            self._server.on_response_sent(self._delayed)
            self._delayed = None
        if self._stream is not None:
            self._stream.lost()
            self._stream = None
        self._server.forget(self)

    # -- what the reader says

    def take(self, request: Request, way: Way, refusal: Refusal | None = None) -> None:
        if self._busy or self._turns:
            self._turns.append((request, way, refusal))
            self._steer_reading()
        else:
            self._begin(request, way, refusal)
            if not self._busy:
                self._reader.settle()

    def proceed(self) -> None:
        if self._busy or self._turns:
            self._owes_continue = True
        else:
            self._transport.write(wire.CONTINUE)

    def read_up(self) -> None:
        if not self._busy and not self._turns:
            self._close()

    def _steer_reading(self) -> None:
        should_read = not self._clogged_since and len(self._turns) < self._server.limits.pipeline
        if should_read != self._reading and not self._lost:
            self._reading = should_read
            if should_read:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    # -- getting an answer

    def _begin(self, request: Request, way: Way, refusal: Refusal | None) -> None:
        self._way = way
        if not way.route.to_app:
            self._ask(Arrival(request, way.route, refusal))
        elif refusal is not None:
            self._send(wire_errors.answer(refusal, way.route.path))
        else:
            self._bridge(Incoming(request, way.raw_path, self._server.address, way.modern))

    def _ask(self, arrival: Arrival) -> None:
        """Let the service answer."""
        self._busy = True
        if self._server.blocking:
            self._server.service_threads.submit(partial(self._answer_on_thread, arrival))
        else:
            self._server.submit(self, arrival)

    def _answer_on_thread(self, arrival: Arrival) -> None:
        response = self._server.answer([arrival])[0]
        if response.first:
            self._server.deliver_first(response)
        self._hand_over(response.replace(first=()))

    def _deliver_first(self, response: Response) -> None:
        self._server.deliver_first(response)
        self._hand_over(response.replace(first=()))

    def _hand_over(self, response: Response) -> None:
        """From a thread to the loop."""
        try:
            self._loop.call_soon_threadsafe(self.resume, response)
        except RuntimeError:  # the loop is closed: the server has stopped
            self._server.release(response.release)

    def _bridge(self, incoming: Incoming) -> None:
        server = self._server
        threads = server.health_threads if self._way.route.path in _HEALTH else server.app_threads
        if threads.waiting() >= server.limits.app_queue:
            self._send(wire_errors.answer(wire_errors.BUSY, self._way.route.path))
            return
        self._busy = True
        stream = Stream(
            self._loop,
            self._transport,
            incoming,
            server.date_line,
            self._way.keep,
            self.resume,
            self._streamed,
            server.app_threads.submit,
            server.parked,
            lambda: self._eof,
        )
        if self._clogged_since:
            stream.pause()
        self._stream = stream
        threads.submit(partial(stream.run, server.app))

    # -- sending it

    def _send(self, response: Response) -> None:
        if response.first:
            self._busy = True
            self._server.app_threads.submit(partial(self._deliver_first, response))
        elif response.delay > 0 and not self._server.stopping:
            self._busy = True
            self._delayed = response
            self._timer = self._loop.call_later(response.delay, self._delay_over)
        elif response.fault is not None:
            self._misbehave(response)
        else:
            self._write(response)

    def _delay_over(self) -> None:
        response, self._delayed, self._timer = cast(Response, self._delayed), None, None
        self.resume(response.replace(delay=0.0))

    def resume(self, response: Response) -> None:
        """An answer that was not there at once."""
        self._end_stream()
        self._busy = False
        if self._lost:
            self._server.on_response_sent(response)
            return
        self._send(response)
        self._next()

    def _end_stream(self) -> None:
        if self._stream is not None:
            self._stream.leave()
            self._stream = None

    def _streamed(self, keep: bool) -> None:
        self._end_stream()
        self._busy = False
        if keep and not self._server.stopping:
            self._next()
        else:
            self._close()

    def _next(self) -> None:
        while self._turns and not self._busy:
            self._begin(*self._turns.popleft())
        self._steer_reading()
        if self._busy or self._lost:
            return
        self._reader.settle()
        if self._owes_continue:
            self._owes_continue = False
            if self._reader.phase == BODY:
                self._transport.write(wire.CONTINUE)
        if self._eof:
            self._transport.close()

    def _write(self, response: Response) -> None:
        server, way = self._server, self._way
        if way.keep and not server.stopping:
            line = "" if way.modern else "Connection: keep-alive\r\n"
            self._transport.write(wire.encode(response, server.date_line, line, head_only=way.head_only))
        else:
            self._transport.write(
                wire.encode(response, server.date_line, "Connection: close\r\n", head_only=way.head_only)
            )
            self._close()
        if response.release:
            server.on_response_sent(response)

    def _close(self) -> None:
        """End in good order. A client that is still sending has its input read for a while: unread, it would
        turn the close into a reset, which takes the answer with it."""
        self._turns.clear()
        reader = self._reader
        if self._eof or reader.phase not in (BODY, DRAIN):
            reader.end()
            self._transport.close()
        elif reader.phase == DRAIN:
            reader.begun = self._server.now
            if self._transport.can_write_eof():
                self._transport.write_eof()

    def _misbehave(self, response: Response) -> None:
        fault, transport = response.fault, self._transport
        self._turns.clear()
        self._reader.end()
        if fault == "hang" and not self._server.stopping:
            self._busy = True
            self._timer = self._loop.call_later(self._server.limits.hang_limit, transport.close)
        elif fault == "reset":
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
            )
            transport.abort()
        else:
            if fault == "truncate":
                transport.write(wire.truncated(response, self._server.date_line))
            elif fault == "garbage":
                transport.write(wire.GARBAGE)
            transport.close()
        self._server.on_response_sent(response)

    def _hanging(self) -> bool:
        return self._timer is not None and self._delayed is None

    # -- ageing and ending

    def check_age(self, now: float) -> None:
        """End what takes too long. Called every second or so."""
        limits, reader = self._server.limits, self._reader
        waiting = bool(self._busy or self._turns)
        if self._clogged_since:
            if now - self._clogged_since > limits.body_timeout:
                self._transport.abort()
        elif reader.phase == DRAIN or reader.oversized:
            if not waiting and now - reader.begun > limits.drain_timeout:
                self._transport.abort()
        elif waiting or reader.phase == DONE or not self._reading:
            return
        elif reader.phase == IDLE:
            if now - reader.touched > limits.idle_timeout:
                self._transport.close()
        elif (
            now - reader.begun > limits.head_timeout
            if reader.phase == HEAD
            else now - reader.touched > limits.body_timeout
        ):
            reader.refuse_late()

    def drain(self) -> None:
        """The server stops: end what waits, send delayed answers now, let a computing answer come."""
        if self._hanging():
            self._transport.close()
        elif self._timer is not None:
            self._timer.cancel()
            self._delay_over()
        elif self._stream is not None:
            if self._stream.finish():
                self._transport.close()
        elif not self._busy:
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()
