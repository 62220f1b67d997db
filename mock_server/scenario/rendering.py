"""Makes answers: fills templates for one call, and lays a patch over a generated answer."""

from __future__ import annotations

from typing import Any

from mock_server.scenario.model import RenderSource, Template
from mock_server.scenario.templates import RenderError

__all__ = ["RenderError", "merge", "render"]


def render(value: Any, source: RenderSource) -> Any:
    """The value for this call; a value without templates is returned as it is, not copied. Raises
    `RenderError`.

    Names drawn at random (``fake``, ``uuid()``, ``random``) depend on the source's draws alone, so that one
    request has one answer."""
    return value.render(source) if isinstance(value, Template) else value


def merge(base: Any, patch: Any) -> Any:
    """``base`` with ``patch`` merged into it, both as JSON is decoded. Never changes ``base``; shares what
    stays the same.

    Mappings are merged key by key. A list patched by a list of mappings is merged element by element and has
    the patch's length. Everything else is replaced, also by null."""
    if isinstance(patch, dict):
        if not isinstance(base, dict):
            base = {}
        merged = dict(base)
        for key, value in patch.items():
            merged[key] = merge(base[key], value) if key in base else value
        return merged
    if isinstance(patch, list) and isinstance(base, list) and any(isinstance(item, dict) for item in patch):
        return [merge(base[index], item) if index < len(base) else item for index, item in enumerate(patch)]
    return patch
