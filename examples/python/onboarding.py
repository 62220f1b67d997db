"""The app under test. It knows nothing of any mock: only base URLs and credentials differ between a test and production."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from urllib.parse import urlencode
from urllib.request import Request, urlopen


class CloudcheckError(Exception):
    """Cloudcheck refused the request."""


def verify_person(base_url, key, secret, person, reference):
    """Ask Cloudcheck to verify a person. Gives ``approved``, ``review`` or ``rejected``."""
    path = "/verify/"
    params = {
        "data": json.dumps({"details": person, "reference": reference, "consent": "Yes"}),
        "key": key,
        "nonce": uuid.uuid4().hex,
        "timestamp": str(int(time.time() * 1000)),
    }
    canonical = path + "".join(f"{name}={params[name]};" for name in sorted(params))
    params["signature"] = hmac.new(secret.encode(), canonical.encode(), "sha256").hexdigest()
    with urlopen(base_url.rstrip("/") + path, urlencode(params).encode()) as response:
        answer = json.load(response)
    verification = answer.get("verification", answer)
    if "error" in verification:
        raise CloudcheckError(f"{verification['error']}: {verification['message']}")
    if verification.get("pepMatches"):
        return "review"
    return "approved" if verification["verificationSuccess"] else "rejected"


def screen_person(base_url, client_id, secret_key, name, dob, reference, callback_url):
    """Ask Shufti Pro to screen a person; the decision comes to the callback URL too. Gives the event answered at once."""
    body = {"reference": reference, "callback_url": callback_url, "background_checks": {"name": name, "dob": dob}}
    credentials = base64.b64encode(f"{client_id}:{secret_key}".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {credentials}"}
    with urlopen(Request(base_url, json.dumps(body).encode(), headers)) as response:
        return json.load(response)["event"]


def is_genuine(body, signature, secret_key):
    """Whether Shufti Pro sent these bytes: SHA-256 over the body and the hashed secret key, as for accounts since March 2023."""
    hashed = hashlib.sha256(secret_key.encode()).hexdigest()
    return hmac.compare_digest(hashlib.sha256(body + hashed.encode()).hexdigest(), signature)
