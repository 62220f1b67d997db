"""Keys that are right in another place of a scenario file, and the words of other tools for our keys and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mock_server.scenario.document import (
    Callback,
    Defaults,
    Distribution,
    File,
    Respond,
    Scenario,
    Sequence,
    Step,
)
from mock_server.scenario.yaml_text import one_line

_KEYS: Mapping[str, Mapping[str, str]] = {
    Scenario.NOUN: {
        "when": "match", "if": "match", "request": "match", "where": "match", "on": "match", "predicates": "match",
        "then": "respond", "reply": "respond", "answer": "respond", "return": "respond",
        "responses": "sequence", "steps": "sequence", "answers": "sequence",
        "title": "name", "id": "name", "disabled": "enabled", "active": "enabled", "comment": "description",
        "webhooks": "callbacks", "webhook": "callbacks", "probability": "chance", "percent": "chance",
        "data": "rows", "csv": "rows", "table": "rows", "examples": "rows", "labels": "tags", "weight": "priority",
    },
    Respond.NOUN: {
        "code": "status", "statusCode": "status", "status_code": "status", "http_status": "status",
        "fixedDelayMilliseconds": "delay", "latency": "delay", "wait": "delay", "sleep": "delay", "after": "delay",
        "jsonBody": "body", "json": "body", "payload": "body", "text": "body", "content": "body",
        "override": "merge", "overrides": "merge", "patch": "merge", "with": "merge", "result": "outcome",
        "declined_codes": "decline", "decline_codes": "decline", "codes": "decline", "reason": "decline",
    },
    Callback.NOUN: {
        "delay": "after", "wait": "after", "in": "after", "type": "event", "name": "event", "status": "event",
        "to": "url", "target": "url", "address": "url", "callback_url": "url",
        "body": "merge", "payload": "merge", "data": "merge", "retries": "attempts", "tries": "attempts",
        "repeat": "deliver", "fault": "deliver", "request_type": "requestType",
    },
    Step.NOUN: {"repeat": "times", "count": "times", "response": "respond", "reply": "respond", "then": "respond"},
    Sequence.NOUN: {
        "key": "by", "per": "by", "group": "by", "after": "then", "end": "then", "repeat": "then",
        "responses": "steps", "answers": "steps",
    },
}  # fmt: skip
"""What messages call the mapping → another tool's key → ours."""
_VALUES: Mapping[str, Mapping[str, str]] = {
    "fault": {
        "timeout": "hang", "time-out": "hang", "no-answer": "hang", "silence": "hang",
        "close": "empty", "empty-response": "empty", "disconnect": "reset", "connection-reset": "reset",
        "connection-reset-by-peer": "reset", "random-data-then-close": "garbage",
        "malformed-response-chunk": "truncate", "partial": "truncate",
    },
    "then": {
        "loop": "restart", "cycle": "restart", "again": "restart", "first": "restart",
        "last": "repeat", "stay": "repeat", "end": "stop", "next": "stop", "continue": "stop", "nothing": "stop",
    },
}  # fmt: skip
_DIRECTIVES: Mapping[str, str] = {
    "never": "drop", "none": "drop", "lost": "drop", "skip": "drop", "twice": "duplicate", "double": "duplicate",
    "repeat": "duplicate", "again": "duplicate", "delayed": "{late: 30s}", "delay": "{late: 30s}",
    "wrong-signature": "{corrupt: signature}", "bad-signature": "{corrupt: signature}",
    "invalid-signature": "{corrupt: signature}", "forged": "{corrupt: signature}", "tampered": "{corrupt: body}",
    "invalid-json": "{corrupt: json}", "wrong-secret": "{secret: other}", "replay": "{stale: 24h}",
    "old": "{stale: 24h}", "cut": "{truncate: 40}",
}  # fmt: skip
"""What people call what `deliver` does → our word."""
_COUNTS = {"once": "1", "twice": "2", "thrice": "3"}


class Elsewhere(NamedTuple):
    """What to do with a key that is not one of its mapping."""

    remedy: str
    fix: str | None = None
    """The key to write in its place."""


def another_word(name: str, noun: str) -> str:
    """Our key for another tool's; empty: none."""
    noun = Scenario.NOUN if noun == Defaults.NOUN else noun
    return _KEYS.get(noun, {}).get(name, "")


def another_value(key: str, value: str) -> str:
    """Our word for another tool's, or the number that a word means; empty: none."""
    if key == "times":
        return _COUNTS.get(value.strip().lower(), "")
    return _VALUES.get(key, {}).get(value.strip().lower().replace("_", "-").replace(" ", "-"), "")


def another_directive(word: str) -> str:
    """Our `deliver` word; empty: none."""
    return _DIRECTIVES.get(word.strip().lower().replace("_", "-").replace(" ", "-"), "")


def elsewhere(name: str, value: Any, noun: str, owner: Mapping[str, Any]) -> Elsewhere | None:
    """Where the key belongs; None: nowhere."""
    if noun == Distribution.NOUN:
        return Elsewhere(_uniform(owner))
    word = another_word(name, noun)
    if word:
        return (
            Elsewhere(f"did you mean `{word}`?", word)
            if word not in owner
            else Elsewhere(f"`{word}` is already there; remove this key")
        )
    below = _below(name, value, noun, owner)
    if below:
        return Elsewhere(below)
    above = _above(name, noun)
    return Elsewhere(above) if above else None


_IN_RESPOND = frozenset({Scenario.NOUN, Defaults.NOUN, Step.NOUN})


def _uniform(owner: Mapping[str, Any]) -> str:
    """The delay between two durations that were given names."""
    bounds = [value for value in owner.values() if isinstance(value, (str, int, float))]
    if len(bounds) == len(owner) == 2:
        return f"write `{one_line({'uniform': bounds})}`"
    return "write for example `{uniform: [200ms, 2s]}` or `{lognormal: {median: 300ms, sigma: 0.5}}`"


def _below(name: str, value: Any, noun: str, owner: Mapping[str, Any]) -> str:
    """A key that belongs into one of the mappings below."""
    if noun == File.NOUN:
        return (
            "write it below `scenarios`, in an item that begins with `- name: …`"
            if _has(Scenario, name)
            else ""
        )
    if noun == Sequence.NOUN:
        return "write it into a step, below `steps`" if _has(Step, name) else ""
    if noun not in _IN_RESPOND:
        return ""
    if noun != Step.NOUN and name in ("by", "times"):
        return "write it into `sequence`: `sequence: {by: body.email, steps: [{times: 2, respond: {…}}, {respond: {…}}]}`"
    if _has(Respond, name):
        return _into("respond", name, value, owner)
    if name == "operation" or name.startswith(("body.", "header.", "params.", "query.")):
        return _into("match", name, value, owner)
    if _has(Callback, name) and name != "reference":
        return "write it into an item of `callbacks`"
    return ""


def _into(key: str, name: str, value: Any, owner: Mapping[str, Any]) -> str:
    written = one_line({name: value})
    inner = written if len(written) <= 60 else f"{{{name}: …}}"
    return f"move it into `{key}`" if owner.get(key) else f"write it below `{key}`: `{key}: {inner}`"


def _above(name: str, noun: str) -> str:
    """A key that belongs to one of the mappings around."""
    if noun in (Scenario.NOUN, Defaults.NOUN):
        return "move it to the top level of the file" if _has(File, name) else ""
    if noun == Respond.NOUN and name == "times":
        return "it is a key of a step; move it next to `respond`"
    next_to = {
        Respond.NOUN: "respond",
        Step.NOUN: "sequence",
        Sequence.NOUN: "sequence",
        Callback.NOUN: "callbacks",
    }
    if noun in next_to and _has(Scenario, name):
        return f"it is a key of the scenario; move it next to `{next_to[noun]}`"
    return ""


def _has(struct: type, name: str) -> bool:
    from msgspec.structs import fields

    return any(field.encode_name == name for field in fields(struct))
