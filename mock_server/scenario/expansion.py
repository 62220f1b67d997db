"""Writes a file out before it is checked: variables filled in, defaults laid under every scenario.

A pure function over the document. What comes out is a document of plain scenarios; each place in it leads back to
where the text stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_server.scenario.defaults import cleaned, lay_under, without_extras
from mock_server.scenario.load_time import (
    EnvNames,
    Failure,
    LoadTimeText,
    Table,
    heads,
    mentions_load_time,
)
from mock_server.scenario.names import LOAD_TIME
from mock_server.scenario.problems import Place, Problem
from mock_server.scenario.source import Path, Source
from mock_server.scenario.templates import compile_text, compile_value, fill
from mock_server.scenario.values import TemplateError

if TYPE_CHECKING:
    from mock_server.scenario.sandbox import Program

_NAME = re.compile(r"[^\W\d]\w*")
_EACH_NEEDS_ITS_OWN = ("name",)
"""Keys of a scenario that cannot be a default."""


class Origin(NamedTuple):
    """Where a scenario comes from."""

    position: int
    """In the file's list."""


class Expanded(Source):
    """A file that is written out: ``value`` has every scenario in full, places lead back to the file's text."""

    def __init__(self, written: Source, defaults: Mapping[str, Any], names: Mapping[str, Any]) -> None:
        super().__init__(written.file, written.text, written.value, None)
        self.written = written
        self.origins: list[Origin] = []
        self._defaults = defaults
        self._names = names

    def names(self, index: int) -> Mapping[str, Any]:
        """What templates of the scenario at that place know since the file was loaded."""
        return self._names

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
        return self.written.problem(
            self.written_at(path), rule, message, remedy, key=key, severity=severity, fix=fix
        )

    def written_at(self, path: Path) -> Path:
        """The path in the file: in the scenario, or in the defaults where only they have it."""
        if len(path) < 2 or path[0] != "scenarios" or not isinstance(path[1], int):
            return path
        origin = self.origins[path[1]]
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


def expand(source: Source, environ: Mapping[str, str]) -> tuple[Source, list[Problem]]:
    """The file written out, and what keeps parts of it from that. A file of another shape is left as it is.

    ``environ``: the variables that ``env`` reads."""
    value = without_extras(source.value)
    if not isinstance(value, dict):
        return source, []
    expansion = _Expansion(source, value, environ)
    expansion.expand(value)
    return expansion.expanded, expansion.problems


class _Expansion:
    """One file being written out."""

    def __init__(self, source: Source, value: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._source = source
        self._names: dict[str, Any] = {"env": EnvNames(environ), "vars": Table("vars", {})}
        self._defaults = self._read_defaults(value.get("defaults"))
        self._failures: list[Failure] = []
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
            self.expanded.origins.append(Origin(position))
            filled = self._filled(scenario) if isinstance(scenario, dict) else scenario
            at = ("scenarios", len(self.expanded.origins) - 1)
            if self._report(at):
                self.expanded.origins.pop()
            else:
                yield filled

    def _filled(self, scenario: Mapping[str, Any]) -> Any:
        plan = compile_value(lay_under(self._defaults, cleaned(scenario)), (), self._text)
        return fill(plan, dict(self._names))

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
        return LoadTimeText(text, tuple(path), program, self._failures)

    def _text(self, text: str, path: Path) -> Any:
        """The text, made ready to be filled in where nothing but load-time names is in it."""
        program = self._compiled(text, path) if mentions_load_time(text) else None
        if program is None:
            return text
        used = heads(program)
        if "row" in used:
            self._fail(path, TemplateError("`row` is known only in a scenario with `rows`"))
            return text
        is_known = used and used <= set(LOAD_TIME)
        return LoadTimeText(text, tuple(path), program, self._failures) if is_known else text

    def _compiled(self, text: str, path: Path) -> Program | None:
        try:
            return compile_text(text)
        except TemplateError as error:
            self._fail(path, error)
            return None

    def _fail(self, path: Path, error: TemplateError) -> None:
        self._failures.append(Failure(tuple(path), error))

    def _note(self, path: Path, rule: str, message: str, remedy: str, *, is_key: bool = False) -> None:
        self.problems.append(self._source.problem(path, rule, message, remedy, key=is_key))
