"""The other endpoints: status, delete, account info, access token and decline reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.core.records import Record, UsedValue
from mock_server.providers.context import RequestContext
from mock_server.providers.problems import already_ended
from mock_server.providers.shuftipro import callbacks, events, files, gate, routes, tokens
from mock_server.providers.shuftipro.callbacks import Plan
from mock_server.providers.shuftipro.creation import note_unfitting, plan_of, spent
from mock_server.providers.shuftipro.declines import DECLINES
from mock_server.providers.shuftipro.lifecycle import EVENTS, Lifecycle
from mock_server.providers.shuftipro.settings import Settings
from mock_server.providers.shuftipro.validation import Validator
from mock_server.providers.shuftipro.verification import Verification, keep, read
from mock_server.providers.shuftipro.work import Work
from mock_server.scenario.model import CallbackSpec, Respond

_RESULT = (
    "verification_data",
    "verification_result",
    "info",
    "declined_reason",
    "declined_codes",
    "services_declined_codes",
)
"""Of a result, what a status repeats; in that order. Whatever else a result has follows."""
_LEFT_OUT = frozenset({"reference", "event", "token", "email", "country", *_RESULT})
_ISSUED = "shuftipro tokens"
"""Counter of the access tokens that were issued, and kind of the claims on their numbers."""
STATUS_OUTCOMES: Mapping[str, str] = {
    "found": "The verification as it stands.",
    "pending": "Still pending, however it stands.",
    "accepted": "Decided now: accepted.",
    "declined": "Decided now: declined.",
    "review": "Left to a reviewer now.",
    "cancelled": "Cancelled by the user now.",
    "timeout": "Timed out now.",
}
"""Outcomes of a status request, so that a sequence can let a verification go on from one poll to the next."""


class Handlers:
    """Answers everything but a request for a verification, and files."""

    def __init__(self, settings: Settings, lifecycle: Lifecycle, validator: Validator) -> None:
        self._settings = settings
        self._lifecycle = lifecycle
        self._validator = validator

    def persist(self, context: RequestContext, work: Work, specs: Sequence[CallbackSpec] | None) -> None:
        """Do what the operation does, and send the scenario's callbacks."""
        verification = work.verification
        if context.operation == routes.DELETE and verification is not None and context.record is not None:
            silent = specs is not None
            self._lifecycle.advance(
                context,
                context.record,
                verification,
                Plan(events.DELETED, silent=silent, request_id=context.entry_id),
            )
        self.send_callbacks(context, work, specs or ())

    def send_callbacks(self, context: RequestContext, work: Work, specs: Sequence[CallbackSpec]) -> None:
        """Send the scenario's callbacks, whatever they tell; how the verification stands does not change by
        it."""
        verification = work.verification
        if verification is None and context.record is not None:
            verification = read(context.record)
        if verification is None:
            verification = Verification(
                reference=context.reference, event="", callback_url=_callback_url(context)
            )
        if context.operation == routes.STATUS:
            self._note_schedule(context, verification, specs)
            if verification.event == events.DELETED:
                specs = [spec for spec in specs if spec.event == events.DELETED]
        for spec in _until_deletion(specs):
            plan = plan_of(context, spec, verification)
            plan.request_id = context.entry_id
            sent = callbacks.message(
                context,
                self._settings,
                verification,
                plan,
                self._lifecycle.telling(context, verification, plan),
            )
            if sent is not None:
                context.send(sent)

    def _note_schedule(
        self, context: RequestContext, verification: Verification, specs: Sequence[CallbackSpec]
    ) -> None:
        """Store until when callbacks are scheduled, so that a deletion cancels them."""
        latest = context.now + max((spec.after for spec in specs), default=0.0)
        if context.record is not None and latest > max(context.now, verification.scheduled_until):
            verification.scheduled_until = latest
            keep(context, verification, context.record)

    # -- status
    # ------------------------------------------------------------------------------------------------
    def answer_status(self, context: RequestContext, work: Work, respond: Respond) -> Any:
        record, verification = context.record, work.verification
        assert record is not None
        assert verification is not None
        context.outcome = respond.outcome or "found"
        if respond.outcome == "pending":
            return {
                "reference": verification.reference,
                "event": events.PENDING,
                "country": verification.country,
            }
        if verification.event in events.OPEN:
            if context.outcome != "found":
                note_unfitting(context, respond.decline, verification.services)
                self._lifecycle.decide(context, record, verification, context.outcome, respond.decline)
            elif self._settings.complete_polls:
                self._polled(context, record, verification)
        elif context.outcome != "found" and verification.event != EVENTS[context.outcome]:
            context.evidence = already_ended(context.outcome, verification.event).evidence()
            context.outcome = "found"
        return self.status(context, verification)

    def _polled(self, context: RequestContext, record: Record, verification: Verification) -> None:
        """Count the poll; the last one decides."""
        verification.polls += 1
        if verification.polls >= self._settings.complete_polls:
            outcome = (
                verification.outcome
                if verification.outcome in ("declined", "cancelled", "timeout")
                else "accepted"
            )
            self._lifecycle.decide(context, record, verification, outcome, verification.decline)
        else:
            keep(context, verification, record)

    def status(self, context: RequestContext, verification: Verification) -> dict[str, Any]:
        """How the verification stands. Raises the refusal of a deleted one where the settings say so."""
        if verification.event == events.DELETED and self._settings.status_of_deleted != events.DELETED:
            raise self._validator.unknown()
        payload: dict[str, Any] = {
            "reference": verification.reference,
            "event": verification.event,
            "country": verification.country,
        }
        result = verification.result()
        if not result or verification.event not in events.RESULTS:
            return {**payload, **verification.codes}
        payload["proofs"] = files.proofs(context, verification, self._settings)
        payload |= {key: result[key] for key in _RESULT if key in result}
        return payload | {key: value for key, value in result.items() if key not in _LEFT_OUT}

    # -- the rest
    # ----------------------------------------------------------------------------------------------
    def answer_delete(self, context: RequestContext, work: Work, respond: Respond) -> Any:
        verification = work.verification
        assert verification is not None
        context.outcome = "deleted"
        if verification.event == events.DELETED:
            raise self._validator.unknown()
        return {"reference": verification.reference, "event": events.DELETED}

    def answer_account(self, context: RequestContext, work: Work, respond: Respond) -> Any:
        section = work.section
        context.outcome = "shown"
        left = max(0.0, section.balance - spent(context))
        account: dict[str, Any] = {
            "name": section.name,
            "status": section.status,
            "balance": {"amount": f"{left:.2f}", "currency": section.currency},
        }
        if section.subscription_plan_details is not None:
            account["subscription_plan_details"] = section.subscription_plan_details
        return {"account": account}

    def answer_token(self, context: RequestContext, work: Work, respond: Respond) -> Any:
        context.outcome = "issued"
        ends = context.now + self._settings.token_ttl
        count = int(context.store.counter(context.account.name, _ISSUED))
        # The claim lets one of two requests have the number that both have read; the other is computed again.
        context.transaction.used_values.append(
            UsedValue(_ISSUED, str(count), context.now, ends, context.entry_id)
        )
        context.transaction.counters.append((_ISSUED, 1.0))
        number = tokens.number(context.draws, gate.ACCESS, count)
        token = tokens.mint(
            context.account.name, work.section.secret_key, gate.ACCESS, ends, number, tokens.ACCESS_BYTES
        )
        return {"access_token": tokens.as_text(token)}

    def answer_reasons(self, context: RequestContext, work: Work, respond: Respond) -> Any:
        context.outcome = "listed"
        return {
            "decline_reasons": [
                {"status_code": row.code, "description": row.reason} for row in DECLINES.values()
            ]
        }


def _until_deletion(specs: Sequence[CallbackSpec]) -> Sequence[CallbackSpec]:
    """The callbacks without those that would follow ``request.deleted``: the vendor sends nothing after
    it."""
    ends = [(spec.after, number) for number, spec in enumerate(specs) if spec.event == events.DELETED]
    return [spec for number, spec in enumerate(specs) if not ends or (spec.after, number) <= max(ends)]


def _callback_url(context: RequestContext) -> str:
    body = context.body if isinstance(context.body, dict) else {}
    url = body.get("callback_url")
    return url if isinstance(url, str) else ""
