"""Checks whether the expected requests or callbacks arrived, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mock_server.client import calls
from mock_server.client.calls import MOST, Call
from mock_server.client.filters import Expected, RequestFilters, checked
from mock_server.client.results import Callback, Request

SHOWN = 20
"""Requests that a message lists."""


class Expectation:
    """What `expects` of an account waits for, and what had come before."""

    def __init__(self, account: str, count: int, fields: Mapping[str, Any]) -> None:
        self._account, self._count = account, count
        self._conditions = {name: str(value) for name, value in checked(Expected, fields).items()}
        self._is_callback = "event" in fields or "state" in fields
        self._before: set[str] = set()

    @property
    def call(self) -> Call[list[Request]] | Call[list[Callback]]:
        """Lists the requests, or the callbacks."""
        return calls.callbacks(MOST, {}) if self._is_callback else calls.requests(MOST, {})

    def begin(self, items: Sequence[Request | Callback]) -> None:
        """``items``: the answer to `call` before the block."""
        self._before = {item.id for item in items}

    def end(self, items: Sequence[Request | Callback]) -> set[str]:
        """Ids of what was expected and came. Raises ``AssertionError`` where that is too little."""
        came = {item.id for item in items if item.id not in self._before and self._is_meant(item)}
        if len(came) < self._count:
            what = ", ".join(f"{name} {value}" for name, value in self._conditions.items()) or "anything"
            kind = "callbacks" if self._is_callback else "requests"
            raise AssertionError(
                f"account {self._account}: expected {self._count} {kind} with {what}, got {len(came)}"
            )
        return came

    def _is_meant(self, item: Request | Callback) -> bool:
        return all(str(getattr(item, name, "")) == value for name, value in self._conditions.items())


def in_order(
    steps: Sequence[RequestFilters], journal: Sequence[Request], matches: Sequence[Sequence[Request]]
) -> list[Request]:
    """For each step, the first request that came after the request of the previous step.

    ``journal``: all requests, newest first; ``matches``: the matching requests of each step. Raises
    ``AssertionError``, which lists the requests that came."""
    came = list(reversed(journal))
    position = {request.id: index for index, request in enumerate(came)}
    matched: list[Request] = []
    last = -1
    for number, (step, matching) in enumerate(zip(steps, matches), 1):
        later = [position[request.id] for request in matching if position.get(request.id, -1) > last]
        if not later:
            raise AssertionError(_out_of_order(number, step, matched, came))
        last = min(later)
        matched.append(came[last])
    return matched


def _out_of_order(
    number: int, step: RequestFilters, matched: Sequence[Request], came: Sequence[Request]
) -> str:
    what = ", ".join(f"{name} {value}" for name, value in step.items()) or "anything"
    after = f" after {_brief(matched[-1])}" if matched else ""
    shown = [f"  {_brief(request)}" for request in came[-SHOWN:]] or ["  nothing"]
    left = [f"  … {len(came) - SHOWN} earlier ones"] if len(came) > SHOWN else []
    return "\n".join([f"request {number} ({what}) did not come{after}; what came, in order:", *left, *shown])


def _brief(request: Request) -> str:
    answer = f"error {request.error}" if request.error else request.outcome
    words = ", ".join(word for word in (request.operation, request.reference, answer) if word)
    return f"{request.method} {request.path} → {request.status} ({words})"
