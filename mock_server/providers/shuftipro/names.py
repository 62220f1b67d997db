"""Names as requests carry them: parts that say something, and empty ones, which are to be read from a
document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

PARTS = ("first_name", "middle_name", "last_name", "full_name")
Name = Mapping[str, Any]


def sent_parts(name: Any) -> dict[str, Any]:
    """The parts that say something; none: the name as a whole is to be read."""
    return {key: name[key] for key in PARTS if name.get(key)} if isinstance(name, Mapping) else {}


def complete(name: Any, read: Callable[[], Name]) -> dict[str, Any]:
    """The name as it was sent, with empty parts from ``read``; the whole name from ``read`` if every part is
    empty."""
    if not sent_parts(name):
        return dict(read())
    parts = {key: name[key] for key in PARTS if key in name}
    if all(parts.values()):
        return parts
    defaults = read()
    return {key: part or defaults.get(key, part) for key, part in parts.items()}
