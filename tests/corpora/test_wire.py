"""What real HTTP clients send, byte for byte, is accepted and rightly signed: at once, and in odd pieces."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from mock_server.core import config as configuration
from mock_server.core.clock import ManualClock
from mock_server.core.http import Request
from mock_server.providers.cloudcheck.params import parse
from mock_server.providers.cloudcheck.settings import Settings
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.corpora.wire import cases, dotnet
from tests.web.echo import Client, Reply

FOLDER = Path(__file__).parent / "wire"
INDEX = json.loads((FOLDER / "index.json").read_text())
UPLOADS = ("multipart", "chunked", "extended", "token-filename")
PIECES = (1, 2, 3, 5, 7, 11, 13, 64, 509)
BASIC = base64.b64encode(f"{cases.CLIENT_ID}:{cases.SECRET_KEY}".encode()).decode()
REQUIRED = {
    *(
        "aiohttp",
        "apache-httpclient5",
        "axios",
        "dotnet-httpclient",
        "faraday",
        "fetch",
        "go",
        "got",
        "guzzle",
        "httpx",
    ),
    *("java-httpclient", "net-http", "okhttp", "requests", "reqwest", "undici", "urllib3"),
}


@pytest.fixture(scope="module", params=["whole", "in pieces"])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[LiveServer, Service, bool]]:
    """A server whose clock stands where everything was signed; whether requests come to it in pieces."""
    service = Service(
        configuration.build({"scenarios": [], "watch": False}), clock=ManualClock(cases.FROZEN / 1000)
    )
    with LiveServer(service, create_app) as live:
        yield live, service, request.param == "in pieces"


@pytest.mark.parametrize("row", INDEX, ids=[row["file"].removesuffix(".http") for row in INDEX])
def test_the_bytes_of_a_client_are_accepted(
    server: tuple[LiveServer, Service, bool], row: Mapping[str, str]
) -> None:
    live, service, in_pieces = server
    raw = (FOLDER / "requests" / row["file"]).read_bytes()
    with Client(("127.0.0.1", live.port)) as client:
        if row["case"] == "bearer":
            raw = raw.replace(cases.TOKEN.encode(), token(client).encode())
        reply = answer(client, raw, in_pieces)
    assert reply.status == 200, reply.body
    assert gist(row["case"], reply.json()) == expected(row["case"], f"{row['client']}-{row['case']}")
    if row["case"] in UPLOADS:
        received = service.store.entries("default", limit=1)[0][0].request
        assert picture(received) == hashlib.sha256(cases.PICTURE).hexdigest()


def answer(client: Client, raw: bytes, in_pieces: bool) -> Reply:
    """The final answer; before it a server may have said to continue."""
    if in_pieces:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sizes, at = cycle(PIECES), 0
        while at < len(raw):
            size = next(sizes)
            client.send(raw[at : at + size])
            at += size
    else:
        client.send(raw)
    reply = client.reply()
    return client.reply() if reply.status == 100 else reply


def token(client: Client) -> str:
    """An access token of the default account, as long as what stands for it in the file."""
    text: str = (
        client.request("/get/access/token", "POST", b"{}", f"Authorization: Basic {BASIC}")
        .reply()
        .json()["access_token"]
    )
    assert len(text) == len(cases.TOKEN)
    return text


def gist(case: str, document: Any) -> dict[str, Any]:
    """What the answer says of the request: that it was read to the last letter."""
    if case in UPLOADS:
        return {"reference": document["document"]["reference"], "status": document["document"]["status"]}
    if case in ("form", "expect"):
        return {name: document["verification"][name] for name in ("reference", "verificationSuccess")}
    if case == "get":
        return {"name": document["entities"][0]["name"].casefold()}
    return {name: document[name] for name in ("reference", "event")}


def expected(case: str, reference: str) -> dict[str, Any]:
    if case in UPLOADS:
        return {"reference": reference, "status": "MATCH"}
    if case in ("form", "expect"):
        return {"reference": reference, "verificationSuccess": True}
    if case == "get":
        return {"name": f"{cases.SEARCH} Limited".casefold()}
    return {"reference": reference, "event": "request.pending"}


def picture(received: Request) -> str:
    """Digest of the file in an upload."""
    return hashlib.sha256(parse(received, Settings()).files["file"].content).hexdigest()


def test_every_named_client_sends_a_form_an_upload_json_and_a_get() -> None:
    sent = {(row["client"], row["case"]) for row in INDEX}
    assert {
        (client, case) for client in REQUIRED for case in ("form", "get", "json", "multipart")
    } - sent == set()


def test_the_index_lists_every_file() -> None:
    assert sorted(path.name for path in (FOLDER / "requests").iterdir()) == sorted(
        row["file"] for row in INDEX
    )


def test_the_bytes_of_dotnet_are_those_of_its_description() -> None:
    written = {case["case"]: dotnet.request(case, "127.0.0.1:8484") for case in dotnet.cases()}
    stored = {case: (FOLDER / "requests" / f"{dotnet.NAME}.{case}.http").read_bytes() for case in written}
    assert stored == written
