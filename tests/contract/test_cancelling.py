"""What is scheduled for a reference can be cancelled on every store, after the commit that ends it."""

from __future__ import annotations

from mock_server.core.records import CANCELLED, PENDING, Attempt
from mock_server.providers.cancelling import cancel_scheduled
from mock_server.store.base import Store, Transaction
from tests.contract.values import NOW, message


def test_only_what_is_due_later_of_that_reference_is_cancelled(store: Store) -> None:
    """Not what is due, what was attempted, what another reference or account has, and what the same commit
    sends."""
    scheduled = [message(f"d-{number}", reference="r-1", due=NOW + number) for number in (0, 1, 2)]
    others = [
        message("d-other", reference="r-2", due=NOW + 5),
        message("d-account", "test-a", reference="r-1", due=NOW + 5),
    ]
    store.schedule([*scheduled, *others])
    store.record_attempt("default", "d-2", Attempt(NOW, 0.1, 500), PENDING, NOW + 9)
    transaction = Transaction("default")
    transaction.cancelled = scheduled[0].provider, "r-1"
    transaction.messages.append(message("d-own", reference="r-1", due=NOW + 5))
    assert store.commit(transaction) is None
    cancel_scheduled(store, transaction, NOW)
    states = {
        delivery.message.id: delivery.state
        for account in ("default", "test-a")
        for delivery in store.deliveries(account)[0]
    }
    assert {name: state for name, state in states.items() if state != PENDING} == {"d-1": CANCELLED}
    assert set(states) == {"d-0", "d-1", "d-2", "d-own", "d-other", "d-account"}


def test_a_refused_request_cancels_nothing(store: Store) -> None:
    store.schedule([message("d-1", reference="r-1", due=NOW + 1)])
    transaction = Transaction("default")
    transaction.cancelled = message("d-1").provider, "r-1"
    transaction.discard()
    cancel_scheduled(store, transaction, NOW)
    assert [delivery.state for delivery in store.deliveries("default")[0]] == [PENDING]
