"""The verbs, called as a shell would, against a server and a receiver that listen."""

from __future__ import annotations

import base64
import json
import shlex
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import click
import pytest
from msgspec.structs import replace

from mock_server.cli.decide import _state
from mock_server.cli.main import FINDINGS, FINE, USAGE, run
from mock_server.cli.parsing import declines, json_object
from mock_server.cli.requestfile import read, to_request
from mock_server.client import Account, ApiError, MockServer, Receiver
from mock_server.core import config as configuration
from mock_server.providers.cloudcheck.canonical import canonical
from mock_server.providers.cloudcheck.signing import sign, sign_text
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.receivers import free_port
from tests.web.kit import CHECK, SCENARIOS

Capture = pytest.CaptureFixture[str]
DATA = '{"details":{"name":{"given":"Tamsin","family":"Marlow"},"dateofbirth":"1987-03-14"},"reference":"ref-1","consent":"Yes"}'
BODY = '{"reference":"check-1","event":"verification.accepted"}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "some.yaml").write_text(SCENARIOS)
    service = Service(configuration.build({"scenarios": [str(folder)], "watch": False}))
    with LiveServer(service, lambda: create_app(service)) as live, MockServer(live.url) as client:
        yield client


@pytest.fixture
def account(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> Account:
    """A fresh account that the verbs talk about."""
    fresh = server.account()
    monkeypatch.setenv("MOCK_SERVER_URL", server.url)
    monkeypatch.setenv("MOCK_SERVER_ACCOUNT", fresh.name)
    return fresh


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def check(account: Account, **more: Any) -> None:
    """A Shufti Pro request."""
    credentials = base64.b64encode(":".join(account.shuftipro).encode()).decode()
    with closing(HTTPConnection(account.url.removeprefix("http://"), timeout=10)) as connection:
        connection.request(
            "POST", "/", json.dumps({**CHECK, **more}), {"Authorization": f"Basic {credentials}"}
        )
        connection.getresponse().read()


# -- sign, verify, explain
# -------------------------------------------------------------------------------------------------


def signed(*arguments: str, capsys: Capture) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["sign", *arguments, "--format", "json"]) == FINE
    return dict(json.loads(capsys.readouterr().out))


def test_sign_gives_what_the_vectors_give(capsys: Capture) -> None:
    vectors = json.loads((Path(__file__).parent / "vectors" / "cloudcheck.json").read_text())
    one = next(vector for vector in vectors if vector["id"] == "V1")
    data = one["canonical"].removeprefix("/verify/data=").partition(";key=")[0]
    document = signed(
        "/verify/", "--data", data, "--nonce", "n-0001", "--timestamp", "1700000000000", capsys=capsys
    )
    assert (one["canonical"], one["signature"]) == (document["canonical"], document["signature"])
    vectors = json.loads((Path(__file__).parent / "vectors" / "shuftipro.json").read_text())
    for vector in vectors:
        for scheme in ("legacy", "hashed"):
            document = signed(
                "--body", vector["body"], "--secret", vector["secret"], "--scheme", scheme, capsys=capsys
            )
            assert vector[scheme] == document["signature"]


def test_the_curl_that_sign_prints_is_accepted(account: Account, capsys: Capture) -> None:
    assert (
        run(
            [
                "sign",
                "/verify/",
                "--data",
                DATA,
                "--account",
                account.name,
                "--to",
                account.url,
                "--format",
                "curl",
            ]
        )
        == FINE
    )
    line = capsys.readouterr().out
    done = subprocess.run([*shlex.split(line), "--silent"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["verification"]["verificationSuccess"] is True
    assert (
        run(["sign", "/verify/response/", "--method", "GET", "--param", "reference=x", "--format", "curl"])
        == FINE
    )
    assert capsys.readouterr().out.startswith(
        f"curl '{account.url}/verify/response/?key={account.name}&nonce="
    )


def test_the_curl_of_a_repeated_parameter_is_accepted(account: Account, capsys: Capture) -> None:
    repeated = ["--param", "username=agent 7", "--param", "username=a+b"]
    options = ["--data", DATA, *repeated, "--account", account.name, "--to", account.url]
    assert signed("/verify/", *options, capsys=capsys)["canonical"].endswith("username=agent 7;username=a+b;")
    assert run(["sign", "/verify/", *options, "--format", "curl"]) == FINE
    done = subprocess.run(
        [*shlex.split(capsys.readouterr().out), "--silent"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["verification"]["verificationSuccess"] is True


def test_sign_prints_for_people_and_never_the_secret(capsys: Capture) -> None:
    assert run(["sign", "/verify/", "--data", "{}", "--secret", "quite-a-secret"]) == FINE
    output = capsys.readouterr().out
    assert [line for line in output.splitlines() if line.endswith(":")] == [
        "canonical:",
        "signature:",
        "curl:",
    ]
    assert "quite-a-secret" not in output


def test_sign_reads_files_byte_for_byte(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "body").write_bytes(BODY.encode() + b"\n")
    with_newline = signed("--body", f"@{tmp_path / 'body'}", capsys=capsys)["signature"]
    assert with_newline != signed("--body", BODY, capsys=capsys)["signature"]
    assert run(["sign", "--body", f"@{tmp_path / 'none'}"]) == USAGE


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["sign"], "give the PATH of a request, or the --body", id="nothing to sign"),
        pytest.param(
            ["sign", "/verify/", "--body", "{}"], "give a PATH, --data and --param", id="a body too"
        ),
        pytest.param(["sign", "/status"], "Shufti Pro signs no request", id="a vendor that signs no request"),
        pytest.param(
            ["sign", "--body", "{}", "--provider", "cloudcheck"],
            "Cloudcheck signs the parameters of a request",
            id="a vendor that signs no body",
        ),
        pytest.param(
            ["sign", "--body", "{}", "--scheme", "new"],
            "Shufti Pro has no scheme 'new'; use hashed or legacy",
            id="an unknown scheme",
        ),
        pytest.param(
            ["verify", "--body", "{}", "--scheme", "new"],
            "Shufti Pro has no scheme 'new'; use hashed or legacy",
            id="an unknown scheme to verify",
        ),
        pytest.param(
            ["sign", "/verify/", "--scheme", "hashed"],
            "Cloudcheck has no scheme 'hashed'; leave it out",
            id="a scheme of a vendor without",
        ),
        pytest.param(
            ["audit", "http://127.0.0.1:9/", "--provider", "onfido"],
            "unknown provider 'onfido'; use cloudcheck, shuftipro",
            id="an unknown vendor",
        ),
    ],
)
def test_what_no_vendor_signs_is_refused_in_words(arguments: list[str], says: str, capsys: Capture) -> None:
    assert run(arguments) == USAGE
    assert says in " ".join(capsys.readouterr().err.split())


def test_an_unserved_path_is_signed_by_the_vendor_that_signs(capsys: Capture) -> None:
    actual = signed("/brand/new/", "--nonce", "n", "--timestamp", "1", capsys=capsys)
    assert actual["canonical"] == "/brand/new/key=MockKey0NotReal1;nonce=n;timestamp=1;"


def cloudcheck(**changed: str) -> dict[str, str]:
    import time

    params = {
        "key": "MockKey0NotReal1",
        "nonce": "n-1",
        "timestamp": str(int(time.time() * 1000)),
        "data": DATA,
        **changed,
    }
    params.setdefault("signature", sign("mock-secret-not-real-0123456789ab", "/verify/", params))
    return params


def as_arguments(params: dict[str, str]) -> list[str]:
    return [word for name, value in params.items() for word in ("--param", f"{name}={value}")]


def test_verify_says_that_a_request_is_right(capsys: Capture) -> None:
    assert run(["verify", "/verify/", *as_arguments(cloudcheck())]) == FINE
    assert capsys.readouterr().out.startswith("the signature is right")


def test_verify_reads_a_repeated_parameter(capsys: Capture) -> None:
    params = cloudcheck()
    repeated = {"username": ["b", "a"]}
    params["signature"] = sign_text(
        "mock-secret-not-real-0123456789ab", canonical("/verify/", {**params, "username": "b"}, repeated)
    )
    assert (
        run(["verify", "/verify/", *as_arguments(params), "--param", "username=b", "--param", "username=a"])
        == FINE
    )
    assert "username=b;username=a;" in capsys.readouterr().out
    assert (
        run(["verify", "/verify/", *as_arguments(params), "--param", "username=a", "--param", "username=b"])
        == FINDINGS
    )


def test_verify_warns_of_a_timestamp_in_microseconds(capsys: Capture) -> None:
    import time

    assert (
        run(["verify", "/verify/", *as_arguments(cloudcheck(timestamp=str(time.time_ns() // 1000)))]) == FINE
    )
    assert "warning: The timestamp " in capsys.readouterr().out


def test_verify_names_the_mistake_and_shows_no_secret(capsys: Capture) -> None:
    params = cloudcheck()
    params["signature"] = sign("mock-secret-not-real-0123456789ab", "/verify", params)
    assert run(["verify", "/verify/", *as_arguments(params)]) == FINDINGS
    output = capsys.readouterr().out
    assert output.startswith("the signature is wrong")
    assert "fix:" in output
    assert "mock-secret" not in output


@pytest.mark.parametrize("form", ["http", "json", "curl"])
def test_verify_reads_requests_from_files(form: str, tmp_path: Path, capsys: Capture) -> None:
    from urllib.parse import urlencode

    params, url = cloudcheck(), "http://localhost:8484/cloudcheck/verify/"
    fields = " ".join(f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in params.items())
    texts = {
        "http": f"# a comment\nPOST {url}\nContent-Type: application/x-www-form-urlencoded\n\n{urlencode(params)}\n\n### next\n",
        "json": json.dumps({"url": url, "params": params}),
        "curl": f"curl -s {url} \\\n  {fields}\n",
    }
    file = tmp_path / f"request.{form}"
    file.write_text(texts[form])
    assert run(["verify", str(file)]) == FINE, capsys.readouterr().out


@pytest.mark.parametrize(
    ("signature", "more", "code"),
    [
        ("hashed", [], FINE),
        ("legacy", [], FINDINGS),
        ("legacy", ["--scheme", "legacy"], FINE),
        ("other", ["--secret", "other-secret"], FINE),
        ("nonsense", [], FINDINGS),
    ],
)
def test_verify_checks_a_body_with_its_header(
    signature: str, more: list[str], code: int, capsys: Capture
) -> None:
    from mock_server.providers.shuftipro import signing

    value = {
        "hashed": signing.sign(BODY.encode(), "mock-secret-QvT7dR2mZk4Lw9Xb", "hashed"),
        "legacy": signing.sign(BODY.encode(), "mock-secret-QvT7dR2mZk4Lw9Xb", "legacy"),
        "other": signing.sign(BODY.encode(), "other-secret", "hashed"),
        "nonsense": "0" * 64,
    }[signature]
    assert run(["verify", "--body", BODY, "--signature", value, *more]) == code
    capsys.readouterr()
    assert (
        run(["verify", "--body", BODY, "--header", f"Signature: {value}", "--format", "json", *more]) == code
    )
    assert (code == FINE) == json.loads(capsys.readouterr().out)["valid"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("BREW", "neither a path"),
        ("GET /x\nno header", "no header"),
        ("{", "not a request"),
        ("curl -s", "no address"),
        ("{}", "url"),
    ],
)
def test_what_is_no_request_says_why(text: str, says: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "request.http").write_text(text)
    assert run(["verify", str(tmp_path / "request.http")]) == USAGE
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "method", "path", "query", "body"),
    [
        ("/a?b=c", "GET", "/a", "b=c", b""),
        ("DELETE http://x/a%20b", "DELETE", "/a b", "", b""),
        ("GET http://x/a\n  ?b=c\n  &d=e\n", "GET", "/a", "b=c&d=e", b""),
        (
            "POST /a\nContent-Type: application/x-www-form-urlencoded\n\nb=c\n&d=e\n",
            "POST",
            "/a",
            "",
            b"b=c&d=e",
        ),
        ('{"path": "/a", "json": {"b": 1}}', "POST", "/a", "", b'{"b": 1}'),
        ('{"path": "/a", "method": "GET", "params": {"b": "c d"}}', "GET", "/a", "b=c+d", b""),
        (
            '{"id": "r-1", "request": {"method": "POST", "path": "/a", "query": "", "body": "b=c"}}',
            "POST",
            "/a",
            "",
            b"b=c",
        ),
        ("curl localhost:8484/a -d b=c -d d=e", "POST", "/a", "", b"b=c&d=e"),
        ("curl -G http://x/a --data-urlencode 'b=c d'", "GET", "/a", "b=c+d", b""),
        ("curl -X PUT --url http://x/a -u me:pw -H 'X-Y: z' -o /dev/null", "PUT", "/a", "", b""),
        ("curl -sSXPUT http://x/a -db=c", "PUT", "/a", "", b"b=c"),
        ("curl --connect-timeout 5 -b jar -I http://x/a --url-query b='c d'", "HEAD", "/a", "b=c+d", b""),
        (
            """curl http://x/a --json '{"b": ' --json '"Māori"}'""",
            "POST",
            "/a",
            "",
            '{"b": "Māori"}'.encode(),
        ),
        ("curl http://x/a -d @FILE", "POST", "/a", "", "b=ā".encode()),
        ("curl http://x/a --data-binary @FILE", "POST", "/a", "", "b=\nā".encode()),
        ("curl http://x/a --data-raw @FILE", "POST", "/a", "", b"@FILE"),
        (
            "curl http://x/a --data-urlencode b@FILE --data-urlencode '=1 2'",
            "POST",
            "/a",
            "",
            b"b=b%3D%0A%C4%81&1+2",
        ),
    ],
)
def test_requests_in_files(
    text: str,
    method: str,
    path: str,
    query: str,
    body: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_text("b=\nā")
    (tmp_path / "r").write_text(text)
    request = to_request(read(str(tmp_path / "r")), ("/cloudcheck",))
    assert (request.method, request.path, request.query, request.body) == (method, path, query, body)


@pytest.mark.parametrize(
    ("options", "content_type"),
    [
        ("--json '{}'", "application/json"),
        ("-d a=b", "application/x-www-form-urlencoded"),
        ("-d '{}' -H 'content-type: text/plain'", "text/plain"),
        ("-F a=b", "multipart/form-data; boundary=------------------------mock-server-curl"),
    ],
)
def test_the_content_type_of_a_curl_command(options: str, content_type: str, tmp_path: Path) -> None:
    (tmp_path / "r").write_text(f"curl {options} http://x/")
    assert read(str(tmp_path / "r")).headers["content-type"] == content_type


@pytest.mark.parametrize("levels", [990, 5000, 100_000])
def test_a_request_file_nested_too_deep_is_refused_in_words(levels: int, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text('{"path":"/","body":' + "[" * levels + "]" * levels + "}")
    with pytest.raises(click.UsageError, match="the JSON is nested too deep"):
        read(str(tmp_path / "r.json"))


@pytest.mark.parametrize("levels", [990, 5000, 100_000])
def test_an_option_nested_too_deep_is_refused_in_words(levels: int) -> None:
    with pytest.raises(click.UsageError, match=r"--merge: The value .*nested too deep"):
        json_object("--merge", '{"a":' + "[" * levels + "]" * levels + "}")


def test_a_file_that_curl_uploads_is_read(tmp_path: Path) -> None:
    from mock_server.providers.cloudcheck.params import parse
    from mock_server.providers.cloudcheck.settings import Settings

    (tmp_path / "selfie ā.jpg").write_bytes(b"\xff\xd8\r\n")
    (tmp_path / "r").write_text(
        f"curl http://x/ -F 'file=@{tmp_path}/selfie ā.jpg;type=image/jpeg' -F key=k --form-string 'at=@home'"
    )
    params = parse(to_request(read(str(tmp_path / "r")), ()), Settings())
    assert params == {"key": "k", "at": "@home"}
    assert params.files["file"].content == b"\xff\xd8\r\n"


def test_explain_reads_the_body_of_a_curl_command_as_json(tmp_path: Path, capsys: Capture) -> None:
    body = {
        "reference": "curl-1",
        "background_checks": {"name": {"first_name": "Mere", "last_name": "Pōtiki"}, "dob": "1990-01-02"},
    }
    credentials = "mock-client:mock-secret-QvT7dR2mZk4Lw9Xb"
    (tmp_path / "s.yaml").write_text(SCENARIOS)
    (tmp_path / "r").write_text(f"curl -u {credentials} http://localhost:8484/ --json '{json.dumps(body)}'")
    assert (
        run(["explain", str(tmp_path / "r"), "--scenarios", str(tmp_path / "s.yaml"), "--format", "json"])
        == FINE
    )
    explanation = json.loads(capsys.readouterr().out)
    assert (explanation["answers"], explanation["reference"], explanation["refusal"]) == (
        "built-in",
        "curl-1",
        None,
    )


def test_explain_judges_a_file_by_the_scenario_files(tmp_path: Path, capsys: Capture) -> None:
    from urllib.parse import urlencode

    (tmp_path / "s.yaml").write_text(SCENARIOS)
    (tmp_path / "r.http").write_text(
        f"POST /verify/\nContent-Type: application/x-www-form-urlencoded\n\n{urlencode(cloudcheck())}"
    )
    assert run(["explain", str(tmp_path / "r.http"), "--scenarios", str(tmp_path / "s.yaml")]) == FINE
    output = capsys.readouterr().out
    assert "POST /verify/ (cloudcheck, verify, account default, reference ref-1)" in output
    assert "no scenario matches; the built-in behaviour answers" in output
    assert 'body.details.name.family: expected "Marlowe", actual "Marlow"' in output
    data = cloudcheck(data=DATA.replace("Marlow", "Marlowe"), signature="wrong")
    (tmp_path / "r.json").write_text(json.dumps({"path": "/verify/", "params": data}))
    assert (
        run(
            ["explain", str(tmp_path / "r.json"), "--scenarios", str(tmp_path / "s.yaml"), "--format", "json"]
        )
        == FINE
    )
    explanation = json.loads(capsys.readouterr().out)
    assert (
        explanation["answers"],
        explanation["refusal"]["error"],
        explanation["scenario"]["name"],
    ) == ("refusal", "106", "marlowe")


def test_explain_asks_the_server_about_a_journal_entry(account: Account, capsys: Capture) -> None:
    check(account, country="Nowhere")
    assert run(["explain", account.requests.find()[0].id]) == FINE
    assert "refused with request.invalid: The country must be 2 characters." in capsys.readouterr().out


# -- a running server
# ------------------------------------------------------------------------------------------------------


def test_trigger_fires_and_waits_for_the_outcome(
    account: Account, receiver: Receiver, capsys: Capture
) -> None:
    check(account)
    receiver.answer(200, 500)
    assert run(["trigger", "verification.accepted", "--reference", "check-1", "--to", receiver.url]) == FINE
    assert f"verification.accepted for check-1 → {receiver.url}: delivered (200 in" in capsys.readouterr().out
    assert (
        run(["trigger", "verification.accepted", "--reference", "check-1", "--to", receiver.url]) == FINDINGS
    )
    assert "pending (" in capsys.readouterr().out
    assert run(["trigger", "verification.acepted"]) == FINDINGS
    assert "did you mean verification.accepted?" in capsys.readouterr().err


NO_SCHEME = "'localhost:3000' cannot be called: the URL has no scheme; write http://localhost:3000"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["trigger", "verification.accepted", "--reference", "check-1", "--to", "localhost:3000"], f"--to: {NO_SCHEME}"),
        (["audit", "localhost:3000"], f"URL: {NO_SCHEME}"),
        (["trigger", "PEP_MATCH_REVIEW", "--to", "http://localhost:x/"], "--to: 'http://localhost:x/' cannot be called: the port"),
        (
            ["trigger", "PEP_MATCH_REVIEW", "--url", "http://localhost:x/"],
            "--url: 'http://localhost:x/': the port of the URL is not a number from 1 to 65535; write for example http",
        ),
        (
            ["record", "--provider", "cloudcheck", "--out", "x", "--upstream", "https://api.vendor.example:x"],
            "--upstream: 'https://api.vendor.example:x': the port of the URL is not a number from 1 to 65535;",
        ),
    ],
)  # fmt: skip
def test_an_address_that_nothing_can_be_sent_to_is_refused(
    account: Account, arguments: list[str], says: str, capsys: Capture
) -> None:
    check(account)
    assert run(arguments) == USAGE
    assert says in capsys.readouterr().err
    assert account.callbacks.find() == []


def test_a_number_that_is_too_large_is_called_so(server: MockServer, account: Account) -> None:
    with closing(HTTPConnection(server.url.removeprefix("http://"), timeout=10)) as connection:
        body = '{"shuftipro": {"rate_limit": 1e400}}'
        connection.request(
            "PUT", f"/__admin/accounts/{account.name}", body, {"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        detail = json.loads(response.read())["detail"]
    assert response.status == 400
    assert detail == "the body is JSON, but the server cannot read it: a number in it is too large"


def test_the_control_api_refuses_an_unusable_address(account: Account) -> None:
    check(account)
    with pytest.raises(ApiError) as caught:
        account.fire("verification.accepted", "check-1", url="localhost:3000")
    assert (caught.value.status, str(caught.value)) == (422, f"url: {NO_SCHEME}")
    with pytest.raises(ApiError) as caught:
        account.configure(shuftipro={"callback_url": "localhost:3000"})
    assert f"callback_url: {NO_SCHEME}" in str(caught.value)
    assert account.callbacks.find() == []


@pytest.mark.parametrize(
    ("status", "outcome", "shown"),
    [
        ("pep-match", "cleared", "pep-match, decided: cleared"),
        ("pep-match", "PERMANENTLY_CLEARED", "pep-match, decided: permanently-cleared"),
        ("NO_MATCH", "no-match", "NO_MATCH"),
        ("verification.declined", "declined", "verification.declined"),
    ],
)
def test_decide_shows_the_state_and_the_decision(status: str, outcome: str, shown: str) -> None:
    assert _state(status, outcome) == shown


def test_decide_decides_as_a_reviewer(account: Account, receiver: Receiver, capsys: Capture) -> None:
    more = {"document": {"supported_types": ["passport"]}, "redirect_url": "http://localhost/"}
    check(account, background_checks=None, callback_url=receiver.url, **more)
    receiver.wait()
    assert run(["decide", "check-1", "declined", "--decline", "document=SPDR03"]) == FINE
    output = capsys.readouterr().out
    assert "shuftipro verification check-1: verification.declined" in output
    assert f"→ {receiver.url}: delivered" in output
    assert receiver.wait(2)[1].json["services_declined_codes"] == {"document": ["SPDR03"]}
    assert (
        run(["decide", "check-1", "declined", "--decline", "document=SPDR03", "--decline", "SPDR04"]) == USAGE
    )
    assert run(["decide", "check-1", "declined", "--review", "[]"]) == USAGE


def test_scenarios_lists_what_is_loaded_and_how_often_it_answered(account: Account, capsys: Capture) -> None:
    account.pin("marlowe")
    assert run(["scenarios"]) == FINE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["scenario", "provider", "answers", "answered", "source"]
    assert lines[1].startswith("marlowe (pinned)  cloudcheck  verify")
    assert lines[1].endswith("some.yaml:4")
    assert run(["scenarios", "--format", "json", "--provider", "shuftipro"]) == FINE
    assert json.loads(capsys.readouterr().out) == []


def test_scenarios_lists_files_without_a_server(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "some.yaml").write_text(SCENARIOS)
    assert run(["scenarios", "--scenarios", str(tmp_path)]) == FINE
    assert "marlowe" in capsys.readouterr().out


def test_coverage_in_each_format_and_its_threshold(account: Account, capsys: Capture) -> None:
    check(account)
    assert run(["coverage", "--provider", "shuftipro", "--group", "event"]) == FINE
    output = capsys.readouterr().out
    assert output.splitlines()[0].split() == ["provider", "group", "met", "of", "%"]
    (missing,) = [line for line in output.splitlines() if line.startswith("not met, shuftipro event: ")]
    assert ("request.pending" in missing, "verification.accepted" in missing) == (True, False)
    assert run(["coverage", "--format", "markdown"]) == FINE
    assert capsys.readouterr().out.startswith("| provider | group |")
    assert run(["coverage", "--format", "junit"]) == FINE
    suites = ET.fromstring(capsys.readouterr().out)
    cases = [case for case in suites.iter("testcase") if case.get("name") == "verification.accepted"]
    assert [list(case) for case in cases] == [[]]
    assert run(["coverage", "--format", "json", "--fail-under", "0"]) == FINE
    assert json.loads(capsys.readouterr().out)["met"] > 0
    assert run(["coverage", "--fail-under", "99"]) == FINDINGS
    assert "% is below 99 %" in capsys.readouterr().err
    run(["coverage", "--fail-under", "0.9"])
    assert "--fail-under 0.9 is less than one per cent; for 90% write 90" in capsys.readouterr().err


REQUIRED = """
# what the sign-up must be tried with

shuftipro event   verification.accepted
shuftipro outcome verification *
cloudcheck error  104
"""


def test_coverage_of_the_run_holds_required_words(account: Account, tmp_path: Path, capsys: Capture) -> None:
    required = tmp_path / "required words.txt"
    check(account)
    account.reset()
    assert run(["coverage", "--provider", "shuftipro", "--group", "event"]) == FINE
    assert "verification.accepted" in capsys.readouterr().out  # among those that were not met
    required.write_text("shuftipro event verification.accepted\n", "utf-8-sig")
    assert run(["coverage", "--all", "--require", str(required)]) == FINE
    required.write_text(REQUIRED)
    capsys.readouterr()
    assert run(["coverage", "--all", "--require", str(required), "--format", "junit"]) == FINDINGS
    printed = capsys.readouterr()
    assert f"{required}:6: cloudcheck error 104 was not met" in printed.err
    assert f"{required}:5: shuftipro outcome verification declined was not met" in printed.err
    gate = next(
        suite for suite in ET.fromstring(printed.out).iter("testsuite") if suite.get("name") == "gate"
    )
    assert int(gate.get("failures", "0")) == len(printed.err.splitlines())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cloudcheck 104", "1: 'cloudcheck 104' is not a required word; write provider, group and word"),
        ("cloudcheck error 1O4", "1: no vendor has the word cloudcheck error 1O4"),
    ],
)
def test_a_required_word_that_is_none(
    account: Account, tmp_path: Path, capsys: Capture, line: str, message: str
) -> None:
    (tmp_path / "words").write_text(line)
    assert run(["coverage", "--require", str(tmp_path / "words")]) == USAGE
    assert message in capsys.readouterr().err


def test_ready_and_its_token(account: Account, capsys: Capture) -> None:
    assert run(["ready", "--wait"]) == FINE
    assert f"{account.url} is ready: 2 scenarios" in capsys.readouterr().out


# -- files
# -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_lint_exits_1_for_errors_only(form: str, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "some.yaml"
    file.write_text(SCENARIOS)
    assert run(["lint", str(tmp_path), "--format", form]) == FINE
    file.write_text(SCENARIOS.replace("pep-match", "pep-mach"))
    capsys.readouterr()
    assert run(["lint", str(file), "--format", form]) == FINDINGS
    assert "pep-mach" in capsys.readouterr().out


def test_lint_counts_warnings_only_where_it_is_strict(tmp_path: Path) -> None:
    twice = SCENARIOS + SCENARIOS.partition("scenarios:\n")[2].replace("name: ", "name: again-")
    (tmp_path / "some.yaml").write_text(twice)
    assert run(["lint", str(tmp_path)]) == FINE
    assert run(["lint", str(tmp_path), "--strict"]) == FINDINGS


def test_lint_of_a_folder_without_scenario_files_is_no_success(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "some.json").write_text("{}")
    assert run(["lint", str(tmp_path)]) == FINDINGS
    remedy = "a scenario file ends in .yaml or .yml, unlike `some.json`"
    assert f"{tmp_path}: the folder has no scenario files; {remedy} [no-files]" in capsys.readouterr().out
    (tmp_path / "some.yaml").write_text(SCENARIOS)
    assert run(["lint", str(tmp_path)]) == FINE


def test_lint_and_serve_look_in_the_same_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "x.yaml").write_text("version: 3\n")
    monkeypatch.chdir(tmp_path)
    assert run(["lint"]) == FINDINGS
    assert "scenarios/x.yaml:1:" in capsys.readouterr().out


def test_init_writes_what_lint_accepts_and_keeps_what_is_there(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "mine"
    assert run(["init", str(folder)]) == FINE
    assert "start mock-server serve --scenarios" in capsys.readouterr().out
    assert run(["lint", str(folder)]) == FINE
    (folder / "cloudcheck.yaml").write_text(SCENARIOS)
    assert run(["init", str(folder)]) == FINE
    assert (folder / "cloudcheck.yaml").read_text() == SCENARIOS
    (tmp_path / "file").write_text("")
    assert run(["init", str(tmp_path / "file")]) == USAGE


def test_schema_prints_the_schema_or_the_magic_values(capsys: Capture) -> None:
    assert run(["schema"]) == FINE
    assert json.loads(capsys.readouterr().out)["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert run(["schema", "--values", "--provider", "cloudcheck"]) == FINE
    assert capsys.readouterr().out.startswith("provider ")
    assert run(["schema", "--values", "--format", "json"]) == FINE
    assert {row["provider"] for row in json.loads(capsys.readouterr().out)} == {"cloudcheck", "shuftipro"}


# -- demo, audit, doctor, record
# ---------------------------------------------------------------------------------------------


def test_demo_runs_both_vendors_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("mock_server.cli.demo.set_up", lambda form, level: None)
    monkeypatch.chdir(tmp_path)
    assert run(["demo"]) == FINE, capsys.readouterr().out
    output = capsys.readouterr().out
    assert output.count("✓") == 5
    assert output.rstrip().endswith("All signatures are right.")


def test_demo_fails_where_a_step_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("mock_server.cli.demo.set_up", lambda form, level: None)
    (tmp_path / "down.yaml").write_text(
        "version: 1\nprovider: cloudcheck\nscenarios:\n  - {name: down, respond: {error: 111}}\n"
    )
    assert run(["demo", "--scenarios", str(tmp_path)]) == FINDINGS
    assert "✗ the server finds the signature right" in capsys.readouterr().out


def test_audit_says_once_that_nothing_listens(capsys: Capture) -> None:
    port = free_port()
    assert run(["audit", f"http://127.0.0.1:{port}/"]) == FINDINGS
    said = capsys.readouterr().out
    assert said.startswith(
        f"nothing was judged: connection refused by 127.0.0.1:{port}; nothing listens there; "
    )
    assert said.count("\n") == 1


def test_audit_fails_a_receiver_that_believes_everything(receiver: Receiver, capsys: Capture) -> None:
    assert run(["audit", receiver.url]) == FINDINGS
    assert "17 of 17 forgeries accepted" in capsys.readouterr().out
    assert run(["audit", receiver.url, "--provider", "cloudcheck", "--format", "json"]) == FINE
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert run(["audit", receiver.url, "--provider", "shufti"]) == USAGE


def test_doctor_says_whether_callbacks_would_arrive(receiver: Receiver, capsys: Capture) -> None:
    assert run(["doctor", receiver.url]) == FINE
    assert "✓" in capsys.readouterr().out
    assert run(["doctor", "http://127.0.0.1:9/", "--format", "json"]) == FINDINGS
    assert json.loads(capsys.readouterr().out)[0].keys() == {"level", "about", "message", "remedy"}


def test_bundle_and_replay(account: Account, tmp_path: Path, capsys: Capture) -> None:
    check(account)
    file = tmp_path / "run.json"
    assert run(["bundle", str(file)]) == FINE
    assert capsys.readouterr().out == f"1 request of account {account.name} in {file}\n"
    assert "Okafor" not in file.read_text()
    assert run(["replay", str(file)]) == FINE
    assert capsys.readouterr().out == "1 answer, the same bytes\n"
    document = json.loads(file.read_text())
    document["journal"][0]["status"] = 202
    document["versions"]["kyc-mock-server"] = "0.0.9"
    file.write_text(json.dumps(document))
    assert run(["replay", str(file)]) == FINDINGS
    output = capsys.readouterr()
    assert output.err == "written by version 0.0.9, run by 1.0.0\n"
    assert output.out.splitlines()[1:] == ["  status: was 202, is 200", "1 of 1 answer differs"]
    file.write_text("{}")
    assert run(["replay", str(file)]) == USAGE
    assert "is not a bundle; `mock-server bundle FILE` writes one" in capsys.readouterr().err


def test_state_export_and_import(
    account: Account, server: MockServer, tmp_path: Path, capsys: Capture
) -> None:
    check(account)
    file = tmp_path / "state.json"
    assert run(["state", "export", str(file)]) == FINE
    assert capsys.readouterr().out == f"1 record of account {account.name} in {file}\n"
    other = server.account()
    assert run(["state", "import", str(file), "--account", other.name]) == FINE
    assert capsys.readouterr().out == f"account {other.name} starts with 1 record\n"
    copied = other.verifications.get("check-1")
    assert replace(copied, account=account.name) == account.verifications.get("check-1")
    assert run(["state", "export"]) == FINE
    assert json.loads(capsys.readouterr().out) == json.loads(file.read_text())
    file.write_text("not JSON")
    assert run(["state", "import", str(file)]) == USAGE
    assert "is not JSON" in capsys.readouterr().err


def test_a_curl_command_in_quotes_is_explained(capsys: Capture) -> None:
    assert run(["explain", "curl -d key=nope http://127.0.0.1:8484/verify/"]) == FINE
    assert "No account has the access key 'nope'." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scenarios", "--provider", "cloud"], "--provider: unknown provider 'cloud'"),
        (["schema", "--provider", "shufti"], "did you mean `shuftipro`?"),
        (
            ["decide", "r", "accepted", "--merge", "{bad"],
            "--merge: The value is not JSON: a name in double quotes",
        ),
    ],
    ids=["scenarios", "schema", "decide"],
)
def test_a_wrong_option_is_named_with_its_remedy(arguments: list[str], said: str, capsys: Capture) -> None:
    assert run(arguments) == USAGE
    assert said in capsys.readouterr().err


def test_decline_codes_may_be_separated_by_commas() -> None:
    assert declines(["SPDR03,SPDR04", "SPDR48"]) == ["SPDR03", "SPDR04", "SPDR48"]
    assert declines(["document=SPDR03,face=SPDR04"]) == {"document": ["SPDR03"], "face": ["SPDR04"]}


@pytest.mark.parametrize(
    ("path", "method", "said"),
    [
        ("verify", "POST", "the nearest is /verify/: the path that was sent lacks the slash at its end"),
        ("/nope/", "POST", "cloudcheck has no path like /nope/"),
        ("/verify/", "PUT", "PUT is not a method of /verify/; use POST"),
    ],
)
def test_a_path_that_nobody_serves_is_signed_with_a_warning(
    path: str, method: str, said: str, capsys: Capture
) -> None:
    assert run(["sign", path, "--data", "{}", "--method", method]) == FINE
    assert said in capsys.readouterr().err


def test_an_empty_secret_is_not_the_accounts(capsys: Capture) -> None:
    order = ("/verify/", "--data", "{}", "--nonce", "n", "--timestamp", "1")
    assert signed(*order, "--secret", "", capsys=capsys) != signed(*order, capsys=capsys)
