"""Whether an answer has the type that the OpenAPI document of its vendor says, and no member beside it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema

from mock_server.providers import registry
from mock_server.web.api_description.openapi import JSON, document


@cache
def described(vendor: str) -> dict[str, Any]:
    """The document as a tool reads it, and closed: an object has no members but those described."""
    closed: dict[str, Any] = _closed(json.loads(json.dumps(document(registry.load(vendor)))))
    return closed


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {key: _closed(value) for key, value in node.items()}
    if schema.get("type") == "object" and "properties" in schema:
        schema.setdefault("additionalProperties", False)
    return schema


@cache
def _operations(vendor: str) -> dict[str, Any]:
    items = described(vendor)["paths"].values()
    return {operation["operationId"]: operation for item in items for operation in item.values()}


@cache
def _validator(vendor: str, operation: str, status: str) -> jsonschema.Draft202012Validator:
    schema = _operations(vendor)[operation]["responses"][status]["content"][JSON]["schema"]
    components = {"components": described(vendor)["components"]}
    return jsonschema.Draft202012Validator({**schema, **components})


def check_answer(vendor: str, operation: str, status: int, value: Any) -> None:
    """Raises ``jsonschema.ValidationError`` for an answer that is not as described."""
    known = _operations(vendor)[operation]["responses"]
    _validator(vendor, operation, str(status) if str(status) in known else "default").validate(value)


def check_callback(vendor: str, event: str, value: Any) -> None:
    """The same for what a callback carries."""
    body = described(vendor)["webhooks"][event]["post"]["requestBody"]["content"][JSON]["schema"]
    components = {"components": described(vendor)["components"]}
    jsonschema.Draft202012Validator({**body, **components}).validate(value)
