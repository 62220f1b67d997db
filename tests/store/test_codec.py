"""Values to bytes and back."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from mock_server.core.clock import ClockState
from mock_server.core.records import AccountState, Attempt
from mock_server.store.codec import (
    pack,
    unpack_attempt,
    unpack_entry,
    unpack_message,
    unpack_record,
    unpack_state,
)
from tests.contract.values import REQUEST, entry, message, record


@pytest.mark.parametrize(
    ("value", "unpack"),
    [
        (entry("r-1", evidence={"a": [1, None, {"b": 1.5}]}, request=REQUEST.replace(headers=MappingProxyType({"a": "b"}))), unpack_entry),
        (message("d-1", waits=(1, 2.5), deliver=("ok", {"late": 30.0})), unpack_message),
        (record("k", 7, aliases=("a", "b")), unpack_record),
        (Attempt(1.5, 0.1, 200, "", (("a", "b"),), b"\xff", "cut", (), b""), unpack_attempt),
        (AccountState(ClockState(1.5, -2.5), "p", (b"{}",), b"{}", 3), unpack_state),
    ],
    ids=["entry", "message", "record", "attempt", "state"],
)  # fmt: skip
def test_values_come_back(value: object, unpack: object) -> None:
    assert callable(unpack)
    assert unpack(pack(value)) == value


def test_evidence_beyond_json_comes_back_as_json_would_have_it() -> None:
    odd = entry(
        "r-1",
        evidence={
            "tuple": (1, 2),
            "set": {2, 1},
            "error": ValueError("no"),
            "mapping": MappingProxyType({"a": 1}),
        },
    )
    assert unpack_entry(pack(odd)).evidence == {
        "tuple": [1, 2],
        "set": [1, 2],
        "error": "no",
        "mapping": {"a": 1},
    }
