"""What .NET 8's HttpClient sends, written from its published source (MIT), since a .NET SDK is a large thing
to need.

HttpConnection.WriteHeaders gives the order of the header fields, MultipartFormDataContent and
ContentDispositionHeaderValue the parts (a name without quotes, a file name in MIME and in RFC 5987 form),
FormUrlEncodedContent the form, JsonContent (``PostAsJsonAsync``) the chunked JSON with the escapes of
JavaScriptEncoder.Default."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from tests.corpora.wire import cases as corpus

NAME, VERSION = "dotnet-httpclient", ".NET 8.0"
HOW = "written from the client's published source"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_ESCAPED = frozenset("\"&'+<>`")


def cases() -> list[dict[str, Any]]:
    """The four cases, and what differs in .NET: an ASCII file name, JSON as text."""
    return corpus.cases(NAME, ("token-filename", "string-content", "expect"))


def request(case: Mapping[str, Any], host: str) -> bytes:
    """The bytes of one case."""
    if case["method"] == "GET":
        target = (
            case["path"]
            + "?"
            + "&".join(f"{_escape(name)}={_escape(value)}" for name, value in case["fields"])
        )
        return _head(f"GET {target}", ("Host", host))
    headers = [("Host", host)]
    if "user" in case:
        headers.append(
            (
                "Authorization",
                "Basic " + base64.b64encode(f"{case['user']}:{case['password']}".encode()).decode(),
            )
        )
    if case["case"] == "expect":
        headers.append(("Expect", "100-continue"))
    if case["case"] == "json":
        headers += [("Transfer-Encoding", "chunked"), ("Content-Type", "application/json; charset=utf-8")]
        body = _json(case["json"])
        return _head(f"POST {case['path']}", *headers) + b"%X\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    kind, body = _content(case)
    return (
        _head(f"POST {case['path']}", *headers, ("Content-Type", kind), ("Content-Length", str(len(body))))
        + body
    )


def _head(start: str, *headers: tuple[str, str]) -> bytes:
    return "\r\n".join(
        (f"{start} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", "")
    ).encode("ascii")


def _content(case: Mapping[str, Any]) -> tuple[str, bytes]:
    if "json" in case:
        return "application/json; charset=utf-8", json.dumps(
            case["json"], ensure_ascii=False, separators=(",", ":")
        ).encode()
    if "file" in case:
        boundary = str(uuid5(NAMESPACE_URL, case["case"]))
        mark = f"\r\n--{boundary}".encode()
        body = b"".join(mark + b"\r\n" + part for part in _parts(case))[2:] + mark + b"--\r\n"
        return f'multipart/form-data; boundary="{boundary}"', body
    form = "&".join(f"{_escape(name)}={_escape(value)}" for name, value in case["fields"])
    return "application/x-www-form-urlencoded", form.replace("%20", "+").encode()


def _parts(case: Mapping[str, Any]) -> Iterator[bytes]:
    for name, value in case["fields"]:
        yield f"Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name={_quoted(name)}\r\n\r\n{value}".encode()
    file = case["file"]
    names = (
        f"filename={_quoted(file['filename'])}; filename*=utf-8''{quote(file['filename'], safe=_ATTRIBUTE)}"
    )
    disposition = f"Content-Disposition: form-data; name={_quoted(file['name'])}; {names}"
    yield f"Content-Type: {file['type']}\r\n{disposition}\r\n\r\n".encode() + base64.b64decode(file["base64"])


_ATTRIBUTE = "!#$&+-.^_`|~"
"""RFC 5987's ``attr-char`` beyond letters and digits."""


def _quoted(text: str) -> str:
    """ContentDispositionHeaderValue.EncodeAndQuoteMime."""
    if not text.isascii():
        return f'"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="'
    return text if _TOKEN.fullmatch(text) else f'"{text}"'


def _escape(text: str) -> str:
    """Uri.EscapeDataString."""
    return quote(text, safe="-_.~")


def _json(value: Any) -> bytes:
    """JsonSerializer with JavaScriptEncoder.Default: every letter beyond ASCII, and what HTML could take
    amiss, is escaped."""
    text = json.dumps(value, separators=(",", ":")).replace('\\"', "\\u0022")
    text = re.sub(r"\\u([0-9a-f]{4})", lambda match: f"\\u{match[1].upper()}", text)
    return "".join(f"\\u{ord(c):04X}" if c in _ESCAPED - {'"'} else c for c in text).encode()
