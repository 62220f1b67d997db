"""Every page and state is right at each width, in light and dark: nothing is cut off, nothing overlaps the edge, and axe
finds nothing.

``make pictures`` takes a picture of each at every width in both schemes: it sets PICTURES to a folder. Without it each
state is looked at twice."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from mock_server.client import Receiver
from mock_server.web.http.serving import LiveServer
from tests.browser.conftest import Page
from tests.browser.states import ALONE, HOSTED, STATES, BrowserHarness, furnish, served

FOLDER = os.environ.get("PICTURES", "")
HEIGHTS = {360: 740, 768: 1024, 1440: 900, 2560: 1440}
USUAL = ((1440, "light"), (360, "dark"))
ALL = tuple((width, scheme) for width in (1440, 360, 768, 2560) for scheme in ("light", "dark"))
LOOKS = ALL if FOLDER else USUAL

CUT_OFF = """
const wrong = [];
const texts = "button, h1, h2, h3, h4, label, th, dt, .button, .chip, .note, .fate, .banner p, .caption, .count";
const apart = ".offscreen, .unseen, .list, .columns, [hidden]";
const scrolling = ".scroll, pre, .table, .editor, .sheet-body";
for (const element of document.querySelectorAll(texts)) {
  const [style, box] = [getComputedStyle(element), element.getBoundingClientRect()];
  if (!box.width || !element.checkVisibility({ visibilityProperty: true }) || style.textOverflow === "ellipsis") continue;
  if (element.closest(apart)) continue;
  const said = element.outerHTML.slice(0, 160);
  const isClipped = style.overflow !== "visible" && style.display !== "inline";
  if (isClipped && element.scrollWidth > element.clientWidth + 1) wrong.push(`cut off: ${said}`);
  if (!element.closest(scrolling) && (box.right > innerWidth + 1 || box.left < -1)) wrong.push(`beyond the edge: ${said}`);
}
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
if (wide > 0) wrong.push(`the page is ${wide} px too wide`);
return wrong;
"""
"""Texts that are cut off or stand beyond an edge. Cells of lists end in an ellipsis and have their detail beside them."""


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, Path]]:
    """A server on which a morning's work was done."""
    base = tmp_path_factory.mktemp("morning")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(base)  # files are shown by their short names
        with served(base / "scenarios") as server, Receiver() as receiver:
            furnish(server, receiver)
            yield server, base / "scenarios"


def look_at(page: Page, play: Callable[[Page], None], name: str, widest: int = 9999) -> None:
    """Play the state once, then look at it at each width in each scheme."""
    page.driver.get("about:blank")
    page.complaints()
    page.emulate(*LOOKS[0], HEIGHTS[LOOKS[0][0]])
    play(page)
    problems: dict[str, Any] = {}
    for width, scheme in (look for look in LOOKS if look[0] <= widest):
        page.emulate(width, scheme, HEIGHTS[width])
        page.driver.execute_async_script(
            "requestAnimationFrame(() => requestAnimationFrame(() => arguments[0]()))"
        )
        said = list(page.script(CUT_OFF))
        if FOLDER:
            picture = page.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
            Path(FOLDER).mkdir(parents=True, exist_ok=True)
            Path(FOLDER, f"{name}-{width}-{scheme}.png").write_bytes(base64.b64decode(picture))
        if (width, scheme) in USUAL:
            said += [
                f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
                for one in page.violations()
                for node in one["nodes"]
            ]
        problems |= {f"{width} {scheme}": said} if said else {}
    assert not problems, json.dumps(problems, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("name", STATES)
def test_a_state_of_the_dashboard(
    driver: webdriver.Chrome, morning: tuple[LiveServer, Path], name: str
) -> None:
    server, folder = morning
    page = Page(driver, server.url)
    look_at(page, lambda page: STATES[name](BrowserHarness(page, server, folder)), name)
    assert page.complaints() == []


@pytest.mark.parametrize("name", ALONE)
def test_a_state_of_a_server_of_its_own(
    driver: webdriver.Chrome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "scenarios"
    with served(folder) as server:
        look_at(
            Page(driver, server.url), lambda page: ALONE[name](BrowserHarness(page, server, folder)), name
        )
    driver.get("about:blank")


@pytest.mark.parametrize("name", HOSTED)
def test_a_hosted_page(driver: webdriver.Chrome, tmp_path: Path, name: str) -> None:
    with served(tmp_path) as server:
        page = Page(driver, server.url)
        look_at(
            page, lambda page: HOSTED[name](BrowserHarness(page, server, tmp_path)), f"hosted-{name}", 1440
        )
        driver.get("about:blank")
