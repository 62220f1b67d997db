"""What follows an attempt: the next transmission of the ``deliver`` list, a retry after its wait, or the end.
Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mock_server.core.delivery_directives import DIRECTIVES
from mock_server.core.records import DELIVERED, DROPPED, FAILED, PENDING, Attempt, Delivery
from mock_server.core.tampering import Transmission

OK = Transmission("ok")


class Next(NamedTuple):
    """The state of a delivery after an attempt."""

    state: str
    due: float
    """Account time of the next attempt, if it is pending."""
    turn: int


def accepted(attempt: Attempt) -> bool:
    """Whether the receiver accepted it: any 2xx, read whole in time."""
    return not attempt.error and 200 <= attempt.status < 300


def current(plan: Sequence[Transmission], turn: int) -> Transmission:
    """The transmission of this attempt: that of the list; for retries the last one again if it does damage,
    else ``ok``."""
    if turn < len(plan):
        return plan[turn]
    if plan and DIRECTIVES[plan[-1].directive].repeats:
        return plan[-1]
    return OK


def earliest(delivery: Delivery, plan: Sequence[Transmission]) -> float:
    """Account time before which the attempt may not leave: ``late`` as first word counts from the message's
    own due time.

    A delivery that has got another due time since, because it waited or was flushed, starts at that.
    """
    if delivery.turn == 0 and delivery.due == delivery.message.due and plan and plan[0].directive == "late":
        return delivery.due + float(plan[0].value)
    return delivery.due


def after(delivery: Delivery, plan: Sequence[Transmission], attempt: Attempt, at: float) -> Next:
    """The state of the delivery after ``attempt``, which ended at ``at`` (account time).

    During the list the receiver's answers do not matter. The last transmission of the list, or the only one
    without a list, is retried after each of the message's waits until it is accepted."""
    message = delivery.message
    turn = min(delivery.turn + 1, len(plan))
    if turn < len(plan):
        return Next(PENDING, at + (float(plan[turn].value) if plan[turn].directive == "late" else 0.0), turn)
    attempts = (*delivery.attempts, attempt)
    sent = [each for each in attempts if each.status or each.error]
    if not sent:
        return Next(DROPPED, 0.0, turn)
    if accepted(sent[-1]):
        return Next(DELIVERED, 0.0, turn)
    retries = len(attempts) - max(len(plan), 1)
    if retries < len(message.waits):
        return Next(PENDING, at + message.waits[max(retries, 0)], turn)
    return Next(FAILED, 0.0, turn)
