"""How a verification goes from one event to the next, and what is sent when it does.

Order as documented: pending, perhaps received, perhaps in review, then its end; a later change is reported by
``verification.status.changed``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from mock_server.core.records import Record
from mock_server.providers.context import UnitOfWork
from mock_server.providers.shuftipro import callbacks, events, links, phpjson, results
from mock_server.providers.shuftipro.callbacks import Plan
from mock_server.providers.shuftipro.case import Declined, VerificationCase, is_on
from mock_server.providers.shuftipro.declines import assign
from mock_server.providers.shuftipro.info import Info
from mock_server.providers.shuftipro.settings import NAME, Settings
from mock_server.providers.shuftipro.verification import Verification, keep
from mock_server.scenario.rendering import merge

END: Mapping[str, str] = {
    "accepted": events.ACCEPTED,
    "declined": events.DECLINED,
    "received": events.ACCEPTED,
    "review": events.REVIEW,
    "cancelled": events.CANCELLED,
    "timeout": events.TIMEOUT,
}
"""Outcome → where it leads; ``pending`` leads nowhere."""
MOVES = frozenset(END.values()) | {events.RECEIVED, events.STATUS_CHANGED, events.DELETED}
"""Events that change how a verification stands."""
DECISIONS = ("accepted", "declined", "review", "cancelled", "timeout", "data-changed", "deleted")
"""What a reviewer can do."""


_OPEN_ONLY = ("review", "cancelled", "timeout")


def decisions_of(event: str) -> tuple[str, ...]:
    """What can be decided about a verification that stands so."""
    if event == events.DELETED:
        return ()
    return tuple(word for word in DECISIONS if event in events.OPEN or word not in _OPEN_ONLY)


class Lifecycle:
    """The steps, with the settings in force."""

    def __init__(self, settings: Settings, info: Callable[[str, str, str], Info]) -> None:
        self._settings = settings
        self._info = info
        self._write = phpjson.writer(settings.body_style)

    def encode(self, payload: Any) -> bytes:
        """The payload as JSON of the style that is set. An ``info`` at its end comes with its bytes."""
        if isinstance(payload, dict) and len(payload) > 1:
            head = payload.copy()
            _, last = head.popitem()
            if isinstance(last, Info):
                return self._write(head)[:-1] + last.end
        return self._write(payload)

    # -- bodies
    # ------------------------------------------------------------------------------------------------
    def body(self, unit: UnitOfWork, verification: Verification, event: str) -> dict[str, Any]:
        """The payload of the event for this verification."""
        if event not in events.RESULTS:
            return events.body(event, verification, self._settings, links.request_token(unit.draws))
        declined: Declined = {}
        if event == events.DECLINED:
            codes = verification.decline or assign(None, verification.services)
            declined = results.reached(verification, codes, self._settings)
        case = VerificationCase(verification, declined, unit.draws, unit.now, self._settings)
        payload: dict[str, Any] = {"reference": verification.reference, "event": event}
        if self._settings.has_token:
            payload["token"] = links.request_token(unit.draws)
        if self._settings.result_has_contact:
            payload["email"] = verification.email
            payload["country"] = verification.country
        payload |= results.judge(case)
        country = verification.country if isinstance(verification.country, str) else ""
        payload["info"] = self._info(verification.useragent, verification.ip, country)
        if declined:
            payload |= results.reasons(declined, self._settings)
            for code in payload.get("declined_codes", ()):
                unit.met(NAME, "decline", code)
        elif extra := results.additional(case):
            payload["additional_data"] = extra
        return payload

    def telling(self, unit: UnitOfWork, verification: Verification, plan: Plan) -> bytes:
        """The body of a callback that reports the plan's event and changes nothing."""
        payload = verification.result() if plan.event == verification.event else {}
        payload = payload or self.body(unit, verification, plan.event)
        body = self.encode(payload if plan.merge is None else merge(payload, plan.merge))
        return self.speaking(body, plan)

    def speaking(self, body: bytes, plan: Plan) -> bytes:
        """The body of the callback, of the reference that the plan names; what is stored keeps its own."""
        if not plan.reference or "reference" in (plan.merge or {}):
            return body
        return self.encode({**msgspec.json.decode(body), "reference": plan.reference})

    # -- the way ahead
    # -----------------------------------------------------------------------------------------
    def ahead(self, verification: Verification) -> list[Plan]:
        """The steps that follow by themselves from how the verification stands and how it is going to end."""
        if verification.event in events.RESULTS or self._settings.complete_after is None:
            return []
        end = END.get(verification.outcome)
        steps = [] if end is None else [end]
        reviewed = is_on(verification.options.get("manual_review")) and end not in (
            events.CANCELLED,
            events.TIMEOUT,
            events.REVIEW,
        )
        if reviewed and (verification.outcome or verification.event == events.RECEIVED):
            steps = [events.REVIEW, *([] if end is None else [events.STATUS_CHANGED])]
        return [
            Plan(event, (number + 1) * self._settings.complete_after, turn=verification.turn)
            for number, event in enumerate(steps)
        ]

    def expiry(self, unit: UnitOfWork, verification: Verification) -> Plan:
        """The end of the page, if the customer has not come until then."""
        return Plan(events.TIMEOUT, verification.expires - unit.now, turn=verification.turn, expiry=True)

    # -- steps
    # -------------------------------------------------------------------------------------------------
    def step(self, unit: UnitOfWork, verification: Verification, plan: Plan) -> bytes:
        """Bring the verification to the plan's event; the body that reports it."""
        event = plan.event
        if event == events.STATUS_CHANGED:
            self._settle(unit, verification, _changed(verification), None)
        elif event in events.RESULTS:
            return self._settle(unit, verification, event, plan.merge)
        elif event == events.DELETED:
            if (
                verification.scheduled_until > unit.now
                and self._settings.callbacks_after_delete == "cancelled"
            ):
                unit.transaction.cancelled = NAME, verification.reference
            _forget(verification)
        verification.event = event if event != events.STATUS_CHANGED else verification.event
        verification.history = [*verification.history, (unit.now, event)]
        payload = self.body(unit, verification, event)
        return self.encode(payload if plan.merge is None else merge(payload, plan.merge))

    def _settle(self, unit: UnitOfWork, verification: Verification, event: str, patch: Any) -> bytes:
        payload = self.body(unit, verification, event)
        body = self.encode(payload if patch is None else merge(payload, patch))
        verification.event, verification.answer = event, msgspec.Raw(body)
        verification.history = [*verification.history, (unit.now, event)]
        return body

    def advance(self, unit: UnitOfWork, record: Record, verification: Verification, plan: Plan) -> None:
        """Take the step, send what reports it, and keep the verification."""
        body = self.step(unit, verification, plan)
        sent = callbacks.message(
            unit,
            self._settings,
            verification,
            msgspec.structs.replace(plan, after=0.0),
            self.speaking(body, plan),
        )
        if sent is not None:
            unit.send(sent)
        keep(unit, verification, record)

    def fall_due(self, unit: UnitOfWork, record: Record, verification: Verification, plan: Plan) -> None:
        """A timer: the planned step, unless somebody has decided in the meantime."""
        if plan.turn != verification.turn or verification.event == events.DELETED:
            return
        if plan.event == events.TIMEOUT and verification.event != events.PENDING:
            return
        if plan.expiry and unit.now < verification.expires - 1:
            unit.send(callbacks.timer(unit, verification, self.expiry(unit, verification)))
            return
        self.advance(unit, record, verification, plan)

    # -- decisions
    # ---------------------------------------------------------------------------------------------
    def decide(
        self,
        unit: UnitOfWork,
        record: Record,
        verification: Verification,
        outcome: str,
        decline: Any = None,
        patch: Any = None,
    ) -> None:
        """A reviewer's decision, or the user's own at the page. Raises ``ValueError`` with a remedy."""
        outcome = _OUTCOMES.get(outcome, outcome)
        if outcome not in DECISIONS:
            raise ValueError(f"{outcome!r} cannot be decided; use one of {', '.join(DECISIONS)}")
        if verification.event == events.DELETED:
            raise ValueError(f"{verification.reference!r} has been deleted; make a new request")
        verification.turn += 1
        if outcome == "data-changed":
            self._edit(unit, record, verification, patch)
            return
        if outcome in _OPEN_ONLY and verification.event not in events.OPEN:
            raise ValueError(
                f"{verification.reference!r} is finished ({verification.event}); it can be accepted, declined, edited or deleted"
            )
        codes = assign(decline, verification.services) if decline or outcome == "declined" else None
        before = verification.event
        verification.outcome, verification.decline = outcome, codes if outcome == "declined" else None
        if outcome == "cancelled" and codes and self._settings.cancelled_has_codes:
            verification.codes = results.reasons(codes, self._settings)
        if outcome in ("accepted", "declined") and before not in (events.PENDING, events.RECEIVED):
            self._settle(unit, verification, END[outcome], patch)
            self._tell(unit, record, verification, Plan(events.STATUS_CHANGED))
            return
        self.advance(unit, record, verification, Plan(EVENTS[outcome], merge=patch))

    def _edit(self, unit: UnitOfWork, record: Record, verification: Verification, patch: Any) -> None:
        if verification.event not in events.RESULTS:
            raise ValueError(
                f"{verification.reference!r} has no data yet ({verification.event}); accept or decline it first"
            )
        if patch is not None:
            verification.answer = msgspec.Raw(self.encode(merge(verification.result(), patch)))
        self._tell(unit, record, verification, Plan(events.DATA_CHANGED))

    def _tell(self, unit: UnitOfWork, record: Record, verification: Verification, plan: Plan) -> None:
        """Send an event that says nothing but itself, and keep the verification."""
        verification.history = [*verification.history, (unit.now, plan.event)]
        sent = callbacks.message(
            unit, self._settings, verification, plan, self.encode(self.body(unit, verification, plan.event))
        )
        if sent is not None:
            unit.send(sent)
        keep(unit, verification, record)


EVENTS: Mapping[str, str] = {
    "accepted": events.ACCEPTED,
    "declined": events.DECLINED,
    "review": events.REVIEW,
    "cancelled": events.CANCELLED,
    "timeout": events.TIMEOUT,
    "deleted": events.DELETED,
}
_OUTCOMES: Mapping[str, str] = {
    **{event: outcome for outcome, event in EVENTS.items()},
    events.DATA_CHANGED: "data-changed",
}
"""Events are understood as the outcomes they tell of."""


def _changed(verification: Verification) -> str:
    """The status after a change: for an open verification that of the scenario, for a finished one the opposite."""
    event = END.get(verification.outcome, events.ACCEPTED)
    if verification.event not in events.RESULTS:
        return event if event in events.RESULTS else events.ACCEPTED
    return events.DECLINED if verification.event == events.ACCEPTED else events.ACCEPTED


def _forget(verification: Verification) -> None:
    """Delete the data: only that there was such a reference remains, and whom to tell."""
    verification.turn += 1
    verification.email = verification.country = None
    verification.services, verification.options, verification.codes = {}, {}, {}
    verification.useragent = verification.ip = verification.url = verification.handle = ""
    verification.answer = msgspec.Raw(b"null")
