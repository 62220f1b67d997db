"""Requests of a client, right and wrong, and of a tester."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

_NONCES = itertools.count()
KEY, SECRET = "MockKey0NotReal1", "mock-secret-not-real-0123456789ab"
CLIENT, PASSWORD = "mock-client", "mock-secret-QvT7dR2mZk4Lw9Xb"


def verify(
    url: str, reference: str, *, key: str = KEY, secret: str = SECRET, signed_path: str = "/verify/"
) -> dict[str, Any]:
    """A Cloudcheck verification; ``signed_path`` other than the real one makes a wrong signature."""
    data = json.dumps(
        {
            "details": {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1987-03-14"},
            "reference": reference,
            "consent": "Yes",
        }
    )
    return _signed(url, "/verify/", data, key=key, secret=secret, signed_path=signed_path)


def signed(url: str, path: str, data: dict[str, Any]) -> dict[str, Any]:
    """A signed call of Cloudcheck, of the default account."""
    return _signed(url, path, json.dumps(data), key=KEY, secret=SECRET, signed_path=path)


def _signed(url: str, path: str, data: str, *, key: str, secret: str, signed_path: str) -> dict[str, Any]:
    params = {
        "data": data,
        "key": key,
        "nonce": f"n{next(_NONCES)}",
        "timestamp": str(int(time.time() * 1000)),
    }
    text = signed_path + "".join(f"{name}={params[name]};" for name in sorted(params))
    params["signature"] = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return _answer(Request(f"{url}{path}", urlencode(params).encode()))


def screen(url: str, reference: str, callback_url: str = "", **more: Any) -> dict[str, Any]:
    """A Shufti Pro AML screening, or with ``more`` whatever services are named."""
    services = more or {
        "background_checks": {"name": {"first_name": "Ingrid", "last_name": "Solvang"}, "dob": "1979-11-04"}
    }
    body = {"reference": reference, **({"callback_url": callback_url} if callback_url else {}), **services}
    credentials = base64.b64encode(f"{CLIENT}:{PASSWORD}".encode()).decode()
    return _answer(
        Request(
            url + "/",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Basic {credentials}"},
        )
    )


def control(url: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """A call of the control API."""
    return _answer(
        Request(
            f"{url}/__admin/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
    )


def _answer(request: Request) -> dict[str, Any]:
    try:
        with urlopen(request, timeout=10) as response:
            return dict(json.load(response))
    except HTTPError as error:
        with error:
            return dict(json.load(error))
