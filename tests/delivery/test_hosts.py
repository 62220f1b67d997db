from __future__ import annotations

import pytest

from mock_server.core.records import Delivery, Message
from mock_server.delivery.hosts import Host, Hosts


def delivery(number: int, url: str = "http://a.test/") -> Delivery:
    return Delivery(Message(f"c-{number}", "default", "acme", "done", "", url, b"", (), 0.0, 0.0))


def test_a_receiver_has_so_many_places_and_a_queue_behind_them() -> None:
    hosts = Hosts(2)
    first, second, third = (hosts.admit(delivery(number)) for number in range(3))
    assert first is not None
    assert first is second
    assert third is None
    assert (2, 1) == (hosts.active, hosts.waiting)
    assert "c-2" == hosts.next(first, lambda _: True).message.id  # type: ignore[union-attr]
    assert hosts.next(first, lambda _: True) is None
    assert hosts.next(first, lambda _: True) is None
    assert (0, 0) == (hosts.active, hosts.waiting)
    assert first is not hosts.admit(delivery(4)), "a receiver without anything under way is forgotten"


def test_receivers_do_not_share_their_places() -> None:
    hosts = Hosts(1)
    urls = ("http://a.test/x", "http://a.test:81/", "https://a.test/", "http://b.test/", "no url")
    assert None not in [hosts.admit(delivery(number, url)) for number, url in enumerate(urls)]
    assert hosts.admit(delivery(9, "http://a.test/another?path")) is None
    assert hosts.admit(delivery(10, "no url either")) is None


def test_what_has_waited_too_long_is_left_out() -> None:
    hosts = Hosts(1)
    host = hosts.admit(delivery(0))
    assert host is not None
    for number in range(1, 4):
        hosts.admit(delivery(number))
    assert "c-3" == hosts.next(host, lambda each: each.message.id == "c-3").message.id  # type: ignore[union-attr]
    assert 0 == hosts.waiting


def test_some_can_be_withdrawn_from_the_queues() -> None:
    hosts = Hosts(1)
    for number in range(3):
        hosts.admit(delivery(number))
        hosts.admit(delivery(number + 10, "http://b.test/"))
    assert ["c-2", "c-12"] == [each.message.id for each in hosts.withdraw(lambda each: each.message.id.endswith("2"))]
    assert 2 == hosts.waiting
    assert [] == hosts.withdraw(lambda _: False)


def busy(hosts: Hosts, count: int) -> Host:
    """The only receiver, with so many deliveries at its door."""
    host, *_ = [hosts.admit(delivery(number)) for number in range(count)]
    assert host is not None
    return host


def test_a_receiver_that_was_quicker_than_the_loop_has_more_places() -> None:
    hosts = Hosts(2)
    host = busy(hosts, 50)
    places = [host.active]
    for ended in (0, 2, 4, 8, 1):
        for _ in range(ended):
            hosts.next(host, any_of_them)
        assert {host} >= {place for _, place in hosts.turn(8, any_of_them)}
        places.append(host.active)
    assert [2, 2, 4, 8, 8, 8] == places
    assert 2 == host.limit, "one ended in the last turn: it is slow"
    assert [None] * 6 == [hosts.next(host, any_of_them) for _ in range(6)]
    assert hosts.next(host, any_of_them) is not None
    assert (2, 2) == (host.active, hosts.active)


@pytest.mark.parametrize(("ended", "most"), [(1, 8), (2, 2), (2, 0)], ids=["one at a time", "while turns are short", "no time at all"])
def test_otherwise_it_has_no_more_places(ended: int, most: int) -> None:
    hosts = Hosts(2)
    host = busy(hosts, 20)
    for _ in range(3):
        assert None not in [hosts.next(host, any_of_them) for _ in range(ended)]
        assert [] == list(hosts.turn(most, any_of_them))
    assert 2 == host.active


def any_of_them(_: Delivery) -> bool:
    return True
