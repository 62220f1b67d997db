"""The checks of a request, in the order in which they are made. The first broken rule is the one refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from mock_server.core.exceptions import ProviderError
from mock_server.core.records import Record
from mock_server.providers.context import RequestContext
from mock_server.providers.shuftipro.errors import (
    NO_SERVICE,
    TAKEN_REFERENCE,
    UNKNOWN_REFERENCE,
    UNREGISTERED,
    invalid,
)
from mock_server.providers.shuftipro.parsing import parse
from mock_server.providers.shuftipro.rules import BrokenRule, Rules, missing
from mock_server.providers.shuftipro.services import (
    COMMON,
    SERVICES,
    ServiceField,
    ServiceKey,
    asked,
    parameters,
)
from mock_server.providers.shuftipro.settings import AccountSection, Settings
from mock_server.providers.shuftipro.unread import find_problem
from mock_server.providers.shuftipro.verification import find

_REFERENCE = COMMON[0]
_COMMENT = (ServiceField("comment", "text", 5, 200, required=True),)
_ADDRESSES = ("callback_url", "redirect_url")


class Validator:
    """The rules with the settings in force."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._common = Rules(COMMON, settings)
        self._reference = Rules((_REFERENCE,), settings)
        self._comment = Rules(_COMMENT, settings)
        self._services = {name: Rules(service.fields, settings) for name, service in SERVICES.items()}

    def read(self, context: RequestContext) -> None:
        """Parse the body into ``context.body``."""
        context.body = parse(context.request, self._settings.parse_by_content_type)

    def verification(self, context: RequestContext, section: AccountSection) -> list[str]:
        """Check a request for a verification; the services it has, in their order. Raises the refusal."""
        self.read(context)
        values: dict[str, Any] = context.body
        broken = self._common.first_broken(values, context.now)
        if broken is not None and broken.key == _REFERENCE.key:
            raise self._refusal(context, broken)
        context.reference = values[_REFERENCE.key]
        if find(context.store, context.account.name, context.reference) is not None:
            raise invalid(TAKEN_REFERENCE, key=_REFERENCE.key, status=self._settings.duplicate_status)
        if broken is not None:
            raise self._refusal(context, broken)
        if section.callback_domains:
            _check_domains(values, section.callback_domains)
        services = asked(values)
        if not services and not values.get("journey_id"):
            raise invalid(
                NO_SERVICE,
                status=self._settings.missing_status,
                evidence={"check": "services", "remedy": f"send one of {', '.join(SERVICES)}"},
            )
        for name in services:
            self._service(context, section, SERVICES[name], parameters(values, name), values)
        return services

    def named(self, context: RequestContext, *, comment: bool) -> Record:
        """Check a request that names a verification by its reference. Raises the refusal."""
        self.read(context)
        broken = self._reference.first_broken(context.body, context.now)
        if broken is not None:
            raise self._refusal(context, broken)
        context.reference = context.body[_REFERENCE.key]
        record = context.record = find(context.store, context.account.name, context.reference)
        if record is None:
            raise self.unknown()
        broken = self._comment.first_broken(context.body, context.now) if comment else None
        if broken is not None:
            raise self._refusal(context, broken)
        return record

    def unknown(self) -> ProviderError:
        """The refusal of a reference that is unknown, another account's, or deleted."""
        return invalid(UNKNOWN_REFERENCE, key="reference", status=self._settings.unknown_status)

    def _service(
        self,
        context: RequestContext,
        section: AccountSection,
        service: ServiceKey,
        fields: Any,
        values: Mapping[str, Any],
    ) -> None:
        if section.services and service.name not in section.services:
            raise ProviderError(
                "403", options={"service": service.name, "status": self._settings.service_status}
            )
        if not isinstance(fields, dict):
            if fields not in (None, "") and not isinstance(fields, list):
                raise self._refusal(
                    context,
                    BrokenRule("", f"The {service.name.replace('_', ' ')} must be an array."),
                    service.name,
                )
            fields = {}
        broken = self._services[service.name].first_broken(fields, context.now)
        if broken is not None:
            raise self._refusal(context, broken, service.name)
        lacking = _lacking(service, fields)
        if lacking and not (service.name == "background_checks" and "document" in values):
            raise self._refusal(context, missing(lacking), service.name)

    def _refusal(self, context: RequestContext, broken: BrokenRule, service: str = "") -> ProviderError:
        status = self._settings.missing_status if broken.missing else 400
        problem = find_problem(context.request, self._settings.parse_by_content_type) or broken.problem
        evidence = problem.evidence(key=broken.key) if problem is not None else None
        return invalid(broken.message, key=broken.key, service=service, status=status, evidence=evidence)


def _lacking(service: ServiceKey, parameters: Mapping[str, Any]) -> str:
    """The parameter that is missed; empty: one of the alternatives is there in full."""
    first = ""
    for alternative in service.needs:
        for path in alternative:
            if not _at(parameters, path):
                first = first or path
                break
        else:
            return ""
    head, _, tail = first.partition(".")
    return tail if tail and parameters.get(head) else head


def _at(parameters: Mapping[str, Any], path: str) -> Any:
    """The value at a key, or at a key within it."""
    key, _, inner = path.partition(".")
    value = parameters.get(key)
    if not inner:
        return value
    return value.get(inner) if isinstance(value, dict) else None


def _check_domains(values: Mapping[str, Any], domains: tuple[str, ...]) -> None:
    for key in _ADDRESSES:
        url = values.get(key)
        if url and not _registered(url, domains):
            raise invalid(
                UNREGISTERED.format(key.replace("_", " ")),
                key=key,
                evidence={
                    "check": key,
                    "remedy": f"use {', '.join(domains)}, or register it in callback_domains",
                },
            )


def _registered(url: str, domains: tuple[str, ...]) -> bool:
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    return any(host == domain.lower() or host.endswith(f".{domain.lower()}") for domain in domains)
