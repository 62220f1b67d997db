"""The whole application over the real vendors, with a clock that tests move and nothing that listens."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

import msgspec

from mock_server.core import config as configuration
from mock_server.core.clock import ManualClock
from mock_server.providers.cloudcheck.signing import sign
from mock_server.web.admin import routes
from mock_server.web.app import create_app
from mock_server.web.service import Service

START = 1_700_000_000.0
SCENARIOS = """\
version: 1
provider: cloudcheck
scenarios:
  - name: marlowe
    description: A match.
    match: {operation: verify, body.details.name.family: Marlowe}
    respond: {outcome: pep-match}
  - name: down
    match: {operation: verify, body.reference: {prefix: down-}}
    respond: {status: 503, body: down}
"""
DATA = {
    "details": {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1987-03-14"},
    "reference": "ref-1",
    "consent": "Yes",
}
PERSON = {"name": {"first_name": "Ada", "last_name": "Okafor"}, "dob": "1987-03-14"}
CHECK = {"reference": "check-1", "country": "NZ", "background_checks": PERSON}


_ROUTES = [
    (route.method, re.compile(re.sub(r"<path:\w+>", ".+", re.sub(r"<\w+>", "[^/]+", route.path))), route)
    for route in sorted(routes(), key=lambda route: route.path.count("<"))
]


def check_answer(method: str, path: str, document: Any) -> None:
    """An answer of the control API has the type that its description says, and no other member."""
    for known, pattern, route in _ROUTES:
        if known == method and pattern.fullmatch(path):
            if route.returns is None:
                return
            typed = msgspec.convert(document, route.returns)
            strangers = list(_strangers("", document, typed))
            assert strangers == [], f"{method} {path}: members that its type lacks: {sorted({*strangers})}"
            return


def _strangers(path: str, document: Any, typed: Any) -> Iterator[str]:
    if isinstance(typed, msgspec.Struct) and isinstance(document, dict):
        for name, value in document.items():
            if name in typed.__struct_fields__:
                yield from _strangers(f"{path}.{name}", value, getattr(typed, name))
            else:
                yield f"{path}.{name}"
    elif isinstance(typed, list):
        for value, item in zip(document, typed):
            yield from _strangers(f"{path}[]", value, item)
    elif isinstance(typed, dict):
        for name, item in typed.items():
            yield from _strangers(f"{path}.*", document[name], item)


class Kit:
    """``with Kit(folder) as kit:`` delivers callbacks too."""

    def __init__(
        self,
        folder: Path,
        *,
        scenarios: str = SCENARIOS,
        accounts: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.file = folder / "some.yaml"
        self.file.write_text(scenarios)
        config = configuration.build(
            {"scenarios": [str(folder)], "watch": False, **options}, accounts=accounts, settings=settings
        )
        self.clock = ManualClock(START)
        self.service = Service(config, clock=self.clock)
        self.app = create_app(self.service)
        self.http = self.app.test_client()
        self._nonces = count(1)

    def __enter__(self) -> Kit:
        self.service.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.service.stop()

    # -- the control API
    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        account: str = "test-a",
        headers: Any = None,
        **query: Any,
    ) -> tuple[int, Any]:
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        response = self.http.open(
            f"/__admin/{path}",
            method=method,
            data=data,
            query_string={"account": account, **query},
            headers=headers or {},
        )
        document = response.get_json(force=True, silent=True)
        if response.status_code < 400:
            check_answer(method, f"/{path}", document)
        return response.status_code, document

    def get(self, path: str, **query: Any) -> Any:
        """The answer to a call that succeeds."""
        status, document = self.call("GET", path, **query)
        assert status == 200, document
        return document

    def put(self, path: str, body: Any, **query: Any) -> Any:
        status, document = self.call("PUT", path, body, **query)
        assert status == 200, document
        return document

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        status, document = self.call("POST", path, body, **query)
        assert status in (200, 201), document
        return document

    # -- the vendors
    def verify(
        self,
        family: str = "Okafor",
        reference: str = "ref-1",
        *,
        account: str = "test-a",
        secret: str = "",
        **params: str,
    ) -> Any:
        """A signed ``/verify/``; the JSON of its answer."""
        details = {**DATA["details"], "name": {"given": "Tamsin", "family": family}}  # type: ignore[dict-item]
        signed_params = {
            "key": account,
            "nonce": f"n-{next(self._nonces)}",
            "timestamp": str(int(self.clock.now() * 1000)),
            "data": json.dumps({**DATA, "details": details, "reference": reference}),
            **params,
        }
        signed_params.setdefault("signature", sign(secret or f"{account}-secret", "/verify/", signed_params))
        response = self.http.post(
            "/verify/", data=urlencode(signed_params), content_type="application/x-www-form-urlencoded"
        )
        return response.get_json(silent=True)

    def check(self, account: str = "test-a", **more: Any) -> Any:
        """A Shufti Pro request; the JSON of its answer."""
        credentials = base64.b64encode(f"{account}:{account}-secret".encode()).decode()
        response = self.http.post(
            "/", json={**CHECK, **more}, headers={"Authorization": f"Basic {credentials}"}
        )
        return response.get_json(force=True)

    def newest(self, account: str = "test-a") -> Any:
        """The newest journal entry, as the list shows it."""
        return self.get("requests", account=account, limit=1)["requests"][0]
