"""What a company register says in a KYB result: the recorded keys, in the recorded order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from mock_server.core.clock import isoformat
from mock_server.core.random import Draws
from mock_server.providers.shuftipro.countries import COUNTRIES

_NOTHING = (
    "company_branch", "company_branch_status", "company_inactive", "home_company", "native_company_number", "company_agent_name",
    "company_agent_address", "company_number_of_employees", "company_financial_summary", "company_controlling_entity",
    "company_corporate_groupings", "company_data", "company_registry_url", "company_trademark_registrations",
)  # fmt: skip
_LISTS = ("subsequent", "previous", "alternate")


def register_entry(
    values: Mapping[str, Any], country: str, draws: Draws, now: float, today: date
) -> dict[str, Any]:
    """The company by the name or number that was asked for; invented where not sent."""
    random = draws.random("company")
    jurisdiction = str(values.get("company_jurisdiction_code") or country or "gb").lower()
    place = COUNTRIES.get(jurisdiction[:2].upper(), COUNTRIES["GB"])
    number = str(values.get("company_registration_number") or random.randrange(10**7, 10**8))
    founded = today - timedelta(days=random.randrange(2 * 365, 40 * 365))
    street, code = f"{random.randrange(1, 200)} Register Street", f"{random.randrange(10_000, 99_999)}"
    director = f"{random.choice(('Ada', 'Bela', 'Chris', 'Dana'))} {random.choice(('Mockford', 'Sample', 'Tester', 'Specimen'))}"
    register = f"https://register.example.test/{jurisdiction}/{number}"
    return {
        "company_name": values.get("company_name") or f"Mock Company {number} Ltd",
        "company_number": number,
        "company_jurisdiction_code": jurisdiction,
        "company_type": "Limited Company",
        "company_current_status": "Active",
        "company_incorporation_date": founded.isoformat(),
        "company_dissolution_date": None,
        "company_registered_address": {
            "street_address": street,
            "locality": place.capital,
            "region": place.capital,
            "postal_code": code,
            "country": place.name,
        },
        "company_registered_address_in_full": f"{street}, {code} {place.capital}, {place.name}",
        "company_previous_names": [],
        "company_alternative_names": [],
        "company_identifiers": [
            {
                "identifier": {
                    "uid": number,
                    "identifier_system_code": f"{jurisdiction}_reg",
                    "identifier_system_name": "Mock Company Register",
                }
            }
        ],
        "company_officers": [
            {"name": director, "position": "director", "start_date": founded.isoformat(), "end_date": None}
        ],
        "company_ultimate_beneficial_owners": [{"name": director, "percentage_min_share_ownership": 75.0}],
        "company_industry_codes": [
            {"code": "62.01", "description": "Computer programming activities", "code_scheme_name": "NACE"}
        ],
        "company_filings": [],
        "company_source": {
            "url": register,
            "publisher": "Mock Company Register",
            "retrieved_at": isoformat(now),
            "terms": "Invented data",
            "terms_url": "https://register.example.test/terms",
        },
        **dict.fromkeys(_NOTHING),
        **{f"company_{which}_registration_entities": [] for which in _LISTS},
        "company_annual_meeting_of_shareholders": None,
        "company_amended_articles_of_incorporation_1": None,
        "company_amended_articles_of_incorporation_2": None,
    }
