"""``POST /``: the verification is made, and answered at once or followed up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from mock_server.core.delivery_directives import leaves_before_response
from mock_server.core.exceptions import ProviderError
from mock_server.providers.base import PendingResponse
from mock_server.providers.context import RequestContext
from mock_server.providers.shuftipro import callbacks, events, magic, request_parsing, results
from mock_server.providers.shuftipro.callbacks import Plan
from mock_server.providers.shuftipro.case import is_on
from mock_server.providers.shuftipro.declines import assign, unfitting
from mock_server.providers.shuftipro.lifecycle import MOVES, Lifecycle
from mock_server.providers.shuftipro.settings import Settings
from mock_server.providers.shuftipro.verification import Verification, keep
from mock_server.providers.shuftipro.work import Work
from mock_server.scenario.model import CallbackSpec, Respond
from mock_server.scenario.rendering import render
from mock_server.scenario.values import text_of

SPENT = "shuftipro spent"
"""Counter of what verifications have cost."""
_REASON = "declined_reason"
_USERS_OWN = ("pending", "cancelled", "timeout")
"""Outcomes that need a page even if no person has to act."""


class Creation:
    """Answers requests for a verification."""

    def __init__(self, settings: Settings, lifecycle: Lifecycle) -> None:
        self._settings = settings
        self._lifecycle = lifecycle

    def compose(self, context: RequestContext, work: Work, respond: Respond) -> PendingResponse:
        """The answer; ``work.verification`` is what `persist` keeps."""
        if (
            self._settings.no_balance == "refuse"
            and spent(context) + self._settings.price > work.section.balance
        ):
            raise ProviderError(
                "402",
                evidence={
                    "check": "balance",
                    "spent": spent(context),
                    "remedy": "raise the account's balance",
                },
            )
        verification = work.verification = request_parsing.verification(context, work.section, work.services)
        wish = (
            magic.Wish(respond.outcome)
            if respond.outcome is not None
            else magic.wish(context.body, context.reference)
        )
        outcome = wish.outcome
        codes: Any = respond.decline or wish.codes_for(list(verification.services))
        if codes or outcome == "declined":
            verification.decline = assign(codes, verification.services)
            note_unfitting(context, codes, verification.services)
        if outcome == "cancelled" and verification.decline and self._settings.cancelled_has_codes:
            verification.codes = results.reasons(verification.decline, self._settings)
        verification.event = self._first_event(context, verification, outcome)
        verification.outcome = (
            outcome
            if outcome or verification.event != events.RECEIVED or _reviewed(verification)
            else "accepted"
        )
        context.outcome = outcome or "accepted"
        payload = self._lifecycle.body(context, verification, verification.event)
        if not self._settings.answer_has_declined_reason:
            work.reason = payload.pop(_REASON, "")
        return PendingResponse(200, payload, headers=work.limits)

    def _first_event(self, context: RequestContext, verification: Verification, outcome: str) -> str:
        if request_parsing.needs_user(verification) or outcome in _USERS_OWN:
            request_parsing.open_page(context, verification, self._settings)
            return events.PENDING
        hidden = verification.options.get("show_results")
        if (
            outcome in ("received", "review")
            or _reviewed(verification)
            or (hidden not in (None, "") and not is_on(hidden))
        ):
            return events.RECEIVED
        return events.DECLINED if outcome == "declined" else events.ACCEPTED

    def persist(
        self,
        context: RequestContext,
        work: Work,
        pending: PendingResponse,
        specs: Sequence[CallbackSpec] | None,
    ) -> None:
        """Store the verification, send its callbacks and schedule the later ones."""
        verification = work.verification
        assert verification is not None
        work.payload, work.body = pending.payload, self._lifecycle.encode(pending.payload)
        work.headers = callbacks.signed(work.section, work.body)
        self._compose_callback(context, work)
        if verification.event in events.RESULTS:
            verification.answer = msgspec.Raw(work.callback_body)
        verification.history = [(context.now, verification.event)]
        context.transaction.counters.append((SPENT, self._settings.price))
        ahead = self._lifecycle.ahead(verification)
        if specs is None:
            plans = [Plan(verification.event), *ahead] if verification.callback_url else ahead
        else:
            event_names = {spec.event for spec in specs}
            plans = [plan_of(context, spec, verification) for spec in specs]
            plans += [
                msgspec.structs.replace(plan, silent=True) for plan in ahead if plan.event not in event_names
            ]
        if verification.url:
            plans.append(self._lifecycle.expiry(context, verification))
        for plan in plans:
            self._follow(context, work, verification, plan)
        keep(context, verification, None)

    def _compose_callback(self, context: RequestContext, work: Work) -> None:
        """The callback repeats the answer and adds ``declined_reason``, unless the scenario's ``merge`` sets
        that key."""
        patch = context.respond.merge if context.respond is not None else None
        if (
            not work.reason
            or not isinstance(work.payload, dict)
            or (isinstance(patch, dict) and _REASON in patch)
        ):
            work.callback_body, work.callback_headers = work.body, work.headers
            return
        work.callback_body = self._lifecycle.encode(_with_reason(work.payload, work.reason))
        work.callback_headers = callbacks.signed(work.section, work.callback_body)

    def _follow(self, context: RequestContext, work: Work, verification: Verification, plan: Plan) -> None:
        plan.request_id = context.entry_id
        if plan.event in MOVES and plan.event != verification.event:
            if not leaves_before_response(plan.deliver):
                context.send(callbacks.timer(context, verification, plan))
                return
            body = self._lifecycle.speaking(self._lifecycle.step(context, verification, plan), plan)
            headers = callbacks.UNSIGNED
        else:
            body, headers = self._repeated_status(context, work, verification, plan)
            verification.scheduled_until = max(
                verification.scheduled_until, context.now + plan.after if plan.after else 0.0
            )
        sent = callbacks.message(context, self._settings, verification, plan, body, headers)
        if sent is not None:
            context.send(sent)

    def _repeated_status(
        self, context: RequestContext, work: Work, verification: Verification, plan: Plan
    ) -> tuple[bytes, callbacks.Headers]:
        """The body of a callback that changes nothing; the answer's bytes and signature where it says the
        same."""
        if plan.event == verification.event and plan.merge is None and not plan.reference:
            return work.callback_body, work.callback_headers
        return self._lifecycle.telling(context, verification, plan), callbacks.UNSIGNED


def _with_reason(payload: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The payload with the reason where it belongs, in front of the codes."""
    full: dict[str, Any] = {}
    for key, value in payload.items():
        if key == "declined_codes":
            full[_REASON] = reason
        full[key] = value
    return full | {_REASON: reason}


def note_unfitting(context: RequestContext, codes: Any, services: Iterable[str]) -> None:
    """Say in the journal which codes of a scenario or a magic value the request has no service for."""
    problem = unfitting(codes, services)
    if problem is not None:
        context.evidence = problem.evidence()


def _reviewed(verification: Verification) -> bool:
    return is_on(verification.options.get("manual_review"))


def spent(context: RequestContext) -> float:
    """What the account's verifications have cost so far."""
    return context.store.counter(context.account.name, SPENT)


def plan_of(context: RequestContext, spec: CallbackSpec, verification: Verification) -> Plan:
    """A scenario's callback, rendered."""
    return Plan(
        spec.event,
        spec.after,
        text_of(render(spec.url, context)),
        render(spec.merge, context),
        spec.attempts,
        spec.deliver,
        verification.turn,
        reference=text_of(render(spec.reference, context)),
    )
