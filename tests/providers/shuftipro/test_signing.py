"""The signature, against the published vectors."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
import pytest

from mock_server.providers.shuftipro import phpjson, signing
from tests import vectors

VECTORS: list[dict[str, Any]] = vectors.read("shuftipro")
IDS = [vector["id"] for vector in VECTORS]


@pytest.mark.parametrize("scheme", signing.SCHEMES)
@pytest.mark.parametrize("vector", VECTORS, ids=IDS)
def test_vector(vector: dict[str, Any], scheme: str) -> None:
    body = vector["body"].encode()
    assert vector[scheme] == signing.sign(body, vector["secret"], scheme)
    assert signing.verify(body, vector["secret"], scheme, vector[scheme])


@pytest.mark.parametrize("vector", VECTORS, ids=IDS)
def test_the_bodies_of_the_vectors_are_what_php_writes(vector: dict[str, Any]) -> None:
    assert vector["body"].encode() == phpjson.encode(msgspec.json.decode(vector["body"]))


def test_the_documented_formulas() -> None:
    """``hash('sha256', response . secret)`` and ``hash('sha256', response . hash('sha256', secret))``."""
    body, secret = b'{"reference":"a"}', "k/ey"
    assert sha256(body + b"k/ey").hexdigest() == signing.sign(body, secret, "legacy")
    assert sha256(body + sha256(b"k/ey").hexdigest().encode()).hexdigest() == signing.sign(
        body, secret, "hashed"
    )


@pytest.mark.parametrize("wrong", ["", "0" * 64, "é", "\ud800"])
def test_what_is_no_signature_is_refused(wrong: str) -> None:
    assert not signing.verify(b"{}", "secret", "hashed", wrong)


def test_upper_case_is_another_signature() -> None:
    assert not signing.verify(b"{}", "secret", "hashed", signing.sign(b"{}", "secret", "hashed").upper())


def test_both_headers_carry_the_same_value() -> None:
    value = signing.sign(b"{}", "secret", "legacy")
    assert (("Signature", value), ("sp_signature", value)) == signing.headers(b"{}", "secret", "legacy")


@pytest.mark.parametrize("secret", ["Tāmaki Makaurau", "🔑 key+1/2", "cut within an emoji \ud83d"])
def test_a_secret_is_signed_as_its_utf_8_bytes(secret: str) -> None:
    content = b"{}" + secret.encode("utf-8", "surrogatepass")
    assert signing.sign(b"{}", secret, "legacy") == sha256(content).hexdigest()
