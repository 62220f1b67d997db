"""Every kind of refusal, at every stage: what a client sends, and what has to be said about it."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from mock_server.core import config as configuration
from mock_server.providers.cloudcheck.signing import sign
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.http.wire import ConnectionLimits
from mock_server.web.service import Service
from tests.web.echo import Client, Reply

ACCOUNTS = {
    "limited": {
        "cloudcheck": {"key": "limited-key", "secret": "limited-secret", "permissions": ["live"]},
        "shuftipro": {"client_id": "limited-client", "secret_key": "limited-secret", "rate_limit": 1},
    }
}
MAX_BODY = 20_000
HEAD_TIMEOUT = BODY_TIMEOUT = 0.2
"""Seconds; of the server that is asked."""
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
JSON = "Content-Type: application/json\r\n"
_NONCES = itertools.count()

Sent = Callable[[], bytes]


@contextmanager
def server(scenarios: Path) -> Iterator[LiveServer]:
    """A server that refuses as the table says."""
    options = {"scenarios": [str(scenarios)], "watch": False, "max_body": MAX_BODY}
    service = Service(configuration.build(options, accounts=ACCOUNTS))
    limits = ConnectionLimits(max_body=MAX_BODY, head_timeout=HEAD_TIMEOUT, body_timeout=BODY_TIMEOUT)
    with LiveServer(service, lambda: create_app(service), limits=limits) as running:
        yield running


def send(live: LiveServer, raw: bytes) -> Reply:
    """What the server answers."""
    with Client(("127.0.0.1", live.port)) as client:
        return client.send(raw).reply()


class Refused(NamedTuple):
    """One kind."""

    id: str
    sent: Sent
    status: int
    error: str
    cause: str
    """What every surface says is wrong …"""
    fix: str
    """… and what to do about it."""
    account: str = "default"
    provider: str = ""
    vendors_answer: bool = True
    """Whether the vendor's own shape answers."""
    in_file: bool = True
    """Whether a file can hold the request."""
    before: Sent | None = None
    """What is sent first."""


def request(line: str, headers: str = "", body: str | bytes = b"", host: str = "localhost:8484") -> bytes:
    """The bytes of a request."""
    raw = body if isinstance(body, bytes) else body.encode()
    length = f"Content-Length: {len(raw)}\r\n" if raw else ""
    return f"{line} HTTP/1.1\r\nHost: {host}\r\n{headers}{length}\r\n".encode() + raw


def basic(user: str, secret: str) -> str:
    return f"Authorization: Basic {base64.b64encode(f'{user}:{secret}'.encode()).decode()}\r\n"


def params(
    path: str = "/verify/", key: str = "test-ā", secret: str = "test-ā-secret", **more: str
) -> dict[str, str]:
    """Rightly signed parameters; ``signature`` and others may be given."""
    fields = {
        "key": key,
        "nonce": f"n{next(_NONCES)}",
        "timestamp": str(int(time.time() * 1000)),
        "data": "{}",
        **more,
    }
    return {"signature": sign(secret, path, fields), **fields}


def form(line: str, fields: Mapping[str, str], headers: str = "", **options: str) -> bytes:
    return request(line, f"{FORM}{headers}", urlencode(fields), **options)


def check(body: object, user: str = "test-b", secret: str = "test-b-secret", line: str = "POST /") -> bytes:
    """A Shufti Pro request."""
    return request(line, f"{JSON}{basic(user, secret)}", json.dumps(body))


def _again() -> dict[str, str]:
    return params(
        nonce="used twice",
        data='{"details": {"name": {"given": "Aroha", "family": "Ngāta"}}, "consent": "Yes"}',
    )


FIRST = check(
    {
        "reference": "the-first",
        "country": "NZ",
        "background_checks": {"name": {"first_name": "Ana", "last_name": "Te"}},
    },
    "limited-client",
    "limited-secret",
)

CLOUDCHECK = [
    Refused(
        "no key",
        lambda: form("POST /verify/", {"a": "b"}),
        200,
        "101",
        "key is absent",
        "Send the access key",
        provider="cloudcheck",
    ),
    Refused(
        "unknown key",
        lambda: form("POST /verify/", params(key="nope")),
        200,
        "101",
        "No account has the access key 'nope'",
        "declare the account",
        provider="cloudcheck",
    ),
    Refused(
        "no form",
        lambda: request("POST /verify/", JSON, '{"key": "test-ā"}'),
        200,
        "101",
        "The Content-Type is application/json",
        "Send a form",
        provider="cloudcheck",
    ),
    Refused(
        "nothing but a key",
        lambda: form("POST /verify/", {"key": "test-ā"}),
        200,
        "102",
        "signature, nonce, timestamp",
        "Every request carries key, nonce, timestamp and signature",
        "test-ā",
        "cloudcheck",
    ),
    Refused(
        "no data",
        lambda: form("POST /verify/", params(data="")),
        200,
        "102",
        "data",
        "send data with a value",
        "test-ā",
        "cloudcheck",
    ),
    Refused(
        "old timestamp",
        lambda: form("POST /verify/", params(timestamp="1700000000")),
        200,
        "103",
        "seconds",
        "illiseconds",
        "test-ā",
        "cloudcheck",
    ),
    Refused(
        "used nonce",
        lambda: form("POST /verify/", _again()),
        200,
        "104",
        "used",
        "nonce",
        "test-ā",
        "cloudcheck",
        in_file=False,
        before=lambda: form("POST /verify/", _again()),
    ),
    Refused(
        "unknown token",
        lambda: request(
            f"GET /live/response/?{urlencode(params('/live/response/', captureReference='nope'))}"
        ),
        200,
        "105",
        "nope",
        "use one that an earlier answer gave to this account",
        "test-ā",
        "cloudcheck",
    ),
    Refused(
        "wrong secret",
        lambda: form("POST /verify/", params(secret="test-ā-secret ")),
        200,
        "106",
        "secret",
        "Trim the secret",
        "test-ā",
        "cloudcheck",
    ),
    Refused(
        "no JSON",
        lambda: form("POST /verify/", params(data="{")),
        200,
        "107",
        "data",
        "",
        "test-ā",
        "cloudcheck",
    ),
    Refused(
        "no permission",
        lambda: form("POST /verify/", params(key="limited-key", secret="limited-secret")),
        200,
        "108",
        "verify",
        "add it to the account's permissions",
        "limited",
        "cloudcheck",
        in_file=False,
    ),
    Refused(
        "no key of a browser",
        lambda: request("POST /addresslookup/find/", JSON, "{}"),
        200,
        "101",
        "key",
        "send the account's access key in the header x-api-key",
        provider="cloudcheck",
    ),
    Refused(
        "another method",
        lambda: request("GET /verify/?key=test-%C4%81"),
        405,
        "113",
        "GET is not a method of /verify/",
        "use POST",
        "test-ā",
        "cloudcheck",
    ),
    Refused(
        "no slash at the end",
        lambda: form("POST /verify", params("/verify")),
        404,
        "113",
        "the nearest is /verify/: the path that was sent lacks the slash at its end",
        "use /verify/; the path is part of what is signed",
        "test-ā",
        "cloudcheck",
    ),
]
SHUFTI = [
    Refused(
        "no credentials",
        lambda: request("POST /", JSON, '{"reference": "abcdef"}'),
        401,
        "request.unauthorized",
        "no Authorization header",
        "Send Basic credentials",
        provider="shuftipro",
    ),
    Refused(
        "unknown client",
        lambda: check({}, "nobody"),
        401,
        "request.unauthorized",
        "No account has this client id",
        "Use mock-client",
        provider="shuftipro",
    ),
    Refused(
        "wrong secret key",
        lambda: check({}, secret="nope"),
        401,
        "request.unauthorized",
        "The secret key is not this client's",
        "Copy it again",
        "test-b",
        "shuftipro",
    ),
    Refused(
        "invalid",
        lambda: check({"reference": "ref-0001", "country": "Aotearoa"}),
        400,
        "request.invalid",
        "The country must be 2 characters",
        "",
        "test-b",
        "shuftipro",
    ),
    Refused(
        "no service",
        lambda: check({"reference": "ref-0001", "country": "NZ"}),
        400,
        "request.invalid",
        "services",
        "send one of",
        "test-b",
        "shuftipro",
    ),
    Refused(
        "too many",
        lambda: FIRST,
        429,
        "429",
        "rate limit",
        "raise the account's rate_limit",
        "limited",
        "shuftipro",
        in_file=False,
        before=lambda: FIRST,
    ),
    Refused(
        "no file",
        lambda: request("POST /api/pea/nope"),
        404,
        "404",
        "file",
        "ask /status for the proofs again",
        provider="shuftipro",
    ),
    Refused(
        "another method of Shufti Pro",
        lambda: request("GET /status", basic("test-b", "test-b-secret")),
        404,
        "404",
        "GET is not a method of /status",
        "use POST",
        "test-b",
        "shuftipro",
    ),
    Refused(
        "another method, unknown",
        lambda: request("GET /status"),
        404,
        "404",
        "GET is not a method of /status",
        "use POST",
        provider="shuftipro",
    ),
]


def _path(
    name: str, path: str, nearest: str, difference: str, fix: str, provider: str = "cloudcheck"
) -> Refused:
    cause = f"the nearest is {nearest}: the path that was sent {difference}"
    if provider == "shuftipro":
        return Refused(
            name, lambda: check({}, line=f"POST {path}"), 404, "404", cause, fix, "test-b", provider
        )
    return Refused(
        name, lambda: form(f"POST {path}", params(path)), 404, "113", cause, fix, "test-ā", provider
    )


PATHS = [
    _path("two slashes", "//verify/", "/verify/", "has two slashes in a row", "use /verify/"),
    _path("a letter less", "/verfy/", "/verify/", "is spelled differently", "use /verify/"),
    _path("capitals", "/VERIFY/", "/verify/", "is written with capitals", "use /verify/"),
    _path("a version in front", "/v1/verify/", "/verify/", "has /v1 in front", "use /verify/"),
    _path("a letter more", "/statuss", "/status", "is spelled differently", "use /status", "shuftipro"),
    _path(
        "below a mount", "/shuftipro/statuss", "/status", "is spelled differently", "use /status", "shuftipro"
    ),
    Refused(
        "unknown path without credentials",
        lambda: request("GET /statuss"),
        404,
        "404",
        "the nearest is /status",
        "use POST /status",
        provider="shuftipro",
    ),
    Refused(
        "like no path",
        lambda: form("POST /identity/v3/māori".replace("ā", "%C4%81"), params("/identity/v3/māori")),
        404,
        "113",
        "cloudcheck has no path like /identity/v3/māori",
        "check the client's base URL",
        "test-ā",
        "cloudcheck",
    ),
    Refused(
        "nobody's path",
        lambda: request("POST /wp-login.php"),
        404,
        "404",
        "no vendor has a path like /wp-login.php",
        "check the client's base URL",
        vendors_answer=False,
    ),
    Refused(
        "nearly the control API",
        lambda: request("GET /admin"),
        404,
        "404",
        "the control API is below /__admin",
        "use /__admin",
        vendors_answer=False,
    ),
    Refused(
        "the other vendor's host",
        lambda: form("POST /verify/", params(), host="shuftipro.localhost:8484"),
        404,
        "404",
        "/verify/ is a path of cloudcheck, but the host name or the mount is that of shuftipro",
        "use the mount /cloudcheck",
        provider="shuftipro",
    ),
    Refused(
        "a vendor's real host",
        lambda: request("POST /nope", host="api.shuftipro.com"),
        404,
        "404",
        "shuftipro has no path like /nope",
        "check the client's base URL",
        provider="shuftipro",
    ),
]


def _wire(
    name: str,
    sent: bytes,
    status: int,
    cause: str,
    fix: str,
    *,
    in_file: bool = False,
    account: str = "default",
    provider: str = "",
) -> Refused:
    """Answered in the shape of the vendor, where one can be meant."""
    return Refused(
        name,
        lambda: sent,
        status,
        {"cloudcheck": "113", "shuftipro": "request.invalid"}.get(provider, str(status)),
        cause,
        fix,
        account,
        provider,
        vendors_answer=bool(provider),
        in_file=in_file,
    )


WHOLE = f"POST / HTTP/1.1\r\nHost: x\r\n{basic('test-b', 'test-b-secret')}"
WIRE = [
    _wire(
        "https to the http port",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        400,
        "https was spoken to the http port",
        "use http:// in the client's base URL",
    ),
    _wire(
        "HTTP/2",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        400,
        "HTTP/2 was spoken without being agreed on",
        "let the client begin with HTTP/1.1",
    ),
    _wire(
        "not HTTP",
        b'{"reference": "r-1"}\r\n\r\n',
        400,
        "not well-formed HTTP/1.1 (Invalid method encountered)",
        "begin with a line such as POST /verify/ HTTP/1.1",
    ),
    _wire(
        "a space in the path",
        b"GET /verify/ ?key=test-b HTTP/1.1\r\nHost: x\r\n\r\n",
        400,
        "not well-formed HTTP/1.1",
        "write a space in the path or query as %20",
        provider="cloudcheck",
    ),
    _wire(
        "a header without a colon",
        f"{WHOLE}Accept: */*\r\nNo colon\r\n\r\n".encode(),
        400,
        "Invalid header token",
        "write each header as Name: value",
        account="test-b",
        provider="shuftipro",
    ),
    _wire(
        "no host",
        b"POST /verify/?key=test-b HTTP/1.1\r\n\r\n",
        400,
        "an HTTP/1.1 request needs a Host header",
        "send Host with the name and port",
        account="test-b",
        provider="cloudcheck",
    ),
    _wire(
        "two hosts",
        b"POST /verify/?key=test-b HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        400,
        "the Host header was sent more than once",
        "send it once",
        account="test-b",
        provider="cloudcheck",
    ),
    _wire(
        "CONNECT",
        b"CONNECT api.test:443 HTTP/1.1\r\nHost: api.test:443\r\n\r\n",
        501,
        "takes this server for a proxy",
        "remove this address from HTTPS_PROXY",
    ),
    _wire(
        "a header that does not end",
        f"{WHOLE}A:".encode(),
        408,
        f"the header was not complete after {HEAD_TIMEOUT:g} s",
        "end it with an empty line",
        account="test-b",
        provider="shuftipro",
    ),
    _wire(
        "a body that does not end",
        f"{WHOLE}Content-Length: 9\r\n\r\nabcdef".encode(),
        408,
        "6 of 9 bytes of the body had come",
        "send as many bytes as Content-Length says",
        account="test-b",
        provider="shuftipro",
    ),
    _wire(
        "chunks that do not end",
        f"{WHOLE}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n".encode(),
        408,
        "3 bytes and no last chunk",
        "end the body with a chunk of size 0",
        account="test-b",
        provider="shuftipro",
    ),
    _wire(
        "a long target",
        request(f"POST /verify/?key=test-b&data={'x' * 20_000}"),
        414,
        "path and query are longer than 16384 bytes",
        "send the parameters in the body of a POST",
        in_file=True,
        account="test-b",
        provider="cloudcheck",
    ),
    _wire(
        "a long header",
        f"{WHOLE}Cookie: {'x' * 70_000}\r\n\r\n".encode(),
        431,
        "more than 65536 bytes or 128 fields",
        "send fewer or shorter fields",
        in_file=True,
        account="test-b",
        provider="shuftipro",
    ),
    _wire(
        "many fields",
        f"{WHOLE}{''.join(f'A{number}: x' + chr(13) + chr(10) for number in range(200))}\r\n".encode(),
        431,
        "more than 65536 bytes or 128 fields",
        "send fewer or shorter fields",
        in_file=True,
        account="test-b",
        provider="shuftipro",
    ),
    Refused(
        "a large body",
        lambda: request("POST /", basic("test-b", "test-b-secret"), b"x" * (MAX_BODY + 1)),
        413,
        "413",
        f"the body is larger than {MAX_BODY} bytes",
        "start the server with a larger --max-body",
        "test-b",
        "shuftipro",
    ),
    Refused(
        "a large body, Cloudcheck",
        lambda: request("POST /verify/?key=test-b", FORM, b"x" * (MAX_BODY + 1)),
        413,
        "113",
        f"the body is larger than {MAX_BODY} bytes",
        "start the server with a larger --max-body",
        "test-b",
        "cloudcheck",
    ),
    _wire(
        "a large body to nobody",
        request("POST /wp-login.php", "", b"x" * (MAX_BODY + 1)),
        413,
        f"the body is larger than {MAX_BODY} bytes",
        "start the server with a larger --max-body",
        in_file=True,
    ),
]
ALL = [*CLOUDCHECK, *SHUFTI, *PATHS, *WIRE]
