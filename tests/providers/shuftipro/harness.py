"""A Shufti Pro customer before a pipeline of its own: memory store, clock moved by hand, deliveries seen but
not sent."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import msgspec

from mock_server.core.clock import ManualClock
from mock_server.core.http import Request, Response
from mock_server.core.ids import ProcessIds
from mock_server.core.records import Delivery, Entry, Message
from mock_server.providers.accounts import Account, Accounts
from mock_server.providers.backoffice import Backoffice
from mock_server.providers.base import Decision
from mock_server.providers.context import Services
from mock_server.providers.pipeline import Pipeline
from mock_server.providers.scenarios import Scenarios
from mock_server.providers.shuftipro import signing
from mock_server.providers.shuftipro.provider import ShuftiPro
from mock_server.providers.shuftipro.settings import parse_settings
from mock_server.providers.shuftipro.verification import Verification, find, read
from mock_server.providers.shuftipro.vocabulary import VOCABULARY
from mock_server.scenario.loader import ScenarioSet, compile_inline
from mock_server.store import open_store
from mock_server.store.base import DeliveryFilter

CLIENT = "test-shop"
CALLBACK = "http://127.0.0.1:9/hook"
PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
JPEG = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////2Q=="
PDF = "data:application/pdf;base64," + b64encode(b"%PDF-1.4\n%%EOF\n").decode()
VIDEO = "data:video/mp4;base64," + b64encode(b"\0\0\0\x18ftypisom\0\0\2\0isommp42\0\0\0\x08free").decode()
AML: Mapping[str, Any] = {
    "background_checks": {"name": {"first_name": "Ingrid", "last_name": "Solvang"}, "dob": "1979-11-04"}
}
VOCABULARIES = {"shuftipro": VOCABULARY}


class ShuftiHarness:
    """What a test talks to."""

    def __init__(
        self,
        *scenarios: dict[str, Any],
        accounts: Mapping[str, Any] | None = None,
        seed: int = 1,
        store: str = "memory",
        process: str = "t",
        **settings: Any,
    ) -> None:
        self.clock = ManualClock(1_760_000_000.0)
        self.provider = ShuftiPro(parse_settings(settings))
        self.store = open_store(store, journal_limit=1000, clock=self.clock)
        declared = {name: {"shuftipro": section} for name, section in (accounts or {}).items()}
        self.accounts = Accounts(declared, [self.provider], self.store)
        services = Services(
            self.store,
            self.accounts,
            ProcessIds(process),
            seed=seed,
            settings={"shuftipro": self.provider.settings},
        )
        document = {"version": 1, "provider": "shuftipro", "scenarios": list(scenarios)}
        loaded = ScenarioSet(compile_inline(document, VOCABULARIES) if scenarios else ())
        self.pipeline = Pipeline(
            {"shuftipro": self.provider}, services, self.store, Scenarios(loaded, VOCABULARIES), self.clock
        )
        self.backoffice = Backoffice(self.pipeline)
        self.client = CLIENT
        self.secret = f"{CLIENT}-secret"
        self._count = 0

    @property
    def account(self) -> Account:
        account = self.accounts.by_credential("shuftipro", self.client)
        assert account is not None
        return account

    # -- asking
    # ------------------------------------------------------------------------------------------------
    def basic(self) -> str:
        return "Basic " + b64encode(f"{self.client}:{self.secret}".encode()).decode()

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        peer: str = "203.0.113.9",
    ) -> Response:
        raw = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        all_headers = {
            "authorization": self.basic(),
            "content-type": "application/json",
            "user-agent": "mock-client/1.0",
            **(headers or {}),
        }
        request = Request(
            method, path, query, {name: value for name, value in all_headers.items() if value}, raw, peer
        )
        response = self.pipeline.handle(request)
        self.store.release(response.release)
        return response

    def ask(self, body: Any, **options: Any) -> Response:
        """``POST /``, with a reference of its own where none is given."""
        self._count += 1
        request_body = (
            {"reference": f"ref-{self._count:06d}", "callback_url": CALLBACK, **body}
            if isinstance(body, Mapping)
            else body
        )
        return self.send("POST", "/", request_body, **options)

    def status(self, reference: str, **options: Any) -> Any:
        return json_of(self.send("POST", "/status", {"reference": reference}, **options))

    def decide(self, reference: str, outcome: str, decline: Any = None, merge: Any = None) -> list[Message]:
        return self.backoffice.decide(self.account, reference, Decision(outcome, decline, None, merge))[1]

    # -- looking
    # -----------------------------------------------------------------------------------------------
    def record(self, reference: str) -> Verification:
        record = find(self.store, self.account.name, reference)
        assert record is not None
        return read(record)

    def entry(self, account: str = CLIENT) -> Entry:
        return self.store.entries(account)[0][0]

    def deliveries(self, kind: str = "callback") -> list[Delivery]:
        """In the order in which they were made."""
        return self.store.deliveries(self.account.name, DeliveryFilter(kind=kind), 10_000)[0][::-1]

    def callbacks(self) -> list[Message]:
        return [delivery.message for delivery in self.deliveries()]

    def events(self) -> list[str]:
        """The callbacks, in the order in which they leave."""
        return [message.event for message in sorted(self.callbacks(), key=lambda message: message.due)]

    def pass_time(self, seconds: float) -> None:
        """Let the clock run, and play the timers that fall due on the way."""
        end = self.clock.at + seconds
        while True:
            timers = [
                each
                for each in self.deliveries("timer")
                if each.state == "pending" and each.message.due <= end
            ]
            if not timers:
                break
            timer = min(timers, key=lambda each: each.message.due).message
            self.clock.at = max(self.clock.at, timer.due)
            self.backoffice.timer(timer)
            self.store.record_attempt(self.account.name, timer.id, None, "delivered")
        self.clock.at = end


def json_of(response: Response) -> Any:
    return msgspec.json.decode(response.body)


def signed(response: Response, secret: str, scheme: str = "hashed") -> bool:
    """Whether both headers carry the right signature of the body."""
    values = [value for name, value in response.headers if name in signing.HEADERS]
    return len(values) == 2 and all(signing.verify(response.body, secret, scheme, value) for value in values)


def keys(value: Any) -> Any:
    """A value with its keys in order and nothing but its structure."""
    if isinstance(value, dict):
        return [(key, keys(item)) for key, item in value.items()]
    return (
        [keys(item) for item in value]
        if isinstance(value, list) and value and isinstance(value[0], dict)
        else None
    )


def blank(names: str) -> dict[str, str]:
    """A mapping with these keys."""
    return dict.fromkeys(names.split(), "")
