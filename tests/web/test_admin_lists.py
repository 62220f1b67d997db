"""Lists of the control API: all accounts, filters, short items, and how things ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_server.web import fates
from tests.web.kit import Kit


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def pages(kit: Kit, what: str, **query: Any) -> list[Any]:
    """All items of a list, page by page."""
    page = kit.get(what, **query)
    items, total = page[what], page["total"]
    while page["next"]:
        page = kit.http.get(page["next"]).get_json()
        assert page["total"] == total
        items = items + page[what]
    assert len(items) == total
    return list(items)


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_all_accounts_are_listed_newest_first_to_the_oldest(kit: Kit, limit: int) -> None:
    for number in range(4):
        for account in ("test-a", "test-b", "test-c")[: number + 1]:
            kit.verify(reference=f"ref-{number}", account=account)
        kit.clock.advance(1)
    newest = ["ref-3"] * 3 + ["ref-2"] * 3 + ["ref-1"] * 2 + ["ref-0"]
    entries = pages(kit, "requests", account="*", limit=limit)
    assert [entry["reference"] for entry in entries] == newest
    assert [entry["account"] for entry in entries[:3]] == ["test-c", "test-b", "test-a"]
    records = pages(kit, "verifications", account="*", limit=limit)
    assert [record["aliases"][0] for record in records] == newest
    assert {record["account"] for record in records} == {"test-a", "test-b", "test-c"}
    assert pages(kit, "callbacks", account="*") == []


def test_a_filter_holds_for_all_accounts(kit: Kit) -> None:
    kit.verify("Marlowe", account="test-a")
    kit.verify("Marlowe", account="test-b")
    kit.verify("Okafor", account="test-b")
    assert len(pages(kit, "requests", account="*", scenario="marlowe", limit=1)) == 2


def test_a_cursor_of_another_list_is_a_mistake(kit: Kit) -> None:
    status, problem = kit.call("GET", "requests", account="*", before="r-1")
    assert (status, problem["remedy"]) == (400, "follow next of the page before")


def test_only_lists_take_all_accounts(kit: Kit) -> None:
    assert kit.call("GET", "clock", account="*")[0] == 404


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ({"answers": "scenario"}, ["match"]),
        ({"answers": "built-in"}, ["plain"]),
        ({"answers": "refusal"}, [""]),
        ({"outcome": "pep-match"}, ["match"]),
        ({"error": "106"}, [""]),
        (
            {"q": "OKAFOR", "status": 200, "operation": "verify", "provider": "cloudcheck"},
            ["", "plain"],
        ),
    ],
    ids=str,
)
def test_requests_are_found_by(kit: Kit, query: dict[str, Any], references: list[str]) -> None:
    kit.verify("Marlowe", "match")
    kit.verify("Okafor", "plain")
    kit.verify("Okafor", "refused", signature="0" * 64)
    entries = kit.get("requests", brief=1, **query)["requests"]
    assert [entry["reference"] for entry in entries] == references
    assert kit.call("GET", "requests", answers="nobody")[0] == 400


def test_brief_items_have_no_bodies(kit: Kit) -> None:
    kit.verify("Marlowe")
    (entry,) = kit.get("requests", brief=1)["requests"]
    assert {"request", "response", "evidence"}.isdisjoint(entry)
    assert (entry["fate"], entry["answers"], entry["took"]) == ("pending", "scenario", 0.0)
    (record,) = kit.get("verifications", brief=1)["verifications"]
    assert "data" not in record
    assert record["id"] == f"cloudcheck/verification/{record['key']}"


@pytest.mark.parametrize(
    ("word", "fate"),
    [
        ("verified", fates.PASSED),
        ("NOT_VERIFIED", fates.DECLINED),
        ("verification.accepted", fates.PASSED),
        ("verification.declined", fates.DECLINED),
        ("request.pending", fates.PENDING),
        ("pep-match", fates.PENDING),
        ("request.deleted", fates.GONE),
        ("request.data.changed", fates.ANSWERED),
        ("", fates.ANSWERED),
    ],
)
def test_words_are_sorted_into_fates(word: str, fate: str) -> None:
    assert fates.of_word(word) == fate
