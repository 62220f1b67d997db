"""JSON in and out. In: what Java's readers take. Out: always something, whatever a scenario has put into the
answer."""

from __future__ import annotations

from typing import Any

import msgspec

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_DEEPEST = 200


def parse(text: str) -> Any:
    """The value of a JSON text. Raises ``ValueError``.

    The last of several equal names wins, numbers may have any size, a lone surrogate (``"\\ud800"``) becomes
    ``?``, as it does when Java writes it as UTF-8. ``NaN`` and ``Infinity`` are not JSON, and nothing is
    nested deeper than 200 levels, whatever the Python that runs this would bear."""
    if text.count("[") + text.count("{") > _DEEPEST:
        return _slowly(text)
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return _slowly(text)


def _slowly(text: str) -> Any:
    import json

    try:
        return _clean(json.loads(text, parse_constant=_refuse, parse_int=_integer), 0)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _integer(digits: str) -> int | float:
    """Python refuses to convert integers of thousands of digits; their exact value does not matter."""
    return int(digits) if len(digits) <= 400 else float(digits)


def _clean(value: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_clean(key, 0): _clean(item, depth + 1) for key, item in value.items()}
    return value


def encode(value: Any) -> bytes:
    """Compact JSON in UTF-8."""
    try:
        return _encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        import json

        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode(
            "utf-8", "replace"
        )
