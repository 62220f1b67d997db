"""What `mock-server calibrate` asks of Harbour ID: nothing that begins a check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from harbour_mock import KEY, SIGNATURE, HarbourAccount, digest

from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.providers.probes import ProbeAnswer, Candidates, Probe, ProbeStage

HEADERS = ("content-type",)
CANDIDATES: Mapping[str, Candidates] = {}


class Ask(NamedTuple):
    """One request; its secret is the account's own where none is given."""

    path: str
    body: str = ""
    key: str = ""
    secret: str = ""


PROBES = (
    Probe("unknown-check", "GET /checks/ with an unknown reference", "No check has the reference.", (Ask("/checks/{mark}"),)),
    Probe("unknown-key", "an unknown key", "It authorizes no one.", (Ask("/checks", "{}", key="nobody"),)),
    Probe("wrong-signature", "a signature made with another secret", "It is not signed rightly.", (Ask("/checks", "{}", secret="other"),)),
    Probe("unreadable", "a check that is not JSON", "There is nothing to check.", (Ask("/checks", "{not JSON"),)),
    Probe("no-name", "a check without a name", "It has no name to check.", (Ask("/checks", '{"reference": "{mark}"}'),)),
)  # fmt: skip


def request(ask: Ask, stage: ProbeStage) -> Request:
    section = stage.account.section("harbour", HarbourAccount)
    body = ask.body.replace("{mark}", stage.mark).encode()
    headers = {
        KEY: ask.key or section.key,
        SIGNATURE: digest(ask.secret or section.secret, body),
        "content-type": "application/json",
    }
    return Request("POST" if body else "GET", ask.path.replace("{mark}", stage.mark), "", headers, body)


def facts(answer: ProbeAnswer, account: Account) -> Mapping[str, Any]:
    """Whether the answer is signed."""
    secret = account.section("harbour", HarbourAccount).secret
    return {"signed": answer.headers.get(SIGNATURE) == digest(secret, answer.body)}


def tidy(document: Any) -> Any:
    return document


def brief(answer: ProbeAnswer) -> str:
    return str(answer.document.get("error", "accepted")) if isinstance(answer.document, dict) else "no JSON"


def denied(answer: ProbeAnswer) -> str:
    return "the key or the secret is wrong" if answer.status == 401 else ""


def refused(answer: ProbeAnswer) -> bool:
    return answer.status >= 400


def obstacle(answer: ProbeAnswer) -> str:
    return ""


def created(answer: ProbeAnswer) -> str:
    document = answer.document
    return json.dumps(document) if answer.status == 201 else ""
