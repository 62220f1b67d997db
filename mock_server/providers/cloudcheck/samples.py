"""Cloudcheck's requests in the code of a client."""

from __future__ import annotations

import json
import shlex
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.providers.cloudcheck import forwarding
from mock_server.providers.cloudcheck.canonical import SIGNATURE
from mock_server.providers.cloudcheck.endpoint import section_of
from mock_server.providers.cloudcheck.params import parse
from mock_server.providers.cloudcheck.routes import BY_NAME
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.mediatypes import FORM, parse_header
from mock_server.providers.samples import QUOTES, filled, mapping

TITLE = "Send a signed /verify/"
CREDENTIALS = (("access key", "key"), ("secret", "secret"))
_PACKAGE = "mock_server.providers.cloudcheck"
_FRESH = ("key", "nonce", "timestamp", SIGNATURE)
_ADDRESS = {"street": "18 Example Rise", "suburb": "Karori", "city": "Wellington", "postcode": "6012"}
_PERSON = {
    "name": {"given": "Tamsin", "family": "Okafor"},
    "dateofbirth": "1987-03-14",
    "address": _ADDRESS,
}


OPERATIONS: Mapping[str, Any] = {
    "verify": {"details": _PERSON, "reference": "try-verify", "consent": "Yes"},
    "live": {"reference": "try-live", "callback": "http://localhost:3000/live"},
    "idscan-initiate": {"reference": "try-idscan"},
    "go-create": {
        "reference": "try-go",
        "recipients": [{"reference": "try-go-1", "givenName": "Ida", "emailAddress": "ida@example.test"}],
    },
    "watchlist-create": {"associations": [{"personDetail": {"name": {"given": "Ida", "family": "Okafor"}}}]},
    "address-find": {"payload": [{"fullAddress": "18 exam", "country": "NZ"}], "sourceOfTruth": "NZAD"},
    "tree-entities": {"searchTerm": "Acme"},
    "options": {},
}


def request(operation: str, body: Any) -> Request:
    """A request with the JSON as parameter ``data``, or a GET with the body's members as parameters."""
    endpoint = BY_NAME[operation]
    is_get = endpoint.method == "GET"
    params = body if is_get else {"data": json.dumps(body)}
    form = urlencode({**params, **dict.fromkeys(_FRESH, "")})
    if is_get:
        return Request("GET", endpoint.path, form, {}, b"")
    return Request(endpoint.method, endpoint.path, "", {"content-type": FORM}, form.encode())


def first(reference: str) -> Request:
    """A verification of a made-up person."""
    return request("verify", {"details": _PERSON, "reference": reference, "consent": "Yes"})


def sign(request: Request, account: Account, now: float) -> Request:
    """With a nonce and a timestamp of now. What signing fills in may be missing from a form or a query."""
    section = section_of(account)
    fresh = {"nonce": uuid.uuid4().hex, "timestamp": str(int(now * 1000))}
    return forwarding.re_sign(forwarding.changed(_completed(request), fresh), (section.key, section.secret))


def _completed(request: Request) -> Request:
    """The request with every parameter that signing fills in."""
    missing = dict.fromkeys((name for name in _FRESH if name not in parse(request, Settings())), "")
    if not missing:
        return request
    if request.method == "GET":
        return request.replace(query="&".join(filter(None, (request.query, urlencode(missing)))))
    if parse_header(request.headers.get("content-type", "")).value != FORM:
        return request
    return request.replace(body=b"&".join(filter(None, (request.body, urlencode(missing).encode()))))


def code(form: str, request: Request, url: str, account: Account, now: float) -> str:
    """``curl`` has the signature in it, the others make it."""
    section, quote = section_of(account), QUOTES[form]
    if form == "curl":
        signed = sign(request, account, now)
        return _curl(signed, f"{url}{signed.path}{'?' if signed.query else ''}{signed.query}")
    params = {name: value for name, value in parse(request, Settings()).items() if name not in _FRESH}
    return filled(
        _PACKAGE,
        form,
        url=quote(url),
        path=quote(request.path),
        method=quote(request.method),
        params=mapping(form, params) if form != "shell" else quote(params.get("data", "")),
        key=quote(section.key),
        secret=quote(section.secret),
        name=account.name,
    )


def _curl(request: Request, address: str) -> str:
    kind = request.headers.get("content-type", "")
    words = ["curl", "-X", request.method, address]
    if request.body:
        words += ["-H", f"Content-Type: {kind}", "--data-binary", request.body.decode("utf-8", "replace")]
    return shlex.join(words)
