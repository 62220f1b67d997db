"""What lines of the log have in common: which characters they show, and how often one is repeated."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

ONCE = {"once": True}
"""Given as ``extra``: all worker processes see the same, and only the first one writes the line."""
_JOINERS = "\u200c\u200d"
"""Format characters that scripts and emoji need. All others can hide or reorder what a reader sees."""


def readable(text: str) -> str:
    """The text without what a terminal obeys or a reader cannot see: control and format characters, line
    separators, halves of characters. They are written as ``\\x1b``, ``\\u202e``."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in _JOINERS or char == "\u00a0" else _escaped(char)
        for char in text
    )


def _escaped(char: str) -> str:
    number = ord(char)
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    return (
        f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"
    )


@dataclass(frozen=True)
class More(Generic[K]):
    """What was not written of one kind."""

    kind: K
    more: int


class _Window:
    __slots__ = ("count", "since")

    def __init__(self, since: float) -> None:
        self.since, self.count = since, 0


class Repeated(Generic[K]):
    """Lets the first few lines of a kind pass in each span of time, and counts the others. Thread-safe."""

    def __init__(self, shown: int, seconds: float, kinds: int = 1000) -> None:
        """``kinds``: how many are counted separately; beyond that, they share one count."""
        self._shown, self._seconds, self._kinds = shown, seconds, kinds
        self._windows: dict[K, _Window] = {}
        self._lock = threading.Lock()

    def passes(self, kind: K, now: float) -> bool:
        """Whether to write this one. ``now``: monotonic seconds."""
        with self._lock:
            window = self._windows.get(kind)
            if window is None:
                if len(self._windows) >= self._kinds:
                    kind = next(reversed(self._windows))
                window = self._windows.setdefault(kind, _Window(now))
            window.count += 1
            return window.count <= self._shown

    def hold_back(self, kind: K) -> None:
        """One that has passed was not written after all."""
        with self._lock:
            if kind in self._windows:
                self._windows[kind].count += self._shown

    def ended(self, now: float) -> list[More[K]]:
        """The kinds whose time is over and of which some were not written; those that follow are shown again."""
        with self._lock:
            over = [kind for kind, window in self._windows.items() if now - window.since >= self._seconds]
            windows = {kind: self._windows.pop(kind) for kind in over}
        return [
            More(kind, window.count - self._shown)
            for kind, window in windows.items()
            if window.count > self._shown
        ]

    def __bool__(self) -> bool:
        """Whether any time is running."""
        return bool(self._windows)
