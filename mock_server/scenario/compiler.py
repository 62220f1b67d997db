"""From the typed document of a file to scenarios, checked against the provider's vocabulary. Notes every
mistake and goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import UNSET

from mock_server.scenario import document
from mock_server.scenario.answers import compile_callbacks, compile_respond
from mock_server.scenario.diagnostics import FakeTemplate, Notes, Path
from mock_server.scenario.early import check_early
from mock_server.scenario.expansion import MAX_SPOILT_ROWS
from mock_server.scenario.facts import TEXTUAL
from mock_server.scenario.locale_check import is_locale, locales
from mock_server.scenario.matchers import (
    BELOW,
    MATCHERS,
    BadCondition,
    Matcher,
    compile_matcher,
    written_values,
)
from mock_server.scenario.model import CallbackSpec, Condition, Scenario, Step
from mock_server.scenario.path_notations import respelled
from mock_server.scenario.problems import Problem, closest, did_you_mean, suggestion
from mock_server.scenario.repetition import compile_chance, compile_counted, compile_sets, steps_of
from mock_server.scenario.schema_check import Shape
from mock_server.scenario.source import Source
from mock_server.scenario.switches import SWITCHED_OFF, compile_tags
from mock_server.scenario.vocabulary import Vocabulary
from mock_server.scenario.yaml_text import one_line

ROOTS = (
    "operation",
    "method",
    "path",
    "header",
    "query",
    "params",
    "body",
    "account",
    "verification",
    "state",
    "now",
)
FIELDS = frozenset({"header", "query", "params", "state"})
"""Roots that need a name below."""
WHOLE = frozenset({"operation", "method", "path", "account", "now"})
"""Roots that are a text, with nothing below."""


class Compiled(NamedTuple):
    """A file's scenarios, and all that is wrong with them."""

    scenarios: list[tuple[int, Scenario]]
    """Each with its place in the file that is written out."""
    problems: list[Problem]
    fakes: list[FakeTemplate]
    """Templates that use Faker."""
    spoilt: frozenset[int]
    """Places of scenarios with a problem."""


def compile_file(source: Source, shape: Shape, vocabularies: Mapping[str, Vocabulary]) -> Compiled:
    """The scenarios of a file whose shape has been read."""
    file = shape.file
    if file is None:
        return Compiled([], shape.problems, [], frozenset())
    vocabulary = vocabularies.get(file.provider)
    if vocabulary is None:
        remedy, fix = suggestion(file.provider, vocabularies)
        message = f"unknown provider `{file.provider}`"
        problem = source.problem(("provider",), "unknown-provider", message, remedy, fix=fix)
        return Compiled([], [*shape.problems, problem], [], frozenset())
    notes = Notes(source, vocabulary, shape.problems, shape.spoilt)
    scenarios = list(_scenarios(notes, file.scenarios))
    return Compiled(scenarios, notes.problems, notes.fakes, notes.spoilt_scenarios)


def _scenarios(notes: Notes, scenarios: Sequence[document.Scenario]) -> Iterator[tuple[int, Scenario]]:
    """Each with its place. Of a table with many wrong rows the first are enough."""
    spoilt: Counter[int] = Counter()
    for index, written in enumerate(scenarios):
        group = notes.source.group(index)
        if spoilt[group] < MAX_SPOILT_ROWS:
            yield index, _scenario(notes, written, ("scenarios", index))
            spoilt[group] += not notes.is_clean(("scenarios", index))


def _scenario(notes: Notes, written: document.Scenario, path: Path) -> Scenario:
    notes.locale = written.locale or None
    notes.bound = notes.source.names(int(path[1]))
    check_early(notes, written, path)
    if notes.locale is not None and not is_locale(notes.locale):
        notes.note(
            (*path, "locale"),
            "unknown-locale",
            f"Faker has no locale `{notes.locale}`",
            *_other_locale(notes.locale),
        )
        notes.locale = None
    steps = _steps(notes, written, path)
    match = written.match or {}
    operation = _operation(notes, match, (*path, "match", "operation"))
    place = notes.source.place(path)
    return Scenario(
        name=written.name,
        provider=notes.provider,
        steps=steps,
        description=written.description or "",
        priority=written.priority or 0,
        operations=_operations(notes, operation, written, path),
        match=tuple(_conditions(notes, match, (*path, "match"))),
        is_default=not match,
        is_sequence=written.sequence is not UNSET,
        locale=notes.locale,
        file=notes.source.file,
        line=place.line,
        column=place.column,
        row=notes.source.row(int(path[1])),
        tags=compile_tags(notes, written.tags, (*path, "tags")),
        off=SWITCHED_OFF if written.enabled is False else "",
        operation_written=operation.expected if operation is not None else "",
        before_checks=written.before == "checks",
        steps_path=("sequence", "steps")
        if isinstance(written.sequence, document.Sequence)
        else ("sequence",),
        counted=compile_counted(notes, written.sequence, (*path, "sequence")),
        chance=compile_chance(notes, written.chance, (*path, "chance")),
        sets=compile_sets(notes, written.set, (*path, "set")),
    )


def _steps(notes: Notes, written: document.Scenario, path: Path) -> tuple[Step, ...]:
    shared = compile_callbacks(notes, written.callbacks, (*path, "callbacks"))
    if written.sequence is not UNSET:
        if written.respond is not UNSET:
            message = "a scenario has `respond` or `sequence`, not both"
            notes.note(
                (*path, "respond"), "respond-and-sequence", message, "move it into the sequence", key=True
            )
        return tuple(
            _step(notes, step, shared, at) for at, step in steps_of(written.sequence, (*path, "sequence"))
        )
    if written.respond is written.callbacks is written.set is UNSET and notes.is_clean(path):
        message = f"scenario `{written.name}` has no response"
        notes.note((*path, "name"), "no-answer", message, "add `respond`, `sequence`, `callbacks` or `set`")
    return (Step(compile_respond(notes, written.respond, (*path, "respond")), shared, shared is not None),)


def _step(notes: Notes, step: document.Step, shared: tuple[CallbackSpec, ...] | None, path: Path) -> Step:
    own = compile_callbacks(notes, step.callbacks, (*path, "callbacks"))
    respond = compile_respond(notes, step.respond, (*path, "respond"))
    times = step.times or 1
    return (
        Step(respond, shared, shared is not None, times) if own is None else Step(respond, own, times=times)
    )


# --- operation


def _operation(notes: Notes, match: Mapping[str, Any], path: Path) -> Matcher | None:
    """What ``match`` demands of the operation; None: nothing."""
    if "operation" not in match:
        return None
    known = notes.vocabulary.operations
    unknown = [name for name in _names_in(match["operation"]) if name not in known]
    if isinstance(match["operation"], list):
        several = f"{{in: {one_line(match['operation'])}}}"
        message = "`operation` is a text, not a list"
        notes.note(path, "unknown-operation", message, f"to match one of several write `{several}`", several)
        return compile_matcher({"in": match["operation"] or ["none"]}, True)
    for name in unknown:
        remedy, fix = suggestion(name, known)
        is_whole = match["operation"] == name
        message = f"{notes.provider} has no operation `{name}`"
        notes.note(path, "unknown-operation", message, remedy, fix if is_whole else None)
    matcher = _matcher(notes, match["operation"], True, path)
    if matcher is not None and not unknown and not any(map(matcher.holds, known)):
        notes.note(
            path,
            "unknown-operation",
            f"no operation of {notes.provider} fits {matcher.expected}",
            did_you_mean("", known),
        )
    return matcher


def _names_in(matcher: Any) -> list[str]:
    """The operations that a condition names outright."""
    return [
        each.value
        for each in written_values(matcher)
        if each.matcher == "equals" and isinstance(each.value, str)
    ]


def _operations(
    notes: Notes, operation_matcher: Matcher | None, written: document.Scenario, path: Path
) -> frozenset[str] | None:
    """The operations that the scenario answers; None: all. Without an operation in ``match``: those that know
    its outcomes.

    A misspelt operation counts as the one that was meant, so that the rest can be checked.
    """
    known = notes.vocabulary.operations
    outcomes = dict(_outcomes(written, path))
    if operation_matcher is not None:
        chosen = frozenset(filter(operation_matcher.holds, known)) or _meant(
            (written.match or {})["operation"], list(known)
        )
        for place, outcome in outcomes.items():
            _check_outcome(notes, place, outcome, chosen)
        return chosen
    if not outcomes:
        return None
    for place, outcome in outcomes.items():
        _check_outcome(notes, place, outcome, frozenset())
    return frozenset(
        name for name, operation in known.items() if set(outcomes.values()) <= operation.outcomes.keys()
    )


def _meant(condition: Any, known: Sequence[str]) -> frozenset[str]:
    """The operations that are nearly named."""
    return frozenset(closest(name, known) for name in _names_in(condition)) - {""}


def _other_locale(name: str) -> tuple[str, str | None]:
    """One that is alike, or of the same country where Faker does not have the language."""
    known = locales()
    language, _, country = name.partition("_")
    neighbours = [one for one in known if country and one.endswith(f"_{country}")]
    if not neighbours or any(one.startswith(f"{language}_") for one in known):
        return suggestion(name, known)
    return f"write `{neighbours[0]}`", neighbours[0]


def _outcomes(written: document.Scenario, path: Path) -> Iterator[tuple[Path, str]]:
    answers = [((*path, "respond"), written.respond)]
    answers += [
        ((*at, "respond"), step.respond) for at, step in steps_of(written.sequence, (*path, "sequence"))
    ]
    for place, respond in answers:
        if isinstance(respond, document.Respond) and isinstance(respond.outcome, str):
            yield (*place, "outcome"), respond.outcome


def _check_outcome(notes: Notes, path: Path, outcome: str, operations: frozenset[str]) -> None:
    """Every operation that is named must know the outcome; where none is named, any of the provider's."""
    known = notes.vocabulary.operations
    able = [name for name, operation in known.items() if outcome in operation.outcomes]
    unable = sorted(operations.difference(able))
    if not able:
        names = dict.fromkeys(
            name
            for key, operation in known.items()
            if not operations or key in operations
            for name in operation.outcomes
        )
        notes.note(
            path,
            "unknown-outcome",
            f"{notes.provider} has no outcome `{outcome}`",
            *suggestion(outcome, names),
        )
    elif unable:
        notes.note(
            path,
            "unknown-outcome",
            f"the operation `{unable[0]}` has no outcome `{outcome}`, which `{able[0]}` has",
            *suggestion(outcome, known[unable[0]].outcomes),
        )


# --- conditions


def _conditions(notes: Notes, match: Mapping[str, Any], path: Path) -> Iterator[Condition]:
    for written, expected in match.items():
        root, *below = written.split(".")
        if _check_path(notes, written, root, below, (*path, written)) and root != "operation":
            matcher = _matcher(notes, expected, root in TEXTUAL, (*path, written))
            if matcher is not None:
                parts = (root, written[7:].lower()) if root == "header" else (root, *below)
                yield Condition(parts, matcher, written)


def _check_path(notes: Notes, written: str, root: str, below: Sequence[str], path: Path) -> bool:
    name, colon, value = written.partition(":")
    if colon and value:
        fix = f"{name}: {value}"
        message = "a space is missing after the colon"
        notes.note(path, "unknown-path", message, f"write `{fix}`", key=True, fix=fix)
    elif root in MATCHERS:
        remedy = f"write it below its path, such as `body.reference: {{{root}: …}}`"
        if root in ("any", "all"):
            remedy += (
                "; conditions on several fields all hold, and for either of two fields write two scenarios"
            )
        notes.note(path, "unknown-path", f"`{root}` is a matcher, not a path", remedy, key=True)
    elif root not in ROOTS:
        said = _rooted(notes, written, root, below)
        notes.note(path, "unknown-path", f"a path cannot begin with `{root}`", *said, key=True)
    elif "" in below or (not below and root in FIELDS):
        notes.note(
            path,
            "unknown-path",
            f"`{written}` must name a field",
            f"write for example `{root}.name`",
            key=True,
        )
    elif below and root in WHOLE:
        notes.note(
            path,
            "unknown-path",
            f"`{root}` is a text and has nothing below",
            f"match `{root}` itself",
            root,
            key=True,
        )
    else:
        return True
    return False


def _rooted(notes: Notes, written: str, root: str, below: Sequence[str]) -> tuple[str, str | None]:
    """Remedy and fix for a path that begins with a word of its own."""
    plain = respelled(written)
    if plain != written:
        fix = plain if plain.split(".")[0] in ROOTS else f"body.{plain}"
        return f"write `{fix}`", fix
    meant, in_body = closest(root, ROOTS), f"body.{written}"
    if meant:
        return did_you_mean(root, ROOTS), ".".join([meant, *below])
    is_field = any(written in (operation.body or ()) for operation in notes.vocabulary.operations.values())
    return f"for a field of the body write `{in_body}`", in_body if is_field else None


def _matcher(notes: Notes, condition: Any, textual: bool, path: Path) -> Matcher | None:
    try:
        return compile_matcher(condition, textual, notes.vocabulary.time_zone)
    except BadCondition as error:
        for fault in error.faults:
            remedy = fault.remedy.replace(BELOW, f"{path[-1]}.")
            notes.note((*path, *fault.path), fault.rule, fault.message, remedy, fault.fix, key=fault.key)
        return None
