"""The path that was probably meant by one that is not served."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from mock_server.providers.routing import EndpointRow

_ALIKE = 0.75
"""How alike two paths are at least, of 1, for one to be taken for the other with a slip of the pen."""
_LONGEST = 300
"""Characters of a path that is compared letter by letter, which takes time in proportion to their square."""
_PREFIX = 2
"""Parts in front of a path that is spelled wrong too, at most."""


class Near(NamedTuple):
    """A path that is served."""

    vendor: str
    path: str
    methods: tuple[str, ...]
    difference: str
    """What is wrong with the other path: ``has /v1 in front``."""


def nearest(path: str, rows: Iterable[tuple[str, EndpointRow]]) -> Near | None:
    """The served path that the given one comes closest to. ``rows``: (vendor, endpoint); of equals the first
    wins."""
    parts = _parts(path)
    if not parts:
        return None
    known = [(vendor, row, _parts(row.path)) for vendor, row in rows]
    for drop in range(len(parts)):
        for vendor, row, segments in known:
            if segments and _equal(parts[drop:], segments):
                meant = _filled(row.path, parts[drop:])
                return Near(vendor, meant, row.methods, _difference(path, meant, parts[:drop]))
    return _alike(path, parts, known)


def _alike(path: str, parts: list[str], known: Sequence[tuple[str, EndpointRow, list[str]]]) -> Near | None:
    best, near = _ALIKE, None
    if len(path) > _LONGEST:
        return None
    for drop in range(min(len(parts), _PREFIX + 1)):
        rest = parts[drop:]
        for vendor, row, segments in known:
            meant = _filled(row.path, rest) if len(segments) == len(rest) else row.path
            matcher = SequenceMatcher(None, "/".join(rest).lower(), "/".join(_parts(meant)).lower())
            if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best and matcher.ratio() > best:
                best, near = matcher.ratio(), Near(vendor, meant, row.methods, "is spelled differently")
    return near


def _parts(path: str) -> list[str]:
    return [part for part in path.strip().split("/") if part]


def _equal(parts: list[str], segments: list[str]) -> bool:
    return len(parts) == len(segments) and all(
        _varies(want) or part.lower() == want.lower() for part, want in zip(parts, segments)
    )


def _varies(part: str) -> bool:
    return part.startswith("{")


def _filled(pattern: str, parts: list[str]) -> str:
    """The path of a pattern, with its variable parts taken from ``parts``."""
    values = iter(parts)
    filled = []
    for part in pattern.split("/"):
        other = next(values, part) if part else part
        filled.append(other if _varies(part) else part)
    return "/".join(filled)


def _difference(path: str, meant: str, prefix: list[str]) -> str:
    rest, segments = _parts(path)[len(prefix) :], _parts(meant)
    ends = path.strip().endswith("/")
    differences = [
        (bool(prefix), f"has /{'/'.join(prefix)} in front"),
        ("//" in path, "has two slashes in a row"),
        (path != path.strip(), "has white space around it"),
        (rest != segments, "is written with capitals"),
        (meant.endswith("/") and not ends, "lacks the slash at its end"),
        (ends and not meant.endswith("/"), "has a slash at its end"),
    ]
    return " and ".join(text for holds, text in differences if holds)
