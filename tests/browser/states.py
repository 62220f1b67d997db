"""Every page and state that a person can see, and how they come to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.client import Receiver
from mock_server.core import config
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.browser import test_cloudcheck_pages as cloudcheck_page
from tests.browser import test_shuftipro_page as shufti_page
from tests.browser.calls import control, screen, verify
from tests.browser.conftest import Page
from tests.browser.test_shuftipro_page import by

FILES = {
    "onboarding.yaml": """\
version: 1
provider: cloudcheck
defaults: {tags: [onboarding]}
scenarios:
  # Marlowe is on a list of politically exposed persons.
  - name: exposed person, cleared by a reviewer
    description: A match that a reviewer clears two seconds later.
    match: {operation: verify, body.details.name.family: Marlowe}
    respond: {outcome: pep-match}
  - name: not on the electoral roll
    match: {operation: verify, body.reference: {prefix: roll-}}
    respond: {outcome: not-verified}
  - name: one call in ten fails
    chance: 10%
    match: {operation: verify, body.reference: {prefix: flaky-}}
    respond: {status: 503, body: upstream unavailable, delay: 120ms}
  - name: Māori names keep their macrons
    match: {operation: verify, body.details.name.given: {in: [Māia, Hēmi, Tāne]}}
    respond: {outcome: verified}
""",
    "documents.yaml": """\
version: 1
provider: shuftipro
scenarios:
  - name: forged document
    description: The document is a forgery; the callback comes twice, since receivers have to cope with that.
    tags: [fraud]
    match: {operation: verification, body.document.name.last_name: Forger}
    respond: {outcome: declined, decline: {document: [SPDR03, SPDR48]}}
    callbacks: [{event: verification.declined, after: 500ms, deliver: [ok, duplicate]}]
  - name: blurry, then fine
    match: {operation: verification, body.email: blurry@example.test}
    sequence:
      - respond: {outcome: declined, decline: {document: [SPDR19]}}
      - respond: {outcome: accepted}
""",
}
DOCUMENT = {
    "supported_types": ["passport"],
    "name": {"first_name": "Ida", "last_name": "Forger"},
    "proof": "",
}


class BrowserHarness(NamedTuple):
    """Where a state is played: the page, its server, and the folder of the scenario files."""

    page: Page
    server: LiveServer
    folder: Path


@contextmanager
def served(folder: Path) -> Iterator[LiveServer]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    service = Service(config.build({"scenarios": [str(folder)], "watch": False}))
    with LiveServer(service, lambda: create_app(service)) as server:
        yield server


def furnish(server: LiveServer, receiver: Receiver) -> None:
    """A morning's work: everything that a list can show."""
    url = server.url
    for number, name in enumerate(("Okafor", "Ngāta", "Brännström", "O'Neill", "Łuczak")):
        verify(url, f"customer-{1001 + number} {name}")
    for number in range(3):
        screen(url, f"screening-{2001 + number}")
    for name in ("roll-77", "flaky-1"):
        verify(url, name)
    for _ in range(4):
        verify(url, "a wrong secret", secret="not-the-secret")
    screen(url, "forged-1", receiver.url, document=DOCUMENT)
    screen(
        url,
        "waiting-1",
        receiver.url,
        document={**DOCUMENT, "name": "", "proof": ""},
        email="mere@example.test",
    )
    screen(url, "screening-2001")
    receiver.wait(2)
    receiver.answer(500)
    screen(url, "screening-9", receiver.url)
    verify(url, "of another account", key="test-checkout", secret="test-checkout-secret")
    control(url, "POST", "verifications/waiting-1/decide", {"outcome": "accepted"})
    screen(url, "waiting-2", f"{receiver.url}/{'a/' * 90}", document={**DOCUMENT, "name": "", "proof": ""})
    verify(url, "signed without its slash", signed_path="/verify")


def choose(harness: BrowserHarness, view: str, text: str) -> None:
    """Open the row with the text."""
    harness.page.open(view)
    harness.page.sees(".list a", text).click()
    harness.page.sees(".detail header")


def put(page: Page, css: str, text: str) -> None:
    page.script(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
        page.sees(css),
        text,
    )


def _text(page: Page) -> str:
    return str(page.sees("dialog textarea").get_property("value"))


def refused(harness: BrowserHarness) -> None:
    choose(harness, "requests", "106")
    harness.page.sees(".compare")


def unmatched(harness: BrowserHarness) -> None:
    choose(harness, "requests", "flaky-1")
    for fold in harness.page.all(".detail summary"):
        if "Closest" in fold.text:
            fold.click()


def folded(harness: BrowserHarness) -> None:
    harness.page.open()
    harness.page.sees(".times").click()
    harness.page.sees(".list .part")


def filtered(harness: BrowserHarness) -> None:
    harness.page.open("requests?outcome=verified")
    harness.page.sees(".filters summary").click()
    harness.page.sees(".filters .items")


def nothing(harness: BrowserHarness) -> None:
    harness.page.open("requests?q=no+such+thing")
    harness.page.sees("h2", "Nothing matches")


def scenario_made_of_request(harness: BrowserHarness) -> None:
    choose(harness, "requests", "customer-1001")
    harness.page.press("Make a scenario …")
    text = _text(harness.page)
    put(
        harness.page,
        "dialog textarea",
        text.replace("outcome: verified", "outcome: verifed\n    priority: high"),
    )
    harness.page.sees("dialog .findings li.error")


def tried(harness: BrowserHarness) -> None:
    choose(harness, "requests", "customer-1001")
    harness.page.press("Try it changed …")
    put(harness.page, "dialog textarea", _text(harness.page).replace("Okafor", "Marlow"))
    harness.page.sees("dialog .result pre", "Marlow")


def copied(harness: BrowserHarness) -> None:
    choose(harness, "requests", "customer-1001")
    harness.page.sees(".detail .menu summary", "Copy as").click()
    harness.page.sees(".detail .menu .items")


def confirmed(harness: BrowserHarness) -> None:
    harness.page.open()
    harness.page.sees(".head .menu summary", "Clean up").click()
    harness.page.press("Reset the account")
    harness.page.sees("dialog")


def callback(text: str) -> Callable[[BrowserHarness], None]:
    return lambda harness: choose(harness, "callbacks", text)


def dialog(view: str, button: str) -> Callable[[BrowserHarness], None]:
    def play(harness: BrowserHarness) -> None:
        harness.page.open(view)
        harness.page.press(button)
        harness.page.sees("dialog")

    return play


def decided(harness: BrowserHarness) -> None:
    choose(harness, "verifications", "waiting-2")
    harness.page.sees("select[aria-label=Decision]").send_keys("declined")
    harness.page.sees("select[aria-label='Decline codes']")


def opened(view: str, css: str, text: str = "") -> Callable[[BrowserHarness], None]:
    def play(harness: BrowserHarness) -> None:
        harness.page.open(view)
        harness.page.sees(css, text)

    return play


def edited(harness: BrowserHarness) -> None:
    choose(harness, "scenarios", "not on the electoral roll")
    harness.page.press("Edit …")
    put(
        harness.page,
        "dialog textarea",
        _text(harness.page).replace("not-verified", "not-verifed").replace("10%", "110%"),
    )
    harness.page.sees("dialog .findings li.error")


def doctor(text: str) -> Callable[[BrowserHarness], None]:
    def play(harness: BrowserHarness) -> None:
        harness.page.open("doctor")
        put(harness.page, "textarea", text)
        harness.page.press("Check the signature")
        harness.page.sees(".detail .compare")

    return play


def doctor_of_callback(harness: BrowserHarness) -> None:
    sent = control(harness.server.url, "GET", "callbacks?reference=forged-1")["callbacks"][0]["request"]
    received = json.dumps(json.loads(sent["body"]), ensure_ascii=False)
    headers = "\n".join(
        f"{name}: {value}" for name, value in sent["headers"].items() if name != "sp_signature"
    )
    harness.page.open("doctor")
    harness.page.sees("select[aria-label=Vendor]").send_keys("Shufti Pro")
    put(harness.page, "textarea", f"{headers}\n\n{received}")
    harness.page.press("Check the signature")
    harness.page.sees(".detail .compare")


def everywhere(harness: BrowserHarness) -> None:
    harness.page.open("requests", "*")
    harness.page.sees(".list a", "of another account")


def help_shown(harness: BrowserHarness) -> None:
    harness.page.open()
    harness.page.one("body").send_keys("?")
    harness.page.sees("dialog")


def unusual(harness: BrowserHarness) -> None:
    """Everything that a banner tells of."""
    url = harness.server.url
    control(url, "PUT", "scenarios/cloudcheck/not%20on%20the%20electoral%20roll", {"enabled": False})
    control(url, "PUT", "scenarios/pinned", {"name": "forged document"})
    control(url, "PUT", "clock", {"offset": "-2h"})
    file = harness.folder / "documents.yaml"
    file.write_text(file.read_text("utf-8").replace("outcome: accepted", "outcom: accepted"), "utf-8")
    control(url, "POST", "scenarios/reload")
    harness.page.open()
    harness.page.until(lambda: len(harness.page.all(".banner")) >= 4)


def frozen(harness: BrowserHarness) -> None:
    control(harness.server.url, "PUT", "clock", {"freeze": "2026-01-01T00:00:00Z"})
    harness.page.open("clock")
    harness.page.sees(".banner")


def gone(harness: BrowserHarness) -> None:
    harness.page.open()
    harness.page.sees("h2", "Nothing has arrived yet")
    harness.server.stop()
    harness.page.sees(".banner.lost")


CANONICAL = (
    '/verify/data={"details":{"name":{"given":"Tamsin","family":"Okafor"}},"reference":"customer-1","consent":"Yes"};'
    "key=MockKey0NotReal1&nonce=n-1&timestamp=1700000000000"
)

STATES: Mapping[str, Callable[[BrowserHarness], None]] = {
    "requests": opened("", ".list a"),
    "requests-refused": refused,
    "requests-answered": lambda harness: choose(harness, "requests", "forged-1"),
    "requests-unmatched": unmatched,
    "requests-repeated": folded,
    "requests-filter": filtered,
    "requests-nothing": nothing,
    "requests-make": scenario_made_of_request,
    "requests-try": tried,
    "requests-copy": copied,
    "requests-reset": confirmed,
    "requests-everywhere": everywhere,
    "callbacks": opened("callbacks", ".list a"),
    "callbacks-failing": callback("screening-9"),
    "callbacks-delivered": callback("forged-1"),
    "callbacks-event": dialog("callbacks", "Send an event …"),
    "callbacks-address": dialog("callbacks", "Address …"),
    "verifications": opened("verifications", ".list a"),
    "verifications-decide": decided,
    "scenarios": opened("scenarios", ".list a"),
    "scenarios-one": lambda harness: choose(harness, "scenarios", "forged document"),
    "scenarios-edit": edited,
    "clock": opened("clock", ".bigclock", ":"),
    "coverage": opened("coverage", ".meter"),
    "doctor": opened("doctor", "textarea"),
    "doctor-text": doctor(CANONICAL),
    "doctor-callback": doctor_of_callback,
    "guide": opened("guide", ".code"),
    "keyboard": help_shown,
}
"""States that leave everything as it was."""
ALONE: Mapping[str, Callable[[BrowserHarness], None]] = {
    "requests-empty": opened("", "h2", "Nothing has arrived yet"),
    "callbacks-empty": opened("callbacks", ".empty"),
    "verifications-empty": opened("verifications", ".empty"),
    "clock-frozen": frozen,
    "unusual": unusual,
    "server-gone": gone,
}
"""States of a server of their own, on which nothing has happened."""


def shufti(step: str, **more: Any) -> Callable[[BrowserHarness], None]:
    def play(harness: BrowserHarness) -> None:
        body = {**shufti_page.EVERYTHING, "language": "EN", **more}
        url = shufti_page.start(harness.server, **body)
        harness.page.driver.get(f"{url}#{step}" if step else url)
        harness.page.sees(".step")

    return play


def shufti_ended(outcome: str) -> Callable[[BrowserHarness], None]:
    def play(harness: BrowserHarness) -> None:
        shufti("face")(harness)
        harness.page.sees(by(f"outcome-{outcome}")).click()
        harness.page.sees(by("event"))

    return play


def shufti_reasons(harness: BrowserHarness) -> None:
    shufti("face")(harness)
    harness.page.sees(by("decline-open")).click()
    harness.page.sees(by("decline"))


def shufti_elsewhere(harness: BrowserHarness) -> None:
    shufti("document-type", redirect_url="https://bank.example.test/welcome?back=1")(harness)
    control(
        harness.server.url, "POST", "verifications/page-1/decide?account=test-page", {"outcome": "declined"}
    )
    harness.page.sees(by("event"), "verification.declined")


def link(path: str) -> Callable[[BrowserHarness], None]:
    def play(harness: BrowserHarness) -> None:
        harness.page.driver.get(f"{harness.server.url}{path}")
        harness.page.sees(by("missing"))

    return play


def cloudcheck(name: str, step: str = "") -> Callable[[BrowserHarness], None]:
    def play(harness: BrowserHarness) -> None:
        url = cloudcheck_page.start(harness.server, name)
        harness.page.driver.get(f"{url}#{step}" if step else url)
        harness.page.sees(".step")

    return play


def cloudcheck_ended(outcome: str) -> Callable[[BrowserHarness], None]:
    def play(harness: BrowserHarness) -> None:
        cloudcheck("idscan", "face")(harness)
        harness.page.sees(by(f"outcome-{outcome}")).click()
        harness.page.sees(by("status"))

    return play


HOSTED: Mapping[str, Callable[[BrowserHarness], None]] = {
    "shuftipro-start": shufti(""),
    "shuftipro-face": shufti("face"),
    "shuftipro-document-type": shufti("document-type"),
    "shuftipro-document": shufti("document"),
    "shuftipro-document-back": shufti("document-back"),
    "shuftipro-document-details": shufti("document-details"),
    "shuftipro-address": shufti("address-details"),
    "shuftipro-phone": shufti("phone"),
    "shuftipro-code": shufti("phone-code"),
    "shuftipro-arabic": shufti("document-type", language="AR"),
    "shuftipro-maori": shufti("", language="MI"),
    "shuftipro-reasons": shufti_reasons,
    "shuftipro-accepted": shufti_ended("accepted"),
    "shuftipro-review": shufti_ended("review"),
    "shuftipro-elsewhere": shufti_elsewhere,
    "shuftipro-missing": link("/verification/process/abc"),
    **{f"cloudcheck-{name}": cloudcheck(name) for name in cloudcheck_page.PATHS},
    "cloudcheck-live-item": cloudcheck("live", "item-2"),
    "cloudcheck-go-person": cloudcheck("go", "person"),
    "cloudcheck-match": cloudcheck_ended("match"),
    "cloudcheck-failed": cloudcheck_ended("failed"),
    "cloudcheck-missing": link("/live/abc/"),
}
"""The hosted pages. Each is played on a server of its own."""
