"""Harbour ID through the fixtures that an application's own tests use. Needs both packages installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from harbour_mock import digest

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
CHECK = {"reference": "c 1 + 🥝", "name": "Hēmi O'Brien"}


@pytest.fixture(scope="session")
def mock_server_options():
    return {"scenarios": [str(SCENARIOS)]}


def ask(account, body: Any, *, method: str = "POST", path: str = "/checks", secret: str = "", key: str = "", **more: str):
    """Status, JSON and headers of the answer to a signed request."""
    own = account.provider("harbour")
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    signed = digest(secret or own.secret, raw)
    headers = {"X-Harbour-Key": key or own.key, "X-Harbour-Signature": signed, "Content-Type": "application/json"}
    headers |= {f"X-Harbour-{name.title()}": value for name, value in more.items()}
    try:
        with urlopen(Request(account.url + path, raw or None, headers, method=method)) as answer:
            return answer.status, json.load(answer), answer.headers
    except HTTPError as error:
        with error:
            return error.code, json.load(error), error.headers


@pytest.mark.parametrize(
    ("secret", "body", "expected"),
    [
        # echo -n … | openssl dgst -sha256 -hmac …
        pytest.param("k", b"", "8bb990c40a7d61cb97597a942125025be50ac8beb74436e3735b98893a7f6620", id="empty"),
        pytest.param("test-a-secret", "{\"name\":\"Hēmi 🥝\"}".encode(), "2bea898bfa6668c4dc3ca6fd6f26234200b4b9d5156ca9725c789d5f336e0789", id="macron and emoji"),
    ],
)
def test_the_signature(secret: str, body: bytes, expected: str):
    assert digest(secret, body) == expected


REFUSALS = [
    pytest.param({"key": "nobody"}, 401, "bad-key", id="unknown key"),
    pytest.param({"secret": "other"}, 401, "bad-signature", id="wrong secret"),
    pytest.param({"body": b"{"}, 400, "bad-check", id="no JSON"),
    pytest.param({"body": []}, 400, "bad-check", id="a list"),
    pytest.param({"body": {"reference": "c1"}}, 400, "bad-check", id="no name"),
    pytest.param({"body": {**CHECK, "reference": ""}}, 400, "bad-check", id="empty reference"),
    pytest.param({"body": None, "method": "GET", "path": "/checks/none"}, 404, "unknown-check", id="unknown check"),
]


@pytest.mark.parametrize(("changes", "status", "error"), REFUSALS)
def test_each_rule_refuses_with_its_error(mock_account, changes: dict[str, Any], status: int, error: str):
    actual = ask(mock_account, **{"body": CHECK, **changes})
    assert (actual[0], actual[1]["error"]) == (status, error)
    assert mock_account.verifications.find() == []


def test_the_life_of_a_check(mock_account, callback_receiver):
    mock_account.configure(harbour={"webhook_url": callback_receiver.url})
    status, answer, headers = ask(mock_account, CHECK)
    assert (status, answer) == (201, {"reference": CHECK["reference"], "result": "clear"})
    secret = mock_account.provider("harbour").secret
    [came] = callback_receiver.wait()
    assert came.json == {"event": "check.done", "reference": CHECK["reference"]}
    assert came.headers["x-harbour-signature"] == digest(secret, came.body)
    mock_account.decide(CHECK["reference"], "hit")
    callback_receiver.wait(2)
    path = "/checks/c%201%20+%20%F0%9F%A5%9D"
    assert ask(mock_account, None, method="GET", path=path)[1]["result"] == "hit"


@pytest.mark.parametrize(("header", "after_an_error"), [("nonce", 409), ("voucher", 201)])
def test_what_can_be_used_once(mock_account, header: str, after_an_error: int):
    once = {header: "n 1 + ō 🥝".encode().decode("latin-1")}
    assert ask(mock_account, CHECK, **{header: "n2"})[0] == 201
    assert ask(mock_account, CHECK, **{header: "n2"})[:2] == (409, {"error": "used", "message": None, "fields": []})
    assert ask(mock_account, [], **once)[0] == 400
    assert ask(mock_account, CHECK, **once)[0] == after_an_error


def test_a_name_on_a_list_is_a_hit_and_told_an_hour_later(mock_account, callback_receiver):
    mock_account.configure(harbour={"webhook_url": callback_receiver.url})
    assert ask(mock_account, {"reference": "c2", "name": "Philip Marlowe"})[1]["result"] == "hit"
    assert callback_receiver.received == []
    mock_account.clock.advance("1h")
    assert callback_receiver.wait()[0].json["event"] == "check.done"
