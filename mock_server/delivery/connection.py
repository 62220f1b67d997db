"""One HTTP/1.1 connection to a receiver: a request out, the first bytes of the answer back, within one total time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import Context
from typing import NamedTuple, cast

import httptools

from mock_server.core.exceptions import MockServerError

KEPT = 2048
"""Bytes of an answer's body that are kept."""

DRAINED = 65_536
"""Bytes of an answer's body that are read so that the connection can be used again; of a longer one the rest is not read."""

HEADER_LIMIT = 65_536


class Answer(NamedTuple):
    """What came of one transmission."""

    status: int = 0
    """0: no answer."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    """At most the first `KEPT` bytes."""
    error: str = ""
    """Why it failed, in words; empty: a 2xx was answered."""
    note: str = ""
    """What is worth knowing besides, such as a rewritten host."""


class ConnectionFailed(MockServerError):
    """No connection could be made; the text says why."""


class _Prompt(asyncio.Future[Answer]):
    """Who awaits it goes on at once, not in the loop's next turn: beside many requests a turn is long, and each delivery would take two.

    For one task, which is not the one that sets the result.
    """

    _go_on: Callable[[_Prompt], object] | None = None
    _context: Context | None = None

    def add_done_callback(self, fn: Callable[[_Prompt], object], /, *, context: Context | None = None) -> None:
        self._go_on, self._context = fn, context

    def set_result(self, result: Answer, /) -> None:
        super().set_result(result)
        if self._go_on is not None and self._context is not None:
            self._context.run(self._go_on, self)

    def cancel(self, msg: object = None) -> bool:
        cancelled = super().cancel(msg)
        if cancelled and self._go_on is not None:
            self.get_loop().call_soon(self._go_on, self, context=self._context)
        return cancelled


class Connection(asyncio.Protocol):
    """One at a time: `exchange` again only after the one before has ended and `reusable` is true."""

    def __init__(self) -> None:
        self.reusable = False
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._lost = False
        self._waiter: _Prompt | None = None

    # -- for the transport -------------------------------------------------------------------------------------
    async def exchange(self, data: bytes, deadline: float, limit: float, *, tunnel: bool = False) -> Answer:
        """Send the bytes and return the answer, whatever comes of it. ``deadline``: monotonic; ``limit``: the seconds to speak of.

        ``tunnel``: the answer to a CONNECT, which ends with its header.
        """
        waiter = self._begin(limit, tunnel)
        timer = waiter.get_loop().call_later(max(0.0, deadline - time.monotonic()), self._expire)
        try:
            self.write(data)
            return await waiter
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            timer.cancel()
            self._waiter = None

    def write(self, data: bytes) -> None:
        """Send more of the request."""
        if self._transport is not None and not self._lost:
            self._transport.write(data)

    def close(self) -> None:
        """At once: nothing more is owed to the receiver, and half an answer may still be on its way."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    # -- one answer --------------------------------------------------------------------------------------------
    def _begin(self, limit: float, tunnel: bool) -> _Prompt:
        self.reusable = False
        self._limit = limit
        self._tunnel = tunnel
        self._parser = httptools.HttpResponseParser(self)
        waiter = self._waiter = _Prompt()
        self._outcome: Answer | None = None
        self._size = 0
        self.on_message_begin()
        if self._lost:
            self._end("the connection was closed before anything was sent")
        return waiter

    def _answer(self, error: str) -> Answer:
        return Answer(self._status, tuple(self._headers), b"".join(self._body)[:KEPT], error)

    def _finish(self, error: str = "", *, reusable: bool = False) -> None:
        """What came of it is known; more of the same answer makes the connection useless."""
        self.reusable = reusable and self._outcome is None and not self._lost
        if self._outcome is None:
            self._outcome = self._answer(error)

    def _end(self, error: str = "") -> None:
        """`_finish`, outside of the parser."""
        self._finish(error)
        self._hand_over()

    def _hand_over(self) -> None:
        waiter = self._waiter
        if self._outcome is not None and waiter is not None and not waiter.done():
            waiter.set_result(self._outcome)

    def _expire(self) -> None:
        where = " in the middle of the answer" if self._status else " without an answer"
        self._finish(f"timed out after {self._limit:g} s{where}")
        self.close()
        self._hand_over()

    def _until_close(self) -> bool:
        names = {name.lower() for name, _ in self._headers}
        return bool(self._status) and not {"content-length", "transfer-encoding"} & names

    # -- asyncio.Protocol --------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def eof_received(self) -> None:
        # The loss itself is told a turn of the loop later.
        self.reusable = False

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost, self.reusable = True, False
        if self._waiter is None or self._waiter.done():
            return
        if exc is None and self._until_close():
            self._end()
        elif self._size:
            self._end("the connection was closed in the middle of the answer")
        else:
            self._end("the connection was " + ("reset" if isinstance(exc, ConnectionResetError) else "closed") + " without an answer")

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._waiter.done():
            self.close()
            return
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._finish()
        except httptools.HttpParserError as error:
            self._finish(f"what was answered is not HTTP: {error}")
        if not self._status and self._size > HEADER_LIMIT:
            self._finish(f"the answer's header is longer than {HEADER_LIMIT} bytes")
        self._hand_over()

    # -- httptools ---------------------------------------------------------------------------------------------
    def on_message_begin(self) -> None:
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._length = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= 200 or status == 101:
            self._status = status
            if self._tunnel:
                self._finish()

    def on_body(self, body: bytes) -> None:
        if self._length < KEPT:
            self._body.append(body)
        self._length += len(body)
        if self._length > DRAINED:
            self._finish()

    def on_message_complete(self) -> None:
        if self._status:
            self._finish(reusable=self._parser.should_keep_alive())
