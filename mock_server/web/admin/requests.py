"""``requests``: the journal."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, structs

from mock_server.core.records import Entry
from mock_server.store.base import EntryFilter
from mock_server.store.filters import entry_matches
from mock_server.web import event_bus, explanation, serializers
from mock_server.web.admin.problems import Problem
from mock_server.web.admin.table import (
    LONGEST_WAIT,
    AdminRequest,
    Body,
    Query,
    Route,
    duration,
    instant,
    told,
)

LIMIT = 1000


class Filter(Query):
    """Which requests; what is not given is any."""

    provider: Annotated[str, told("Vendor.", "cloudcheck")] = ""
    operation: Annotated[str, told("Operation of the vendor.", "verify")] = ""
    status: Annotated[int, told("HTTP status of the answer.", 200)] = 0
    scenario: Annotated[str, told("Name of the scenario that answered.", "forged-document")] = ""
    reference: Annotated[str, told("The caller's reference.", "ref-1")] = ""
    q: Annotated[str, told("A text somewhere in path, query, body or answer, in any case.", "Marlowe")] = ""
    since: Annotated[
        str, told("At this instant of the account's clock or later.", "2026-01-01T00:00:00Z")
    ] = ""


class ListQuery(Filter):
    """A page of the journal."""

    limit: Annotated[int, told("Entries of one page.", 100, ge=1, le=LIMIT)] = 100
    before: Annotated[str, told("Only what is older than the entry with this id.")] = ""


class WaitQuery(Filter):
    """How many requests to wait for, and how long."""

    count: Annotated[int, told("So many of them.", 1, ge=1, le=LIMIT)] = 1
    timeout: Annotated[str, told("Real time to wait at most, up to five minutes.", "5s")] = "5s"


class CountBody(Body):
    """The same words as the filters of ``GET requests``."""

    provider: str = ""
    operation: str = ""
    status: int = 0
    scenario: str = ""
    reference: str = ""
    q: str = ""
    since: str | float = ""


class OneQuery(Query):
    """How much of an entry."""

    near_misses: Annotated[int, Meta(description="Scenarios that came closest, so many.", ge=0, le=1000)] = 3


def where(given: Filter | CountBody) -> EntryFilter:
    """The filter of the store. Raises `Problem`."""
    since = instant("since", given.since) if given.since != "" else 0.0
    return EntryFilter(
        given.provider, given.operation, given.status, given.scenario, given.reference, given.q, since
    )


def listing(request: AdminRequest[ListQuery, None]) -> dict[str, Any]:
    """Newest first."""
    return _page(request, where(request.query))


def unmatched(request: AdminRequest[ListQuery, None]) -> dict[str, Any]:
    """Newest first. An error that a scenario or a magic value has asked for is not a refusal."""
    return _page(request, where(request.query)._replace(refused=True))


def _page(request: AdminRequest[ListQuery, None], wanted: EntryFilter) -> dict[str, Any]:
    found, total = request.service.store.entries(
        request.account.name, wanted, request.query.limit, request.query.before
    )
    veil = serializers.Redactor(request.account)
    more = len(found) == request.query.limit < total
    link = request.link({**structs.asdict(request.query), "before": found[-1].id}) if more else None
    return {"requests": [serializers.entry(entry, veil) for entry in found], "total": total, "next": link}


def one(request: AdminRequest[OneQuery, None], request_id: str) -> dict[str, Any]:
    """Nothing shortened; with the scenarios that came closest where the built-in behaviour answered."""
    entry, veil = find(request, request_id), serializers.Redactor(request.account)
    shown = serializers.entry(entry, veil, whole=True)
    built_in = not entry.scenario and not entry.error
    shown["near_misses"] = (
        veil.value(explanation.nearest(request.service, entry, request.query.near_misses)) if built_in else []
    )
    return shown


def clear(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """Verifications, callbacks and counts stay."""
    _, total = request.service.store.entries(request.account.name, limit=1)
    request.service.store.clear_entries(request.account.name)
    return {"deleted": total}


def count(request: AdminRequest[Query, CountBody]) -> dict[str, Any]:
    """How many of them there are."""
    return {"count": request.service.store.entries(request.account.name, where(request.body), 1)[1]}


def wait(request: AdminRequest[WaitQuery, None]) -> dict[str, Any]:
    """Returns as soon as there are so many; those that came before the call count."""
    wanted, name, store = where(request.query), request.account.name, request.service.store
    timeout = duration("timeout", request.query.timeout, LONGEST_WAIT)
    veil = serializers.Redactor(request.account)

    def look() -> dict[str, Any] | None:
        found, total = store.entries(name, wanted, request.query.count)
        return (
            {"requests": [serializers.entry(entry, veil) for entry in found], "total": total, "next": None}
            if total >= request.query.count
            else None
        )

    def wants(change: event_bus.Change) -> bool:
        return isinstance(change.item, Entry) and entry_matches(change.item, wanted)

    answer = request.event_bus.until(name, wants, look, timeout, request.disconnected)
    if answer is None:
        found, total = store.entries(name, wanted, LIMIT)
        others, all_of_them = store.entries(name, limit=10)
        raise Problem(
            408,
            f"{total} of {request.query.count} such requests within {request.query.timeout}; {all_of_them} requests in all",
            "what did come is in requests, the newest of all in others",
            requests=[serializers.entry(entry, veil) for entry in found],
            total=total,
            others=[brief(entry) for entry in others],
        )
    return answer


def explain(request: AdminRequest[OneQuery, None], request_id: str) -> dict[str, Any]:
    """The signature doctor's finding, the refusal in words, and how the scenarios compare."""
    entry = find(request, request_id)
    found = explanation.explain(request.service, entry, request.query.near_misses)
    return dict(serializers.Redactor(request.account).value({"id": entry.id, **found}))


def find(request: AdminRequest[Any, Any], entry_id: str) -> Entry:
    """Raises `Problem`."""
    entry = request.service.store.entry(request.account.name, entry_id)
    if entry is None:
        raise Problem(
            404,
            f"account {request.account.name!r} has no request {entry_id!r} in its journal",
            "GET requests lists them; an id of another account needs ?account=NAME",
        )
    return entry


def brief(entry: Entry) -> str:
    """``POST /verify/ → 200 (verify, ref-1, error 106)``."""
    said = [
        entry.provider,
        entry.operation,
        entry.reference,
        f"error {entry.error}" if entry.error else entry.outcome,
    ]
    return f"{entry.request.method} {entry.request.path} → {entry.status} ({', '.join(word for word in said if word)})"


_LIST = {
    "requests": "newest first; long texts are cut",
    "total": "how many there are",
    "next": "address of the next page, or null",
}
_NONE = {404: "no such request in the journal"}

ROUTES = (
    Route("GET", "/requests", listing, "The journal, newest first.", _LIST, ListQuery),
    Route(
        "GET",
        "/requests/unmatched",
        unmatched,
        "What was refused, and what no vendor serves, newest first.",
        _LIST,
        ListQuery,
    ),
    Route("DELETE", "/requests", clear, "Empty the journal.", {"deleted": "how many"}),
    Route(
        "POST",
        "/requests/count",
        count,
        "How many requests there are of a kind.",
        {"count": "how many"},
        body=CountBody,
    ),
    Route(
        "GET",
        "/requests/wait",
        wait,
        "Block until there are so many.",
        _LIST,
        WaitQuery,
        also={408: "time is up; says what did happen"},
    ),
    Route(
        "GET",
        "/requests/<request_id>",
        one,
        "One request, its answer, and how that came about.",
        {
            "id": "of the entry; callers get it as X-Mock-Request-Id",
            "request": "method, path, query, headers, params, body, json",
            "response": "headers, body, json",
            "scenario": "that answered; empty: the built-in behaviour or a refusal",
            "source": "its file and line",
            "evidence": "what a refusal was based on, or what is doubtful",
            "near_misses": "scenarios that came closest, where the built-in behaviour answered",
            "unshowable": "what cannot be shown and why, where something cannot; here and in the lists",
        },
        OneQuery,
        also=_NONE,
    ),
    Route(
        "GET",
        "/requests/<request_id>/explain",
        explain,
        "Why a request was answered as it was.",
        {
            "valid": "whether the signature is right",
            "canonical": "what has to be signed",
            "expected": "the digest of it",
            "received": "the digest that was sent",
            "mistakes": "known mistakes that reproduce it: id, explanation, fix",
            "warnings": "where there are any: what is accepted and yet hardly meant, in the same form",
            "reason": "the refusal in one line",
            "answers": "scenario, built-in or refusal",
            "scenario": "which one",
            "near_misses": "scenarios that came closest, each with its differences",
        },
        OneQuery,
        also=_NONE,
    ),
)
