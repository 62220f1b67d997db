"""Descriptions of the emulated APIs: they hold what the checks hold, and their scripts sign as the server expects."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mock_server.providers import registry
from mock_server.providers.cloudcheck.canonical import canonical
from mock_server.providers.cloudcheck.signing import sign_text
from mock_server.web.admin import routes
from mock_server.web.api_description import openapi, requests
from mock_server.web.api_description.schema import of_body
from tests.web.kit import CHECK, DATA, Kit

VENDORS = sorted(registry.installed())
STUB = """
const values = {secret: "s3cret"};
const sent = PARAMS;
const fields = {each: (visit) => Object.entries(sent).forEach(([key, value]) => visit({key, value}))};
const pm = {
  variables: {
    replaceIn: (text) => text.replace("{{$guid}}", "nonce-1").replace(/{{(\\w+)}}/g, (_, name) => values[name]),
    set: (name, value) => { values[name] = value; },
    get: (name) => values[name],
  },
  request: {method: "METHOD", url: {getPath: () => "/verify/", query: fields}, body: {urlencoded: fields}},
};
const CryptoJS = {HmacSHA256: (text, key) => require("crypto").createHmac("sha256", key).update(text).digest("hex")};
"""


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def body_schema(vendor: str, name: str) -> dict[str, Any]:
    provider = registry.load(vendor)
    return of_body(provider.vocabulary.operations[name], provider.api_notes)


def is_valid(schema: dict[str, Any], value: Any) -> bool:
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return bool(checker.is_valid(value))


def schemas(node: Any) -> list[Any]:
    """Every schema of an OpenAPI document."""
    schemas_below = []
    if isinstance(node, dict):
        schemas_below += [value for key, value in node.items() if key in ("schema", "contentSchema")]
        schemas_below += [each for value in node.values() for each in schemas(value)]
    elif isinstance(node, list):
        schemas_below += [each for value in node for each in schemas(value)]
    return schemas_below


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_operation_is_described_with_valid_schemas(kit: Kit, vendor: str) -> None:
    document = kit.get(f"openapi/{vendor}.json")
    operations = [one for item in document["paths"].values() for one in item.values()]
    names = set(registry.load(vendor).vocabulary.operations)
    assert {one["operationId"] for one in operations} == names
    assert set(registry.load(vendor).api_notes.answers.operations) == names
    for schema in schemas(document):
        jsonschema.Draft202012Validator.check_schema(schema)
    used = {name for one in operations for way in one["security"] for name in way}
    assert used == set(document["components"]["securitySchemes"])
    assert "SHA" in document["info"]["description"]


def test_an_unknown_vendor_is_named(kit: Kit) -> None:
    assert kit.call("GET", "openapi/shufti.json")[0] == 404
    assert kit.call("GET", "postman/cloudchek.json")[1]["remedy"] == "did you mean cloudcheck?"


@pytest.mark.parametrize(
    ("vendor", "operation", "change", "valid"),
    [
        ("cloudcheck", "verify", {}, True),
        ("cloudcheck", "verify", {"consent": "No"}, False),
        ("cloudcheck", "verify", {"details": {"dateofbirth": "1987-03-14", "name": {"given": "A"}}}, False),
        ("shuftipro", "verification", {}, True),
        ("shuftipro", "verification", {"reference": "short"}, False),
        ("shuftipro", "verification", {"country": "New Zealand"}, False),
        ("shuftipro", "verification", {"email": "é"}, False),
        ("shuftipro", "verification", {"ttl": 0}, False),
        ("shuftipro", "verification", {"show_results": "yes"}, False),
        ("shuftipro", "verification", {"document": {"supported_types": ["library_card"]}}, False),
        ("shuftipro", "verification", {"reference": None}, False),
    ],
)
def test_the_schema_and_the_server_agree(
    kit: Kit, vendor: str, operation: str, change: dict[str, Any], valid: bool
) -> None:
    if vendor == "cloudcheck":
        value = {**DATA, **change}
        answer = kit.verify(data=json.dumps(value))
        accepted = "error" not in answer["verification"]
    else:
        value = {**CHECK, **change}
        accepted = kit.check(**change)["event"] != "request.invalid"
    assert (is_valid(body_schema(vendor, operation), value), accepted) == (valid, valid)


def test_documents_have_the_patterns_that_are_checked(kit: Kit) -> None:
    schema = body_schema("cloudcheck", "verify")
    for number, valid in (("LH123456", True), ("123456", False)):
        details = {**DATA["details"], "passport": {"number": number, "expiry": "2031-01-01"}}  # type: ignore[dict-item]
        value = {**DATA, "details": details, "reference": f"order-{number}"}
        accepted = "error" not in kit.verify(data=json.dumps(value))["verification"]
        assert (is_valid(schema, value), accepted) == (valid, valid)


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_examples_fit_their_schemas(vendor: str) -> None:
    for operation, example in registry.load(vendor).api_notes.examples.items():
        jsonschema.validate(example, body_schema(vendor, operation), jsonschema.Draft202012Validator)


def node(script: str) -> str:
    program = shutil.which("node")
    assert program, "node is not installed; make test installs it"
    done = subprocess.run([program, "-e", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_script_of_the_collection_signs(kit: Kit, method: str) -> None:
    collection = kit.get("postman/cloudcheck.json")
    script = "\n".join(collection["event"][0]["script"]["exec"]).replace('require("crypto-js")', "CryptoJS")
    sent = {
        "key": "k",
        "nonce": "{{nonce}}",
        "timestamp": "{{timestamp}}",
        "data": '{"a": "ā +;="}',
        "signature": "x",
    }
    stub = STUB.replace("PARAMS", json.dumps(sent)).replace("METHOD", method)
    values = json.loads(node(f"{stub}\n{script}\nconsole.log(JSON.stringify(values))"))
    signed = {**sent, "nonce": "nonce-1", "timestamp": values["timestamp"]}
    del signed["signature"]
    assert values["signature"] == sign_text("s3cret", canonical("/verify/", signed))


def test_the_scripts_of_the_http_file_sign() -> None:
    text = requests.http_file(registry.load("cloudcheck"))
    script = re.findall(r"(?s)\{\{\n(.*?)\n\}\}", text)[0]
    names = "const key = 'k', secret = 's3cret', exports = {};"
    sent = json.loads(node(f"{{ {names}\n{script}\nconsole.log(JSON.stringify({{...exports, params}})) }}"))
    assert sent["signature"] == sign_text("s3cret", canonical("/verify/", sent["params"]))
    assert json.loads(sent["params"]["data"])["details"]["name"]["family"] == "Okafor"


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_operation_is_a_request_of_both_files(vendor: str) -> None:
    provider = registry.load(vendor)
    names = [operation.name for operation in requests.operations(provider)]
    assert sorted(names) == sorted(provider.vocabulary.operations)
    text = requests.http_file(provider)
    assert [item["name"] for item in requests.collection(provider)["item"]] == names
    assert re.findall(r"(?m)^### (.*)$", text) == names
    assert [value for value in requests.variables(provider).values() if value not in text] == []


def test_a_vendor_without_notes_is_described_by_its_paths(tmp_path: Path) -> None:
    from mock_server.providers.api_notes import ApiNotes

    class Bare:
        title, name, api_notes = "Bare", "bare", ApiNotes()
        vocabulary = registry.load("shuftipro").vocabulary

    document = openapi.document(Bare())  # type: ignore[arg-type]
    assert set(document["paths"]) >= {"/", "/status"}
    assert len(document["servers"]) == 1


def test_the_description_names_the_type_of_every_answer(kit: Kit) -> None:
    document = kit.get("openapi.json")
    untyped = [
        (method, path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for kind, content in answer["content"].items()
        if "$ref" not in content["schema"] and "type" not in content["schema"]
    ]
    assert untyped == []
    json_routes = [route for route in routes() if route.content_type == "application/json"]
    assert [f"{route.method} {route.path}" for route in json_routes if route.returns is None] == []
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    body = document["paths"]["/__admin/scenarios"]["post"]["requestBody"]
    reference = body["content"]["application/json"]["schema"]["anyOf"][0]["$ref"]
    assert kit.get(reference)["title"] == "Scenario file of the KYC mock server"
