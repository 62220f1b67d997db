"""``mock-server calibrate`` against a second server on another port, whose clock moves only when the command sleeps."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.cli import calibrate
from mock_server.cli.main import FINDINGS, FINE, USAGE, run
from mock_server.core import config as configuration
from mock_server.core.clock import ManualClock
from mock_server.providers import config_file, registry
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.corpora.personal.people import ENCODERS, leaks
from tests.receivers import Receiver, answers, closes, free_port, never_answers, not_http

Capture = pytest.CaptureFixture[str]
SECRETS = {
    "cloudcheck": {"key": "RealKey é+1", "secret": "real secret/ū=+&"},
    "shuftipro": {"client_id": "real-client-ā", "secret_key": "real:secret+/ū"},
}


class Sleeper:
    """The clock of the command and of the servers it asks."""

    def __init__(self) -> None:
        self.clock = ManualClock(time.time())
        self.slept: list[float] = []
        self.before: Callable[[], None] = lambda: None
        """Called before each sleep."""

    def sleep(self, seconds: float) -> None:
        self.before()
        self.slept.append(seconds)
        self.clock.advance(seconds)


@pytest.fixture
def sleeper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Sleeper:
    sleeper = Sleeper()
    monkeypatch.setattr(calibrate, "CLOCK", (sleeper.clock.now, sleeper.sleep))
    monkeypatch.chdir(tmp_path)
    return sleeper


@contextmanager
def serving(
    sleeper: Sleeper,
    provider: str,
    settings: Mapping[str, Any] | None = None,
    *,
    section: Mapping[str, Any] | None = None,
    scenarios: str = "",
    tls: tuple[Path, Path] | None = None,
    mock_headers: bool = False,
) -> Iterator[str]:
    """A server that stands for the vendor's; its address."""
    folder = Path.cwd() / f"scenarios-{provider}"
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    if scenarios:
        (folder / "changed.yaml").write_text(scenarios, "utf-8")
    config = configuration.build(
        {"scenarios": [str(folder)], "watch": False, "mock_headers": mock_headers},
        settings={provider: settings or {}},
        accounts={"real": {provider: {**SECRETS[provider], **(section or {})}}},
    )
    service = Service(config, clock=sleeper.clock)
    files = {"certfile": tls[0], "keyfile": tls[1]} if tls else {}
    with LiveServer(service, lambda: create_app(service), **files) as live:  # type: ignore[arg-type]
        yield live.url.replace("127.0.0.1", "localhost") if tls else live.url


def credentials(provider: str) -> str:
    """A file with the credentials, as an account of the config file names them."""
    path = Path("credentials.yaml")
    path.write_text(yaml.safe_dump(SECRETS[provider], allow_unicode=True), "utf-8")
    return str(path)


def calibrated(provider: str, url: str, *arguments: str) -> int:
    options = ["--upstream", url, "--credentials-file", credentials(provider)]
    return run(["calibrate", "--provider", provider, *options, *arguments])


def report_of(file: str = "report.json") -> Any:
    return json.loads(Path(file).read_text("utf-8"))


VENDORS = ("cloudcheck", "shuftipro")


# -- agreement


@pytest.mark.parametrize("provider", VENDORS)
def test_a_server_like_ours_agrees_in_everything(provider: str, sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, provider) as url:
        assert calibrated(provider, url, "--report", "report.json") == FINE
    output = capsys.readouterr().out
    report = report_of()
    assert {probe["verdict"] for probe in report["probes"]} == {"same"}
    assert f"{len(report['probes'])} same, 0 different, 0 not comparable" in output
    assert not Path(f"calibrated-{provider}.yaml").exists()


@pytest.mark.parametrize("provider", VENDORS)
def test_credentials_that_a_service_repeats_are_in_no_report(
    provider: str, sleeper: Sleeper, capsys: Capture
) -> None:
    known = SECRETS[provider]
    texts = [encode(value) for value in known.values() for encode in ENCODERS.values()]
    operation = {"cloudcheck": "live", "shuftipro": "delete"}[provider]
    body = {"error": {"message": " ; ".join(texts)}, **{f"no {text}": text for text in texts}}
    scenario = {"name": "echo", "match": {"operation": operation}, "respond": {"body": body}}
    document = {"version": 1, "provider": provider, "scenarios": [scenario]}
    with serving(sleeper, provider, scenarios=json.dumps(document)) as url:
        calibrated(provider, url, "--report", "report.json")
    output = capsys.readouterr()
    written = "".join(file.read_text("utf-8") for file in Path().glob("*.json"))
    assert "different" in {probe["verdict"] for probe in report_of()["probes"]}
    assert leaks(output.out + output.err + written, known) == []


@pytest.mark.parametrize("provider", VENDORS)
def test_requests_are_a_second_apart(provider: str, sleeper: Sleeper) -> None:
    begin = sleeper.clock.now()
    with serving(sleeper, provider) as url:
        calibrated(provider, url)
    kit = registry.load(provider).probes
    assert kit is not None
    requests = sum(len(probe.asks) for probe in kit.PROBES)
    assert sleeper.clock.now() - begin >= requests - 1
    assert max(sleeper.slept) <= 1.0


CHANGED: Mapping[str, Mapping[str, Any]] = {
    "cloudcheck": {
        "timestamp_max_age": "5m",
        "signature_case": "lower",
        "error_position": {"gate": "top", "live": "top"},
        "error_status": 400,
        "content_type": "application/json",
        "numbers_as_text": False,
    },
    "shuftipro": {
        "body_style": "plain",
        "unknown_status": 404,
        "missing_status": 402,
        "refusal_burns_token": False,
        "ttl_max": 50_000,
    },
}


@pytest.mark.parametrize("provider", VENDORS)
def test_the_written_config_makes_a_third_server_agree(
    provider: str, sleeper: Sleeper, capsys: Capture
) -> None:
    changed = CHANGED[provider]
    with serving(sleeper, provider, changed) as url:
        assert calibrated(provider, url, "--out", "found.yaml") == FINE
        output = capsys.readouterr().out
        assert "written: found.yaml" in output
        assert [name for name in changed if f"\n{name}" not in output] == []
        assert calibrated(provider, url, "--config", "found.yaml", "--report", "again.json") == FINE
        assert {probe["verdict"] for probe in report_of("again.json")["probes"]} == {"same"}
    _, _, settings = config_file.read("found.yaml")
    with serving(sleeper, provider, settings[provider]) as third:
        config = ["--config", "found.yaml", "--report", "third.json"]
        assert calibrated(provider, third, *config) == FINE
    assert {probe["verdict"] for probe in report_of("third.json")["probes"]} == {"same"}


def test_a_member_of_the_account_is_written_too(sleeper: Sleeper) -> None:
    with serving(sleeper, "shuftipro", section={"signature": "legacy"}) as url:
        calibrated("shuftipro", url)
    _, accounts, _ = config_file.read("calibrated-shuftipro.yaml")
    assert accounts == {"default": {"shuftipro": {"signature": "legacy"}}}


def test_settings_of_the_config_file_stay(sleeper: Sleeper) -> None:
    Path("mine.yaml").write_text("settings: {shuftipro: {price: 0.7, unknown_status: 404}}")
    with serving(sleeper, "shuftipro", {"missing_status": 402, "unknown_status": 404}) as url:
        calibrated("shuftipro", url, "--config", "mine.yaml")
    _, _, settings = config_file.read("calibrated-shuftipro.yaml")
    assert settings == {"shuftipro": {"price": 0.7, "unknown_status": 404, "missing_status": 402}}


SCENARIOS = """\
version: 1
provider: cloudcheck
scenarios:
  - name: other-words
    match: {operation: verify-pdf}
    respond: {error: 105, message: "No such thing for tamsin@shop.example."}
"""


def test_what_no_setting_changes_is_shown_with_both_answers(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "cloudcheck", scenarios=SCENARIOS) as url:
        assert calibrated("cloudcheck", url) == FINE
    output = capsys.readouterr().out
    assert "Different, and no setting for it:" in output
    assert (
        'error message: the service has "No such thing for (email).", the mock "Invalid verification token supplied."'
        in output
    )
    assert "no config file was written, since no setting removes a difference" in output


def test_a_product_that_the_account_lacks_is_not_comparable(sleeper: Sleeper) -> None:
    with serving(sleeper, "cloudcheck", section={"permissions": ["verify"]}) as url:
        calibrated("cloudcheck", url, "--report", "report.json")
    reasons = {probe["id"]: probe["reason"] for probe in report_of()["probes"]}
    assert reasons["idscan-initiate-unreadable"] == "the account does not have this product (108)"
    assert reasons["unknown-reference"] == ""


def test_json_is_the_report(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "shuftipro") as url:
        calibrated("shuftipro", url, "--format", "json", "--report", "report.json")
    assert json.loads(capsys.readouterr().out) == report_of()


@pytest.mark.parametrize("provider", VENDORS)
def test_no_secret_and_no_reference_is_written_or_shown(
    provider: str, sleeper: Sleeper, capsys: Capture
) -> None:
    with serving(sleeper, provider, CHANGED[provider]) as url:
        calibrated(provider, url, "--report", "report.json")
    written = Path(f"calibrated-{provider}.yaml").read_text() + Path("report.json").read_text()
    output = capsys.readouterr()
    shown = f"{written}{output.out}{output.err}"
    assert [value for value in SECRETS[provider].values() if value in shown] == []


# -- what is refused before anything is sent


def test_dry_run_sends_nothing_and_needs_nothing(sleeper: Sleeper, capsys: Capture) -> None:
    assert run(["calibrate", "--provider", "cloudcheck", "--dry-run"]) == FINE
    output = capsys.readouterr().out
    assert "harmless because" in output
    assert output.endswith("nothing was sent\n")


def test_dry_run_as_json(sleeper: Sleeper, capsys: Capture) -> None:
    run(["calibrate", "--provider", "shuftipro", "--dry-run", "--format", "json"])
    first = json.loads(capsys.readouterr().out)[0]
    assert first["id"] == "unknown-reference"
    assert "unknown_status" in first["decides"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--provider", "cloudcheck"], "give --upstream and --credentials-file, or --dry-run"),
        (["--provider", "cloudchek", "--dry-run"], "unknown provider 'cloudchek'; use cloudcheck"),
    ],
)
def test_what_is_missing_is_named(
    arguments: list[str], message: str, sleeper: Sleeper, capsys: Capture
) -> None:
    assert run(["calibrate", *arguments]) == USAGE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://api.vendor.example", "http would send the credentials readable for everybody"),
        ("ftp://api.vendor.example", "is not an https address"),
        ("https://api.vendor.example:port", "is not a number"),
        ("https://me:secret@api.vendor.example", "leave out credentials, query and fragment"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(
    url: str, message: str, sleeper: Sleeper, capsys: Capture
) -> None:
    assert calibrated("cloudcheck", url) == USAGE
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "key: RealKey",
            "secret missing; write key: … and secret: …, or CLOUDCHECK_KEY=… and CLOUDCHECK_SECRET=…",
        ),
        ("hunter2-the-secret", "not a list of names and values"),
        ("[key, hunter2-the-secret]", "not a list of names and values"),
        ("{key: hunter2-the-secret", "not a list of names and values"),
        ("", "not a list of names and values"),
    ],
)
def test_a_credentials_file_is_told_without_its_contents(
    text: str, message: str, sleeper: Sleeper, capsys: Capture
) -> None:
    Path("given").write_text(text)
    options = ["--upstream", "https://api.vendor.example", "--credentials-file", "given"]
    assert run(["calibrate", "--provider", "cloudcheck", *options]) == USAGE
    output = capsys.readouterr().err
    assert message in output
    assert "hunter2" not in output


def test_credentials_are_read_as_variables(sleeper: Sleeper) -> None:
    Path("real.env").write_text(
        "# of the vendor\nexport CLOUDCHECK_KEY='RealKey é+1'\nCLOUDCHECK_SECRET = real secret/ū=+&\n",
        "utf-8",
    )
    with serving(sleeper, "cloudcheck") as url:
        options = ["--upstream", url, "--credentials-file", "real.env", "--report", "report.json"]
        assert run(["calibrate", "--provider", "cloudcheck", *options]) == FINE
    assert {probe["verdict"] for probe in report_of()["probes"]} == {"same"}


def test_a_file_of_somebody_else_is_not_overwritten(sleeper: Sleeper, capsys: Capture) -> None:
    Path("mine.yaml").write_text("port: 8484\n")
    with Receiver() as receiver:
        assert calibrated("cloudcheck", receiver.url, "--out", "mine.yaml") == USAGE
        assert receiver.requests == []
    assert "this file was not written by calibrate; name another one" in capsys.readouterr().err
    assert Path("mine.yaml").read_text() == "port: 8484\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "none/found.yaml"], "--out none/found.yaml: its folder does not exist"),
        (["--report", "none/found.json"], "--report none/found.json: its folder does not exist"),
        (["--out", "."], "--out .: a folder, not a file"),
        (["--report", "."], "--report .: a folder, not a file"),
        (
            ["--check", "a.json", "--report", "./a.json"],
            "--report would replace the file of --check; name another one",
        ),
    ],
)
def test_an_unwritable_file_is_reported_before_anything_is_sent(
    options: list[str], message: str, sleeper: Sleeper, capsys: Capture
) -> None:
    Path("a.json").write_text('{"provider": "cloudcheck", "at": "", "complete": true, "probes": []}')
    with Receiver() as receiver:
        assert calibrated("cloudcheck", receiver.url, *options) == USAGE
        assert receiver.requests == []
    assert message in capsys.readouterr().err


def test_another_account_of_the_config_file_is_compared(sleeper: Sleeper) -> None:
    Path("mine.yaml").write_text("accounts: {acme: {shuftipro: {client_id: acme, secret_key: acme-secret}}}")
    with serving(sleeper, "shuftipro", section={"signature": "legacy"}) as url:
        calibrated("shuftipro", url, "--config", "mine.yaml", "--account", "acme")
    _, accounts, _ = config_file.read("calibrated-shuftipro.yaml")
    assert accounts == {"acme": {"shuftipro": {"signature": "legacy"}}}


# -- a network and a service that do not cooperate

HTML = b"<!doctype html><html><title>Blocked</title></html>"
TROUBLE = [
    pytest.param(answers(301, b"", (("Location", "https://www.vendor.example/api?token=a"),)),
                 "answered 301, a redirect to https://www.vendor.example/api, which is not followed; check --upstream", id="redirect"),
    pytest.param(answers(200, HTML, (("Content-Type", "text/html"),)), "answered 200 with a web page, as a proxy or a firewall does",
                 id="html"),
    pytest.param(answers(403, HTML), "answered 403 with a web page", id="html without type"),
    pytest.param(answers(503, b"{}"), "the service answered 503; try again later", id="503"),
    pytest.param(answers(500, HTML), "the service answered 500; try again later", id="500"),
    pytest.param(answers(429, b"{}", (("Retry-After", "7"),)), "the service has answered 429 3 times", id="429"),
    pytest.param(answers(429, b"{}", (("Retry-After", "86400"),)), "allows no further request for 86400 s (429)", id="429 for long"),
    pytest.param(closes, "has failed (closed early); try again later", id="closed"),
    pytest.param(not_http, "is not HTTP, or ends too early; check --upstream", id="not http"),
]  # fmt: skip


@pytest.mark.parametrize(("behave", "message"), TROUBLE)
def test_trouble_is_told_and_nothing_is_written(
    behave: Any, message: str, sleeper: Sleeper, capsys: Capture
) -> None:
    with Receiver(behave) as receiver:
        assert calibrated("cloudcheck", receiver.url, "--report", "report.json") == FINDINGS
    assert message in capsys.readouterr().err
    assert [path.name for path in Path.cwd().iterdir()] == ["credentials.yaml"]


def test_a_port_without_listener_is_told(sleeper: Sleeper, capsys: Capture) -> None:
    port = free_port()
    assert calibrated("cloudcheck", f"http://127.0.0.1:{port}") == FINDINGS
    assert f"nothing listens at 127.0.0.1:{port}; check --upstream" in capsys.readouterr().err


def test_a_name_that_does_not_resolve_is_told(sleeper: Sleeper, capsys: Capture) -> None:
    assert calibrated("cloudcheck", "https://api.vendor.invalid") == FINDINGS
    assert "the name api.vendor.invalid does not resolve" in capsys.readouterr().err


def test_silence_is_told(sleeper: Sleeper, capsys: Capture) -> None:
    with Receiver(never_answers) as receiver:
        assert calibrated("cloudcheck", receiver.url, "--timeout", "50ms") == FINDINGS
    assert "has not answered within 0.05 s; try again later" in capsys.readouterr().err


def test_a_certificate_that_is_not_trusted_is_told_with_the_remedy(
    sleeper: Sleeper, capsys: Capture, certificate: tuple[Path, Path]
) -> None:
    with serving(sleeper, "cloudcheck", tls=certificate) as url:
        assert calibrated("cloudcheck", url) == FINDINGS
    assert "is not trusted" in (output := capsys.readouterr().err)
    assert "with --ca FILE" in output


def test_a_certificate_authority_can_be_named(sleeper: Sleeper, certificate: tuple[Path, Path]) -> None:
    with serving(sleeper, "shuftipro", tls=certificate) as url:
        assert calibrated("shuftipro", url, "--ca", str(certificate[0]), "--report", "report.json") == FINE
    assert {probe["verdict"] for probe in report_of()["probes"]} == {"same"}


def test_http_behind_an_https_address_is_told(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "cloudcheck") as url:
        assert calibrated("cloudcheck", url.replace("http:", "https:")) == FINDINGS
    assert "no secure connection" in capsys.readouterr().err


def test_a_file_that_is_no_authority_is_told(sleeper: Sleeper, capsys: Capture) -> None:
    Path("ca.pem").write_text("none")
    assert calibrated("cloudcheck", "https://api.vendor.example", "--ca", "ca.pem") == USAGE
    assert "--ca ca.pem: not a readable file of certificates (PEM)" in capsys.readouterr().err


def test_refused_credentials_end_the_run_at_once(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "cloudcheck", section={"secret": "another"}) as url:
        assert calibrated("cloudcheck", url) == FINDINGS
    output = capsys.readouterr().err
    assert "the service refuses the credentials: it finds the signature wrong" in output
    assert sleeper.slept == []


# -- a run that does not come to its end


class Limit:
    """Does something at the n-th sleep."""

    def __init__(self, count: int, then: Callable[[], None]) -> None:
        self.count, self.then = count, then

    def __call__(self) -> None:
        self.count -= 1
        if self.count == 0:
            self.then()


def interrupt() -> None:
    raise KeyboardInterrupt


def test_an_interrupted_run_keeps_what_it_has_learnt(sleeper: Sleeper, capsys: Capture) -> None:
    sleeper.before = Limit(20, interrupt)
    with serving(sleeper, "shuftipro", {"unknown_status": 404}) as url:
        assert calibrated("shuftipro", url, "--report", "report.json") == FINDINGS
    report = report_of()
    assert (report["complete"], len(report["probes"])) == (False, 20)
    assert "note: interrupted; the results so far are stored" in capsys.readouterr().out
    _, _, settings = config_file.read("calibrated-shuftipro.yaml")
    assert settings == {"shuftipro": {"unknown_status": 404}}


def test_a_run_interrupted_before_the_first_answer_writes_nothing(sleeper: Sleeper) -> None:
    def behave(_sender: object, _request: object) -> None:
        raise KeyboardInterrupt

    with Receiver(answers(200)) as receiver, pytest.MonkeyPatch.context() as patch:
        patch.setattr("mock_server.web.calibration.upstream.Upstream.send", behave)
        assert calibrated("shuftipro", receiver.url, "--report", "report.json") == FINDINGS
    assert [path.name for path in Path.cwd().iterdir()] == ["credentials.yaml"]


def test_a_service_that_goes_away_ends_the_run(sleeper: Sleeper, capsys: Capture) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(serving(sleeper, "shuftipro", {"unknown_status": 404}))
        sleeper.before = Limit(10, stack.close)
        assert calibrated("shuftipro", url, "--report", "report.json") == FINDINGS
    assert "note: stopped: 3 probes in a row were not answered: nothing listens at" in capsys.readouterr().out
    report = report_of()
    assert [probe["verdict"] for probe in report["probes"][-4:]] == ["different", *["not comparable"] * 3]
    assert report["complete"] is False


CREATES = """\
version: 1
provider: cloudcheck
scenarios:
  - name: accepts-anything
    match: {operation: verify}
    respond: {body: {verification: {verificationSuccess: true, verificationReference: "abc"}}}
"""


def test_a_probe_that_creates_something_ends_the_run(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "cloudcheck", scenarios=CREATES) as url:
        assert calibrated("cloudcheck", url, "--report", "report.json") == FINDINGS
    assert (
        "the probe verify-unreadable was expected to be refused, and the answer names verificationReference"
        in capsys.readouterr().out
    )
    assert report_of()["probes"][-1]["id"] == "verify-unreadable"


def test_a_rate_limit_is_waited_for_and_written(sleeper: Sleeper) -> None:
    with serving(sleeper, "shuftipro", {"rate_limit": 20}) as url:
        assert calibrated("shuftipro", url, "--report", "report.json") == FINE
    assert [probe["id"] for probe in report_of()["probes"] if probe["verdict"] == "not comparable"] == []
    _, _, settings = config_file.read("calibrated-shuftipro.yaml")
    assert settings == {"shuftipro": {"rate_limit": 20}}
    assert max(sleeper.slept) > 10


# -- what is odd


def test_a_mock_is_recognised(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "shuftipro", mock_headers=True) as url:
        calibrated("shuftipro", url)
    assert "it is a mock server and not the vendor" in capsys.readouterr().out


def test_a_clock_that_differs_is_told(sleeper: Sleeper, capsys: Capture) -> None:
    sleeper.clock.advance(-30_500)
    with serving(sleeper, "shuftipro") as url:
        calibrated("shuftipro", url)
    output = capsys.readouterr().out
    assert re.search(r"the clock of this machine is 30[0-9]{3} s behind the service's", output)


# -- drift


def test_a_service_that_has_not_changed_passes_the_check(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "cloudcheck", {"signature_case": "lower"}) as url:
        calibrated("cloudcheck", url, "--report", "agreed.json")
        capsys.readouterr()
        assert calibrated("cloudcheck", url, "--check", "agreed.json") == FINE
    assert "the service answers as it did on 20" in capsys.readouterr().out


def test_drift_is_told_with_what_was_and_what_is(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "shuftipro") as url:
        calibrated("shuftipro", url, "--report", "agreed.json")
    capsys.readouterr()
    with serving(sleeper, "shuftipro", {"unknown_status": 404}) as url:
        assert calibrated("shuftipro", url, "--check", "agreed.json", "--report", "now.json") == FINDINGS
    output = capsys.readouterr().out
    assert "unknown-reference: status: was 400, is 404\n" in output
    assert "the service has changed since 20" in output
    assert not Path("calibrated-shuftipro.yaml").exists()
    assert report_of("now.json")["probes"][0]["answer"] == "404 request.invalid"


def test_drift_is_told_beside_json(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "shuftipro") as url:
        calibrated("shuftipro", url, "--report", "agreed.json")
    capsys.readouterr()
    with serving(sleeper, "shuftipro", {"unknown_status": 404}) as url:
        assert calibrated("shuftipro", url, "--check", "agreed.json", "--format", "json") == FINDINGS
    output = capsys.readouterr()
    assert json.loads(output.out)["provider"] == "shuftipro"
    assert "unknown-reference: status: was 400, is 404" in output.err


def test_what_cannot_be_asked_now_fails_the_check_and_is_no_change(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "cloudcheck") as url:
        calibrated("cloudcheck", url, "--report", "agreed.json")
    capsys.readouterr()
    with serving(sleeper, "cloudcheck", section={"permissions": ["verify"]}) as url:
        assert calibrated("cloudcheck", url, "--check", "agreed.json") == FINDINGS
    output = capsys.readouterr().out
    assert (
        "idscan-results-unknown: not comparable now: the account does not have this product (108)" in output
    )
    assert "no change was found since 20" in output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file or directory; give the file that an earlier run has written with --report"),
        ("settings: {}", "not a report of calibrate; give the file that an earlier run has written with --report"),
        ("{}", "not a report of calibrate"),
        ('{"provider": "shuftipro", "at": "", "complete": true, "probes": []}', "a report about shuftipro, not cloudcheck"),
        ('{"provider": "cloudcheck", "at": "", "complete": true, "probes": [], "calibration": 2}', "of another version of calibrate"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_report_is_told(
    text: str | None, message: str, sleeper: Sleeper, capsys: Capture
) -> None:
    if text is not None:
        Path("agreed.json").write_text(text)
    with Receiver() as receiver:
        assert calibrated("cloudcheck", receiver.url, "--check", "agreed.json") == USAGE
        assert receiver.requests == []
    assert message in capsys.readouterr().err


# -- the test person

PERSONA = {
    "cloudcheck": """\
requests:
  - operation: verify
    body:
      reference: "persona-{unique}"
      details: {name: {given: Tamsin, family: Okafor}, dateofbirth: "1987-03-14"}
      consent: "Yes"
""",
    "shuftipro": """\
requests:
  - operation: verification
    outcome: declined
    body:
      reference: "persona-{unique}"
      country: NZ
      background_checks: {name: {first_name: Tamsin, last_name: Okafor}, dob: "1987-03-14"}
""",
}
ANSWERS_OTHERWISE = {
    "cloudcheck": """\
version: 1
provider: cloudcheck
scenarios:
  - name: otherwise
    match: {operation: verify, body.details.name.family: Okafor}
    respond:
      outcome: verified
      merge: {verification: {riskScore: 7, ipAddress: {value: 1}}}
""",
    "shuftipro": """\
version: 1
provider: shuftipro
scenarios:
  - name: otherwise
    match: {operation: verification}
    respond: {outcome: declined, merge: {riskScore: 7, declined_codes: SPDR01}}
""",
}
SHAPE_DIFFERENCES = {
    "cloudcheck": ["verification.riskScore: the service has number, the mock nothing",
                   "verification.ipAddress: the service has object, the mock text"],
    "shuftipro": ["riskScore: the service has number, the mock nothing", "declined_codes: the service has text, the mock list"],
}  # fmt: skip


@pytest.mark.parametrize("provider", VENDORS)
def test_the_shape_of_a_success_is_compared_for_the_test_person(
    provider: str, sleeper: Sleeper, capsys: Capture
) -> None:
    Path("persona.yaml").write_text(PERSONA[provider])
    with serving(sleeper, provider, scenarios=ANSWERS_OTHERWISE[provider]) as url:
        assert calibrated(provider, url, "--persona", "persona.yaml", "--report", "report.json") == FINE
    output = capsys.readouterr()
    assert [line for line in SHAPE_DIFFERENCES[provider] if line not in output.out] == []
    assert "NOT HARMLESS: --persona sends 1 request for a person" in output.err
    assert [
        word for word in ("Tamsin", "Okafor", "1987-03-14") if word in Path("report.json").read_text()
    ] == []


@pytest.mark.parametrize("provider", VENDORS)
def test_values_of_a_success_do_not_count(provider: str, sleeper: Sleeper, capsys: Capture) -> None:
    Path("persona.yaml").write_text(PERSONA[provider].replace("outcome: declined\n", "outcome: accepted\n"))
    with serving(sleeper, provider) as url:
        calibrated(provider, url, "--persona", "persona.yaml", "--report", "agreed.json")
        output = capsys.readouterr().out
        assert f"persona {report_of('agreed.json')['persona'][0]['operation']}: the same" in output
        assert calibrated(provider, url, "--persona", "persona.yaml", "--check", "agreed.json") == FINE


def test_the_shape_of_a_success_can_drift(sleeper: Sleeper, capsys: Capture) -> None:
    Path("persona.yaml").write_text(PERSONA["cloudcheck"])
    with serving(sleeper, "cloudcheck") as url:
        calibrated("cloudcheck", url, "--persona", "persona.yaml", "--report", "agreed.json")
    capsys.readouterr()
    with serving(sleeper, "cloudcheck", scenarios=ANSWERS_OTHERWISE["cloudcheck"]) as url:
        assert (
            calibrated("cloudcheck", url, "--persona", "persona.yaml", "--check", "agreed.json") == FINDINGS
        )
    output = capsys.readouterr().out
    assert 'persona verify: verification.riskScore: was nothing, is "number"' in output


def test_a_person_that_the_service_refuses_is_told(sleeper: Sleeper, capsys: Capture) -> None:
    Path("persona.yaml").write_text("requests: [{operation: verify, body: {consent: 'Yes'}}]")
    with serving(sleeper, "cloudcheck") as url:
        calibrated("cloudcheck", url, "--persona", "persona.yaml")
    assert (
        "persona verify: not comparable: the service refused it: 200 102; check the file"
        in capsys.readouterr().out
    )


def test_without_the_flag_no_person_is_sent(sleeper: Sleeper, capsys: Capture) -> None:
    with serving(sleeper, "shuftipro") as url:
        calibrated("shuftipro", url, "--report", "report.json")
    assert report_of()["persona"] == []
    assert "NOT HARMLESS" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("requests: [", "not valid YAML or JSON"),
        ("people: []", "it has no requests; write requests: [{operation: …, body: {…}}]"),
        ("requests: [{operation: verfy}]", "request 1: unknown operation 'verfy'; use verify, live"),
        ("requests: [{operation: verify, outcome: fine}]", "unknown outcome 'fine'; use verified"),
        ("requests: [{operation: verify, data: {}}]", "a request has operation, body and outcome"),
        (None, "No such file or directory"),
    ],
)
def test_a_persona_file_that_cannot_be_used_is_told(
    text: str | None, message: str, sleeper: Sleeper, capsys: Capture
) -> None:
    if text is not None:
        Path("persona.yaml").write_text(text)
    with Receiver() as receiver:
        assert calibrated("cloudcheck", receiver.url, "--persona", "persona.yaml") == USAGE
        assert receiver.requests == []
    assert message in capsys.readouterr().err


# -- proxies


class Tunnel:
    """A proxy that connects whatever is asked for with one port of this machine."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.heads: list[str] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def __enter__(self) -> Tunnel:
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        """One connection after the other, as calibrate makes them."""
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            with here, socket.create_connection(("127.0.0.1", self._target)) as there:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += here.recv(1)
                self.heads.append(head.decode("latin-1"))
                here.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=self._copy, args=(there, here))
                back.start()
                self._copy(here, there)
                back.join()

    @staticmethod
    def _copy(one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65_536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            other.close()


@pytest.fixture(scope="module")
def vendor_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """For api.vendor.invalid."""
    folder = tmp_path_factory.mktemp("vendor")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "1",
    ]
    command += ["-subj", "/CN=api.vendor.invalid", "-addext", "subjectAltName=DNS:api.vendor.invalid"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


def test_a_proxy_of_the_usual_variables_is_used(
    sleeper: Sleeper, vendor_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        serving(sleeper, "shuftipro", tls=vendor_certificate) as url,
        Tunnel(int(url.rpartition(":")[2])) as proxy,
    ):
        monkeypatch.setenv("https_proxy", f"http://me:pass%2Bword@127.0.0.1:{proxy.port}")
        options = ["--ca", str(vendor_certificate[0]), "--report", "report.json"]
        assert calibrated("shuftipro", "api.vendor.invalid", *options) == FINE
    assert {probe["verdict"] for probe in report_of()["probes"]} == {"same"}
    assert {head.rpartition(" HTTP/")[0].splitlines()[0] for head in proxy.heads} == {
        "CONNECT api.vendor.invalid:443"
    }
    assert "Proxy-Authorization: Basic bWU6cGFzcyt3b3Jk" in proxy.heads[0]


def test_a_proxy_that_refuses_is_told_without_its_password(
    sleeper: Sleeper, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver(answers(403)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("http://", "http://me:hunter2@"))
        assert calibrated("cloudcheck", "https://api.vendor.invalid") == FINDINGS
        assert proxy.requests[0].path == "api.vendor.invalid:443"
    output = capsys.readouterr().err
    assert (
        f"the proxy 127.0.0.1:{proxy.port} opens no connection to api.vendor.invalid:443; check HTTPS_PROXY"
        in output
    )
    assert "hunter2" not in output


@pytest.mark.parametrize("names", ["api.vendor.invalid", ".vendor.invalid", "other, *"])
def test_no_proxy_counts(
    names: str, sleeper: Sleeper, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", names)
        calibrated("cloudcheck", "https://api.vendor.invalid")
        assert proxy.requests == []
    assert "the name api.vendor.invalid does not resolve" in capsys.readouterr().err


def test_this_machine_is_never_asked_by_a_proxy(sleeper: Sleeper, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver(answers(403)) as proxy, serving(sleeper, "shuftipro") as url:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert calibrated("shuftipro", url) == FINE
        assert proxy.requests == []
