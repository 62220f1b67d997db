"""Ongoing monitoring: created, listed page by page, matched, reviewed, deleted."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mock_server.providers.cloudcheck.monitoring import DECISIONS
from tests.providers.cloudcheck.harness import PipelineHarness, error

HOOK = "http://localhost:3000/hooks"


def office(*scenarios: dict[str, Any], **options: Any) -> PipelineHarness:
    return PipelineHarness(*scenarios, accounts={"default": {"webhook_url": HOOK}}, **options)


def person(family: str = "Okafor", **over: Any) -> dict[str, Any]:
    return {
        "reference": "cust-9",
        "personDetail": {
            "name": {"given": "Tamsin", "family": family},
            "birthYear": "1987",
            "gender": "female",
        },
        **over,
    }


def create(at: PipelineHarness, *associations: dict[str, Any]) -> list[str]:
    answer = at.post("/watchlist/create-associations/", {"associations": list(associations)})
    return [row["associationReference"] for row in answer["associations"]]


def get(at: PipelineHarness, reference: str) -> dict[str, Any]:
    association: dict[str, Any] = at.get("/watchlist/association/", associationReference=reference)
    return association


def listed(at: PipelineHarness, **query: str) -> list[str]:
    """All pages."""
    references, cursor = [], "0"
    while True:
        page = at.get("/watchlist/associations/", cursor=cursor, **query)
        references += [row["associationReference"] for row in page["associations"]]
        if "nextCursor" not in page["meta"]:
            return references
        assert len(page["associations"]) == int(query.get("pageSize", "1000"))
        cursor = page["meta"]["nextCursor"]


def review(at: PipelineHarness, reference: str, match_id: str, decision: str) -> Any:
    body = {
        "associationReference": reference,
        "review": {"matchId": match_id, "decision": decision, "notes": "looked"},
    }
    return at.post("/watchlist/review-match/", body)


def test_an_association_is_listed_as_the_production_client_reads_it() -> None:
    at = office()
    (reference,) = create(at, person())
    page = at.get("/watchlist/associations/")
    assert [
        {
            "reference": "cust-9",
            "associationReference": reference,
            "vendorId": page["associations"][0]["vendorId"],
            "createdBy": "api",
            "type": "PERSON",
            "personDetail": {
                "name": {"given": "Tamsin", "middle": "", "family": "Okafor"},
                "birthYear": "1987",
                "gender": "FEMALE",
            },
            "countryCode": "NZ",
            "whitelistPeids": "",
            "createdDate": "2023-11-15 11:13",
            "deletedDate": None,
            "hasAlerts": False,
        }
    ] == page["associations"]
    assert page["meta"] == {"messages": []}
    one = get(at, reference)
    assert (one["country"], one["matches"]) == ({"code": "NZ", "name": "New Zealand"}, [])
    assert "countryCode" not in one


def test_a_match_has_what_the_production_client_reads() -> None:
    at = office()
    (reference,) = create(at, person("marlowe"))
    (match,) = get(at, reference)["matches"]
    assert list(match) == [
        "matchId",
        "name",
        "peid",
        "score",
        "variations",
        "type",
        "matchDate",
        "matchValid",
        "invalidReason",
        "gender",
        "deceased",
        "riskTypes",
        "birthDates",
        "primaryCountry",
        "title",
        "latestReview",
    ]
    assert re.fullmatch("[0-9a-f]{64}", match["matchId"])
    assert re.fullmatch(r"2023-11-15T11:13:\d\d", match["matchDate"])
    assert [
        row["hasAlerts"] for row in at.get("/watchlist/associations/", filterAlertOnly="true")["associations"]
    ] == [True]


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_review_is_entered_and_ends_the_alert(decision: str) -> None:
    at = office()
    (reference,) = create(at, person("Marlowe"))
    match = get(at, reference)["matches"][0]
    assert review(at, reference, match["matchId"], decision) == {"result": "SUCCESS"}
    reviewed = get(at, reference)
    assert {
        "decision": decision,
        "notes": "looked",
        "reviewedBy": "api",
        "reviewDate": match["matchDate"],
    } == reviewed["matches"][0]["latestReview"]
    assert reviewed["hasAlerts"] is False
    assert at.messages() == [], "the webhook tells of reviews made in Direct"


def test_a_reviewers_decision_tells_the_webhook() -> None:
    at = office()
    (reference,) = create(at, person("Marlowe"))
    match = get(at, reference)["matches"][0]["matchId"]
    at.decide("cust-9", "permanently-cleared", {"notes": "n"})
    assert [
        {
            "requestType": "WATCHLIST_MONITORING",
            "eventType": "PEP_MATCH_REVIEW",
            "reference": f"{reference},{match}",
        }
    ] == at.callback_bodies()
    assert get(at, reference)["matches"][0]["latestReview"]["decision"] == "PERMANENTLY_CLEARED"


def test_a_decision_without_a_match_has_a_remedy() -> None:
    at = office()
    create(at, person())
    with pytest.raises(ValueError, match="magic values"):
        at.decide("cust-9", "cleared")
    with pytest.raises(ValueError, match="has no match 'x'"):
        at.decide(create(at, person("Marlowe"))[0], "cleared", {"matchId": "x"})


def test_a_whitelisted_peid_raises_no_alert() -> None:
    at = office()
    first = create(at, person("Marlowe"))[0]
    peid = get(at, first)["matches"][0]["peid"]
    record = at.record(first)
    assert record.status == "ALERT"
    other = office()
    (same,) = create(other, person("Marlowe", whitelistPeids=f"1, {peid}"))
    assert (first, False) == (same, get(other, same)["hasAlerts"])


def test_scenarios_find_matches() -> None:
    at = office(
        {
            "name": "at-once",
            "match": {
                "operation": "watchlist-create",
                "body.associations.0.personDetail.name.family": "Crane",
            },
            "respond": {"outcome": "alert"},
        },
        {
            "name": "later",
            "match": {"operation": "watchlist-get", "verification.reference": "later"},
            "respond": {"outcome": "alert"},
        },
    )
    assert get(at, create(at, person("Crane"))[0])["hasAlerts"]
    (reference,) = create(at, person("Quiet", reference="later"))
    assert [len(get(at, reference)["matches"]) for _ in range(2)] == [1, 2]


def test_deleting_ends_monitoring() -> None:
    at = office()
    first, second = create(at, person(), {"type": "ENTITY", "entityDetail": {"name": "Acme"}})
    answer = at.post("/watchlist/delete-associations/", {"associationReferences": [first, first]})
    assert [first] == [row["associationReference"] for row in answer["associations"]]
    assert ([second], [first]) == (listed(at), listed(at, filterIsDeleted="true"))
    assert get(at, first)["deletedDate"] == "2023-11-15 11:13"
    also = office(settings={"deleted_filter": "also"})
    pair = create(also, person(), person())
    also.post("/watchlist/delete-associations/", {"associationReferences": pair[:1]})
    assert pair == listed(also, filterIsDeleted="true")


def test_deleting_is_all_or_nothing() -> None:
    at = office()
    (first,) = create(at, person())
    assert (
        error(
            at.post(
                "/watchlist/delete-associations/",
                {"associationReferences": [first, "11111111-2222-4333-8444-555555555555"]},
            )
        )["error"]
        == 105
    )
    assert [first] == listed(at)
    assert (
        error(at.post("/watchlist/delete-associations/", {"associationReferences": ["cust-9"]}))["error"]
        == 105
    ), "not by the caller's reference"


def test_ten_thousand_associations_page_by_page() -> None:
    at = office()
    references = [reference for _ in range(10) for reference in create(at, *[person()] * 1000)]
    assert len(set(references)) == 10_000
    assert references == listed(at)
    assert references == listed(at, pageSize="4096")
    page = at.get("/watchlist/associations/", pageSize="10000")
    assert (len(page["associations"]), page["meta"]) == (10_000, {"messages": []})
    assert at.get("/watchlist/associations/")["meta"]["nextCursor"] == "1000"
    assert at.get("/watchlist/associations/", cursor="10000")["associations"] == []


def test_a_page_is_not_shifted_by_what_is_deleted_meanwhile() -> None:
    at = office()
    references = create(at, *[person()] * 30)
    first = at.get("/watchlist/associations/", pageSize="10")
    at.post("/watchlist/delete-associations/", {"associationReferences": references[:5]})
    rest = at.get("/watchlist/associations/", pageSize="100", cursor=first["meta"]["nextCursor"])
    assert references[10:] == [row["associationReference"] for row in rest["associations"]]


class Monitoring(RuleBasedStateMachine):
    """Associations created, matched, reviewed and deleted in any order, by two accounts, against a model."""

    @initialize()
    def open(self) -> None:
        self.office = office()
        self.model: dict[str, dict[str, Any]] = {}

    def pick(self, number: int) -> str:
        return list(self.model)[number % len(self.model)]

    @rule(families=st.lists(st.sampled_from(["Okafor", "Marlowe", "Schwarzenegger"]), min_size=1, max_size=4))
    def create(self, families: list[str]) -> None:
        for reference, family in zip(create(self.office, *map(person, families)), families):
            assert reference not in self.model
            self.model[reference] = {
                "matches": 0 if family == "Okafor" else 1,
                "reviewed": 0,
                "deleted": False,
            }

    @precondition(lambda self: self.model)
    @rule(numbers=st.lists(st.integers(0, 30), min_size=1, max_size=3))
    def delete(self, numbers: list[int]) -> None:
        chosen = [self.pick(number) for number in numbers]
        self.office.post("/watchlist/delete-associations/", {"associationReferences": chosen})
        for reference in chosen:
            self.model[reference]["deleted"] = True

    @precondition(lambda self: self.model)
    @rule(number=st.integers(0, 30), decision=st.sampled_from(DECISIONS), backoffice=st.booleans())
    def review(self, number: int, decision: str, backoffice: bool) -> None:
        reference = self.pick(number)
        matches = get(self.office, reference)["matches"]
        known = self.model[reference]
        assert known["matches"] == len(matches)
        if not matches:
            assert error(review(self.office, reference, "0" * 64, decision))["error"] == 105
        elif backoffice:
            self.office.decide(reference, decision)
        else:
            assert review(self.office, reference, matches[0]["matchId"], decision) == {"result": "SUCCESS"}
        known["reviewed"] = known["matches"]

    @precondition(lambda self: self.model)
    @rule(number=st.integers(0, 30))
    def a_stranger_sees_nothing(self, number: int) -> None:
        params = {"associationReference": self.pick(number)}
        assert (
            error(json.loads(self.office.send("GET", "/watchlist/association/", params, key="test-b").body))[
                "error"
            ]
            == 105
        )
        assert (
            json.loads(self.office.send("GET", "/watchlist/associations/", {}, key="test-b").body)[
                "associations"
            ]
            == []
        )

    @invariant()
    def the_lists_agree(self) -> None:
        model = getattr(self, "model", {})
        if not model:
            return
        standing = [reference for reference, known in model.items() if not known["deleted"]]
        assert standing == listed(self.office, pageSize="3")
        alerting = [
            reference for reference in standing if model[reference]["matches"] > model[reference]["reviewed"]
        ]
        assert alerting == listed(self.office, filterAlertOnly="true", pageSize="2")
        assert [reference for reference in model if model[reference]["deleted"]] == listed(
            self.office, filterIsDeleted="true"
        )


Monitoring.TestCase.settings = settings(max_examples=25, stateful_step_count=15)
TestMonitoring = Monitoring.TestCase
