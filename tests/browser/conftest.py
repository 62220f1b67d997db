"""A real Chromium in front of a real server."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service as DriverService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from mock_server.core import config
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service

T = TypeVar("T")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--use-fake-device-for-media-stream",  # a camera that shows a test picture
    "--use-fake-ui-for-media-stream",  # and a user who lets the page use it
)


def program(*names: str) -> str:
    """The first of the programs that is installed."""
    path = next(filter(None, map(shutil.which, names)), None)
    assert path, f"{names[0]} is not installed; make test installs it"
    return path


class Page:
    """The browser, as a person uses it: waits until what it looks for is there."""

    def __init__(self, driver: webdriver.Chrome, base: str) -> None:
        self.driver = driver
        self.base = base

    def open(self, view: str = "", account: str = "default") -> None:
        """Load the dashboard anew, at a view."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.base}/__admin/ui/?account={account}#/{view}")
        self.until(lambda: self.one("#live").text == "live")

    def turn_to(self, view: str) -> None:
        """Another view of the page that is open."""
        self.script("location.hash = '#/' + arguments[0]", view)
        self.until(
            lambda: (
                self.one(f"#tabs [data-view={view}]").get_attribute("aria-current") == "page"
                and self.all("main h1")
            )
        )

    def emulate(self, width: int = 1280, scheme: str = "light", height: int = 900) -> None:
        """A window of that size, and a reader who prefers light or dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})

    def until(self, look: Callable[[], T], timeout: float = 10.0) -> T:
        """What ``look`` gives once that is true."""
        waiting: WebDriverWait[webdriver.Chrome] = WebDriverWait(
            self.driver, timeout, 0.03, (NoSuchElementException, StaleElementReferenceException)
        )
        try:
            return waiting.until(lambda _: look())
        except Exception as error:
            raise AssertionError(f"not seen on the page:\n{self.one('body').text}") from error

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def sees(self, css: str, text: str = "") -> WebElement:
        """The first visible element of the selector with the text in it."""
        return self.until(
            lambda: next(
                (element for element in self.all(css) if element.is_displayed() and text in element.text),
                None,
            )
        )  # type: ignore[return-value]

    def press(self, text: str, within: str = "body") -> None:
        """Click the button or link of that name."""

        def click() -> bool:
            element = next(
                (
                    one
                    for one in self.all(f"{within} button, {within} a")
                    if one.is_displayed() and one.text.strip() == text
                ),
                None,
            )
            if element is None:
                return False
            element.click()
            return True

        self.until(click)

    def script(self, text: str, *arguments: Any) -> Any:
        return self.driver.execute_script(text, *arguments)

    def violations(self) -> list[dict[str, Any]]:
        """What axe-core finds against WCAG 2.1 AA. Without ``preload`` it does not fetch the style sheets a
        second time."""
        options = {
            "preload": False,
            "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
        }
        self.driver.execute_script(Axe().axe_script)
        return list(
            self.driver.execute_async_script("axe.run(document, arguments[0]).then(arguments[1])", options)[
                "violations"
            ]
        )

    def complaints(self) -> list[str]:
        """What the console has to say since it was last asked: errors, refused resources, breaches of the
        content policy."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING")
        ]


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium", "chromium-browser", "google-chrome")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}", "--window-size=1280,900"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=DriverService(program("chromedriver")))
    yield browser
    browser.quit()


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    """The one scenario file of the server; may be rewritten."""
    path = tmp_path / "scenarios" / "cloudcheck.yaml"
    path.parent.mkdir()
    path.write_text(
        """\
version: 1
provider: cloudcheck
scenarios:
  - name: exposed
    description: A politically exposed person.
    match: {operation: verify, body.reference: {prefix: vip-}}
    respond: {outcome: pep-match}
"""
    )
    return path


@pytest.fixture
def service(scenario_file: Path) -> Service:
    return Service(config.build({"scenarios": [str(scenario_file.parent)], "watch": False}))


@pytest.fixture
def server(service: Service) -> Iterator[LiveServer]:
    with LiveServer(service, lambda: create_app(service)) as running:
        yield running


@pytest.fixture
def page(driver: webdriver.Chrome, server: LiveServer) -> Iterator[Page]:
    driver.get("about:blank")
    driver.get_log("browser")  # what a page of an earlier test had to say when its server was gone
    shown = Page(driver, server.url)
    shown.emulate()
    yield shown
    driver.get("about:blank")


class EmptySite(BaseHTTPRequestHandler):
    """The site whose pages call: one empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>Shop</title><main></main>")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """Its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptySite) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()
