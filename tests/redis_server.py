"""A real Redis for tests: a process of its own on a free port, without persistence."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path


class RedisServer:
    """One that tests may kill, stop for a while and start again, on the same port. What it has answered it has
    written to its disk."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._directory = directory
        kept = ("--appendonly", "yes", "--appendfsync", "always") if durable else ("--appendonly", "no")
        self._command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", *kept]

    def start(self, *options: str, wait: bool = True) -> None:
        """``wait``: until it answers."""
        with (self._directory / "redis.log").open("ab") as log:
            command = [*self._command, "--dir", str(self._directory), *options]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        if wait:
            _await(self.process, self.port)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def running_redis(directory: Path) -> Iterator[str]:
    """The address of a Redis that forgets, ``redis://127.0.0.1:PORT/0``."""
    server = RedisServer(directory, durable=False)
    server.start()
    try:
        yield server.url
    finally:
        server.kill()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(16).startswith((b"+PONG", b"-NOAUTH")):
                    return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
        time.sleep(0.005)
