"""The Flask application next to the event loop: each of its requests has a thread, its answer streams back as
it is made."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from mock_server.core.http import Request, Response
from mock_server.web.http import wire
from mock_server.web.http.parking import Parking

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_NOSNIFF = "x-content-type-options"
"""The server sends it with every answer."""
_ROOM = 16
"""Chunks a thread may be ahead of the client."""
_BACKLOG = 1000
"""Pieces that may be pushed to a client that does not read, before it is given up."""
HEARTBEAT = 15.0
"""Seconds of silence on a stream after which a comment is sent, so that proxies keep the connection."""
_STILL_HERE = b": still here\n\n"
_RECHECK = 2.0
"""Seconds after which a wait is looked after although nothing has woken it."""
_RECHECKS = 100
"""Waits that are looked after in a second at the most."""


class ClientGone(Exception):
    """The client has left before the end of an answer."""


class LazyApp:
    """Makes the application at the first call, once, however many threads ask: importing Flask costs more
    than our own start."""

    def __init__(self, factory: Callable[[], WsgiApp]) -> None:
        self._factory = factory
        self._lock = threading.Lock()
        self._app: WsgiApp | None = None

    def get(self) -> WsgiApp:
        with self._lock:
            if self._app is None:
                self._app = self._factory()
            return self._app

    def make(self) -> None:
        """Make it before it is needed."""
        self.get()


class Incoming(NamedTuple):
    """A request for the application, with what only WSGI needs."""

    request: Request
    raw_path: str
    """As sent, with mount."""
    server: tuple[str, int]
    modern: bool
    """Whether the client speaks HTTP/1.1."""


def environ_of(incoming: Incoming, closed: threading.Event, parking: Parking | None = None) -> dict[str, Any]:
    """A WSGI environ (PEP 3333). ``mock_server.closed`` is set when the client has gone or the server stops:
    streams look at it."""
    request = incoming.request
    scheme = request.origin.partition(":")[0]
    path = unquote_to_bytes(incoming.raw_path).decode("latin-1")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": request.mount,
        "PATH_INFO": path[len(request.mount) :] or "/",
        "QUERY_STRING": request.query,
        "REQUEST_URI": f"{incoming.raw_path}?{request.query}" if request.query else incoming.raw_path,
        "SERVER_NAME": incoming.server[0],
        "SERVER_PORT": str(incoming.server[1]),
        "SERVER_PROTOCOL": "HTTP/1.1" if incoming.modern else "HTTP/1.0",
        "REMOTE_ADDR": request.peer,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "mock_server.closed": closed,
        "mock_server.parking": parking,
    }
    for name, value in request.headers.items():
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name not in ("content-length", "transfer-encoding"):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


class Stream:
    """One answer of the application on its way. `run` is the thread's side, everything else belongs to the
    loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        incoming: Incoming,
        date_line: str,
        keep: bool,
        on_whole: Callable[[Response], None],
        on_end: Callable[[bool], None],
        submit: Callable[[Callable[[], None]], None] = lambda job: None,
        parked: set[Stream] | None = None,
        is_left: Callable[[], bool] = lambda: False,
    ) -> None:
        """``on_whole`` takes an answer that came in one piece; ``on_end`` learns whether a streamed one came
        to its proper end with the connection still usable; ``submit`` runs a job on a thread; ``parked``: all
        answers of the server that wait; ``is_left``: whether the client has ended its side."""
        self._loop, self._transport, self._incoming, self._date_line = loop, transport, incoming, date_line
        self._keep, self._on_whole, self._on_end = keep, on_whole, on_end
        self._status, self._headers = 500, tuple[tuple[str, str], ...]()
        self._head_only = incoming.request.method == "HEAD"
        self._chunked = False
        self.began = False
        """Whether the answer is being streamed: its header may have left."""
        self._paused = False
        self._owed = 0
        self._room = threading.Semaphore(_ROOM)
        self.closed = threading.Event()
        self._submit, self._is_left = submit, is_left
        self._all_parked: set[Stream] = set() if parked is None else parked
        self._parking = Parking(self._on_news, self._on_push)
        self.parked = False
        """Whether the answer waits without a thread."""
        self._news = False
        """There may be an answer, and the call that looks for it has not begun."""
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._backlog: list[bytes] = []

    # -- the thread

    def run(self, app: LazyApp) -> None:
        """Call the application and pass its answer on, piece by piece; always close its iterable."""
        try:
            self._run(app.get())
        except ClientGone:
            pass
        except Exception:
            logging.getLogger(__name__).exception(
                "%s %s failed", self._incoming.request.method, self._incoming.request.path
            )
            self._call(self._fail)

    def _run(self, app: WsgiApp) -> None:
        pieces = app(environ_of(self._incoming, self.closed, self._parking), self._start_response)
        try:
            if self._parking.is_waiting:
                self._call(self._park, app)
                return
            length = next((value for name, value in self._headers if name.lower() == "content-length"), None)
            for piece in pieces:
                if not piece or self._head_only:
                    continue
                if not self.began and length == str(len(piece)):
                    self._call(self._on_whole, self._response(piece))
                    return
                self._send(piece)
            if self._parking.is_staying:
                self._call(self._stay)
            elif self.began:
                self._call(self._end)
            else:
                self._call(self._on_whole, self._response(b""))
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        try:
            if exc_info and self.began:
                raise exc_info[1].with_traceback(exc_info[2])
        finally:
            exc_info = None
        self._status, self._headers = int(status.split(" ", 1)[0]), tuple(headers)
        return self._send

    def _send(self, piece: bytes) -> None:
        if not self.began:
            self.began = True
            self._call(self._begin)
        self._room.acquire()
        if self.closed.is_set():
            raise ClientGone
        self._call(self._write, piece)

    def _call(self, function: Callable[..., Any], *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError as error:  # the loop has been closed: the server is gone
            raise ClientGone from error

    def _response(self, body: bytes) -> Response:
        ours = {"date", "connection", _NOSNIFF}
        if not self._head_only:
            ours.add("content-length")
        return Response(
            self._status, tuple(pair for pair in self._headers if pair[0].lower() not in ours), body
        )

    def _on_news(self) -> None:
        with suppress(ClientGone):
            self._call(self._wake)

    def _on_push(self, piece: bytes) -> None:
        with suppress(ClientGone):
            self._call(self._push, piece)

    # -- the loop: waiting without a thread

    def _park(self, app: WsgiApp) -> None:
        if self.closed.is_set() or self._is_left():
            self._transport.close()
            return
        self._app = app
        self._deadline = self._deadline or self._loop.time() + self._parking.timeout
        self._set_parked(True)
        if self._news:
            self._again()
        else:
            self._rest()

    def _rest(self) -> None:
        """Until somebody wakes it, it is looked after, or time is up."""
        pause = max(_RECHECK, len(self._all_parked) / _RECHECKS)
        left = max(self._deadline - self._loop.time(), 0.0)
        self._timer = self._loop.call_later(min(left, pause), self._again)

    def _wake(self) -> None:
        self._news = True
        if self.parked and not self.began:
            self._again()

    def _again(self) -> None:
        """Let the application look once more."""
        self._set_parked(False)
        self._news = self._parking.is_waiting = False
        self._parking.is_last = self._parking.is_last or self._loop.time() >= self._deadline
        self._submit(partial(self._run_again, self._app))

    def _run_again(self, app: WsgiApp) -> None:
        self.run(LazyApp(lambda: app))

    def _stay(self) -> None:
        """The stream goes on with what is pushed."""
        if self.closed.is_set():
            return
        if self._is_left():
            self._transport.close()
            return
        self._set_parked(True)
        backlog, self._backlog = self._backlog, []
        for piece in backlog:
            self._push(piece)
        self._beat()

    def _beat(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(HEARTBEAT, self._push, _STILL_HERE)

    def _push(self, piece: bytes) -> None:
        if self.closed.is_set():
            return
        if self._paused or not self.parked:
            self._backlog.append(piece)
            if len(self._backlog) > _BACKLOG:
                self._transport.abort()
            return
        self._transport.write(wire.chunk(piece) if self._chunked else piece)
        self._beat()

    def _set_parked(self, parked: bool) -> None:
        self.parked = parked
        if parked:
            self._all_parked.add(self)
        else:
            self._all_parked.discard(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def leave(self) -> None:
        """Nobody waits for the answer any more, or it has come."""
        self._set_parked(False)
        self._parking.end()

    # -- the loop: sending

    def _begin(self) -> None:
        names = {name.lower() for name, _ in self._headers}
        framing = [wire.NOSNIFF] if "date" in names else [self._date_line]
        if "content-length" not in names and self._incoming.modern:
            self._chunked = True
            framing.append("Transfer-Encoding: chunked\r\n")
        elif "content-length" not in names:
            self._keep = False
        if not self._keep:
            framing.append("Connection: close\r\n")
        if not self.closed.is_set():
            headers = [pair for pair in self._headers if pair[0].lower() != _NOSNIFF]
            self._transport.write(wire.encode_head(self._status, headers, *framing))

    def _write(self, piece: bytes) -> None:
        if self.closed.is_set():
            return
        self._transport.write(wire.chunk(piece) if self._chunked else piece)
        if self._paused:
            self._owed += 1
        else:
            self._room.release()

    def _end(self) -> None:
        if not self.closed.is_set():
            if self._chunked:
                self._transport.write(wire.LAST_CHUNK)
            self._on_end(self._keep)

    def _fail(self) -> None:
        if self.closed.is_set():
            return
        if self.began:
            self._transport.abort()  # an answer cut short must not look complete
        else:
            self._on_whole(wire.refusal(500, "Internal Server Error"))

    def pause(self) -> None:
        """The client reads slower than the application writes."""
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        owed, self._owed = self._owed, 0
        if owed:
            self._room.release(owed)
        if self.parked:
            backlog, self._backlog = self._backlog, []
            for piece in backlog:
                self._push(piece)

    def lost(self) -> None:
        """The client is gone: the thread learns it at its next piece, or at once if it watches
        ``mock_server.closed``."""
        self.closed.set()
        self._room.release(_ROOM)
        self.leave()

    def finish(self) -> bool:
        """The server stops: end a stream that has begun in good order (True), and let the thread know in any
        case."""
        if self.parked and not self.began:
            self._deadline = self._loop.time()
            self._again()
            return False
        self.closed.set()
        self.leave()
        if self.began:
            if self._chunked:
                self._transport.write(wire.LAST_CHUNK)
            self._room.release(_ROOM)
        return self.began
