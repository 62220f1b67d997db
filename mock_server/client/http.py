"""The control API over HTTP: how a call and its answer look on the wire, and one persistent connection per thread,
on the standard library alone."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping

# By name, since recorders of HTTP traffic replace the names of the module http.client while a test runs.
from http.client import (
    CannotSendRequest,
    HTTPConnection,
    HTTPException,
    HTTPSConnection,
    RemoteDisconnected,
)
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from mock_server.client.errors import ApiError, UnreachableError, WaitTimeoutError
from mock_server.core.target import TargetError, split_url

_STALE = (RemoteDisconnected, CannotSendRequest, BrokenPipeError, ConnectionResetError)


class HttpRequest(NamedTuple):
    """A call, ready to be sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    data: bytes | None


class Endpoint:
    """Where the control API is."""

    def __init__(
        self, url: str, token: str | None, timeout: float, context: ssl.SSLContext | None = None
    ) -> None:
        try:
            parts, port = split_url(url if "://" in url else f"http://{url}")
        except TargetError as error:
            raise ValueError(f"{url!r}: {error}; write for example http://127.0.0.1:8484") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an http address; write for example http://127.0.0.1:8484")
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self.host, self.is_secure, self.context = parts.hostname, parts.scheme == "https", context
        self.port = port or (443 if self.is_secure else 80)
        self.netloc = parts.netloc.rpartition("@")[2]
        self.timeout = timeout
        self._prefix = f"{parts.path.rstrip('/')}/__admin/"
        self._headers = {
            "Accept": "application/json",
            # Headers are written as Latin-1, and the server reads a token as UTF-8.
            **({"Authorization": "Bearer " + token.encode().decode("latin-1")} if token else {}),
        }

    def request(self, method: str, path: str, query: Mapping[str, Any] | None, body: Any) -> HttpRequest:
        """``path`` is below ``/__admin/``; parameters that are empty or None are left out."""
        parameters = {name: _text(value) for name, value in (query or {}).items() if value not in (None, "")}
        target = f"{self._prefix}{path}{'?' + urlencode(parameters) if parameters else ''}"
        if body is None:
            return HttpRequest(method, target, self._headers, None)
        headers = {**self._headers, "Content-Type": "application/json"}
        return HttpRequest(method, target, headers, msgspec.json.encode(body))

    def read(self, request: HttpRequest, status: int, raw: bytes) -> Any:
        """The JSON answer. Raises `ApiError`, `WaitTimeoutError`, or `UnreachableError` for what no mock server
        answers."""
        try:
            document = msgspec.json.decode(raw) if raw.strip() else {}
        except msgspec.DecodeError:
            raise UnreachableError(
                f"{self.url} is not a mock server: {request.method} {request.target} answered {status}"
                f" with {raw[:80]!r}"
            ) from None
        if status < 400:
            return document
        raise (WaitTimeoutError if status == 408 else ApiError)(
            status, document if isinstance(document, dict) else {"detail": str(document)}
        )

    def too_late(self, request: HttpRequest, seconds: float) -> UnreachableError:
        """No answer in time."""
        return UnreachableError(
            f"{self.url} did not answer {request.method} {request.target} within {seconds:g} s"
        )

    def unreachable(self, error: BaseException) -> UnreachableError:
        """No connection, or one that broke."""
        reason = str(error) or type(error).__name__
        return UnreachableError(f"{self.url} cannot be reached: {reason}; is the mock server running?")


class Control:
    """Calls below ``/__admin``. Thread-safe."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.url = endpoint.url
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[HTTPConnection] = []

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        *,
        patience: float = 0.0,
    ) -> Any:
        """The JSON answer. Raises `ApiError`, `WaitTimeoutError` or `UnreachableError`.

        ``patience``: seconds that the answer may take in addition to the usual timeout.
        """
        request = self.endpoint.request(method, path, query, body)
        status, raw = self._response(request, self.endpoint.timeout + patience)
        return self.endpoint.read(request, status, raw)

    def close(self) -> None:
        """Close every thread's connection; the next call opens another."""
        with self._lock:
            while self._open:
                self._open.pop().close()
        self._local = threading.local()

    def _response(self, request: HttpRequest, timeout: float) -> tuple[int, bytes]:
        known = getattr(self._local, "connection", None)
        try:
            if known is not None:
                try:
                    return _ask(known, request, timeout)
                except _STALE:
                    known.close()
            return _ask(self._connect(timeout), request, timeout)
        except TimeoutError as error:
            self._drop()
            raise self.endpoint.too_late(request, timeout) from error
        except (OSError, HTTPException) as error:
            self._drop()
            raise self.endpoint.unreachable(error) from error

    def _connect(self, timeout: float) -> HTTPConnection:
        self._drop()
        host, port = self.endpoint.host, self.endpoint.port
        connection = (
            HTTPSConnection(host, port, timeout=timeout, context=self.endpoint.context)
            if self.endpoint.is_secure
            else HTTPConnection(host, port, timeout=timeout)
        )
        self._local.connection = connection
        with self._lock:
            self._open.append(connection)
        return connection

    def _drop(self) -> None:
        known = getattr(self._local, "connection", None)
        if known is not None:
            known.close()
            self._local.connection = None
            with self._lock:
                self._open[:] = [one for one in self._open if one is not known]


def _ask(connection: HTTPConnection, request: HttpRequest, timeout: float) -> tuple[int, bytes]:
    if connection.sock is not None:
        connection.sock.settimeout(timeout)
    connection.timeout = timeout
    connection.request(request.method, request.target, request.data, dict(request.headers))
    with connection.getresponse() as response:
        return response.status, response.read()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
