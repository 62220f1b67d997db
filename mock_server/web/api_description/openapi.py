"""OpenAPI 3.1 of a vendor's API as it is emulated."""

from __future__ import annotations

import re
from typing import Any

import mock_server
from mock_server.providers.api_notes import ApiNotes
from mock_server.providers.base import Provider
from mock_server.scenario.vocabulary import Operation
from mock_server.web.api_description.schema import of_body, of_parameters

_PART = re.compile(r"\{(\w+)\}")
FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"


def document(provider: Provider) -> dict[str, Any]:
    """The whole of it, with the type of every answer."""
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
        **_webhooks(provider),
        "components": {
            "schemas": {name: dict(schema) for name, schema in notes.answers.schemas.items()},
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
        "responses": _responses(notes, operation.name),
    }
    if operation.name in notes.form:
        _add_form(described, provider, operation)
    elif operation.method == "POST":
        body: dict[str, Any] = {"schema": of_body(operation, notes)}
        if operation.name in notes.examples:
            body["example"] = notes.examples[operation.name]
        described["requestBody"] = {"required": True, "content": {"application/json": body}}
    return described


def _webhooks(provider: Provider) -> dict[str, Any]:
    """What callbacks carry, by event."""
    if not provider.api_notes.callback:
        return {}
    content = {JSON: {"schema": {"$ref": f"#/components/schemas/{provider.api_notes.callback}"}}}
    return {
        "webhooks": {
            event.name: {
                "post": {
                    "summary": event.description,
                    "requestBody": {"content": content},
                    "responses": {"2XX": {"description": "Received."}},
                }
            }
            for event in provider.vocabulary.events.values()
            if event.callback
        }
    }


def _responses(notes: ApiNotes, operation: str) -> dict[str, Any]:
    """By status. If refusals also have status 200, the schema is one of outcome and refusal."""
    granted = notes.answers.operations.get(operation, {})
    refusals = {
        status: [{"$ref": f"#/components/schemas/{name}"} for name in names]
        for status, names in notes.refusals.get(operation, {}).items()
    }
    beside = refusals.pop("200", [])
    content: dict[str, Any] = {}
    if isinstance(granted, str):
        content[granted] = {"schema": {"type": "string", "format": "binary"}}
        if beside:
            content[JSON] = {"schema": _either(beside)}
    else:
        content[JSON] = {"schema": _either([dict(granted), *beside])}
    responses = {
        "200": {"description": "The outcome, or a refusal." if beside else "The outcome.", "content": content}
    }
    for status, kinds in {"default": [{"type": "object"}], **refusals}.items():
        responses[status] = {"description": "A refusal.", "content": {JSON: {"schema": _either(kinds)}}}
    return responses


def _either(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


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
    kind = MULTIPART if operation.name in notes.files else FORM
    described["requestBody"] = {"required": bool(required), "content": {kind: {"schema": schema}}}
