"""Every deliver word of a scenario file, from the request to the bytes that arrive at a receiver."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mock_server.core.delivery_directives import DIRECTIVES
from tests.receivers import ReceivedRequest, Receiver, answers, fails_first
from tests.web.kit import Kit

SECRET = "test-a-secret"
SCENARIOS = """\
version: 1
provider: shuftipro
scenarios:
"""
WORD = """\
  - name: s{number}
    match: {{operation: verification, body.reference: {{prefix: "{reference}"}}}}
    respond: {{outcome: accepted}}
    callbacks: {callbacks}
"""
LISTS: dict[str, Any] = {
    "ok": ["ok"],
    "duplicate": ["duplicate"],
    "drop": ["drop"],
    "late": [{"late": "30s"}],
    "before-response": ["before-response"],
    "signature": [{"corrupt": "signature"}],
    "body": [{"corrupt": "body"}],
    "json": [{"corrupt": "json"}],
    "secret": [{"secret": "other"}],
    "scheme": [{"scheme": "legacy"}],
    "stale": [{"stale": "24h"}],
    "truncate": [{"truncate": 40}],
    "content-type": [{"content-type": "text/html"}],
    "slow": [{"slow": "200ms"}],
    "status-changed": [{"status-changed": "declined"}],
    "mixed": [{"corrupt": "signature"}, "ok", "duplicate"],
}


def signature(request: ReceivedRequest, scheme: str = "hashed") -> bool:
    """Whether it is right, as the specification words it."""
    tail = sha256(SECRET.encode()).hexdigest() if scheme == "hashed" else SECRET
    return (
        request.headers["signature"]
        == request.headers["sp_signature"]
        == sha256(request.body + tail.encode()).hexdigest()
    )


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    scenarios = [
        WORD.format(
            number=number,
            reference=f"{name}-",
            callbacks=json.dumps([{"event": "verification.accepted", "deliver": words}]),
        )
        for number, (name, words) in enumerate(LISTS.items())
    ]
    swap = [
        {"event": "request.pending", "deliver": [{"swap-with": "verification.accepted"}]},
        {"event": "verification.accepted", "after": "2s"},
    ]
    scenarios.append(WORD.format(number="swap", reference="swap-with-", callbacks=json.dumps(swap)))
    with Kit(tmp_path, scenarios=SCENARIOS + "".join(scenarios)) as kit:
        yield kit


def ask(kit: Kit, receiver: Receiver, name: str) -> str:
    reference = f"{name}-0001"
    assert (
        kit.check(reference=reference, callback_url=f"{receiver.url}/callbacks")["event"]
        == "verification.accepted"
    )
    return reference


def delivered(kit: Kit, reference: str, outcome: str = "delivered", count: int = 1) -> list[dict[str, Any]]:
    callbacks: list[dict[str, Any]] = kit.get(
        "callbacks/wait", reference=reference, outcome=outcome, count=count
    )["callbacks"]
    return callbacks


def test_every_word_is_tried_here() -> None:
    tried = {
        word if isinstance(word, str) else next(iter(word)) for words in LISTS.values() for word in words
    } | {"swap-with"}
    assert set(DIRECTIVES) == tried


@pytest.mark.parametrize(
    ("name", "arrive", "right"),
    [
        ("ok", 1, [True]),
        ("duplicate", 2, [True, True]),
        ("before-response", 1, [True]),
        ("signature", 1, [False]),
        ("body", 1, [False]),
        ("json", 1, [True]),
        ("secret", 1, [False]),
        ("scheme", 1, [False]),
        ("truncate", 1, [False]),
        ("content-type", 1, [True]),
        ("slow", 1, [True]),
        ("stale", 1, [True]),
        ("mixed", 3, [False, True, True]),
    ],
)
def test_what_a_word_makes_arrive(kit: Kit, name: str, arrive: int, right: list[bool]) -> None:
    with Receiver() as receiver:
        (callback,) = delivered(kit, ask(kit, receiver, name))
        assert arrive == len(receiver.requests) == len(callback["attempts"])
    assert [signature(request) for request in receiver.requests] == right
    (first, *_) = receiver.requests
    if name == "json":
        with pytest.raises(json.JSONDecodeError):
            json.loads(first.body)
    elif name == "truncate":
        assert len(first.body) == 40
    else:
        assert json.loads(first.body)["event"] == "verification.accepted"
    assert (name == "scheme") == signature(first, "legacy")
    assert ("text/html" if name == "content-type" else "application/json") == first.headers["content-type"]


def test_a_dropped_callback_never_arrives(kit: Kit) -> None:
    with Receiver() as receiver:
        (callback,) = delivered(kit, ask(kit, receiver, "drop"), "dropped")
        kit.post("clock/advance", {"by": "24h"})
        assert not receiver.requests
    assert [attempt["done"] for attempt in callback["attempts"]] == ["not sent"]


def test_a_late_callback_waits_for_the_accounts_clock(kit: Kit) -> None:
    with Receiver() as receiver:
        reference = ask(kit, receiver, "late")
        kit.post("clock/advance", {"by": "29s"})
        assert not receiver.requests
        kit.post("clock/advance", {"by": "1s"})
        assert len(receiver.requests) == 1
        delivered(kit, reference)


def test_before_response_is_before_the_response(kit: Kit) -> None:
    with Receiver(answers(500)) as receiver:
        ask(kit, receiver, "before-response")
        assert len(receiver.requests) == 1, "it had arrived when the answer came"


def test_swapped_events_arrive_in_the_wrong_order(kit: Kit) -> None:
    with Receiver() as receiver:
        reference = ask(kit, receiver, "swap-with")
        kit.post("clock/advance", {"by": "2s"})
        delivered(kit, reference, count=2)
    assert [json.loads(body)["event"] for body in receiver.bodies] == [
        "verification.accepted",
        "request.pending",
    ]


def test_a_stale_callback_replays_the_day_before(kit: Kit) -> None:
    with Receiver() as receiver:
        delivered(kit, ask(kit, receiver, "ok"))
        kit.post("clock/advance", {"by": "25h"})
        delivered(kit, ask(kit, receiver, "stale"))
    assert len(receiver.requests) == 2
    assert receiver.bodies[0] == receiver.bodies[1]


def test_the_status_is_another_one_when_the_callback_is_handled(kit: Kit) -> None:
    """And its change is told by a callback of its own afterwards."""
    with Receiver() as receiver:
        reference = ask(kit, receiver, "status-changed")
        delivered(kit, reference, count=2)
    assert [json.loads(body)["event"] for body in receiver.bodies] == [
        "verification.accepted",
        "verification.status.changed",
    ]
    assert kit.get(f"verifications/{reference}")["status"] == "verification.declined"


def test_what_was_done_is_shown_with_the_callback(kit: Kit) -> None:
    with Receiver() as receiver:
        (callback,) = delivered(kit, ask(kit, receiver, "mixed"))
    first, second, third = callback["attempts"]
    assert [each["done"] for each in (first, second, third)] == [
        "one digit of the signature changed",
        "",
        "sent once more",
    ]


def test_ten_attempts_within_a_day_of_the_clock(kit: Kit) -> None:
    with Receiver(fails_first(9)) as receiver:
        reference = ask(kit, receiver, "ok")
        moved = kit.post("clock/advance", {"by": "24h"})
        assert len(receiver.requests) == 10
        delivered(kit, reference)
    assert moved
    with Receiver(answers(500)) as receiver:
        kit.check(reference="ok-0002", callback_url=receiver.url)
        kit.post("clock/advance", {"by": "24h"})
        assert len(receiver.requests) == 10
        delivered(kit, "ok-0002", "failed")
