"""A Shufti Pro merchant who has read nothing but the specification, before the whole application."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from mock_server.client import Received, Receiver
from tests.web.kit import Kit

CLIENT, SECRET = "test-shop", "test-shop-secret"
AML: Mapping[str, Any] = {
    "background_checks": {"name": {"first_name": "Mārama", "last_name": "O'Connor"}, "dob": "1990-01-01"}
}
DOCUMENT: Mapping[str, Any] = {"proof": "", "supported_types": ["passport"], "name": "", "dob": ""}


def sha256(text: bytes | str) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def signature(raw: bytes, secret: str = SECRET) -> str:
    """Of a client who registered after 15 March 2023."""
    return sha256(raw + sha256(secret).encode())


def legacy_signature(raw: bytes, secret: str = SECRET) -> str:
    """Of a client who registered before."""
    return sha256(raw + secret.encode())


class Merchant:
    """``hook`` receives the callbacks."""

    def __init__(self, folder: Path, hook: Receiver, scenarios: Any = (), **settings: Any) -> None:
        document = {"version": 1, "provider": "shuftipro", "scenarios": list(scenarios)}
        self.kit = Kit(
            folder, scenarios=json.dumps(document), settings={"shuftipro": settings} if settings else None
        )
        self.hook = hook

    def send(
        self, path: str, body: Any, *, secret: str = SECRET, method: str = "POST", **headers: str
    ) -> TestResponse:
        """Exactly this body."""
        basic = base64.b64encode(f"{CLIENT}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", **headers}
        return self.kit.http.open(path, method=method, json=body, headers=headers, buffered=True)

    def ask(self, reference: str = "17374217", **more: Any) -> TestResponse:
        """A request for a verification; of the background only, where nothing else is said."""
        callback = {"callback_url": self.hook.url}
        return self.send("/", {"reference": reference, **callback, **(more or AML)})

    def verification(self, reference: str = "17374217", **more: Any) -> Any:
        """The JSON of its answer."""
        return self.ask(reference, **more).get_json()

    def status(self, reference: str = "17374217") -> Any:
        return self.send("/status", {"reference": reference}).get_json()

    def onsite(self, reference: str = "17374217", **more: Any) -> TestResponse:
        """A request for document and face, which wait for the end user on the vendor's page."""
        return self.ask(reference, document=DOCUMENT, face="", **more)

    def delete(self, reference: str = "17374217") -> TestResponse:
        return self.send("/delete", {"reference": reference, "comment": "no longer needed"})

    def decide(self, reference: str, outcome: str, **more: Any) -> None:
        """A reviewer decides."""
        self.kit.post(f"verifications/{reference}/decide", {"outcome": outcome, **more}, account=CLIENT)

    def callback(self, number: int = 1) -> Received:
        """The callback of that number."""
        return self.hook.wait(number)[number - 1]


@contextmanager
def merchant(folder: Path, scenarios: Any = (), **settings: Any) -> Iterator[Merchant]:
    with Receiver() as hook:
        one = Merchant(folder, hook, scenarios, **settings)
        with one.kit:
            yield one
