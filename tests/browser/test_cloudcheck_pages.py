"""Cloudcheck's hosted pages, as a person uses them in a browser."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.web.http.serving import LiveServer
from tests.browser.calls import control, signed
from tests.browser.conftest import Page
from tests.browser.test_shuftipro_page import WHOLE_STEP, by, walk

PATHS = {
    "live": "/live/",
    "idscan": "/idscan/initiate/",
    "akahu": "/akahu/initiate/",
    "credfin": "/credfin/initiate/",
    "forms": "/forms/create/",
    "go": "/go/create/",
}


def start(server: LiveServer, name: str, reference: str = "customer-1") -> str:
    """The link that is handed out; it leads back to the mock's own dashboard."""
    data: dict[str, Any] = {"reference": reference}
    if name != "idscan":
        data["callback"] = f"{server.url}/__admin/ui/"
    if name == "go":
        data = {**data, "recipients": [{"reference": reference, "givenName": "Hēmi"}]}
    (answer,) = signed(server.url, PATHS[name], data).values()
    return str(answer["recipients"][0]["url"] if name == "go" else answer["url"])


@pytest.mark.parametrize(("size", "scheme"), [((360, 740), "light"), ((1440, 900), "dark")], ids=str)
@pytest.mark.parametrize("name", PATHS)
def test_every_step_fits_a_screen_and_everybody_can_use_it(
    page: Page, server: LiveServer, name: str, scheme: str, size: tuple[int, int]
) -> None:
    """``test_pictures.py`` looks at small dark and wide light pages."""
    page.emulate(size[0], scheme, size[1])
    page.driver.get(start(server, name))
    problems: list[tuple[str, ...]] = []
    for step in walk(page):
        problems += [(step, what) for what, right in page.script(WHOLE_STEP).items() if not right]
        problems += [(step, one["id"], one["nodes"][0]["html"]) for one in page.violations()]
    assert problems == []
    assert page.complaints() == []
    page.sees(by("submit")).click()
    page.until(lambda: page.all(by("ended")) or page.driver.current_url.startswith(f"{server.url}/__admin/"))


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("match", "MATCH"), ("no-match", "NO_MATCH"), ("failed", "FAILED"), ("not-done", "NOT_DONE")],
)
def test_any_step_can_end_it(page: Page, server: LiveServer, outcome: str, status: str) -> None:
    page.driver.get(f"{start(server, 'idscan')}#face")
    page.sees(by(f"outcome-{outcome}")).click()
    page.sees(by("status"), status)
    assert page.violations() == []


def test_a_page_notices_that_it_has_been_decided_elsewhere(page: Page, server: LiveServer) -> None:
    page.driver.get(f"{start(server, 'live')}#item-2")
    page.sees(by("next"))
    control(server.url, "POST", "verifications/customer-1/decide", {"outcome": "no-match"})
    page.sees(by("return"))
    page.until(lambda: "/__admin/ui/?liveCaptured=true" in page.driver.current_url)


def test_a_name_is_filled_in(page: Page, server: LiveServer) -> None:
    page.driver.get(f"{start(server, 'go')}#person")
    page.sees(by("field-family")).send_keys("O'Neill")
    page.sees(by("submit")).click()
    page.until(lambda: page.driver.current_url.startswith(f"{server.url}/__admin/") or page.all(by("ended")))
    (verification,) = control(server.url, "GET", "verifications")["verifications"]
    assert verification["status"] == "MATCH"


def test_a_malformed_link_has_a_page(page: Page, server: LiveServer) -> None:
    page.driver.get(f"{server.url}/live/abc/")
    page.sees(by("missing"))
    assert page.violations() == []
