"""From a connection's bytes to requests in their order: httptools with our limits, refusals and declined upgrades around it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

import httptools

from mock_server.core.http import Exchange, Request
from mock_server.web import wire
from mock_server.web.heads import Way
from mock_server.web.mounts import split_mount

if TYPE_CHECKING:
    from mock_server.web.front import Front

log = logging.getLogger(__name__)

IDLE, HEAD, BODY, DRAIN, DONE = range(5)
"""What is being read: nothing yet, a header, a body, input that is thrown away after a refusal, nothing any more."""


_NOWHERE = Way("", True, False, False)
"""Of a refusal to what is no request."""


class Taker(Protocol):
    """Who takes the requests: `mock_server.web.connection.Connection`."""

    def take(self, request: Request | None, way: Way, refusal: Exchange | None = None) -> None:
        """A request in its turn; ``refusal`` is the answer where there is one already, as there is for what is no request (None)."""
        ...

    def proceed(self) -> None:
        """The client waits for ``100 Continue`` before it sends the body."""
        ...

    def read_up(self) -> None:
        """A message that had been answered before its end has come to its end."""
        ...


class Refused(Exception):
    """Raised inside the parser's callbacks: this is answered, and then the connection ends."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(status, reason)
        self.exchange = wire.refusal(status, reason)


class Reader:
    """Feeds the parser, whose callbacks are the ``on_…`` methods. Never raises, whatever the bytes."""

    def __init__(self, front: Front, taker: Taker, peer: str) -> None:
        self._front, self._taker, self._peer = front, taker, peer
        self._limits = front.limits
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self.phase = IDLE
        self.begun = front.now
        """When the present message began, or the refusal; ``touched`` is when bytes came last."""
        self.touched = front.now
        self.oversized = False
        self._upgrading = False
        self._url = b""
        self._headers: dict[str, str] = {}
        self._fields: dict[str, str] = {}
        """Where fields go: the header, later the trailers, which nobody reads."""
        self._chunks: list[bytes] = []
        self._received = 0
        self._before = self._incoming = 0
        """Bytes of the present header in earlier reads, and bytes of the read at hand."""
        self._alone = True
        """Whether the read at hand is of one message so far: how many of its bytes belong to a later one is not known."""
        self._place: tuple[bytes, str] | None = None
        self._origin = self._mount = self._path = self._query = self._raw_path = ""
        self._served = False
        self._heads = front.heads
        self._head = b""
        """The header of the present message, if it came in one piece and nobody knew it."""

    def feed(self, data: bytes) -> None:
        """Read on. Requests that become complete are handed over before this returns."""
        self.touched = self._front.now
        if self.phase == IDLE:
            data = self._recognise(data)
        parser = self._parser
        if parser is None or not data:
            return
        self._incoming, self._alone = len(data), True
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._replay(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError as error:
            self._callback_failed(error)
        except httptools.HttpParserError:
            if self.phase != DONE:
                self.refuse(wire.refusal(400, "Bad Request: this is not well-formed HTTP/1.1"))
        else:
            if self.phase == HEAD and self._alone:
                self._before += len(data)
                if self._before > self._limits.max_head:
                    self.refuse(wire.refusal(431, "Request Header Fields Too Large"))

    def end(self) -> None:
        """Read nothing more."""
        self._parser = None  # its callbacks are ours: this ends the reference cycle too
        self.phase = DONE

    def refuse(self, exchange: Exchange) -> None:
        """Answer this in its turn, and drop whatever else comes."""
        ended = self._parser is None or self.oversized
        self._parser = None
        self.phase, self.begun = DRAIN, self._front.now
        if ended:
            self._taker.read_up()
        else:
            self._taker.take(None, _NOWHERE, exchange)

    def _recognise(self, data: bytes) -> bytes:
        """Hand over the requests at the beginning that are here whole and whose headers are known; what is left is the parser's."""
        at, size = 0, len(data)
        while self.phase == IDLE and at < size:
            start = data.find(b"\r\n\r\n", at) + 4
            head = data[at:start] if start > 3 else b""
            known = self._heads.get(head)
            if known is None:
                self._head = head
                break
            end = start + known.length
            if end > size:
                break
            at = end
            self._taker.take(
                Request(known.method, known.path, known.query, known.headers, data[start:end], self._peer, known.origin, known.mount),
                known.way,
            )
        return data[at:] if at else data

    # -- what the parser says

    def on_message_begin(self) -> None:
        if self._parser is None:
            raise Refused(400, "Bad Request")  # stops the parser; nobody is told
        self.phase = HEAD
        self.begun = self._front.now
        self._url = b""
        self._headers = self._fields = {}
        self._before = 0

    def on_url(self, url: bytes) -> None:
        self._url = self._url + url if self._url else url
        if len(self._url) > self._limits.max_target:
            raise Refused(414, "URI Too Long")

    def on_header(self, name: bytes, value: bytes) -> None:
        fields = self._fields
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        if key in fields:
            text = f"{fields[key]}{'; ' if key == 'cookie' else ', '}{text}"
        elif len(fields) >= self._limits.max_headers:
            raise Refused(431, "Request Header Fields Too Large")
        fields[key] = text

    def on_headers_complete(self) -> None:
        parser = self._parser
        if parser is None:
            return
        self.phase = BODY
        self._fields = {}
        headers, limits = self._headers, self._limits
        if self._before + self._incoming > limits.max_head and self._head_length() > limits.max_head:
            raise Refused(431, "Request Header Fields Too Large")
        if parser.should_upgrade():
            if parser.get_method() == b"CONNECT":
                raise Refused(501, "Not Implemented: this is not a proxy")
            self._upgrading = True
        elif "content-length" in headers and int(headers["content-length"]) > limits.max_body:
            self._too_large(parser)
        elif "expect" in headers and headers["expect"].lower() == "100-continue" and parser.get_http_version() == "1.1":
            self._taker.proceed()

    def on_body(self, body: bytes) -> None:
        if self._parser is None or self.oversized:
            return
        self._received += len(body)
        if self._received > self._limits.max_body:
            self._too_large(self._parser)
        else:
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        parser = self._parser
        if parser is None or self._upgrading:
            return
        if self.oversized:
            self.end()
            self._taker.read_up()
            return
        self._alone = False
        body = b""
        if self._chunks:
            body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
            self._chunks = []
            self._received = 0
        request, way = self._request(parser, body)
        if self._head:
            self._heads.note(self._head, request, way)
            self._head = b""
        self.phase = IDLE if way.keep else DONE
        self._taker.take(request, way)

    # -- what becomes of it

    def _request(self, parser: httptools.HttpRequestParser, body: bytes) -> tuple[Request, Way]:
        headers = self._headers
        keep, modern = parser.should_keep_alive(), True
        if not keep or "connection" in headers:
            modern = parser.get_http_version() == "1.1"
        place = (self._url, headers.get("host", ""))
        if place != self._place:
            self._locate(*place, modern)
            self._place = place
        method = parser.get_method().decode("latin-1")
        request = Request(method, self._path, self._query, headers, body, self._peer, self._origin, self._mount)
        return request, Way(self._raw_path, self._served, keep, modern, method == "HEAD")

    def _locate(self, url: bytes, host: str, modern: bool) -> None:
        """Work out where the request goes; the next one of a connection mostly goes there too."""
        if not host and modern:
            raise Refused(400, "Bad Request: an HTTP/1.1 request needs a Host header")
        front = self._front
        name, port = front.address
        raw, path, self._query = wire.split_target(url.decode("latin-1"))
        self._raw_path = raw
        self._mount, self._path = split_mount(path, host, front.mounts)
        self._origin = wire.origin_of(front.scheme, host, f"[{name}]:{port}" if ":" in name else f"{name}:{port}") + self._mount
        self._served = front.service.serves(self._path, self._mount)

    def _too_large(self, parser: httptools.HttpRequestParser) -> None:
        """Answer at once, but go on reading what the client still sends, so that it comes to read the answer."""
        self.oversized = True
        self._chunks = []
        self.begun = self._front.now
        request, way = self._request(parser, b"")
        exchange = self._front.service.too_large(request) if way.served else wire.refusal(413, "Content Too Large")
        if "expect" in self._headers:  # then no body comes
            self._parser, self.phase = None, DRAIN
        self._taker.take(request, way.replace(keep=False), exchange)

    def _replay(self, rest: bytes) -> None:
        """The client offered an upgrade (h2c, websocket), which is declined by answering as if it had not. The parser takes the
        body for bytes of the other protocol, so the header is read once more without the offer."""
        parser = self._parser
        if parser is None:
            return
        options = [option for option in self._headers.get("connection", "").split(",") if option.strip().lower() in ("close", "keep-alive")]
        headers = {name: value for name, value in self._headers.items() if name not in ("upgrade", "connection", "http2-settings")}
        if options:
            headers["connection"] = ",".join(options)
        head = b"%b %b HTTP/%b\r\n" % (parser.get_method(), self._url, parser.get_http_version().encode())
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._upgrading, self._head = False, b""
        self._parser = httptools.HttpRequestParser(self)
        self.feed(head + fields.encode("latin-1") + b"\r\n" + rest)

    def _head_length(self) -> int:
        return len(self._url) + sum(len(name) + len(value) + 4 for name, value in self._headers.items())

    def _callback_failed(self, error: httptools.HttpParserCallbackError) -> None:
        if self._parser is None:
            return
        cause = error.__context__
        if isinstance(cause, Refused):
            self.refuse(cause.exchange)
        else:
            log.error("reading a request failed", exc_info=cause)
            self.refuse(wire.refusal(500, "Internal Server Error"))
