"""The life cycle as a state machine: what the model says, the status says, and every change was told once."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from mock_server.providers.shuftipro import events
from tests.providers.shuftipro.harness import AML, ShuftiHarness, json_of

ONSITE: dict[str, Any] = {"document": {"name": "", "dob": ""}, "face": ""}
DECIDED = {
    "accepted": events.ACCEPTED,
    "declined": events.DECLINED,
    "review": events.REVIEW,
    "cancelled": events.CANCELLED,
    "timeout": events.TIMEOUT,
}


class Life(RuleBasedStateMachine):
    """Makes, decides, polls and deletes verifications of one account while time passes."""

    references = Bundle("references")

    def __init__(self) -> None:
        super().__init__()
        self.shop = ShuftiHarness()
        self.events: dict[str, str] = {}
        self.timeline: dict[str, list[str]] = {}
        self.ends: dict[str, float] = {}
        self.decided: set[str] = set()
        self.count = 0

    @rule(
        target=references,
        onsite=st.booleans(),
        hidden=st.booleans(),
        outcome=st.sampled_from(["", "accepted", "declined", "review", "cancelled"]),
    )
    def make(self, onsite: bool, hidden: bool, outcome: str) -> str:
        self.count += 1
        reference = f"{outcome or 'plain'}-{self.count:04d}"
        body = {"reference": reference, "show_results": "0" if hidden else "1", **(ONSITE if onsite else AML)}
        event = json_of(self.shop.ask(body))["event"]
        if onsite or outcome == "cancelled":
            assert event == events.PENDING
            self.ends[reference] = self.shop.clock.at + 3600
        elif hidden or outcome == "review":
            assert event == events.RECEIVED
        else:
            assert (events.DECLINED if outcome == "declined" else events.ACCEPTED) == event
        self.events[reference], self.timeline[reference] = event, [event]
        return reference

    @rule(reference=references)
    def make_again(self, reference: str) -> None:
        response = self.shop.ask({"reference": reference, **AML})
        assert (
            response.status,
            json_of(response)["error"]["message"],
        ) == (400, "The reference has already been taken.")

    @rule(reference=references, outcome=st.sampled_from(sorted(DECIDED)))
    def decide(self, reference: str, outcome: str) -> None:
        before = self.events[reference]
        over = before not in events.OPEN
        if before == events.DELETED or (over and outcome not in ("accepted", "declined")):
            try:
                self.shop.decide(reference, outcome)
            except ValueError:
                return
            raise AssertionError(f"{reference} was decided though it is {before}")
        self.shop.decide(reference, outcome)
        self.events[reference] = DECIDED[outcome]
        changed = outcome in ("accepted", "declined") and before not in (events.PENDING, events.RECEIVED)
        self.timeline[reference].append(events.STATUS_CHANGED if changed else DECIDED[outcome])
        self._settled(reference)

    @rule(reference=references)
    def delete(self, reference: str) -> None:
        response = self.shop.send("POST", "/delete", {"reference": reference, "comment": "asked for"})
        if self.events[reference] == events.DELETED:
            assert response.status == 400
            return
        assert json_of(response)["event"] == events.DELETED
        self.events[reference] = events.DELETED
        self.timeline[reference].append(events.DELETED)
        self._settled(reference)

    @rule(seconds=st.sampled_from([1.0, 2.0, 1800.0, 3601.0]))
    def pass_time(self, seconds: float) -> None:
        now = self.shop.clock.at
        waiting = {
            reference: event for reference, event in self.events.items() if reference not in self.decided
        }
        self.shop.pass_time(seconds)
        for reference, event in waiting.items():
            self._progress(reference, event, now, now + seconds)

    def _settled(self, reference: str) -> None:
        self.decided.add(reference)

    def _progress(self, reference: str, event: str, before: float, now: float) -> None:
        """What happens by itself to a verification that nobody has decided."""
        record = self.shop.record(reference)
        outcome = reference.partition("-")[0]
        start = record.history[0][0]
        if event in (events.PENDING, events.RECEIVED) and (outcome != "plain" or event == events.RECEIVED):
            if now >= start + 2:
                end = DECIDED[outcome] if outcome != "plain" else events.ACCEPTED
                self.events[reference] = end
                self.timeline[reference].append(end)
        elif event == events.PENDING and now >= self.ends[reference]:
            self.events[reference] = events.TIMEOUT
            self.timeline[reference].append(events.TIMEOUT)

    @invariant()
    def the_status_agrees(self) -> None:
        for reference, event in self.events.items():
            status = self.shop.status(reference)
            assert event == status["event"], reference
            assert (event in events.RESULTS) == ("verification_result" in status)
            assert (event == events.DECLINED) == ("declined_codes" in status)

    @invariant()
    def everything_was_told_once_and_in_order(self) -> None:
        sent: dict[str, list[str]] = {reference: [] for reference in self.timeline}
        for message in self.shop.callbacks():
            sent[message.reference].append(message.event)
        assert self.timeline == sent


class TestLife(Life.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(max_examples=60, stateful_step_count=25)
