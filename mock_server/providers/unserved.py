"""Requests that no vendor serves: whose they probably are, what is wrong with them, and what is answered
where no vendor does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

import msgspec

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Refusal
from mock_server.providers.context import RequestContext
from mock_server.providers.nearest import Near, nearest
from mock_server.providers.routing import ADMIN, EndpointRow, Routed

_SHOWN = 200
"""Characters of a path that an explanation repeats."""
_CONTROL = 0.75
"""How alike the first part of a path and ``__admin`` are at least, of 1, for the control API to be meant."""
_LISTED = (
    "check the client's base URL, which ends with the port; GET /__admin/vocabulary lists the vendors' paths"
)


class Recogniser(Routed, Protocol):
    """The part of a provider that is needed to guess whom a request is for."""

    def recognise(self, context: RequestContext) -> bool:
        """Whether the request carries credentials of this vendor. Enters the account that they name, where
        there is one.

        Asked where a request is refused before its account is known. Checks, claims and raises nothing."""
        ...


R = TypeVar("R", bound=Recogniser)


def evidence(refusal: Refusal) -> dict[str, Any]:
    """What the journal notes of an adapter's refusal."""
    return {"check": refusal.check, "explanation": refusal.explanation, "remedy": refusal.remedy}


def phrase(status: int) -> str:
    """``Not Found``."""
    return HTTPStatus(status).phrase


def problem(status: int, reason: Mapping[str, Any]) -> bytes:
    """A problem document (RFC 9457) as in the control API, for a request that fits no vendor."""
    shown = {
        "type": "about:blank",
        "title": phrase(status),
        "status": status,
        "detail": reason["explanation"],
        "remedy": reason["remedy"],
    }
    return msgspec.json.encode(shown) + b"\n"


def plain(refusal: Refusal) -> str:
    """The text that answers what an adapter refuses."""
    return f"{refusal.explanation}; {refusal.remedy}\n"


def error_of(vendor: Routed, method: str, path: str) -> ProviderError:
    """The vendor's own error for a method or path that it does not serve."""
    try:
        vendor.operation(method, path)
    except ProviderError as error:
        return error
    return ProviderError("404")


def joined(evidence: Mapping[str, Any], cause: Mapping[str, Any]) -> dict[str, Any]:
    """The vendor's evidence and the `cause`; a ``note`` of the vendor's on its paths is part of the
    remedy."""
    note = evidence.get("note") if cause["check"] == "path" else None
    return {**evidence, **cause, **({"remedy": f"{cause['remedy']}; {note}"} if note else {})}


def vendor_of(context: RequestContext, vendors: Mapping[str, R]) -> R | None:
    """Whom a request is probably for: by its credentials, its host name, or the nearest path. Enters the
    account of the credentials."""
    seeming = None
    for vendor in vendors.values():
        if vendor.recognise(context):
            seeming = seeming or vendor
            if context.entered:
                return vendor
    if seeming is not None:
        return seeming
    labels = context.request.headers.get("host", "").partition(":")[0].lower().split(".")
    named = next((vendor for name, vendor in vendors.items() if name in labels), None)
    if named is not None:
        return named
    near = nearest(context.request.path, _rows(vendors.values()))
    return vendors[near.vendor] if near is not None else None


def cause(method: str, path: str, vendor: Routed | None, vendors: Iterable[Routed]) -> dict[str, Any]:
    """Why no vendor serves method and path: ``{"check", "explanation", "remedy"}``, and ``nearest`` if a path
    is close.

    ``vendor``: the vendor that answers; None: no vendor."""
    others = [one for one in vendors if one is not vendor]
    if vendor is not None and (allowed := methods_of(vendor, path)):
        return _reason("method", f"{method} is not a method of {path}", f"use {' or '.join(allowed)}")
    owner = next((one for one in others if one.serves(path)), None)
    if vendor is not None and owner is not None:
        said = f"{path} is a path of {owner.name}, but the host name or the mount is that of {vendor.name}"
        return _reason("host", said, f"use the mount /{owner.name}, or a host name that names no vendor")
    near = (nearest(path, _rows([vendor])) if vendor is not None else None) or nearest(path, _rows(others))
    if near is not None:
        said = f"{near.vendor} has no path {path[:_SHOWN]}; the nearest is {near.path}: the path that was sent {near.difference}"
        return {**_reason("path", said, f"use {_call(method, near)}"), "nearest": near.path}
    first = path.strip("/").partition("/")[0].lower()
    if SequenceMatcher(None, first, ADMIN[1:]).ratio() >= _CONTROL:
        return _reason(
            "path", f"no vendor has a path {path[:_SHOWN]}; the control API is below {ADMIN}", f"use {ADMIN}"
        )
    subject = "no vendor has a" if vendor is None else f"{vendor.name} has no"
    return _reason("path", f"{subject} path like {path[:_SHOWN]}", _LISTED)


def _reason(check: str, explanation: str, remedy: str) -> dict[str, Any]:
    return {"check": check, "explanation": explanation, "remedy": remedy}


def _call(method: str, near: Near) -> str:
    return near.path if method in near.methods else f"{near.methods[0]} {near.path}"


def _rows(vendors: Iterable[Routed]) -> list[tuple[str, EndpointRow]]:
    return [(vendor.name, row) for vendor in vendors for row in vendor.endpoints()]


def methods_of(vendor: Routed, path: str) -> Sequence[str]:
    """With which the vendor serves the path."""
    return [
        method
        for method in sorted({method for row in vendor.endpoints() for method in row.methods})
        if _serves(vendor, method, path)
    ]


def _serves(vendor: Routed, method: str, path: str) -> bool:
    try:
        vendor.operation(method, path)
    except ProviderError:
        return False
    return True
