"""The signature doctor over wrong signings that real code of eight languages has made: it names what was done, first and rightly,
and blames no right secret."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest

from mock_server.core.http import Request
from mock_server.diagnosis.mistakes import BY_ID
from mock_server.diagnosis.recipe import Case, of_body
from mock_server.diagnosis.search import Search
from mock_server.providers.cloudcheck.diagnosis import all_digests
from mock_server.providers.context import UnitOfWork
from mock_server.providers.shuftipro.mistakes import KEYS, PROFILES
from tests.corpora.signing import judge
from tests.corpora.signing.cases import BODIES, CLIENT_ID, CLIENTS, FORM, FROZEN, SECRET_KEY, WRITERS

ROWS = judge.rows()
LANGUAGES = [*dict.fromkeys(row["language"] for row in ROWS)]
FIGURES = json.loads(judge.FIGURES.read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_mistakes_of_a_language_are_named(language: str) -> None:
    rows = [row for row in ROWS if row["language"] == language]
    wrong = [row["id"] for row in rows if not judge.judged(row).is_right(row)]
    assert wrong == [row["id"] for row in FIGURES["wrong"] if row["language"] == language], "run make corpora"
    assert len(wrong) <= 0.05 * len(rows)
    assert [row["id"] for row in rows if judge.judged(row).blames_right_secret(row)] == []


def test_the_corpus_is_large_and_has_every_language_and_kind() -> None:
    assert len(ROWS) >= 250
    assert {*LANGUAGES} == {*WRITERS}
    assert {row["direction"] for row in ROWS} == {"request", "callback"}
    assert {*FIGURES["kinds"]} == {"text", "secret", "construction", "request", "two mistakes"}
    assert {name for row in ROWS for name in row["mistakes"]} <= {*BY_ID}


def test_the_corpus_has_uploads_of_real_clients() -> None:
    """Each of `CLIENTS` signs the file as a parameter, and makes mistakes that have nothing to do with the file."""
    uploads = [row for row in ROWS if "content_type" in row]
    assert all(judge.sent_body(row).count(b'name="file"') == 1 for row in uploads)
    for language, clients in CLIENTS.items():
        signed = {
            (row["library"], name)
            for row in uploads
            if row["language"] == language
            for name in row["mistakes"]
        }
        assert {(client, name) for client in clients for name in ("file-signed", "unsorted")} <= signed


def test_figures_are_those_of_the_corpus() -> None:
    assert sum(count["rows"] for count in FIGURES["languages"].values()) == len(ROWS)
    counts = Counter(" and ".join(row["mistakes"]) for row in ROWS)
    confused: Counter[str] = Counter()
    for name, _, count in FIGURES["confusion"]:
        confused[name] += count
    assert confused == counts


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["vendor"] == FORM][::60], ids=lambda row: str(row["id"])
)
def test_ten_thousand_random_digests_are_none_that_a_mistake_gives(row: dict[str, str]) -> None:
    """A mistake is named for an equal digest only, so it is enough to hold the random ones against all that would be named."""
    services = judge.services()
    unit = UnitOfWork(services, services.accounts.default(), int(FROZEN) / 1000, "http://localhost:8484")
    headers = {"content-type": row.get("content_type", judge.URLENCODED)}
    request = Request(row["method"], row["path"], row.get("query", ""), headers, judge.sent_body(row))
    draw, named = random.Random(row["id"]), {*all_digests(unit, request)}
    assert len(named) > 500
    assert not named & {draw.randbytes(32) for _ in range(10_000)}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("scheme", PROFILES)
def test_ten_thousand_random_digests_are_none_that_a_receiver_makes(body: str, scheme: str) -> None:
    right = of_body(BODIES[body].encode(), SECRET_KEY.encode(), KEYS[scheme], "text+key sha256")
    search = Search(
        PROFILES[scheme], right, Case(document=b"", identifier=CLIENT_ID, text=BODIES[body].encode())
    )
    draw, named = random.Random(body + scheme), {digest for _, _, digest in search.candidates()}
    assert len(named) > 500
    assert not named & {draw.randbytes(32) for _ in range(10_000)}
