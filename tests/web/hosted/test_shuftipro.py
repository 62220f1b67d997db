"""Shufti Pro's verification page over the whole application: finished by a person, and by a test."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec
import pytest

from mock_server.providers.shuftipro.pages import CHOICES
from mock_server.store.base import DeliveryFilter
from tests.web.kit import Kit

REDIRECT = "http://localhost:3122/done"
ONSITE: dict[str, Any] = {
    "reference": "page-1",
    "background_checks": "",
    "face": "",
    "document": {"name": "", "dob": "", "document_number": ""},
    "address": {"full_address": ""},
    "consent": {"text": "I <b>agree</b>"},
}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
VOID = {"meta", "link", "input", "br"}
EVENTS = {
    "accepted": "verification.accepted",
    "declined": "verification.declined",
    "review": "review.pending",
    "cancelled": "verification.cancelled",
    "timeout": "request.timeout",
}


@pytest.fixture(name="kit")
def _kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    yield kit
    kit.service.stop()


def start(kit: Kit, **over: Any) -> str:
    """The path of the page that is handed out."""
    body = {key: value for key, value in {**ONSITE, **over}.items() if value is not None}
    answer = kit.check(**body)
    assert answer["event"] == "request.pending", answer
    return str(urlsplit(answer["verification_url"]).path)


def status(kit: Kit, reference: str = "page-1") -> Any:
    record = kit.service.store.record("test-a", "shuftipro", "verification", reference)
    assert record is not None
    return msgspec.json.decode(record.data)


class Reader(HTMLParser):
    """Test ids, labels and fields of a page; fails where tags do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: dict[str, dict[str, str | None]] = {}
        self.labelled: set[str | None] = set()
        self.fields: set[str | None] = set()
        self.chosen: list[str | None] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "data-testid" in attributes:
            self.ids[str(attributes["data-testid"])] = attributes
        if tag == "label" and "for" in attributes:
            self.labelled.add(attributes["for"])
        if tag == "input" and attributes.get("type") not in ("checkbox", "radio", "hidden"):
            self.fields.add(attributes.get("id"))
        if "checked" in attributes:
            self.chosen.append(attributes["value"])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("circle", "path", "rect")

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()


def test_the_page_has_what_a_person_and_a_test_need(kit: Kit) -> None:
    answer = kit.http.get(start(kit))
    page = Reader(answer.text)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    steps = {
        f"step-{name}"
        for name in (
            *("face", "document-type", "document", "document-details"),
            *("address-type", "address", "address-details", "consent"),
        )
    }
    pictures = {
        f"{what}-{name}"
        for what in ("picture", "camera", "file")
        for name in ("face", "document", "address", "consent")
    }
    fields = {f"field-document.{name}" for name in ("first_name", "last_name", "dob", "document_number")} | {
        "field-address.full_address"
    }
    ends = {f"outcome-{choice.outcome}" for choice in CHOICES}
    assert {
        "simulated",
        "verification",
        "form",
        "consent",
        "decline",
        "reference",
    } | steps | pictures | fields | ends <= set(page.ids)
    assert page.fields == page.labelled
    assert '<html lang="en" dir="ltr">' in answer.text
    assert "Checked without you: public lists." in answer.text
    assert "I &lt;b&gt;agree&lt;/b&gt;" in answer.text
    assert "X-Frame-Options" not in answer.headers


def test_what_the_request_switches_off_is_not_there(kit: Kit) -> None:
    page = Reader(kit.http.get(start(kit, show_consent="0", show_ocr_form="0", allow_offline="0")).text)
    assert not {"consent", "file-face", "field-document.dob"} & set(page.ids)
    assert "camera-face" in page.ids
    only_files = Reader(kit.http.get(start(kit, reference="page-2", face={"allow_online": "0"})).text)
    assert "file-face" in only_files.ids
    assert "camera-face" not in only_files.ids


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.outcome)
def test_a_choice_ends_it(kit: Kit, choice: Any) -> None:
    path = start(kit)
    answer = kit.http.post(path, data={"outcome": choice.outcome, "consent": "1"})
    assert (303, path) == (answer.status_code, answer.location)
    closing = kit.http.get(path)
    page = Reader(closing.text)
    assert (closing.status_code, "form" not in page.ids) == (200, True)
    assert EVENTS[choice.outcome] in closing.text
    assert EVENTS[choice.outcome] == status(kit)["event"]


def test_reasons_and_answers_are_kept(kit: Kit) -> None:
    path = start(kit)
    data = {
        "outcome": "declined",
        "decline": ["SPDR17", "SPDR58"],
        "document.first_name": "Ida",
        "document.last_name": "<Marsh>",
        "document.dob": "1990-02-03",
        "address.full_address": "Mustergasse 4",
        "face.name": "nobody asked",
    }
    kit.http.post(
        path,
        data=data,
        headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile"},
    )
    answer = status(kit)["answer"]
    assert answer["declined_codes"] == ["SPDR58", "SPDR17"] or answer["declined_codes"] == [
        "SPDR17",
        "SPDR58",
    ]
    assert answer["services_declined_codes"] == {"face": ["SPDR58"], "document": ["SPDR17"]}
    document = answer["verification_data"]["document"]
    assert (
        document["name"],
        document["dob"],
    ) == ({"first_name": "Ida", "last_name": "<Marsh>"}, "1990-02-03")
    assert answer["verification_data"]["address"]["full_address"] == "Mustergasse 4"
    assert (
        answer["verification_data"]["background_checks"]["name"]["first_name"],
        answer["info"]["agent"]["is_phone"],
    ) == ("Ida", True)
    assert "SPDR17" in Reader(kit.http.get(path).text).ids["reason"] or "SPDR17" in kit.http.get(path).text


def test_consent_comes_first(kit: Kit) -> None:
    path = start(kit)
    answer = kit.http.post(path, data={"submit": "1", "document.first_name": 'Ida "Ö\'Neill"'})
    page = Reader(answer.text)
    assert (answer.status_code, "problem" in page.ids) == (400, True)
    assert page.ids["field-document.first_name"]["value"] == 'Ida "Ö\'Neill"'
    kit.http.post(path, data={"submit": "1", "consent": "1"})
    assert status(kit)["event"] == "verification.accepted"


def test_whoever_tests_need_not_agree(kit: Kit) -> None:
    kit.http.post(start(kit), data={"outcome": "accepted"})
    assert status(kit)["event"] == "verification.accepted"


@pytest.mark.parametrize("data", [{}, {"outcome": "lost"}, {"outcome": "declined", "decline": "SPDR999"}])
def test_a_wrong_choice_is_explained(kit: Kit, data: dict[str, str]) -> None:
    answer = kit.http.post(start(kit), data=data)
    assert (answer.status_code, "problem" in Reader(answer.text).ids) == (400, True)
    assert status(kit)["event"] == "request.pending"


def test_what_a_scenario_wants_is_suggested(kit: Kit) -> None:
    page = Reader(kit.http.get(start(kit, reference="decline-SPDR17-x")).text)
    assert page.ids["decline-open"]["class"] == "main"
    assert "SPDR17" in page.chosen


def test_who_submits_it_ends_it_as_the_scenario_wants(kit: Kit) -> None:
    kit.http.post(start(kit, reference="decline-SPDR17-x"), data={"submit": "1", "consent": "1"})
    assert status(kit, "decline-SPDR17-x")["answer"]["declined_codes"] == ["SPDR17"]


def test_manual_review_leaves_the_rest_to_a_reviewer(kit: Kit) -> None:
    path = start(kit, manual_review="1")
    page = Reader(kit.http.get(path).text)
    assert not {"outcome-accepted", "outcome-declined", "decline-open"} & set(page.ids)
    kit.http.post(path, data={"outcome": "accepted", "consent": "1"})
    assert status(kit)["event"] == "review.pending"


# -- where it leads
# --------------------------------------------------------------------------------------------
def test_the_result_is_shown_before_the_browser_goes_on(kit: Kit) -> None:
    path = start(kit, redirect_url=f"{REDIRECT}?a=ä")
    assert path == kit.http.post(path, data={"outcome": "accepted", "consent": "1"}).location
    closing = kit.http.get(path)
    assert closing.headers["Refresh"] == f"3; url={REDIRECT}?a=%C3%A4"
    assert Reader(closing.text).ids["onward"]["href"] == f"{REDIRECT}?a=ä"


def test_without_results_the_browser_goes_on_at_once(kit: Kit) -> None:
    path = start(kit, redirect_url=REDIRECT, show_results="0")
    assert kit.http.post(path, data={"outcome": "accepted", "consent": "1"}).location == REDIRECT


@pytest.mark.parametrize(
    ("url", "leads_to"), [(REDIRECT, f"{REDIRECT}?"), (f"{REDIRECT}?a=1#b", f"{REDIRECT}?a=1&")]
)
def test_the_redirect_may_carry_what_happened(tmp_path: Path, url: str, leads_to: str) -> None:
    kit = Kit(tmp_path, settings={"shuftipro": {"redirect_parameters": True}})
    location = kit.http.get(f"{start(kit, redirect_url=url)}?auto=accepted").location
    assert location.startswith(f"{leads_to}reference=page-1&event=verification.accepted")
    kit.service.stop()


class Hook(BaseHTTPRequestHandler):
    """A receiver that remembers which events came."""

    seen: ClassVar[list[str]]

    def do_POST(self) -> None:
        self.seen.append(msgspec.json.decode(self.rfile.read(int(self.headers["Content-Length"])))["event"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, *_: object) -> None:
        return


def test_the_callback_is_there_before_the_redirect(tmp_path: Path) -> None:
    class Counting(Hook):
        seen: ClassVar[list[str]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    Thread(target=server.serve_forever, daemon=True).start()
    with Kit(tmp_path) as kit:
        path = start(
            kit, callback_url=f"http://127.0.0.1:{server.server_address[1]}/hook", redirect_url=REDIRECT
        )
        answer = kit.http.get(f"{path}?auto=declined&decline=SPDR01")
        assert (answer.status_code, answer.location) == (303, REDIRECT)
        assert Counting.seen[-1] == "verification.declined"
    server.shutdown()
    server.server_close()


# -- by a test
# -------------------------------------------------------------------------------------------------
def test_a_test_ends_it_at_once(kit: Kit) -> None:
    path = start(kit)
    answer = kit.http.get(f"{path}?auto=declined&decline=SPDR01,spdr18")
    assert (303, path) == (answer.status_code, answer.location)
    assert set(status(kit)["answer"]["declined_codes"]) == {"SPDR01", "SPDR18"}


def test_a_test_ends_it_after_a_while(kit: Kit) -> None:
    answer = kit.http.get(f"{start(kit)}?auto=declined&decline=SPDR01&after=1500ms")
    assert (answer.status_code, answer.headers["Refresh"]) == (200, "2; url=?auto=declined&decline=SPDR01")
    assert "auto" in Reader(answer.text).ids


@pytest.mark.parametrize("query", ["auto=lost", "auto=accepted&after=soon", "auto=declined&decline=SPDR999"])
def test_a_wrong_wish_is_explained(kit: Kit, query: str) -> None:
    answer = kit.http.get(f"{start(kit)}?{query}")
    assert (answer.status_code, "problem" in Reader(answer.text).ids) == (400, True)


@pytest.mark.parametrize("token", ["x" * 64, "Z" * 64])
def test_a_link_that_nobody_has_handed_out(kit: Kit, token: str) -> None:
    for method in ("get", "post"):
        answer = getattr(kit.http, method)(f"/verification/process/{token}")
        assert (answer.status_code, "missing" in Reader(answer.text).ids) == (404, True)


@pytest.mark.parametrize("rest", ["", "abc", "é" * 64, f"{'x' * 64}/more", "x" * 65])
@pytest.mark.parametrize("root", ["/verification/process/", "/shuftipro/process/verification/"])
def test_a_browser_at_a_malformed_link_gets_a_page(kit: Kit, root: str, rest: str) -> None:
    answer = kit.http.get(f"{root}{rest}", headers=BROWSER)
    assert (answer.status_code, "missing" in Reader(answer.text).ids) == (404, True)


@pytest.mark.parametrize("rest", ["", "abc", "x" * 65])
def test_a_machine_at_a_malformed_link_gets_the_vendors_error(kit: Kit, rest: str) -> None:
    answer = kit.http.get(f"/verification/process/{rest}")
    assert (answer.status_code, answer.is_json) == (404, True)
    assert "x-mock-request-id" in answer.headers


def test_a_link_whose_verification_is_deleted(kit: Kit) -> None:
    path = start(kit)
    kit.post("verifications/page-1/decide", {"outcome": "deleted"})
    assert kit.http.get(path).status_code == 404


def test_an_expired_link_stays_expired(kit: Kit) -> None:
    path = start(kit)
    kit.http.get(f"{path}?auto=timeout")
    assert "This link has expired" in kit.http.get(f"{path}?auto=accepted").text
    kit.http.post(path, data={"outcome": "accepted", "consent": "1"})
    assert status(kit)["event"] == "request.timeout"


@pytest.mark.parametrize("prefix", ["/verification/process/", "/process/verification/"])
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("mount", ["", "/shuftipro"])
def test_both_addresses_and_the_mount(kit: Kit, prefix: str, slash: str, mount: str) -> None:
    path = f"{mount}{prefix}{start(kit).rpartition('/')[2]}{slash}"
    assert kit.http.get(path).status_code == 200
    answer = kit.http.get(f"{path}?auto=accepted")
    assert (303, path) == (answer.status_code, answer.location)


def test_a_parent_frame_is_told(kit: Kit) -> None:
    path = start(kit)
    kit.http.get(f"{path}?auto=accepted")
    message = re.search('data-message="([^"]*)"', kit.http.get(path).text)
    assert message is not None
    assert json.loads(unescape(message[1])) == {"reference": "page-1", "event": "verification.accepted"}


def test_a_page_ends_once(kit: Kit) -> None:
    path = start(kit)
    for outcome in ("accepted", "cancelled"):
        kit.http.post(path, data={"outcome": outcome, "consent": "1"})
    assert [event for _, event in status(kit)["history"]] == ["request.pending", "verification.accepted"]


def test_nobody_waits_behind_a_callback_that_cannot_be_delivered(tmp_path: Path) -> None:
    with Kit(tmp_path) as kit:
        path = start(kit, callback_url="http://127.0.0.1:9/hook")
        version = kit.service.store.version()
        while not kit.service.store.deliveries("test-a", DeliveryFilter(event="request.pending"))[0][
            0
        ].attempts:
            version = kit.service.store.wait(version, 1.0)
        began = time.monotonic()
        assert kit.http.post(path, data={"outcome": "accepted", "consent": "1"}).status_code == 303
        assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        (
            {"first_name": "", "middle_name": "", "last_name": ""},
            {"first_name", "last_name"},
            ("Māui", "Tāne's"),
        ),
        ({"first_name": "Hine", "last_name": ""}, {"last_name"}, ("Hine", "Tāne's")),
        ({"first_name": "Hine", "last_name": "Moana"}, set(), ("Hine", "Moana")),
    ],
)
def test_the_user_fills_in_the_empty_parts_of_a_name(
    kit: Kit, name: dict[str, str], asked: set[str], expected: tuple[str, str]
) -> None:
    path = start(kit, document={"name": name}, face=None, address=None, consent=None)
    fields = {
        field
        for field in Reader(kit.http.get(path).text).fields
        if field is not None and field.startswith("document.")
    }
    assert {f"document.{part}" for part in asked} == fields
    answers = {"document.first_name": "Māui", "document.last_name": "Tāne's"}
    kit.http.post(path, data={"outcome": "accepted", "consent": "1", **{key: answers[key] for key in fields}})
    read = status(kit)["answer"]["verification_data"]
    assert (read["document"]["name"]["first_name"], read["document"]["name"]["last_name"]) == expected
    assert (
        read["background_checks"]["name"]["first_name"],
        read["background_checks"]["name"]["last_name"],
    ) == expected


def test_the_page_takes_both_sides_and_every_document_of_a_company(kit: Kit) -> None:
    both = Reader(kit.http.get(start(kit, document={"backside_proof_required": "1", "name": ""})).text)
    assert {"picture-document", "picture-document-back", "file-document-back", "camera-document-back"} <= set(
        both.ids
    )
    assert both.fields == both.labelled
    labels = ["certificate_of_incorporation", "register_of_directors"]
    company = {"enable_extra_proofs": 1, "labels": labels, "manual_review": 1}
    only: dict[str, Any] = dict.fromkeys(("background_checks", "face", "document", "address", "consent"))
    text = kit.http.get(path := start(kit, reference="page-kyb", **only, **company)).text
    page = Reader(text)
    assert {"file-kyb", "file-kyb-2"} <= set(page.ids)
    assert "Register of directors" in text
    kit.http.post(path, data={"outcome": "review", "consent": "1"})
    assert status(kit, "page-kyb")["event"] == "review.pending"


# -- the phone
# -------------------------------------------------------------------------------------------------
PHONE: dict[str, Any] = {**dict.fromkeys(ONSITE), "reference": "page-1", "show_consent": "0"}


def test_a_number_that_the_request_lacks_is_entered(kit: Kit) -> None:
    path = start(kit, **{**PHONE, "phone": ""})
    page = Reader(kit.http.get(path).text)
    assert {"field-phone.phone_number", "field-phone.code"} <= set(page.ids)
    kit.http.post(path, data={"submit": "1", "phone.phone_number": "+64215550123", "phone.code": "1234"})
    data = status(kit)["answer"]["verification_data"]
    assert data["phone"]["phone_number"] == "+64215550123"


def test_a_number_of_the_request_is_shown_and_the_code_entered(kit: Kit) -> None:
    answer = kit.http.get(
        start(kit, **{**PHONE, "phone": {"phone_number": "+64215550123", "random_code": "9041"}})
    )
    assert "field-phone.phone_number" not in Reader(answer.text).ids
    assert "We have sent it to +64215550123." in answer.text
    assert "random_code is 9041" in answer.text


def test_a_scenario_makes_every_code_wrong(kit: Kit) -> None:
    path = start(kit, **{**PHONE, "reference": "decline-SPDR84-x", "phone": ""})
    data, seen = {"tries": "0"}, []
    for code in ("1111", "2222"):
        answer = kit.http.post(path, data={**data, "check": "phone-code", "phone.code": code})
        page = Reader(answer.text)
        data["tries"] = str(re.findall('name="tries" value="([^"]+)"', answer.text)[0])
        seen.append(
            (answer.status_code, "problem" in page.ids, page.ids["field-phone.code"]["value"], data["tries"])
        )
    assert seen == [(400, True, "", "1"), (400, True, "", "2")]
    kit.http.post(path, data={**data, "submit": "1", "phone.code": "3333"})
    assert status(kit, "decline-SPDR84-x")["answer"]["declined_codes"] == ["SPDR84"]


def test_no_code_is_not_a_try(kit: Kit) -> None:
    path = start(kit, **{**PHONE, "reference": "decline-SPDR304-x", "phone": ""})
    for _ in range(4):
        assert kit.http.post(path, data={"tries": "0", "check": "phone-code"}).status_code == 400
    assert status(kit, "decline-SPDR304-x")["event"] == "request.pending"


# -- what the request asks for
# -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "lang", "shown"),
    [
        ("EN", "en", "Verify your identity"),
        ("de", "de", "Identität bestätigen"),
        ("FR", "fr", "Vérifiez votre identité"),
        ("ES", "es", "Verifique su identidad"),
        ("MI", "mi", "Whakaūngia tō tuakiri"),
        ("AR", "ar", "تحقق من هويتك"),
        ("PL", "en", "Polish (PL) was asked for"),
        ("QQ", "en", "is not a language of Shufti Pro"),
        ("", "en", "Verify your identity"),
    ],
)
def test_the_page_is_in_the_language_of_the_request(kit: Kit, asked: str, lang: str, shown: str) -> None:
    text = kit.http.get(path := start(kit, language=asked)).text
    direction = "rtl" if lang == "ar" else "ltr"
    assert f'<html lang="{lang}" dir="{direction}">' in text
    assert shown in text
    kit.http.get(f"{path}?auto=accepted")
    assert f'<html lang="{lang}" dir="{direction}">' in kit.http.get(path).text


def test_only_the_documents_of_the_request_are_offered(kit: Kit) -> None:
    path = start(kit, document={"supported_types": ["id_card", "driving_license"], "name": ""})
    offered = {name for name in Reader(kit.http.get(path).text).ids if name.startswith("option-document.")}
    assert offered == {f"option-document.selected_type-{name}" for name in ("id_card", "driving_license")}


@pytest.mark.parametrize(
    ("chosen", "reported"),
    [("driving_license", "driving_license"), ("passport", "id_card")],
    ids=["offered", "forged"],
)
def test_the_chosen_document_is_in_the_result(kit: Kit, chosen: str, reported: str) -> None:
    path = start(kit, document={"supported_types": ["id_card", "driving_license"], "name": ""})
    kit.http.post(path, data={"outcome": "accepted", "document.selected_type": chosen})
    assert status(kit)["answer"]["verification_data"]["document"]["selected_type"] == [reported]


def test_the_script_asks_whether_it_has_ended_elsewhere(kit: Kit) -> None:
    path = start(kit)
    assert kit.http.get(f"{path}?state").text == "open"
    kit.post("verifications/page-1/decide", {"outcome": "declined"})
    assert kit.http.get(f"{path}?state").text == "ended"


@pytest.mark.parametrize("mount", ["", "/shuftipro", "/cloudcheck"])
@pytest.mark.parametrize(("name", "kind"), [("hosted.css", "text/css"), ("hosted.js", "text/javascript")])
def test_style_and_script_are_files_below_every_mount(
    tmp_path: Path, mount: str, name: str, kind: str
) -> None:
    kit = Kit(tmp_path, admin_token="let-me-in")
    with kit.http.get(f"{mount}/__hosted/{name}") as answer:
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    kit.service.stop()
