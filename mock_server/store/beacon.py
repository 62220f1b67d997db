"""What processes that share an SQLite file tell each other without asking the file."""

from __future__ import annotations

import mmap
from pathlib import Path

from mock_server.core.exceptions import ConfigError

_SIZE = 3 * 8


class Beacon:
    """Three numbers in memory that all processes share. Only who holds the file's lock sets them.

    They say what is about to be committed, since what is said after a commit may be overtaken by what another process says of the
    next one. So a process that has followed up to `seq` has seen everything; one that has not looks into the log, and may find that
    the commit is still to come, or that its process was killed before."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open("a+b") as file:
                if file.tell() < _SIZE:
                    file.truncate(_SIZE)
                self._map = mmap.mmap(file.fileno(), _SIZE)
        except OSError as error:
            raise ConfigError(f"the store's folder cannot be used: {error}; make it, or name another file") from None
        self._numbers = memoryview(self._map).cast("Q")

    @property
    def seq(self) -> int:
        """The last change that is, or is about to be, committed."""
        return int(self._numbers[0])

    @property
    def size(self) -> int:
        """The bytes of all changes up to it."""
        return int(self._numbers[1])

    @property
    def pending(self) -> int:
        """The change that a process has the lock for, and has told nobody of yet; 0: there is none, or it has been overtaken.

        A process that was killed may have left it."""
        return int(self._numbers[2])

    def begin(self, seq: int) -> None:
        """Who has the lock is about to make this change."""
        self._numbers[2] = seq

    def set(self, seq: int, size: int) -> None:
        """It is about to be committed."""
        self._numbers[0], self._numbers[1] = seq, size

    def end(self) -> None:
        """It has been, or will not be."""
        self._numbers[2] = 0

    def close(self) -> None:
        self._numbers.release()
        self._map.close()
