"""Three processes on one store, one of them killed in the middle of its work."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from mock_server.core.records import DELIVERED, Attempt
from mock_server.store.base import DeliveryFilter, Store
from tests.contract.worker import LIMIT, open_shared

COUNT = 150
LATER = 1000.0
"""Seconds ahead: by then every hold and lease has ended."""


def start(url: str, name: str, root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.contract.worker", url, name, str(COUNT)]
    return subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


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
    while taken := store.lease_due(time.time() + LATER, 0.0, limit=50):
        for delivery in taken:
            store.record_attempt("default", delivery.message.id, Attempt(time.time(), 0.0, 200), DELIVERED)
            sent.append(delivery.message.id)
    return sent


@pytest.mark.parametrize("store_url", ["sqlite", "redis"], indirect=True)
def test_nothing_is_lost_or_done_twice_when_a_process_is_killed(store_url: str, root: Path) -> None:
    with ExitStack() as stack:
        workers = [stack.enter_context(start(store_url, name, root)) for name in "abc"]
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
        acknowledged = dict(
            line.split()[1:] for line in lines if line.startswith("accepted") and len(line.split()) == 3
        )
        assert len(acknowledged) == sum(
            line.startswith("accepted") and len(line.split()) == 3 for line in lines
        )
        entries = {each.id: each for each in store.entries("default", limit=LIMIT)[0]}
        nonces = {each.reference for each in entries.values()}
        # All that all wanted and all that the living had of their own; of the dead one, at least what it
        # told.
        assert nonces >= {
            f"{owner}-{number}" for owner in ("all", "a", "c") for number in range(COUNT)
        } | set(acknowledged)
        assert len(entries) == len(nonces)
        for nonce in nonces:
            find_used = store.find_used("default", "nonce", nonce)
            stored = store.record("default", "cloudcheck", "verification", nonce)
            assert find_used is not None
            assert stored is not None
            # The nonce, the record and the journal entry are of one and the same request.
            assert stored.data.decode() == find_used.by == acknowledged.get(nonce, find_used.by)
            assert entries[find_used.by].reference == nonce
        sent = [line.split()[1] for line in lines if line.startswith("sent") and len(line.split()) == 2]
        sent += send_the_rest(store)
        deliveries, total = store.deliveries("default", DeliveryFilter(state=DELIVERED), limit=LIMIT)
        assert total == len(entries) == store.deliveries("default")[1]
        assert {delivery.message.request_id for delivery in deliveries} == set(entries)
        assert set(sent) == {delivery.message.id for delivery in deliveries}
        # At least once; twice only what was in the dead process's hands.
        assert len(sent) - len(set(sent)) <= 5
        assert all(delivery.attempts for delivery in deliveries)
    finally:
        store.close()
