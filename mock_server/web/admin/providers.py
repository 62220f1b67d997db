"""``providers``: the vendors that are installed, with their words, for every client that names none."""

from __future__ import annotations

import time
from typing import Any

from mock_server.core.http import Arrival, Request
from mock_server.providers.accounts import Account
from mock_server.providers.base import Provider
from mock_server.providers.samples import STAND_IN
from mock_server.web.admin import answers
from mock_server.web.admin.accounts import masked
from mock_server.web.admin.problems import ControlProblem, unknown
from mock_server.web.admin.table import AdminRequest, ControlRoute, Query
from mock_server.web.admin.vocabulary import words
from mock_server.web.service import Service


def listing(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """By name, as they are asked."""
    providers = request.service.providers.values()
    rows = [show(provider, request.account.sections[provider.name]) for provider in providers]
    return {"providers": rows, "total": len(rows), "next": None}


def show(provider: Provider, section: Any) -> dict[str, Any]:
    """Name, title, paths and words of a vendor, and the account's part of it with its secrets masked."""
    return {
        "name": provider.name,
        "title": provider.title,
        "mount": f"/{provider.name}",
        "endpoints": [{"path": row.path, "methods": list(row.methods)} for row in provider.endpoints()],
        "account": masked(section),
        "callback_setting": provider.callback_setting,
        "hosted_pages": bool(provider.hosted_pages),
        "recordable": provider.forwarding is not None,
        "specified": bool(provider.specification),
        "vocabulary": words(provider.vocabulary),
    }


def first(request: AdminRequest[Query, None], name: str) -> dict[str, Any]:
    """Secrets are in it as far as they are public: those of `default` and of `test-…` accounts that are unchanged."""
    provider = _named(request, name)
    samples, account = provider.samples, shown(request.account, provider)
    if samples is None:
        return {"title": "", "credentials": [], "shell": ""}
    section = account.sections[name]
    credentials = [
        {"label": label, "value": "" if value == STAND_IN else value}
        for label, field in samples.CREDENTIALS
        for value in [getattr(section, field)]
    ]
    shell = samples.code("shell", samples.first("first-steps"), request.origin, account, now(request))
    return {"title": samples.TITLE, "credentials": credentials, "shell": shell}


def send_first(request: AdminRequest[Query, None], name: str) -> dict[str, Any]:
    """It is answered and journalled as a client's would be."""
    samples = _named(request, name).samples
    if samples is None:
        raise ControlProblem(404, f"the provider {name!r} has no first request", "send one from a client")
    reference = f"first-steps-{int(time.time() * 1000):x}"
    signed = samples.sign(samples.first(reference), request.account, now(request))
    host = {"host": request.origin.partition("://")[2], **signed.headers}
    return send(request.service, signed.replace(headers=host, origin=request.origin))


def send(service: Service, request: Request) -> dict[str, Any]:
    """Have a request answered: its status, and the id of its journal entry."""
    route = service.pipeline.router.route_of(request)
    response = service.handle(Arrival(request, route, None))
    if response.first:
        service.deliver_first(response.first)
    if response.release:
        service.release(response.release)
    return {"status": response.status, "request": dict(response.headers).get("X-Mock-Request-Id", "")}


def now(request: AdminRequest[Any, Any]) -> float:
    """On the account's clock."""
    state = request.service.store.account(request.account.name)
    return state.clock.at(request.service.clock.now())


def shown(account: Account, provider: Provider) -> Account:
    """The account, with a stand-in for a secret of that vendor that is not public."""
    public = provider.section(account.name, {})
    return (
        account if account.sections[provider.name] == public else account.with_secret(provider.name, STAND_IN)
    )


def _named(request: AdminRequest[Any, Any], name: str) -> Provider:
    if name not in request.service.providers:
        raise unknown("provider", name, request.service.providers, 404)
    return request.service.providers[name]


_NONE = {404: "no such provider"}

ROUTES = (
    ControlRoute(
        "GET",
        "/providers",
        listing,
        "The vendors that are installed, with their paths and words.",
        {
            "providers": "name, title, mount, endpoints, account, callback_setting, hosted_pages, recordable, specified, vocabulary",
            "total": "how many",
            "next": "null",
        },
        returns=answers.Providers,
    ),
    ControlRoute(
        "GET",
        "/providers/<name>/first",
        first,
        "What a first request to a vendor needs.",
        {
            "title": "what the first request is",
            "credentials": "label and value of each; an empty value is not public",
            "shell": "commands that send it",
        },
        also=_NONE,
        returns=answers.FirstRequest,
    ),
    ControlRoute(
        "POST",
        "/providers/<name>/first",
        send_first,
        "Send the vendor a first request with the account's credentials.",
        {"status": "of the answer", "request": "id of the journal entry"},
        status=201,
        also=_NONE,
        returns=answers.FirstSent,
    ),
)
