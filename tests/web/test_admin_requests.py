"""The journal over the control API."""

from __future__ import annotations

import gzip
import threading
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from mock_server.web.refusals import describe
from tests.web.kit import Kit


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def test_an_entry_tells_request_answer_and_how_it_came_about(kit: Kit) -> None:
    kit.verify("Marlowe")
    entry = kit.newest()
    assert tuple(
        entry[name]
        for name in ("provider", "operation", "method", "path", "status", "reference", "outcome", "scenario")
    ) == ("cloudcheck", "verify", "POST", "/verify/", 200, "ref-1", "pep-match", "marlowe")
    assert entry["source"].endswith("some.yaml:4")
    assert entry["request"]["json"]["details"]["name"]["family"] == "Marlowe"
    assert set(entry["request"]["params"]) == {"key", "nonce", "timestamp", "data", "signature"}
    assert entry["request"]["body"].startswith("key=test-a&nonce=")
    assert entry["response"]["json"]["verification"]["reference"] == "ref-1"
    assert entry["at"] == "2023-11-14T22:13:20.000Z"


def test_an_entry_shows_the_closest_scenario_that_did_not_match(kit: Kit) -> None:
    kit.verify("Marlow")
    entry = kit.get(f"requests/{kit.newest()['id']}")
    assert entry["near_misses"][0]["name"] == "marlowe"
    assert [
        (difference["path"], difference["expected"], difference["actual"])
        for difference in entry["near_misses"][0]["differences"]
    ] == [("body.details.name.family", '"Marlowe"', "Marlow")]
    assert kit.get(f"requests/{entry['id']}", near_misses=0)["near_misses"] == []
    kit.verify("Marlowe", "ref-2")
    assert kit.get(f"requests/{kit.newest()['id']}")["near_misses"] == []


def test_credentials_do_not_appear(kit: Kit) -> None:
    kit.check()
    kit.verify(note="test-a-secret")
    text = (
        str(kit.get("requests")) + str(kit.get(f"requests/{kit.newest()['id']}")) + str(kit.get("accounts"))
    )
    assert "test-a-secret" not in text
    assert "Basic test-a:***" in text


def test_a_list_shortens_long_texts_and_a_single_entry_does_not(kit: Kit) -> None:
    kit.verify(note="x" * 5000)
    listed = kit.newest()
    assert "(5000 characters)" in listed["request"]["params"]["note"]
    assert kit.get(f"requests/{listed['id']}")["request"]["params"]["note"] == "x" * 5000


def test_a_body_that_is_no_text_is_shown_in_base64(kit: Kit) -> None:
    kit.http.post("/verify/", data=b"\xff\xfe\x00", content_type="application/octet-stream")
    assert {
        name: value
        for name, value in kit.newest("default")["request"].items()
        if name in ("base64", "size", "body", "json")
    } == {"base64": "//4A", "size": 3}


def test_half_a_surrogate_pair_in_a_body_does_not_hide_the_journal(kit: Kit) -> None:
    body = r'{"reference": "lone-\ud800", "\udc00": ["\ud83d\ude00", "ā\udfff"]}'
    kit.http.post("/", data=body.encode(), content_type="application/json")
    shown = kit.newest("default")
    for each in (shown, kit.get(f"requests/{shown['id']}", account="default")):
        assert each["request"]["body"] == body
        assert each["request"]["json"] == {"reference": "lone-\ufffd", "\ufffd": ["\U0001f600", "ā\ufffd"]}


@pytest.mark.parametrize(
    ("filters", "references"),
    [
        ({}, ["c", "b", "a"]),
        ({"provider": "cloudcheck"}, ["c", "b", "a"]),
        ({"provider": "shuftipro"}, []),
        ({"operation": "verify"}, ["c", "b", "a"]),
        ({"scenario": "marlowe"}, ["b"]),
        ({"reference": "a"}, ["a"]),
        ({"q": "MARLOWE"}, ["b"]),
        ({"status": "200"}, ["c", "b", "a"]),
        ({"status": "503"}, []),
        ({"since": "2023-11-14T22:13:30Z"}, ["c", "b"]),
        ({"since": "1700000020"}, ["c"]),
    ],
    ids=str,
)
def test_the_filters_of_the_list_and_of_the_count(
    kit: Kit, filters: dict[str, str], references: list[str]
) -> None:
    for family, reference in (("Okafor", "a"), ("Marlowe", "b"), ("Okafor", "c")):
        kit.verify(family, reference)
        kit.clock.advance(10)
    listed = kit.get("requests", **filters)
    assert (references, len(references)) == (
        [entry["reference"] for entry in listed["requests"]],
        listed["total"],
    )
    counted = {name: int(value) if name == "status" else value for name, value in filters.items()}
    assert {"count": len(references)} == kit.post("requests/count", counted)


def test_pages_follow_one_another(kit: Kit) -> None:
    for number in range(5):
        kit.verify(reference=f"ref-{number}")
    seen: list[str] = []
    page = kit.get("requests", limit=2, q="ref-")
    while True:
        seen += [entry["reference"] for entry in page["requests"]]
        if page["next"] is None:
            break
        page = kit.http.get(page["next"]).get_json()
    assert [f"ref-{number}" for number in (4, 3, 2, 1, 0)] == seen


def test_the_journal_can_be_emptied(kit: Kit) -> None:
    kit.verify()
    assert kit.call("DELETE", "requests") == (200, {"deleted": 1})
    assert kit.get("requests")["total"] == 0
    assert kit.get("verifications")["total"] == 1


def test_accounts_do_not_see_each_other(kit: Kit) -> None:
    kit.verify(account="test-a")
    kit.verify(account="test-b")
    assert [entry["account"] for entry in kit.get("requests", account="test-a")["requests"]] == ["test-a"]
    kit.post("reset", account="test-a")
    assert (
        kit.get("requests", account="test-a")["total"],
        kit.get("requests", account="test-b")["total"],
    ) == (0, 1)
    assert kit.post("reset", all=1) == {"reset": ["test-b"]}
    assert kit.get("requests", account="test-b")["total"] == 0


def test_waiting_returns_at_once_for_what_has_happened(kit: Kit) -> None:
    kit.verify("Marlowe")
    assert [entry["scenario"] for entry in kit.get("requests/wait", scenario="marlowe")["requests"]] == [
        "marlowe"
    ]


def test_waiting_ends_as_soon_as_it_happens(kit: Kit) -> None:
    answers: list[Any] = []
    waiter = threading.Thread(
        target=lambda: answers.append(kit.get("requests/wait", count=2, timeout="30s", reference="ref-1"))
    )
    waiter.start()
    for reference in ("ref-1", "other", "ref-1"):
        kit.verify(reference=reference)
    waiter.join(20)
    assert [entry["reference"] for entry in answers[0]["requests"]] == ["ref-1", "ref-1"]


def test_waiting_in_vain_says_what_did_happen(kit: Kit) -> None:
    kit.verify()
    status, document = kit.call("GET", "requests/wait", reference="ref-9", timeout="1ms")
    assert (status, document["requests"], document["total"]) == (408, [], 0)
    assert document["others"] == ["POST /verify/ → 200 (cloudcheck, verify, ref-1, verified)"]


def test_why_a_request_was_refused(kit: Kit) -> None:
    kit.verify(secret="wrong")
    explanation = kit.get(f"requests/{kit.newest()['id']}/explain")
    assert (
        explanation["valid"],
        explanation["error"],
        explanation["answers"],
        explanation["refusal"]["error"],
    ) == (False, "106", "refusal", "106")
    assert explanation["canonical"].startswith("/verify/data={")
    assert (len(explanation["expected"]), len(explanation["received"])) == (64, 64)
    assert "refused with 106" in explanation["reason"]


def test_an_accepted_request_with_a_doubtful_timestamp_has_a_warning(kit: Kit) -> None:
    kit.verify(timestamp="1700000000000000")
    report = kit.get(f"requests/{kit.newest()['id']}/explain")
    assert (report["valid"], report["error"], report["mistakes"], report["reason"]) == (True, "", [], "")
    assert [warning["id"] for warning in report["warnings"]] == ["timestamp-in-microseconds"]
    assert report["evidence"]["remedy"] == "send milliseconds since the epoch"


def test_the_log_names_a_doubtful_timestamp(kit: Kit) -> None:
    kit.verify(timestamp="1700000000000000")
    entry = kit.service.store.entry("test-a", kit.newest()["id"])
    assert entry is not None
    line = describe(kit.service.pipeline, entry)
    assert (
        "POST /verify/ accepted, but doubtful: The timestamp 1700000000000000 seems to be in microseconds."
        " [timestamp-in-microseconds] (fix: Send" in line
    )


def test_a_known_mistake_is_named_with_its_remedy(kit: Kit) -> None:
    params = {"key": "test-a", "nonce": "n", "timestamp": str(int(kit.clock.now() * 1000)), "data": "{}"}
    from mock_server.providers.cloudcheck.signing import sign_text

    text = "/verify/" + ";".join(f"{name}={params[name]}" for name in sorted(params))
    kit.http.post("/verify/", data={**params, "signature": sign_text("test-a-secret", text)})
    explanation = kit.get(f"requests/{kit.newest()['id']}/explain")
    assert len(explanation["mistakes"]) == 1
    assert {"id", "explanation", "fix"} <= explanation["mistakes"][0].keys()
    assert explanation["mistakes"][0]["fix"] in explanation["reason"]


def test_why_a_request_was_answered_as_it_was(kit: Kit) -> None:
    kit.verify("Marlowe", "down-1")
    explanation = kit.get(f"requests/{kit.newest()['id']}/explain")
    assert (explanation["valid"], explanation["answers"], explanation["scenario"]["name"]) == (
        True,
        "scenario",
        "marlowe",
    )
    assert {name: value for name, value in explanation["answered"].items() if name != "source"} == {
        "scenario": "marlowe",
        "outcome": "pep-match",
        "status": 200,
    }


def test_explaining_is_as_of_then_and_writes_nothing(kit: Kit) -> None:
    kit.verify()
    entry = kit.newest()
    before = kit.service.store.version()
    kit.clock.advance(86_400)
    assert tuple(
        kit.get(f"requests/{entry['id']}/explain")[name] for name in ("answers", "valid", "mistakes")
    ) == ("built-in", True, [])
    assert before == kit.service.store.version()


def explained(kit: Kit, entry_id: str) -> tuple[str, Any, list[str]]:
    """What answered, the refusal's code, and the mistakes that are named."""
    explanation = kit.get(f"requests/{entry_id}/explain")
    refusal = explanation["refusal"]
    return (
        explanation["answers"],
        refusal and refusal["error"],
        [mistake["id"] for mistake in explanation["mistakes"]],
    )


def test_requests_with_one_nonce_are_explained_as_they_were_then(kit: Kit) -> None:
    for params in ({"signature": "0" * 64}, {}, {}):
        kit.verify(nonce="one", **params)
    forged, first, second = [entry["id"] for entry in reversed(kit.get("requests")["requests"])]
    assert explained(kit, forged)[:2] == ("refusal", "106")
    assert "nonce-used" not in explained(kit, forged)[2]
    assert explained(kit, first) == ("built-in", None, [])
    assert explained(kit, second) == ("refusal", "104", ["nonce-used"])


def test_a_nonce_of_a_forgotten_request_is_still_named(tmp_path: Path) -> None:
    kit = Kit(tmp_path, journal_limit=1)
    kit.verify(nonce="one")
    kit.verify(nonce="one")
    assert explained(kit, kit.newest()["id"]) == ("refusal", "104", ["nonce-used"])


def test_an_explanation_ignores_that_the_reference_is_taken_since(kit: Kit) -> None:
    kit.check()
    explanation = kit.get(f"requests/{kit.newest()['id']}/explain")
    assert (explanation["answers"], explanation["refusal"], explanation["reference"]) == (
        "built-in",
        None,
        "check-1",
    )


def test_the_vendors_own_words_explain_where_the_doctor_has_none(kit: Kit) -> None:
    kit.check(country="Nowhere")
    explanation = kit.get(f"requests/{kit.newest()['id']}/explain")
    assert "request.invalid" in explanation["reason"]
    assert kit.newest()["response"]["json"]["error"]["message"] in explanation["reason"]


@pytest.mark.parametrize(
    ("method", "path", "error"),
    [
        pytest.param("POST", "/verify/", "101", id="no key"),
        pytest.param("GET", "/verify/", "113", id="another method"),
        pytest.param("POST", "/verify", "113", id="no slash at the end"),
        pytest.param("POST", "/", "request.unauthorized", id="no credentials"),
        pytest.param("GET", "/status", "404", id="another method of Shufti Pro"),
    ],
)
def test_what_was_refused_before_an_account_was_known_is_explained(
    kit: Kit, method: str, path: str, error: str
) -> None:
    kit.http.open(path, method=method)
    explained = kit.get(f"requests/{kit.newest('default')['id']}/explain", account="default")
    assert (explained["answers"], explained["error"], explained["refusal"]["error"]) == (
        "refusal",
        error,
        error,
    )
    assert (
        explained["refusal"]["message"] in explained["reason"]
        or explained["mistakes"][0]["fix"] in explained["reason"]
    )


def test_a_refused_method_is_journalled_under_its_account(kit: Kit) -> None:
    kit.http.get("/verify/?key=test-a")
    assert (kit.newest()["method"], kit.newest()["status"]) == ("GET", 405)
    kit.http.get("/status", headers={"Authorization": "Basic dGVzdC1hOnRlc3QtYS1zZWNyZXQ="})
    assert (kit.newest()["path"], kit.newest()["status"]) == ("/status", 404)


@pytest.mark.parametrize(
    ("key", "page"), [("test-ā", "/?account=test-%C4%81#"), ("nobody", "/#")], ids=["an account's", "nobody's"]
)  # fmt: skip
def test_a_refusal_links_to_its_explanation(kit: Kit, key: str, page: str) -> None:
    response = kit.http.post("/cloudcheck/verify/", data={"key": key}, headers={"Host": "mock.test:8484"})
    request_id = response.headers["X-Mock-Request-Id"]
    assert (
        response.headers["Link"]
        == f'<http://mock.test:8484/__admin/ui{page}/requests/{request_id}>; rel="help"'
    )


def test_an_answer_that_does_not_refuse_has_no_link(kit: Kit) -> None:
    kit.verify("Marlowe")
    assert "Link" not in kit.newest()["response"]["headers"]


UNREAD = [
    pytest.param(
        "/verify/",
        {"content-type": "application/json"},
        b'{"key":"test-a"}',
        "content-type",
        id="JSON for Cloudcheck",
    ),
    pytest.param(
        "/verify/",
        {"content-type": "multipart/form-data"},
        b"--b\r\n\r\n\r\n--b--",
        "boundary-missing",
        id="no boundary",
    ),
    pytest.param(
        "/",
        {"content-type": "application/json"},
        b"\xef\xbb\xbf{}",
        "byte-order-mark",
        id="byte order mark for Shufti Pro",
    ),
    pytest.param(
        "/",
        {"content-type": "application/json", "content-encoding": "gzip"},
        gzip.compress(b"{}"),
        "body-compressed",
        id="gzip",
    ),
]


@pytest.mark.parametrize(("path", "headers", "body", "mistake"), UNREAD)
def test_a_body_that_cannot_be_read_is_explained_everywhere(
    kit: Kit, path: str, headers: dict[str, str], body: bytes, mistake: str
) -> None:
    credentials = (
        {"authorization": "Basic " + b64encode(b"test-a:test-a-secret").decode()} if path == "/" else {}
    )
    answer = kit.http.post(path, data=body, headers={**headers, **credentials})
    entry_id = answer.headers["X-Mock-Request-Id"]
    account = "test-a" if credentials else "default"
    report = kit.get(f"requests/{entry_id}/explain", account=account)
    (named,) = report["mistakes"]
    entry = kit.service.store.entry(account, entry_id)
    assert entry is not None
    assert named["id"] == mistake
    assert f"{named['explanation']} [{named['id']}] (fix: {named['fix']})" in describe(
        kit.service.pipeline, entry
    )
    assert f"{named['explanation']} [{named['id']}] (fix: {named['fix']})" in report["reason"]


def test_the_fields_and_files_of_a_multipart_form_are_shown(kit: Kit) -> None:
    fields = [("key", "nobody"), ("a", "ā"), ("a", "b"), ("data", '{"reference": "ref-1"}')]
    body = "".join(
        f"--b\r\nContent-Disposition: form-data; name={name}\r\n\r\n{value}\r\n" for name, value in fields
    ).encode()
    body += b"--b\r\nContent-Disposition: form-data; name=file; filename=a.png\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n"
    kit.http.post("/doc/runcheck/", data=body, content_type="multipart/form-data; boundary=b")
    shown = kit.newest("default")["request"]
    assert shown["params"] == {
        "key": "nobody",
        "a": ["ā", "b"],
        "data": '{"reference": "ref-1"}',
        "file": {"filename": "a.png", "content_type": "image/png", "size": 4},
    }
    assert shown["json"] == {"reference": "ref-1"}


def test_other_decline_codes_than_those_asked_for_are_a_warning(kit: Kit) -> None:
    kit.check(reference="decline-SPDR17-x")
    entry = kit.service.store.entry("test-a", kit.newest()["id"])
    assert entry is not None
    explanation = "SPDR17 is about document: the services of the request are background_checks"
    assert (
        f"POST / accepted, but doubtful: {explanation} [decline-codes] (fix: ask for that service"
        in describe(kit.service.pipeline, entry)
    )
    report = kit.get(f"requests/{entry.id}/explain")
    assert [("decline-codes", explanation)] == [
        (warning["id"], warning["explanation"]) for warning in report["warnings"]
    ]
    assert (report["valid"], report["mistakes"], report["reason"]) == (True, [], "")


def test_a_filter_by_a_misspelt_scenario_is_refused(kit: Kit) -> None:
    kit.verify("Marlowe")

    filter_: dict[str, Any] = {"scenario": "marlow"}
    answers = [
        kit.call("GET", "requests", **filter_),
        kit.call("GET", "requests/unmatched", **filter_),
        kit.call("GET", "requests/wait", timeout="1ms", **filter_),
        kit.call("POST", "requests/count", filter_),
        kit.call("GET", "callbacks", **filter_),
    ]

    assert [(status, answer["detail"], answer["remedy"]) for status, answer in answers] == [
        (400, "unknown scenario 'marlow'", "did you mean marlowe?")
    ] * 5


def test_a_scenario_that_is_gone_and_has_answered_can_be_filtered_by(kit: Kit) -> None:
    kit.verify("Marlowe")
    kit.file.write_text(kit.file.read_text().replace("name: marlowe", "name: pep"))
    kit.service.reload()

    assert kit.get("requests", scenario="marlowe")["total"] == 1
