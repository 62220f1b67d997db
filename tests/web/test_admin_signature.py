"""The signature doctor over the control API, for requests and bodies that were never sent here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
    given = {
        "key": "test-a",
        "nonce": "n-1",
        "timestamp": str(int(kit.clock.now() * 1000)),
        "data": '{"a":"b c"}',
    }
    return {**given, "signature": sign(secret, path, given)}


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_right_request_is_right(kit: Kit, method: str) -> None:
    told = kit.post(
        "signature/explain",
        {"provider": "cloudcheck", "method": method, "path": "/verify/", "params": params(kit)},
    )
    assert (told["valid"], told["mistakes"]) == (True, [])
    assert (
        f'/verify/data={{"a":"b c"}};key=test-a;nonce=n-1;timestamp={params(kit)["timestamp"]};'
        == told["canonical"]
    )
    assert told["expected"] == told["received"]


def test_a_list_of_values_is_a_parameter_sent_as_often(kit: Kit) -> None:
    sent = params(kit)
    text = canonical("/verify/", {**sent, "username": "b"}, {"username": ["b", "ā a"]})
    repeated = {**sent, "username": ["b", "ā a"], "signature": sign_text("test-a-secret", text)}
    body = {"provider": "cloudcheck", "path": "/verify/", "params": repeated}
    report = kit.post("signature/explain", body)
    assert (report["valid"], report["canonical"]) == (True, text)


def test_a_wrong_request_has_its_mistake_named(kit: Kit) -> None:
    told = kit.post(
        "signature/explain",
        {"provider": "cloudcheck", "path": "/verify/", "params": params(kit, path="/verify")},
    )
    assert (told["valid"], len(told["mistakes"])) == (False, 1)
    assert {"id", "explanation", "fix"} <= told["mistakes"][0].keys()


def test_another_secret_can_be_given_and_is_never_shown(kit: Kit) -> None:
    body = {
        "provider": "cloudcheck",
        "path": "/verify/",
        "params": params(kit, secret="quite-another-secret"),
        "secret": "quite-another-secret",
    }
    told = kit.post("signature/explain", body)
    assert (told["valid"], "quite-another-secret" in str(told)) == (True, False)


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
    told = kit.post("signature/explain", {"provider": "shuftipro", "body": BODY, **more})
    assert (valid, not valid) == (told["valid"], bool(told["mistakes"]))


def test_a_vendor_that_signs_no_body_says_so(kit: Kit) -> None:
    status, document = kit.call("POST", "signature/explain", {"provider": "cloudcheck", "body": BODY})
    assert (status, "params" in document["detail"]) == (422, True)


def test_nothing_is_stored(kit: Kit) -> None:
    kit.post("signature/explain", {"provider": "cloudcheck", "path": "/verify/", "params": params(kit)})
    assert kit.get("requests")["total"] == 0
