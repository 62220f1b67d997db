"""``mock-server init``: a starter folder. A commented file for each vendor, made from what it knows, the test plans
to copy from, and the JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from mock_server.scenario import schema
from mock_server.scenario.vocabulary import Operation, Vocabulary

SCHEMA = "scenario.schema.json"
_SHOWN = 40
_SCHEMA_LINE = "# yaml-language-server: $schema="
_CLAIM = "#>"


def write(folder: Path, vocabularies: Mapping[str, Vocabulary], plans: Path) -> list[Path]:
    """Write the starter files and return them. A file that exists is left alone; the schema is written again.

    ``plans``: a folder that has test plans for each vendor in a folder of its name. Raises ``OSError`` where a file
    cannot be read or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = [_put(folder / SCHEMA, schema.text(vocabularies))]
    for name, vocabulary in vocabularies.items():
        file = folder / f"{name}.yaml"
        if not file.exists():
            written.append(_put(file, "\n".join(_lines(vocabulary)) + "\n"))
        written += _copied(plans / name, folder / "plans" / name)
    return written


def _copied(plans: Path, folder: Path) -> Iterator[Path]:
    """Copy the test plans of one vendor."""
    for plan in sorted(plans.glob("*")):
        file = folder / plan.name
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            yield _put(file, "".join(_for_testers(plan.read_text("utf-8").splitlines(keepends=True))))


def _for_testers(lines: Iterable[str]) -> Iterator[str]:
    """A plan without the claims that our own tests read, and with the schema where it is now."""
    for line in lines:
        if line.startswith(_SCHEMA_LINE):
            yield f"{_SCHEMA_LINE}../../{SCHEMA}\n"
        elif not line.startswith(_CLAIM) and line != "#\n":
            yield line


def _put(file: Path, text: str) -> Path:
    file.write_text(text, "utf-8", newline="\n")
    return file


def _lines(vocabulary: Vocabulary) -> Iterator[str]:
    operation = next(iter(vocabulary.operations.values()))
    outcomes = list(operation.outcomes)
    yield f"{_SCHEMA_LINE}./{SCHEMA}"
    yield "#"
    yield f"# Scenarios for {vocabulary.provider}. Save this file and the running server answers by it a moment later."
    yield "# `mock-server lint` checks it, `mock-server explain REQUEST` says which scenario answers a request and why."
    yield "version: 1"
    yield f"provider: {vocabulary.provider}"
    yield "scenarios:"
    yield from _scenarios(operation, outcomes, vocabulary)
    yield ""
    yield from _reference(vocabulary)


def _scenarios(operation: Operation, outcomes: list[str], vocabulary: Vocabulary) -> Iterator[str]:
    field = _field(operation)
    yield "  # The first scenario whose `match` holds answers; when none does, the server answers as the vendor would."
    yield "  - name: first-scenario"
    yield "    description: What it is for, in your words."
    yield "    match:"
    yield f"      operation: {operation.name}"
    yield f"      {field}: first-case          # equals; or {{prefix: …}}, {{regex: …}}, {{exists: true}}, {{in: [a, b]}} …"
    yield "    respond:"
    yield f"      outcome: {outcomes[-1]}"
    yield "      delay: 200ms"
    yield ""
    yield "  # Consecutive calls of one account and reference get one step after the other; the last one repeats."
    yield "  - name: flaky-then-fine"
    yield "    match:"
    yield f"      operation: {operation.name}"
    yield f"      {field}: {{prefix: flaky-}}"
    yield "    sequence:"
    if vocabulary.temporary_error:
        yield f"      - respond: {{error: {vocabulary.temporary_error}}}"
    yield "      - respond: {status: 503, body: upstream unavailable}"
    yield f"      - respond: {{outcome: {outcomes[0]}}}"
    event = _event(outcomes, vocabulary)
    if event:
        yield ""
        yield "  # Callbacks leave after the answer; `deliver` says how they travel."
        yield "  - name: callback-comes-late"
        yield "    match:"
        yield f"      operation: {operation.name}"
        yield f"      {field}: late-callback"
        yield "    respond:"
        yield f"      outcome: {outcomes[0]}"
        yield "    callbacks:"
        yield f"      - event: {event}"
        yield "        after: 5s"
        yield "        deliver: [drop, {late: 2s}, ok]"


def _field(operation: Operation) -> str:
    """What the starter scenarios match on: the reference where requests have one."""
    if operation.body is None or "reference" in operation.body:
        return "body.reference"
    return f"body.{min(operation.body)}" if operation.body else "header.x-case"


def _event(outcomes: Iterable[str], vocabulary: Vocabulary) -> str:
    """A callback event: one that reports an outcome if the vendor has one; empty if it has no events."""
    events = [event.name for event in vocabulary.events.values() if event.callback]
    telling = (
        event for outcome in outcomes for event in events if outcome.replace("-", "_") in event.lower()
    )
    return next(telling, next(iter(events), ""))


def _reference(vocabulary: Vocabulary) -> Iterator[str]:
    """What the provider knows, as comments."""
    yield f"# What {vocabulary.provider} knows"
    for operation in vocabulary.operations.values():
        outcomes = f" outcomes {', '.join(operation.outcomes)}" if operation.outcomes else ""
        yield f"#   operation {operation.name} ({operation.method} {operation.path}){outcomes}"
    yield from _listed("error", vocabulary.errors)
    yield from _listed(
        "event", {event.name: event.description for event in vocabulary.events.values() if event.callback}
    )
    yield from _listed("decline code", vocabulary.declines)


def _listed(kind: str, choices: Mapping[str, str]) -> Iterator[str]:
    for name, text in islice(choices.items(), _SHOWN):
        yield f"#   {kind} {name}{f': {text}' if text else ''}"
    if len(choices) > _SHOWN:
        yield f"#   … and {len(choices) - _SHOWN} more; an editor that knows the schema offers them all"
