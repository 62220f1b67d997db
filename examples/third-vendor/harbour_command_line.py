"""Harbour ID for ``mock-server sign``, ``verify``, ``audit`` and ``demo``; imported only by these."""

from __future__ import annotations

import json

from harbour_mock import HarbourAccount, digest

from mock_server.providers.accounts import Account
from mock_server.providers.command_line import DemoStage, Signed, SignOrder

SIGNS_REQUESTS = True
SIGNATURE_HEADER = "X-Harbour-Signature"
SCHEMES = ()
DEMO = "POST /checks"


def scheme_of(account: Account) -> str:
    return ""


def sign(order: SignOrder) -> Signed:
    """A request and a callback are signed the same way; a request has the key, too."""
    if order.params or order.data:
        raise ValueError("Harbour ID takes JSON; give --body instead of --data and --param")
    section = order.account.section("harbour", HarbourAccount)
    signature = digest(section.secret, order.body)
    key = {"X-Harbour-Key": order.key or section.key} if order.path else {}
    return Signed(signature, headers={**key, SIGNATURE_HEADER: signature})


def demo(stage: DemoStage) -> None:
    section = stage.account.section("harbour", HarbourAccount)
    body = json.dumps({"reference": "demo-harbour", "name": "Tamsin Okafor"}).encode()
    headers = {"X-Harbour-Key": section.key, SIGNATURE_HEADER: digest(section.secret, body)}
    raw, answer, received = stage.send("/checks", body, headers)
    stage.say("the server answers", answer.get("result", ""))
    right = received.get("x-harbour-signature") == digest(section.secret, raw)
    stage.check("the HMAC over the raw answer is right", right, answer)
