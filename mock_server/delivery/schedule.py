"""What follows an attempt: the next word of the list, a retry after its wait, or the end. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mock_server.core.records import CANCELLED, DELIVERED, DROPPED, FAILED, PENDING, Attempt, Delivery
from mock_server.core.words import WORDS, Step

OK = Step("ok")


class Next(NamedTuple):
    """How a delivery stands after an attempt."""

    state: str
    due: float
    """Account time of the next attempt, where it is pending."""
    turn: int


def accepted(attempt: Attempt) -> bool:
    """Whether the receiver took it: any 2xx, read whole in time."""
    return not attempt.error and 200 <= attempt.status < 300


def current(steps: Sequence[Step], turn: int) -> Step:
    """The word of this attempt: the list's, then for retries the last one again where it does damage, else ``ok``."""
    if turn < len(steps):
        return steps[turn]
    if steps and WORDS[steps[-1].word].repeats:
        return steps[-1]
    return OK


def starts(delivery: Delivery, steps: Sequence[Step]) -> float:
    """Account time before which the attempt may not leave: a first word ``late`` counts from the message's own due time.

    A delivery that was given another due time since, because it waited or was flushed, starts at that.
    """
    if delivery.turn == 0 and delivery.due == delivery.message.due and steps and steps[0].word == "late":
        return delivery.due + float(steps[0].value)
    return delivery.due


def after(delivery: Delivery, steps: Sequence[Step], attempt: Attempt, at: float) -> Next:
    """How the delivery stands after ``attempt``, which ended at ``at`` (account time).

    While the list is played the receiver's answers do not matter. The last transmission of the list, or the only one where there
    is no list, is retried after each of the message's waits until it is accepted.
    """
    message = delivery.message
    turn = min(delivery.turn + 1, len(steps))
    if turn < len(steps):
        return Next(PENDING, at + (float(steps[turn].value) if steps[turn].word == "late" else 0.0), turn)
    attempts = (*delivery.attempts, attempt)
    sent = [each for each in attempts if each.status or each.error]
    if not sent:
        return Next(DROPPED, 0.0, turn)
    if accepted(sent[-1]):
        return Next(DELIVERED, 0.0, turn)
    retries = len(attempts) - max(len(steps), 1)
    if retries < len(message.waits):
        return Next(PENDING, at + message.waits[max(retries, 0)], turn)
    return Next(FAILED, 0.0, turn)


STANDINGS = ("Scheduled", "Delivered", "Failed", "Permanent Failed", "Dropped", "Cancelled")


def standing(delivery: Delivery) -> str:
    """One of `STANDINGS`, the words of a callback log: ``Failed`` will be tried again, ``Permanent Failed`` will not."""
    if delivery.state == PENDING:
        return "Failed" if any(attempt.error for attempt in delivery.attempts) else "Scheduled"
    return {DELIVERED: "Delivered", FAILED: "Permanent Failed", DROPPED: "Dropped", CANCELLED: "Cancelled"}[delivery.state]
