"""Several processes on one port: forked before anything heavy is in memory, watched, and ended together."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable

from mock_server.core.exceptions import ConfigError, MockServerError
from mock_server.web.http.listening import ListenAddress, bind

log = logging.getLogger("mock_server")
WorkerMain = Callable[[socket.socket, Callable[[], None], int], None]
"""Serves the socket until SIGTERM, or until the descriptor can be read because the supervisor is gone; calls
the function once it listens."""

_GRACE = 0.9
"""Seconds the workers have to end before they are killed."""
_CRASH_PAUSE = 0.5
"""Seconds between the start of a worker and the start of its successor, at least."""


def supervise(
    worker: WorkerMain, host: str, port: int, count: int, on_listening: Callable[[ListenAddress], None]
) -> None:
    """Run ``count`` workers on one port until SIGTERM or SIGINT; start a new one in place of one that ends.

    The sockets are bound here and stay open, so that a connection that waits for a dead worker is taken by its
    successor. Where the kernel balances sockets of one port (Linux, SO_REUSEPORT) each worker has its own;
    elsewhere they share one. Raises `PortTakenError`, or `ConfigError` when a worker ends before it ever
    listened."""
    listeners = listeners_for(host, port, count)
    address = ListenAddress(*listeners[0].getsockname()[:2])
    crew = _Crew(worker, listeners)
    previous = {
        number: signal.signal(number, crew.on_signal)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
    }
    try:
        crew.start()
        if crew.wait_ready():
            on_listening(address)
            crew.watch()
    finally:
        crew.end()
        for number, handler in previous.items():
            signal.signal(number, handler)
        for listener in listeners:
            listener.close()


def listeners_for(host: str, port: int, count: int) -> list[socket.socket]:
    """One listening socket for each worker, all on one port. Where the kernel does not balance them, the same
    socket ``count`` times.

    The first socket does not share its port, so binding it fails if another process uses the port.
    """
    first = bind(host, port)
    if not sys.platform.startswith("linux"):
        first.listen(4096)
        return [first] * count
    taken = first.getsockname()[1]
    first.close()
    listeners = [bind(host, taken, shared=True) for _ in range(count)]
    for listener in listeners:
        listener.listen(4096)
    return listeners


def _is_not_said_by_all(record: logging.LogRecord) -> bool:
    """Not what every worker process would log, see `mock_server.core.log_lines.ONCE`."""
    return not getattr(record, "once", False)


def _end(status: int) -> str:
    """How a process ended."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"ended by itself with exit code {code}"
    return f"was killed by {signal.Signals(-code).name}"


class _Crew:
    """The worker processes and the pipe that signals wake us through."""

    def __init__(self, worker: WorkerMain, listeners: list[socket.socket]) -> None:
        self._worker, self._listeners = worker, listeners
        self._pids: dict[int, int] = {}
        self._born: dict[int, float] = {}
        self._ready = 0
        self._stopping = False
        self._readable, self._writable = os.pipe()
        self._complaints, self._complain = os.pipe()
        self._lifeline, self._life = os.pipe()
        for descriptor in (self._writable, self._complaints, self._complain):
            os.set_blocking(descriptor, False)

    def on_signal(self, number: int, _: object) -> None:
        if number != signal.SIGCHLD:
            self._stopping = True
        self._wake(b"s")

    def _wake(self, byte: bytes) -> None:
        with contextlib.suppress(BlockingIOError):  # full: it will be read anyway
            os.write(self._writable, byte)

    def start(self) -> None:
        for place in range(len(self._listeners)):
            self._fork(place)

    def _fork(self, place: int) -> None:
        self._born[place] = time.monotonic()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            self._pids[pid] = place
            return
        status = 1
        try:
            self._become_worker(place)
            status = 0
        except MockServerError as error:
            os.write(self._complain, str(error).encode()[:4095] + b"\0")
        finally:
            if sys.exc_info()[0] is not None:
                sys.excepthook(*sys.exc_info())
            sys.stdout.flush()
            sys.stderr.flush()
            logging.shutdown()
            os._exit(status)

    def _become_worker(self, place: int) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        if place:
            for handler in logging.getLogger().handlers:
                handler.addFilter(_is_not_said_by_all)
        os.close(self._life)  # only the supervisor holds it: its end is seen at the other side
        self._worker(self._listeners[place].dup(), lambda: self._wake(b"r"), self._lifeline)

    def wait_ready(self) -> bool:
        """Until every worker listens (True) or we have to stop."""
        while self._ready < len(self._listeners) and not self._stopping:
            self._read(None)
            if self._reap():
                raise ConfigError(self._complaint() or "a worker process ended before it listened")
        return not self._stopping

    def _complaint(self) -> str:
        with contextlib.suppress(BlockingIOError):
            return os.read(self._complaints, 4096).partition(b"\0")[0].decode(errors="replace")
        return ""

    def watch(self) -> None:
        """Replace workers that end, until we have to stop."""
        missing: list[int] = []
        while not self._stopping:
            missing += self._reap()
            now = time.monotonic()
            for place in [place for place in missing if now - self._born[place] >= _CRASH_PAUSE]:
                missing.remove(place)
                self._fork(place)
            self._read(_CRASH_PAUSE / 5 if missing else None)

    def _read(self, timeout: float | None) -> None:
        if select.select([self._readable], [], [], timeout)[0]:
            self._ready += os.read(self._readable, 4096).count(b"r")

    def _reap(self) -> list[int]:
        """Places of the workers that have ended since."""
        ended = []
        while self._pids:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            if pid in self._pids:
                ended.append(self._pids.pop(pid))
                if not self._stopping and self._ready >= len(self._listeners):
                    log.error("worker process %d %s; another one is started in its place", pid, _end(status))
        return ended

    def end(self) -> None:
        """SIGTERM to all, SIGKILL to those who do not heed it."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        while self._pids and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.005)
        self._signal(signal.SIGKILL)
        while self._pids:
            pid, _ = os.waitpid(-1, 0)
            self._pids.pop(pid, None)
        for descriptor in (
            self._readable,
            self._writable,
            self._complaints,
            self._complain,
            self._lifeline,
            self._life,
        ):
            os.close(descriptor)

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._pids:
            os.kill(pid, number)
