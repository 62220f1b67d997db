"""Log lines on stderr, as text or as JSON. Logging never waits for a reader of stderr."""

from __future__ import annotations

import json
import logging
import os
import select
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from typing import IO

from mock_server.core.log_lines import readable

_ROOM = 4 * 2**20
"""Bytes that may wait for a reader; lines beyond that are counted and dropped."""
_PATIENCE = 0.25
"""Seconds that the end of the process waits for a reader."""
_FIELDS = ("request_id", "account")
"""Of a record, where it has them: members of a line of JSON."""


class TextLines(logging.Formatter):
    """``12:34:56 warning message``: one line each, but for the indented lines of a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{at} {record.levelname.lower():<7} {readable(record.getMessage())}"
        if not record.exc_info:
            return line
        trace = self.formatException(record.exc_info)
        return "\n    ".join([line, *map(readable, trace.splitlines())])


class JsonLines(logging.Formatter):
    """One object a line: ``time``, ``level``, ``logger``, ``message``, where known ``request_id`` and ``account``,
    and of a failure ``traceback``."""

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name in _FIELDS if (value := getattr(record, name, None))}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        text = json.dumps(line, ensure_ascii=False)
        return text if text.isprintable() else json.dumps(line)


class PatientHandler(logging.Handler):
    """Writes lines on a thread of its own: an unread pipe, a stopped terminal or a slow disk delays no caller. What
    finds no room is dropped, and how much that was is said."""

    def __init__(self, descriptor: int, encoding: str = "utf-8", room: int = _ROOM) -> None:
        super().__init__()
        self._descriptor, self._encoding, self._room = descriptor, encoding, room
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        """With nothing to write and no thread: also in a new process, which inherits neither."""
        self._lines: deque[bytes] = deque()
        self._waiting = self._dropped = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record).encode(self._encoding, "backslashreplace") + b"\n"
        except (TypeError, ValueError, KeyError):  # a message whose values do not fit its text
            self.handleError(record)
            return
        with self._changed:
            if self._waiting + len(line) > self._room:
                self._dropped += 1
                return
            self._lines.append(line)
            self._waiting += len(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="log", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines)
                line, dropped = self._lines[0], self._dropped
                self._dropped = 0
            if dropped:
                line = f"… {dropped} lines of the log were dropped: stderr was not read\n".encode() + line
            with suppress(OSError):  # the reader is gone
                self._write(line)
            with self._changed:
                self._waiting -= len(self._lines.popleft())
                self._changed.notify_all()

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])

    def flush(self) -> None:
        """Wait until all is written, for a moment."""
        with self._changed:
            self._changed.wait_for(lambda: not self._lines, _PATIENCE)


def set_up(form: str, level: str, stream: IO[str] | None = None) -> None:
    """Send the log of this package to ``stream`` (stderr); other packages' from ``warning`` on."""
    handler = logging.StreamHandler(stream) if stream is not None else _handler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mock_server").setLevel(level.upper())


def _handler(stderr: IO[str]) -> logging.Handler:
    try:
        return PatientHandler(stderr.fileno(), getattr(stderr, "encoding", None) or "utf-8")
    except (OSError, ValueError, AttributeError):  # replaced by an object without a descriptor
        return logging.StreamHandler(stderr)
