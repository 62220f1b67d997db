"""Nothing is sent about a verification after ``request.deleted``, whoever deletes it and whatever was
scheduled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_server.scenario import lint
from tests.providers.shuftipro.harness import AML, VOCABULARIES, ShuftiHarness, json_of

DAY = 86_400.0
JOURNEY: dict[str, Any] = {
    "name": "journey",
    "match": {"operation": "verification"},
    "respond": {"outcome": "pending"},
    "callbacks": [
        {"event": "request.pending"},
        {"event": "review.pending", "after": "1m"},
        {"event": "verification.accepted", "after": "1h"},
        {"event": "verification.status.changed", "after": "1d"},
        {"event": "request.data.changed", "after": "2d"},
        {"event": "request.deleted", "after": "30d"},
    ],
}
EVENTS = [callback["event"] for callback in JOURNEY["callbacks"]]
AFTER = [0.0, 60.0, 3600.0, DAY, 2 * DAY, 30 * DAY]


def delete(shop: ShuftiHarness, reference: str = "ref-journey") -> None:
    answer = json_of(shop.send("POST", "/delete", {"reference": reference, "comment": "asked for"}))
    assert {"reference": reference, "event": "request.deleted"} == answer


def sent(shop: ShuftiHarness) -> list[str]:
    """Events that leave, in the order in which they do."""
    left = [delivery.message for delivery in shop.deliveries() if delivery.state != "cancelled"]
    return [message.event for message in sorted(left, key=lambda message: message.due)]


@pytest.mark.parametrize("by", ["request", "reviewer"])
@pytest.mark.parametrize("at", range(1, 6), ids=[f"before {event}" for event in EVENTS[1:]])
def test_a_deletion_ends_a_journey(by: str, at: int) -> None:
    shop = ShuftiHarness(JOURNEY)
    shop.ask({"reference": "ref-journey", "document": ""})
    shop.pass_time(AFTER[at] - 30)
    if by == "request":
        delete(shop)
    else:
        shop.decide("ref-journey", "deleted")
    shop.pass_time(90 * DAY)
    assert [*EVENTS[:at], "request.deleted"] == sent(shop)


def test_a_journey_that_nobody_cuts_short_is_sent_whole() -> None:
    shop = ShuftiHarness(JOURNEY)
    shop.ask({"reference": "ref-journey", "document": ""})
    shop.pass_time(90 * DAY)
    assert sent(shop) == EVENTS


def test_a_scheduled_repetition_of_the_answer_is_cancelled() -> None:
    shop = ShuftiHarness(
        {
            "name": "s",
            "match": {"operation": "verification"},
            "callbacks": [{"event": "verification.accepted", "after": "10s"}],
        }
    )
    shop.ask({"reference": "ref-journey", **AML})
    shop.ask({"reference": "ref-another", **AML})
    delete(shop)
    states = {
        delivery.message.reference: delivery.state
        for delivery in shop.deliveries()
        if delivery.message.event != "request.deleted"
    }
    assert states == {"ref-journey": "cancelled", "ref-another": "pending"}


def test_what_a_status_had_scheduled_is_cancelled() -> None:
    shop = ShuftiHarness(
        {
            "name": "s",
            "match": {"operation": "status"},
            "callbacks": [{"event": "request.data.changed", "after": "1h"}],
        }
    )
    shop.ask({"reference": "ref-journey", **AML})
    shop.status("ref-journey")
    delete(shop)
    assert sent(shop) == ["verification.accepted", "request.deleted"]
    shop.status("ref-journey")
    assert sent(shop) == ["verification.accepted", "request.deleted"]


def test_a_deletion_sends_nothing_behind_its_own_event() -> None:
    callbacks = [
        {"event": "request.data.changed", "after": "1s"},
        {"event": "request.deleted", "after": "2s"},
        {"event": "verification.status.changed", "after": "3s"},
    ]
    shop = ShuftiHarness({"name": "s", "match": {"operation": "delete"}, "callbacks": callbacks})
    shop.ask({"reference": "ref-journey", **AML})
    delete(shop)
    assert sent(shop) == ["verification.accepted", "request.data.changed", "request.deleted"]


def test_a_callback_that_was_attempted_before_stays() -> None:
    from mock_server.core.records import Attempt

    shop = ShuftiHarness(JOURNEY)
    shop.ask({"reference": "ref-journey", "document": ""})
    first = shop.callbacks()[0]
    shop.store.record_attempt(
        shop.account.name, first.id, Attempt(shop.clock.at, 0.1, 500), "pending", shop.clock.at + 15
    )
    delete(shop)
    assert sent(shop) == ["request.pending", "request.deleted"]


def test_only_the_deletion_can_be_fired_again() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-journey", **AML})
    delete(shop)
    with pytest.raises(
        ValueError, match=r"'ref-journey' has been deleted, and nothing follows request\.deleted"
    ):
        shop.backoffice.fire(shop.account, "shuftipro", "verification.accepted", "ref-journey", {})
    (again,) = shop.backoffice.fire(shop.account, "shuftipro", "request.deleted", "ref-journey", {})
    assert again.body == b'{"reference":"ref-journey","event":"request.deleted"}'


FILE = """\
version: 1
provider: shuftipro
scenarios:
  - name: late
    match: {{operation: {operation}}}
    callbacks: [{{event: request.deleted, after: 1h}}, {{event: {event}, after: {after}}}]
"""


@pytest.mark.parametrize("operation", ["verification", "delete"])
@pytest.mark.parametrize(
    ("event", "after", "rules"),
    [
        ("request.data.changed", "2h", ["after-last-event"]),
        ("request.data.changed", "1m", []),
        ("request.deleted", "2h", []),
    ],
)
def test_the_lint_names_what_is_scheduled_behind_a_deletion(
    tmp_path: Path, operation: str, event: str, after: str, rules: list[str]
) -> None:
    file = tmp_path / "late.yaml"
    file.write_text(FILE.format(operation=operation, event=event, after=after))
    assert [problem.rule for problem in lint.check([file], VOCABULARIES)] == rules
