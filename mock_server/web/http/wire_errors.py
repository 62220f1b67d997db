"""What the wire layer refuses, each with its cause and remedy: bytes that are not HTTP, and what is over a
limit."""

from __future__ import annotations

import logging
import ssl

from mock_server.core.http import Arrival, Refusal, Request, Response
from mock_server.core.log_lines import readable
from mock_server.providers.rejection import RETRY
from mock_server.providers.routing import is_control
from mock_server.providers.unserved import evidence, plain, problem
from mock_server.web.http import wire
from mock_server.web.http.wire import ConnectionLimits

log = logging.getLogger(__name__)

TLS_HELLO = b"\x16"
"""The first byte that a TLS client sends. No HTTP request begins so."""

HTTPS_TO_HTTP = Refusal(
    400,
    "tls",
    "https was spoken to the http port",
    "use http:// in the client's base URL, or start the server with --tls-self-signed, or --tls-cert and --tls-key",
)
HTTP_TO_HTTPS = Refusal(
    400,
    "tls",
    "plain http was spoken to the https port",
    "use https:// in the client's base URL, or start the server without --tls-cert",
)
HTTP_2 = Refusal(
    400,
    "http-version",
    "HTTP/2 was spoken without being agreed on",
    "let the client begin with HTTP/1.1; this server speaks no other version",
)
BUSY = Refusal(
    503,
    "busy",
    "too many control calls wait for their turn",
    "send this one again; ask for what is needed in fewer calls, or let one call wait with requests/wait",
)
NO_VERSION = Refusal(
    400,
    "http-version",
    "the first line of the request names no version of HTTP",
    "write POST /verify/ HTTP/1.1, with one space on both sides of the path",
)
PROXY = Refusal(
    501,
    "proxy",
    "the client takes this server for a proxy (CONNECT)",
    "remove this address from HTTPS_PROXY and HTTP_PROXY, and use it as the client's base URL",
)
NO_HOST = Refusal(
    400, "host", "an HTTP/1.1 request needs a Host header", "send Host with the name and port of the address"
)
TWO_HOSTS = Refusal(400, "host", "the Host header was sent more than once", "send it once")
FAILED = Refusal(
    500, "server", "the mock server failed to read the request; its log has the traceback", "report it"
)
_MALFORMED = {
    "Expected HTTP/": "write a space in the path or query as %20",
    "Invalid method": "begin with a line such as POST /verify/ HTTP/1.1",
    "Invalid header token": "write each header as Name: value, with no space before the colon",
    "Invalid header value": "take control characters out of the header's value",
    "Invalid character in Content-Length": "send the number of bytes as Content-Length",
    "Duplicate Content-Length": "send Content-Length once",
    "Content-Length": "send Content-Length or Transfer-Encoding: chunked, not both",
    "Invalid char in url": "percent-encode what is not ASCII: ā is %C4%81",
    "Expected CRLF": "end each line with a carriage return and a line feed, as an HTTP library does",
    "chunk": "begin each chunk with its size in hexadecimal, or send Content-Length in place of chunks",
}
"""Beginning or part of what the parser says → remedy."""
_USUAL = "send HTTP/1.1 as an HTTP library writes it"


def malformed(said: str) -> Refusal:
    """Bytes that are not HTTP/1.1; ``said``: by the parser."""
    if "PRI" in said:
        return HTTP_2
    remedy = next((remedy for part, remedy in _MALFORMED.items() if part in said), _USUAL)
    return Refusal(400, "http", f"this is not well-formed HTTP/1.1 ({said})", remedy)


def bad_host(host: str) -> Refusal:
    """A Host header that is none."""
    return Refusal(400, "host", f"{host[:100]!r} is not a valid Host header", "send host or host:port")


def late_header(seconds: float) -> Refusal:
    """A header that is not complete in time."""
    return Refusal(
        408, "time", f"the header was not complete after {seconds:g} s", "end it with an empty line"
    )


def late_body(seconds: float, received: int, length: str) -> Refusal:
    """A body of which nothing more comes; ``length``: the Content-Length, empty for chunks."""
    said = f"{received} of {length} bytes" if length else f"{received} bytes and no last chunk"
    remedy = "send as many bytes as Content-Length says" if length else "end the body with a chunk of size 0"
    return Refusal(
        408, "time", f"{said} of the body had come when nothing followed for {seconds:g} s", remedy
    )


def large_body(limit: int) -> Refusal:
    """A body over the limit."""
    return Refusal(
        413,
        "size",
        f"the body is larger than {limit} bytes",
        "send less, or start the server with a larger --max-body",
        limit,
    )


def too_many_bytes(limit: int) -> Refusal:
    """A body that comes while too many others do."""
    return Refusal(
        503,
        "busy",
        f"bodies of more than {limit} bytes are being received at once",
        "send fewer large requests at the same time, and this one again",
    )


def long_target(limit: int) -> Refusal:
    """A path and query over the limit."""
    return Refusal(
        414,
        "target",
        f"path and query are longer than {limit} bytes",
        "send the parameters in the body of a POST",
    )


def large_header(size: int, fields: int) -> Refusal:
    """Header fields, or trailers, over a limit."""
    return Refusal(
        431,
        "header",
        f"the header has more than {size} bytes or {fields} fields",
        "send fewer or shorter fields; look at cookies",
    )


def over_a_limit(request: Request, limits: ConnectionLimits) -> Refusal | None:
    """What a server with these limits would refuse of a request that has come from a file."""
    size = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    if len(request.mount) + len(request.path) + len(request.query) >= limits.max_target:
        return long_target(limits.max_target)
    if size > limits.max_head or len(request.headers) > limits.max_headers:
        return large_header(limits.max_head, limits.max_headers)
    return large_body(limits.max_body) if len(request.body) > limits.max_body else None


def answer(refusal: Refusal, path: str = "") -> Response:
    """The answer where no service gives one: a problem document to a call of the control API, else plain text."""
    again = (RETRY,) if refusal.status == 503 else ()
    if is_control(path):
        head = (("Content-Type", "application/problem+json"), *again)
        return Response(refusal.status, head, problem(refusal.status, evidence(refusal)))
    said = wire.refusal(refusal.status, plain(refusal).rstrip("\n"))
    return said.replace(headers=(*said.headers, *again))


_TLS_TROUBLES = (
    (("unknown_ca", "bad_certificate", "certificate_unknown"), "does not trust the certificate", "give the client"
     " the certificate's authority as one that it trusts"),
    (("certificate_expired",), "says that the certificate has expired", "start the server with a new one"),
    (("unsupported_protocol", "protocol_version", "version_too_low"), "speaks only older versions of TLS",
     "let the client use TLS 1.2 or 1.3"),
    (("no_shared_cipher", "handshake_failure"), "has no cipher in common with us", "let the client use TLS 1.2 or 1.3"
     " with its usual ciphers"),
)  # fmt: skip


def tls_trouble(error: ssl.SSLError) -> str:
    """What a client does not agree with, and what to do: one line."""
    text = f"{error.reason or ''} {error}".lower()
    for signs, said, remedy in _TLS_TROUBLES:
        if any(sign in text or sign.replace("_", " ") in text for sign in signs):
            return f"TLS: a client {said}; {remedy}"
    return (
        f"TLS: a client broke off ({readable(error.reason or 'no reason given')}); see what the client says"
    )


def failed(arrival: Arrival, error: Exception, headers: tuple[tuple[str, str], ...]) -> Response:
    """The answer where the service has failed: the failure is logged, never sent. ``headers``: what lets a page read it."""
    log.error("%s %s failed", arrival.request.method, arrival.request.path, exc_info=error)
    said = wire.refusal(500, "Internal Server Error") if arrival.refusal is None else answer(arrival.refusal)
    return Response(said.status, said.headers + headers, said.body)
