"""A mock server for the tests of any runner, in a process of its own.

```
from mock_server import testing

server = testing.start(scenarios=["tests/scenarios"])
account = server.account()
…
server.stop()
```

The process ends with `TestServer.stop`, with the ``with`` block, and with the process that started it, however
that ends. What tests patch (clocks, sockets, the event loop) does not reach it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from mock_server.client import MockServer
from mock_server.core.exceptions import MockServerError

RUNNING: list[MockServer] = []
"""Servers whose accounts a failed test reports: those of `start` and `connect` that are not closed."""


class StartError(MockServerError):
    """The server did not start; the message is what it said."""


class TestServer(MockServer):
    """A `MockServer` client that also holds the process."""

    __test__ = False  # pytest: not a class of tests

    def __init__(self, process: ServerProcess) -> None:
        super().__init__(process.url, process.token or None)
        self.process = process

    @property
    def log(self) -> str:
        """What the server has written to its log."""
        return self.process.log.read_text("utf-8", "replace")

    def stop(self) -> None:
        """End the process, and wait until it has ended. A second call does nothing."""
        self.close()
        self.process.end()

    def close(self) -> None:
        super().close()
        if self in RUNNING:
            RUNNING.remove(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(**options: Any) -> TestServer:
    """Start a server on a free port and return its client once it answers.

    ``options``: those of ``mock-server serve`` by name, such as ``scenarios=["tests/scenarios"], seed=7``, and
    ``config``, a config file. The ``MOCK_SERVER_…`` variables count too; files are not watched unless
    ``watch=True``. Raises `StartError`."""
    server = TestServer(ServerProcess(options))
    RUNNING.append(server)
    return server


class ServerProcess:
    """A server in a process of its own, listening at ``url`` once this is made. Raises `StartError`."""

    def __init__(self, options: Mapping[str, Any], owner: int | None = None) -> None:
        """``owner``: the process that it ends with, in place of this one (not on Windows)."""
        handle, name = tempfile.mkstemp(".log", "mock-server-")
        self.log = Path(name)
        with os.fdopen(handle, "w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mock_server.testing"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                start_new_session=owner is not None,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._stdin.write(json.dumps({"options": dict(options), "owner": owner}) + "\n")
        self._stdin.flush()
        line = self._stdout.readline()
        if not line:
            status = self._process.wait()
            message = self.log.read_text("utf-8", "replace").strip()
            self.end()
            raise StartError(message or f"the mock server ended with status {status}")
        answer = json.loads(line)
        self.url: str = answer["url"]
        self.token: str = answer["token"]
        """The bearer token that its control API asks for; empty: none."""

    @property
    def pid(self) -> int:
        return self._process.pid

    def leave(self) -> None:
        """Let it run on without this process: it ends with its owner."""
        self._stdin.close()
        self._stdout.close()
        self._process.returncode = 0  # what Popen needs not to complain of a process that runs on

    def end(self) -> None:
        """Stop it, and wait until it has stopped. A second call does nothing."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._stdin.close()
        self._stdout.close()
        self.log.unlink(missing_ok=True)
