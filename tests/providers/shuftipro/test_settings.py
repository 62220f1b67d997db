"""Settings and accounts; each assumption has a row and a switch."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.providers.shuftipro.fidelity import ROWS
from mock_server.providers.shuftipro.settings import AccountSection, Settings, parse_account, parse_settings


def test_every_setting_has_one_row_and_its_default() -> None:
    rows = {row.setting: row.default for row in ROWS if row.setting}
    assert {name: getattr(Settings(), name) for name in Settings.__struct_fields__} == rows
    assert len(rows) == len([row for row in ROWS if row.setting])


def test_every_row_is_graded_and_says_something() -> None:
    assert {row.grade for row in ROWS} == {"D", "S", "A"}
    assert all(row.topic and row.reading and row.source for row in ROWS)
    assert len({row.topic for row in ROWS}) == len(ROWS)


def test_settings_are_read_with_their_units() -> None:
    settings = parse_settings(
        {"token_ttl": "1h", "complete_after": None, "duplicate_status": 409, "body_style": "plain"}
    )
    assert (
        settings.token_ttl,
        settings.complete_after,
        settings.duplicate_status,
        settings.body_style,
    ) == (3600.0, None, 409, "plain")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"duplicate_statsu": 409}, "did you mean `duplicate_status`"),
        ({"duplicate_status": 410}, "duplicate_status"),
        ({"token_ttl": "soon"}, "token_ttl: 'soon' is not a duration"),
        ({"token_ttl": "-5m"}, "cannot be negative"),
        ({"token_ttl": True}, "token_ttl"),
        ({"callback_attempts": 0}, "callback_attempts: 0 is too small; the smallest value is 1"),
        ({"callback_attempts": 10**6}, "callback_attempts: 1000000 is too large; the largest value is 1000"),
        ({"rate_limit": -1}, "rate_limit: -1 is too small; the smallest value is 0"),
        ({"rate_limit": 10**40}, "rate_limit: 100000000000000000000000000000… is too large"),
        ({"rate_limit": "60"}, "rate_limit: must be a whole number, got a text"),
        ({"price": -0.5}, "price: -0.5 is too small"),
        ({"callback_timeout": "0s"}, "callback_timeout: 0s is too small; it must be more than 0"),
        ({"token_ttl": "999999999d"}, "token_ttl: 999999999d is too large"),
        ({"token_ttl": ["10m"]}, "is not a duration; write for example"),
        ({"geolocation_country": "XX"}, "not an ISO 3166 code"),
        ({"body_style": "xml"}, "body_style"),
    ],
    ids=repr,
)
def test_a_wrong_setting_says_what_to_write(values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        parse_settings(values)


@pytest.mark.parametrize(
    ("name", "client_id", "secret"),
    [
        ("default", "mock-client", "mock-secret-QvT7dR2mZk4Lw9Xb"),
        ("test-a", "test-a", "test-a-secret"),
        ("acme", "acme", "acme-secret"),
    ],
)
def test_accounts_have_the_credentials_of_their_name(name: str, client_id: str, secret: str) -> None:
    assert AccountSection(client_id, secret) == parse_account(name, {})


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"secret": "x"}, "did you mean `secret_key`"),
        ({"secret_key": ""}, "cannot be empty"),
        ({"client_id": "a:b"}, "has a colon"),
        ({"signature": "sha1"}, "signature"),
        ({"rate_limit": -1}, "rate_limit: -1 is too small; the smallest value is 0"),
        ({"rate_limit": True}, "rate_limit: must be a whole number or null, got true or false"),
        ({"balance": 10**30}, "balance: 100000000000000000000000000000… is too large"),
        ({"services": ["documents"]}, "did you mean `document`"),
        ({"callback_url": "localhost:3000"}, "the URL has no scheme; write http://localhost:3000"),
    ],
    ids=repr,
)
def test_a_wrong_account_says_what_to_write(section: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_account("acme", section)
