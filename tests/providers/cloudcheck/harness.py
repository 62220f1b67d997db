"""A Cloudcheck client and a pipeline to send to, for the tests of this folder. It signs by the vendor's page,
with code of its own."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mock_server.core.clock import ManualClock
from mock_server.core.http import Request, Response
from mock_server.core.ids import ProcessIds
from mock_server.core.records import Entry, Message, Record
from mock_server.providers.accounts import Account, Accounts
from mock_server.providers.backoffice import Backoffice
from mock_server.providers.base import Decision
from mock_server.providers.cloudcheck.provider import Cloudcheck
from mock_server.providers.cloudcheck.settings import parse_settings
from mock_server.providers.context import Services
from mock_server.providers.pipeline import Pipeline
from mock_server.providers.scenarios import Scenarios
from mock_server.scenario.loader import ScenarioSet, compile_inline
from mock_server.store import open_store
from mock_server.store.base import DeliveryFilter

KEY, SECRET = "MockKey0NotReal1", "mock-secret-not-real-0123456789ab"
FORM = "application/x-www-form-urlencoded"
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
MINI: dict[str, Any] = {
    "details": {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1987-03-14"},
    "reference": "ref-1",
    "consent": "Yes",
}
FULL: dict[str, Any] = {
    "details": {
        "name": {"given": "Tamsin", "family": "Okafor"},
        "dateofbirth": "1987-03-14",
        "address": {
            "street": "18 Example Rise",
            "suburb": "Karori",
            "city": "Wellington",
            "postcode": "6012",
        },
        "driverslicence": {"number": "AB123456", "version": "111"},
    },
    "reference": "ref-1",
    "consent": "Yes",
}
FULL["details"]["driverslicence"]["number"] = "EX204518"


def digest(secret: str, path: str, params: Mapping[str, str]) -> str:
    """The signature, written down straight from the vendor's page."""
    text = path + "".join(f"{name}={params[name]};" for name in sorted(params))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def form(params: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in params.items())


def multipart(params: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> tuple[str, bytes]:
    """Content-Type and body."""
    parts = [
        f'--mark\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in params.items()
    ]
    for name, (filename, content) in files.items():
        head = f'--mark\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return "multipart/form-data; boundary=mark", b"".join(parts) + b"--mark--\r\n"


class PipelineHarness:
    """Cloudcheck on a memory store, with a clock of its own."""

    def __init__(
        self,
        *scenarios: dict[str, Any],
        settings: Mapping[str, Any] | None = None,
        accounts: Mapping[str, Any] | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.provider = Cloudcheck(parse_settings(settings or {}))
        self.store = open_store("memory", journal_limit=1000, record_limit=50_000, clock=self.clock)
        declared = {name: {"cloudcheck": section} for name, section in (accounts or {}).items()}
        self.accounts = Accounts(declared, [self.provider], self.store)
        self.services = Services(
            self.store,
            self.accounts,
            ProcessIds("t"),
            seed=1,
            settings={"cloudcheck": self.provider.settings},
            public_base_url="http://mock.test",
        )
        vocabularies = {"cloudcheck": self.provider.vocabulary}
        document = {"version": 1, "provider": "cloudcheck", "scenarios": list(scenarios)}
        loaded = ScenarioSet(compile_inline(document, vocabularies) if scenarios else ())
        self.pipeline = Pipeline(
            {"cloudcheck": self.provider},
            self.services,
            self.store,
            Scenarios(loaded, vocabularies),
            self.clock,
        )
        self.backoffice = Backoffice(self.pipeline)
        self._nonces = itertools.count(1)

    # -- sending
    # ---------------------------------------------------------------------------------------------------
    def params(
        self, path: str, fields: Mapping[str, str], *, key: str = KEY, secret: str | None = None, **over: str
    ) -> dict[str, str]:
        """Signed parameters; ``over`` replaces any, the signature being made before."""
        params = {
            "key": key,
            "nonce": f"nonce-{next(self._nonces)}",
            "timestamp": str(int(self.clock.at * 1000)),
            **fields,
        }
        params["signature"] = digest(secret or (SECRET if key == KEY else f"{key}-secret"), path, params)
        return {**params, **over}

    def request(
        self, method: str, path: str, fields: Mapping[str, str] | None = None, **options: Any
    ) -> Request:
        files, headers = options.pop("files", None), options.pop("headers", {})
        params = self.params(path, fields or {}, **options)
        if method == "GET":
            return Request("GET", path, form(params), headers, b"")
        if files is not None:
            kind, body = multipart(params, files)
            return Request(method, path, "", {"content-type": kind, **headers}, body)
        return Request(method, path, "", {"content-type": FORM, **headers}, form(params).encode())

    def send(
        self, method: str, path: str, fields: Mapping[str, str] | None = None, **options: Any
    ) -> Response:
        return self.pipeline.handle(self.request(method, path, fields, **options))

    def get(self, path: str, **fields: str) -> Any:
        """The JSON of a GET with the default account."""
        return json.loads(self.send("GET", path, fields).body)

    def post(self, path: str, data: Any, **options: Any) -> Any:
        """The JSON of a POST of ``data``."""
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return json.loads(self.send("POST", path, {"data": text}, **options).body)

    def verify(self, data: Any = None, **options: Any) -> Any:
        """What stands under ``verification``."""
        return self.post("/verify/", FULL if data is None else data, **options)["verification"]

    # -- looking
    # ---------------------------------------------------------------------------------------------------
    @property
    def default(self) -> Account:
        return self.accounts.default()

    def entry(self, account: str = "default") -> Entry:
        return self.store.entries(account)[0][0]

    def record(self, key: str, kind: str = "", account: str = "default") -> Record:
        record = self.store.record(account, "cloudcheck", kind, key)
        assert record is not None
        return record

    def messages(self, account: str = "default") -> list[Message]:
        """Callbacks that are waiting or done, oldest first."""
        return [
            delivery.message
            for delivery in reversed(self.store.deliveries(account, DeliveryFilter(kind="callback"))[0])
        ]

    def callback_bodies(self, account: str = "default") -> list[Any]:
        """The bodies of the callbacks."""
        return [
            json.loads(message.body) if message.body else message.url for message in self.messages(account)
        ]

    # -- acting
    # ----------------------------------------------------------------------------------------------------
    def run_timers(self, seconds: float) -> None:
        """Let time pass, and what falls due happen."""
        self.clock.advance(seconds)
        self.store.release(
            [
                (name, delivery.message.id)
                for name in self.store.accounts()
                for delivery in self.store.deliveries(name, DeliveryFilter(kind="timer"))[0]
            ]
        )
        for delivery in self.store.lease_due(self.clock.at, 60.0):
            if delivery.message.kind == "timer":
                self.backoffice.timer(delivery.message)
                self.store.record_attempt(delivery.message.account, delivery.message.id, None, "delivered")

    def decide(self, key: str, outcome: str, review: Mapping[str, Any] | None = None) -> Record:
        return self.backoffice.decide(self.default, key, Decision(outcome, review=review))[0]


def error(answer: Any) -> dict[str, Any]:
    """The error of an answer, wherever it stands."""
    problem: dict[str, Any] = (
        answer.get("verification", answer) if isinstance(answer.get("verification", answer), dict) else answer
    )
    assert "error" in problem, answer
    return problem
