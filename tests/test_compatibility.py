"""The fixtures beside what other suites use: each in a test run of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_pytest_plugin import APPLICATION, UNUSED

pytest_plugins = ["pytester"]


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for tests, in which warnings are errors."""
    for name in ("MOCK_SERVER_URL", "MOCK_SERVER_SCENARIOS", "MOCK_SERVER_ADMIN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[1]))
    monkeypatch.setenv("PYTEST_ADDOPTS", f"-p no:asyncio -p no:randomly {UNUSED}")
    pytester.makepyfile(app=APPLICATION)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return pytester


FROZEN = """
    import pytest
    from app import ask
    {imports}

    def test_waits_end_while_the_clock_stands_still(mock_account, callback_receiver):
        with {frozen}:
            ask(mock_account, callback_url=callback_receiver.url)
            delivery = mock_account.callbacks.wait(event="verification.accepted", outcome="delivered")
            assert delivery.request.json == callback_receiver.wait()[0].json
            assert not delivery.created.startswith("2031")
            with pytest.raises(TimeoutError):
                callback_receiver.wait(2, timeout="20ms")
            with pytest.raises(TimeoutError):
                mock_account.requests.wait(reference="nobody", timeout="20ms")
            mock_account.clock.freeze("2031-05-06T00:00:00Z")
            ask(mock_account, reference="check-2")
            assert mock_account.requests.find(limit=1)[0].at == "2031-05-06T00:00:00.000Z"
"""


def test_freezegun(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        FROZEN.format(imports="from freezegun import freeze_time", frozen='freeze_time("2031-05-06")')
    )
    suite.runpytest_subprocess("-q", "--mock-strict").assert_outcomes(passed=1)


def test_time_machine(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        FROZEN.format(imports="import time_machine", frozen='time_machine.travel("2031-05-06", tick=False)')
    )
    suite.runpytest_subprocess("-q", "--mock-strict").assert_outcomes(passed=1)


def test_gevent(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        patched="from gevent import monkey\nmonkey.patch_all()\n",
        test_gevent="""
        import gevent
        from app import ask

        def test_greenlets_wait_at_the_same_time(mock_account, callback_receiver):
            names = [f"order-{number}" for number in range(20)]
            waits = [gevent.spawn(mock_account.callbacks.wait, reference=name, outcome="delivered") for name in names]
            sent = [gevent.spawn(ask, mock_account, reference=name, callback_url=callback_receiver.url) for name in names]
            gevent.joinall([*waits, *sent], raise_error=True)
            assert [wait.value.reference for wait in waits] == names
            assert len(callback_receiver.wait(20)) == 20
        """,
    )
    suite.runpytest_subprocess("-q", "-p", "patched").assert_outcomes(passed=1)


def test_vcr(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import base64
        import urllib.request
        import vcr

        def test_the_cassette_has_the_application_only(mock_account, tmp_path):
            with vcr.use_cassette(str(tmp_path / "tape.yaml")) as cassette:
                request = urllib.request.Request(mock_account.url + "/decline/reasons/")
                request.add_header("Authorization", "Basic " + base64.b64encode(":".join(mock_account.shuftipro).encode()).decode())
                urllib.request.urlopen(request).close()
                mock_account.requests.wait(operation="decline-reasons")
                assert [request.path for request in cassette.requests] == ["/decline/reasons/"]
            assert mock_account.requests.count() == 1

        @vcr.use_cassette(record_mode="none")
        def test_nothing_may_be_recorded(mock_account):
            assert mock_account.requests.count() == 0
        """
    )
    suite.runpytest_subprocess("-q").assert_outcomes(passed=2)


def test_pytest_socket(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import socket
        import pytest
        import pytest_socket
        from app import ask

        def test_only_this_machine(mock_account, callback_receiver):
            ask(mock_account, callback_url=callback_receiver.url)
            mock_account.callbacks.wait(outcome="delivered")
            with pytest.warns(UserWarning), pytest.raises(pytest_socket.SocketConnectBlockedError):
                socket.create_connection(("192.0.2.1", 80), timeout=0.1)
        """
    )
    suite.runpytest_subprocess("-q", "--allow-hosts=127.0.0.1").assert_outcomes(passed=1)


def test_pytest_randomly(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers of each test are the same in any order, and on two workers."""
    monkeypatch.setenv("PYTEST_ADDOPTS", f"-p no:asyncio {UNUSED}")
    suite.makepyfile(
        """
        import json, pathlib
        import pytest
        from app import ask

        @pytest.mark.parametrize("number", range(6))
        def test_answers(mock_account, number):
            mock_account.clock.freeze("2026-01-01T00:00:00Z")
            answer = ask(mock_account, path="/get/access/token")
            pathlib.Path("out").mkdir(exist_ok=True)
            pathlib.Path("out", str(number)).write_text(json.dumps([answer, ask(mock_account)]))
        """
    )
    seen = []
    for options in (["--randomly-seed=1"], ["--randomly-seed=2", "-n", "2"]):
        suite.runpytest_subprocess("-q", *options).assert_outcomes(passed=6)
        seen.append({path.name: path.read_text() for path in (suite.path / "out").iterdir()})
    assert seen[0] == seen[1]
    assert len({*seen[0].values()}) == 6


ASYNC = """
    import anyio
    import pytest
    from app import ask

    {mark}
    async def test_awaited(async_mock_account, mock_account, async_callback_receiver):
        await anyio.to_thread.run_sync(lambda: ask(mock_account, callback_url=async_callback_receiver.url))
        delivery = await async_mock_account.callbacks.wait(outcome="delivered")
        [came] = await async_callback_receiver.wait()
        assert came.json == delivery.request.json
        async with async_mock_account.expects(error="request.unauthorized"):
            await anyio.to_thread.run_sync(lambda: ask(mock_account, secret="wrong"))
"""


def test_pytest_asyncio(suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", f"-p no:randomly {UNUSED}")
    suite.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function\n")
    suite.makepyfile(ASYNC.format(mark="@pytest.mark.asyncio"))
    suite.runpytest_subprocess("-q", "--mock-strict").assert_outcomes(passed=1)


def test_anyio(suite: pytest.Pytester) -> None:
    suite.makepyfile(ASYNC.format(mark="@pytest.mark.anyio"))
    suite.runpytest_subprocess("-q", "--mock-strict").assert_outcomes(passed=2)


def test_coverage(suite: pytest.Pytester) -> None:
    """The plugin is loaded before coverage measures; that gives no warning, and takes no line away."""
    suite.makepyfile(
        """
        from app import ask

        def test_it(mock_account):
            assert ask(mock_account)["event"] == "verification.accepted"
        """
    )
    result = suite.runpytest_subprocess("-q", "--cov=app", "--cov-report=term-missing")
    result.assert_outcomes(passed=1)
    assert re.search(r"app\.py +\d+ +0 +100%", result.stdout.str())
