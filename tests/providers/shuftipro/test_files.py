"""``proofs`` of a status and the files behind them: they open, and their token works as long as it should."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from mock_server.core.http import Response
from tests.providers.documents import read_pdf
from tests.providers.shuftipro.harness import AML, JPEG, PDF, PICTURE, VIDEO, ShuftiHarness, json_of, signed

KYC: dict[str, Any] = {
    "reference": "ref-files",
    "face": {"proof": VIDEO},
    "document": {"proof": PICTURE, "additional_proof": JPEG, "name": ""},
    "address": {"proof": PDF, "full_address": "Пример 4"},
}
HOST = "http://127.0.0.1:8484"


def proofs(shop: ShuftiHarness) -> dict[str, Any]:
    files: dict[str, Any] = shop.status("ref-files")["proofs"]
    return files


def fetch(shop: ShuftiHarness, url: str, token: str | None) -> Response:
    path = url.removeprefix(HOST)
    body = {"access_token": token} if token is not None else None
    return shop.send("POST", path, body, headers={"authorization": ""})


def opens(response: Response) -> str:
    """What kind of file it is, having opened it."""
    if response.body.startswith(b"%PDF"):
        assert response.body.rstrip().endswith(b"%%EOF")
        return "PDF"
    with Image.open(io.BytesIO(response.body)) as image:
        image.load()
        assert image.size == (640, 400)
        return str(image.format)


def test_every_file_opens_and_is_what_was_sent() -> None:
    shop = ShuftiHarness()
    shop.ask(KYC)
    files = proofs(shop)
    kinds = {
        "face": {"proof": "JPEG"},
        "document": {"proof": "PNG", "additional_proof": "JPEG"},
        "address": {"proof": "PDF"},
    }
    types = {"JPEG": "image/jpeg", "PNG": "image/png", "PDF": "application/pdf"}
    assert kinds == {
        service: {
            side: opens(fetch(shop, url, files["access_token"])) for side, url in files[service].items()
        }
        for service in kinds
    }
    report = fetch(shop, files["verification_report"], files["access_token"])
    assert opens(report) == "PDF"
    assert types["PDF"] == dict(report.headers)["Content-Type"]
    assert shop.entry().operation == "proof"
    assert not signed(report, shop.secret)


def test_names_of_every_script_are_printed() -> None:
    shop = ShuftiHarness()
    name = {"first_name": "Ngāio Nguyễn 山田", "last_name": "محمد الأحمد"}
    shop.ask(
        {
            "reference": "ref-files",
            "address": {"proof": PDF, "full_address": "12 Ōtāhuhu Road"},
            "document": {"proof": PDF, "name": name},
        }
    )
    files = proofs(shop)
    lines = read_pdf(fetch(shop, files["verification_report"], files["access_token"]).body)
    assert "Reference: ref-files" in lines
    for value in ("Ngāio Nguyễn 山田", "محمد الأحمد", "12 Ōtāhuhu Road"):
        assert [line for line in lines if value in line] != [], value
    proof = read_pdf(fetch(shop, files["address"]["proof"], files["access_token"]).body)
    assert proof[:3] == ["MOCK - NOT A REAL DOCUMENT", "address, proof", "ref-files"]
    assert "full_address: 12 Ōtāhuhu Road" in proof


def test_addresses_are_as_recorded() -> None:
    shop = ShuftiHarness()
    shop.ask(KYC)
    files = proofs(shop)
    url = files["document"]["proof"]
    assert (
        url[:-40],
        len(url.rpartition("/")[2]),
        len(files["access_token"]),
    ) == (f"{HOST}/api/pea/", 40, 64)
    assert files["document"] == proofs(shop)["document"]
    assert files["access_token"] != proofs(shop)["access_token"]


def test_older_addresses_are_fetched_by_get() -> None:
    shop = ShuftiHarness(proof_style="storage")
    shop.ask(KYC)
    files = proofs(shop)
    url, _, query = files["document"]["additional_proof"].partition("?")
    assert url.startswith(f"{HOST}/storage/")
    assert url.endswith("/document/additional_proof.jpg")
    assert f"access_token={files['access_token']}" == query
    assert len(files["access_token"]) == 40
    assert (
        opens(shop.send("GET", url.removeprefix(HOST), query=query, headers={"authorization": ""})) == "JPEG"
    )
    assert shop.send("GET", url.removeprefix(HOST), query=query, headers={"authorization": ""}).status == 401
    assert shop.send("POST", url.removeprefix(HOST), query=query, headers={"authorization": ""}).status == 404


@pytest.mark.parametrize(("setting", "status"), [({}, 200), ({"proof_downloads": "one"}, 401)])
def test_a_token_opens_each_file_once(setting: dict[str, Any], status: int) -> None:
    shop = ShuftiHarness(**setting)
    shop.ask(KYC)
    files = proofs(shop)
    token = files["access_token"]
    assert fetch(shop, files["face"]["proof"], token).status == 200
    assert fetch(shop, files["face"]["proof"], token).status == 401
    assert fetch(shop, files["document"]["proof"], token).status == status


def test_a_token_ends() -> None:
    shop = ShuftiHarness()
    shop.ask(KYC)
    files = proofs(shop)
    shop.clock.advance(899)
    assert fetch(shop, files["face"]["proof"], files["access_token"]).status == 200
    shop.clock.advance(1)
    assert fetch(shop, files["document"]["proof"], files["access_token"]).status == 401


@pytest.mark.parametrize("token", [None, "", "abc", "0" * 64, "é" * 64, "zz" * 32])
def test_a_wrong_token_opens_nothing(token: str | None) -> None:
    shop = ShuftiHarness()
    shop.ask(KYC)
    refused = fetch(shop, proofs(shop)["face"]["proof"], token)
    assert (refused.status, json_of(refused)["event"]) == (401, "request.unauthorized")


def test_a_token_is_for_its_verification() -> None:
    shop = ShuftiHarness()
    shop.ask(KYC)
    shop.ask({**KYC, "reference": "ref-others"})
    other = shop.status("ref-others")["proofs"]
    assert fetch(shop, proofs(shop)["face"]["proof"], other["access_token"]).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/api/pea/",
        "/api/pea/abc",
        f"/api/pea/{'0' * 40}",
        f"/api/pea/{'zz' * 20}",
        "/storage/x/y",
        "/api/pea/ " + "0" * 39,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_leads_nowhere(method: str, path: str) -> None:
    shop = ShuftiHarness()
    assert ((response := shop.send(method, path)).status, json_of(response)["event"]) == (
        404,
        "request.invalid",
    )


def test_another_file_of_a_known_verification() -> None:
    shop = ShuftiHarness()
    shop.ask(KYC)
    files = proofs(shop)
    assert fetch(shop, files["face"]["proof"][:-8] + "00000000", files["access_token"]).status == 404


def test_files_go_with_their_verification() -> None:
    shop = ShuftiHarness()
    shop.ask(KYC)
    files = proofs(shop)
    shop.send("POST", "/delete", {"reference": "ref-files", "comment": "asked for"})
    assert fetch(shop, files["face"]["proof"], files["access_token"]).status == 404


def test_a_report_of_any_letters() -> None:
    shop = ShuftiHarness(check_charsets=False)
    shop.ask(
        {
            "reference": "declined-данные-😀",
            "background_checks": {"name": {"first_name": "Зоя", "last_name": "Müller–Ⅷ"}},
        }
    )
    files = shop.status("declined-данные-😀")["proofs"]
    assert opens(fetch(shop, files["verification_report"], files["access_token"])) == "PDF"


def test_aml_has_a_report() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-files", **AML})
    files = proofs(shop)
    assert opens(fetch(shop, files["verification_report"], files["access_token"])) == "PDF"


ONSITE_BACK: dict[str, Any] = {
    "reference": "ref-files",
    "document": {"backside_proof_required": "1", "name": ""},
    "document_two": {"backside_proof_required": 1},
    "address": {"backside_proof_required": True},
    "face": "",
}


def test_both_sides_are_there_where_the_user_had_to_show_them() -> None:
    shop = ShuftiHarness()
    shop.ask(ONSITE_BACK)
    shop.decide("ref-files", "accepted")
    files = proofs(shop)
    sides = {service: list(files[service]) for service in ("document", "document_two", "address", "face")}
    both = ["proof", "additional_proof"]
    assert {"document": both, "document_two": both, "address": both, "face": ["proof"]} == sides
    assert opens(fetch(shop, files["document"]["additional_proof"], files["access_token"])) == "JPEG"
    result = shop.status("ref-files")["verification_result"]
    assert (
        result["document"]["document_proof"],
        result["document_two"]["document_proof"],
        result["address"]["address_document_proof"],
    ) == (1, 1, 1)


@pytest.mark.parametrize("required", ["0", 0, False, "", None])
def test_one_side_is_enough_where_no_more_is_required(required: Any) -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-files", "document": {"backside_proof_required": required}})
    shop.decide("ref-files", "accepted")
    assert list(proofs(shop)["document"]) == ["proof"]


def test_a_back_side_that_was_not_sent_is_not_there() -> None:
    shop = ShuftiHarness()
    shop.ask({"reference": "ref-files", "document": {"proof": PICTURE, "backside_proof_required": "1"}})
    assert list(proofs(shop)["document"]) == ["proof"]
    assert shop.status("ref-files")["verification_result"]["document"]["document_proof"] is None
