"""The server as processes: port file, signals, workers, TLS."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mock_server.core.exceptions import ConfigError, PortTakenError
from mock_server.web.http.listening import ListenAddress, bind
from mock_server.web.http.serving import LiveServer, tls_context, write_whole
from tests.web.echo import Client, EchoApp, EchoService

Launch = Callable[..., "Running"]


class Running:
    """A server process that listens."""

    def __init__(self, process: subprocess.Popen[str], port_file: Path) -> None:
        self.process, self.port_file = process, port_file
        assert process.stdout is not None
        self.first_line = process.stdout.readline().strip()
        self.port = int(port_file.read_text()) if port_file.exists() else 0

    def client(self) -> Client:
        return Client(("127.0.0.1", self.port))

    def ask(self, target: str) -> bytes:
        with self.client() as client:
            return client.request(target).reply().body

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float, str]:
        """Exit code, seconds it took, and what was printed after the first line."""
        started = time.monotonic()
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=10)
        return self.process.returncode, time.monotonic() - started, said


@pytest.fixture
def launch(tmp_path: Path, root: Path) -> Iterator[Launch]:
    processes: list[subprocess.Popen[str]] = []

    def start(port: int = 0, workers: int = 1, **environ: str) -> Running:
        port_file = tmp_path / f"port-{len(processes)}"
        command = [sys.executable, "-m", "tests.live.echo_main", str(port), str(port_file), str(workers)]
        process = subprocess.Popen(
            command,
            cwd=root,
            env=os.environ | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return Running(process, port_file)

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def listens(port: int) -> bool:
    try:
        Client(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:
        return True
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_ends_it_soon_with_exit_code_0(launch: Launch, number: signal.Signals, workers: int) -> None:
    running = launch(workers=workers)
    assert running.first_line == f"listening on http://127.0.0.1:{running.port}"
    idle, delayed = running.client().request("/echo"), running.client().request("/delay/60000")
    assert idle.reply().status == 200
    assert running.ask("/echo") != b""
    code, seconds, said = running.end(number)
    assert (code, said.count("one callback")) == (0, workers)
    assert seconds < 10  # the promise is one second; a busy machine needs more
    assert delayed.reply().body == b"after 60000"
    assert idle.rest() == b""
    assert not running.port_file.exists()
    idle.close()
    delayed.close()


def test_a_port_that_is_taken(launch: Launch) -> None:
    first = launch()
    for workers in (1, 2):
        second = launch(first.port, workers)
        assert second.process.wait(10) == 3
        assert f"port {first.port} on 127.0.0.1 is in use" in second.first_line


@pytest.mark.parametrize("workers", [1, 2])
def test_a_service_that_cannot_be_built(launch: Launch, workers: int) -> None:
    running = launch(workers=workers, ECHO_FAILS="1")
    assert running.process.wait(10) == 2
    assert running.first_line == "cannot be built"
    assert not running.port_file.exists()


def test_workers_share_the_port_and_a_dead_one_is_replaced(launch: Launch) -> None:
    running = launch(workers=2)
    pids = {running.ask("/pid") for _ in range(60)}
    assert len(pids) == 2
    with running.client() as client:
        assert client.request("/die").rest() == b""
    deadline = time.monotonic() + 10
    while len(later := {running.ask("/pid") for _ in range(60)}) < 2 and time.monotonic() < deadline:
        pass
    assert len(later) == 2
    assert len(later & pids) == 1
    assert running.end()[0] == 0


def test_workers_end_when_their_supervisor_is_killed(launch: Launch) -> None:
    running = launch(workers=2)
    running.process.kill()
    running.process.wait()
    deadline = time.monotonic() + 5
    while listens(running.port):
        assert time.monotonic() < deadline


def test_a_live_server_waits_for_nothing_when_it_stops() -> None:
    started = time.perf_counter()
    service = EchoService()
    with LiveServer(service, EchoApp().factory) as server, Client(("127.0.0.1", server.port)) as client:
        assert service.started
        assert client.request("/echo").reply().status == 200
        assert server.url == f"http://127.0.0.1:{server.port}"
    assert service.stopped
    assert time.perf_counter() - started < 5
    server.stop()


def test_a_live_server_raises_what_its_start_raises() -> None:
    class Broken(EchoService):
        def start(self, loop: object = None) -> None:
            raise ConfigError("no")

    with pytest.raises(ConfigError, match="no"):
        LiveServer(Broken(), EchoApp().factory)


def test_binding(tmp_path: Path) -> None:
    with bind("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port} on localhost is in use"):
            bind("localhost", port)
        with pytest.raises(ConfigError, match=r"cannot listen on 192\.0\.2\.1"):
            bind("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (ListenAddress("127.0.0.1", 1), "http://127.0.0.1:1"),
        (ListenAddress("0.0.0.0", 1), "http://127.0.0.1:1"),
        (ListenAddress("::", 1), "http://[::1]:1"),
        (ListenAddress("::1", 1, "https"), "https://[::1]:1"),
    ],
)
def test_addresses(address: ListenAddress, url: str) -> None:
    assert address.url == url


def test_ipv6() -> None:
    with (
        LiveServer(EchoService(), EchoApp().factory, host="::1") as server,
        Client(("::1", server.port)) as client,
    ):
        echo = client.send("GET /echo HTTP/1.0\r\n\r\n").reply().json()
        assert (echo["peer"], echo["origin"]) == ("::1", f"http://[::1]:{server.port}")
        assert server.url == echo["origin"]


def test_a_file_is_written_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("something longer than a port")
    write_whole(tmp_path / "port", "1234\n")
    assert [path.name for path in tmp_path.iterdir()] == ["port"]
    assert (tmp_path / "port").read_text() == "1234\n"


class TlsClient(Client):
    def __init__(self, port: int, certificate: Path) -> None:
        super().__init__(("127.0.0.1", port))
        context = ssl.create_default_context(cafile=certificate)
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")


def test_tls(certificate: tuple[Path, Path]) -> None:
    with LiveServer(
        EchoService(), EchoApp().factory, certfile=certificate[0], keyfile=certificate[1]
    ) as server:
        assert server.url == f"https://127.0.0.1:{server.port}"
        with TlsClient(server.port, certificate[0]) as client:
            echo = client.request("/echo", "POST", b"x" * 100_000).reply().json()
            assert (echo["origin"], len(echo["body"])) == ("https://mock.test:1234", 100_000)
            assert client.request("/__admin/environ").reply().json()["wsgi.url_scheme"] == "https"
            assert client.request("/delay/20").reply().body == b"after 20"
            assert client.send("nonsense\r\n\r\n").reply().status == 400


@pytest.mark.parametrize("fault", ["reset", "empty", "truncate", "garbage"])
def test_faults_over_tls(certificate: tuple[Path, Path], fault: str) -> None:
    live = LiveServer(EchoService(), EchoApp().factory, certfile=certificate[0], keyfile=certificate[1])
    with live as server, TlsClient(server.port, certificate[0]) as client:
        client.request(f"/fault/{fault}")
        if fault == "reset":
            client.socket = socket.socket(
                fileno=client.socket.detach()
            )  # Python's TLS reports a reset as an ordinary end
            client.socket.settimeout(5)
            with pytest.raises(ConnectionResetError):
                client.rest()
        elif fault == "empty":
            assert client.rest() == b""
        else:
            assert (b"HTTP/1.1 200" in client.rest()) == (fault == "truncate")


def test_plain_http_to_a_tls_port_is_refused_in_plain_http(certificate: tuple[Path, Path]) -> None:
    service = EchoService()
    with LiveServer(service, EchoApp().factory, certfile=certificate[0], keyfile=certificate[1]) as server:
        with Client(("127.0.0.1", server.port)) as client:
            reply = client.request("/echo", "POST", b"abc").reply()
            assert (reply.status, reply.body) == (
                400,
                b"plain http was spoken to the https port; use https:// in the client's base URL, or start the server without --tls-cert\n",
            )
            assert client.rest() == b""
        assert [(arrival.request.path, arrival.request.body) for arrival in service.refused] == [
            ("/echo", b"abc")
        ]
        with TlsClient(server.port, certificate[0]) as client:
            assert client.request("/echo").reply().status == 200


def test_an_unfinished_tls_handshake_does_not_delay_the_end(
    certificate: tuple[Path, Path],
) -> None:
    with LiveServer(
        EchoService(), EchoApp().factory, certfile=certificate[0], keyfile=certificate[1]
    ) as server:
        silent = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        with TlsClient(server.port, certificate[0]) as client:
            assert client.request("/echo").reply().status == 200
    with silent:
        assert silent.recv(1) == b""


def test_a_certificate_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("none")
    for path in (tmp_path / "cert.pem", tmp_path / "missing.pem"):
        with pytest.raises(ConfigError, match="--tls-cert"):
            tls_context(path, None)
