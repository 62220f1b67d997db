"""A curl command line as the request that curl would send."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote_plus

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class CurlRequest(NamedTuple):
    """A request before its target is taken apart."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def read(text: str) -> CurlRequest:
    """The options of curl that make a request; others are passed over. Raises ``ValueError``."""
    arguments = list(_words(text))
    target = next((value for kind, value in arguments if kind == "url"), "")
    if not target:
        raise ValueError("the curl command names no address")
    target = target if "://" in target else f"http://{target}"
    body, content_type = _body(arguments)
    headers = {"content-type": content_type} if content_type else {}
    if any(kind == "json" for kind, _ in arguments):
        headers["accept"] = JSON
    for name, _, value in (value.partition(":") for kind, value in arguments if kind == "header"):
        headers[name.strip().lower()] = value.strip()
    for user in (value for kind, value in arguments if kind == "user"):
        headers["authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
    kinds = {kind for kind, _ in arguments}
    query = [_encoded(value) for kind, value in arguments if kind == "query"]
    if "get" in kinds:
        query, body = [*query, *([body.decode("utf-8", "surrogateescape")] if body else [])], b""
        headers.pop("content-type", None)
    target += f"{'&' if '?' in target else '?'}{'&'.join(query)}" if query else ""
    usual = "HEAD" if "head" in kinds else "GET" if "get" in kinds or not kinds & _BODIES else "POST"
    return CurlRequest(
        next((value for kind, value in arguments if kind == "method"), usual), target, headers, body
    )


def _body(arguments: list[tuple[str, str]]) -> tuple[bytes, str]:
    """The body that curl would send, and its Content-Type."""
    parts = [(kind, value) for kind, value in arguments if kind in ("form", "form text")]
    if parts:
        return _multipart(parts), f"multipart/form-data; boundary={_BOUNDARY}"
    if any(kind == "json" for kind, _ in arguments):
        return b"".join(
            _contents(value, strip=False) for kind, value in arguments if kind in ("json", "data")
        ), JSON
    pieces = [_piece(kind, value) for kind, value in arguments if kind in _BODIES]
    return b"&".join(pieces), FORM if pieces else ""


def _piece(kind: str, value: str) -> bytes:
    if kind == "encode":
        return _encoded(value).encode("utf-8", "surrogateescape")
    return (
        value.encode("utf-8", "surrogateescape") if kind == "raw" else _contents(value, strip=kind == "data")
    )


def _contents(value: str, *, strip: bool) -> bytes:
    """The bytes of an option's value, or of the file that ``@FILE`` names; ``strip``: without its line
    breaks, as ``-d`` sends it."""
    if not value.startswith("@"):
        return value.encode("utf-8", "surrogateescape")
    raw = _file(value[1:])
    return raw.replace(b"\r", b"").replace(b"\n", b"") if strip else raw


def _file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise ValueError(f"the curl command sends the file {name}: {error.strerror or error}") from None


def _multipart(parts: list[tuple[str, str]]) -> bytes:
    """``name=value``, ``name=<file`` (its text) and ``name=@file;type=…``."""
    lines = []
    for form, part in parts:
        name, _, value = part.partition("=")
        of_file = form == "form" and value.startswith(("@", "<"))
        value, *options = value.split(";") if of_file else [value]
        kind = next(
            (option.partition("=")[2] for option in options if option.strip().startswith("type=")),
            "application/octet-stream",
        )
        disposition = f'Content-Disposition: form-data; name="{name}"'
        if of_file and value.startswith("@"):
            disposition += f'; filename="{Path(value[1:]).name}"\r\nContent-Type: {kind}'
        content = _file(value[1:]) if of_file else value.encode("utf-8", "surrogateescape")
        lines.append(
            f"--{_BOUNDARY}\r\n{disposition}\r\n\r\n".encode("utf-8", "surrogateescape") + content + b"\r\n"
        )
    return b"".join(lines) + f"--{_BOUNDARY}--\r\n".encode()


def _words(text: str) -> Iterator[tuple[str, str]]:
    """(kind, value) of each option that counts; the address is of kind ``url``."""
    words = iter(shlex.split(text.replace("\\\r\n", " ").replace("\\\n", " "))[1:])
    for word in words:
        if not word.startswith("-") or word == "-":
            yield "url", word
        elif word.startswith("--"):
            name, _, joined = word.partition("=")
            yield from _option(name, joined, words)
        else:
            yield from _cluster(word[1:], words)


def _cluster(letters: str, words: Iterator[str]) -> Iterator[tuple[str, str]]:
    """``-sSXPOST``: short options in one word, up to the first that has a value."""
    for place, letter in enumerate(letters, 1):
        yield from _option(f"-{letter}", letters[place:], words)
        if f"-{letter}" in _TAKES:
            return


def _option(name: str, joined: str, words: Iterator[str]) -> Iterator[tuple[str, str]]:
    if name in _FLAGS:
        yield _FLAGS[name], ""
    elif name in _TAKES:
        yield _TAKES[name], joined or next(words, "")


def _encoded(value: str) -> str:
    """``--data-urlencode``: ``text``, ``=text``, ``name=text``, ``@file`` or ``name@file``, of which only the
    text is encoded."""
    sign = next((character for character in value if character in "=@"), "")
    if not sign:
        return quote_plus(value)
    name, _, rest = value.partition(sign)
    text = quote_plus(rest.encode("utf-8", "surrogateescape") if sign == "=" else _file(rest))
    return f"{name}={text}" if name else text


_BOUNDARY = "------------------------mock-server-curl"
_BODIES = frozenset({"data", "binary", "raw", "encode", "json", "form", "form text"})
_FLAGS = {"-G": "get", "--get": "get", "-I": "head", "--head": "head"}
_TAKES = {
    "-X": "method", "--request": "method", "-H": "header", "--header": "header", "-u": "user", "--user": "user", "--url": "url",
    "-d": "data", "--data": "data", "--data-ascii": "data", "--data-raw": "raw", "--data-binary": "binary", "--json": "json",
    "--data-urlencode": "encode", "--url-query": "query", "-F": "form", "--form": "form", "--form-string": "form text",
    "-o": "", "--output": "", "-m": "", "--max-time": "", "-A": "", "--user-agent": "", "-b": "", "--cookie": "", "-c": "",
    "--cookie-jar": "", "-e": "", "--referer": "", "-E": "", "--cert": "", "--key": "", "--cacert": "", "-x": "", "--proxy": "",
    "--connect-timeout": "", "--connect-to": "", "--resolve": "", "--retry": "", "--retry-delay": "", "-w": "", "--write-out": "",
    "-D": "", "--dump-header": "", "--ciphers": "", "-K": "", "--config": "",
}  # fmt: skip
"""Options with a value → what it is; empty: nothing of the request."""
