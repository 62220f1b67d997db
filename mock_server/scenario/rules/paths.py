"""Paths in `match` that no request of the operation has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from mock_server.scenario.model import Condition, Scenario
from mock_server.scenario.problems import suggestion
from mock_server.scenario.rules.finding import Finding, Path, callbacks_of, operations_of, responds_of
from mock_server.scenario.templates import chains_in
from mock_server.scenario.vocabulary import Operation, Vocabulary


def impossible_paths(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    operations = operations_of(scenario, vocabulary)
    for condition in scenario.match:
        if operations and not any(
            _possible(condition.path, operation, vocabulary) for operation in operations
        ):
            what = f"no request of `{operations[0].name}`" if len(operations) == 1 else "none of its requests"
            remedy, fix = (
                suggestion(condition.written, _paths(operations, vocabulary))
                if _can_suggest(condition, operations)
                else ("", None)
            )
            remedy = remedy or "remove it, or match another operation"
            yield Finding(
                ("match", condition.written),
                "impossible-path",
                f"{what} has `{condition.written}`",
                remedy,
                key=True,
                fix=fix,
            )


_RENDERED = ("body", "merge", "headers", "message", "fields", "detail", "service", "key", "review")


def impossible_names(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Fields of the request that a template uses, and that no request has: it fails on each."""
    operations = operations_of(scenario, vocabulary)
    for place, value in _rendered(scenario):
        for root, *path in dict.fromkeys(chains_in(value)):
            name = ".".join(path)
            if root != "request" or len(path) < 2 or path[0] not in ("body", "params"):
                continue
            if operations and not any(_possible(tuple(path), one, vocabulary) for one in operations):
                message = f"no request of these operations has `{name}`, which a template uses"
                remedy, _ = suggestion(name, _paths(operations, vocabulary))
                yield Finding(place, "impossible-path", message, remedy or "remove it")


def _rendered(scenario: Scenario) -> Iterator[tuple[Path, Any]]:
    """Each value that may hold templates, with its place."""
    for place, respond in responds_of(scenario):
        for key in _RENDERED:
            value = getattr(respond, key)
            for each in (one for _, one in value) if key == "headers" else (value,):
                yield (*place, key), each
    for place, callback, _ in callbacks_of(scenario):
        for key in ("url", "merge", "reference"):
            yield (*place, key), getattr(callback, key)
    for name, value in scenario.sets:
        yield ("set", name), value


def _can_suggest(condition: Condition, operations: list[Operation]) -> bool:
    return condition.path[0] != "verification" or any(operation.verification for operation in operations)


def _possible(path: tuple[str, ...], operation: Operation, vocabulary: Vocabulary) -> bool:
    root, below = path[0], path[1:]
    if root == "verification":
        return operation.verification and (
            not below or not vocabulary.record_fields or below[0] in vocabulary.record_fields
        )
    if root in ("params", "query"):
        return operation.params is None or not below or below[0] in operation.params
    if root != "body" or operation.body is None or not below:
        return True
    return bool(operation.body) and _leads_somewhere(below, _tree(operation.body))


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
    return list(known)
