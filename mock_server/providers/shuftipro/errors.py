"""Refusals: what each code means, and the one shape they all have.

Source: the vendor's page "Responses", table "HTTP Status Codes"; the bodies of 402 to 524 are not published.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_server.core.exceptions import ProviderError
from mock_server.providers.shuftipro.events import INVALID, UNAUTHORIZED


class ErrorKind(NamedTuple):
    """One code."""

    status: int
    message: str
    """Said where a refusal does not say more."""
    meaning: str
    event: str = INVALID


ERRORS: Mapping[str, ErrorKind] = {
    INVALID: ErrorKind(
        400, "Bad Request: one or more parameter is invalid or missing", "The parameters are invalid."
    ),
    UNAUTHORIZED: ErrorKind(
        401, "Authorization keys are missing/invalid.", "The credentials are missing or wrong.", UNAUTHORIZED
    ),
    "400": ErrorKind(400, "Bad Request: one or more parameter is invalid or missing", "Bad Request."),
    "401": ErrorKind(401, "Authorization keys are missing/invalid.", "Unauthorized.", UNAUTHORIZED),
    "402": ErrorKind(
        402,
        "Invalid request data: missing required parameters",
        "Request Failed: a required parameter is missing.",
    ),
    "403": ErrorKind(
        403, "Forbidden: service not allowed", "Forbidden: the account may not use the service."
    ),
    "404": ErrorKind(404, "Resource not found", "Not Found."),
    "409": ErrorKind(409, "Conflicting data: already exists", "Conflict: the reference was used before."),
    "413": ErrorKind(413, "The request is too large.", "The body is larger than this server takes."),
    "429": ErrorKind(429, "Too Many Attempts.", "Too Many Requests."),
    "500": ErrorKind(500, "Internal Server Error", "Server Error."),
    "504": ErrorKind(504, "Server error", "Gateway Timeout."),
    "524": ErrorKind(524, "Unofficial Server Error", "A timeout of Cloudflare in front of the vendor."),
}
UNAUTHORIZED_CODES = frozenset(code for code, kind in ERRORS.items() if kind.event == UNAUTHORIZED)
PROXY = frozenset({"504", "524"})
"""Errors of the proxies in front of the vendor, which send a page of their own where the settings say so."""
UNKNOWN_REFERENCE = "The selected reference is invalid."
TAKEN_REFERENCE = "The reference has already been taken."
NO_SERVICE = "The request has no verification service."
UNREGISTERED = "The {} domain is not registered."

_PAGE = """\
<html>
<head><title>{title}</title></head>
<body><center><h1>{title}</h1></center></body>
</html>
"""


def invalid(
    message: str,
    *,
    key: str = "",
    service: str = "",
    status: int = 400,
    evidence: Mapping[str, Any] | None = None,
) -> ProviderError:
    """A ``request.invalid`` to raise."""
    return ProviderError(
        INVALID, message, options={"service": service, "key": key, "status": status}, evidence=evidence
    )


def unauthorized(evidence: Mapping[str, Any]) -> ProviderError:
    """A ``request.unauthorized`` to raise."""
    return ProviderError(UNAUTHORIZED, evidence=evidence)


def envelope(error: ProviderError, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a refusal, with the reference, email and country of the request, if they are texts. A refusal of
    an unauthorized request echoes none of them."""
    kind = kind_of(error)
    fields = {} if kind.event == UNAUTHORIZED else sent
    texts = {
        key: fields[key] for key in ("reference", "email", "country") if isinstance(fields.get(key), str)
    }
    message = error.message if error.message is not None else kind.message
    detail = {
        "service": error.options.get("service", ""),
        "key": error.options.get("key", ""),
        "message": message,
    }
    return {
        "reference": texts.get("reference", ""),
        "event": kind.event,
        "error": detail,
        "email": texts.get("email"),
        "country": texts.get("country"),
    }


def kind_of(error: ProviderError) -> ErrorKind:
    """The kind of a refusal, by its code."""
    return ERRORS.get(str(error.code), ERRORS[INVALID])


def page(error: ProviderError) -> str:
    """The page of a proxy."""
    kind = kind_of(error)
    return _PAGE.format(
        title="524 A timeout occurred" if kind.status == 524 else f"{kind.status} Gateway Time-out"
    )
