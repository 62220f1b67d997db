"""For the recorder: a request signed again with real credentials, on its way to the real service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.providers.cloudcheck.canonical import SIGNATURE, canonical
from mock_server.providers.cloudcheck.params import Params, parse
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.providers.cloudcheck.signing import sign_text
from mock_server.providers.mediatypes import FORM, parse_header
from mock_server.providers.multipart import replace_fields

VARIABLES = ("CLOUDCHECK_KEY", "CLOUDCHECK_SECRET")
"""Environment variables that hold the real credentials."""
_SETTINGS = Settings()


def re_sign(request: Request, credentials: Sequence[str]) -> Request:
    """The same request with the real key and its signature; every other parameter as it was, as often as it
    was."""
    key, secret = credentials
    params = parse(request, _SETTINGS)
    repeated = {name: values for name, values in params.repeated.items() if name != "key"}
    fresh = {
        "key": key,
        SIGNATURE: sign_text(secret, canonical(request.path, {**params, "key": key}, repeated)),
    }
    return changed(request, fresh)


def changed(request: Request, fresh: Mapping[str, str]) -> Request:
    """The request with other values of the parameters that it has."""
    query = _changed(parse(request.replace(body=b""), _SETTINGS), fresh) if request.query else ""
    return request.replace(query=query, body=_body(request, fresh))


def answer_headers(body: bytes, account: Account) -> tuple[tuple[str, str], ...]:
    """Cloudcheck signs no answer."""
    return ()


def _changed(params: Params, fresh: Mapping[str, str]) -> str:
    values = {name: params.repeated.get(name, value) for name, value in params.items()}
    return urlencode({name: fresh.get(name, value) for name, value in values.items()}, doseq=True)


def _body(request: Request, fresh: Mapping[str, str]) -> bytes:
    content_type = request.headers.get("content-type", "")
    if request.body and parse_header(content_type).value == FORM:
        return _changed(parse(request.replace(query=""), _SETTINGS), fresh).encode()
    return replace_fields(request.body, content_type, {name: value.encode() for name, value in fresh.items()})
