"""One HTTP/1.1 connection to a receiver: a request out, the first bytes of the answer back, within one total
time."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import cast

import httptools

from mock_server.delivery import answer_head
from mock_server.delivery.answer import Answer, SendFailure

BODY_LIMIT = 2048
"""Bytes of an answer's body that are recorded."""

READ_LIMIT = 65_536
"""Bytes of an answer's body that are read so that the connection can be used again; the rest of a longer one
is not read."""

HEADER_LIMIT = 65_536
_LENIENCIES = {
    "lenient_keep_alive": True,
    "lenient_data_after_close": True,
    "lenient_version": True,
    "lenient_optional_cr_before_lf": True,
    "lenient_optional_lf_after_cr": True,
    "lenient_spaces_after_chunk_size": True,
}
"""What libcurl takes, too, beyond headers: those are read by `answer_head`."""


class ReceiverConnection(asyncio.Protocol):
    """One exchange at a time: call `response` again only when the previous one has ended and `reusable` is
    true."""

    def __init__(self) -> None:
        self.reusable = False
        self.idle_timer: asyncio.TimerHandle | None = None
        """Of the `ConnectionPool`."""
        self._transport: asyncio.Transport | None = None
        self._lost = False
        self._waiter: asyncio.Future[Answer] | None = None

    async def response(self, data: bytes, deadline: float, limit: float, *, tunnel: bool = False) -> Answer:
        """Send the bytes and return the answer or the failure. ``deadline``: monotonic; ``limit``: the
        seconds named in errors.

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
        """Close at once, even with half an answer on its way."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def _begin(self, limit: float, tunnel: bool) -> asyncio.Future[Answer]:
        self.reusable = False
        self._limit = limit
        self._tunnel = tunnel
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(**_LENIENCIES)
        self._head = b""
        """Of an answer whose header has not come to its end."""
        waiter = self._waiter = asyncio.get_running_loop().create_future()
        self._size = 0
        self.on_message_begin()
        if self._lost:
            self._finish(SendFailure.CONNECTION_CLOSED, "the connection was closed before anything was sent")
        return waiter

    def _finish(self, failure: SendFailure | None = None, error: str = "", *, reusable: bool = False) -> None:
        """The outcome is known; more data of the same answer makes the connection unusable."""
        waiter = self._waiter
        pending = waiter is not None and not waiter.done()
        self.reusable = reusable and pending and not self._lost
        if waiter is not None and pending:
            body = b"".join(self._body)[:BODY_LIMIT]
            waiter.set_result(Answer(self._status, tuple(self._headers), body, error, failure=failure))

    def _expire(self) -> None:
        where = " in the middle of the answer" if self._status else " without an answer"
        self._finish(SendFailure.TIMED_OUT, f"timed out after {self._limit:g} s{where}")
        self.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def eof_received(self) -> None:
        # connection_lost follows one turn of the loop later.
        self.reusable = False

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost, self.reusable = True, False
        if self._waiter is None or self._waiter.done():
            return
        framing = {"content-length", "transfer-encoding"} & {name.lower() for name, _ in self._headers}
        if exc is None and "transfer-encoding" in framing:
            # The end of the connection ends the last line of chunks.
            with suppress(httptools.HttpParserError):
                self._parser.feed_data(b"\r\n")
            if self._waiter.done():
                return
        if exc is None and self._status and not framing:
            self._finish()
            return
        verb = "reset" if isinstance(exc, ConnectionResetError) and not self._size else "closed"
        where = "in the middle of the answer" if self._size else "without an answer"
        self._finish(SendFailure.CONNECTION_CLOSED, f"the connection was {verb} {where}")

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._waiter.done():
            self.close()
            return
        self._size += len(data)
        try:
            self._feed(data)
        except httptools.HttpParserUpgrade:
            self._finish()
        except httptools.HttpParserError as error:
            self._finish(SendFailure.NOT_HTTP, f"the answer is not HTTP: {error}")
        if not self._status and self._size > HEADER_LIMIT:
            self._finish(
                SendFailure.NOT_HTTP, f"the header of the answer is longer than {HEADER_LIMIT} bytes"
            )

    def _feed(self, data: bytes) -> None:
        """Hand the parser whole headers, read leniently, and bodies as they come."""
        while data and not self._status:
            self._head += data
            length = answer_head.ends_at(self._head)
            if not length and answer_head.is_http(self._head):
                return
            head, data, self._head = self._head[:length], self._head[length:], b""
            if not length:
                break
            self._parser.feed_data(answer_head.strict(head))
        if data and self._waiter is not None and not self._waiter.done():
            self._parser.feed_data(data)
        elif data:
            self.reusable = False

    # httptools

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
        if self._length < BODY_LIMIT:
            self._body.append(body)
        self._length += len(body)
        if self._length > READ_LIMIT:
            self._finish()

    def on_message_complete(self) -> None:
        if self._status:
            self._finish(reusable=self._parser.should_keep_alive())
