"""The mock servers we compare with: how each is had from the public registries, set up for one route, and
started.

Each peer answers ``POST /verify/`` with the same 600 bytes of JSON whatever it is sent: its cheapest way to
be of use. None of them checks a signature, claims a nonce or signs; moto, which has no routes of one's own,
answers the AWS call that costs it least."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path

from benchmarks import signed, wrk

ANSWER = {
    "verification": {
        "verificationReference": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
        "reference": "bench",
        "verificationSuccess": True,
        "details": {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1987-03-14"},
        "padding": "x" * 370,
    }
}
JSON = {"Content-Type": "application/json"}
Command = Callable[[int, Path], list[str]]
RequestSource = Callable[[int, str], Iterator[bytes]]


class CannotInstall(Exception):
    """Why a peer is not in the table."""


@dataclass(frozen=True, eq=False)
class Peer:
    """One server of the comparison."""

    name: str
    install: Callable[[Path], None]
    """Into the folder. Raises `CannotInstall`."""
    set_up: Callable[[Path, int], None]
    """Writes what it reads at its start, for this port."""
    command: Command
    version: Callable[[Path], str]
    requests: RequestSource = signed.verify_requests
    single_use: bool = False
    """Whether a request may be sent only once."""
    environment: dict[str, str] = field(default_factory=dict)
    note: str = ""
    place: str = ""
    """Name of its folder; empty: the peer's name up to a comma."""


def run(
    command: list[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float = 600,
) -> str:
    """The command's output. Raises `CannotInstall` with the end of what it said."""
    try:
        variables = {**os.environ, **(environment or {})}
        done = subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, timeout=timeout, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotInstall(f"{command[0]}: {error}") from None
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).strip().splitlines() if line.strip()]
        raise CannotInstall(f"{' '.join(command[:3])}: {said[-1][:200] if said else done.returncode}")
    return done.stdout


def _npm(package: str) -> Callable[[Path], None]:
    def install(folder: Path) -> None:
        if (folder / "node_modules" / package).exists():
            return
        if not shutil.which("npm"):
            raise CannotInstall("there is no npm")
        (folder / "package.json").write_text('{"private": true}')
        run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", package], folder=folder)

    return install


def _with_java(install: Callable[[Path], None]) -> Callable[[Path], None]:
    def both(folder: Path) -> None:
        if not shutil.which("java"):
            run(["apt-get", "install", "-y", "-qq", "default-jre-headless"])
        install(folder)

    return both


def _pip(*packages: str, environment: Mapping[str, str] | None = None) -> Callable[[Path], None]:
    def install(folder: Path) -> None:
        if not (folder / "venv" / "done").exists():
            run([sys.executable, "-m", "venv", str(folder / "venv")])
            command = [
                str(folder / "venv/bin/python"),
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                *packages,
            ]
            run(command, environment=environment)
            (folder / "venv" / "done").touch()

    return install


def _npm_version(package: str) -> Callable[[Path], str]:
    return lambda folder: str(
        json.loads((folder / "node_modules" / package / "package.json").read_text())["version"]
    )


def _pip_version(package: str) -> Callable[[Path], str]:
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return lambda folder: run([str(folder / "venv/bin/python"), "-c", code]).strip()


def _nothing(folder: Path, port: int) -> None:
    """Needs no files."""


def _jar(folder: Path, pattern: str) -> str:
    return str(next((folder / "node_modules").glob(pattern)))


# -- WireMock


def _wiremock_files(folder: Path, port: int) -> None:
    (folder / "mappings").mkdir(exist_ok=True)
    response = {"status": 200, "headers": JSON, "body": json.dumps(ANSWER)}
    (folder / "mappings" / "verify.json").write_text(
        json.dumps({"request": {"method": "POST", "urlPath": "/verify/"}, "response": response})
    )


def _wiremock(*options: str) -> Command:
    return lambda port, folder: [
        "java", "-jar", _jar(folder, "wiremock/build/*.jar"), "--port", str(port), "--bind-address", "127.0.0.1",
        "--root-dir", str(folder), "--disable-banner", *options,
    ]  # fmt: skip


# -- mountebank


def _mountebank_files(folder: Path, port: int) -> None:
    answer = {"is": {"statusCode": 200, "headers": JSON, "body": json.dumps(ANSWER)}}
    stub = {"predicates": [{"equals": {"method": "POST", "path": "/verify/"}}], "responses": [answer]}
    (folder / "imposters.json").write_text(
        json.dumps({"imposters": [{"port": port, "protocol": "http", "host": "127.0.0.1", "stubs": [stub]}]})
    )


def _mountebank(port: int, folder: Path) -> list[str]:
    program = str(folder / "node_modules/.bin/mb")
    options = [
        "--configfile",
        "imposters.json",
        "--port",
        str(port + 1),
        "--host",
        "127.0.0.1",
        "--nologfile",
        "--loglevel",
        "error",
    ]
    return [program, *options, "--pidfile", "mb.pid"]


# -- json-server

_MIDDLEWARE = """
const answer = JSON.stringify(%s)
module.exports = (request, response, next) => {
  if (request.method !== 'POST' || request.path !== '/verify/') return next()
  response.setHeader('Content-Type', 'application/json')
  response.end(answer)
}
"""


def _json_server_files(folder: Path, port: int) -> None:
    (folder / "db.json").write_text('{"verify": []}')
    (folder / "verify.js").write_text(_MIDDLEWARE % json.dumps(ANSWER))


def _json_server(port: int, folder: Path) -> list[str]:
    program = str(folder / "node_modules/.bin/json-server")
    return [
        program,
        "db.json",
        "--middlewares",
        "verify.js",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--quiet",
    ]


# -- Mockoon


def _mockoon_files(folder: Path, port: int) -> None:
    response = {
        "uuid": "00000000-0000-4000-8000-000000000003", "body": json.dumps(ANSWER), "latency": 0, "statusCode": 200, "label": "",
        "headers": [{"key": "Content-Type", "value": "application/json"}], "bodyType": "INLINE", "filePath": "", "databucketID": "",
        "sendFileAsBody": False, "rules": [], "rulesOperator": "OR", "disableTemplating": True, "fallbackTo404": False, "default": True,
        "crudKey": "id", "callbacks": [],
    }  # fmt: skip
    route = {
        "uuid": "00000000-0000-4000-8000-000000000002", "type": "http", "documentation": "", "method": "post", "endpoint": "verify/",
        "responses": [response], "responseMode": None, "streamingMode": None, "streamingInterval": 0,
    }  # fmt: skip
    environment = {
        "uuid": "00000000-0000-4000-8000-000000000001", "lastMigration": 33, "name": "bench", "endpointPrefix": "", "latency": 0,
        "port": port, "hostname": "127.0.0.1", "folders": [], "routes": [route], "rootChildren": [{"type": "route", "uuid": route["uuid"]}],
        "proxyMode": False, "proxyHost": "", "proxyRemovePrefix": False, "tlsOptions": {"enabled": False, "type": "CERT", "pfxPath": "",
        "certPath": "", "keyPath": "", "caPath": "", "passphrase": ""}, "cors": False, "headers": [], "proxyReqHeaders": [],
        "proxyResHeaders": [], "data": [], "callbacks": [],
    }  # fmt: skip
    (folder / "mockoon.json").write_text(json.dumps(environment))


def _mockoon(port: int, folder: Path) -> list[str]:
    program = str(folder / "node_modules/.bin/mockoon-cli")
    return [
        program,
        "start",
        "--data",
        "mockoon.json",
        "--port",
        str(port),
        "--hostname",
        "127.0.0.1",
        "--disable-log-to-file",
    ]


# -- Prism


def _prism_files(folder: Path, port: int) -> None:
    form = {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}
    answer = {
        "description": "verified",
        "content": {"application/json": {"schema": {"type": "object"}, "example": ANSWER}},
    }
    operation = {"requestBody": {"content": form}, "responses": {"200": answer}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "bench", "version": "1"},
        "paths": {"/verify/": {"post": operation}},
    }
    (folder / "openapi.json").write_text(json.dumps(document))


def _prism(port: int, folder: Path) -> list[str]:
    return [
        str(folder / "node_modules/.bin/prism"),
        "mock",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-v",
        "silent",
        "openapi.json",
    ]


# -- MockServer


def _mockserver_files(folder: Path, port: int) -> None:
    response = {
        "statusCode": 200,
        "headers": {"Content-Type": ["application/json"]},
        "body": json.dumps(ANSWER),
    }
    (folder / "expectations.json").write_text(
        json.dumps([{"httpRequest": {"method": "POST", "path": "/verify/"}, "httpResponse": response}])
    )


def _mockserver(port: int, folder: Path) -> list[str]:
    options = [
        "-Dmockserver.initializationJsonPath=expectations.json",
        "-Dmockserver.logLevel=WARN",
        "-Dmockserver.localBoundIP=127.0.0.1",
    ]
    return [
        "java",
        *options,
        "-jar",
        _jar(folder, "mockserver-node/*with-dependencies.jar"),
        "-serverPort",
        str(port),
    ]


# -- pytest-httpserver

_HTTPSERVER = """
import json, sys, threading
from pytest_httpserver import HTTPServer
server = HTTPServer(host="127.0.0.1", port=int(sys.argv[1]))
server.expect_request("/verify/", method="POST").respond_with_json(json.loads(sys.argv[2]))
server.start()
threading.Event().wait()
"""


def _httpserver(port: int, folder: Path) -> list[str]:
    return [str(folder / "venv/bin/python"), "-c", _HTTPSERVER, str(port), json.dumps(ANSWER)]


# -- moto


def _moto_requests(count: int, host: str) -> Iterator[bytes]:
    for number in range(count):
        body = f"Action=GetCallerIdentity&Version=2011-06-15&Padding={number:0440d}".encode()
        headers = signed.FORM_HEADERS | {
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAMOCK/20260101/us-east-1/sts/aws4_request"
        }
        yield wrk.raw("POST", "/", body, headers, host)


def _moto(port: int, folder: Path) -> list[str]:
    return [str(folder / "venv/bin/moto_server"), "-H", "127.0.0.1", "-p", str(port)]


def peers() -> list[Peer]:
    """In the order of the table."""
    java = _with_java(_npm("wiremock"))
    version = _npm_version("wiremock")
    middleware = "answer from a middleware"
    return [
        Peer("WireMock", java, _wiremock_files, _wiremock(), version, note="journal on, as it is by default"),
        Peer("WireMock, no journal", java, _wiremock_files, _wiremock("--no-request-journal"), version),
        Peer("json-server", _npm("json-server"), _json_server_files, _json_server, _npm_version("json-server"), note=middleware),
        Peer("mountebank", _npm("mountebank"), _mountebank_files, _mountebank, _npm_version("mountebank")),
        Peer(
            "MockServer", _with_java(_npm("mockserver-node")), _mockserver_files, _mockserver,
            lambda folder: Path(_jar(folder, "mockserver-node/*with-dependencies.jar")).name.split("-")[2],
        ),
        Peer("Prism", _npm("@stoplight/prism-cli"), _prism_files, _prism, _npm_version("@stoplight/prism-cli")),
        Peer("pytest-httpserver", _pip("pytest-httpserver"), _nothing, _httpserver, _pip_version("pytest-httpserver")),
        Peer("Mockoon CLI", _npm("@mockoon/cli"), _mockoon_files, _mockoon, _npm_version("@mockoon/cli")),
        Peer("moto server", _pip("moto[server]"), _nothing, _moto, _pip_version("moto"), _moto_requests, note="STS GetCallerIdentity"),
    ]  # fmt: skip


# -- ourselves

_SCENARIO = """  - name: never-{number}
    match: {{operation: verify, body.details.name.family: Nobody{number}}}
    respond: {{outcome: pep-match}}
"""


_LATER = """version: 1
provider: shuftipro
scenarios:
  - name: callbacks-in-an-hour
    match: {operation: verification, body.reference: {prefix: later-}}
    respond: {outcome: accepted}
    callbacks: [{event: verification.accepted, after: 1h}]
"""


def scenario_files(folder: Path, count: int = 100) -> Path:
    """``count`` Cloudcheck scenarios of which the last answers the benchmark's requests, and one for Shufti
    Pro."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "version: 1\nprovider: cloudcheck\nscenarios:\n"
    text += "".join(_SCENARIO.format(number=number) for number in range(count - 1))
    text += "  - name: bench\n    match: {operation: verify, body.reference: {prefix: bench-}}\n    respond: {outcome: verified}\n"
    for name, content in (("cloudcheck.yaml", text), ("shuftipro.yaml", _LATER)):
        if not (folder / name).exists() or (folder / name).read_text() != content:
            (folder / name).write_text(content)
    return folder


PLAIN, COMPILED = "this server", "this server, compiled"
SQLITE, TWO_PROCESSES = "this server, SQLite", "this server, SQLite, 2 processes"


def ourselves(root: Path) -> list[Peer]:
    """The product as it is in the checkout: plain and compiled on the memory store, plain on SQLite."""
    plain, compiled = _installer(root, compiled=False), _installer(root, compiled=True)
    return [
        _our_server(PLAIN, "plain", plain),
        _our_server(COMPILED, "compiled", compiled),
        _our_server(SQLITE, "plain", plain, database="one.db"),
    ]


def two_processes(root: Path) -> Peer:
    return _our_server(
        TWO_PROCESSES, "plain", _installer(root, compiled=False), "--workers", "2", database="two.db"
    )


def of_commit(root: Path, commit: str) -> list[Peer]:
    """The product as it was, built from a worktree that is removed again."""
    return [
        _our_server(
            f"{commit}{suffix}", f"{commit}-{kind}", _installer(root, compiled=compiled, commit=commit)
        )
        for suffix, kind, compiled in (("", "plain", False), (", compiled", "compiled", True))
    ]


def _our_server(
    name: str, place: str, install: Callable[[Path], None], *options: str, database: str = ""
) -> Peer:
    store = ("--store", f"sqlite:{database}") if database else ()

    def set_up(folder: Path, port: int) -> None:
        scenario_files(folder / "scenarios")
        for file in folder.glob(f"{database}*" if database else "no database"):
            file.unlink()

    def command(port: int, folder: Path) -> list[str]:
        program = [str(folder / "venv/bin/mock-server"), "serve", "--port", str(port)]
        return [
            *program,
            "--scenarios",
            str(folder / "scenarios"),
            "--log-level",
            "warning",
            *options,
            *store,
        ]

    version = _pip_version("kyc-mock-server")
    return Peer(name, install, set_up, command, version, single_use=True, place=place)


def _installer(root: Path, *, compiled: bool, commit: str = "") -> Callable[[Path], None]:
    """Installs the checkout, or one of its commits, unless the folder has just that."""

    def install(folder: Path) -> None:
        stamp = folder / "installed"
        state = commit or _state_of(root)
        if stamp.exists() and stamp.read_text() == state:
            return
        shutil.rmtree(folder / "venv", ignore_errors=True)
        with _source(root, commit) as source:
            _pip(str(source), environment={"MOCK_SERVER_COMPILE": "1" if compiled else "0"})(folder)
        version = run([str(folder / "venv/bin/mock-server"), "version"])
        if ("compiled" in version) != compiled:
            raise CannotInstall(f"{'nothing' if compiled else 'something'} was compiled: {version.strip()}")
        stamp.write_text(state)

    return install


def _state_of(root: Path) -> str:
    """The checkout's commit and what has been changed since."""
    changes = run(["git", "diff", "HEAD", "--", "mock_server", "setup.cfg", "setup.py"], folder=root)
    head = run(["git", "rev-parse", "HEAD"], folder=root).strip()
    return f"{head} {sha256(changes.encode()).hexdigest()}"


@contextmanager
def _source(root: Path, commit: str) -> Iterator[Path]:
    """The checkout itself, or a temporary worktree of the commit."""
    if not commit:
        yield root
        return
    with tempfile.TemporaryDirectory() as folder:
        worktree = Path(folder, "source")
        run(["git", "worktree", "add", "--detach", str(worktree), commit], folder=root)
        try:
            yield worktree
        finally:
            run(["git", "worktree", "remove", "--force", str(worktree)], folder=root)


def take(requests: Iterator[bytes], count: int) -> list[bytes]:
    return list(islice(requests, count))


def size(folder: Path) -> int:
    """Bytes of the files below a folder, each once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                total += status.st_size
    return total
