"""``python -m release.surface``: the names that users write, and whether all that were released are still there.

``surface.txt`` lists them, one a line: verbs and flags, variables, calls and parameters of the control API, keys of
scenario files, fixtures of the pytest plugin, and the public names of the client. Events, outcomes and error codes are
not in it, since vendors decide on them. A name is taken off the list after a release that called
it deprecated; new names are added by running this."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("surface.txt")
METHODS = ("get", "put", "post", "delete", "patch")


def command_line() -> Iterator[str]:
    import click

    from mock_server.cli.main import verbs

    def walk(command: click.Command, name: str) -> Iterator[str]:
        yield name
        for parameter in command.params:
            yield from (
                f"{name} {option}"
                for option in (*parameter.opts, *parameter.secondary_opts)
                if option[:1] == "-"
            )
        if isinstance(command, click.Group):
            context = click.Context(command)
            for verb in command.list_commands(context):
                found = command.get_command(context, verb)
                assert found is not None
                yield from walk(found, f"{name} {verb}")

    yield from walk(verbs, "mock-server")


def variables() -> Iterator[str]:
    from mock_server.core.config import BY_NAME

    return (option.variable for option in BY_NAME.values())


def control_api() -> Iterator[str]:
    from mock_server.core import config
    from mock_server.web.app import create_app
    from mock_server.web.service import Service

    document = create_app(Service(config.build())).test_client().get("/__admin/openapi.json").get_json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield f"{method.upper()} {path}"
                for parameter in operation.get("parameters", ()):
                    yield f"{method.upper()} {path} {parameter.get('in')}:{parameter.get('name')}"


def scenario_keys() -> Iterator[str]:
    done = subprocess.run([sys.executable, "-m", "mock_server", "schema"], capture_output=True, check=True)
    schema = json.loads(done.stdout)

    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            properties = node.get("properties")
            if isinstance(properties, dict):
                yield from properties
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    return (f"scenario key {key}" for key in set(walk(schema)))


def python() -> Iterator[str]:
    for module in ("mock_server.client", "mock_server.client.aio"):
        holder = importlib.import_module(module)
        yield from (f"{module}.{name}" for name in holder.__all__)
    from mock_server import testing

    yield from (
        f"{testing.__name__}.{testing.start.__name__}({name})" for name in signature(testing.start).parameters
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--fixtures",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir=/",
            "-c",
            os.devnull,
        ],
        cwd=LIST.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    section = done.stdout.partition("fixtures defined from mock_server.pytest_plugin")[2].partition("------")[
        2
    ]
    yield from (
        f"fixture {name}"
        for name in re.findall(
            r"(?m)^(\w+)(?: \[\w+ scope\])? -- ", section.split("fixtures defined from")[0]
        )
    )


def names() -> list[str]:
    """Every name, in order."""
    return sorted({*command_line(), *variables(), *control_api(), *scenario_keys(), *python()})


def missing() -> list[str]:
    """Names of the list that are gone."""
    present = set(names())
    return [
        f"{name} is gone: deprecate it first, then take it off release/surface.txt"
        for name in LIST.read_text("utf-8").splitlines()
        if name not in present
    ]


if __name__ == "__main__":
    LIST.write_text("".join(f"{name}\n" for name in names()), "utf-8")
