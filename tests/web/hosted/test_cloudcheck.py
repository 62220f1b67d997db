"""Cloudcheck's hosted pages over the whole application: finished by a person, and by a test."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from mock_server.providers.cloudcheck.pages import CHOICES, PRODUCTS
from mock_server.providers.cloudcheck.signing import sign
from tests.web.kit import START, Kit

DATA: dict[str, tuple[str, dict[str, Any]]] = {
    "live": ("/live/", {"reference": "j-1", "callback": "http://localhost:3122/done"}),
    "idscan": ("/idscan/initiate/", {"reference": "j-1"}),
    "akahu": ("/akahu/initiate/", {"reference": "j-1", "callback": "http://localhost:3122/done"}),
    "credfin": ("/credfin/initiate/", {"reference": "j-1", "callback": "http://localhost:3122/done"}),
    "forms": ("/forms/create/", {"reference": "j-1"}),
    "go": ("/go/create/", {"reference": "j-1", "recipients": [{"reference": "j-1"}]}),
}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
VOID = {"meta", "link", "input", "br"}  # and the shapes of icons, which close themselves


@pytest.fixture(name="kit")
def _kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    yield kit
    kit.service.stop()


def start(kit: Kit, name: str, **over: Any) -> str:
    """The path of the page that is handed out."""
    path, data = DATA[name]
    params = {
        "key": "test-a",
        "nonce": f"{name}-{over}",
        "timestamp": str(int(START * 1000)),
        "data": json.dumps({**data, **over}),
    }
    params["signature"] = sign("test-a-secret", path, params)
    answer = kit.http.post(
        path, data=urlencode(params), content_type="application/x-www-form-urlencoded"
    ).get_json()
    (inner,) = answer.values()
    return str(urlsplit(inner["recipients"][0]["url"] if name == "go" else inner["url"]).path)


class Reader(HTMLParser):
    """Test ids, labels and fields of a page; fails where tags do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: dict[str, dict[str, str | None]] = {}
        self.labelled: set[str | None] = set()
        self.fields: set[str | None] = set()
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
            self.labelled.add(attributes.get("for"))
        if tag == "input" and attributes.get("type") not in ("radio", "checkbox", "hidden"):
            self.fields.add(attributes.get("id"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("circle", "path", "rect")

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_page_has_what_a_person_and_a_test_need(kit: Kit, name: str) -> None:
    answer = kit.http.get(start(kit, name))
    page = Reader(answer.get_data(as_text=True))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert {"simulated", f"hosted-{name}", "steps", "form", "reference", "status"} <= set(page.ids)
    assert {f"outcome-{choice.outcome}" for choice in CHOICES} <= set(page.ids)
    assert page.fields == page.labelled
    assert '<html lang="en" dir="ltr">' in answer.text


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_step_can_be_left_both_ways(kit: Kit, name: str) -> None:
    text = kit.http.get(start(kit, name)).text
    steps = [step.id for step in PRODUCTS[name].steps]
    assert re.findall(r'<a class="main" href="#([\w-]+)"', text) == steps
    assert re.findall(r'<a class="back" href="#([\w-]+)"', text) == ["start", *steps[:-1]]
    assert text.count('data-testid="submit"') == 1


@pytest.mark.parametrize(
    ("reference", "status"), [("j-1", "MATCH"), ("review-1", "REVIEW")], ids=["default", "magic value"]
)
def test_who_submits_it_ends_it_as_the_scenario_wants(kit: Kit, reference: str, status: str) -> None:
    kit.http.post(start(kit, "live", reference=reference), data={"submit": "1"})
    assert kit.service.store.records("test-a", "cloudcheck", "capture")[0].status == status


def test_a_name_that_the_request_gives_is_there(kit: Kit) -> None:
    path = start(kit, "go", recipients=[{"reference": "j-1", "givenName": "Hēmi", "familyName": "O'Neill"}])
    assert [
        Reader(kit.http.get(path).text).ids[f"field-{part}"]["value"] for part in ("given", "family")
    ] == [
        "Hēmi",
        "O'Neill",
    ]


def test_the_script_asks_whether_it_has_ended_elsewhere(kit: Kit) -> None:
    path = start(kit, "live")
    assert kit.http.get(f"{path}?state").text == "open"
    decide(kit)
    assert kit.http.get(f"{path}?state").text == "ended"


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.outcome)
@pytest.mark.parametrize("name", PRODUCTS)
def test_a_choice_ends_it(kit: Kit, name: str, choice: Any) -> None:
    path = start(kit, name)
    answer = kit.http.post(path, data={"outcome": choice.outcome})
    assert answer.status_code == 303
    back = "callback" in DATA[name][1]
    assert answer.location.startswith("http://localhost:3122/done?") if back else answer.location == path
    closing = kit.http.get(path)
    page = Reader(closing.text)
    assert {"ended", "status"} <= set(page.ids)
    assert "form" not in page.ids
    assert choice.outcome.upper().replace("-", "_") in closing.text


def test_a_test_ends_it_at_once(kit: Kit) -> None:
    answer = kit.http.get(f"{start(kit, 'live')}?auto=no-match")
    assert answer.status_code == 303
    assert re.fullmatch(
        r"http://localhost:3122/done\?liveCaptured=true&liveReference=j-1&liveToken=\w{48}&captureReference=[0-9a-f-]{36}",
        answer.location,
    )
    assert kit.service.store.records("test-a", "cloudcheck", "capture")[0].status == "NO_MATCH"


def test_a_test_ends_it_after_a_while(kit: Kit) -> None:
    answer = kit.http.get(f"{start(kit, 'idscan')}?auto=match&after=1500ms")
    assert (answer.status_code, answer.headers["Refresh"]) == (200, "2; url=?auto=match")
    assert "auto" in Reader(answer.text).ids
    assert "in 1.5 s" in answer.text


CALLED_BACK = [name for name in PRODUCTS if "callback" in DATA[name][1]]
BACK = {
    "live": r"http://localhost:3122/done\?liveCaptured=true&liveReference=j-1&liveToken=\w{48}&captureReference=[0-9a-f-]{36}",
    "akahu": r"http://localhost:3122/done\?reference=j-1&token=[0-9a-f-]{36}",
    "credfin": r"http://localhost:3122/done\?reference=j-1&token=[0-9a-f-]{36}",
}


def decide(kit: Kit, outcome: str = "match") -> None:
    """End it as a reviewer would, without its page."""
    kit.post("verifications/j-1/decide", {"outcome": outcome})


@pytest.mark.parametrize("name", CALLED_BACK)
def test_a_page_that_ended_elsewhere_leads_back_to_the_caller(kit: Kit, name: str) -> None:
    path = start(kit, name)
    decide(kit)
    answer = kit.http.get(path)
    page = Reader(answer.text)
    assert re.fullmatch(BACK[name], page.ids["return"]["href"] or "")
    assert answer.headers["Refresh"] == f"3; url={page.ids['return']['href']}"
    assert {"ended", "status"} <= set(page.ids)


@pytest.mark.parametrize("name", CALLED_BACK)
def test_a_test_is_sent_back_from_a_page_that_ended_elsewhere(kit: Kit, name: str) -> None:
    path = start(kit, name)
    decide(kit, "abandoned")
    answer = kit.http.get(f"{path}?auto=match")
    assert answer.status_code == 303
    assert re.fullmatch(BACK[name].replace("Captured=true", "Captured=false"), answer.location)


def test_a_page_that_ended_elsewhere_without_a_callback_says_so(kit: Kit) -> None:
    path = start(kit, "idscan")
    decide(kit)
    answer = kit.http.get(f"{path}?auto=match")
    page = Reader(answer.text)
    assert (answer.status_code, "Refresh" in answer.headers, "return" in page.ids) == (200, False, False)
    assert "You can close this page" in answer.text


def test_a_callback_with_a_query_and_macrons_is_gone_back_to(kit: Kit) -> None:
    path = start(kit, "live", callback="http://localhost:3122/whānau?a=1&b='\"x#top")
    decide(kit)
    answer = kit.http.get(path)
    assert answer.headers["Refresh"].startswith("3; url=http://localhost:3122/wh%C4%81nau?a=1&b='")
    assert answer.headers["Refresh"].endswith("#top")
    link = Reader(answer.text).ids["return"]["href"] or ""
    assert link.startswith("http://localhost:3122/whānau?a=1&b='\"x&liveCaptured=true&")


@pytest.mark.parametrize(("name", "reloads"), [("live", True), ("akahu", True), ("forms", False)])
def test_a_page_whose_end_is_settled_looks_for_it(kit: Kit, name: str, reloads: bool) -> None:
    """A form that somebody fills in is not reloaded under their hands."""
    text = kit.http.get(start(kit, name, reference="match-1")).text
    assert ('<noscript><meta http-equiv="refresh" content="3"></noscript>' in text) == reloads


def test_a_page_whose_end_is_open_is_not_reloaded(kit: Kit) -> None:
    assert "refresh" not in kit.http.get(start(kit, "live")).text


@pytest.mark.parametrize("query", ["auto=lost", "auto=match&after=soon"])
def test_a_wrong_wish_is_explained(kit: Kit, query: str) -> None:
    answer = kit.http.get(f"{start(kit, 'live')}?{query}")
    assert answer.status_code == 400
    assert "problem" in Reader(answer.text).ids


@pytest.mark.parametrize("data", [{}, {"outcome": "lost"}])
def test_no_choice_is_explained(kit: Kit, data: dict[str, str]) -> None:
    answer = kit.http.post(start(kit, "forms"), data=data)
    assert (answer.status_code, "problem" in Reader(answer.text).ids) == (400, True)


def test_a_link_that_nobody_has_handed_out(kit: Kit) -> None:
    for method in ("get", "post"):
        answer = getattr(kit.http, method)(f"/live/{'x' * 48}/")
        assert (answer.status_code, "missing" in Reader(answer.text).ids) == (404, True)


@pytest.mark.parametrize(
    "path", ["/live/", "/live/abc", "/idscan/initiate/x/", "/forms/é", "/cloudcheck/go/a/b/c"]
)
def test_a_browser_at_a_malformed_link_gets_a_page(kit: Kit, path: str) -> None:
    answer = kit.http.get(path, headers=BROWSER)
    assert answer.status_code == (405 if path == "/live/" else 404)
    assert ("missing" in answer.text) == (path != "/live/")


def test_a_machine_at_a_malformed_link_gets_the_vendors_error(kit: Kit) -> None:
    answer = kit.http.get("/live/abc")
    assert (answer.status_code, answer.is_json) == (404, True)


def test_what_is_filled_in_is_kept(kit: Kit) -> None:
    kit.http.post(start(kit, "forms"), data={"outcome": "match", "given": "<b>Ida</b>", "family": "Marsh"})
    (record,) = kit.service.store.records("test-a", "cloudcheck", "form")
    assert json.loads(record.data)["reply"]["people"][0]["name"] == {"given": "<b>Ida</b>", "family": "Marsh"}


def test_a_reference_is_shown_as_text(kit: Kit) -> None:
    assert "<i>x" not in kit.http.get(start(kit, "live", reference="<i>x")).text


def test_pages_are_reached_below_the_mount(kit: Kit) -> None:
    path = f"/cloudcheck{start(kit, 'idscan')}"
    answer = kit.http.get(f"{path}?auto=match")
    assert (303, path) == (answer.status_code, answer.location)
    assert "ended" in Reader(kit.http.get(path).text).ids
