"""Receivers with deliberate faults: small real HTTP servers on free ports, in a thread, recording what
came."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple


class ReceivedRequest(NamedTuple):
    """One request that arrived whole."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    connection: int
    """Number of the connection it came by, from 1."""


class Conversation:
    """What a behaviour can do with one request."""

    def __init__(
        self, receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.receiver = receiver
        self.reader = reader
        self.writer = writer

    def answer(
        self,
        status: int = 200,
        body: bytes = b"ok",
        *,
        headers: tuple[tuple[str, str], ...] = (),
        length: int | None = None,
    ) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body) if length is None else length}"]
        lines += [f"{name}: {value}" for name, value in headers]
        self.raw("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def raw(self, data: bytes) -> None:
        self.writer.write(data)

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """Close so that the other side sees RST."""
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.writer.transport.abort()


Behaviour = Callable[[Conversation, ReceivedRequest], Awaitable[None]]


async def good(talk: Conversation, request: ReceivedRequest) -> None:
    talk.answer()


async def closes(talk: Conversation, request: ReceivedRequest) -> None:
    talk.close()


async def resets(talk: Conversation, request: ReceivedRequest) -> None:
    talk.reset()


async def never_answers(talk: Conversation, request: ReceivedRequest) -> None:
    """Until the other side gives up."""
    await talk.reader.read()


async def redirects(talk: Conversation, request: ReceivedRequest) -> None:
    talk.answer(302, b"", headers=(("Location", f"{talk.receiver.url}/elsewhere"),))


async def answers_ten_megabytes(talk: Conversation, request: ReceivedRequest) -> None:
    talk.answer(200, b"x" * 10_000_000)


async def not_http(talk: Conversation, request: ReceivedRequest) -> None:
    talk.raw(b"SSH-2.0-OpenSSH_9.6\r\n")


async def trickles(talk: Conversation, request: ReceivedRequest) -> None:
    """A header that never ends, a byte at a time: no time limit that is renewed by every byte ever
    expires."""
    talk.raw(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not talk.receiver.released.is_set() and not talk.writer.is_closing():
        talk.raw(b"z")
        await asyncio.sleep(0.01)


def slow(seconds: float) -> Behaviour:
    async def behave(talk: Conversation, request: ReceivedRequest) -> None:
        await asyncio.sleep(seconds)
        talk.answer()

    return behave


def answers(status: int, body: bytes = b"", headers: tuple[tuple[str, str], ...] = ()) -> Behaviour:
    async def behave(talk: Conversation, request: ReceivedRequest) -> None:
        talk.answer(status, body, headers=headers)

    return behave


def says(data: bytes) -> Behaviour:
    """Raw bytes, then the end of the connection."""

    async def behave(talk: Conversation, request: ReceivedRequest) -> None:
        talk.raw(data)
        talk.close()

    return behave


def fails_first(times: int, status: int = 500) -> Behaviour:
    """``status`` to the first so many requests with the same body, then 200."""
    seen: Counter[bytes] = Counter()

    async def behave(talk: Conversation, request: ReceivedRequest) -> None:
        seen[request.body] += 1
        talk.answer(status if seen[request.body] <= times else 200)

    return behave


class Receiver:
    """Use as a context manager: it listens from the beginning to the end of the block."""

    def __init__(
        self,
        behave: Behaviour = good,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._behave = behave
        self.port = port
        """0: a free one."""
        self._host = host
        self._tls = tls
        self.requests: list[ReceivedRequest] = []
        self.connections = 0
        self.at_once = 0
        """Most requests that were under way at one time."""
        self._under_way = 0
        self._arrived = threading.Condition()

    # -- reading
    # -----------------------------------------------------------------------------------------------
    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    @property
    def bodies(self) -> list[bytes]:
        return [request.body for request in self.requests]

    def wait(self, count: int, timeout: float = 10.0) -> list[ReceivedRequest]:
        """Block until so many requests have come."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, timeout), (
                f"{len(self.requests)} of {count} came within {timeout} s"
            )
            return list(self.requests)

    # -- running
    # -----------------------------------------------------------------------------------------------
    def __enter__(self) -> Receiver:
        ready = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(ready),), daemon=True)
        self._thread.start()
        assert ready.wait(5)
        return self

    def __exit__(self, *exc: Any) -> None:
        self._loop.call_soon_threadsafe(self.released.set)
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(5)

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self.released, self._over = asyncio.Event(), asyncio.Event()
        self._talks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._talk, self._host, self.port, ssl=self._tls, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._over.wait()
        server.close()
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self.connections += 1
        try:
            await self._converse(Conversation(self, reader, writer), self.connections)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._talks.discard(task)
            writer.transport.abort()

    async def _converse(self, talk: Conversation, connection: int) -> None:
        while not talk.writer.is_closing():
            head = (await talk.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ")
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            body = await talk.reader.readexactly(int(headers.get("content-length", 0)))
            request = ReceivedRequest(method, path, headers, body, connection)
            with self._arrived:
                self.requests.append(request)
                self._arrived.notify_all()
            self._under_way += 1
            self.at_once = max(self.at_once, self._under_way)
            try:
                await self._behave(talk, request)
                if not talk.writer.is_closing():
                    await talk.writer.drain()
            finally:
                self._under_way -= 1


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
