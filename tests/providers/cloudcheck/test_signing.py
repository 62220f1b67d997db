"""The signing rule: the vectors, through the functions and through a whole pipeline."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from mock_server.core.http import Request
from mock_server.providers.cloudcheck.canonical import canonical
from mock_server.providers.cloudcheck.signing import equal, sign, sign_text
from tests import vectors
from tests.providers.cloudcheck.harness import FORM, JPEG, SECRET, PipelineHarness, form, multipart

VECTORS: list[dict[str, Any]] = vectors.read("cloudcheck")
POSITIVE = [vector for vector in VECTORS if vector["kind"] == "positive"]
NEGATIVE = [vector for vector in VECTORS if vector["kind"] == "negative"]
NAMES = ("data", "key", "nonce", "timestamp", "username", "captureReference", "reference", "cursor", "filterAlertOnly", "filterIsDeleted",
         "pageSize", "peid", "entityStatus", "searchTerm")  # fmt: skip


PATH = re.compile(rf"/[a-z/-]*?(?:/|pdf)(?=(?:{'|'.join(NAMES)})=)")


def taken_apart(vector: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Path and parameters of a vector's canonical text. ``data`` may itself hold ``;`` and ``=``, so the next
    known name ends it."""
    if "params" in vector:
        return vector["path"], dict(vector["params"])
    text = vector["canonical"]
    path_match = PATH.match(text)
    assert path_match is not None
    path, params, rest = path_match[0], {}, text[path_match.end() :]
    while rest:
        name, _, rest = rest.partition("=")
        ends = [rest.index(f";{other}=") for other in NAMES if f";{other}=" in rest and other > name]
        end = min(ends, default=len(rest) - 1)
        params[name], rest = rest[:end], rest[end + 1 :]
    return path, params


def request_of(vector: dict[str, Any]) -> Request:
    path, params = taken_apart(vector)
    params["signature"] = vector["signature"]
    if "GET" in vector["note"]:
        return Request("GET", path, form(params), {}, b"")
    if "multipart" in vector["note"]:
        kind, body = multipart(params, {"file": ("licence.jpg", JPEG)})
        return Request("POST", path, "", {"content-type": kind}, body)
    return Request("POST", path, "", {"content-type": FORM}, form(params).encode())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_vector_gives_its_digest(vector: dict[str, Any]) -> None:
    assert vector["signature"] == sign_text(vector["secret"], vector["canonical"])


@pytest.mark.parametrize("vector", POSITIVE, ids=lambda vector: vector["id"])
def test_the_canonical_text_is_rebuilt_from_the_parameters(vector: dict[str, Any]) -> None:
    path, params = taken_apart(vector)
    assert vector["canonical"] == canonical(path, {"signature": "ignored", **dict(reversed(params.items()))})
    assert vector["signature"] == sign(SECRET, path, params)


GATE = ("101", "103", "104", "106")
"""A recorded vector may lack whatever else its endpoint needs."""
BEYOND = {"V4": "102", "V5": "102", "V6": "102", "V12": "102", "V7": "105", "V8": "105"}
"""V4 and V12 have no details, V5 and V6 no date of birth; nothing is known by the references of V7 and V8."""


@pytest.mark.parametrize("vector", POSITIVE, ids=lambda vector: vector["id"])
def test_a_positive_vector_passes_the_gate(vector: dict[str, Any]) -> None:
    """None of the gate's errors comes, though what is sent may lack something that the endpoint wants."""
    office = PipelineHarness()
    answer = office.pipeline.handle(request_of(vector))
    if "original" in vector:
        assert office.entry().error not in GATE, answer.body
    else:
        assert BEYOND.get(vector["id"], "") == office.entry().error, answer.body


@pytest.mark.parametrize(
    "vector", [vector for vector in NEGATIVE if vector["id"] != "N6"], ids=lambda vector: vector["id"]
)
def test_a_negative_vector_is_refused(vector: dict[str, Any]) -> None:
    office = PipelineHarness()
    genuine = request_of(POSITIVE[0])
    forged = genuine.replace(
        body=genuine.body.replace(POSITIVE[0]["signature"].encode(), vector["signature"].encode())
    )
    assert json.loads(office.pipeline.handle(forged).body)["verification"]["error"] == 106
    assert office.pipeline.handle(genuine).status == 200
    assert office.entry().error == "", "the refused request has burnt no nonce"


def test_a_plus_that_was_not_encoded_is_a_space() -> None:
    """N6: the server's own digest is of the decoded value, and the client's is refused."""
    vector = next(vector for vector in VECTORS if vector["id"] == "V11")
    request = request_of(vector)
    raw = request.replace(body=request.body.replace(b"ab%2Bc%2Fd%3D%3D", b"ab+c/d=="))
    office = PipelineHarness()
    assert json.loads(office.pipeline.handle(raw).body)["verification"]["error"] == 106
    wrong = next(vector for vector in NEGATIVE if vector["id"] == "N6")
    accepted = raw.replace(body=raw.body.replace(vector["signature"].encode(), wrong["signature"].encode()))
    assert "error" not in json.loads(office.pipeline.handle(accepted).body)["verification"]


@pytest.mark.parametrize(
    ("received", "any_case", "right"),
    [
        ("ab12", True, True),
        ("AB12", True, True),
        ("AB12", False, False),
        ("ab13", True, False),
        ("", True, False),
        ("ā\ud800", True, False),
    ],
)
def test_digests_are_compared(received: str, any_case: bool, right: bool) -> None:
    assert right is equal("ab12", received, any_case=any_case)


@pytest.mark.parametrize("letter", ["s", "ë"], ids=["one byte", "two bytes"])
@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 63, 64, 65, 200])
def test_a_secret_of_any_length_gives_the_standard_hmac(length: int, letter: str) -> None:
    secret = letter * length
    assert (
        sign_text(secret, "/verify/ünsigned")
        == hmac.new(secret.encode(), "/verify/ünsigned".encode(), "sha256").hexdigest()
    )


def test_digests_are_compared_in_any_case_by_default() -> None:
    assert equal("ab12", "AB12")
