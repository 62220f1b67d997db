"""Answers that receivers give and no RFC allows: what curl takes is delivered, with the same status and body."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.delivery import answer_head
from mock_server.delivery.answer import Answer
from mock_server.delivery.client import OutgoingRequest, make_client
from mock_server.delivery.targets import Policy
from mock_server.web.recorder import decoded
from tests.receivers import Conversation, ReceivedRequest, Receiver

ANSWERS: dict[str, bytes] = {
    "as it should be": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "two equal lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\nok",
    "a length with chunked": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "chunked with a length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 2\n\nok",
    "line feeds of both kinds": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\nContent-Length: 2\r\n\nok",
    "chunks with bare line feeds": b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n",
    "early hints first": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "100 and 102 first": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
    "100 with bare line feeds": b"HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "until the end": b"HTTP/1.0 200 OK\r\n\r\nok",
    "1.0 with a length": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "1.1 until the end": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    "an empty reason": b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok",
    "a reason in Latin-1": b"HTTP/1.1 200 Tr\xe8s bien\r\nContent-Length: 2\r\n\r\nok",
    "a folded field": b"HTTP/1.1 200 OK\r\nX-Long: a\r\n b\r\n\tc\r\nContent-Length: 2\r\n\r\nok",
    "a folded length": b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nok",
    "an empty field": b"HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Length: 2\r\n\r\nok",
    "bytes of a field": b"HTTP/1.1 200 OK\r\nX-Name: T\xc5\xab\xc4\xab\r\nContent-Length: 2\r\n\r\nok",
    "spaces around a value": b"HTTP/1.1 200 OK\r\nContent-Length:    2   \r\n\r\nok",
    "an extension of a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\n\r\n",
    "a trailer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "no content with a length": b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
    "keep-alive and close": b"HTTP/1.1 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 2\r\n\r\nok",
    "an unusual status": b"HTTP/1.1 299 Fine\r\nContent-Length: 2\r\n\r\nok",
    "an error": b"HTTP/1.1 503 Nope\nContent-Length: 4\n\ndown",
    "two other lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok",
    "no end of the header": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "nothing": b"",
}
WORSE = {"two other lengths"}
"""What curl takes by chance, whichever length it reads last or first; here that is an error."""
BETTER = {"a folded length"}
"""What curl does not take."""


class Says:
    """A receiver that sends the bytes, whole or one by one, and closes."""

    def __init__(self) -> None:
        self.data, self.step = b"", 0

    async def __call__(self, talk: Conversation, request: ReceivedRequest) -> None:
        for start in range(0, len(self.data), self.step or max(1, len(self.data))):
            talk.raw(self.data[start : start + (self.step or len(self.data))])
            await talk.writer.drain()
            await asyncio.sleep(0)
        talk.close()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver(Says()) as server:
        yield server


def send(url: str) -> Answer:
    async def exchange() -> Answer:
        client = make_client(Policy.build())
        try:
            return await client.send(
                OutgoingRequest(url, b"{}", (("Content-Type", "application/json"),), timeout=5)
            )
        finally:
            await client.close()

    return asyncio.run(exchange())


def curl(url: str) -> tuple[int, int, bytes]:
    """Exit code, status and body."""
    command = [
        "curl",
        "-q",
        "--silent",
        "--max-time",
        "5",
        "--noproxy",
        "*",
        "-d",
        "{}",
        "-w",
        "\n%{http_code}",
        url,
    ]
    done = subprocess.run(command, capture_output=True, check=False)
    body, _, status = done.stdout.rpartition(b"\n")
    return done.returncode, int(status), body


@pytest.mark.parametrize("step", [0, 1], ids=["whole", "bytewise"])
@pytest.mark.parametrize("name", ANSWERS)
def test_what_curl_takes_is_delivered(receiver: Receiver, name: str, step: int) -> None:
    says = receiver._behave
    assert isinstance(says, Says)
    says.data, says.step = ANSWERS[name], step
    answer = send(receiver.url)
    code, status, body = curl(receiver.url)
    if code == 0 and name not in WORSE:
        assert (answer.status, answer.body) == (status, body)
        assert (answer.error == "") == (200 <= status < 300), answer.error
    elif name not in BETTER:
        assert answer.error != ""


@settings(max_examples=200)
@given(
    st.binary(max_size=80),
    st.sampled_from([b"", b"HTTP/1.1 200 OK\n", b"HTTP/1.1 200\r\nContent-Length: 1\r\n"]),
)
def test_no_header_breaks_the_reading(noise: bytes, beginning: bytes) -> None:
    data = beginning + noise + b"\r\n\r\n"
    head = data[: answer_head.ends_at(data)]
    strict = answer_head.strict(head)
    assert strict.endswith(b"\r\n\r\n")
    assert answer_head.strict(strict) == strict


@pytest.mark.parametrize(
    ("coding", "encode", "left"),
    [
        ("gzip", gzip.compress, ""),
        ("x-gzip", gzip.compress, ""),
        ("deflate", zlib.compress, ""),
        ("deflate", lambda data: zlib.compress(data)[2:-4], ""),
        ("GZIP, deflate", lambda data: zlib.compress(gzip.compress(data)), ""),
        ("br", lambda data: data, "br"),
        ("br, gzip", gzip.compress, "br"),
        ("gzip", lambda data: data, "gzip"),
        ("identity", lambda data: data, ""),
        ("", lambda data: data, ""),
    ],
)  # fmt: skip
def test_a_compressed_answer_of_a_recorded_service_is_readable(
    coding: str, encode: object, left: str
) -> None:
    text = '{"name": "Tūī 😀"}'.encode() * 50
    assert callable(encode)
    assert decoded(encode(text), coding) == (text, left)
