"""The back office: what a reviewer, a timer or the control API does to an account, outside any vendor
request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mock_server.core.exceptions import MockServerError
from mock_server.core.records import Delivery, Message, Record
from mock_server.providers.accounts import Account
from mock_server.providers.base import Decision
from mock_server.providers.cancelling import cancel_scheduled
from mock_server.providers.context import UnitOfWork
from mock_server.providers.pipeline import Pipeline

T = TypeVar("T")
_RETRIES = 100


class NotFoundError(MockServerError):
    """No such account or record."""


class Backoffice:
    """Changes an account through the same commit as the pipeline, and lets the messages that follow go at
    once."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._store = pipeline.store

    def change(
        self, account: Account, act: Callable[[UnitOfWork], T], *, reference: str = "", origin: str = ""
    ) -> tuple[T, list[Message]]:
        """Run ``act`` on the account's data and commit its writes; run it again if another commit came first."""
        for _ in range(_RETRIES):
            unit = UnitOfWork(self._pipeline.services, account, self._pipeline.clock.now(), origin)
            unit.reference = reference
            result = act(unit)
            if self._store.commit(unit.transaction) is None:
                cancel_scheduled(self._store, unit.transaction, unit.now)
                self._store.release([(message.account, message.id) for message in unit.transaction.messages])
                return result, unit.transaction.messages
        raise MockServerError(
            f"account {account.name}: still in conflict with other requests after {_RETRIES} tries"
        )

    def find(self, account: Account, key: str, provider: str = "") -> Record:
        """The newest record that the key or alias finds, of any kind. Raises `NotFoundError` naming what
        there is."""
        for name in [provider] if provider else list(self._pipeline.providers):
            record = self._store.record(account.name, name, "", key)
            if record is not None:
                return record
        raise NotFoundError(f"account {account.name!r} has no verification {key!r}")

    def decide(
        self, account: Account, key: str, decision: Decision, *, provider: str = "", origin: str = ""
    ) -> tuple[Record, list[Message]]:
        """Decide a pending verification as a reviewer would. Raises `NotFoundError`, or ``ValueError`` with a
        remedy."""
        record = self.find(account, key, provider)

        def act(unit: UnitOfWork) -> None:
            self._pipeline.providers[record.provider].decide(unit, self._fresh(account, record), decision)

        _, messages = self.change(account, act, reference=key, origin=origin)
        return self._fresh(account, record), messages

    def fire(
        self,
        account: Account,
        provider: str,
        event: str,
        reference: str,
        options: Mapping[str, Any],
        *,
        origin: str = "",
    ) -> list[Message]:
        """Send an event now. Raises ``ValueError`` with a remedy for an unknown event or one that cannot be a
        callback."""

        def act(unit: UnitOfWork) -> None:
            for message in self._pipeline.providers[provider].trigger(unit, event, reference, options):
                unit.send(
                    message._replace(lane="")
                )  # now means now, whatever else of the reference is still being retried

        return self.change(account, act, reference=reference, origin=origin)[1]

    def timer(self, message: Message) -> list[Message]:
        """A timer has fallen due."""
        account = self._pipeline.services.accounts.get(message.account)
        provider = self._pipeline.providers.get(message.provider)
        if account is None or provider is None:
            return []
        return self.change(account, lambda unit: provider.timer(unit, message), reference=message.reference)[
            1
        ]

    def override_decision(self, message: Message, outcome: str) -> None:
        """Decide the verification of a callback otherwise, right before it leaves. Raises as
        `decide` does."""
        account = (
            self._pipeline.services.accounts.get(message.account)
            or self._pipeline.services.accounts.default()
        )
        self.decide(account, message.reference, Decision(outcome), provider=message.provider)

    def re_sign(
        self, message: Message, body: bytes, *, scheme: str | None, secret: str | None
    ) -> tuple[tuple[str, str], ...]:
        """Signature headers for a changed body, by the provider of the message."""
        account = (
            self._pipeline.services.accounts.get(message.account)
            or self._pipeline.services.accounts.default()
        )
        unit = UnitOfWork(self._pipeline.services, account, self._pipeline.clock.now())
        return self._pipeline.providers[message.provider].re_sign(unit, body, scheme=scheme, secret=secret)

    def deliveries_of(self, account: Account, messages: list[Message]) -> list[Delivery]:
        """The deliveries of the messages."""
        deliveries = (self._store.delivery(account.name, message.id) for message in messages)
        return [delivery for delivery in deliveries if delivery is not None]

    def _fresh(self, account: Account, record: Record) -> Record:
        """The record as it stands now: another request may have changed it since it was found."""
        return self._store.record(account.name, record.provider, record.kind, record.key) or record
