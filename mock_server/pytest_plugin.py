"""Fixtures for tests against the mock server. Nothing is imported, and nothing starts, until a test asks for
one.

``mock_server``: one server for the session, started on a free port, or the one that ``MOCK_SERVER_URL``
names. Each worker of pytest-xdist has its own. ``mock_account``: a fresh isolated account on it.
``callback_receiver``: a receiver that records."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_server.client import Account, MockServer, Receiver

_SHOWN = 20


@pytest.fixture(scope="session")
def mock_server_options() -> dict[str, Any]:
    """Options of ``serve`` for the session's server, by name; override it: ``{"scenarios":
    ["tests/scenarios"]}``.

    The ``MOCK_SERVER_…`` variables count too, and so does ``"config"``, a config file. No effect with
    ``MOCK_SERVER_URL``."""
    return {}


@pytest.fixture(scope="session")
def mock_server(mock_server_options: dict[str, Any]) -> Iterator[MockServer]:
    """The session's server."""
    from mock_server.client import MockServer

    if os.environ.get("MOCK_SERVER_URL"):
        with MockServer() as client:
            yield client
        return
    from mock_server.core import config as configuration
    from mock_server.web.http.serving import LiveServer
    from mock_server.web.service import Service

    given = dict(mock_server_options)
    path = given.pop("config", None) or os.environ.get("MOCK_SERVER_CONFIG")
    options, accounts, settings = configuration.from_file(path) if path else ({}, {}, {})
    variables, _ = configuration.from_environment(os.environ)
    config = configuration.build(
        {"watch": False, **given}, variables, options, accounts=accounts, settings=settings
    )
    service = Service(config)
    with (
        LiveServer(service, lambda: _application(service)) as server,
        MockServer(server.url, config.admin_token or None) as client,
    ):
        yield client


def _application(service: Any) -> Any:
    from mock_server.web.app import create_app

    return create_app(service)


@pytest.fixture
def mock_account(mock_server: MockServer) -> Iterator[Account]:
    """A fresh isolated account: its own journal, callbacks, verifications, clock and scenarios. Forgotten
    after the test."""
    account = mock_server.account()
    yield account
    account.reset()


@pytest.fixture
def callback_receiver() -> Iterator[Receiver]:
    """A receiver on a free port of this machine; ``callback_receiver.url`` is where callbacks should go."""
    from mock_server.client import Receiver

    with Receiver() as receiver:
        yield receiver


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """A failed test shows what its account's journal and callbacks say."""
    outcome = yield
    report = outcome.get_result()
    account = getattr(item, "funcargs", {}).get("mock_account")
    if account is not None and report.when == "call" and report.failed:
        report.sections.append((f"mock server, account {account.name}", _story(account)))


def _story(account: Account) -> str:
    from mock_server.client import ApiError, UnreachableError

    try:
        requests, callbacks = account.requests.find(limit=_SHOWN), account.callbacks.find(limit=_SHOWN)
    except (ApiError, UnreachableError) as error:
        return str(error)
    lines = [
        f"{one.at} {one.method} {one.path} → {one.status} {_said(one.error, one.outcome, one.scenario)}"
        for one in reversed(requests)
    ]
    for one in reversed(callbacks):
        tries = ", ".join(attempt.error or str(attempt.status) for attempt in one.attempts) or "not yet tried"
        lines.append(
            f"{one.created} {one.event} for {one.reference} to {one.request.url}: {one.state} ({tries})"
        )
    return "\n".join(lines) or "no request has come"


def _said(error: str, outcome: str, scenario: str) -> str:
    words = [f"error {error}" if error else outcome, f"by scenario {scenario}" if scenario else ""]
    return ", ".join(word for word in words if word)
