"""``signature/explain``: the signature doctor for a request or a callback that was never sent here."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from msgspec import field

from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.providers.context import World
from mock_server.web.admin.problems import Problem, unknown
from mock_server.web.admin.showing import FORM, Veil
from mock_server.web.admin.table import Ask, Body, Query, Route, told


class ExplainBody(Body):
    """A signed request (``method``, ``path``, ``params``), or a signed body with its headers."""

    provider: Annotated[str, told("Vendor.", "cloudcheck")]
    method: Annotated[str, told("Of the request.", "POST")] = "POST"
    path: Annotated[str, told("Of the request, below any mount.", "/verify/")] = ""
    params: Annotated[dict[str, str] | None, told("All parameters, decoded, the signature among them.")] = None
    body: Annotated[str | None, told("The body, byte for byte as text.")] = None
    headers: Annotated[dict[str, str], told("Its headers, the signature among them.", {"Signature": "…"})] = field(default_factory=dict)
    secret: Annotated[str, told("Secret instead of the account's; never shown.")] = ""
    scheme: Annotated[str, told("Scheme instead of the account's.", "hashed")] = ""


def explain(ask: Ask[Query, ExplainBody]) -> dict[str, Any]:
    """The secret is never shown."""
    given = ask.body
    if given.provider not in ask.service.providers:
        raise unknown("provider", given.provider, ask.service.providers)
    provider = ask.service.providers[given.provider]
    account = with_secret(ask, given.provider, given.secret)
    world = World(ask.service.pipeline.effects, account, ask.service.clock.now(), ask.origin)
    if given.params is not None:
        if not given.path:
            raise Problem(400, "path is missing", "the path is part of what is signed; add it")
        found = provider.explain(world, request_of(given.method, given.path, given.params, given.headers))
    elif given.body is not None:
        headers = {name.lower(): value for name, value in given.headers.items()}
        found = provider.explain_message(world, given.body.encode("utf-8", "surrogatepass"), headers, scheme=given.scheme or None)
    else:
        raise Problem(400, "neither params nor body is given", "send params for a request, or body and headers for a signed body")
    return dict(Veil(account).value(found))


def request_of(method: str, path: str, params: dict[str, str], headers: dict[str, str]) -> Request:
    """A request with the parameters where the method has them."""
    encoded = urlencode(params)
    lower = {name.lower(): value for name, value in headers.items()}
    if method.upper() in ("GET", "HEAD", "DELETE"):
        return Request(method.upper(), path, encoded, lower, b"")
    return Request(method.upper(), path, "", {"content-type": FORM, **lower}, encoded.encode())


def with_secret(ask: Ask[Any, Any], provider: str, secret: str) -> Account:
    """The account, with another secret for that provider."""
    if not secret:
        return ask.account
    section = ask.account.sections[provider]
    word = next(name for name in ("secret", "secret_key") if hasattr(section, name))
    given = {name: getattr(section, name) for name in ("key", "client_id") if hasattr(section, name)}
    try:
        changed = ask.service.providers[provider].section(ask.account.name, {**given, word: secret})
    except ValueError as error:
        raise Problem(422, f"secret: {error}") from None
    return Account(ask.account.name, {**ask.account.sections, provider: changed})


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
        },
        body=ExplainBody,
        also={422: "the secret cannot be used"},
    ),
)
