"""The pytest fixtures, in test runs of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.client import MockServer
from mock_server.core import config as configuration
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.web.kit import SCENARIOS

pytest_plugins = ["pytester"]

APPLICATION = """
    import base64, json
    from contextlib import closing
    from http.client import HTTPConnection

    def ask(account, **more):
        credentials = base64.b64encode(":".join(account.shuftipro).encode()).decode()
        person = {"name": {"first_name": "Ada", "last_name": "Okafor"}, "dob": "1987-03-14"}
        body = {"reference": "check-1", "country": "NZ", "background_checks": person, **more}
        with closing(HTTPConnection(account.url.removeprefix("http://"), timeout=10)) as connection:
            connection.request("POST", "/", json.dumps(body), {"Authorization": f"Basic {credentials}"})
            return json.loads(connection.getresponse().read())
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for tests; the plugin is found as an installed one is, or named where the package is not
    installed."""
    for name in ("MOCK_SERVER_URL", "MOCK_SERVER_SCENARIOS", "MOCK_SERVER_ADMIN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[1]))
    pytester.makepyfile(app=APPLICATION)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return pytester


def test_the_example_of_the_contract(suite: pytest.Pytester) -> None:
    suite.mkdir("scenarios")
    (suite.path / "scenarios" / "s.yaml").write_text(
        "version: 1\nprovider: shuftipro\nscenarios:\n"
        "  - name: forged-document\n    match: {operation: verification, body.country: XX}\n    respond: {outcome: declined}\n"
    )
    suite.makepyfile(
        """
        from app import ask

        def test_declined(mock_account, callback_receiver):
            mock_account.pin("forged-document")
            assert ask(mock_account, callback_url=callback_receiver.url)["event"] == "verification.declined"
            delivery = mock_account.callbacks.wait(event="verification.declined", outcome="delivered")
            assert delivery.request.json == callback_receiver.wait()[0].json
            assert mock_account.requests.count(operation="verification") == 1

        def test_accounts_are_fresh(mock_account):
            assert mock_account.requests.find() == []
            assert ask(mock_account)["event"] == "verification.accepted"

        def test_the_server_lasts_for_the_session(mock_server):
            assert mock_server.ready()["scenarios"] == 1
        """
    )
    suite.runpytest_subprocess("-q").assert_outcomes(passed=3)


def test_workers_of_xdist_have_a_server_each(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from app import ask

        @pytest.mark.parametrize("number", range(4))
        def test_alone(mock_account, number):
            ask(mock_account)
            assert mock_account.requests.count() == 1
        """
    )
    suite.runpytest_subprocess("-q", "-n", "2").assert_outcomes(passed=4)


def test_options_of_the_server_can_be_set(suite: pytest.Pytester) -> None:
    suite.mkdir("mine")
    (suite.path / "mine" / "s.yaml").write_text(SCENARIOS)
    (suite.path / "mock.yaml").write_text(
        "accounts: {acme: {shuftipro: {signature: legacy}}}\nadmin_token: t0ken\n"
    )
    suite.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="session")
        def mock_server_options():
            return {"scenarios": ["mine"], "seed": 7, "config": "mock.yaml"}

        def test_it(mock_server):
            assert mock_server.ready()["scenarios"] == 2
            assert mock_server.version()["seed"] == 7
            assert "acme" in [account["name"] for account in mock_server.accounts()]
        """
    )
    suite.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_a_server_that_runs_already_is_used(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service = Service(configuration.build({"scenarios": [str(tmp_path)], "watch": False, "seed": 99}))
    with LiveServer(service, lambda: create_app(service)) as live:
        monkeypatch.setenv("MOCK_SERVER_URL", live.url)
        suite.makepyfile(
            """
            import os
            from app import ask

            def test_it(mock_server, mock_account):
                assert mock_server.url == os.environ["MOCK_SERVER_URL"]
                assert mock_server.version()["seed"] == 99
                ask(mock_account)
                assert mock_account.requests.count() == 1
            """
        )
        suite.runpytest_subprocess("-q").assert_outcomes(passed=1)
        with MockServer(live.url) as client:
            assert [
                account["name"]
                for account in client.accounts()
                if client.account(account["name"]).requests.count()
            ] == []


def test_a_failed_test_tells_what_its_account_has_seen(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        from app import ask

        def test_wrong(mock_account, callback_receiver):
            ask(mock_account, callback_url=callback_receiver.url)
            mock_account.callbacks.wait(outcome="delivered")
            ask(mock_account, country="Nowhere")
            assert mock_account.requests.count() == 3

        def test_nothing_happened(mock_account):
            assert False
        """
    )
    result = suite.runpytest_subprocess("-q")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "*mock server, account test-*",
            "*POST / → 200 accepted",
            "*POST / → 400 error request.invalid",
            "*verification.accepted for check-1 to http://127.0.0.1:*/callback: delivered (200)",
            "*no request has come*",
        ]
    )


def test_tests_that_ask_for_no_fixture_pay_nothing(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import sys

        def test_it():
            loaded = [name for name in sys.modules if name.startswith("mock_server.")]
            assert set(loaded) <= {"mock_server.pytest_plugin"}
        """
    )
    suite.runpytest_subprocess("-q").assert_outcomes(passed=1)
