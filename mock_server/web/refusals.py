"""Why a request was refused, and what to do about it: one line for the log, the same as data for everybody
else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_server.core.records import Entry
from mock_server.providers.context import UnitOfWork
from mock_server.providers.pipeline import Pipeline
from mock_server.web import serializers
from mock_server.web.replay import as_of

_LONGEST = 600
_UNSIGNED = {"valid": False, "canonical": "", "expected": "", "received": "", "mistakes": []}
"""What the doctor says where no vendor can look."""


def describe(pipeline: Pipeline, entry: Entry, finding: Mapping[str, Any] | None = None) -> str:
    """``r-7f3a-12 default: POST /verify/ refused with 106: the signature … [upper-case] (fix: …)``; no secrets, no line
    breaks.

    A request that was accepted despite evidence against it is ``accepted, but doubtful: …``.

    ``finding``: the result of `diagnose`, if it is already known.
    """
    finding = diagnose(pipeline, entry) if finding is None else finding
    accepted = not entry.error and entry.status < 400
    problems = warnings(entry, finding) if accepted else mistakes(entry, finding)
    explained = "; ".join(f"{each['explanation']} [{each['id']}] (fix: {each['fix']})" for each in problems)
    veil = serializers.SecretRedactor(pipeline.services.accounts.get(entry.account))
    words, facts = message(entry), _evidence(veil.value(entry.evidence or {}))
    why = (
        explained
        or (f"{words.rstrip('.')}; {facts}" if words and facts else words or facts)
        or "no reason is known"
    )
    ending = "accepted, but doubtful" if accepted else f"refused with {entry.error or entry.status}"
    line = " ".join(veil.text(f"{entry.id} {entry.account}: {_what(entry)} {ending}: {why}").split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def diagnose(pipeline: Pipeline, entry: Entry) -> dict[str, Any]:
    """The provider's doctor about a journal entry, as things stood then."""
    provider, account = pipeline.providers.get(entry.provider), pipeline.services.accounts.get(entry.account)
    if entry.request_cut is not None:
        return {**_UNSIGNED, "valid": not entry.error, "mistakes": [], "warnings": [cut_short(entry)]}
    if provider is None or account is None or is_turned_away(entry):
        return dict(_UNSIGNED)
    unit = UnitOfWork(as_of(pipeline, entry), account, entry.real, entry.request.origin)
    unit.entry_id = entry.id
    return dict(provider.explain(unit, entry.request))


def cut_short(entry: Entry) -> dict[str, str]:
    """Why the journal cannot work a request out again without its whole body, as a mistake."""
    assert entry.request_cut is not None
    return {
        "id": "body-cut",
        "explanation": f"the journal has only the beginning of the body: {entry.request_cut.said(len(entry.request.body))}",
        "fix": "Start the server with a larger --journal-body-limit to have such requests explained, copied and replayed.",
    }


def mistakes(entry: Entry, finding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``{"id", "explanation", "fix"}`` of each mistake: the cause that was found when the request was
    refused, else the doctor's."""
    own = _own_problem(entry) if entry.error else []
    return own or list(finding.get("mistakes") or ())


def warnings(entry: Entry, finding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same of what was accepted and yet is hardly meant so: what was found when it was answered, and what
    the doctor finds."""
    own = [] if entry.error else _own_problem(entry)
    return [*own, *(finding.get("warnings") or ())]


def _own_problem(entry: Entry) -> list[dict[str, Any]]:
    evidence = entry.evidence or {}
    if "explanation" not in evidence:
        return []
    return [{"id": evidence["check"], "explanation": evidence["explanation"], "fix": evidence["remedy"]}]


def is_turned_away(entry: Entry) -> bool:
    """Whether the request came to no vendor's checks: the wire layer refused it, or no vendor serves its method
    and path."""
    return bool(entry.error) and not entry.scenario and "explanation" in (entry.evidence or {})


def message(entry: Entry) -> str:
    """The vendor's own words: the first ``message`` anywhere in the answer."""
    return _message(serializers.SecretRedactor(None).value(serializers.content(entry.body, "").get("json")))


def _what(entry: Entry) -> str:
    request = entry.request
    return f"{request.method} {request.path}" if request.path else f"a connection from {request.peer}"


def _message(answer: Any) -> str:
    if not isinstance(answer, Mapping):
        return ""
    text = answer.get("message")
    return text if isinstance(text, str) else next(filter(None, map(_message, answer.values())), "")


def _evidence(evidence: Mapping[str, Any]) -> str:
    """``timestamp: received 1700000000, unit seconds; send milliseconds``."""
    facts = ", ".join(
        f"{name.replace('_', ' ')} {_text(value)}"
        for name, value in evidence.items()
        if name not in ("check", "remedy")
    )
    said = ": ".join(part for part in (str(evidence.get("check", "")), facts) if part)
    return "; ".join(part for part in (said, str(evidence.get("remedy", ""))) if part)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    return str(value)
