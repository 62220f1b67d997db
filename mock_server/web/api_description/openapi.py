"""OpenAPI 3.1 of a vendor's API as it is emulated."""

from __future__ import annotations

import re
from typing import Any

import mock_server
from mock_server.providers.base import Provider
from mock_server.scenario.vocabulary import Operation
from mock_server.web.api_description.schema import of_body, of_parameters

_PART = re.compile(r"\{(\w+)\}")
FORM = "application/x-www-form-urlencoded"


def document(provider: Provider) -> dict[str, Any]:
    """The whole of it. Answers differ by outcome and have no schema; their outcomes are named."""
    notes, vocabulary = provider.api_notes, provider.vocabulary
    paths: dict[str, dict[str, Any]] = {}
    for operation in vocabulary.operations.values():
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(provider, operation)
    servers = [{"url": "http://127.0.0.1:8484", "description": "The mock server."}]
    if notes.server:
        servers.append({"url": notes.server, "description": "The real service."})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{provider.title}, as the KYC mock server emulates it",
            "version": mock_server.__version__,
            "description": notes.signing,
        },
        "servers": servers,
        "paths": paths,
        "components": {
            "schemas": {"Error": dict(notes.errors) or {"type": "object"}},
            "securitySchemes": {name: dict(scheme) for name, scheme in notes.schemes.items()},
        },
    }


def _operation(provider: Provider, operation: Operation) -> dict[str, Any]:
    notes = provider.api_notes
    outcomes = "\n".join(f"- `{name}`: {text}" for name, text in operation.outcomes.items())
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": next(iter(operation.outcomes.values()), operation.name),
        "description": f"Outcomes that a scenario may ask for:\n\n{outcomes}",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PART.findall(operation.path)
        ],
        "security": [{name: []} for name in notes.security.get(operation.name, ())],
        "responses": {
            "200": {"description": "The outcome.", "content": {"application/json": {"schema": {}}}},
            "default": {
                "description": "A refusal.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }
    if operation.name in notes.form:
        _add_form(described, provider, operation)
    elif operation.method == "POST":
        body: dict[str, Any] = {"schema": of_body(operation, notes)}
        if operation.name in notes.examples:
            body["example"] = notes.examples[operation.name]
        described["requestBody"] = {"required": True, "content": {"application/json": body}}
    return described


def _add_form(described: dict[str, Any], provider: Provider, operation: Operation) -> None:
    notes = provider.api_notes
    parameters, required = of_parameters(operation, notes), list(notes.form[operation.name])
    if operation.method == "GET":
        described["parameters"] += [
            {"name": name, "in": "query", "required": name in required, "schema": schema}
            for name, schema in parameters.items()
        ]
        return
    schema = {"type": "object", "properties": parameters, **({"required": required} if required else {})}
    described["requestBody"] = {"content": {FORM: {"schema": schema}}}
