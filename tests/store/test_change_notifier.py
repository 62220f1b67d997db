"""Waiting for changes inside and outside of the process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

from mock_server.store.change_notifier import ChangeNotifier


class Outside:
    """What another process would change."""

    def __init__(self) -> None:
        self.watch = ChangeNotifier(self.look, 0)
        self.changed = Event()
        self.entered = Event()
        self.looking = 0
        self.most = 0
        self._lock = Lock()

    def look(self, timeout: float) -> None:
        with self._lock:
            self.looking += 1
            self.most = max(self.most, self.looking)
        self.entered.set()
        if self.changed.wait(min(timeout, 0.05)):
            self.watch.advance(7)
        with self._lock:
            self.looking -= 1


def test_one_looks_and_all_are_told() -> None:
    outside = Outside()
    with ThreadPoolExecutor(8) as threads:
        waits = [threads.submit(outside.watch.wait, 0, 30.0) for _ in range(8)]
        assert outside.entered.wait(10)
        outside.changed.set()
        assert [wait.result(10) for wait in waits] == [7] * 8
    assert outside.most == 1


def test_when_the_one_who_looks_leaves_another_goes_on() -> None:
    outside = Outside()
    with ThreadPoolExecutor(2) as threads:
        short = threads.submit(outside.watch.wait, 0, 0.01)
        assert outside.entered.wait(10)
        long = threads.submit(outside.watch.wait, 0, 30.0)
        assert short.result(10) == 0
        outside.entered.clear()
        assert outside.entered.wait(10)
        outside.changed.set()
        assert long.result(10) == 7


def test_a_change_inside_is_noticed_between_two_looks() -> None:
    looks: list[float] = []
    watch = ChangeNotifier(looks.append, 30.0)
    with ThreadPoolExecutor(4) as threads:
        waits = [threads.submit(watch.wait, 0, 30.0) for _ in range(4)]
        watch.notify()
        assert [wait.result(10) for wait in waits] == [1] * 4
    assert looks == []


def test_the_version_never_falls() -> None:
    watch = ChangeNotifier(lambda _: None, 0)
    assert watch.advance(5) == 5
    assert watch.advance(3) == 5
    watch.notify()
    assert watch.version == 6


def test_closing_waits_for_the_look_to_end() -> None:
    outside = Outside()
    with ThreadPoolExecutor(3) as threads:
        waits = [threads.submit(outside.watch.wait, 0, 30.0) for _ in range(3)]
        assert outside.entered.wait(10)
        outside.watch.close()
        assert outside.looking == 0
        assert [wait.result(10) for wait in waits] == [0] * 3
    assert outside.watch.wait(0, 30.0) == 0
