"""HTTP/1.1 as bytes: pure functions between what travels and the core values."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import unquote

from mock_server.core.http import Response

BODYLESS = frozenset((*range(100, 200), 204, 304))
"""Statuses whose answers end with their header (RFC 9110, 6.4.1)."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
GARBAGE = b"\x00\x7fNOT-HTTP\xff\xfe\x16\x03\r\r\n\x80\x01 what is this? \xf0\x28\x8c\xbc\n\n"
LAST_CHUNK = b"0\r\n\r\n"

NOSNIFF = "X-Content-Type-Options: nosniff\r\n"
"""Of every answer: no browser takes it for another type than it says."""

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOST = re.compile(
    r"(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+(?::[0-9]*)?|\[[\w.~!$&'()*+,;=:%-]+\](?::[0-9]*)?", re.ASCII
)
"""A name or an address with its port (RFC 3986, 3.2.2)."""
_PLAIN_HOST = re.compile(r"[A-Za-z0-9._~%-]+(:[0-9]*)?|\[[0-9A-Fa-f:.%]+\](:[0-9]*)?")

SINGLE = frozenset((
    "age", "authorization", "content-length", "content-type", "etag", "expect", "expires", "from", "if-modified-since",
    "if-unmodified-since", "last-modified", "location", "max-forwards", "origin", "proxy-authorization", "referer", "retry-after",
    "server", "user-agent", "x-api-key",
))  # fmt: skip
"""Fields that have one value: of several the first counts, as in Node, Go, Tomcat and PHP. Any other field's
values are joined."""


class ConnectionLimits(NamedTuple):
    """What a connection may take. Sizes in bytes, times in seconds."""

    max_body: int = 32 * 2**20
    max_head: int = 64 * 2**10
    max_target: int = 16 * 2**10
    max_headers: int = 128
    head_timeout: float = 30.0
    """From the first byte of a request, or from the connection, to the end of its header."""
    body_timeout: float = 60.0
    """Without a byte of a body that is not complete."""
    idle_timeout: float = 120.0
    """Between two requests of a connection."""
    hang_limit: float = 300.0
    """How long the fault ``hang`` lasts when the client does not give up."""
    drain_timeout: float = 10.0
    """How long input is still read and dropped after a refusal, so that the client comes to read it."""
    in_flight: int = 256 * 2**20
    """Bytes of bodies that are being received, or whose requests wait for their answers, of all connections."""
    app_queue: int = 1024
    """Control calls and pages that wait for a thread; waits and streams that are open need none."""
    pipeline: int = 32
    """Requests of one connection that may wait for the answer before them; further input stays in the
    kernel."""


class RequestTarget(NamedTuple):
    """A request target taken apart (RFC 9112, 3.2)."""

    raw: str
    """Path as sent, without query, scheme and authority."""
    path: str
    """Percent-decoded UTF-8; undecodable bytes become U+FFFD."""
    query: str


def split_target(target: str) -> RequestTarget:
    """``/a%20b?c`` → ``/a%20b``, ``/a b`` and ``c``. The absolute form, which a proxy's client sends, loses
    scheme and host."""
    raw, _, query = target.partition("?")
    if not raw.startswith("/") and "://" in raw:
        raw = "/" + raw.partition("://")[2].partition("/")[2]
    return RequestTarget(raw, unquote(raw) if "%" in raw else raw, query)


def is_host(value: str) -> bool:
    """Whether a Host header that is not empty is valid (RFC 9112, 3.2)."""
    return _HOST.fullmatch(value) is not None


def origin_of(scheme: str, host: str, otherwise: str) -> str:
    """``scheme://host``, with our own address in place of a Host header that is missing or no plain host."""
    return f"{scheme}://{host if _PLAIN_HOST.fullmatch(host) else otherwise}"


def http_date(now: float) -> str:
    """``now`` (Unix seconds) as in ``Date: Sun, 06 Nov 1994 08:49:37 GMT``."""
    at = time.gmtime(now)
    day, month = _DAYS[at.tm_wday], _MONTHS[at.tm_mon - 1]
    return (
        f"{day}, {at.tm_mday:02d} {month} {at.tm_year} {at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} GMT"
    )


def encode_head(status: int, headers: Sequence[tuple[str, str]], *framing: str) -> bytes:
    """Status line and header. ``framing`` are complete lines; a line break inside a header value becomes a
    space."""
    line = _STATUS_LINES.get(status) or f"HTTP/1.1 {status} Unknown\r\n"
    fields = "".join([f"{name}: {value}\r\n" for name, value in headers])
    if fields.count("\n") + fields.count("\r") > 2 * len(headers):
        fields = "".join([re.sub(r"[\r\n]+", " ", f"{name}: {value}") + "\r\n" for name, value in headers])
    text = f"{line}{fields}{''.join(framing)}\r\n"
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def encode(response: Response, date_line: str, connection_line: str, *, head_only: bool) -> bytes:
    """The whole answer: what a client without faults and delays receives."""
    status, headers, body = response.status, response.headers, response.body
    if status in BODYLESS or (head_only and any(name.lower() == "content-length" for name, _ in headers)):
        return encode_head(status, headers, date_line, connection_line)
    head = encode_head(status, headers, date_line, connection_line, f"Content-Length: {len(body)}\r\n")
    return head if head_only else head + body


def truncated(response: Response, date_line: str) -> bytes:
    """A complete header that promises the whole body, and half of the body (rounded down)."""
    body = response.body
    promised = max(len(body), 1)
    return (
        encode_head(response.status, response.headers, date_line, f"Content-Length: {promised}\r\n")
        + body[: promised // 2]
    )


def refusal(status: int, reason: str) -> Response:
    """Plain-text answer to what never became a request."""
    return Response(status, (("Content-Type", "text/plain; charset=utf-8"),), f"{reason}\n".encode())


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body; ``data`` must not be empty, which would end it."""
    return b"%x\r\n%b\r\n" % (len(data), data)
