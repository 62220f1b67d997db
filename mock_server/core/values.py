"""The base of the values that a request makes and the store keeps."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec import Struct, structs

V = TypeVar("V", bound="Value")


class Value(Struct, frozen=True, array_like=True, gc=False):
    """An immutable value. A struct, since a named tuple takes four times as long to make and eight times as
    long to read.

    ``gc=False``: no value can be part of a cycle, so the garbage collector need not look for one.
    """

    def replace(self: V, **changes: Any) -> V:
        """The same with other values in some fields."""
        return structs.replace(self, **changes)
