"""``serve`` as a process of its own: the line it prints, the port, signals, what is left to deliver."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mock_server.cli.certificate import self_signed
from mock_server.cli.main import run
from mock_server.client import MockServer, Receiver
from mock_server.core import config
from mock_server.core.exceptions import ConfigError
from mock_server.web.service import Service
from tests.contract.values import message
from tests.web.kit import CHECK, SCENARIOS

ROOT = Path(__file__).resolve().parents[1]
TERM, INT = signal.SIGTERM, signal.SIGINT


class Process:
    """A running ``mock-server``; ``line`` is what it said on stdout."""

    def __init__(self, arguments: list[str], cwd: Path, variables: Mapping[str, str]) -> None:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("MOCK_SERVER_")
        }
        environment |= {"PYTHONPATH": str(ROOT), **variables}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mock_server", *arguments],
            cwd=cwd,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        self.line: dict[str, Any] = json.loads(self.process.stdout.readline() or "{}")

    def end(self, number: int = TERM) -> tuple[int, str, float]:
        """Exit code, stderr, and the seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        _, stderr = self.process.communicate(timeout=20)
        return self.process.returncode, stderr, time.monotonic() - begun

    def outcome(self) -> tuple[int, str, str]:
        """Of one that ends by itself: exit code, stdout, stderr."""
        out, stderr = self.process.communicate(timeout=30)
        return self.process.returncode, out, stderr


@contextmanager
def started(cwd: Path, *arguments: str, **variables: str) -> Iterator[Process]:
    process = Process(list(arguments), cwd, variables)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.process.kill()
        process.process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "some.yaml").write_text(SCENARIOS)
    return tmp_path


@pytest.mark.parametrize("number", [TERM, INT], ids=["SIGTERM", "SIGINT"])
def test_it_says_where_it_listens_and_ends_at_once(folder: Path, number: int) -> None:
    with started(folder, "serve", "--port", "0", "--port-file", "port", "--seed", "7") as server:
        line = server.line
        url = f"http://127.0.0.1:{line['port']}"
        assert {
            "event": "listening",
            "host": "127.0.0.1",
            "port": line["port"],
            "url": url,
            "dashboard": f"{url}/__admin/ui/",
            "seed": 7,
        } == line
        assert f"{line['port']}\n" == (folder / "port").read_text()
        with MockServer(url) as client:
            assert client.ready()["scenarios"] == 2
        code, stderr, took = server.end(number)
        assert code == 0
        assert took < 5.0  # the promise is one second; a busy machine needs more
        assert not (folder / "port").exists()
    for word in (
        "KYC mock server",
        url,
        "2 cloudcheck, 0 shuftipro, from scenarios",
        "MockKey0NotReal1",
        "mock-client",
    ):
        assert word in stderr


def test_callbacks_that_are_left_are_told_at_the_end(folder: Path) -> None:
    with (
        started(folder, "serve", "--port", "0") as server,
        Receiver() as receiver,
        MockServer(server.line["url"]) as client,
    ):
        receiver.answer(500)
        account = client.account("test-a")
        send(account.url, account.name, {**CHECK, "callback_url": receiver.url})
        receiver.wait()
        code, stderr, took = server.end()
    assert (code, took < 5.0) == (0, True)
    assert "1 callback had not been delivered:" in stderr
    assert f"verification.accepted for check-1 to {receiver.url}: 1 attempt so far" in stderr


def test_some_of_many_callbacks_are_shown_at_the_end(tmp_path: Path) -> None:
    service = Service(config.build({"scenarios": (str(tmp_path),), "watch": False}))
    due = service.clock.now() + 3600
    service.store.schedule([message(f"d-{number}", f"test-{number % 7}", due=due) for number in range(30)])
    header, *lines, last = service.stop()
    assert header == "30 callbacks had not been delivered:"
    assert lines == ["  DONE for ref to http://127.0.0.1:9/hook: 0 attempts so far"] * 20
    assert last == "  and 10 more"


def test_nothing_is_said_where_all_callbacks_have_been_delivered(tmp_path: Path) -> None:
    service = Service(config.build({"scenarios": (str(tmp_path),), "watch": False}))
    service.store.schedule([message("d-1")])
    service.store.record_attempt("default", "d-1", None, "delivered")
    assert service.stop() == []


def send(url: str, account: str, body: Mapping[str, Any]) -> None:
    import base64
    from urllib.request import Request, urlopen

    credentials = base64.b64encode(f"{account}:{account}-secret".encode()).decode()
    urlopen(
        Request(f"{url}/", json.dumps(body).encode(), {"Authorization": f"Basic {credentials}"}), timeout=10
    ).close()


def test_a_port_that_is_taken_is_exit_code_3(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with started(folder, "serve", "--port", str(taken.getsockname()[1])) as server:
            code, _, stderr = server.outcome()
    assert (code, server.line) == (3, {})
    assert "is in use" in stderr


@pytest.mark.parametrize(
    ("port_file", "reason"),
    [
        ("scenarios", "it is a directory"),
        ("nowhere/port", "nowhere is not a directory"),
        ("loop/port", "loop is not a directory"),
    ],
    ids=["a directory", "no directory", "not a directory"],
)
def test_a_port_file_that_cannot_be_written_is_reported(folder: Path, port_file: str, reason: str) -> None:
    (folder / "loop").write_text("")
    with started(folder, "serve", "--port", "0", "--port-file", port_file) as server:
        code, _, stderr = server.outcome()
    assert (code, server.line) == (2, {})
    assert f"--port-file {port_file}: " in stderr
    assert reason in stderr
    assert "; name a file in a directory that this user can write to" in stderr
    assert "Traceback" not in stderr


def test_scenarios_are_checked_before_it_listens(folder: Path) -> None:
    (folder / "scenarios" / "bad.yaml").write_text(
        "version: 1\nprovider: cloudcheck\nscenarios: [{nam: x}]\n"
    )
    with started(folder, "serve", "--port", "0") as server:
        code, _, stderr = server.outcome()
    assert (code, server.line) == (2, {})
    assert "scenarios/bad.yaml:3:14:" in stderr
    assert "Traceback" not in stderr


def test_a_file_that_is_broken_later_is_told_and_changes_nothing(folder: Path) -> None:
    with started(folder, "serve", "--port", "0") as server, MockServer(server.line["url"]) as client:
        (folder / "scenarios" / "some.yaml").write_text(SCENARIOS.replace("respond", "respnd"))
        deadline = time.monotonic() + 20
        while client.ready()["reload_error"] is None:
            assert time.monotonic() < deadline
            client.account("test-a").requests.count()
        assert client.ready()["scenarios"] == 2
        _, stderr, _ = server.end()
    assert "scenarios not reloaded: scenarios/some.yaml:" in stderr


def test_json_log_lines_are_json_and_there_is_no_banner(folder: Path) -> None:
    with started(folder, "serve", "--port", "0", "--log-format", "json", "--log-level", "debug") as server:
        with MockServer(server.line["url"]) as client:
            send_wrong(client.url)
        _, stderr, _ = server.end()
    lines = [json.loads(line) for line in stderr.splitlines()]
    assert {"time", "level", "logger", "message"} <= lines[0].keys()
    assert [line for line in lines if line["level"] == "debug" and line["message"] == "POST /verify/ → 200"]


def send_wrong(url: str) -> None:
    from urllib.request import urlopen

    urlopen(f"{url}/verify/", b"key=MockKey0NotReal1", timeout=10).close()


def test_a_refused_request_is_explained_in_one_line(folder: Path) -> None:
    with started(folder, "serve", "--port", "0") as server:
        send_wrong(server.line["url"])
        with MockServer(server.line["url"]) as client:
            client.account("default").requests.wait(status=200)
        _, stderr, _ = server.end()
    (line,) = [line for line in stderr.splitlines() if "refused with 102" in line]
    assert "POST /verify/" in line


def test_several_workers_serve_one_port_and_end_together(folder: Path) -> None:
    with started(
        folder, "serve", "--port", "0", "--workers", "2", "--store", f"sqlite:{folder / 'state.db'}"
    ) as server:
        with MockServer(server.line["url"]) as client:
            assert client.version()["store"] == "sqlite"
        code, stderr, took = server.end()
    assert code == 0, stderr
    assert took < 5.0


def test_variables_configure_the_container(folder: Path) -> None:
    variables = {
        "MOCK_SERVER_PORT": "0",
        "MOCK_SERVER_PORT_FILE": "port",
        "MOCK_SERVER_ADMIN_TOKEN": "t0ken",
        "MOCK_SERVER_SEED": "5",
    }
    with started(folder, **variables) as server:
        assert server.line["seed"] == 5
        probe = subprocess.run(
            [sys.executable, "-m", "mock_server", "ready"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (probe.returncode, "is ready: 2 scenarios" in probe.stdout) == (0, True), probe.stderr


def test_ready_waits_for_a_server_that_is_still_starting(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ready: list[int] = []
    waiter = threading.Thread(
        target=lambda: ready.append(
            run(["ready", "--wait", "--timeout", "30s", "--port-file", str(folder / "port")])
        )
    )
    waiter.start()
    with started(folder, "serve", "--port", "0", "--port-file", "port") as server:
        waiter.join(30)
        assert ready == [0]
    assert f"{server.line['url']} is ready: 2 scenarios" in capsys.readouterr().out


def test_ready_names_a_port_file_without_a_port(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "port").write_text("soon")
    assert run(["ready", "--port-file", str(folder / "port")]) == 2
    assert f"{folder / 'port'} has no port in it; name the file that serve --port-file has written" in (
        capsys.readouterr().err
    )


def test_a_client_verifies_the_self_signed_certificate(folder: Path) -> None:
    arguments = ("serve", "--port", "0", "--tls-self-signed")
    with started(folder, *arguments, XDG_CACHE_HOME=str(folder / "cache")) as server:
        trusting = ssl.create_default_context(cafile=server.line["ca"])
        for host in ("localhost", "127.0.0.1", "cloudcheck.localhost"):
            connection = http.client.HTTPSConnection("127.0.0.1", server.line["port"], context=trusting)
            connection.sock = trusting.wrap_socket(
                socket.create_connection(("127.0.0.1", server.line["port"])), server_hostname=host
            )
            connection.request("GET", "/__admin/health")
            assert connection.getresponse().status == 200
            connection.close()
        with pytest.raises(ssl.SSLCertVerificationError):
            socket_of(server, ssl.create_default_context())
        assert server.line["url"].startswith("https://")
        _, log, _ = server.end()
    assert f"NODE_EXTRA_CA_CERTS={server.line['ca']}" in log


def socket_of(server: Process, context: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", server.line["port"]))
    try:
        return context.wrap_socket(plain, server_hostname="localhost")
    finally:
        plain.close()


def test_the_certificate_stays_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    first = self_signed("127.0.0.1", ["cloudcheck"]).authority.read_bytes()
    assert self_signed("127.0.0.1", ["cloudcheck"]).authority.read_bytes() == first
    assert self_signed("mock.example", ["cloudcheck"]).authority.read_bytes() != first
    assert (folder / "cache/kyc-mock-server/tls/server.pem").stat().st_mode & 0o777 == 0o600


def test_a_missing_package_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ConfigError, match=r"pip install 'kyc-mock-server\[tls\]'"):
        self_signed("127.0.0.1", [])


def test_a_home_that_cannot_be_written_is_no_obstacle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "file"))
    assert self_signed("0.0.0.0", []).chain.exists()


def test_a_certificate_of_one_run_leaves_no_folder(folder: Path) -> None:
    (folder / "file").write_text("")
    code = "from mock_server.cli.certificate import self_signed; print(self_signed('0.0.0.0', []).chain)"
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "file")}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    chain = Path(said.stdout.strip())
    assert (chain.name, chain.parent.exists()) == ("server.pem", False)
