"""The JSON Schema of scenario files, for editors: made from `document`, with what each vendor knows merged into
it.

Draft 7, since that is what the editors' YAML servers read best. Each provider gets its own version of the
mappings that depend on the vendor, so that an editor offers the outcomes, events and paths of the file's
``provider`` and no others. Long because it is the whole schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import msgspec

from mock_server.core.delivery_directives import DIRECTIVES, Directive
from mock_server.scenario.compiler import FIELDS, ROOTS, WHOLE
from mock_server.scenario.date_bounds import REMEDY as DATE_REMEDY
from mock_server.scenario.date_bounds import SYNTAX as DATE_SYNTAX
from mock_server.scenario.document import DURATION, PATTERNS, File
from mock_server.scenario.early import ANSWERS as EARLY_ANSWERS
from mock_server.scenario.early import NEEDS_CHECKS
from mock_server.scenario.matchers import CONDITION, MATCHERS, MatcherKind
from mock_server.scenario.schema_narrowing import answers_of, rules_of
from mock_server.scenario.vocabulary import Vocabulary

Schema = dict[str, Any]

_REFERENCE = "#/definitions/"
_DURATION = r"^\s*\+?(\d+(\.\d+)?(d|h|m|s|ms)?\s*)+$"
_VENDORS_OWN = ("Scenario", "Defaults", "Sequence", "Step", "Respond", "Callback")


def document(vocabularies: Mapping[str, Vocabulary]) -> Schema:
    """The schema for files of any of the providers."""
    definitions = _definitions()
    for vocabulary in vocabularies.values():
        definitions.update(_specialised(definitions, vocabulary))
    file = definitions.pop("File")
    for name in _VENDORS_OWN:
        del definitions[name]
    file["properties"]["provider"].update(enum=list(vocabularies), examples=list(vocabularies)[:1])
    file["properties"]["scenarios"]["items"] = {"type": "object"}
    defaults = file["properties"]["defaults"]
    file["properties"]["defaults"] = {"type": "object", **_described(defaults)}
    whole: Schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Scenario file of the KYC mock server",
        **{key: value for key, value in file.items() if key != "title"},
        "allOf": [*map(_of_provider, vocabularies), _ANSWER_IS_SOMEWHERE],
        "definitions": definitions,
    }
    schema: Schema = _in_words(whole)
    return schema


_PATTERN_WORDS = "patternErrorMessage"
"""What the editors' YAML server says in place of a pattern."""


def _in_words(schema: Any) -> Any:
    """The schema, each pattern of it with the words for it."""
    if isinstance(schema, list):
        return [_in_words(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: _in_words(value) for key, value in schema.items()}
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        result[_PATTERN_WORDS] = _WORDS.get(pattern, "Unknown path; the editor offers the known ones.")
    return result


def text(vocabularies: Mapping[str, Vocabulary]) -> str:
    """The schema as it is checked in and written by ``init``."""
    return json.dumps(document(vocabularies), indent=1, ensure_ascii=False) + "\n"


_WORDS = {
    **{pattern: f"It {words}." for pattern, words in PATTERNS.items()},
    _DURATION: "A duration is written as 500ms, 2s, 5m, 1h30m or 7d.",
    DATE_SYNTAX: f"Not a date; {DATE_REMEDY}.",
}


def _of_provider(name: str) -> Schema:
    return {
        "if": {"properties": {"provider": {"const": name}}, "required": ["provider"]},
        "then": {
            "properties": {
                "scenarios": {"items": {"$ref": f"{_REFERENCE}{name}.Scenario"}},
                "defaults": {"$ref": f"{_REFERENCE}{name}.Defaults"},
            }
        },
    }


def _described(field: Schema) -> Schema:
    """What people read of a field."""
    return {key: field[key] for key in ("description", "examples") if key in field}


_ANSWER_IS_SOMEWHERE: Schema = {
    "if": {"not": {"required": ["defaults"]}},
    "then": {
        "properties": {
            "scenarios": {
                "items": {
                    "anyOf": [{"required": [key]} for key in ("respond", "sequence", "callbacks", "set")]
                }
            }
        }
    },
}
"""Each scenario says something of its answer, unless the defaults do."""


def _definitions() -> Schema:
    """What `document` says, with the rules that types cannot."""
    schema: Schema = _durations(msgspec.json.schema_components([File], ref_template=_REFERENCE + "{name}")[1])
    schema["matcher"] = _matcher()
    schema[CONDITION] = _CONDITION
    schema["Distribution"].update(minProperties=1, maxProperties=1)
    schema["Scenario"]["dependencies"] = {"respond": _without("sequence", because=_SEQUENCE_OR_RESPOND)}
    schema["Scenario"].update({"if": {"required": ["before"]}, "then": _EARLY})
    schema["EarlyRespond"], schema["EarlyStep"] = _EARLY_RESPOND, _EARLY_STEP
    schema["Respond"]["dependencies"] = {
        **{key: ["error"] for key in ("fields", "detail", "service", "key", "message")},
        **{key: ["outcome"] for key in ("decline", "review")},
        **{key: _without(*others, because=_ONE_ANSWER) for key, others in _EXCLUSIVE.items()},
    }
    schema["Respond"]["properties"]["headers"]["additionalProperties"] = {
        "anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]
    }
    schema["Callback"]["properties"]["deliver"]["items"] = {
        "anyOf": [_directive(directive) for directive in DIRECTIVES.values()]
    }
    for name in ("Scenario", "Defaults"):
        match = schema[name]["properties"]["match"]
        match.update(additionalProperties={"$ref": _REFERENCE + CONDITION}, propertyNames={"pattern": _PATH})
    for name in ("File", *_VENDORS_OWN):
        schema[name]["patternProperties"] = {"^x-": {}}
    schema[_TEMPLATE] = _TEMPLATE_TEXT
    return schema


_TEMPLATE = "template"
_TEMPLATE_TEXT: Schema = {
    "title": "template",
    "description": "Filled in when the file is loaded: vars, env and row.",
    "type": "string",
    "pattern": r"\{\{[^{}]*\b(vars|env|row)\b",
}
_ANNOTATIONS = ("description", "examples")


def _or_template(fields: Schema) -> None:
    """Let a template stand for each value that is not a text anyway."""
    for name, field in fields.items():
        kinds = [field, *field.get("anyOf", ())]
        is_text = any(kind.get("type") == "string" and kind.keys() <= _PLAIN for kind in kinds)
        is_open = not field.keys() - {*_ANNOTATIONS, "title"}
        if not is_text and not is_open:
            rest = {key: value for key, value in field.items() if key not in _ANNOTATIONS}
            fields[name] = {**_described(field), "anyOf": [rest, {"$ref": _REFERENCE + _TEMPLATE}]}


_PLAIN = frozenset({"type", "description", "examples", "title"})
"""Keys of a schema that any text satisfies."""


def _matcher() -> Schema:
    """What `MATCHERS` says."""
    return {
        "title": "matcher",
        "description": "What one field has to be. Several keys in one matcher must all hold.",
        "type": "object",
        "properties": {word: _argument(kind) for word, kind in MATCHERS.items() if kind.is_word},
        "additionalProperties": False,
        "minProperties": 1,
    }


def _argument(kind: MatcherKind) -> Schema:
    return {"description": kind.description, "examples": list(kind.examples), **kind.takes.schema}


_CONDITION: Schema = {
    "title": "value or matcher",
    "anyOf": [
        {"type": ["array", "string", "number", "boolean", "null"]},
        {"$ref": f"{_REFERENCE}matcher"},
    ],
}
_BELOW = r"(\.[^.]+)"
_PATH = rf"^(({'|'.join(sorted(WHOLE))})|({'|'.join(sorted(FIELDS))}){_BELOW}+|({'|'.join(sorted(set(ROOTS) - WHOLE - FIELDS))}){_BELOW}*)$"
_TEXT = {"type": ["string", "number", "boolean"]}
_EXCLUSIVE = {
    "outcome": ("error", "body", "fault"),
    "error": ("outcome", "body", "fault"),
    "body": ("outcome", "error", "fault", "merge"),
    "fault": ("outcome", "error", "body", "merge"),
}


def _without(*keys: str, because: str) -> Schema:
    """None of the keys may be there. ``because``: what the editor says of one that is."""
    return {"properties": dict.fromkeys(keys, False), "errorMessage": because}


_ONE_ANSWER = "An answer has one of `outcome`, `error`, `body` and `fault`; `merge` goes with the first two."
_SEQUENCE_OR_RESPOND = "A scenario has `respond` or `sequence`, not both."
_BEFORE_CHECKS = "Before the checks nothing is known of the request yet: `status`, `body` and `fault` can answer, without callbacks."


_EARLY: Schema = {
    "properties": {
        "match": {"propertyNames": {"not": {"pattern": r"^verification(\.|$)"}}},
        "respond": {"$ref": f"{_REFERENCE}EarlyRespond"},
        "sequence": {
            "items": {"$ref": f"{_REFERENCE}EarlyStep"},
            "properties": {
                "steps": {
                    "description": "One answer after the other.",
                    "examples": [[{"respond": {"status": 503}}]],
                    "items": {"$ref": f"{_REFERENCE}EarlyStep"},
                }
            },
        },
    },
    "allOf": [_without("callbacks", because=_BEFORE_CHECKS)],
}
"""What holds of a scenario with ``before: checks``."""
_EARLY_RESPOND: Schema = {
    "title": "An answer before the checks",
    "anyOf": [{"required": [key]} for key in EARLY_ANSWERS],
    "allOf": [_without(*NEEDS_CHECKS, because=_BEFORE_CHECKS)],
}
_EARLY_STEP: Schema = {
    "title": "A step before the checks",
    "required": ["respond"],
    "properties": {
        "respond": {
            "description": "The answer of this call: a status, body or fault.",
            "examples": [{"status": 503, "body": "upstream unavailable"}],
            "allOf": [{"$ref": f"{_REFERENCE}EarlyRespond"}],
        }
    },
    "allOf": [_without("callbacks", because=_BEFORE_CHECKS)],
}


def _durations(schema: Any, *, inside: bool = False) -> Any:
    """Every text within a field that is marked as a duration gets its pattern, every number its lower
    bound."""
    if isinstance(schema, list):
        return [_durations(item, inside=inside) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inside = inside or schema.get("x-kind") == DURATION
    result = {key: _durations(value, inside=inside) for key, value in schema.items() if key != "x-kind"}
    if inside and schema.get("type") == "string":
        result["pattern"] = _DURATION
    elif inside and schema.get("type") in ("integer", "number"):
        result["minimum"] = 0
    return result


def _directive(directive: Directive) -> Schema:
    if not directive.argument:
        return {"const": directive.name, "description": directive.description}
    arguments: dict[str, Schema] = {
        "duration": {"anyOf": [{"type": "string", "pattern": _DURATION}, {"type": "number", "minimum": 0}]},
        "count": {"type": "integer", "minimum": 0},
        "choice": {"enum": list(directive.choices)},
        "text": {"type": "string", "minLength": 1},
    }
    field = {
        "description": directive.description,
        "examples": [_example(directive)],
        **arguments[directive.argument],
    }
    return {
        "type": "object",
        "properties": {directive.name: field},
        "required": [directive.name],
        "additionalProperties": False,
        "description": directive.description,
    }


def _example(directive: Directive) -> Any:
    return directive.example.strip("{}").partition(": ")[2] if directive.argument != "count" else 40


def _specialised(definitions: Schema, vocabulary: Vocabulary) -> Schema:
    """The vendor's version of the mappings that depend on it."""
    own = {f"{vocabulary.provider}.{name}": deepcopy(definitions[name]) for name in _VENDORS_OWN}
    schema: Schema = _redirected(own, vocabulary.provider)
    respond, callback = (
        schema[f"{vocabulary.provider}.{name}"]["properties"] for name in ("Respond", "Callback")
    )
    own_match = f"{vocabulary.provider}.Match"
    for name in ("Scenario", "Defaults"):
        keys = schema[f"{vocabulary.provider}.{name}"]["properties"]
        match, keys["match"] = keys["match"], {**_described(keys["match"]), "allOf": [_ref(own_match)]}
    match = {"title": "match", **{key: value for key, value in match.items() if key not in _ANNOTATIONS}}
    _match(match, vocabulary)
    schema[own_match] = match
    _examples(schema, vocabulary)
    # No example, which an editor would offer next to the outcomes of the operation.
    respond["outcome"] = {"description": respond["outcome"]["description"], "type": "string"}
    errors = {int(code) if code.isdecimal() else code: text for code, text in vocabulary.errors.items()}
    respond["error"].pop("anyOf", None)
    _choices(respond["error"], {**errors, **vocabulary.errors})
    _declines(schema, vocabulary)
    _choices(
        callback["event"],
        {event.name: event.description for event in vocabulary.events.values() if event.callback},
    )
    _choices(callback["requestType"], dict.fromkeys(vocabulary.request_types, ""))
    if not vocabulary.request_types:
        del callback["requestType"]
    for definition in schema.values():
        if definition is not match:
            _or_template(definition.get("properties", {}))
    for name in ("Scenario", "Defaults"):
        schema[f"{vocabulary.provider}.{name}"]["allOf"] = rules_of(vocabulary)
    return {**schema, **answers_of(vocabulary, _ref(_TEMPLATE))}


def _ref(name: str) -> Schema:
    return {"$ref": _REFERENCE + name}


def _redirected(schema: Any, provider: str) -> Any:
    if isinstance(schema, list):
        return [_redirected(item, provider) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: _redirected(value, provider) for key, value in schema.items()}
    name = str(schema.get("$ref", "")).removeprefix(_REFERENCE)
    if name in _VENDORS_OWN:
        result["$ref"] = f"{_REFERENCE}{provider}.{name}"
    return result


def _examples(schema: Schema, vocabulary: Vocabulary) -> None:
    """Such as this vendor's files can have."""
    operation = next(iter(vocabulary.operations.values()))
    outcome, error = next(iter(operation.outcomes), ""), next(iter(vocabulary.errors), "")
    step = schema[f"{vocabulary.provider}.Step"]["properties"]
    events = [event.name for event in vocabulary.events.values() if event.callback]
    for name in ("Scenario", "Defaults"):
        keys = schema[f"{vocabulary.provider}.{name}"]["properties"]
        keys["match"]["examples"] = [{"operation": operation.name, "body.reference": {"prefix": "flaky-"}}]
        keys["respond"]["examples"] = [{"outcome": outcome}]
        keys["sequence"]["examples"] = [[{"respond": {"error": error}}, {"respond": {"outcome": outcome}}]]
        keys["callbacks"]["examples"] = [[{"event": event, "after": "2s"} for event in events[:1]]]
    step["respond"]["examples"] = [{"error": error}]
    sequence = schema[f"{vocabulary.provider}.Sequence"]["properties"]
    sequence["steps"]["examples"] = [
        [{"times": 2, "respond": {"error": error}}, {"respond": {"outcome": outcome}}]
    ]


def _choices(field: Schema, choices: Mapping[Any, str]) -> None:
    """Only these, each with its description where the editor shows one."""
    if choices:
        field.update(
            enum=list(choices), markdownEnumDescriptions=list(choices.values()), examples=list(choices)[:1]
        )


def _match(match: Schema, vocabulary: Vocabulary) -> None:
    """Offer the paths that requests of this vendor can have; others stay allowed."""
    condition = match["additionalProperties"]
    operation = {"description": "Which kind of request.", "examples": list(vocabulary.operations)[:1]}
    names = {
        "enum": list(vocabulary.operations),
        "markdownEnumDescriptions": [f"{one.method} {one.path}" for one in vocabulary.operations.values()],
    }
    properties: Schema = {"operation": {**operation, "anyOf": [names, {"$ref": f"{_REFERENCE}matcher"}]}}
    for path, where in sorted(_paths(vocabulary).items()):
        properties[path] = {
            "description": f"Of {', '.join(where)}.",
            "examples": ["…", {"exists": True}],
            **condition,
        }
    match["properties"] = properties


def _paths(vocabulary: Vocabulary) -> dict[str, list[str]]:
    operations_by_path: dict[str, list[str]] = {}
    for operation in vocabulary.operations.values():
        names = [f"body.{path}" for path in operation.body or () if "*" not in path]
        names += [f"params.{name}" for name in operation.params or ()]
        names += (
            [f"verification.{name}" for name in vocabulary.record_fields] if operation.verification else []
        )
        for name in names:
            operations_by_path.setdefault(name, []).append(operation.name)
    return operations_by_path


def _declines(schema: Schema, vocabulary: Vocabulary) -> None:
    respond = schema[f"{vocabulary.provider}.Respond"]["properties"]
    if not vocabulary.declines:
        del respond["decline"]
        return
    code = f"{vocabulary.provider}.DeclineCode"
    schema[code] = {"title": "DeclineCode"}
    _choices(schema[code], vocabulary.declines)
    codes = {"type": "array", "items": {"$ref": _REFERENCE + code}}
    services = {
        name: {"description": f"Codes of the service {name}.", **codes} for name in vocabulary.services
    }
    example = (
        {vocabulary.services[0]: list(vocabulary.declines)[:1]}
        if vocabulary.services
        else list(vocabulary.declines)[:1]
    )
    by_service = {"type": "object", "properties": services, "additionalProperties": False}
    respond["decline"].update(anyOf=[codes, by_service], examples=[example])
