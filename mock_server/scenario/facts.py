"""The facts of a request: JSON values found by their path, compared and shown as testers write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final


class _Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()
"""What a fact is that the request does not have."""

TEXTUAL = frozenset({"operation", "method", "path", "header", "query", "params", "account"})
"""Roots whose facts are always text."""


def walk(value: Any, path: Sequence[str], start: int = 0) -> Any:
    """The value at the path, from its part ``start`` on, below ``value``: through mappings by key and lists
    by index; or `MISSING`."""
    for index in range(start, len(path)):
        part = path[index]
        if value.__class__ is dict or isinstance(
            value, Mapping
        ):  # the first is what JSON gives, and a sixth of the second's cost
            value = value.get(part, MISSING)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value


class MappingFacts:
    """Facts that are held in a mapping: for explanations and tests."""

    def __init__(self, facts: Mapping[str, Any], now: float = 0.0) -> None:
        self._facts = facts
        self.now = now

    def get(self, path: tuple[str, ...]) -> Any:
        return walk(self._facts, path)


def shown(value: object) -> str:
    """A value as a tester would write it, shortened."""
    import json

    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    except RecursionError:
        text = "a value nested too deep to be shown"
    return text if len(text) <= 120 else f"{text[:117]}…"


def described(value: object) -> str:
    """A value in a message about its type: ``the text "a"``, ``12``, ``a list`` …"""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"the text {shown(value)}" if isinstance(value, str) else shown(value)


def as_text(value: object) -> str | None:
    """The text of a scalar as it stands in a query string; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


def as_number(value: object) -> float | int | None:
    """A number, or the number that a short text spells; None for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) < 40:
        try:
            return float(value)
        except ValueError:
            return None
    return None


def same(left: object, right: object) -> bool:
    """JSON equality: 1 is 1.0, but true is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (str, int, float)):
        return left == right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right
