"""The dispatcher with its real client, real threads and receivers that do what receivers do."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mock_server.core.clock import SystemClock
from mock_server.core.records import DELIVERED, FAILED, PENDING, Message
from mock_server.delivery.advance import advance
from mock_server.delivery.client import make_client
from mock_server.delivery.dispatcher import Dispatcher
from mock_server.delivery.targets import Policy
from mock_server.delivery.undelivered import SHOWN
from mock_server.store import open_store
from mock_server.store.base import DeliveryFilter, Store
from tests import receivers
from tests.core.test_tampering import sign
from tests.receivers import Receiver, fails_first, free_port, slow


class DispatcherHarness:
    """A store and a dispatcher that send for real."""

    def __init__(self, store: str = "memory", **options: Any) -> None:
        self.clock = SystemClock()
        self.store: Store = open_store(store, journal_limit=100_000, clock=self.clock)
        client = make_client(Policy())
        self.dispatcher = Dispatcher(self.store, client, self.clock, sign, lambda message: None, **options)

    def message(self, number: int, url: str, **changes: Any) -> Message:
        now = self.clock.now()
        body = f'{{"n":{number}}}'.encode()
        message = Message(
            f"c-{number}",
            "default",
            "acme",
            "done",
            f"ref-{number}",
            url,
            body,
            (),
            now,
            now,
            waits=(0.0,) * 3,
            timeout=5.0,
        )
        return message._replace(lane=f"ref-{number}")._replace(**changes)

    def states(self) -> Counter[str]:
        return Counter(delivery.state for delivery in self.store.deliveries("default", limit=100_000)[0])

    def wait_until_done(self, timeout: float = 60.0) -> None:
        """Wait until nothing is pending."""
        deadline = time.monotonic() + timeout
        while self.store.deliveries("default", DeliveryFilter(state=PENDING), limit=1)[1]:
            assert time.monotonic() < deadline, self.states()
            self.store.wait(self.store.version(), 0.05)


@pytest.fixture
def harness() -> Iterator[DispatcherHarness]:
    harness = DispatcherHarness(per_receiver=8)
    yield harness
    harness.dispatcher.stop()


def test_a_thousand_callbacks_to_receivers_with_every_fault(harness: DispatcherHarness) -> None:
    """Each ends in the right state, none is lost, none is sent twice without cause, and each reference keeps
    its order."""
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
            message = harness.message(
                number, receiver.url, reference=f"ref-{number // 4}", lane=f"ref-{number // 4}"
            )
            # Half a second each is long enough in lanes of their own.
            messages.append(
                message._replace(timeout=0.5, reference=f"ref-{number}", lane="")
                if name == "never answers"
                else message
            )
            owner[message.body] = name
    assert len(messages) == 1000
    harness.dispatcher.start()
    for start in range(0, 1000, 50):
        harness.store.schedule(messages[start : start + 50])
        harness.dispatcher.wake()
    harness.wait_until_done()
    try:
        for message in messages:
            _, state, attempts = kinds[owner[message.body]]
            delivery = harness.store.delivery("default", message.id)
            assert delivery is not None
            assert (delivery.state, len(delivery.attempts)) == (state, attempts), (
                owner[message.body],
                delivery.attempts,
            )
        for name, receiver in opened.items():
            expected = {body: kinds[name][2] for body, whose in owner.items() if whose == name}
            assert Counter(receiver.bodies) == expected, name
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
            assert position[body] >= last.get(reference[body], -1), (
                "an earlier message of the reference came after a later one"
            )
            last[reference[body]] = position[body]


@pytest.fixture
def harnesses(tmp_path: Path) -> Iterator[list[DispatcherHarness]]:
    """Two stores and dispatchers on one file, as two server processes have them."""
    harnesses = [DispatcherHarness(f"sqlite:{tmp_path / 'mock.db'}", lease=2.0, poll=0.05) for _ in range(2)]
    yield harnesses
    for harness in harnesses:
        harness.dispatcher.stop()
        harness.store.close()


def test_two_dispatchers_share_a_durable_store(harnesses: list[DispatcherHarness]) -> None:
    """Both deliver, each callback arrives once, and the order within a reference is kept."""
    first, second = harnesses
    with Receiver(slow(0.002)) as receiver:
        first.store.schedule(
            [first.message(number, receiver.url, lane=f"ref-{number // 4}") for number in range(400)]
        )
        for harness in harnesses:
            harness.dispatcher.start()
        first.wait_until_done()
    assert Counter(receiver.bodies) == {f'{{"n":{number}}}'.encode(): 1 for number in range(400)}
    numbers = [int(body[5:-1]) for body in receiver.bodies]
    for lane in range(100):
        assert [lane * 4 + step for step in range(4)] == [number for number in numbers if number // 4 == lane]
    assert second.states() == {DELIVERED: 400}


def test_a_lane_on_a_durable_store_goes_on_at_once(tmp_path: Path) -> None:
    """The end of an attempt makes room for the next in its lane, also while the store is being asked; nothing
    waits for the poll."""
    harness = DispatcherHarness(f"sqlite:{tmp_path / 'mock.db'}", poll=60.0)
    with Receiver() as receiver:
        harness.dispatcher.start()
        harness.store.schedule(
            [harness.message(number, receiver.url, lane=f"lane-{number % 5}") for number in range(200)]
        )
        harness.dispatcher.wake()
        harness.wait_until_done(timeout=20.0)
    harness.dispatcher.stop()
    harness.store.close()
    assert len(receiver.requests) == 200


def test_what_a_dead_process_had_leased_is_taken_over(harnesses: list[DispatcherHarness]) -> None:
    """The process that has the lease is gone without a word; another delivers when the lease is over."""
    dead, alive = harnesses
    with Receiver() as receiver:
        dead.store.schedule([dead.message(number, receiver.url) for number in range(10)])
        assert len(dead.store.lease_due(dead.clock.now(), 0.3, limit=5)) == 5
        alive.dispatcher.start()
        alive.wait_until_done()
    assert Counter(receiver.bodies) == {f'{{"n":{number}}}'.encode(): 1 for number in range(10)}


def test_a_dead_receiver_delays_no_other(harness: DispatcherHarness) -> None:
    """A hundred callbacks hang at one receiver; those to another are all through before the first of them is
    given up."""
    with Receiver(receivers.never_answers) as dead, Receiver() as alive:
        harness.dispatcher.start()
        harness.store.schedule([harness.message(number, dead.url) for number in range(100)])
        harness.store.schedule([harness.message(number, alive.url) for number in range(100, 200)])
        harness.dispatcher.wake()
        alive.wait(100)
        assert dead.at_once == 8
        assert len(harness.dispatcher.stop(timeout=0.05)) == SHOWN
    left, _ = harness.store.deliveries("default", DeliveryFilter(state=PENDING), 200)
    assert len(left) == 100
    assert {delivery.attempts for delivery in left} == {()}


def test_what_stop_cancels_can_be_leased_at_once(harness: DispatcherHarness) -> None:
    with Receiver(receivers.never_answers) as hangs:
        harness.dispatcher.start()
        harness.store.schedule([harness.message(1, hangs.url), harness.message(2, hangs.url, lane="ref-1")])
        harness.dispatcher.wake()
        hangs.wait(1)
        begun = time.perf_counter()
        assert [each.message.id for each in harness.dispatcher.stop(timeout=0.1)] == ["c-1", "c-2"]
        assert time.perf_counter() - begun < 5.0
    assert [each.message.id for each in harness.store.lease_due(harness.clock.now(), 30.0)] == ["c-1"]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (
            "http://169.254.169.254/latest/",
            "not allowed: 169.254.169.254 is a link-local address, where clouds keep their metadata;"
            " callbacks never go there",
        ),
        ("not a url", "the URL contains a space, a backslash or a control character"),
        ("/relative", "the URL is relative"),
        ("ftp://127.0.0.1/hook", "only http and https can be called, not 'ftp'"),
        (
            "http://127.0.0.1:9/__admin/reset",
            "the URL has __admin in its path: callbacks never call the control API of a mock server",
        ),
    ],
)
@pytest.mark.parametrize("deliver", [(), ("ok", "duplicate")], ids=["plain", "deliver list"])
def test_what_can_never_be_sent_is_given_up_at_once(
    harness: DispatcherHarness, url: str, error: str, deliver: tuple[str, ...]
) -> None:
    harness.store.schedule([harness.message(1, url, waits=(60.0, 300.0), deliver=deliver)])
    [delivery] = harness.dispatcher.run_due()
    assert (delivery.state, [each.error for each in delivery.attempts]) == (FAILED, [error])


def test_run_due_waits_for_what_is_in_flight(harness: DispatcherHarness) -> None:
    """What the background has begun belongs to the same moment, and is among what is returned."""
    with Receiver(receivers.never_answers) as holds:
        harness.dispatcher.start()
        harness.store.schedule([harness.message(1, holds.url, timeout=0.2, waits=())])
        harness.dispatcher.wake()
        holds.wait(1)
        assert [each.message.id for each in harness.dispatcher.run_due("default")] == ["c-1"]


def test_advancing_an_account_beside_traffic_of_another(harness: DispatcherHarness) -> None:
    """A day of retries of one account runs in order while another one's messages flow."""
    with Receiver(fails_first(9)) as failing, Receiver() as fine:
        harness.dispatcher.start()
        harness.store.schedule([harness.message(1, failing.url, account="test-a", waits=(DAY / 9,) * 9)])
        stop = threading.Event()

        def traffic() -> None:
            for number in range(100, 100_000):
                if stop.is_set():
                    return
                harness.store.schedule([harness.message(number, fine.url)])
                harness.dispatcher.wake()
                stop.wait(0.001)

        thread = threading.Thread(target=traffic)
        thread.start()
        attempted = advance(harness.store, harness.dispatcher, "test-a", DAY, harness.clock)
        stop.set()
        thread.join()
        harness.wait_until_done()
    # The dispatcher may have made an attempt by itself just before, in which case it is not among those
    # attempted.
    assert {each.message.account for each in attempted} == {"test-a"}
    delivery = harness.store.delivery("test-a", "c-1")
    assert delivery is not None
    assert (len(failing.requests), len(delivery.attempts), delivery.state) == (10, 10, DELIVERED)
    times = [attempt.at for attempt in delivery.attempts]
    assert (
        pytest.approx([later - earlier for earlier, later in itertools.pairwise(times)], abs=60)
        == [DAY / 9] * 9
    )
    assert set(harness.states()) == {DELIVERED}


DAY = 86_400.0


def test_an_idle_dispatcher_uses_no_time(harness: DispatcherHarness) -> None:
    with Receiver() as receiver:
        harness.dispatcher.start()
        harness.store.schedule([harness.message(1, receiver.url)])
        harness.dispatcher.wake()
        harness.wait_until_done()
    thread = next(each for each in threading.enumerate() if each.name == "deliveries")
    assert thread.native_id is not None
    before = _switches(thread.native_id)
    threading.Event().wait(1.3)
    assert _switches(thread.native_id) - before <= 3, "closing the idle connection, and nothing else"


def _switches(thread_id: int) -> int:
    status = Path(f"/proc/self/task/{thread_id}/status").read_text()
    return sum(int(line.split()[1]) for line in status.splitlines() if "ctxt_switches" in line)


def test_waking_costs_next_to_nothing(harness: DispatcherHarness) -> None:
    """A server calls it for every answer that releases something."""
    harness.dispatcher.start()
    harness.store.schedule(
        [harness.message(1, f"http://127.0.0.1:{free_port()}/", due=harness.clock.now() + 3600)]
    )
    harness.dispatcher.wake()
    begun = time.thread_time()  # of the processor: other work on the machine does not count
    for _ in range(10_000):
        harness.dispatcher.wake()
    assert time.thread_time() - begun < 0.5


def test_a_receiver_that_restarts_is_met_again(harness: DispatcherHarness) -> None:
    """A kept connection whose other side is gone is not used, and a new one is made."""

    def send(number: int, port: int) -> str:
        harness.store.schedule([harness.message(number, f"http://127.0.0.1:{port}", waits=())])
        return harness.dispatcher.run_due()[0].attempts[0].error

    with Receiver() as receiver:
        assert send(1, receiver.port) == ""
    assert "connection refused" in send(2, receiver.port)
    with Receiver(port=receiver.port) as again:
        assert send(3, receiver.port) == ""
        assert len(again.requests) == 1


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_dead_receiver_with_thousands_waiting_starves_no_other(tmp_path: Path, store: str) -> None:
    url = "memory" if store == "memory" else f"sqlite:{tmp_path / 'store.db'}"
    harness = DispatcherHarness(url, per_receiver=2, waiting_limit=20)
    with Receiver(slow(3600)) as dead, Receiver() as living:
        try:
            now = harness.clock.now()
            first = [
                harness.message(number, f"{dead.url}/", due=now - 60, timeout=25.0) for number in range(1000)
            ]
            then = [harness.message(number, f"{living.url}/", due=now) for number in range(1000, 1100)]
            harness.store.schedule([*first, *then])
            harness.dispatcher.start()
            deadline = time.monotonic() + 60
            while harness.states()[DELIVERED] < len(then):
                assert time.monotonic() < deadline, harness.states()
                harness.store.wait(harness.store.version(), 0.05)
            assert harness.states() == {DELIVERED: len(then), PENDING: len(first)}
        finally:
            harness.dispatcher.stop(0.0)
    left, _ = harness.store.deliveries("default", DeliveryFilter(state=PENDING), limit=10_000)
    assert [each.message.id for each in left if each.lease_until_real > harness.clock.now()] == []


@pytest.mark.parametrize("dead_receivers", [16, 40])
def test_many_dead_receivers_leave_slots_for_a_good_one(dead_receivers: int) -> None:
    """As many as would fill all slots by their own limits, and more."""
    harness = DispatcherHarness(per_receiver=4, in_flight_limit=64)
    with ExitStack() as stack:
        dead = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(dead_receivers)]
        living = stack.enter_context(Receiver())
        stack.callback(harness.dispatcher.stop, 0.0)
        now = harness.clock.now()
        first = [
            harness.message(
                number,
                f"http://127.0.0.1:{dead[number % len(dead)].getsockname()[1]}/",
                due=now - 60,
                timeout=25.0,
            )
            for number in range(20 * dead_receivers)
        ]
        then = [harness.message(number, f"{living.url}/", due=now) for number in range(5000, 5100)]
        harness.store.schedule([*first, *then])
        harness.dispatcher.start()
        living.wait(len(then), timeout=20.0)
        assert harness.dispatcher.in_flight > dead_receivers // 2, "the dead ones hold their slots meanwhile"
        assert harness.states()[PENDING] >= len(first)


def test_what_could_not_wait_is_sent_when_there_is_room() -> None:
    busy = DispatcherHarness(per_receiver=1, waiting_limit=10)
    with Receiver() as receiver:
        busy.store.schedule([busy.message(number, f"{receiver.url}/") for number in range(500)])
        busy.dispatcher.start()
        busy.wait_until_done(25.0)
        busy.dispatcher.stop()
        assert busy.states() == {DELIVERED: 500}
        assert len(receiver.requests) == 500
