"""The control API as a whole: its table, its errors, its guard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mock_server.web.admin import guard, routes
from mock_server.web.admin.guard import host_name, trusted
from tests.web.kit import Kit

HOST = {"Host": "127.0.0.1:8484"}


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def described(kit: Kit) -> set[tuple[str, str]]:
    paths = kit.get("openapi.json")["paths"]
    return {(method.upper(), path) for path, operations in paths.items() for method in operations}


def test_every_route_is_in_the_description(kit: Kit) -> None:
    served = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in kit.app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == described(kit)
    assert len(routes()) == len(served)


def test_the_description_has_what_a_generator_needs(kit: Kit) -> None:
    document = kit.get("openapi.json")
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert len(operations) == len({operation["operationId"] for operation in operations})
    for operation in operations:
        assert operation["summary"].endswith(".")
        assert {parameter["name"] for parameter in operation["parameters"]} >= {"account"}
    used = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert used <= set(document["components"]["schemas"])


def test_every_path_of_the_contract_is_there(kit: Kit) -> None:
    contract = """
    GET health|GET ready|GET version|POST reset|GET requests|GET requests/{request_id}|DELETE requests|GET requests/{request_id}/explain
    POST requests/count|GET requests/wait|GET callbacks|GET callbacks/{callback_id}|GET callbacks/wait|POST callbacks/{callback_id}/resend
    POST callbacks/flush|GET verifications|GET verifications/{reference}|POST verifications/{reference}/decide|POST events|GET scenarios
    POST scenarios|POST scenarios/reload|PUT scenarios/pinned|DELETE scenarios/pinned|GET clock|PUT clock|POST clock/advance|DELETE clock
    GET accounts|PUT accounts/{name}|GET coverage|POST signature/explain|GET fidelity|GET specification|GET openapi.json|GET stream
    """
    calls = {
        tuple(call.strip().split(" "))
        for line in contract.split("\n")
        for call in line.split("|")
        if call.strip()
    }
    assert {(method, f"/__admin/{path}") for method, path in calls} <= described(kit)


ELSEWHERE = ("/stream", "/requests/wait", "/callbacks/wait", "/scenario-files", "/metrics")
"""They wait, need a parameter or do not answer JSON; their own tests call them."""
SIMPLE = [
    route.path
    for route in routes()
    if route.method == "GET" and "<" not in route.path and route.path not in ELSEWHERE
]


@pytest.mark.parametrize("path", SIMPLE)
def test_the_members_of_an_answer_are_described(kit: Kit, path: str) -> None:
    kit.verify()
    route = next(route for route in routes() if (route.method, route.path) == ("GET", path))
    assert set(route.answer) == set(kit.get(path.lstrip("/")))


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "nothing", None, 404, "the control API has no path /__admin/nothing"),
        ("GET", "acounts", None, 404, "did you mean /__admin/accounts?"),
        ("GET", "requests/", None, 404, "did you mean /__admin/requests?"),
        ("POST", "callbacks/d-1/resnd", None, 404, "did you mean /__admin/callbacks/d-1/resend?"),
        ("DELETE", "health", None, 405, "DELETE is not a method of /__admin/health"),
        ("POST", "clock", None, 405, "use DELETE or GET or PUT"),
        ("POST", "clock/advance", b"by=1h", 400, "the body is a form, not JSON"),
        (
            "POST",
            "clock/advance",
            b"1h",
            400,
            "the body is not JSON: something follows its end (line 1 column 2)",
        ),
        ("POST", "clock/advance", b"soon", 400, "a value is missing, or is not one of JSON"),
        ("GET", "requests?limit=0", None, 400, "limit"),
        ("GET", "requests?limits=5", None, 400, "did you mean limit?"),
        ("GET", "requests?operation=verfy", None, 400, "did you mean verify?"),
        ("GET", "requests?provider=shuftipro&operation=verify", None, 400, "unknown operation 'verify'"),
        ("GET", "requests/unmatched?provider=Shuftipro", None, 400, "did you mean shuftipro?"),
        ("GET", "requests/wait?operation=verfy&timeout=1ms", None, 400, "did you mean verify?"),
        ("POST", "requests/count", {"operation": "verfy"}, 400, "did you mean verify?"),
        ("GET", "callbacks?event=verification.acepted", None, 400, "did you mean verification.accepted?"),
        ("GET", "callbacks/wait?event=REVIEWS&timeout=1ms", None, 400, "did you mean REVIEW?"),
        ("GET", "callbacks?provider=x", None, 400, "use one of: cloudcheck, shuftipro"),
        ("GET", "scenarios?provider=cloudchek", None, 400, "did you mean cloudcheck?"),
        ("POST", "events", {"event": "verification.accepted"}, 422, "reference is missing"),
        ("PUT", "scenario-files", {"yaml": "# ā"}, 400, "file is missing"),
        (
            "POST",
            "requests/try",
            {"path": "/verify/", "near_misses": 99999},
            400,
            "near_misses: must be at most 1000",
        ),
        ("POST", "requests/try", {"path": 7}, 400, "path: must be a text, got a whole number"),
        ("GET", "requests?since=yesterday", None, 400, "yesterday"),
        ("GET", "requests/r-none", None, 404, "r-none"),
        ("GET", "callbacks/d-none", None, 404, "d-none"),
        ("GET", "callbacks?outcome=deliverd", None, 400, "did you mean delivered?"),
        ("GET", "verifications/none", None, 404, "none"),
        ("POST", "verifications/none/decide", {"outcome": "verified"}, 404, "none"),
        ("POST", "requests/count", b"{", 400, "ends before its JSON does"),
        ("POST", "requests/count", b"[]", 400, "not a JSON object"),
        ("POST", "requests/count", {"statsu": 200}, 400, "did you mean status?"),
        ("POST", "requests/count", {"status": "ok"}, 400, "status"),
        ("PUT", "clock", {}, 400, "exactly one"),
        ("PUT", "clock", {"freeze": "soon"}, 400, "soon"),
        *(
            ("PUT", "clock", {word: at}, 400, "years 1970 to 9999")
            for word in ("freeze", "set", "offset")
            for at in (1e308, -1e15)
        ),
        ("PUT", "clock", {"offset": "99999999d"}, 400, "years 1970 to 9999"),
        ("POST", "clock/advance", {"by": 1e308}, 400, "years 1970 to 9999"),
        ("POST", "clock/advance", {"by": "99999999d"}, 400, "years 1970 to 9999"),
        ("POST", "clock/advance", {"by": "a while"}, 400, "a while"),
        (
            "POST",
            "events",
            {"event": "verification.acepted", "reference": "r"},
            400,
            "did you mean verification.accepted?",
        ),
        ("POST", "events", {"event": "x", "provider": "shufti"}, 400, "did you mean shuftipro?"),
        ("PUT", "scenarios/pinned", {"name": "marlow"}, 404, "did you mean marlowe?"),
        (
            "POST",
            "scenarios",
            {"provider": "cloudcheck", "name": "x", "respond": {"outcom": "verified"}},
            422,
            "outcom",
        ),
        ("POST", "signature/explain", {"provider": "cloudcheck"}, 400, "params"),
        ("POST", "signature/explain", {"provider": "cloudcheck", "params": {}}, 400, "path"),
        ("PUT", "accounts/acme", {"cloudchek": {}}, 422, "cloudchek"),
        ("PUT", "accounts/acme", {"cloudcheck": {"kee": "x"}}, 422, "kee"),
        ("GET", "coverage?provider=cloud", None, 400, "cloud"),
        ("GET", "coverage?group=errors", None, 400, "did you mean error?"),
    ],
)
def test_what_is_wrong_is_a_problem_document_that_says_so(
    kit: Kit, method: str, path: str, body: Any, status: int, says: str
) -> None:
    name, _, query = path.partition("?")
    params = dict(pair.split("=") for pair in query.split("&")) if query else {}
    actual, document = kit.call(method, name, body, **params)
    assert (actual, document["status"]) == (status, status)
    assert {"type", "title", "detail"} <= document.keys()
    assert says in str(document)


def test_a_clock_that_is_refused_stays_where_it_is(kit: Kit) -> None:
    kit.put("clock", {"freeze": "2026-01-01T00:00:00Z"})
    for method, path, body in (
        ("PUT", "clock", {"set": 1e308}),
        ("POST", "clock/advance", {"by": "9999999d"}),
    ):
        assert kit.call(method, path, body)[0] == 400
        assert kit.get("clock")["now"] == "2026-01-01T00:00:00.000Z"


def test_a_problem_has_its_own_content_type(kit: Kit) -> None:
    assert kit.http.get("/__admin/nothing").content_type == "application/problem+json"


def test_the_bare_address_leads_to_the_dashboard(kit: Kit) -> None:
    with kit.http.get("/__admin", follow_redirects=True) as response:
        assert (
            response.status_code,
            str(vars(response)["request"].path),
            response.mimetype,
        ) == (200, "/__admin/ui/", "text/html")


def test_an_unknown_account_is_told_how_to_be_declared(kit: Kit) -> None:
    status, document = kit.call("GET", "requests", account="nobody")
    assert (status, "PUT /__admin/accounts/nobody" in document["remedy"]) == (404, True)


def test_a_failure_is_logged_and_shows_no_traceback(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(type(kit.service.store), "accounts", lambda self: 1 / 0)
    status, document = kit.call("GET", "accounts")
    assert (status, "Traceback" in str(document)) == (500, False)
    assert "ZeroDivisionError" in caplog.text


def test_too_large_a_body_is_refused(tmp_path: Path) -> None:
    status, document = Kit(tmp_path, max_body=100).call("POST", "events", b"x" * 101)
    assert (status, "--max-body" in document["remedy"]) == (413, True)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost:8484", True),
        ("127.0.0.1:8484", True),
        ("[::1]:8484", True),
        ("10.1.2.3", True),
        ("api.localhost", True),
        ("LOCALHOST.", True),
        ("mock-server:8484", True),
        ("host.docker.internal:8484", True),
        ("evil.example:8484", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("evil.example#localhost", False),
        ("", False),
    ],
)
def test_only_names_that_no_stranger_can_take_are_answered(host: str, allowed: bool) -> None:
    assert trusted(host_name(host)) == allowed


def test_another_name_is_refused_unless_it_was_configured(tmp_path: Path) -> None:
    headers = {"Host": "mock.example:8484"}
    status, document = Kit(tmp_path).call("GET", "requests", headers=headers)
    assert (status, "--admin-host mock.example" in document["remedy"]) == (403, True)
    assert Kit(tmp_path, admin_host=["mock.example"]).call("GET", "requests", headers=headers)[0] == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("kyc-mock.shop.svc.cluster.local:8484", 200),
        ("KYC-mock.shop.svc.cluster.local.", 200),
        ("svc.cluster.local", 403),
        ("evil-svc.cluster.local", 403),
        ("x.svc.cluster.local.example", 403),
    ],
)
def test_names_of_a_cluster_are_allowed_at_once(tmp_path: Path, host: str, status: int) -> None:
    kit = Kit(tmp_path, admin_host=["*.svc.cluster.local"])
    assert kit.call("GET", "requests", headers={"Host": host})[0] == status


def test_an_account_that_was_reset_is_listed_no_more(kit: Kit) -> None:
    kit.check(account="test-gone")
    kit.check(account="test-stays")
    kit.put("accounts/acme", {"shuftipro": {"client_id": "acme", "secret_key": "s"}})
    kit.post("reset", account="test-gone")
    kit.post("reset", account="acme")
    assert [one["name"] for one in kit.get("accounts")["accounts"]] == ["acme", "default", "test-stays"]


def test_the_vendors_answer_under_any_name(kit: Kit) -> None:
    assert kit.http.post("/verify/", headers={"Host": "api.cloudcheck.example"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({**HOST, "Origin": "http://127.0.0.1:8484"}, 200),
        ({**HOST, "Origin": "http://evil.example"}, 403),
        ({**HOST, "Origin": "http://127.0.0.1:3000"}, 403),
        ({**HOST, "Origin": "null"}, 403),
        ({**HOST, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({**HOST, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ({**HOST, "Sec-Fetch-Site": "same-origin"}, 200),
    ],
    ids=["own", "foreign", "other-port", "opaque", "embedded", "link", "same-origin"],
)
def test_pages_of_other_sites_are_refused(kit: Kit, headers: dict[str, str], status: int) -> None:
    assert kit.call("POST", "reset", headers=headers)[0] == status
    assert "Access-Control-Allow-Origin" not in kit.http.get("/__admin/health", headers=headers).headers


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        ("Bearer s3cret", 200),
        ("bearer s3cret", 200),
        ("Basic " + "YW55Om5v", 401),
        ("Basic " + "YW55OnMzY3JldA==", 200),
        ("Basic !", 401),
        ("Token s3cret", 401),
    ],
)
def test_the_token_is_asked_for_where_there_is_one(
    tmp_path: Path, authorization: str | None, status: int
) -> None:
    kit = Kit(tmp_path, admin_token="s3cret")
    response = kit.http.get(
        "/__admin/requests", headers={"Authorization": authorization} if authorization else {}
    )
    assert response.status_code == status
    if status == 401:
        assert [value.split()[0] for value in response.headers.getlist("WWW-Authenticate")] == [
            "Bearer",
            "Basic",
        ]


@pytest.mark.parametrize("path", sorted(guard.OPEN))
def test_probes_need_no_token(tmp_path: Path, path: str) -> None:
    assert Kit(tmp_path, admin_token="s3cret").http.get(path).status_code == 200
