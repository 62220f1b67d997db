"""The requests of a Postman collection and of a file for httpyac. Both sign what they send by themselves."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from mock_server.providers.accounts import credentials_of
from mock_server.providers.base import Provider
from mock_server.scenario.vocabulary import Operation

HOST = "http://127.0.0.1:8484"
SIGNED = ("nonce", "timestamp", "signature")


def variables(provider: Provider) -> dict[str, str]:
    """The address, and the credentials of the default account."""
    return {"host": HOST, **credentials_of(provider.section("default", {}))}


def example(provider: Provider, operation: Operation) -> str:
    """The JSON of a request."""
    return json.dumps(provider.api_notes.examples.get(operation.name, {}), ensure_ascii=False)


def parameters(provider: Provider, operation: Operation) -> dict[str, str]:
    """Of a form; what the signing script and the credentials give is named, not written."""
    notes = provider.api_notes
    names = notes.form.get(operation.name, ())
    return {
        name: f"{{{{{name}}}}}"
        if name in SIGNED or name in variables(provider)
        else example(provider, operation)
        if name == notes.wrapped
        else ""
        for name in names
    }


def collection(provider: Provider) -> dict[str, Any]:
    """A Postman collection, version 2.1, which Bruno imports too."""
    script = provider.api_notes.postman
    events = [{"listen": "prerequest", "script": {"type": "text/javascript", "exec": script.splitlines()}}]
    return {
        "info": {
            "name": f"{provider.title} (mock)",
            "description": provider.api_notes.signing,
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "variable": [{"key": name, "value": value} for name, value in variables(provider).items()],
        "event": events if script else [],
        "item": [
            {"name": operation.name, "request": _postman(provider, operation)}
            for operation in provider.vocabulary.operations.values()
        ],
    }


def _postman(provider: Provider, operation: Operation) -> dict[str, Any]:
    path = re.sub(r"\{(\w+)\}", r":\1", operation.path)
    fields = [{"key": name, "value": value} for name, value in parameters(provider, operation).items()]
    is_query = operation.method == "GET"
    url: dict[str, Any] = {
        "raw": "{{host}}" + path,
        "host": ["{{host}}"],
        "path": path.lstrip("/").split("/"),
        "query": fields if is_query else [],
    }
    request: dict[str, Any] = {"method": operation.method, "header": [], "url": url}
    if "basic" in provider.api_notes.security.get(operation.name, ()):
        user, password = (f"{{{{{name}}}}}" for name in list(variables(provider))[1:3])
        pair = {"username": user, "password": password}
        request["auth"] = {
            "type": "basic",
            "basic": [{"key": name, "value": value} for name, value in pair.items()],
        }
    if operation.name in provider.api_notes.form:
        if not is_query:
            request["body"] = {"mode": "urlencoded", "urlencoded": fields}
    elif operation.method == "POST":
        body = {"mode": "raw", "raw": example(provider, operation)}
        request["body"] = {**body, "options": {"raw": {"language": "json"}}}
    return request


def http_file(provider: Provider) -> str:
    """For httpyac: its command line (``npx httpyac send FILE --all``) and its editor extension."""
    lines = [f"# {provider.title}: run with `npx httpyac send {provider.name}.http --all`.", ""]
    lines += [f"@{name} = {value}" for name, value in variables(provider).items()]
    for operation in provider.vocabulary.operations.values():
        lines += ["", f"### {operation.name}", f"# @name {operation.name.replace('-', '_')}"]
        lines += _http(provider, operation)
    return "\n".join(lines) + "\n"


def _http(provider: Provider, operation: Operation) -> list[str]:
    path = re.sub(r"\{(\w+)\}", r"unknown-\1", operation.path)
    fields = parameters(provider, operation)
    if operation.name in provider.api_notes.form:
        script = _script(provider, path, fields) if "signature" in fields else []
        written = "&".join(f"{name}={{{{{name}}}}}" for name in fields)
        if not script:
            written = urlencode(fields)
        if operation.method == "GET":
            return [*script, f"GET {{{{host}}}}{path}{'?' + written if written else ''}"]
        form = ["Content-Type: application/x-www-form-urlencoded", "", written]
        return [*script, f"{operation.method} {{{{host}}}}{path}", *form]
    lines = [f"{operation.method} {{{{host}}}}{path}"]
    if "basic" in provider.api_notes.security.get(operation.name, ()):
        user, password = list(variables(provider))[1:3]
        lines.append(f"Authorization: Basic {{{{{user}}}}}:{{{{{password}}}}}")
    if operation.method == "POST":
        lines += ["Content-Type: application/json", "", example(provider, operation)]
    return lines


def _script(provider: Provider, path: str, fields: dict[str, str]) -> list[str]:
    """Sets each parameter, encoded, and the signature over the decoded ones."""
    values = {name: value for name, value in fields.items() if name != "signature"}
    known = {"nonce": 'require("crypto").randomUUID()', "timestamp": "String(Date.now())"}
    written = [
        f"  {json.dumps(name)}: {known.get(name, name if name in variables(provider) else json.dumps(value, ensure_ascii=False))},"
        for name, value in values.items()
    ]
    return [
        "{{",
        f"const path = {json.dumps(path)};",
        "const params = {",
        *written,
        "};",
        *provider.api_notes.http_script.splitlines(),
        "for (const name of Object.keys(params)) exports[name] = encodeURIComponent(params[name]);",
        "}}",
    ]
