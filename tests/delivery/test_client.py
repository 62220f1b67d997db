from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, TypeVar

import pytest
import trustme

from mock_server.core.exceptions import ConfigError
from mock_server.delivery import connection_pool, connector
from mock_server.delivery.answer import Answer, SendFailure
from mock_server.delivery.client import HttpClient, OutgoingRequest, make_client
from mock_server.delivery.connection import BODY_LIMIT
from mock_server.delivery.connector import look_up
from mock_server.delivery.targets import HOME, Destination, Policy
from tests import receivers
from tests.receivers import Conversation, ReceivedRequest, Receiver, answers, free_port, says, slow

T = TypeVar("T")
HEADERS = (("Content-Type", "application/json"), ("X-Seal", "abc"))


@pytest.fixture(name="run")
def run_fixture() -> Iterator[Callable[[Awaitable[T]], T]]:
    """Runs a coroutine on an event loop of the test."""
    loop = asyncio.new_event_loop()
    yield lambda act: loop.run_until_complete(act)
    loop.run_until_complete(_let_go())
    loop.close()


async def _let_go() -> None:
    """Some rounds of the loop, in which closed sockets really close."""
    await asyncio.get_running_loop().shutdown_default_executor()
    for _ in range(5):
        await asyncio.sleep(0)


async def send(
    url: str,
    body: bytes = b'{"a":1}',
    policy: Policy | None = None,
    *,
    client: HttpClient | None = None,
    **more: Any,
) -> Answer:
    client = client or HttpClient(policy or Policy())
    try:
        return await client.send(OutgoingRequest(url, body, HEADERS, **more))
    finally:
        await client.close()


def test_a_message_arrives_as_it_was_given(run: Any) -> None:
    with Receiver(answers(202, b"thanks", (("X-Their", "own"),))) as receiver:
        answer = run(send(f"{receiver.url}/hooks?x=1"))
        assert (answer.status, answer.body, answer.error, answer.note) == (202, b"thanks", "", "")
        assert ("X-Their", "own") in answer.headers
        request = receiver.requests[0]
    assert (request.method, request.path, request.body) == ("POST", "/hooks?x=1", b'{"a":1}')
    assert request.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "content-type": "application/json",
        "x-seal": "abc",
        "content-length": "7",
    }


def test_a_get_has_no_body_and_credentials_of_the_url_become_basic(run: Any) -> None:
    with Receiver() as receiver:
        run(send(receiver.url.replace("//", "//user:pass@"), b"", method="GET"))
    request = receiver.requests[0]
    assert (request.method, request.path, request.headers["authorization"]) == (
        "GET",
        "/",
        "Basic dXNlcjpwYXNz",
    )
    assert "content-length" not in request.headers


@pytest.mark.parametrize(
    ("behave", "status", "error", "failure"),
    [
        (answers(500, b"oops"), 500, "answered 500", SendFailure.UNSUCCESSFUL_STATUS),
        (answers(404), 404, "answered 404", SendFailure.UNSUCCESSFUL_STATUS),
        (answers(304), 304, "answered 304", SendFailure.UNSUCCESSFUL_STATUS),
        (
            receivers.redirects,
            302,
            "answered 302, a redirect to URL/elsewhere, which is not followed",
            SendFailure.REDIRECTED,
        ),
        (receivers.closes, 0, "the connection was closed without an answer", SendFailure.CONNECTION_CLOSED),
        (receivers.resets, 0, "the connection was reset without an answer", SendFailure.CONNECTION_CLOSED),
        (receivers.not_http, 0, "the answer is not HTTP", SendFailure.NOT_HTTP),
        (receivers.never_answers, 0, "timed out after 0.2 s without an answer", SendFailure.TIMED_OUT),
        (receivers.trickles, 0, "timed out after 0.2 s without an answer", SendFailure.TIMED_OUT),
        (
            says(b"HTTP/1.1 200 OK\r\nContent-Le"),
            0,
            "closed in the middle of the answer",
            SendFailure.CONNECTION_CLOSED,
        ),
        (
            says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
            200,
            "closed in the middle of the answer",
            SendFailure.CONNECTION_CLOSED,
        ),
        (
            says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
            200,
            "closed in the middle of the answer",
            SendFailure.CONNECTION_CLOSED,
        ),
        (
            says(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
            101,
            "answered 101",
            SendFailure.UNSUCCESSFUL_STATUS,
        ),
        (
            says(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000),
            0,
            "the header of the answer is longer than 65536 bytes",
            SendFailure.NOT_HTTP,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_failure_has_its_reason(
    run: Any, behave: Any, status: int, error: str, failure: SendFailure
) -> None:
    with Receiver(behave) as receiver:
        answer = run(send(receiver.url, timeout=0.2 if "timed out" in error else 5.0))
        assert error.replace("URL", receiver.url) in answer.error
        assert (answer.status, answer.failure) == (status, failure)
        assert len(receiver.requests) == 1, "a redirect is not followed, and nothing is sent again by itself"


@pytest.mark.parametrize(
    ("data", "status", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, b"until the end"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            200,
            b"abcde",
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 2\r\n\r\nok",
            201,
            b"ok",
        ),
    ],
    ids=["204", "until-close", "chunked", "informational-first"],
)
def test_every_kind_of_answer_is_understood(run: Any, data: bytes, status: int, body: bytes) -> None:
    with Receiver(says(data)) as receiver:
        answer = run(send(receiver.url))
    assert (answer.status, answer.body, answer.error) == (status, body, "")


def test_of_ten_megabytes_only_the_first_bytes_are_read(run: Any) -> None:
    with Receiver(receivers.answers_ten_megabytes) as receiver:
        answer = run(send(receiver.url))
    assert (answer.status, answer.body, answer.error) == (200, b"x" * BODY_LIMIT, "")


def test_nothing_listening_and_nothing_resolving_are_told_apart(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = run(send(f"http://127.0.0.1:{free_port()}/"))
    assert "connection refused by 127.0.0.1" in refused.error
    assert refused.failure is SendFailure.CONNECTION_REFUSED
    unknown = run(send("http://nowhere.invalid/"))
    assert unknown.error.startswith("DNS: nowhere.invalid does not resolve")
    assert unknown.failure is SendFailure.NAME_NOT_RESOLVED


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that the resolver is asked for; all of them are this machine."""
    names: list[str] = []

    def look_up(host: str, port: int, **options: Any) -> list[tuple[Any, ...]]:
        names.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("mock_server.delivery.connector.socket.getaddrinfo", look_up)
    return names


def test_a_public_name_is_refused_without_a_look_up(run: Any, asked: list[str]) -> None:
    answer = run(send("https://hooks.example.org/kyc"))
    assert answer.failure is SendFailure.NOT_ALLOWED
    assert answer.error.startswith("not allowed: hooks.example.org is a public name")
    assert asked == []


@pytest.mark.parametrize(
    "policy",
    [
        Policy.build(allow=["hooks.example.org"]),
        Policy.build(allow=["198.51.100.0/24"]),
        Policy.build(rewrite=["hooks.example.org=receiver.example.org"]),
    ],
    ids=["named", "network", "rewritten"],
)
def test_a_public_name_that_may_be_called_is_looked_up(run: Any, asked: list[str], policy: Policy) -> None:
    with Receiver() as receiver:
        answer = run(send(f"http://hooks.example.org:{receiver.port}/", client=make_client(policy)))
    assert (answer.status, answer.error) == (200, "")
    assert len(asked) == 1


def test_a_public_name_in_the_hosts_file_is_called(
    run: Any, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hosts").write_text(
        "127.0.0.1 localhost # the machine\n127.0.0.1\tapi.shop.com Hooks.Shop.com\n"
    )
    monkeypatch.setattr("mock_server.delivery.connector.HOSTS", tmp_path / "hosts")
    with Receiver() as receiver:
        answer = run(send(f"http://hooks.shop.com:{receiver.port}/"))
        assert (answer.status, answer.error) == (200, "")
        assert run(send("http://machine.shop.com/")).failure is SendFailure.NOT_ALLOWED


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://169.254.169.254/latest/meta-data/", "link-local"),
        ("http://[fe80::1]/", "link-local"),
        ("http://0.0.0.0:80/", "unspecified"),
        ("http://0/", "unspecified"),
        ("http://8.8.8.8/", "private network"),
        ("http://134744072/", "private network"),
        ("http://010.010.010.010/", "private network"),
        ("http://0xa9.0xfe.0xa9.0xfe/", "link-local"),
        ("http://[::ffff:169.254.169.254]/", "link-local"),
        ("http://localhost@8.8.8.8/", "private network"),
        ("http://localhost:80#@8.8.8.8/", ""),
    ],
    ids=lambda value: value,
)
def test_a_forbidden_address_is_refused_in_every_spelling(run: Any, url: str, says: str) -> None:
    """Numbers in other bases are read by the resolver, and what it says is what is checked."""
    answer = run(send(url, timeout=2.0))
    assert answer.status == 0
    if says:
        assert answer.error.startswith("not allowed:")
        assert answer.failure is SendFailure.NOT_ALLOWED
        assert says in answer.error
    else:
        assert "refused by localhost" in answer.error, "the fragment is no authority"


@pytest.mark.parametrize(
    "spelling",
    ["127.1", "2130706433", "0x7f.0.0.1", "017700000001", "localhost", "app.localhost", "[::ffff:127.0.0.1]"],
)
def test_loopback_is_reached_in_every_spelling(run: Any, spelling: str) -> None:
    with Receiver() as receiver:
        assert run(send(f"http://{spelling}:{receiver.port}/")).error == ""


def test_the_address_that_was_checked_is_the_one_connected_to(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that resolves to something else the second time is asked for once only, and its forbidden
    addresses are left out."""
    asked: list[str] = []

    async def rebinding(destination: Destination, threads: Executor, seconds: float) -> list[str]:
        asked.append(destination.host)
        return ["169.254.169.254", "127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    monkeypatch.setattr(connector, "look_up", rebinding)
    with Receiver() as receiver:
        assert run(send(f"http://rebinding.test:{receiver.port}/")).error == ""
        assert receiver.requests[0].headers["host"] == f"rebinding.test:{receiver.port}"
        assert asked == ["rebinding.test"]
        assert "link-local" in run(send(f"http://rebinding.test:{receiver.port}/")).error


def test_the_second_address_is_tried_when_the_first_refuses(run: Any) -> None:
    with Receiver(host="::1") as receiver:
        assert run(send(f"http://localhost:{receiver.port}/")).error == ""


def test_a_rewritten_host_is_connected_to_under_its_old_name(run: Any) -> None:
    with Receiver() as receiver:
        answer = run(
            send("http://app.test/x", policy=Policy.build(rewrite=[f"app.test=127.0.0.1:{receiver.port}"]))
        )
        assert receiver.requests[0].headers["host"] == "app.test"
    assert answer.note == f"connected to 127.0.0.1:{receiver.port} instead"


def test_connections_are_used_again_and_given_up_when_idle(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_pool, "IDLE_SECONDS", 0.05)

    async def conversation(url: str) -> None:
        client = HttpClient(Policy())
        for _ in range(3):
            assert (await client.send(OutgoingRequest(url, b"{}"))).error == ""
        await asyncio.sleep(0.2)
        assert len(client.pool) == 0
        await client.send(OutgoingRequest(url, b"{}"))
        await client.close()

    with Receiver() as receiver:
        run(conversation(receiver.url))
    assert [request.connection for request in receiver.requests] == [1, 1, 1, 2]


def test_a_connection_that_its_receiver_ends_is_not_used_again(run: Any) -> None:
    async def conversation(url: str) -> None:
        client = HttpClient(Policy())
        for _ in range(2):
            assert (await client.send(OutgoingRequest(url, b"{}"))).error == ""
        await client.close()

    with Receiver(answers(200, b"ok", (("Connection", "close"),))) as receiver:
        run(conversation(receiver.url))
    assert [request.connection for request in receiver.requests] == [1, 2]


def test_bytes_nobody_asked_for_end_the_connection(run: Any) -> None:
    async def conversation(receiver: Receiver) -> None:
        client = HttpClient(Policy())
        first = await client.send(OutgoingRequest(receiver.url, b"{}"))
        second = await client.send(OutgoingRequest(receiver.url, b"{}"))
        assert (first.status, second.status, first.error, second.error) == (200, 200, "", "")
        await client.close()

    async def talks_on(talk: Conversation, request: ReceivedRequest) -> None:
        talk.raw(
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 And another thing\r\nContent-Length: 0\r\n\r\n"
        )

    with Receiver(talks_on) as receiver:
        run(conversation(receiver))
    assert [request.connection for request in receiver.requests] == [1, 2]


def test_a_body_can_trickle(run: Any) -> None:
    begun = time.perf_counter()
    with Receiver() as receiver:
        assert run(send(receiver.url, b"x" * 100, trickle=0.2)).error == ""
        assert receiver.requests[0].body == b"x" * 100
    assert time.perf_counter() - begun >= 0.2


def test_an_answer_before_the_whole_body_has_trickled_in_counts(run: Any) -> None:
    async def impatient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 408 Too slow\r\nContent-Length: 0\r\n\r\n")
        await reader.read()
        writer.close()

    async def conversation() -> Answer:
        server = await asyncio.start_server(impatient, "127.0.0.1", 0)
        try:
            return await send(
                f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", b"x" * 100, trickle=30.0
            )
        finally:
            server.close()

    assert run(conversation()).status == 408


def test_a_trickle_is_cut_off_by_the_time_limit(run: Any) -> None:
    with Receiver() as receiver:
        assert "timed out after 0.1 s" in run(send(receiver.url, b"x" * 100, trickle=0.4, timeout=0.1)).error
        assert not receiver.requests


@pytest.mark.parametrize(
    "header", [("X-Bad", "a\r\nX-Injected: b"), ("X-Bad", "☃")], ids=["line-break", "not-latin-1"]
)
def test_a_header_that_cannot_be_sent_is_a_failure_and_no_crash(run: Any, header: tuple[str, str]) -> None:
    async def conversation(url: str) -> Answer:
        return await HttpClient(Policy()).send(OutgoingRequest(url, b"{}", (header,)))

    with Receiver() as receiver:
        assert "a header of the message" in run(conversation(receiver.url)).error
        assert not receiver.requests


def test_a_cancelled_transmission_leaves_no_connection(run: Any) -> None:
    async def conversation(receiver: Receiver) -> None:
        client = HttpClient(Policy())
        task = asyncio.ensure_future(client.send(OutgoingRequest(receiver.url, b"{}")))
        await asyncio.get_running_loop().run_in_executor(None, receiver.wait, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(client.pool) == 0

    with Receiver(receivers.never_answers) as receiver:
        run(conversation(receiver))


# -- TLS
# -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def test_tls_is_verified_against_the_given_authority(run: Any, authority: trustme.CA, ca_file: str) -> None:
    with Receiver(tls=server_context(authority, "localhost", "127.0.0.1")) as receiver:
        by_name = f"https://localhost:{receiver.port}/"
        assert run(send(by_name, client=make_client(Policy(), ca=ca_file))).error == ""
        assert run(send(receiver.url, client=make_client(Policy(), ca=ca_file))).error == ""
        assert run(send(by_name, client=make_client(Policy(), verify=False))).error == ""
        assert "TLS: the certificate of localhost" in run(send(by_name, client=make_client(Policy()))).error
        assert len(receiver.requests) == 3, "an untrusted receiver gets no request"


def test_tls_checks_the_name_of_the_url_and_not_the_connected_host(
    run: Any, authority: trustme.CA, ca_file: str
) -> None:
    with Receiver(tls=server_context(authority, "app.test")) as receiver:
        policy = Policy.build(rewrite=[f"app.test=127.0.0.1:{receiver.port}"])
        assert run(send("https://app.test/", client=make_client(policy, ca=ca_file))).error == ""
        wrong = run(send(f"https://localhost:{receiver.port}/", client=make_client(policy, ca=ca_file)))
    assert "is not trusted" in wrong.error
    assert wrong.failure is SendFailure.CERTIFICATE_NOT_TRUSTED


def test_https_to_a_plain_receiver_says_so(run: Any) -> None:
    with Receiver() as receiver:
        answer = run(send(receiver.url.replace("http:", "https:"), timeout=0.2))
    assert answer.error.startswith(("TLS: no secure connection", "timed out"))


def test_a_ca_file_that_is_none_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for path in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        with pytest.raises(ConfigError, match="--callback-ca"):
            make_client(Policy(), ca=str(path))


# -- proxy
# -----------------------------------------------------------------------------------------------------


class Tunnel(Receiver):
    """A proxy that connects everything to one place, since no test may leave the machine."""

    def __init__(self, port: int, status: int = 200) -> None:
        super().__init__(self._behave_as_proxy)
        self._to = port
        self._status = status

    async def _behave_as_proxy(self, talk: Conversation, request: ReceivedRequest) -> None:
        if self._status != 200:
            return talk.answer(self._status, b"")
        talk.raw(b"HTTP/1.1 200 Connection established\r\n\r\n")
        reader, writer = await asyncio.open_connection("127.0.0.1", self._to)
        try:
            await asyncio.gather(_pump(talk.reader, writer), _pump(reader, talk.writer))
        finally:
            writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.transport.abort()


FAR = Policy((*HOME, *Policy.build(allow=["203.0.113.0/24"]).networks), frozenset({"app.test"}))


@pytest.mark.parametrize(
    ("url", "asks"),
    [("http://203.0.113.7/x", "203.0.113.7:80"), ("http://203.0.113.7:81/x", "203.0.113.7:81")],
)
def test_what_is_far_goes_through_the_proxy(run: Any, url: str, asks: str) -> None:
    with Receiver() as receiver, Tunnel(receiver.port) as proxy:
        client = make_client(FAR, proxy=f"http://user:pass@127.0.0.1:{proxy.port}")
        assert run(send(url, client=client)).error == ""
    assert (
        proxy.requests[0].method,
        proxy.requests[0].path,
        proxy.requests[0].headers["proxy-authorization"],
    ) == (
        "CONNECT",
        asks,
        "Basic dXNlcjpwYXNz",
    )
    assert receiver.requests[0].path == "/x"


def test_https_goes_through_the_proxy_end_to_end(
    run: Any, authority: trustme.CA, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(destination: Destination, threads: Executor, seconds: float) -> list[str]:
        return ["203.0.113.7"]

    monkeypatch.setattr(connector, "look_up", resolve)
    with Receiver(tls=server_context(authority, "app.test")) as receiver, Tunnel(receiver.port) as proxy:
        client = make_client(FAR, proxy=f"http://127.0.0.1:{proxy.port}", ca=ca_file)
        assert run(send("https://app.test/x", client=client)).error == ""
    assert proxy.requests[0].path == "203.0.113.7:443"
    assert receiver.requests[0].headers["host"] == "app.test"


def test_a_listed_name_that_only_the_proxy_knows_is_left_to_it(run: Any) -> None:
    policy = Policy.build(allow=["known.invalid"])
    with Receiver() as receiver, Tunnel(receiver.port) as proxy:
        client = make_client(policy, proxy=f"http://127.0.0.1:{proxy.port}")
        assert run(send("http://known.invalid/", client=client)).error == ""
        assert (
            "DNS"
            in run(
                send(
                    "http://unknown.invalid/",
                    client=make_client(policy, proxy=f"http://127.0.0.1:{proxy.port}"),
                )
            ).error
        )
    assert [request.path for request in proxy.requests] == ["known.invalid:80"]


def test_what_is_near_or_forbidden_never_reaches_the_proxy(run: Any) -> None:
    with Receiver() as receiver, Tunnel(receiver.port) as proxy:
        for url, error in (
            (receiver.url, ""),
            ("http://198.51.100.1/", "not allowed"),
            ("http://169.254.169.254/", "not allowed"),
        ):
            assert (
                error in run(send(url, client=make_client(FAR, proxy=f"http://127.0.0.1:{proxy.port}"))).error
            )
        assert not proxy.requests


def test_a_proxy_that_refuses_is_named(run: Any) -> None:
    with Tunnel(1, status=407) as proxy:
        answer = run(
            send("http://203.0.113.7/", client=make_client(FAR, proxy=f"http://127.0.0.1:{proxy.port}"))
        )
    assert answer.error == "proxy: answered 407 to CONNECT 203.0.113.7:80"
    assert answer.failure is SendFailure.PROXY_FAILED


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "https://127.0.0.1:1", "proxy:3128", "http://"])
def test_a_proxy_that_cannot_be_used_is_a_configuration_error(proxy: str) -> None:
    with pytest.raises(ConfigError, match="--callback-proxy"):
        make_client(Policy(), proxy=proxy)


# -- looking up
# ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("localhost", ["127.0.0.1", "::1"]),
        ("app.localhost", ["127.0.0.1", "::1"]),
        ("192.168.1.1", ["192.168.1.1"]),
        ("::1", ["::1"]),
        ("127.1", ["127.0.0.1"]),
    ],
)
def test_a_host_is_looked_up(run: Any, host: str, addresses: list[str]) -> None:
    assert run(look_up(Destination(host, 80))) == addresses


def test_a_slow_receiver_within_its_time_is_a_good_one(run: Any) -> None:
    with Receiver(slow(0.05)) as receiver:
        assert run(send(receiver.url)).error == ""
