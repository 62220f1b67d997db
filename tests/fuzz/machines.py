"""What is thrown at the server and at what it reads: each function takes drawn values and asserts that nothing but a
proper answer comes of them. `tests.fuzz.test_fuzz` runs them shortly, ``make fuzz`` for as long as it is told."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import re
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import h11
import httptools
from hypothesis import strategies as st

from mock_server.delivery.connection import ReceiverConnection
from mock_server.providers import registry
from mock_server.providers.cloudcheck.canonical import canonical
from mock_server.providers.cloudcheck.signing import sign
from mock_server.providers.shuftipro import phpjson
from mock_server.scenario.loader import read_text
from mock_server.scenario.problems import ScenarioProblems
from mock_server.web.http.serving import LiveServer
from tests.web.echo import EchoApp, EchoService
from tests.web.kit import DATA, PERSON, Kit

TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            " ",
            "\0",
            "a+b%41",
            "Tūī 😀",
            "\u202e",
            "'\"<script>",
            "{{ 7*7 }}",
            "9" * 400,
            "\ud800",
            "2024-02-30",
            "true",
            "\r\n",
        ]
    ),
)
JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=15,
)
PATHS = st.sampled_from([
    "/verify/", "/watchlist/", "/live/url/", "/live/status/", "/address/", "/documents/", "/pepdata/", "/peid/", "/nothing", "/",
    "/status", "/delete", "/get/access/token", "/shuftipro/", "/cloudcheck/verify/",
])  # fmt: skip


@cache
def kit() -> Kit:
    """One server for all; its journal is bounded."""
    return Kit(Path(tempfile.mkdtemp(prefix="fuzz-")))


def _proper(answer: Any, *, may_fail: bool = False) -> None:
    """No failure of ours, and the journal can show what came."""
    assert answer.status_code < 500, answer.get_data()[:300]
    status, document = kit().call("GET", "requests", account="*", limit=1)
    assert status == 200, document


def _changed(document: Any, change: tuple[tuple[str, ...], Any]) -> Any:
    """The document with the value at the path replaced."""
    path, value = change
    if not path or not isinstance(document, dict):
        return value
    return {**document, path[0]: _changed(document.get(path[0], {}), (path[1:], value))}


CHECK_FIELDS = st.sampled_from([
    ("details",), ("details", "name"), ("details", "name", "given"), ("details", "name", "family"), ("details", "dateofbirth"),
    ("details", "address"), ("details", "passport"), ("details", "driverslicence", "number"), ("reference",), ("consent",), ("other",), (),
])  # fmt: skip
VERIFICATION_FIELDS = st.sampled_from([
    ("reference",), ("country",), ("background_checks",), ("background_checks", "dob"), ("background_checks", "name"), ("email",),
    ("callback_url",), ("redirect_url",), ("face",), ("face", "proof"), ("document",), ("document", "supported_types"), ("phone",),
    ("ttl",), ("verification_mode",), ("language",), ("consent",), ("kyb",), ("risk_assessment",), (),
])  # fmt: skip


def signed_request(path: str, change: tuple[tuple[str, ...], Any], params: Mapping[str, str]) -> None:
    """A signed request of the vendor that signs its requests, changed in one place."""
    fields = {"key": "test-fuzz", "nonce": hashlib.sha256(repr((path, change, params)).encode()).hexdigest()}
    fields["timestamp"] = str(int(kit().clock.now() * 1000))
    fields |= {"data": json.dumps(_changed(DATA, change)), **params}
    with contextlib.suppress(UnicodeEncodeError):
        fields.setdefault("signature", sign("test-fuzz-secret", path.removeprefix("/cloudcheck"), fields))
        form = urlencode(fields)
        _proper(kit().http.post(path, data=form, content_type="application/x-www-form-urlencoded"))


def json_request(path: str, change: tuple[tuple[str, ...], Any]) -> None:
    """A request of the vendor that takes JSON, changed in one place."""
    body = _changed({"reference": "fuzz-0001", "country": "NZ", "background_checks": PERSON}, change)
    basic = base64.b64encode(b"test-fuzz:test-fuzz-secret").decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
    _proper(kit().http.post(path, data=json.dumps(body), headers=headers))


def upload(boundary: str, pieces: list[bytes], content_type: str) -> None:
    """Multipart that nobody would send."""
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + piece for piece in pieces)
    kind = f"multipart/form-data; boundary={boundary}{content_type}"
    _proper(kit().http.post("/live/url/", data=body, content_type=kind))


def depth(levels: int, opening: str, path: str) -> None:
    """JSON nested as deep as it likes."""
    closing = {"[": "]", '{"a":': "}"}[opening]
    body = f'{{"reference": {opening * levels}1{closing * levels}}}'
    basic = base64.b64encode(b"test-fuzz:test-fuzz-secret").decode()
    _proper(kit().http.post(path, data=body, headers={"Authorization": f"Basic {basic}"}))


def scenario_file(text: str) -> None:
    """YAML, or what is none."""
    with contextlib.suppress(ScenarioProblems):
        read_text(text, _vocabularies())


@cache
def _vocabularies() -> Any:
    return {name: provider.vocabulary for name, provider in registry.build({}).items()}


def template(text: str) -> None:
    """A template in an answer: it renders, or is refused with its place."""
    document = {
        "version": 1,
        "provider": "shuftipro",
        "scenarios": [
            {"name": "t", "match": {"operation": "status"}, "respond": {"status": 200, "body": text}}
        ],
    }
    status, answer = kit().call("POST", "scenarios", document, account="test-template")
    assert status in (201, 200, 400, 422), answer
    kit().call("POST", "reset", account="test-template")


@cache
def _php() -> subprocess.Popen[bytes]:
    program = (
        "while (($line = fgets(STDIN)) !== false) { echo base64_encode(json_encode(json_decode(base64_decode($line),"
        ' false, 512, JSON_THROW_ON_ERROR))), "\\n"; }'
    )
    command = ["php", "-d", "serialize_precision=-1", "-r", program]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def php_json(value: Any) -> None:
    """The encoder against a real PHP."""
    text = json.dumps(value).encode()
    if any(sign in text for sign in (b"\\ud8", b"\\u0000", b"{}")):  # what PHP refuses, or takes for a list
        return
    if re.search(rb'"-?[0-9]+": ', text):  # keys of which PHP makes numbers
        return
    process = _php()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(base64.b64encode(text) + b"\n")
    process.stdin.flush()
    assert base64.b64decode(process.stdout.readline()) == phpjson.encode(value)


def signature(path: str, params: Mapping[str, str], secret: str) -> None:
    """The canonical text and its digest, written down a second time."""
    text = path
    for name, value in sorted(params.items()):
        text += f"{name}={value};" if name != "signature" else ""
    assert canonical(path, params) == text
    with contextlib.suppress(UnicodeEncodeError):
        digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        assert sign(secret, path, params) == digest


class _Wire(asyncio.Transport):
    def write(self, data: Any) -> None:
        """Goes nowhere."""

    def abort(self) -> None:
        """There is nothing to close."""


def receiver_answer(pieces: list[bytes], is_reset: bool) -> None:
    """What a receiver says, piece by piece; then the connection ends."""

    async def exchange() -> None:
        connection = ReceiverConnection()
        connection.connection_made(_Wire())
        waiting = asyncio.ensure_future(connection.response(b"", 1e12, 5.0))
        await asyncio.sleep(0)
        for piece in pieces:
            connection.data_received(piece)
        connection.connection_lost(ConnectionResetError() if is_reset else None)
        answer = await asyncio.wait_for(waiting, 5)
        assert answer.error or answer.status >= 101

    asyncio.run(exchange())


@cache
def _echo() -> tuple[EchoService, LiveServer]:
    service = EchoService()
    return service, LiveServer(service, EchoApp().factory)


def raw_http(data: bytes) -> None:
    """Bytes on the wire: the server takes no request that a strict parser does not see, and none twice."""
    _, server = _echo()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := client.recv(65536):
                said += piece
    taken = _answers(said)
    assert all(status < 500 for status in taken), said[:300]
    # RFC 9112, 2.2 and 3: a recipient may ignore empty lines in front of a request, and take several spaces between the
    # parts of its first line for one. RFC 9110, 5.6.1: it ignores empty elements of a list.
    spaced = re.sub(rb"(?m)^([A-Z]+)[ \t]+(\S+)[ \t]+(HTTP/1\.[01])", rb"\1 \2 \3", data)
    listed = re.sub(rb"(?i)(\ntransfer-encoding:)[ \t,]*chunked[ \t,]*\r", rb"\1 chunked\r", spaced)
    seen = max(_requests(data), _requests(spaced), _requests(listed))
    assert len([status for status in taken if status < 300]) <= seen, (data, said[:300])


def _answers(data: bytes) -> list[int]:
    """Statuses of final answers."""
    statuses: list[int] = []

    class Heads:
        def on_message_complete(self) -> None:
            if parser.get_status_code() >= 200:
                statuses.append(parser.get_status_code())

    parser = httptools.HttpResponseParser(Heads())
    with contextlib.suppress(httptools.HttpParserError, httptools.HttpParserUpgrade):
        parser.feed_data(data)
    return statuses


def _requests(data: bytes) -> int:
    """How many requests h11 reads, empty lines in front of each ignored."""
    connection = h11.Connection(h11.SERVER)
    with contextlib.suppress(h11.RemoteProtocolError):
        connection.receive_data(data.lstrip(b"\r\n"))
        while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.ConnectionClosed):
                break
            if isinstance(event, h11.EndOfMessage):
                ends = connection.our_state is h11.MUST_CLOSE or connection.their_state is h11.MUST_CLOSE
                return 1 if ends else 1 + _requests(connection.trailing_data[0])
    return 0


SMUGGLING = [
    b"POST /echo:HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /echo\r\nHost: a\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhelloGET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nbodyGET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\nbody",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\na\r\n0\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /echo HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n",
    b"GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /echo HTTP/1.0\r\n\r\n",
]
Edits = list[tuple[int, bytes]]


def smuggling(data: bytes, edits: Edits) -> None:
    """A known attempt to have two parsers disagree, changed in some places."""
    for place, piece in edits:
        at = place % (len(data) + 1)
        data = data[:at] + piece + data[at + len(piece) % 2 :]
    raw_http(data)


NOISE = st.sampled_from(
    [
        b"\r",
        b"\n",
        b"\r\n",
        b"\0",
        b" ",
        b"\t",
        b":",
        b"0",
        b"chunked",
        b"\xff",
        b"Content-Length: 1\r\n",
        b";",
        b",",
    ]
)
FIELDS = st.sampled_from(["nonce", "timestamp", "data", "file", "token", "x"])
FILES = st.one_of(
    st.text(max_size=60), st.text("{}[]:-\n \"'&*!|>%@#,ab1", max_size=60), JSON.map(json.dumps)
)
WORDS = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "for",
        "in",
        "x",
        "range(9)",
        "|",
        "join",
        "(",
        ")",
        "'a'",
        "+",
        "request.body",
        "if",
        "endif",
        "endfor",
        "1",
    ]
)
PIECES = st.sampled_from([
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 C\n\n", b"Transfer-Encoding: chunked\r\n", b"\r\n\r\n",
    b"2\r\nok\r\n0\r\n\r\n",
])  # fmt: skip
OPENINGS = st.sampled_from(["[", '{"a":'])
EDITS = st.lists(st.tuples(st.integers(0, 400), NOISE), max_size=3)
MACHINES: dict[str, tuple[Callable[..., None], tuple[st.SearchStrategy[Any], ...]]] = {
    "signed requests": (
        signed_request,
        (PATHS, st.tuples(CHECK_FIELDS, JSON), st.dictionaries(FIELDS, TEXTS, max_size=2)),
    ),
    "JSON requests": (json_request, (PATHS, st.tuples(VERIFICATION_FIELDS, JSON))),
    "multipart": (
        upload,
        (
            st.sampled_from(["b", "a-b", "'x'"]),
            st.lists(st.binary(max_size=60), max_size=4),
            st.sampled_from(["", "; x=y", '"']),
        ),
    ),
    "depth of JSON": (
        depth,
        (st.integers(0, 20_000), OPENINGS, st.sampled_from(["/", "/status", "/verify/"])),
    ),
    "scenario files": (scenario_file, (FILES,)),
    "templates": (template, (st.lists(WORDS, max_size=12).map(" ".join),)),
    "PHP encoder": (php_json, (JSON,)),
    "canonical text": (
        signature,
        (PATHS, st.dictionaries(TEXTS, TEXTS, max_size=5), st.text(min_size=1, max_size=20)),
    ),
    "answers of receivers": (
        receiver_answer,
        (st.lists(st.one_of(st.binary(max_size=30), NOISE, PIECES), max_size=8), st.booleans()),
    ),
    "raw HTTP": (smuggling, (st.sampled_from(SMUGGLING), EDITS)),
}
