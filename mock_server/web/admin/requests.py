"""``requests``: the journal."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from mock_server.core.answers import Request
from mock_server.core.records import BUILT_IN, REFUSAL, SCENARIO, Entry
from mock_server.providers.base import Provider
from mock_server.providers.samples import FORMS
from mock_server.store.base import EntryFilter
from mock_server.store.filters import entry_matches
from mock_server.web import event_bus, explanation, serializers
from mock_server.web.admin import answers, words
from mock_server.web.admin.copies import EXPLANATION, explanation_text, written
from mock_server.web.admin.lists import LIMIT, Before, Brief, Limit, ListKind, listed
from mock_server.web.admin.problems import ControlProblem, unknown
from mock_server.web.admin.providers import now, shown
from mock_server.web.admin.table import (
    LONGEST_WAIT,
    AdminRequest,
    Body,
    ControlRoute,
    Query,
    described,
    duration,
    instant,
)
from mock_server.web.fates import FATES
from mock_server.web.refusals import cut_short

ANSWERS = (SCENARIO, BUILT_IN, REFUSAL)


class RequestFilter(Query):
    """Which requests; what is not given is any."""

    provider: Annotated[str, described("Vendor.", "cloudcheck")] = ""
    operation: Annotated[str, described("Operation of the vendor.", "verify")] = ""
    status: Annotated[int, described("HTTP status of the answer.", 200)] = 0
    scenario: Annotated[str, described("Name of the scenario that answered.", "forged-document")] = ""
    reference: Annotated[str, described("The caller's reference.", "ref-1")] = ""
    outcome: Annotated[str, described("Outcome that was answered.", "pep-match")] = ""
    error: Annotated[str, described("Error that was answered.", "106")] = ""
    answers: Annotated[str, described(f"Who answered: {', '.join(ANSWERS)}.", "refusal")] = ""
    q: Annotated[
        str, described("A text somewhere in path, query, body or answer, in any case.", "Marlowe")
    ] = ""
    since: Annotated[
        str, described("At this instant of the account's clock or later.", "2026-01-01T00:00:00Z")
    ] = ""


class RequestListQuery(RequestFilter):
    """A page of the journal."""

    limit: Limit = 100
    before: Before = ""
    brief: Brief = False


class RequestWaitQuery(RequestFilter):
    """How many requests to wait for, and how long."""

    count: Annotated[int, described("How many to wait for.", 1, ge=1, le=LIMIT)] = 1
    timeout: Annotated[str, described("Real time to wait at most, up to five minutes.", "5s")] = "5s"


class CountBody(Body):
    """The same words as the filters of ``GET requests``."""

    provider: str = ""
    operation: str = ""
    status: int = 0
    scenario: str = ""
    reference: str = ""
    outcome: str = ""
    error: str = ""
    answers: str = ""
    q: str = ""
    since: str | float = ""


class RequestQuery(Query):
    """How much of an entry."""

    near_misses: Annotated[
        Annotated[int, Meta(ge=0, le=1000)] | None,
        Meta(description="Scenarios that came closest, so many; without it up to three that are close."),
    ] = None


class CopyQuery(Query):
    """As what."""

    form: Annotated[str, described(f"One of: {EXPLANATION}, {', '.join(FORMS)}.", "curl")] = "curl"


def where(request: AdminRequest[Any, Any], query: RequestFilter | CountBody) -> EntryFilter:
    """The filter of the store. Raises `ControlProblem`."""
    words.check_scenario(request, query.scenario)
    words.check(request.service, provider=query.provider, operation=query.operation)
    if query.answers and query.answers not in ANSWERS:
        raise unknown("answers", query.answers, ANSWERS)
    since = instant("since", query.since) if query.since != "" else 0.0
    return EntryFilter(
        query.provider, query.operation, query.status, query.scenario, query.reference, query.q, since, query.answers,
        query.outcome, query.error,
    )  # fmt: skip


def listing(request: AdminRequest[RequestListQuery, None]) -> dict[str, Any]:
    """Newest first."""
    return _page(request, where(request, request.query))


def unmatched(request: AdminRequest[RequestListQuery, None]) -> dict[str, Any]:
    """Newest first. An error that a scenario or a magic value has asked for is not a refusal."""
    return _page(request, where(request, request.query)._replace(answers=REFUSAL))


def _page(request: AdminRequest[RequestListQuery, None], filter_: EntryFilter) -> dict[str, Any]:
    show = serializers.brief_entry if request.query.brief else serializers.entry
    return listed(
        request,
        ListKind(
            "requests",
            lambda account, limit, before: request.service.store.entries(account, filter_, limit, before),
            lambda entry: entry.id,
            lambda entry: entry.real,
            show,
        ),
    )


def one(request: AdminRequest[RequestQuery, None], request_id: str) -> dict[str, Any]:
    """Nothing shortened; with the scenarios that came closest where the built-in behaviour answered."""
    entry, veil = find(request, request_id), serializers.SecretRedactor(request.account)
    whole = serializers.entry(entry, veil, whole=True)
    built_in = not entry.scenario and not entry.error
    provider = request.service.providers.get(entry.provider)
    forms = FORMS if provider is not None and provider.samples is not None and entry.operation else {}
    titles = {**forms, EXPLANATION: "Text for a ticket"}
    whole["copies"] = [{"form": form, "title": title} for form, title in titles.items()]
    whole["near_misses"] = (
        veil.value(explanation.nearest(request.service, entry, request.query.near_misses)) if built_in else []
    )
    return whole


def clear(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """Verifications, callbacks and counts stay."""
    _, total = request.service.store.entries(request.account.name, limit=1)
    request.service.store.clear_entries(request.account.name)
    return {"deleted": total}


def count(request: AdminRequest[Query, CountBody]) -> dict[str, Any]:
    """How many of them there are."""
    return {"count": request.service.store.entries(request.account.name, where(request, request.body), 1)[1]}


def wait(request: AdminRequest[RequestWaitQuery, None]) -> dict[str, Any]:
    """Returns as soon as there are so many; those that came before the call count."""
    filter_, name, store = where(request, request.query), request.account.name, request.service.store
    timeout = duration("timeout", request.query.timeout, LONGEST_WAIT)
    veil = serializers.SecretRedactor(request.account)

    def look() -> dict[str, Any] | None:
        entries, total = store.entries(name, filter_, request.query.count)
        return (
            {"requests": [serializers.entry(entry, veil) for entry in entries], "total": total, "next": None}
            if total >= request.query.count
            else None
        )

    def wants(change: event_bus.Change) -> bool:
        return isinstance(change.item, Entry) and entry_matches(change.item, filter_)

    answer = request.until(wants, look, timeout)
    if answer is None:
        entries, total = store.entries(name, filter_, LIMIT)
        others, all_of_them = store.entries(name, limit=10)
        raise ControlProblem(
            408,
            f"{total} of {request.query.count} such requests within {timeout:g} s; {all_of_them} requests in all",
            "what did come is in requests, the newest of all in others",
            requests=[serializers.entry(entry, veil) for entry in entries],
            total=total,
            others=[brief(entry) for entry in others],
        )
    return answer


def explain(request: AdminRequest[RequestQuery, None], request_id: str) -> dict[str, Any]:
    """The signature doctor's finding, the refusal in words, and how the scenarios compare."""
    return explain_entry(request, find(request, request_id), request.query.near_misses)


def explain_entry(
    request: AdminRequest[Any, Any], entry: Entry, near_misses: int | None = None
) -> dict[str, Any]:
    explained = explanation.explain(request.service, entry, near_misses)
    return dict(serializers.SecretRedactor(request.account).value({"id": entry.id, **explained}))


def copy(request: AdminRequest[CopyQuery, None], request_id: str) -> dict[str, Any]:
    """It is a request of now: signed again where it carries a signature."""
    entry, form = find(request, request_id), request.query.form
    if form == EXPLANATION:
        return {"text": explanation_text(explain_entry(request, entry), brief(entry))}
    provider = request.service.providers.get(entry.provider)
    samples = provider.samples if provider is not None else None
    if form not in FORMS:
        raise unknown("form", form, (EXPLANATION, *FORMS))
    _demand_whole(entry)
    if provider is None or samples is None:
        raise ControlProblem(404, f"request {entry.id} cannot be written as {form}", "use form=explanation")
    account = (
        request.account
        if form == "curl" and _is_signed(provider, entry)
        else shown(request.account, provider)
    )
    mount = entry.request.mount
    return {"text": samples.code(form, entry.request, f"{request.origin}{mount}", account, now(request))}


def _is_signed(provider: Provider, entry: Entry) -> bool:
    """Whether a request carries a signature in place of the secret."""
    return provider.command_line is not None and provider.command_line.SIGNS_REQUESTS


def scenario(request: AdminRequest[Query, None], request_id: str) -> dict[str, Any]:
    """Nothing is stored. It answers as the request was answered; change what it answers, then POST it to scenarios."""
    entry = find(request, request_id)
    provider = request.service.providers.get(entry.provider)
    if provider is None or not entry.operation:
        raise ControlProblem(
            404, f"request {entry.id} asked for nothing that a scenario answers", "choose another request"
        )
    _demand_whole(entry)
    call = explanation.rebuild(request.service, provider, entry).call
    veil = serializers.SecretRedactor(request.account)
    return {"yaml": written(entry, provider.vocabulary, veil.value(call.body))}


def _demand_whole(entry: Entry) -> None:
    """Raise `ControlProblem` where the journal does not have the whole body."""
    if entry.request_cut is not None:
        cut = cut_short(entry)
        raise ControlProblem(
            409, f"request {entry.id} cannot be written again: {cut['explanation']}", cut["fix"]
        )


def find(request: AdminRequest[Any, Any], entry_id: str) -> Entry:
    """Raises `ControlProblem`."""
    entry = request.service.store.entry(request.account.name, entry_id)
    if entry is None:
        raise ControlProblem(
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
_WHOLE = {**_NONE, 409: "the journal does not have its whole body"}
_FATE = "how it ended, one word with a colour on the dashboard: " + ", ".join(FATES)

ROUTES = (
    ControlRoute(
        "GET",
        "/requests",
        listing,
        "The journal, newest first.",
        _LIST,
        RequestListQuery,
        lists=True,
        returns=answers.Requests,
    ),
    ControlRoute(
        "GET",
        "/requests/unmatched",
        unmatched,
        "What was refused, and what no vendor serves, newest first.",
        _LIST,
        RequestListQuery,
        lists=True,
        returns=answers.Requests,
    ),
    ControlRoute(
        "DELETE", "/requests", clear, "Empty the journal.", {"deleted": "how many"}, returns=answers.Deleted
    ),
    ControlRoute(
        "POST",
        "/requests/count",
        count,
        "How many requests there are of a kind.",
        {"count": "how many"},
        body=CountBody,
        returns=answers.Count,
    ),
    ControlRoute(
        "GET",
        "/requests/wait",
        wait,
        "Block until there are so many.",
        _LIST,
        RequestWaitQuery,
        also={408: "time is up; says what did happen"},
        returns=answers.Requests,
    ),
    ControlRoute(
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
            "fate": _FATE,
            "took": "seconds of real time from arrival to answer, without the scenario's delay",
            "evidence": "what a refusal was based on, or what is doubtful",
            "near_misses": "scenarios that came closest, where the built-in behaviour answered",
            "copies": "as what it can be copied: form and title of each",
            "unshowable": "what cannot be shown and why, where something cannot; here and in the lists",
        },
        RequestQuery,
        also=_NONE,
        returns=Request,
    ),
    ControlRoute(
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
        RequestQuery,
        also=_NONE,
        returns=answers.Explanation,
    ),
    ControlRoute(
        "GET",
        "/requests/<request_id>/copy",
        copy,
        "The request as a command or program that sends it now, or its explanation as text.",
        {"text": "to paste"},
        CopyQuery,
        also=_WHOLE,
        returns=answers.Copy,
    ),
    ControlRoute(
        "GET",
        "/requests/<request_id>/scenario",
        scenario,
        "A scenario file that answers such requests.",
        {"yaml": "to look through, and for POST scenarios"},
        also=_WHOLE,
        returns=answers.ScenarioText,
    ),
)
