"""The recorder, with a second mock server as the real service."""

from __future__ import annotations

import base64
import gzip
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from mock_server.cli import local
from mock_server.client import MockServer, Receiver
from mock_server.core import config as configuration
from mock_server.core.exceptions import ConfigError
from mock_server.providers.cloudcheck.signing import sign
from mock_server.providers.shuftipro import signing
from mock_server.scenario.lint import check
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.recorder import Recorder
from mock_server.web.service import Service
from tests import vectors
from tests.corpora.personal.people import ENCODERS, PEOPLE, Person, leaks
from tests.providers.cloudcheck import test_signing as cloudcheck_vectors
from tests.providers.cloudcheck.harness import JPEG, multipart
from tests.providers.shuftipro import test_signing as shuftipro_vectors

MOCK = ("MockKey0NotReal1", "mock-secret-not-real-0123456789ab")
SHUFTI = ("mock-client", "mock-secret-QvT7dR2mZk4Lw9Xb")
REAL = {
    "CLOUDCHECK_KEY": "test-real",
    "CLOUDCHECK_SECRET": "test-real-secret",
    "SHUFTIPRO_CLIENT_ID": "test-real",
    "SHUFTIPRO_SECRET_KEY": "test-real-secret",
}
DATA = {
    "details": {"name": {"given": "Tamsin", "family": "Okafor"}, "dateofbirth": "1987-03-14"},
    "reference": "order-4711",
    "consent": "Yes",
}
CHECK = {
    "reference": "order-4711",
    "country": "NZ",
    "email": "tamsin@shop.example",
    "background_checks": {"name": {"first_name": "Tamsin", "last_name": "Okafor"}, "dob": "1987-03-14"},
}
PERSONAL = ("Tamsin", "Okafor", "1987-03-14", "tamsin@shop.example", "order-4711", "test-real")


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[MockServer]:
    """What stands for the real service: an account of it has the real credentials."""
    (tmp_path / "none").mkdir()
    settings = {"shuftipro": {"result_has_contact": True}}
    service = Service(
        configuration.build({"scenarios": [str(tmp_path / "none")], "watch": False}, settings=settings)
    )
    with LiveServer(service, lambda: create_app(service)) as live, MockServer(live.url) as client:
        yield client


class ServerHarness:
    """A recorder that listens."""

    def __init__(self, provider: str, upstream: str, folder: Path, *, as_vector: bool = False) -> None:
        config = configuration.build({})
        self.vendors = local.providers(config)
        services = local.services(config, self.vendors)
        self.recorder = Recorder(
            self.vendors[provider],
            services,
            upstream,
            folder / "recorded",
            "default",
            REAL,
            as_vector=as_vector,
        )
        self.server = LiveServer(self.recorder, lambda: nothing)

    def send(
        self, method: str, target: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        with closing(HTTPConnection("127.0.0.1", self.server.port, timeout=10)) as connection:
            connection.request(
                method,
                target,
                body or None,
                {name.replace("_", "-"): value for name, value in headers.items()},
            )
            response = connection.getresponse()
            return (
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )

    def written(self, expected: str = "") -> list[dict[str, Any]]:
        """The scenarios of the file, in which the lint finds nothing, or findings of that rule only."""
        words = {name: vendor.vocabulary for name, vendor in self.vendors.items()}
        assert [one for one in check([self.recorder.file], words) if one.rule != expected] == []
        scenarios: list[dict[str, Any]] = yaml.safe_load(self.recorder.file.read_text())["scenarios"]
        return scenarios


def nothing(environ: Any, start_response: Any) -> list[bytes]:
    raise AssertionError("everything is forwarded")


@pytest.fixture
def cloudcheck(upstream: MockServer, tmp_path: Path) -> Iterator[ServerHarness]:
    stage = ServerHarness("cloudcheck", upstream.url, tmp_path)
    with stage.server:
        yield stage


@pytest.fixture
def shuftipro(upstream: MockServer, tmp_path: Path) -> Iterator[ServerHarness]:
    stage = ServerHarness("shuftipro", upstream.url, tmp_path)
    with stage.server:
        yield stage


def params(path: str, nonce: str = "n-1", **more: str) -> dict[str, str]:
    fields = {"key": MOCK[0], "nonce": nonce, "timestamp": str(int(time.time() * 1000)), **more}
    return {**fields, "signature": sign(MOCK[1], path, fields)}


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_cloudcheck_requests_are_signed_again_and_lose_the_person(
    cloudcheck: ServerHarness, upstream: MockServer
) -> None:
    form = urlencode(params("/verify/", data=json.dumps(DATA))).encode()
    status, _, raw = cloudcheck.send(
        "POST", "/verify/", form, Content_Type="application/x-www-form-urlencoded"
    )
    answer = json.loads(raw)["verification"]
    assert (status, answer["verificationSuccess"], answer["reference"]) == (200, True, "order-4711")
    assert [
        (entry.account, entry.operation, entry.error)
        for entry in upstream.account("test-real").requests.find()
    ] == [("test-real", "verify", "")]
    (scenario,) = cloudcheck.written()
    assert (
        scenario["name"],
        scenario["match"],
    ) == ("recorded-verify-1", {"operation": "verify", "body.reference": {"prefix": "recorded-1-"}})
    text = cloudcheck.recorder.file.read_text()
    assert [word for word in (*PERSONAL, answer["verificationReference"]) if word in text] == []


def test_a_repeated_parameter_is_forwarded_as_often_as_it_came(
    cloudcheck: ServerHarness, upstream: MockServer
) -> None:
    sent = params("/verify/", data=json.dumps(DATA))
    form = f"{urlencode(sent)}&username=agent+7&username=a%2Bb"
    _, _, raw = cloudcheck.send(
        "POST", "/verify/", form.encode(), Content_Type="application/x-www-form-urlencoded"
    )
    assert json.loads(raw)["verification"]["verificationSuccess"] is True
    (entry,) = upstream.account("test-real").requests.find()
    forwarded = upstream.account("test-real").requests.explain(entry.id)["canonical"]
    assert forwarded.endswith("username=agent 7;username=a+b;")


def test_a_get_keeps_its_parameters_and_its_refusal_is_recorded(
    cloudcheck: ServerHarness, upstream: MockServer
) -> None:
    query = urlencode(params("/verify/response/", reference="order-4711"))
    cloudcheck.send("GET", f"/cloudcheck/verify/response/?{query}")
    (entry,) = upstream.account("test-real").requests.find()
    assert (
        entry.method,
        entry.path,
        entry.request.params["reference"],
    ) == ("GET", "/verify/response/", "order-4711")
    assert entry.error not in ("101", "104", "106")
    (scenario,) = cloudcheck.written()
    assert scenario["match"] == {
        "operation": "verify-response",
        "params.reference": {"prefix": "recorded-1-"},
    }


@pytest.mark.parametrize("quote", ['"', ""], ids=["quoted names", "unquoted names"])
def test_a_multipart_form_is_signed_again_in_place(
    cloudcheck: ServerHarness, upstream: MockServer, quote: str
) -> None:
    fields = params("/doc/runcheck/", data='{"reference":"order-4711","consent":"Yes"}')
    parts = [
        f"--b\r\nContent-Disposition: form-data; name={quote}{name}{quote}\r\n\r\n{value}\r\n"
        for name, value in fields.items()
    ]
    parts.append(
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n'
    )
    cloudcheck.send(
        "POST",
        "/doc/runcheck/",
        "".join(parts).encode("latin-1"),
        Content_Type="multipart/form-data; boundary=b",
    )
    (entry,) = upstream.account("test-real").requests.find()
    assert entry.error not in ("101", "102", "106")


def test_what_is_no_text_is_passed_on_and_not_recorded(
    cloudcheck: ServerHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "mock_server")
    form = urlencode(params("/verify/", data=json.dumps(DATA))).encode()
    _, _, raw = cloudcheck.send("POST", "/verify/", form, Content_Type="application/x-www-form-urlencoded")
    token = json.loads(raw)["verification"]["verificationReference"]
    query = urlencode(params("/verify/pdf", "n-2", verificationReference=token, reference=token))
    status, headers, raw = cloudcheck.send("GET", f"/verify/pdf?{query}")
    assert (status, headers["content-type"], raw[:4]) == (200, "application/pdf", b"%PDF")
    assert cloudcheck.recorder.recorded == 1
    assert "not recorded: application/pdf" in caplog.text


@pytest.mark.parametrize("levels", [70, 500, 900, 100_000])
def test_a_deep_answer_is_passed_on_and_not_recorded(
    levels: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "mock_server")
    deep = b'{"event":"request.pending","x":' + b"[" * levels + b"]" * levels + b"}"
    with Receiver() as vendor:
        vendor.answer(200, body=deep, headers={"Content-Type": "application/json"})
        stage = ServerHarness("shuftipro", vendor.url.removesuffix("/callback"), tmp_path)
        with stage.server:
            status, _, raw = stage.send(
                "POST",
                "/",
                json.dumps(CHECK).encode(),
                Authorization=basic(*SHUFTI),
                Content_Type="application/json",
            )
    assert (status, raw) == (200, deep)
    assert stage.recorder.recorded == 0
    assert "not recorded" in caplog.text


@pytest.mark.parametrize("levels", [70, 500, 900, 100_000])
def test_a_deep_request_is_recorded_without_what_is_too_deep(levels: int, shuftipro: ServerHarness) -> None:
    deep = json.dumps(CHECK).encode()[:-1] + b',"x":' + b"[" * levels + b"]" * levels + b"}"
    status, _, raw = shuftipro.send(
        "POST", "/", deep, Authorization=basic(*SHUFTI), Content_Type="application/json"
    )
    assert (status, json.loads(raw)["event"]) == (
        (200, "verification.accepted") if levels < 512 else (400, "request.invalid")
    )
    assert shuftipro.recorder.recorded == 1
    assert len(shuftipro.written()) == 1


def test_an_operation_that_the_mock_does_not_know_is_passed_on(
    cloudcheck: ServerHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "mock_server")
    assert cloudcheck.send("GET", "/brand/new/")[0] == 404
    assert not cloudcheck.recorder.file.exists()
    assert "not recorded" in caplog.text


def test_shufti_answers_are_signed_again_for_the_caller(
    shuftipro: ServerHarness, upstream: MockServer
) -> None:
    status, headers, raw = shuftipro.send(
        "POST", "/", json.dumps(CHECK).encode(), Authorization=basic(*SHUFTI), Content_Type="application/json"
    )
    assert (status, json.loads(raw)["event"]) == (200, "verification.accepted")
    assert signing.sign(raw, SHUFTI[1], "hashed") == headers["signature"] == headers["sp_signature"]
    assert upstream.account("test-real").requests.count(operation="verification") == 1
    for _ in range(2):
        shuftipro.send(
            "POST",
            "/status",
            b'{"reference":"order-4711"}',
            Authorization=basic(*SHUFTI),
            Content_Type="application/json",
        )
    first, second = shuftipro.written()
    assert (
        first["name"],
        second["name"],
        len(second["sequence"]),
    ) == ("recorded-verification-1", "recorded-status-1", 2)
    text = shuftipro.recorder.file.read_text()
    assert [word for word in PERSONAL if word in text] == []


def test_an_access_token_of_the_real_service_stays(shuftipro: ServerHarness, upstream: MockServer) -> None:
    _, _, raw = shuftipro.send("POST", "/get/access/token", b"", Authorization=basic(*SHUFTI))
    token = json.loads(raw)["access_token"]
    status, _, _ = shuftipro.send(
        "POST",
        "/",
        json.dumps(CHECK).encode(),
        Authorization=f"Bearer {token}",
        Content_Type="application/json",
    )
    assert status == 200
    assert token not in shuftipro.recorder.file.read_text()


def test_what_was_recorded_answers_the_next_application(shuftipro: ServerHarness, tmp_path: Path) -> None:
    shuftipro.send(
        "POST", "/", json.dumps(CHECK).encode(), Authorization=basic(*SHUFTI), Content_Type="application/json"
    )
    service = Service(configuration.build({"scenarios": [str(shuftipro.recorder.file)], "watch": False}))
    with (
        LiveServer(service, lambda: create_app(service)) as live,
        closing(HTTPConnection("127.0.0.1", live.port)) as connection,
    ):
        person = {"name": {"first_name": "Moana", "last_name": "Rangi"}, "dob": "1990-01-01"}
        body = {
            **CHECK,
            "reference": "recorded-1-mine",
            "email": "moana@example.test",
            "background_checks": person,
        }
        connection.request("POST", "/", json.dumps(body), {"Authorization": basic(*SHUFTI)})
        response = connection.getresponse()
        answer = json.loads(response.read())
    assert response.headers["X-Mock-Scenario"] == "recorded-verification-1"
    assert (answer["reference"], answer["email"]) == ("recorded-1-mine", "moana@example.test")
    assert person["name"] == answer["verification_data"]["background_checks"]["name"]


def echo(person: Person) -> bytes:
    """An answer that repeats all that it was sent, as services do, compressed."""
    texts = [encode(value) for value in person.values() for encode in ENCODERS.values()]
    document = {
        "errors": [{"message": f"'{text}' is not accepted"} for text in texts],
        "event": "request.invalid",
    }
    return gzip.compress(json.dumps(document).encode())


FORM = "application/x-www-form-urlencoded"
PERSON_SENT = {
    "cloudcheck, a form": ("cloudcheck", "POST", "/verify/", FORM),
    "cloudcheck, a multipart form": ("cloudcheck", "POST", "/doc/runcheck/", "multipart/form-data; boundary=b"),
    "cloudcheck, a query": ("cloudcheck", "GET", "/verify/response/", ""),
    "shuftipro, JSON": ("shuftipro", "POST", "/", "application/json"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["macrons", "markup"])
@pytest.mark.parametrize("way", PERSON_SENT)
def test_a_compressed_answer_that_repeats_everything_names_nobody(
    way: str, name: str, tmp_path: Path
) -> None:
    provider, method, path, kind = PERSON_SENT[way]
    person = {key: value for key, value in PEOPLE[name].items() if key not in ("version", "postcode")}
    names = {
        "born": "dateofbirth",
        "licence": "licencenumber",
        "passport": "passportnumber",
        "card": "pan",
        "bank": "bankaccount",
    }
    document = {names.get(key, key): value for key, value in person.items()}
    sent = params(path, data=json.dumps(document), **({} if method == "POST" else document))
    body = json.dumps(document).encode() if provider == "shuftipro" else urlencode(sent).encode()
    if "multipart" in kind:
        head = "--b\r\nContent-Disposition: form-data; name="
        body = (
            "".join(f'{head}"{key}"\r\n\r\n{value}\r\n' for key, value in sent.items()).encode()
            + b"--b--\r\n"
        )
    with Receiver() as vendor:
        vendor.answer(
            200, body=echo(person), headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
        )
        stage = ServerHarness(provider, vendor.url.removesuffix("/callback"), tmp_path)
        with stage.server:
            target = path if method == "POST" else f"{path}?{urlencode(sent)}"
            stage.send(
                method,
                target,
                body if method == "POST" else b"",
                Content_Type=kind,
                Authorization=basic(*SHUFTI),
            )
    (scenario,) = stage.written("impossible-path")  # the people have members that no vendor reads
    assert len(scenario["respond"]["body"]["errors"]) == len(person) * len(ENCODERS)
    assert leaks(stage.recorder.file.read_text("utf-8"), {**person, "key": REAL["CLOUDCHECK_SECRET"]}) == []


# -- signing vectors

AWKWARD = (
    '{ "details": {"name": {"given": "T\\u0101whirim\\u0101tea","family":"O\\u2019Dwyer / Ngāpōtiki"},\r\n'
    '  "dateofbirth" : "1987-03-14", "licence": {"number":"DK482913"}, "kiwi": "\\ud83e\\udd5d \\"名\\" 北京"},'
    '"mobile": 64215550187, "reference": "order-4711","consent":"Yes" }'
)
SIGNED_PERSON = {
    "given": "Tāwhirimātea", "family": "O’Dwyer", "other": "Ngāpōtiki", "born": "1987-03-14", "licence": "DK482913",
    "phone": "64215550187", "reference": "order-4711", "user": "agent.tamsin", "secret": REAL["CLOUDCHECK_SECRET"],
}  # fmt: skip


def shape(text: str) -> str:
    """What of a text a disguise has to leave: all but letters and digits, and the length in bytes of those."""
    return re.sub(
        r"(?:\\\\u[0-9a-f]{4})|[^\W_]",
        lambda match: match[0][:2] if "\\" in match[0] else str(len(match[0].encode())),
        text,
    )


def vectors_of(stage: ServerHarness) -> list[dict[str, Any]]:
    recorded: list[dict[str, Any]] = json.loads(stage.recorder.file.read_text("utf-8"))
    return recorded


@pytest.mark.parametrize("way", ["form", "multipart", "query"])
def test_a_recorded_vector_is_one_that_the_vector_tests_accept(
    way: str, upstream: MockServer, tmp_path: Path
) -> None:
    path = {"form": "/verify/", "multipart": "/doc/runcheck/", "query": "/verify/response/"}[way]
    own = {"reference": "order-4711"} if way == "query" else {"data": AWKWARD}
    sent = params(path, username="agent.tamsin", **own)
    stage = ServerHarness("cloudcheck", upstream.url, tmp_path, as_vector=True)
    with stage.server:
        if way == "query":
            stage.send("GET", f"{path}?{urlencode(sent)}")
        elif way == "form":
            stage.send("POST", path, urlencode(sent).encode(), Content_Type=FORM)
        else:
            kind, body = multipart(sent, {"file": ("licence.jpg", JPEG)})
            stage.send("POST", path, body, Content_Type=kind)
    text = stage.recorder.file.read_text("utf-8")
    (vector,) = vectors.read("cloudcheck", stage.recorder.file.parent)
    assert vector["original"]["application"] is True
    assert vector["original"]["service"] is True
    assert leaks(text, SIGNED_PERSON) == []
    assert sorted(vector["params"]) == sorted({*sent} - {"signature"})
    if "data" in own:
        assert shape(vector["params"]["data"]) == shape(AWKWARD)
    cloudcheck_vectors.test_a_vector_gives_its_digest(vector)
    cloudcheck_vectors.test_the_canonical_text_is_rebuilt_from_the_parameters(vector)
    cloudcheck_vectors.test_a_positive_vector_passes_the_gate(vector)


@pytest.mark.parametrize("scheme", ["hashed", "legacy"])
def test_a_recorded_answer_is_a_vector_with_its_scheme(scheme: str, tmp_path: Path) -> None:
    answer = AWKWARD.encode()
    signature = signing.sign(answer, REAL["SHUFTIPRO_SECRET_KEY"], scheme)
    with Receiver() as vendor:
        headers = {"Content-Type": "application/json", "Signature": signature, "Content-Encoding": "gzip"}
        stage = ServerHarness("shuftipro", vendor.url.removesuffix("/callback"), tmp_path, as_vector=True)
        with stage.server:
            for _ in range(2):
                vendor.answer(200, body=gzip.compress(answer), headers=headers)
                stage.send(
                    "POST",
                    "/",
                    json.dumps(CHECK).encode(),
                    Authorization=basic(*SHUFTI),
                    Content_Type="application/json",
                )
    first, second = vectors.read("shuftipro", stage.recorder.file.parent)
    assert first["id"] == "shuftipro-vectors-recorded-1"
    assert first["original"] == second["original"] == {"verified": scheme}
    assert shape(first["body"]) == shape(AWKWARD)
    assert leaks(stage.recorder.file.read_text("utf-8"), SIGNED_PERSON) == []
    for vector in (first, second):
        for each in signing.SCHEMES:
            shuftipro_vectors.test_vector(vector, each)


def test_a_real_answer_of_php_stays_one_that_php_writes(
    shuftipro: ServerHarness, upstream: MockServer, tmp_path: Path
) -> None:
    stage = ServerHarness("shuftipro", upstream.url, tmp_path, as_vector=True)
    with stage.server:
        stage.send(
            "POST",
            "/",
            json.dumps(CHECK).encode(),
            Authorization=basic(*SHUFTI),
            Content_Type="application/json",
        )
    (vector,) = vectors.read("shuftipro", stage.recorder.file.parent)
    assert vector["original"] == {"verified": "hashed"}
    assert json.loads(vector["body"])["event"] == "verification.accepted"
    shuftipro_vectors.test_the_bodies_of_the_vectors_are_what_php_writes(vector)
    assert [word for word in PERSONAL if word in vector["body"]] == []


def test_a_wrong_signature_is_said_to_be_wrong(upstream: MockServer, tmp_path: Path) -> None:
    sent = {**params("/verify/", data=AWKWARD), "signature": "0" * 64}
    stage = ServerHarness("cloudcheck", upstream.url, tmp_path, as_vector=True)
    with stage.server:
        stage.send("POST", "/verify/", urlencode(sent).encode(), Content_Type=FORM)
    (vector,) = vectors_of(stage)
    assert (vector["original"]["application"], vector["original"]["service"]) == (False, True)


@pytest.mark.parametrize(
    ("provider", "answer", "reason"),
    [
        ("shuftipro", {}, "the answer has no signature"),
        ("shuftipro", {"Signature": "ab"}, "the answer is not JSON"),
        ("cloudcheck", {}, "the request has no signature"),
    ],
)
def test_what_is_no_vector_is_passed_on(
    provider: str, answer: dict[str, str], reason: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "mock_server")
    with Receiver() as vendor:
        vendor.answer(200, body=b"fine", headers={"Content-Type": "text/plain", **answer})
        stage = ServerHarness(provider, vendor.url.removesuffix("/callback"), tmp_path, as_vector=True)
        path = "/" if provider == "shuftipro" else "/verify/"
        with stage.server:
            assert stage.send("POST", path, b"{}", Authorization=basic(*SHUFTI))[2] == b"fine"
    assert f"not recorded: {reason}" in caplog.text
    assert not stage.recorder.file.exists()


def test_an_upstream_that_is_away_is_a_502(tmp_path: Path) -> None:
    stage = ServerHarness("cloudcheck", "http://127.0.0.1:9", tmp_path)
    with stage.server:
        status, _, raw = stage.send(
            "POST", "/verify/", b"key=x", Content_Type="application/x-www-form-urlencoded"
        )
    assert (status, "cannot be reached" in json.loads(raw)["detail"]) == (502, True)


@pytest.mark.parametrize("environ", [{}, {"CLOUDCHECK_KEY": "k"}], ids=["none", "half"])
def test_nothing_is_forwarded_without_real_credentials(environ: Mapping[str, str], tmp_path: Path) -> None:
    config = configuration.build({})
    vendors = local.providers(config)
    with pytest.raises(ConfigError, match="CLOUDCHECK_SECRET"):
        Recorder(
            vendors["cloudcheck"],
            local.services(config, vendors),
            "http://127.0.0.1:9",
            tmp_path,
            "default",
            environ,
        )


def test_a_recording_never_overwrites_another(tmp_path: Path) -> None:
    (tmp_path / "recorded").mkdir()
    (tmp_path / "recorded" / "cloudcheck-recorded.yaml").write_text("mine")
    stage = ServerHarness("cloudcheck", "http://127.0.0.1:9", tmp_path)
    stage.server.stop()
    assert stage.recorder.file.name == "cloudcheck-recorded-2.yaml"
