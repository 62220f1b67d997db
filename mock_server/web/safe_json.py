"""JSON that every parser can read: bounded in depth, without lone surrogates, NaN, infinities and integers beyond 64 bits."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server.core.nesting import DEPTH

TOO_DEEP = f"… (nested deeper than {DEPTH} levels)"
_LEAST, _MOST = -(2**63), 2**64 - 1


def document(text: Any) -> Any:
    """The JSON object or list in a text, `TOO_DEEP` where it is nested too deep; None for other
    text."""
    if not isinstance(text, str) or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_float, parse_int=_integer)
    except RecursionError:
        return TOO_DEEP
    except ValueError:
        return None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _float(digits: str) -> float | str:
    value = float(digits)
    return value if math.isfinite(value) else digits


def _integer(digits: str) -> int | str:
    """As text beyond 64 bits: most readers of JSON cannot hold the number."""
    value = int(digits) if len(digits) <= 20 else _MOST + 1
    return value if _LEAST <= value <= _MOST else digits


def safe(
    value: Any,
    text: Callable[[str], str],
    mapping: Callable[[str, Any], Any] | None = None,
    depth: int = DEPTH,
) -> Any:
    """The value as JSON can carry it, each text passed through ``text``; what is not JSON becomes text.

    ``mapping``: called with each key and value of a mapping; gives the value to show instead.
    """
    if isinstance(value, str):
        return text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if _LEAST <= value <= _MOST else text(_digits(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else text(str(value))
    if isinstance(value, Mapping):
        if not depth:
            return TOO_DEEP
        pairs = (
            value.items() if mapping is None else ((key, mapping(key, inner)) for key, inner in value.items())
        )
        return {text(str(key)): safe(inner, text, mapping, depth - 1) for key, inner in pairs}
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray)):
        return [safe(inner, text, mapping, depth - 1) for inner in value] if depth else TOO_DEEP
    return text(str(value))


def _digits(value: int) -> str:
    return str(value) if value.bit_length() <= 4096 else hex(value)


def writable(text: str) -> str:
    """The text with U+FFFD for halves of surrogate pairs, which JSON's escapes allow a caller to send and
    UTF-8 has no bytes for."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
