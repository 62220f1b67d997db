from __future__ import annotations

import threading

import pytest

from mock_server.web.http.threads import Threads


def test_each_waiting_job_has_a_thread_up_to_the_limit() -> None:
    threads, gate, inside, done = (
        Threads(3, "test-threads"),
        threading.Event(),
        threading.Semaphore(0),
        threading.Semaphore(0),
    )

    def job() -> None:
        inside.release()
        gate.wait(5)
        done.release()

    for _ in range(5):
        threads.submit(job)
    assert [inside.acquire(timeout=5) for _ in range(3)] == [True] * 3
    assert not inside.acquire(timeout=0.05)
    gate.set()
    assert [done.acquire(timeout=5) for _ in range(5)] == [True] * 5


def test_an_idle_thread_is_taken_again() -> None:
    threads, names, done = Threads(8, "test-again"), set[int | None](), threading.Semaphore(0)

    def job() -> None:
        names.add(threading.current_thread().ident)
        done.release()

    for _ in range(10):
        threads.submit(job)
        assert done.acquire(timeout=5)
        while threads.idle() == 0:
            pass
    assert len(names) == 1


def test_a_thread_ends_when_there_is_nothing_to_do() -> None:
    threads, started, done = Threads(1, "test-end", idle=0.01), list[threading.Thread](), threading.Event()

    def job() -> None:
        started.append(threading.current_thread())
        done.set()

    threads.submit(job)
    assert done.wait(5)
    started[0].join(5)
    assert not started[0].is_alive()
    done.clear()
    threads.submit(job)
    assert done.wait(5)


def test_a_job_that_fails_is_logged_and_harms_no_other(caplog: pytest.LogCaptureFixture) -> None:
    threads, done = Threads(1, "test-fail"), threading.Event()

    def fail() -> None:
        raise LookupError("nothing there")

    threads.submit(fail)
    threads.submit(done.set)
    assert done.wait(5)
    assert "nothing there" in caplog.text
