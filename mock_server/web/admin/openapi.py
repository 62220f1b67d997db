"""``openapi.json``: the control API described, from the same table that serves it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

import mock_server
from mock_server.providers.base import Provider
from mock_server.web.admin.problems import unknown
from mock_server.web.admin.table import AdminRequest, Body, ControlRoute, Query

_PART = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
_REF = "#/components/schemas/{name}"
_INTRO = (
    "Inspect and steer the mock server. Every call is about one account (`?account=NAME`, `default` when not given). "
    "Errors are RFC 9457 problem documents with a `remedy`."
)


def document(routes: Sequence[ControlRoute]) -> dict[str, Any]:
    """OpenAPI 3.1."""
    kinds = [route.body for route in routes if _is_body(route.body)]
    kinds += [route.returns for route in routes if _is_struct(route.returns)]
    _, schemas = msgspec.json.schema_components(kinds, schema_hook=_schema, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault("/__admin" + _PART.sub(r"{\1}", route.path), {})[route.method.lower()] = _operation(
            route
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "KYC mock server: control API",
            "version": mock_server.__version__,
            "description": _INTRO,
        },
        "paths": paths,
        "components": {
            "schemas": {**{name: _plain(schema) for name, schema in schemas.items()}, "Problem": _PROBLEM},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Where the server was started with --admin-token.",
                }
            },
        },
        "security": [{}, {"token": []}],
    }


def scenario_schema(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """The same as ``mock-server schema`` prints."""
    from mock_server.scenario.schema import document as scenario_document

    return dict(scenario_document(request.service.vocabularies))


def vendor(request: AdminRequest[Query, None], name: str) -> dict[str, Any]:
    """OpenAPI 3.1."""
    from mock_server.web.api_description.openapi import document as vendor_document

    return vendor_document(_provider(request, name))


def postman(request: AdminRequest[Query, None], name: str) -> dict[str, Any]:
    """It signs by itself."""
    from mock_server.web.api_description.requests import collection

    return collection(_provider(request, name))


def _provider(request: AdminRequest[Query, None], name: str) -> Provider:
    providers = request.service.providers
    if name not in providers:
        raise unknown("provider", name, providers, 404)
    return providers[name]


def show(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """The whole document."""
    return document(request.routes())


def _operation(route: ControlRoute) -> dict[str, Any]:
    answers = {
        str(route.status): {
            "description": "done",
            "content": {route.content_type: {"schema": _answer(route)}},
        }
    }
    also = {str(status): when for status, when in route.also.items()}
    refusals = {"400": "a parameter or member is wrong", **also, "default": "the call is refused"}
    for status, when in refusals.items():
        answers[status] = {
            "description": when,
            "content": {"application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}}},
        }
    operation: dict[str, Any] = {
        "operationId": f"{route.view.__module__.rpartition('.')[2]}_{route.view.__name__}",
        "tags": [route.path.split("/")[1]],
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": answers,
    }
    if route.body is not None:
        schema = _reference(route.body) if _is_body(route.body) else route.body_schema
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return operation


def _answer(route: ControlRoute) -> dict[str, Any]:
    if route.returns is None:
        return {"type": "string"}
    kind = _reference(route.returns) if _is_struct(route.returns) else {"type": "object"}
    described = {name: {"description": text} for name, text in route.answer.items()}
    return {**kind, "properties": described} if described else kind


def _plain(node: Any) -> Any:
    """The schema in words that client generators know: tuples as arrays of a length, arrays with ``items``."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _plain(value) for key, value in node.items() if key != "prefixItems"}
    if node.get("type") == "array":
        plain.setdefault("items", {})
    if "prefixItems" in node:
        kinds = [_plain(item) for item in node["prefixItems"]]
        distinct = [kind for index, kind in enumerate(kinds) if kind not in kinds[:index]]
        plain["items"] = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
    return plain


def _reference(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {"$ref": _REF.format(name=kind.__name__)}


def _schema(kind: type[Any]) -> dict[str, Any]:
    """Of a type that msgspec has no schema of."""
    return {"type": "object"}


def _path_parameters(route: ControlRoute) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PART.findall(route.path)
    ]


def _query_parameters(route: ControlRoute) -> list[dict[str, Any]]:
    schema = msgspec.json.schema(route.query)
    kind = schema["$defs"][route.query.__name__]
    parameters = []
    for name, one in kind["properties"].items():
        inner = dict(one)
        parameters.append(
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": inner.pop("description", ""),
                "schema": inner,
            }
        )
    return parameters


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _is_body(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Body)


_PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong"},
        "remedy": {"type": "string", "description": "what to do about it"},
        "problems": {
            "type": "array",
            "items": {"type": "object"},
            "description": "findings in scenario files",
        },
    },
}

ROUTES = (
    ControlRoute(
        "GET",
        "/openapi.json",
        show,
        "This description.",
        {
            "openapi": "version of the format",
            "info": "about the API",
            "paths": "calls",
            "components": "schemas",
            "security": "the token, where one is set",
        },
        returns=dict[str, Any],
    ),
    ControlRoute(
        "GET",
        "/scenario.schema.json",
        scenario_schema,
        "The JSON Schema of scenario files.",
        {
            "$schema": "of the schema language",
            "title": "what it describes",
            "description": "the same in a sentence",
            "type": "object",
            "properties": "of a file",
            "patternProperties": "other keys of a file",
            "required": "of them",
            "additionalProperties": "false",
            "allOf": "what each vendor adds",
            "definitions": "of scenarios and their parts",
        },
        returns=dict[str, Any],
    ),
    ControlRoute(
        "GET",
        "/openapi/<name>.json",
        vendor,
        "A vendor's API as it is emulated, in OpenAPI 3.1, with its signing described.",
        {"openapi": "version of the format", "paths": "operations", "components": "errors and security"},
        also={404: "no such vendor"},
        returns=dict[str, Any],
    ),
    ControlRoute(
        "GET",
        "/postman/<name>.json",
        postman,
        "A vendor's requests as a Postman collection that signs them.",
        {"info": "name and description", "item": "requests", "variable": "address and credentials"},
        also={404: "no such vendor"},
        returns=dict[str, Any],
    ),
)
