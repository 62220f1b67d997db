"""What a file says once for all of its scenarios: the ``defaults`` of each, and keys that begin with ``x-``,
which are for people and anchors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import fields

from mock_server.scenario.document import Respond

PREFIX = "x-"
_ANSWERS = ("outcome", "error", "body", "fault")
_OF_ANY_ANSWER = ("status", "headers", "delay")
_OF_ANSWERS = frozenset(field.encode_name for field in fields(Respond))
"""Any other key is a mistake, and stays to be reported."""


def without_extras(mapping: Any) -> Any:
    """The mapping without keys that begin with ``x-``; any other value as it is."""
    if not isinstance(mapping, dict) or not any(key.startswith(PREFIX) for key in mapping):
        return mapping
    return {key: value for key, value in mapping.items() if not key.startswith(PREFIX)}


def cleaned(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario without such keys, wherever its keys are those of the language."""
    own: dict[str, Any] = _answering(dict(without_extras(scenario)))
    sequence = without_extras(own.get("sequence"))
    if isinstance(sequence, dict) and isinstance(sequence.get("steps"), list):
        own["sequence"] = {**sequence, "steps": _steps(sequence["steps"])}
    elif sequence is not None:
        own["sequence"] = _steps(sequence) if isinstance(sequence, list) else sequence
    return own


def _steps(steps: list[Any]) -> list[Any]:
    return [_answering(dict(without_extras(step))) if isinstance(step, dict) else step for step in steps]


def _answering(mapping: dict[str, Any]) -> dict[str, Any]:
    """A scenario or a step, its ``respond`` and ``callbacks`` cleaned."""
    if "respond" in mapping:
        mapping["respond"] = without_extras(mapping["respond"])
    if isinstance(mapping.get("callbacks"), list):
        mapping["callbacks"] = [without_extras(callback) for callback in mapping["callbacks"]]
    return mapping


def lay_under(defaults: Mapping[str, Any], scenario: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario over the defaults: its values win, mappings are merged, tags add up. ``respond`` is the default of
    each step of a sequence."""
    base = dict(defaults)
    if "sequence" in scenario:
        respond = base.pop("respond", None)
        scenario = {**scenario, "sequence": _under_steps(respond, scenario["sequence"])}
    elif "respond" in scenario:
        base.pop("sequence", None)
    return {**base, **{key: _joined(key, base.get(key), value) for key, value in scenario.items()}}


def _joined(key: str, below: Any, own: Any) -> Any:
    if key == "tags" and isinstance(below, list) and isinstance(own, list):
        return [*below, *(tag for tag in own if tag not in below)]
    if key == "respond" and isinstance(below, dict) and isinstance(own, dict):
        return _merged(_fitting(below, own), own)
    return _merged(below, own)


def _merged(below: Any, own: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(own, dict):
        return own
    return {**below, **{key: _merged(below.get(key), value) for key, value in own.items()}}


def _fitting(below: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What can stand under this answer: another kind of answer cannot, nor what belongs to it."""
    chosen = [name for name in _ANSWERS if name in own]
    if not chosen or any(name in below for name in chosen):
        return dict(below)
    return {key: value for key, value in below.items() if key in _OF_ANY_ANSWER or key not in _OF_ANSWERS}


def _under_steps(respond: Any, sequence: Any) -> Any:
    if not isinstance(respond, dict):
        return sequence
    if isinstance(sequence, dict):
        return {**sequence, "steps": _under_steps(respond, sequence.get("steps"))}
    if not isinstance(sequence, list):
        return sequence
    return [
        {**step, "respond": _joined("respond", respond, step.get("respond", {}))}
        if isinstance(step, dict)
        else step
        for step in sequence
    ]
