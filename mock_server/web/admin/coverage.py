"""``coverage``: which of the vendors' words a run has met, counted since the last reset whatever the journal
has forgotten; or all accounts since the server started, resets included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from mock_server.core.delivery_directives import DIRECTIVES, SIGNED_ONLY
from mock_server.scenario.vocabulary import Vocabulary
from mock_server.store.base import SEEN, Store, Transaction
from mock_server.web.admin import answers
from mock_server.web.admin.problems import unknown
from mock_server.web.admin.table import AdminRequest, ControlRoute, Query, described

RUN = "*run"
"""The store account that keeps what was met before accounts were reset."""
GROUPS = ("operation", "outcome", "error", "status", "event", "request-type", "directive", "decline")


class CoverageQuery(Query):
    """Whose, and which words."""

    all: Annotated[bool, described("1: all accounts since the server started, resets included.")] = False
    provider: Annotated[str, described("Vendor.", "cloudcheck")] = ""
    group: Annotated[str, described(f"Kind of word: {', '.join(GROUPS)}.", "error")] = ""


def show(request: AdminRequest[CoverageQuery, None]) -> dict[str, Any]:
    """Every word there is with how often it was met, in the order of the vendor's tables."""
    query = request.query
    if query.provider and query.provider not in request.service.providers:
        raise unknown("provider", query.provider, request.service.providers)
    if query.group and query.group not in GROUPS:
        raise unknown("group", query.group, GROUPS)
    store = request.service.store
    met = run_counts(store) if query.all else counts(store.counters(request.account.name))
    rows: list[dict[str, Any]] = [
        {
            "provider": name,
            "group": group,
            "word": word,
            "description": description,
            "count": met[name, group, word],
        }
        for name, vocabulary in request.service.vocabularies.items()
        if query.provider in ("", name)
        for group, word, description in words(vocabulary, met)
        if query.group in ("", group)
    ]
    groups = [
        _summary(name, group, [row for row in rows if (row["provider"], row["group"]) == (name, group)])
        for name, group in dict.fromkeys((row["provider"], row["group"]) for row in rows)
    ]
    return {"coverage": rows, "groups": groups, **_sum(rows), "next": None}


def run_counts(store: Store) -> Counter[tuple[str, str, str]]:
    """`counts` of all accounts since the server started, and of what was met before they were reset."""
    return counts(store.totals().counters)


def seen_counters(store: Store, accounts: Iterable[str]) -> list[tuple[str, float]]:
    """What the accounts have met."""
    return [
        (counter, amount)
        for account in accounts
        for counter, amount in store.counters(account).items()
        if counter.startswith(SEEN)
    ]


def add_to_run(store: Store, counters: Sequence[tuple[str, float]]) -> None:
    """Keep what accounts have met, since they are reset."""
    if counters:
        transaction = Transaction(RUN)
        transaction.counters.extend(counters)
        store.commit(transaction)


def counts(counters: Mapping[str, float]) -> Counter[tuple[str, str, str]]:
    """(provider, group, word) → how often, from the tallies that the pipeline keeps."""
    met: Counter[tuple[str, str, str]] = Counter()
    for name, amount in counters.items():
        if not name.startswith(SEEN):
            continue
        provider, group, *words_met = name[len(SEEN) :].split("|")
        times = int(amount)
        if group != "answer":
            met[provider, group, words_met[0]] += times
            continue
        operation, status, outcome, error = words_met
        met[provider, "operation", operation] += times
        met[provider, "status", status] += times
        met[provider, "outcome", f"{operation} {outcome}"] += times if outcome else 0
        met[provider, "error", error] += times if error else 0
    return met


def words(vocabulary: Vocabulary, met: Mapping[tuple[str, str, str], int]) -> list[tuple[str, str, str]]:
    """(group, word, description) of each word of a vendor."""
    name = vocabulary.provider
    rows = [
        ("operation", operation.name, f"{operation.method} {operation.path}")
        for operation in vocabulary.operations.values()
    ]
    for operation in vocabulary.operations.values():
        rows += [
            ("outcome", f"{operation.name} {outcome}", text) for outcome, text in operation.outcomes.items()
        ]
    rows += [("error", code, text) for code, text in vocabulary.errors.items()]
    statuses = {str(status) for status in vocabulary.statuses} | {
        word for owner, group, word in met if (owner, group) == (name, "status")
    }
    rows += [("status", status, "HTTP status") for status in sorted(statuses)]
    rows += [("event", event.name, event.description) for event in vocabulary.events.values()]
    rows += [("request-type", word, "what an event is about") for word in vocabulary.request_types]
    rows += [
        ("directive", directive.name, directive.description)
        for directive in DIRECTIVES.values()
        if vocabulary.schemes or directive.name not in SIGNED_ONLY
    ]
    rows += [("decline", code, text) for code, text in vocabulary.declines.items()]
    return rows


def _summary(provider: str, group: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"provider": provider, "group": group, **_sum(rows)}


def _sum(rows: list[dict[str, Any]]) -> dict[str, Any]:
    met = sum(row["count"] > 0 for row in rows)
    return {"total": len(rows), "met": met, "percent": round(100.0 * met / len(rows), 1) if rows else 100.0}


ROUTES = (
    ControlRoute(
        "GET",
        "/coverage",
        show,
        "Which operations, outcomes, error codes, statuses, events, request types, `deliver` words and decline codes were met "
        "since the last reset.",
        {
            "coverage": "each word with its provider, group, description and count",
            "groups": "total, met and percent of each provider's groups",
            "total": "words there are",
            "met": "words that were met",
            "percent": "of the words",
            "next": "null",
        },
        CoverageQuery,
        returns=answers.Coverage,
    ),
)
