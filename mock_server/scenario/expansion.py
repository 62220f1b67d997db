"""Writes a file out before it is checked: variables filled in, defaults applied to every scenario.

A pure function over the document. What comes out is a document of plain scenarios; each place in it leads back to
where the text stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_server.scenario.defaults import cleaned, lay_under, without_extras
from mock_server.scenario.load_time import (
    EnvNames,
    FillFailure,
    LoadTimeText,
    Table,
    heads,
    mentions_load_time,
)
from mock_server.scenario.names import LOAD_TIME
from mock_server.scenario.problems import WARNING, Place, Problem, did_you_mean, key_path
from mock_server.scenario.rows import EXAMPLE, Rows, TableRow, UnusableRows, rows_in
from mock_server.scenario.source import Path, Source
from mock_server.scenario.templates import compile_text, compile_value, fill, has_marks
from mock_server.scenario.values import TemplateError

if TYPE_CHECKING:
    from mock_server.scenario.sandbox import Program

MAX_SPOILT_ROWS = 20
"""Of one table: so many are reported, and the others wait until those are right."""
_NAME = re.compile(r"[^\W\d]\w*")
_ROW = re.compile(r"\brow\b")
_EACH_NEEDS_ITS_OWN = ("name", "rows")
"""Keys of a scenario that cannot be a default."""


class Origin(NamedTuple):
    """Where a scenario comes from."""

    position: int
    """In the file's list."""
    row: TableRow | None = None
    """What it is made of, apart from the file's text."""


class Expanded(Source):
    """A file that is written out: ``value`` has every scenario in full, places lead back to the file's text."""

    def __init__(self, written: Source, defaults: Mapping[str, Any], names: Mapping[str, Any]) -> None:
        super().__init__(written.file, written.text, written.value, None)
        self.written = written
        self.origins: list[Origin] = []
        self._defaults = defaults
        self._names = names

    def names(self, index: int) -> Mapping[str, Any]:
        return _with_row(self._names, self.origins[index].row)

    def row(self, index: int) -> str:
        row = self.origins[index].row
        return row.source if row is not None else ""

    def group(self, index: int) -> int:
        return self.origins[index].position

    def place(self, path: Path, *, key: bool = False) -> Place:
        return self.written.place(self.written_at(path), key=key)

    def problem(
        self,
        path: Path,
        rule: str,
        message: str,
        remedy: str = "",
        *,
        key: bool = False,
        severity: str = "error",
        fix: str | None = None,
    ) -> Problem:
        at = self.written_at(path)
        problem = self.written.problem(at, rule, message, remedy, key=key, severity=severity, fix=fix)
        text = self._text_at(at)
        if key or not mentions_load_time(text):
            return problem
        origin = self._origin(path)
        row = origin.row if origin is not None else None
        if row is None or not _ROW.search(text):
            return problem._replace(fix=None)
        return _at_row(_for_cell(problem, row, text), row, key_path(at[2:]))

    def _origin(self, path: Path) -> Origin | None:
        """Where the scenario comes from that the path leads into; None: it leads elsewhere."""
        position = path[1] if len(path) > 1 and path[0] == "scenarios" else None
        return self.origins[position] if isinstance(position, int) else None

    def _text_at(self, path: Path) -> str:
        """The text in the file at the path, or above it; empty if the file has none."""
        value = self.written.value
        for part in path:
            if isinstance(value, str):
                break
            value = value.get(part) if isinstance(value, dict) else _item(value, part)
        return value if isinstance(value, str) and has_marks(value) else ""

    def written_at(self, path: Path) -> Path:
        """The path in the file: in the scenario, or in the defaults where only they have it."""
        origin = self._origin(path)
        if origin is None:
            return path
        own = ("scenarios", origin.position, *path[2:])
        candidates = [own, ("defaults", *path[2:])]
        if path[2:3] == ("sequence",) and "respond" in path:
            candidates.append(("defaults", *path[list(path).index("respond") :]))
        return next((each for each in candidates if self._has(each)), own)

    def _has(self, path: Path) -> bool:
        try:
            reduce(getitem, path, self.written.value)
        except (LookupError, TypeError):
            return False
        return True


def _item(value: Any, part: str | int) -> Any:
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def _with_row(names: Mapping[str, Any], row: TableRow | None) -> dict[str, Any]:
    return dict(names) if row is None else {**names, "row": Table(f"the row at {row.source}", row.values)}


def _with_text_as_name(scenario: dict[str, Any]) -> dict[str, Any]:
    """A name may be a column of numbers."""
    name = scenario.get("name")
    is_number = isinstance(name, (int, float)) and not isinstance(name, bool)
    return {**scenario, "name": str(name)} if is_number else scenario


_ONE_COLUMN = re.compile(r"\{\{\s*(row\.(\w+))\s*\}\}")
_YES = {"yes": "yes", "no": "yes", "on": "on", "off": "on", "1": "1", "0": "1"}


def _for_cell(problem: Problem, row: TableRow, text: str) -> Problem:
    """A cell of a sheet is always text: the remedy for another type is a filter in the scenario."""
    column, fix = _ONE_COLUMN.fullmatch(text.strip()), problem.fix
    cell = row.values.get(column[2]) if column else None
    if column is None or fix is None or problem.rule != "wrong-type" or not isinstance(cell, str):
        return problem
    if fix in ("true", "false"):
        yes = _YES.get(cell.strip().lower())
        expression = f"{column[1]} == '{yes}'" if yes else f"{column[1]} | lower == 'true'"
    elif fix.isdecimal():
        expression = f"{column[1]} | int"
    else:
        return problem
    return problem._replace(remedy=f'a cell is a text; write `"{{{{ {expression} }}}}"` in the scenario')


def _at_row(problem: Problem, row: TableRow, key: str) -> Problem:
    """The problem at the row whose value it is about."""
    if not row.place.line:
        return problem._replace(message=f"{problem.message} (in {row.source})", fix=None)
    return problem._replace(
        file=row.file,
        line=row.place.line,
        column=row.place.column,
        length=row.place.length,
        message=f"{problem.message} (for `{key}` at {problem.file}:{problem.line})",
        fix=None,
    )


RowsOf = Callable[[str], Rows]
"""The table in a file. Raises `UnusableRows`."""


def expand(source: Source, environ: Mapping[str, str], rows_of: RowsOf) -> tuple[Source, list[Problem]]:
    """The file written out, and what keeps parts of it from that. A file of another shape is left as it is.

    ``environ``: the variables that ``env`` reads."""
    value = without_extras(source.value)
    if not isinstance(value, dict):
        return source, []
    expansion = _Expansion(source, value, environ, rows_of)
    expansion.expand(value)
    return expansion.expanded, expansion.problems


class _Expansion:
    """One file being written out."""

    def __init__(
        self, source: Source, value: Mapping[str, Any], environ: Mapping[str, str], rows_of: RowsOf
    ) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._rows_of = rows_of
        self._columns: Rows | None = None
        """The table of the scenario that is being written out."""
        self._names: dict[str, Any] = {"env": EnvNames(environ), "vars": Table("vars", {})}
        self._defaults = self._read_defaults(value.get("defaults"))
        self._failures: list[FillFailure] = []
        self.expanded = Expanded(source, self._defaults, self._names)

    def expand(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("vars"), dict):
            value = {**value, "vars": self._read_vars(value["vars"])}
        if isinstance(value.get("defaults"), dict):
            value = {**value, "defaults": {}}
        if isinstance(value.get("scenarios"), list):
            value = {**value, "scenarios": list(self._scenarios(value["scenarios"]))}
        self.expanded.value = value

    def _read_defaults(self, written: Any) -> Mapping[str, Any]:
        if not isinstance(written, dict):
            return {}
        for key in _EACH_NEEDS_ITS_OWN:
            if key in written:
                self._note(
                    ("defaults", key),
                    "bad-default",
                    f"`{key}` cannot be a default",
                    f"write `{key}` in each scenario",
                    is_key=True,
                )
        return {key: each for key, each in cleaned(written).items() if key not in _EACH_NEEDS_ITS_OWN}

    def _read_vars(self, written: Mapping[str, Any]) -> Mapping[str, Any]:
        """Each with those before it in view."""
        values: dict[str, Any] = {}
        self._names["vars"] = Table("vars", values)
        for name, value in written.items():
            if not _NAME.fullmatch(name):
                remedy = "use letters, digits and _, such as `shop_prefix`"
                self._note(
                    ("vars", name), "bad-name", f"`{name}` cannot name a variable", remedy, is_key=True
                )
            plan = compile_value(value, ("vars", name), self._var_text)
            values[name] = fill(plan, dict(self._names))
        self._report()
        return values

    def _scenarios(self, written: list[Any]) -> Iterator[Any]:
        for position, scenario in enumerate(written):
            if isinstance(scenario, dict):
                yield from self._filled(position, lay_under(self._defaults, cleaned(scenario)))
            else:
                self.expanded.origins.append(Origin(position))
                yield scenario

    def _filled(self, position: int, scenario: dict[str, Any]) -> Iterator[Any]:
        """The scenario with its load-time texts filled in, once for each row of its table."""
        rows: Sequence[TableRow | None] = (None,)
        if "rows" in scenario:
            self._columns = self._table(position, scenario.pop("rows"))
            rows = self._distinct(position, scenario, self._columns.rows)
        plan = compile_value(scenario, (), self._text)
        self._columns = None
        if self._failures:
            self._add(Origin(position))
            return
        failed = 0
        for row in rows:
            filled = fill(plan, _with_row(self._names, row))
            if self._add(Origin(position, row)):
                yield _with_text_as_name(filled) if row is not None else filled
            else:
                failed += 1
                if failed == MAX_SPOILT_ROWS:
                    break

    def _add(self, origin: Origin) -> bool:
        """The scenario that comes next is from there, unless something in it could not be filled in: note that."""
        self.expanded.origins.append(origin)
        if not self._report(("scenarios", len(self.expanded.origins) - 1)):
            return True
        self.expanded.origins.pop()
        return False

    def _table(self, position: int, written: Any) -> Rows:
        """The scenario's table, or an empty table if it cannot be used."""
        at = ("scenarios", position, "rows")
        try:
            if isinstance(written, list):
                table = rows_in(written, self._source, at, "the list of rows")
            else:
                plan = compile_value(written, ("rows",), self._text)
                name = fill(plan, dict(self._names))
                if self._failures or not isinstance(name, str):
                    raise UnusableRows("`rows` must be the name of a file, or a list of mappings", EXAMPLE)
                table = self._rows_of(name)
        except UnusableRows as error:
            self._failures.clear()
            self._note(at, "bad-rows", error.message, error.remedy)
            return Rows("", (), ())
        self.problems += table.problems
        if table.problems:
            return table._replace(rows=())
        if not table.rows:
            self.problems.append(
                self._source.problem(
                    at,
                    "empty-rows",
                    f"{table.title} has no rows",
                    "add some, or remove the scenario",
                    severity=WARNING,
                )
            )
        return table

    def _distinct(
        self, position: int, scenario: Mapping[str, Any], rows: Sequence[TableRow]
    ) -> Sequence[TableRow]:
        """The rows; only the first of them where all would give their scenario the same name."""
        name = scenario.get("name")
        if len(rows) < 2 or not isinstance(name, str) or _ROW.search(name):
            return rows
        column = next(iter(rows[0].values), "id")
        message = f"all {len(rows):,} rows make a scenario with the name `{name}`"
        remedy = f"put a column into it, such as `{name} {{{{ row.{column} }}}}`"
        self._note(("scenarios", position, "name"), "same-name", message, remedy)
        return rows[:1]

    def _report(self, above: Path = ()) -> bool:
        """Note what could not be filled in. Says whether there was anything."""
        for path, error in self._failures:
            at = (*above, *path)
            self.problems.append(self.expanded.problem(at, "bad-template", error.message, error.remedy))
        failed = bool(self._failures)
        self._failures.clear()
        return failed

    def _var_text(self, text: str, path: Path) -> Any:
        program = self._compiled(text, path)
        if program is None:
            return text
        unknown = sorted(heads(program) - {"vars", "env"})
        if unknown:
            message = f"`{unknown[0]}` is not known when the file is loaded"
            self._fail(path, TemplateError(message, "a variable can use `env` and the `vars` before it"))
            return text
        later = next((chain[1] for chain in program.chains if self._comes_later(chain, str(path[1]))), "")
        if later:
            self._fail(
                path, TemplateError(f"`vars.{later}` is not known yet", f"write `{later}` above `{path[1]}`")
            )
            return text
        return LoadTimeText(text, tuple(path), program, self._failures)

    def _comes_later(self, chain: Sequence[str], name: str) -> bool:
        """Whether a variable uses one that is written below it."""
        order = list(self._source.value["vars"])
        return chain[0] == "vars" and len(chain) > 1 and chain[1] in order[order.index(name) + 1 :]

    def _text(self, text: str, path: Path) -> Any:
        """The text, made ready to be filled in where nothing but load-time names is in it."""
        program = self._compiled(text, path) if mentions_load_time(text) else None
        if program is None:
            return text
        used = heads(program)
        unknown = self._unknown_column(program, text)
        if unknown is not None:
            self._fail(path, unknown)
            return text
        is_known = used and used <= set(LOAD_TIME)
        return LoadTimeText(text, tuple(path), program, self._failures) if is_known else text

    def _unknown_column(self, program: Program, text: str) -> TemplateError | None:
        """What is wrong with the columns that a template names; None: nothing."""
        named = [chain[1:] for chain in program.chains if chain[0] == "row"]
        table = self._columns
        if named and table is None:
            return TemplateError("`row` is known only in a scenario with `rows`", EXAMPLE)
        for name, *_ in filter(None, named):
            if table is not None and table.rows and name not in table.columns:
                message = f"{table.title} has no column `{name}`"
                spaced = next((one for one in table.columns if one != name and f"row.{one}" in text), "")
                remedy = f"write `row['{spaced}']`" if spaced else did_you_mean(name, table.columns)
                return TemplateError(message, remedy)
        return None

    def _compiled(self, text: str, path: Path) -> Program | None:
        try:
            return compile_text(text)
        except TemplateError as error:
            self._fail(path, error)
            return None

    def _fail(self, path: Path, error: TemplateError) -> None:
        self._failures.append(FillFailure(tuple(path), error))

    def _note(self, path: Path, rule: str, message: str, remedy: str, *, is_key: bool = False) -> None:
        self.problems.append(self._source.problem(path, rule, message, remedy, key=is_key))
