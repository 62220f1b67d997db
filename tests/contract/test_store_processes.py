"""Three processes on one store, one of them killed in the middle of its work."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from mock_server.core.records import DELIVERED, Attempt
from mock_server.store.base import DeliveryFilter, Store
from tests.contract.worker import LIMIT, open_shared

COUNT = 300
LATER = 1000.0
"""Seconds ahead: by then every hold and lease has ended."""


def start(url: str, name: str, offset: int, root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.contract.worker", url, name, str(COUNT), str(offset)]
    return subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)


def lines_until(process: subprocess.Popen[str], accepted: int) -> list[str]:
    """What it prints until it has had so many requests accepted."""
    assert process.stdout is not None
    lines: list[str] = []
    while sum(line.startswith("accepted") for line in lines) < accepted:
        lines.append(process.stdout.readline().strip())
        assert lines[-1], "the process ended before it was killed"
    return lines


def send_the_rest(store: Store) -> list[str]:
    """What a worker that is still there takes over once holds and leases have ended."""
    sent = []
    while taken := store.take_due(time.time() + LATER, 0.0, limit=50):
        for delivery in taken:
            store.settle("default", delivery.message.id, Attempt(time.time(), 0.0, 200), DELIVERED)
            sent.append(delivery.message.id)
    return sent


@pytest.mark.parametrize("store_url", ["sqlite", "redis"], indirect=True)
def test_nothing_is_lost_or_done_twice_when_a_process_is_killed(store_url: str, root: Path) -> None:
    with ExitStack() as stack:
        # In nearly the same order, so that they run for the same nonces.
        workers = [stack.enter_context(start(store_url, name, offset, root)) for offset, name in enumerate("abc")]
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdin is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        killed = workers[1]
        lines = lines_until(killed, accepted=20)
        killed.kill()
        for worker in workers:
            assert worker.stdout is not None
            lines += worker.stdout.read().splitlines()
        assert [worker.wait(60) for worker in workers] == [0, -9, 0]

    store = open_shared(store_url)
    try:
        told = [(int(line.split()[1]), line.split()[2]) for line in lines if line.startswith("accepted") and len(line.split()) == 3]
        assert max(Counter(number for number, _ in told).values()) == 1
        entries = {each.id: each for each in store.entries("default", limit=LIMIT)[0]}
        assert len(entries) == COUNT
        for number in range(COUNT):
            claimed = store.claimed("default", "nonce", f"n{number}")
            found = store.record("default", "cloudcheck", "verification", f"ref-{number}")
            assert claimed is not None
            assert found is not None
            # The nonce, the record and the journal entry are of one and the same request.
            assert found.data.decode() == claimed.by
            assert entries[claimed.by].reference == f"ref-{number}"
            assert dict(told).get(number, claimed.by) == claimed.by
        sent = [line.split()[1] for line in lines if line.startswith("sent") and len(line.split()) == 2]
        sent += send_the_rest(store)
        deliveries, total = store.deliveries("default", DeliveryFilter(state=DELIVERED), limit=LIMIT)
        assert total == COUNT == store.deliveries("default")[1]
        assert {delivery.message.request_id for delivery in deliveries} == set(entries)
        assert set(sent) == {delivery.message.id for delivery in deliveries}
        # At least once; twice only what was in the dead process's hands.
        assert len(sent) - len(set(sent)) <= 5
        assert all(delivery.attempts for delivery in deliveries)
    finally:
        store.close()
