"""The address in a refusal's Link header opens the page that explains it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium import webdriver

from mock_server.web.http.serving import LiveServer
from tests.browser.conftest import Page
from tests.refusals import ALL, Refused, send, server
from tests.web.kit import SCENARIOS


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    scenarios = tmp_path_factory.mktemp("refusals") / "some.yaml"
    scenarios.write_text(SCENARIOS)
    with server(scenarios) as running:
        yield running


@pytest.mark.parametrize("kind", ALL, ids=[kind.id for kind in ALL])
def test_the_page_of_a_refusal(kind: Refused, live: LiveServer, driver: webdriver.Chrome) -> None:
    if kind.before is not None:
        send(live, kind.before())
    link = send(live, kind.sent()).headers["link"]
    page = Page(driver, live.url)
    page.driver.get("about:blank")
    page.driver.get(f"{live.url}/__admin{link.partition('/__admin')[2].partition('>')[0]}")
    page.sees(".detail h3", "Why it was refused")
    shown = page.one(".detail").text
    assert kind.cause in shown
    assert kind.fix in shown
