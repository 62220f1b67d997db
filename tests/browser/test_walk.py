"""The tutorial of the front end, from nothing: the page it shows is served, and a person clicks through it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from mock_server.testing import start
from tests.browser.conftest import Page
from tests.docs.blocks import ROOT, blocks_of

TUTORIAL = ROOT / "docs" / "tutorials" / "frontend.md"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[str]:
    """The command of the tutorial, on a free port: serves the folder. Gives its address."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        port = process.stdout.readline().split(" port ")[1].split()[0]
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def test_a_page_with_a_verification(driver: webdriver.Chrome, shop: str, tmp_path: Path) -> None:
    [html] = [block for block in blocks_of(TUTORIAL) if block.notes == "index.html"]
    with start(cors=[shop]) as server:
        (tmp_path / "index.html").write_text(html.text.replace("http://127.0.0.1:8484", server.url), "utf-8")
        page = Page(driver, shop)
        driver.get(shop)
        page.press("Verify me")
        driver.switch_to.frame(page.sees("#frame"))
        page.press("Accept")
        driver.switch_to.default_content()
        page.sees("#outcome", "verification.accepted")
        driver.get("about:blank")
