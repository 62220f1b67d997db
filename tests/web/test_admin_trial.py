"""What would answer a request, without its leaving a trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.store.base import ANY_RECORD
from tests.web.kit import CHECK, DATA, Kit

MARLOWE = {**DATA, "details": {**DATA["details"], "name": {"given": "Māia", "family": "Marlowe"}}}  # type: ignore[dict-item]
FORM = {"path": "/verify/", "params": {"data": MARLOWE, "nonce": "of-old", "signature": "wrong"}}
SEQUENCE = {
    "provider": "shuftipro",
    "name": "blurry, then fine",
    "match": {"operation": "verification", "body.email": "blurry+1@example.test"},
    "sequence": [{"respond": {"outcome": "declined"}}, {"respond": {"outcome": "accepted"}}],
    "callbacks": [{"event": "verification.declined", "after": "2s", "url": "http://localhost:9/hook"}],
}


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def trace(kit: Kit, account: str = "test-a") -> tuple[Any, ...]:
    """All that a request leaves behind."""
    store = kit.service.store
    return (
        store.version(),
        store.entries(account)[1],
        store.newest_records(account, ANY_RECORD)[1],
        store.deliveries(account)[1],
        dict(store.counters(account)),
        dict(store.scenario_counts(account)),
    )


def test_a_form_is_signed_anew_and_answered(kit: Kit) -> None:
    before = trace(kit)
    trial = kit.post("requests/try", FORM)
    assert (trial["status"], trial["outcome"], trial["fate"]) == (200, "pep-match", "pending")
    assert trial["scenario"]["name"] == "marlowe"
    assert trial["body"]["verification"]["reference"] == "ref-1"
    assert trace(kit) == before


def test_the_nearest_scenario_has_its_first_difference(kit: Kit) -> None:
    trial = kit.post("requests/try", {"path": "/cloudcheck/verify/", "params": {"data": DATA}})
    assert trial["scenario"] is None
    first = trial["near_misses"][0]
    assert (first["name"], first["differences"][0]["path"]) == ("marlowe", "body.details.name.family")


def test_what_would_be_refused_says_why(kit: Kit) -> None:
    trial = kit.post("requests/try", {"path": "/verify/", "params": {"data": "{"}})
    assert trial["fate"] == "refused"
    assert trial["refusal"]["error"]
    assert trial["refusal"]["message"]
    strange = kit.post("requests/try", {"path": "/nowhere%20at%20all", "body": "🥝"})
    assert (strange["provider"], strange["fate"]) == ("", "refused")


def test_a_sequence_stays_where_it_is(kit: Kit) -> None:
    kit.post("scenarios", SEQUENCE)
    body = {**CHECK, "email": "blurry+1@example.test"}
    for _ in range(2):
        trial = kit.post("requests/try", {"path": "/", "json": body})
        assert (trial["outcome"], trial["step"]) == ("declined", 1)
    assert [(one["event"], one["after"], one["url"]) for one in trial["callbacks"]] == [
        ("verification.declined", 2.0, "http://localhost:9/hook")
    ]
    assert kit.check(email="blurry+1@example.test")["event"] == "verification.declined"
    assert kit.get("callbacks")["total"] == 1


def test_a_request_of_the_journal_is_tried_in_its_place(kit: Kit) -> None:
    kit.check()
    entry = kit.newest()
    kit.clock.advance(3600)
    taken = kit.post("requests/try", {"path": "/", "json": CHECK})
    assert taken["refusal"]["message"] == "The reference has already been taken."
    before = trace(kit)
    trial = kit.post("requests/try", {"path": "/", "json": CHECK, "instead_of": entry["id"]})
    assert (trial["refusal"], trial["outcome"]) == (None, "accepted")
    assert trace(kit) == before
    assert kit.call("POST", "requests/try", {"path": "/", "instead_of": "r-none"})[0] == 404


def test_what_the_account_has_set_decides(kit: Kit) -> None:
    kit.put("scenarios/pinned", {"name": "down"})
    assert kit.post("requests/try", FORM)["status"] == 503
    kit.call("DELETE", "scenarios/pinned")
    kit.put("scenarios/cloudcheck/marlowe", {"enabled": False})
    assert kit.post("requests/try", FORM)["scenario"] is None
    kit.put("clock", {"set": "2026-01-01T00:00:00Z"})
    assert kit.post("requests/try", FORM)["status"] == 200


def test_a_get_has_its_parameters_in_the_query(kit: Kit) -> None:
    kit.verify("Marlowe")
    reference = kit.newest()["response"]["json"]["verification"]["verificationReference"]
    for path, params in (
        ("/verify/response/", {"verificationReference": reference}),
        (f"/verify/response/?verificationReference={reference}", {}),
    ):
        trial = kit.post("requests/try", {"method": "get", "path": path, "params": params})
        assert (trial["request"], trial["status"], trial["refusal"]) == ("GET /verify/response/", 200, None)


def test_secrets_are_not_shown(kit: Kit) -> None:
    assert "test-a-secret" not in json.dumps(kit.post("requests/try", FORM))


@pytest.mark.parametrize("path", ["", "verify/", "http://localhost/verify/"])
def test_a_path_that_is_none_is_refused(kit: Kit, path: str) -> None:
    status, problem = kit.call("POST", "requests/try", {"path": path})
    assert (status, problem["remedy"]) == (400, "write for example /verify/")
