from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.delivery_directives import DIRECTIVES, plan
from mock_server.core.records import DELIVERED, DROPPED, FAILED, PENDING, Attempt, Delivery, Message
from mock_server.core.tampering import Transmission
from mock_server.delivery.schedule import accepted, after, current, earliest

MESSAGE = Message(
    "c-1",
    "default",
    "acme",
    "done",
    "ref-1",
    "http://localhost/",
    b"{}",
    (),
    100.0,
    100.0,
    waits=(15.0, 30.0),
)
GOOD, BAD, SILENT, UNSENT = (
    Attempt(0, 0, 200),
    Attempt(0, 0, 500, "answered 500"),
    Attempt(0, 0, 0, "timed out"),
    Attempt(0, 0, done="not sent"),
)


def delivery(
    *attempts: Attempt, deliver: tuple[Any, ...] = (), turn: int = 0, state: str = PENDING
) -> Delivery:
    return Delivery(MESSAGE._replace(deliver=deliver), state, 100.0, attempts, turn)


@pytest.mark.parametrize(
    ("before", "attempt", "then"),
    [
        ((), GOOD, (DELIVERED, 0.0)),
        ((), BAD, (PENDING, 115.0)),
        ((), SILENT, (PENDING, 115.0)),
        ((BAD,), BAD, (PENDING, 130.0)),
        ((BAD,), GOOD, (DELIVERED, 0.0)),
        ((BAD, SILENT), BAD, (FAILED, 0.0)),
        ((BAD, BAD, BAD, BAD), BAD, (FAILED, 0.0)),
        ((), Attempt(0, 0, 200, "timed out in the middle of the answer"), (PENDING, 115.0)),
        ((), Attempt(0, 0, 302, "a redirect"), (PENDING, 115.0)),
    ],
)
def test_without_a_list_the_answer_decides(
    before: tuple[Attempt, ...], attempt: Attempt, then: tuple[str, float]
) -> None:
    assert after(delivery(*before), (), attempt, 100.0) == (*then, 0)


@pytest.mark.parametrize(
    ("deliver", "attempts", "states"),
    [
        (["ok", "duplicate"], [GOOD, GOOD], [(PENDING, 100.0, 1), (DELIVERED, 0.0, 2)]),
        ([{"corrupt": "body"}, "ok"], [BAD, GOOD], [(PENDING, 100.0, 1), (DELIVERED, 0.0, 2)]),
        (["ok", "duplicate"], [GOOD, BAD], [(PENDING, 100.0, 1), (PENDING, 115.0, 2)]),
        (["ok", {"late": "30s"}], [GOOD, GOOD], [(PENDING, 130.0, 1), (DELIVERED, 0.0, 2)]),
        (["drop"], [UNSENT], [(DROPPED, 0.0, 1)]),
        (["drop", "drop"], [UNSENT, UNSENT], [(PENDING, 100.0, 1), (DROPPED, 0.0, 2)]),
        (["ok", "drop"], [GOOD, UNSENT], [(PENDING, 100.0, 1), (DELIVERED, 0.0, 2)]),
        (["ok", "drop"], [BAD, UNSENT], [(PENDING, 100.0, 1), (PENDING, 115.0, 2)]),
        (
            ["drop", "ok"],
            [UNSENT, BAD, BAD, GOOD],
            [(PENDING, 100.0, 1), (PENDING, 115.0, 2), (PENDING, 130.0, 2), (DELIVERED, 0.0, 2)],
        ),
        (["ok"], [BAD, BAD, BAD], [(PENDING, 115.0, 1), (PENDING, 130.0, 1), (FAILED, 0.0, 1)]),
    ],
    ids=repr,
)
def test_a_list_runs_to_its_end_and_its_last_answer_counts(
    deliver: list[Any], attempts: list[Attempt], states: list[tuple[str, float, int]]
) -> None:
    steps, turn = plan(deliver), 0
    for number, attempt in enumerate(attempts):
        then = after(delivery(*attempts[:number], deliver=tuple(deliver), turn=turn), steps, attempt, 100.0)
        assert states[number] == then
        turn = then.turn


@given(st.lists(st.floats(0, 1e6), max_size=12), st.lists(st.booleans(), min_size=14, max_size=14))
def test_each_wait_is_one_more_attempt_until_a_message_is_accepted(
    waits: list[float], answers: list[bool]
) -> None:
    now = Delivery(MESSAGE._replace(waits=tuple(waits)), due=100.0)
    expected = answers.index(True) + 1 if True in answers[: len(waits) + 1] else len(waits) + 1
    at = 100.0
    for number in range(expected):
        assert now.state == PENDING
        attempt = GOOD if answers[number] else BAD
        then = after(now, (), attempt, at)
        now = now._replace(state=then.state, due=then.due, attempts=(*now.attempts, attempt))
        assert then.state != PENDING or then.due == at + waits[number]
        at = then.due
    assert (DELIVERED if accepted(now.attempts[-1]) else FAILED) == now.state


@pytest.mark.parametrize("directive", DIRECTIVES.values(), ids=list(DIRECTIVES))
def test_a_retry_repeats_only_the_damage_of_the_last_word(directive: Any) -> None:
    step = Transmission(directive.name, 1)
    assert current((step,), 0) == step
    assert current((step,), 1).directive == (directive.name if directive.repeats else "ok")
    assert current((step, Transmission("ok")), 2).directive == "ok"


def test_late_as_the_first_word_counts_from_the_due_time() -> None:
    late = delivery(deliver=({"late": "30s"},))
    steps = plan(late.message.deliver)
    assert earliest(late, steps) == 130.0
    assert earliest(late._replace(due=130.0), steps) == 130.0
    assert earliest(late._replace(due=99.0), steps) == 99.0, "a flush overrules it"
    assert earliest(delivery(), ()) == 100.0
