"""Which texts an option of ``serve`` takes. Each check raises ``ValueError`` with a remedy."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

from mock_server.core.target import TargetError, parse_target, split_url

_HOST_NAME = re.compile(r"(\*\.)?[\w-]+(\.[\w-]+)*\.?")
_ORIGIN_EXAMPLE = "write for example http://localhost:5173, or * for any"


def base_url(example: str, text: str) -> None:
    """An address that paths are added to; empty: none is given."""
    if not text:
        return
    try:
        target = parse_target(text)
    except TargetError as error:
        remedy = error.remedy if error.meant else f"write for example {example}"
        raise ValueError(f"{text!r} cannot be used: {error}; {remedy}") from None
    if "?" in target.path or "#" in text:
        raise ValueError(f"{text!r} cannot be used: paths are added to it; leave out what follows ? and #")


def listening_address(text: str) -> None:
    """A name or an address of this machine."""
    if not text.strip():
        raise ValueError("the value is empty; write for example 127.0.0.1, or 0.0.0.0 for all addresses")
    if "/" in text:
        raise ValueError(f"{text!r} is not a host name or an address; write for example 127.0.0.1")


def host_name(text: str) -> None:
    """A name without scheme and port, or ``*.NAME``, or an address."""
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        if not _HOST_NAME.fullmatch(text):
            raise ValueError(
                f"{text!r} is not a host name; write it without scheme, port and path, such as mock.example.test"
            ) from None


def origins(values: Any) -> tuple[str, ...]:
    """Origins of pages, as a browser writes them; ``*`` is any. Raises ``ValueError`` with a remedy."""
    items = values.replace(",", " ").split() if isinstance(values, str) else values
    if not isinstance(items, (list, tuple)):
        raise ValueError(f"{values!r} is not a list of origins; {_ORIGIN_EXAMPLE}")
    return tuple(map(_origin, items))


def _origin(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not an origin; {_ORIGIN_EXAMPLE}")
    if value in ("*", "null"):
        return value
    scheme, separator, host = value.rstrip("/").partition("://")
    if not (scheme and separator and host) or "/" in host or "*" in value or not _has_usable_port(value):
        raise ValueError(f"{value!r} is not an origin; {_ORIGIN_EXAMPLE}")
    usual = {"http": ":80", "https": ":443"}.get(scheme.lower(), " ")
    return f"{scheme}://{host}".lower().removesuffix(usual)


def _has_usable_port(origin: str) -> bool:
    try:
        split_url(origin)
    except TargetError:
        return False
    return True
