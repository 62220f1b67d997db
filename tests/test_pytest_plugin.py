"""The pytest fixtures, in test runs of their own."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from mock_server.cli.main import FINE, run
from mock_server.client import MockServer, UnreachableError
from mock_server.core import config as configuration
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.web.kit import SCENARIOS

pytest_plugins = ["pytester"]

UNUSED = "-p no:schemathesis -p no:faker -p no:hypothesispytest"
"""Plugins that no run uses; importing them takes longer than most of the runs."""

APPLICATION = """
    import base64, json
    from contextlib import closing
    from http.client import HTTPConnection

    def ask(account, secret="", path="/", **more):
        client_id, secret_key = account.shuftipro
        credentials = base64.b64encode(f"{client_id}:{secret or secret_key}".encode()).decode()
        person = {"name": {"first_name": "Ada", "last_name": "Okafor"}, "dob": "1987-03-14"}
        body = {"reference": "check-1", "country": "NZ", "background_checks": person, **more}
        with closing(HTTPConnection(account.url.removeprefix("http://"), timeout=10)) as connection:
            connection.request("POST", path, json.dumps(body), {"Authorization": f"Basic {credentials}"})
            return json.loads(connection.getresponse().read())
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for tests; the plugin is found as an installed one is, or named where the package is not
    installed."""
    for name in ("MOCK_SERVER_URL", "MOCK_SERVER_SCENARIOS", "MOCK_SERVER_ADMIN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[1]))
    monkeypatch.setenv("PYTEST_ADDOPTS", f"-p no:asyncio -p no:randomly {UNUSED}")
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


def test_workers_of_xdist_share_one_server(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from app import ask

        @pytest.mark.parametrize("number", range(8))
        def test_alone(mock_account, number):
            ask(mock_account)
            assert mock_account.requests.count() == 1
            with open("servers", "a") as servers:
                servers.write(mock_account.url + "\\n")
        """
    )
    suite.runpytest_subprocess("-q", "-n", "2").assert_outcomes(passed=8)
    [url] = {*(suite.path / "servers").read_text().split()}
    with pytest.raises(UnreachableError):
        MockServer(url, timeout=2).ready()


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


def test_async_and_tls_fixtures(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import pytest
        from app import ask

        @pytest.fixture(scope="session")
        def mock_server_options():
            return {"callback_verify": False}

        @pytest.mark.anyio
        async def test_awaited(async_mock_account, mock_account, async_callback_receiver):
            ask(mock_account, callback_url=async_callback_receiver.url)
            delivery = await async_mock_account.callbacks.wait(outcome="delivered")
            [came] = await async_callback_receiver.wait()
            assert delivery.request.json == came.json

        def test_https(mock_account, tls_callback_receiver):
            ask(mock_account, callback_url=tls_callback_receiver.url)
            assert mock_account.callbacks.wait(outcome="delivered").request.url[:8] == "https://"
        """
    )
    suite.runpytest_subprocess("-q").assert_outcomes(passed=3)


def test_a_failed_test_leaves_a_bundle_that_can_be_run_again(
    suite: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    suite.makepyfile(
        """
        from app import ask

        def test_wrong(mock_account):
            ask(mock_account)
            assert False

        def test_fine(mock_account):
            ask(mock_account)
        """
    )
    result = suite.runpytest_subprocess("-q", "--mock-bundle-on-failure", "bundles")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*bundle: mock-server replay bundles*test-wrong-*.json.gz"])
    [bundle] = (suite.path / "bundles").iterdir()
    assert run(["replay", str(bundle)]) == FINE
    assert capsys.readouterr().out.endswith("1 answer, the same bytes\n")


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
            "*cause: The reference has already been taken.",
            "*verification.accepted for check-1 to http://127.0.0.1:*/callback: delivered",
            "*attempts: 200",
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


RED = """
    import http.client
    import unittest

    import pytest
    from app import ask

    def test_wrong_secret(mock_account):
        assert ask(mock_account, secret="not mine")["event"] == "verification.accepted"

    def test_wrong_path(mock_account):
        ask(mock_account, path="/statuss")
        assert False

    def test_no_scenario(mock_account):
        match = {"operation": "verification", "body.reference": "check-1", "body.country": "AU"}
        scenario = {"name": "forged-customer", "match": match, "respond": {"outcome": "declined"}}
        mock_account.scenarios.add(scenario, provider="shuftipro")
        assert ask(mock_account)["event"] == "verification.declined"

    def test_not_delivered(mock_account):
        ask(mock_account, callback_url="http://127.0.0.1:9/hook")
        mock_account.callbacks.flush()
        assert False

    @pytest.fixture
    def verified(mock_server):
        account = mock_server.account("test-made-by-hand")
        assert ask(account, secret="not mine")["event"] == "verification.accepted"

    def test_in_a_fixture(verified):
        pass

    def test_everything_is_patched(mock_account, monkeypatch):
        def refuse(*arguments, **more):
            raise RuntimeError("no network in tests")

        monkeypatch.setattr(http.client.HTTPConnection, "request", refuse)
        assert False

    class TestOutsideTheFixtures(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            from mock_server import testing

            cls.server = testing.start()
            cls.addClassCleanup(cls.server.stop)

        def test_unittest(self):
            ask(self.server.account("test-unit"), secret="not mine")
            assert False

    def test_that_comes_after_all(mock_account):
        assert ask(mock_account)["event"] == "verification.accepted"
"""


def test_a_red_test_explains_itself(suite: pytest.Pytester) -> None:
    suite.makepyfile(RED)
    result = suite.runpytest_subprocess("-q", "-p", "no:randomly")
    result.assert_outcomes(failed=6, errors=1, passed=1)
    result.stdout.fnmatch_lines(
        [
            "*mock server, account test-made-by-hand*",
            "*cause: The secret key is not this client's, *",
            "*mock server, account test-wrong-secret-*",
            "*POST / → 401 error request.unauthorized",
            "*cause: The secret key is not this client's, *",
            "*fix:   Copy it again from the account's configuration.",
            "*POST /statuss → 404 error 404",
            "*cause: *the nearest is /status*",
            "*fix:   use */status",
            '*built-in answer; closest scenario: forged-customer (<inline>): `body.country`*"NZ"*"AU"*',
            "*verification.accepted for check-1 to http://127.0.0.1:9/hook: pending",
            "*attempts: connection refused by 127.0.0.1:9*",
            "*mock server, account test-everything-is-patched-*",
            "*the journal cannot be read: RuntimeError: no network in tests",
            "*mock server, account test-unit*",
            "*cause: The secret key is not this client's, *",
        ]
    )
    code, output = re.findall(r"(?ms)^```(?:python|text)\n(.*?)^```$", PAGE.read_text("utf-8"))
    tests = re.sub(r"\n{3,}", "\n\n", code)
    assert tests == textwrap.dedent(RED).lstrip("\n"), "docs/red-tests.md shows these tests"
    assert repeatable(output) == repeatable(explained(str(result.stdout))), (
        f"docs/red-tests.md shows this output:\n{explained(str(result.stdout))}"
    )


PAGE = Path(__file__).resolve().parents[1] / "docs" / "red-tests.md"


def explained(output: str) -> str:
    """Of a run: the heading of each failed test, and what the accounts have to say."""
    shown: list[str] = []
    is_ours = False
    for line in output.splitlines():
        heading = re.fullmatch(r"[-_]+ (.+?) [-_]+", line)
        if line.startswith(("=", "FAILED", "ERROR")):
            is_ours = False
        elif heading and line.startswith("__"):
            shown += ["", heading[1]] if shown else [heading[1]]
            is_ours = False
        elif heading:
            is_ours = heading[1].startswith("mock server, ")
            shown += [f"-- {heading[1]}"] if is_ours else []
        elif is_ours:
            shown.append(line)
    return "\n".join(line.rstrip() for line in shown) + "\n"


def repeatable(text: str) -> str:
    """Without what differs from run to run: times, ports, the folder of the checkout, how often a retry was made."""
    for pattern, instead in (
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
        (r"(?<=127\.0\.0\.1:)\d{4,5}", "PORT"),
        (r"[^ (]*/(?=scenarios/)", ""),
        (r" \(the same \d+ times\)", ""),
    ):
        text = re.sub(pattern, instead, text)
    return text


STRICT = """
    from app import ask

    def test_swallows_a_refusal(mock_account):
        ask(mock_account, secret="not mine")

    def test_calls_a_path_that_is_not_there(mock_account):
        ask(mock_account, path="/statuss")

    def test_never_gets_its_callback(mock_account):
        ask(mock_account, callback_url="http://127.0.0.1:9/hook")
        mock_account.callbacks.flush()

    def test_has_a_scenario_too_many(mock_account):
        scenario = {"name": "never-asked", "match": {"operation": "status"}, "respond": {"error": "request.invalid"}}
        mock_account.scenarios.add(scenario, provider="shuftipro")
        ask(mock_account)

    def test_expects_the_refusal(mock_account):
        with mock_account.expects(error="request.unauthorized", count=2):
            ask(mock_account, secret="not mine")
            ask(mock_account, secret="nor this")

    def test_expects_the_lost_callback(mock_account):
        with mock_account.expects(event="verification.accepted", state="pending"):
            ask(mock_account, callback_url="http://127.0.0.1:9/hook")
            mock_account.callbacks.flush()

    def test_refused_by_its_scenario(mock_account):
        scenario = {"name": "down", "match": {"operation": "verification"}, "respond": {"error": "request.invalid"}}
        mock_account.scenarios.add(scenario, provider="shuftipro")
        assert ask(mock_account)["event"] == "request.invalid"

    def test_fails_by_itself(mock_account):
        ask(mock_account, secret="not mine")
        assert False
"""


@pytest.mark.parametrize("ini", [False, True], ids=["option", "ini"])
def test_a_strict_run_refuses_what_a_test_swallows(suite: pytest.Pytester, ini: bool) -> None:
    suite.makepyfile(STRICT)
    if ini:
        suite.makeini("[pytest]\nfilterwarnings = error\nmock_server_strict = true\n")
    result = suite.runpytest_subprocess("-q", "-p", "no:randomly", *([] if ini else ["--mock-strict"]))
    result.assert_outcomes(passed=7, errors=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_swallows_a_refusal*",
            "*cause: The secret key is not this client's, *",
            "*ERROR at teardown of test_calls_a_path_that_is_not_there*",
            "*the nearest is /status*",
            "*ERROR at teardown of test_never_gets_its_callback*",
            "*attempts: connection refused*",
            "*ERROR at teardown of test_has_a_scenario_too_many*",
            "scenario never-asked has answered nothing",
        ]
    )


def test_without_the_option_nothing_is_refused(suite: pytest.Pytester) -> None:
    suite.makepyfile(STRICT)
    suite.runpytest_subprocess("-q").assert_outcomes(passed=7, failed=1)


def test_what_is_expected_and_does_not_come_fails(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        from app import ask

        def test_it(mock_account):
            with mock_account.expects(error="request.unauthorized"):
                ask(mock_account)
        """
    )
    result = suite.runpytest_subprocess("-q")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*expected 1 requests with error request.unauthorized, got 0*"])


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(("least", "status"), [("1", 0), ("90", 1)])
def test_coverage_of_the_whole_run_is_a_gate(
    suite: pytest.Pytester, workers: str, least: str, status: int
) -> None:
    suite.makepyfile(
        """
        import pytest
        from app import ask

        @pytest.mark.parametrize("secret", ["", "not mine"])
        def test_it(mock_account, secret):
            ask(mock_account, secret=secret)
        """
    )
    result = suite.runpytest_subprocess("-q", "-n", workers, f"--mock-coverage={least}")
    assert result.ret == status
    result.stdout.fnmatch_lines(["mock server: 7 of * words met: *"])
    not_met = "  not met, shuftipro decline: SPDR01, * and * more"
    result.stdout.fnmatch_lines([not_met]) if status else result.stdout.no_fnmatch_line(not_met)


def test_names_of_accounts_repeat(suite: pytest.Pytester) -> None:
    suite.makeini("[pytest]\nfilterwarnings = error\nmock_server_account_prefix = job-17\n")
    suite.makepyfile(
        """
        import json
        import pytest
        from app import ask

        @pytest.mark.parametrize("family", ["Tāwhiao", "O'Brien"])
        def test_it(mock_account, family):
            person = {"name": {"first_name": "Ada", "last_name": family}, "dob": "1987-03-14"}
            mock_account.clock.freeze("2026-01-01T00:00:00Z")
            answer = ask(mock_account, background_checks=person)
            with open("answers", "a", encoding="utf-8") as answers:
                answers.write(json.dumps([mock_account.name, answer], ensure_ascii=False) + "\\n")
        """
    )
    answers = suite.path / "answers"
    runs = []
    for options in (["-n", "0"], ["-n", "2"]):
        suite.runpytest_subprocess("-q", *options).assert_outcomes(passed=2)
        runs.append(sorted(answers.read_text("utf-8").splitlines()))
        answers.unlink()
    assert runs[0] == runs[1]
    assert all(line.startswith('["test-job-17-it-') for line in runs[0])
