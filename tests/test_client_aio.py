"""The asynchronous client and receiver, on asyncio and on trio, against a server that listens."""

from __future__ import annotations

import inspect
import signal
import ssl
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
import trustme

from mock_server.client import Account as BlockingAccount
from mock_server.client import ApiError, UnreachableError, WaitTimeoutError, aio, parts
from mock_server.client import MockServer as BlockingServer
from mock_server.client import Receiver as BlockingReceiver
from mock_server.client.aio import parts as aio_parts
from mock_server.core import config as configuration
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.web.kit import CHECK, SCENARIOS

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _no_wakeup_fd() -> None:
    """Trio warns where an event loop of another test has left its own."""
    signal.set_wakeup_fd(-1)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "some.yaml").write_text(SCENARIOS)
    service = Service(
        configuration.build({"scenarios": [str(folder)], "watch": False, "admin_token": "t0ken"})
    )
    with LiveServer(service, lambda: create_app(service)) as live:
        yield live.url


@pytest.fixture
def server(url: str) -> aio.MockServer:
    return aio.MockServer(url, "t0ken")


@pytest.fixture
def account(server: aio.MockServer) -> aio.Account:
    return server.account()


async def check(account: aio.Account, **more: Any) -> Any:
    """A Shufti Pro request of the application under test, on the same event loop."""
    credentials = b64encode(":".join(account.shuftipro).encode()).decode()
    body = msgspec.json.encode({**CHECK, **more})
    host, _, port = account.url.removeprefix("http://").partition(":")
    head = (
        f"POST / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\nAuthorization: Basic {credentials}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    raw = b""
    async with await anyio.connect_tcp(host, int(port)) as stream:
        await stream.send(head.encode() + body)
        async for data in stream:
            raw += data
    return msgspec.json.decode(raw.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    ("blocking", "awaited"),
    [
        *((getattr(parts, name), getattr(aio_parts, name)) for name in ("Requests", "Callbacks", "Clock")),
        (parts.Verifications, aio_parts.Verifications),
        (parts.Scenarios, aio_parts.Scenarios),
        (BlockingAccount, aio.Account),
        (BlockingServer, aio.MockServer),
        (BlockingReceiver, aio.Receiver),
    ],
    ids=lambda kind: kind.__name__,
)
async def test_both_clients_have_the_same_calls(blocking: type[Any], awaited: type[Any]) -> None:
    only = {"close", "stop"} if blocking is BlockingServer else set()
    names = {name for name, _ in inspect.getmembers(blocking, callable) if name[0] != "_"} - only
    missing = [name for name in sorted(names) if not hasattr(awaited, name)]
    different = [
        name
        for name in sorted(names - {*missing})
        if list(inspect.signature(getattr(blocking, name)).parameters.values())
        != list(inspect.signature(getattr(awaited, name)).parameters.values())
    ]
    assert (missing, different) == ([], [])


async def test_journal_and_explanation(account: aio.Account) -> None:
    await check(account, reference="Ngā Māori 🙂")
    [entry] = await account.requests.find(operation="verification")
    assert (entry.reference, entry.outcome) == ("Ngā Māori 🙂", "accepted")
    assert await account.requests.wait(reference="Ngā Māori 🙂") == entry
    assert (await account.requests.get(entry.id)).id == entry.id
    assert (await account.requests.explain(entry.id))["answers"] == "built-in"
    assert await account.requests.count(status=200) == 1
    await account.requests.clear()
    assert await account.requests.count() == 0


async def test_waiting_leaves_the_loop_to_the_application(account: aio.Account) -> None:
    """The application answers the callback on the loop on which the test waits for it."""
    came: list[bytes] = []

    async def answer(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            came.append(await stream.receive())
            await stream.send(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, answer)
        await check(account, callback_url=f"http://127.0.0.1:{port}/hook")
        callback = await account.callbacks.wait(event="verification.accepted", outcome="delivered")
        tasks.cancel_scope.cancel()
    assert [attempt.status for attempt in callback.attempts] == [204]
    assert came[-1].startswith(b"POST /hook ")


async def test_callbacks_are_received_sent_again_and_flushed(account: aio.Account) -> None:
    async with aio.Receiver() as receiver:
        await check(account, callback_url=receiver.url)
        callback = await account.callbacks.wait(outcome="delivered")
        [came] = await receiver.wait()
        assert came.json == callback.request.json
        again = await account.callbacks.resend(callback.id)
        both = await account.callbacks.wait_all(2, outcome="delivered")
        assert {one.id for one in both} == {callback.id, again.id}
        assert len(await receiver.wait(2)) == 2
        assert await account.callbacks.flush() == []
        with pytest.raises(TimeoutError, match="2 of 3 requests came"):
            await receiver.wait(3, timeout="1ms")


async def test_waiting_can_be_cancelled(account: aio.Account) -> None:
    with anyio.move_on_after(0.01) as scope:
        await account.requests.wait(timeout="5m")
    assert scope.cancelled_caught
    with anyio.move_on_after(0.01) as scope:
        async with aio.Receiver() as receiver:
            await receiver.wait(timeout="5m")
    assert scope.cancelled_caught


async def test_scenarios_decisions_events_clock_and_reset(account: aio.Account) -> None:
    scenario = {"name": "mine", "match": {"operation": "verification"}, "respond": {"outcome": "declined"}}
    assert [one.name for one in await account.scenarios.add(scenario, provider="shuftipro")] == ["mine"]
    assert (await check(account))["event"] == "verification.declined"
    await account.pin("mine")
    assert [one.pinned for one in await account.scenarios.find(provider="shuftipro")] == [True]
    await account.unpin()
    await account.configure(shuftipro={"signature": "legacy"})
    assert (await account.clock.freeze("2026-01-01T00:00:00Z")).frozen
    assert (await account.clock.advance("1h")).now == "2026-01-01T01:00:00.000Z"
    assert (await account.verifications.get("check-1")).status == "verification.declined"
    assert [one.key for one in await account.verifications.find(kind="verification")] == ["check-1"]
    more = {"url": "http://127.0.0.1:9/hook"}
    assert [one.event for one in await account.fire("verification.accepted", "check-1", **more)] == [
        "verification.accepted"
    ]
    assert (await account.coverage())["met"] > 0
    await account.reset()
    assert await account.scenarios.find(provider="shuftipro") == []


async def test_a_pending_verification_is_decided(account: aio.Account) -> None:
    more = {"document": {"supported_types": ["passport"]}, "redirect_url": "http://localhost/"}
    await check(account, background_checks=None, **more)
    decided = await account.decide("check-1", "declined", decline={"document": ["SPDR03"]})
    assert decided.verification.status == "verification.declined"


async def test_an_expectation_counts_for_the_blocking_account_too(url: str) -> None:
    with BlockingServer(url, "t0ken") as blocking:
        account = aio.Account.of(blocking.account())
        async with account.expects(error="request.invalid"):
            await check(account, reference="")
        [entry] = await account.requests.find()
        assert blocking.used_accounts[account.name].expected == {entry.id}
        with pytest.raises(AssertionError, match="expected 1 requests with status 500, got 0"):
            async with account.expects(status=500):
                pass


async def test_errors_are_those_of_the_blocking_client(server: aio.MockServer, account: aio.Account) -> None:
    await check(account)
    with pytest.raises(WaitTimeoutError, match=r"0 of 1 such requests.*\n.*check-1"):
        await account.requests.wait(timeout="1ms", reference="other")
    with pytest.raises(ApiError, match="did you mean marlowe"):
        await account.pin("marlow")
    with pytest.raises(ApiError, match="Authorization: Bearer"):
        await aio.MockServer(server.url, "wrong").version()
    with pytest.raises(UnreachableError, match="is the mock server running"):
        await aio.MockServer("http://127.0.0.1:9").wait_until_ready("1ms")
    with pytest.raises(TypeError, match=r"unknown filter `evnt`; did you mean `event`\?"):
        await account.callbacks.wait(evnt="verification.accepted")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "closed before the answer was complete"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "is not a mock server"),
        (b"what?", "cannot be reached"),
    ],
    ids=["nothing", "another server", "not HTTP"],
)
async def test_something_else_that_answers_is_told_apart(answer: bytes, message: str) -> None:
    async def serve(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(answer)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        with pytest.raises(UnreachableError, match=message):
            await aio.MockServer(f"http://127.0.0.1:{port}").version()
        tasks.cancel_scope.cancel()


async def test_a_server_that_never_answers_is_given_up() -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    async with listener:
        with pytest.raises(UnreachableError, match="did not answer"):
            await aio.MockServer(f"http://127.0.0.1:{port}", timeout=0.05).version()


async def test_the_server_as_a_whole(server: aio.MockServer, account: aio.Account) -> None:
    assert (await server.wait_until_ready())["scenarios"] == (await server.ready())["scenarios"] == 2
    assert (await server.version())["name"] == "kyc-mock-server"
    await check(account)
    assert account.name in [one["name"] for one in await server.accounts()]
    await server.reset_all()
    assert await account.requests.count() == 0


async def test_https_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    authority = trustme.CA()
    chain = tmp_path / "server.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(chain))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    service = Service(configuration.build({"scenarios": [str(tmp_path)], "watch": False}))
    with LiveServer(service, lambda: create_app(service), certfile=str(chain)) as live:
        server = aio.MockServer(live.url.replace("http:", "https:"), context=context)
        assert (await server.ready())["status"] == "ready"
        with pytest.raises(UnreachableError, match="certificate"):
            await aio.MockServer(server.url).ready()
