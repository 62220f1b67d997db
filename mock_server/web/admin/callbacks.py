"""``callbacks``: what was sent, what will be, and sending it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from mock_server.core.answers import Callback
from mock_server.core.records import (
    CANCELLED,
    DELIVERED,
    DROPPED,
    FAILED,
    NOT_SENT,
    PENDING,
    Delivery,
    Message,
)
from mock_server.providers.routing import ADMIN
from mock_server.store.base import DeliveryFilter
from mock_server.store.filters import delivery_matches
from mock_server.web import serializers
from mock_server.web.admin import answers, words
from mock_server.web.admin.lists import LIMIT, Before, Brief, Limit, ListKind, listed
from mock_server.web.admin.problems import ControlProblem, unknown
from mock_server.web.admin.table import LONGEST_WAIT, AdminRequest, ControlRoute, Query, described, duration

STATES = (PENDING, DELIVERED, FAILED, DROPPED, CANCELLED, NOT_SENT)


class CallbackFilter(Query):
    """Which callbacks; what is not given is any."""

    event: Annotated[str, described("What it tells.", "verification.declined")] = ""
    reference: Annotated[str, described("Reference it speaks of.", "ref-1")] = ""
    outcome: Annotated[str, described(f"How it stands: {', '.join(STATES)}.", "delivered")] = ""
    provider: Annotated[str, described("Vendor.", "shuftipro")] = ""
    request: Annotated[str, described("Id of the journal entry that caused it.")] = ""
    scenario: Annotated[str, described("Name of the scenario that scheduled it.", "forged-document")] = ""
    q: Annotated[str, described("A text somewhere in event, reference, address or body, in any case.")] = ""


class CallbackListQuery(CallbackFilter):
    """A page of them."""

    limit: Limit = 100
    before: Before = ""
    brief: Brief = False


class CallbackWaitQuery(CallbackFilter):
    """How many callbacks to wait for, and how long."""

    count: Annotated[int, described("How many to wait for.", 1, ge=1, le=LIMIT)] = 1
    timeout: Annotated[str, described("Real time to wait at most, up to five minutes.", "10s")] = "10s"


def where(request: AdminRequest[Any, Any], query: CallbackFilter) -> DeliveryFilter:
    """The filter of the store. Raises `ControlProblem`."""
    words.check_scenario(request, query.scenario)
    words.check(request.service, provider=query.provider, event=query.event)
    if query.outcome and query.outcome not in STATES:
        raise unknown("outcome", query.outcome, STATES)
    return DeliveryFilter(
        query.event,
        query.reference,
        query.outcome,
        query.provider,
        query.request,
        scenario=query.scenario,
        q=query.q,
    )


def listing(request: AdminRequest[CallbackListQuery, None]) -> dict[str, Any]:
    """Newest first."""
    filter_, store = where(request, request.query), request.service.store
    return listed(
        request,
        ListKind(
            "callbacks",
            lambda account, limit, before: store.deliveries(account, filter_, limit, before),
            lambda delivery: delivery.message.id,
            lambda delivery: delivery.message.created,
            serializers.brief_delivery if request.query.brief else serializers.delivery,
        ),
    )


def one(request: AdminRequest[Query, None], callback_id: str) -> dict[str, Any]:
    """Nothing shortened."""
    return serializers.delivery(
        find(request, callback_id), serializers.SecretRedactor(request.account), whole=True
    )


def wait(request: AdminRequest[CallbackWaitQuery, None]) -> dict[str, Any]:
    """Without an outcome, callbacks that are no longer pending count; those that came before the call
    count."""
    filter_, name, store, count = (
        where(request, request.query),
        request.account.name,
        request.service.store,
        request.query.count,
    )
    timeout = duration("timeout", request.query.timeout, LONGEST_WAIT)

    def holds(delivery: Delivery) -> bool:
        return delivery_matches(delivery, filter_) and (bool(filter_.state) or delivery.state != PENDING)

    def look() -> dict[str, Any] | None:
        deliveries = [delivery for delivery in store.deliveries(name, filter_, LIMIT)[0] if holds(delivery)]
        return (
            {"callbacks": _shown(request, deliveries[:count]), "total": len(deliveries), "next": None}
            if len(deliveries) >= count
            else None
        )

    answer = request.until(
        lambda change: isinstance(change.item, Delivery) and holds(change.item), look, timeout
    )
    if answer is None:
        deliveries, _ = store.deliveries(name, filter_._replace(state=""), LIMIT)
        others, total = store.deliveries(name, limit=10)
        raise ControlProblem(
            408,
            f"{sum(map(holds, deliveries))} of {count} such callbacks within {timeout:g} s; {_tally(filter_, deliveries, total)}",
            "callbacks holds those of that event and reference as they stand, others the newest of all",
            callbacks=_shown(request, deliveries),
            total=len(deliveries),
            others=[brief(delivery) for delivery in others],
        )
    return answer


def resend(request: AdminRequest[Query, None], callback_id: str) -> dict[str, Any]:
    """The same bytes to the same address as a callback of its own, whatever a scenario did to the first."""
    message = find(request, callback_id).message
    world_now = request.service.store.account(request.account.name).clock.at(request.service.clock.now())
    copy = message._replace(
        id=request.service.pipeline.services.ids.next("d"),
        due=world_now,
        created=world_now,
        deliver=(),
        lane="",
        before_response=False,
    )
    return {"callbacks": _shown(request, send(request, [copy])), "total": 1, "next": None}


def send(request: AdminRequest[Any, Any], messages: Sequence[Message]) -> list[Delivery]:
    """Enqueue messages that are due; how they stand."""
    request.service.store.schedule(messages)
    request.service.dispatcher.wake()
    deliveries = (request.service.store.delivery(request.account.name, message.id) for message in messages)
    return [delivery for delivery in deliveries if delivery is not None]


def flush(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """Answers when each has been tried once."""
    from mock_server.delivery.advance import flush as flush_now

    played = flush_now(
        request.service.store, request.service.dispatcher, request.account.name, request.service.clock
    )
    return attempted(request, played)


def attempted(request: AdminRequest[Any, Any], played: Sequence[Delivery]) -> dict[str, Any]:
    """The callbacks after their last attempts: one page, and the address of the list that has the others."""
    last = {item.message.id: item for item in _callbacks(played)}
    callbacks = list(last.values())
    more = f"{ADMIN}/callbacks?{urlencode({'account': request.account.name, 'limit': LIMIT})}"
    return {
        "callbacks": _shown(request, callbacks[-LIMIT:]),
        "total": len(callbacks),
        "next": more if len(callbacks) > LIMIT else None,
    }


def cancel(request: AdminRequest[Query, None], callback_id: str) -> dict[str, Any]:
    """One that is on its way right now still arrives."""
    delivery = find(request, callback_id)
    if delivery.state != PENDING:
        raise ControlProblem(
            409, f"the callback is {delivery.state} already", "only what is pending can be cancelled"
        )
    request.service.store.reschedule(request.account.name, [callback_id], delivery.due, CANCELLED)
    request.service.dispatcher.wake()
    return one(request, callback_id)


def find(request: AdminRequest[Any, Any], delivery_id: str) -> Delivery:
    """Raises `ControlProblem`."""
    delivery = request.service.store.delivery(request.account.name, delivery_id)
    if delivery is None:
        raise ControlProblem(
            404,
            f"account {request.account.name!r} has no callback {delivery_id!r}",
            "GET callbacks lists them; an id of another account needs ?account=NAME",
        )
    return delivery


def brief(delivery: Delivery) -> str:
    """``verification.declined for ref-1 to http://… : failed after 2 attempts, the last: refused``."""
    message, attempts = delivery.message, delivery.attempts
    last = f", the last: {attempts[-1].error or attempts[-1].status}" if attempts else ""
    tried = f"{len(attempts)} attempt{'' if len(attempts) == 1 else 's'}{last}"
    return f"{message.event} for {message.reference or '(no reference)'} to {message.url}: {delivery.state} after {tried}"


def _callbacks(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """What was sent, timers left out; a delivery that was tried more than once as it stands last."""
    return list({item.message.id: item for item in deliveries if item.message.kind == "callback"}.values())


def _shown(request: AdminRequest[Any, Any], deliveries: Sequence[Delivery]) -> list[dict[str, Any]]:
    veil = serializers.SecretRedactor(request.account)
    return [serializers.delivery(delivery, veil) for delivery in deliveries]


def _tally(filter_: DeliveryFilter, deliveries: Sequence[Delivery], total: int) -> str:
    if not deliveries:
        asked = {
            "event": filter_.event,
            "reference": filter_.reference,
            "provider": filter_.provider,
            "request": filter_.request_id,
            "scenario": filter_.scenario,
        }
        words = " and ".join(f"{name} {value!r}" for name, value in asked.items() if value)
        return f"none with {words}, {total} in all" if words else f"{total} in all"
    return "; ".join(brief(delivery) for delivery in deliveries[:3]) + (
        f"; and {len(deliveries) - 3} more" if len(deliveries) > 3 else ""
    )


_LIST = {
    "callbacks": "newest first, each with its attempts",
    "total": "how many there are",
    "next": "address of the next page, or null",
}
_ONE = {
    "id": "of the callback",
    "event": "what it tells",
    "reference": "what it speaks of",
    "state": ", ".join(STATES),
    "fate": "of what it tells, as in requests",
    "due": "when the next attempt may leave, on the account's clock",
    "no_address": "why it cannot be sent, and where to set an address; empty: it has one",
    "request": "method, url, headers, body, json as composed",
    "attempts": "each with at, took, status, error, done (what was done to it on purpose), response, and sent where that differed",
    "request_id": "the journal entry that caused it",
    "unshowable": "what cannot be shown and why, where something cannot; here and in the lists",
}
_NONE = {404: "no such callback"}

ROUTES = (
    ControlRoute(
        "GET",
        "/callbacks",
        listing,
        "Callbacks and webhooks with every attempt, newest first.",
        _LIST,
        CallbackListQuery,
        lists=True,
        returns=answers.Callbacks,
    ),
    ControlRoute(
        "GET",
        "/callbacks/wait",
        wait,
        "Block until there are so many.",
        _LIST,
        CallbackWaitQuery,
        also={408: "time is up; says what did happen"},
        returns=answers.Callbacks,
    ),
    ControlRoute("GET", "/callbacks/<callback_id>", one, "One callback.", _ONE, also=_NONE, returns=Callback),
    ControlRoute(
        "DELETE",
        "/callbacks/<callback_id>",
        cancel,
        "Cancel it while it is pending.",
        _ONE,
        also={**_NONE, 409: "it is no longer pending"},
        returns=Callback,
    ),
    ControlRoute(
        "POST",
        "/callbacks/<callback_id>/resend",
        resend,
        "Send it again, now and unharmed.",
        _LIST,
        status=201,
        also=_NONE,
        returns=answers.Callbacks,
    ),
    ControlRoute(
        "POST", "/callbacks/flush", flush, "Send now what is scheduled.", _LIST, returns=answers.Callbacks
    ),
)
