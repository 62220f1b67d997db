"""The signature doctor over the control API, for requests and bodies that were never sent here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mock_server.providers.cloudcheck.canonical import canonical
from mock_server.providers.cloudcheck.signing import sign, sign_text
from mock_server.providers.shuftipro import signing as shufti
from tests.web.kit import Kit

BODY = '{"reference":"check-1","event":"verification.accepted"}'


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def params(kit: Kit, secret: str = "test-a-secret", path: str = "/verify/") -> dict[str, str]:
    fields = {
        "key": "test-a",
        "nonce": "n-1",
        "timestamp": str(int(kit.clock.now() * 1000)),
        "data": '{"a":"b c"}',
    }
    return {**fields, "signature": sign(secret, path, fields)}


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_right_request_is_right(kit: Kit, method: str) -> None:
    explanation = kit.post(
        "signature/explain",
        {"provider": "cloudcheck", "method": method, "path": "/verify/", "params": params(kit)},
    )
    assert (explanation["valid"], explanation["mistakes"]) == (True, [])
    assert (
        f'/verify/data={{"a":"b c"}};key=test-a;nonce=n-1;timestamp={params(kit)["timestamp"]};'
        == explanation["canonical"]
    )
    assert explanation["expected"] == explanation["received"]


def test_a_list_of_values_is_a_parameter_sent_as_often(kit: Kit) -> None:
    sent = params(kit)
    text = canonical("/verify/", {**sent, "username": "b"}, {"username": ["b", "ā a"]})
    repeated = {**sent, "username": ["b", "ā a"], "signature": sign_text("test-a-secret", text)}
    body = {"provider": "cloudcheck", "path": "/verify/", "params": repeated}
    report = kit.post("signature/explain", body)
    assert (report["valid"], report["canonical"]) == (True, text)


def test_a_wrong_request_has_its_mistake_named(kit: Kit) -> None:
    explanation = kit.post(
        "signature/explain",
        {"provider": "cloudcheck", "path": "/verify/", "params": params(kit, path="/verify")},
    )
    assert (explanation["valid"], len(explanation["mistakes"])) == (False, 1)
    assert {"id", "explanation", "fix"} <= explanation["mistakes"][0].keys()


def test_another_secret_can_be_given_and_is_never_shown(kit: Kit) -> None:
    body = {
        "provider": "cloudcheck",
        "path": "/verify/",
        "params": params(kit, secret="quite-another-secret"),
        "secret": "quite-another-secret",
    }
    explanation = kit.post("signature/explain", body)
    assert (explanation["valid"], "quite-another-secret" in str(explanation)) == (True, False)


def test_a_raw_body_with_its_path_is_read_as_the_server_would(kit: Kit) -> None:
    from urllib.parse import urlencode

    body = {
        "provider": "cloudcheck",
        "path": "/verify/",
        "body": urlencode(params(kit)),
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }
    assert kit.post("signature/explain", body)["valid"]


@pytest.mark.parametrize(
    ("more", "valid"),
    [
        ({"headers": {"Signature": shufti.sign(BODY.encode(), "test-a-secret", "hashed")}}, True),
        ({"headers": {"sp_signature": shufti.sign(BODY.encode(), "test-a-secret", "hashed")}}, True),
        ({"headers": {"signature": shufti.sign(BODY.encode(), "test-a-secret", "legacy")}}, False),
        (
            {
                "headers": {"signature": shufti.sign(BODY.encode(), "test-a-secret", "legacy")},
                "scheme": "legacy",
            },
            True,
        ),
        ({"headers": {"signature": shufti.sign(BODY.encode(), "other", "hashed")}, "secret": "other"}, True),
        ({"headers": {}}, False),
    ],
    ids=["right", "second-name", "other-scheme", "scheme-given", "secret-given", "no-header"],
)
def test_a_body_is_checked_with_its_header(kit: Kit, more: dict[str, Any], valid: bool) -> None:
    explanation = kit.post("signature/explain", {"provider": "shuftipro", "body": BODY, **more})
    assert (valid, not valid) == (explanation["valid"], bool(explanation["mistakes"]))


def test_a_vendor_that_signs_no_body_says_so(kit: Kit) -> None:
    status, document = kit.call("POST", "signature/explain", {"provider": "cloudcheck", "body": BODY})
    assert (status, "params" in document["detail"]) == (422, True)


def test_nothing_is_stored(kit: Kit) -> None:
    kit.post("signature/explain", {"provider": "cloudcheck", "path": "/verify/", "params": params(kit)})
    assert kit.get("requests")["total"] == 0


DATA = '{"details":{"name":{"given":"Māia + Tū","family":"O\'Brien; key=x"}},"reference":"1 = 1 🥝"}'
RIGHT = f"/verify/data={DATA};key=test-a;nonce=n-1;timestamp=1700000000000;"
PAIRS = [f"data={DATA}", "key=test-a", "nonce=n-1", "timestamp=1700000000000"]


def told_of(kit: Kit, text: str, **more: str) -> Any:
    return kit.post("signature/explain", {"provider": "cloudcheck", "text": text, **more})


def test_a_right_text_is_right(kit: Kit) -> None:
    explanation = told_of(kit, RIGHT)
    assert (explanation["valid"], explanation["mistakes"], explanation["canonical"]) == (True, [], RIGHT)
    assert explanation["expected"] == sign_text("test-a-secret", RIGHT)


TEXTS = [
    (RIGHT.replace("/verify/", "/verify", 1), "trailing-slash-missing"),
    (RIGHT[:-1], "last-semicolon-missing"),
    ("/verify/" + "".join(f"{pair};" for pair in reversed(PAIRS)), "unsorted"),
    ("/verify/" + "&".join(PAIRS), "ampersand-joins"),
    ("/verify/?" + "&".join(PAIRS), "ampersand-joins"),
    ("/verify/" + "".join(PAIRS), "other-joins"),
    ("verify/" + RIGHT[8:], "path-incomplete"),
    (f"POST{RIGHT}", "method-included"),
    (f"https://api.cloudcheck.co.nz{RIGHT}", "full-url"),
    (f"/cloudcheck{RIGHT}", "mount-prefix"),
    (f"%2Fverify%2F{RIGHT[8:]}", "path-encoded"),
    (RIGHT.replace("nonce=n-1;", ""), "common-left-out"),
    (RIGHT.replace("/verify/", "/verfy/"), "path-unknown"),
    (f"{RIGHT}\n\n", "text-differs"),
    (f"/verify/data={quote(DATA, safe='')};{RIGHT[8 + 5 + len(DATA) + 1 :]}", "values-encoded"),
]


@pytest.mark.parametrize(
    ("text", "mistake"), TEXTS, ids=[f"{name}-{place}" for place, (_, name) in enumerate(TEXTS)]
)
def test_a_wrong_text_is_compared_with_the_right_one(kit: Kit, text: str, mistake: str) -> None:
    explanation = told_of(kit, text)
    assert explanation["valid"] is False
    assert explanation["mistakes"][0]["id"] == mistake
    assert explanation["received"] == sign_text("test-a-secret", text)
    if mistake not in ("common-left-out", "path-unknown", "text-differs"):
        assert explanation["canonical"] == RIGHT
        assert explanation["mistakes"][0]["signed"] == text


def test_a_right_text_with_a_wrong_signature_names_the_mistake(kit: Kit) -> None:
    assert told_of(kit, RIGHT, signature=sign_text("test-a-secret", RIGHT))["valid"] is True
    explanation = told_of(kit, RIGHT, signature=sign_text("test-a-secret\n", RIGHT))
    assert (explanation["valid"], explanation["mistakes"][0]["id"]) == (False, "secret-padded")
    both = told_of(kit, RIGHT[:-1], signature=sign_text("test-a-secret\n", RIGHT[:-1]))
    assert {one["id"] for one in both["mistakes"]} == {"last-semicolon-missing", "secret-padded"}


@pytest.mark.parametrize("text", ["", " ", "🥝", "{}", "=;=;", "/verify/data={", "a" * 100_000])
def test_a_text_that_is_nothing_is_wrong_and_said_to_be(kit: Kit, text: str) -> None:
    explanation = told_of(kit, text)
    assert explanation["valid"] is False
    assert explanation["mistakes"]


HASHED = hashlib.sha256(b"test-a-secret").hexdigest()
HASHES = [
    (f"{BODY}{HASHED}", True, None),
    (f"{HASHED}{BODY}", False, "secret-misplaced"),
    (f"{BODY}test-a-secret", False, "wrong-scheme"),
    (BODY, False, "secret-missing"),
    (f"{BODY}{HASHED.upper()}", False, "secret-hashed"),
]


@pytest.mark.parametrize(("text", "valid", "mistake"), HASHES, ids=[str(name) for *_, name in HASHES])
def test_what_a_receiver_has_hashed_is_checked(kit: Kit, text: str, valid: bool, mistake: str | None) -> None:
    explanation = kit.post("signature/explain", {"provider": "shuftipro", "text": text})
    assert explanation["valid"] is valid
    assert [one["id"] for one in explanation["mistakes"]] == ([mistake] if mistake else [])
    assert "test-a-secret" not in str(explanation)
    other = kit.post("signature/explain", {"provider": "shuftipro", "text": text, "signature": "0" * 64})
    assert other["valid"] is False


def test_a_callback_is_compared_with_what_was_sent(kit: Kit) -> None:
    kit.check(callback_url="http://localhost:9/hook")
    callback = kit.get("callbacks")["callbacks"][0]
    body, headers = callback["request"]["body"], callback["request"]["headers"]
    again = json.dumps(json.loads(body), indent=1)
    for received in (body, again, body + " and more"):
        explanation = kit.post(
            "signature/explain", {"provider": "shuftipro", "body": received, "headers": headers}
        )
        assert explanation["valid"] is (received == body)
        assert explanation["sent"] == {"callback": callback["id"], "body": body, "headers": headers}
    explanation = kit.post("signature/explain", {"provider": "shuftipro", "body": "{}", "headers": {}})
    assert explanation["sent"] is None
