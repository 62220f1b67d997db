"""Every kind of identity document that ``details`` can hold, with its members and their formats, as data.

Keys and patterns are those of the vendor's own SDK (Moshi names and regular expressions of the Android
library); the internal names in ``fields`` of an error are known for the New Zealand licence and passport and
follow their pattern elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

NZ, AU = "NZ", "AU"
TEXT, DATE, FUTURE, YEAR = "text", "date", "future", "year"

_NZ_NUMBER = re.compile(r"[A-Za-z]{2}[0-9]{6}")
_ALNUM = re.compile(r"[A-Za-z0-9]{1,20}")
_STATES = re.compile(r"ACT|NSW|NT|QLD|SA|TAS|VIC|WA")


class Member(NamedTuple):
    """One member of a document."""

    key: str
    field: str
    """The vendor's internal name, as errors have it in ``fields``."""
    label: str
    """How a source's notes and the report name it."""
    required: bool = True
    pattern: re.Pattern[str] | None = None
    """Has to match whole."""
    kind: str = TEXT
    """``text``, ``date`` (yyyy-MM-dd), ``future`` (a date that has not passed) or ``year``."""


class DocumentType(NamedTuple):
    """One kind of document."""

    key: str
    label: str
    country: str
    source: str
    """Name of the source that checks it."""
    members: tuple[Member, ...]


def _test_source(label: str) -> str:
    return f"Test Source ({label})"


_DOCUMENTS = (
    DocumentType(
        "driverslicence", "Driver’s Licence", NZ, _test_source("Driver’s Licence"),
        (
            Member("number", "driversLicenceNumber", "Licence Number", pattern=_NZ_NUMBER),
            Member("version", "driversLicenceVersion", "Licence Version", pattern=re.compile(r"[0-9]{3}")),
        ),
    ),
    DocumentType(
        "passport", "Passport", NZ, _test_source("Passport"),
        (
            Member("number", "passportNumber", "Passport Number", pattern=_NZ_NUMBER),
            Member("expiry", "passportExpiry", "Expiry Date", kind=FUTURE),
        ),
    ),
    DocumentType(
        "birthcertificate", "Birth Certificate", NZ, _test_source("Birth Certificate"),
        (Member("registrationnumber", "birthCertificateRegistrationNumber", "Registration Number", pattern=re.compile(r"[0-9]+")),),
    ),
    DocumentType(
        "citizenship", "Citizenship Certificate", NZ, _test_source("Citizenship Certificate"),
        (
            Member("certificatenumber", "citizenshipCertificateNumber", "Certificate Number", pattern=re.compile(r"[0-9]{6,10}")),
            Member("countryofbirth", "citizenshipCountryOfBirth", "Country of Birth"),
        ),
    ),
    DocumentType(
        "vehicle", "Vehicle", NZ, _test_source("Motor Vehicle Register"),
        (Member("numberplate", "vehicleNumberPlate", "Number Plate", pattern=re.compile(r"[A-Za-z0-9]{1,6}")),),
    ),
    DocumentType(
        "australiandriverslicence", "Australian Driver’s Licence", AU, _test_source("Australian Driver’s Licence"),
        (
            Member("state", "australianDriversLicenceState", "State", pattern=_STATES),
            Member("number", "australianDriversLicenceNumber", "Licence Number", pattern=_ALNUM),
            Member("cardNumber", "australianDriversLicenceCardNumber", "Card Number", required=False, pattern=_ALNUM),
        ),
    ),
    DocumentType(
        "australianpassport", "Australian Passport", AU, _test_source("Australian Passport"),
        (
            Member("number", "australianPassportNumber", "Passport Number", pattern=re.compile(r"[A-Za-z]{1,2}[0-9]{7}")),
            Member("gender", "australianPassportGender", "Gender", required=False, pattern=re.compile(r"[FMX]")),
        ),
    ),
    DocumentType(
        "medicare", "Medicare Card", AU, _test_source("Medicare Card"),
        (
            Member("cardtype", "medicareCardType", "Card Type", pattern=re.compile(r"[BGY]")),
            Member("cardnumber", "medicareCardNumber", "Card Number", pattern=re.compile(r"[0-9]{10}")),
            Member("expiry", "medicareExpiry", "Expiry Date"),
            Member("individualnumber", "medicareIndividualNumber", "Individual Number", pattern=re.compile(r"[0-9]")),
            *(Member(f"nameline{n}", f"medicareNameLine{n}", f"Name Line {n}", required=False) for n in range(1, 5)),
        ),
    ),
    DocumentType(
        "centrelink", "Centrelink Card", AU, _test_source("Centrelink Card"),
        (
            Member("cardtype", "centrelinkCardType", "Card Type", pattern=re.compile(r"SHC|HCC|PCC")),
            Member("name", "centrelinkName", "Name"),
            Member("customerreferencenumber", "centrelinkCustomerReferenceNumber", "Customer Reference Number",
                   pattern=re.compile(r"[0-9]{9}[A-Za-z]")),
            Member("cardexpirydate", "centrelinkCardExpiryDate", "Card Expiry Date"),
        ),
    ),
    DocumentType(
        "australianbirthcertificate", "Australian Birth Certificate", AU, _test_source("Australian Birth Certificate"),
        (
            Member("registrationstate", "australianBirthCertificateRegistrationState", "Registration State", pattern=_STATES),
            Member("registrationnumber", "australianBirthCertificateRegistrationNumber", "Registration Number", required=False),
            Member("number", "australianBirthCertificateNumber", "Certificate Number", required=False),
            Member("registrationdate", "australianBirthCertificateRegistrationDate", "Registration Date", required=False, kind=DATE),
            Member("registrationyear", "australianBirthCertificateRegistrationYear", "Registration Year", required=False, kind=YEAR),
            Member("dateprinted", "australianBirthCertificateDatePrinted", "Date Printed", required=False, kind=DATE),
        ),
    ),
    DocumentType(
        "namechangecertificate", "Change of Name Certificate", AU, _test_source("Change of Name Certificate"),
        (
            Member("registrationstate", "nameChangeCertificateRegistrationState", "Registration State", pattern=_STATES),
            Member("oldgivenname", "nameChangeCertificateOldGivenName", "Old Given Name", required=False),
            Member("oldfamilyname", "nameChangeCertificateOldFamilyName", "Old Family Name", required=False),
            Member("registrationnumber", "nameChangeCertificateRegistrationNumber", "Registration Number", required=False),
            Member("registrationdate", "nameChangeCertificateRegistrationDate", "Registration Date", required=False, kind=DATE),
            Member("registrationyear", "nameChangeCertificateRegistrationYear", "Registration Year", required=False, kind=YEAR),
            Member("number", "nameChangeCertificateNumber", "Certificate Number", required=False),
            Member("dateprinted", "nameChangeCertificateDatePrinted", "Date Printed", required=False, kind=DATE),
        ),
    ),
    DocumentType(
        "australiancitizenship", "Australian Citizenship", AU, _test_source("Australian Citizenship"),
        (
            Member("acquisitiondate", "australianCitizenshipAcquisitionDate", "Acquisition Date", kind=DATE),
            Member("stocknumber", "australianCitizenshipStockNumber", "Stock Number"),
        ),
    ),
    DocumentType(
        "citizenshipbydescent", "Citizenship by Descent", AU, _test_source("Citizenship by Descent"),
        (
            Member("acquisitiondate", "citizenshipByDescentAcquisitionDate", "Acquisition Date", kind=DATE),
            Member("stocknumber", "citizenshipByDescentStockNumber", "Stock Number", required=False),
        ),
    ),
    DocumentType(
        "immicard", "ImmiCard", AU, _test_source("ImmiCard"),
        (Member("number", "immicardNumber", "ImmiCard Number", pattern=re.compile(r"[A-Za-z]{3}[0-9]{6}")),),
    ),
    DocumentType(
        "visa", "Visa", AU, _test_source("Visa"),
        (
            Member("countryofissue", "visaCountryOfIssue", "Country of Issue", pattern=re.compile(r"[A-Za-z]{3}|D")),
            Member("passportnumber", "visaPassportNumber", "Passport Number", pattern=_ALNUM),
        ),
    ),
)  # fmt: skip

_PEIDS = re.compile(r"[0-9, ]*")
HINTS: Mapping[str, tuple[Member, ...]] = {
    "watchlist": (
        Member("residencycountry", "watchlistResidencyCountry", "Country of Residency", required=False),
        Member("citizenshipcountry", "watchlistCitizenshipCountry", "Country of Citizenship", required=False),
        Member("whitelist", "watchlistWhitelist", "Whitelist", required=False, pattern=_PEIDS),
    ),
    "watchlist.dateofbirth": (
        Member("fromyear", "watchlistFromYear", "From Year", required=False, kind=YEAR),
        Member("toyear", "watchlistToYear", "To Year", required=False, kind=YEAR),
    ),
    "country": (
        Member("residency", "countryResidency", "Country of Residency", required=False),
        Member("citizenship", "countryCitizenship", "Country of Citizenship", required=False),
    ),
}
"""What ``details`` says for the watchlist alone, by section: `country` is its form of 2017."""

DOCUMENTS: Mapping[str, DocumentType] = {document.key: document for document in _DOCUMENTS}
"""By key of ``details``, in the order in which the sources are asked."""

EXPIRY = {
    document.key: member for document in _DOCUMENTS for member in document.members if member.kind == FUTURE
}
"""Key of a document → the member that says when it expires."""
_RANK = {key: rank for rank, key in enumerate(DOCUMENTS)}


def given_documents(details: Mapping[str, object]) -> list[str]:
    """Keys of the documents in ``details``, in the order in which the sources are asked."""
    if DOCUMENTS.keys().isdisjoint(details):
        return []
    return sorted(DOCUMENTS.keys() & details.keys(), key=_RANK.__getitem__)


def any_member(value: object) -> bool:
    """Whether a section of ``details`` has a member that is not empty: neither null nor the empty text."""
    return isinstance(value, dict) and any(member not in (None, "") for member in value.values())


IDENTIFICATION_FIELDS = ("driversLicenceNumber", "driversLicenceVersion", "passportNumber", "passportExpiry")
"""What the recorded 102 names when the only document is a passport that has expired: the fields of the
documents it would take."""
EXPIRED_PASSPORT = "Your Passport Expiry must be in the future"
"""``errorDetail`` of the same recorded reply."""
