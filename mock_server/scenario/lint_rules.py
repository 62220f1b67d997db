"""What is well formed and yet does not do what it seems to: the lint's warnings. Each check gets a scenario
and yields findings. Long because every warning is one function here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mock_server.core import delivery_directives
from mock_server.core.clock import parse_day
from mock_server.scenario.loader import Loaded, ScenarioSet
from mock_server.scenario.matchers import MISSING, Matcher
from mock_server.scenario.model import CallbackSpec, Condition, Scenario, is_template
from mock_server.scenario.problems import WARNING, Problem, did_you_mean, is_below, key_path
from mock_server.scenario.source import Source
from mock_server.scenario.subsumption import shadowed, values
from mock_server.scenario.vocabulary import MagicValue, Operation, Vocabulary

Path = tuple["str | int", ...]


class Finding(NamedTuple):
    """A warning, placed by its path below the scenario."""

    path: Path
    rule: str
    message: str
    remedy: str = ""
    key: bool = False


def warnings(loaded: Loaded, vocabularies: Mapping[str, Vocabulary]) -> list[Problem]:
    """Everything that the files can be used with, but should not."""
    found = [problem for source in loaded.sources.values() for problem in _empty(source)]
    for place in loaded.places:
        vocabulary = vocabularies[place.scenario.provider]
        findings = [finding for check in CHECKS for finding in check(place.scenario, vocabulary)]
        found += [
            _placed(place.source, place.path, finding)
            for finding in (*findings, *_odd_values(place.source, place.path))
        ]
    return [*found, *_shadows(loaded)]


def _placed(source: Source, path: Path, finding: Finding) -> Problem:
    return source.problem(
        (*path, *finding.path),
        finding.rule,
        finding.message,
        finding.remedy,
        key=finding.key,
        severity=WARNING,
    )


def _empty(source: Source) -> Iterable[Problem]:
    if source.value is None and not source.broken:
        yield Problem(
            source.file,
            0,
            0,
            "the file holds no scenarios",
            "add some, or remove the file",
            WARNING,
            "empty-file",
        )


# --- match


def _impossible_paths(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    operations = _operations(scenario, vocabulary)
    for condition in scenario.match:
        if operations and not any(
            _possible(condition.path, operation, vocabulary) for operation in operations
        ):
            what = f"no request of `{operations[0].name}`" if len(operations) == 1 else "none of its requests"
            remedy = (
                did_you_mean(condition.written, _paths(operations, vocabulary))
                if _can_suggest(condition, operations)
                else ""
            )
            yield Finding(
                ("match", condition.written),
                "impossible-path",
                f"{what} has `{condition.written}`",
                remedy,
                key=True,
            )


def _operations(scenario: Scenario, vocabulary: Vocabulary) -> list[Operation]:
    known = vocabulary.operations.values()
    return [
        operation
        for operation in known
        if scenario.operations is None or operation.name in scenario.operations
    ]


def _possible(path: tuple[str, ...], operation: Operation, vocabulary: Vocabulary) -> bool:
    root, below = path[0], path[1:]
    if root == "verification":
        return operation.verification and (
            not below or not vocabulary.record_fields or below[0] in vocabulary.record_fields
        )
    if root in ("params", "query"):
        return operation.params is None or not below or below[0] in operation.params
    if root != "body" or operation.body is None or not below:
        return True
    return bool(operation.body) and _leads_somewhere(below, _tree(operation.body))


_Tree = dict[str, "_Tree"]


@cache
def _tree(paths: frozenset[str]) -> _Tree:
    """The paths as nested mappings of their parts."""
    root: _Tree = {}
    for path in paths:
        node = root
        for part in path.split("."):
            node = node.setdefault(part, {})
    return root


def _leads_somewhere(path: Sequence[str], tree: _Tree) -> bool:
    """Whether the path is one of the tree's, or above one, or below one of which no more is said."""
    for part in path:
        if not tree:
            return True
        below = tree.get(part, tree.get("*"))
        if below is None and not part.isdecimal():
            return False
        tree = tree if below is None else below
    return True


def _can_suggest(condition: Condition, operations: list[Operation]) -> bool:
    return condition.path[0] != "verification" or any(operation.verification for operation in operations)


def _paths(operations: Iterable[Operation], vocabulary: Vocabulary) -> list[str]:
    found: dict[str, None] = {}
    for operation in operations:
        found.update(dict.fromkeys(f"body.{path}" for path in sorted(operation.body or ())))
        found.update(dict.fromkeys(f"params.{name}" for name in sorted(operation.params or ())))
        if operation.verification:
            found.update(dict.fromkeys(f"verification.{name}" for name in sorted(vocabulary.record_fields)))
    return list(found)


def _magic(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    answers = {
        f"outcome {step.respond.outcome}" if step.respond.outcome else f"error {step.respond.error}"
        for step in scenario.steps
        if step.respond
    }
    for condition, magic in product(scenario.match, vocabulary.magic):
        if (
            ".".join(condition.path) == magic.path
            and _answers(scenario, magic)
            and _claims(condition, magic)
            and answers != {magic.gives.partition(",")[0]}
        ):
            message = f"this takes over `{magic.value}`, which by itself gives {magic.gives}"
            yield Finding(
                ("match", condition.written),
                "magic-value",
                message,
                "match another value, unless that is meant",
            )


def _answers(scenario: Scenario, magic: MagicValue) -> bool:
    return scenario.operations is None or magic.operation == "*" or magic.operation in scenario.operations


def _claims(condition: Condition, magic: MagicValue) -> bool:
    wanted, named = magic.value.casefold(), values(condition.matcher)
    if named is None:
        prefix = condition.matcher.argument if condition.matcher.kind == "prefix" else ""
        return bool(prefix) and (
            prefix.casefold().startswith(wanted) if magic.prefix else wanted.startswith(prefix.casefold())
        )
    texts = [value.casefold() for value in named if isinstance(value, str)]
    return any(text.startswith(wanted) if magic.prefix else text == wanted for text in texts)


def _slow_patterns(scenario: Scenario, _: Vocabulary) -> Iterator[Finding]:
    for condition in scenario.match:
        for pattern in _patterns(condition.matcher):
            if _NESTED.search(pattern):
                message = (
                    f"the regular expression `{pattern}` can take for ever: it repeats what repeats itself"
                )
                yield Finding(
                    ("match", condition.written),
                    "slow-regex",
                    message,
                    "repeat once, such as (ab)+ instead of ((ab)+)+",
                )


_NESTED = re.compile(r"\((?:[^()\\]|\\.)*(?<!\\)[+*](?:[^()\\]|\\.)*\)(?:[+*]|\{\d+,)")
"""A group with an unbounded repetition in it that is itself repeated."""


def _patterns(matcher: Matcher) -> Iterator[str]:
    if matcher.kind == "regex":
        yield matcher.argument
    inner = (
        matcher.argument
        if matcher.kind in ("any", "all")
        else [matcher.argument]
        if matcher.kind == "not"
        else ()
    )
    for one in inner:
        yield from _patterns(one)


# --- answer


def _declines(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    for path, respond in _responds(scenario):
        if isinstance(respond.decline, dict):
            yield from _declined_services(scenario, vocabulary, (*path, "decline"), respond.decline)
            continue
        for index, code in enumerate(respond.decline or ()):
            services = vocabulary.decline_services.get(code, ())
            if services and all(_excluding(scenario, service) for service in services):
                message = (
                    f"`match` excludes requests with {_either(services)}, and `{code}` is about nothing else"
                )
                remedy = "write a code of a service that the request can have"
                yield Finding((*path, "decline", index), "excluded-service", message, remedy)


def _declined_services(
    scenario: Scenario, vocabulary: Vocabulary, path: Path, decline: Mapping[str, Sequence[str]]
) -> Iterator[Finding]:
    for service, codes in decline.items():
        condition = _excluding(scenario, service)
        if condition is not None:
            message = (
                f"`match` excludes requests with the service `{service}`, so there is nothing to decline"
            )
            yield Finding(
                (*path, service),
                "excluded-service",
                message,
                f"remove it here, or `{condition.written}` there",
                key=True,
            )
        for index, code in enumerate(codes):
            known = vocabulary.decline_services.get(code, ())
            if known and service not in known:
                message = f"`{code}` is about {_either(known)}, not about `{service}`"
                alike = [
                    other for other, services in vocabulary.decline_services.items() if service in services
                ]
                yield Finding(
                    (*path, service, index),
                    "unusual-decline",
                    message,
                    f"a code of `{service}` is for example {_either(alike[:3])}",
                )


def _excluding(scenario: Scenario, service: str) -> Condition | None:
    """The condition that no request with the service satisfies."""
    return next(
        (
            each
            for each in scenario.match
            if each.path == ("body", service) and not any(map(each.matcher.holds, _ASKED))
        ),
        None,
    )


def _either(names: Sequence[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)


_ASKED: tuple[Any, ...] = ({}, {"proof": ""}, "", [], True)
"""How a request can ask for a service."""


def _responds(scenario: Scenario) -> Iterator[tuple[Path, Any]]:
    for index, step in enumerate(scenario.steps):
        if step.respond is not None:
            yield ("sequence", index, "respond") if scenario.is_sequence else ("respond",), step.respond


def _callbacks(scenario: Scenario) -> Iterator[tuple[Path, CallbackSpec, tuple[CallbackSpec, ...]]]:
    """Each callback once, with where it is written and those beside it."""
    shared = False
    for index, step in enumerate(scenario.steps):
        path: Path = (
            ("sequence", index, "callbacks")
            if scenario.is_sequence and not step.shares_callbacks
            else ("callbacks",)
        )
        if path == ("callbacks",) and shared:
            continue
        shared = shared or path == ("callbacks",)
        for position, callback in enumerate(step.callbacks or ()):
            yield (*path, position), callback, step.callbacks or ()


def _addresses(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    nowhere = next(
        (
            condition
            for condition in scenario.match
            if condition.written == vocabulary.callback_url and _wants_none(condition)
        ),
        None,
    )
    for path, callback, _beside in _callbacks(scenario):
        if callback.url is None and nowhere is not None:
            message = f"requests without `{nowhere.written}` have nobody who receives it, unless the account has an address"
            yield Finding(
                (*path, "event"),
                "unreceivable",
                message,
                f"add `url`, or remove `{nowhere.written}` from `match`",
            )
        if callback.url is None or is_template(callback.url):
            continue
        try:
            parts = urlsplit(callback.url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            message = f"nobody can receive a callback at `{callback.url}`"
            yield Finding(
                (*path, "url"), "unreceivable", message, "write for example http://localhost:3000/hook"
            )


def _wants_none(condition: Condition) -> bool:
    return not condition.matcher.holds("http://localhost/hook") and any(
        map(condition.matcher.holds, (MISSING, None, ""))
    )


def _deliveries(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    for path, callback, beside in _callbacks(scenario):
        transmissions = delivery_directives.plan(callback.deliver)
        if transmissions and all(each.directive == "drop" for each in transmissions):
            yield Finding(
                (*path, "deliver"),
                "unreceivable",
                "every word is `drop`, so nobody receives it",
                "for no callback at all write `callbacks: []`",
            )
        for index, raw in enumerate(callback.deliver):
            finding = _directive(delivery_directives.parse_directive(raw), callback, beside, vocabulary)
            if finding is not None:
                yield Finding((*path, "deliver", index), *finding)


def _directive(
    transmission: delivery_directives.Transmission,
    callback: CallbackSpec,
    beside: tuple[CallbackSpec, ...],
    vocabulary: Vocabulary,
) -> tuple[str, str, str] | None:
    name, value = transmission
    if (name in ("secret", "scheme") or (name, value) == ("corrupt", "signature")) and not vocabulary.schemes:
        return "without-effect", f"callbacks of {vocabulary.provider} carry no signature", f"remove `{name}`"
    if name == "scheme" and value not in vocabulary.schemes:
        message = f"{vocabulary.provider} has no signature scheme `{value}`"
        return "without-effect", message, did_you_mean(value, vocabulary.schemes)
    if name == "swap-with":
        others = [other.event for other in beside if other is not callback]
        if value not in others:
            message = f"no other callback here has the event `{value}`"
            return "without-effect", message, did_you_mean(value, others) or "add one"
    if name == "status-changed":
        outcomes = sorted(
            {name for operation in vocabulary.operations.values() for name in operation.outcomes}
        )
        if value not in outcomes:
            return (
                "unknown-outcome",
                f"`{value}` is no outcome of {vocabulary.provider}",
                did_you_mean(value, outcomes),
            )
    return None


def _request_types(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Events that the vendor never sends about a request of that type; a ``merge`` that says the type is
    meant so."""
    operations = _operations(scenario, vocabulary) if scenario.operations is not None else []
    usual = [operation.request_type for operation in operations if operation.request_type]
    for path, callback, _beside in _callbacks(scenario):
        known = vocabulary.events[callback.event].request_types if callback.event in vocabulary.events else ()
        request_type = callback.request_type or next((name for name in usual if name not in known), "")
        if (
            known
            and request_type
            and request_type not in known
            and "requestType" not in (callback.merge or {})
        ):
            key = "requestType" if callback.request_type else "event"
            message = f"{vocabulary.provider} sends `{callback.event}` about {' or '.join(known)}, not about {request_type}"
            remedy = f"write another event or `requestType`; to send it all the same, add `merge: {{requestType: {request_type}}}`"
            yield Finding((*path, key), "unusual-request-type", message, remedy)


def _after_the_last(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Callbacks that are scheduled behind an event after which the vendor sends nothing."""
    for path, callback, beside in _callbacks(scenario):
        earlier = [other for other in beside if other is not callback and other.after < callback.after]
        last = next((other.event for other in earlier if _is_last(other.event, vocabulary)), None)
        if last is not None and not _is_last(callback.event, vocabulary):
            message = f"{vocabulary.provider} sends nothing after `{last}`, so `{callback.event}` is not sent"
            yield Finding(
                (*path, "event"), "after-last-event", message, "give it an earlier `after`, or remove it"
            )


def _is_last(event: str, vocabulary: Vocabulary) -> bool:
    return event in vocabulary.events and vocabulary.events[event].last


CHECKS: tuple[Callable[[Scenario, Vocabulary], Iterator[Finding]], ...] = (
    _impossible_paths,
    _magic,
    _slow_patterns,
    _declines,
    _addresses,
    _deliveries,
    _request_types,
    _after_the_last,
)


# --- values that look like something and are not


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PERCENTAGE = re.compile(r"(-?)(\d+(?:\.\d+)?) ?%")


def _odd_values(source: Source, path: Path) -> Iterator[Finding]:
    value: Any = source.value
    for part in path:
        value = value[part]
    for below, text in _texts(value, ()):
        if below and below[-1] in ("description", "name", "regex"):
            continue
        if _DATE.fullmatch(text) and parse_day(text) is None:
            yield Finding(
                below,
                "bad-date",
                f"`{text}` is not a date of the calendar",
                "write year-month-day, such as 1987-03-14",
            )
        percentage = _PERCENTAGE.fullmatch(text)
        if percentage and (percentage[1] or float(percentage[2]) > 100):
            yield Finding(below, "bad-percentage", f"`{text}` is not a percentage", "write 0% to 100%")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


# --- one scenario against the others


def _reason(scenario: Scenario, first: Scenario) -> tuple[str, str]:
    """Why the other scenario is asked first, and how to change that."""
    if first.before_checks and not scenario.before_checks:
        return "answers before the checks and", "remove `before: checks` there"
    if first.priority > scenario.priority:
        return "has a higher priority and", "give this one a higher priority"
    return "comes first and", "put this one before it"


def _shadows(loaded: Loaded) -> Iterator[Problem]:
    wrong = {(problem.file, problem.path) for problem in loaded.problems}
    sound = [
        place
        for place in loaded.places
        if not any(file == place.source.file and is_below(at, key_path(place.path)) for file, at in wrong)
    ]
    everything = ScenarioSet([place.scenario for place in sound])
    places = {id(place.scenario): place for place in sound}
    for provider in everything.providers:
        for scenario, first in shadowed(everything.scenarios(provider)):
            place = places[id(scenario)]
            reason, remedy = _reason(scenario, first)
            message = f"the scenario `{scenario.name}` is never used: `{first.name}` at {first.source} {reason} answers all its requests"
            finding = Finding(
                ("name",), "shadowed", message, f"{remedy}, or match something more in the other"
            )
            yield _placed(place.source, place.path, finding)
