"""Any bytes on any Cloudcheck path get Cloudcheck's answer, and a refused request leaves nothing behind."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server.core.http import Request
from mock_server.providers.cloudcheck.documents import DOCUMENTS
from mock_server.providers.cloudcheck.routes import BY_NAME, ENDPOINTS, ROOTS
from tests.providers.cloudcheck.harness import FORM, JPEG, PipelineHarness

PATHS = st.sampled_from(
    [endpoint.path for endpoint in ENDPOINTS] + [f"/{root}/" for root in sorted(ROOTS)]
) | st.builds(lambda root, rest: f"/{root}/{rest}", st.sampled_from(sorted(ROOTS)), st.text(max_size=20))
METHODS = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
KINDS = st.sampled_from(
    [FORM, "application/json", "multipart/form-data; boundary=a", "", "text/xml", f"{FORM}; charset=utf-7"]
)
HEADERS = st.dictionaries(
    st.sampled_from(["x-api-key", "user-agent", "origin"]), st.text(max_size=20) | st.just("MockKey0NotReal1")
)
OFFICE = PipelineHarness()


def in_shape(status: int, body: bytes) -> bool:
    """A PDF, a picture, or a JSON object; where it tells of an error, then as documented."""
    if body.startswith((b"%PDF-", b"\xff\xd8")) or status == 204:
        return True
    answer = json.loads(body)
    refusal = answer.get("verification", answer)
    if not isinstance(refusal, dict) or "error" not in refusal:
        return isinstance(answer, dict)
    return (
        isinstance(refusal["error"], int)
        and isinstance(refusal["message"], str)
        and set(refusal) <= {"error", "message", "fields", "errorDetail"}
    )


@settings(max_examples=200)
@given(METHODS, PATHS, st.text(max_size=60), KINDS, HEADERS, st.binary(max_size=300))
def test_any_request(
    method: str, path: str, query: str, kind: str, headers: dict[str, str], body: bytes
) -> None:
    if not OFFICE.provider.serves(path):
        return
    answer = OFFICE.pipeline.handle(Request(method, path, query, {**headers, "content-type": kind}, body))
    assert in_shape(answer.status, answer.body), answer.body


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "reference",
    "consent",
    "details",
    "callback",
    "notificationUrl",
    "webhookUrl",
    "verificationReference",
    "capturereference",
    "associations",
    "associationReferences",
    "associationReference",
    "review",
    "recipients",
    "payload",
    "sourceOfTruth",
    "featureOptions",
    "emailAddress",
    "givenName",
    "emailCcAddress",
    "name",
    "address",
    "delivery",
]
PARTS = [
    "name",
    "given",
    "family",
    "dateofbirth",
    "address",
    "street",
    *DOCUMENTS,
    "number",
    "version",
    "expiry",
    "matchId",
    "decision",
    "type",
    "personDetail",
    "entityDetail",
    "fullAddress",
    "id",
    "phone",
    "email",
    "whitelistPeids",
    "countryCode",
    "birthYear",
]
LEAVES = SCALARS | st.sampled_from(
    ["Yes", "1987-03-14", "Okafor", "AB123456", "http://localhost/x", "PERSON", "CLEARED", "NZAD"]
)
SHAPED: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PARTS), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), SHAPED, max_size=6) | JSON
POSTS = st.sampled_from([endpoint.name for endpoint in ENDPOINTS if "data" in endpoint.required])


@settings(max_examples=300)
@given(POSTS, BODIES)
def test_any_signed_data(name: str, body: Any) -> None:
    text = json.dumps(body).encode("utf-8", "replace").decode()
    files = {"file": ("a.jpg", JPEG)} if "file" in BY_NAME[name].required else None
    office = OFFICE
    before = len(office.store.records("default"))
    if before > 100:
        office.store.reset("default")
        before = 0
    answer = office.send("POST", BY_NAME[name].path, {"data": text}, files=files)
    assert in_shape(answer.status, answer.body), answer.body
    if office.entry().error:
        assert before == len(office.store.records("default")), "a refused request leaves no record"


GETS = st.sampled_from(
    [endpoint for endpoint in ENDPOINTS if endpoint.access == "signed" and "data" not in endpoint.required]
)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    ["0", "1", "10000", "true", "Registered", "587146", "²"]
)


@settings(max_examples=200)
@given(GETS, st.data())
def test_any_signed_parameters(endpoint: Any, data: st.DataObject) -> None:
    names = [
        *endpoint.required,
        "pageSize",
        "cursor",
        "filterAlertOnly",
        "entityStatus",
        "entityNumber",
        "nzbn",
        "data",
    ]
    params = {name: data.draw(VALUES, name) for name in names}
    answer = OFFICE.send(endpoint.method, endpoint.path, params)
    assert in_shape(answer.status, answer.body), answer.body
