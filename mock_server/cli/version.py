"""``mock-server version``."""

from __future__ import annotations

import platform

import click

import mock_server


@click.command("version")
def command() -> None:
    """Print the version of the mock server and of Python."""
    click.echo(f"mock-server {mock_server.__version__} (Python {platform.python_version()}, {platform.system()} {platform.machine()})")
