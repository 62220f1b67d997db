"""Callbacks, decisions, events and the clock over the control API, with a receiver that listens."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.client import Receiver
from tests.web.kit import START, Kit


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path) as kit:
        yield kit


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def delivered(kit: Kit, **filters: Any) -> Any:
    return kit.get("callbacks/wait", outcome="delivered", **filters)["callbacks"][0]


def tried(kit: Kit) -> Any:
    """The newest callback, as soon as an attempt at it has been recorded."""
    version = -1
    while not (callbacks := kit.get("callbacks", limit=1)["callbacks"]) or not callbacks[0]["attempts"]:
        seen, version = version, kit.service.store.wait(version, 5.0)
        assert seen < version, "nothing was tried within five seconds"
    return callbacks[0]


def test_a_callback_is_told_with_its_attempts(kit: Kit, receiver: Receiver) -> None:
    kit.check(callback_url=receiver.url)
    callback = delivered(kit)
    assert tuple(callback[name] for name in ("provider", "event", "reference", "state")) == (
        "shuftipro",
        "verification.accepted",
        "check-1",
        "delivered",
    )
    assert (receiver.url, "check-1") == (callback["request"]["url"], callback["request"]["json"]["reference"])
    assert [(attempt["status"], attempt["error"], attempt["done"]) for attempt in callback["attempts"]] == [
        (200, "", "")
    ]
    assert kit.newest()["id"] == callback["request_id"]
    assert callback == kit.get(f"callbacks/{callback['id']}")
    assert receiver.received[0].body.decode() == callback["request"]["body"]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 2),
        ({"event": "verification.accepted"}, 2),
        ({"event": "verification.declined"}, 0),
        ({"reference": "check-1"}, 1),
        ({"outcome": "delivered"}, 2),
        ({"outcome": "failed"}, 0),
        ({"provider": "cloudcheck"}, 0),
        ({"request": "r-none"}, 0),
    ],
    ids=str,
)
def test_the_filters_of_the_list(kit: Kit, receiver: Receiver, filters: dict[str, str], count: int) -> None:
    kit.check(callback_url=receiver.url)
    kit.check(callback_url=receiver.url, reference="check-2")
    kit.get("callbacks/wait", count=2)
    assert (
        count == kit.get("callbacks", **filters)["total"] == len(kit.get("callbacks", **filters)["callbacks"])
    )


def test_pages_follow_one_another(kit: Kit, receiver: Receiver) -> None:
    for number in range(3):
        kit.check(callback_url=receiver.url, reference=f"check-{number}")
    page = kit.get("callbacks", limit=2)
    rest = kit.http.get(page["next"]).get_json()
    assert (rest["total"], rest["next"]) == (3, None)
    assert [one["reference"] for one in page["callbacks"] + rest["callbacks"]] == [
        "check-2",
        "check-1",
        "check-0",
    ]


def test_waiting_ends_as_soon_as_it_is_delivered(kit: Kit, receiver: Receiver) -> None:
    callbacks: list[Any] = []
    waiter = threading.Thread(
        target=lambda: callbacks.append(delivered(kit, event="verification.accepted", timeout="30s"))
    )
    waiter.start()
    kit.check(callback_url=receiver.url)
    waiter.join(20)
    assert callbacks[0]["reference"] == "check-1"


def test_waiting_in_vain_says_how_the_callback_stands(kit: Kit, receiver: Receiver) -> None:
    receiver.answer(500)
    kit.check(callback_url=receiver.url)
    tried(kit)
    status, document = kit.call(
        "GET", "callbacks/wait", outcome="delivered", reference="check-1", timeout="100ms"
    )
    assert (status, document["total"], document["callbacks"][0]["state"]) == (408, 1, "pending")
    assert "verification.accepted for check-1" in document["detail"]
    _, document = kit.call("GET", "callbacks/wait", event="request.deleted", timeout="1ms")
    assert (document["callbacks"], len(document["others"])) == ([], 1)


def test_advancing_the_clock_runs_the_retries_in_their_order(kit: Kit, receiver: Receiver) -> None:
    kit.put("clock", {"freeze": "now"})
    receiver.answer(500, 500)
    kit.check(callback_url=receiver.url)
    tried(kit)
    answer = kit.post("clock/advance", {"by": "24h"})
    assert ([callback["state"] for callback in answer["callbacks"]], answer["frozen"]) == (
        ["delivered"],
        True,
    )
    attempts = answer["callbacks"][0]["attempts"]
    assert [attempt["status"] for attempt in attempts] == [500, 500, 200]
    assert sorted(attempt["at"] for attempt in attempts) == [attempt["at"] for attempt in attempts]
    assert answer["now"] == "2023-11-15T22:13:20.000Z"


@pytest.mark.parametrize(("path", "body"), [("clock/advance", {"by": "1h"}), ("callbacks/flush", None)])
def test_an_answer_lists_a_thousand_callbacks_at_the_most(kit: Kit, path: str, body: object) -> None:
    kit.check(callback_url="http://127.0.0.1:9/")
    (message,) = (each.message for each in kit.service.store.deliveries("test-a")[0])
    due = message.due + 60
    kit.service.store.schedule(
        [
            message._replace(id=f"d-{number}", due=due, lane="", no_address="none is set")
            for number in range(1100)
        ]
    )
    answer = kit.post(path, body)
    assert len(answer["callbacks"]) == 1000
    assert answer["total"] >= 1100
    assert answer["next"] == "/__admin/callbacks?account=test-a&limit=1000"


def test_flushing_sends_what_is_scheduled_without_moving_the_clock(kit: Kit, receiver: Receiver) -> None:
    receiver.answer(500)
    kit.check(callback_url=receiver.url)
    tried(kit)
    before = kit.get("clock")["now"]
    assert [callback["state"] for callback in kit.post("callbacks/flush")["callbacks"]] == ["delivered"]
    assert before == kit.get("clock")["now"]


def test_sending_again_makes_a_callback_of_its_own(kit: Kit, receiver: Receiver) -> None:
    kit.check(callback_url=receiver.url)
    first = delivered(kit)
    again = kit.post(f"callbacks/{first['id']}/resend")["callbacks"][0]
    assert again["id"] != first["id"]
    kit.get("callbacks/wait", outcome="delivered", count=2)
    one, two = receiver.wait(2)
    assert (one.body, one.headers["signature"]) == (two.body, two.headers["signature"])


def test_what_is_pending_can_be_cancelled_and_what_is_not_cannot(kit: Kit, receiver: Receiver) -> None:
    receiver.answer(500)
    kit.check(callback_url=receiver.url)
    callback = tried(kit)
    assert (lambda response: (response[0], response[1]["state"]))(
        kit.call("DELETE", f"callbacks/{callback['id']}")
    ) == (
        200,
        "cancelled",
    )
    status, document = kit.call("DELETE", f"callbacks/{callback['id']}")
    assert (status, "cancelled" in document["detail"]) == (409, True)


def test_a_pending_verification_is_decided_and_what_follows_is_sent(kit: Kit, receiver: Receiver) -> None:
    answer = kit.check(
        callback_url=receiver.url,
        background_checks=None,
        redirect_url="http://localhost/",
        document={"supported_types": ["passport"]},
    )
    assert answer["event"] == "request.pending"
    decided = kit.post(
        "verifications/check-1/decide", {"outcome": "declined", "decline": {"document": ["SPDR03"]}}
    )
    assert (
        decided["verification"]["status"],
        [callback["event"] for callback in decided["callbacks"]],
    ) == ("verification.declined", ["verification.declined"])
    assert "SPDR03" in delivered(kit, event="verification.declined")["request"]["body"]
    assert kit.get("verifications/check-1")["status"] == "verification.declined"


def test_an_outcome_that_cannot_be_decided_says_which_can(kit: Kit) -> None:
    kit.verify()
    status, document = kit.call("POST", "verifications/ref-1/decide", {"outcome": "nonsense"})
    assert (status, "nonsense" in document["detail"]) == (422, True)


@pytest.mark.parametrize("filters", [{}, {"provider": "cloudcheck"}, {"kind": "verification"}], ids=str)
def test_verifications_are_listed_newest_first_and_by_page(kit: Kit, filters: dict[str, str]) -> None:
    for number in range(3):
        kit.verify(reference=f"ref-{number}")
    page = kit.get("verifications", limit=2, **filters)
    rest = kit.http.get(page["next"]).get_json()
    assert [one["aliases"] for one in page["verifications"] + rest["verifications"]] == [
        ["ref-2"],
        ["ref-1"],
        ["ref-0"],
    ]
    assert (page["total"], rest["next"]) == (3, None)
    oldest = rest["verifications"][0]["key"]
    after = kit.get("verifications", after=oldest, limit=1, **filters)
    rest = kit.http.get(after["next"]).get_json()
    assert [one["aliases"] for one in after["verifications"] + rest["verifications"]] == [
        ["ref-1"],
        ["ref-2"],
    ]
    assert (after["total"], rest["next"]) == (3, None)
    assert kit.get("verifications", provider="shuftipro")["total"] == 0


def test_an_event_is_fired_by_hand_even_while_another_is_retried(kit: Kit, receiver: Receiver) -> None:
    receiver.answer(500)
    kit.check(callback_url=receiver.url)
    tried(kit)
    fired = kit.post("events", {"event": "verification.accepted", "reference": "check-1"})["callbacks"]
    assert [("verification.accepted", receiver.url)] == [
        (callback["event"], callback["request"]["url"]) for callback in fired
    ]
    assert kit.get("callbacks/wait", outcome="delivered")["callbacks"][0]["state"] == "delivered"


def test_a_cloudcheck_event_goes_where_it_is_sent(kit: Kit, receiver: Receiver) -> None:
    kit.verify("Marlowe")
    body = {
        "event": "PEP_MATCH_REVIEW",
        "reference": "ref-1",
        "requestType": "VERIFICATION",
        "url": receiver.url,
    }
    kit.post("events", body)
    delivered(kit, event="PEP_MATCH_REVIEW")
    assert "VERIFICATION" in receiver.wait()[0].body.decode()


def test_an_event_of_another_request_type_is_refused_with_a_remedy(kit: Kit, receiver: Receiver) -> None:
    body = {"event": "REVIEW", "reference": "ref-1", "requestType": "VERIFICATION", "url": receiver.url}
    status, answer = kit.call("POST", "events", body)
    assert (status, 'add merge {"requestType": "VERIFICATION"}' in answer["detail"]) == (422, True)
    assert kit.call("POST", "events", {**body, "merge": {"requestType": "VERIFICATION"}})[0] == 201


@pytest.mark.parametrize(
    ("change", "now", "frozen", "offset"),
    [
        ({"freeze": "2026-01-01T00:00:00Z"}, "2026-01-01T00:00:00.000Z", True, 1767225600 - START),
        ({"freeze": 1_600_000_000}, "2020-09-13T12:26:40.000Z", True, -100_000_000),
        ({"freeze": "now"}, "2023-11-14T22:13:20.000Z", True, 0),
        ({"set": "2026-01-01T00:00:00Z"}, "2026-01-01T00:00:00.000Z", False, 1767225600 - START),
        ({"offset": "-5m"}, "2023-11-14T22:08:20.000Z", False, -300),
        ({"offset": 60}, "2023-11-14T22:14:20.000Z", False, 60),
        ({"offset": 0}, "2023-11-14T22:13:20.000Z", False, 0),
    ],
    ids=str,
)
def test_the_clock_is_set_for_one_account(
    kit: Kit, change: dict[str, Any], now: str, frozen: bool, offset: float
) -> None:
    clock = kit.put("clock", change)
    assert (
        {"now": now, "real": "2023-11-14T22:13:20.000Z", "frozen": frozen, "offset": offset}
        == clock
        == kit.get("clock")
    )
    assert kit.get("clock", account="test-b")["offset"] == 0
    assert (lambda answer: (answer[0], answer[1]["offset"]))(kit.call("DELETE", "clock")) == (200, 0)


def test_a_clock_that_is_set_runs_on_and_a_frozen_one_does_not(kit: Kit) -> None:
    kit.put("clock", {"set": "2026-01-01T00:00:00Z"})
    kit.clock.advance(10)
    assert kit.get("clock")["now"] == "2026-01-01T00:00:10.000Z"
    kit.put("clock", {"freeze": "now"})
    kit.clock.advance(10)
    assert kit.get("clock")["now"] == "2026-01-01T00:00:10.000Z"


def test_accounts_are_declared_merged_and_shown_without_secrets(kit: Kit) -> None:
    kit.put("accounts/acme", {"shuftipro": {"client_id": "acme-id", "secret_key": "acme-secret-1"}})
    kit.put(
        "accounts/acme",
        {"shuftipro": {"signature": "legacy"}, "cloudcheck": {"webhook_url": "http://localhost:3000/"}},
    )
    shown = kit.get("accounts/acme")
    assert tuple(shown["shuftipro"][name] for name in ("client_id", "secret_key", "signature")) == (
        "acme-id",
        "***",
        "legacy",
    )
    assert shown["cloudcheck"]["webhook_url"] == "http://localhost:3000/"
    assert {"acme", "default"} <= {account["name"] for account in kit.get("accounts")["accounts"]}
    assert "acme-secret-1" not in json.dumps(kit.get("accounts"))


def test_a_callback_without_an_address_is_listed_with_the_reason(tmp_path: Path) -> None:
    scenario = """\
version: 1
provider: cloudcheck
scenarios:
  - name: reviewed
    match: {operation: verify}
    respond: {outcome: pep-match}
    callbacks: [{event: PEP_MATCH_REVIEW}]
"""
    with Kit(tmp_path, scenarios=scenario) as kit:
        kit.verify(reference="Tāne+1 🙂")
        (callback,) = kit.get("callbacks/wait", outcome="not sent")["callbacks"]
    reason = "account test-a has no webhook_url; set it for the account, or `url` in the scenario's callback"
    assert (callback["reference"], callback["no_address"]) == ("Tāne+1 🙂", reason)
    assert [attempt["error"] for attempt in callback["attempts"]] == [reason]
