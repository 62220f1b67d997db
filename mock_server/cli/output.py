"""Tables and JSON on stdout: ruled for a terminal, plain columns for a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click


def table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print the rows under their headers."""
    cells = [[str(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _ruled(headers, cells)
        return
    widths = [max(len(line[column]) for line in [list(headers), *cells]) for column in range(len(headers))]
    for line in [list(headers), *cells]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def _ruled(headers: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headers, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def document(value: Any) -> None:
    """Print JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def plural(count: int, word: str) -> str:
    """``1 callback``, ``2 callbacks``."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def difference(mismatch: Mapping[str, Any]) -> str:
    """Why a condition does not match: the expected and the actual value."""
    actual = str(mismatch["reason"]).removeprefix("is ")
    return f"{mismatch['path']}: expected {mismatch['expected']}, actual {actual}"
