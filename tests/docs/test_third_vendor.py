"""The example vendor is a package of its own: it is installed, and seen on every surface without a line changed here."""

from __future__ import annotations

import hmac
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from selenium import webdriver

from mock_server.client import Account, MockServer, Receiver
from tests.browser.conftest import Page
from tests.browser.conftest import driver as driver
from tests.browser.test_dashboard import text_of, write

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "third-vendor"
KEY = "test-harbour"
SECRET = "test-harbour-secret"
MOCK_SERVER = [sys.executable, "-c", "import sys; from mock_server.cli import main; sys.exit(main())"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package: pip leaves its traces beside the source."""
    return shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("source") / "third-vendor")


@pytest.fixture(scope="module")
def environment(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where the package is installed."""
    target = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ours = ("MOCK_SERVER_", "PYTEST_")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**variables, "PYTHONPATH": str(target), "PYTHONDONTWRITEBYTECODE": "1"}


def run(environment: dict[str, str], *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    more = {"MOCK_SERVER_URL": url} if url else {}
    command = [*MOCK_SERVER, *arguments]
    return subprocess.run(command, env={**environment, **more}, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def server(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    command = [*MOCK_SERVER, "serve", "--port", "0", "--no-watch"]
    process = subprocess.Popen(
        [*command, "--scenarios", str(EXAMPLE / "scenarios")],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["url"]
    with MockServer(url) as client:
        yield client
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
def account(server: MockServer) -> Account:
    account = server.account(KEY)
    account.reset()
    return account


def call(
    account: Account, method: str, path: str, body: Any = None, secret: str = SECRET
) -> tuple[int, Any, dict[str, str]]:
    data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    headers = {
        "X-Harbour-Key": account.name,
        "X-Harbour-Signature": hmac.digest(secret.encode(), data, "sha256").hex(),
        "Content-Type": "application/json",
    }
    request = Request(account.url + path, data or None, headers, method=method)
    try:
        with urlopen(request) as answer:
            raw, status, received = answer.read(), answer.status, answer.headers
    except HTTPError as error:
        raw, status, received = error.read(), error.code, error.headers
    assert received["X-Harbour-Signature"] == hmac.digest(SECRET.encode(), raw, "sha256").hex()
    return status, json.loads(raw), dict(received)


def check(
    account: Account, name: str = "Hēmi O'Brien", reference: str = "c 1 + 🥝", **more: Any
) -> tuple[int, Any]:
    return call(account, "POST", "/checks", {"reference": reference, "name": name}, **more)[:2]


def test_its_calls_are_signed_answered_and_stored(account: Account) -> None:
    assert check(account, reference="c1") == (201, {"reference": "c1", "result": "clear"})
    assert call(account, "GET", "/harbour/checks/c1")[:2] == (200, {"reference": "c1", "result": "clear"})
    assert call(account, "GET", "/checks/c2")[0] == 404


def test_scenarios_answer(account: Account) -> None:
    assert check(account, "Philip Marlowe")[1]["result"] == "hit"
    assert check(account, reference="down-1") == (
        503,
        {"error": "bad-check", "message": "The harbour is closed.", "fields": []},
    )


def test_a_wrong_signature_is_explained(account: Account) -> None:
    assert check(account, secret=SECRET + "\n")[0] == 401
    [refused] = account.requests.unmatched()
    assert refused.error == "bad-signature"
    explained = account.requests.explain(refused.id)
    assert explained["mistakes"][0]["explanation"] == "The secret ends with a line break."


def test_a_callback_is_sent_signed_and_decided(account: Account) -> None:
    with Receiver() as receiver:
        account.configure(harbour={"webhook_url": receiver.url})
        check(account, reference="c1")
        [came] = receiver.wait()
        assert came.json == {"event": "check.done", "reference": "c1"}
        assert came.headers["x-harbour-signature"] == hmac.digest(SECRET.encode(), came.body, "sha256").hex()
        assert account.decide("c1", "hit").verification.status == "hit"
        receiver.wait(2)
    account.configure(harbour={"webhook_url": ""})


def test_every_list_of_the_control_api_has_it(server: MockServer, account: Account) -> None:
    check(account)
    providers = {each["name"]: each for each in account.call("GET", "providers")["providers"]}
    assert list(providers) == ["cloudcheck", "harbour", "shuftipro"]
    assert providers["harbour"]["title"] == "Harbour ID"
    assert providers["harbour"]["account"] == {"key": KEY, "secret": "***", "webhook_url": ""}
    listed = next(each for each in server.accounts() if each["name"] == KEY)
    assert listed["harbour"]["secret"] == "***"
    assert [row["topic"] for row in account.call("GET", "fidelity", {"provider": "harbour"})["fidelity"]] == [
        "Signature"
    ]
    met = account.call("GET", "coverage", {"provider": "harbour", "group": "outcome"})["coverage"]
    assert {row["word"]: row["count"] for row in met} == {"check clear": 1, "check hit": 0, "result shown": 0}
    explained = account.call(
        "POST", "signature/explain", body={"provider": "harbour", "body": "{}", "headers": {}}
    )
    assert explained["valid"] is False


def test_its_hosted_page_is_shown(account: Account) -> None:
    with urlopen(f"{account.url}/harbour-page/abc") as page:
        assert b"3 characters" in page.read()


@pytest.fixture
def page(driver: webdriver.Chrome, server: MockServer) -> Page:
    shown = Page(driver, server.url)
    shown.emulate()
    return shown


def test_its_requests_are_on_the_dashboard(page: Page, account: Account) -> None:
    check(account, reference="c 1 + 🥝")
    check(account, secret=SECRET + "\n")
    page.open(account=KEY)
    page.sees(".list li", "c 1 + 🥝")
    page.sees(".list a", "bad-signature").click()
    page.sees(".why", "The secret ends with a line break.")
    page.sees(".fix", "Strip the secret.")


def test_its_scenarios_are_pinned_on_the_dashboard(page: Page, account: Account) -> None:
    page.open("scenarios", account=KEY)
    page.sees(".list a", "on-a-list").click()
    page.press("Pin: let it answer everything")
    page.sees(".banner", "Pinned: on-a-list")
    assert check(account, "Nobody Special")[1]["result"] == "hit"


def test_a_scenario_is_made_from_its_request_on_the_dashboard(page: Page, account: Account) -> None:
    check(account, 'Mere "Mim" Ōtene')
    page.open(account=KEY)
    page.sees(".list a", "c 1 + 🥝").click()
    page.press("Make a scenario …")
    editor = page.sees("dialog textarea")
    page.sees("dialog .verdict.good", "No problems found")
    yaml = text_of(editor)
    write(page, editor, yaml.replace("outcome: clear", "outcome: hitt"))
    page.sees("dialog .findings li.error", "did you mean hit")
    write(page, editor, yaml.replace("outcome: clear", "outcome: hit"))
    page.sees("dialog .verdict.good")
    page.press("Use for this account", "dialog")
    page.until(lambda: not page.all("dialog"))
    assert check(account, 'Mere "Mim" Ōtene')[1]["result"] == "hit"
    assert check(account, reference="c2")[1]["result"] == "clear"
    assert page.complaints() == []


def test_its_checks_are_decided_on_the_dashboard(page: Page, account: Account) -> None:
    with Receiver() as receiver:
        account.configure(harbour={"webhook_url": receiver.url})
        check(account, reference="c1")
        receiver.wait()
        page.open("verifications", account=KEY)
        page.sees(".list a", "c1").click()
        page.sees(".detail .fate", "clear")
        page.sees("select[aria-label=Decision]").send_keys("hit")
        page.press("Decide", ".detail")
        page.sees(".detail .fate", "hit")
        assert [came.json["event"] for came in receiver.wait(2)] == ["check.done", "check.done"]
    account.configure(harbour={"webhook_url": ""})
    assert account.verifications.get("c1").status == "hit"


def test_its_words_are_on_the_dashboards_coverage(page: Page, account: Account) -> None:
    check(account, secret="wrong")
    page.open("coverage", account=KEY)
    page.sees("li.done", "bad-signature")
    page.sees("li:not(.done)", "unknown-check")


def test_what_sign_prints_is_accepted_and_verified(
    environment: dict[str, str], account: Account, tmp_path: Path
) -> None:
    body = json.dumps({"reference": "signed 1", "name": 'Mere "Mim" Ōtene'}, ensure_ascii=False)
    arguments = ("--body", body, "--account", KEY, "--to", account.url, "--format", "curl")
    signed = run(environment, "sign", "/checks", *arguments)
    assert signed.returncode == 0, signed.stderr
    sent = subprocess.run([*shlex.split(signed.stdout), "--silent"], capture_output=True, text=True)
    assert json.loads(sent.stdout) == {"reference": "signed 1", "result": "clear"}
    file = tmp_path / "request.sh"
    file.write_text(signed.stdout)
    verified = run(environment, "verify", str(file), "--account", KEY)
    assert (verified.returncode, verified.stdout.splitlines()[0]) == (0, "the signature is right")
    file.write_text(signed.stdout.replace("signed 1", "signed 2"))
    refused = run(environment, "verify", str(file), "--account", KEY)
    assert (refused.returncode, "Sign the bytes that are sent." in refused.stdout) == (1, True)


def test_a_callback_of_it_is_verified(environment: dict[str, str]) -> None:
    body = '{"event":"check.done","reference":"c 1"}'
    arguments = ("--provider", "harbour", "--body", body, "--account", KEY)
    signature = json.loads(run(environment, "sign", *arguments, "--format", "json").stdout)["signature"]
    assert signature == hmac.digest(SECRET.encode(), body.encode(), "sha256").hex()
    assert run(environment, "verify", *arguments, "--signature", signature).returncode == 0
    wrong = hmac.digest(f"{SECRET}\n".encode(), body.encode(), "sha256").hex()
    finding = run(environment, "verify", *arguments, "--signature", wrong)
    assert (finding.returncode, "The secret ends with a line break." in finding.stdout) == (1, True)
    ambiguous = run(environment, "sign", "--body", body)
    assert ambiguous.returncode == 2
    assert "name the vendor with --provider: harbour, shuftipro" in " ".join(ambiguous.stderr.split())


def test_the_demo_shows_it(environment: dict[str, str]) -> None:
    shown = run(environment, "demo", "--scenarios", str(EXAMPLE / "scenarios"))
    assert shown.returncode == 0, shown.stdout
    assert "Harbour ID: POST /checks" in shown.stdout
    assert shown.stdout.count("✓") == 6


def test_the_tests_of_the_package_pass(environment: dict[str, str], source: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "13 passed" in done.stdout


CALIBRATE = """
import sys
from mock_server.cli import calibrate, main
at = [1.7e9]
calibrate.CLOCK = (lambda: at[0], lambda seconds: at.append(at.pop() + seconds))
sys.exit(main())
"""


def test_it_is_calibrated(environment: dict[str, str], server: MockServer, tmp_path: Path) -> None:
    """The server stands for the vendor's; the clock of the command moves when it sleeps."""
    file = tmp_path / "credentials.yaml"
    file.write_text(f"key: {KEY}\nsecret: {SECRET}\n")
    arguments = ["--provider", "harbour", "--upstream", server.url, "--credentials-file", str(file)]
    command = [sys.executable, "-c", CALIBRATE, "calibrate", *arguments, "--format", "json"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    probes = json.loads(done.stdout)["probes"]
    assert [(probe["id"], probe["verdict"]) for probe in probes] == [
        ("unknown-check", "same"),
        ("unknown-key", "same"),
        ("wrong-signature", "same"),
        ("unreadable", "same"),
        ("no-name", "same"),
    ]


def test_the_command_line_knows_it(environment: dict[str, str], server: MockServer, tmp_path: Path) -> None:
    linted = run(environment, "lint", str(EXAMPLE / "scenarios"))
    assert (linted.returncode, linted.stdout) == (0, linted.stdout)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        (EXAMPLE / "scenarios" / "harbour.yaml").read_text().replace("outcome: hit", "outcome: hitt")
    )
    assert "did you mean `hit`?" in run(environment, "lint", str(wrong)).stdout
    with Receiver() as receiver:
        audited = run(environment, "audit", receiver.url, "--provider", "harbour", "--format", "json")
    rows = {row["case"]: row["verdict"] for row in json.loads(audited.stdout)["rows"]}
    assert rows == {"genuine": "right", "no-signature": "wrong", "repeated": "right"}


def test_a_path_of_it_that_is_misspelt_is_found(account: Account) -> None:
    call(account, "POST", "/check", {"reference": "c1", "name": "Ada"})
    [entry] = account.requests.find()
    assert "/checks" in account.requests.explain(entry.id)["reason"]
