"""The person in the documents: what the request says of them, and Faker for what a reader of documents would
add.

Faker is loaded when the first missing thing is asked for. Every value depends on the account's and
reference's draws alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from mock_server.core.clock import days_later
from mock_server.core.random import Draws
from mock_server.providers.shuftipro.countries import COUNTRIES, Country
from mock_server.providers.shuftipro.names import Name, sent_parts
from mock_server.scenario.names import faker

LOCALES: Mapping[str, str] = {
    "AT": "de_AT", "AU": "en_AU", "BE": "nl_BE", "BR": "pt_BR", "CA": "en_CA", "CH": "de_CH", "CL": "es_CL", "CO": "es_CO", "CZ": "cs_CZ",
    "DE": "de_DE", "DK": "da_DK", "EE": "et_EE", "ES": "es_ES", "FI": "fi_FI", "FR": "fr_FR", "GB": "en_GB", "HR": "hr_HR", "HU": "hu_HU",
    "IE": "en_IE", "IN": "en_IN", "IT": "it_IT", "LT": "lt_LT", "LV": "lv_LV", "MX": "es_MX", "NL": "nl_NL", "NO": "no_NO", "NZ": "en_NZ",
    "PH": "en_PH", "PL": "pl_PL", "PT": "pt_PT", "RO": "ro_RO", "SE": "sv_SE", "SI": "sl_SI", "SK": "sk_SK", "TR": "tr_TR", "US": "en_US",
}  # fmt: skip
"""Country → Faker's locale, where that writes in Latin letters as a document's reading does."""
_NAMING = ("document", "document_two", "background_checks", "address", "ekyc", "eidv")


class Person:
    """Everything the documents can say. Nothing is drawn before it is asked for."""

    def __init__(
        self, services: Mapping[str, Any], country: str, locale: str, draws: Draws, today: date
    ) -> None:
        self._services = services
        self._draws = draws
        self._today = today
        code = country.upper()
        self.country: Country = COUNTRIES[code if code in COUNTRIES else "GB"]
        self._locale = locale or LOCALES.get(self.country.alpha2, "en_GB")

    def _sent(self, key: str) -> Iterator[Any]:
        for service in _NAMING:
            values = self._services.get(service)
            if isinstance(values, Mapping) and values.get(key):
                yield values[key]

    def _fake(self, what: str, *args: Any) -> Any:
        return faker(self._locale).make(self._draws.random(f"person {what}"), what, args, {})

    @cached_property
    def gender(self) -> str:
        """``M``, ``F`` or ``O``."""
        sent = next(self._sent("gender"), None)
        return str(sent).upper() if sent else self._draws.random("person gender").choice("MF")

    @cached_property
    def name(self) -> dict[str, Any]:
        """``first_name``, ``middle_name`` (null without one), ``last_name``, ``full_name``."""
        names = [parts for name in self._sent("name") if (parts := sent_parts(name))]
        sent = names[0] if names else {}
        full = str(sent.get("full_name") or "")
        first, last = (
            sent.get("first_name") or full.partition(" ")[0],
            sent.get("last_name") or full.rpartition(" ")[2],
        )
        first = (
            first
            or _any_part(names, "first_name")
            or self._fake("first_name_female" if self.gender == "F" else "first_name_male")
        )
        last = last or _any_part(names, "last_name") or self._fake("last_name")
        middle = sent.get("middle_name") or None
        whole = full or " ".join(part for part in (first, middle, last) if part)
        return {"first_name": first, "middle_name": middle, "last_name": last, "full_name": whole}

    @cached_property
    def dob(self) -> str:
        """An adult's date of birth."""
        sent = next(self._sent("dob"), None)
        return str(sent) if sent else self._ago("dob", 19 * 366, 70 * 365).isoformat()

    @property
    def age(self) -> int:
        """Full years today."""
        born = date.fromisoformat(self.dob)
        return max(
            0, self._today.year - born.year - ((self._today.month, self._today.day) < (born.month, born.day))
        )

    @cached_property
    def issued(self) -> date:
        """When the identity document was issued."""
        return self._ago("issued", 60, 4 * 365)

    @property
    def expires(self) -> date:
        """Some ten years later."""
        return days_later(self.issued, 3651)

    @cached_property
    def billed(self) -> str:
        """When the address document was issued."""
        return self._ago("billed", 5, 80).isoformat()

    @cached_property
    def document_number(self) -> str:
        """Two letters and seven digits."""
        random = self._draws.random("person document number")
        return "".join(random.choices("ABCDEFGHKLMNPRSTUVWXYZ", k=2)) + f"{random.randrange(10_000_000):07d}"

    @cached_property
    def address(self) -> str:
        """On one line."""
        return str(self._fake("address")).replace("\n", ", ")

    @cached_property
    def birthplace(self) -> str:
        """A city, in capitals as documents have it."""
        return str(self._fake("city")).upper()

    @cached_property
    def phone(self) -> str:
        """A plus sign and digits."""
        return f"+{self._draws.random('person phone').randrange(10**10, 10**11)}"

    def _ago(self, what: str, least: int, most: int) -> date:
        return self._today - timedelta(days=self._draws.random(f"person {what}").randrange(least, most))


def _any_part(names: Sequence[Name], key: str) -> Any:
    """The part as the first of the names has it; None: none has."""
    return next((name[key] for name in names if key in name), None)
