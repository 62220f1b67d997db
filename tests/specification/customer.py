"""A Cloudcheck customer who has read nothing but the specification, before the whole application."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from werkzeug.test import TestResponse

from mock_server.client import Received, Receiver
from tests.web.kit import Kit

KEY, SECRET = "test-acme", "test-acme-secret"
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
DATA: dict[str, Any] = {
    "details": {"name": {"given": "Mārama", "family": "O'Connor"}, "dateofbirth": "1987-03-14"},
    "reference": "customer 1",
    "consent": "Yes",
}


def hexadecimal(text: str, secret: str = SECRET) -> str:
    """HMAC SHA-256 of the text, as a hexadecimal string."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def string_to_sign(path: str, params: Mapping[str, str]) -> str:
    """The path, then ``parameter=value`` and a semi-colon for each parameter in alphabetical order."""
    return path + "".join(f"{name}={params[name]};" for name in sorted(params))


class Customer:
    """Signs by the specification; ``webhook`` receives what the vendor calls."""

    def __init__(self, folder: Path, webhook: Receiver, **options: Any) -> None:
        accounts = {KEY: {"cloudcheck": {"key": KEY, "secret": SECRET, "webhook_url": webhook.url}}}
        self.kit = Kit(
            folder,
            accounts=accounts,
            scenarios="version: 1\nprovider: cloudcheck\nscenarios: []\n",
            **options,
        )
        self.webhook = webhook
        self._nonces = count(1)

    def params(self, more: Mapping[str, str] | None = None, **common: str) -> dict[str, str]:
        """All parameters but the signature."""
        now = str(int(self.kit.clock.now() * 1000))
        return {
            "key": KEY,
            "nonce": f"nonce {next(self._nonces)}",
            "timestamp": now,
            **(more or {}),
            **common,
        }

    def send(self, method: str, path: str, params: Mapping[str, str], **options: Any) -> TestResponse:
        """Exactly these parameters."""
        if method == "GET":
            return self.kit.http.get(path, query_string=urlencode(params), **options)
        file = options.pop("file", None)
        if file is not None:
            return self.kit.http.post(
                path, data={**params, "file": (file, "licence.jpg", "image/jpeg")}, **options
            )
        return self.kit.http.open(
            path,
            method=method,
            data=urlencode(params),
            content_type="application/x-www-form-urlencoded",
            **options,
        )

    def call(self, method: str, path: str, more: Mapping[str, str] | None = None, **options: Any) -> Any:
        """The JSON of the answer to a signed request."""
        params = self.params(more)
        signed = {**params, "signature": hexadecimal(string_to_sign(path, params))}
        return self.send(method, path, signed, **options).get_json(force=True)

    def post(self, path: str, data: Any, **options: Any) -> Any:
        """A signed POST of ``data``."""
        return self.call("POST", path, {"data": json.dumps(data, ensure_ascii=False)}, **options)

    def verify(self, **over: Any) -> Any:
        return self.post("/verify/", {**DATA, **over})["verification"]

    def decide(self, reference: str, outcome: str, **review: Any) -> None:
        """A review is made in Direct."""
        self.kit.post(
            f"verifications/{reference}/decide", {"outcome": outcome, "review": review}, account=KEY
        )

    def called(self, number: int = 1) -> Received:
        """The call of the webhook."""
        return self.webhook.wait(number)[number - 1]


@contextmanager
def customer(folder: Path, **options: Any) -> Iterator[Customer]:
    with Receiver() as webhook:
        one = Customer(folder, webhook, **options)
        with one.kit:
            yield one
