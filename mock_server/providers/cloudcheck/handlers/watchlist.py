"""Ongoing monitoring: associations are created, listed, matched, reviewed and deleted.

Paths and limits of create and delete are the vendor's ("Cloudcheck Watchlist Monitoring API"), the reading
side is what a production client reads, the JSON of create and delete mirrors it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from mock_server.core.records import Record
from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck import errors
from mock_server.providers.cloudcheck.endpoint import NAME, Callbacks, Endpoint, data_of, reply, settings_of
from mock_server.providers.cloudcheck.errors import NESTED
from mock_server.providers.cloudcheck.formats import parse_long, stamp
from mock_server.providers.cloudcheck.json_codec import encode
from mock_server.providers.cloudcheck.monitoring import (
    ACTIVE,
    ALERT,
    DECISIONS,
    DELETED,
    KIND,
    add_match,
    decided,
    find,
    known,
    make,
    row,
    whole,
)
from mock_server.providers.cloudcheck.records import keep
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.cloudcheck.validation import read_data, text_of
from mock_server.providers.cloudcheck.webhooks import follow
from mock_server.providers.context import RequestContext, StashKey

MOST = 1000
"""Associations in one call of create or delete."""
LARGEST_PAGE, USUAL_PAGE = 10_000, 1000
_PEIDS = re.compile(r"[0-9, ]*")


# -- create
# -----------------------------------------------------------------------------------------------------
def check_create(context: RequestContext) -> None:
    """1 to 1,000 ``associations``: a person with a family name, or an entity with a name."""
    for association in _objects(context, "associations"):
        _check_association(association, settings_of(context))


def _objects(context: RequestContext, key: str) -> list[dict[str, Any]]:
    associations = _list(context, key)
    if not all(isinstance(item, dict) for item in associations):
        raise errors.invalid(key)
    return associations


def _list(context: RequestContext, key: str) -> list[Any]:
    items = read_data(context).get(key)
    if items is None or items == []:
        raise errors.missing(key)
    if not isinstance(items, list):
        raise errors.invalid(key)
    if len(items) > MOST:
        raise errors.invalid(key, detail=(f"At most {MOST} associations are allowed in one request",))
    return items


def _check_association(association: Mapping[str, Any], settings: Settings) -> None:
    for key in ("reference", "countryCode"):
        text_of(association, key, key, settings)
    kind = text_of(association, "type", "type", settings).upper() or "PERSON"
    if kind not in ("PERSON", "ENTITY"):
        raise errors.invalid("type")
    if not _PEIDS.fullmatch(text_of(association, "whitelistPeids", "whitelistPeids", settings)):
        raise errors.invalid("whitelistPeids")
    detail = association.get("personDetail" if kind == "PERSON" else "entityDetail")
    if detail is not None and not isinstance(detail, dict):
        raise errors.invalid("personDetail" if kind == "PERSON" else "entityDetail")
    if kind == "ENTITY":
        if not text_of(detail or {}, "name", "entityName", settings).strip():
            raise errors.missing("entityName")
        return
    name = (detail or {}).get("name")
    if name is not None and not isinstance(name, dict):
        raise errors.invalid("name")
    parts = {key: text_of(name or {}, key, f"{key}Name", settings) for key in ("given", "middle", "family")}
    if not parts["family"].strip():
        raise errors.missing("familyName")
    text_of(detail or {}, "gender", "gender", settings)
    born = text_of(detail or {}, "birthYear", "birthYear", settings)
    if born and not re.fullmatch(r"[0-9]{4}", born):
        raise errors.invalid("birthYear")


ASSOCIATIONS: StashKey[list[tuple[Record, dict[str, Any]]]] = StashKey()
"""Those that are created, with what they hold."""


def create(context: RequestContext, outcome: str) -> PendingResponse:
    """A reference for each; ``alert`` gives every one a match at once."""
    rows, associations = [], []
    for index, association in enumerate(context.body["associations"]):
        record, data = make(context, index, association, matched=outcome == "alert")
        rows.append({"reference": data["reference"], "associationReference": record.key})
        associations.append((record, data))
    context.stash[ASSOCIATIONS] = associations
    return reply(context, {"associations": rows})


def keep_created(context: RequestContext, pending: PendingResponse, callbacks: Callbacks) -> None:
    """A record for each association."""
    records = [record.replace(data=encode(data)) for record, data in context.stash.get(ASSOCIATIONS, ())]
    for record in records:
        context.remember(record)
    if callbacks:
        follow(context, records[0] if records else None, callbacks)


# -- delete
# -----------------------------------------------------------------------------------------------------
def check_delete(context: RequestContext) -> None:
    """1 to 1,000 ``associationReferences``, all of them this account's and not deleted, else 105 and none
    is."""
    references = _list(context, "associationReferences")
    if not all(isinstance(reference, str) for reference in references):
        raise errors.invalid("associationReferences")
    for reference in references:
        find(context, reference)


def delete(context: RequestContext, outcome: str) -> PendingResponse:
    """Monitoring ends; the associations stay listed as deleted."""
    rows = []
    now = stamp(context.now, settings_of(context).timezone)
    for record in map(partial(find, context), dict.fromkeys(context.body["associationReferences"])):
        data = data_of(record)
        data["deletedDate"] = data["deletedDate"] or now
        rows.append({"reference": data["reference"], "associationReference": record.key})
        context.remember(record.replace(status=DELETED, data=encode(data)))
    return reply(context, {"associations": rows})


class _Page(NamedTuple):
    """What a list is asked for."""

    size: int
    cursor: int


PAGE: StashKey[_Page] = StashKey()


# -- list and get
# -------------------------------------------------------------------------------------------------
def check_list(context: RequestContext) -> None:
    """``pageSize`` 1 to 10,000, ``cursor`` a whole number, filters ``true`` or ``false``."""
    size = parse_long(context.params.get("pageSize") or str(USUAL_PAGE))
    if size is None or not 0 < size <= LARGEST_PAGE:
        raise errors.invalid("pageSize")
    cursor = parse_long(context.params.get("cursor") or "0")
    if cursor is None or cursor < 0:
        raise errors.invalid("cursor")
    context.stash[PAGE] = _Page(size, cursor)
    for name in ("filterAlertOnly", "filterIsDeleted"):
        if (context.params.get(name) or "false").lower() not in ("true", "false"):
            raise errors.invalid(name)


def listed(context: RequestContext, outcome: str) -> PendingResponse:
    """One page, in order of creation. A cursor is a position in that order, so changes between two pages move no
    row to another page."""
    size, cursor = context.stash[PAGE]
    statuses = _selected_statuses(context)
    page: list[dict[str, Any]] = []
    meta: dict[str, Any] = {}
    records = context.store.records(context.account.name, NAME, KIND)
    for place, record in enumerate(records[cursor:], cursor):
        if record.status in statuses:
            if len(page) == size:
                meta["nextCursor"] = str(place)
                break
            page.append(row(data_of(record)))
    return reply(context, {"associations": page, "meta": {**meta, "messages": []}})


def _selected_statuses(context: RequestContext) -> frozenset[str]:
    alerting = (context.params.get("filterAlertOnly") or "false").lower() == "true"
    standing = frozenset({ALERT}) if alerting else frozenset({ACTIVE, ALERT})
    if (context.params.get("filterIsDeleted") or "false").lower() != "true":
        return standing
    return frozenset({DELETED}) if settings_of(context).deleted_filter == "only" else standing | {DELETED}


def check_get(context: RequestContext) -> None:
    """105 for an association that is not this account's."""
    context.record = find(context, context.params["associationReference"])
    context.reference = data_of(context.record)["reference"] or context.record.key


def get(context: RequestContext, outcome: str) -> PendingResponse:
    """The association with its matches, and ``country`` in place of ``countryCode``; ``alert`` finds a new
    match first."""
    record = context.record
    assert record is not None
    data = data_of(record)
    if outcome == "alert" and record.status != DELETED:
        add_match(context, data)
        context.remember(record.replace(status=ALERT if data["hasAlerts"] else ACTIVE, data=encode(data)))
    return reply(context, whole(data))


# -- review
# -------------------------------------------------------------------------------------------------------
def check_review(context: RequestContext) -> None:
    """``associationReference`` and ``review`` with a ``matchId`` of it and a ``decision``."""
    body = read_data(context)
    settings = settings_of(context)
    reference = text_of(body, "associationReference", "associationReference", settings)
    context.record = known(context, reference)
    review = body.get("review")
    absent = [name for name, value in (("associationReference", reference), ("review", review)) if not value]
    if absent:
        raise errors.missing(*absent)
    if not isinstance(review, dict):
        raise errors.invalid("review")
    match_id, decision, _ = (text_of(review, key, key, settings) for key in ("matchId", "decision", "notes"))
    absent = [name for name, value in (("matchId", match_id), ("decision", decision)) if not value]
    if absent:
        raise errors.missing(*absent)
    if decision not in DECISIONS:
        raise errors.invalid("decision")
    context.record = find(context, reference)
    if not any(match["matchId"] == match_id for match in data_of(context.record)["matches"]):
        raise errors.unknown(match_id, "matchId")
    context.reference = data_of(context.record)["reference"] or context.record.key


def review(context: RequestContext, outcome: str) -> PendingResponse:
    """The decision is entered in the match. No webhook: those tell of reviews made in Cloudcheck Direct."""
    assert context.record is not None
    posted = context.body["review"]
    context.record = decided(
        context, context.record, posted["matchId"], posted["decision"], str(posted.get("notes") or ""), "api"
    )
    return reply(context, {"result": settings_of(context).monitoring_result})


_CREATE_BODY = frozenset(
    {
        "reference",
        "associations",
        "associations.*",
        "associations.*.*",
        "associations.*.personDetail.*",
        "associations.*.personDetail.name.*",
        "associations.*.entityDetail.*",
    }
)
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "watchlist-create",
        "POST",
        "/watchlist/create-associations/",
        "watchlist",
        {"created": "Monitored; the magic names have a match.", "alert": "Monitored, each with a match."},
        create,
        check_create,
        keep_created,
        required=("data",),
        position=NESTED,
        body=_CREATE_BODY,
    ),
    Endpoint(
        "watchlist-delete",
        "POST",
        "/watchlist/delete-associations/",
        "watchlist",
        {"deleted": "No longer monitored."},
        delete,
        check_delete,
        keep,
        required=("data",),
        position=NESTED,
        body=frozenset({"associationReferences", "associationReferences.*"}),
    ),
    Endpoint(
        "watchlist-list",
        "GET",
        "/watchlist/associations/",
        "watchlist",
        {"listed": "One page."},
        listed,
        check_list,
        keep,
        position=NESTED,
    ),
    Endpoint(
        "watchlist-get",
        "GET",
        "/watchlist/association/",
        "watchlist",
        {"found": "The association with its matches.", "alert": "Monitoring has just found a match."},
        get,
        check_get,
        keep,
        required=("associationReference",),
        position=NESTED,
        names_record=True,
    ),
    Endpoint(
        "watchlist-review",
        "POST",
        "/watchlist/review-match/",
        "watchlist",
        {"reviewed": "The decision is entered."},
        review,
        check_review,
        keep,
        required=("data",),
        position=NESTED,
        names_record=True,
        body=frozenset({"associationReference", "review", "review.*"}),
    ),
)
