"""Options: one table, four places they come from, and what is wrong is said with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.core import config
from mock_server.core.exceptions import ConfigError


def test_the_stronger_layer_wins_and_defaults_fill_in() -> None:
    built = config.build({"port": 1}, {"port": 2, "seed": "7"}, {"seed": 8, "host": "::1"})
    assert (built.port, built.seed, built.host, built.store) == (1, 7, "::1", "memory")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"port": "x"}, "--port: 'x' is not a whole number"),
        ({"port": 1.5}, "--port: 1.5 is not a whole number"),
        ({"port": True}, "--port: True is not a whole number"),
        ({"port": 70000}, "--port: 70000 is not between 0 and 65535"),
        ({"watch": "maybe"}, "--watch: 'maybe' is neither true nor false"),
        ({"log_format": "xml"}, "--log-format: 'xml' is none of text, json"),
        ({"workers": 0}, "--workers: 0 is not between 1 and 256; write for example 1"),
        ({"workers": 2}, "--workers: several processes need a store they share"),
        ({"tls_cert": "a.pem"}, "--tls-cert and --tls-key belong together"),
        (
            {"tls_self_signed": True, "tls_cert": "a", "tls_key": "b"},
            "leave --tls-cert and --tls-key out",
        ),
        ({"workers": 1000}, "--workers: 1000 is not between 1 and 256"),
        ({"record_bytes": 10**30}, "--record-bytes: 1000000000000000000000000000000 is not between 1 and"),
        ({"journal_bytes": "1MB"}, "'1MB' is not a whole number; write for example 67108864"),
        ({"seed": "9" * 5000}, f"--seed: '{'9' * 59}… is not a whole number"),
        ({"cors": 5}, "--cors: 5 is not a list"),
        ({"scenarios": {"a": "b"}}, "--scenarios: {'a': 'b'} is not a list"),
        ({"admin_token": ["a"]}, "--admin-token: ['a'] is not a text; write one value"),
        ({"host": " "}, "--host: the value is empty; write for example 127.0.0.1"),
        ({"host": "http://localhost"}, "--host: 'http://localhost' is not a host name or an address"),
        (
            {"public_base_url": "x"},
            "--public-base-url: 'x' cannot be used: the URL has no scheme; write http://x",
        ),
        ({"public_base_url": "ftp://x"}, "not 'ftp'; write for example https://mock.example.test"),
        ({"public_base_url": "http://x/?a=b"}, "leave out what follows ? and #"),
        (
            {"otlp_endpoint": "localhost:4318"},
            "--otlp-endpoint: 'localhost:4318' cannot be used: the URL has no scheme; write http",
        ),
        ({"otlp_endpoint": "http://"}, "the URL has no host; write for example http://localhost:4318"),
        (
            {"admin_host": ["http://x"]},
            "--admin-host: 'http://x' is not a host name; write it without scheme",
        ),
        ({"admin_host": ["x:80"]}, "--admin-host: 'x:80' is not a host name"),
    ],
)
def test_a_bad_value_is_named_with_its_flag(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        config.build(values)
    assert message in str(raised.value)


def test_variables_are_read_and_unknown_ones_are_warned_of() -> None:
    values, warnings = config.from_environment(
        {
            "MOCK_SERVER_JOURNAL_LIMIT": "5",
            "MOCK_SERVER_PROT": "1",
            "MOCK_SERVER_URL": "u",
            "HOME": "/",
            "MOCK_SERVER_SEED": "",
        },
        lambda variable: variable == "MOCK_SERVER_URL",
    )
    assert values == {"journal_limit": 5}
    assert warnings == ["MOCK_SERVER_PROT is not a known variable; did you mean MOCK_SERVER_PORT?"]


def test_a_list_may_be_written_in_one_variable() -> None:
    assert config.build({"callback_allow": "a,b c"}).callback_allow == ("a", "b", "c")


def test_a_path_that_exists_may_have_spaces_and_commas(tmp_path: Path) -> None:
    folder = tmp_path / "my scenarios, of today"
    folder.mkdir()
    assert config.build({}, {"scenarios": str(folder)}).scenarios == (str(folder),)
    assert config.build({}, {"scenarios": "a b,c"}).scenarios == ("a", "b", "c")


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("http://localhost:5173", "http://localhost:5173"),
        ("http://Localhost:5173/", "http://localhost:5173"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("chrome-extension://abcdef", "chrome-extension://abcdef"),
        ("*", "*"),
        ("null", "null"),
    ],
)
def test_origins_are_as_browsers_write_them(written: str, origin: str) -> None:
    assert config.build({"cors": [written]}).cors == (origin,)


@pytest.mark.parametrize(
    "written",
    [
        "localhost:5173",
        "http://localhost:port",
        "http://localhost:5173/app",
        "http://",
        "http://*.example",
        5173,
    ],
)
def test_what_is_not_an_origin_is_refused(written: object) -> None:
    with pytest.raises(ConfigError, match="is not an origin; write for example http://localhost:5173"):
        config.build({"cors": [written]})


def test_flags_and_variables_follow_from_the_name() -> None:
    assert (
        config.BY_NAME["journal_limit"].flag,
        config.BY_NAME["journal_limit"].variable,
    ) == ("--journal-limit", "MOCK_SERVER_JOURNAL_LIMIT")
