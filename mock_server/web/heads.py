"""Headers read before: a client that keeps its connection sends the same bytes again and again, and they mean the same each time."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mock_server.core.http import Request, Route
from mock_server.core.values import Value

_PLAIN = re.compile(rb"[A-Z]+ [!-~]+ HTTP/1\.[01]\r\n(?:[!-9;-~]+:[ -~]*\r\n)+\r\n")
"""A header about whose end there can be no two opinions: no folded lines, no stray line breaks, nothing but ASCII."""
_OF_CONSEQUENCE = ("expect", "transfer-encoding", "upgrade")
"""Fields with which more is to be done than to pass the request on."""


class Way(Value, frozen=True):
    """Where a request goes and how its answer comes back, as its header says."""

    raw_path: str
    """As sent, with mount."""
    route: Route
    keep: bool
    modern: bool
    """Whether the client speaks HTTP/1.1."""
    head_only: bool = False


class Known(Value, frozen=True):
    """What one header means: the request without body and peer."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    """Shared by all requests that come with it."""
    origin: str
    mount: str
    raw_path: str
    way: Way
    length: int
    """Of the body, in bytes."""


class Heads:
    """Some hundred headers by their bytes. Only headers that the parser has accepted twice get in, so that those that differ each time
    cost little."""

    def __init__(self, limit: int = 256, longest: int = 4096) -> None:
        self._limit, self._longest = limit, longest
        self._seen: dict[bytes, Known | None] = {}
        self.get = self._seen.get
        """What a header means; None if it is not known."""

    def note(self, head: bytes, request: Request, way: Way) -> None:
        """The parser has read this request, whole, behind this header."""
        seen = self._seen
        if head not in seen:
            if len(seen) >= self._limit:
                seen.clear()
            if len(head) <= self._longest:
                seen[head] = None
        elif (
            way.keep
            and not request.ignored_headers
            and _PLAIN.fullmatch(head)
            and not any(name in request.headers for name in _OF_CONSEQUENCE)
        ):
            seen[head] = Known(
                request.method,
                request.path,
                request.query,
                request.headers,
                request.origin,
                request.mount,
                request.raw_path,
                way,
                len(request.body),
            )
