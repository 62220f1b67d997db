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
        ({"workers": 0}, "--workers: must be at least 1, not 0"),
        ({"workers": 2}, "--workers: several processes need a store they share"),
        ({"tls_cert": "a.pem"}, "--tls-cert and --tls-key belong together"),
        (
            {"tls_self_signed": True, "tls_cert": "a", "tls_key": "b"},
            "leave --tls-cert and --tls-key out",
        ),
        ({"cors": 5}, "--cors: 5 is not a list"),
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
    assert values == {"journal_limit": "5"}
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
    "written", ["localhost:5173", "http://localhost:5173/app", "http://", "http://*.example", 5173]
)
def test_what_is_not_an_origin_is_refused(written: object) -> None:
    with pytest.raises(ConfigError, match="is not an origin; write for example http://localhost:5173"):
        config.build({"cors": [written]})


def test_a_config_file_holds_options_accounts_and_settings(tmp_path: Path) -> None:
    path = tmp_path / "mock-server.yaml"
    path.write_text(
        "port: 9\njournal-limit: 3\naccounts: {acme: {shuftipro: {signature: legacy}}}\nsettings: {cloudcheck: {timestamp_max_age: 15m}}\n"
    )
    options, accounts, settings = config.from_file(path)
    assert options == {"port": 9, "journal_limit": 3}
    assert accounts == {"acme": {"shuftipro": {"signature": "legacy"}}}
    assert settings == {"cloudcheck": {"timestamp_max_age": "15m"}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot: 1", "unknown key 'prot'; did you mean port?"),
        ("- a", ":1:1: a config file is a mapping"),
        ("a: [", ":2:1: did not find expected"),
        ("accounts: [a]", "accounts must be a mapping of mappings"),
        ("settings: {cloudcheck: 1}", "settings must be a mapping of mappings"),
    ],
)
def test_a_wrong_config_file_is_refused_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        config.from_file(path)
    assert message in str(raised.value)


def test_a_missing_config_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        config.from_file(tmp_path / "none.yaml")


def test_flags_and_variables_follow_from_the_name() -> None:
    assert (
        config.BY_NAME["journal_limit"].flag,
        config.BY_NAME["journal_limit"].variable,
    ) == ("--journal-limit", "MOCK_SERVER_JOURNAL_LIMIT")
