"""Loads scenario files into the set that a server answers from."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from mock_server.scenario import source as yaml_source
from mock_server.scenario.compiler import compile_file
from mock_server.scenario.diagnostics import FakeTemplate
from mock_server.scenario.expansion import expand
from mock_server.scenario.files import ScenarioFile, find
from mock_server.scenario.index import Index, Layers
from mock_server.scenario.model import Scenario
from mock_server.scenario.names import DEFAULT_LOCALE, faker
from mock_server.scenario.problems import ERROR, Problem, ScenarioProblems, did_you_mean
from mock_server.scenario.rows import DataFiles, Rows, UnusableRows
from mock_server.scenario.schema_check import SPOILT, read_file
from mock_server.scenario.selection import Chooser, precedence
from mock_server.scenario.source import Source
from mock_server.scenario.switches import Tags
from mock_server.scenario.vocabulary import Vocabulary

EVERYTHING = Tags()


class ScenarioSet:
    """All scenarios in force, immutable. Indexes are made when first asked for."""

    __slots__ = (
        "_base",
        "_by_provider",
        "_early",
        "_indexes",
        "_names",
        "_off",
        "fake_locales",
        "files",
        "tables",
        "unread",
    )

    def __init__(
        self, scenarios: Iterable[Scenario] = (), files: Sequence[str] = (), base: ScenarioSet | None = None
    ) -> None:
        """``scenarios``: in file order; ``files``: those they came from, empty ones too; ``base``: what comes
        after them among equals."""
        self.files = tuple(files)
        self.fake_locales: frozenset[str] = frozenset()
        """Locales in which its templates use Faker."""
        self.tables: frozenset[Path] = frozenset()
        """Files with rows that the scenarios are made of."""
        self.unread: tuple[str, ...] = ()
        """Files in the folders that are not read."""
        self._base = base
        grouped: dict[str, list[Scenario]] = {}
        self._off: dict[str, list[Scenario]] = {}
        for scenario in scenarios:
            group = self._off if scenario.off else grouped
            group.setdefault(scenario.provider, []).append(scenario)
        self._by_provider = {
            provider: tuple(sorted(group, key=precedence)) for provider, group in grouped.items()
        }
        self._names = {
            (scenario.provider, scenario.name): scenario
            for group in grouped.values()
            for scenario in reversed(group)
        }
        self._indexes: dict[tuple[str, str], Chooser] = {}
        self._early: dict[tuple[str, str], Chooser | None] = {}

    def scenarios(self, provider: str) -> tuple[Scenario, ...]:
        """In the order in which they are asked: by priority, then as in the files; those without ``match``
        after their equals."""
        own = self._by_provider.get(provider, ())
        return (
            own
            if self._base is None
            else tuple(sorted((*own, *self._base.scenarios(provider)), key=precedence))
        )

    def disabled(self, provider: str) -> tuple[Scenario, ...]:
        """Those that are not in force, in file order."""
        base = () if self._base is None else self._base.disabled(provider)
        return (*self._off.get(provider, ()), *base)

    @property
    def providers(self) -> tuple[str, ...]:
        """Those that have scenarios."""
        return tuple(
            dict.fromkeys((*self._by_provider, *(self._base.providers if self._base is not None else ())))
        )

    def named(self, provider: str, name: str) -> Scenario | None:
        """The provider's scenario of that name."""
        scenario = self._names.get((provider, name))
        return self._base.named(provider, name) if scenario is None and self._base is not None else scenario

    def index(self, provider: str, operation: str) -> Chooser:
        """What finds the scenario for a request of that operation, apart from those that answer before the
        checks."""
        index = self._indexes.get((provider, operation))
        if index is None:
            own = Index(self._able(provider, operation, early=False))
            index = own if self._base is None else Layers(own, self._base.index(provider, operation))
            self._indexes[provider, operation] = index
        return index

    def prepare_faker(self) -> None:
        """Build what the templates draw names from, so that the first request need not wait for it."""
        for locale in self.fake_locales:
            faker(locale)

    def early_index(self, provider: str, operation: str) -> Chooser | None:
        """The same of those that answer before the checks; None: the account has none. The operation may be unknown
        (empty)."""
        if (provider, operation) not in self._early:
            able = self._able(provider, operation, early=True)
            own = Index(able) if able else None
            base = None if self._base is None else self._base.early_index(provider, operation)
            self._early[provider, operation] = (
                Layers(own, base) if own is not None and base is not None else own or base
            )
        return self._early[provider, operation]

    def _able(self, provider: str, operation: str, *, early: bool) -> list[Scenario]:
        """Those of this layer that answer the operation, before the checks or after them."""
        mine = self._by_provider.get(provider, ())
        return [
            one
            for one in mine
            if one.before_checks is early and (one.operations is None or operation in one.operations)
        ]

    def extended(self, inline: Sequence[Scenario]) -> ScenarioSet:
        """This set and an account's own scenarios, which come first among those of equal priority."""
        return ScenarioSet(inline, self.files, self)

    def without(self, names: Set[str], off: str) -> ScenarioSet:
        """This set with the scenarios of these names, each ``provider/name``, switched off; ``off``: as
        `Scenario.off`."""
        every = [
            replace(scenario, off=off) if f"{provider}/{scenario.name}" in names else scenario
            for provider in self.providers
            for scenario in (*self.scenarios(provider), *self.disabled(provider))
        ]
        return ScenarioSet(every, self.files)


class Located(NamedTuple):
    """A scenario and where it is written."""

    scenario: Scenario
    source: Source
    path: tuple[str | int, ...]
    is_spoilt: bool = False
    """True: there is a problem in it."""
    layer: int = 0
    """Which of the given paths it was found at, counted from 0."""


class Loaded:
    """What became of the files: usable or not, with all that was found."""

    __slots__ = ("data", "fakes", "places", "problems", "sources", "unread")

    def __init__(self) -> None:
        self.data = DataFiles(shown_path)
        self.unread: Sequence[Path] = ()
        """Files in the folders that are neither scenarios nor tables."""
        self.places: list[Located] = []
        self.sources: dict[str, Source] = {}
        self.problems: list[Problem] = []
        self.fakes: list[FakeTemplate] = []
        """Templates that use Faker."""

    def scenarios(self) -> list[Scenario]:
        """In file order. Raises `ScenarioProblems` where there is an error."""
        errors = [problem for problem in self.problems if problem.severity == ERROR]
        if errors:
            raise ScenarioProblems(errors)
        return [place.scenario for place in self.places]

    def scenario_set(self, tags: Tags = EVERYTHING) -> ScenarioSet:
        """What a server answers from. Raises `ScenarioProblems` where there is an error."""
        scenario_set = ScenarioSet(map(tags.switched, self.scenarios()), list(self.sources))
        scenario_set.unread = tuple(map(shown_path, self.unread))
        scenario_set.fake_locales = frozenset(template.locale or DEFAULT_LOCALE for template in self.fakes)
        scenario_set.tables = frozenset(self.data.paths)
        return scenario_set


def read(paths: Sequence[Path], vocabularies: Mapping[str, Vocabulary]) -> Loaded:
    """Read every file, noting every problem."""
    loaded = Loaded()
    listing = find(paths)
    with _unswept():
        lists = [
            (file, source)
            for file in listing.read
            if isinstance((source := _read_one(file, vocabularies, loaded)).value, list)
        ]
        for file, source in lists:
            _read_list(file, source, vocabularies, loaded)
        _overlay(loaded)
    loaded.unread = [file for file in listing.unread if file.resolve() not in loaded.data.paths]
    return loaded


def _read_list(
    file: ScenarioFile, source: Source, vocabularies: Mapping[str, Vocabulary], loaded: Loaded
) -> None:
    """A file that holds a list: the table of a scenario, or a mistake."""
    if file.path.resolve() in loaded.data.paths:
        del loaded.sources[source.file]
    else:
        _compile(source, vocabularies, loaded)


@contextmanager
def _unswept() -> Iterator[None]:
    """Looking for garbage among the many small values of a large file, in vain, takes three times
    as long as reading it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read_one(file: ScenarioFile, vocabularies: Mapping[str, Vocabulary], loaded: Loaded) -> Source:
    """The file's document; its scenarios are noted."""
    try:
        raw = file.path.read_bytes()
    except OSError as error:
        name = shown_path(file.path)
        remedy = "check the path" if isinstance(error, FileNotFoundError) else ""
        loaded.problems.append(
            Problem(name, 0, 0, f"the file cannot be read: {error.strerror}", remedy, rule="unreadable")
        )
        return Source(name, "", None, None, broken=True)
    return _read_bytes(file, raw, vocabularies, loaded)


def _read_bytes(
    file: ScenarioFile, raw: bytes, vocabularies: Mapping[str, Vocabulary], loaded: Loaded
) -> Source:
    name = shown_path(file.path)
    source, problems = yaml_source.read(name, raw)
    loaded.sources[name] = source
    loaded.problems += problems
    if source.value is not None and not isinstance(source.value, list):
        _compile(source, vocabularies, loaded, file)
    return source


def _compile(
    source: Source, vocabularies: Mapping[str, Vocabulary], loaded: Loaded, file: ScenarioFile | None = None
) -> None:
    """Note the scenarios of a document. ``file``: None where it came over HTTP."""

    def rows_of(name: str) -> Rows:
        if file is None:
            message = "a scenario that is added over HTTP has no folder with tables"
            raise UnusableRows(message, "write the rows themselves: `rows: [{id: a1}, {id: b2}]`")
        return loaded.data.read(name, file.path.parent, file.root)

    expanded, problems = expand(source, os.environ, rows_of)
    compiled = compile_file(expanded, read_file(expanded, vocabularies), vocabularies)
    loaded.problems += problems + compiled.problems
    loaded.fakes += compiled.fakes
    loaded.places += (
        Located(scenario, expanded, ("scenarios", index), index in compiled.spoilt, file.layer if file else 0)
        for index, scenario in compiled.scenarios
    )


def _overlay(loaded: Loaded) -> None:
    """Put a later path's scenario in the place of an earlier one's of the same name; twice in one path is a
    mistake."""
    positions: dict[tuple[str, str], int] = {}
    places: list[Located] = []
    for place in loaded.places:
        scenario = place.scenario
        at = positions.setdefault((scenario.provider, scenario.name), len(places))
        if at == len(places) or scenario.name == SPOILT:
            places.append(place)
        elif places[at].layer < place.layer:
            replaced = replace(scenario, replaces=places[at].scenario.source)
            places[at] = place._replace(scenario=replaced)
        else:
            loaded.problems.append(_same_name(place, places[at].scenario))
    loaded.places = places


def _same_name(place: Located, first: Scenario) -> Problem:
    scenario = place.scenario
    message = f"the name `{scenario.name}` is taken by the scenario at {first.row or first.source}"
    remedy = "put a column that differs into the name" if scenario.row else "give it another name"
    return place.source.problem((*place.path, "name"), "same-name", message, remedy)


def shown_path(path: Path) -> str:
    """The path as messages show it: relative to the working directory where it lies below."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def load(
    paths: Sequence[Path], vocabularies: Mapping[str, Vocabulary], tags: Tags = EVERYTHING
) -> ScenarioSet:
    """The scenarios of all files. Raises `ScenarioProblems` with every error of every file; warnings are the
    lint's affair."""
    return read(paths, vocabularies).scenario_set(tags)


def compile_inline(document: Any, vocabularies: Mapping[str, Vocabulary]) -> list[Scenario]:
    """Scenarios that came over the control API: one with a ``provider`` next to its keys, or a whole file's
    mapping.

    Raises `ScenarioProblems`, placed by key path.
    """
    return read_inline(document, vocabularies).scenarios()


def read_inline(document: Any, vocabularies: Mapping[str, Vocabulary]) -> Loaded:
    """The same, noting every problem."""
    loaded = Loaded()
    whole = _as_file(document, vocabularies)
    if isinstance(whole, Problem):
        loaded.problems.append(whole)
        return loaded
    _compile(yaml_source.inline(whole), vocabularies, loaded)
    _overlay(loaded)
    return loaded


def read_draft(file: ScenarioFile, text: str, vocabularies: Mapping[str, Vocabulary]) -> Loaded:
    """A text as the file would be with it, noting every problem. The file need not exist."""
    loaded = Loaded()
    source = _read_bytes(file, text.encode("utf-8", "surrogatepass"), vocabularies, loaded)
    if isinstance(source.value, list):
        _compile(source, vocabularies, loaded, file)
    _overlay(loaded)
    return loaded


def read_text(text: str, vocabularies: Mapping[str, Vocabulary]) -> tuple[Any, Loaded]:
    """What `read_inline` takes, written as YAML: its document, and the same with the line of each problem."""
    loaded = Loaded()
    source, loaded.problems = yaml_source.read("<yaml>", text.encode("utf-8", "surrogatepass"))
    if source.broken:
        return None, loaded
    whole = _as_file(source.value, vocabularies)
    if isinstance(whole, Problem):
        loaded.problems.append(whole._replace(file=source.file, line=1, column=1))
    else:
        _compile(yaml_source.wrapped(source, whole), vocabularies, loaded)
        _overlay(loaded)
    return source.value, loaded


def _as_file(document: Any, vocabularies: Mapping[str, Vocabulary]) -> Any:
    if not isinstance(document, Mapping) or "scenarios" in document:
        return {"version": 1, **document} if isinstance(document, Mapping) else document
    if "provider" not in document:
        return Problem(
            "<inline>",
            0,
            0,
            "the scenario needs `provider`",
            did_you_mean("", vocabularies),
            rule="missing-key",
        )
    scenario = {key: value for key, value in document.items() if key not in ("provider", "version")}
    return {"version": document.get("version", 1), "provider": document["provider"], "scenarios": [scenario]}
