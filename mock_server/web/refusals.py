"""The one log line that says why a request was refused, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.core.records import Entry
from mock_server.providers.context import World
from mock_server.web import showing
from mock_server.web.replay import as_of
from mock_server.web.service import Service

_LONGEST = 600
_BEFORE_CREDENTIALS = (404, 405, 413)
"""Refused before anybody looked at a key or a signature, so these are not what is wrong."""


def describe(service: Service, entry: Entry, finding: Mapping[str, Any] | None = None) -> str:
    """``r-7f3a-12 default: POST /verify/ refused with 106: the signature … (fix: …)``; no secrets, no line breaks.

    What was accepted and yet has evidence against it is ``accepted, but doubtful: …``.

    ``finding``: what `diagnose` found, where it is known already.
    """
    found = diagnose(service, entry) if finding is None else finding
    accepted = not entry.error and entry.status < 400
    mistakes = () if entry.status in _BEFORE_CREDENTIALS else found.get("warnings" if accepted else "mistakes") or ()
    told = "; ".join(f"{mistake['explanation']} (fix: {mistake['fix']})" for mistake in mistakes)
    why = told or _evidence(entry.evidence or {}) or _message(showing.content(entry.body, "").get("json")) or "no reason is known"
    ending = "accepted, but doubtful" if accepted else f"refused with {entry.error or entry.status}"
    line = f"{entry.id} {entry.account}: {entry.request.method} {entry.request.path} {ending}: {why}"
    line = " ".join(showing.Veil(service.accounts.get(entry.account)).text(line).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def diagnose(service: Service, entry: Entry) -> dict[str, Any]:
    """The provider's doctor about a journal entry, as things stood then; empty where provider or account are gone."""
    provider, account = service.providers.get(entry.provider), service.accounts.get(entry.account)
    if provider is None or account is None:
        return {}
    world = World(as_of(service, entry), account, entry.real, entry.request.origin)
    world.entry_id = entry.id
    return dict(provider.explain(world, entry.request))


def _evidence(evidence: Mapping[str, Any]) -> str:
    """``timestamp: received 1700000000, unit seconds; send milliseconds``."""
    facts = ", ".join(f"{name.replace('_', ' ')} {_text(value)}" for name, value in evidence.items() if name not in ("check", "remedy"))
    said = ": ".join(part for part in (str(evidence.get("check", "")), facts) if part)
    return "; ".join(part for part in (said, str(evidence.get("remedy", ""))) if part)


def _message(answer: Any) -> str:
    """The vendor's own words: the first ``message`` anywhere in the answer."""
    if not isinstance(answer, Mapping):
        return ""
    message = answer.get("message")
    return message if isinstance(message, str) else next(filter(None, map(_message, answer.values())), "")


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    return str(value)
