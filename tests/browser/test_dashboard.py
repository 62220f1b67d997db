"""The dashboard as its three users see it: what arrived, why it was answered so, and what can be done about
it."""

from __future__ import annotations

import base64
import hmac
import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from mock_server.client import MockServer, Receiver
from mock_server.core import config
from mock_server.core.http import Request
from mock_server.core.records import Entry
from mock_server.store.base import Transaction
from mock_server.web import dashboard
from mock_server.web.app import create_app
from mock_server.web.dashboard import POLICY
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.browser.calls import CLIENT, KEY, PASSWORD, SECRET, control, screen, verify
from tests.browser.conftest import Page

STATIC = Path(dashboard.__file__).parent / "static"
VIEWS = ("requests", "callbacks", "verifications", "scenarios", "clock", "coverage", "doctor", "guide")


def test_an_empty_journal_tells_the_first_steps_and_takes_them(page: Page) -> None:
    page.open()
    page.sees("h2", "Nothing has arrived yet")
    page.sees("dd", "mock-secret-not-real-0123456789ab")
    page.sees(".mrz", page.base.rpartition(":")[2])
    page.press("Send a signed /verify/")
    page.sees(".detail .fate.passed", "verified")
    page.sees(".list .what", "verify")


def test_the_first_shufti_request_can_be_sent_from_the_page(page: Page) -> None:
    page.open("guide")
    page.press("Send an AML screening")
    page.sees(".detail .fate.passed", "accepted")


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
    page.sees(".list a", "beyond-time").click()
    page.sees(
        ".detail .unshowable", "Not all of this can be shown: at cannot be shown: a value is out of range."
    )
    page.sees(".detail h2", "POST /")
    assert page.complaints() == []


def test_a_wrong_signature_is_explained_with_the_difference(page: Page, server: LiveServer) -> None:
    verify(server.url, "wrong", signed_path="/verify")
    page.open()
    page.sees(".list a", "refused 106").click()
    page.sees(".detail .fate.refused", "refused 106")
    page.sees(".why", "slash")
    page.sees(".fix", "/verify/")
    assert page.sees("mark.missing").text == "/"


def test_the_scenario_that_answered_is_named_with_its_line(
    page: Page, server: LiveServer, scenario_file: Path
) -> None:
    verify(server.url, "vip-1")
    page.open()
    page.sees(".list a", "exposed").click()
    page.sees(".detail .fate.pending", "pep-match")
    page.sees(".detail code", f"{scenario_file.name}:4")


def test_a_request_that_no_scenario_matched_shows_the_nearest(page: Page, server: LiveServer) -> None:
    verify(server.url, "vi-1")
    page.open()
    page.sees(".list a", "built-in").click()
    page.sees(".detail summary", "Closest scenarios that did not match").click()
    page.sees(".detail .miss", "vip-")
    page.sees(".detail .miss dt", "body.reference")


def rows(page: Page) -> list[str]:
    """The references of the rows that are drawn."""
    return [cell.text for cell in page.all(".list .reference")]


def test_search_and_filters_narrow_the_list_and_stand_in_the_address(page: Page, server: LiveServer) -> None:
    verify(server.url, "needle-7")
    verify(server.url, "vip-2")
    verify(server.url, "straw-1")
    verify(server.url, "wrong", signed_path="/verify")
    page.open()
    page.until(lambda: rows(page) == ["", "straw-1", "vip-2", "needle-7"])
    page.one("input[type=search]").send_keys("needle-7")
    page.until(lambda: rows(page) == ["needle-7"])
    page.open("requests?q=needle-7")
    page.until(lambda: rows(page) == ["needle-7"])
    page.open()
    page.press("Refused")
    page.until(lambda: rows(page) == [""])
    page.press("No scenario")
    page.until(lambda: rows(page) == ["straw-1", "needle-7"])
    page.open("requests?outcome=pep-match&status=200&operation=verify")
    page.until(lambda: rows(page) == ["vip-2"])
    page.sees("button.active", "Outcome: pep-match").click()
    page.until(lambda: rows(page) == ["", "straw-1", "vip-2", "needle-7"])


def fill(service: Service, count: int) -> None:
    """A journal of so many entries, the last of which is the newest."""
    for number in range(count):
        request = Request("POST", "/verify/", "", {}, b"{}")
        transaction = Transaction("default")
        transaction.entry = Entry(
            f"r-{number}", "default", "cloudcheck", "verify", 1e9 + number, 1e9 + number, request, 200, (), b"{}",
            f"ref-{number}", outcome="verified",
        )  # fmt: skip
        service.store.commit(transaction)


def test_a_long_journal_is_read_to_its_oldest_entry(page: Page, service: Service) -> None:
    fill(service, 1000)
    page.open()
    page.sees(".foot", "The newest 200 of 1000 requests")
    assert (
        page.script(
            "const box = document.querySelector('.master .scroll').getBoundingClientRect();"
            "return [...document.querySelectorAll('.list > li')].filter((row) => {"
            "const at = row.getBoundingClientRect(); return at.top >= box.top && at.bottom <= box.bottom; }).length"
        )
        >= 20
    )

    def to_the_end() -> bool:
        page.script("const box = document.querySelector('.master .scroll'); box.scrollTop = box.scrollHeight")
        return "ref-0" in rows(page)

    page.until(to_the_end, 30)
    assert len(page.all(".list > li")) < 100


def test_a_row_of_another_day_has_its_date(page: Page, server: LiveServer, service: Service) -> None:
    fill(service, 1)  # of September 2001
    verify(server.url, "today")
    page.open()
    page.until(lambda: rows(page) == ["today", "ref-0"])
    today, old = (cell.text for cell in page.all(".list time"))
    assert re.fullmatch(r"\d\d:\d\d:\d\d", today)
    assert re.fullmatch(r"09-\d\d \d\d:\d\d", old)


def test_equal_neighbours_are_folded(page: Page, server: LiveServer) -> None:
    verify(server.url, "once")
    for _ in range(4):
        verify(server.url, "again", signed_path="/verify")
    page.open()
    page.sees(".times", "×4")
    assert len(page.all(".list > li")) == 2
    page.one(".times").click()
    page.until(lambda: len(page.all(".list > li")) == 5)


FATES = (
    ("vip-1", "pep-match", "pending"),
    ("ordinary", "verified", "passed"),
)


def test_one_fate_has_one_colour_on_every_page(page: Page, server: LiveServer) -> None:
    with Receiver() as receiver:
        screen(server.url, "declined-1", receiver.url)
        receiver.wait()
        control(server.url, "POST", "verifications/declined-1/decide", {"outcome": "declined"})
        receiver.wait(2)
        for reference, _, _ in FATES:
            verify(server.url, reference)
        page.open()
        for _, word, fate in FATES:
            page.sees(f".list .fate.{fate}", word)
        page.turn_to("verifications")
        for _, word, fate in FATES:
            page.sees(f".list .fate.{fate}", word)
        red = page.sees(".list .fate.declined", "verification.declined").value_of_css_property("color")
        page.turn_to("callbacks")
        said = page.sees(".list .fate.declined", "verification.declined")
        assert said.value_of_css_property("color") == red


def test_all_accounts_are_seen_at_once(page: Page, server: LiveServer) -> None:
    verify(server.url, "of-default")
    verify(server.url, "of-checkout", key="test-checkout", secret="test-checkout-secret")
    page.open("requests", "*")
    page.until(lambda: rows(page) == ["of-checkout", "of-default"])
    verify(server.url, "of-parallel", key="test-parallel", secret="test-parallel-secret")
    page.until(lambda: rows(page) == ["of-parallel", "of-checkout", "of-default"])
    assert page.one("#live").text == "live"
    page.sees(".list a", "test-checkout").click()
    page.sees(".detail header", "Account test-checkout")
    page.sees(".detail .fate", "verified")


def test_a_callback_shows_its_attempts_and_is_sent_again(page: Page, server: LiveServer) -> None:
    with Receiver() as receiver:
        receiver.answer(500)
        screen(server.url, "customer-1", receiver.url)
        page.open("deliveries")
        page.sees(".list a", "verification.accepted").click()
        page.sees(".detail .state", "retrying")
        page.sees(".attempts", "500")
        page.press("Send again")
        page.sees(".list .scenario", "delivered")
        assert len(receiver.wait(2)) == 2


def test_the_clock_jumps_to_the_next_attempt(page: Page, server: LiveServer) -> None:
    with Receiver() as receiver:
        receiver.answer(500)
        screen(server.url, "customer-1", receiver.url)
        page.open("callbacks")
        page.sees(".list a", "verification.accepted").click()
        page.sees(".attempts button", "Move the clock on").click()
        page.sees(".detail .state", "delivered")
        page.sees("#clock", "moved")


DOCUMENT = {"document": {"supported_types": ["passport"], "name": "", "proof": ""}, "country": "GB"}


def test_a_verification_is_decided_with_codes_and_then_deleted(page: Page, server: LiveServer) -> None:
    with Receiver() as receiver:
        screen(server.url, "customer-2", receiver.url, **DOCUMENT)
        page.open("verifications")
        page.sees(".list a", "request.pending").click()
        page.sees("select[aria-label=Decision]").send_keys("declined")
        page.sees("select[aria-label='Decline codes'] option", "SPDR03").click()
        page.press("Decide", ".detail")
        page.sees(".detail .fate.declined", "verification.declined")
        assert "SPDR03" in json.dumps(receiver.wait(2)[-1].json)
        page.sees("select[aria-label=Decision]").send_keys("deleted")
        page.press("Decide", ".detail")
        page.press("Keep it", "dialog")
        page.press("Decide", ".detail")
        page.press("Decide", "dialog")
        page.sees(".detail .fate.gone", "request.deleted")
        page.until(lambda: not page.all("select[aria-label=Decision]"))


def test_a_match_is_cleared_with_notes(page: Page, server: LiveServer) -> None:
    verify(server.url, "vip-9")
    page.open("verifications")
    page.sees(".list a", "vip-9").click()
    page.sees("input[aria-label=Notes]").send_keys("Cleared by hand, ngā mihi")
    page.press("Decide", ".detail")
    page.sees(".detail pre", "Cleared by hand, ngā mihi")


def test_an_event_is_sent_to_the_address_that_was_set(page: Page, server: LiveServer) -> None:
    with Receiver() as receiver:
        screen(server.url, "by-hand")
        page.open("callbacks")
        page.press("Address …")
        page.sees("dialog input[aria-label='Shufti Pro']").send_keys(receiver.url)
        page.press("Save", "dialog")
        page.until(lambda: not page.all("dialog"))
        page.press("Send an event …")
        page.sees("dialog select[aria-label=Vendor]").send_keys("Shufti Pro")
        page.sees("dialog select[aria-label=Event]").send_keys("verification.declined")
        page.sees("dialog input[aria-label=Reference]").send_keys("by-hand")
        page.press("Send it", "dialog")
        assert receiver.wait()[0].json["event"] == "verification.declined"
        page.sees(".list a", "verification.declined")


def test_the_clock_stops_moves_and_goes_back(page: Page) -> None:
    page.open("clock")
    page.press("Freeze")
    page.sees("#clock", "frozen")
    before = page.one(".bigclock").text
    page.press("+ 1 day")
    page.until(
        lambda: page.one(".bigclock").text[11:] == before[11:] and page.one(".bigclock").text != before
    )
    page.sees(".banner", "error 103")
    page.press("Back to real time", ".banner")
    page.until(lambda: "frozen" not in page.one("#clock").text and "moved" not in page.one("#clock").text)


def test_a_pinned_scenario_shows_on_every_page_until_it_is_unpinned(page: Page, server: LiveServer) -> None:
    page.open("scenarios")
    page.sees(".list a", "exposed").click()
    page.press("Pin: let it answer everything")
    page.sees(".banner", "Pinned: exposed")
    assert "pepMatches" in json.dumps(verify(server.url, "anybody"))
    for view in VIEWS:
        page.turn_to(view)
        page.sees(".banner", "Pinned: exposed")
    page.press("Unpin", ".banner")
    page.until(lambda: not page.all(".banner"))
    assert "pepMatches" not in json.dumps(verify(server.url, "anybody-else"))


def test_a_list_is_asked_for_again_only_where_it_may_have_changed(page: Page, server: LiveServer) -> None:
    def asked() -> int:
        names = page.script("return performance.getEntriesByType('resource').map(({name}) => name)")
        return sum("/__admin/callbacks?" in name for name in names)

    page.open("callbacks")
    page.sees("#live", "live")
    before = []
    for count in (1, 2, 3):
        verify(server.url, f"tūī {count}")
        page.sees("a[data-view='requests'] .count", str(count))
        before.append(asked())
    assert before[1] == before[2]
    control(server.url, "PUT", "clock", {"offset": "1h"})
    page.sees("#clock", "moved")
    page.until(lambda: asked() == before[2] + 1)


def test_chaos_in_force_shows_on_every_page_until_it_is_switched_off(page: Page, server: LiveServer) -> None:
    chaos = {
        "provider": "cloudcheck",
        "name": "one in ten",
        "chance": "10%",
        "match": {"operation": "verify"},
    }
    control(server.url, "POST", "scenarios", {**chaos, "respond": {"status": 503, "body": "busy"}})
    page.open()
    for view in VIEWS:
        page.turn_to(view)
        page.sees(".banner.chaos", "10 % of verify requests: status 503")
    page.press("Switch off", ".banner.chaos")
    page.sees(".banner.switched-off", "one in ten")
    page.until(lambda: not page.all(".banner.chaos"))


def test_a_scenario_is_read_and_switched_off_for_the_account(page: Page, server: LiveServer) -> None:
    page.open("scenarios")
    page.sees(".list a", "exposed").click()
    page.sees(".detail pre", "respond: {outcome: pep-match}")
    page.press("Switch off for this account")
    page.sees(".banner", "1 scenario switched off")
    assert "pepMatches" not in json.dumps(verify(server.url, "vip-1"))
    page.press("Switch on", ".detail")
    page.until(lambda: not page.all(".banner"))
    assert "pepMatches" in json.dumps(verify(server.url, "vip-1"))


def test_a_scenario_that_remembers_shows_the_account_s_named_values(page: Page, server: LiveServer) -> None:
    with MockServer(server.url) as client:
        client.account("default").scenarios.add(
            {
                "provider": "cloudcheck",
                "name": "remembers",
                "match": {"operation": "verify", "body.reference": {"prefix": "māui-"}},
                "set": {"step": "{{ request.body.reference }} 🥝"},
                "respond": {"outcome": "verified"},
            }
        )
    verify(server.url, "māui-1")
    page.open("scenarios?q=remembers")
    page.sees(".list a", "remembers").click()
    page.sees(".detail dt", "named values of the account")
    page.sees(".detail dd code", 'step: "māui-1 🥝"')


def write(page: Page, area: Any, text: str) -> None:
    """Type the text in the place of what stands there."""
    page.script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
        area,
        text,
    )


def text_of(area: Any) -> str:
    return str(area.get_property("value"))


def test_a_scenario_is_made_from_a_request(page: Page, server: LiveServer) -> None:
    verify(server.url, "ordinary")
    page.open()
    page.sees(".list a", "ordinary").click()
    page.press("Make a scenario …")
    editor = page.sees("dialog textarea")
    yaml = text_of(editor)
    assert "body.details.name.family: Okafor" in yaml
    page.sees("dialog .verdict.good", "No problems found")
    write(page, editor, yaml.replace("outcome: verified", "outcome: not-verifed"))
    page.sees("dialog .findings li.error", "did you mean not-verified")
    write(page, editor, yaml.replace("outcome: verified", "outcome: not-verified"))
    page.sees("dialog .verdict.good")
    page.press("Use for this account")
    page.until(lambda: not page.all("dialog"))
    assert verify(server.url, "another")["verification"]["verificationSuccess"] is False


def test_a_finding_is_shown_at_its_line_while_typing(page: Page, server: LiveServer) -> None:
    page.open("scenarios")
    page.press("Add a scenario …")
    editor = page.sees("dialog textarea")
    page.sees("dialog .verdict.good", "No problems found")
    yaml = text_of(editor).replace("  respond:", "  priority: high\n    respond:")
    write(page, editor, yaml)
    page.sees("dialog .verdict.bad", "1 error")
    write(
        page,
        editor,
        text_of(editor).replace("  priority: high\n  ", "").replace("respond", "chance: 5%\n    respnd"),
    )
    page.sees("dialog .findings li.error", "did you mean respond")
    line = text_of(editor).split("\n").index("    respnd:") + 1
    assert page.sees(".lines .error").text == str(line)
    page.press(f"Line {line}", "dialog")
    assert page.script("return document.activeElement === arguments[0]", editor)
    before = page.script("return arguments[0].value.slice(0, arguments[0].selectionStart)", editor)
    assert before.count("\n") + 1 == line
    page.press("Use for this account", "dialog")
    page.sees("dialog .toast.bad", "Not used: fix 1 error first.")
    assert "my-scenario" not in json.dumps(control(server.url, "GET", "scenarios"))
    write(page, editor, text_of(editor).replace("respnd", "respond"))
    page.sees("dialog .verdict.good")
    editor.send_keys(Keys.CONTROL, Keys.ENTER)
    page.sees(".detail h2", "my-scenario")


def test_a_changed_request_is_tried_without_a_trace(page: Page, server: LiveServer) -> None:
    verify(server.url, "ordinary + māori")
    page.open()
    page.sees(".list a", "ordinary").click()
    page.press("Try it changed …")
    page.sees("dialog .result .fate.passed", "verified")
    page.sees("dialog .result .miss", 'begins with "vip-"')
    area = page.sees("dialog textarea")
    write(page, area, text_of(area).replace("ordinary", "vip-ordinary"))
    page.sees("dialog .result .fate.pending", "pep-match")
    page.sees("dialog .result strong", "exposed")
    page.sees("dialog .result pre", "vip-ordinary + māori")
    write(page, area, text_of(area)[:-2])
    page.sees("dialog .result .why", "This is not JSON yet")
    write(page, area, "{}")
    page.sees("dialog .result .fate.refused", "refused")
    write(page, page.sees("dialog input[aria-label=Path]"), "/verify/response")
    page.sees("dialog .result .fate.refused", "refused")
    page.press("Close", "dialog")
    assert control(server.url, "GET", "requests")["total"] == 1
    assert page.complaints() == []


def test_a_changed_json_request_is_tried(page: Page, server: LiveServer) -> None:
    screen(server.url, "tried-1")
    page.open()
    page.sees(".list a", "tried-1").click()
    page.press("Try it changed …")
    page.sees("dialog .result .fate.passed", "accepted")
    area = page.sees("dialog textarea")
    write(page, area, text_of(area).replace('"tried-1"', '"tried-1", "country": "Atlantis"'))
    page.sees("dialog .result .fate.refused", "refused")
    page.sees("dialog .result .why", "country")


def test_an_inline_scenario_is_edited_and_renamed(page: Page, server: LiveServer) -> None:
    mine = {"provider": "cloudcheck", "name": "mine", "match": {"operation": "verify"}}
    control(server.url, "POST", "scenarios", {**mine, "respond": {"outcome": "not-verified"}})
    page.open("scenarios")
    page.sees(".list a", "mine").click()
    page.press("Edit …")
    editor = page.sees("dialog textarea")
    write(page, editor, text_of(editor).replace("mine", "hīkoi 🥝").replace("not-verified", "verified"))
    page.sees("dialog .verdict.good")
    page.press("Use for this account", "dialog")
    page.sees(".detail h2", "hīkoi 🥝")
    page.until(lambda: not [row for row in page.all(".list a") if "mine" in row.text])
    assert verify(server.url, "any")["verification"]["verificationSuccess"] is True


def test_a_scenario_file_is_edited_and_a_wrong_text_leaves_it(
    page: Page, server: LiveServer, scenario_file: Path
) -> None:
    good = scenario_file.read_text()
    page.open("scenarios")
    page.sees(".list a", "exposed").click()
    page.press("Edit …")
    editor = page.sees("dialog textarea")
    page.until(lambda: page.script("return document.activeElement === arguments[0]", editor))
    assert text_of(editor) == good
    write(page, editor, good.replace("pep-match", "pep-mtch"))
    page.sees("dialog .findings li.error", "did you mean pep-match")
    page.press("Save the file", "dialog")
    page.sees("dialog .toast.bad", "Not used: fix 1 error first.")
    assert scenario_file.read_text() == good
    write(page, editor, good.replace("outcome: pep-match", "outcome: not-verified"))
    page.sees("dialog .verdict.good")
    page.press("Save the file", "dialog")
    page.sees(".detail pre", "respond: {outcome: not-verified}")
    assert "outcome: not-verified" in scenario_file.read_text()
    assert verify(server.url, "vip-1")["verification"]["verificationSuccess"] is False


def test_a_scenario_is_written_to_a_new_file(page: Page, server: LiveServer, scenario_file: Path) -> None:
    verify(server.url, "ordinary")
    page.open()
    page.sees(".list a", "ordinary").click()
    page.press("Make a scenario …")
    page.sees("dialog .verdict.good")
    page.press("Write to a file …", "dialog")
    page.sees("dialog input").send_keys("from the browser")
    page.press("Write the file", "dialog")
    page.until(lambda: not page.all("dialog"))
    written = scenario_file.parent / "from the browser.yaml"
    assert "body.details.name.family: Okafor" in written.read_text()
    page.turn_to("scenarios")
    page.until(lambda: len(page.all(".list > li")) == 2)


def test_a_broken_file_is_shown_until_it_is_right(page: Page, scenario_file: Path) -> None:
    good = scenario_file.read_text()
    page.open("scenarios")
    page.sees(".list a", "exposed")
    scenario_file.write_text(good.replace("outcome:", "outcom:"))
    page.press("Reload files")
    page.sees(".banner pre", "did you mean")
    page.sees(".list a", "exposed")
    scenario_file.write_text(good)
    page.press("Reload files")
    page.until(lambda: not page.all(".banner"))


def test_a_server_that_is_gone_stops_the_clock(page: Page, scenario_file: Path) -> None:
    service = Service(config.build({"scenarios": [str(scenario_file.parent)], "watch": False}))
    with LiveServer(service, lambda: create_app(service)) as server:
        page.base = server.url
        page.open()
        page.sees("#clock", ":")
    page.sees(".banner.lost", "The server cannot be reached.")
    stopped = page.one("#clock").text
    page.script("window.ticks = 0; setInterval(() => (window.ticks += 1), 500)")
    page.until(lambda: page.script("return window.ticks >= 4"))
    assert page.one("#clock").text == stopped


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
    for number in range(3):
        verify(server.url, f"ref-{number}")
    page.open()
    page.sees(".list li", "ref-2")
    body = page.one("body")
    body.send_keys("j")
    page.until(lambda: "ref-2" in page.driver.switch_to.active_element.text)
    page.driver.switch_to.active_element.send_keys("j")
    page.until(lambda: "ref-1" in page.driver.switch_to.active_element.text)
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    page.sees(".detail header", "ref-1")
    page.driver.switch_to.active_element.send_keys("k")
    page.sees(".detail header", "ref-2")
    page.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    page.until(lambda: not page.all(".detail"))
    page.driver.switch_to.active_element.send_keys("/")
    page.until(lambda: page.driver.switch_to.active_element.get_attribute("type") == "search")
    page.driver.switch_to.active_element.send_keys("ref-0", Keys.ESCAPE)
    page.until(lambda: rows(page) == ["ref-0"])
    body.send_keys("?")
    page.sees("dialog", "Keyboard")
    page.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    page.until(lambda: not page.all("dialog"))
    page.one(".skip").send_keys(Keys.ENTER)
    page.until(lambda: "ref-0" in page.driver.switch_to.active_element.text)


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


def test_every_module_is_loaded_at_once() -> None:
    """Without a preload a module is asked for when the one that imports it has come."""
    page = (STATIC / "index.html").read_text()
    modules = {path.name for path in STATIC.glob("*.js")}
    assert set(re.findall(r"static/([\w-]+\.js)", page)) == modules


def test_nothing_is_loaded_from_elsewhere(page: Page, server: LiveServer) -> None:
    verify(server.url, "any")
    page.open()
    page.sees(".list li", "any")
    loaded = page.script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert loaded
    assert not [address for address in loaded if not address.startswith(server.url)]
    assert "'unsafe" not in POLICY
    assert "http" not in POLICY


def pasted(kind: str, path: str) -> str:
    """A signed request as text, for the path that was signed."""
    data = '{"reference": "it\\u0027s 1 + 2 \u016b"}'
    params = {"data": data, "key": KEY, "nonce": "n-1", "timestamp": "1700000000000"}
    text = path + "".join(f"{name}={params[name]};" for name in sorted(params))
    params["signature"] = hmac.new(SECRET.encode(), text.encode(), "sha256").hexdigest()
    if kind == "curl":
        fields = [word for pair in params.items() for word in ("--data-urlencode", "=".join(pair))]
        return shlex.join(["curl", "http://localhost:8484/verify/", *fields])
    head = "POST /cloudcheck/verify/ HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\n"
    return head + urlencode(params)


def signed_parts(path: str) -> str:
    """A curl command that sends the same as parts, with a file."""
    words = shlex.split(pasted("curl", path))
    fields = [words[place + 1] for place, word in enumerate(words) if word == "--data-urlencode"]
    options = [word for field in [*fields, "file=@front page.jpg"] for word in ("-F", field)]
    return shlex.join([*words[:2], *options])


def text_alone(path: str) -> str:
    data = '{"reference": "it\\u0027s 1 + 2 \u016b"}'
    return f"{path}data={data};key={KEY};nonce=n-1;timestamp=1700000000000;"


def diagnose(page: Page, text: str) -> None:
    write(page, page.sees("textarea"), text)
    page.press("Check the signature")


PASTED = {
    "curl": lambda path: pasted("curl", path),
    "raw": lambda path: pasted("raw", path),
    "parts": signed_parts,
    "text": text_alone,
}


@pytest.mark.parametrize("kind", PASTED)
def test_the_doctor_reads_what_is_pasted(page: Page, kind: str) -> None:
    page.open("doctor")
    diagnose(page, PASTED[kind]("/verify/"))
    page.sees(".detail h2", "The signature is right")
    diagnose(page, PASTED[kind]("/verify"))
    page.sees(".detail h2", "The signature is wrong")
    page.sees(".detail", "The path was signed without the slash at its end.")
    page.sees(".compare .note", "First difference at character 8: / is missing.")
    assert page.sees("mark.missing.begins").text == "/"
    left, right = (side.rect for side in page.all(".sides > section"))
    assert left["y"] == right["y"]
    assert left["x"] < right["x"]


def test_the_doctor_compares_a_callback_with_what_was_sent(page: Page, server: LiveServer) -> None:
    with Receiver() as receiver:
        screen(server.url, "customer-1", receiver.url)
        came = receiver.wait()[0]
    body = came.body.decode()
    headers = "\n".join(f"{name}: {value}" for name, value in came.headers.items())
    page.open("doctor")
    page.sees("select[aria-label=Vendor]").send_keys("Shufti Pro")
    diagnose(page, f"{headers}\n\n{body}")
    page.sees(".detail h2", "The signature is right")
    page.sees(".detail h3", "The body is as it was sent")
    diagnose(page, f"{headers}\n\n{body} ")
    page.sees(".detail h2", "The signature is wrong")
    page.sees(".detail h3", "The body was changed on its way")
    assert page.sees(".sides mark.extra.begins").text == "␠"
    unsigned = "\n".join(line for line in headers.split("\n") if not line.lower().startswith("signature"))
    diagnose(page, f"{unsigned}\n\n{body}")
    page.sees(".facts dd .fault", "missing here")


def test_the_doctor_says_what_it_cannot_read(page: Page) -> None:
    page.open("doctor")
    page.press("Check the signature")
    page.sees(".toast.bad", "Paste a request")
    diagnose(page, "nothing=at all;")
    page.sees(".toast.bad", "Choose the vendor")


def test_there_are_six_sizes_of_type() -> None:
    style = (STATIC / "style.css").read_text()
    sizes = set(re.findall(r"font(?:-size)?:[^;]*?var\((--(?:tiny|small|text|large|title|huge))\)", style))
    assert sizes == {"--tiny", "--small", "--text", "--large", "--title", "--huge"}
    assert re.findall(r"font-size: (?!var\()[^;]+", style) == ["font-size: 16px"]


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
    page.sees("h3", "Why it was refused")
    page.until(lambda: page.one(".why").text == "The reference has already been taken.")
