"""The edges of each rule: the last value that passes and the first that does not."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.providers.shuftipro.rules import Rules
from mock_server.providers.shuftipro.services import ServiceField
from mock_server.providers.shuftipro.settings import parse_settings
from tests.providers.shuftipro.harness import PICTURE

NOW = 1_760_000_000.0
"""In the morning of 9 October 2025, UTC."""
SETTINGS = parse_settings({})
NOTE = ServiceField("note", "text", 5, 8)
CODE = ServiceField("code", "text", 3, 3, pattern="[0-9]*")
DIGITS = ServiceField("digits", "text", pattern="[0-9]*")
EMAIL = ServiceField("email", "email", 6, 12)
SITE = ServiceField("site", "url")
PHONE = ServiceField("phone", "phone", 1, 20, pattern="[0-9]*")
SCORE = ServiceField("score", "number", 0, 100)
LARGE = ServiceField("large", "number", 0, 10**16)
TTL = ServiceField("ttl", "minutes", 1)
AGE = ServiceField("age", "age", 1, 170)
BORN = ServiceField("dob", "past")
ISSUED = ServiceField("issue_date", "date")
NAMED = ServiceField("person", "object", fields=(BORN, ServiceField("name", "text", 0, 9, required=True)))
PNG = PICTURE.partition(",")[2][:64]
SIXTEEN_MEGABYTES = PNG.ljust(22_369_622, "A")

EDGES: list[tuple[ServiceField, Any, str]] = [
    (NOTE, "Aroh", "The note must be at least 5 characters."),
    (NOTE, "Aroha", ""),
    (NOTE, "Whetūāki", ""),
    (NOTE, "Whetūākin", "The note may not be greater than 8 characters."),
    (CODE, "123", ""),
    (CODE, "1+3", "The code format is invalid."),
    (DIGITS, "1" * 5000, ""),
    (DIGITS, "12+3", "The digits format is invalid."),
    (EMAIL, "a@b.n", "The email must be at least 6 characters."),
    (EMAIL, "a@b.nz", ""),
    (EMAIL, "aroha@ata.nz", ""),
    (EMAIL, "whetu@ata.nz1", "The email may not be greater than 12 characters."),
    (SITE, "https://shop.test/" + "x" * 5000, ""),
    (PHONE, "+6421555", ""),
    (PHONE, "021 555", "The phone format is invalid."),
    (SCORE, 0, ""),
    (SCORE, "100", ""),
    (SCORE, "-0.5", "The score must be between 0 and 100."),
    (SCORE, 100.5, "The score must be between 0 and 100."),
    (SCORE, "\uff15\uff10", "The score must be a number."),
    (LARGE, 10**15 - 1, ""),
    (LARGE, 10**15, "The large must be a number."),
    (TTL, 1, ""),
    (TTL, 43_200, ""),
    (AGE, {"min": 1, "max": 170}, ""),
    (AGE, {"min": 0}, "The age must be between 1 and 170."),
    (AGE, {"min": None, "max": ""}, ""),
    (ISSUED, "2031-02-28", ""),
    (ISSUED, "2031-02-29", "The issue date does not match the format Y-m-d."),
    (ISSUED, 20310228, "The issue date does not match the format Y-m-d."),
    (BORN, "2025-10-08", ""),
    (BORN, "2025-10-09", "The dob must be a date before today."),
    (NAMED, {"dob": "1987-03-14", "name": "Tāne"}, ""),
    (NAMED, {"dob": "1987-03-14"}, "The name field is required."),
    (NAMED, {"dob": "1987-03-14", "name": ""}, "The name field is required."),
    (NAMED, {"name": "", "dob": "2999-01-01"}, "The dob must be a date before today."),
    (NAMED, [], ""),
    (NAMED, ["Tāne"], "The name field is required."),
    (ServiceField("proof", "image"), SIXTEEN_MEGABYTES, ""),
    (
        ServiceField("proof", "image"),
        SIXTEEN_MEGABYTES + "AA",
        "The proof may not be greater than 16384 kilobytes.",
    ),
]


@pytest.mark.parametrize(("field", "value", "message"), EDGES, ids=lambda value: f"{value!r}"[:30])
def test_the_edges_of_a_rule(field: ServiceField, value: Any, message: str) -> None:
    broken = Rules([field], SETTINGS).first_broken({field.key: value}, NOW)
    assert (broken.message if broken is not None else "") == message
