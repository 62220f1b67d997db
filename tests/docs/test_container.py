"""The container's recipe, read as a builder would: there may be no engine where the tests run."""

from __future__ import annotations

import configparser
import fnmatch
import json
import re
from pathlib import Path

import yaml

from mock_server import __version__
from mock_server.cli.main import VERBS
from mock_server.core.config import BY_NAME

ROOT = Path(__file__).resolve().parents[2]


def instructions() -> list[tuple[str, str]]:
    """(instruction, arguments) of the Dockerfile, continuations joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    joined = text.replace("\\\n", " ")
    return [
        (line.split(None, 1)[0], line.split(None, 1)[1].strip())
        for line in joined.splitlines()
        if line.strip()
    ]


def last(name: str) -> str:
    return [arguments for instruction, arguments in instructions() if instruction == name][-1]


def test_it_ends_as_a_user_without_rights() -> None:
    user = last("USER")
    assert user.isdigit()
    assert int(user) > 0
    names = [instruction for instruction, _ in instructions()]
    assert "RUN" not in names[len(names) - names[::-1].index("USER") :]


def test_the_process_gets_the_signals_itself() -> None:
    command = json.loads(last("ENTRYPOINT")) + json.loads(last("CMD"))
    assert command == ["mock-server", "serve"]
    assert last("STOPSIGNAL") == "SIGTERM"


def test_the_health_check_is_a_verb_of_ours() -> None:
    program, verb = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    assert program == "mock-server"
    assert verb in VERBS


def test_every_variable_is_an_option() -> None:
    variables = re.findall(r"(MOCK_SERVER_[A-Z_]+)=(\S+)", last("ENV"))
    assert {option.variable for option in BY_NAME.values()} >= {name for name, _ in variables}
    assert dict(variables)["MOCK_SERVER_SCENARIOS"] == "/scenarios"
    assert dict(variables)["MOCK_SERVER_PORT"] == last("EXPOSE")


def test_its_labels_say_what_it_is() -> None:
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', last("LABEL")))
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(ROOT / "setup.cfg", "utf-8")
    about = metadata["metadata"]
    assert labels == {
        "title": about["name"],
        "description": about["description"],
        "version": __version__,
        "revision": "$REVISION",
        "source": about["project_urls"].partition("=")[2].strip(),
        "licenses": about["license"],
    }


def test_it_is_built_in_two_stages() -> None:
    stages = [arguments for instruction, arguments in instructions() if instruction == "FROM"]
    assert [stage.partition(" AS ")[2] for stage in stages] == ["build", ""]
    assert len({stage.split()[0] for stage in stages}) == 1
    assert [
        arguments for name, arguments in instructions() if name == "COPY" and "--from=build" in arguments
    ] == ["--from=build /opt/mock-server /opt/mock-server"]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copied = [
        word
        for name, arguments in instructions()
        if name == "COPY" and "--from" not in arguments
        for word in arguments.split()[:-1]
    ]
    assert copied
    assert not [path for path in copied if not (ROOT / path).exists()]
    assert not [path for path in copied if not any(fnmatch.fnmatch(path, pattern) for pattern in allowed)]


def test_compose_mounts_the_scenarios_where_the_server_looks() -> None:
    document = yaml.safe_load((ROOT / "compose.yaml").read_text())
    service = document["services"]["kyc"]
    assert "./scenarios:/scenarios:ro" in service["volumes"]
    assert set(service["environment"]) <= {option.variable for option in BY_NAME.values()}
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
