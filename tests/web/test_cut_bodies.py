"""Bodies that the journal keeps the beginning of: every view of them says so, and nothing is worked out from a part."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.kit import CHECK, Kit

LIMIT = 4096
BODY = json.dumps({**CHECK, "reference": "long-1"}, ensure_ascii=False).encode() + b" " * 5000
SAID = f"cut after {LIMIT} bytes, {len(BODY)} in all, sha256 {hashlib.sha256(BODY).hexdigest()}"


@pytest.fixture(params=["memory", "sqlite"])
def kit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kit]:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    store = "memory" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}"
    with Kit(folder, journal_body_limit=LIMIT, store=store) as cut_kit:
        yield cut_kit


def post(kit: Kit, body: bytes, secret: str = "test-a-secret") -> str:
    """Send it to Shufti Pro; the id of its journal entry."""
    credentials = base64.b64encode(f"test-a:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    return str(kit.http.post("/", data=body, headers=headers).headers["X-Mock-Request-Id"])


def test_length_and_digest_stand_with_the_beginning(kit: Kit) -> None:
    request = kit.get(f"requests/{post(kit, BODY)}")["request"]
    assert (request["cut"], request["size"], request["sha256"]) == (
        SAID,
        len(BODY),
        hashlib.sha256(BODY).hexdigest(),
    )
    assert (
        BODY.startswith(request["body"].rstrip("\ufffd").encode()) if "body" in request else request["base64"]
    )


def test_a_body_within_the_limit_is_whole(kit: Kit) -> None:
    request = kit.get(f"requests/{post(kit, json.dumps(CHECK).encode())}")["request"]
    assert "cut" not in request
    assert request["json"] == CHECK


@pytest.mark.parametrize("secret", ["test-a-secret", "wrong"])
def test_explain_says_what_it_does_not_have(kit: Kit, secret: str) -> None:
    explanation = kit.get(f"requests/{post(kit, BODY, secret)}/explain")
    assert SAID in explanation["warnings"][0]["explanation"]
    assert "--journal-body-limit" in explanation["warnings"][0]["fix"]
    assert (explanation["valid"], explanation["near_misses"]) == (secret != "wrong", [])


@pytest.mark.parametrize("path", ["copy?form=curl", "copy?form=pytest", "scenario"])
def test_what_needs_the_whole_body_is_refused(kit: Kit, path: str) -> None:
    name, _, query = path.partition("?")
    params: Any = dict([query.split("=")]) if query else {}
    status, document = kit.call("GET", f"requests/{post(kit, BODY)}/{name}", **params)
    assert (status, SAID in document.get("detail", "")) == (409, True), document


def test_a_copied_explanation_says_it(kit: Kit) -> None:
    assert SAID in kit.get(f"requests/{post(kit, BODY)}/copy", form="explanation")["text"]


def test_a_bundle_names_what_it_leaves_out(kit: Kit) -> None:
    cut, whole = post(kit, BODY), post(kit, json.dumps(CHECK).encode())
    bundle = kit.get("bundle")
    assert [exchange["id"] for exchange in bundle["journal"]] == [whole]
    assert bundle["cut"] == [{"id": cut, "why": f"request {SAID}"}]


def test_a_search_looks_at_the_beginning_and_the_list_says_so(kit: Kit) -> None:
    post(kit, BODY)
    entries = kit.get("requests", q="LONG-1")["requests"]
    assert [each["request"]["cut"] for each in entries] == [SAID]


def test_a_long_answer_is_cut_too(tmp_path: Path) -> None:
    text = "Kia ora " * 2000
    scenario = f"version: 1\nprovider: shuftipro\nscenarios:\n  - name: long\n    respond: {{status: 503, body: {text}}}\n"
    with Kit(tmp_path, scenarios=scenario, journal_body_limit=LIMIT) as kit:
        entry = kit.get(f"requests/{post(kit, json.dumps(CHECK).encode())}")
        assert entry["response"]["cut"].startswith(f"cut after {LIMIT} bytes, {len(text.strip())} in all")
        assert kit.get("bundle")["cut"][0]["why"].startswith("response cut after")
