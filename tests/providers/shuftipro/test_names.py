"""Empty parts of a name mean "read it from the document": whatever spells emptiness, in every service that
has a name."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.providers.shuftipro.names import complete, sent_parts
from tests.providers.shuftipro.harness import AML, PICTURE, ShuftiHarness, json_of

EMPTY: list[Any] = [
    "",
    {},
    {"first_name": "", "middle_name": "", "last_name": ""},
    {"first_name": None, "middle_name": None, "last_name": None},
    {"first_name": "", "last_name": None},
    {"full_name": ""},
    {"first_name": "", "last_name": "", "fuzzy_match": "1"},
]
MIHI = {"first_name": "Māui", "middle_name": "Tāne", "last_name": "Ngāta-O’Brien"}


@pytest.mark.parametrize("empty", EMPTY, ids=repr)
@pytest.mark.parametrize("onsite", [False, True])
def test_an_empty_name_of_a_document_is_read(empty: Any, onsite: bool) -> None:
    shop = ShuftiHarness()
    answer = json_of(
        shop.ask(
            {
                "reference": "ref-name",
                "country": "AT",
                "document": {"name": empty, "proof": "" if onsite else PICTURE},
            }
        )
    )
    assert ("request.pending" if onsite else "verification.accepted") == answer["event"]
    if onsite:
        shop.decide("ref-name", "accepted")
    data = shop.status("ref-name")["verification_data"]["document"]
    assert list(data["name"]) == ["first_name", "middle_name", "last_name", "full_name"]
    assert data["name"]["first_name"]
    assert f"{data['name']['first_name']} {data['name']['last_name']}" == data["name"]["full_name"]
    assert shop.status("ref-name")["verification_result"]["document"]["name"] == 1


@pytest.mark.parametrize("empty", EMPTY, ids=repr)
def test_an_empty_name_of_an_address_is_read(empty: Any) -> None:
    answer = json_of(
        ShuftiHarness().ask({"address": {"proof": PICTURE, "full_address": "4 Tōtara Street", "name": empty}})
    )
    name = answer["verification_data"]["address"]["name"]
    assert list(name) == ["first_name", "last_name"]
    assert all(name.values())


@pytest.mark.parametrize("empty", EMPTY, ids=repr)
@pytest.mark.parametrize(
    "document",
    [{"proof": PICTURE, "name": MIHI, "dob": "1979-11-04"}, {"proof": PICTURE, "name": ""}],
    ids=["sent", "read"],
)
def test_an_empty_name_of_a_screening_is_the_documents(document: dict[str, Any], empty: Any) -> None:
    data = json_of(
        ShuftiHarness().ask({"document": document, "background_checks": {"name": empty, "dob": ""}})
    )["verification_data"]
    screened, shown = data["background_checks"], data["document"]["name"]
    assert (shown["first_name"], shown["last_name"]) == (
        screened["name"]["first_name"],
        screened["name"]["last_name"],
    )
    assert screened["dob"] == data["document"].get("dob", screened["dob"])


@pytest.mark.parametrize("empty", EMPTY, ids=repr)
@pytest.mark.parametrize("others", [{}, {"face": {"proof": PICTURE}}], ids=repr)
def test_without_a_document_there_is_nothing_to_read_the_name_from(
    others: dict[str, Any], empty: Any
) -> None:
    response = ShuftiHarness().ask({"background_checks": {"name": empty}, **others})
    error = json_of(response)["error"]
    assert (
        response.status,
        error["service"],
        error["key"] in ("name", "first_name"),
    ) == (400, "background_checks", True)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"first_name": "Māui", "last_name": ""}, {"first_name": "Māui", "last_name": "Ngāta-O’Brien"}),
        ({"first_name": "", "middle_name": "", "last_name": "Ngāta-O’Brien"}, {**MIHI}),
        (
            {"first_name": "Māui", "last_name": "Ngāta-O’Brien"},
            {"first_name": "Māui", "last_name": "Ngāta-O’Brien"},
        ),
        ({"full_name": "Māui Ngāta-O’Brien"}, {"full_name": "Māui Ngāta-O’Brien"}),
    ],
    ids=repr,
)
def test_single_empty_parts_are_read_and_the_others_kept(
    sent: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert complete(sent, lambda: MIHI) == expected


def test_nothing_is_read_where_every_part_is_there() -> None:
    assert complete(MIHI, lambda: pytest.fail("read")) == MIHI


def test_an_empty_part_takes_what_another_service_says() -> None:
    """Document and screening are about one person."""
    body = {
        "document": {"proof": PICTURE, "name": {"first_name": "", "last_name": ""}},
        "background_checks": {"name": MIHI},
    }
    data = json_of(ShuftiHarness().ask(body))["verification_data"]
    assert (MIHI["first_name"], MIHI["last_name"]) == (
        data["document"]["name"]["first_name"],
        data["document"]["name"]["last_name"],
    )


def test_a_screening_alone_keeps_its_name_as_it_was_sent() -> None:
    name = {"first_name": "Ingrid", "middle_name": "", "last_name": "Solvang"}
    assert (
        name
        == json_of(ShuftiHarness().ask({"background_checks": {"name": name}}))["verification_data"][
            "background_checks"
        ]["name"]
    )
    without_middle = json_of(
        ShuftiHarness().ask({"background_checks": {"name": {**name, "middle_name": None}}})
    )["verification_data"]
    assert without_middle["background_checks"]["name"] == {"first_name": "Ingrid", "last_name": "Solvang"}


def test_an_unreadable_document_gives_no_name() -> None:
    answer = json_of(
        ShuftiHarness().ask(
            {"reference": "decline-SPDR18-x", "document": {"proof": PICTURE, "name": EMPTY[2]}}
        )
    )
    assert answer["verification_data"]["document"]["name"] is None


@pytest.mark.parametrize("service", ["ekyc", "eidv"])
@pytest.mark.parametrize("empty", EMPTY, ids=repr)
def test_an_empty_name_is_no_data_for_an_electronic_check(service: str, empty: Any) -> None:
    shop = ShuftiHarness()
    assert (
        json_of(shop.ask({"reference": "ref-eidv", service: {"name": empty}}))["event"] == "request.pending"
    )
    shop.decide("ref-eidv", "accepted")
    assert sent_parts(shop.status("ref-eidv")["verification_data"][service]["name"])


def test_parts_that_say_something() -> None:
    assert sent_parts({"first_name": "", "middle_name": None, "last_name": "Ngāta", "fuzzy_match": "1"}) == {
        "last_name": "Ngāta"
    }
    assert {} == sent_parts("") == sent_parts(None) == sent_parts([])


def test_the_same_person_in_every_service() -> None:
    body = {
        "document": {"proof": PICTURE, "name": EMPTY[2]},
        "address": {"proof": PICTURE, "name": EMPTY[3]},
        **AML,
    }
    data = json_of(ShuftiHarness().ask(body))["verification_data"]
    expected = ("Ingrid", "Solvang")
    assert [expected] * 3 == [
        (data[name]["name"]["first_name"], data[name]["name"]["last_name"]) for name in data
    ]
