"""The bodies, signatures, tokens, pages and callbacks of a run are the same byte for byte in any order and on each
store."""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from mock_server.providers import registry
from mock_server.providers.cloudcheck.signing import sign
from mock_server.web.api_description.requests import parameters
from tests.redis_server import running_redis
from tests.web.kit import CHECK, DATA, PERSON, Kit

VARYING = {"x-mock-request-id", "x-mock-source", "link"}
HOOK = "http://127.0.0.1:9/hook"
FAMILIES = (
    "Okafor",
    "Ngāta",
    "Marlowe",
    "O'Brien",
    "de la Cruz",
    "Ó Súilleabháin",
    "李",
    "Error",
    "Timeout",
    "Nomatch",
)
SERVICES: dict[str, Any] = {
    "background_checks": PERSON,
    "document": {"supported_types": ["passport"], "name": "", "dob": ""},
    "document_two": {"supported_types": ["id_card"]},
    "address": {"supported_types": ["utility_bill"], "full_address": "3 Cuba Street, Te Aro"},
    "face": {"proof": ""},
    "consent": {"text": "I agree", "supported_types": ["printed"]},
    "phone": {"phone_number": "+64215550199"},
}


class Case(NamedTuple):
    """One request, of an account of its own."""

    name: str
    method: str
    path: str
    params: dict[str, str] | None = None
    """Of a signed form; None: JSON."""
    body: Any = None


def cases() -> list[Case]:
    """Every endpoint of both vendors, and their main ones with many people and services."""
    cloudcheck = registry.load("cloudcheck")
    every = [
        Case(
            f"test-c-{operation.name}",
            operation.method,
            re.sub(r"\{\w+\}", "unknown", operation.path),
            {
                name: value or f"{name}-1"
                for name, value in parameters(cloudcheck, operation).items()
                if name != "signature"
            },
        )
        for operation in cloudcheck.vocabulary.operations.values()
    ]
    for number, family in enumerate(FAMILIES):
        details = {**DATA["details"], "name": {"given": "Tamsin", "family": family}}  # type: ignore[dict-item]
        data = json.dumps({**DATA, "details": details, "reference": f"order-{number}"}, ensure_ascii=False)
        every.append(Case(f"test-v-{number}", "POST", "/verify/", {"data": data}))
    for operation in registry.load("shuftipro").vocabulary.operations.values():
        body = {"reference": "nobody-1"} if operation.method == "POST" else None
        every.append(Case(f"test-s-{operation.name}", operation.method, operation.path, body=body))
    for service, value in SERVICES.items():
        more = {
            "callback_url": HOOK,
            "redirect_url": "http://localhost/back?a=%C4%81",
            service: value,
        }
        every.append(
            Case(
                f"test-s-{service}",
                "POST",
                "/",
                body={"reference": CHECK["reference"], "country": "NZ", **more},
            )
        )
    return every


CASES = cases()


def answer(kit: Kit, case: Case) -> tuple[Any, ...]:
    """Status, headers and bytes of the answer; of its page; and of its callbacks as they will be sent."""
    if case.params is not None:
        response = _signed(kit, case)
    else:
        pair = base64.b64encode(f"{case.name}:{case.name}-secret".encode()).decode()
        data = None if case.body is None else json.dumps(case.body)
        headers = {"Authorization": f"Basic {pair}"}
        response = kit.http.open(
            case.path, method=case.method, data=data, content_type="application/json", headers=headers
        )
    constant = sorted(
        (name, value) for name, value in response.headers.items() if name.lower() not in VARYING
    )
    deliveries, _ = kit.service.store.deliveries(case.name)
    sent = sorted((one.message.event, one.message.headers, one.message.body) for one in deliveries)
    return response.status_code, constant, response.data, _page(kit, response.data), sent


def _signed(kit: Kit, case: Case) -> Any:
    params = {
        **(case.params or {}),
        "key": case.name,
        "nonce": "nonce-1",
        "timestamp": str(int(kit.clock.now() * 1000)),
    }
    params["signature"] = sign(f"{case.name}-secret", case.path, params)
    if case.method == "GET":
        return kit.http.get(f"{case.path}?{urlencode(params)}")
    return kit.http.post(case.path, data=urlencode(params), content_type="application/x-www-form-urlencoded")


def _page(kit: Kit, body: bytes) -> bytes:
    """The hosted page whose address the answer hands out."""
    link = re.search(rb'"(?:verification_url|url)":\s*"([^"]+)"', body)
    if link is None:
        return b""
    return bytes(kit.http.get(urlsplit(json.loads(b'"' + link[1] + b'"')).path).data)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, ...]]:
    """The answers in the order of the list, in memory."""
    kit = Kit(tmp_path_factory.mktemp("first"), seed=7)
    return {case.name: answer(kit, case) for case in CASES}


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "redis":
        with running_redis(tmp_path) as url:
            yield url
    else:
        yield "memory" if request.param == "memory" else f"sqlite:{tmp_path / 'run.db'}"


def test_there_are_sixty_bodies_that_differ(first: dict[str, tuple[Any, ...]]) -> None:
    assert len(CASES) >= 60
    assert len({answered[2] for answered in first.values()}) >= 25
    assert sum(bool(answered[3]) for answered in first.values()) >= 4
    assert sum(bool(answered[4]) for answered in first.values()) >= 4


@pytest.mark.parametrize("store", ["memory", "sqlite", "redis"], indirect=True)
@pytest.mark.parametrize("order", [1, 2])
def test_a_run_repeats_byte_for_byte(
    first: dict[str, tuple[Any, ...]], store: str, order: int, tmp_path: Path
) -> None:
    (tmp_path / "scenarios").mkdir()
    kit = Kit(tmp_path / "scenarios", seed=7, store=store)
    shuffled = random.Random(order).sample(CASES, len(CASES))
    again = {case.name: answer(kit, case) for case in shuffled}
    kit.service.stop()
    assert [name for name in first if again[name] != first[name]] == []
