"""The other endpoints: status, delete, account info, access token and decline reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mock_server.core.records import Claim, Record
from mock_server.providers.base import Draft
from mock_server.providers.context import Call
from mock_server.providers.shuftipro import callbacks, events, files, gate, routes, tokens
from mock_server.providers.shuftipro.callbacks import Plan
from mock_server.providers.shuftipro.creation import note_unfitting, plan_of, spent
from mock_server.providers.shuftipro.declines import DECLINES
from mock_server.providers.shuftipro.lifecycle import Lifecycle
from mock_server.providers.shuftipro.settings import Settings
from mock_server.providers.shuftipro.validation import Validator
from mock_server.providers.shuftipro.verification import Verification, keep, read
from mock_server.providers.shuftipro.work import Work
from mock_server.scenario.model import CallbackSpec, Respond

_RESULT = ("verification_data", "verification_result", "info", "declined_reason", "declined_codes", "services_declined_codes")
"""Of a result, what a status repeats; in that order. Whatever else a result has follows."""
_LEFT_OUT = frozenset({"reference", "event", "token", "email", "country", *_RESULT})
_ISSUED = "shuftipro tokens"
"""Tally of the access tokens that were issued, and kind of the claims on their numbers."""
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
        self._composers: Mapping[str, Callable[[Call, Work, Respond], Any]] = {
            routes.STATUS: self._status,
            routes.DELETE: self._delete,
            routes.ACCOUNT_INFO: self._account,
            routes.ACCESS_TOKEN: self._token,
            routes.DECLINE_REASONS: self._reasons,
        }

    def compose(self, call: Call, work: Work, respond: Respond) -> Draft:
        """The answer of the call's operation."""
        return Draft(200, self._composers[call.operation](call, work, respond), headers=work.limits)

    def conclude(self, call: Call, work: Work, specs: Sequence[CallbackSpec] | None) -> None:
        """Do what the operation does, and send the scenario's callbacks."""
        made = work.verification
        if call.operation == routes.DELETE and made is not None and call.record is not None:
            silent = specs is not None
            self._lifecycle.advance(call, call.record, made, Plan(events.DELETED, silent=silent, request_id=call.entry_id))
        self.announce(call, work, specs or ())

    def announce(self, call: Call, work: Work, specs: Sequence[CallbackSpec]) -> None:
        """Send the scenario's callbacks, whatever they tell; how the verification stands does not change by it."""
        made = work.verification
        if made is None and call.record is not None:
            made = read(call.record)
        if made is None:
            made = Verification(reference=call.reference, event="", callback_url=_callback_url(call))
        if call.operation == routes.STATUS:
            self._note_schedule(call, made, specs)
            if made.event == events.DELETED:
                specs = [spec for spec in specs if spec.event == events.DELETED]
        for spec in _until_deletion(specs):
            plan = plan_of(call, spec, made)
            plan.request_id = call.entry_id
            sent = callbacks.message(call, self._settings, made, plan, self._lifecycle.telling(call, made, plan))
            if sent is not None:
                call.send(sent)

    def _note_schedule(self, call: Call, made: Verification, specs: Sequence[CallbackSpec]) -> None:
        """Store until when callbacks are scheduled, so that a deletion cancels them."""
        latest = call.now + max((spec.after for spec in specs), default=0.0)
        if call.record is not None and latest > max(call.now, made.scheduled_until):
            made.scheduled_until = latest
            keep(call, made, call.record)

    # -- status ------------------------------------------------------------------------------------------------
    def _status(self, call: Call, work: Work, respond: Respond) -> Any:
        record, made = call.record, work.verification
        assert record is not None
        assert made is not None
        call.outcome = respond.outcome or "found"
        if respond.outcome == "pending":
            return {"reference": made.reference, "event": events.PENDING, "country": made.country}
        if made.event in events.OPEN:
            if call.outcome != "found":
                note_unfitting(call, respond.decline, made.services)
                self._lifecycle.decide(call, record, made, call.outcome, respond.decline)
            elif self._settings.complete_polls:
                self._polled(call, record, made)
        return self.status(call, made)

    def _polled(self, call: Call, record: Record, made: Verification) -> None:
        """Count the poll; the last one decides."""
        made.polls += 1
        if made.polls >= self._settings.complete_polls:
            outcome = made.outcome if made.outcome in ("declined", "cancelled", "timeout") else "accepted"
            self._lifecycle.decide(call, record, made, outcome, made.decline)
        else:
            keep(call, made, record)

    def status(self, call: Call, made: Verification) -> dict[str, Any]:
        """How the verification stands. Raises the refusal of a deleted one where the settings say so."""
        if made.event == events.DELETED and self._settings.status_of_deleted != events.DELETED:
            raise self._validator.unknown()
        payload: dict[str, Any] = {"reference": made.reference, "event": made.event, "country": made.country}
        result = made.result()
        if not result or made.event not in events.RESULTS:
            return {**payload, **made.codes}
        payload["proofs"] = files.proofs(call, made, self._settings)
        payload |= {key: result[key] for key in _RESULT if key in result}
        return payload | {key: value for key, value in result.items() if key not in _LEFT_OUT}

    # -- the rest ----------------------------------------------------------------------------------------------
    def _delete(self, call: Call, work: Work, respond: Respond) -> Any:
        made = work.verification
        assert made is not None
        call.outcome = "deleted"
        if made.event == events.DELETED:
            raise self._validator.unknown()
        return {"reference": made.reference, "event": events.DELETED}

    def _account(self, call: Call, work: Work, respond: Respond) -> Any:
        section = work.section
        call.outcome = "shown"
        left = max(0.0, section.balance - spent(call))
        account: dict[str, Any] = {
            "name": section.name,
            "status": section.status,
            "balance": {"amount": f"{left:.2f}", "currency": section.currency},
        }
        if section.subscription_plan_details is not None:
            account["subscription_plan_details"] = section.subscription_plan_details
        return {"account": account}

    def _token(self, call: Call, work: Work, respond: Respond) -> Any:
        call.outcome = "issued"
        ends = call.now + self._settings.token_ttl
        count = int(call.store.tally(call.account.name, _ISSUED))
        # The claim lets one of two requests have the number that both have read; the other is computed again.
        call.writes.claims.append(Claim(_ISSUED, str(count), call.now, ends, call.entry_id))
        call.writes.tallies.append((_ISSUED, 1.0))
        number = tokens.number(call.draws, gate.ACCESS, count)
        token = tokens.mint(call.account.name, work.section.secret_key, gate.ACCESS, ends, number, tokens.ACCESS_BYTES)
        return {"access_token": tokens.as_text(token)}

    def _reasons(self, call: Call, work: Work, respond: Respond) -> Any:
        call.outcome = "listed"
        return {"decline_reasons": [{"status_code": row.code, "description": row.reason} for row in DECLINES.values()]}


def _until_deletion(specs: Sequence[CallbackSpec]) -> Sequence[CallbackSpec]:
    """The callbacks without those that would follow ``request.deleted``: the vendor sends nothing after it."""
    ends = [(spec.after, number) for number, spec in enumerate(specs) if spec.event == events.DELETED]
    return [spec for number, spec in enumerate(specs) if not ends or (spec.after, number) <= max(ends)]


def _callback_url(call: Call) -> str:
    body = call.body if isinstance(call.body, dict) else {}
    url = body.get("callback_url")
    return url if isinstance(url, str) else ""
