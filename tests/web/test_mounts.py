from __future__ import annotations

import pytest

from mock_server.web.mounts import split_mount

MOUNTS = ("/cloudcheck", "/shuftipro")


@pytest.mark.parametrize(
    ("path", "host", "expected"),
    [
        pytest.param("/verify/", "localhost:8484", ("", "/verify/"), id="at the root"),
        pytest.param("/cloudcheck/verify/", "localhost", ("/cloudcheck", "/verify/"), id="below a mount"),
        pytest.param("/shuftipro", "localhost", ("/shuftipro", "/"), id="the mount alone"),
        pytest.param("/shuftipro/", "localhost", ("/shuftipro", "/"), id="the mount with a slash"),
        pytest.param("/cloudchecks/verify/", "localhost", ("", "/cloudchecks/verify/"), id="a longer word"),
        pytest.param("/cloudcheck/cloudcheck/x", "localhost", ("/cloudcheck", "/cloudcheck/x"), id="once only"),
        pytest.param("/cloudcheck/x", "cloudcheck:8484", ("/cloudcheck", "/x"), id="on the vendor's own host"),
        pytest.param("/cloudcheck/x", "ShuftiPro.localhost:8484", ("", "/cloudcheck/x"), id="on the other vendor's host"),
    ],
)
def test_split_mount(path: str, host: str, expected: tuple[str, str]) -> None:
    assert split_mount(path, host, MOUNTS) == expected
