"""Shufti Pro's verification page, as a person uses it in a browser: alone and inside a frame."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from mock_server.web.http.serving import LiveServer
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
    return str(ask(server, "/", **body)["verification_url"])


def status(server: LiveServer) -> Any:
    return ask(server, "/status", reference="page-1")


def by(name: str) -> str:
    return f'[data-testid="{name}"]'


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_use_it(page: Page, server: LiveServer, scheme: str, width: int) -> None:
    page.emulate(width, scheme)
    url = start(server)
    page.driver.get(url)
    with urllib.request.urlopen(url) as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert page.violations() == []
    assert page.script("return document.documentElement.scrollWidth <= innerWidth")
    page.one(by("outcome-cancelled")).click()
    page.sees(by("event"), "verification.cancelled")
    assert page.violations() == []
    assert page.complaints() == []


def test_a_person_fills_it_in_and_is_led_back(page: Page, server: LiveServer, tmp_path: Path) -> None:
    picture = tmp_path / "face.png"
    picture.write_bytes(b64decode(PICTURE))
    page.driver.get(start(server, redirect_url=f"{server.url}/__admin/health"))
    page.one(by("outcome-accepted")).click()
    assert page.script("return document.querySelector('[data-testid=consent]').matches(':invalid')")
    page.one(by("consent")).click()
    page.one(by("file-face")).send_keys(str(picture))
    page.sees(f"{by('picture-face')} img")
    page.one(by("field-document.first_name")).send_keys("Ida")
    page.one(by("field-document.last_name")).send_keys("Marsh")
    page.one(by("outcome-accepted")).click()
    page.sees(by("event"), "verification.accepted")
    page.one(by("onward")).click()
    page.until(lambda: page.driver.current_url.endswith("/__admin/health"))
    answer = status(server)
    assert answer["verification_data"]["document"]["name"] == {"first_name": "Ida", "last_name": "Marsh"}
    assert "Chrome" in answer["info"]["agent"]["useragent"]
    assert answer["info"]["agent"]["is_desktop"]


def test_reasons_can_be_chosen(page: Page, server: LiveServer) -> None:
    page.driver.get(start(server))
    page.one(f"{by('decline')} option[value=SPDR17]").click()
    page.one(by("outcome-declined")).click()
    page.sees(by("reason"), "SPDR17")
    assert status(server)["declined_codes"] == ["SPDR17"]


def test_a_frame_tells_its_parent(page: Page, server: LiveServer) -> None:
    url = start(server)
    page.driver.get(f"{server.url.replace('127.0.0.1', 'localhost')}/__admin/health")
    page.script(PARENT, url)
    page.driver.switch_to.frame(page.one("iframe"))
    page.sees(by("consent")).click()
    page.one(by("outcome-accepted")).click()
    page.sees(by("event"), "verification.accepted")
    page.driver.switch_to.default_content()
    page.sees("#said", "page-1 verification.accepted")
