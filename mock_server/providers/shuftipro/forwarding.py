"""For the recorder: a request with real credentials on its way to the real service, and its answer signed
again for the caller; and the signing vector of that answer."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from mock_server.core.http import Request
from mock_server.providers.accounts import DEFAULT, Account
from mock_server.providers.probes import ProbeAnswer
from mock_server.providers.shuftipro import signing
from mock_server.providers.shuftipro.settings import parse_account, section_of
from mock_server.scenario.disguise import Disguise
from mock_server.scenario.facts import MISSING

VARIABLES = ("SHUFTIPRO_CLIENT_ID", "SHUFTIPRO_SECRET_KEY")
"""Environment variables that hold the real credentials."""


def re_sign(request: Request, credentials: Sequence[str]) -> Request:
    """The same request with the real Basic credentials; an access token is the real service's own and
    stays."""
    if request.headers.get("authorization", "").lower().startswith("bearer "):
        return request
    value = base64.b64encode(":".join(credentials).encode()).decode()
    return request.replace(headers={**request.headers, "authorization": f"Basic {value}"})


def answer_headers(body: bytes, account: Account) -> tuple[tuple[str, str], ...]:
    """The signature that the caller can check, who knows the mock's secret key and not the real one."""
    section = section_of(account)
    return signing.headers(body, section.secret_key, section.signature)


def vector(
    request: Request, answer: ProbeAnswer, account: Account, secret: str, disguise: Disguise
) -> dict[str, Any]:
    """Of the answer's signature; Shufti Pro's requests have none."""
    received = answer.headers.get("signature") or answer.headers.get("sp_signature", "")
    if not received:
        raise ValueError("the answer has no signature")
    if answer.document is MISSING:
        raise ValueError("the answer is not JSON")
    body = disguise.json(answer.body.decode("utf-8"))
    public = parse_account(DEFAULT, {}).secret_key
    verified = [scheme for scheme in signing.SCHEMES if signing.verify(answer.body, secret, scheme, received)]
    return {
        "note": f"recorded {request.method} {request.path}, answered {answer.status}",
        "body": body,
        "secret": public,
        **{scheme: signing.sign(body.encode(), public, scheme) for scheme in signing.SCHEMES},
        "original": {"verified": verified[0] if verified else None},
    }
