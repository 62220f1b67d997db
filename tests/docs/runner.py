"""Plays a page of the documentation as its reader would: writes the files it shows, starts what it starts,
types what it types."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from urllib.request import Request, urlopen

from tests.docs.blocks import ROOT, Block, Command, commands, matcher, matches

ADDRESS = "127.0.0.1:8484"
"""What the pages call the server; it listens on a free port here."""
STARTING = re.compile(r"make run|mock-server(?: serve)?(?: --[\w-]+(?: [\w./:*-]+)?)*")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class Reader:
    """A directory of one's own, with the shipped scenarios where asked, and a server once one is needed."""

    def __init__(self, directory: Path, shipped: bool = True) -> None:
        self.directory = directory
        self._server: subprocess.Popen[str] | None = None
        self._address = ADDRESS
        self._log = directory / ".log"
        if shipped:
            shutil.copytree(ROOT / "scenarios", directory / "scenarios")
        (directory / ".curlrc").write_text(
            "silent\nshow-error\n"
        )  # its progress is drawn only where nobody looks
        tools = Path(sys.executable).parent
        self._environment = {
            **os.environ,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "NO_COLOR": "1",
            "COLUMNS": "120",
            "CURL_HOME": str(directory),
            "LC_ALL": "C.UTF-8",
        }
        for name in [name for name in self._environment if name.startswith(("MOCK_SERVER_", "PYTEST_"))]:
            del self._environment[name]

    def read(self, block: Block) -> None:
        """Do what the block shows. Raises `AssertionError` with its place where something else comes of
        it."""
        if block.language == "console":
            for command in commands(block):
                self._type(block, command)
        elif block.notes == "log":
            self._hear(block)
        elif "." in block.notes:
            self._write(block)

    def _hear(self, block: Block) -> None:
        """The server's log says that, perhaps in a moment."""
        pattern = matcher(block.text.strip())
        deadline = time.monotonic() + 5
        while not pattern.search(_ESCAPES.sub("", self._log.read_text())):
            assert time.monotonic() < deadline, (
                f"{block.place}: the log does not say so\n{self._log.read_text()}"
            )
            time.sleep(0.02)

    def _write(self, block: Block) -> None:
        path = self.directory / block.notes
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")
        if path.suffix == ".yaml" and {"scenarios", "mine"} & set(path.parts) and self._server is not None:
            with urlopen(
                Request(f"http://{self._address}/__admin/scenarios/reload", method="POST"), timeout=10
            ) as answer:
                assert answer.status == 200, block.place

    def _type(self, block: Block, command: Command) -> None:
        if STARTING.fullmatch(command.command):
            printed = self._start(command.command)
        else:
            if self._server is None:
                self._start("mock-server serve")
            text = command.command.replace(ADDRESS, self._address).replace("make demo", "mock-server demo")
            environment = {**self._environment, "MOCK_SERVER_URL": f"http://{self._address}"}
            done = subprocess.run(
                ["bash", "-c", text],
                cwd=self.directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
            )
            printed = done.stdout + done.stderr
        printed = _ESCAPES.sub("", printed.replace(self._address, ADDRESS))
        assert matches(command.shown, printed), (
            f"{block.page.name}:{command.line}: $ {command.command}\n--- shown\n{command.shown}\n--- printed\n{printed}"
        )

    def _start(self, command: str) -> str:
        """Start the server that the command means, on a free port; what it told its user by the time it
        listened."""
        self.stop()
        flags = command.removeprefix("make run").removeprefix("mock-server").removeprefix(" serve").split()
        with self._log.open("w") as log:
            self._server = subprocess.Popen(
                ["mock-server", "serve", *flags, "--port", "0"],
                cwd=self.directory, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line, self._log.read_text()
        self._address = json.loads(line)["url"].partition("://")[2]
        return self._banner()

    def _banner(self) -> str:
        """The banner comes after the line on stdout; wait for its end."""
        with self._log.open() as log:
            text = ""
            while "Ctrl-C" not in text:
                text += log.readline()
        return text

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.communicate(timeout=10)
            self._server = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
