"""``signature/explain``: the signature doctor for a request or a callback that was never sent here."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from msgspec import field

from mock_server.core.http import Request
from mock_server.providers.context import UnitOfWork
from mock_server.providers.mediatypes import FORM
from mock_server.web.admin import answers
from mock_server.web.admin.problems import Problem, unknown
from mock_server.web.admin.table import AdminRequest, Body, Query, Route, told
from mock_server.web.serializers import Redactor


class ExplainBody(Body):
    """A signed request (``method``, ``path``, ``params``), or a signed body with its headers."""

    provider: Annotated[str, told("Vendor.", "cloudcheck")]
    method: Annotated[str, told("Of the request.", "POST")] = "POST"
    path: Annotated[str, told("Of the request, below any mount.", "/verify/")] = ""
    params: Annotated[
        dict[str, str | list[str]] | None,
        told("All parameters, decoded, the signature among them; a list: sent as often."),
    ] = None
    body: Annotated[str | None, told("The body, byte for byte as text.")] = None
    headers: Annotated[dict[str, str], told("Its headers, the signature among them.", {"Signature": "…"})] = (
        field(default_factory=dict)
    )
    secret: Annotated[str, told("Secret instead of the account's; never shown.")] = ""
    scheme: Annotated[str, told("Scheme instead of the account's.", "hashed")] = ""


def explain(request: AdminRequest[Query, ExplainBody]) -> dict[str, Any]:
    """The secret is never shown."""
    given = request.body
    if given.provider not in request.service.providers:
        raise unknown("provider", given.provider, request.service.providers)
    provider = request.service.providers[given.provider]
    account = request.account.with_secret(given.provider, given.secret)
    unit = UnitOfWork(request.service.pipeline.services, account, request.service.clock.now(), request.origin)
    headers = {name.lower(): value for name, value in given.headers.items()}
    raw = (given.body or "").encode("utf-8", "surrogatepass")
    if given.params is not None:
        if not given.path:
            raise Problem(400, "path is missing", "the path is part of what is signed; add it")
        found = provider.explain(unit, request_of(given.method, given.path, given.params, headers))
    elif given.body is not None and given.path:
        found = provider.explain(unit, Request(given.method.upper(), given.path, "", headers, raw))
    elif given.body is not None:
        try:
            found = provider.explain_message(unit, raw, headers, scheme=given.scheme or None)
        except ValueError as error:
            raise Problem(422, str(error)) from None
    else:
        raise Problem(
            400,
            "neither params nor body is given",
            "send params for a request, or body and headers for a signed body",
        )
    return dict(Redactor(account).value(found))


def request_of(
    method: str, path: str, params: dict[str, str | list[str]], headers: dict[str, str]
) -> Request:
    """A request with the parameters where the method has them."""
    encoded = urlencode(params, doseq=True)
    if method.upper() in ("GET", "HEAD", "DELETE"):
        return Request(method.upper(), path, encoded, headers, b"")
    return Request(method.upper(), path, "", {"content-type": FORM, **headers}, encoded.encode())


ROUTES = (
    Route(
        "POST",
        "/signature/explain",
        explain,
        "Check a signature and name the known mistake that reproduces a wrong one.",
        {
            "valid": "whether the signature is right",
            "canonical": "what has to be signed",
            "expected": "the digest of it",
            "received": "the digest that was sent",
            "mistakes": "id, explanation, fix",
            "warnings": "where there are any: what is accepted and yet hardly meant, in the same form",
        },
        body=ExplainBody,
        also={422: "that vendor signs no such message"},
        returns=answers.SignatureFinding,
    ),
)
