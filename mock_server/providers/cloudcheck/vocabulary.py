"""What scenario files may say about Cloudcheck, read off the route table."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import structs

from mock_server.providers.cloudcheck.documents import DATE, DOCUMENTS, FUTURE
from mock_server.providers.cloudcheck.endpoint import NAME, Endpoint
from mock_server.providers.cloudcheck.errors import CODES
from mock_server.providers.cloudcheck.magic import TABLE
from mock_server.providers.cloudcheck.reviews import DECISIONS, spoken
from mock_server.providers.cloudcheck.routes import ENDPOINTS
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.cloudcheck.webhooks import KINDS, PEP, REQUEST_TYPES, REVIEW, request_types_of
from mock_server.scenario.vocabulary import LIST, MAPPING, TEXT, Event, FieldType, Operation, Vocabulary

_DETAILS = {
    "name": ("given", "middle", "family"),
    "address": (
        "street",
        "streetname",
        "streetnumber",
        "suburb",
        "city",
        "postcode",
        "countryCode",
        "country",
    ),
    "watchlist": (
        "residencycountry",
        "citizenshipcountry",
        "whitelist",
        "dateofbirth",
        "dateofbirth.fromyear",
        "dateofbirth.toyear",
    ),
    "country": ("residency", "citizenship"),
    **{document.key: tuple(member.key for member in document.members) for document in DOCUMENTS.values()},
}


def _verify_body() -> frozenset[str]:
    top = {"details", "reference", "consent", "capturereference", "callback", "details.dateofbirth"}
    sections = {f"details.{section}" for section in _DETAILS}
    return frozenset(
        top
        | sections
        | {f"details.{section}.{member}" for section, members in _DETAILS.items() for member in members}
    )


_TEXT = FieldType((TEXT,))
_OBJECTS = frozenset({"details", "details.watchlist.dateofbirth", "review"})
_KNOWN_TEXTS = frozenset(
    {
        "reference", "capturereference", "callback", "notificationUrl", "webhookUrl", "verificationReference", "emailAddress",
        "emailCcAddress", "givenName", "entityNumber", "nzbn", "associationReference", "details.dateofbirth",
    }
)  # fmt: skip
"""Texts on whatever endpoint has them; the numbers that pass in their place by setting are not documented."""


def _verify_fields() -> Mapping[str, FieldType]:
    fields = {f"details.{section}": FieldType((MAPPING, TEXT)) for section in _DETAILS}
    for section in ("name", "address"):
        fields |= {f"details.{section}.{member}": _TEXT for member in _DETAILS[section]}
    for document in DOCUMENTS.values():
        for member in document.members:
            is_date = member.kind in (DATE, FUTURE)
            fields[f"details.{document.key}.{member.key}"] = FieldType(
                (TEXT,), is_date, words_of(member.pattern)
            )
    return {**fields, "details.dateofbirth": FieldType((TEXT,), True)}


def words_of(pattern: re.Pattern[str] | None) -> tuple[str, ...]:
    """The texts that a pattern lists, ``ACT|NSW`` or ``[BGY]``; none of one that does more."""
    text = pattern.pattern if pattern is not None else ""
    if re.fullmatch(r"\w+(\|\w+)+", text):
        return tuple(text.split("|"))
    return tuple(text[1:-1]) if re.fullmatch(r"\[[A-Z]+\]", text) else ()


def _fields(body: frozenset[str] | None) -> Mapping[str, FieldType]:
    """What is known of the paths."""
    known = {
        **dict.fromkeys(_KNOWN_TEXTS, _TEXT),
        **dict.fromkeys(_OBJECTS, FieldType((MAPPING,))),
        **_verify_fields(),
        "consent": FieldType((TEXT,), values=("Yes",)),
        "associationReferences": FieldType((LIST,)),
    }
    return {path: known[path] for path in sorted(body or ()) if path in known}


_KINDS = {"verify": "verification", "live": "capture", "watchlist": "association"}
"""Product → kind of its records, where they differ."""


_ANSWERS = {
    f"{name}{call}": key
    for key, names, calls in (
        ("verification", ("verify",), ("", "-response")),
        ("capture", ("live",), ("", "-response")),
        ("akahu", ("akahu",), ("-initiate", "-results")),
        ("credfin", ("credfin",), ("-initiate", "-results")),
        ("idscan", ("idscan",), ("-initiate", "-results")),
        ("document", ("doc",), ("-runcheck", "-results")),
        ("form", ("forms",), ("-create", "-results")),
        ("go", ("go",), ("-create", "-results")),
    )
    for name in names
    for call in calls
}
"""Operation → the only key at the top of its answers, where it is the only one."""


def _operation(endpoint: Endpoint) -> Operation:
    body = _verify_body() if endpoint.name == "verify" else endpoint.body
    if body is None and endpoint.method == "GET":
        body = frozenset()
    kind = _KINDS.get(endpoint.permission, endpoint.permission)
    about = REQUEST_TYPES.get(kind, "")
    return Operation(
        endpoint.name,
        endpoint.outcomes,
        endpoint.method,
        endpoint.path,
        body,
        endpoint.params,
        endpoint.names_record,
        about,
        _fields(body),
        frozenset({_ANSWERS[endpoint.name]}) if endpoint.name in _ANSWERS else frozenset(),
    )


VOCABULARY = Vocabulary(
    provider=NAME,
    operations={endpoint.name: _operation(endpoint) for endpoint in ENDPOINTS},
    errors={str(code): row.reason for code, row in CODES.items()},
    events={
        PEP: Event(
            PEP,
            True,
            "A reviewer has decided about the match of a verification or of ongoing monitoring.",
            request_types_of(PEP),
            reviews=True,
        ),
        REVIEW: Event(
            REVIEW,
            True,
            "A reviewer has decided about a Live, IDscan, Akahu, Credfin or Document Check request.",
            request_types_of(REVIEW),
            reviews=True,
        ),
        "notification": Event(
            "notification", False, "The call of a request's notificationUrl when the customer has finished."
        ),
    },
    statuses=(200, 429),
    request_types=tuple(KINDS),
    magic=TABLE,
    decisions={kind: tuple(map(spoken, words)) for kind, words in DECISIONS.items()},
    temporary_error="111",
    review_notes=True,
)


def vocabulary(settings: Settings) -> Vocabulary:
    """The words under these settings."""
    words = structs.replace(VOCABULARY, time_zone=settings.timezone)
    if settings.webhook_pairs == "specification":
        return words
    events = {name: structs.replace(event, request_types=()) for name, event in VOCABULARY.events.items()}
    return structs.replace(words, events=events)
