"""Shufti Pro's verification page, as a person uses it in a browser: alone and inside a frame."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from mock_server.web.http.serving import LiveServer
from tests.browser.calls import control
from tests.browser.conftest import Page

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="

PARENT = """
document.body.innerHTML = '<p id="said"></p><iframe width="800" height="800"></iframe>';
document.querySelector("iframe").src = arguments[0];
addEventListener("message", ({data}) => document.getElementById("said").textContent = `${data.reference} ${data.event}`);
"""
"""A page of another origin that holds the verification in a frame, as a shop's would."""


def ask(server: LiveServer, path: str, **body: Any) -> Any:
    headers = {
        "Authorization": "Basic " + b64encode(b"test-page:test-page-secret").decode(),
        "Content-Type": "application/json",
    }
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def start(server: LiveServer, **more: Any) -> str:
    body = {"reference": "page-1", "face": "", "document": {"name": "", "dob": ""}, **more}
    body = {key: value for key, value in body.items() if value is not None}
    return str(ask(server, "/", **body)["verification_url"])


def status(server: LiveServer) -> Any:
    return ask(server, "/status", reference="page-1")


def by(name: str) -> str:
    return f'[data-testid="{name}"]'


EVERYTHING: dict[str, Any] = {
    "face": "",
    "document": {"name": "", "dob": "", "document_number": "", "backside_proof_required": "1"},
    "address": {"full_address": ""},
    "consent": {"text": "I agree to the terms of Ōtautahi Bank"},
    "phone": "",
}
WHOLE_STEP = """
const step = [...document.querySelectorAll(".step")].find((one) => one.getClientRects().length);
const [button, bar] = [step.querySelector(".go"), document.querySelector(".tester")].map((one) => one.getBoundingClientRect());
const body = step.querySelector(".body");
return {
  page: document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth,
  button: button.bottom <= bar.top && button.top >= 0,
  bar: Math.round(bar.bottom) === innerHeight,
  body: body.scrollHeight <= body.clientHeight || Boolean(body.querySelector(".many")),
};
"""
"""Whether the step that is shown fits the window, button and bar included; a list of many documents scrolls."""


def shown(page: Page) -> WebElement:
    """The one step that is shown."""
    (step,) = page.until(lambda: [step for step in page.all(".step") if step.is_displayed()])
    return step


def walk(page: Page) -> Iterator[str]:
    """Each step's id, as a person comes to it."""
    while True:
        step = shown(page)
        yield str(step.get_attribute("id"))
        onward = step.find_elements(By.CSS_SELECTOR, by("next"))
        if not onward:
            return
        onward[0].click()


@pytest.mark.parametrize(
    ("size", "scheme"), [((360, 740), "light"), ((768, 1024), "light"), ((1440, 900), "dark")], ids=str
)
def test_every_step_fits_a_screen_and_everybody_can_use_it(
    page: Page, server: LiveServer, scheme: str, size: tuple[int, int]
) -> None:
    """``test_pictures.py`` looks at small dark and wide light pages."""
    page.emulate(size[0], scheme, size[1])
    url = start(server, **EVERYTHING)
    page.driver.get(url)
    page.sees(by("consent")).click()
    problems: list[tuple[str, ...]] = []
    for step in walk(page):
        problems += [(step, what) for what, right in page.script(WHOLE_STEP).items() if not right]
        problems += [(step, one["id"], one["nodes"][0]["html"]) for one in page.violations()]
    assert problems == []
    page.one(by("decline-open")).click()
    page.sees(by("decline"))
    assert page.violations() == []
    page.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    page.sees(by("outcome-cancelled")).click()
    page.sees(by("event"), "verification.cancelled")
    assert page.violations() == []
    assert page.complaints() == []


def test_the_page_runs_nothing_that_is_written_in_it(server: LiveServer) -> None:
    with urllib.request.urlopen(start(server)) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] is None
    assert "default-src 'none'" in policy
    assert "frame-ancestors *" in policy
    assert "unsafe" not in policy


def test_a_person_goes_through_and_is_led_back(page: Page, server: LiveServer, tmp_path: Path) -> None:
    picture = tmp_path / "face.png"
    picture.write_bytes(b64decode(PICTURE))
    page.driver.get(start(server, **EVERYTHING, redirect_url=f"{server.url}/__admin/health"))
    page.sees(by("next")).click()
    assert page.script("return document.querySelector('[data-testid=consent]').matches(':invalid')")
    page.one(by("consent")).click()
    for step in walk(page):
        if step == "face":
            page.one(by("file-face")).send_keys(str(picture))
            page.sees(f"{by('picture-face')} img")
        if step == "document-type":
            page.one(by("option-document.selected_type-driving_license")).click()
        if step == "document-details":
            page.one(by("field-document.first_name")).send_keys("Ida")
            page.one(by("field-document.last_name")).send_keys("Mārsh-O'Neill")
        if step == "phone":
            page.one(by("field-phone.phone_number")).send_keys("+64215550123")
    page.one(by("field-phone.code")).send_keys("1234", Keys.ENTER)
    page.sees(by("event"), "verification.accepted")
    page.one(by("onward")).click()
    page.until(lambda: page.driver.current_url.endswith("/__admin/health"))
    answer = status(server)
    document = answer["verification_data"]["document"]
    assert document["name"] == {"first_name": "Ida", "last_name": "Mārsh-O'Neill"}
    assert document["selected_type"] == ["driving_license"]
    assert answer["verification_data"]["phone"]["phone_number"] == "+64215550123"
    assert "Chrome" in answer["info"]["agent"]["useragent"]
    assert answer["info"]["agent"]["is_desktop"]


def test_a_picture_is_taken_with_the_camera(page: Page, server: LiveServer) -> None:
    page.driver.get(f"{start(server)}#face")
    camera = page.sees(by("camera-face"), "Use the camera")
    camera.click()
    page.until(lambda: page.script("return document.querySelector('#view-face video')?.videoWidth > 0"))
    page.sees(by("camera-face"), "Take the picture").click()
    assert page.sees(f"{by('picture-face')} img").get_attribute("alt") == "your picture"
    page.sees(by("camera-face"), "Take another")
    assert page.complaints() == []


def test_a_small_frame_or_a_phone_on_its_side_reaches_every_button(page: Page, server: LiveServer) -> None:
    page.emulate(480, "light", 320)
    page.driver.get(f"{start(server, **EVERYTHING)}#document-details")
    page.sees(by("field-document.document_number")).send_keys("MK-1")
    page.sees(f"#document-details {by('next')}").click()
    assert shown(page).get_attribute("id") == "address-type"
    page.sees(by("outcome-cancelled")).click()
    page.sees(by("event"), "verification.cancelled")


def test_a_person_goes_back(page: Page, server: LiveServer) -> None:
    page.driver.get(f"{start(server)}#document-details")
    page.sees(by("field-document.first_name")).send_keys("Ida")
    page.sees(by("back")).click()
    page.sees(by("step-document"))
    assert page.driver.switch_to.active_element.get_attribute("id") == "document-title"
    page.driver.back()
    assert page.sees(by("field-document.first_name")).get_attribute("value") == "Ida"


def test_who_leaves_out_the_consent_is_led_to_it(page: Page, server: LiveServer) -> None:
    page.driver.get(f"{start(server)}#document-details")
    page.sees(by("submit")).click()
    page.sees(by("consent"))
    assert status(server)["event"] == "request.pending"


def test_without_javascript_a_person_gets_through(page: Page, server: LiveServer) -> None:
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.driver.get(start(server, face="", document=None))
        page.one(f"#start {by('next')}").click()
        page.one(f"#face {by('submit')}").click()
        page.until(lambda: page.one(f"#start {by('problem')}").text == "Please agree before you go on.")
        page.one(by("consent")).click()
        page.one(f"#start {by('next')}").click()
        page.one(f"#face {by('submit')}").click()
        page.until(lambda: page.one(by("event")).text == "verification.accepted")
    finally:
        page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_reasons_can_be_chosen(page: Page, server: LiveServer) -> None:
    page.driver.get(start(server))
    page.sees(by("decline-open")).click()
    page.sees("#filter").send_keys("expired")
    page.until(lambda: not page.one(by("decline-SPDR01")).is_displayed())
    page.one(by("decline-SPDR17")).click()
    page.one(by("outcome-declined")).click()
    page.sees(by("reason"), "SPDR17")
    assert status(server)["declined_codes"] == ["SPDR17"]


@pytest.mark.parametrize("outcome", ["review", "cancelled", "timeout"])
def test_any_step_can_end_it(page: Page, server: LiveServer, outcome: str) -> None:
    page.driver.get(f"{start(server)}#face")
    page.sees(by(f"outcome-{outcome}")).click()
    page.sees(by("event"))
    assert status(server)["event"] != "request.pending"


def test_a_code_that_a_scenario_makes_wrong(page: Page, server: LiveServer) -> None:
    url = start(server, reference="decline-SPDR84-1", face=None, document=None, phone="", show_consent="0")
    page.driver.get(f"{url}#phone-code")
    for number in ("1", "2"):
        page.sees(by("field-phone.code")).send_keys(f"111{number}", Keys.ENTER)
        page.sees(f"form:has([name=tries][value='{number}']) {by('problem')}", "This code is not right")
    page.sees(by("field-phone.code")).send_keys("1113", Keys.ENTER)
    page.sees(by("event"), "verification.declined")
    page.sees(by("reason"), "SPDR84")


def test_a_right_to_left_page(page: Page, server: LiveServer) -> None:
    page.emulate(360, "light", 740)
    page.driver.get(f"{start(server, language='AR')}#face")
    back, progress = page.sees(by("back")).rect, page.sees(by("progress")).rect
    assert back["x"] > progress["x"]
    assert page.sees("h2").text == "التقط صورة شخصية"
    assert page.violations() == []


def test_a_page_notices_that_it_has_been_decided_elsewhere(page: Page, server: LiveServer) -> None:
    page.driver.get(f"{start(server, redirect_url=f'{server.url}/__admin/health')}#document-type")
    page.sees(by("next"))
    control(server.url, "POST", "verifications/page-1/decide?account=test-page", {"outcome": "declined"})
    page.sees(by("event"), "verification.declined")
    page.until(lambda: page.driver.current_url.endswith("/__admin/health"))


def test_a_malformed_link_has_a_page(page: Page, server: LiveServer) -> None:
    page.driver.get(f"{server.url}/verification/process/abc")
    page.sees(by("missing"))
    assert page.violations() == []


def test_a_frame_tells_its_parent(page: Page, server: LiveServer, shop: str) -> None:
    url = start(server)
    page.driver.get(shop)
    page.script(PARENT, url)
    page.driver.switch_to.frame(page.one("iframe"))
    page.sees(by("outcome-accepted")).click()
    page.sees(by("event"), "verification.accepted")
    page.driver.switch_to.default_content()
    page.sees("#said", "page-1 verification.accepted")
