"""Which refusals of strangers are recorded: a port scan must not push out of the journal and the log what matters."""

from __future__ import annotations

import threading

RECORDED = 10
"""Refusals of one kind for one caller …"""
WINDOW = 10.0
"""… within so many seconds of real time."""
_CALLERS = 1000
"""Callers and kinds that are remembered at most."""


class _Window:
    """What one caller was refused of one kind."""

    __slots__ = ("count", "last", "since")

    def __init__(self, since: float) -> None:
        self.since = since
        self.count = 0
        self.last = ""


class Repeats:
    """Counts refusals of which no account is known, by kind and caller. Any thread may ask."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], _Window] = {}
        self._lock = threading.Lock()

    def stand_in(self, kind: str, caller: str, entry_id: str, now: float) -> str:
        """The id of the entry that stands for this refusal: its own, or after too many of the kind that of the last one recorded."""
        with self._lock:
            window = self._windows.get((kind, caller))
            if window is None or not 0 <= now - window.since < WINDOW:
                window = self._open(kind, caller, now)
            window.count += 1
            if window.count <= RECORDED:
                window.last = entry_id
            return window.last

    def _open(self, kind: str, caller: str, now: float) -> _Window:
        if len(self._windows) >= _CALLERS:
            self._windows.clear()
        window = self._windows[kind, caller] = _Window(now)
        return window
