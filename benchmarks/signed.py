"""The requests of the benchmarks: each different, each one our server accepts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import time
from collections.abc import Iterator
from urllib.parse import quote_plus

from benchmarks import wrk

KEY, SECRET = "MockKey0NotReal1", "mock-secret-not-real-0123456789ab"
CLIENT, SECRET_KEY = "mock-client", "mock-secret-QvT7dR2mZk4Lw9Xb"
FAMILIES = ("Okafor", "Whitcombe", "Tamatea", "Lindqvist", "Abernathy", "Castellano", "Nakamura", "Hollis")
FIRST_NAMES = ("Tamsin", "Ada", "Rewi", "Ingrid", "Marco", "Yuki", "Grace", "Tobias")


def verify_form(number: int, draw: random.Random, first_name: str = "") -> bytes:
    """A signed ``POST /verify/`` of about 500 bytes, its timestamp now."""
    data = {
        "details": {
            "name": {"given": first_name or draw.choice(FIRST_NAMES), "family": draw.choice(FAMILIES)},
            "dateofbirth": f"{draw.randrange(1950, 2004)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}",
            "address": {
                "street": f"{draw.randrange(1, 200)} Example Rise",
                "city": "Wellington",
                "postcode": "6012",
            },
        },
        "reference": f"bench-{number:08d}",
        "consent": "Yes",
    }
    fields = {
        "data": json.dumps(data, separators=(",", ":")),
        "key": KEY,
        "nonce": f"{number:08d}-{draw.getrandbits(64):016x}",
        "timestamp": str(int(time.time() * 1000)),
    }
    canonical = "/verify/" + "".join(f"{name}={fields[name]};" for name in sorted(fields))
    fields["signature"] = hmac.new(SECRET.encode(), canonical.encode(), hashlib.sha256).hexdigest()
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items()).encode()


FORM_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "bench/1",
    "Accept": "application/json",
}


def verify_requests(count: int, host: str, first_name: str = "") -> Iterator[bytes]:
    """Signed Cloudcheck requests as they go over the wire."""
    draw = random.Random(1)
    for number in range(count):
        yield wrk.raw("POST", "/verify/", verify_form(number, draw, first_name), FORM_HEADERS, host)


def aml_body(number: int, draw: random.Random, callback_url: str = "", prefix: str = "bench") -> bytes:
    """An off-site anti-money-laundering check of Shufti Pro."""
    name = {"first_name": draw.choice(FIRST_NAMES), "last_name": draw.choice(FAMILIES)}
    body = {
        "reference": f"{prefix}-{number:08d}-{draw.getrandbits(32):08x}",
        "country": "GB",
        "email": "bench@example.test",
        "background_checks": {
            "name": name,
            "dob": f"{draw.randrange(1950, 2004)}-05-{draw.randrange(1, 29):02d}",
        },
    }
    if callback_url:
        body["callback_url"] = callback_url
    return json.dumps(body).encode()


AML_HEADERS = {
    "Content-Type": "application/json",
    "Authorization": "Basic " + base64.b64encode(f"{CLIENT}:{SECRET_KEY}".encode()).decode(),
    "User-Agent": "bench/1",
    "Accept": "application/json",
}


def aml_requests(count: int, host: str, callback_url: str = "", prefix: str = "bench") -> Iterator[bytes]:
    """Shufti Pro off-site requests as they go over the wire."""
    draw = random.Random(2)
    for number in range(count):
        yield wrk.raw("POST", "/", aml_body(number, draw, callback_url, prefix), AML_HEADERS, host)
