"""Error codes, their texts, and the two shapes of an error answer (overview page, "Error Codes")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_server.core.exceptions import ProviderError
from mock_server.providers.cloudcheck.settings import Position, Settings


class Code(NamedTuple):
    """One row of the vendor's table."""

    message: str
    """What the answer says. Texts of 101, 102 and 107 are known, the others are ours."""
    reason: str
    """What the vendor's page says."""
    gate: bool = False
    """Found before the endpoint looks at the request: such errors stand in the same place on every
    endpoint."""


CODES: Mapping[int, Code] = {
    101: Code("Invalid access key supplied.", "Access key is missing or incorrect.", gate=True),
    102: Code(
        "Please check the required fields are all supplied.",
        "One of the required fields is missing or empty.",
    ),
    103: Code(
        "The timestamp is older than the maximum allowed.",
        "The timestamp is older than the maximum allowed.",
        gate=True,
    ),
    104: Code(
        "The nonce has been previously used.",
        "The supplied nonce parameter has been previously used.",
        gate=True,
    ),
    105: Code(
        "Invalid verification token supplied.",
        "The supplied verification token is not associated with a request of this access key.",
    ),
    106: Code(
        "The signature supplied is invalid.",
        "The signature calculated does not match the signature supplied.",
        gate=True,
    ),
    107: Code(
        "A parameter was supplied in an invalid format.", "A parameter was supplied in an invalid format."
    ),
    108: Code(
        "You do not have permission to access this resource.",
        "You do not have permission to access this resource.",
        gate=True,
    ),
    110: Code("The query did not return any results.", "The query did not return any results."),
    111: Code("The query failed.", "The query failed for an unspecified reason."),
    112: Code(
        "The query could not be performed.", "The query could not be performed for an unspecified reason."
    ),
    113: Code(
        "The operation could not be performed.",
        "The operation could not be performed for an unspecified reason.",
    ),
}
"""109 is not listed by the vendor and never returned."""

CONSENT = "You must obtain consent to run a verification."
IDENTIFICATION = "Please check the format of the supplied identification details."
NO_DETAILS = "Mandatory details missing."
NO_NAME = "Name is missing."
NO_BIRTH = "Date of birth is missing."

NESTED: Position = "nested"
TOP: Position = "top"


def code_of(error: ProviderError) -> int:
    """The vendor's code; 113 for what has none, such as a path that does not exist."""
    try:
        code = int(error.code)
    except ValueError:
        return 113
    return code if code in CODES else 113


def payload(error: ProviderError, code: int) -> dict[str, Any]:
    """``error`` (a number), ``message``, and where known ``fields`` and ``errorDetail`` (each a text joined
    by ``, ``)."""
    answer: dict[str, Any] = {"error": code, "message": error.message or CODES[code].message}
    if error.fields:
        answer["fields"] = ", ".join(error.fields)
    if error.detail:
        answer["errorDetail"] = ", ".join(error.detail)
    return answer


def position(
    operation: str, usual: Position, code: int, error: ProviderError, settings: Settings
) -> Position:
    """Where the error stands. The endpoint's own setting decides about all its errors, else ``gate`` about
    those of the gate."""
    chosen = settings.error_position.get(operation)
    if chosen is not None:
        return chosen
    if CODES[code].gate or error.options.get("gate"):
        return settings.error_position.get("gate", NESTED)
    return usual


def status(error: ProviderError, settings: Settings) -> int:
    """HTTP status: 200 unless set otherwise (vendor's SDK parses errors of successful answers only), or the
    error's own."""
    own = error.options.get("status")
    return own if isinstance(own, int) else settings.error_status


def invalid(
    *fields: str,
    message: str | None = None,
    detail: tuple[str, ...] = (),
    evidence: Mapping[str, Any] | None = None,
) -> ProviderError:
    """107."""
    return ProviderError(107, message, fields=fields, detail=detail, evidence=evidence)


def unknown(received: str, *fields: str) -> ProviderError:
    """105: a token or reference that is not this account's."""
    remedy = (
        "use one that an earlier answer gave to this account, not your own reference; a reset forgets them"
    )
    return ProviderError(
        105, fields=fields, evidence={"check": "token", "received": received[:200], "remedy": remedy}
    )


def missing(*fields: str, message: str | None = None, detail: tuple[str, ...] = ()) -> ProviderError:
    """102."""
    return ProviderError(102, message, fields=fields, detail=detail)
