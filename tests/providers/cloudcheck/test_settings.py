"""Settings, account sections, the fidelity table, the vocabulary: tables that have to agree."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mock_server.providers.cloudcheck.errors import CODES
from mock_server.providers.cloudcheck.fidelity import ROWS
from mock_server.providers.cloudcheck.magic import TABLE
from mock_server.providers.cloudcheck.provider import Cloudcheck
from mock_server.providers.cloudcheck.routes import BY_NAME, ENDPOINTS, Routes
from mock_server.providers.cloudcheck.settings import (
    PERMISSIONS,
    AccountSection,
    Settings,
    parse_account,
    parse_settings,
)
from mock_server.providers.cloudcheck.vocabulary import VOCABULARY


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def test_every_setting_is_in_the_fidelity_table_with_its_default() -> None:
    rows = {(row.setting, row.default) for row in ROWS if row.setting}
    assert {(name, as_text(getattr(Settings(), name))) for name in Settings.__struct_fields__} == rows


def test_rows_are_graded() -> None:
    assert {row.grade for row in ROWS} <= set("DKRCMA")
    assert all(row.topic and row.reading.endswith(".") and row.source for row in ROWS)


def test_durations_are_written_as_people_write_them() -> None:
    settings = parse_settings(
        {"timestamp_max_age": "15m", "nonce_memory": "7d", "peid_interval": 1, "webhook_timeout": "1500ms"}
    )
    assert (
        settings.timestamp_max_age,
        settings.nonce_memory,
        settings.peid_interval,
        settings.webhook_timeout,
    ) == (900.0, 604_800.0, 1.0, 1.5)


@pytest.mark.parametrize(
    ("values", "remedy"),
    [
        ({"timestamp_max_aeg": "15m"}, "unknown key 'timestamp_max_aeg': did you mean `timestamp_max_age`"),
        ({"timestamp_max_age": "soon"}, "timestamp_max_age: 'soon' is not a duration; write for example"),
        ({"timestamp_max_age": None}, "timestamp_max_age"),
        ({"timestamp_max_age": "-5m"}, "timestamp_max_age: a duration cannot be negative"),
        ({"nonce_memory": "9999999999d"}, "nonce_memory: 9999999999d is too large"),
        ({"nonce_max_length": -1}, "nonce_max_length: -1 is too small; the smallest value is 0"),
        ({"webhook_timeout": 0}, "webhook_timeout: 0 is too small; it must be more than 0"),
        ({"error_status": 600}, "error_status: 600 is not an HTTP status"),
        ({"error_status": "200"}, "error_status: must be a whole number, got a text"),
        ({"repeated_parameters": "all"}, "repeated_parameters: 'all' is not one of its values; use one of: "),
        (
            {"timezone": "Middle/Earth"},
            "timezone: 'Middle/Earth' is not known here; write for example Pacific/Auckland",
        ),
        (
            {"error_position": {"verfy": "top"}},
            "error_position: 'verfy' is not an operation .did you mean 'verify'",
        ),
        ({"error_position": {"verify": "middle"}}, "'middle' is not one of its values"),
        ({"paths": {"verify": "/x/"}}, "paths: 'verify' has no path to set"),
        ({"paths": {"tree-result": "x"}}, "paths: 'x' is not a path; write for example /tree/result/"),
        ({"paths": {"tree-result": "/verify/"}}, "paths: '/verify/' is the path of verify"),
    ],
)
def test_wrong_settings_say_what_is_right(values: dict[str, Any], remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        Cloudcheck(parse_settings(values))


def test_a_path_that_is_not_published_can_be_set() -> None:
    routes = Routes(parse_settings({"paths": {"tree-result": "/kyb/outcome"}}))
    assert routes.serves("/kyb/outcome")
    assert routes.find("GET", "/kyb/outcome").name == "tree-result"


@pytest.mark.parametrize(
    ("name", "section", "key", "secret"),
    [
        ("default", {}, "MockKey0NotReal1", "mock-secret-not-real-0123456789ab"),
        ("test-7", {}, "test-7", "test-7-secret"),
        ("acme", {"key": "k", "secret": "s"}, "k", "s"),
        ("acme", {}, "acme", "acme-secret"),
    ],
)
def test_credentials_of_an_account(name: str, section: dict[str, Any], key: str, secret: str) -> None:
    account = parse_account(name, section)
    assert (key, secret, key, frozenset(PERMISSIONS)) == (
        account.key,
        account.secret,
        account.credential,
        account.permissions,
    )


@pytest.mark.parametrize(
    ("section", "remedy"),
    [
        ({"kye": "k"}, "unknown key 'kye': did you mean `key`"),
        ({"key": ""}, "cannot be empty"),
        ({"permissions": ["verfy"]}, "'verfy' is not known; did you mean `verify`"),
        ({"webhook_url": "localhost:3000"}, "the URL has no scheme; write http://localhost:3000"),
        ({"secret": 7}, "secret: must be a text, got a whole number"),
    ],
)
def test_a_wrong_account_says_what_is_right(section: dict[str, Any], remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        parse_account("acme", section)


def test_the_secret_is_not_in_what_an_account_shows_of_its_settings() -> None:
    assert set(msgspec.structs.asdict(AccountSection("k", "s"))) == {
        "key",
        "secret",
        "permissions",
        "webhook_url",
    }


# -- the route table and what is read off it
# -----------------------------------------------------------------------------------
def test_routes_are_told_apart() -> None:
    assert len(BY_NAME) == len(ENDPOINTS)
    places = [(endpoint.path, method) for endpoint in ENDPOINTS for method in endpoint.methods]
    assert len(places) == len(set(places))
    assert {endpoint.permission for endpoint in ENDPOINTS} == set(PERMISSIONS)


def test_the_vocabulary_agrees_with_the_routes() -> None:
    assert set(BY_NAME) == set(VOCABULARY.operations)
    assert {str(code) for code in CODES} == set(VOCABULARY.errors)
    assert "109" not in VOCABULARY.errors
    assert set(VOCABULARY.request_types) == {
        "VERIFICATION",
        "WATCHLIST_MONITORING",
        "CAPTURE",
        "IDSCAN",
        "AKAHU",
        "CREDFIN",
        "DOCUMENT_CHECK",
    }
    for endpoint in ENDPOINTS:
        assert endpoint.usual == next(iter(VOCABULARY.operations[endpoint.name].outcomes))


def test_magic_values_name_what_there_is() -> None:
    assert len(TABLE) == len({(row.operation, row.path, row.value, row.prefix) for row in TABLE})
    for row in TABLE:
        assert row.operation == "*" or row.operation in VOCABULARY.operations
        word, _, what = row.gives.partition(" ")
        if word == "outcome":
            assert what in VOCABULARY.operations[row.operation].outcomes
        elif word == "error":
            assert what in VOCABULARY.errors
