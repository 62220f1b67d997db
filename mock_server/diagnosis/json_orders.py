"""In what order libraries write the keys of JSON, and which members they change or leave out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def _php(value: Any) -> Any:
    """Maps without members, or with the keys 0, 1, 2 …, are lists: PHP's arrays do not know which they were."""
    if isinstance(value, dict):
        if all(key == str(index) for index, key in enumerate(value)):
            return [_php(inner) for inner in value.values()]
        return {key: _php(inner) for key, inner in value.items()}
    return [_php(inner) for inner in value] if isinstance(value, list) else value


def _at_the_top(tree: Any) -> Any:
    return dict(sorted(tree.items())) if isinstance(tree, dict) else tree


def _listed(tree: Any) -> Any:
    """``JSON.stringify(data, Object.keys(data).sort())``: the list also says which keys stay, at every depth."""
    if not isinstance(tree, dict):
        return tree
    keys = sorted(tree)

    def filtered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filtered(value[key]) for key in keys if key in value}
        return [filtered(inner) for inner in value] if isinstance(value, list) else value

    return filtered(tree)


def _sorted_maps(tree: Any) -> Any:
    """Sorted at every depth, but not within lists, which a helper often forgets."""
    return {key: _sorted_maps(tree[key]) for key in sorted(tree)} if isinstance(tree, dict) else tree


def java_hash(text: str) -> int:
    """``String.hashCode``, spread as ``HashMap`` does, without its sign."""
    value = 0
    for unit in memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"):
        value = (31 * value + unit) & 0xFFFFFFFF
    return value ^ value >> 16


def by_java_hash(keys: list[str]) -> list[str]:
    """The keys in the order in which a ``HashMap`` lists them."""
    size = 16
    while len(keys) > size * 3 // 4:
        size *= 2
    return sorted(keys, key=lambda key: java_hash(key) & (size - 1))


def _java_hashed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _java_hashed(value[key]) for key in by_java_hash([*value])}
    return [_java_hashed(inner) for inner in value] if isinstance(value, list) else value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


SHAPES: Mapping[str, Callable[[Any], Any]] = {
    "as-sent": lambda tree: tree,
    "php": _php,
    "no-nulls": _without_nulls,
}
"""What becomes of members: nothing, empty and numbered maps are lists, nulls are left out."""
ORDERS: Mapping[str, Callable[[Any], Any]] = {
    "sent": lambda tree: tree,
    "untouched": lambda tree: tree,
    "sorted": lambda tree: tree,
    "sorted-top": _at_the_top,
    "listed": _listed,
    "sorted-maps": _sorted_maps,
    "java-hash": _java_hashed,
}
SORTS: Mapping[str, Any] = {"sorted": "deterministic"}
