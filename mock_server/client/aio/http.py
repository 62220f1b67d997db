"""Calls of the control API without blocking: one connection a call, on anyio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anyio
import httptools

from mock_server.client.http import Endpoint, HttpRequest

_BROKEN = (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError, httptools.HttpParserError)


class Control:
    """Calls below ``/__admin``."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.url = endpoint.url

    async def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        *,
        patience: float = 0.0,
    ) -> Any:
        """As `mock_server.client.http.Control.call`."""
        request = self.endpoint.request(method, path, query, body)
        seconds = self.endpoint.timeout + patience
        try:
            with anyio.fail_after(seconds):
                status, raw = await _exchange(self.endpoint, request)
        except TimeoutError as error:
            raise self.endpoint.too_late(request, seconds) from error
        except _BROKEN as error:
            raise self.endpoint.unreachable(error) from error
        return self.endpoint.read(request, status, raw)


async def _exchange(endpoint: Endpoint, request: HttpRequest) -> tuple[int, bytes]:
    answer = _Answer()
    async with await _connect(endpoint) as stream:
        await stream.send(_bytes_of(endpoint, request))
        while not answer.is_complete:
            try:
                answer.feed(await stream.receive())
            except anyio.EndOfStream:
                raise ConnectionResetError(
                    "the connection was closed before the answer was complete"
                ) from None
    return answer.status, b"".join(answer.parts)


async def _connect(endpoint: Endpoint) -> anyio.abc.ByteStream:
    if not endpoint.is_secure:
        return await anyio.connect_tcp(endpoint.host, endpoint.port)
    return await anyio.connect_tcp(
        endpoint.host,
        endpoint.port,
        tls=True,
        ssl_context=endpoint.context,
        tls_standard_compatible=False,
    )


def _bytes_of(endpoint: Endpoint, request: HttpRequest) -> bytes:
    data = request.data or b""
    headers = {
        "Host": endpoint.netloc,
        "Connection": "close",
        "Content-Length": str(len(data)),
        **request.headers,
    }
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + data


class _Answer:
    """Collects what the parser finds."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self.status = 0
        self.parts: list[bytes] = []
        self.is_complete = False

    def feed(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self.parts.append(body)

    def on_message_complete(self) -> None:
        self.status = self._parser.get_status_code()
        self.is_complete = True
