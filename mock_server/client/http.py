"""One kept-alive connection a thread to the control API, on the standard library alone."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from mock_server.client.errors import ApiError, UnreachableError, WaitTimeoutError

_STALE = (
    http.client.RemoteDisconnected,
    http.client.CannotSendRequest,
    BrokenPipeError,
    ConnectionResetError,
)


class Control:
    """Calls below ``/__admin``. Thread-safe."""

    def __init__(
        self, url: str, token: str | None, timeout: float, context: ssl.SSLContext | None = None
    ) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no http address; write for example http://127.0.0.1:8484")
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._host, self._port = parts.hostname, parts.port
        self._secure, self._context = parts.scheme == "https", context
        self._prefix = f"{parts.path.rstrip('/')}/__admin/"
        self._headers = {
            "Accept": "application/json",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        self._timeout = timeout
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[http.client.HTTPConnection] = []

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

        ``patience``: seconds that the answer may take beside the usual timeout.
        """
        given = {name: _text(value) for name, value in (query or {}).items() if value not in (None, "")}
        target = f"{self._prefix}{path}{'?' + urlencode(given) if given else ''}"
        data = None if body is None else msgspec.json.encode(body)
        status, raw = self._response(method, target, data, self._timeout + patience)
        try:
            document = msgspec.json.decode(raw) if raw.strip() else {}
        except msgspec.DecodeError:
            raise UnreachableError(
                f"{self.url} is no mock server: {method} {target} answered {status} with {raw[:80]!r}"
            ) from None
        if status < 400:
            return document
        raise (WaitTimeoutError if status == 408 else ApiError)(
            status, document if isinstance(document, dict) else {"detail": str(document)}
        )

    def close(self) -> None:
        """Close every thread's connection; the next call opens another."""
        with self._lock:
            while self._open:
                self._open.pop().close()
        self._local = threading.local()

    def _response(self, method: str, target: str, data: bytes | None, timeout: float) -> tuple[int, bytes]:
        known = getattr(self._local, "connection", None)
        headers = self._headers if data is None else {**self._headers, "Content-Type": "application/json"}
        try:
            if known is not None:
                try:
                    return _ask(known, method, target, data, headers, timeout)
                except _STALE:
                    known.close()
            return _ask(self._connect(timeout), method, target, data, headers, timeout)
        except TimeoutError as error:
            self._drop()
            raise UnreachableError(
                f"{self.url} did not answer {method} {target} within {timeout:g} s"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            raise UnreachableError(
                f"{self.url} cannot be reached: {error or type(error).__name__}; is the mock server running?"
            ) from error

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        self._drop()
        if self._secure:
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                self._host, self._port, timeout=timeout, context=self._context
            )
        else:
            made = http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        self._local.connection = made
        with self._lock:
            self._open.append(made)
        return made

    def _drop(self) -> None:
        known = getattr(self._local, "connection", None)
        if known is not None:
            known.close()
            self._local.connection = None
            with self._lock:
                self._open[:] = [one for one in self._open if one is not known]


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    data: bytes | None,
    headers: Mapping[str, str],
    timeout: float,
) -> tuple[int, bytes]:
    if connection.sock is not None:
        connection.sock.settimeout(timeout)
    connection.timeout = timeout
    connection.request(method, target, data, dict(headers))
    with connection.getresponse() as response:
        return response.status, response.read()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
