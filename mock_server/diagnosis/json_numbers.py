"""How the libraries of the usual languages spell a number of JSON after reading it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial


def _javascript(raw: str) -> str:
    return _ecma(_double(raw))


def _go(raw: str) -> str:
    value = _double(raw)
    return "-0" if value == 0 and math.copysign(1, value) < 0 else _ecma(value)


def _python(raw: str) -> str:
    return str(int(raw)) if _is_whole(raw) else repr(_double(raw))


def _php_number(raw: str, zeros: bool = False) -> str:
    if _is_whole(raw) and -(2**63) <= int(raw) < 2**63 and raw != "-0":
        return str(int(raw))
    value = _double(raw)
    sign, digits, point = _decimal(value)
    if not -4 < point <= 17:
        return f"{sign}{digits[0]}.{digits[1:] or '0'}e{point - 1:+d}"
    whole = _positional(sign, digits, point)
    return f"{whole}.0" if zeros and "." not in whole else whole


def _java(raw: str) -> str:
    if _is_whole(raw):
        return str(int(raw))
    return _java_double(_double(raw))


def _gson(raw: str) -> str:
    return _java_double(_double(raw))


def _java_org(raw: str) -> str:
    """org.json keeps a ``BigDecimal``, and takes trailing zeros away, and a fraction that is none."""
    if _is_whole(raw):
        return str(int(raw))
    text = str(Decimal(raw))
    return text.rstrip("0").rstrip(".") if "." in text and "E" not in text else text


def _dotnet(raw: str) -> str:
    if _is_whole(raw):
        return str(int(raw))
    sign, digits, point = _decimal(_double(raw))
    if not -5 < point <= 15:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}E{'+' if point > 0 else '-'}{abs(point - 1):02d}"
    text = _positional(sign, digits, point)
    return text if "." in text else f"{text}.0"


def _rust(raw: str) -> str:
    if _is_whole(raw) and -(2**63) <= int(raw) < 2**64 and raw != "-0":
        return raw
    sign, digits, point = _decimal(_double(raw))
    if not -5 < point <= 16:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}e{point - 1}"
    text = _positional(sign, digits, point)
    return text if "." in text else f"{text}.0"


def _ruby(raw: str) -> str:
    if _is_whole(raw):
        return str(int(raw))
    sign, digits, point = _decimal(_double(raw))
    if not -4 < point <= 16:
        return f"{sign}{digits[0]}.{digits[1:] or '0'}e{point - 1:+03d}"
    text = _positional(sign, digits, point)
    return text if "." in text else f"{text}.0"


def _is_whole(raw: str) -> bool:
    return raw.lstrip("-").isdecimal() and len(raw) < 4000


def _double(raw: str) -> float:
    return float(raw)


def _decimal(value: float) -> tuple[str, str, int]:
    """Sign, shortest digits, and where the point stands behind their beginning."""
    if not math.isfinite(value):
        raise ValueError("not a number of JSON")
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if value == 0:
        return sign, "0", 1
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = int(exponent or 0) + len(whole) - (len(whole + fraction) - len(digits))
    return sign, digits.rstrip("0"), point


def _positional(sign: str, digits: str, point: int) -> str:
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if len(digits) <= point:
        return sign + digits.ljust(point, "0")
    return f"{sign}{digits[:point]}.{digits[point:]}"


def _ecma(value: float) -> str:
    """``Number::toString`` of ECMAScript."""
    sign, digits, point = _decimal(value)
    if value == 0:
        return "0"
    if not -6 < point <= 21:
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"
    return _positional(sign, digits, point)


def _java_double(value: float) -> str:
    """``Double.toString``."""
    sign, digits, point = _decimal(value)
    if value != 0 and not -3 < point <= 7:
        return f"{sign}{digits[0]}.{digits[1:] or '0'}E{point - 1}"
    text = _positional(sign, digits, point)
    return text if "." in text else f"{text}.0"


NUMBERS: Mapping[str, Callable[[str], str]] = {
    "as-sent": lambda raw: raw,
    "javascript": _javascript,
    "go": _go,
    "python": _python,
    "php": _php_number,
    "php-zeros": partial(_php_number, zeros=True),
    "java": _java,
    "java-org": _java_org,
    "gson": _gson,
    "dotnet": _dotnet,
    "rust": _rust,
    "ruby": _ruby,
}
"""From a number as it was sent to how it is written again."""
