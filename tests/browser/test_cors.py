"""Calls from a page of another origin, in a real browser."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from selenium import webdriver

from mock_server.core import config
from mock_server.providers import registry
from mock_server.providers.cloudcheck.signing import sign
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.browser.calls import CLIENT, KEY, PASSWORD, SECRET, control
from tests.browser.conftest import Page

CALL = """
const [url, options, done] = arguments;
if (options.form) options.body = new URLSearchParams(options.form);
if (options.parts) {
  options.body = new FormData();
  for (const [name, value] of Object.entries(options.parts)) options.body.append(name, value);
}
fetch(url, options).then(async (answer) => done({
  status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text(),
}), (error) => done({failure: String(error)}));
"""
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{CLIENT}:{PASSWORD}".encode()).decode()}
JSON = {"Content-Type": "application/json"}
ENDPOINTS = [
    (method, re.sub(r"\{\w+\}", "0" * 40, row.path))
    for provider in registry.build({}).values()
    for row in provider.endpoints()
    for method in row.methods
    if method != "OPTIONS"
]


@pytest.fixture(scope="module")
def mock(shop: str) -> Iterator[LiveServer]:
    service = Service(config.build({"cors": [shop], "watch": False}))
    with LiveServer(service, lambda: create_app(service)) as running:
        yield running


@pytest.fixture
def visit(driver: webdriver.Chrome, shop: str, mock: LiveServer) -> Page:
    driver.get(shop)
    driver.get_log("browser")
    return Page(driver, mock.url)


def call(page: Page, path: str, base: str = "", **options: Any) -> dict[str, Any]:
    return dict(page.driver.execute_async_script(CALL, (base or page.base) + path, options))


@pytest.mark.parametrize(("method", "path"), ENDPOINTS, ids=[" ".join(one) for one in ENDPOINTS])
def test_a_page_reads_the_answer_of_every_path(visit: Page, method: str, path: str) -> None:
    own = path.startswith("/addresslookup/")  # which allows pages itself, with these headers
    headers = {"x-api-key": KEY} if own else {**BASIC, "X-Shop-Trace": "1"}
    body = {"body": "{}"} if method == "POST" else {}
    answer = call(visit, path, method=method, headers={**headers, **JSON}, **body)
    assert "failure" not in answer
    assert answer["headers"]["x-mock-request-id"].startswith("r-")


def test_a_form(visit: Page) -> None:
    answer = call(visit, "/verify/", method="POST", form=signed("page-form"))
    assert json.loads(answer["text"])["verification"]["reference"] == "page-form"


def test_a_multipart_form(visit: Page) -> None:
    answer = call(visit, "/verify/", method="POST", parts=signed("page-parts"))
    assert json.loads(answer["text"])["verification"]["reference"] == "page-parts"


def test_json_with_basic_credentials(visit: Page) -> None:
    answer = call(visit, "/", method="POST", headers={**BASIC, **JSON}, body=screening("page-basic"))
    assert json.loads(answer["text"])["event"] == "verification.accepted"
    assert len(answer["headers"]["signature"]) == 64


def test_json_with_an_access_token(visit: Page) -> None:
    token = json.loads(call(visit, "/get/access/token", method="POST", headers=BASIC)["text"])["access_token"]
    headers = {"Authorization": f"Bearer {token}", **JSON}
    answer = call(visit, "/", method="POST", headers=headers, body=screening("page-token"))
    assert json.loads(answer["text"])["reference"] == "page-token"


def test_credentials_of_the_browser_may_be_included(visit: Page) -> None:
    answer = call(
        visit, "/status", method="POST", headers={**BASIC, **JSON}, body="{}", credentials="include"
    )
    assert answer["status"] == 400


def test_a_refusal_leads_the_page_to_its_explanation(visit: Page) -> None:
    answer = call(visit, "/verify/", method="POST", form={**signed("page-wrong"), "signature": "0" * 64})
    assert json.loads(answer["text"])["verification"]["error"] == 106
    assert answer["headers"]["link"].endswith('; rel="help"')


def test_a_hosted_page_in_a_frame(visit: Page) -> None:
    body = json.dumps({"reference": "page-frame", "face": "", "redirect_url": ""})
    answer = call(visit, "/", method="POST", headers={**BASIC, **JSON}, body=body)
    url = json.loads(answer["text"])["verification_url"]
    visit.script(
        "addEventListener('message', ({data}) => document.title = data.event);"
        "document.querySelector('main').innerHTML = '<iframe width=900 height=900></iframe>';"
        "document.querySelector('iframe').src = arguments[0]",
        url,
    )
    visit.driver.switch_to.frame(0)
    visit.until(lambda: visit.one("[data-testid=outcome-cancelled]")).click()
    visit.driver.switch_to.default_content()
    visit.until(lambda: visit.driver.title == "verification.cancelled")


def test_the_control_api_answers_no_page(visit: Page) -> None:
    for options in ({}, {"method": "POST"}, {"method": "PUT", "headers": JSON, "body": "{}"}):
        assert call(visit, "/__admin/requests", **options)["failure"] == "TypeError: Failed to fetch"


def test_the_dashboard_says_what_to_set(page: Page, server: LiveServer, shop: str) -> None:
    page.driver.get(shop)
    answer = call(page, "/", method="POST", headers={**BASIC, **JSON}, body=screening("page-refused"))
    assert answer["failure"] == "TypeError: Failed to fetch"
    page.driver.get_log("browser")
    newest = control(server.url, "GET", "requests")["requests"][0]
    page.open(f"requests/{newest['id']}")
    page.sees(".detail", f"start the server with --cors {shop}")


def signed(reference: str) -> dict[str, str]:
    data = {
        "details": {"name": {"given": "Tūī", "family": "O'Connor + Sons"}, "dateofbirth": "1987-03-14"},
        "reference": reference,
        "consent": "Yes",
    }
    params = {
        "data": json.dumps(data, ensure_ascii=False),
        "key": KEY,
        "nonce": reference,
        "timestamp": str(int(time.time() * 1000)),
    }
    return {**params, "signature": sign(SECRET, "/verify/", params)}


def screening(reference: str) -> str:
    return json.dumps(
        {
            "reference": reference,
            "background_checks": {"name": {"full_name": "Ingrid Solvang"}, "dob": "1979-11-04"},
        }
    )
