"""Findings of a test's account: the report of a failed test, and what a strict run does not accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mock_server.client.account import Account
    from mock_server.client.results import Callback, Request

SHOWN = 20
"""Requests and callbacks of an account that a story tells."""
_DELIVERED = ("delivered", "cancelled")


class Finding(NamedTuple):
    """One thing that went wrong: which request or callback, and what to do."""

    id: str
    """Of the request or callback; empty: a scenario's."""
    text: str


def story(account: Account) -> str:
    """The account's requests and callbacks, oldest first, each with the reason for what became of it."""
    requests = account.requests.find(limit=SHOWN)
    callbacks = account.callbacks.find(limit=SHOWN)
    lines = [line for request in reversed(requests) for line in _request_lines(account, request)]
    lines += [line for callback in reversed(callbacks) for line in _callback_lines(callback)]
    lines = lines or ["no request has come"]
    return "\n".join([*lines, f"dashboard: {account.url}/__admin/ui/?account={account.name}"])


def violations(account: Account) -> list[Finding]:
    """The findings of a strict run: requests that were refused or that no vendor serves, callbacks that were not
    delivered, scenarios of the test that answered nothing. A refusal by a scenario is not a finding."""
    findings = [
        Finding(request.id, "\n".join(_request_lines(account, request)))
        for request in reversed(account.requests.find(limit=1000))
        if is_refused(request) and not request.scenario
    ]
    findings += [
        Finding(callback.id, "\n".join(_callback_lines(callback)))
        for callback in reversed(account.callbacks.find(limit=1000))
        if callback.state not in _DELIVERED and (callback.state != "pending" or callback.attempts)
    ]
    findings += [
        Finding("", f"scenario {scenario.name} has answered nothing")
        for scenario in account.scenarios.find()
        if (scenario.inline or scenario.pinned) and not scenario.answered
    ]
    return findings


def is_refused(request: Request) -> bool:
    """Whether the vendor's answer was an error, or no vendor serves the path."""
    return bool(request.error) or not request.provider


def _request_lines(account: Account, request: Request) -> Iterator[str]:
    answer = f"error {request.error}" if request.error else request.outcome
    by = f", by scenario {request.scenario}" if request.scenario else ""
    yield f"{request.at} {request.method} {request.path} → {request.status} {answer}{by}".rstrip()
    if request.scenario:
        return
    explanation = account.requests.explain(request.id)
    if is_refused(request):
        yield from _causes(explanation)
    else:
        yield from _nearest(explanation)


def _causes(explanation: Mapping[str, Any]) -> Iterator[str]:
    for mistake in explanation["mistakes"][:2]:
        yield f"    cause: {mistake['explanation']} [{mistake['id']}]"
        if mistake.get("fix"):
            yield f"    fix:   {mistake['fix']}"
    refusal = explanation["refusal"] or {}
    if not explanation["mistakes"] and refusal.get("message"):
        yield f"    cause: {refusal['message']}"


def _nearest(explanation: Mapping[str, Any]) -> Iterator[str]:
    """The scenario that came closest, and the first of its conditions that did not hold."""
    for miss in explanation["near_misses"][:1]:
        first = miss["differences"][0]
        condition = f"`{first['path']}` {first['reason']}, expected {first['expected']}"
        yield f"    built-in answer; closest scenario: {miss['name']} ({miss['source']}): {condition}"


def _callback_lines(callback: Callback) -> Iterator[str]:
    target = f" to {callback.request.url}" if callback.request.url else ""
    yield f"{callback.created} {callback.event} for {callback.reference}{target}: {callback.state}"
    if callback.no_address:
        yield f"    cause: {callback.no_address}"
    tries = [attempt.error or str(attempt.status) or attempt.done for attempt in callback.attempts]
    if tries:
        times = f" (the same {len(tries)} times)" if len(tries) > 1 and len(set(tries)) == 1 else ""
        yield f"    attempts: {tries[0] + times if times or len(tries) == 1 else ', '.join(tries)}"
    elif callback.state == "pending":
        yield f"    due at {callback.due}"
