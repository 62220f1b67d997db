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
_TAKEN = re.compile(r"\{\{([a-z-]+(?:\.\w+)+)\}\}")
SIGNED = ("nonce", "timestamp", "signature")


def variables(provider: Provider) -> dict[str, str]:
    """The address, and the credentials of the default account."""
    return {"host": HOST, **credentials_of(provider.section("default", {}))}


def operations(provider: Provider) -> list[Operation]:
    """In the order in which they are sent."""
    last = provider.api_notes.last
    return sorted(provider.vocabulary.operations.values(), key=lambda operation: operation.name in last)


def body(provider: Provider, operation: Operation) -> str:
    """The JSON of a request."""
    notes = provider.api_notes
    sent = notes.sent.get(operation.name, notes.examples.get(operation.name, {}))
    return json.dumps(sent, ensure_ascii=False)


def parameters(provider: Provider, operation: Operation) -> dict[str, str]:
    """Of a form; what the signing script and the credentials give is named, not written."""
    notes = provider.api_notes
    sent = notes.sent.get(operation.name, {notes.wrapped: notes.examples.get(operation.name, {})})
    files = notes.files.get(operation.name, ())
    return {
        name: f"{{{{{name}}}}}"
        if name in SIGNED or name in variables(provider)
        else _text(sent.get(name, ""))
        for name in dict.fromkeys((*notes.form.get(operation.name, ()), *sent))
        if name and name not in files
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def taken(provider: Provider, operation: Operation) -> list[str]:
    """Paths into the operation's answer that later requests use; each begins with the operation's name."""
    paths = _TAKEN.findall(json.dumps(dict(provider.api_notes.sent)))
    return sorted({path for path in paths if path.partition(".")[0] == operation.name})


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
            {
                "name": operation.name,
                "request": _postman(provider, operation),
                "event": _after(provider, operation),
            }
            for operation in operations(provider)
        ],
    }


def _after(provider: Provider, operation: Operation) -> list[dict[str, Any]]:
    """The script that judges the answer and keeps what later requests need."""
    is_refused = json.dumps(operation.name in provider.api_notes.refused)
    script = [f"const refused = {is_refused};", *provider.api_notes.postman_test.splitlines()]
    for path in taken(provider, operation):
        steps = json.dumps(path.split(".")[1:])
        value = f"{steps}.reduce((value, key) => value[key], pm.response.json())"
        script.append(f"pm.collectionVariables.set({json.dumps(path)}, {value});")
    return [{"listen": "test", "script": {"type": "text/javascript", "exec": script}}]


def _headers(provider: Provider, operation: Operation) -> list[tuple[str, str]]:
    """Those that hold a key of the account."""
    schemes = [
        provider.api_notes.schemes[name] for name in provider.api_notes.security.get(operation.name, ())
    ]
    key = list(variables(provider))[1]
    return [(scheme["name"], f"{{{{{key}}}}}") for scheme in schemes if scheme.get("in") == "header"]


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
    request["header"] += [{"key": name, "value": value} for name, value in _headers(provider, operation)]
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
        raw = {"mode": "raw", "raw": body(provider, operation)}
        request["body"] = {**raw, "options": {"raw": {"language": "json"}}}
    return request


def http_file(provider: Provider) -> str:
    """For httpyac: its command line (``npx httpyac send FILE --all``) and its editor extension."""
    lines = [f"# {provider.title}: run with `npx httpyac send {provider.name}.http --all`.", ""]
    lines += [f"@{name} = {value}" for name, value in variables(provider).items()]
    for operation in operations(provider):
        lines += ["", f"### {operation.name}"]
        if taken(provider, operation):
            lines.append(f"# @name {operation.name.replace('-', '_')}")
        lines += _http(provider, operation)
        if operation.name not in provider.api_notes.refused:
            lines += ["", "?? status == 200", *provider.api_notes.http_test.splitlines()]
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
    lines += [f"{name}: {value}" for name, value in _headers(provider, operation)]
    if operation.method == "POST":
        text = _TAKEN.sub(lambda match: "{{" + _expression(match[1]) + "}}", body(provider, operation))
        lines += ["Content-Type: application/json", "", text]
    return lines


def _script(provider: Provider, path: str, fields: dict[str, str]) -> list[str]:
    """Sets each parameter, encoded, and the signature over the decoded ones."""
    values = {name: value for name, value in fields.items() if name != "signature"}
    known = {"nonce": 'require("crypto").randomUUID()', "timestamp": "String(Date.now())"}
    written = [
        f"  {json.dumps(name)}: {known.get(name, name if name in variables(provider) else _literal(value))},"
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


def _literal(text: str) -> str:
    """Of JavaScript; what an earlier answer holds is put in."""
    parts = _TAKEN.split(text)
    return " + ".join(
        _expression(part) if index % 2 else json.dumps(part, ensure_ascii=False)
        for index, part in enumerate(parts)
        if part or len(parts) == 1
    )


def _expression(path: str) -> str:
    """``go-create.go.recipients.0.token`` → ``go_create.go.recipients[0].token``."""
    operation, *steps = path.split(".")
    return operation.replace("-", "_") + "".join(
        f"[{step}]" if step.isdigit() else f".{step}" for step in steps
    )
