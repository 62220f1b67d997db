"""The command line as a whole: verbs, options, where they come from, and exit codes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from mock_server.cli import serve as serve_module
from mock_server.cli.main import FINDINGS, FINE, USAGE, VERBS, run, verbs
from mock_server.cli.options import configure, spread
from mock_server.core.config import BY_NAME, OPTIONS, Config

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No variable of the caller's counts, nothing lies in the working directory, and the log is left as it
    was."""
    import os

    for name in [name for name in os.environ if name.startswith("MOCK_SERVER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.raiseExceptions, logging.getLogger("mock_server").level
    yield
    root.handlers[:], root.level, logging.raiseExceptions = before[:3]
    logging.getLogger("mock_server").setLevel(before[3])


def command_of(verb: str) -> click.Command:
    with click.Context(verbs) as context:
        command = verbs.get_command(context, verb)
    assert command is not None
    return command


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: Capture) -> None:
    assert run([verb, "--help"]) == FINE
    assert f"Usage: mock-server {verb}" in capsys.readouterr().out


def test_the_help_lists_every_verb_and_the_exit_codes(capsys: Capture) -> None:
    assert run(["--help"]) == FINE
    output = capsys.readouterr().out
    assert not [verb for verb in VERBS if f"  {verb} " not in output]
    assert "Exit codes: 0 fine, 1 findings or not ready, 2 usage or configuration, 3" in output


@pytest.mark.parametrize("arguments", [["version"], ["--version"]])
def test_the_version(arguments: list[str], capsys: Capture) -> None:
    assert run(arguments) == FINE
    assert capsys.readouterr().out.startswith("mock-server 1.0.0")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["srve"], "did you mean serve?"),
        (["serve", "--prot", "1"], "--port"),
        (["serve", "--port", "http"], "--port: 'http' is not a whole number"),
        (["serve", "--port", "70000"], "not between 0 and 65535"),
        (["serve", "--log-level", "loud"], "'loud' is not one of"),
        (["serve", "--workers", "2"], "--store"),
        (["serve", "--scenarios", "nowhere"], "no such file or directory"),
        (["serve", "--config", "nowhere.yaml"], "nowhere.yaml"),
        (["serve", "--tls-cert", "x.pem"], "--tls-key"),
        (["serve", "--store", "mysql:x"], "mysql"),
        (["lint", "nowhere"], "no such file or directory"),
        (["sign"], "PATH"),
        (["verify"], "REQUEST"),
        (["trigger"], "EVENT"),
        (["record", "--provider", "cloudcheck"], "--upstream"),
        (["ready", "--timeout", "a while"], "--timeout"),
        (["ready", "--timeout", "-5s"], "--timeout: '-5s' is negative; write for example 10s"),
        (["coverage", "--fail-under", "101"], "--fail-under"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_exits_2_and_says_what_to_write(arguments: list[str], says: str, capsys: Capture) -> None:
    assert run(arguments) == USAGE
    output = capsys.readouterr()
    assert (says in output.err, output.out) == (True, ""), output.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--admin-token", ""], "--admin-token: the value is empty; write one, or leave the option out"),
        (["--scenarios", ""], "--scenarios: the value is empty"),
        (["--config", ""], "--config: the value is empty"),
        (["--config", "."], "--config .: Is a directory; name a YAML file"),
        (["--host", "no host"], "; write an address of this machine, such as 127.0.0.1"),
        (["--host", "a..b"], "; write an address of this machine, such as 127.0.0.1"),
        (["--host", "192.0.2.1", "--port", "0"], "cannot listen on 192.0.2.1:0: Cannot assign requested address; as --host write"),
        (["--port-file", "."], "--port-file .: it is a directory; name a file"),
        (["--store", "redis"], "--store: unknown store 'redis'; use memory, sqlite:PATH or redis://HOST:PORT/DB"),
        (["--callback-rewrite", "localhost=app:http"], "write FROM=TO, such as localhost=host.docker.internal"),
        (["--callback-rewrite", "localhost=app:70000"], "write FROM=TO"),
        (["--callback-rewrite", "http://localhost=app"], "write FROM=TO"),
        (["--callback-proxy", "x"], "--callback-proxy: 'x' is not a proxy: the URL has no scheme; write http://x"),
        (["--callback-proxy", "/"], "is not a proxy: the URL is relative; write for example http://localhost:3128"),
        (["--callback-proxy", "socks5://me:pw@x:1"], "'socks5://x:1' is not a proxy: only http and https can be called"),
        (["--callback-proxy", "https://me:pw@x:1"], "'https://x:1' is not a proxy that is supported; write it with http://"),
        (["--callback-ca", "nowhere"], "--callback-ca nowhere: No such file or directory; name a file of certificates (PEM)"),
        (["--callback-ca", "."], "--callback-ca .: Is a directory; name a file of certificates"),
        (["--callback-ca", __file__], ": no certificate in it; name a file of certificates"),
        (["--tls-cert", "nowhere", "--tls-key", "nowhere"], "--tls-cert nowhere: No such file or directory; name a file (PEM)"),
        (["--tls-cert", __file__, "--tls-key", "."], "--tls-key .: Is a directory; name a file (PEM)"),
        (["--tls-cert", __file__, "--tls-key", __file__], "not a certificate and its private key; name files in PEM that belong"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_named_with_a_remedy(
    arguments: list[str], says: str, capsys: Capture
) -> None:
    assert run(["serve", "--port", "0", *arguments]) == USAGE
    output = capsys.readouterr()
    assert (says in output.err, output.err.count("\n"), output.out) == (True, 1, ""), output.err


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """Configs that `serve` was called with, in place of serving."""
    configs: list[Config] = []
    monkeypatch.setattr(serve_module, "serve", configs.append)
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    return configs


@pytest.mark.parametrize("arguments", [[], ["serve"]], ids=["none", "serve"])
def test_without_a_verb_serve_is_meant(arguments: list[str], started: list[Config]) -> None:
    assert run([*arguments, *(["--port", "0"] if arguments else [])]) == FINE
    assert len(started) == 1


def test_options_alone_mean_serve_too(started: list[Config]) -> None:
    assert run(["--port", "0", "--no-watch"]) == FINE
    assert (started[0].port, started[0].watch) == (0, False)


def test_flag_beats_variable_beats_file_beats_default(
    started: list[Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    def seed() -> int:
        return int(started[-1].seed)

    run(["serve"])
    assert seed() == 0
    Path("mock.yaml").write_text("seed: 1\n")
    run(["serve", "--config", "mock.yaml"])
    assert seed() == 1
    monkeypatch.setenv("MOCK_SERVER_SEED", "2")
    run(["serve", "--config", "mock.yaml"])
    assert seed() == 2
    run(["serve", "--config", "mock.yaml", "--seed", "3"])
    assert seed() == 3
    monkeypatch.setenv("MOCK_SERVER_CONFIG", "mock.yaml")
    monkeypatch.delenv("MOCK_SERVER_SEED")
    run(["serve"])
    assert seed() == 1


EXAMPLES: dict[str, tuple[str, Any]] = {
    "host": ("0.0.0.0", "0.0.0.0"),
    "scenarios": (".", (".",)),
    "store": ("sqlite:x.db", "sqlite:x.db"),
    "callback_allow": ("10.0.0.0/8 app.test", ("10.0.0.0/8", "app.test")),
    "log_format": ("json", "json"),
    "public_base_url": ("http://a", "http://a"),
    "otlp_endpoint": ("http://a", "http://a"),
    "cors": ("http://a", ("http://a",)),
    "log_level": ("debug", "debug"),
}


@pytest.mark.parametrize("name", [name for name in BY_NAME if name not in ("workers", "tls_cert", "tls_key")])
def test_every_option_has_a_flag_and_a_variable(
    name: str, started: list[Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    option = BY_NAME[name]
    if option.kind is bool:
        run(["serve", f"--no-{option.flag[2:]}" if option.default else option.flag])
        monkeypatch.setenv(option.variable, "no" if option.default else "yes")
        run(["serve"])
        assert [not option.default] * 2 == [getattr(config, name) for config in started]
        return
    text, value = EXAMPLES.get(
        name, ("7", 7) if option.kind is int else ("x", ("x",) if option.many else "x")
    )
    run(["serve", option.flag, *text.split()])
    monkeypatch.setenv(option.variable, text)
    run(["serve"])
    assert [value, value] == [getattr(config, name) for config in started]


def test_an_option_of_many_values_takes_them_apart_or_together(started: list[Config]) -> None:
    run(["serve", "--cors", "http://a", "http://b", "--port", "0", "--cors", "http://c"])
    assert (started[0].cors, started[0].port) == (("http://a", "http://b", "http://c"), 0)
    assert spread(["--cors", "a", "b", "-h"]) == ["--cors", "a", "--cors", "b", "-h"]
    assert spread(["--port", "1", "2"]) == ["--port", "1", "2"]


def test_an_unknown_variable_is_a_warning_and_another_verbs_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_SERVER_PROT", "1")
    monkeypatch.setenv("MOCK_SERVER_FAIL_UNDER", "1")
    monkeypatch.setenv("MOCK_SERVER_URL", "http://x")
    _, warnings = configure({})
    assert warnings == ["MOCK_SERVER_PROT is not a known variable; did you mean MOCK_SERVER_PORT?"]


def test_the_warning_goes_to_the_log(
    started: list[Config], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("MOCK_SERVER_PROT", "1")
    assert run(["serve", "--log-format", "json"]) == FINE
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], "MOCK_SERVER_PROT" in line["message"]) == ("warning", True)


def flags(verb: str) -> set[str]:
    """Long options of the verb, as their variables name them."""
    command = command_of(verb)
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    return {
        next(flag for flag in option.opts if flag.startswith("--"))[2:].replace("-", "_")
        for option in options
    }


def test_the_other_verbs_flags_are_known_as_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    used = set.union(*(flags(verb) for verb in VERBS)) - {"help"}
    for name in used:
        monkeypatch.setenv(f"MOCK_SERVER_{name.upper()}", "")
    monkeypatch.setenv("MOCK_SERVER_ACCUONT", "")
    assert len(used) > len(BY_NAME)
    [warning] = configure({})[1]
    assert warning.startswith("MOCK_SERVER_ACCUONT is not a known variable")


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "serve"])
def test_every_flag_of_every_verb_has_its_variable(verb: str) -> None:
    for parameter in command_of(verb).params:
        if not isinstance(parameter, click.Option) or parameter.name in ("config", "help", *BY_NAME):
            continue
        long = next(flag for flag in parameter.opts if flag.startswith("--"))
        assert "MOCK_SERVER_" + long[2:].upper().replace("-", "_") == parameter.envvar


def test_serve_knows_every_option_of_the_table() -> None:
    assert {option.name for option in OPTIONS} | {"config"} == flags("serve")


def test_scenario_files_that_are_wrong_stop_serve_with_every_problem(capsys: Capture) -> None:
    Path("a.yaml").write_text(
        "version: 1\nprovider: cloudcheck\nscenarios:\n  - name: x\n    respond: {outcom: verified}\n"
    )
    Path("b.yaml").write_text("version: 2\nprovider: cloudchek\nscenarios: []\n")
    assert run(["serve", "--port", "0", "--scenarios", "a.yaml", "b.yaml"]) == USAGE
    output = capsys.readouterr()
    assert output.out == ""
    assert "a.yaml:5:15: `outcom` is not a key of `respond`" in output.err
    assert "b.yaml:1:" in output.err
    assert "b.yaml:2:" in output.err


def test_no_server_is_a_finding_with_the_remedy(capsys: Capture) -> None:
    assert run(["coverage", "--url", "http://127.0.0.1:9"]) == FINDINGS
    assert "is the mock server running?" in capsys.readouterr().err
    assert run(["ready", "--url", "http://127.0.0.1:9"]) == FINDINGS
    assert "not ready" in capsys.readouterr().err


def test_an_address_that_is_none_is_wrong_usage(capsys: Capture) -> None:
    assert run(["ready", "--url", "ftp://x"]) == USAGE
    assert "--url" in capsys.readouterr().err
