from __future__ import annotations

from mock_server.core.records import Delivery, Message
from mock_server.delivery.receiver_limits import ReceiverLimits


def delivery(number: int, url: str = "http://a.test/") -> Delivery:
    return Delivery(Message(f"c-{number}", "default", "acme", "done", "", url, b"", (), 0.0, 0.0))


def ids(deliveries: list[Delivery]) -> list[str]:
    return [each.message.id for each in deliveries]


def test_a_receiver_has_so_many_places_and_a_queue_behind_them() -> None:
    limits = ReceiverLimits(2)
    first, second, third = (limits.acquire(delivery(number)) for number in range(3))
    assert first is not None
    assert first is second
    assert third is None
    assert (limits.in_flight, limits.waiting) == (2, 1)
    assert ids(limits.release(first, lambda _: True)) == ["c-2"]
    assert limits.release(first, lambda _: True) == []
    assert limits.release(first, lambda _: True) == []
    assert (limits.in_flight, limits.waiting) == (0, 0)
    assert first is not limits.acquire(delivery(4)), "a receiver without anything under way is forgotten"


def test_receivers_do_not_share_their_places() -> None:
    limits = ReceiverLimits(1)
    urls = ("http://a.test/x", "http://a.test:81/", "https://a.test/", "http://b.test/", "no url")
    assert None not in [limits.acquire(delivery(number, url)) for number, url in enumerate(urls)]
    assert limits.acquire(delivery(9, "http://a.test/another?path")) is None
    assert limits.acquire(delivery(10, "no url either")) is None


def test_what_has_waited_too_long_is_left_out() -> None:
    limits = ReceiverLimits(1)
    host = limits.acquire(delivery(0))
    assert host is not None
    for number in range(1, 4):
        limits.acquire(delivery(number))
    assert ids(limits.release(host, lambda each: each.message.id == "c-3")) == ["c-3"]
    assert limits.waiting == 0


def test_some_can_be_withdrawn_from_the_queues() -> None:
    limits = ReceiverLimits(1)
    for number in range(3):
        limits.acquire(delivery(number))
        limits.acquire(delivery(number + 10, "http://b.test/"))
    assert [each.message.id for each in limits.withdraw(lambda each: each.message.id.endswith("2"))] == [
        "c-2",
        "c-12",
    ]
    assert limits.waiting == 2
    assert limits.withdraw(lambda _: False) == []


def test_the_fewer_slots_are_free_the_fewer_a_receiver_has() -> None:
    limits = ReceiverLimits(8, shared=24)
    held = [
        sum(limits.acquire(delivery(n, f"http://dead-{dead}.test/")) is not None for n in range(20))
        for dead in range(16)
    ]
    assert held[:3] == [8, 8, 4], "a third receiver finds eight free slots, and takes half of them"
    assert min(held) == 1, "everybody has one at least"


def test_slots_that_are_freed_are_shared_anew() -> None:
    limits = ReceiverLimits(8, shared=8)
    many = [limits.acquire(delivery(number)) for number in range(8)]
    first = many[0]
    assert first is not None
    assert (limits.in_flight, limits.waiting) == (4, 4)
    others = [limits.acquire(delivery(number, "http://b.test/")) for number in (10, 11)]
    assert ids(limits.release(first, lambda _: True)) == [], "the other one has made slots scarce"
    for other in others:
        assert other is not None
        assert limits.release(other, lambda _: True) == []
    assert ids(limits.release(first, lambda _: True)) == ["c-4", "c-5"], "and now they are plenty again"
    assert (limits.in_flight, limits.waiting) == (4, 2)
