"""An edit is in force a moment later, whatever the editor does to the file; a broken one leaves the last good
set alone."""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.scenario.files import walk
from mock_server.scenario.loader import ScenarioSet, load
from mock_server.scenario.notify import Changes
from mock_server.scenario.watch import Watcher, folders
from tests.scenario.postcard import VOCABULARIES, document, write

GOOD = document("- {name: one, respond: {outcome: lost}}")
OTHER = document("- {name: two, respond: {outcome: lost}}")
BROKEN = document("- {name: two, respnd: {outcome: lost}}")


class Watched:
    """A folder, a watcher that looks when told to, and what it has told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = write(folder, GOOD)
        self.notifications: list[Any] = []
        self.watcher = Watcher([folder], VOCABULARIES, self.notifications.append, self.notifications.append)

    def look(self) -> list[Any]:
        """What is told because of this look."""
        self.notifications.clear()
        looked = self.watcher.look()
        assert looked is bool(self.notifications)
        return [
            self.names(one) if isinstance(one, ScenarioSet) else [problem.rule for problem in one]
            for one in self.notifications
        ]

    @staticmethod
    def names(scenarios: ScenarioSet) -> list[str]:
        return [scenario.name for scenario in scenarios.scenarios("postcard")]


@pytest.fixture(name="watched")
def _watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def replaced(watched: Watched) -> None:
    """As many editors save: write another file and put it in place."""
    other = write(watched.folder, OTHER, "cards.yaml.tmp")
    stat = watched.file.stat()
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(watched.file)


EDITS: dict[str, tuple[Callable[[Watched], Any], list[str]]] = {
    "changed": (lambda watched: watched.file.write_text(OTHER + "# longer\n"), ["two"]),
    "replaced with the same size and time": (replaced, ["two"]),
    "added": (lambda watched: write(watched.folder, OTHER, "more.yaml"), ["one", "two"]),
    "added in a new folder": (lambda watched: write(watched.folder, OTHER, "a/b/more.yml"), ["two", "one"]),
    "renamed": (lambda watched: watched.file.rename(watched.folder / "renamed.yaml"), ["one"]),
    "renamed away": (lambda watched: watched.file.rename(watched.folder / "cards.bak"), []),
    "deleted": (lambda watched: watched.file.unlink(), []),
}


@pytest.mark.parametrize(("edit", "expected"), EDITS.values(), ids=EDITS)
def test_every_kind_of_edit_is_seen(
    watched: Watched, edit: Callable[[Watched], Any], expected: list[str]
) -> None:
    assert watched.look() == []
    edit(watched)
    assert watched.look() == [expected]
    assert watched.look() == []


def test_a_broken_file_is_reported_once_and_loaded_when_fixed(watched: Watched) -> None:
    watched.file.write_text(BROKEN)
    assert watched.look() == [["unknown-key"]]
    status = watched.watcher.status()
    assert [problem.rule for problem in status.problems] == ["unknown-key"]
    assert (status.loads, status.at > 0) == (1, True)
    assert watched.look() == []
    watched.file.write_text(OTHER)
    assert watched.look() == [["two"]]
    assert (watched.watcher.status().loads, watched.watcher.status().problems) == (2, ())


def test_a_table_is_watched_also_while_it_is_missing_or_broken(watched: Watched) -> None:
    table = watched.folder / "to.csv"
    watched.file.write_text(document("- {name: '{{ row.id }}', rows: to.csv, respond: {outcome: lost}}"))
    assert watched.look() == [["bad-rows"]]
    table.write_text("id\na\n")
    assert watched.look() == [["a"]]
    table.write_text("id\na\nb\n")
    assert watched.look() == [["a", "b"]]
    table.write_text("id,x\na\n")
    assert watched.look() == [["bad-rows"]]
    table.write_text("id,x\nc,1\n")
    assert watched.look() == [["c"]]
    assert watched.look() == []


def test_a_table_of_the_first_load_is_watched(tmp_path: Path) -> None:
    file = write(tmp_path, document("- {name: '{{ row.id }}', rows: to.csv, respond: {outcome: lost}}"))
    table = tmp_path / "to.csv"
    table.write_text("id\na\n")
    notifications: list[Any] = []
    tables = load([file], VOCABULARIES).tables
    watcher = Watcher([file], VOCABULARIES, notifications.append, notifications.append, tables=tables)
    assert watcher.look() is False
    table.write_text("id\nb\n2\n")
    assert watcher.look() is True
    assert [Watched.names(one) for one in notifications] == [["b", "2"]]


def test_other_files_do_not_matter(watched: Watched) -> None:
    write(watched.folder, "x", "notes.txt")
    write(watched.folder, BROKEN, ".cards.yaml.swp")
    write(watched.folder, BROKEN, ".hidden.yaml")
    assert watched.look() == []


def test_the_present_state_counts_as_known(watched: Watched) -> None:
    assert watched.watcher.status() == (0, 0.0, ())
    assert watched.look() == []


def test_a_single_file_is_watched_through_its_folder(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD, "sub/cards.yaml")
    assert folders([file]) == {tmp_path / "sub"}
    assert folders([tmp_path]) == {tmp_path, tmp_path / "sub"}
    assert folders([tmp_path / "gone"]) == {tmp_path}


class Live:
    """A running watcher, and a queue of what it tells."""

    def __init__(self, folder: Path, interval: float) -> None:
        self.notifications: queue.Queue[Any] = queue.Queue()
        self.watcher = Watcher(
            [folder], VOCABULARIES, self.notifications.put, self.notifications.put, interval
        )
        self.watcher.start()

    def next(self) -> Any:
        notification = self.notifications.get(timeout=10)
        return (
            Watched.names(notification)
            if isinstance(notification, ScenarioSet)
            else [problem.rule for problem in notification]
        )


@pytest.fixture(name="live")
def _live(tmp_path: Path) -> Iterator[Callable[[float], Live]]:
    running: list[Live] = []

    def start(interval: float) -> Live:
        running.append(Live(tmp_path, interval))
        return running[-1]

    yield start
    for one in running:
        one.watcher.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "scenario-watch"]


def test_linux_tells_of_a_change_long_before_the_interval_is_over(
    tmp_path: Path, live: Callable[[float], Live]
) -> None:
    write(tmp_path, GOOD)
    running = live(3600 if sys.platform == "linux" else 0.05)
    write(tmp_path, OTHER, "more.yaml")
    assert running.next() == ["one", "two"]
    write(tmp_path, BROKEN, "more.yaml")
    assert running.next() == ["unknown-key"]
    (tmp_path / "more.yaml").unlink()
    assert running.next() == ["one"]
    write(tmp_path, OTHER, "new/folder/more.yaml")
    assert running.next() == ["one", "two"]


def test_polling_alone_sees_a_change_too(
    tmp_path: Path, live: Callable[[float], Live], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a mount whose changes are made by another machine."""
    monkeypatch.setattr(Changes, "watch", lambda self, folders: None)
    write(tmp_path, GOOD)
    running = live(0.02)
    write(tmp_path, OTHER, "more.yaml")
    assert running.next() == ["one", "two"]


def put(folder: Path, text: str, name: str) -> None:
    """Write the file whole: while it is being written, the watcher might see it empty, and say so first."""
    write(folder, text, f".{name}").replace(folder / name)


def test_a_listener_that_fails_does_not_end_the_watching(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, GOOD)
    notifications: queue.Queue[Any] = queue.Queue()

    def fail_at_first(scenarios: ScenarioSet) -> None:
        notifications.put(Watched.names(scenarios))
        if notifications.qsize() == 1:
            raise RuntimeError("out of order")

    watcher = Watcher([tmp_path], VOCABULARIES, fail_at_first, notifications.put, 3600)
    watcher.start()
    try:
        put(tmp_path, OTHER, "more.yaml")
        assert notifications.get(timeout=10) == ["one", "two"]
        notifications.put("kept")
        put(tmp_path, document("- {name: three, respond: {outcome: lost}}"), "yet-more.yaml")
        assert notifications.get(timeout=10) == "kept"
        assert notifications.get(timeout=10) == ["one", "two", "three"]
    finally:
        watcher.stop()
    assert "could not be read again" in caplog.text


def test_stopping_is_prompt_and_may_come_before_starting(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    Watcher([tmp_path], VOCABULARIES, print, print).stop()


def test_a_folder_that_is_deleted_meanwhile_is_left_out(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    below = walk(tmp_path)
    assert next(below)[0] == str(tmp_path)
    (tmp_path / "a").rmdir()
    assert [folder for folder, _, _ in below] == [str(tmp_path / "b")]
