"""A vendor that does not exist: the smallest provider, so that the pipeline is tested without knowing a real one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Any

import msgspec

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request
from mock_server.core.records import Claim, Message, Record
from mock_server.providers.base import Decision, Draft
from mock_server.providers.context import Call, World
from mock_server.providers.routing import EndpointRow
from mock_server.scenario.matchers import MISSING
from mock_server.scenario.model import CallbackSpec, Respond
from mock_server.scenario.vocabulary import Event, Operation, Vocabulary

VOCABULARY = Vocabulary(
    provider="postcard",
    operations={"post": Operation("post", {"sent": "It is on its way.", "lost": "It never arrives."}, "POST", "/post")},
    errors={"7": "No stamp.", "9": "Torn."},
    events={"arrived": Event("arrived", callback=True), "torn": Event("torn", callback=False)},
)


@dataclass(frozen=True)
class Stamp:
    credential: str


class Postcard:
    """``POST /post`` with header ``stamp``; a card needs a ``to`` and a ``reference``.

    Each ``mark`` may be used once and is given back by an error, each ``ticket`` is used up whatever is answered."""

    name = "postcard"
    vocabulary = VOCABULARY
    settings = None
    specification = ()

    def section(self, account: str, given: Mapping[str, Any]) -> Stamp:
        return Stamp(account)

    def endpoints(self) -> Sequence[EndpointRow]:
        return [EndpointRow("/post", ("POST",))]

    def claims(self, path: str) -> bool:
        return path.startswith("/post")

    def hosts(self, path: str) -> bool:
        return path.startswith("/gallery/")

    def operation(self, method: str, path: str) -> str:
        if path != "/post":
            raise ProviderError("404", "no such counter")
        return "post"

    def authenticate(self, call: Call) -> None:
        account = call.effects.accounts.by_credential("postcard", call.request.headers.get("stamp", ""))
        if account is None:
            raise ProviderError("7", evidence={"stamp": call.request.headers.get("stamp")})
        call.enter(account)
        mark, ticket = (call.request.headers.get(name, "") for name in ("mark", "ticket"))
        for kind, value in (("mark", mark), ("ticket", ticket)):
            if value and call.store.claimed(account.name, kind, value):
                raise ProviderError("8", "used")
        if mark:
            call.writes.claims.append(Claim("mark", mark, call.now, call.now + 60, call.entry_id))
        if ticket:
            call.writes.use_up(Claim("ticket", ticket, call.now, inf, call.entry_id))

    def recognise(self, call: Call) -> bool:
        stamp = call.request.headers.get("stamp", "")
        account = call.effects.accounts.by_credential("postcard", stamp)
        if account is not None:
            call.enter(account)
        return bool(stamp)

    def validate(self, call: Call) -> None:
        try:
            call.body = msgspec.json.decode(call.request.body)
        except msgspec.DecodeError:
            raise ProviderError("9") from None
        if "to" not in call.body:
            raise ProviderError("9", fields=["to"])
        call.reference = call.body.get("reference", "")
        call.record = call.store.record(call.account.name, self.name, "card", call.reference)

    def collect_facts(self, call: Call) -> None:
        if call.body is MISSING:
            with suppress(msgspec.DecodeError):
                call.body = msgspec.json.decode(call.request.body)
        if not call.reference and isinstance(call.body, dict):
            call.reference = str(call.body.get("reference", ""))

    def compose(self, call: Call, respond: Respond) -> Draft:
        call.outcome = respond.outcome or "sent"
        return Draft(200, {"card": {"to": call.body["to"], "state": call.outcome}, "id": call.draws.uuid("card")})

    def conclude(self, call: Call, draft: Draft, callbacks: Sequence[CallbackSpec] | None) -> None:
        version = call.record.version if call.record else 0
        call.remember(
            Record(self.name, "card", call.reference, call.outcome, call.now, msgspec.json.encode(draft.payload), version=version)
        )
        self.announce(call, draft, [CallbackSpec("arrived")] if callbacks is None else callbacks)

    def announce(self, call: Call, draft: Draft, callbacks: Sequence[CallbackSpec]) -> None:
        for spec in callbacks:
            call.send(self._message(call, spec.event, call.now + spec.after))

    def refuse(self, call: Call, error: ProviderError) -> Draft:
        call.error = str(error.code)
        return Draft(error.options.get("status", 400), {"error": str(error.code), "fields": list(error.fields), "message": error.message})

    def too_large(self, limit: int) -> ProviderError:
        return ProviderError("10", f"over {limit} bytes", options={"status": 413})

    def encode(self, call: Call, payload: Any) -> bytes:
        return msgspec.json.encode(payload)

    def sign(self, call: Call, body: bytes) -> tuple[tuple[str, str], ...]:
        return (("Weight", str(len(body))),)

    def resign(self, world: World, body: bytes, *, scheme: str | None, secret: str | None) -> tuple[tuple[str, str], ...]:
        return (("Weight", f"{scheme}{secret}{len(body)}"),)

    def decide(self, world: World, record: Record, decision: Decision) -> None:
        if decision.outcome not in ("sent", "lost"):
            raise ValueError("a card is sent or lost")
        world.remember(record.replace(status=decision.outcome))
        world.send(self._message(world, "arrived", world.now))

    def trigger(self, world: World, event: str, reference: str, options: Mapping[str, Any]) -> list[Message]:
        return [self._message(world, event, world.now)]

    def timer(self, world: World, message: Message) -> None:
        world.send(self._message(world, "arrived", world.now))

    def explain(self, world: World, request: Request) -> dict[str, Any]:
        return {"valid": True, "canonical": "", "expected": "", "received": "", "mistakes": []}

    def explain_message(self, world: World, body: bytes, headers: Mapping[str, str], *, scheme: str | None = None) -> dict[str, Any]:
        return {"valid": True, "canonical": "", "expected": "", "received": "", "mistakes": []}

    def _message(self, world: World, event: str, due: float) -> Message:
        return Message(
            world.new_id("d"), world.account.name, self.name, event, world.reference, "http://127.0.0.1:9/", b"{}", (), due, world.now
        )
