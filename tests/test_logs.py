"""The log: what it shows, that it delays no caller, and how often it says the same."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import logging
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from mock_server.cli import logs
from mock_server.cli.encoding import show_anything
from mock_server.cli.main import run
from mock_server.core.log_lines import More, Repeated, readable
from mock_server.web.http.serving import LiveServer
from tests.web.echo import EchoApp, EchoService
from tests.web.kit import Kit

PATIENCE = 20.0

HOSTILE = {
    "escape": ("\x1b[2J\x1b]0;gone\x07", r"\x1b[2J\x1b]0;gone\x07"),
    "nul": ("a\0b", r"a\x00b"),
    "c1": ("\x9b31m\x85", r"\x9b31m\x85"),
    "lines": ("a\r\n12:00:00 error forged", r"a\r\n12:00:00 error forged"),
    "separators": ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
    "bidi": ("\u202etxt.exe\u2066", r"\u202etxt.exe\u2066"),
    "invisible": ("a\u200bb\ufeff\U000e0041", r"a\u200bb\ufeff\U000e0041"),
    "half a character": ("\ud83d", r"\ud83d"),
    "delete": ("\x7f", r"\x7f"),
}
HARMLESS = ('Hēmi Tūī + "O\'Neill" → 100 %', "👩\u200d👧 😀", "می\u200cخواهم", "日本語", "", "a\u00a0b")


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_a_terminal_obeys_nothing_that_is_logged(text: str, shown: str) -> None:
    record = logging.LogRecord("mock_server", logging.INFO, "", 0, "GET /%s", (text,), None)
    assert logs.TextLines().format(record).endswith(f"GET /{shown}")
    assert json.loads(logs.JsonLines().format(record))["message"] == f"GET /{text}"
    assert logs.JsonLines().format(record).isprintable()


@pytest.mark.parametrize("text", HARMLESS)
def test_names_and_texts_of_people_are_shown(text: str) -> None:
    assert readable(text) == text


def test_a_traceback_forges_no_line() -> None:
    try:
        raise ValueError("a\n12:00:00 error   forged\x1b[2J")
    except ValueError:
        record = logging.LogRecord("mock_server", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    lines = logs.TextLines().format(record).splitlines()
    assert lines[0].endswith("error   failed")
    assert all(line.startswith("    ") for line in lines[1:])
    assert "\x1b" not in "".join(lines)


def test_json_has_the_request_and_the_account(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "mock_server"), Kit(tmp_path) as kit:
        kit.verify(secret="wrong")
        kit.service._refusal_log.flush()
        entry = kit.newest()["id"]
    line = json.loads(logs.JsonLines().format(caplog.records[0]))
    assert (line["request_id"], line["account"]) == (entry, "test-a")
    assert line["message"].startswith(f"{entry} test-a: POST /verify/ refused with 106")


def test_a_stopped_server_logs_nothing_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An explanation that takes long is not waited for, nor do those behind it come later."""
    begun, goes_on = threading.Event(), threading.Event()

    def describe(*_: object) -> str:
        begun.set()
        goes_on.wait(PATIENCE)
        return "explained too late"

    monkeypatch.setattr("mock_server.web.refusals.describe", describe)
    with caplog.at_level(logging.INFO, "mock_server"):
        with Kit(tmp_path) as kit:
            kit.verify(secret="wrong")
            kit.verify(key="nobody")
            assert begun.wait(PATIENCE)
        thread = kit.service._refusal_log._thread
        goes_on.set()
        assert thread is not None
        thread.join(PATIENCE)
    assert (thread.is_alive(), caplog.messages) == (False, [])


def test_a_refusal_is_one_line_and_many_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "mock_server"), Kit(tmp_path) as kit:
        for _ in range(17):
            kit.verify(secret="wrong")
            kit.service._refusal_log.flush()
        kit.verify(key="nobody")
        kit.service._refusal_log.flush()
    refused = [line for line in caplog.messages if "refused with 106: " in line]
    assert len(refused) == 5
    assert sum("refused with 101" in line for line in caplog.messages) == 1
    assert "… 12 more like this: test-a: cloudcheck verify refused with 106" in caplog.messages


def test_what_is_repeated_is_shown_again_after_a_while() -> None:
    repeated: Repeated[str] = Repeated(shown=2, seconds=10.0, kinds=2)
    assert [repeated.passes("a", 0.0) for _ in range(5)] == [True, True, False, False, False]
    assert repeated.passes("b", 1.0)
    assert repeated.ended(9.9) == []
    assert repeated.ended(10.0) == [More("a", 3)]
    assert repeated.passes("a", 10.0)
    assert [repeated.passes(f"c{number}", 10.0) for number in range(3)] == [True, False, False]


# -- nobody waits for a reader


def serve(folder: Path, *options: str, **popen_options: Any) -> tuple[subprocess.Popen[bytes], int]:
    (folder / "scenarios").mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "mock_server",
        "serve",
        "--port",
        "0",
        "--scenarios",
        str(folder / "scenarios"),
    ]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_SERVER_")}
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, env=environ, **popen_options)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())["port"]


@contextlib.contextmanager
def unread_pipe() -> Iterator[int]:
    reader, writer = os.pipe()
    yield writer
    os.close(reader)


@contextlib.contextmanager
def stopped_terminal() -> Iterator[int]:
    controller, terminal = os.openpty()
    yield terminal
    os.close(controller)


@pytest.mark.parametrize("reader", [unread_pipe, stopped_terminal])
@pytest.mark.parametrize("workers", [1, 2])
def test_an_unread_log_keeps_nobody_waiting(tmp_path: Path, reader: Any, workers: int) -> None:
    options = ["--log-level", "debug", "--workers", str(workers), "--store", f"sqlite:{tmp_path / 's.db'}"]
    with reader() as descriptor:
        process, port = serve(tmp_path, *options, stderr=descriptor)
        os.close(descriptor)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        for number in range(150):
            connection.request("GET", f"/{number}/{'long' * 500}")
            assert connection.getresponse().read()
        connection.request("GET", "/__admin/health")
        assert connection.getresponse().status == 200
        connection.close()
        began = time.monotonic()
        process.terminate()
        assert process.wait(PATIENCE) == 0
        # Five seconds is what it took to be killed; a busy machine needs more than the one that is promised.
        assert time.monotonic() - began < 4
        assert process.stdout is not None
        process.stdout.close()


def test_what_finds_no_room_is_counted() -> None:
    reader, writer = os.pipe()
    handler = logs.PatientHandler(writer, room=300_000)
    handler.setFormatter(logging.Formatter("%(message)s"))
    for number in range(100):
        handler.emit(logging.LogRecord("x", logging.INFO, "", 0, f"{number:04d} {'é' * 5000}", (), None))
    read: list[bytes] = []

    def read_up() -> None:
        while data := os.read(reader, 65536):
            read.append(data)

    thread = threading.Thread(target=read_up)
    thread.start()
    while handler._lines:
        handler.flush()
    handler.emit(logging.LogRecord("x", logging.INFO, "", 0, "the last one", (), None))
    handler.flush()
    os.close(writer)
    thread.join(PATIENCE)
    os.close(reader)
    lines = b"".join(read).decode().splitlines()
    # One note, or two where the handler's thread has begun to write before all lines were there.
    notes = [line for line in lines if line.endswith("lines of the log were dropped: stderr was not read")]
    dropped = sum(int(note.split()[1]) for note in notes)
    assert dropped > 0
    assert lines[-1] == "the last one"
    assert len(lines) == 100 - dropped + len(notes) + 1


# -- workers


def read_lines(path: Path, text: str, count: int = 1) -> list[str]:
    """Those with the text, once there are so many."""
    deadline = time.monotonic() + PATIENCE
    while True:
        lines = [line for line in path.read_text("utf-8").splitlines() if text in line]
        if len(lines) >= count:
            return lines
        assert time.monotonic() < deadline, path.read_text("utf-8")
        time.sleep(0.02)


def test_workers_say_once_what_all_see_and_a_killed_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as log:
        process, port = serve(
            tmp_path, "--workers", "4", "--store", f"sqlite:{tmp_path / 's.db'}", stderr=log
        )
    try:
        (tmp_path / "scenarios" / "a.yaml").write_text(
            "version: 1\nprovider: shuftipro\nscenarios:\n  - {name: a, respond: {outcome: accepted}}\n"
        )
        read_lines(path, "reloaded: 1 scenario, 1 file changed")
        workers = psutil.Process(process.pid).children()
        os.kill(workers[-1].pid, signal.SIGKILL)
        (line,) = read_lines(path, "was killed by")
        assert line.endswith(
            f"worker process {workers[-1].pid} was killed by SIGKILL; another one is started in its place"
        )
        deadline = time.monotonic() + PATIENCE
        while len(psutil.Process(process.pid).children()) < 4:
            assert time.monotonic() < deadline
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        ) as connection:
            connection.request("GET", "/__admin/health")
            assert connection.getresponse().status == 200
        # All have had the time of several looks at the files.
        assert len(read_lines(path, "reloaded: ")) == 1
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert process.stdout is not None
        process.stdout.close()
    assert "SIGTERM" not in path.read_text("utf-8")


# -- TLS


def test_a_client_that_does_not_trust_the_certificate_is_logged(
    certificate: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    live = LiveServer(EchoService(), EchoApp().factory, certfile=certificate[0], keyfile=certificate[1])
    with live as server:
        for _ in range(3):
            with (
                socket.create_connection(("127.0.0.1", server.port), PATIENCE) as plain,
                pytest.raises(ssl.SSLCertVerificationError),
            ):
                ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")
        deadline = time.monotonic() + PATIENCE
        while not caplog.messages:
            assert time.monotonic() < deadline
    assert caplog.messages == [
        "TLS: a client does not trust the certificate; give the client the certificate's authority as one that it trusts"
    ]


# -- terminals


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "iso8859-1", "cp437", "koi8-r"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["lint"],
        ["lint", "{folder}"],
        ["lint", "--format", "json", "{folder}"],
        ["schema"],
        ["scenarios", "--scenarios", "{folder}"],
        ["try", "{folder}"],
        ["explain", "{folder}/request.http", "--scenarios", "{folder}"],
        ["sign", "--provider", "shuftipro", "--body", '{"reference": "Tūī 😀"}'],
        ["verify", "--provider", "shuftipro", "--body", '{"reference": "Tūī 😀"}', "--signature", "00"],
        ["nonsense-😀"],
        ["ready", "--url", "http://127.0.0.1:1"],
        ["version"],
    ],
    ids=lambda arguments: " ".join(arguments[:3]),
)
def test_a_verb_writes_to_any_terminal(
    encoding: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_text(
        "version: 1\nprovider: shuftipro\nscenarios:\n  - name: Tūī-😀\n    description: Hēmi → “tahi”…\n"
        "    match: {operation: verification}\n    respond: {outcome: accepted, merge: {note: 日本語 😀}}\n",
        "utf-8",
    )
    (tmp_path / "request.http").write_text(
        'POST / HTTP/1.1\nContent-Type: application/json\n\n{"reference": "Tūī 😀"}\n', "utf-8"
    )
    command = [argument.replace("{folder}", str(tmp_path)) for argument in arguments]
    codes, texts = [], []
    for charset in ("utf-8", encoding):
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding=charset, write_through=True)
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(sys, "stderr", stream)
        codes.append(run(command))
        stream.flush()
        texts.append(raw.getvalue())
    assert codes[0] == codes[1]
    assert len(texts[1]) > 0
    if "json" in arguments:
        assert json.loads(texts[0]) == json.loads(texts[1].decode(encoding))


def test_what_a_terminal_lacks_is_readable_in_its_place() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp1252")
    show_anything(stream)
    stream.write("Tūī → “tahi”… 😀 \ud83d")
    stream.flush()
    assert raw.getvalue().decode("cp1252") == "T\\u016b\\u012b -> “tahi”… \\ud83d\\ude00 \\ud83d"
    assert json.loads('"\\ud83d\\ude00"') == "😀"


def test_a_machine_without_a_locale_is_no_hindrance(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "mock_server", "demo"]
    done = subprocess.run(command, env=environ, capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stdout + done.stderr
