"""The events, and the bodies that carry nothing but an event.

Source: the vendor's page "Responses", table "Response Events", its help centre, and recorded bodies for the
order of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_server.providers.shuftipro.settings import Settings
from mock_server.providers.shuftipro.verification import Verification

PENDING = "request.pending"
INVALID = "request.invalid"
UNAUTHORIZED = "request.unauthorized"
RECEIVED = "request.received"
TIMEOUT = "request.timeout"
DELETED = "request.deleted"
DATA_CHANGED = "request.data.changed"
REVIEW = "review.pending"
ACCEPTED = "verification.accepted"
DECLINED = "verification.declined"
CANCELLED = "verification.cancelled"
STATUS_CHANGED = "verification.status.changed"


class EventKind(NamedTuple):
    """One event."""

    http: bool
    """Occurs in answers."""
    callback: bool
    """Is sent as a callback."""
    description: str
    final: bool = False
    """The verification stays so until somebody changes it."""


EVENTS: Mapping[str, EventKind] = {
    INVALID: EventKind(True, False, "The parameters of the request are invalid."),
    UNAUTHORIZED: EventKind(True, False, "The credentials of the request are invalid."),
    PENDING: EventKind(
        True, True, "The request is valid; the user has still to verify at the verification_url."
    ),
    RECEIVED: EventKind(True, True, "The request is valid; its result comes by callback."),
    REVIEW: EventKind(True, True, "The verification waits for a reviewer."),
    ACCEPTED: EventKind(True, True, "The verification was accepted.", True),
    DECLINED: EventKind(True, True, "The verification was declined.", True),
    CANCELLED: EventKind(True, True, "The user has cancelled the verification.", True),
    TIMEOUT: EventKind(True, True, "The verification_url has expired unused.", True),
    STATUS_CHANGED: EventKind(
        False, True, "A finished verification has been decided otherwise; ask for its status."
    ),
    DATA_CHANGED: EventKind(False, True, "The data of a verification has been edited in the back office."),
    DELETED: EventKind(True, True, "The request and its data have been deleted.", True),
}

RESULTS = frozenset({ACCEPTED, DECLINED})
OPEN = frozenset({PENDING, RECEIVED, REVIEW})
"""Not finished yet."""
NOTICES = frozenset({STATUS_CHANGED, DATA_CHANGED, DELETED})
"""Reference and event, and nothing else."""


def body(event: str, verification: Verification, settings: Settings, token: str) -> dict[str, Any]:
    """The body of an event without a result."""
    payload: dict[str, Any] = {"reference": verification.reference, "event": event}
    if _has_error(event, settings):
        payload["error"] = ""
    if settings.has_token and event not in NOTICES:
        payload["token"] = token
    if event == PENDING:
        payload["verification_url"] = verification.url
    if event in (PENDING, RECEIVED):
        payload |= {"email": verification.email, "country": verification.country}
    if event == CANCELLED and verification.codes:
        payload |= verification.codes
    return payload


def _has_error(event: str, settings: Settings) -> bool:
    """Whether the body has an empty ``error``."""
    if event == PENDING:
        return settings.pending_has_error_key
    return event in (CANCELLED, TIMEOUT) and settings.closing_has_error_key
