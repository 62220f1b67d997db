"""Checks vendors' words in filters: a misspelt word would match nothing, and a test that expects no match would pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mock_server.web.admin.problems import unknown
from mock_server.web.admin.table import AdminRequest
from mock_server.web.service import Service


def check(service: Service, *, provider: str = "", operation: str = "", event: str = "") -> None:
    """Empty words are not given. Raises `Problem` for one that no vendor has, or not the one that is named."""
    vocabularies = service.vocabularies
    if provider and provider not in vocabularies:
        raise unknown("provider", provider, vocabularies)
    asked = [vocabularies[provider]] if provider else list(vocabularies.values())
    _check("operation", operation, (one.operations for one in asked))
    _check("event", event, (one.events for one in asked))


def check_scenario(request: AdminRequest[Any, Any], name: str) -> None:
    """One that is gone and has answered counts as known. Raises `ControlProblem`."""
    if not name or request.query.account == "*":
        return
    service, account = request.service, request.account.name
    loaded = service.scenarios.of(account, service.store.account(account))
    known = [
        scenario.name
        for provider in service.providers
        for scenario in (*loaded.scenarios(provider), *loaded.disabled(provider))
    ]
    if name not in known and name not in service.store.scenario_counts(account):
        raise unknown("scenario", name, known)


def _check(what: str, value: str, tables: Iterable[Iterable[str]]) -> None:
    known = [word for table in tables for word in table]
    if value and value not in known:
        raise unknown(what, value, known)
