"""What ``data`` has to be, and the rules of ``details`` in the order in which they are checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mock_server.core.clock import parse_day
from mock_server.providers.cloudcheck import errors
from mock_server.providers.cloudcheck.documents import (
    DATE,
    DOCUMENTS,
    EXPIRED_PASSPORT,
    EXPIRY,
    FUTURE,
    HINTS,
    IDENTIFICATION_FIELDS,
    YEAR,
    DocumentType,
    Member,
    any_member,
    given_documents,
)
from mock_server.providers.cloudcheck.endpoint import settings_of
from mock_server.providers.cloudcheck.formats import today
from mock_server.providers.cloudcheck.json_codec import parse
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.cloudcheck.unread import data_problem
from mock_server.providers.context import RequestContext, StashKey

_NAME = (("given", "givenName"), ("middle", "middleName"), ("family", "familyName"))
_ADDRESS = frozenset({"street", "streetname", "streetnumber", "suburb", "city", "postcode", "countryCode"})


def read_data(context: RequestContext) -> dict[str, Any]:
    """The parameter ``data`` as an object, also put into ``context.body``, with its ``reference`` in
    ``context.reference``.

    Raises 107 naming ``data`` for anything except a JSON object, and naming the field for a reference that is not
    text."""
    try:
        body = parse(context.params["data"])
    except ValueError as error:
        evidence = data_problem(context.params["data"], error).evidence()
        raise errors.invalid("data", detail=(_readable(error),), evidence=evidence) from None
    if not isinstance(body, dict):
        evidence = data_problem(context.params["data"]).evidence()
        raise errors.invalid("data", detail=("The data parameter must be a JSON object",), evidence=evidence)
    context.body = body
    context.reference = text_of(body, "reference", "reference", settings_of(context))
    return body


def _readable(error: ValueError) -> str:
    return f"The data parameter is not valid JSON: {str(error)[:150]}".replace(", ", "; ")


def text_of(holder: Mapping[str, Any], key: str, field: str, settings: Settings) -> str:
    """The text under the key, empty where absent or null. Raises 107 for another type (whole numbers pass by
    setting)."""
    value = holder.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if settings.numbers_as_text and isinstance(value, int) and not isinstance(value, bool):
        return str(value) if -(10**18) < value < 10**18 else "0"
    raise errors.invalid(field)


def require_consent(body: Mapping[str, Any]) -> None:
    """102 where ``consent`` is absent or empty, 107 where it is anything but ``Yes``."""
    consent = body.get("consent")
    if consent == "Yes":
        return
    if consent is None or consent == "":
        raise errors.missing("consent", message=errors.CONSENT)
    raise errors.invalid("consent", message=errors.CONSENT)


TO_CHECK: StashKey[list[DocumentType]] = StashKey()
"""The documents that `check_verification` has found."""


def check_verification(context: RequestContext) -> None:
    """``data`` of ``/verify/``: JSON, consent, details, date of birth, name, documents."""
    settings = settings_of(context)
    body = read_data(context)
    require_consent(body)
    if settings.reference_required and not context.reference:
        raise errors.missing("reference")
    text_of(body, "capturereference", "captureReference", settings)
    details = body.get("details")
    if details is None or details == {}:
        raise errors.missing("details", message=errors.NO_DETAILS)
    if not isinstance(details, dict):
        raise errors.invalid("details")
    day = today(context.now, settings.timezone)
    _check_birth(details, day, settings)
    check_name(details, settings)
    _check_address(details, settings)
    _check_hints(details, settings)
    context.stash[TO_CHECK] = _check_documents(details, day, settings)


def _check_birth(details: Mapping[str, Any], day: date, settings: Settings) -> None:
    born = text_of(details, "dateofbirth", "dateOfBirth", settings)
    if not born:
        raise errors.missing("dateOfBirth", message=errors.NO_BIRTH)
    parsed = parse_day(born)
    if parsed is None:
        raise errors.invalid("dateOfBirth", detail=("Your Date of Birth must be in the format yyyy-MM-dd",))
    if parsed > day:
        raise errors.invalid("dateOfBirth", detail=("Your Date of Birth must be in the past",))


def check_name(details: Mapping[str, Any], settings: Settings) -> None:
    """102 for no name or no family name, 107 for parts that are not text."""
    name = details.get("name")
    if name is None or name == {}:
        raise errors.missing("givenName", "familyName", message=errors.NO_NAME)
    if not isinstance(name, dict):
        raise errors.invalid("name")
    for key, field in _NAME:
        if type(name.get(key)) is not str:
            text_of(name, key, field, settings)
    if not str(name.get("family") or "").strip():
        raise errors.missing("familyName")


def _check_address(details: Mapping[str, Any], settings: Settings) -> None:
    for key, value in section(details, "address").items():
        if type(value) is not str and key in _ADDRESS:
            text_of({key: value}, key, key, settings)


def _check_hints(details: Mapping[str, Any], settings: Settings) -> None:
    if "watchlist" not in details and "country" not in details:
        return
    watchlist = section(details, "watchlist")
    holders = {
        "watchlist": watchlist,
        "watchlist.dateofbirth": section(watchlist, "dateofbirth", "watchlistDateOfBirth"),
        "country": section(details, "country"),
    }
    malformed = [
        field for key, holder in holders.items() for field in _faults(holder, HINTS[key], settings)[1]
    ]
    if malformed:
        raise errors.invalid(*malformed)


def section(details: Mapping[str, Any], key: str, field: str = "") -> Mapping[str, Any]:
    """An object within ``details``; empty where absent, null, empty text or with nothing but empty members.
    107 for anything else."""
    value = details.get(key)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise errors.invalid(field or key)
    return value if any_member(value) else {}


def _faults(
    holder: Mapping[str, Any], members: Sequence[Member], settings: Settings
) -> tuple[list[str], list[str]]:
    """The vendor's names of the members that are missed, and of those that are malformed."""
    absent, malformed = [], []
    for member in members:
        text = text_of(holder, member.key, member.field, settings)
        if text == "":
            absent += [member.field] if member.required else []
        elif not (
            member.pattern.fullmatch(text) if member.pattern is not None else is_kind(member.kind, text)
        ):
            malformed.append(member.field)
    return absent, malformed


def _check_documents(details: Mapping[str, Any], day: date, settings: Settings) -> list[DocumentType]:
    """The documents that a source can check."""
    documents = [
        (DOCUMENTS[key], holder) for key in given_documents(details) if (holder := section(details, key))
    ]
    if not documents:
        return []
    absent: list[str] = []
    malformed: list[str] = []
    for document, holder in documents:
        missed, unfit = _faults(holder, document.members, settings)
        absent += missed
        malformed += unfit
    if absent:
        raise errors.missing(*absent)
    if malformed:
        raise errors.invalid(*malformed, message=errors.IDENTIFICATION)
    usable = [document for document, holder in documents if not _expired(document, holder, day, settings)]
    if not usable:
        raise errors.missing(*IDENTIFICATION_FIELDS, detail=(EXPIRED_PASSPORT,))
    return usable


def is_kind(kind: str, text: str) -> bool:
    """Whether the text has the format of a `Member.kind`."""
    if kind in (DATE, FUTURE):
        return parse_day(text) is not None
    return kind != YEAR or (len(text) == 4 and text.isascii() and text.isdigit())


def _expired(document: DocumentType, holder: Mapping[str, Any], day: date, settings: Settings) -> bool:
    """Whether no source can be asked about the document any more: it expires today or earlier."""
    member = EXPIRY.get(document.key)
    expiry = None if member is None else parse_day(text_of(holder, member.key, member.field, settings))
    return expiry is not None and expiry <= day


def check_reference_only(context: RequestContext) -> None:
    """``data`` of an endpoint with nothing mandatory in it."""
    read_data(context)


def check_url(body: Mapping[str, Any], key: str, settings: Settings, *, required: bool = False) -> str:
    """A URL "with protocol" (vendor's pages). 102 where a mandatory one is absent, 107 for one without
    http(s)."""
    url = text_of(body, key, key, settings)
    if not url:
        if required:
            raise errors.missing(key)
        return ""
    if (
        not url.lower().startswith(("http://", "https://"))
        or len(url) > 4000
        or any(ord(c) <= 32 or 0xD800 <= ord(c) < 0xE000 for c in url)
    ):
        raise errors.invalid(key)
    return url
