"""The same requests of the same account at the same time have the same bodies, on every store and in every
process; tokens too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mock_server.core.http import Response
from mock_server.core.random import Draws
from mock_server.providers.shuftipro import gate, tokens
from mock_server.store.base import Store
from tests.providers.shuftipro.harness import AML, PICTURE, ShuftiHarness, json_of

KYC: dict[str, Any] = {
    "reference": "ref-kyc",
    "country": "NZ",
    "face": {"proof": PICTURE},
    "document": {"proof": PICTURE, "name": "", "dob": "", "fetch_enhanced_data": "1"},
    "address": {"proof": PICTURE, "full_address": "", "name": ""},
}


def fetch(shop: ShuftiHarness, url: str, token: str) -> Response:
    return shop.send("POST", urlsplit(url).path, {"access_token": token}, headers={"authorization": ""})


def run(shop: ShuftiHarness) -> dict[str, bytes]:
    """One of each answer, and every callback."""
    bodies = {
        "aml": shop.ask({"reference": "ref-aml", **AML}).body,
        "kyc": shop.ask(KYC).body,
        "kyb": shop.ask({"reference": "ref-kyb", "kyb": {"company_name": "Mock Ltd"}}).body,
        "declined": shop.ask({"reference": "declined-1", **AML}).body,
        "pending": shop.ask({"reference": "ref-pending", "document": "", "phone": ""}).body,
        "invalid": shop.ask({"reference": "ref-invalid", "country": "XX"}).body,
        "unauthorized": shop.ask({}, headers={"authorization": "Basic x"}).body,
    }
    proofs = json_of(shop.send("POST", "/status", {"reference": "ref-kyc"}))["proofs"]
    bodies |= {
        f"status {number}": shop.send("POST", "/status", {"reference": "ref-kyc"}).body for number in range(2)
    }
    bodies |= {
        service: fetch(shop, proofs[service]["proof"], proofs["access_token"]).body
        for service in ("face", "document", "address")
    }
    bodies["report"] = fetch(shop, proofs["verification_report"], proofs["access_token"]).body
    bodies |= {f"token {number}": shop.send("POST", "/get/access/token").body for number in range(3)}
    bodies["account"] = shop.send("GET", "/account/info/").body
    shop.decide("ref-pending", "accepted")
    bodies["decided"] = shop.send("POST", "/status", {"reference": "ref-pending"}).body
    bodies["deleted"] = shop.send("POST", "/delete", {"reference": "ref-aml", "comment": "asked for"}).body
    return bodies | {
        f"callback {message.event} {message.reference}": message.body for message in shop.callbacks()
    }


def test_a_run_can_be_repeated_byte_for_byte(tmp_path: Path) -> None:
    expected = run(ShuftiHarness(process="first"))
    assert run(ShuftiHarness(process="second")) == expected
    assert run(ShuftiHarness(process="third", store=f"sqlite:{tmp_path / 'state.db'}")) == expected
    assert len(expected) > 20


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> set[str]:
    return {name for name in one if one[name] != other[name]}


def test_another_seed_gives_other_tokens() -> None:
    names = differing(run(ShuftiHarness(seed=1)), run(ShuftiHarness(seed=2)))
    assert {"status 0", "status 1", "token 0", "token 1", "token 2", "kyc", "pending"} <= names


def issued(shop: ShuftiHarness) -> str:
    return str(json_of(shop.send("POST", "/get/access/token"))["access_token"])


def of_proofs(shop: ShuftiHarness, reference: str = "ref-aml") -> str:
    return str(shop.status(reference)["proofs"]["access_token"])


@pytest.mark.parametrize("issue", [issued, of_proofs])
def test_no_token_is_issued_twice(issue: Callable[[ShuftiHarness], str]) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-aml", **AML})
    assert len({issue(shop) for _ in range(300)}) == 300


def test_tokens_of_two_verifications_differ() -> None:
    shop = ShuftiHarness()
    for reference in ("ref-aml", "ref-other"):
        shop.ask({"reference": reference, **AML})
    assert of_proofs(shop) != of_proofs(shop, "ref-other")


@pytest.mark.parametrize("issue", [issued, of_proofs])
def test_two_requests_at_once_get_two_tokens(
    issue: Callable[[ShuftiHarness], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second has read the count that the first one raises before it commits."""
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-aml", **AML})
    commit = shop.store.commit
    first: list[str] = []

    def racing(_: Store, transaction: Any) -> str | None:
        if not first:
            first.append("")
            first.append(issue(shop))
        return commit(transaction)

    monkeypatch.setattr(type(shop.store), "commit", racing)
    late = issue(shop)
    assert late != first[1]


def test_a_token_of_another_account_cannot_be_made_from_ones_own() -> None:
    """Same seed, same time, same purpose: without the other secret the seal is another one."""
    shop = ShuftiHarness(accounts={"acme": {"secret_key": "acme-secret-not-real"}})
    own = tokens.from_text(issued(shop), tokens.ACCESS_BYTES)
    shop.client, shop.secret = "acme", "acme-secret-not-real"
    others = tokens.from_text(issued(shop), tokens.ACCESS_BYTES)
    assert own is not None
    assert others is not None
    forged = tokens.tag("acme") + own[8:]
    assert tokens.check(forged, shop.secret, gate.ACCESS) is None
    assert tokens.check(others, shop.secret, gate.ACCESS) is not None
    assert shop.ask(AML, headers={"authorization": f"Bearer {tokens.as_text(forged)}"}).status == 401


def test_numbers_of_tokens_differ() -> None:
    draws = Draws(1, "test-shop", "ref")
    assert len({tokens.number(draws, "access", count) for count in range(5000)}) == 5000


def test_a_used_token_stays_used_after_the_server_was_started_again(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'state.db'}"
    before = ShuftiHarness(store=store, process="before")
    used, unused = issued(before), issued(before)
    assert before.ask(AML, headers={"authorization": f"Bearer {used}"}).status == 200
    before.store.close()
    after = ShuftiHarness(store=store, process="after")
    assert issued(after) not in (used, unused)
    assert (
        after.ask({"reference": "ref-after", **AML}, headers={"authorization": f"Bearer {used}"}).status
        == 401
    )
    assert (
        after.ask({"reference": "ref-after", **AML}, headers={"authorization": f"Bearer {unused}"}).status
        == 200
    )
