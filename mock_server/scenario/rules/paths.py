"""Paths in `match` that no request of the operation has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from mock_server.scenario.model import Condition, Scenario
from mock_server.scenario.problems import suggestion
from mock_server.scenario.rules.finding import Finding, operations_of
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
