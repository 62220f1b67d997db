"""Keeps an eye on scenario files: an edit is in force a moment later, and a broken file leaves the last good
set in place.

Looking at the files' stamps every second works on every file system, bind mounts included; where Linux reports
of changes (`notify`), the look comes at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.scenario.files import scenario_files, walk
from mock_server.scenario.loader import EVERYTHING, ScenarioSet, read
from mock_server.scenario.notify import Changes
from mock_server.scenario.problems import Problem, ScenarioProblems
from mock_server.scenario.switches import Tags
from mock_server.scenario.vocabulary import Vocabulary

Stamp = tuple[int, int, int]
"""Modification time in nanoseconds, size, inode."""

log = logging.getLogger(__name__)


class Status(NamedTuple):
    """How the last look went."""

    loads: int
    """How often the files were read since the start."""
    at: float
    """Seconds since the epoch of the last reading; 0: none yet."""
    problems: tuple[Problem, ...]
    """What keeps the files, as they are now, from being used; empty: they are in force."""


class Watcher:
    """Reads the files again when they change. Calls back from its own thread, one call at a time."""

    def __init__(
        self,
        paths: Sequence[Path],
        vocabularies: Mapping[str, Vocabulary],
        on_change: Callable[[ScenarioSet], Any],
        on_broken: Callable[[Sequence[Problem]], Any],
        interval: float = 1.0,
        tables: Iterable[Path] = (),
        tags: Tags = EVERYTHING,
    ) -> None:
        """``interval``: seconds between two looks where nothing reports a change; ``tables``: files with rows that
        the scenarios are made of; ``tags``: which scenarios are in force. The present state counts as known."""
        self._tags = tags
        self._paths = tuple(paths)
        self._vocabularies = vocabularies
        self._on_change = on_change
        self._on_broken = on_broken
        self._interval = interval
        self._tables = frozenset(tables)
        self._seen = stamps(self._paths, self._tables)
        self._half: dict[Path, Stamp] = {}
        self._status = Status(0, 0.0, ())
        self._changes = Changes()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch in a thread."""
        self._changes.open()
        self._thread = threading.Thread(target=self._run, name="scenario-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        self._stopping.set()
        self._changes.wake()
        if self._thread is not None:
            self._thread.join()
        self._changes.close()

    def status(self) -> Status:
        """How the last reading went."""
        return self._status

    def look(self) -> bool:
        """Read the files again if one has been changed, added, renamed or deleted. Says whether one had."""
        now = stamps(self._paths, self._tables)
        if now == self._seen:
            return False
        if now != self._half and any(
            stamp[1] == 0 and self._seen.get(file) != stamp for file, stamp in now.items()
        ):
            self._half = now  # an empty file is most likely being written: believe it when it is still so at the next look
            return False
        self._seen = now
        problems: Sequence[Problem] = ()
        files = read(self._paths, self._vocabularies)
        self._follow(files.data.paths)
        try:
            loaded = files.scenario_set(self._tags)
        except ScenarioProblems as error:
            problems = error.problems
        self._status = Status(self._status.loads + 1, time.time(), tuple(problems))
        if problems:
            self._on_broken(problems)
        else:
            self._on_change(loaded)
        return True

    def _follow(self, tables: Iterable[Path]) -> None:
        """Look at these files with rows from now on, as they are now."""
        before, self._tables = self._tables, frozenset(tables)
        dropped = before - self._tables
        seen = {file: stamp for file, stamp in self._seen.items() if file not in dropped}
        self._seen = {**stamps((), self._tables - before), **seen}

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._changes.watch(folders((*self._paths, *self._tables)))
                self.look()
            except Exception:
                log.exception("scenario files could not be read again")
            self._changes.wait(self._interval)


def stamps(paths: Sequence[Path], tables: Iterable[Path] = ()) -> dict[Path, Stamp]:
    """Every scenario file, and every file with rows, with what changes when it does."""
    files = {}
    for file in (*scenario_files(paths), *tables):
        try:
            stat = file.stat()
        except OSError:
            continue
        files[file] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return files


def folders(paths: Sequence[Path]) -> set[Path]:
    """The folders in which a change can matter."""
    files: set[Path] = set()
    for path in paths:
        if path.is_dir():
            files.update(Path(below) for below, _, _ in walk(path))
        else:
            files.add(path.parent)
    return files
