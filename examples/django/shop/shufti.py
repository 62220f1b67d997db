"""What the shop asks of Shufti Pro."""

import base64
import hashlib
import hmac
import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.conf import settings


class ShuftiError(Exception):
    """Shufti Pro refused the request."""


def screen(customer, callback_url):
    """Ask for a background check of a customer; the decision comes to the callback URL."""
    body = {
        "reference": customer.reference,
        "callback_url": callback_url,
        "background_checks": {
            "name": {"first_name": customer.first_name, "last_name": customer.last_name},
            "dob": customer.dob,
        },
    }
    pair = f"{settings.SHUFTI_CLIENT_ID}:{settings.SHUFTI_SECRET_KEY}"
    credentials = base64.b64encode(pair.encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {credentials}"}
    try:
        urlopen(Request(settings.SHUFTI_URL, json.dumps(body).encode(), headers)).close()
    except HTTPError as error:
        with error:
            raise ShuftiError(json.load(error)["error"]["message"]) from None


def is_genuine(body, signature):
    """Whether Shufti Pro sent these bytes: SHA-256 over the body and the hashed secret key, as for accounts since March 2023."""
    hashed = hashlib.sha256(settings.SHUFTI_SECRET_KEY.encode()).hexdigest()
    return hmac.compare_digest(hashlib.sha256(body + hashed.encode()).hexdigest(), signature)
