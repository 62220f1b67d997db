"""What a vendor need not write: a default for every member of `Provider` that is not needed.

A vendor inherits `ProviderDefaults` and supplies ``name``, ``vocabulary``, ``section``, ``endpoints``,
``authenticate``, ``validate`` and ``compose``. Everything else works as it is here until the vendor has its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Refusal, Request
from mock_server.core.records import Message, Record
from mock_server.providers.api_notes import ApiNotes
from mock_server.providers.audit_patterns import Reasoning
from mock_server.providers.base import Decision, FidelityRow, Forwarding
from mock_server.providers.context import RequestContext, UnitOfWork
from mock_server.providers.pending_response import PendingResponse
from mock_server.providers.routing import EndpointRow
from mock_server.providers.specification import SpecificationSentence
from mock_server.scenario.model import CallbackSpec
from mock_server.scenario.vocabulary import Vocabulary

if TYPE_CHECKING:
    from mock_server.providers.audit import AuditCase
    from mock_server.providers.command_line import CommandLine
    from mock_server.providers.probes import Probes
    from mock_server.providers.samples import Samples

VALID: Mapping[str, Any] = {"valid": True, "canonical": "", "expected": "", "received": "", "mistakes": []}
"""Of a vendor that signs nothing."""


class ProviderDefaults:
    """Base of a vendor's object."""

    name: str
    vocabulary: Vocabulary
    settings: object = None
    specification: Sequence[SpecificationSentence] = ()
    fidelity: Sequence[FidelityRow] = ()
    api_notes: ApiNotes = ApiNotes()
    forwarding: Forwarding | None = None
    command_line: CommandLine | None = None
    samples: Samples | None = None
    probes: Probes | None = None
    callback_setting = ""
    hosted_pages = ""
    page_roots: Sequence[str] = ()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """``settings``: the vendor's part of the config file. Raises ``ValueError`` with a remedy."""
        if settings:
            raise ValueError(f"unknown setting {next(iter(settings))!r}; {self.name} has none")

    @property
    def title(self) -> str:
        return self.name.capitalize()

    def endpoints(self) -> Sequence[EndpointRow]:
        raise NotImplementedError(f"{type(self).__name__} needs endpoints()")

    def clock_warning(self, skew: float) -> str:
        return ""

    def decisions_of(self, record: Record) -> Sequence[str]:
        return self.vocabulary.decisions.get(record.kind, ())

    def check_record(self, record: Record) -> None:
        return None

    # -- routing, by the rows

    def serves(self, path: str) -> bool:
        return any(row.matches(path) for row in self.endpoints())

    def is_hosted_page(self, path: str) -> bool:
        return False

    def operation(self, method: str, path: str) -> str:
        rows = [row for row in self.endpoints() if row.matches(path)]
        row = next((row for row in rows if method in row.methods), None)
        if row is not None:
            return row.operation
        if rows:
            methods = sorted({each for row in rows for each in row.methods})
            raise ProviderError("405", f"use {' or '.join(methods)}", options={"status": 405})
        raise ProviderError("404", "unknown path", options={"status": 404})

    # -- a request

    def recognise(self, context: RequestContext) -> bool:
        return False

    def collect_facts(self, context: RequestContext) -> None:
        """What `validate` has read is all there is."""

    def persist(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec] | None
    ) -> None:
        self.send_callbacks(context, pending, callbacks or ())

    def send_callbacks(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec]
    ) -> None:
        for spec in callbacks:
            context.send(self.message(context, spec.event, spec.url, due=context.now + spec.after))

    def message(self, unit: UnitOfWork, event: str, url: Any = None, *, due: float | None = None) -> Message:
        """``{"event", "reference"}``, signed, for ``url`` or the account's ``webhook_url``."""
        body = msgspec.json.encode({"event": event, "reference": unit.reference})
        target = url or getattr(unit.account.sections[self.name], "webhook_url", "")
        headers = (("Content-Type", "application/json"), *self.re_sign(unit, body, scheme=None, secret=None))
        when = unit.now if due is None else due
        return Message(
            unit.new_id("d"), unit.account.name, self.name, event, unit.reference, target, body, headers, when,
            unit.now, request_id=unit.entry_id,
        )  # fmt: skip

    def refuse(self, context: RequestContext, error: ProviderError) -> PendingResponse:
        context.error = str(error.code)
        payload = {"error": str(error.code), "message": error.message, "fields": list(error.fields)}
        return PendingResponse(error.options.get("status", 400), payload)

    def not_read(self, refusal: Refusal) -> ProviderError:
        return ProviderError(str(refusal.status), refusal.sentence, options={"status": refusal.status})

    def unavailable(self) -> ProviderError:
        return ProviderError("500", "The request failed.", options={"status": 500})

    def encode(self, context: RequestContext, payload: Any) -> bytes:
        return msgspec.json.encode(payload)

    def sign(self, context: RequestContext, body: bytes) -> tuple[tuple[str, str], ...]:
        return ()

    def re_sign(
        self, unit: UnitOfWork, body: bytes, *, scheme: str | None, secret: str | None
    ) -> tuple[tuple[str, str], ...]:
        return ()

    # -- the back office

    def decide(self, unit: UnitOfWork, record: Record, decision: Decision) -> None:
        raise ValueError(f"{self.title} has no reviewer; an outcome is chosen by a scenario")

    def trigger(
        self, unit: UnitOfWork, event: str, reference: str, options: Mapping[str, Any]
    ) -> list[Message]:
        unit.reference = reference
        return [self.message(unit, event, options.get("url"))]

    def timer(self, unit: UnitOfWork, message: Message) -> None:
        """No timer is set."""

    def audit_cases(
        self, reference: Callable[[str], str], *, scheme: str, secret: str
    ) -> Sequence[AuditCase]:
        raise ValueError(f"{self.name} has no audit")

    def audit_reasoning(self, genuine: bytes, *, scheme: str, secret: str) -> Reasoning:
        return Reasoning(())

    # -- the doctor

    def explain(self, unit: UnitOfWork, request: Request) -> dict[str, Any]:
        return dict(VALID)

    def explain_message(
        self, unit: UnitOfWork, body: bytes, headers: Mapping[str, str], *, scheme: str | None = None
    ) -> dict[str, Any]:
        return dict(VALID)

    def explain_text(self, unit: UnitOfWork, text: str, signature: str) -> dict[str, Any]:
        raise ValueError(
            f"{self.title} has no text to check alone; give the request or the message it belongs to"
        )
