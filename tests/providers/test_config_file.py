"""What the config file says, and what is wrong with it: with place and remedy, as for scenario files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.cli.main import USAGE, run
from mock_server.core.exceptions import ConfigError
from mock_server.providers import config_file


def test_a_config_file_holds_options_accounts_and_settings(tmp_path: Path) -> None:
    path = tmp_path / "mock-server.yaml"
    path.write_text(
        "port: 9\njournal-limit: 3\nwatch: no\naccounts: {acme: {shuftipro: {signature: legacy}}}\n"
        "settings: {cloudcheck: {timestamp_max_age: 15m}}\n"
    )
    options, accounts, settings = config_file.read(path)
    assert options == {"port": 9, "journal_limit": 3, "watch": False}
    assert accounts == {"acme": {"shuftipro": {"signature": "legacy"}}}
    assert settings == {"cloudcheck": {"timestamp_max_age": "15m"}}


@pytest.mark.parametrize("text", ["", "# nothing\n", "accounts:\nsettings:\nport:\n"])
def test_a_config_file_may_say_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mock-server.yaml"
    path.write_text(text)
    assert config_file.read(path) == config_file.ConfigFile()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot: 1", ":1:1: unknown key `prot`; did you mean `port`?"),
        ("- a", ":1:1: a config file is a mapping"),
        ("port: 1\nseed: [1", ":2:7: the bracket `[` opened here is not closed; write `[1]`"),
        ("port: 1\n\thost: x", ":2:1: this line is indented with a tab, which YAML does not allow; indent it by no space"),
        ("port: 1\nport: 2", ":2:1: the key `port` appears twice in this mapping, first on line 1; remove one of them"),
        (
            "accounts:\n  acme: {cloudcheck: {key: a}}\n  acme: {cloudcheck: {key: b}}",
            ":3:3: the key `acme` appears twice in this mapping, first on line 2; remove one of them",
        ),
        ("accounts: [a]", ":1:1: accounts must be a mapping of mappings"),
        ("settings: {cloudcheck: 1}", ":1:12: settings must be a mapping of mappings, and cloudcheck is not one"),
        ("seed: 1\nport: -1", ":2:1: port: -1 is not between 0 and 65535; write for example 8484"),
        ("journal-limit: many", ":1:1: journal-limit: 'many' is not a whole number; write for example 1000"),
        ("host: [a]", ":1:1: host: ['a'] is not a text; write one value"),
        ("watch: maybe", ":1:1: watch: 'maybe' is neither true nor false"),
    ],
)  # fmt: skip
def test_a_wrong_config_file_is_refused_with_the_place(
    tmp_path: Path, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        config_file.read(path)
    assert f"c.yaml{message}" in str(raised.value)
    assert "[yaml" not in str(raised.value)
    assert run(["serve", "--config", str(path)]) == USAGE
    assert f"c.yaml{message}" in capsys.readouterr().err


def test_a_config_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    remedy = "name a YAML file with accounts, settings and options"
    with pytest.raises(ConfigError, match=f"No such file or directory; {remedy}"):
        config_file.read(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match=f"Is a directory; {remedy}"):
        config_file.read(tmp_path)
    with pytest.raises(ConfigError, match=f"--config: the value is empty; {remedy}"):
        config_file.read("")
