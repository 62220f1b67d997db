"""Whom a request is for that nobody serves, and why nobody does."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import pytest

from mock_server.core.clock import ManualClock
from mock_server.core.config import build
from mock_server.core.http import Request
from mock_server.core.ids import ProcessIds
from mock_server.providers import registry, unserved
from mock_server.providers.accounts import Accounts
from mock_server.providers.context import RequestContext, Services
from mock_server.store import open_store

VENDORS = registry.build(build().settings)
FORM = {"content-type": "application/x-www-form-urlencoded"}


def basic(user: str, secret: str = "x") -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(f'{user}:{secret}'.encode()).decode()}"}


def context(path: str, headers: dict[str, str], query: str = "", body: str = "") -> RequestContext:
    store = open_store("memory", journal_limit=9, clock=ManualClock())
    accounts = Accounts({}, VENDORS.values(), store)
    settings = {name: vendor.settings for name, vendor in VENDORS.items()}
    services = Services(store, accounts, ProcessIds("t"), seed=1, settings=settings)
    return RequestContext(services, Request("POST", path, query, headers, body.encode()), "", 0.0)


@pytest.mark.parametrize(
    ("path", "headers", "query", "body", "vendor", "account"),
    [
        pytest.param(
            "/x", FORM, "", urlencode({"key": "test-ā"}), "cloudcheck", "test-ā", id="key in a form"
        ),
        pytest.param("/x", {}, "key=test-a", "", "cloudcheck", "test-a", id="key in the query"),
        pytest.param("/x", {"x-api-key": "test-a"}, "", "", "cloudcheck", "test-a", id="key of the browser"),
        pytest.param(
            "/x", FORM, "", "key=nope&signature=1", "cloudcheck", "", id="unknown key of a signed request"
        ),
        pytest.param("/x", basic("test-b", "wrong"), "", "", "shuftipro", "test-b", id="client id"),
        pytest.param("/x", basic("nobody"), "", "", "shuftipro", "", id="unknown client id"),
        pytest.param(
            "/x",
            {**FORM, **basic("nobody")},
            "",
            "key=test-a",
            "cloudcheck",
            "test-a",
            id="known before unknown",
        ),
        pytest.param("/verfy/", basic("test-b"), "", "", "shuftipro", "test-b", id="credentials before path"),
        pytest.param("/x", {"host": "api.shuftipro.com"}, "", "", "shuftipro", "", id="host"),
        pytest.param(
            "/x", {"host": "api.cloudcheck.co.nz:443"}, "", "", "cloudcheck", "", id="host with a port"
        ),
        pytest.param(
            "/statuss", {"host": "api.cloudcheck.co.nz"}, "", "", "cloudcheck", "", id="host before path"
        ),
        pytest.param("/statuss", {}, "", "", "shuftipro", "", id="path"),
        pytest.param("/maps", {}, "key=AIza", "", None, "", id="somebody else's key"),
        pytest.param("/x", {"authorization": "Bearer x"}, "", "", None, "", id="somebody else's token"),
        pytest.param("/.env", {}, "", "", None, "", id="a scanner"),
    ],
)
def test_vendor_of(
    path: str, headers: dict[str, str], query: str, body: str, vendor: str | None, account: str
) -> None:
    asked = context(path, headers, query, body)
    guess = unserved.vendor_of(asked, VENDORS)
    assert (guess and guess.name, (asked.entered and asked.account.name) or "") == (vendor, account)


@pytest.mark.parametrize(
    ("vendor", "method", "path", "expected"),
    [
        ("cloudcheck", "GET", "/verify/", ("method", "GET is not a method of /verify/", "use POST")),
        ("cloudcheck", "PUT", "/verify/pdf", ("method", "PUT is not a method of /verify/pdf", "use GET or POST")),
        ("shuftipro", "GET", "/status/", ("method", "GET is not a method of /status/", "use POST")),
        ("shuftipro", "POST", "/verify/",
         ("host", "/verify/ is a path of cloudcheck, but the host name or the mount is that of shuftipro",
          "use the mount /cloudcheck, or a host name that names no vendor")),
        ("cloudcheck", "POST", "/v1/verify/",
         ("path", "cloudcheck has no path /v1/verify/; the nearest is /verify/: the path that was sent has /v1 in front", "use /verify/")),
        (None, "GET", "/statuss",
         ("path", "shuftipro has no path /statuss; the nearest is /status: the path that was sent is spelled differently",
          "use POST /status")),
        ("cloudcheck", "POST", "/statuss",
         ("path", "shuftipro has no path /statuss; the nearest is /status: the path that was sent is spelled differently", "use /status")),
        ("cloudcheck", "POST", "/nope", ("path", "cloudcheck has no path like /nope", unserved._LISTED)),
        (None, "GET", "/nope", ("path", "no vendor has a path like /nope", unserved._LISTED)),
        (None, "GET", "/admin", ("path", "no vendor has a path /admin; the control API is below /__admin", "use /__admin")),
    ],
)  # fmt: skip
def test_cause(vendor: str | None, method: str, path: str, expected: tuple[str, str, str]) -> None:
    cause: dict[str, Any] = unserved.cause(
        method, path, VENDORS[vendor] if vendor else None, VENDORS.values()
    )
    assert (cause["check"], cause["explanation"], cause["remedy"]) == expected
