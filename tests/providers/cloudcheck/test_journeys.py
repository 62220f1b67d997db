"""Live, IDscan, Akahu, Credfin, Forms and Go: pending, ended once, read back, and who is told."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mock_server.core.http import Request
from mock_server.core.records import Record
from mock_server.providers.cloudcheck import pages
from mock_server.providers.cloudcheck.journeys import GIVEN_UP, STATUSES
from tests.providers.cloudcheck.harness import JPEG, PipelineHarness, error

HOOK = "http://localhost:3000/hooks"
STARTS: dict[str, tuple[str, str, dict[str, Any], str, str]] = {
    "live": (
        "/live/",
        "capture",
        {"callback": "http://localhost:3122/cb?x=1"},
        "/live/response/",
        "captureReference",
    ),
    "idscan": (
        "/idscan/initiate/",
        "idscan",
        {"notificationUrl": "http://localhost/n?id=7", "webhookUrl": "http://localhost/w"},
        "/idscan/results/",
        "token",
    ),
    "akahu": (
        "/akahu/initiate/",
        "akahu",
        {"callback": "http://localhost/cb", "notificationUrl": "http://localhost/n"},
        "/akahu/results/",
        "token",
    ),
    "credfin": (
        "/credfin/initiate/",
        "credfin",
        {"callback": "http://localhost/cb#end"},
        "/credfin/results/",
        "token",
    ),
    "forms": (
        "/forms/create/",
        "form",
        {"notificationUrl": "http://localhost/n?a=b"},
        "/forms/results/",
        "token",
    ),
    "go": (
        "/go/create/",
        "go",
        {"callback": "http://localhost/cb", "recipients": [{"reference": "j-1"}]},
        "/go/results/",
        "token",
    ),
}


def office(*scenarios: dict[str, Any]) -> PipelineHarness:
    return PipelineHarness(*scenarios, accounts={"default": {"webhook_url": HOOK}})


def begin(at: PipelineHarness, name: str, reference: str = "j-1") -> dict[str, Any]:
    path, wrapper, body, _, _ = STARTS[name]
    if name == "go":
        body = {**body, "recipients": [{"reference": reference}]}
    answer = at.post(path, {"reference": reference, **body})[wrapper]
    started: dict[str, Any] = answer["recipients"][0] if name == "go" else answer
    return started


def read(at: PipelineHarness, name: str, started: dict[str, Any]) -> dict[str, Any]:
    _, wrapper, _, path, parameter = STARTS[name]
    result: dict[str, Any] = at.get(path, **{parameter: started[parameter]})[wrapper]
    return result


def page(at: PipelineHarness, name: str, started: dict[str, Any]) -> pages.Page:
    hosted_page = pages.find(at.services, name, token(started))
    assert hosted_page is not None
    return hosted_page


def token(started: dict[str, Any]) -> str:
    return str(urlsplit(started["url"]).path.split("/")[2])


@pytest.mark.parametrize("name", STARTS)
def test_it_is_pending_until_somebody_ends_it(name: str) -> None:
    at = office()
    started = begin(at, name)
    assert (started["status"], started["completed"]) == ("PENDING", False)
    assert (len(token(started)), token(started).isalnum()) == (48, True)
    at.run_timers(86_400)
    assert read(at, name, started)["status"] == "PENDING"
    assert not page(at, name, started).ended


UNDOCUMENTED = {
    "live": ("notificationUrl", "webhookUrl"),
    "idscan": ("callback",),
    "akahu": ("webhookUrl",),
    "credfin": ("webhookUrl",),
    "forms": ("callback", "webhookUrl"),
    "go": ("webhookUrl",),
}
"""Addresses that the product's page does not have, though another product's does."""
SENT = {
    "an address": "http://localhost/other",
    "a script": "javascript:alert(1)",
    "a number": 5,
    "a list": ["x"],
    "an object": {"a": 1},
}


@pytest.mark.parametrize("sent", SENT.values(), ids=SENT)
@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, keys in UNDOCUMENTED.items() for key in keys]
)
def test_an_address_that_the_product_does_not_have_means_nothing(name: str, key: str, sent: Any) -> None:
    """Neither a browser goes there nor is it called, whatever it is."""
    path, wrapper, body, _, _ = STARTS[name]
    notices = []
    for strange in ({}, {key: sent}):
        at = office()
        answer = at.post(path, {"reference": "j-1", **body, **strange})[wrapper]
        started = answer["recipients"][0] if name == "go" else answer
        url = pages.finish(at.backoffice, page(at, name, started), "match")
        notices.append((url, [message.url for message in at.messages()]))
    assert notices[1] == notices[0]


def test_a_name_in_digits_comes_back_as_text() -> None:
    at = office()
    started = at.post("/forms/create/", {"emailAddress": "ida@example.test", "givenName": 5})["form"]
    pages.finish(at.backoffice, page(at, "forms", started), "match")
    assert read(at, "forms", started)["people"][0]["name"] == {"given": "5"}


@pytest.mark.parametrize("outcome", STATUSES)
@pytest.mark.parametrize("name", STARTS)
def test_a_page_ends_it(name: str, outcome: str) -> None:
    at = office()
    started = begin(at, name)
    url = pages.finish(at.backoffice, page(at, name, started), outcome)
    ended = read(at, name, started)
    assert (STATUSES[outcome], outcome not in GIVEN_UP) == (ended["status"], ended["completed"])
    assert ("completedDate" in ended) is (outcome not in GIVEN_UP)
    assert bool(url) is ("callback" in STARTS[name][2])
    callbacks = at.callback_bodies()
    assert url == pages.finish(at.backoffice, page(at, name, started), "failed"), "it ends once"
    assert (ended, callbacks) == (read(at, name, started), at.callback_bodies())


@pytest.mark.parametrize("name", STARTS)
def test_a_page_takes_no_other_outcome(name: str) -> None:
    at = office()
    with pytest.raises(ValueError, match="not a way to end it; use one of abandoned"):
        pages.finish(at.backoffice, page(at, name, begin(at, name)), "lost")


@pytest.mark.parametrize(
    ("outcome", "captured"),
    [("match", "true"), ("no-match", "true"), ("abandoned", "false"), ("not-done", "false")],
)
def test_the_redirect_of_live(outcome: str, captured: str) -> None:
    at = office()
    started = begin(at, "live", "my ref&1")
    url = pages.finish(at.backoffice, page(at, "live", started), outcome)
    assert [
        ("x", "1"),
        ("liveCaptured", captured),
        ("liveReference", "my ref&1"),
        ("liveToken", token(started)),
        ("captureReference", started["captureReference"]),
    ] == parse_qsl(urlsplit(url).query)


def test_a_fragment_stays_behind_what_is_added() -> None:
    at = office()
    started = begin(at, "credfin")
    url = urlsplit(pages.finish(at.backoffice, page(at, "credfin", started), "match"))
    assert ([("reference", "j-1"), ("token", started["token"])], "end") == (
        parse_qsl(url.query),
        url.fragment,
    )


def test_who_is_told_of_an_end() -> None:
    at = office()
    for name in STARTS:
        pages.finish(at.backoffice, page(at, name, begin(at, name, f"{name}-x")), "match")
    scan = at.store.record("default", "cloudcheck", "idscan", "idscan-x")
    assert scan is not None
    assert [(message.method, message.url) for message in at.messages()] == [
        ("GET", "http://localhost/n?id=7"),
        ("POST", "http://localhost/w"),
        ("GET", "http://localhost/n"),
        ("GET", "http://localhost/n?a=b&reference=forms-x&status=SUBMITTED"),
        ("GET", "http://localhost/n?a=b&reference=forms-x&status=VERIFIED"),
    ]
    assert {"requestType": "IDSCAN", "eventType": "REVIEW", "reference": scan.key} == json.loads(
        at.messages()[1].body
    )
    assert at.messages()[0].body == b""
    assert {(len(message.waits), message.lane) for message in at.messages()[:2]} == {
        (0, "cloudcheck:idscan-x")
    }


@pytest.mark.parametrize("name", STARTS)
def test_giving_up_notifies_nobody(name: str) -> None:
    at = office()
    pages.finish(at.backoffice, page(at, name, begin(at, name)), "abandoned")
    assert [message for message in at.messages() if message.method == "GET"] == []


@pytest.mark.parametrize("outcome", STATUSES)
@pytest.mark.parametrize("name", STARTS)
def test_a_magic_reference_settles_the_end(name: str, outcome: str) -> None:
    at = office()
    path, wrapper, body, _, _ = STARTS[name]
    answer = at.post(path, {**body, "reference": f"{outcome}-1"})[wrapper]
    started = answer["recipients"][0] if name == "go" else answer
    at.run_timers(1.9)
    assert read(at, name, started)["status"] == "PENDING"
    at.run_timers(0.2)
    assert STATUSES[outcome] == read(at, name, started)["status"]


def test_whoever_is_first_ends_it() -> None:
    at = office()
    started = begin(at, "live", "match-1")
    pages.finish(at.backoffice, page(at, "live", started), "abandoned")
    at.run_timers(3)
    assert read(at, "live", started)["status"] == "ABANDONED"


@pytest.mark.parametrize("name", STARTS)
def test_a_scenario_ends_it_when_it_is_read(name: str) -> None:
    operation = {"live": "live-response"}.get(name, f"{name}-results")
    at = office(
        {
            "name": "s",
            "match": {"operation": operation, "verification.status": "PENDING"},
            "respond": {"outcome": "no-match"},
        }
    )
    started = begin(at, name)
    assert read(at, name, started)["status"] == "NO_MATCH"
    assert read(at, name, started)["status"] == "NO_MATCH"


@pytest.mark.parametrize("name", STARTS)
def test_an_outcome_for_what_has_ended_otherwise_is_a_warning(name: str) -> None:
    operation = {"live": "live-response"}.get(name, f"{name}-results")
    at = office({"name": "late", "match": {"operation": operation}, "respond": {"outcome": "no-match"}})
    started = begin(at, name)
    pages.finish(at.backoffice, page(at, name, started), "match")

    assert read(at, name, started)["status"] == "MATCH"
    assert (at.entry().outcome, (at.entry().evidence or {})["check"]) == ("current", "already-ended")


@pytest.mark.parametrize("name", STARTS)
def test_an_outcome_as_it_ended_is_no_warning(name: str) -> None:
    operation = {"live": "live-response"}.get(name, f"{name}-results")
    at = office({"name": "again", "match": {"operation": operation}, "respond": {"outcome": "match"}})
    started = begin(at, name)

    assert [read(at, name, started)["status"] for _ in range(2)] == ["MATCH", "MATCH"]
    assert (at.entry().outcome, at.entry().evidence or {}) == ("match", {})


@pytest.mark.parametrize("name", STARTS)
def test_a_reviewer_decides(name: str) -> None:
    at = office()
    started = begin(at, name)
    pages.finish(at.backoffice, page(at, name, started), "review")
    before = len(at.messages())
    assert at.decide("j-1", "match", {"notes": "looked at it"}).status == "MATCH"
    assert (
        read(at, name, started)["status"],
        read(at, name, started)["reviewNotes"],
    ) == ("MATCH", "looked at it")
    kind = page(at, name, started).record.kind
    sent = [
        (message.url, json.loads(message.body))
        for message in at.messages()[before:]
        if message.method == "POST"
    ]
    hook = {
        "requestType": kind.upper(),
        "eventType": "REVIEW",
        "reference": page(at, name, started).record.key,
    }
    assert [
        (url, hook)
        for url in (["http://localhost/w"] if name == "idscan" else [])
        + ([HOOK] if kind in ("capture", "idscan", "akahu", "credfin") else [])
    ] == sent


def test_deciding_a_pending_one_ends_it_with_its_notifications() -> None:
    at = office()
    started = begin(at, "akahu")
    at.decide(started["token"], "NO_MATCH")
    assert [message.url for message in at.messages()] == ["http://localhost/n", HOOK]


def test_a_decision_that_is_none_names_those_there_are() -> None:
    at = office()
    begin(at, "live")
    with pytest.raises(ValueError, match=r"'mach' cannot be decided about a capture .did you mean 'match'"):
        at.decide("j-1", "mach")


def test_callbacks_of_a_scenario_with_a_review() -> None:
    at = office(
        {
            "name": "reviewed",
            "match": {"operation": "live"},
            "respond": {"outcome": "review", "review": {"decision": "MATCH", "notes": "n"}},
            "callbacks": [{"event": "REVIEW", "after": "5s"}],
        }
    )
    started = begin(at, "live")
    at.run_timers(3)
    assert read(at, "live", started)["status"] == "REVIEW"
    at.run_timers(3)
    assert read(at, "live", started)["status"] == "MATCH"
    assert [
        {"requestType": "CAPTURE", "eventType": "REVIEW", "reference": started["captureReference"]}
    ] == at.callback_bodies()


def test_an_empty_list_of_callbacks_silences_the_notification() -> None:
    at = office({"name": "silent", "match": {"operation": "akahu-initiate"}, "callbacks": []})
    pages.finish(at.backoffice, page(at, "akahu", begin(at, "akahu")), "match")
    assert at.messages() == []


def test_the_result_of_a_capture_is_as_recorded() -> None:
    at = office()
    verified = at.verify()["verificationReference"]
    started = at.post("/live/", {"reference": "l", "verificationReference": verified})["capture"]
    pages.finish(at.backoffice, page(at, "live", started), "match")
    capture = read(at, "live", started)
    assert list(capture) == [
        "captureReference",
        "reference",
        "status",
        "matchPercentage",
        "createdDate",
        "completed",
        "completedDate",
        "ipAddresses",
        "images",
        "recognizedDocuments",
    ]
    assert [image["type"] for image in capture["images"]] == [
        "Face and Head",
        "Face and Head Turned",
        "Photo Identification",
    ]
    assert ["matchPercentage" in image for image in capture["images"]] == [False, True, True]
    document = capture["recognizedDocuments"][0]
    assert tuple(document[key] for key in ("familyName", "givenName", "dateOfBirth", "documentType")) == (
        "okafor",
        "tamsin",
        "1987-03-14",
        "NZ_DRIVER_LICENCE",
    )
    assert document["imageUrl"] == capture["images"][2]["url"]


@pytest.mark.parametrize(
    ("agent", "setting", "has_items"),
    [("CloudcheckSDK-android-1.0.0", "sdk", True), ("curl/8", "sdk", False), ("curl/8", "always", True)],
)
def test_who_is_told_the_items(agent: str, setting: str, has_items: bool) -> None:
    at = PipelineHarness(settings={"live_items": setting})
    answer = json.loads(at.send("POST", "/live/", {"data": "{}"}, headers={"user-agent": agent}).body)
    assert has_items is ("items" in answer["capture"])


def test_people_are_of_the_country_of_the_timezone() -> None:
    at = PipelineHarness(settings={"timezone": "Australia/Sydney"})
    started = begin(at, "live", "match-au")
    at.run_timers(3)
    (document,) = read(at, "live", started)["recognizedDocuments"]
    assert (document["documentType"], document["issueCountry"]) == ("AU_DRIVER_LICENCE", "AUS")


def test_a_token_leads_to_its_account_among_many() -> None:
    at = office()
    paths = {}
    for number in range(40):
        answer = json.loads(
            at.send("POST", "/live/", {"data": '{"reference":"same"}'}, key=f"test-{number}").body
        )["capture"]
        paths[f"test-{number}"] = token(answer)
    assert len(set(paths.values())) == 40
    for account, link in paths.items():
        shown = pages.find(at.services, "live", link)
        assert shown is not None
        assert account == shown.account.name
    assert pages.find(at.services, "idscan", link) is None
    assert pages.find(at.services, "verify", link) is None


# -- pictures
# ---------------------------------------------------------------------------------------------------------
def picture(at: PipelineHarness, url: str, **headers: str) -> Any:
    return at.pipeline.handle(Request("GET", urlsplit(url).path, urlsplit(url).query, headers, b""))


def upload(at: PipelineHarness, started: dict[str, Any], item: int, image: bytes = JPEG) -> Any:
    params = {
        "captureToken": started["captureReference"],
        "imageData": base64.encodebytes(image).decode(),
        "id": str(item),
    }
    return json.loads(at.send("POST", "/live/upload/", params).body)


def test_the_sdk_uploads_and_the_pictures_can_be_fetched() -> None:
    at = office()
    started = begin(at, "live")
    assert [upload(at, started, item) for item in (1, 2)] == [
        {"success": True, "message": None, "completed": False}
    ] * 2
    assert upload(at, started, 3, b"no image") == {
        "success": False,
        "message": "The image could not be used. Please try again.",
        "completed": False,
    }
    last = upload(at, started, 3, JPEG + b"last")
    assert last == {
        "success": True,
        "message": None,
        "completed": True,
        "completedDate": "2023-11-15 11:13",
        "status": "MATCH",
    }
    images = read(at, "live", started)["images"]
    assert [picture(at, image["url"]).body for image in images] == [JPEG, JPEG, JPEG + b"last"]
    assert error(upload(at, started, 1))["error"] == 113


def uploading(at: PipelineHarness, **over: str) -> Any:
    """The JSON of an upload with some parameters changed."""
    started = begin(at, "live")
    params = {
        "captureToken": started["captureReference"],
        "imageData": base64.encodebytes(JPEG).decode(),
        "id": "1",
    }
    common = {name: value for name, value in over.items() if name in ("signature", "timestamp")}
    fields = {name: value for name, value in over.items() if name not in common}
    return json.loads(at.send("POST", "/live/upload/", {**params, **fields}, **common).body)


UPLOADS: dict[str, tuple[dict[str, str], int]] = {
    "102 no image": ({"imageData": ""}, 102),
    "103 too old": ({"timestamp": "1600000000000"}, 103),
    "105 no such capture": ({"captureToken": "nobody's"}, 105),
    "106 wrong signature": ({"signature": "0" * 64}, 106),
    "107 no such item": ({"id": "9"}, 107),
    "107 no Base64": ({"imageData": "*"}, 107),
}


@pytest.mark.parametrize("position", ["nested", "top"])
@pytest.mark.parametrize("case", UPLOADS)
def test_an_error_of_an_upload_tells_that_it_did_not_succeed(case: str, position: str) -> None:
    """The SDK parses no answer without ``success``."""
    over, code = UPLOADS[case]
    answer = uploading(PipelineHarness(settings={"error_position": {"live-upload": position}}), **over)
    refusal = answer["verification"] if position == "nested" else answer
    assert (answer["success"], answer["message"]) == (False, refusal["message"])
    assert refusal["error"] == code


def test_a_scripted_error_of_an_upload_tells_that_it_did_not_succeed() -> None:
    at = PipelineHarness(
        {
            "name": "s",
            "match": {"operation": "live-upload"},
            "respond": {"error": 113, "message": "Try later."},
        }
    )
    verification = {"error": 113, "message": "Try later."}
    assert uploading(at) == {"success": False, "message": "Try later.", "verification": verification}


def test_other_errors_of_live_have_no_success() -> None:
    answer = json.loads(office().send("GET", "/live/response/", {"captureReference": "nobody's"}).body)
    assert list(answer) == ["verification"]


def test_a_page_leaves_pictures_of_its_own() -> None:
    at = office()
    started = begin(at, "live")
    pages.finish(at.backoffice, page(at, "live", started), "no-match")
    first, second, third = (picture(at, image["url"]) for image in read(at, "live", started)["images"])
    assert len({first.body, second.body, third.body}) == 3
    assert all(
        answer.body.startswith(b"\xff\xd8\xff") and ("Content-Type", "image/jpeg") in answer.headers
        for answer in (first, second, third)
    )


def test_pictures_that_do_not_exist() -> None:
    at = office()
    started = begin(at, "live")
    for path in (
        f"/live/download/{token(started)}/1/",
        f"/live/download/{'x' * 48}/900/",
        f"/live/download/{started['captureReference']}/900/",
    ):
        assert error(json.loads(picture(at, path).body))["error"] == 105


def test_pictures_can_demand_a_signature() -> None:
    at = PipelineHarness(settings={"image_download": "signed"})
    started = begin(at, "live")
    pages.finish(at.backoffice, page(at, "live", started), "match")
    path = urlsplit(read(at, "live", started)["images"][0]["url"]).path
    assert error(json.loads(picture(at, path).body))["error"] == 101
    assert at.send("GET", path, {}).body.startswith(b"\xff\xd8\xff")
    assert error(json.loads(at.send("GET", path, {}, signature="0").body))["error"] == 106


@pytest.mark.parametrize(
    ("item", "data", "field"),
    [("4", base64.b64encode(JPEG).decode(), "id"), ("1", "***", "imageData"), ("1", "abc", "imageData")],
)
def test_what_an_upload_has_to_be(item: str, data: str, field: str) -> None:
    at = office()
    params = {"captureToken": begin(at, "live")["captureReference"], "imageData": data, "id": item}
    answer = error(json.loads(at.send("POST", "/live/upload/", params).body))
    assert (answer["error"], answer["fields"]) == (107, field)


# -- bank and forms
# -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("outcome", "validated"),
    [
        ("match", {"name": True, "address": True}),
        ("review", {"name": True, "address": False}),
        ("no-match", {"name": False, "address": False}),
    ],
)
def test_name_and_address_are_compared_with_the_banks(outcome: str, validated: dict[str, bool]) -> None:
    at = office()
    details = {
        "name": {"given": "Ida", "family": "Marsh"},
        "address": {"street": "1 Main Road", "city": "Napier"},
    }
    started = at.post("/akahu/initiate/", {"callback": "http://localhost/", "reference": "j-1", **details})[
        "akahu"
    ]
    pages.finish(at.backoffice, page(at, "akahu", started), outcome)
    result = read(at, "akahu", started)
    assert (result["validated"], len(result["accounts"])) == (validated, 1)
    assert validated["name"] is (result["name"] == "Ida Marsh")
    assert validated["address"] is (result["address"] == details["address"])


def test_what_is_filled_in_is_what_is_read() -> None:
    at = office()
    started = begin(at, "forms")
    pages.finish(
        at.backoffice,
        page(at, "forms", started),
        "match",
        {"given": " Ida ", "family": "Marsh", "other": "x"},
    )
    assert read(at, "forms", started)["people"][0]["name"] == {"given": "Ida", "family": "Marsh"}


def test_five_hundred_recipients_have_a_link_each() -> None:
    at = office()
    for _ in range(2):
        rows = at.post("/go/create/", {"reference": "batch", "recipients": [{}] * 500})["go"]["recipients"]
    assert len({row["url"] for row in rows}) == 500
    assert len(at.store.records("default", "cloudcheck", "go")) == 1000


# -- the life of a capture
# ---------------------------------------------------------------------------------------------------
class LiveLife(RuleBasedStateMachine):
    """Many captures, ended by page, SDK, time or reviewer in any order, against a model of a dictionary."""

    @initialize()
    def open(self) -> None:
        self.office = office()
        self.captures: dict[str, tuple[dict[str, Any], str, set[int]]] = {}

    def pick(self, number: int) -> str:
        return sorted(self.captures)[number % len(self.captures)]

    @rule()
    def start(self) -> None:
        started = begin(self.office, "live", f"c{len(self.captures) % 3}")
        self.captures[started["captureReference"]] = (started, "PENDING", set())

    @precondition(lambda self: self.captures)
    @rule(number=st.integers(0, 50), outcome=st.sampled_from(sorted(STATUSES)))
    def finish(self, number: int, outcome: str) -> None:
        key = self.pick(number)
        started, status, uploaded = self.captures[key]
        pages.finish(self.office.backoffice, page(self.office, "live", started), outcome)
        self.captures[key] = (started, STATUSES[outcome] if status == "PENDING" else status, uploaded)

    @precondition(lambda self: self.captures)
    @rule(number=st.integers(0, 50), item=st.integers(1, 3))
    def send_picture(self, number: int, item: int) -> None:
        key = self.pick(number)
        started, status, uploaded = self.captures[key]
        answer = upload(self.office, started, item)
        assert ("verification" in answer) is (status != "PENDING")
        if status == "PENDING":
            uploaded.add(item)
            self.captures[key] = (started, "MATCH" if len(uploaded) == 3 else "PENDING", uploaded)

    @precondition(lambda self: self.captures)
    @rule(number=st.integers(0, 50), outcome=st.sampled_from(sorted(STATUSES)))
    def decide(self, number: int, outcome: str) -> None:
        key = self.pick(number)
        started, _, uploaded = self.captures[key]
        self.office.decide(key, outcome)
        self.captures[key] = (started, STATUSES[outcome], uploaded)

    @invariant()
    def what_is_read_is_what_was_done(self) -> None:
        for key, (started, status, _) in getattr(self, "captures", {}).items():
            assert status == read(self.office, "live", started)["status"]
            stored: Record = self.office.record(key)
            assert status == stored.status


LiveLife.TestCase.settings = settings(max_examples=40, stateful_step_count=20)
TestLiveLife = LiveLife.TestCase
