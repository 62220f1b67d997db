from __future__ import annotations

import pytest

from mock_server.core.config import build
from mock_server.core.http import Request, Route
from mock_server.providers import registry
from mock_server.providers.base import Provider
from mock_server.providers.routing import Router, split_mount

MOUNTS = ("/cloudcheck", "/shuftipro")


@pytest.mark.parametrize(
    ("path", "host", "expected"),
    [
        pytest.param("/verify/", "localhost:8484", ("", "/verify/"), id="at the root"),
        pytest.param("/cloudcheck/verify/", "localhost", ("/cloudcheck", "/verify/"), id="below a mount"),
        pytest.param("/shuftipro", "localhost", ("/shuftipro", "/"), id="the mount alone"),
        pytest.param("/shuftipro/", "localhost", ("/shuftipro", "/"), id="the mount with a slash"),
        pytest.param("/cloudchecks/verify/", "localhost", ("", "/cloudchecks/verify/"), id="a longer word"),
        pytest.param(
            "/cloudcheck/cloudcheck/x", "localhost", ("/cloudcheck", "/cloudcheck/x"), id="once only"
        ),
        pytest.param(
            "/cloudcheck/x", "cloudcheck:8484", ("/cloudcheck", "/x"), id="on the vendor's own host"
        ),
        pytest.param(
            "/cloudcheck/x",
            "ShuftiPro.localhost:8484",
            ("", "/cloudcheck/x"),
            id="on the other vendor's host",
        ),
    ],
)
def test_split_mount(path: str, host: str, expected: tuple[str, str]) -> None:
    assert split_mount(path, host, MOUNTS) == expected


ROUTER = Router(registry.build(build().settings))
TOKEN = "a" * 48


@pytest.mark.parametrize(
    ("method", "path", "host", "accept", "route"),
    [
        pytest.param("POST", "/verify/", "x", "*/*", Route("/verify/", "", "cloudcheck", "verify"), id="a path of a vendor"),
        pytest.param("HEAD", "/verify/pdf", "x", "", Route("/verify/pdf", "", "cloudcheck", "verify-pdf"), id="HEAD for GET"),
        pytest.param("GET", "/verify/", "x", "", Route("/verify/", "", "cloudcheck"), id="another method"),
        pytest.param("POST", "/verify", "x", "", Route("/verify", "", "cloudcheck"), id="below the first part of a vendor"),
        pytest.param("POST", "/", "x", "text/html", Route("/", "", "shuftipro", "verification"), id="the root"),
        pytest.param("GET", "/", "x", "*/*", Route("/", "", "shuftipro"), id="a client at the root"),
        pytest.param("GET", "/", "x", "text/html,*/*", Route("/", to_app=True), id="a browser at the root"),
        pytest.param("GET", "/shuftipro/", "x", "text/html", Route("/", "/shuftipro", to_app=True), id="a browser at a mount"),
        pytest.param("GET", "/shuftipro/", "x", "*/*", Route("/", "/shuftipro", "shuftipro"), id="a client at a mount"),
        pytest.param("GET", "/__admin", "x", "", Route("/__admin", to_app=True), id="the control API"),
        pytest.param("GET", "/__admin/ui/", "shuftipro", "", Route("/__admin/ui/", to_app=True), id="the dashboard, by a vendor's host"),
        pytest.param("GET", "/__administer", "x", "", Route("/__administer"), id="a longer word"),
        pytest.param("GET", "/favicon.ico", "x", "", Route("/favicon.ico", to_app=True), id="what browsers ask for"),
        pytest.param("GET", f"/live/{TOKEN}", "x", "", Route(f"/live/{TOKEN}", to_app=True), id="a hosted page"),
        pytest.param(
            "GET", f"/cloudcheck/live/{TOKEN}", "x", "", Route(f"/live/{TOKEN}", "/cloudcheck", to_app=True), id="a hosted page, mounted"
        ),
        pytest.param("GET", f"/shuftipro/live/{TOKEN}", "x", "", Route(f"/live/{TOKEN}", "/shuftipro", "shuftipro"), id="not its page"),
        pytest.param("POST", "/verify/", "shuftipro.localhost:1", "", Route("/verify/", "", "shuftipro"), id="the other vendor's host"),
        pytest.param("POST", "/verify/", "Cloudcheck:1", "", Route("/verify/", "", "cloudcheck", "verify"), id="the vendor's host"),
        pytest.param("POST", "/verfy/", "x", "", Route("/verfy/"), id="nobody's path"),
        pytest.param("POST", "/cloudcheck/nope", "x", "", Route("/nope", "/cloudcheck", "cloudcheck"), id="nobody's path below a mount"),
        pytest.param("OPTIONS", "*", "x", "", Route("*"), id="asterisk"),
    ],
)  # fmt: skip
def test_resolve(method: str, path: str, host: str, accept: str, route: Route) -> None:
    assert ROUTER.resolve(method, path, host, accept) == route


def test_the_route_of_a_journal_entry_is_the_one_it_came_by() -> None:
    request = Request("POST", "/verify/", "", {"host": "x"}, b"", mount="/cloudcheck")
    assert ROUTER.route_of(request) == Route("/verify/", "/cloudcheck", "cloudcheck", "verify")


@pytest.mark.parametrize("vendor", registry.build(build().settings).values(), ids=lambda vendor: vendor.name)
def test_every_endpoint_row_is_served(vendor: Provider) -> None:
    for row in vendor.endpoints():
        path = row.path.replace("{token}", "a" * 40).replace("{", "").replace("}", "")
        for method in row.methods:
            assert ROUTER.resolve(method, path).operation != "", (method, path)
