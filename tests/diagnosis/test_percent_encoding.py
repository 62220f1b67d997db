"""Percent-encoding as the functions of the usual languages do it."""

from __future__ import annotations

import pytest

from mock_server.diagnosis.percent_encoding import encode


@pytest.mark.parametrize(
    ("safe", "encoded"),
    [
        (b"", b"%25%20%C4%81%2F~%21a-_."),
        (b"/", b"%25%20%C4%81/~%21a-_."),
        (b" !", b"%25 %C4%81%2F~!a-_."),
    ],
)
def test_a_percent_sign_is_encoded_once(safe: bytes, encoded: bytes) -> None:
    assert encode("% ā/~!a-_.".encode(), safe) == encoded
