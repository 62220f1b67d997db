"""Which refusals of strangers are recorded: a port scan must not push out of the journal and the log what
matters."""

from __future__ import annotations

import threading
from typing import NamedTuple

RECORDED = 10
"""Refusals of one kind for one caller …"""
WINDOW = 10.0
"""… within so many seconds of real time."""
_CALLERS = 1000
"""Callers and kinds that are remembered at most."""


class RepeatedRefusal(NamedTuple):
    """How a refusal is recorded."""

    entry_id: str
    """Of the journal entry that stands for it: its own, or that of the last one recorded."""
    is_last: bool
    """Whether those that follow within the window are not recorded."""


class _CallerWindow:
    """What one caller was refused of one kind."""

    __slots__ = ("count", "entry_id", "since")

    def __init__(self, since: float) -> None:
        self.since = since
        self.count = 0
        self.entry_id = ""


class Repeats:
    """Counts refusals of which no account is known, by kind and caller. Any thread may ask."""

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], _CallerWindow] = {}
        self._lock = threading.Lock()

    def record(self, kind: str, caller: str, entry_id: str, now: float) -> RepeatedRefusal:
        """Count one more."""
        with self._lock:
            window = self._windows.get((kind, caller))
            if window is None or not 0 <= now - window.since < WINDOW:
                window = self._open(kind, caller, now)
            window.count += 1
            if window.count <= RECORDED:
                window.entry_id = entry_id
            return RepeatedRefusal(window.entry_id, window.count == RECORDED)

    def _open(self, kind: str, caller: str, now: float) -> _CallerWindow:
        if len(self._windows) >= _CALLERS:
            self._windows.clear()
        window = self._windows[kind, caller] = _CallerWindow(now)
        return window
