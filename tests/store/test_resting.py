from __future__ import annotations

import random

import pytest

from mock_server.core.clock import ManualClock
from mock_server.core.records import CANCELLED, DELIVERED, PENDING, Attempt, Delivery, Message
from mock_server.store import agenda, open_store
from mock_server.store.base import DeliveryFilter
from mock_server.store.memory import MemoryStore
from mock_server.store.resting import Bed

COMMON = random.Random(0).randbytes(400).hex().encode()
"""What all bodies have in common, and no compression finds in one of them."""


def message(number: int, due: float = 0.0, lane: str = "") -> Message:
    signature = random.Random(number).randbytes(32).hex()
    body = b'{"reference":"ref-%d","name":"Ada Marlowe","score":%d,"more":"%b"}' % (number, number % 7, COMMON)
    headers = (("Content-Type", "application/json"), ("Signature", signature))
    where = "http://localhost:3000/"
    return Message(f"c-{number}", "default", "acme", "done", f"ref-{number}", where, body, headers, due, 1.5, lane=lane, waits=(15.0, 0.1))


def test_it_comes_back_as_it_was_laid() -> None:
    bed = Bed()
    for number in range(20):
        attempts = (Attempt(1.25, 0.5, 500, "answered 500", (("A", "ü"),), b"\xff\x00", sent_body=b""),) * (number % 3)
        delivery = Delivery(message(number, 3.5), PENDING, 4.75, attempts, turn=2)
        resting = bed.lay(delivery)
        assert delivery == resting.delivery()
        assert (4.75, "") == (resting.due, resting.lane)


def test_alike_deliveries_take_a_fifth_of_the_space() -> None:
    bed = Bed()
    bed.lay(Delivery(message(0)))
    for number in range(1, 50):
        assert 5 * len(bed.lay(Delivery(message(number))).body) < len(message(number).body)


def test_a_sample_that_does_not_fit_is_replaced() -> None:
    bed = Bed()
    noise = random.Random(1).randbytes(1000)
    bed.lay(Delivery(message(0)._replace(body=noise)))
    sizes = [len(bed.lay(Delivery(message(number))).body) for number in range(1, 4)]
    assert sizes[0] > 2 * sizes[1]


@pytest.mark.parametrize("seed", range(20))
def test_a_store_whose_deliveries_rest_does_what_one_does_whose_do_not(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock()
    stores = [MemoryStore(clock, 10, 10) for _ in range(2)]
    told: list[list[object]] = [[], []]
    for at_hand, store, said in zip((1_000_000, 2), stores, told):
        monkeypatch.setattr(agenda, "AT_HAND", at_hand)
        draw = random.Random(seed)
        now = clock.now()
        for number in range(60):
            store.enqueue([message(number, now + draw.choice((-1.0, 0.0, 5.0)), draw.choice(("", "a", "b")))])
            someone = f"c-{draw.randrange(number + 1)}"
            deed = draw.randrange(6)
            if deed == 0:
                store.reschedule("default", [someone], now + draw.choice((-2.0, 9.0)), draw.choice((PENDING, CANCELLED)))
            elif deed == 1:
                said.append(store.delivery("default", someone))
            elif deed == 2:
                said.append(store.deliveries("default", DeliveryFilter(state=PENDING), 10))
            elif deed >= 3:
                for taken in store.take_due(now, 30.0, draw.randrange(4)):
                    said.append(taken)
                    state = draw.choice((PENDING, DELIVERED, DELIVERED))
                    store.settle("default", taken.message.id, Attempt(now, 0.1, 200), state, now + draw.choice((0.0, 3.0)), 0)
            said.append(store.next_due(now))
    assert told[0] == told[1]
    assert len(told[0]) > 60


def test_many_that_wait_leave_in_order_and_whole() -> None:
    clock = ManualClock()
    store = open_store("memory", journal_limit=5, clock=clock)
    count = 3 * agenda.AT_HAND
    sent = [message(number, clock.now() + number / count, f"lane-{number % 500}") for number in range(count)]
    store.enqueue(sent)
    found, total = store.deliveries("default", limit=1)
    assert (sent[-1], count) == (found[0].message, total)
    clock.advance(1.0)
    left: list[Message] = []
    while taken := store.take_due(clock.now(), 30.0, 64):
        for delivery in taken:
            left.append(delivery.message)
            store.settle("default", delivery.message.id, Attempt(clock.now(), 0.0, 200), DELIVERED)
    assert sent == left
