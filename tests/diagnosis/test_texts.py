"""What a document is turned into before it is signed."""

from __future__ import annotations

import pytest

from mock_server.diagnosis.texts import php_number


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        (1500.0, "1500"), (0.10, "0.1"), (1e21, "1.0E+21"), (12345678901234567890, "1.2345678901235E+19"), (1.5e-7, "1.5E-7"),
        (0.123456789012345678, "0.12345678901235"), (-0.0, "-0"), (123456789012345.678, "1.2345678901235E+14"), (1e14, "1.0E+14"),
        (9223372036854775807, "9223372036854775807"), (-7, "-7"),
    ],
)  # fmt: skip
def test_numbers_are_those_of_http_build_query(number: float, printed: str) -> None:
    """As PHP 8.2 prints them."""
    assert php_number(number) == printed
