"""``accounts``: lists and declares accounts, each with data of its own."""

from __future__ import annotations

from typing import Any

from mock_server.core.exceptions import ConfigError
from mock_server.providers.accounts import Account, Section, secrets_of, values_of
from mock_server.web.admin import answers
from mock_server.web.admin.problems import ControlProblem
from mock_server.web.admin.table import AdminRequest, ControlRoute, Query
from mock_server.web.serializers import MASK, SecretRedactor


def listing(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """Declared accounts, and accounts that a request has used."""
    known = request.service.accounts
    accounts = [account for name in known.names() if (account := known.get(name)) is not None]
    return {"accounts": [show(account) for account in accounts], "total": len(accounts), "next": None}


def one(request: AdminRequest[Query, None], name: str) -> dict[str, Any]:
    """Secrets are masked."""
    return show(named(request, name))


def put(request: AdminRequest[Query, dict[str, Any]], name: str) -> dict[str, Any]:
    """Merged into what is there; the mapping is the one of the config file."""
    try:
        return show(request.service.accounts.declare(name, request.body))
    except ConfigError as error:
        raise ControlProblem(422, str(error)) from None


def named(request: AdminRequest[Any, Any], name: str) -> Account:
    """Raises `ControlProblem`."""
    account = request.service.accounts.get(name)
    if account is None:
        raise missing(name)
    return account


def missing(name: str) -> ControlProblem:
    """No such account."""
    return ControlProblem(
        404,
        f"unknown account {name!r}",
        f"declare it with PUT /__admin/accounts/{name}, or use a name that begins with test-",
    )


def show(account: Account) -> dict[str, Any]:
    """``{"name", "cors", "cloudcheck": {…}, "shuftipro": {…}}`` without the secrets."""
    sections = {provider: masked(section) for provider, section in account.sections.items()}
    return dict(SecretRedactor(account).value({"name": account.name, "cors": list(account.cors), **sections}))


def masked(section: Section) -> dict[str, Any]:
    """The fields of a vendor's part of an account, without its secrets."""
    secret = secrets_of(section)
    return _ordered(
        {name: MASK if name in secret and value else value for name, value in values_of(section).items()}
    )


def _ordered(section: dict[str, Any]) -> dict[str, Any]:
    """Sets as sorted lists, so that two answers can be compared."""
    return {
        name: sorted(value) if isinstance(value, (set, frozenset)) else value
        for name, value in section.items()
    }


_ONE = {"name": "of the account"}

ROUTES = (
    ControlRoute(
        "GET",
        "/accounts",
        listing,
        "Accounts, without their secrets.",
        {"accounts": "by name", "total": "how many", "next": "null"},
        returns=answers.Accounts,
    ),
    ControlRoute(
        "GET",
        "/accounts/<name>",
        one,
        "One account.",
        _ONE,
        also={404: "no such account"},
        returns=dict[str, Any],
    ),
    ControlRoute(
        "PUT",
        "/accounts/<name>",
        put,
        "Declare an account, or change it.",
        _ONE,
        body=dict,
        also={422: "it cannot be so"},
        returns=dict[str, Any],
    ),
)
