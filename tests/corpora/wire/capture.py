"""``make corpora``: send the cases with each client, and keep the bytes in ``requests/`` with what they are
in ``index.json``.

Nothing but this needs the clients. On Debian: golang-go, cargo, default-jdk-headless, maven, nodejs, npm,
php-cli, php-curl, php-guzzlehttp-guzzle, ruby, ruby-faraday. ``ARGS="okhttp go"`` captures these only.
Libraries go to ``build/corpora``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.corpora.wire import dotnet
from tests.corpora.wire.cases import cases
from tests.corpora.wire.recorder import Recorder

FOLDER = Path(__file__).parent
BUILD = FOLDER.parents[2] / "build" / "corpora"
REQUESTS, INDEX = FOLDER / "requests", FOLDER / "index.json"
HOST = "127.0.0.1:8484"
"""What every ``Host`` says, whatever port the recorder had."""
CAPTURED = "sent by the client to a recording server"


class Language(NamedTuple):
    """How its clients are installed and run; ``{build}`` is the folder with its programs."""

    install: Sequence[str]
    run: Sequence[str]


class Client(NamedTuple):
    """One HTTP client and the cases that it sends beyond the usual four."""

    name: str
    language: str
    more: tuple[str, ...] = ()


LANGUAGES = {
    "go": Language(("go", "build", "-o", "wire", "."), ("{build}/wire",)),
    "java": Language(
        ("mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory={build}/jars"),
        ("java", "-cp", "{build}/jars/*", "{build}/Wire.java"),
    ),
    "node": Language(
        (
            "npm",
            "install",
            "--no-package-lock",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
        ),
        ("node", "{build}/send.mjs"),
    ),
    "php": Language(("php", "-r", "require 'GuzzleHttp/autoload.php';"), ("php", "{build}/send.php")),
    "python": Language(
        (sys.executable, "-m", "pip", "install", "-q", "--target", "{build}/site", "-r", "requirements.txt"),
        (sys.executable, "{build}/send.py"),
    ),
    "ruby": Language(("ruby", "-e", "require 'faraday'"), ("ruby", "{build}/send.rb")),
    "rust": Language(("cargo", "build", "--quiet"), ("{build}/target/debug/wire",)),
}
CLIENTS = (
    Client("apache-httpclient5", "java", ("extended", "expect")),
    Client("java-httpclient", "java", ("chunked", "expect")),
    Client("okhttp", "java", ("chunked",)),
    Client("go", "go", ("chunked",)),
    Client("axios", "node", ("bearer", "shufti-multipart")),
    Client("fetch", "node"),
    Client("got", "node"),
    Client("node-fetch", "node"),
    Client("node-http", "node", ("chunked",)),
    Client("request", "node"),
    Client("superagent", "node"),
    Client("undici", "node"),
    Client("guzzle", "php", ("expect", "shufti-multipart")),
    Client("php-curl", "php", ("expect",)),
    Client("aiohttp", "python"),
    Client("httpx", "python"),
    Client("requests", "python", ("bearer", "shufti-multipart")),
    Client("urllib3", "python"),
    Client("faraday", "ruby"),
    Client("net-http", "ruby"),
    Client("reqwest", "rust"),
)


def main(names: Sequence[str]) -> int:
    """1 where a client could not be captured; its committed bytes then stay as they are."""
    unknown = {*names} - {client.name for client in CLIENTS} - {dotnet.NAME}
    if unknown:
        print(
            f"unknown client {min(unknown)}; choose from {', '.join(client.name for client in CLIENTS)}, {dotnet.NAME}",
            file=sys.stderr,
        )
        return 2
    chosen = [client for client in CLIENTS if not names or client.name in names]
    failed = []
    with Recorder() as recorder:
        for client in chosen:
            try:
                _capture(client, recorder)
                print(f"captured {client.name}")
            except (OSError, subprocess.CalledProcessError, ValueError) as error:
                failed.append(client.name)
                print(
                    f"not captured: {client.name}: {getattr(error, 'stderr', None) or error}", file=sys.stderr
                )
    if not names or dotnet.NAME in names:
        print(f"written {dotnet.NAME}")
        _keep(
            dotnet.NAME,
            dotnet.VERSION,
            dotnet.HOW,
            dotnet.cases(),
            [dotnet.request(case, HOST) for case in dotnet.cases()],
        )
    return 1 if failed else 0


def _capture(client: Client, recorder: Recorder) -> None:
    requests = cases(client.name, client.more)
    version, sent = send(client.name, client.language, requests, recorder)
    _keep(client.name, version, CAPTURED, requests, sent)


def send(
    client: str, language: str, requests: Sequence[dict[str, Any]], recorder: Recorder
) -> tuple[str, list[bytes]]:
    """The client's version, and the bytes of each case as it sends them."""
    build = _installed(language)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        json.dump(requests, file, ensure_ascii=False)
        file.flush()
        command = [part.format(build=build) for part in LANGUAGES[language].run]
        address = f"http://127.0.0.1:{recorder.port}"
        done = subprocess.run(
            [*command, client, address, file.name],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    sent = [
        bytes_.replace(f"127.0.0.1:{recorder.port}".encode(), HOST.encode()) for bytes_ in recorder.taken()
    ]
    if len(sent) != len(requests):
        raise ValueError(f"{len(sent)} requests came instead of {len(requests)}")
    return done.stdout.strip(), sent


@cache
def _installed(language: str) -> Path:
    """The folder with the language's programs and libraries, made once a run of `make corpora`."""
    build = BUILD / language
    shutil.copytree(FOLDER / "clients" / language, build, dirs_exist_ok=True)
    command = [part.format(build=build) for part in LANGUAGES[language].install]
    subprocess.run(command, cwd=build, capture_output=True, text=True, check=True, timeout=600)
    return build


def _keep(
    name: str, version: str, how: str, sent: Sequence[dict[str, Any]], requests: Sequence[bytes]
) -> None:
    """Write the client's requests, and its rows of the index in place of the old ones."""
    rows = [row for row in json.loads(INDEX.read_text()) if row["client"] != name] if INDEX.exists() else []
    for old in REQUESTS.glob(f"{name}.*.http"):
        old.unlink()
    for case, request in zip(sent, requests):
        file = f"{name}.{case['case']}.http"
        (REQUESTS / file).write_bytes(request)
        rows.append({"file": file, "client": name, "version": version, "case": case["case"], "how": how})
    INDEX.write_text(
        json.dumps(sorted(rows, key=lambda row: row["file"]), indent=1, ensure_ascii=False) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
