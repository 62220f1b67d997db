"""One HTTP exchange as plain values, so that the vendor code never meets a web framework."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.core.values import Value

MOCK_REQUEST_ID = "X-Mock-Request-Id"
"""Header of a mock server's answers: the id of the journal entry."""
FRAMING = frozenset(
    {"connection", "content-length", "date", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Fields that say where a message ends, how the connection goes on and when it was sent: the server writes them."""
FAULTS = ("reset", "empty", "truncate", "garbage", "hang")
"""Wire faults an adapter can carry out instead of a well-formed answer."""


class Request(Value, frozen=True):
    """A request as it arrived."""

    method: str
    """Upper case."""
    path: str
    """Percent-decoded (UTF-8, undecodable bytes as U+FFFD) and without the mount: what a Cloudcheck client
    signs."""
    query: str
    """As sent, without the question mark."""
    headers: Mapping[str, str]
    """Lower-case names; repeated headers joined with ``, ``, of one that has a single value the first; values
    decoded as Latin-1."""
    body: bytes
    """The raw body, de-chunked, otherwise untouched."""
    peer: str = "127.0.0.1"
    """The caller's IP address."""
    origin: str = "http://127.0.0.1:8484"
    """``scheme://host[:port][mount]`` under which the caller reached us; links that are handed out begin with
    it."""
    mount: str = ""
    """The prefix that was stripped from the path, such as ``/cloudcheck``; empty at the root."""
    raw_path: str = ""
    """The path as sent, with its percent-escapes and without the mount; empty where it has none."""
    ignored_headers: tuple[tuple[str, str], ...] = ()
    """Lower-case names and values of fields that came again although they have a single value."""


class Response(Value, frozen=True):
    """An answer, and what the adapter has to do while it sends it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Without Content-Length and Date, which the server adds."""
    body: bytes
    delay: float = 0.0
    """Seconds of real time to wait before the first byte. Awaited, never slept, by the production server."""
    fault: str | None = None
    """One of `FAULTS`, carried out after the delay in place of (or, for truncate and garbage, with) the
    answer."""
    release: tuple[tuple[str, str], ...] = ()
    """(account, delivery id) of deliveries that wait for this answer to have left; the adapter hands them to
    ``Service.release``."""
    first: tuple[tuple[str, str], ...] = ()
    """(account, delivery id) of deliveries whose first attempt ends before the answer leaves:
    ``Service.deliver_first``, which blocks."""


class Route(Value, frozen=True):
    """Where a request goes: worked out once from its method, path and host, and handed on with it."""

    path: str
    """Below the mount."""
    mount: str = ""
    provider: str = ""
    """The vendor that serves the path; empty: none does."""
    operation: str = ""
    """The vendor's; empty: it has none for this method and path."""
    to_app: bool = False
    """The WSGI application answers: the control API, the dashboard, a hosted page."""


class Refusal(Value, frozen=True):
    """Why an adapter lets no vendor see a request: HTTP forbids it, or a limit does."""

    status: int
    check: str
    """What was checked, one word: ``tls``, ``http``, ``size`` …"""
    explanation: str
    remedy: str
    limit: int = 0
    """The limit in bytes, where it is the size of the body."""

    @property
    def sentence(self) -> str:
        """The explanation as a sentence of its own."""
        return f"{self.explanation[:1].upper()}{self.explanation[1:]}."


class Arrival(Value, frozen=True):
    """A request with its route, as an adapter hands it over."""

    request: Request
    route: Route
    refusal: Refusal | None = None
    """Where there is one the request may be incomplete, down to a path that is empty."""
