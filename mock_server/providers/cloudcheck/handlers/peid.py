"""``/verify/peid/``: the profile behind a ``peid``; vendor's page "Cloudcheck PEID Lookup", reply as a
production client reads it."""

from __future__ import annotations

from typing import Any

from mock_server.core.exceptions import ProviderError
from mock_server.core.random import Draws
from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck import errors
from mock_server.providers.cloudcheck.endpoint import Endpoint, reply, settings_of
from mock_server.providers.cloudcheck.errors import NESTED
from mock_server.providers.cloudcheck.formats import parse_long, today
from mock_server.providers.cloudcheck.people import person
from mock_server.providers.cloudcheck.records import keep
from mock_server.providers.cloudcheck.sources import PERSONA
from mock_server.providers.context import RequestContext, StashKey

RELATIONSHIPS = (
    "Wife",
    "Husband",
    "Brother",
    "Sister",
    "Son",
    "Daughter",
    "Business Associate",
    "Colleague",
    "Senior Official",
)
POSTS = (
    ("Member of Council", "Local Public Officials"),
    ("Deputy Mayor", "Local Public Officials"),
    ("Member of Parliament", "National Government"),
    ("Ambassador", "Diplomats"),
    ("Chief Executive", "State Corporation Executives"),
    ("Judge of the District Court", "Senior Judiciary"),
)
_INTERVAL = "cloudcheck peid"
PEID: StashKey[int] = StashKey()


def check(context: RequestContext) -> None:
    """``peid`` is a whole number. 429 where a minimum interval is set and has not passed: the vendor asks for
    one call at a time."""
    peid = parse_long(context.params["peid"].strip())
    if peid is None or peid < 0:
        raise errors.invalid("peid")
    context.stash[PEID] = peid
    context.reference = str(peid)
    interval = settings_of(context).peid_interval
    if (
        interval
        and context.services.store.increment(context.account.name, _INTERVAL, context.real + interval) > 1
    ):
        evidence = {"check": "peid_interval", "remedy": "wait for an answer before the next lookup"}
        raise ProviderError(
            112, "PEID lookups must be made one after the other.", options={"status": 429}, evidence=evidence
        )


def profile(context: RequestContext, peid: int) -> dict[str, Any]:
    """The profile of one of ``matches``."""
    draws = Draws(context.services.seed, "", f"peid {peid}")
    random = draws.random("profile")
    who = person(draws, "profile", today(1_700_000_000, "UTC"))
    given_name, family, born = who.given, who.family, who.born.isoformat()
    if peid == PERSONA.peid:
        given_name, family, born = PERSONA.given, PERSONA.family, PERSONA.born
    names = [{"name": f"{given_name} {family}", "type": "Primary Name"}]
    if peid != PERSONA.peid:
        names.append({"name": f"{given_name} {who.middle} {family}", "type": "Also Known As"})
    now, before = random.sample(POSTS, 2)
    year = random.randint(1990, 2010)
    associates = []
    for index, relationship in enumerate(random.sample(RELATIONSHIPS, random.randint(0, 3))):
        associates.append(
            {
                "peid": random.randint(1_000_000, 9_000_000),
                "relationship": relationship,
                "description1": "Relative or Close Associate" if index else "Politically Exposed Person",
                "description2": "",
            }
        )
    return {
        "peid": peid,
        "content": {
            "status": "Active",
            "description": f"{now[0]}. A made-up profile.",
            "sources": [f"https://example.test/people/{peid}"],
            "primaryOccupation": [{"title": now[0], "category": now[1], "to": ""}],
            "previousRoles": [
                {
                    "title": before[0],
                    "category": before[1],
                    "from": str(year),
                    "to": str(year + random.randint(2, 9)),
                }
            ],
        },
        "details": {
            "birthplace": who.address.place.city,
            "gender": "Male" if peid == PERSONA.peid else who.gender,
            "deceased": False,
            "names": names,
        },
        "dates": [{"type": "Date of Birth", "date": born}, {"type": "Date of Birth", "year": born[:4]}],
        "associates": associates,
        "images": [],
        "countries": [{"name": "New Zealand", "type": "Citizenship"}],
    }


def answer(context: RequestContext, outcome: str) -> PendingResponse:
    """The profile; 110 for ``no-result``."""
    if outcome == "no-result":
        raise ProviderError(110)
    return reply(
        context,
        {
            "request": {"peid": context.stash[PEID]},
            "response": {"count": 1, "matches": [profile(context, context.stash[PEID])]},
        },
    )


def report(context: RequestContext, outcome: str) -> PendingResponse:
    """The profile as PDF."""
    from mock_server.providers.cloudcheck.pdf import profile_report

    if outcome == "no-result":
        raise ProviderError(110)
    return PendingResponse(
        200,
        profile_report(profile(context, context.stash[PEID]), context.now, settings_of(context).timezone),
        "application/pdf",
    )


_OUTCOMES = {"found": "A made-up profile, the same for a peid each time.", "no-result": "110."}
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "peid",
        "POST",
        "/verify/peid/",
        "peid",
        _OUTCOMES,
        answer,
        check,
        keep,
        required=("peid",),
        position=NESTED,
    ),
    Endpoint(
        "peid-pdf",
        "GET",
        "/verify/peid/pdf",
        "peid",
        _OUTCOMES,
        report,
        check,
        keep,
        required=("peid",),
        position=NESTED,
        also=("POST",),
    ),
)
