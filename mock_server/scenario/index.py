"""Finds the scenario that answers without asking those that cannot.

Each scenario is filed under one of its conditions, the one that tells it apart best, in a table at the place
in the request that the condition looks at. These places make a tree, so that a request is walked once,
however many scenarios look at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mock_server.scenario.facts import MISSING, as_text, walk
from mock_server.scenario.matchers import Matcher, Test
from mock_server.scenario.model import Scenario
from mock_server.scenario.selection import Chooser, Facts, precedence

Path = tuple[str, ...]


class Layers:
    """An account's own scenarios over those of the files, of which each keeps its index."""

    __slots__ = ("_lower", "_upper")

    def __init__(self, upper: Chooser, lower: Chooser) -> None:
        self._upper = upper
        self._lower = lower

    def find(self, facts: Facts, skip: Container[str] = ()) -> Scenario | None:
        upper, lower = self._upper.find(facts, skip), self._lower.find(facts, skip)
        if upper is None or lower is None:
            return upper or lower
        return upper if precedence(upper) <= precedence(lower) else lower


class Index:
    """The scenarios of one operation. Built once, read by many threads."""

    __slots__ = ("_anyway", "_roots")

    def __init__(self, ordered: Iterable[Scenario]) -> None:
        """``ordered``: those that answer the operation, in the order in which they are asked."""
        scenarios = [(scenario, list(_demands(scenario))) for scenario in ordered]
        breadth = _breadth(demand for _, demands in scenarios for demand in demands)
        tree = _Branch()
        anyway: list[_Candidate] = []
        for position, (scenario, demands) in enumerate(scenarios):
            best = max(demands, key=lambda demand: _worth(demand, breadth), default=None)
            if best is not None and best.needs_fact:
                demands.remove(best)
            candidate = _Candidate(
                position,
                scenario,
                tuple((demand.path, demand.holds) for demand in demands if not demand.timed),
                tuple((demand.path, demand.timed) for demand in demands if demand.timed),
            )
            if best is not None and best.needs_fact:
                tree.at(best.path).file(best, candidate)
            else:
                anyway.append(candidate)
        self._anyway = tuple(anyway)
        self._roots = tuple(((key,), look, below) for key, look, below in tree.level())

    def find(self, facts: Facts, skip: Container[str] = ()) -> Scenario | None:
        """The first, in the order in which they are asked, whose conditions all hold."""
        candidates: list[Sequence[_Candidate]] = []
        for path, look, below in self._roots:
            value = facts.get(path)
            if value is not MISSING:
                if look is not None:
                    look(value, candidates)
                if below:
                    _descend(value, below, candidates)
        if self._anyway:
            candidates.append(self._anyway)
        return _first(candidates, facts, skip) if candidates else None


class _Candidate(NamedTuple):
    """A scenario, and what is still to be tested where it was found."""

    position: int
    scenario: Scenario
    conditions: tuple[tuple[Path, Test], ...]
    timed: tuple[tuple[Path, Matcher], ...] = ()
    """Conditions that depend on the account's clock."""


Candidates = list[Sequence[_Candidate]]
Look = Callable[[object, Candidates], None]
Level = tuple[tuple[str, "Look | None", Any], ...]
"""Key, what is looked up there, and the level below it."""


def _descend(value: object, level: Level, candidates: Candidates) -> None:
    """Look up everything below a value of the request."""
    for key, look, below in level:
        inner = value.get(key, MISSING) if value.__class__ is dict else walk(value, (key,))
        if inner is not MISSING:
            if look is not None:
                look(inner, candidates)
            if below:
                _descend(inner, below, candidates)


def _first(candidates: Candidates, facts: Facts, skip: Container[str]) -> Scenario | None:
    """Of several rows of candidates, each in the order in which they are asked, the first whose conditions
    hold."""
    best: _Candidate | None = None
    for row in candidates:
        for candidate in row:
            if best is not None and best.position < candidate.position:
                break
            if skip and candidate.scenario.name in skip:
                continue
            for path, holds in candidate.conditions:
                if not holds(facts.get(path)):
                    break
            else:
                if not candidate.timed or _hold_now(candidate.timed, facts):
                    best = candidate
                    break
    return best.scenario if best is not None else None


def _hold_now(timed: Sequence[tuple[Path, Matcher]], facts: Facts) -> bool:
    now = facts.now
    return all(matcher.at(now).holds(facts.get(path)) for path, matcher in timed)


# --- what is looked up at one place


class _Place:
    """What the scenarios demand of one fact."""

    __slots__ = ("_by_prefix", "_equal", "_parents", "_prefixes", "_tests")

    def __init__(self) -> None:
        self._equal: dict[object, list[_Candidate]] = {}
        self._by_prefix: dict[str, list[_Candidate]] = {}
        self._tests: list[tuple[Test, list[_Candidate]]] = []

    def file(self, demand: _Demand, candidate: _Candidate) -> None:
        """In the order in which they are asked."""
        for key in demand.keys:
            self._equal.setdefault(key, []).append(candidate)
        for prefix in demand.prefixes:
            self._by_prefix.setdefault(prefix, []).append(candidate)
        if not demand.keys and not demand.prefixes:
            self._tests.append((demand.holds, [candidate]))

    def close(self) -> None:
        """Order the prefixes, once all are there. Each knows the longest of the others that it begins with,
        at least the empty one."""
        self._prefixes = sorted({"", *self._by_prefix})
        self._parents = [0]
        parent = 0
        for position, prefix in enumerate(self._prefixes[1:], 1):
            while not prefix.startswith(self._prefixes[parent]):
                parent = self._parents[parent]
            self._parents.append(parent)
            parent = position

    def look(self, value: object, candidates: Candidates) -> None:
        """Add those that the value, which is not `MISSING`, is right for."""
        row = self._equal.get(value if value.__class__ is str else _key(value))
        if row is not None:
            candidates.append(row)
        if self._by_prefix:
            text = value if isinstance(value, str) else as_text(value)
            if text is not None:
                # Whatever the text begins with, the last prefix that is not behind it in the alphabet begins
                # with it too.
                position = bisect_right(self._prefixes, text) - 1
                while position:
                    prefix = self._prefixes[position]
                    if text.startswith(prefix):
                        candidates.append(self._by_prefix[prefix])
                    position = self._parents[position]
        for holds, row in self._tests:
            if holds(value):
                candidates.append(row)


class _Branch:
    """The tree while it is being made."""

    def __init__(self) -> None:
        self.below: dict[str, _Branch] = {}
        self.place: _Place | None = None

    def at(self, path: Path) -> _Place:
        """The place at the path, created where missing."""
        branch = self
        for key in path:
            branch = branch.below.setdefault(key, _Branch())
        if branch.place is None:
            branch.place = _Place()
        return branch.place

    def level(self) -> Level:
        """The finished tree below."""
        level = []
        for key, branch in self.below.items():
            if branch.place is not None:
                branch.place.close()
            level.append((key, branch.place.look if branch.place is not None else None, branch.level()))
        return tuple(level)


# --- which condition a scenario is filed under


class _Demand(NamedTuple):
    """A condition; of several in one mapping, each by itself."""

    path: Path
    holds: Test
    keys: Sequence[object]
    """Of the values of which the fact must be one; empty: it names none."""
    prefixes: Sequence[str]
    """One of which the fact must begin with; empty: it names none."""
    needs_fact: bool
    """False: it may hold where the request lacks the fact, or nothing can be said before the request comes."""
    timed: Matcher | None = None
    """The condition, where it depends on the account's clock."""


def _demands(scenario: Scenario) -> Iterator[_Demand]:
    for path, matcher, _ in scenario.match:
        for part in _parts(matcher):
            if part.timed:
                yield _Demand(path, part.holds, (), (), False, part)
                continue
            keys = tuple(dict.fromkeys(map(_key, part.values or ())))
            yield _Demand(
                path, part.holds, () if MISSING in keys else keys, part.beginnings, not part.holds(MISSING)
            )


def _parts(matcher: Matcher) -> Iterator[Matcher]:
    if matcher.kind == "all":
        for inner in matcher.inner:
            yield from _parts(inner)
    else:
        yield matcher


def _key(value: object) -> object:
    """What equal JSON scalars, and no others, have in common; `MISSING` for anything that cannot be looked
    up."""
    if isinstance(value, bool):
        return (value,)  # not the number that Python takes it for
    scalar = value is None or isinstance(value, (str, int, float))
    return value if scalar and value == value else MISSING


def _breadth(demands: Iterable[_Demand]) -> Mapping[Path, int]:
    """How many different values and prefixes the scenarios look up at each path."""
    known: dict[Path, set[object]] = {}
    for demand in demands:
        known.setdefault(demand.path, set()).update(demand.keys, demand.prefixes)
    return {path: len(candidates) for path, candidates in known.items()}


def _worth(demand: _Demand, breadth: Mapping[Path, int]) -> tuple[bool, bool, bool, int, bool, bool]:
    """How well it tells the scenario apart; of equals, the cheapest to look up."""
    root, looked_up = demand.path[0], bool(demand.keys or demand.prefixes)
    return (
        demand.needs_fact,
        looked_up,
        root not in _TELL_LITTLE,
        breadth[demand.path],
        root not in _DECODED,
        bool(demand.keys),
    )


_TELL_LITTLE = frozenset({"method", "path"})
"""Roots that are much the same for all requests of an operation."""

_DECODED = frozenset({"verification", "query"})
"""Roots that a request makes only when they are asked for."""
