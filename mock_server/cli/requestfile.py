"""Reads a request from a file: ``.http`` as editors send it, ``.json``, or a ``curl`` command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from mock_server.cli import curl
from mock_server.cli.curl import FORM, JSON, CurlRequest
from mock_server.core import nesting
from mock_server.core.http import Request


def read(path: str) -> CurlRequest:
    """The request in the file, or in the curl command; ``-`` is standard input. Raises ``click.UsageError`` with the
    place."""
    if is_curl(path):
        return _parsed("the curl command", path.lstrip())
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror or error}") from None
    return _parsed(path, raw.decode("utf-8-sig", "surrogateescape").lstrip())


def is_curl(text: str) -> bool:
    """Whether it is a curl command, and no file's name."""
    return text.lstrip().startswith("curl ")


def _parsed(path: str, text: str) -> CurlRequest:
    try:
        if text.startswith("{"):
            return _from_json(nesting.loads(text))
        if text.startswith("curl"):
            return curl.read(text)
        return _from_http(text)
    except (ValueError, KeyError, IndexError) as error:
        raise click.UsageError(f"{path}: not a request: {error}") from None


def to_request(written: CurlRequest, mounts: tuple[str, ...]) -> Request:
    """The core request, its mount split off as the server would."""
    from mock_server.web.trial import written as request_of

    return request_of(written.method, written.target, written.headers, written.body, mounts)


def _from_json(document: dict[str, Any]) -> CurlRequest:
    """``{"method", "url" or "path", "query"?, "headers"?, "params"?, "body"?, "json"?}``, or a journal entry
    with such a ``request``."""
    inner = document.get("request")
    if isinstance(inner, dict):
        document = inner
    target = document.get("url") or document.get("path")
    if not target:
        raise ValueError("it has neither url nor path")
    query = document.get("query") or ""
    headers = {str(name).lower(): str(value) for name, value in (document.get("headers") or {}).items()}
    body, params = document.get("body"), document.get("params")
    method = str(
        document.get("method") or ("POST" if body or params or "json" in document else "GET")
    ).upper()
    if isinstance(body, str) and body:
        raw = body.encode("utf-8", "surrogateescape")
    elif body not in (None, "") or document.get("json") is not None:
        raw = json.dumps(document.get("json") if body in (None, "") else body).encode()
        headers.setdefault("content-type", JSON)
    elif params and method != "GET":
        raw = urlencode(params, doseq=True).encode()
        headers.setdefault("content-type", FORM)
    else:
        raw = b""
        query = query or (urlencode(params, doseq=True) if params else "")
    return CurlRequest(method, f"{target}?{query}" if query else str(target), headers, raw)


def _from_http(text: str) -> CurlRequest:
    """Request line, headers, blank line, body; ``#`` and ``//`` begin comments before it, ``###`` ends the
    request."""
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
            raise ValueError(f"{name!r} is not a header; headers end with an empty line")
        headers[name.strip().lower()] = value.strip()
    body = lines[1:]
    end = next((number for number, line in enumerate(body) if line.startswith("###")), len(body))
    text = "\n".join(body[:end]).rstrip("\n")
    if headers.get("content-type", "").startswith(FORM):
        text = text.replace("\n&", "&")
    return CurlRequest(method, target, headers, text.encode("utf-8", "surrogateescape"))
