"""The path that was probably meant."""

from __future__ import annotations

import pytest

from mock_server.core.config import build
from mock_server.providers import registry
from mock_server.providers.nearest import nearest
from mock_server.providers.routing import EndpointRow

VENDORS = registry.build(build().settings)
ROWS = [(vendor.name, row) for vendor in VENDORS.values() for row in vendor.endpoints()]


@pytest.mark.parametrize(
    ("path", "vendor", "meant", "difference"),
    [
        ("//verify/", "cloudcheck", "/verify/", "has two slashes in a row"),
        ("/verfy/", "cloudcheck", "/verify/", "is spelled differently"),
        ("/VERIFY/", "cloudcheck", "/verify/", "is written with capitals"),
        ("/v1/verify/", "cloudcheck", "/verify/", "has /v1 in front"),
        ("/verify", "cloudcheck", "/verify/", "lacks the slash at its end"),
        ("/verify/ ", "cloudcheck", "/verify/", "has white space around it"),
        ("/api/v2//Verify/Response", "cloudcheck", "/verify/response/",
         "has /api/v2 in front and has two slashes in a row and is written with capitals and lacks the slash at its end"),
        ("/v1/verfy/", "cloudcheck", "/verify/", "is spelled differently"),
        ("/tree/pdf/", "cloudcheck", "/tree/pdf", "has a slash at its end"),
        ("/live/downlaod/abc/7/", "cloudcheck", "/live/download/abc/7/", "is spelled differently"),
        ("/Live/Download/aBc/7", "cloudcheck", "/live/download/aBc/7/", "is written with capitals and lacks the slash at its end"),
        ("/statuss", "shuftipro", "/status", "is spelled differently"),
        ("/Status", "shuftipro", "/status", "is written with capitals"),
        ("/v3/status", "shuftipro", "/status", "has /v3 in front"),
        ("/account/infos", "shuftipro", "/account/info/", "is spelled differently"),
        ("/get/access-token", "shuftipro", "/get/access/token", "is spelled differently"),
    ],
)  # fmt: skip
def test_the_nearest_path(path: str, vendor: str, meant: str, difference: str) -> None:
    near = nearest(path, ROWS)
    assert near is not None
    assert (near.vendor, near.path, near.difference) == (vendor, meant, difference)


@pytest.mark.parametrize(
    "path",
    ["", "/", "//", "*", "/.env", "/wp-login.php", "/cgi-bin/test", "/admin/config", "/māori", "/a/b/c/d"],
)
def test_no_path_is_near(path: str) -> None:
    assert nearest(path, ROWS) is None


def test_a_path_of_any_length_takes_no_time() -> None:
    """Compared letter by letter, as shorter ones are, it would take minutes."""
    rows = [("a", EndpointRow("/verify/{token}/{id}", ("GET",)))]
    assert nearest(f"/verfy/{'x' * 200_000}/{'y' * 200_000}", rows) is None
