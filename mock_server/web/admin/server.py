"""``health``, ``ready``, ``version``, ``reset``: the server as a whole."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

import mock_server
from mock_server.core.exceptions import StoreError
from mock_server.providers.accounts import DEFAULT
from mock_server.web.admin import answers
from mock_server.web.admin.coverage import RUN, add_to_run, seen_counters
from mock_server.web.admin.table import AdminRequest, ControlRoute, Query, described

if TYPE_CHECKING:
    from mock_server.web.service import Service


class ResetQuery(Query):
    """What to reset."""

    all: Annotated[bool, described("1: every account, also what was declared over the control API.")] = False


def health(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """Alive as long as it answers."""
    return {"status": "ok"}


def ready(request: AdminRequest[Query, None]) -> Any:
    """A broken scenario file leaves the last good set in force, so the server stays ready and says what is
    wrong. It is not ready while the store cannot be written to."""
    service = request.service
    problem = _store_problem(service)
    document = _readiness(service, problem)
    if not problem:
        return document
    from flask import Response

    document["detail"] = problem
    return Response(
        msgspec.json.encode(document) + b"\n", 503, {"Retry-After": "1"}, content_type="application/json"
    )


def _store_problem(service: Service) -> str:
    """Why the store cannot be used; empty: something could be written to it just now."""
    if not service.store.outage.reason:
        try:
            service.store.probe()
        except StoreError as error:
            return str(error)
    return service.store.outage.reason


def _readiness(service: Service, problem: str) -> dict[str, Any]:
    loaded = service.scenarios.loaded
    counts = {name: len(loaded.scenarios(name)) for name in service.providers}
    problems = [str(problem) for problem in service.scenario_problems]
    return {
        "status": "not ready" if problem else "ready",
        "store": problem or None,
        "dispatcher": {"in_flight": service.dispatcher.in_flight, "running": service.dispatcher.is_running},
        "scenarios": sum(counts.values()),
        "providers": counts,
        "files": list(loaded.files),
        "unread": list(loaded.unread),
        "reloaded": service.reloaded.message if service.reloaded else None,
        "reload_error": "\n".join(problems) or None,
        "problems": problems,
    }


def version(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """What is running."""
    config = request.service.config
    return {
        "name": "kyc-mock-server",
        "version": mock_server.__version__,
        "python": platform.python_version(),
        "store": config.store.partition(":")[0].partition("+")[0],
        "seed": config.seed,
        "providers": list(request.service.providers),
    }


def reset(request: AdminRequest[ResetQuery, None]) -> dict[str, Any]:
    """Forget what the account has done and what was set for it; scenario files and its credentials stay."""
    store = request.service.store
    if request.query.all:
        names = [name for name in store.accounts() if not name.startswith("*")]
        met = seen_counters(store, [*names, RUN])
        store.reset_all()
    else:
        names = [request.account.name]
        met = seen_counters(store, names)
        store.reset(request.account.name)
    add_to_run(store, met)
    request.service.dispatcher.wake()
    return {"reset": names or [DEFAULT]}


ROUTES = (
    ControlRoute(
        "GET", "/health", health, "Liveness.", {"status": "ok"}, returns=answers.Health, storeless=True
    ),
    ControlRoute(
        "GET",
        "/ready",
        ready,
        "Whether requests are answered, how many scenarios are loaded, and why the last reload did not take effect.",
        {
            "status": "ready; not ready: the store cannot be used",
            "store": "why it cannot be used, and what to do; null: it can",
            "dispatcher": "whether callbacks are being sent, and how many are on their way now",
            "scenarios": "how many are in force",
            "providers": "how many of each provider",
            "files": "the files they came from",
            "unread": "other files in the folders",
            "reloaded": "what the last reading that came into force has changed; null: none since the start",
            "reload_error": "what is wrong with the files as they are now; null: they are in force",
            "problems": "the same, one by one, each with file, line and column",
        },
        returns=answers.Ready,
        also={503: "The store cannot be used."},
        storeless=True,
    ),
    ControlRoute(
        "GET",
        "/version",
        version,
        "What is running.",
        {
            "name": "of the distribution",
            "version": "of it",
            "python": "version",
            "store": "memory, sqlite or redis",
            "seed": "of everything random",
            "providers": "names",
        },
        returns=answers.Version,
    ),
    ControlRoute(
        "POST",
        "/reset",
        reset,
        "The account back to its seeded state; scenario files stay. It must be declared, or be called `test-…`: any other name is a 404.",
        {"reset": "names of the accounts"},
        ResetQuery,
        returns=answers.Reset,
    ),
)
