"""The checks of a request, in the order in which they are made. The first broken rule is the one refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from mock_server.core.exceptions import ProviderError
from mock_server.core.records import Record
from mock_server.providers.context import Call
from mock_server.providers.shuftipro.errors import NO_SERVICE, TAKEN_REFERENCE, UNKNOWN_REFERENCE, UNREGISTERED, invalid
from mock_server.providers.shuftipro.parsing import parse
from mock_server.providers.shuftipro.rules import Broken, Rules, missing
from mock_server.providers.shuftipro.services import COMMON, SERVICES, Field, Service
from mock_server.providers.shuftipro.settings import Account, Settings
from mock_server.providers.shuftipro.verification import find

_REFERENCE, _OTHERS = COMMON[:1], COMMON[1:]
_COMMENT = (Field("comment", "text", 5, 200, required=True),)
_ADDRESSES = ("callback_url", "redirect_url")


class Validator:
    """The rules with the settings in force."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reference = Rules(_REFERENCE, settings)
        self._others = Rules(_OTHERS, settings)
        self._comment = Rules(_COMMENT, settings)
        self._services = {name: Rules(service.fields, settings) for name, service in SERVICES.items()}

    def read(self, call: Call) -> str:
        """Parse the body into ``call.body``; why it could not be read, or nothing."""
        parsed = parse(call.request, self._settings.parse_by_content_type)
        call.body = parsed.values
        return parsed.problem

    def verification(self, call: Call, section: Account) -> None:
        """Check a request for a verification. Raises the refusal."""
        problem = self.read(call)
        values: dict[str, Any] = call.body
        self._check(values, self._reference, call, problem=problem)
        reference = values["reference"]
        call.reference = reference
        if find(call.store, call.account.name, reference) is not None:
            raise invalid(TAKEN_REFERENCE, key="reference", status=self._settings.duplicate_status)
        self._check(values, self._others, call)
        if section.callback_domains:
            _check_domains(values, section.callback_domains)
        asked = [service for name, service in SERVICES.items() if name in values]
        if not asked and not values.get("journey_id"):
            raise invalid(NO_SERVICE, status=self._settings.missing_status, evidence={"check": "services", "known": list(SERVICES)})
        for service in asked:
            self._service(call, section, service, values)

    def named(self, call: Call, *, comment: bool = False) -> Record:
        """Check a request that names a verification by its reference. Raises the refusal."""
        problem = self.read(call)
        self._check(call.body, self._reference, call, problem=problem)
        call.reference = call.body["reference"]
        record = call.record = find(call.store, call.account.name, call.reference)
        if record is None:
            raise self.unknown()
        if comment:
            self._check(call.body, self._comment, call)
        return record

    def unknown(self) -> ProviderError:
        """The refusal of a reference that is unknown, another account's, or deleted."""
        return invalid(UNKNOWN_REFERENCE, key="reference", status=self._settings.unknown_status)

    def _service(self, call: Call, section: Account, service: Service, values: Mapping[str, Any]) -> None:
        given = values[service.name]
        if section.services and service.name not in section.services:
            raise ProviderError("403", options={"service": service.name, "status": self._settings.service_status})
        if given in (None, "") or isinstance(given, list):
            given = {}
        if not isinstance(given, dict):
            raise invalid(f"The {service.name.replace('_', ' ')} must be an array.", service=service.name)
        self._check(given, self._services[service.name], call, service.name)
        lacking = _lacking(service, given)
        if lacking and not (service.name == "background_checks" and "document" in values and not given.get("name")):
            raise self._refusal(missing(lacking), service.name)

    def _check(self, values: Mapping[str, Any], rules: Rules, call: Call, service: str = "", problem: str = "") -> None:
        broken = rules.first_broken(values, call.now)
        if broken is not None:
            raise self._refusal(broken, service, problem)

    def _refusal(self, broken: Broken, service: str, problem: str = "") -> ProviderError:
        status = self._settings.missing_status if broken.missing else 400
        evidence = {"check": "body", "problem": problem} if problem else None
        return invalid(broken.message, key=broken.key, service=service, status=status, evidence=evidence)


def _lacking(service: Service, given: Mapping[str, Any]) -> str:
    """The parameter that is missed; empty: one of the alternatives is there in full."""
    first = ""
    for alternative in service.needs:
        absent = [path for path in alternative if not _at(given, path)]
        if not absent:
            return ""
        first = first or absent[0]
    head, _, tail = first.partition(".")
    return tail if tail and given.get(head) else head


def _at(given: Mapping[str, Any], path: str) -> Any:
    value: Any = given
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _check_domains(values: Mapping[str, Any], domains: tuple[str, ...]) -> None:
    for key in _ADDRESSES:
        url = values.get(key)
        if url and not _registered(url, domains):
            raise invalid(UNREGISTERED.format(key.replace("_", " ")), key=key, evidence={"check": key, "registered": list(domains)})


def _registered(url: str, domains: tuple[str, ...]) -> bool:
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    return any(host == domain.lower() or host.endswith(f".{domain.lower()}") for domain in domains)
