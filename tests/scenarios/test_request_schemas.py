"""The description of Cloudcheck's requests requires what the server requires: a good request of each operation fits, and
without any one required member it neither fits nor is accepted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import jsonschema
import pytest

from mock_server.client import Account, MockServer, Receiver
from mock_server.providers import registry
from mock_server.web.api_description.schema import of_body
from tests.providers.cloudcheck.harness import JPEG
from tests.scenarios.customer import DATA, HOOK, CloudcheckCustomer
from tests.scenarios.test_words import PLAIN

PROVIDER = registry.load("cloudcheck")
FULL: dict[str, Any] = {
    "watchlist-create": {"associations": [{"personDetail": {"name": {"given": "Hēmi", "family": "Ngāta"}}}]},
    "forms-create": {"emailAddress": "a+b@example.test", "givenName": "Mārama", "notificationUrl": HOOK},
}
"""Requests with more in them than the usual good one."""


def missing(schema: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """Each required member that the value has, and the value without it."""
    if isinstance(value, list):
        for rest_of, item in missing(schema.get("items", {}), value[0]):
            yield rest_of, [item, *value[1:]]
        return
    if not isinstance(value, dict):
        return
    for name in schema.get("required", ()):
        yield name, {key: member for key, member in value.items() if key != name}
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            for path, item in missing(inner, value[name]):
                yield f"{name}.{path}", {**value, name: item}


def post(account: Account, operation: str, value: Any) -> dict[str, Any]:
    files = {"file": ("licence.jpg", JPEG)} if operation in PROVIDER.api_notes.files else None
    customer = CloudcheckCustomer(account, PLAIN, operation, "")
    answer = customer.call(operation, {"data": json.dumps(value)}, files).json
    refusal: dict[str, Any] = answer.get("verification", answer)
    return refusal


@pytest.mark.parametrize("operation", sorted(DATA))
def test_what_the_schema_requires_the_server_requires(
    service: tuple[MockServer, Receiver], operation: str
) -> None:
    account = service[0].account(f"test-schema-{operation}")
    _, parameters, _ = CloudcheckCustomer(account, PLAIN, operation, "").prepare()
    value = FULL.get(operation, json.loads(parameters["data"]))
    schema = of_body(PROVIDER.vocabulary.operations[operation], PROVIDER.api_notes)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(value)
    assert "error" not in post(account, operation, deepcopy(value))
    for name, less in missing(schema, value):
        assert not validator.is_valid(less), name
        assert post(account, operation, less).get("error") in (102, 105, 107), name


def test_documents_are_required_whole() -> None:
    schema = of_body(PROVIDER.vocabulary.operations["verify"], PROVIDER.api_notes)
    passport = schema["properties"]["details"]["properties"]["passport"]
    assert sorted(passport["required"]) == ["expiry", "number"]
