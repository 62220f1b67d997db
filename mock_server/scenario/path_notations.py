"""Paths as other tools write them, in ours: JSONPath, JSON Pointer, brackets, and fields nested as mappings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mock_server.scenario.yaml_text import one_line

_JSON_PATH = re.compile(r"^\$\.?")
_BRACKETS = re.compile(r"""\[\s*(?:(\d+)|'([^']*)'|"([^"]*)")\s*\]""")
_REQUEST = re.compile(r"^request\.")


def respelled(written: str) -> str:
    """The path with dots: ``$.body.to.name``, ``body/to/name``, ``request.body.to`` and ``body.parcels[0]``."""
    path = _REQUEST.sub("", _JSON_PATH.sub("", written))
    if "/" in path and "." not in path:
        path = path.strip("/").replace("/", ".")
    return _BRACKETS.sub(
        lambda match: "." + next(part for part in match.groups() if part is not None), path
    ).lstrip(".")


def flattened(path: str, value: Any) -> str:
    """The fields below a path, each with its own path: ``body.to.name: Rawiri, body.to.country: NZ``."""
    return ", ".join(_leaves(path, value))


def _leaves(path: str, value: Any) -> list[str]:
    if isinstance(value, Mapping) and value:
        return [leaf for key, inner in value.items() for leaf in _leaves(f"{path}.{key}", inner)]
    return [f"{path}: {one_line(value)}"]
