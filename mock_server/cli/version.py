"""``mock-server version``."""

from __future__ import annotations

import platform
from importlib.util import find_spec

import click

import mock_server


@click.command("version")
def command() -> None:
    """Print the version of the mock server and of Python, and whether the hot modules are compiled."""
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    click.echo(f"mock-server {mock_server.__version__} ({'compiled, ' if _compiled() else ''}{system})")


def _compiled() -> bool:
    module = find_spec("mock_server.store.memory")
    return module is not None and not str(module.origin).endswith(".py")
