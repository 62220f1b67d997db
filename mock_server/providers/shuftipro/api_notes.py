"""What descriptions of the API say of Shufti Pro, read off the tables that check requests."""

from __future__ import annotations

from typing import Any

from mock_server.providers.answer_types import load
from mock_server.providers.api_notes import ApiNotes
from mock_server.providers.shuftipro.declines import DECLINES
from mock_server.providers.shuftipro.endpoints import ENDPOINTS
from mock_server.providers.shuftipro.events import EVENTS
from mock_server.providers.shuftipro.routes import (
    ACCESS_TOKEN,
    DELETE,
    PROOF,
    STATUS,
    VERIFICATION,
)
from mock_server.providers.shuftipro.services import COMMON, SERVICES, ServiceField, fields

_SIGNING = """\
Requests are JSON with Basic authentication (client id and secret key), or with a Bearer token of `POST /get/access/token`.

Answers and callbacks carry `Signature`: the SHA-256, in lower-case hex, of the raw body followed by the SHA-256 (lower-case hex)
of the secret key. Accounts of before March 2023 (`signature: legacy`) have the secret key itself in place of its hash."""
_SCREENING = {
    "reference": "customer-1",
    "background_checks": {"name": {"first_name": "Ingrid", "last_name": "Solvang"}, "dob": "1979-11-04"},
}


def _limit(field: ServiceField) -> dict[str, Any]:
    """Of a text, its length; of a number, its bounds."""
    if field.kind in ("text", "email", "url", "phone", "country"):
        low = {"minLength": field.low} if field.low else {}
        return {**low, **({"maxLength": field.high} if field.high else {})}
    if field.kind in ("number", "minutes"):
        return {"minimum": field.low, **({"maximum": field.high} if field.high else {})}
    if field.kind in ("list", "filters") and field.values and field.kind == "list":
        return {"items": {"type": "string", "enum": list(field.values)}}
    return {}


NOTES = ApiNotes(
    server="https://api.shuftipro.com",
    signing=_SIGNING,
    schemes={
        "basic": {"type": "http", "scheme": "basic", "description": "Client id and secret key."},
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access token, for one request."},
    },
    security={
        operation: ("basic",) if operation == ACCESS_TOKEN else ("basic", "bearer")
        for operation in ENDPOINTS
        if operation != PROOF
    },
    limits={path: limit for path, field in fields() if (limit := _limit(field))},
    required={
        VERIFICATION: (
            *(field.key for field in COMMON if field.required),
            *(
                f"{service.name}.{field.key}"
                for service in SERVICES.values()
                for field in service.fields
                if field.required
            ),
        ),
        STATUS: ("reference",),
        DELETE: ("reference", "comment"),
    },
    examples={
        VERIFICATION: _SCREENING,
        STATUS: {"reference": "customer-1"},
        DELETE: {"reference": "customer-1", "comment": "Asked for by the customer"},
    },
    answers=load(
        "mock_server.providers.shuftipro",
        {
            "Event": {"type": "string", "enum": list(EVENTS)},
            "DeclineCode": {"type": "string", "enum": list(DECLINES)},
            "Verdict": {
                "enum": [0, 1, None],
                "description": "1: accepted, 0: declined, null: not processed.",
            },
            "Percent": {"type": "integer", "minimum": 0, "maximum": 100},
            "Day": {"type": "string", "format": "date"},
            "EmptyList": {"type": "array", "items": {}, "maxItems": 0},
        },
    ),
    callback="Verification",
    sent={
        VERIFICATION: {**_SCREENING, "reference": "{{$guid}}"},
        STATUS: {"reference": "{{verification.reference}}"},
        DELETE: {"reference": "{{verification.reference}}", "comment": "Asked for by the customer"},
    },
    refused=frozenset({PROOF}),
    last=(DELETE,),
    postman_test='pm.test("answered", () => pm.expect(pm.response.code === 200).to.equal(!refused));',
    refusals={
        operation: {"429": ("TooManyRequests", "Refusal"), "default": ("Refusal",)} for operation in ENDPOINTS
    },
)
