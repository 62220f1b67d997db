"""Paths in `match` that no request of the operation has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from mock_server.scenario.model import Condition, Scenario
from mock_server.scenario.path_notations import respelled
from mock_server.scenario.problems import suggestion
from mock_server.scenario.rules.finding import LintFinding, Path, callbacks_of, operations_of, responds_of
from mock_server.scenario.templates import chains_in, texts_in
from mock_server.scenario.vocabulary import Operation, Vocabulary
from mock_server.scenario.yaml_text import one_line


def impossible_paths(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    operations = operations_of(scenario, vocabulary)
    for condition in scenario.match:
        if "*" in condition.path[1:]:
            yield _starred(condition)
        elif not _any_has(condition.path, operations, vocabulary):
            remedy, fix = (
                _instead(condition.written, operations, vocabulary)
                if _can_suggest(condition, operations)
                else ("", None)
            )
            remedy = remedy or "remove it, or match another operation"
            message = f"{_who(operations)} has `{condition.written}`"
            yield LintFinding(
                ("match", condition.written), "impossible-path", message, remedy, key=True, fix=fix
            )


def impossible_counts(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    """Fields by which a sequence counts, and that no request has: all calls count as one customer's."""
    operations = operations_of(scenario, vocabulary)
    for index, path in enumerate(scenario.counted.by):
        if not _any_has(path, operations, vocabulary):
            name = ".".join(path)
            remedy, _ = _instead(name, operations, vocabulary)
            message = f"{_who(operations)} has `{name}`, by which the sequence counts"
            place: Path = ("sequence", "by") if len(scenario.counted.by) == 1 else ("sequence", "by", index)
            yield LintFinding(place, "impossible-path", message, remedy or "write another field")


def _any_has(path: tuple[str, ...], operations: Sequence[Operation], vocabulary: Vocabulary) -> bool:
    return not operations or any(_possible(path, operation, vocabulary) for operation in operations)


def _who(operations: Sequence[Operation]) -> str:
    return f"no request of `{operations[0].name}`" if len(operations) == 1 else "none of its requests"


def _starred(condition: Condition) -> LintFinding:
    """A star where a name or a number belongs."""
    place = ("match", condition.written)
    message = f"`*` in `{condition.written}` is not a wildcard: it is a field of that name"
    owner, _, below = condition.written.partition(".*")
    value = one_line(condition.matcher.values[0]) if condition.matcher.values else "…"
    remedy = f"name the item, such as `{owner}.0{below}`"
    return LintFinding(
        place, "wildcard", message, remedy if below else f"write `{owner}: {{contains: {value}}}`", key=True
    )


def _instead(written: str, operations: Sequence[Operation], vocabulary: Vocabulary) -> tuple[str, str | None]:
    """Remedy and fix: the same path in our notation, or below another root, else one that is alike."""
    plain = respelled(written)
    candidates = [plain, *(f"body.{plain.split('.', 2)[2]}" for _ in range(plain.count(".") > 1))]
    for path in candidates:
        if path != written and _any_has(tuple(path.split(".")), operations, vocabulary):
            return f"write `{path}`", path
    return suggestion(written, _paths(operations, vocabulary))


_RENDERED = ("body", "merge", "headers", "message", "fields", "detail", "service", "key", "review")


def impossible_names(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    """Fields of the request that a template uses, and that no request has: it fails on each."""
    operations = operations_of(scenario, vocabulary)
    for place, value in _rendered(scenario):
        for root, *path in dict.fromkeys(chains_in(value)):
            name = ".".join(path)
            if root != "request" or len(path) < 2 or path[0] not in ("body", "params"):
                continue
            if not _any_has(tuple(path), operations, vocabulary):
                message = f"no request of these operations has `{name}`, which a template uses"
                remedy, _ = suggestion(name, _paths(operations, vocabulary))
                yield LintFinding(place, "impossible-path", message, remedy or "remove it")


def _rendered(scenario: Scenario) -> Iterator[tuple[Path, Any]]:
    """Each text that may be a template, with its place."""
    for place, respond in responds_of(scenario):
        for key in _RENDERED:
            if key != "headers":
                yield from texts_in(getattr(respond, key), (*place, key))
        for _, value in respond.headers:
            yield (*place, "headers"), value
    for place, callback, _ in callbacks_of(scenario):
        for key in ("url", "merge", "reference"):
            yield from texts_in(getattr(callback, key), (*place, key))
    for name, value in scenario.sets:
        yield from texts_in(value, ("set", name))


def _can_suggest(condition: Condition, operations: list[Operation]) -> bool:
    return condition.path[0] != "verification" or any(operation.verification for operation in operations)


def _possible(path: tuple[str, ...], operation: Operation, vocabulary: Vocabulary) -> bool:
    root, below = path[0], path[1:]
    if root == "verification":
        return operation.verification and (
            not below or not vocabulary.record_fields or below[0] in vocabulary.record_fields
        )
    if root in ("params", "query"):
        return operation.params is None or not below or _is_param(below, operation.params)
    if root != "body" or operation.body is None or not below:
        return True
    return bool(operation.body) and _leads_somewhere(below, _tree(operation.body))


def _is_param(below: Sequence[str], params: frozenset[str]) -> bool:
    """A parameter is a text, or several of one name: nothing else is below it."""
    return below[0] in params and all(part.isdecimal() for part in below[1:])


_Tree = dict[str, "_Tree"]


@cache
def _tree(paths: frozenset[str]) -> _Tree:
    """The paths as nested mappings of their parts."""
    root: _Tree = {}
    for path in paths:
        node = root
        for part in path.split("."):
            node = node.setdefault(part, {})
    return root


def _leads_somewhere(path: Sequence[str], tree: _Tree) -> bool:
    """Whether the path is one of the tree's, or above one, or below one of which no more is said."""
    for part in path:
        if not tree:
            return True
        below = tree.get(part, tree.get("*"))
        if below is None and not part.isdecimal():
            return False
        tree = tree if below is None else below
    return True


def _paths(operations: Iterable[Operation], vocabulary: Vocabulary) -> list[str]:
    known: dict[str, None] = {}
    for operation in operations:
        known.update(dict.fromkeys(f"body.{path}" for path in sorted(operation.body or ())))
        known.update(dict.fromkeys(f"params.{name}" for name in sorted(operation.params or ())))
        if operation.verification:
            known.update(dict.fromkeys(f"verification.{name}" for name in sorted(vocabulary.record_fields)))
    return [path for path in known if "*" not in path]
