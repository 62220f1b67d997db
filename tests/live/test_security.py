"""The threat model against a running server: who may call, who is warned, and where a secret might show."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mock_server.client import MockServer
from mock_server.core import config
from mock_server.core.config import openings
from mock_server.core.target import TargetError, parse_target
from mock_server.delivery.targets import Policy
from mock_server.web.http.serving import LiveServer
from tests.receivers import Behaviour, Conversation, ReceivedRequest, Receiver, redirects, says, trickles
from tests.redis_server import RedisServer
from tests.web.kit import Kit

PATIENCE = 20.0


# -- who may call


@pytest.mark.parametrize(
    "path",
    [
        "/__admin/reset?all=1",
        "/%5F_admin/reset",
        "//__admin/reset",
        "/cloudcheck/__admin/reset",
        "/a/../__admin/reset",
        "/__admin",
        "/%5f%5fadmin/health",
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1:8484", "localhost", "[::1]:1", "mock.internal", "example.org"])
def test_callbacks_never_call_the_control_api(host: str, path: str) -> None:
    with pytest.raises(TargetError, match="callbacks never call the control API"):
        parse_target(f"http://{host}{path}")


@pytest.mark.parametrize(
    "path", ["/hooks/__administration", "/admin", "/?next=/__admin/reset", "/#/__admin/x"]
)
def test_other_paths_are_called(path: str) -> None:
    assert parse_target(f"http://localhost:3000{path}").port == 3000


def test_a_caller_cannot_have_the_accounts_reset(tmp_path: Path) -> None:
    """The confused deputy, over the wire: the server is asked to call itself."""
    kit = Kit(tmp_path)
    with LiveServer(kit.service, lambda: kit.app) as server:
        kit.check(callback_url=f"{server.url}/__admin/reset?all=1")
        kit.service.dispatcher.run_due()
        assert kit.get("verifications")["total"] == 1
        callback = kit.get("callbacks")["callbacks"][0]
        assert "never call the control API" in callback["attempts"][0]["error"]


def alias_of(server: LiveServer, path: str) -> Behaviour:
    """A reverse proxy that passes whatever comes on to one path of the server."""

    def pass_on(request: ReceivedRequest) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(request.method, path, request.body, {**request.headers, "host": "localhost"})
            answer = connection.getresponse()
            return answer.status, answer.read()

    async def behave(talk: Conversation, request: ReceivedRequest) -> None:
        talk.answer(*await asyncio.get_running_loop().run_in_executor(None, pass_on, request))

    return behave


def test_a_callback_to_the_control_api_by_an_alias_is_refused(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    with (
        LiveServer(kit.service, lambda: kit.app) as server,
        Receiver(alias_of(server, "/__admin/reset?all=1")) as proxy,
    ):
        kit.check(callback_url=f"{proxy.url}/hooks")
        kit.service.dispatcher.run_due()
        (request,) = proxy.requests
        assert kit.get("verifications")["total"] == 1
        attempt = kit.get("callbacks")["callbacks"][0]["attempts"][0]
        assert attempt["status"] == 403
        assert "a callback of this mock server" in attempt["response"]["body"]
        again = kit.http.post("/__admin/reset?account=test-a", data=request.body)
        assert again.status_code == 200, "the same bytes from somebody else, when no callback is under way"


@pytest.mark.parametrize("path", ["/", "/verify/", "/hooks"])
def test_a_callback_to_a_mock_server_is_not_delivered(tmp_path: Path, path: str) -> None:
    """The mock server's port in place of the application's. At /verify/ it answers errors with 200."""
    kit = Kit(tmp_path)
    with LiveServer(kit.service, lambda: kit.app) as server:
        kit.check(callback_url=f"{server.url}{path}")
        kit.service.dispatcher.run_due()
    (callback,) = kit.get("callbacks")["callbacks"]
    (attempt,) = callback["attempts"]
    assert callback["state"] == "failed"
    assert attempt["error"] == (
        "a mock server answered, not your application: the callback's address leads to the mock server itself;"
        " give it your application's address"
    )


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("hooks.pizza", False),
        ("api.vendor.dev", False),
        ("app", True),
        ("app.default.svc.cluster.local", True),
        ("app.internal", True),
        ("app.test", True),
        ("named.example.org", True),
    ],
)
def test_a_public_name_that_does_not_resolve_is_not_allowed(host: str, is_allowed: bool) -> None:
    refusal = Policy.build(allow=["named.example.org"]).unknown(host)
    assert (refusal is None) == is_allowed
    if refusal is not None:
        assert refusal.remedy == f"start with --callback-allow {host}"


def test_a_public_name_is_refused_at_its_first_attempt(tmp_path: Path) -> None:
    with Kit(tmp_path) as kit:
        kit.check(callback_url="https://hooks.example.org/kyc")
        kit.service.dispatcher.run_due()
        callback = kit.get("callbacks")["callbacks"][0]
    assert (callback["state"], len(callback["attempts"])) == ("failed", 1)
    assert callback["attempts"][0]["error"].startswith("not allowed: hooks.example.org is a public name")


@pytest.mark.parametrize("token", ["geheim-ß", "Tūī 😀", "日本語", 'quote"+ %41'])
def test_a_token_may_have_any_characters(tmp_path: Path, token: str) -> None:
    kit = Kit(tmp_path, admin_token=token)
    with LiveServer(kit.service, lambda: kit.app) as server:
        with MockServer(server.url, token=token) as client:
            assert client.account("default").requests.count() == 0
        basic = base64.b64encode(f"any:{token}".encode()).decode()
        answers = [ask(server, authorization) for authorization in (f"Basic {basic}", "Bearer wrong", "")]
    assert answers == [200, 401, 401]


def ask(server: LiveServer, authorization: str) -> int:
    with contextlib.closing(
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    ) as connection:
        connection.request("GET", "/__admin/requests", headers={"Authorization": authorization})
        return connection.getresponse().status


@pytest.mark.parametrize(
    ("options", "warned"),
    [
        ({}, []),
        ({"host": "::1"}, []),
        ({"host": "localhost"}, []),
        ({"host": "0.0.0.0"}, ["--host 0.0.0.0 without --admin-token"]),
        ({"host": "::", "admin_token": "t"}, []),
        ({"host": "192.168.1.7"}, ["--host 192.168.1.7 without --admin-token"]),
        ({"cors": ["*"]}, ["--cors *"]),
        ({"cors": ["http://localhost:3000"]}, []),
    ],
    ids=str,
)
def test_a_server_that_is_open_says_so(options: dict[str, Any], warned: list[str]) -> None:
    warnings = openings(config.build(options))
    assert [
        line.partition(":")[0] if "cors" in line else line[: len(sign)]
        for line, sign in zip(warnings, warned)
    ] == warned
    assert len(warnings) == len(warned)


def test_calls_of_two_accounts_never_meet(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.check(account="test-a", reference="only-mine")
    status = kit.http.post(
        "/status",
        json={"reference": "only-mine"},
        headers={"Authorization": "Basic " + base64.b64encode(b"test-b:test-b-secret").decode()},
    )
    assert status.get_json(force=True)["event"] == "request.invalid"
    assert kit.get("verifications", account="test-b")["total"] == 0


def test_a_picture_is_open_unless_it_is_to_be_signed(tmp_path: Path) -> None:
    answers = {}
    for setting in ("open", "signed"):
        (tmp_path / setting).mkdir()
        kit = Kit(tmp_path / setting, settings={"cloudcheck": {"image_download": setting}})
        answers[setting] = kit.http.get("/live/download/no-such-token/1/").get_json(force=True)
    codes = {
        setting: re.findall(r'"error": (\d+)', json.dumps(answer)) for setting, answer in answers.items()
    }
    # Without a signature: what is open looks for the token, what is signed requires the key first.
    assert codes == {"open": ["105"], "signed": ["101"]}


# -- what a browser makes of an answer


def test_no_answer_is_taken_for_another_type(tmp_path: Path) -> None:
    paths = (
        "/__admin/health", "/__admin/ui/", "/__admin/requests", "/__admin/nothing", "/nothing", "/", "/__hosted/page.css",
        "/live/verify/none/", "/__admin/openapi.json",
    )  # fmt: skip
    kit = Kit(tmp_path)
    with LiveServer(kit.service, lambda: kit.app) as server:
        for path in paths:
            with contextlib.closing(
                http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            ) as connection:
                connection.request("GET", path)
                answer = connection.getresponse()
                assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"], path
            with kit.http.get(path) as answer_of_a_host:
                assert answer_of_a_host.headers["X-Content-Type-Options"] == "nosniff", path
        for path in ("/__admin/requests", "/__admin/ui/"):
            with kit.http.get(path) as answer_of_a_host:
                assert "frame-ancestors 'none'" in answer_of_a_host.headers["Content-Security-Policy"]


# -- receivers


@pytest.mark.parametrize("behaviour", [trickles, says(b"HTTP/1.1 200 OK\r\n" + b"x" * 100_000)])
def test_a_receiver_that_never_ends_is_left(tmp_path: Path, behaviour: Any) -> None:
    from mock_server.delivery.client import OutgoingRequest, make_client

    async def send(url: str) -> str:
        client = make_client(Policy.build())
        answer = await client.send(OutgoingRequest(url, b"{}", timeout=0.3))
        await client.close()
        return answer.error

    import asyncio

    with Receiver(behaviour) as receiver:
        assert asyncio.run(send(receiver.url)) != ""


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    with Receiver(redirects) as receiver, Kit(tmp_path) as kit:
        kit.check(callback_url=f"{receiver.url}/hook")
        kit.service.dispatcher.run_due()
        assert [request.path for request in receiver.requests] == ["/hook"]


# -- secrets

CANARY = "canary-5ecret"
CONFIG = f"""\
accounts:
  acme:
    cloudcheck: {{key: acme-key-0123456, secret: "{CANARY}-cloudcheck"}}
    shuftipro: {{client_id: acme-client, secret_key: "{CANARY}-shuftipro", callback_domains: [127.0.0.1, localhost]}}
"""


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[int, Path, RedisServer]]:
    """A server with a secret in every place that takes one; its port, its log, its Redis."""
    redis_server = RedisServer(tmp_path)
    redis_server.start("--requirepass", f"{CANARY}-redis", wait=False)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "config.yaml").write_text(CONFIG)
    command = [
        sys.executable, "-m", "mock_server", "serve", "--port", "0", "--log-level", "debug",
        "--scenarios", str(tmp_path / "scenarios"), "--config", str(tmp_path / "config.yaml"),
        "--admin-token", f"{CANARY}-admin", "--store", f"redis://:{CANARY}-redis@127.0.0.1:{redis_server.port}/0",
        "--callback-proxy", f"http://proxy:{CANARY}-proxy@127.0.0.1:1",
    ]  # fmt: skip
    deadline = time.monotonic() + PATIENCE
    log = tmp_path / "log"
    while True:
        with log.open("ab") as file:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file)
        assert process.stdout is not None
        first = process.stdout.readline()
        if first:
            break
        assert time.monotonic() < deadline, log.read_text()
        process.wait()
    yield json.loads(first)["port"], log, redis_server
    process.terminate()
    process.wait(PATIENCE)
    process.stdout.close()
    redis_server.kill()


def test_no_surface_shows_a_secret(guarded: tuple[int, Path, RedisServer]) -> None:
    port, log, redis_server = guarded
    seen: dict[str, bytes] = {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def call(method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        raw = answer.read()
        seen[f"{method} {path} {len(seen)}"] = str(answer.headers).encode() + raw
        return raw

    def admin(method: str, path: str, body: bytes = b"") -> Any:
        return call(method, f"/__admin/{path}", body, Authorization=f"Bearer {CANARY}-admin")

    person = {"name": {"first_name": "Ada", "last_name": "Okafor"}, "dob": "1987-03-14"}
    for secret in (f"{CANARY}-shuftipro", "wrong", f"{CANARY}-cloudcheck"):
        basic = base64.b64encode(f"acme-client:{secret}".encode()).decode()
        request = {"reference": f"ref-{len(seen)}", "country": "NZ", "background_checks": person}
        body = {**request, "callback_url": "http://127.0.0.1:1/hook"}
        call("POST", "/", json.dumps(body).encode(), Authorization=f"Basic {basic}")
    # The secret where it does not belong: as a key, in the path, in a body, as the user's name.
    call("POST", f"/verify/?key={CANARY}-cloudcheck", b"")
    call("GET", f"/{CANARY}-cloudcheck/status")
    basic = base64.b64encode(f"{CANARY}-shuftipro:acme-client".encode()).decode()
    call(
        "POST", "/", json.dumps({"reference": f"{CANARY}-shuftipro"}).encode(), Authorization=f"Basic {basic}"
    )
    call("GET", "/__admin/requests", Authorization="Bearer wrong")
    description = json.loads(call("GET", "/__admin/openapi.json", Authorization=f"Bearer {CANARY}-admin"))
    for path, methods in description["paths"].items():
        if "get" in methods and "{" not in path and not path.endswith(("stream", "wait", "pdf")):
            admin("GET", f"{path.removeprefix('/__admin/')}?account=acme")
    for listed in ("requests", "callbacks", "verifications"):
        items = json.loads(admin("GET", f"{listed}?account=acme"))[listed]
        for item in items:
            name = quote(str(item.get("id") or item.get("reference")), safe="")
            admin("GET", f"{listed}/{name}?account=acme")
            admin("GET", f"{listed}/{name}/explain?account=acme")
    admin("POST", "bundle?account=acme")
    call("GET", "/__admin/ui/", Authorization=f"Bearer {CANARY}-admin")
    redis_server.kill()
    admin("GET", "ready")
    admin("GET", "requests?account=acme")
    connection.close()
    shown = {name: _around(raw) for name, raw in seen.items() if CANARY.encode() in raw}
    assert shown == {}
    assert CANARY not in log.read_text("utf-8")
    assert len(seen) > 40


def _around(raw: bytes) -> bytes:
    place = raw.index(CANARY.encode())
    return raw[max(0, place - 80) : place + 40]
