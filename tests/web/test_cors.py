"""Calls from pages of other origins, through the WSGI gateway and through the production server."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest

from mock_server.core.http import Request
from mock_server.providers.cross_origin import evidence
from mock_server.web.http.serving import LiveServer
from mock_server.web.http.wire import ConnectionLimits
from tests.web.kit import Kit

PAGE = "http://localhost:5173"
BASIC = "Basic bW9jay1jbGllbnQ6bW9jay1zZWNyZXQtUXZUN2RSMm1aazRMdzlYYg=="
ASKS = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}


NONE: Mapping[str, str] = {}


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class Site:
    """A kit and how its requests reach it."""

    def __init__(self, kit: Kit, send: Callable[[str, str, Mapping[str, str], bytes], Answer]) -> None:
        self.kit, self._send = kit, send

    def ask(self, method: str, path: str, headers: Mapping[str, str] = NONE, body: bytes = b"") -> Answer:
        return self._send(method, path, headers, body)

    def journal(self, account: str = "default") -> list[dict[str, object]]:
        return list(self.kit.call("GET", "requests", account=account)[1]["requests"])


def through_gateway(kit: Kit) -> Callable[[str, str, Mapping[str, str], bytes], Answer]:
    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        response = kit.http.open(path, method=method, headers=dict(headers), data=body)
        return Answer(response.status_code, dict(response.headers), response.data)

    return send


def through_server(server: LiveServer) -> Callable[[str, str, Mapping[str, str], bytes], Answer]:
    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())  # type: ignore[arg-type]
        connection.close()
        return answer

    return send


Open = Callable[..., Site]


@pytest.fixture(params=["gateway", "server"])
def open_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    servers: list[LiveServer] = []

    def start(**options: object) -> Site:
        kit = Kit(tmp_path, **options)  # type: ignore[arg-type]
        if request.param == "gateway":
            return Site(kit, through_gateway(kit))
        limits = ConnectionLimits(max_body=kit.service.config.max_body)
        servers.append(LiveServer(kit.service, lambda: kit.app, limits=limits))
        return Site(kit, through_server(servers[-1]))

    yield start
    for server in servers:
        server.stop()


@pytest.mark.parametrize("allowed", [PAGE, "*"])
@pytest.mark.parametrize("path", ["/", "/verify/", "/cloudcheck/verify/", "/shuftipro/status", "/delete"])
def test_preflights_are_answered(open_site: Open, allowed: str, path: str) -> None:
    site = open_site(cors=[allowed])
    answer = site.ask(
        "OPTIONS", path, {**ASKS, "Access-Control-Request-Headers": "authorization,content-type"}
    )
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert "Origin" in answer.headers["Vary"]
    assert site.journal() == []


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/decline/reasons/", "GET"),
        ("/verify/pdf", "GET, POST"),
        ("/nobody/serves/this", "PATCH"),
    ],
)
def test_the_methods_are_those_of_the_path(open_site: Open, path: str, methods: str) -> None:
    site = open_site(cors=["*"])
    answer = site.ask("OPTIONS", path, {**ASKS, "Access-Control-Request-Method": "PATCH"})
    assert answer.headers["Access-Control-Allow-Methods"] == methods


def test_private_networks_are_allowed_where_asked(open_site: Open) -> None:
    site = open_site(cors=["*"])
    assert "Access-Control-Allow-Private-Network" not in site.ask("OPTIONS", "/", ASKS).headers
    answer = site.ask("OPTIONS", "/", {**ASKS, "Access-Control-Request-Private-Network": "true"})
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"


def test_the_page_may_read_every_header_of_an_answer(open_site: Open) -> None:
    site = open_site(cors=[PAGE])
    answer = site.ask("POST", "/verify/", {"Origin": PAGE})
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert {"X-Mock-Request-Id", "Link", "Date"} <= set(exposed)
    assert answer.headers["Vary"] == "Origin"


def test_a_page_without_an_origin_is_called_what_it_is() -> None:
    headers = {"origin": "null", "access-control-request-method": "POST"}
    question = evidence(Request("OPTIONS", "/verify/", "", headers, b""))

    assert question["explanation"].startswith(
        "a page that was opened as a file or is sandboxed (origin null) asks whether"
    )
    assert question["remedy"] == "start the server with --cors null"
    call = evidence(Request("POST", "/verify/", "", {"origin": "null"}, b""))
    assert call["explanation"].startswith(
        "a page that was opened as a file or is sandboxed (origin null) made this call"
    )


def test_the_signature_of_an_answer_is_exposed(open_site: Open) -> None:
    site = open_site(cors=[PAGE])
    answer = site.ask("POST", "/status", {"Origin": PAGE, "Authorization": BASIC}, b'{"reference": "none"}')
    assert "signature" in answer.headers["Access-Control-Expose-Headers"].lower().split(", ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/nobody/serves/this", 404), ("PUT", "/verify/", 405), ("GET", "/", 404)],
)
def test_refusals_can_be_read_by_the_page(open_site: Open, method: str, path: str, status: int) -> None:
    answer = open_site(cors=["*"]).ask(method, path, {"Origin": PAGE})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, PAGE)


def test_a_body_over_the_limit_is_refused_readably(open_site: Open) -> None:
    answer = open_site(cors=["*"], max_body=64).ask("POST", "/", {"Origin": PAGE}, b"x" * 100)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (413, PAGE)


def test_answers_vary_by_origin_also_without_one(open_site: Open) -> None:
    assert open_site(cors=[PAGE]).ask("POST", "/verify/").headers["Vary"] == "Origin"


def test_an_account_allows_origins_of_its_own(open_site: Open) -> None:
    site = open_site(
        accounts={"shop": {"cors": [PAGE], "cloudcheck": {"key": "shop-key", "secret": "s3cret"}}}
    )
    form = {"Origin": PAGE, "Content-Type": "application/x-www-form-urlencoded"}
    assert site.ask("OPTIONS", "/verify/", ASKS).status == 204
    own = site.ask("POST", "/verify/", form, b"key=shop-key")
    other = site.ask("POST", "/verify/", form, b"key=MockKey0NotReal1")
    assert own.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Access-Control-Allow-Origin" not in other.headers


def test_an_account_is_given_origins_while_the_server_runs(open_site: Open) -> None:
    site = open_site()
    assert site.ask("OPTIONS", "/", ASKS).status == 404
    status, account = site.kit.call("PUT", "accounts/test-page", {"cors": [f"{PAGE}/"]})
    assert (status, account["cors"]) == (200, [PAGE])
    assert site.ask("OPTIONS", "/", ASKS).status == 204
    assert site.kit.call("PUT", "accounts/test-page", {"cloudcheck": {}})[1]["cors"] == [PAGE]


@pytest.mark.parametrize("origins", [["localhost:5173"], 5173, [None]])
def test_what_is_not_an_origin_is_refused(open_site: Open, origins: object) -> None:
    status, problem = open_site().kit.call("PUT", "accounts/test-page", {"cors": origins})
    assert status == 422
    assert "write for example http://localhost:5173" in problem["detail"]


@pytest.mark.parametrize("cors", [[], ["http://localhost:3000"]], ids=["none", "another"])
def test_a_question_of_another_origin_is_explained(
    open_site: Open, cors: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    site = open_site(cors=cors)
    with caplog.at_level(logging.INFO, "mock_server"):
        answers = [site.ask("OPTIONS", "/", ASKS) for _ in range(3)]
        site.kit.service._refusal_log.flush()
    assert [answer.status for answer in answers] == [404, 404, 404]
    assert "Access-Control-Allow-Origin" not in answers[0].headers
    lines = [record.getMessage() for record in caplog.records if "--cors" in record.getMessage()]
    assert len(lines) == 1
    assert f"a page of {PAGE} asks whether it may call POST /" in lines[0]
    assert f"start the server with --cors {PAGE}" in lines[0]
    entry = site.journal()[0]
    explanation = site.kit.call("GET", f"requests/{entry['id']}/explain", account="default")[1]
    assert explanation["mistakes"][0]["id"] == "cors"
    assert explanation["mistakes"][0]["fix"] == f"start the server with --cors {PAGE}"


@pytest.mark.parametrize(
    ("headers", "warnings"),
    [
        ({"Origin": PAGE}, ["cors"]),
        ({"Origin": PAGE, "Sec-Fetch-Mode": "cors"}, ["cors"]),
        ({"Origin": PAGE, "Sec-Fetch-Mode": "navigate"}, []),
        ({"Origin": "http://mock.test:8484", "Host": "mock.test:8484"}, []),
        ({}, []),
    ],
    ids=["foreign", "fetch", "form", "own-origin", "no-page"],
)
def test_an_answer_hidden_from_its_page_has_a_warning(
    open_site: Open, headers: dict[str, str], warnings: list[str]
) -> None:
    site = open_site()
    assert site.ask("GET", "/account/info/", {"Authorization": BASIC, **headers}).status == 200
    entry = site.journal()[0]
    explanation = site.kit.call("GET", f"requests/{entry['id']}/explain", account="default")[1]
    assert [warning["id"] for warning in explanation.get("warnings", [])] == warnings


@pytest.mark.parametrize(
    "headers", [{**ASKS}, {"Origin": PAGE}, {**ASKS, "Access-Control-Request-Private-Network": "true"}]
)
def test_the_control_api_answers_no_page(open_site: Open, headers: dict[str, str]) -> None:
    for method in ("OPTIONS", "GET", "POST"):
        answer = open_site(cors=["*"]).ask(method, "/__admin/requests", headers)
        assert answer.status in (403, 405)
        assert not [name for name in dict(answer.headers) if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        ({"cors": [PAGE]}, PAGE),
        ({"cors": ["*"]}, PAGE),
        ({"accounts": {"shop": {"cors": [PAGE]}}}, PAGE),
        ({"cors": ["http://localhost:1"]}, None),
    ],
    ids=["origin", "every origin", "an account's", "another"],
)
def test_a_page_reads_that_the_server_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], allowed: str | None
) -> None:
    kit = Kit(tmp_path, **options)

    def fail(arrivals: object) -> NoReturn:
        raise OSError("disk full")

    monkeypatch.setattr(kit.service.pipeline, "handle_all", fail)
    with LiveServer(kit.service, lambda: kit.app) as server:
        answer = through_server(server)("POST", "/verify/", {"Origin": PAGE}, b"")
    assert answer.status == 500
    assert answer.headers.get("Access-Control-Allow-Origin") == allowed


def test_a_failure_is_readable_even_if_the_accounts_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = Kit(tmp_path, cors=["http://localhost:1"])

    def fail(*_: object) -> NoReturn:
        raise OSError("disk full")

    monkeypatch.setattr(kit.service.accounts, "cors_origins", fail)
    monkeypatch.setattr(kit.service.pipeline, "handle_all", fail)
    with LiveServer(kit.service, lambda: kit.app) as server:
        answer = through_server(server)("POST", "/verify/", {"Origin": PAGE}, b"")
    assert (answer.status, answer.body) == (500, b"Internal Server Error\n")
