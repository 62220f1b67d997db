"""The worker with its real transport, real threads and receivers that do what receivers do."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.core.clock import SystemClock
from mock_server.core.records import DELIVERED, FAILED, PENDING, Message
from mock_server.delivery.advance import advance
from mock_server.delivery.targets import Policy
from mock_server.delivery.transport import make_transport
from mock_server.delivery.worker import Worker
from mock_server.store import open_store
from mock_server.store.base import DeliveryFilter, Store
from tests import receivers
from tests.delivery.test_chaos import sign
from tests.receivers import Receiver, fails_first, free_port, slow


class Office:
    """A store and a worker that send for real."""

    def __init__(self, store: str = "memory", **options: Any) -> None:
        self.clock = SystemClock()
        self.store: Store = open_store(store, journal_limit=100_000, clock=self.clock)
        transport = make_transport(Policy())
        self.worker = Worker(self.store, transport, self.clock, sign, lambda message: None, **options)

    def message(self, number: int, url: str, **changes: Any) -> Message:
        now = self.clock.now()
        body = f'{{"n":{number}}}'.encode()
        message = Message(f"c-{number}", "default", "acme", "done", f"ref-{number}", url, body, (), now, now, waits=(0.0,) * 3, timeout=5.0)
        return message._replace(lane=f"ref-{number}")._replace(**changes)

    def states(self) -> Counter[str]:
        return Counter(delivery.state for delivery in self.store.deliveries("default", limit=100_000)[0])

    def settle(self, timeout: float = 30.0) -> None:
        """Wait until nothing is pending."""
        deadline = time.monotonic() + timeout
        while self.store.deliveries("default", DeliveryFilter(state=PENDING), limit=1)[1]:
            assert time.monotonic() < deadline, self.states()
            self.store.wait(self.store.version(), 0.05)


@pytest.fixture
def office() -> Iterator[Office]:
    office = Office(per_host=8)
    yield office
    office.worker.stop()


def test_a_thousand_callbacks_to_receivers_with_every_fault(office: Office) -> None:
    """Each ends in the right state, none is lost, none is sent twice without cause, and each reference keeps its order."""
    kinds: dict[str, tuple[receivers.Behaviour, str, int]] = {
        "good": (receivers.good, DELIVERED, 1),
        "slow": (slow(0.02), DELIVERED, 1),
        "500 then 200": (fails_first(2), DELIVERED, 3),
        "closes": (receivers.closes, FAILED, 4),
        "resets": (receivers.resets, FAILED, 4),
        "redirects": (receivers.redirects, FAILED, 4),
        "ten megabytes": (receivers.answers_ten_megabytes, DELIVERED, 1),
        "never answers": (receivers.never_answers, FAILED, 4),
        "not http": (receivers.not_http, FAILED, 4),
    }
    opened = {name: Receiver(behave) for name, (behave, _, _) in kinds.items()}
    shares = {"good": 300, "slow": 200, "500 then 200": 200, "ten megabytes": 20, "never answers": 8}
    messages: list[Message] = []
    owner: dict[bytes, str] = {}
    for name, receiver in opened.items():
        receiver.__enter__()
        for _ in range(shares.get(name, 68)):
            number = len(messages)
            message = office.message(number, receiver.url, reference=f"ref-{number // 4}", lane=f"ref-{number // 4}")
            # Half a second each is long enough in lanes of their own.
            messages.append(message._replace(timeout=0.5, reference=f"ref-{number}", lane="") if name == "never answers" else message)
            owner[message.body] = name
    assert 1000 == len(messages)
    office.worker.start()
    for start in range(0, 1000, 50):
        office.store.enqueue(messages[start : start + 50])
        office.worker.wake()
    office.settle()
    try:
        for message in messages:
            _, state, attempts = kinds[owner[message.body]]
            delivery = office.store.delivery("default", message.id)
            assert delivery is not None
            assert (state, attempts) == (delivery.state, len(delivery.attempts)), (owner[message.body], delivery.attempts)
        for name, receiver in opened.items():
            expected = {body: kinds[name][2] for body, whose in owner.items() if whose == name}
            assert expected == Counter(receiver.bodies), name
            assert receiver.at_once <= 8
        _assert_order_within_references(messages, opened)
    finally:
        for receiver in opened.values():
            receiver.__exit__()


def _assert_order_within_references(messages: list[Message], opened: dict[str, Receiver]) -> None:
    reference = {message.body: message.reference for message in messages}
    position = {message.body: number for number, message in enumerate(messages)}
    for receiver in opened.values():
        last: dict[str, int] = {}
        for body in receiver.bodies:
            assert position[body] >= last.get(reference[body], -1), "an earlier message of the reference came after a later one"
            last[reference[body]] = position[body]


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[list[Office]]:
    """Two stores and workers on one file, as two server processes have them."""
    offices = [Office(f"sqlite:{tmp_path / 'mock.db'}", lease=2.0, poll=0.05) for _ in range(2)]
    yield offices
    for office in offices:
        office.worker.stop()
        office.store.close()


def test_two_workers_share_a_durable_store(offices: list[Office]) -> None:
    """Both deliver, each callback arrives once, and the order within a reference is kept."""
    first, second = offices
    with Receiver(slow(0.002)) as receiver:
        first.store.enqueue([first.message(number, receiver.url, lane=f"ref-{number // 4}") for number in range(400)])
        for office in offices:
            office.worker.start()
        first.settle()
    assert {f'{{"n":{number}}}'.encode(): 1 for number in range(400)} == Counter(receiver.bodies)
    numbers = [int(body[5:-1]) for body in receiver.bodies]
    for lane in range(100):
        assert [lane * 4 + step for step in range(4)] == [number for number in numbers if number // 4 == lane]
    assert {DELIVERED: 400} == second.states()


def test_a_lane_on_a_durable_store_goes_on_without_being_asked_for(tmp_path: Path) -> None:
    """What lands makes room for the next in its lane at once, also while the store is just being asked; nobody waits for the poll."""
    office = Office(f"sqlite:{tmp_path / 'mock.db'}", poll=60.0)
    with Receiver() as receiver:
        office.worker.start()
        office.store.enqueue([office.message(number, receiver.url, lane=f"lane-{number % 5}") for number in range(200)])
        office.worker.wake()
        office.settle(timeout=20.0)
    office.worker.stop()
    office.store.close()
    assert 200 == len(receiver.got)


def test_what_a_dead_worker_had_taken_is_taken_over(offices: list[Office]) -> None:
    """The process that has the lease is gone without a word; another delivers when the lease is over."""
    dead, alive = offices
    with Receiver() as receiver:
        dead.store.enqueue([dead.message(number, receiver.url) for number in range(10)])
        assert 5 == len(dead.store.take_due(dead.clock.now(), 0.3, limit=5))
        alive.worker.start()
        alive.settle()
    assert {f'{{"n":{number}}}'.encode(): 1 for number in range(10)} == Counter(receiver.bodies)


def test_a_dead_receiver_delays_no_other(office: Office) -> None:
    """A hundred callbacks hang at one receiver; those to another are all through before the first of them is given up."""
    with Receiver(receivers.never_answers) as dead, Receiver() as alive:
        office.worker.start()
        office.store.enqueue([office.message(number, dead.url) for number in range(100)])
        office.store.enqueue([office.message(number, alive.url) for number in range(100, 200)])
        office.worker.wake()
        alive.wait(100)
        assert 8 == dead.at_once
        left = office.worker.stop(timeout=0.05)
    assert 100 == len(left)
    assert {()} == {delivery.attempts for delivery in left}


def test_what_stop_breaks_off_can_be_taken_at_once_by_the_next_worker(office: Office) -> None:
    with Receiver(receivers.never_answers) as hangs:
        office.worker.start()
        office.store.enqueue([office.message(1, hangs.url), office.message(2, hangs.url, lane="ref-1")])
        office.worker.wake()
        hangs.wait(1)
        begun = time.perf_counter()
        assert ["c-1", "c-2"] == [each.message.id for each in office.worker.stop(timeout=0.1)]
        assert time.perf_counter() - begun < 1.0
    assert ["c-1"] == [each.message.id for each in office.store.take_due(office.clock.now(), 30.0)]


def test_a_refused_target_is_a_recorded_failure(office: Office) -> None:
    office.store.enqueue([office.message(1, "http://169.254.169.254/latest/", waits=()), office.message(2, "not a url", waits=())])
    errors = [each.attempts[0].error for each in office.worker.run_due()]
    assert "not allowed: 169.254.169.254 is a link-local address, where clouds keep their metadata; callbacks never go there" == errors[0]
    assert "blank" in errors[1]


def test_run_due_waits_for_what_is_in_the_air(office: Office) -> None:
    """What the background has begun belongs to the same moment, and is among what is returned."""
    with Receiver(receivers.never_answers) as holds:
        office.worker.start()
        office.store.enqueue([office.message(1, holds.url, timeout=0.2, waits=())])
        office.worker.wake()
        holds.wait(1)
        assert ["c-1"] == [each.message.id for each in office.worker.run_due("default")]


def test_advancing_an_account_beside_traffic_of_another(office: Office) -> None:
    """A day of retries of one account runs in order while another one's messages flow."""
    with Receiver(fails_first(9)) as failing, Receiver() as fine:
        office.worker.start()
        office.store.enqueue([office.message(1, failing.url, account="test-a", waits=(DAY / 9,) * 9)])
        stop = threading.Event()

        def traffic() -> None:
            for number in range(100, 100_000):
                if stop.is_set():
                    return
                office.store.enqueue([office.message(number, fine.url)])
                office.worker.wake()
                stop.wait(0.001)

        thread = threading.Thread(target=traffic)
        thread.start()
        played = advance(office.store, office.worker, "test-a", DAY, office.clock)
        stop.set()
        thread.join()
        office.settle()
    # The worker may have made an attempt by itself just before, in which case it is not among those played.
    assert {"test-a"} == {each.message.account for each in played}
    delivery = office.store.delivery("test-a", "c-1")
    assert delivery is not None
    assert (10, 10, DELIVERED) == (len(failing.got), len(delivery.attempts), delivery.state)
    times = [attempt.at for attempt in delivery.attempts]
    assert [DAY / 9] * 9 == pytest.approx([later - earlier for earlier, later in itertools.pairwise(times)], abs=60)
    assert {DELIVERED} == set(office.states())


DAY = 86_400.0


def test_an_idle_worker_uses_no_time(office: Office) -> None:
    with Receiver() as receiver:
        office.worker.start()
        office.store.enqueue([office.message(1, receiver.url)])
        office.worker.wake()
        office.settle()
    thread = next(each for each in threading.enumerate() if each.name == "deliveries")
    assert thread.native_id is not None
    before = _switches(thread.native_id)
    threading.Event().wait(1.3)
    assert _switches(thread.native_id) - before <= 3, "closing the idle connection, and nothing else"


def _switches(thread_id: int) -> int:
    status = Path(f"/proc/self/task/{thread_id}/status").read_text()
    return sum(int(line.split()[1]) for line in status.splitlines() if "ctxt_switches" in line)


def test_waking_costs_next_to_nothing(office: Office) -> None:
    """A server calls it for every answer that releases something."""
    office.worker.start()
    office.store.enqueue([office.message(1, f"http://127.0.0.1:{free_port()}/", due=office.clock.now() + 3600)])
    office.worker.wake()
    begun = time.perf_counter()
    for _ in range(10_000):
        office.worker.wake()
    assert time.perf_counter() - begun < 0.5


def test_a_receiver_that_restarts_is_met_again(office: Office) -> None:
    """A kept connection whose other side is gone is not used, and a new one is made."""

    def send(number: int, port: int) -> str:
        office.store.enqueue([office.message(number, f"http://127.0.0.1:{port}", waits=())])
        return office.worker.run_due()[0].attempts[0].error

    with Receiver() as receiver:
        assert "" == send(1, receiver.port)
    assert "connection refused" in send(2, receiver.port)
    with Receiver(port=receiver.port) as again:
        assert "" == send(3, receiver.port)
        assert 1 == len(again.got)
