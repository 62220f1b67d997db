"""What scenario files may say about Shufti Pro."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.providers.shuftipro import routes
from mock_server.providers.shuftipro.declines import DECLINES, fits
from mock_server.providers.shuftipro.errors import ERRORS
from mock_server.providers.shuftipro.events import (
    ACCEPTED,
    CANCELLED,
    DECLINED,
    DELETED,
    EVENTS,
    REVIEW,
    TIMEOUT,
)
from mock_server.providers.shuftipro.field_types import field_types
from mock_server.providers.shuftipro.handlers import STATUS_OUTCOMES
from mock_server.providers.shuftipro.lifecycle import DECISIONS
from mock_server.providers.shuftipro.magic import OUTCOMES, TABLE
from mock_server.providers.shuftipro.services import SERVICES, paths
from mock_server.providers.shuftipro.signing import SCHEMES
from mock_server.providers.shuftipro.verification import KIND, Verification
from mock_server.scenario.vocabulary import TEXT, Event, FieldType, Operation, Vocabulary

_NONE: frozenset[str] = frozenset()
_NAMED = frozenset({"reference"})
_TEXT = {name: FieldType((TEXT,)) for name in ("reference", "comment")}


_ANSWER = frozenset(
    {
        "reference", "event", "error", "token", "email", "country", "verification_url", "verification_data",
        "verification_result", "info", "proofs", "additional_data", "declined_reason", "declined_codes",
        "services_declined_codes",
    }
)  # fmt: skip
"""Keys at the top of an answer to a verification request."""
_AFTER: Mapping[str, tuple[str, ...]] = {
    REVIEW: ("review", "pending", "received"),
    ACCEPTED: ("accepted", "received", "pending", "review"),
    DECLINED: ("declined", "received", "pending", "review"),
    CANCELLED: ("cancelled", "pending"),
    TIMEOUT: ("timeout", "pending"),
}
"""Event → outcomes of the request after which it is sent."""


def _operations() -> Mapping[str, Operation]:
    rows = (
        Operation(
            routes.VERIFICATION,
            OUTCOMES,
            "POST",
            "/",
            frozenset(paths()),
            _NONE,
            reference_once=True,
            answer=_ANSWER,
            fields=field_types(),
        ),
        Operation(
            routes.STATUS,
            STATUS_OUTCOMES,
            "POST",
            "/status",
            _NAMED | {"get_images"},
            _NONE,
            verification=True,
            fields=_TEXT,
        ),
        Operation(
            routes.DELETE,
            {"deleted": "The data is deleted."},
            "POST",
            "/delete",
            _NAMED | {"comment"},
            _NONE,
            verification=True,
            fields=_TEXT,
        ),
        Operation(
            routes.ACCOUNT_INFO, {"shown": "Name, status and balance."}, "GET", "/account/info/", _NONE, _NONE
        ),
        Operation(
            routes.ACCESS_TOKEN, {"issued": "An access token."}, "POST", "/get/access/token", None, _NONE
        ),
        Operation(
            routes.DECLINE_REASONS, {"listed": "All decline codes."}, "GET", "/decline/reasons/", _NONE, _NONE
        ),
        Operation(
            routes.PROOF,
            {"served": "The file."},
            "POST",
            f"{routes.FILES}{{token}}",
            frozenset({"access_token"}),
            frozenset({"access_token"}),
            True,
            fields={"access_token": FieldType((TEXT,))},
        ),
    )
    return {row.name: row for row in rows}


VOCABULARY = Vocabulary(
    provider="shuftipro",
    operations=_operations(),
    errors={code: kind.meaning for code, kind in ERRORS.items()},
    events={
        name: Event(
            name, kind.callback, kind.description, last=name == DELETED, outcomes=_AFTER.get(name, ())
        )
        for name, kind in EVENTS.items()
    },
    declining="declined",
    undeclined=frozenset({"accepted", "received", "timeout"}),
    declines={code: row.reason for code, row in DECLINES.items()},
    decline_services={
        code: tuple(service for service in SERVICES if fits(code, service)) for code in DECLINES
    },
    statuses=(200, 400, 401, 402, 403, 404, 409, 429, 500, 504, 524),
    services=tuple(SERVICES),
    magic=TABLE,
    decisions={KIND: DECISIONS},
    schemes=tuple(SCHEMES),
    record_fields=frozenset({*Verification.__struct_fields__, "status", "kind", "key", "created"}),
    callback_url="body.callback_url",
)
