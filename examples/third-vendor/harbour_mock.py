"""Harbour ID, a vendor that does not exist, for the KYC mock server.

``POST /harbour/checks`` takes JSON with a ``reference`` and a ``name``. The header ``X-Harbour-Key`` names the account,
``X-Harbour-Signature`` is the HMAC-SHA256 of the body in hexadecimal. The answer and the callback ``check.done`` are
signed the same way. ``GET /harbour/checks/REFERENCE`` answers what became of a check.

A request may carry an ``X-Harbour-Nonce``, which is used up whatever is answered, and an ``X-Harbour-Voucher``, which
pays for a check and stays good where the answer is an error.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

import msgspec

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request
from mock_server.core.records import Record, UsedValue
from mock_server.providers.audit import AWKWARD, FORGED, GENUINE, AuditCase
from mock_server.providers.base import Decision
from mock_server.providers.command_line import CommandLine
from mock_server.providers.context import RequestContext, UnitOfWork
from mock_server.providers.defaults import ProviderDefaults
from mock_server.providers.pending_response import PendingResponse
from mock_server.providers.probes import Probes
from mock_server.providers.routing import EndpointRow
from mock_server.scenario.model import CallbackSpec, Respond
from mock_server.scenario.vocabulary import Event, Operation, Vocabulary

KEY, SIGNATURE = "x-harbour-key", "x-harbour-signature"
NONCE, VOUCHER = "x-harbour-nonce", "x-harbour-voucher"
VOCABULARY = Vocabulary(
    provider="harbour",
    operations={
        "check": Operation(
            "check", {"clear": "Nothing was found.", "hit": "A list has the name."}, "POST", "/checks",
            frozenset({"reference", "name"}), frozenset(),
        ),
        "result": Operation("result", {"shown": "What became of the check."}, "GET", "/checks/{reference}"),
    },
    errors={
        "bad-key": "No account has this key.",
        "bad-signature": "The signature is not that of the body.",
        "bad-check": "The body needs a reference and a name.",
        "unknown-check": "There is no such check.",
        "used": "The nonce or the voucher was used before.",
    },
    events={"check.done": Event("check.done", callback=True, description="The check has ended.")},
    decisions={"check": ("clear", "hit")},
)  # fmt: skip


@dataclass(frozen=True)
class HarbourAccount:
    """The vendor's part of an account."""

    CREDENTIALS: ClassVar = ("key", "secret")
    SECRETS: ClassVar = ("secret",)
    key: str
    secret: str
    webhook_url: str = ""

    @property
    def credential(self) -> str:
        return self.key


def digest(secret: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), body, "sha256").hex()


class Harbour(ProviderDefaults):
    name = "harbour"
    title = "Harbour ID"
    vocabulary = VOCABULARY
    hosted_pages = "harbour_pages:blueprint"
    fidelity = (
        {
            "topic": "Signature",
            "reading": "HMAC-SHA256 of the body, hexadecimal.",
            "grade": "A",
            "source": "the vendor does not exist",
            "setting": "",
            "probe": "wrong-signature",
        },
    )

    @property
    def command_line(self) -> CommandLine:
        import harbour_command_line

        return harbour_command_line

    @property
    def probes(self) -> Probes:
        import harbour_probes

        return harbour_probes

    def section(self, account: str, values: Mapping[str, Any]) -> HarbourAccount:
        try:
            return HarbourAccount(**{"key": account, "secret": f"{account}-secret", **values})
        except TypeError:
            raise ValueError(f"unknown key among {', '.join(values)}; use key, secret or webhook_url") from None

    def endpoints(self) -> Sequence[EndpointRow]:
        return [
            EndpointRow("/checks", ("POST",), "check"),
            EndpointRow("/checks/{reference}", ("GET",), "result"),
        ]

    def is_hosted_page(self, path: str) -> bool:
        return path.startswith("/harbour-page/")

    def recognise(self, context: RequestContext) -> bool:
        key = context.request.headers.get(KEY, "")
        account = context.services.accounts.by_credential(self.name, key)
        if account is not None:
            context.enter(account)
        return bool(key)

    def authenticate(self, context: RequestContext) -> None:
        self.recognise(context)
        if not context.entered:
            raise ProviderError("bad-key", options={"status": 401}, evidence={"check": "key"})
        if not self.explain(context, context.request)["valid"]:
            raise ProviderError("bad-signature", options={"status": 401}, evidence={"check": "signature"})
        for header in (NONCE, VOUCHER):
            value = context.request.headers.get(header, "")
            if value and context.store.find_used(context.account.name, header, value):
                raise ProviderError("used", options={"status": 409}, evidence={"check": header})
            if value:
                used = UsedValue(header, value, context.now, inf, context.entry_id)
                if header == NONCE:
                    context.transaction.use_up(used)
                else:
                    context.transaction.used_values.append(used)

    def collect_facts(self, context: RequestContext) -> None:
        if context.operation == "result":
            context.reference = context.request.path.rpartition("/")[2]
            return
        with suppress(msgspec.DecodeError):
            context.body = msgspec.json.decode(context.request.body)
        if isinstance(context.body, dict):
            context.reference = str(context.body.get("reference", ""))

    def validate(self, context: RequestContext) -> None:
        self.collect_facts(context)
        if context.operation == "check":
            if not isinstance(context.body, dict):
                raise ProviderError("bad-check", "The body is not a JSON object.")
            missing = [name for name in ("reference", "name") if not context.body.get(name)]
            if missing:
                raise ProviderError("bad-check", fields=missing)
        context.record = context.store.record(context.account.name, self.name, "check", context.reference)

    def compose(self, context: RequestContext, respond: Respond) -> PendingResponse:
        if context.operation == "result":
            if context.record is None:
                raise ProviderError("unknown-check", options={"status": 404})
            context.outcome = "shown"
            return PendingResponse(200, msgspec.json.decode(context.record.data))
        context.outcome = respond.outcome or "clear"
        return PendingResponse(201, {"reference": context.reference, "result": context.outcome})

    def persist(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec] | None
    ) -> None:
        if context.operation == "check":
            data = msgspec.json.encode(pending.payload)
            version = context.record.version if context.record else 0
            context.remember(
                Record(self.name, "check", context.reference, context.outcome, context.now, data, version=version)
            )
            self.send_callbacks(
                context, pending, [CallbackSpec("check.done")] if callbacks is None else callbacks
            )

    def sign(self, context: RequestContext, body: bytes) -> tuple[tuple[str, str], ...]:
        return self.re_sign(context, body, scheme=None, secret=None) if context.entered else ()

    def re_sign(
        self, unit: UnitOfWork, body: bytes, *, scheme: str | None, secret: str | None
    ) -> tuple[tuple[str, str], ...]:
        return (("X-Harbour-Signature", digest(secret or unit.account.section(self.name, HarbourAccount).secret, body)),)

    def decide(self, unit: UnitOfWork, record: Record, decision: Decision) -> None:
        if decision.outcome not in self.decisions_of(record):
            raise ValueError(f"a check cannot be {decision.outcome!r}; use clear or hit")
        data = {**msgspec.json.decode(record.data), "result": decision.outcome}
        unit.remember(record.replace(status=decision.outcome, data=msgspec.json.encode(data)))
        unit.reference = record.key
        unit.send(self.message(unit, "check.done"))

    def explain(self, unit: UnitOfWork, request: Request) -> dict[str, Any]:
        return self._explained(unit, request.body, request.headers)

    def explain_message(
        self, unit: UnitOfWork, body: bytes, headers: Mapping[str, str], *, scheme: str | None = None
    ) -> dict[str, Any]:
        return self._explained(unit, body, headers)

    def _explained(self, unit: UnitOfWork, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        secret = unit.account.section(self.name, HarbourAccount).secret
        expected, received = digest(secret, body), headers.get(SIGNATURE, "")
        explanation = {"valid": received == expected, "canonical": body.decode("utf-8", "replace")}
        explanation |= {"expected": expected, "received": received, "mistakes": []}
        if not explanation["valid"]:
            known = received == digest(f"{secret}\n", body)
            text = "The secret ends with a line break." if known else "The signature is not that of these bytes."
            fix = "Strip the secret." if known else "Sign the bytes that are sent."
            explanation["mistakes"] = [{"id": "line-break" if known else "other", "explanation": text, "fix": fix}]
        return explanation

    def audit_cases(self, reference: Callable[[str], str], *, scheme: str, secret: str) -> Sequence[AuditCase]:
        body = msgspec.json.encode({"event": "check.done", "reference": reference("done")})
        right = (("Content-Type", "application/json"), ("X-Harbour-Signature", digest(secret or "default-secret", body)))
        return [
            AuditCase("genuine", GENUINE, "a callback", "It has to be accepted.", right, body),
            AuditCase("no-signature", FORGED, "no signature", "Anybody can send results.", right[:1], body),
            AuditCase("repeated", AWKWARD, "the same again", "A callback may come twice.", right, body),
        ]
