"""For the recorder: a request signed again with real credentials, on its way to the real service, and its signing vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from mock_server.core.http import Request
from mock_server.providers.accounts import DEFAULT, Account
from mock_server.providers.cloudcheck import probes
from mock_server.providers.cloudcheck.canonical import SIGNATURE, canonical
from mock_server.providers.cloudcheck.endpoint import section_of
from mock_server.providers.cloudcheck.params import Params, parse
from mock_server.providers.cloudcheck.settings import Settings, parse_account
from mock_server.providers.cloudcheck.signing import equal, sign, sign_text
from mock_server.providers.mediatypes import FORM, parse_header
from mock_server.providers.multipart import replace_fields
from mock_server.providers.probes import ProbeAnswer
from mock_server.scenario.disguise import Disguise
from mock_server.scenario.facts import MISSING

VARIABLES = ("CLOUDCHECK_KEY", "CLOUDCHECK_SECRET")
"""Environment variables that hold the real credentials."""
SIGNED_AT = "1700000000000"
"""The time of every vector."""
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


def vector(
    request: Request, answer: ProbeAnswer, account: Account, secret: str, disguise: Disguise
) -> dict[str, Any]:
    """Of the request's signature. Cloudcheck signs no answer, so what it answers says whether the real signature was right."""
    params = parse(request, _SETTINGS)
    if SIGNATURE not in params or params.repeated:
        raise ValueError("a parameter is repeated" if params.repeated else "the request has no signature")
    public = parse_account(DEFAULT, {})
    values = {name: _disguised(name, value, disguise) for name, value in params.items() if name != SIGNATURE}
    values["key"] = public.key
    text = canonical(request.path, values)
    section = section_of(account)
    denial = probes.denied(answer)
    return {
        "kind": "positive",
        "note": f"recorded {request.method} {request.path}{' multipart' if params.files else ''}",
        "canonical": text,
        "signature": sign_text(public.secret, text),
        "key": public.key,
        "secret": public.secret,
        "path": request.path,
        "params": values,
        "original": {
            "application": equal(sign(section.secret, request.path, params), params[SIGNATURE]),
            "service": None if answer.status >= 500 or answer.document is MISSING else not denial,
            "said": f"{answer.status} {probes.brief(answer)}{f': {denial}' if denial else ''}",
        },
    }


def _disguised(name: str, value: str, disguise: Disguise) -> str:
    if name == "timestamp":
        return SIGNED_AT if len(value) == len(SIGNED_AT) and value.isdecimal() else disguise.text(value)
    return disguise.value(value)


def _changed(params: Params, fresh: Mapping[str, str]) -> str:
    values = {name: params.repeated.get(name, value) for name, value in params.items()}
    return urlencode({name: fresh.get(name, value) for name, value in values.items()}, doseq=True)


def _body(request: Request, fresh: Mapping[str, str]) -> bytes:
    content_type = request.headers.get("content-type", "")
    if request.body and parse_header(content_type).value == FORM:
        return _changed(parse(request.replace(query=""), _SETTINGS), fresh).encode()
    return replace_fields(request.body, content_type, {name: value.encode() for name, value in fresh.items()})
