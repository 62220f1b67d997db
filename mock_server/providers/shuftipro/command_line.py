"""Shufti Pro on the command line: answers and callbacks are signed, requests carry credentials."""

from __future__ import annotations

import base64
import json
from hashlib import sha256

from mock_server.providers.accounts import Account
from mock_server.providers.command_line import DemoStage, Signed, SignOrder
from mock_server.providers.shuftipro import signing
from mock_server.providers.shuftipro.settings import section_of

SIGNS_REQUESTS = False
SIGNATURE_HEADER = "Signature"
SCHEMES = tuple(signing.SCHEMES)
DEMO = "POST /"
PERSON = {"name": {"first_name": "Tamsin", "last_name": "Okafor"}, "dob": "1987-03-14"}


def scheme_of(account: Account) -> str:
    return section_of(account).signature


def sign(order: SignOrder) -> Signed:
    """The headers over a callback's body."""
    if order.path:
        raise ValueError("Shufti Pro signs no request; give the --body of a callback or an answer alone")
    scheme = order.scheme or scheme_of(order.account)
    headers = dict(signing.headers(order.body, section_of(order.account).secret_key, scheme))
    return Signed(headers[SIGNATURE_HEADER], scheme=scheme, headers=headers)


def demo(stage: DemoStage) -> None:
    """Ask for a verification, check the answer's signature and the callback's."""
    section = section_of(stage.account)
    body = {
        "reference": "demo-shufti",
        "callback_url": stage.callback_url,
        "country": "NZ",
        "background_checks": PERSON,
    }
    credentials = base64.b64encode(f"{section.client_id}:{section.secret_key}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    raw, answer, received = stage.send("/", json.dumps(body).encode(), headers)
    stage.say("the server answers", answer.get("event", ""))
    stage.say("with the header Signature", received.get("signature", ""))
    right = received.get("signature") == _digest(raw, section.secret_key)
    stage.check("SHA-256 over the raw answer and the hashed secret key gives the same", right, answer)
    raw, callback, received = stage.receive()
    stage.say("the callback arrives", callback.get("event", ""))
    stage.say("with the header Signature", received.get("signature", ""))
    right = received.get("signature") == _digest(raw, section.secret_key)
    stage.check("which is right over its raw body", right, callback)
    state, attempts = stage.delivered("demo-shufti")
    stage.check(f"the server lists it as {state} after {attempts} attempt", state == "delivered", state)


def _digest(raw: bytes, secret: str) -> str:
    """What a client of today computes: SHA-256 of the body and the SHA-256 of its secret key, in hex."""
    return sha256(raw + sha256(secret.encode()).hexdigest().encode()).hexdigest()
