"""Cloudcheck on the command line: parameters of a request are signed, callbacks are not."""

from __future__ import annotations

import hmac
import json
import time
import uuid
from urllib.parse import urlencode

from mock_server.providers.accounts import Account
from mock_server.providers.cloudcheck.canonical import SIGNATURE, canonical
from mock_server.providers.cloudcheck.endpoint import section_of
from mock_server.providers.cloudcheck.signing import sign_text
from mock_server.providers.command_line import DemoStage, Signed, SignOrder

SIGNS_REQUESTS = True
SIGNATURE_HEADER = ""
SCHEMES = ()
DEMO = "POST /verify/"
PERSON = {
    "details": {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1987-03-14"},
    "reference": "demo-cloudcheck",
    "consent": "Yes",
}


def scheme_of(account: Account) -> str:
    return ""


def sign(order: SignOrder) -> Signed:
    """The parameters with ``key``, ``nonce``, ``timestamp`` and the signature over all of them."""
    if not order.path or order.body:
        raise ValueError("Cloudcheck signs the parameters of a request; give a PATH, --data and --param")
    section = section_of(order.account)
    params = {
        "key": order.key or section.key,
        "nonce": order.nonce or str(uuid.uuid4()),
        "timestamp": order.timestamp or str(int(time.time() * 1000)),
        **({"data": order.data} if order.data else {}),
        **dict(order.params),
    }
    repeated = {name: [value for other, value in order.params if other == name] for name, _ in order.params}
    text = canonical(order.path, params, repeated)
    signature = sign_text(section.secret, text)
    several = {name: values for name, values in repeated.items() if len(values) > 1}
    return Signed(signature, text, params={**params, **several, SIGNATURE: signature})


def demo(stage: DemoStage) -> None:
    """Sign a request, have it accepted, and see a forged one refused."""
    section = section_of(stage.account)
    params = {
        "data": json.dumps(PERSON),
        "key": section.key,
        "nonce": str(uuid.uuid4()),
        "timestamp": str(int(time.time() * 1000)),
    }
    text = "/verify/" + "".join(f"{name}={params[name]};" for name in sorted(params))
    signature = hmac.new(section.secret.encode(), text.encode(), "sha256").hexdigest()
    stage.say("the client signs its canonical string", text)
    stage.say("with HMAC-SHA256 and the API secret", signature)
    _, answer, _ = stage.send("/verify/", urlencode({**params, "signature": signature}).encode(), {})
    verified = answer.get("verification", {}).get("verificationSuccess") is True
    stage.check("the server finds the signature right and verifies the person", verified, answer)
    forged = {**params, "nonce": str(uuid.uuid4()), "signature": signature}
    _, answer, _ = stage.send("/verify/", urlencode(forged).encode(), {})
    refused = answer.get("verification", {}).get("error") == 106
    stage.check("another nonce under the same signature is refused with 106", refused, answer)
