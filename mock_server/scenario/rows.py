"""Rows of a table, of which each makes a scenario: from a sheet (CSV), a YAML file or a list in the file itself."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.scenario import source as yaml_source
from mock_server.scenario.problems import Place, Problem

MAX_ROWS = 100_000
MAX_BYTES = 32 * 1024 * 1024
SEPARATORS = ";,\t"
EXAMPLE = "write for example `rows: customers.csv`, or `rows: [{id: a1}, {id: b2}]`"


class TableRow(NamedTuple):
    """One row and where it is written."""

    values: Mapping[str, Any]
    file: str
    place: Place
    number: int
    """Counted from 1, without the header."""

    @property
    def source(self) -> str:
        """``customers.csv:3``; ``row 2`` of a document that has no lines."""
        return f"{self.file}:{self.place.line}" if self.place.line else f"row {self.number}"


class Rows(NamedTuple):
    """The rows of one table."""

    title: str
    """What messages call it."""
    columns: Sequence[str]
    """All that any row has."""
    rows: Sequence[TableRow]
    problems: Sequence[Problem] = ()
    """What is wrong in the table's own file."""


class UnusableRows(Exception):
    """The key ``rows`` leads to no table: what is wrong with it, and what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class DataFiles:
    """The tables that scenario files name. Each is read once."""

    def __init__(self, shown: Callable[[Path], str]) -> None:
        """``shown``: a path as messages show it."""
        self.paths: set[Path] = set()
        """All that are named, missing ones too."""
        self._shown = shown
        self._read: dict[Path, Rows] = {}

    def read(self, name: str, folder: Path, root: Path) -> Rows:
        """The table in a file next to the scenario file or below ``root``. Raises `UnusableRows`."""
        path = (folder / name).resolve()
        if not path.is_relative_to(root.resolve()):
            remedy = "move the file there, and write its path from here"
            raise UnusableRows(f"`{name}` is outside the scenario folder {self._shown(root)}", remedy)
        reader = _READERS.get(path.suffix.lower())
        if reader is None:
            raise UnusableRows(f"`{name}` is not a table", _as_table(path))
        self.paths.add(path)
        if path not in self._read:
            try:
                raw = path.read_bytes()
            except OSError as error:
                raise UnusableRows(*self._unreadable(name, path, error)) from None
            self._read[path] = reader(self._shown(path), raw)
        return self._read[path]

    def _unreadable(self, name: str, path: Path, error: OSError) -> tuple[str, str]:
        from mock_server.scenario.problems import did_you_mean

        if path.is_dir():
            return f"`{name}` is a folder", "name a file"
        if not isinstance(error, FileNotFoundError):
            return f"`{name}` cannot be read: {error.strerror}", "check its permissions"
        known = (file.name for file in path.parent.glob("*") if file.suffix.lower() in _READERS)
        remedy = did_you_mean(path.name, sorted(known)) if path.parent.is_dir() else ""
        return f"the file `{name}` does not exist", remedy or f"put it into {self._shown(path.parent)}"


# --- CSV


def read_csv(file: str, raw: bytes) -> Rows:
    """A sheet with a header line, in UTF-8, separated by ``;``, ``,`` or tabs."""
    text, problem = _decoded(file, raw)
    if problem is not None:
        return Rows(file, (), (), [problem])
    declared = _DECLARED.match(text)
    separator = declared[1] if declared else _separator(text)
    text = "\n" + text[declared.end() :] if declared else text  # lines are counted from the file's first
    problems: list[Problem] = []
    lines = _records(file, text, separator, problems)
    line, header = next(lines, (1, []))
    columns = [name.strip() for name in header]
    problems += _header_problems(file, line, columns, separator)
    rows = []
    for number, (line, cells) in enumerate(lines, 1):
        if len(cells) != len(columns) and any(cells[len(columns) :] or ["x"]):
            problems.append(_ragged(file, line, len(cells), len(columns), separator))
        rows.append(TableRow(dict(zip(columns, cells)), file, Place(line, 1), number))
    if len(rows) > MAX_ROWS:
        message = f"the table has {len(rows):,} rows; the limit is {MAX_ROWS:,}"
        problems.append(Problem(file, 1, 1, message, "split it", rule="bad-rows"))
    return Rows(file, columns, rows, problems)


_DECLARED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""The line in which a spreadsheet names the separator."""
_OF_SPREADSHEETS = frozenset({".xlsx", ".xls", ".xlsm", ".ods", ".numbers"})


def _as_table(path: Path) -> str:
    """The remedy for a file of another kind."""
    if path.suffix.lower() in _OF_SPREADSHEETS:
        return f"save it as `CSV UTF-8`, and write {path.with_suffix('.csv').name}"
    if path.suffix.lower() in (".tsv", ".txt", ".tab"):
        return f"rename it to {path.with_suffix('.csv').name}; tabs may separate its cells"
    return "name a file that ends in .csv, .yaml or .yml"


def _decoded(file: str, raw: bytes) -> tuple[str, Problem | None]:
    if len(raw) > MAX_BYTES:
        message = f"the file has {len(raw):,} bytes; the limit is {MAX_BYTES:,}"
        return "", Problem(file, 1, 1, message, "split it", rule="bad-rows")
    remedy = "save it as UTF-8; in a spreadsheet choose `CSV UTF-8`"
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "", Problem(file, 1, 1, "the file is UTF-16", remedy, rule="bad-rows")
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", "replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        return "", Problem(file, line, column, message, remedy, rule="bad-rows")


def _separator(text: str) -> str:
    """The one that the header line has most of, outside quotes."""
    header = "".join(text.lstrip("\r\n").partition("\n")[0].split('"')[::2])
    return max(SEPARATORS, key=header.count)


def _records(
    file: str, text: str, separator: str, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """First line and cells of each record that is not empty."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True
    )
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            message = 'a cell that begins with a quote (") is not closed, or goes on after it'
            remedy = 'close it, and write "" for a quote within a cell'
            problems.append(Problem(file, line, 1, message, remedy, rule="bad-rows"))
            return
        if cells is None:
            return
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


def _header_problems(file: str, line: int, columns: Sequence[str], separator: str) -> Iterator[Problem]:
    if len(columns) == 1 and "|" in columns[0] and separator != "|":
        message = "the cells are separated by `|`"
        yield Problem(file, line, 1, message, "separate them with `,`, `;` or tabs", rule="bad-rows")
    if not columns:
        yield Problem(
            file, 1, 1, "the table is empty", "begin it with a line of column names", rule="bad-rows"
        )
    for number, name in enumerate(columns, 1):
        if not name:
            message = f"column {number} has no name"
            remedy = "name it, or remove it; the first line of a table holds the names of its columns"
            yield Problem(file, line, 1, message, remedy, rule="bad-rows")
        elif name in columns[: number - 1]:
            message = f"two columns have the name `{name}`"
            yield Problem(file, line, 1, message, "give one of them another name", rule="bad-rows")


def _ragged(file: str, line: int, count: int, columns: int, separator: str) -> Problem:
    shown = "a tab" if separator == "\t" else f"`{separator}`"
    message = f"the row has {count} cell{'' if count == 1 else 's'}, and the header names {columns}"
    remedy = f'separate every cell with {shown}, empty ones too, and quote a cell that has {shown} in it: "…"'
    return Problem(file, line, 1, message, remedy, rule="bad-rows")


# --- YAML


def read_yaml(file: str, raw: bytes) -> Rows:
    """A list of mappings."""
    source, problems = yaml_source.read(file, raw)
    if problems:
        return Rows(file, (), (), problems)
    return rows_in(source.value, source, (), file)


def rows_in(value: Any, source: yaml_source.Source, path: tuple[str | int, ...], title: str) -> Rows:
    """The rows of a list that stands at the path."""
    if not isinstance(value, list):
        problem = source.problem(
            path, "bad-rows", "a table is a list of mappings", "write for example `- {id: a1}`"
        )
        return Rows(title, (), (), [problem])
    problems, rows = [], []
    columns: dict[str, None] = {}
    for number, item in enumerate(value, 1):
        at = (*path, number - 1)
        if not isinstance(item, dict):
            remedy = "write for example `{id: a1, outcome: accepted}`"
            problems.append(source.problem(at, "bad-rows", f"row {number} is not a mapping", remedy))
            continue
        columns.update(dict.fromkeys(item))
        rows.append(TableRow(item, source.file, source.place(at), number))
    return Rows(title, tuple(columns), rows, problems)


_READERS: Mapping[str, Callable[[str, bytes], Rows]] = {
    ".csv": read_csv,
    ".yaml": read_yaml,
    ".yml": read_yaml,
}
