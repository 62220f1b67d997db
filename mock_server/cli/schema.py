"""``mock-server schema``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from mock_server.cli import local, output
from mock_server.cli.main import FINE
from mock_server.cli.options import config_options, configure, option


@click.command("schema")
@option("--values/--no-values", default=False, help="Print the magic values instead.")
@option("--provider", metavar="P", default="", help="Only this vendor's magic values.")
@option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Of the magic values.",
)
@config_options("seed")
def command(options: Mapping[str, Any], values: bool, provider: str, form: str) -> int:
    """Print the JSON Schema of scenario files, or the values that give an outcome with no file edited."""
    config, _ = configure(options)
    words = local.vocabularies(config)
    local.check_provider(provider, words)
    if not values:
        from mock_server.scenario.schema import text

        click.echo(text(words), nl=False)
        return FINE
    rows = [
        (name, one)
        for name, vocabulary in words.items()
        if provider in ("", name)
        for one in vocabulary.magic
    ]
    if form == "json":
        keys = ("operation", "path", "value", "prefix", "gives")
        output.document(
            [{"provider": name, **{key: getattr(one, key) for key in keys}} for name, one in rows]
        )
        return FINE
    output.table(
        ("provider", "operation", "field", "value", "gives"),
        [
            (name, one.operation, one.path, f"{one.value}…" if one.prefix else one.value, one.gives)
            for name, one in rows
        ],
    )
    return FINE
