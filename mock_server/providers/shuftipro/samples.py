"""Shufti Pro's requests in the code of a client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.providers.samples import QUOTES, filled
from mock_server.providers.shuftipro import forwarding
from mock_server.providers.shuftipro.endpoints import ENDPOINTS
from mock_server.providers.shuftipro.routes import PROOF
from mock_server.providers.shuftipro.settings import section_of

TITLE = "Send an AML screening"
CREDENTIALS = (("client id", "client_id"), ("secret key", "secret_key"))
_PERSON = {"name": {"first_name": "Ingrid", "last_name": "Solvang"}, "dob": "1979-11-04"}
_PACKAGE = "mock_server.providers.shuftipro"


OPERATIONS: Mapping[str, Any] = {
    **{operation: None for operation in ENDPOINTS if operation != PROOF},
    "verification": {
        "reference": "try-0001",
        "country": "NZ",
        "email": "ingrid@example.test",
        "callback_url": "http://localhost:3000/callback",
        "background_checks": _PERSON,
    },
    "status": {"reference": "try-0001"},
    "delete": {"reference": "try-0001", "comment": "no longer needed"},
}
"""Operation → body of its sample; None: it has none."""


def request(operation: str, body: Any) -> Request:
    """The body as JSON."""
    row = ENDPOINTS[operation].operation
    raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    return Request(row.method, row.path, "", {"content-type": "application/json"}, raw)


def first(reference: str) -> Request:
    """A screening of a made-up person."""
    body = json.dumps({"reference": reference, "background_checks": _PERSON}).encode()
    return Request("POST", "/", "", {"content-type": "application/json"}, body)


def sign(request: Request, account: Account, now: float) -> Request:
    """Nothing of it is signed: it carries Basic credentials."""
    section = section_of(account)
    plain = request.replace(
        headers={name: value for name, value in request.headers.items() if name != "authorization"}
    )
    return forwarding.re_sign(plain, (section.client_id, section.secret_key))


def code(form: str, request: Request, url: str, account: Account, now: float) -> str:
    """The body as it was, byte for byte where it is text."""
    section, quote = section_of(account), QUOTES[form]
    target = f"{request.path}{'?' if request.query else ''}{request.query}"
    return filled(
        _PACKAGE,
        "curl" if form == "shell" else form,
        url=quote(url),
        address=quote(f"{url}{target}"),
        path=quote(target),
        method=quote(request.method),
        body=quote(request.body.decode("utf-8", "replace")),
        kind=quote(request.headers.get("content-type", "application/json")),
        header=quote(f"Content-Type: {request.headers.get('content-type', 'application/json')}"),
        client=quote(section.client_id),
        secret=quote(section.secret_key),
        user=quote(f"{section.client_id}:{section.secret_key}"),
    )
