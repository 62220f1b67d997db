"""A vendor that does not exist: the smallest provider, so that the pipeline is tested without knowing a real
one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Any

import msgspec

from mock_server.core.exceptions import ProviderError
from mock_server.core.records import Message, Record, UsedValue
from mock_server.providers.base import Decision, PendingResponse
from mock_server.providers.context import RequestContext, UnitOfWork
from mock_server.providers.defaults import ProviderDefaults
from mock_server.providers.routing import EndpointRow
from mock_server.scenario.facts import MISSING
from mock_server.scenario.model import CallbackSpec, Respond
from mock_server.scenario.vocabulary import Event, Operation, Vocabulary

VOCABULARY = Vocabulary(
    provider="postcard",
    operations={
        "post": Operation("post", {"sent": "It is on its way.", "lost": "It never arrives."}, "POST", "/post")
    },
    errors={"7": "No stamp.", "9": "Torn."},
    events={"arrived": Event("arrived", callback=True), "torn": Event("torn", callback=False)},
)


@dataclass(frozen=True)
class Stamp:
    credential: str


class Postcard(ProviderDefaults):
    """``POST /post`` with header ``stamp``; a card needs a ``to`` and a ``reference``.

    Each ``mark`` may be used once and is given back by an error, each ``ticket`` is used up whatever is
    answered."""

    name = "postcard"
    vocabulary = VOCABULARY

    def section(self, account: str, given: Mapping[str, Any]) -> Stamp:
        return Stamp(account)

    def endpoints(self) -> Sequence[EndpointRow]:
        return [EndpointRow("/post", ("POST",))]

    def serves(self, path: str) -> bool:
        return path.startswith("/post")

    def is_hosted_page(self, path: str) -> bool:
        return path.startswith("/gallery/")

    def operation(self, method: str, path: str) -> str:
        if path != "/post":
            raise ProviderError("404", "no such counter")
        return "post"

    def authenticate(self, context: RequestContext) -> None:
        account = context.services.accounts.by_credential(
            "postcard", context.request.headers.get("stamp", "")
        )
        if account is None:
            raise ProviderError("7", evidence={"stamp": context.request.headers.get("stamp")})
        context.enter(account)
        mark, ticket = (context.request.headers.get(name, "") for name in ("mark", "ticket"))
        for kind, value in (("mark", mark), ("ticket", ticket)):
            if value and context.store.find_used(account.name, kind, value):
                raise ProviderError("8", "used")
        if mark:
            context.transaction.used_values.append(
                UsedValue("mark", mark, context.now, context.now + 60, context.entry_id)
            )
        if ticket:
            context.transaction.use_up(UsedValue("ticket", ticket, context.now, inf, context.entry_id))

    def recognise(self, context: RequestContext) -> bool:
        stamp = context.request.headers.get("stamp", "")
        account = context.services.accounts.by_credential("postcard", stamp)
        if account is not None:
            context.enter(account)
        return bool(stamp)

    def validate(self, context: RequestContext) -> None:
        try:
            context.body = msgspec.json.decode(context.request.body)
        except msgspec.DecodeError:
            raise ProviderError("9") from None
        if "to" not in context.body:
            raise ProviderError("9", fields=["to"])
        context.reference = context.body.get("reference", "")
        context.record = context.store.record(context.account.name, self.name, "card", context.reference)

    def collect_facts(self, context: RequestContext) -> None:
        if context.body is MISSING:
            with suppress(msgspec.DecodeError):
                context.body = msgspec.json.decode(context.request.body)
        if not context.reference and isinstance(context.body, dict):
            context.reference = str(context.body.get("reference", ""))

    def compose(self, context: RequestContext, respond: Respond) -> PendingResponse:
        context.outcome = respond.outcome or "sent"
        return PendingResponse(
            200,
            {"card": {"to": context.body["to"], "state": context.outcome}, "id": context.draws.uuid("card")},
        )

    def persist(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec] | None
    ) -> None:
        version = context.record.version if context.record else 0
        context.remember(
            Record(
                self.name,
                "card",
                context.reference,
                context.outcome,
                context.now,
                msgspec.json.encode(pending.payload),
                version=version,
            )
        )
        self.send_callbacks(context, pending, [CallbackSpec("arrived")] if callbacks is None else callbacks)

    def send_callbacks(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec]
    ) -> None:
        for spec in callbacks:
            context.send(self._message(context, spec.event, context.now + spec.after))

    def refuse(self, context: RequestContext, error: ProviderError) -> PendingResponse:
        context.error = str(error.code)
        return PendingResponse(
            error.options.get("status", 400),
            {"error": str(error.code), "fields": list(error.fields), "message": error.message},
        )

    def too_large(self, limit: int) -> ProviderError:
        return ProviderError("10", f"over {limit} bytes", options={"status": 413})

    def sign(self, context: RequestContext, body: bytes) -> tuple[tuple[str, str], ...]:
        return (("Weight", str(len(body))),)

    def re_sign(
        self, unit: UnitOfWork, body: bytes, *, scheme: str | None, secret: str | None
    ) -> tuple[tuple[str, str], ...]:
        return (("Weight", f"{scheme}{secret}{len(body)}"),)

    def decide(self, unit: UnitOfWork, record: Record, decision: Decision) -> None:
        if decision.outcome not in ("sent", "lost"):
            raise ValueError("a card is sent or lost")
        unit.remember(record.replace(status=decision.outcome))
        unit.send(self._message(unit, "arrived", unit.now))

    def trigger(
        self, unit: UnitOfWork, event: str, reference: str, options: Mapping[str, Any]
    ) -> list[Message]:
        return [self._message(unit, event, unit.now)]

    def timer(self, unit: UnitOfWork, message: Message) -> None:
        unit.send(self._message(unit, "arrived", unit.now))

    def _message(self, unit: UnitOfWork, event: str, due: float) -> Message:
        return Message(
            unit.new_id("d"),
            unit.account.name,
            self.name,
            event,
            unit.reference,
            "http://127.0.0.1:9/",
            b"{}",
            (),
            due,
            unit.now,
        )
