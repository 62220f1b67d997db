"""A dispatcher with everything around it under control of the test: clock, client, and an imaginary
vendor."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mock_server.core.clock import ManualClock
from mock_server.core.records import Delivery, Message
from mock_server.delivery.answer import Answer
from mock_server.delivery.client import OutgoingRequest
from mock_server.delivery.dispatcher import Dispatcher
from mock_server.store import open_store
from mock_server.store.base import Store, Transaction
from tests.core.test_tampering import sign

OK = Answer(200)
NO = Answer(500, error="answered 500")


class ScriptedClient:
    """Answers from a list, then with ``OK``; remembers what was sent."""

    def __init__(self) -> None:
        self.answers: list[Answer | BaseException] = []
        self.sent: list[OutgoingRequest] = []
        self.closed = False
        self.on_send: Callable[[OutgoingRequest], None] = lambda request: None

    @property
    def bodies(self) -> list[bytes]:
        return [request.body for request in self.sent]

    async def send(self, request: OutgoingRequest) -> Answer:
        self.sent.append(request)
        self.on_send(request)
        answer = self.answers.pop(0) if self.answers else OK
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed = True


class DispatcherHarness:
    """Store, dispatcher and what they need; deliveries are scheduled by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store: Store = open_store("memory", journal_limit=10_000, clock=self.clock)
        self.client = ScriptedClient()
        self.timers: list[Message] = []
        self.on_timer: Callable[[Message], Any] = self.timers.append
        self.statuses: list[tuple[str, str]] = []
        self.dispatcher = self.make_dispatcher()
        self._ids = itertools.count(1)

    def make_dispatcher(self, **options: Any) -> Dispatcher:
        options = {"on_status": lambda message, to: self.statuses.append((message.id, to)), **options}
        return Dispatcher(
            self.store, self.client, self.clock, sign, lambda message: self.on_timer(message), **options
        )

    def message(self, body: bytes = b'{"n":"1"}', **changes: Any) -> Message:
        account = changes.get("account", "default")
        now = self.now(account)
        bare = Message(
            f"c-{next(self._ids)}",
            "default",
            "acme",
            "done",
            "ref-1",
            "http://localhost:3000/",
            body,
            (),
            now,
            now,
            lane="ref-1",
        )
        bare = bare._replace(headers=sign(bare, body, scheme=None, secret=None), waits=(15.0,) * 9)
        return bare._replace(**changes)

    def schedule(self, *deliver: Any, **changes: Any) -> str:
        message = self.message(deliver=tuple(deliver), **changes)
        self.store.schedule([message])
        return message.id

    def commit(self, *messages: Message) -> None:
        transaction = Transaction(messages[0].account)
        transaction.messages.extend(messages)
        assert self.store.commit(transaction) is None

    def now(self, account: str = "default") -> float:
        return self.store.account(account).clock.at(self.clock.now())

    def freeze(self, account: str = "default") -> None:
        at = self.clock.now()
        self.store.update(account, lambda state: state._replace(clock=state.clock._replace(frozen=at)))

    def get(self, name: str, account: str = "default") -> Delivery:
        delivery = self.store.delivery(account, name)
        assert delivery is not None
        return delivery


@pytest.fixture
def harness() -> Iterator[DispatcherHarness]:
    harness = DispatcherHarness()
    yield harness
    harness.dispatcher.stop()
