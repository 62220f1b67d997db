"""For the recorder: a request with real credentials on its way to the real service, and its answer signed
again for the caller."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.providers.shuftipro import signing
from mock_server.providers.shuftipro.settings import section_of

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
