"""The verbs as a table. A verb's module is imported when it is called, so that ``serve`` pays for no
other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

import mock_server
from mock_server.cli.encoding import show_anything
from mock_server.core.exceptions import ConfigError, MockServerError, PortTakenError

VERBS = {
    "serve": "Start the mock server (also when no verb is given).",
    "demo": "Run one exchange of each vendor end to end and show each step.",
    "init": "Write a commented starter scenario directory.",
    "lint": "Check scenario files.",
    "schema": "Print the scenario JSON Schema, or the magic values.",
    "scenarios": "List what is loaded, with file, line and how often it answered.",
    "try": "Show what scenario files answer to sample requests, without a server.",
    "explain": "Say which scenario answers a request, and why the others do not.",
    "sign": "Sign a request, or the body of a callback.",
    "verify": "Check a signature and name the mistake in a wrong one.",
    "trigger": "Fire one callback or webhook now.",
    "decide": "Decide a pending verification as a reviewer would.",
    "audit": "Send a receiver one genuine and many forged callbacks.",
    "doctor": "Try a callback address as the server would.",
    "coverage": "Show which codes, statuses, events and outcomes a run exercised.",
    "bundle": "Write what an account did into one file, for replay.",
    "replay": "Answer the requests of a bundle once more and say what differs.",
    "state": "Export an account's records and clock, or start an account from them.",
    "record": "Forward to a real server and write what it answers as scenario files.",
    "calibrate": "Compare the mock with the vendor's real service and write the settings that agree.",
    "ready": "Exit 0 when the server answers ready.",
    "version": "Print the version.",
}
_MODULES = {"try": "tryout"}
"""Verb → its module, where the verb is a word of Python."""
FINE, FINDINGS, USAGE, PORT_TAKEN = 0, 1, 2, 3


class Verbs(click.Group):
    """Imports verbs late; without one, ``serve`` is meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = import_module(f"mock_server.cli.{_MODULES.get(name, name)}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ("--help", "-h", "--version")):
            args = ["serve", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in VERBS:
            from difflib import get_close_matches

            close = get_close_matches(args[0], VERBS, 1)
            raise click.UsageError(
                f"unknown verb {args[0]!r}{f'; did you mean {close[0]}?' if close else ''}", ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    epilog="Exit codes: 0 fine, 1 findings or not ready, 2 usage or configuration, 3 the port is taken.",
)
@click.version_option(mock_server.__version__, prog_name="mock-server", message="%(prog)s %(version)s")
def verbs() -> None:
    """A local stand-in for the identity-verification APIs of several vendors."""


def run(arguments: Sequence[str] | None = None) -> int:
    """The exit code of a command line; errors go to stderr."""
    for stream in (sys.stdout, sys.stderr):
        show_anything(stream)
    try:
        code: Any = verbs.main(
            None if arguments is None else list(arguments), prog_name="mock-server", standalone_mode=False
        )
    except click.Abort:
        return FINDINGS
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except PortTakenError as error:
        return _failed(str(error), PORT_TAKEN)
    except ConfigError as error:
        return _failed(str(error), USAGE)
    except MockServerError as error:
        return _failed(str(error), FINDINGS)
    return code if isinstance(code, int) else FINE


def _failed(message: str, code: int) -> int:
    several = "\n" in message
    click.echo(message if several else f"mock-server: {message}", err=True)
    return code


def main() -> NoReturn:
    """The console script."""
    sys.exit(run())
