"""One of several processes on one store: ``python -m tests.contract.worker URL NAME COUNT``.

Waits for a line on its input, then claims COUNT nonces that all processes want and COUNT of its own in turn,
and delivers what is due. Prints ``accepted NONCE ENTRY`` after a commit that went through and ``sent
DELIVERY`` before a delivery is settled."""

from __future__ import annotations

import sys
import time

from mock_server.core.clock import SystemClock
from mock_server.core.ids import ProcessIds
from mock_server.core.records import DELIVERED, Attempt
from mock_server.store import open_store
from mock_server.store.base import Store
from tests.contract.values import claim, entry, message, record, transaction

LIMIT = 10_000


def open_shared(url: str) -> Store:
    return open_store(url, journal_limit=LIMIT, record_limit=LIMIT, clock=SystemClock())


def accept(store: Store, ids: ProcessIds, nonce: str) -> None:
    """What a server does with one request."""
    now = time.time()
    journal_entry = entry(ids.next("r"), at=now, reference=nonce)
    if store.find_used("default", "nonce", nonce) is not None:
        return
    hook = message(ids.next("d"), due=now, lane=f"lane-{nonce[-1]}", request_id=journal_entry.id)
    all_of_it = transaction(
        entry=journal_entry,
        used_values=[claim(nonce, by=journal_entry.id, at=now)],
        records=[record(nonce, data=journal_entry.id.encode())],
        messages=[hook],
    )
    if store.commit(all_of_it) is None:
        print("accepted", nonce, journal_entry.id, flush=True)
        store.release([("default", hook.id)])


def deliver(store: Store) -> None:
    for delivery in store.lease_due(time.time(), 60, limit=5):
        print("sent", delivery.message.id, flush=True)
        store.record_attempt("default", delivery.message.id, Attempt(time.time(), 0.0, 200), DELIVERED)


def main(url: str, name: str, count: str) -> None:
    store = open_shared(url)
    ids = ProcessIds(name)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(count)):
        for owner in ("all", name):
            accept(store, ids, f"{owner}-{number}")
        deliver(store)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
