"""``callbacks``: what was sent, what will be, and sending it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import structs

from mock_server.core.records import CANCELLED, DELIVERED, DROPPED, FAILED, NOT_SENT, PENDING, Delivery, Message
from mock_server.store.base import DeliveryFilter
from mock_server.store.selecting import delivery_matches
from mock_server.web import showing
from mock_server.web.admin.problems import Problem, unknown
from mock_server.web.admin.table import LONGEST_WAIT, Ask, Query, Route, duration, told

LIMIT = 1000
STATES = (PENDING, DELIVERED, FAILED, DROPPED, CANCELLED, NOT_SENT)


class Filter(Query):
    """Which callbacks; what is not given is any."""

    event: Annotated[str, told("What it tells.", "verification.declined")] = ""
    reference: Annotated[str, told("Reference it speaks of.", "ref-1")] = ""
    outcome: Annotated[str, told(f"How it stands: {', '.join(STATES)}.", "delivered")] = ""
    provider: Annotated[str, told("Vendor.", "shuftipro")] = ""
    request: Annotated[str, told("Id of the journal entry that caused it.")] = ""


class ListQuery(Filter):
    """A page of them."""

    limit: Annotated[int, told("Callbacks of one page.", 100, ge=1, le=LIMIT)] = 100
    before: Annotated[str, told("Only what is older than the callback with this id.")] = ""


class WaitQuery(Filter):
    """How many callbacks to wait for, and how long."""

    count: Annotated[int, told("So many of them.", 1, ge=1, le=LIMIT)] = 1
    timeout: Annotated[str, told("Real time to wait at most, up to five minutes.", "10s")] = "10s"


def where(given: Filter) -> DeliveryFilter:
    """The filter of the store. Raises `Problem`."""
    if given.outcome and given.outcome not in STATES:
        raise unknown("outcome", given.outcome, STATES)
    return DeliveryFilter(given.event, given.reference, given.outcome, given.provider, given.request)


def listing(ask: Ask[ListQuery, None]) -> dict[str, Any]:
    """Newest first."""
    found, total = ask.service.store.deliveries(ask.account.name, where(ask.query), ask.query.limit, ask.query.before)
    more = len(found) == ask.query.limit < total
    link = ask.link({**structs.asdict(ask.query), "before": found[-1].message.id}) if more else None
    return {"callbacks": _shown(ask, found), "total": total, "next": link}


def one(ask: Ask[Query, None], callback_id: str) -> dict[str, Any]:
    """Nothing shortened."""
    return showing.delivery(find(ask, callback_id), showing.Veil(ask.account), whole=True)


def wait(ask: Ask[WaitQuery, None]) -> dict[str, Any]:
    """Without an outcome, callbacks that are no longer pending count; those that came before the call count."""
    wanted, name, store, count = where(ask.query), ask.account.name, ask.service.store, ask.query.count
    timeout = duration("timeout", ask.query.timeout, LONGEST_WAIT)

    def holds(delivery: Delivery) -> bool:
        return delivery_matches(delivery, wanted) and (bool(wanted.state) or delivery.state != PENDING)

    def look() -> dict[str, Any] | None:
        found = [delivery for delivery in store.deliveries(name, wanted, LIMIT)[0] if holds(delivery)]
        return {"callbacks": _shown(ask, found[:count]), "total": len(found), "next": None} if len(found) >= count else None

    answer = ask.news.until(name, lambda change: isinstance(change.item, Delivery) and holds(change.item), look, timeout, ask.gone)
    if answer is None:
        found, _ = store.deliveries(name, wanted._replace(state=""), LIMIT)
        others, total = store.deliveries(name, limit=10)
        raise Problem(
            408,
            f"{sum(map(holds, found))} of {count} such callbacks within {ask.query.timeout}; {_tally(found, total)}",
            "callbacks holds those of that event and reference as they stand, others the newest of all",
            callbacks=_shown(ask, found),
            total=len(found),
            others=[brief(delivery) for delivery in others],
        )
    return answer


def resend(ask: Ask[Query, None], callback_id: str) -> dict[str, Any]:
    """The same bytes to the same address as a callback of its own, whatever a scenario did to the first."""
    message = find(ask, callback_id).message
    world_now = ask.service.store.account(ask.account.name).clock.at(ask.service.clock.now())
    copy = message._replace(
        id=ask.service.pipeline.effects.ids.next("d"), due=world_now, created=world_now, deliver=(), lane="", before_response=False
    )
    return {"callbacks": _shown(ask, send(ask, [copy])), "total": 1, "next": None}


def send(ask: Ask[Any, Any], messages: Sequence[Message]) -> list[Delivery]:
    """Enqueue messages that are due; how they stand."""
    ask.service.store.schedule(messages)
    ask.service.dispatcher.wake()
    found = (ask.service.store.delivery(ask.account.name, message.id) for message in messages)
    return [delivery for delivery in found if delivery is not None]


def flush(ask: Ask[Query, None]) -> dict[str, Any]:
    """Answers when each has been tried once."""
    from mock_server.delivery.advance import flush as flush_now

    played = flush_now(ask.service.store, ask.service.dispatcher, ask.account.name, ask.service.clock)
    return {"callbacks": _shown(ask, _callbacks(played)), "total": len(_callbacks(played)), "next": None}


def cancel(ask: Ask[Query, None], callback_id: str) -> dict[str, Any]:
    """One that is on its way right now still arrives."""
    delivery = find(ask, callback_id)
    if delivery.state != PENDING:
        raise Problem(409, f"the callback is {delivery.state} already", "only what is pending can be cancelled")
    ask.service.store.reschedule(ask.account.name, [callback_id], delivery.due, CANCELLED)
    ask.service.dispatcher.wake()
    return one(ask, callback_id)


def find(ask: Ask[Any, Any], delivery_id: str) -> Delivery:
    """Raises `Problem`."""
    delivery = ask.service.store.delivery(ask.account.name, delivery_id)
    if delivery is None:
        raise Problem(
            404,
            f"account {ask.account.name!r} has no callback {delivery_id!r}",
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


def _shown(ask: Ask[Any, Any], found: Sequence[Delivery]) -> list[dict[str, Any]]:
    veil = showing.Veil(ask.account)
    return [showing.delivery(delivery, veil) for delivery in found]


def _tally(found: Sequence[Delivery], total: int) -> str:
    if not found:
        return f"none of that event and reference, {total} callbacks in all"
    return "; ".join(brief(delivery) for delivery in found[:3]) + (f"; and {len(found) - 3} more" if len(found) > 3 else "")


_LIST = {"callbacks": "newest first, each with its attempts", "total": "how many there are", "next": "address of the next page, or null"}
_ONE = {
    "id": "of the callback",
    "event": "what it tells",
    "reference": "what it speaks of",
    "state": ", ".join(STATES),
    "due": "when the next attempt may leave, on the account's clock",
    "no_address": "why it cannot be sent, and where to set an address; empty: it has one",
    "request": "method, url, headers, body, json as composed",
    "attempts": "each with at, took, status, error, done (what was done to it on purpose), response, and sent where that differed",
    "request_id": "the journal entry that caused it",
    "unshowable": "what cannot be shown and why, where something cannot; here and in the lists",
}
_NONE = {404: "no such callback"}

ROUTES = (
    Route("GET", "/callbacks", listing, "Callbacks and webhooks with every attempt, newest first.", _LIST, ListQuery),
    Route(
        "GET",
        "/callbacks/wait",
        wait,
        "Block until there are so many.",
        _LIST,
        WaitQuery,
        also={408: "time is up; says what did happen"},
    ),
    Route("GET", "/callbacks/<callback_id>", one, "One callback.", _ONE, also=_NONE),
    Route(
        "DELETE", "/callbacks/<callback_id>", cancel, "Cancel it while it is pending.", _ONE, also={**_NONE, 409: "it is no longer pending"}
    ),
    Route("POST", "/callbacks/<callback_id>/resend", resend, "Send it again, now and unharmed.", _LIST, status=201, also=_NONE),
    Route("POST", "/callbacks/flush", flush, "Send now what is scheduled.", _LIST),
)
