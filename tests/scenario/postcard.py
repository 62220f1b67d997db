"""A vendor that does not exist, as far as scenario files know it: it sends and tracks postcards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from mock_server.core.random import Draws
from mock_server.scenario.facts import walk
from mock_server.scenario.loader import ScenarioSet, compile_inline, load
from mock_server.scenario.model import Scenario
from mock_server.scenario.vocabulary import Event, MagicValue, Operation, Vocabulary

VOCABULARY = Vocabulary(
    provider="postcard",
    operations={
        "send": Operation(
            "send",
            {"delivered": "It arrives.", "returned": "It comes back.", "lost": "Nobody knows."},
            "POST",
            "/send",
            body=frozenset(
                {
                    "reference",
                    "to",
                    "to.name",
                    "to.country",
                    "stamps.*.value",
                    "weight",
                    "sent",
                    "express",
                    "tags",
                    "photo",
                    "hook",
                }
            ),
            params=frozenset({"key", "data"}),
            request_type="CARD",
        ),
        "track": Operation(
            "track",
            {"found": "Where it is."},
            "GET",
            "/track",
            body=frozenset(),
            params=frozenset({"id"}),
            verification=True,
        ),
    },
    errors={"7": "No stamp.", "9": "Torn.", "card.invalid": "Not a card."},
    events={
        "card.delivered": Event("card.delivered", True, "It has arrived."),
        "card.returned": Event("card.returned", True, "It has come back."),
        "parcel.weighed": Event("parcel.weighed", True, "A parcel is on the scales.", ("PARCEL",)),
        "card.invalid": Event("card.invalid", False),
    },
    declines={"P01": "Unreadable address.", "P02": "Too heavy."},
    services=("photo", "address"),
    request_types=("CARD", "PARCEL"),
    magic=(
        MagicValue("send", "body.to.name", "Nobody", False, "outcome lost"),
        MagicValue("*", "body.reference", "lost-", True, "outcome lost"),
    ),
    schemes=("legacy",),
    record_fields=frozenset({"status", "created"}),
    callback_url="body.hook",
)
PIGEON = Vocabulary(
    provider="pigeon",
    operations={"fly": Operation("fly", {"arrived": "Home."}, "POST", "/fly")},
    errors={"1": "Hawk."},
    events={"home": Event("home", True)},
)
"""Another vendor: its callbacks carry no signature, and nothing is said of what its requests hold."""
VOCABULARIES = {"postcard": VOCABULARY, "pigeon": PIGEON}


@dataclass(frozen=True)
class Account:
    name: str = "acme"


class RequestContext:
    """What a rendering and a selection draw from."""

    def __init__(
        self,
        facts: dict[str, Any] | None = None,
        *,
        reference: str = "ref-1",
        locale: str | None = None,
        now: float = 1_767_225_600.0,
    ) -> None:
        self.facts = facts or {}
        self.draws = Draws(1, "acme", reference)
        self.now = now
        self.locale = locale
        self.account = Account()

    def get(self, path: tuple[str, ...]) -> Any:
        return walk(self.facts, path)


def document(scenarios: str, provider: str = "postcard") -> str:
    """A file with these scenarios, given as YAML with any indentation."""
    body = dedent(scenarios).strip("\n")
    return f"version: 1\nprovider: {provider}\nscenarios:\n" + "".join(
        f"  {line}\n" if line else "\n" for line in body.split("\n")
    )


def write(folder: Path, text: str, name: str = "cards.yaml") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def loaded(folder: Path, scenarios: str, provider: str = "postcard") -> ScenarioSet:
    return load([write(folder, document(scenarios, provider))], VOCABULARIES)


def inline(**scenario: Any) -> Scenario:
    """One scenario of the postcard vendor."""
    return compile_inline({"provider": "postcard", "name": "one", "respond": {}, **scenario}, VOCABULARIES)[0]
