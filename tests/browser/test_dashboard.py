"""The dashboard as its three users see it: what arrived, why it was answered so, and what can be done about
it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from mock_server.client import Receiver
from mock_server.core import config
from mock_server.core.http import Request
from mock_server.core.records import Entry
from mock_server.store.base import Transaction
from mock_server.web.app import create_app
from mock_server.web.dashboard import POLICY
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.browser.calls import CLIENT, PASSWORD, control, screen, verify
from tests.browser.conftest import Page

VIEWS = ("requests", "deliveries", "verifications", "scenarios", "clock", "coverage", "guide")


def test_an_empty_journal_tells_the_first_steps_and_takes_them(page: Page) -> None:
    page.open()
    page.sees("h2", "Nothing has arrived yet")
    page.sees("dd", "mock-secret-not-real-0123456789ab")
    page.press("Send a signed /verify/")
    page.sees(".detail .stamp", "VERIFIED")
    page.sees(".list .what", "POST /verify/")


def test_the_first_shufti_request_can_be_sent_from_the_page(page: Page) -> None:
    page.open("guide")
    page.press("Send an AML screening")
    page.sees(".detail .stamp", "VERIFICATION.ACCEPTED")


def test_a_request_appears_without_a_reload(page: Page, server: LiveServer) -> None:
    page.open()
    verify(server.url, "arrives-live")
    page.sees(".list li", "arrives-live")
    assert page.one("#live").text == "live"


def test_a_deep_body_is_listed_and_opened(page: Page, server: LiveServer) -> None:
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    verify(server.url, "ordinary")
    screen(
        server.url,
        "deep-1",
        x=deep,
        background_checks={"name": {"first_name": "Ada", "last_name": "Okafor"}, "dob": "1987-03-14"},
    )
    page.open()
    page.sees(".list li", "ordinary")
    page.sees(".list a", "deep-1").click()
    page.sees(".detail pre", "nested deeper than 64 levels")
    assert page.complaints() == []


def test_an_entry_that_cannot_be_shown_whole_says_so(
    page: Page, server: LiveServer, service: Service
) -> None:
    verify(server.url, "ordinary")
    transaction = Transaction("default")
    basic = base64.b64encode(f"{CLIENT}:{PASSWORD}".encode()).decode()
    request = Request("POST", "/", "", {"authorization": f"Basic {basic}"}, b'{"reference":"beyond-time"}')
    transaction.entry = Entry(
        "r-odd", "default", "shuftipro", "verification", 1e308, 0.0, request, 200, (), b"{}", "beyond-time"
    )
    service.store.commit(transaction)
    page.open()
    page.sees(".list li", "ordinary")
    page.sees(".list a", "at cannot be shown: a value is out of range").click()
    page.sees(
        ".detail .unshowable", "Not all of this can be shown: at cannot be shown: a value is out of range."
    )
    page.sees(".detail h1", "POST /")
    assert page.complaints() == []


def test_a_wrong_signature_is_explained_with_the_difference(page: Page, server: LiveServer) -> None:
    verify(server.url, "wrong", signed_path="/verify")
    page.open()
    page.sees(".list a", "refused 106").click()
    page.sees(".stamp", "REFUSED 106")
    page.sees(".why", "slash")
    page.sees(".fix", "/verify/")
    assert page.sees("mark.missing").text == "/"


def test_the_scenario_that_answered_is_named_with_its_line(
    page: Page, server: LiveServer, scenario_file: Path
) -> None:
    verify(server.url, "vip-1")
    page.open()
    page.sees(".list a", "exposed").click()
    page.sees(".stamp", "PEP-MATCH")
    page.sees(".detail code", f"{scenario_file.name}:4")


def test_a_request_that_no_scenario_matched_shows_the_nearest(page: Page, server: LiveServer) -> None:
    verify(server.url, "plain-1")
    page.open()
    page.sees(".list a", "built-in").click()
    page.sees(".detail table", "vip-")
    page.sees(".detail td", "body.reference")


def test_a_search_narrows_the_list(page: Page, server: LiveServer) -> None:
    verify(server.url, "needle-7")
    verify(server.url, "straw-1")
    page.open()
    page.sees(".list li", "straw-1")
    page.one("input[type=search]").send_keys("needle-7")
    page.until(
        lambda: (
            [word for item in page.all(".list li") for word in ("needle-7", "straw-1") if word in item.text]
            == ["needle-7"]
        )
    )


def test_a_callback_shows_its_attempts_and_is_sent_again(page: Page, server: LiveServer) -> None:
    with Receiver() as receiver:
        receiver.answer(500)
        screen(server.url, "customer-1", receiver.url)
        page.open("deliveries")
        page.sees(".list a", "verification.accepted").click()
        page.sees(".stamp", "TRYING AGAIN")
        page.sees(".attempts", "500")
        page.press("Send again")
        page.sees(".list .pill", "delivered")
        assert len(receiver.wait(2)) == 2


def test_the_clock_jumps_to_the_next_attempt(page: Page, server: LiveServer) -> None:
    with Receiver() as receiver:
        receiver.answer(500)
        screen(server.url, "customer-1", receiver.url)
        page.open("deliveries")
        page.sees(".list a", "verification.accepted").click()
        page.sees(".attempts button", "Move the clock on").click()
        page.sees(".stamp", "DELIVERED")
        page.sees("#clock", "moved")


def test_a_verification_is_decided(page: Page, server: LiveServer) -> None:
    with Receiver() as receiver:
        screen(
            server.url,
            "customer-2",
            receiver.url,
            document={"supported_types": ["passport"], "name": "", "proof": ""},
            country="GB",
        )
        page.open("verifications")
        page.sees("article", "request.pending")
        page.press("declined", "article")
        page.sees("article .pill", "verification.declined")
        assert "verification.declined" in [received.json["event"] for received in receiver.wait(2)]


def test_the_clock_stops_moves_and_goes_back(page: Page) -> None:
    page.open("clock")
    page.press("Freeze")
    page.sees("#clock", "frozen")
    before = page.one(".bigclock").text
    page.press("+ 1 day")
    page.until(
        lambda: page.one(".bigclock").text[11:] == before[11:] and page.one(".bigclock").text != before
    )
    page.press("Back to real time")
    page.until(lambda: "frozen" not in page.one("#clock").text and "moved" not in page.one("#clock").text)


def test_a_scenario_is_pinned_and_unpinned(page: Page, server: LiveServer) -> None:
    page.open("scenarios")
    page.press("Pin")
    page.sees(".panel", "Pinned: exposed")
    assert "pepMatches" in json.dumps(verify(server.url, "anybody"))
    page.press("Unpin")
    page.until(lambda: not any(found.text == "Pinned" for found in page.all("button")))
    assert "pepMatches" not in json.dumps(verify(server.url, "anybody-else"))


def test_a_broken_file_is_shown_until_it_is_mended(page: Page, scenario_file: Path) -> None:
    good = scenario_file.read_text()
    page.open("scenarios")
    page.sees("td", "exposed")
    scenario_file.write_text(good.replace("outcome:", "outcom:"))
    page.press("Reload files")
    page.sees(".banner pre", "did you mean")
    page.sees("#tabs .alert", "broken")
    page.sees("td", "exposed")
    scenario_file.write_text(good)
    page.press("Reload files")
    page.until(lambda: not page.all(".banner"))


def test_accounts_are_worlds_apart(page: Page, server: LiveServer) -> None:
    verify(server.url, "of-default")
    verify(server.url, "of-checkout", key="test-checkout", secret="test-checkout-secret")
    page.open(account="test-checkout")
    page.sees(".list li", "of-checkout")
    assert not [item for item in page.all(".list li") if "of-default" in item.text]
    page.sees("#account").send_keys("default")
    page.sees(".list li", "of-default")


def test_every_magic_value_is_listed(page: Page, server: LiveServer) -> None:
    page.open("guide")
    page.sees("caption", "Cloudcheck")
    words = control(server.url, "GET", "vocabulary")["vocabulary"]
    assert sum(len(one["magic"]) for one in words.values()) == len(page.all("caption ~ tbody tr"))


def test_coverage_marks_what_has_happened(page: Page, server: LiveServer) -> None:
    verify(server.url, "wrong", signed_path="/verify")
    page.open("coverage")
    page.sees("li.done", "106")
    assert page.all("li:not(.done)")


def test_the_keyboard_is_enough(page: Page, server: LiveServer) -> None:
    verify(server.url, "first-1")
    verify(server.url, "second-2")
    page.open()
    page.sees(".list li", "second-2")
    newest, older = page.all(".list li > a")
    newest.send_keys(Keys.ARROW_DOWN)
    assert older == page.driver.switch_to.active_element
    older.send_keys(Keys.ENTER)
    page.sees(".detail", "first-1")
    page.one("#skip").send_keys(Keys.ENTER)
    assert page.driver.switch_to.active_element.get_attribute("id") == "main"


HOSTILE = "<img src=x onerror=document.title='owned'>"


def test_what_a_request_brings_along_is_shown_and_never_run(page: Page, server: LiveServer) -> None:
    page.complaints()
    verify(server.url, HOSTILE)
    page.open()
    page.sees(".list a", HOSTILE).click()
    page.sees(".detail pre", HOSTILE)
    assert "owned" not in page.driver.title
    assert not page.all("main img")
    assert not page.complaints()


def test_nothing_is_loaded_from_elsewhere(page: Page, server: LiveServer) -> None:
    verify(server.url, "any")
    page.open()
    page.sees(".list li", "any")
    loaded = page.script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert loaded
    assert not [address for address in loaded if not address.startswith(server.url)]
    assert "'unsafe" not in POLICY
    assert "http" not in POLICY


def furnish(server: LiveServer, receiver: Receiver) -> None:
    """Something to see in every view."""
    verify(server.url, "vip-1")
    verify(server.url, "plain")
    verify(server.url, "wrong", signed_path="/verify")
    receiver.answer(500)
    screen(server.url, "customer-1", receiver.url)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_view_is_accessible_and_fits(page: Page, server: LiveServer, width: int, scheme: str) -> None:
    with Receiver() as receiver:
        furnish(server, receiver)
        page.emulate(width, scheme)
        page.open()
        found: dict[str, Any] = {}
        for view in VIEWS:
            page.turn_to(view)
            if view in ("requests", "deliveries"):
                page.sees(".list a").click()
                page.sees(".detail .stamp")
            wide = page.script(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            said = [
                f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
                for one in page.violations()
                for node in one["nodes"]
            ]
            found |= {view: said} if said else {}
            found |= {f"{view} is too wide by": wide} if wide > 0 else {}
        assert not found, json.dumps(found, indent=1)


def test_a_server_with_a_token_asks_for_it_once(driver: webdriver.Chrome, scenario_file: Path) -> None:
    service = Service(
        config.build({"scenarios": [str(scenario_file.parent)], "watch": False, "admin_token": "let-me-in"})
    )
    with LiveServer(service, lambda: create_app(service)) as server:
        page = Page(driver, server.url.replace("://", "://anybody:let-me-in@"))
        page.open()
        page.sees("h2", "Nothing has arrived yet")
        driver.get("about:blank")


def test_a_refusal_of_a_rule_says_which_rule(page: Page, server: LiveServer) -> None:
    screen(server.url, "taken-once")
    screen(server.url, "taken-once")
    page.open()
    page.sees(".list a", "request.invalid").click()
    page.sees("h2", "Why it was refused")
    page.until(lambda: page.one(".why").text == "The reference has already been taken.")
