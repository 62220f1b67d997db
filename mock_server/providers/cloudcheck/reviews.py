"""What a reviewer decides, in the vendor's "Direct" or here, about each kind of record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.core.records import Message, Record
from mock_server.providers.base import Decision
from mock_server.providers.cloudcheck import journeys, monitoring
from mock_server.providers.cloudcheck.endpoint import NAME, data_of, settings_of
from mock_server.providers.cloudcheck.formats import iso
from mock_server.providers.cloudcheck.handlers import documents, tree
from mock_server.providers.cloudcheck.records import rewritten
from mock_server.providers.cloudcheck.routes import JOURNEYS
from mock_server.providers.cloudcheck.settings import suggestion
from mock_server.providers.cloudcheck.webhooks import read_timer, review_message
from mock_server.providers.context import UnitOfWork
from mock_server.scenario.rendering import merge

REVIEWER = "reviewer"
DECISIONS: Mapping[str, tuple[str, ...]] = {
    "verification": monitoring.DECISIONS,
    "association": monitoring.DECISIONS,
    **dict.fromkeys(JOURNEYS, tuple(journeys.STATUSES.values())),
    "document": tuple(documents.STATUSES.values()),
    "tree": ("COMPLETED", "FAILED"),
}
"""Kind of record → what can be decided about one, as the vendor writes it."""


def decisions_of(record: Record) -> tuple[str, ...]:
    """What can be decided about the record as it stands: without a match, nothing about a person."""
    data = data_of(record)
    has_match = (
        _has_match(data) if record.kind == "verification" else record.kind != "association" or data["matches"]
    )
    return tuple(map(spoken, DECISIONS.get(record.kind, ()))) if has_match else ()


def decide(unit: UnitOfWork, record: Record, decision: Decision) -> None:
    """Enter the decision and tell the webhook. Raises ``ValueError`` with a remedy for an outcome that the
    kind does not have."""
    review = {"decision": decision.outcome, **(decision.review or {})}
    apply(unit, record, review, tell=True)
    if decision.merge is not None:
        _merge(unit, decision.merge)


def apply(unit: UnitOfWork, record: Record, review: Mapping[str, Any], *, tell: bool) -> None:
    """Enter a review: ``decision``, and where given ``notes`` and ``matchId``."""
    word, notes = _word(str(review["decision"]), record), str(review.get("notes") or "")
    if record.kind == "verification":
        _verification(unit, record, word, notes, tell)
    elif record.kind == "association":
        _association(unit, record, word, notes, review.get("matchId"), tell)
    elif record.kind in JOURNEYS:
        journeys.review(unit, JOURNEYS[record.kind], record, spoken(word), notes, tell=tell)
    elif record.kind == "document":
        _document(unit, record, word, notes, tell)
    else:
        tree.end(unit, record, spoken(word))


def spoken(word: str) -> str:
    """``NO_MATCH`` → ``no-match``, as people type it."""
    return word.lower().replace("_", "-")


def _word(decision: str, record: Record) -> str:
    if record.kind not in DECISIONS:
        raise ValueError(f"a record of kind {record.kind!r} is not reviewed")
    word = decision.strip().upper().replace("-", "_").replace(" ", "_")
    if word not in DECISIONS[record.kind]:
        choices = [spoken(name) for name in DECISIONS[record.kind]]
        raise ValueError(
            f"{decision!r} cannot be decided about a {record.kind}{suggestion(decision, choices)}; use one of {', '.join(choices)}"
        )
    return word


def _verification(unit: UnitOfWork, record: Record, decision: str, notes: str, tell: bool) -> None:
    data = data_of(record)
    if tell and not _has_match(data):
        raise ValueError(
            f"verification {record.key} has no PEP match to decide about; "
            "a family name of the magic values has one, and so has `outcome: pep-match` in a scenario"
        )
    reviewed = {
        "decision": decision,
        "notes": notes,
        "reviewedBy": REVIEWER,
        "reviewDate": iso(unit.now, settings_of(unit).timezone),
    }
    data["review"] = reviewed
    if isinstance(data.get("reply"), dict):
        data["reply"]["pepMatchReview"] = reviewed
    _save(unit, rewritten(record, record.status, data), tell)


def _has_match(data: Mapping[str, Any]) -> bool:
    """Whether the reply names a match; one that a scenario has replaced counts as if it did."""
    reply = data.get("reply")
    return not isinstance(reply, dict) or bool(reply.get("pepMatches"))


def _association(
    unit: UnitOfWork, record: Record, decision: str, notes: str, match_id: Any, tell: bool
) -> None:
    matches = data_of(record)["matches"]
    if not matches:
        raise ValueError(
            f"association {record.key} has no match to decide about; a family name of the magic values has one"
        )
    chosen = match_id or next(
        (match["matchId"] for match in matches if match["latestReview"] is None), matches[-1]["matchId"]
    )
    changed = monitoring.decided(unit, record, str(chosen), decision, notes, REVIEWER)
    _tell(unit, changed, str(chosen), tell)


def _document(unit: UnitOfWork, record: Record, status: str, notes: str, tell: bool) -> None:
    data = data_of(record)
    if isinstance(data.get("reply"), dict):
        data["reply"]["status"] = status
        if notes:
            data["reply"]["reviewNotes"] = notes
    _save(unit, rewritten(record, status, data), tell)


def _save(unit: UnitOfWork, record: Record, tell: bool) -> None:
    unit.remember(record)
    _tell(unit, record, "", tell)


def _tell(unit: UnitOfWork, record: Record, match_id: str, tell: bool) -> None:
    message = review_message(unit, record, match_id=match_id) if tell else None
    if message is not None:
        unit.send(message)


def _merge(unit: UnitOfWork, patch: Any) -> None:
    """Lay a patch over the reply of the record that was just written."""
    record = unit.transaction.records[-1]
    data = data_of(record)
    data["reply"] = merge(data.get("reply") or {}, patch)
    unit.transaction.records[-1] = rewritten(record, record.status, data)


def from_timer(unit: UnitOfWork, message: Message) -> None:
    """A journey or an analysis ends by itself; a scenario's review is entered right before its webhook
    leaves."""
    what = read_timer(message)
    if what["do"] == "end":
        if what["kind"] == tree.KIND:
            tree.from_timer(unit, what["key"])
        else:
            journeys.from_timer(unit, JOURNEYS[what["kind"]], what)
        return
    record = unit.store.record(unit.account.name, NAME, what["kind"], what["key"])
    if record is not None:
        apply(unit, record, {"decision": "CLEARED", **what["review"]}, tell=False)
