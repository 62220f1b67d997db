"""The canonical text, for names that come once and names that come more often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from mock_server.providers.cloudcheck.canonical import canonical

Repeated = Mapping[str, Sequence[str]]
TEXTS: dict[str, tuple[Mapping[str, str], Repeated | None, str]] = {
    "no parameter": ({}, None, "/p/"),
    "by code point": ({"b": "1", "B": "2", "ā": "3", "a": "4"}, None, "/p/B=2;a=4;b=1;ā=3;"),
    "values as they are": ({"a": " =;&+", "b": ""}, None, "/p/a= =;&+;b=;"),
    "without the signature": ({"signature": "s", "a": "1", "Signature": "2"}, None, "/p/Signature=2;a=1;"),
    "nothing repeated": ({"b": "1", "a": "2"}, {}, "/p/a=2;b=1;"),
    "one name repeated": ({"b": "1", "a": "2", "c": "3"}, {"b": ["1", "0", "1"]}, "/p/a=2;b=1;b=0;b=1;c=3;"),
    "the signature repeated": (
        {"a": "1", "signature": "s"},
        {"a": ["1", "2"], "signature": ["s", "t"]},
        "/p/a=1;a=2;",
    ),
    "the signature beside a repeated name": ({"a": "1", "signature": "s"}, {"a": ["1", "2"]}, "/p/a=1;a=2;"),
}


@pytest.mark.parametrize(("params", "repeated", "text"), TEXTS.values(), ids=TEXTS)
def test_the_canonical_text(params: Mapping[str, str], repeated: Repeated | None, text: str) -> None:
    assert canonical("/p/", params, repeated) == text
