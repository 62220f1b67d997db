"""``signature/explain``: the signature doctor for a request or a callback that was never sent here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from msgspec import field

from mock_server.core.http import Request
from mock_server.core.nesting import loads
from mock_server.core.records import Message
from mock_server.providers.context import UnitOfWork
from mock_server.providers.mediatypes import FORM
from mock_server.store.base import DeliveryFilter, Store
from mock_server.web.admin import answers
from mock_server.web.admin.problems import ControlProblem, unknown
from mock_server.web.admin.table import AdminRequest, Body, ControlRoute, Query, described
from mock_server.web.serializers import SecretRedactor

_KNOWN = 200
"""Callbacks that a body is compared with."""
_DIGEST = re.compile("[0-9a-fA-F]{64}")


class ExplainBody(Body):
    """A signed request (``method``, ``path``, ``params``), or a signed body with its headers."""

    provider: Annotated[str, described("Vendor.", "cloudcheck")]
    method: Annotated[str, described("Of the request.", "POST")] = "POST"
    path: Annotated[str, described("Of the request, below any mount.", "/verify/")] = ""
    params: Annotated[
        dict[str, str | list[str]] | None,
        described("All parameters, decoded, the signature among them; a list: sent as often."),
    ] = None
    body: Annotated[str | None, described("The body, byte for byte as text.")] = None
    headers: Annotated[
        dict[str, str], described("Its headers, the signature among them.", {"Signature": "…"})
    ] = field(default_factory=dict)
    text: Annotated[
        str | None,
        described("Instead of all these: the text that was signed, and nothing else.", "/verify/data=…;"),
    ] = None
    signature: Annotated[str, described("What was made of the text, where it is known.")] = ""
    secret: Annotated[str, described("Secret instead of the account's; never shown.")] = ""
    scheme: Annotated[str, described("Scheme instead of the account's.", "hashed")] = ""


def explain(request: AdminRequest[Query, ExplainBody]) -> dict[str, Any]:
    """The secret is never shown."""
    body = request.body
    if body.provider not in request.service.providers:
        raise unknown("provider", body.provider, request.service.providers)
    provider = request.service.providers[body.provider]
    account = request.account.with_secret(body.provider, body.secret or None)
    unit = UnitOfWork(request.service.pipeline.services, account, request.service.clock.now(), request.origin)
    headers = {name.lower(): value for name, value in body.headers.items()}
    raw = (body.body or "").encode("utf-8", "surrogatepass")
    if body.text is not None:
        explanation = _of(lambda: provider.explain_text(unit, body.text or "", body.signature.strip()))
    elif body.params is not None:
        if not body.path:
            raise ControlProblem(400, "path is missing", "the path is part of what is signed; add it")
        explanation = provider.explain(unit, request_of(body.method, body.path, body.params, headers))
    elif body.body is not None and body.path:
        explanation = provider.explain(unit, Request(body.method.upper(), body.path, "", headers, raw))
    elif body.body is not None:
        explanation = _of(lambda: provider.explain_message(unit, raw, headers, scheme=body.scheme or None))
        sent = sent_message(request.service.store, account.name, provider.name, raw, headers)
        explanation = {**explanation, "sent": sent}
    else:
        raise ControlProblem(
            400,
            "neither params, body nor text is given",
            "send params for a request, body and headers for a signed body, or the text that was signed",
        )
    return dict(SecretRedactor(account).value(explanation))


def _of(look: Callable[[], Any]) -> Any:
    try:
        return look()
    except ValueError as error:
        raise ControlProblem(422, str(error)) from None


def sent_message(
    store: Store, account: str, provider: str, body: bytes, headers: Mapping[str, str]
) -> dict[str, Any] | None:
    """The sent callback that a receiver shows: one with the same bytes, else the same JSON, else a header with the
    same digest. None if no recent callback matches."""
    deliveries, _ = store.deliveries(account, DeliveryFilter(provider=provider), _KNOWN)
    messages = [delivery.message for delivery in deliveries]
    said, digests = _json(body), {value for value in headers.values() if _DIGEST.fullmatch(value)}
    looks: tuple[Callable[[Message], bool], ...] = (
        lambda message: message.body == body,
        lambda message: said is not None and _json(message.body) == said,
        lambda message: any(value in digests for _, value in message.headers),
    )
    callback = next((message for look in looks for message in messages if look(message)), None)
    if callback is None:
        return None
    return {
        "callback": callback.id,
        "body": callback.body.decode("utf-8", "replace"),
        "headers": dict(callback.headers),
    }


def _json(body: bytes) -> Any:
    try:
        return loads(body.decode())
    except ValueError:
        return None


def request_of(
    method: str, path: str, params: dict[str, str | list[str]], headers: dict[str, str]
) -> Request:
    """A request with the parameters where the method has them."""
    encoded = urlencode(params, doseq=True)
    if method.upper() in ("GET", "HEAD", "DELETE"):
        return Request(method.upper(), path, encoded, headers, b"")
    return Request(method.upper(), path, "", {"content-type": FORM, **headers}, encoded.encode())


ROUTES = (
    ControlRoute(
        "POST",
        "/signature/explain",
        explain,
        "Check a signature and name the known mistake that reproduces a wrong one.",
        {
            "valid": "whether the signature is right",
            "canonical": "what has to be signed",
            "expected": "the digest of it",
            "received": "the digest that was sent",
            "mistakes": "id, explanation, fix; signed and difference where another text was signed",
            "excluded": "where no mistake was found: what it is not, in words",
            "warnings": "where there are any: what is accepted and yet hardly meant, in the same form",
            "sent": "of a signed body: the callback as it was sent, where it is known",
        },
        body=ExplainBody,
        also={422: "that vendor signs no such message"},
        returns=answers.SignatureFinding,
    ),
)
