"""Where two texts differ first, and which change of a single place would explain a signature."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from mock_server.diagnosis.construction import KEYS, SIZES
from mock_server.diagnosis.recipe import Recipe
from mock_server.diagnosis.spelling import Received

_AROUND = 24
_BUDGET = 8_000_000
"""Bytes that may be hashed while single places are changed, other work counted as bytes."""
_EACH = 4_000
_LONGEST = 4_000
"""Bytes of a text in which single places are changed; of a longer one the budget would reach the beginning only."""
_INSERTED = (b" ", b"\n", b"\\", b";", b'"', b"/", b"&")


class Difference(NamedTuple):
    """The first place where two texts differ."""

    at: int
    """Characters before it."""
    right: str
    """What should be there, with some text around."""
    signed: str
    """What is there."""

    def as_json(self) -> dict[str, Any]:
        return self._asdict()


def between(right: bytes, signed: bytes) -> Difference | None:
    """None: they are the same."""
    one, other = right.decode("utf-8", "replace"), signed.decode("utf-8", "replace")
    if one == other:
        return None
    at = next((place for place, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    begin = max(0, at - _AROUND)
    return Difference(at, one[begin : at + _AROUND], other[begin : at + _AROUND])


class Edit(NamedTuple):
    """One place of the text changed."""

    text: bytes
    how: str


def single_edit(recipe: Recipe, received: Received) -> Edit | None:
    """The change of a single character that gives the signature, as far as the budget reaches: one that was left out or stood in
    the other case, then one that was added. None: none does."""
    if len(recipe.text()) > _LONGEST:
        return None
    letters = [
        letter.encode("utf-8", "surrogateescape")
        for letter in recipe.text().decode("utf-8", "surrogateescape")
    ]
    state, text, cost = _state(recipe), b"".join(letters), 0
    if state is None or not received.may_be(SIZES[recipe.mac.rpartition(" ")[2]]):
        return None
    passes: list[_Changes] = [_removed, *(partial(_inserted, letter) for letter in _INSERTED)]
    for changes in passes:
        before, at = state.copy(), 0
        for letter in letters:
            for replaced, how in changes(letter):
                cost += len(text) - at + _EACH
                if cost > _BUDGET:
                    return None
                rest = before.copy()
                rest.update(replaced + text[at + len(letter) :])
                if received.match(_finished(rest, recipe)) is not None:
                    return Edit(text[:at] + replaced + text[at + len(letter) :], how)
            before.update(letter)
            at += len(letter)
    return None


_Changes = Callable[[bytes], Iterator[tuple[bytes, str]]]


def _removed(letter: bytes) -> Iterator[tuple[bytes, str]]:
    yield b"", f"{_shown(letter)} was left out"
    if letter.swapcase() != letter:
        yield letter.swapcase(), f"{_shown(letter.swapcase())} stood for {_shown(letter)}"


def _inserted(extra: bytes, letter: bytes) -> Iterator[tuple[bytes, str]]:
    yield extra + letter, f"{_shown(extra)} was added"


def _shown(letter: bytes) -> str:
    names = {b" ": "a space", b"\n": "a line break", b"\r": "a carriage return", b"\t": "a tab"}
    return names.get(letter, letter.decode("utf-8", "replace"))


def _state(recipe: Recipe) -> Any:
    form, _, algorithm = recipe.mac.rpartition(" ")
    key = KEYS[recipe.key](recipe.secret)
    if form == "hmac":
        return hmac.new(key, b"", algorithm)
    return hashlib.new(algorithm, b"", usedforsecurity=False) if form == "text+key" else None


def _finished(state: Any, recipe: Recipe) -> bytes:
    if not recipe.mac.startswith("hmac"):
        state.update(KEYS[recipe.key](recipe.secret))
    digest: bytes = state.digest()
    return digest
