"""The doctor over the corpus: which mistakes it names, against those that were made."""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.core.clock import ManualClock
from mock_server.core.http import Request
from mock_server.core.ids import ProcessIds
from mock_server.diagnosis.mistake import KINDS, Stage
from mock_server.diagnosis.mistakes import BY_ID
from mock_server.providers import registry
from mock_server.providers.accounts import Accounts
from mock_server.providers.context import Services, UnitOfWork
from mock_server.store import open_store
from tests.corpora.signing.cases import ACCOUNTS, FORM, FROZEN

ROWS = Path(__file__).parent / "signings.jsonl"
FIGURES = Path(__file__).parent / "figures.json"
URLENCODED = "application/x-www-form-urlencoded"
SECRET_MISTAKES = frozenset(mistake.id for mistake in BY_ID.values() if mistake.stage is Stage.SECRET)


class Judged(NamedTuple):
    """What the doctor says of a row."""

    valid: bool
    named: tuple[str, ...]
    explanation: str

    def is_right(self, row: Mapping[str, Any]) -> bool:
        """Whether exactly the mistakes that were made are named."""
        return sorted(self.named) == sorted(row["mistakes"])

    def names_library(self, row: Mapping[str, Any]) -> bool:
        """Whether the library that wrote the JSON is among those named."""
        return f"{row['library']} ({row['language']})" in self.explanation

    def blames_right_secret(self, row: Mapping[str, Any]) -> bool:
        return bool(SECRET_MISTAKES & {*self.named}) and not SECRET_MISTAKES & {*row["mistakes"]}


def sent_body(row: Mapping[str, Any]) -> bytes:
    """The body of a request; that of a multipart form is Base64."""
    text: str = row.get("body", "")
    return b64decode(text) if "content_type" in row else text.encode()


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()]


@cache
def providers() -> dict[str, Any]:
    return dict(registry.build({}))


@cache
def services() -> Services:
    """Both vendors, the default account and another one, at the time at which everything was signed."""
    clock = ManualClock(int(FROZEN) / 1000)
    store = open_store("memory", journal_limit=10, clock=clock)
    settings = {name: provider.settings for name, provider in providers().items()}
    return Services(
        store, Accounts(ACCOUNTS, providers().values(), store), ProcessIds("t"), seed=0, settings=settings
    )


def judged(row: Mapping[str, Any]) -> Judged:
    """As `mock-server verify` would judge it."""
    return _judged(json.dumps(row))


@cache
def _judged(text: str) -> Judged:
    row, unit_services = json.loads(text), services()
    provider = providers()[row["vendor"]]
    unit = UnitOfWork(
        unit_services, unit_services.accounts.default(), int(FROZEN) / 1000, "http://localhost:8484"
    )
    if row["vendor"] == FORM:
        headers = {"content-type": row.get("content_type", URLENCODED), "host": "localhost:8484"}
        body = sent_body(row)
        explanation = provider.explain(
            unit, Request(row["method"], row["path"], row.get("query", ""), headers, body)
        )
    else:
        explanation = provider.explain_message(unit, row["body"].encode(), {"signature": row["signature"]})
    mistakes = explanation["mistakes"]
    return Judged(
        explanation["valid"],
        tuple(one["id"] for one in mistakes),
        " ".join(one["explanation"] for one in mistakes),
    )


def figures() -> dict[str, Any]:
    """Counts by language and kind, and which mistakes were named in place of which."""
    languages: dict[str, Counter[str]] = {}
    kinds: dict[str, Counter[str]] = {}
    confusion: Counter[tuple[str, str]] = Counter()
    libraries: Counter[str] = Counter()
    wrong = []
    for row in rows():
        verdict = judged(row)
        right = verdict.is_right(row)
        languages.setdefault(row["language"], Counter()).update(rows=1, right=right)
        kinds.setdefault(_kind(row), Counter()).update(rows=1, right=right)
        confusion[" and ".join(row["mistakes"]), " and ".join(sorted(verdict.named, key=_rank(row)))] += 1
        if row["mistakes"] == ["json-rewritten"] and right and "content_type" not in row:
            libraries.update(rows=1, right=verdict.names_library(row))
        if not right:
            wrong.append(
                {
                    "id": row["id"],
                    "language": row["language"],
                    "library": row["library"],
                    "made": row["mistakes"],
                    "named": [*verdict.named],
                }
            )
    return {
        "languages": {name: dict(count) for name, count in languages.items()},
        "kinds": {name: dict(count) for name, count in sorted(kinds.items())},
        "libraries": dict(libraries),
        "confusion": [[actual, named, count] for (actual, named), count in sorted(confusion.items())],
        "wrong": wrong,
    }


def _rank(row: Mapping[str, Any]) -> Any:
    """Those that were made first, in the order of the row."""
    return lambda name: (
        row["mistakes"].index(name) if name in row["mistakes"] else len(row["mistakes"]),
        name,
    )


def _kind(row: Mapping[str, Any]) -> str:
    return "two mistakes" if len(row["mistakes"]) > 1 else KINDS[BY_ID[row["mistakes"][0]].stage]
