"""Reads a request from a file: ``.http`` as editors send it, ``.json``, or a ``curl`` command line."""

from __future__ import annotations

import base64
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote_plus, unquote, urlencode, urlsplit

import click

from mock_server.core.http import Request

FORM = "application/x-www-form-urlencoded"


class Written(NamedTuple):
    """A request before its target is taken apart."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def read(path: str) -> Written:
    """The request in the file; ``-`` is standard input. Raises ``click.UsageError`` with the place."""
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror or error}") from None
    text = raw.decode("utf-8-sig", "surrogateescape").lstrip()
    try:
        if text.startswith("{"):
            return _from_json(json.loads(text))
        if text.startswith("curl"):
            return _from_curl(text)
        return _from_http(text)
    except (ValueError, KeyError, IndexError) as error:
        raise click.UsageError(f"{path}: this is no request: {error}") from None


def to_request(written: Written, mounts: tuple[str, ...]) -> Request:
    """The core request, its mount split off as the server would."""
    from mock_server.web.mounts import split_mount

    parts = urlsplit(written.target)
    host = written.headers.get("host", parts.netloc)
    mount, path = split_mount(unquote(parts.path) or "/", host, mounts)
    origin = f"{parts.scheme or 'http'}://{host or '127.0.0.1:8484'}{mount}"
    return Request(written.method.upper(), path, parts.query, written.headers, written.body, origin=origin, mount=mount)


def _from_json(document: dict[str, Any]) -> Written:
    """``{"method", "url" or "path", "query"?, "headers"?, "params"?, "body"?, "json"?}``, or a journal entry with such a ``request``."""
    inner = document.get("request")
    if isinstance(inner, dict):
        document = inner
    target = document.get("url") or document.get("path")
    if not target:
        raise ValueError("it has neither url nor path")
    query = document.get("query") or ""
    headers = {str(name).lower(): str(value) for name, value in (document.get("headers") or {}).items()}
    body, params = document.get("body"), document.get("params")
    method = str(document.get("method") or ("POST" if body or params or "json" in document else "GET")).upper()
    if isinstance(body, str) and body:
        raw = body.encode("utf-8", "surrogateescape")
    elif body not in (None, "") or document.get("json") is not None:
        raw = json.dumps(document.get("json") if body in (None, "") else body).encode()
        headers.setdefault("content-type", "application/json")
    elif params and method != "GET":
        raw = urlencode(params, doseq=True).encode()
        headers.setdefault("content-type", FORM)
    else:
        raw = b""
        query = query or (urlencode(params, doseq=True) if params else "")
    return Written(method, f"{target}?{query}" if query else str(target), headers, raw)


def _from_http(text: str) -> Written:
    """Request line, headers, blank line, body; ``#`` and ``//`` begin comments before it, ``###`` ends the request."""
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and (not lines[0].strip() or lines[0].startswith(("#", "//", "@"))):
        lines.pop(0)
    if not lines:
        raise ValueError("it is empty")
    words = lines.pop(0).split()
    method, target = (words[0], words[1]) if len(words) > 1 and words[0].isalpha() else ("GET", words[0])
    if not target.startswith(("/", "http://", "https://")):
        raise ValueError(f"{target!r} is neither a path nor an http address")
    while lines and lines[0].startswith((" ", "\t")) and lines[0].strip()[:1] in ("?", "&"):
        target += lines.pop(0).strip()
    headers: dict[str, str] = {}
    while lines and lines[0].strip():
        name, sign, value = lines.pop(0).partition(":")
        if not sign:
            raise ValueError(f"{name!r} is no header; headers end with a blank line")
        headers[name.strip().lower()] = value.strip()
    body = lines[1:]
    end = next((number for number, line in enumerate(body) if line.startswith("###")), len(body))
    text = "\n".join(body[:end]).rstrip("\n")
    if headers.get("content-type", "").startswith(FORM):
        text = text.replace("\n&", "&")
    return Written(method, target, headers, text.encode("utf-8", "surrogateescape"))


def _from_curl(text: str) -> Written:
    """The options of curl that make a request; others are passed over."""
    given = list(_curl_words(text))
    target = next((value for kind, value in given if kind == "url"), "")
    if not target:
        raise ValueError("the curl command names no address")
    target = target if "://" in target else f"http://{target}"
    headers = {}
    for name, _, value in (value.partition(":") for kind, value in given if kind == "header"):
        headers[name.strip().lower()] = value.strip()
    for user in (value for kind, value in given if kind == "user"):
        headers["authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
    pieces = [value if kind == "data" else _encoded(value) for kind, value in given if kind in ("data", "encode")]
    data = "&".join(pieces)
    method = next((value for kind, value in given if kind == "method"), "")
    if any(kind == "get" for kind, _ in given):
        return Written(method or "GET", f"{target}{'&' if '?' in target else '?'}{data}" if data else target, headers, b"")
    if pieces:
        headers.setdefault("content-type", FORM)
    return Written(method or ("POST" if pieces else "GET"), target, headers, data.encode("utf-8", "surrogateescape"))


def _curl_words(text: str) -> Iterator[tuple[str, str]]:
    """(kind, value) of each option that counts; the address is of kind ``url``."""
    words = iter(shlex.split(text.replace("\\\r\n", " ").replace("\\\n", " "))[1:])
    for word in words:
        if word in ("-G", "--get"):
            yield "get", ""
        elif not word.startswith("-"):
            yield "url", word
        else:
            name, _, joined = word.partition("=") if word.startswith("--") else (word[:2], "", word[2:])
            if name in _TAKES:
                yield _TAKES[name], joined or next(words, "")


def _encoded(value: str) -> str:
    name, _, rest = value.partition("=")
    return f"{name}={quote_plus(rest)}"


_TAKES = {
    "-X": "method", "--request": "method", "-H": "header", "--header": "header", "-u": "user", "--user": "user", "--url": "url",
    "-d": "data", "--data": "data", "--data-raw": "data", "--data-binary": "data", "--data-ascii": "data", "--json": "data",
    "--data-urlencode": "encode", "-o": "", "--output": "", "-m": "", "--max-time": "", "-A": "", "--user-agent": "",
}  # fmt: skip
