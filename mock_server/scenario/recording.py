"""Recorded exchanges as scenarios: what is personal or secret becomes a template, everything else stays as it
came."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.scenario.templates import literal

MIN_LENGTH = 3
"""Shorter texts of a request are not looked for in the answer: they would be found everywhere."""
LONG = 1000
"""A longer text without spaces is an image or a document, and left out."""

FAKES: Mapping[str, str] = {
    "firstname": "fake.first_name()",
    "given": "fake.first_name()",
    "middlename": "fake.first_name()",
    "middle": "fake.first_name()",
    "lastname": "fake.last_name()",
    "family": "fake.last_name()",
    "surname": "fake.last_name()",
    "fathername": "fake.last_name()",
    "fullname": "fake.name()",
    "name": "fake.name()",
    "email": "fake.email()",
    "phone": "fake.phone_number()",
    "phonenumber": "fake.phone_number()",
    "mobile": "fake.phone_number()",
    "dob": "fake.date_of_birth(minimum_age=18, maximum_age=80) | string",
    "dateofbirth": "fake.date_of_birth(minimum_age=18, maximum_age=80) | string",
    "address": "fake.street_address()",
    "fulladdress": "fake.street_address()",
    "street": "fake.street_name()",
    "streetname": "fake.street_name()",
    "streetnumber": "random.digits(2)",
    "suburb": "fake.city()",
    "city": "fake.city()",
    "postcode": "random.digits(4)",
    "postalcode": "random.digits(5)",
    "number": "random.token(9) | upper",
    "documentnumber": "random.token(9) | upper",
    "version": "random.digits(3)",
    "ip": "'192.0.2.' ~ random.integer(1, 254)",
    "ipaddress": "'192.0.2.' ~ random.integer(1, 254)",
    "latitude": "fake.latitude() | string",
    "longitude": "fake.longitude() | string",
    "useragent": "request.header['User-Agent'] | default('')",
    "accesstoken": "random.token(64)",
}
"""Key of a field, in lower case without separators → what stands for its value."""
REFERENCES = (
    "reference",
    "verificationreference",
    "capturereference",
    "callbackurl",
    "redirecturl",
    "notificationurl",
    "webhookurl",
    "username",
)
"""Keys of a request whose values are the caller's own, and come from the request at hand when the scenario
answers."""
PATTERNS = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "fake.email()"),
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "uuid()"),
    (re.compile(r"\b[0-9a-fA-F]{32,}\b"), "random.hex(64)"),
    (re.compile(r"\b(?=[A-Za-z0-9]*[0-9])(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{32,}\b"), "random.token(48)"),
)
ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_HOLE = re.compile("\0(\\d+)\0")


class Recorded(NamedTuple):
    """One exchange, parsed."""

    operation: str
    params: Mapping[str, str]
    body: Any
    """The request's JSON, as a scenario's ``body.*`` sees it."""
    status: int
    answer: Any
    """JSON, or a text."""
    content_type: str = ""
    """Of an answer that is not JSON."""


class Recording:
    """Scenarios of what has been recorded so far. Exchanges of one operation and reference become the steps
    of one sequence."""

    def __init__(self, provider: str, secrets: Mapping[str, str]) -> None:
        """``secrets``: real value → what stands for it in the files."""
        self._provider = provider
        self._secrets = {real: stand_in for real, stand_in in secrets.items() if real}
        self._cases: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._matches: dict[tuple[str, str], dict[str, Any]] = {}
        self._numbers: dict[str, int] = {}

    def add(self, recorded: Recorded) -> str:
        """Note the exchange; the name of its scenario."""
        path, reference = _reference(recorded)
        number = self._numbers.setdefault(reference, len(self._numbers) + 1) if reference else 0
        key = recorded.operation, reference
        match: dict[str, Any] = {"operation": recorded.operation}
        if path:
            match[path] = {"prefix": f"recorded-{number}-"}
        self._matches[key] = match
        self._cases.setdefault(key, []).append({"respond": self._respond(recorded)})
        return self._name(key)

    def document(self) -> dict[str, Any]:
        """The scenario file as a mapping."""
        scenarios = []
        for key, steps in self._cases.items():
            scenario: dict[str, Any] = {"name": self._name(key), "match": self._matches[key]}
            if len(steps) == 1:
                scenario |= steps[0]
            else:
                scenario["sequence"] = steps
            scenarios.append(scenario)
        return {"version": 1, "provider": self._provider, "scenarios": scenarios}

    def _name(self, key: tuple[str, str]) -> str:
        operation, reference = key
        return f"recorded-{operation}-{self._numbers[reference]}" if reference else f"recorded-{operation}"

    def _respond(self, recorded: Recorded) -> dict[str, Any]:
        respond: dict[str, Any] = {} if recorded.status == 200 else {"status": recorded.status}
        if recorded.content_type:
            respond["headers"] = {"Content-Type": recorded.content_type}
        return {**respond, "body": RecordingRedactor(recorded, self._secrets).value(recorded.answer)}


class RecordingRedactor:
    """Replaces what must not appear in a file."""

    def __init__(self, recorded: Recorded, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets
        found = {text: expression for text, expression in personal(recorded) if len(text) >= MIN_LENGTH}
        self._known = sorted(found.items(), key=lambda item: len(item[0]), reverse=True)

    def value(self, value: Any, key: str = "") -> Any:
        """The value with templates in it. ``key``: what it is the value of."""
        if isinstance(value, Mapping):
            source = isinstance(
                value.get("success"), bool
            )  # a data source that was asked: not a person's name
            return {
                name: self.value(inner, "" if source and name == "name" else name)
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [self.value(inner, key) for inner in value]
        fake = FAKES.get(_plain(key))
        if isinstance(value, str):
            return self._text(value, fake)
        return (
            f"{{{{ {fake} }}}}"
            if fake is not None and isinstance(value, (int, float)) and not isinstance(value, bool)
            else value
        )

    def _text(self, text: str, fake: str | None) -> str:
        if not text:
            return text
        if len(text) > LONG and not re.search(r"\s", text.strip()):
            return f"(left out: {len(text)} characters)"
        holes: list[str] = []

        def hole(expression: str) -> str:
            holes.append(expression)
            return f"\0{len(holes) - 1}\0"

        for real, stand_in in self._secrets.items():
            text = text.replace(real, stand_in)
        for known, expression in self._known:
            text = text.replace(known, hole(expression)) if known in text else text
        if not holes and fake is not None:
            return f"{{{{ {fake} }}}}"
        for pattern, expression in PATTERNS:
            text = pattern.sub(lambda found, expression=expression: hole(expression), text)  # type: ignore[misc]
        text = ADDRESS.sub("192.0.2.1", text)
        return _HOLE.sub(lambda found: f"{{{{ {holes[int(found[1])]} }}}}", literal(text))


def personal(recorded: Recorded) -> Iterator[tuple[str, str]]:
    """(text, expression) of each text of a request that is personal or the caller's own."""
    yield from _leaves(recorded.body, "request.body")
    yield from _leaves(
        {name: value for name, value in recorded.params.items() if name != "data"}, "request.params"
    )


def _leaves(value: Any, path: str, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            part = f".{name}" if re.fullmatch(r"[A-Za-z_]\w*", name) else f"[{json.dumps(name)}]"
            yield from _leaves(inner, path + part, name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]", key)
    elif isinstance(value, str) and value:
        plain = _plain(key)
        if plain in REFERENCES:
            yield value, path
        elif plain in FAKES:
            yield value, f"{path} | default({FAKES[plain].replace(' | string', '')})"


def _reference(recorded: Recorded) -> tuple[str, str]:
    """Path and value of the caller's reference; empty without one."""
    for where, fields in (("body", recorded.body), ("params", recorded.params)):
        value = fields.get("reference") if isinstance(fields, Mapping) else None
        if isinstance(value, str) and value:
            return f"{where}.reference", value
    return "", ""


def _plain(key: str) -> str:
    return re.sub(r"[^a-z]", "", key.lower())
