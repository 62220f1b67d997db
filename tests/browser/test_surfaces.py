"""One wrong request, and every place where somebody looks for the reason: the same sentence, its code, then the fix."""

from __future__ import annotations

import logging
import re
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from mock_server.cli.main import FINDINGS, FINE, run
from mock_server.client import MockServer
from mock_server.client.findings import story
from mock_server.providers.cloudcheck.signing import sign
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.browser.calls import KEY, SECRET
from tests.browser.conftest import Page

DOCS = Path(__file__).parents[2] / "docs" / "mistakes.md"
DATA = '{"details":{"name":{"given":"Tāmati","family":"O\'Dwyer"}},"reference":"r-1","consent":"Yes"}'
FIELDS = {"data": DATA, "key": KEY, "nonce": "n-1", "timestamp": str(int(time.time() * 1000))}
RIGHT = sign(SECRET, "/verify/", FIELDS)
WRONG = {
    "trailing-slash-missing": sign(SECRET, "/verify", FIELDS),
    "secret-padded": sign(f"{SECRET} ", "/verify/", FIELDS),
    "hex-of-hex": RIGHT.encode().hex(),
}


def flat(text: str) -> str:
    """In one line, without labels and marks of code."""
    return " ".join(re.sub(r"`|\b(?:Cause|Fix|cause|fix): ?", "", text).split())


@pytest.mark.parametrize("code", WRONG)
def test_every_place_says_the_same_with_the_code(
    code: str,
    page: Page,
    server: LiveServer,
    service: Service,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO, "mock_server")
    form = {**FIELDS, "signature": WRONG[code]}
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(
        "POST", "/verify/", urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}
    )
    response = connection.getresponse()
    response.read()
    connection.close()
    link = re.fullmatch(r'<([^>]+)>; rel="help"', response.headers["Link"])
    assert link is not None
    with MockServer(server.url) as client:
        account = client.account("default")
        (entry,) = account.requests.find()
        assert entry.id == response.headers["X-Mock-Request-Id"]
        explained = account.requests.explain(entry.id)
        (mistake,) = explained["mistakes"]
        printed_by_pytest = story(account)
        copied = account.call("GET", f"requests/{entry.id}/copy", {"form": "explanation"})["text"]
    monkeypatch.setenv("MOCK_SERVER_URL", server.url)
    assert run(["explain", entry.id]) == FINE
    explained_in_terminal = capsys.readouterr().out
    assert (
        run(["verify", "/verify/", *(f"--param={name}={value}" for name, value in form.items())]) == FINDINGS
    )
    verified_in_terminal = capsys.readouterr().out
    service._refusal_log.flush()
    page.driver.get(link[1])
    page.sees(".why", "[")
    places = {
        "log": caplog.text,
        "journal": explained["reason"],
        "copy": copied,
        "pytest": printed_by_pytest,
        "explain": explained_in_terminal,
        "verify": verified_in_terminal,
        "dashboard": page.one(".detail").text,
    }
    assert mistake["id"] == code
    sentence = re.compile(
        rf"{re.escape(flat(mistake['explanation']))} \[{code}\] \(?{re.escape(flat(mistake['fix']))}"
    )
    assert [place for place, text in places.items() if not sentence.search(flat(text))] == []
    assert f"`{code}`" in DOCS.read_text("utf-8")
