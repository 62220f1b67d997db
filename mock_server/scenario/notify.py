"""Linux's word that something has changed in a folder (inotify), by the C library alone. Elsewhere the
watcher polls."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Iterable
from pathlib import Path

_MODIFY, _ATTRIB, _CLOSE_WRITE, _MOVED, _CREATE, _DELETE = 0x2, 0x4, 0x8, 0xC0, 0x100, 0x200
_MASK = _MODIFY | _ATTRIB | _CLOSE_WRITE | _MOVED | _CREATE | _DELETE
_SETTLE = 0.03
"""Seconds to let an editor finish that empties, writes and renames."""


class Changes:
    """Waits for a change in some folders, or for a time to pass. One thread waits; any thread may wake it."""

    def __init__(self) -> None:
        self._notify = -1
        self._wake: tuple[int, int] | None = None
        self._watched: set[tuple[int, int]] = set()

    def open(self) -> None:
        """Get ready. Where the system offers no notices, `wait` just waits."""
        self._wake = os.pipe()
        if sys.platform == "linux":
            import ctypes

            libc = ctypes.CDLL(None, use_errno=True)
            if hasattr(libc, "inotify_init1"):
                self._libc = libc
                self._notify = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)

    def watch(self, folders: Iterable[Path]) -> None:
        """Watch these folders too. One that cannot be watched is left to waiting."""
        if self._notify < 0:
            return
        watched = set()
        for folder in folders:
            try:
                stat = folder.stat()
            except OSError:
                continue
            identity = (stat.st_dev, stat.st_ino)
            if (
                identity in self._watched
                or self._libc.inotify_add_watch(self._notify, os.fsencode(folder), _MASK) >= 0
            ):
                watched.add(identity)
        self._watched = watched

    def wait(self, seconds: float) -> None:
        """Return after a change, after `wake`, or when the time has passed."""
        if self._wake is None:
            return
        sources = [self._wake[0], *([self._notify] if self._notify >= 0 else [])]
        ready, _, _ = select.select(sources, [], [], seconds)
        if self._notify in ready:
            time.sleep(_SETTLE)
            while self._drained():
                pass

    def _drained(self) -> bool:
        try:
            return bool(os.read(self._notify, 65536))
        except BlockingIOError:
            return False

    def wake(self) -> None:
        """Let `wait` return, now and from now on."""
        if self._wake is not None:
            os.write(self._wake[1], b"x")

    def close(self) -> None:
        """Give everything back."""
        for descriptor in (self._notify, *(self._wake or ())):
            if descriptor >= 0:
                os.close(descriptor)
        self._notify, self._wake = -1, None
