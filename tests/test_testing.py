"""A server in a process of its own, for any test runner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mock_server import testing
from mock_server.client import MockServer, UnreachableError
from mock_server.testing import StartError
from tests.web.kit import SCENARIOS


def is_up(url: str) -> bool:
    with MockServer(url, timeout=5) as client:
        try:
            client.ready()
        except UnreachableError:
            return False
    return True


def wait_until_down(url: str) -> None:
    while is_up(url):
        pass


def test_a_server_with_options_and_its_own_token(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "some.yaml").write_text(SCENARIOS)
    config = tmp_path / "mock.yaml"
    config.write_text("admin_token: 'geheim Wort'\n")
    with testing.start(scenarios=[str(tmp_path / "scenarios")], seed=7, config=str(config)) as server:
        assert server.ready()["scenarios"] == 2
        assert server.version()["seed"] == 7
        assert server in testing.RUNNING
    assert not is_up(server.url)
    assert server not in testing.RUNNING


def test_two_servers_know_nothing_of_each_other() -> None:
    with testing.start() as one, testing.start() as other:
        one.account("test-a").call("GET", "clock")
        one.account("test-a").clock.freeze("2026-01-01T00:00:00Z")
        assert one.account("test-a").clock.now().frozen
        assert not other.account("test-a").clock.now().frozen


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"jurnal_limit": 5}, "jurnal_limit"),
        ({"store": "postgres://x"}, "postgres"),
        ({"port": 99999999}, "port"),
    ],
    ids=["unknown option", "unknown store", "no port"],
)
def test_what_keeps_it_from_starting_is_said(options: dict[str, object], message: str) -> None:
    with pytest.raises(StartError, match=message):
        testing.start(**options)


def test_a_second_stop_does_nothing() -> None:
    server = testing.start()
    server.stop()
    server.stop()
    assert not is_up(server.url)


def test_it_ends_with_the_process_that_started_it() -> None:
    code = "from mock_server import testing; print(testing.start().url, flush=True); import time; time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        url = runner.stdout.readline().strip()
        assert is_up(url)
        os.kill(runner.pid, signal.SIGKILL)
    wait_until_down(url)


def test_what_tests_patch_does_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with testing.start() as server:
        monkeypatch.setattr("time.time", lambda: 0.0)
        assert server.account("test-a").clock.now().now.startswith("20")
