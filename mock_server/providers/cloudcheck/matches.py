"""Invented politically exposed people: matches of a verification and of ongoing monitoring, and their
profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.core.random import Draws
from mock_server.providers.cloudcheck.formats import full_name
from mock_server.providers.cloudcheck.sources import PERSONA

TITLES = (
    "See Previous Roles",
    "Member of Council",
    "Deputy Mayor",
    "Chief Executive, Crown Entity",
    "Ambassador",
    "Member of Parliament",
)
RISKS = (["PEP"], ["PEP"], ["RCA"], ["PEP", "RCA"])


def pep_matches(details: Mapping[str, Any], draws: Draws) -> list[dict[str, Any]]:
    """``pepMatches`` for the requested person, best score first; the order of keys is that of recorded replies."""
    name = details["name"]
    given_name, family = str(name.get("given") or ""), str(name["family"])
    if family.lower() == PERSONA.family.lower():
        return [
            {
                "score": 1,
                "peid": PERSONA.peid,
                "name": full_name(given_name or PERSONA.given, "", family),
                "riskTypes": ["PEP"],
            }
        ]
    random = draws.random("pep")
    scores = sorted(
        (round(random.uniform(0.8, 0.999), random.choice((2, 3, 7))) for _ in range(random.randint(1, 3))),
        reverse=True,
    )
    return [
        _match(given_name, family, str(details.get("dateofbirth") or ""), score, index, draws)
        for index, score in enumerate(scores)
    ]


def _match(given_name: str, family: str, born: str, score: float, index: int, draws: Draws) -> dict[str, Any]:
    random = draws.random(f"pep {index}")
    middle = random.choice("ABCDEFGHJKLMNPRSTW") if index or random.random() < 0.5 else ""
    match: dict[str, Any] = {
        "score": score,
        "peid": random.randint(1_000_000, 9_000_000),
        "name": full_name(given_name, middle, family),
        "riskTypes": list(RISKS[0] if not index else random.choice(RISKS)),
    }
    if born and (not index or random.random() < 0.5):
        match["dateOfBirth"] = [born if not index else born[:4]]
    if not index or random.random() < 0.5:
        match["title"] = random.choice(TITLES)
    return match
