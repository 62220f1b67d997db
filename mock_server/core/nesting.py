"""How deep values may be nested where they are shown, rendered, or taken over the control API.

Python itself gives up somewhere between 300 and 1,000 levels, depending on who calls whom; this limit is
always the same."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

DEPTH = 64


def loads(text: str | bytes) -> Any:
    """The value of a JSON text. Raises ``ValueError``, also for one nested so deep that Python cannot read
    it."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deep") from None


def is_deeper(value: Any, levels: int = DEPTH) -> bool:
    """Whether mappings and lists are nested deeper than so many levels. Takes values of any depth."""
    layer = [value]
    for _ in range(levels):
        layer = [inner for outer in layer for inner in _below(outer) if isinstance(inner, (dict, list))]
        if not layer:
            return False
    return True


def _below(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
