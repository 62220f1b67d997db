"""Why a body was not read: what can be seen of it in its bytes and header fields, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from mock_server.core.http import Request
from mock_server.providers.mediatypes import FORM, JSON, MULTIPART, parse_header
from mock_server.providers.multipart import MOST_PARTS, boundary_of, parts

BOM = b"\xef\xbb\xbf"
_MAGIC = (
    ("gzip", (b"\x1f\x8b",)),
    ("zstd", (b"\x28\xb5\x2f\xfd",)),
    ("deflate", (b"\x78\x01", b"\x78\x9c", b"\x78\xda")),
)
_CODINGS = frozenset({"br", "compress", "deflate", "gzip", "x-compress", "x-gzip", "zstd"})
_WIDE = re.compile(
    rb"\xff\xfe|\xfe\xff|\x00\x00\x00[ -~]|[ -~]\x00\x00\x00|(?:\x00[ -~]){2}|(?:[ -~]\x00){2}"
)
"""How text in UTF-16 or UTF-32 begins, with a byte order mark or without."""
_DELIMITER = re.compile(rb"\s*--([^\r\n]{1,200})\r?\n", re.DOTALL)
_FORMATS = (
    (MULTIPART, re.compile(rb"\s*--[^\r\n]+\r?\n(?:[^\r\n]+\r?\n)*?content-disposition:", re.IGNORECASE)),
    (JSON, re.compile(rb'\s*(?:[{\[]|"\{)')),
    ("XML", re.compile(rb"\s*<[?!\w]")),
    (FORM, re.compile(rb"[\w%.+*\[\]-]+=")),
)
"""Format → how a body in it begins."""


class RequestProblem(NamedTuple):
    """A cause, and its remedy."""

    id: str
    explanation: str
    fix: str

    @property
    def mistake(self) -> dict[str, str]:
        """As a doctor reports it."""
        return {"id": self.id, "explanation": self.explanation, "fix": self.fix}

    def evidence(self, **facts: Any) -> dict[str, Any]:
        """As a refusal carries it."""
        return {"check": self.id, "explanation": self.explanation, "remedy": self.fix, **facts}


def already_ended(outcome: str, status: str) -> RequestProblem:
    """A scenario's outcome for a request that only reads, of what has ended otherwise."""
    return RequestProblem(
        "already-ended",
        f"the outcome `{outcome}` of the scenario changes nothing, since the request is about what has ended: {status}",
        "let a scenario answer the first request with the outcome `pending`; for an answer that contradicts it write `body`",
    )


class Accepted(NamedTuple):
    """What an endpoint reads of the body of a POST."""

    media_types: tuple[str, ...]
    remedy: str
    """What to send, as a sentence."""


class _Body(NamedTuple):
    request: Request
    media_type: str
    accepted: Accepted

    @property
    def bytes(self) -> bytes:
        return self.request.body


def find_problem(request: Request, accepted: Accepted, *, any_type: bool = False) -> RequestProblem | None:
    """The first thing that is wrong with the body as such, whatever it says. None: nothing is. ``any_type``:
    its type does not count."""
    body = _Body(request, parse_header(request.headers.get("content-type", "")).value, accepted)
    checks = _CHECKS if any_type else (*_CHECKS, *_TYPE_CHECKS)
    return next((problem for check in checks if (problem := check(body)) is not None), None)


def format_of(body: bytes) -> str:
    """Media type that the body seems to be of, or ``XML``; empty: no known one."""
    return next((name for name, pattern in _FORMATS if pattern.match(body[:4096])), "")


def _empty(body: _Body) -> RequestProblem | None:
    if body.bytes.strip():
        return None
    return RequestProblem("body-empty", "The body is empty.", body.accepted.remedy)


def _method(body: _Body) -> RequestProblem | None:
    if body.request.method == "POST":
        return None
    return RequestProblem(
        "body-not-read", f"The body of a {body.request.method} is not read.", body.accepted.remedy
    )


def _compressed(body: _Body) -> RequestProblem | None:
    coding = body.request.headers.get("content-encoding", "").strip().lower()
    if coding in _CODINGS and not format_of(body.bytes):
        sign = f"it has Content-Encoding: {coding}"
    else:
        name = next((name for name, begins in _MAGIC if body.bytes.startswith(begins)), "")
        if not name:
            return None
        sign = f"it begins as {name} does"
    return RequestProblem(
        "body-compressed",
        f"The body is compressed: {sign}. The server does not unpack it.",
        "Send the body as it is, without Content-Encoding.",
    )


def _wide(body: _Body) -> RequestProblem | None:
    if not _WIDE.match(body.bytes):
        return None
    return RequestProblem(
        "body-utf-16",
        "The body is in UTF-16 or UTF-32.",
        "Encode the body in UTF-8, without a byte order mark.",
    )


def _marked(body: _Body) -> RequestProblem | None:
    if not body.bytes.startswith(BOM):
        return None
    return RequestProblem(
        "byte-order-mark",
        "The body begins with a byte order mark (EF BB BF).",
        "Write UTF-8 without a byte order mark; in .NET with new UTF8Encoding(false).",
    )


def _two_types(body: _Body) -> RequestProblem | None:
    if _other_format(body) is None and _media_type(body) is None:
        return None
    return sent_twice(body.request, "Content-Type")


def sent_twice(request: Request, name: str) -> RequestProblem | None:
    """Of a header field that came more than once and is not what it should be. None: it came once."""
    if all(other != name.lower() for other, _ in request.ignored_headers):
        return None
    return RequestProblem(
        "header-sent-twice",
        f"{name} was sent more than once; the first counts.",
        "Send it once. Look for a default of the HTTP client that is sent as well.",
    )


def _other_format(body: _Body) -> RequestProblem | None:
    actual = format_of(body.bytes)
    if not actual or actual == body.media_type or (actual == JSON and body.media_type.endswith("json")):
        return None
    declared = f"is {body.media_type[:100]}" if body.media_type else "is missing"
    if actual in body.accepted.media_types:
        remedy = f"Send Content-Type: {actual}."
        if actual == MULTIPART:
            remedy = (
                "Send Content-Type: multipart/form-data with the boundary; HTTP clients set it if you do not."
            )
    else:
        remedy = body.accepted.remedy
    return RequestProblem(
        "content-type-differs", f"The body looks like {actual}, but the Content-Type {declared}.", remedy
    )


def _media_type(body: _Body) -> RequestProblem | None:
    if body.media_type in body.accepted.media_types or (
        body.media_type.endswith("json") and JSON in body.accepted.media_types
    ):
        return None
    what = f"is {body.media_type[:100]}" if body.media_type else "is missing"
    return RequestProblem("content-type", f"The Content-Type {what}.", body.accepted.remedy)


def not_utf_8(body: bytes) -> RequestProblem | None:
    """None: the body is UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        place = f"byte 0x{body[error.start]:02X} at position {error.start}"
        return RequestProblem(
            "body-not-utf-8", f"The body is not UTF-8: {place} is not valid.", "Encode the body in UTF-8."
        )
    return None


# -- multipart
# -------------------------------------------------------------------------------------------------
def _multipart(body: _Body) -> RequestProblem | None:
    if body.media_type != MULTIPART:
        return None
    content_type = body.request.headers["content-type"]
    boundary = boundary_of(content_type)
    if not boundary:
        return RequestProblem(
            "boundary-missing",
            "The Content-Type multipart/form-data has no boundary.",
            "Do not set the Content-Type of a multipart body yourself: the HTTP client adds the boundary.",
        )
    return _framing(body.bytes, boundary) or _parts(body.bytes, content_type)


def _framing(body: bytes, boundary: bytes) -> RequestProblem | None:
    name, framed = boundary.decode("latin-1"), b"\r\n" + body
    if b"\r\n--" + boundary not in framed:
        if b"\n--" + boundary + b"\n" in framed:
            return _line_feeds()
        delimiter = _DELIMITER.match(body)
        used = (
            f"the body is divided by {delimiter[1].decode('latin-1')!r}"
            if delimiter
            else "the body has no such delimiter"
        )
        return RequestProblem(
            "boundary-wrong",
            f"The Content-Type has the boundary {name!r}, but {used}.",
            "Do not set the Content-Type of a multipart body yourself: the HTTP client adds the boundary.",
        )
    if b"--" + boundary + b"\n" in body:
        return _line_feeds()
    if b"\r\n--" + boundary + b"--" not in framed:
        return RequestProblem(
            "multipart-cut-off",
            f"The body ends before its last delimiter, --{name}--.",
            "End the body with two hyphens, the boundary, and two hyphens, and count all of it into Content-Length.",
        )
    return None


def _line_feeds() -> RequestProblem:
    return RequestProblem(
        "multipart-line-feeds",
        "The lines of the multipart body end with LF alone.",
        "End the delimiters and the header lines of a multipart body with CRLF.",
    )


def _parts(body: bytes, content_type: str) -> RequestProblem | None:
    all_parts = list(parts(body, content_type))
    if len(all_parts) >= MOST_PARTS:
        return RequestProblem(
            "multipart-parts", f"The body has more than {MOST_PARTS - 1} parts.", "Send fewer parts."
        )
    nameless = [str(number) for number, part in enumerate(all_parts, 1) if not part.name]
    if nameless:
        return RequestProblem(
            "part-without-name",
            f"The header has no readable name in part {', '.join(nameless[:5])}.",
            'Begin each part with Content-Disposition: form-data; name="…" and an empty line before its content.',
        )
    if not all_parts:
        return RequestProblem(
            "multipart-empty", "The multipart body has no parts.", "Send each parameter as a part."
        )
    return None


_CHECKS: tuple[Callable[[_Body], RequestProblem | None], ...] = (
    _empty,
    _method,
    _compressed,
    _wide,
    _marked,
    _multipart,
)
_TYPE_CHECKS: tuple[Callable[[_Body], RequestProblem | None], ...] = (_two_types, _other_format, _media_type)
"""After the others: what makes a body unreadable altogether comes before what its type says."""
