"""What is in the write-ahead log gets into the file without a writer that waits for the disk."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mock_server.core.clock import ManualClock
from mock_server.store import open_store, sqlite_checkpoints
from mock_server.store.sqlite import SqliteStore
from tests.contract.values import message

PATIENCE = 20.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    opened = open_store(f"sqlite:{path}", journal_limit=1000, clock=ManualClock())
    assert isinstance(opened, SqliteStore)
    yield opened
    opened.close()


def fill(store: SqliteStore, rows: int, size: int = 500) -> None:
    for start in range(0, rows, 100):
        store.schedule([message(f"d-{start + number}", body=b"x" * size) for number in range(100)])


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


def test_a_thread_copies_the_log_to_the_file(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_checkpoints, "ROWS", 400)
    before = path.stat().st_size
    fill(store, 500)
    wait_until(lambda: path.stat().st_size > before + 200_000)


def test_few_changes_need_no_thread(store: SqliteStore) -> None:
    fill(store, 100)
    assert store._db._checkpoints._thread is None


def test_writers_go_on_while_the_disk_is_slow(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    began, goes_on = threading.Event(), threading.Event()
    copy = sqlite_checkpoints.copy

    def copy_slowly(path: Path, is_large: Callable[[], bool]) -> None:
        began.set()
        assert goes_on.wait(PATIENCE)
        copy(path, is_large)

    monkeypatch.setattr(sqlite_checkpoints, "copy", copy_slowly)
    monkeypatch.setattr(sqlite_checkpoints, "ROWS", 200)
    fill(store, 300)
    assert began.wait(PATIENCE)
    store.schedule([message("meanwhile")])
    assert store.delivery("default", "meanwhile") is not None
    goes_on.set()


def test_a_large_log_begins_again(store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_checkpoints, "BYTES", 200_000)
    monkeypatch.setattr(sqlite_checkpoints, "LARGE", 300_000)
    fill(store, 200, size=20_000)
    log = path.with_name("store.db-wal")
    salt = log.read_bytes()[16:24]  # another one each time it begins

    def has_begun_again() -> bool:
        store.schedule([message(f"then-{next(numbers)}")])
        return log.read_bytes()[16:24] != salt

    numbers = itertools.count()
    wait_until(has_begun_again)
    assert store.delivery("default", "d-199") is not None


def test_a_log_that_cannot_be_copied_is_left_to_the_store(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_checkpoints, "ROWS", 100)
    checkpoints = store._db._checkpoints
    checkpoints._path = path.with_name("missing.db")
    fill(store, 200)
    checkpoints._path = path
    before = path.stat().st_size
    fill(store, 500)
    wait_until(lambda: path.stat().st_size > before)


def test_the_thread_ends_with_the_store(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_checkpoints, "ROWS", 100)
    opened = open_store(f"sqlite:{path}", journal_limit=1000, clock=ManualClock())
    assert isinstance(opened, SqliteStore)
    fill(opened, 200)
    thread = opened._db._checkpoints._thread
    opened.close()
    assert thread is not None
    thread.join(PATIENCE)
    assert not thread.is_alive()
