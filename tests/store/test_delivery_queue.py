"""What only the memory store's queue promises; the rest is in tests/contract/test_store_deliveries.py."""

from __future__ import annotations

from mock_server.core.clock import ClockState
from mock_server.core.records import DELIVERED, PENDING, Attempt, Delivery
from mock_server.store.delivery_queue import DeliveryQueue
from tests.contract.values import NOW, message

LEASE = 30.0


def ids(deliveries: list[Delivery]) -> list[str]:
    return [delivery.message.id for delivery in deliveries]


def queue_of(*scheduled: tuple[str, str, float]) -> DeliveryQueue:
    """A queue of messages: id, account, seconds until they are due."""
    queue = DeliveryQueue(limit=1000, most=2**20)
    for name, account, after in scheduled:
        queue.schedule(message(name, account, due=NOW + after))
    return queue


def test_a_look_that_came_too_early_passes_over_no_other_account() -> None:
    queue = queue_of(("a-0", "test-a", 1.0), ("b-0", "test-b", 3.0))
    queue.reschedule("test-a", ["a-0"], NOW + 5.0, PENDING)
    assert ids(queue.lease(NOW + 9.0, LEASE, limit=1)) == ["b-0"]
    assert ids(queue.lease(NOW + 9.0, LEASE, limit=1)) == ["a-0"]


def test_an_account_with_a_long_queue_delays_no_other() -> None:
    queue = queue_of(
        *((f"a-{number}", "test-a", float(number)) for number in range(500)), ("b-0", "test-b", 2.5)
    )
    assert ids(queue.lease(NOW + 1000.0, LEASE, limit=5)) == ["a-0", "a-1", "a-2", "b-0", "a-3"]


def test_wake_at_is_exact_when_leases_have_ended() -> None:
    queue = queue_of(("a-0", "test-a", 0.0), ("b-0", "test-b", 0.0))
    queue.lease(NOW, 5.0, limit=1)
    queue.lease(NOW, 20.0, limit=1)
    assert queue.wake_at(NOW) == NOW + 5.0
    queue.record_attempt("test-a", "a-0", Attempt(NOW, 0.1, 200), DELIVERED, 0.0, 0)
    assert queue.wake_at(NOW) == NOW + 20.0
    queue.record_attempt("test-b", "b-0", Attempt(NOW, 0.1, 200), DELIVERED, 0.0, 0)
    assert queue.wake_at(NOW) is None


def test_a_forgotten_account_leaves_nothing_behind() -> None:
    queue = queue_of(("a-0", "test-a", 0.0), ("a-1", "test-a", 0.0))
    queue.schedule(message("a-2", "test-a"), held_until=NOW + 30.0)
    queue.lease(NOW, LEASE, limit=1)
    queue.forget("test-a")
    assert queue.wake_at(NOW) is None
    assert queue.lease(NOW + 1000.0, LEASE, limit=10) == []
    queue.schedule(message("a-0", "test-a", due=NOW + 1.0))
    assert ids(queue.lease(NOW + 1.0, LEASE, limit=10)) == ["a-0"]


def test_a_forgotten_account_forgets_its_clock() -> None:
    queue = queue_of(("a-0", "test-a", 0.0))
    queue.set_clock("test-a", ClockState(offset=-100.0))
    assert queue.lease(NOW, LEASE, limit=1) == []
    queue.forget("test-a")
    queue.schedule(message("a-1", "test-a", due=NOW))
    assert ids(queue.lease(NOW, LEASE, limit=1)) == ["a-1"]
