"""Three tasks from beginning to end by keyboard alone: nothing is clicked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from mock_server.client import Receiver
from mock_server.web.http.serving import LiveServer
from tests.browser.calls import control, screen, verify
from tests.browser.conftest import Page
from tests.browser.test_dashboard import DOCUMENT, text_of

MOST_TABS = 60


class Hands:
    """A person's hands on the keyboard, and the eyes on what has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def type(self, *keys: str) -> None:
        ActionChains(self.page.driver).send_keys(*keys).perform()

    def hold(self, key: str, other: str) -> None:
        ActionChains(self.page.driver).key_down(key).send_keys(other).key_up(key).perform()

    @property
    def focused(self) -> Any:
        return self.page.driver.switch_to.active_element

    def name(self) -> str:
        """What the focused element says or is called, without its mark of focus."""
        element = self.focused
        return str(element.get_attribute("aria-label") or element.text or element.get_attribute("name") or "")

    def tab_to(self, name: str) -> Any:
        """Press Tab until what is called so has the focus; it must then be seen to have it."""
        passed = []
        for _ in range(MOST_TABS):
            self.type(Keys.TAB)
            if self.name().strip().startswith(name):
                outline = self.focused.value_of_css_property("outline-style")
                assert outline != "none", f"{name} does not show that it has the focus"
                return self.focused
            passed.append(self.name()[:40])
        raise AssertionError(f"Tab never comes to {name!r}, only to {passed}")


@pytest.fixture
def hands(page: Page) -> Hands:
    return Hands(page)


COPIED = """
window.copied = "";
navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); };
"""
"""A headless browser has no clipboard of its own."""


def test_why_a_request_was_refused_is_found_and_copied(hands: Hands, page: Page, server: LiveServer) -> None:
    verify(server.url, "fine-1")
    verify(server.url, "wrong", signed_path="/verify")
    verify(server.url, "fine-2")
    page.open()
    page.script(COPIED)
    page.sees(".list a", "fine-2")
    hands.tab_to("Skip to content")
    hands.tab_to("Refused")
    hands.type(Keys.ENTER)
    page.until(lambda: len(page.all(".list > li")) == 1)
    hands.type("j")
    page.until(lambda: "106" in hands.focused.text)
    hands.type(Keys.ENTER)
    page.sees(".why", "The path was signed without the slash at its end.")
    hands.tab_to("Copy as")
    hands.type(Keys.ENTER)
    hands.tab_to("Text for a ticket")
    hands.type(Keys.ENTER)
    text = str(page.until(lambda: page.script("return window.copied")))
    assert "Cause: The path was signed without the slash at its end. [trailing-slash-missing]" in text
    assert "Fix: Sign the path exactly as it is requested" in text
    hands.type(Keys.ESCAPE)
    page.until(lambda: hands.name().startswith("Copy as"))
    hands.type(Keys.ESCAPE)
    page.until(lambda: not page.all(".detail"))


def test_a_scenario_is_made_from_a_request_and_pinned(hands: Hands, page: Page, server: LiveServer) -> None:
    verify(server.url, "ordinary")
    page.open()
    page.sees(".list a", "ordinary")
    hands.type("j")
    page.until(lambda: "ordinary" in hands.focused.text)
    hands.type(Keys.ENTER)
    page.sees(".detail header")
    hands.tab_to("Make a scenario")
    hands.type(Keys.ENTER)
    editor = page.sees("dialog textarea")
    page.until(lambda: hands.focused == editor)
    page.sees("dialog .verdict.good")
    place = text_of(editor).index("outcome: verified") + len("outcome: ")
    hands.hold(Keys.CONTROL, Keys.HOME)
    hands.type(*[Keys.ARROW_RIGHT] * place, "not-")
    page.until(lambda: "outcome: not-verified" in text_of(editor))
    page.sees("dialog .verdict.good")
    hands.hold(Keys.CONTROL, Keys.ENTER)
    page.sees(".detail h2", "verify-ordinary")
    hands.tab_to("Pin: let it answer everything")
    hands.type(Keys.SPACE)
    page.sees(".banner", "Pinned: verify-ordinary")
    assert verify(server.url, "anybody")["verification"]["verificationSuccess"] is False
    assert control(server.url, "GET", "scenarios")["pinned"] == "verify-ordinary"


def test_a_pending_verification_is_decided_and_its_callback_is_seen(
    hands: Hands, page: Page, server: LiveServer
) -> None:
    with Receiver() as receiver:
        screen(server.url, "waits-1", receiver.url, **DOCUMENT)
        receiver.wait()
        page.open()
        page.sees(".list a", "waits-1")
        hands.tab_to("Skip to content")
        hands.tab_to("Verifications")
        hands.type(Keys.ENTER)
        page.sees("h1", "Verifications")
        page.sees(".list a", "waits-1")
        hands.type("/")
        hands.type("waits-1", Keys.ESCAPE)
        page.until(lambda: page.script("return location.hash").endswith("q=waits-1"))
        hands.type("j")
        page.until(lambda: "waits-1" in hands.focused.text)
        hands.type(Keys.ENTER)
        page.sees(".detail .fate.pending")
        hands.tab_to("Decision")
        hands.type("declined")
        page.until(lambda: hands.focused.get_property("value") == "declined")
        hands.tab_to("Decline codes")
        hands.type("SPDR03", Keys.SPACE)
        hands.tab_to("Decide")
        hands.type(Keys.ENTER)
        page.sees(".detail .fate.declined")
        assert receiver.wait(2)[-1].json["event"] == "verification.declined"
        hands.tab_to("Callbacks")
        hands.type(Keys.ENTER)
        page.sees("h1", "Callbacks")
        page.sees(".list a", "verification.declined")
        hands.type("j")
        page.until(lambda: "declined" in hands.focused.text)
        hands.type(Keys.ENTER)
        page.sees(".detail h2", "verification.declined")
        page.sees(".detail .attempts", "answered 200")
        assert "SPDR03" in json.dumps(receiver.wait(2)[-1].json)
