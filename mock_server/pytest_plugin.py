"""Fixtures and options for tests against the mock server. Nothing is imported, and nothing starts, until a test
asks for it.

``mock_server``: one server for the session, in a process of its own, or the one that ``MOCK_SERVER_URL`` names;
the workers of pytest-xdist share it. ``mock_account``: an isolated account on it, named after the test.
``callback_receiver``: a receiver that records. ``async_…``: the same, awaited."""

from __future__ import annotations

import contextlib
import hashlib
import re
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_server.client import Account, MockServer, Receiver, aio
    from mock_server.testing.session import SharedServer

STRICT = "mock_server_strict"
COVERAGE = "mock_server_coverage"
PREFIX = "mock_server_account_prefix"
SHARED = pytest.StashKey["SharedServer"]()
FOLDER = pytest.StashKey[str]()
FAILED = pytest.StashKey[bool]()
BEGAN = pytest.StashKey[tuple[float, frozenset[tuple[str, str]]]]()
"""When a test began, and which accounts were known by then."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mock server")
    group.addoption(
        "--mock-strict",
        action="store_true",
        help="Fail a test whose requests were refused or unmatched, whose callbacks were not delivered, or whose "
        "scenarios answered nothing, unless it expected that: with mock_account.expects(error=104): …",
    )
    group.addoption(
        "--mock-coverage",
        metavar="FAIL_UNDER",
        nargs="?",
        type=float,
        const=0.0,
        help="Report which of the vendors' words the run has met, and fail below this share in percent.",
    )
    group.addoption(
        "--mock-bundle-on-failure",
        metavar="DIR",
        default="",
        help="Write what the accounts of a failed test did into this folder, for mock-server replay.",
    )
    parser.addini(STRICT, "As --mock-strict, for every run.", type="bool", default=False)
    parser.addini(COVERAGE, "As --mock-coverage, for every run.", default="")
    parser.addini(PREFIX, "What the names of accounts begin with, after test-.", default="")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Each worker of pytest-xdist gets the address of the server that all share."""
    stash = node.config.stash
    if FOLDER not in stash:
        stash[FOLDER] = tempfile.mkdtemp(prefix="mock-server-session-")
    node.workerinput["mock_server_folder"] = stash[FOLDER]


def _shared(config: pytest.Config) -> SharedServer:
    if SHARED not in config.stash:
        from mock_server.testing.session import SharedServer

        worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        folder = config.stash.get(FOLDER, "") if worker is None else worker["mock_server_folder"]
        config.stash[SHARED] = SharedServer(folder, is_worker=worker is not None)
    return config.stash[SHARED]


def _has_server(config: pytest.Config) -> bool:
    return SHARED in config.stash or FOLDER in config.stash


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if _has_server(config) and _shared(config).misses_coverage(_fail_under(config)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for line in _shared(config).summary if _has_server(config) else ():
        terminalreporter.write_line(line)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _has_server(config):
        _shared(config).stop()


def _fail_under(config: pytest.Config) -> float | None:
    option: float | None = config.getoption("--mock-coverage")
    if option is None and config.getini(COVERAGE):
        return float(config.getini(COVERAGE))
    return option


@pytest.fixture(scope="session")
def mock_server_options() -> dict[str, Any]:
    """Options of ``serve`` for the session's server, by name; override it: ``{"scenarios":
    ["tests/scenarios"]}``.

    The ``MOCK_SERVER_…`` variables count too, and so does ``"config"``, a config file. No effect with
    ``MOCK_SERVER_URL``."""
    return {}


@pytest.fixture(scope="session")
def mock_server(mock_server_options: dict[str, Any], pytestconfig: pytest.Config) -> Iterator[MockServer]:
    """The session's server."""
    with _shared(pytestconfig).client(mock_server_options) as client:
        yield client


@pytest.fixture
def mock_account(mock_server: MockServer, request: pytest.FixtureRequest) -> Iterator[Account]:
    """An isolated account: its own journal, callbacks, verifications, clock and scenarios. It is named after the
    test, so that answers repeat from run to run, and is empty before and after it."""
    account = mock_server.account(account_name(request.node.nodeid, request.config.getini(PREFIX)))
    account.reset()
    yield account
    with contextlib.suppress(Exception):  # whatever the test has patched or stopped
        account.reset()
    mock_server.used_accounts.pop(account.name, None)


def account_name(node_id: str, prefix: str = "") -> str:
    """``test-PREFIX…-…``: of the test's node id, the same in each run and whatever worker runs it."""
    test = re.sub(r"[^a-z0-9]+", "-", node_id.rpartition("::")[2].lower()).strip("-").removeprefix("test-")
    digest = hashlib.sha256(node_id.encode()).hexdigest()[:8]
    return "-".join(part for part in ("test", prefix, test[:40].strip("-"), digest) if part)


@pytest.fixture
def callback_receiver() -> Iterator[Receiver]:
    """A receiver on a free port of this machine; ``callback_receiver.url`` is where callbacks should go."""
    from mock_server.client import Receiver

    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def tls_callback_receiver() -> Iterator[Receiver]:
    """The same with https. Start the server with ``callback_verify: False``, or with the receiver's authority as
    ``callback_ca``. Needs the extra ``tls``."""
    from mock_server.client import Receiver

    with Receiver(tls=True) as receiver:
        yield receiver


@pytest.fixture
def async_mock_account(mock_account: Account) -> aio.Account:
    """`mock_account`, awaited, for asyncio and trio. Needs the extra ``aio``."""
    from mock_server.client import aio

    return aio.Account.of(mock_account)


@pytest.fixture
def async_callback_receiver() -> Iterator[aio.Receiver]:
    """`callback_receiver`, awaited. Needs the extra ``aio``."""
    from mock_server.client import aio

    receiver = aio.Receiver()
    yield receiver
    receiver.stop()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[FAILED] = False
    watch = _watch()
    item.stash[BEGAN] = time.time(), frozenset() if watch is None else watch.known_accounts()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """A test that fails shows what its accounts' journals and callbacks say."""
    outcome = yield
    report = outcome.get_result()
    if report.failed and not item.stash.get(FAILED, False):
        item.stash[FAILED] = True
        if _watch() is not None:
            folder = item.config.getoption("--mock-bundle-on-failure")
            report.sections.extend(_watch().UsedAccounts(*item.stash[BEGAN]).sections(folder))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, None]:
    """A strict run fails a test that would pass although a request of it was refused."""
    strict = item.config.getoption("--mock-strict") or item.config.getini(STRICT)
    text = ""
    if strict and not item.stash[FAILED] and _watch() is not None:
        text = "\n".join(_watch().UsedAccounts(*item.stash[BEGAN]).violations())
    outcome = yield
    if text and outcome.excinfo is None:
        outcome.force_exception(pytest.fail.Exception(text, pytrace=False))


def _watch() -> Any:
    """The module that knows the accounts; None before anything has asked for a server."""
    if "mock_server.testing" not in sys.modules:
        return None
    from mock_server.testing import watch

    return watch
