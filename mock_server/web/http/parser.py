"""From a connection's bytes to requests in their order: httptools with our limits, refusals and declined
upgrades around it."""

from __future__ import annotations

import logging
from typing import Protocol, cast

import httptools

from mock_server.core.http import Refusal, Request, Route
from mock_server.core.values import Value
from mock_server.web.http import wire, wire_errors
from mock_server.web.http.interfaces import ServerContext

log = logging.getLogger(__name__)

IDLE, HEAD, BODY, DRAIN, DONE = range(5)
"""What is being read: nothing yet, a header, a body, input that is thrown away after a refusal, nothing any
more."""


_NOTHING = memoryview(b"")
_KEPT_OPTIONS = ("close", "keep-alive")
_SHOWN = 4096
"""Bytes of a target and of a body, and characters of a header field, that stay of a request that is
refused unread."""
_SMALL = 64 * 2**10
"""Bytes of a body that are received however many others are."""
_OPENING = 64
"""Bytes that stay of what is not HTTP."""


class Way(Value, frozen=True):
    """Where a request goes and how its answer comes back, as its header says."""

    raw_path: str
    """As sent, with mount."""
    route: Route
    keep: bool
    modern: bool
    """Whether the client speaks HTTP/1.1."""
    head_only: bool = False


class RequestHandler(Protocol):
    """Who takes the requests: `mock_server.web.connection.Connection`."""

    def take(self, request: Request, way: Way, refusal: Refusal | None = None) -> None:
        """A request in its turn; or what is known of one that is refused."""
        ...

    def proceed(self) -> None:
        """The client waits for ``100 Continue`` before it sends the body."""
        ...

    def read_up(self) -> None:
        """A message that had been answered before its end has come to its end."""
        ...


class Refused(Exception):
    """Raised inside the parser's callbacks: this is answered, and then the connection ends."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class RequestParser:
    """Feeds the parser, whose callbacks are the ``on_…`` methods. Never raises, whatever the bytes."""

    def __init__(
        self, server: ServerContext, handler: RequestHandler, peer: str, refusal: Refusal | None = None
    ) -> None:
        """``refusal``: of every request of this connection."""
        self._server, self._handler, self._peer, self._refusal = server, handler, peer, refusal
        self._limits = server.limits
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self.phase = IDLE
        self.begun = server.now
        """When the present message began, or the refusal; ``touched`` is when bytes came last."""
        self.touched = server.now
        self.oversized = False
        self._upgrading = False
        self._url = b""
        self._headers: dict[str, str] = {}
        self._fields: dict[str, str] = {}
        """Where fields go: the header, later the trailers, which are not read."""
        self._ignored: list[tuple[str, str]] = []
        self._chunks: list[bytes] = []
        self._received = 0
        self._held = 0
        """Bytes of bodies that have not been answered; ``receiving``: of the one that is not complete."""
        self._receiving = 0
        self._before = self._incoming = 0
        """Bytes of the present header in earlier reads, and bytes of the read at hand."""
        self._alone = True
        """Whether the read at hand is of one message so far: how many of its bytes belong to a later one is
        not known."""
        self._opening = b""
        """The first bytes of what is not HTTP."""
        self._place: tuple[bytes, bytes, str, str] | None = None
        self._host = ""
        """The last one that was looked at, which is the one of most that follow."""
        self._origin = self._query = self._raw_path = self._escaped = ""
        self._route = Route("")

    def feed(self, data: bytes) -> None:
        """Read on. Requests that become complete are handed over before this returns."""
        self.touched = self._server.now
        if self.phase == IDLE and data.startswith(wire_errors.TLS_HELLO):
            self._opening = data[:_OPENING]
            self.refuse(wire_errors.HTTPS_TO_HTTP)
        rest = memoryview(data)
        while rest and self._parser is not None:
            rest = self._parse(self._parser, rest)

    def end(self) -> None:
        """Read nothing more."""
        self._parser = None  # its callbacks are ours: this ends the reference cycle too
        self._receiving = 0
        self.phase = DONE

    def refuse(self, refusal: Refusal) -> None:
        """Answer this in its turn, and drop whatever else comes."""
        parser, ended = self._parser, self._parser is None or self.oversized
        if self.phase == IDLE:  # what is known is of the request before
            self._url, self._headers, self._ignored = b"", {}, []
        self._parser = None
        self.phase, self.begun = DRAIN, self._server.now
        if ended or parser is None:
            self._handler.read_up()
        else:
            self._handler.take(*self._remains(parser), refusal)

    def refuse_late(self) -> None:
        """The client takes too long."""
        limits = self._limits
        if self.phase == HEAD:
            self.refuse(wire_errors.late_header(limits.head_timeout))
        else:
            self.refuse(
                wire_errors.late_body(
                    limits.body_timeout, self._received, self._headers.get("content-length", "")
                )
            )

    def _remains(self, parser: httptools.HttpRequestParser) -> tuple[Request, Way]:
        """What is known of a request that is refused before it is complete; at worst its sender and its first
        bytes."""
        url = self._url[:_SHOWN]
        method = parser.get_method() if url else b""
        headers = {name: value[:_SHOWN] for name, value in self._headers.items()}
        self._locate(method, url, headers.get("host", ""), headers.get("accept", ""))
        body = b"".join(self._chunks)[:_SHOWN] if url else self._opening
        self._chunks = []
        return self._build_request(method.decode("latin-1"), headers, body), Way(
            self._raw_path, self._route, False, True, method == b"HEAD"
        )

    def _build_request(self, method: str, headers: dict[str, str], body: bytes) -> Request:
        route = self._route
        request = Request(
            method,
            route.path,
            self._query,
            headers,
            body,
            self._peer,
            self._origin,
            route.mount,
            self._escaped,
        )
        return request.replace(ignored_headers=tuple(self._ignored)) if self._ignored else request

    def _parse(self, parser: httptools.HttpRequestParser, data: memoryview) -> memoryview:
        """Feed the parser; the bytes that follow an offered upgrade, at which it stops."""
        self._incoming, self._alone = len(data), True
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            following = data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            self._callback_failed(error)
            return _NOTHING
        except httptools.HttpParserError as error:
            if self.phase != DONE:
                self._opening = bytes(data[:_OPENING])
                self.refuse(wire_errors.malformed(str(error)))
            return _NOTHING
        else:
            if self.phase == HEAD and self._alone:
                self._before += len(data)
                if self._before > self._limits.max_head:
                    self.refuse(self._large_header())
            return _NOTHING
        if (
            self._parser is not None
        ):  # outside the handlers: an exception raised within one would hide its own cause
            self._parser = httptools.HttpRequestParser(self)
            if self._upgrading:
                self._parse_without_offer(parser)
        return following

    def _parse_without_offer(self, parser: httptools.HttpRequestParser) -> None:
        """Parse the header again without its offer to upgrade (h2c, websocket): the parser takes the body of
        such a request for bytes of the other protocol."""
        headers, ignored, self._upgrading = self._headers, self._ignored, False
        options = [
            option
            for option in headers.get("connection", "").split(",")
            if option.strip().lower() in _KEPT_OPTIONS
        ]
        fields = {name: value for name, value in headers.items() if name not in ("upgrade", "connection")}
        if options:
            fields["connection"] = ",".join(options)
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode("latin-1")
        head = b"%b %b HTTP/%b\r\n%b\r\n" % (
            parser.get_method(),
            self._url,
            parser.get_http_version().encode(),
            lines,
        )
        self._parse(cast(httptools.HttpRequestParser, self._parser), memoryview(head))
        self._headers, self._ignored = headers, ignored

    # -- what the parser says

    def on_message_begin(self) -> None:
        if self._parser is None:
            raise Refused(wire_errors.FAILED)  # stops the parser; no client sees it
        self.phase = HEAD
        self.begun = self._server.now
        self._url = b""
        self._headers = self._fields = {}
        self._ignored = []
        self._before = 0

    def on_url(self, url: bytes) -> None:
        self._url = self._url + url if self._url else url
        if len(self._url) > self._limits.max_target:
            raise Refused(wire_errors.long_target(self._limits.max_target))

    def on_header(self, name: bytes, value: bytes) -> None:
        fields = self._fields
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        if key in fields:
            if key == "host" and fields is self._headers:
                raise Refused(wire_errors.TWO_HOSTS)
            if key in wire.SINGLE:
                self._ignore(key, text)
                return
            text = f"{fields[key]}{'; ' if key == 'cookie' else ', '}{text}"
        elif len(fields) >= self._limits.max_headers:
            raise Refused(self._large_header())
        fields[key] = text

    def _ignore(self, name: str, value: str) -> None:
        if len(self._ignored) >= self._limits.max_headers:
            raise Refused(self._large_header())
        self._ignored.append((name, value))

    def on_headers_complete(self) -> None:
        parser = self._parser
        if parser is None:
            return
        if parser.get_http_version() == "0.9":
            raise Refused(wire_errors.NO_VERSION)
        self.phase = BODY
        self._fields = {}
        headers, limits = self._headers, self._limits
        if self._before + self._incoming > limits.max_head and self._head_length() > limits.max_head:
            raise Refused(self._large_header())
        if parser.should_upgrade():
            if parser.get_method() == b"CONNECT":
                raise Refused(wire_errors.PROXY)
            self._upgrading = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        elif "content-length" in headers and int(headers["content-length"]) > limits.max_body:
            self._too_large(parser)
        elif (
            "expect" in headers
            and headers["expect"].lower() == "100-continue"
            and parser.get_http_version() == "1.1"
        ):
            self._handler.proceed()

    def on_body(self, body: bytes) -> None:
        if self._parser is None or self.oversized:
            return
        self._received += len(body)
        server, limits = self._server, self._limits
        if self._received > limits.max_body:
            self._too_large(self._parser)
        elif self._received > _SMALL and server.in_flight + len(body) > limits.in_flight:
            self._too_large(self._parser, wire_errors.too_many_bytes(limits.in_flight))
        else:
            server.in_flight += len(body)
            self._held += len(body)
            self._receiving += len(body)
            self._chunks.append(body)

    def on_message_complete(self) -> None:
        parser = self._parser
        if parser is None or self._upgrading:
            return
        if self.oversized:
            self.end()
            self._handler.read_up()
            return
        self._alone = False
        body = b""
        if self._chunks:
            body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
            self._chunks = []
            self._received = self._receiving = 0
        request, way = self._request(parser, body)
        if self._refusal is not None:
            way = way.replace(keep=False)
        self.phase = IDLE if way.keep else DONE
        self._handler.take(request, way, self._refusal)

    # -- what becomes of it

    def _request(self, parser: httptools.HttpRequestParser, body: bytes) -> tuple[Request, Way]:
        headers = self._headers
        keep, modern = parser.should_keep_alive(), True
        if not keep or "connection" in headers:
            modern = parser.get_http_version() == "1.1"
        host = headers.get("host", "")
        if modern and not host:
            raise Refused(wire_errors.NO_HOST)
        if host != self._host and host:
            if not wire.is_host(host):
                raise Refused(wire_errors.bad_host(host))
            self._host = host
        method = parser.get_method()
        self._locate(method, self._url, host, headers.get("accept", ""))
        return self._build_request(method.decode("latin-1"), headers, body), Way(
            self._raw_path, self._route, keep, modern, method == b"HEAD"
        )

    def _locate(self, method: bytes, url: bytes, host: str, accept: str) -> None:
        """Work out where the request goes; the next one of a connection mostly goes there too."""
        place = (method, url, host, accept)
        if place == self._place:
            return
        self._place = place
        server = self._server
        name, port = server.address
        raw, path, self._query = wire.split_target(url.decode("latin-1"))
        self._raw_path = raw
        self._route = (
            server.service.resolve(method.decode("latin-1"), path, host, accept) if url else Route("")
        )
        origin = wire.origin_of(server.scheme, host, f"[{name}]:{port}" if ":" in name else f"{name}:{port}")
        self._origin = origin + self._route.mount
        self._escaped = raw.removeprefix(self._route.mount) if "%" in raw else ""

    def settle(self) -> None:
        """All requests that are complete have been answered."""
        self._let_go(self._held - self._receiving)

    def _let_go(self, size: int) -> None:
        self._held -= size
        self._server.in_flight -= size

    def _too_large(self, parser: httptools.HttpRequestParser, refusal: Refusal | None = None) -> None:
        """Answer at once, but go on reading what the client still sends, so that it comes to read the
        answer."""
        request, way = self._request(parser, b"")
        self.oversized = True
        self._let_go(self._receiving)
        self._receiving = 0
        self._chunks = []
        self.begun = self._server.now
        if "expect" in self._headers:  # then no body comes
            self._parser, self.phase = None, DRAIN
        self._handler.take(
            request, way.replace(keep=False), refusal or wire_errors.large_body(self._limits.max_body)
        )

    def _large_header(self) -> Refusal:
        return wire_errors.large_header(self._limits.max_head, self._limits.max_headers)

    def _head_length(self) -> int:
        return len(self._url) + sum(len(name) + len(value) + 4 for name, value in self._headers.items())

    def _callback_failed(self, error: httptools.HttpParserCallbackError) -> None:
        if self._parser is None:
            return
        cause = error.__context__
        if isinstance(cause, Refused):
            self.refuse(cause.refusal)
        else:
            log.error("reading a request failed", exc_info=cause)
            self.refuse(wire_errors.FAILED)
