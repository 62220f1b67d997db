"""The rules of ``data`` one by one: what is refused, with which fields and texts, and the edges of what
passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest

from mock_server.core.clock import ManualClock
from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request
from mock_server.core.ids import ProcessIds
from mock_server.providers.accounts import Accounts
from mock_server.providers.cloudcheck import errors, validation
from mock_server.providers.cloudcheck.documents import EXPIRED_PASSPORT, IDENTIFICATION_FIELDS
from mock_server.providers.cloudcheck.settings import Settings, parse_settings
from mock_server.providers.context import RequestContext, Services
from mock_server.store import open_store

USUAL = parse_settings({})
STRICT = parse_settings({"numbers_as_text": False})


class Refusal(NamedTuple):
    """What an error answer shows."""

    code: int | str
    fields: tuple[str, ...]
    message: str | None = None
    detail: tuple[str, ...] = ()


def outcome(check: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """What the check returns, or how it refuses."""
    try:
        return check(*arguments, **options)
    except ProviderError as error:
        return Refusal(error.code, error.fields, error.message, error.detail)


def verification(data: Any, settings: Mapping[str, Any] = {}, now: float = 1_700_000_000.0) -> Any:
    """How ``/verify/`` refuses the data; else the keys of the documents that are to be checked."""
    context = new_call(data if isinstance(data, str) else json.dumps(data), settings, now)
    refusal = outcome(validation.check_verification, context)
    return (
        refusal if refusal is not None else [document.key for document in context.stash[validation.TO_CHECK]]
    )


def new_call(data: str, settings: Mapping[str, Any], now: float = 1_700_000_000.0) -> Any:
    store = open_store("memory", clock=ManualClock(now))
    services = Services(
        store,
        Accounts({}, [], store),
        ProcessIds("t"),
        seed=1,
        settings={"cloudcheck": parse_settings(settings)},
    )
    context = RequestContext(services, Request("POST", "/verify/", "", {}, b""), "verify", now)
    context.enter(services.accounts.default())
    context.params = {"data": data}
    return context


TEXTS: dict[str, tuple[Any, Settings, Any]] = {
    "text": ("ā b", USUAL, "ā b"),
    "empty": ("", USUAL, ""),
    "null": (None, USUAL, ""),
    "number": (12, USUAL, "12"),
    "number below zero": (-12, USUAL, "-12"),
    "the largest number": (10**18 - 1, USUAL, "999999999999999999"),
    "too large a number": (10**18, USUAL, "0"),
    "the smallest number": (1 - 10**18, USUAL, "-999999999999999999"),
    "too small a number": (-(10**18), USUAL, "0"),
    "number, strictly": (12, STRICT, Refusal(107, ("the field",))),
    "boolean": (True, USUAL, Refusal(107, ("the field",))),
    "fraction": (1.5, USUAL, Refusal(107, ("the field",))),
    "list": ([], USUAL, Refusal(107, ("the field",))),
}


@pytest.mark.parametrize(("value", "settings", "expected"), TEXTS.values(), ids=TEXTS)
def test_a_text(value: Any, settings: Settings, expected: Any) -> None:
    assert outcome(validation.text_of, {"key": value, "other": "x"}, "key", "the field", settings) == expected


def test_an_absent_text_is_empty() -> None:
    assert validation.text_of({}, "key", "the field", USUAL) == ""


LONG = "https://example.test/"
URLS: dict[str, tuple[Any, bool, Any]] = {
    "https": ("https://example.test/ā?b=c", True, "https://example.test/ā?b=c"),
    "http in capitals": ("HTTP://example.test", False, "HTTP://example.test"),
    "the longest": (LONG + "x" * (4000 - len(LONG)), False, LONG + "x" * (4000 - len(LONG))),
    "too long": (LONG + "x" * (4001 - len(LONG)), False, Refusal(107, ("url",))),
    "no protocol": ("example.test", False, Refusal(107, ("url",))),
    "another protocol": ("ftp://example.test", False, Refusal(107, ("url",))),
    "one slash": ("https:/example.test", False, Refusal(107, ("url",))),
    "a space": ("https://example.test/a b", False, Refusal(107, ("url",))),
    "a control character": ("https://example.test/\x1f", False, Refusal(107, ("url",))),
    "an exclamation mark": ("https://example.test/!", False, "https://example.test/!"),
    "the first surrogate": ("https://example.test/\ud800", False, Refusal(107, ("url",))),
    "the last surrogate": ("https://example.test/\udfff", False, Refusal(107, ("url",))),
    "before the surrogates": ("https://example.test/\ud7ff", False, "https://example.test/\ud7ff"),
    "behind the surrogates": ("https://example.test/\ue000", False, "https://example.test/\ue000"),
    "empty": ("", False, ""),
    "absent": (None, False, ""),
    "empty, required": ("", True, Refusal(102, ("url",))),
    "a list": ([], False, Refusal(107, ("url",))),
    "a number": (1, False, Refusal(107, ("url",))),
}


@pytest.mark.parametrize(("value", "required", "expected"), URLS.values(), ids=URLS)
def test_a_url(value: Any, required: bool, expected: Any) -> None:
    assert outcome(validation.check_url, {"url": value}, "url", USUAL, required=required) == expected


def test_a_url_need_not_be_there_unless_it_is_required() -> None:
    assert outcome(validation.check_url, {}, "url", USUAL) == ""


CONSENTS: dict[str, tuple[dict[str, Any], Any]] = {
    "Yes": ({"consent": "Yes"}, None),
    "absent": ({}, Refusal(102, ("consent",), errors.CONSENT)),
    "null": ({"consent": None}, Refusal(102, ("consent",), errors.CONSENT)),
    "empty": ({"consent": ""}, Refusal(102, ("consent",), errors.CONSENT)),
    "yes": ({"consent": "yes"}, Refusal(107, ("consent",), errors.CONSENT)),
    "true": ({"consent": True}, Refusal(107, ("consent",), errors.CONSENT)),
}


@pytest.mark.parametrize(("body", "expected"), CONSENTS.values(), ids=CONSENTS)
def test_consent(body: dict[str, Any], expected: Any) -> None:
    assert outcome(validation.require_consent, body) == expected


SECTIONS: dict[str, tuple[dict[str, Any], Any]] = {
    "absent": ({}, {}),
    "null": ({"key": None}, {}),
    "empty text": ({"key": ""}, {}),
    "empty": ({"key": {}}, {}),
    "empty members": ({"key": {"a": "", "b": None}}, {}),
    "one member": ({"key": {"a": "", "b": "x"}}, {"a": "", "b": "x"}),
    "false as its member": ({"key": {"a": False}}, {"a": False}),
    "zero as its member": ({"key": {"a": 0}}, {"a": 0}),
    "a list as its member": ({"key": {"a": []}}, {"a": []}),
    "a text": ({"key": "x"}, Refusal(107, ("key",))),
    "false": ({"key": False}, Refusal(107, ("key",))),
    "a list": ({"key": []}, Refusal(107, ("key",))),
}


@pytest.mark.parametrize(("details", "expected"), SECTIONS.values(), ids=SECTIONS)
def test_a_section_of_the_details(details: dict[str, Any], expected: Any) -> None:
    assert outcome(validation.section, details, "key") == expected


KINDS = [
    ("text", "anything", True), ("text", "", True),
    ("date", "2026-02-28", True), ("date", "2026-02-29", False), ("date", "tomorrow", False),
    ("future", "2026-02-28", True), ("future", "2026-02-29", False),
    ("year", "1999", True), ("year", "199", False), ("year", "19999", False), ("year", "199x", False), ("year", "１９９９", False),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "expected"), KINDS)
def test_the_kind_of_a_member(kind: str, text: str, expected: bool) -> None:
    assert validation.is_kind(kind, text) is expected


NAMES: dict[str, tuple[Any, Any]] = {
    "given and family": ({"given": "Ana", "family": "Ōkākā"}, None),
    "family alone": ({"family": "Ōkākā"}, None),
    "a number as family": ({"family": 7}, None),
    "absent": (None, Refusal(102, ("givenName", "familyName"), errors.NO_NAME)),
    "empty": ({}, Refusal(102, ("givenName", "familyName"), errors.NO_NAME)),
    "a text": ("Ana", Refusal(107, ("name",))),
    "given alone": ({"given": "Ana"}, Refusal(102, ("familyName",))),
    "a blank family": ({"family": " "}, Refusal(102, ("familyName",))),
    "a list as given": ({"given": [], "family": "O"}, Refusal(107, ("givenName",))),
    "a list as middle": ({"middle": [], "family": "O"}, Refusal(107, ("middleName",))),
    "a list as family": ({"family": []}, Refusal(107, ("familyName",))),
}


@pytest.mark.parametrize(("name", "expected"), NAMES.values(), ids=NAMES)
def test_a_name(name: Any, expected: Any) -> None:
    assert outcome(validation.check_name, {"name": name}, USUAL) == expected


MINI: dict[str, Any] = {
    "details": {"name": {"given": "A", "family": "O"}, "dateofbirth": "1987-03-14"},
    "consent": "Yes",
}


def mini(**details: Any) -> dict[str, Any]:
    return {**MINI, "details": {**MINI["details"], **details}}


NOT_JSON = "The data parameter is not valid JSON: "
BIRTH = "Your Date of Birth must be in the "
PASSPORT = {"number": "LA123456", "expiry": "2023-11-16"}
LICENCE = {"number": "AB123456", "version": "111"}
REQUESTS: dict[str, tuple[Any, Any]] = {
    "the least": (MINI, []),
    "an array": ([], Refusal(107, ("data",), None, ("The data parameter must be a JSON object",))),
    "no consent": ({**MINI, "consent": ""}, Refusal(102, ("consent",), errors.CONSENT)),
    "reference": ({**MINI, "reference": []}, Refusal(107, ("reference",))),
    "reference comes before consent": ({"reference": []}, Refusal(107, ("reference",))),
    "capture reference": ({**MINI, "capturereference": []}, Refusal(107, ("captureReference",))),
    "no details": ({**MINI, "details": None}, Refusal(102, ("details",), errors.NO_DETAILS)),
    "empty details": ({**MINI, "details": {}}, Refusal(102, ("details",), errors.NO_DETAILS)),
    "details as text": ({**MINI, "details": "x"}, Refusal(107, ("details",))),
    "no date of birth": (mini(dateofbirth=""), Refusal(102, ("dateOfBirth",), errors.NO_BIRTH)),
    "date of birth as list": (mini(dateofbirth=[]), Refusal(107, ("dateOfBirth",))),
    "date of birth malformed": (
        mini(dateofbirth="14/3/87"),
        Refusal(107, ("dateOfBirth",), None, (BIRTH + "format yyyy-MM-dd",)),
    ),
    "born tomorrow": (
        mini(dateofbirth="2023-11-16"),
        Refusal(107, ("dateOfBirth",), None, (BIRTH + "past",)),
    ),
    "born today": (mini(dateofbirth="2023-11-15"), []),
    "no name": (mini(name=None), Refusal(102, ("givenName", "familyName"), errors.NO_NAME)),
    "address as text": (mini(address="x"), Refusal(107, ("address",))),
    "city as list": (mini(address={"city": ["x"]}), Refusal(107, ("city",))),
    "an unknown member of the address": (mini(address={"planet": ["x"]}), []),
    "a passport that expires tomorrow": (mini(passport=PASSPORT), ["passport"]),
    "a passport that expires today": (
        mini(passport={**PASSPORT, "expiry": "2023-11-15"}),
        Refusal(102, IDENTIFICATION_FIELDS, None, (EXPIRED_PASSPORT,)),
    ),
    "an expired passport and a licence": (
        mini(passport={**PASSPORT, "expiry": "2023-11-15"}, driverslicence=LICENCE),
        ["driverslicence"],
    ),
    "a passport without expiry": (mini(passport={"number": "LA123456"}), Refusal(102, ("passportExpiry",))),
    "a licence with a malformed number": (
        mini(driverslicence={**LICENCE, "number": "1"}),
        Refusal(107, ("driversLicenceNumber",), errors.IDENTIFICATION),
    ),
    "a number as a list": (
        mini(driverslicence={**LICENCE, "number": [1]}),
        Refusal(107, ("driversLicenceNumber",)),
    ),
    "a number plate as a list": (mini(vehicle={"numberplate": []}), Refusal(107, ("vehicleNumberPlate",))),
    "a number plate of zero": (mini(vehicle={"numberplate": 0}), ["vehicle"]),
    "hints for the watchlist": (
        mini(
            watchlist={
                "residencycountry": "NZ",
                "citizenshipcountry": None,
                "whitelist": "1234567, 7654321",
                "dateofbirth": {"fromyear": 1960, "toyear": "1970"},
            },
            country={"residency": "NZ", "citizenship": ""},
        ),
        [],
    ),
    "empty hints": (mini(watchlist={"dateofbirth": {}, "whitelist": ""}, country=""), []),
    "the watchlist as text": (mini(watchlist="NZ"), Refusal(107, ("watchlist",))),
    "a residency as list": (
        mini(watchlist={"residencycountry": ["NZ"]}),
        Refusal(107, ("watchlistResidencyCountry",)),
    ),
    "a citizenship as object": (
        mini(watchlist={"citizenshipcountry": {"a": "NZ"}}),
        Refusal(107, ("watchlistCitizenshipCountry",)),
    ),
    "a whitelist of names": (
        mini(watchlist={"whitelist": "Okafor"}),
        Refusal(107, ("watchlistWhitelist",)),
    ),
    "years as a list": (
        mini(watchlist={"dateofbirth": ["1960"]}),
        Refusal(107, ("watchlistDateOfBirth",)),
    ),
    "years that are none": (
        mini(watchlist={"dateofbirth": {"fromyear": "60", "toyear": "later"}}),
        Refusal(107, ("watchlistFromYear", "watchlistToYear")),
    ),
    "a year that is true": (
        mini(watchlist={"dateofbirth": {"fromyear": True}}),
        Refusal(107, ("watchlistFromYear",)),
    ),
    "the country as list": (mini(country=["NZ"]), Refusal(107, ("country",))),
    "a country's residency as list": (
        mini(country={"residency": ["NZ"]}),
        Refusal(107, ("countryResidency",)),
    ),
    "a country's citizenship as fraction": (
        mini(country={"citizenship": 1.5}),
        Refusal(107, ("countryCitizenship",)),
    ),
    "two malformed documents": (
        mini(driverslicence={**LICENCE, "number": "1"}, passport={**PASSPORT, "number": "2"}),
        Refusal(107, ("driversLicenceNumber", "passportNumber"), errors.IDENTIFICATION),
    ),
    "two documents with a gap": (
        mini(driverslicence={"number": "AB123456"}, passport={"number": "LA123456"}),
        Refusal(102, ("driversLicenceVersion", "passportExpiry")),
    ),
    "an empty licence": (mini(driverslicence={"number": ""}), []),
    "an optional member left empty": (
        mini(australianpassport={"number": "A1234567", "gender": ""}),
        ["australianpassport"],
    ),
    "an optional member malformed": (
        mini(australianpassport={"number": "A1234567", "gender": "m"}),
        Refusal(107, ("australianPassportGender",), errors.IDENTIFICATION),
    ),
}


@pytest.mark.parametrize(("data", "expected"), REQUESTS.values(), ids=REQUESTS)
def test_a_verification(data: Any, expected: Any) -> None:
    assert verification(data) == expected


def test_a_verification_needs_a_reference_by_setting() -> None:
    strict = {"reference_required": True}
    assert verification(MINI, strict) == Refusal(102, ("reference",))
    assert verification({**MINI, "reference": "ref-ā"}, strict) == []


@pytest.mark.parametrize(("now", "expected"), [(1_700_046_000.0 - 1, ["passport"]), (1_700_046_000.0, None)])
def test_a_passport_expires_at_midnight_in_the_vendor_s_zone(now: float, expected: Any) -> None:
    result = verification(mini(passport={**PASSPORT, "expiry": "2023-11-16"}), {}, now)
    assert result == (expected or Refusal(102, IDENTIFICATION_FIELDS, None, (EXPIRED_PASSPORT,)))


def test_data_that_is_not_json() -> None:
    refusal = verification("{,")
    assert refusal.fields == ("data",)
    assert refusal.code == 107
    assert len(refusal.detail) == 1
    assert refusal.detail[0].startswith(NOT_JSON + "Expecting property name")


def test_the_reason_of_a_json_error_is_one_entry_of_the_list() -> None:
    reason = "a, b" + "c" * 200
    assert validation._readable(ValueError(reason)) == NOT_JSON + "a; b" + "c" * 146


@pytest.mark.parametrize(("data", "check"), [("{,", "json-malformed"), ("[]", "json-not-object")])
def test_the_evidence_for_data(data: str, check: str) -> None:
    with pytest.raises(ProviderError) as caught:
        validation.read_data(new_call(data, {}))
    assert caught.value.evidence["check"] == check


def test_the_evidence_for_data_nested_too_deeply() -> None:
    with pytest.raises(ProviderError) as caught:
        validation.read_data(new_call('{"details":' + "[" * 600 + "]" * 600 + "}", {}))
    assert caught.value.evidence["explanation"].endswith("the server cannot read it: nested too deeply.")
    assert caught.value.evidence["remedy"] == "Nest it less deeply."


def test_data_is_left_in_the_call() -> None:
    context = new_call('{"reference":"ā","x":[1]}', {})
    assert validation.read_data(context) == context.body == {"reference": "ā", "x": [1]}
    assert context.reference == "ā"


def test_an_endpoint_with_nothing_mandatory_reads_its_data() -> None:
    context = new_call('{"reference":7}', {})
    validation.check_reference_only(context)
    assert context.reference == "7"
    assert outcome(
        validation.check_reference_only, new_call('{"reference":7}', {"numbers_as_text": False})
    ) == Refusal(107, ("reference",))
