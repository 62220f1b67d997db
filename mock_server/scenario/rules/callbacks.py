"""Callbacks that no one receives, or that the vendor does not send this way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mock_server.core import delivery_directives, tampering
from mock_server.core.target import TargetError, parse_target
from mock_server.scenario.facts import MISSING
from mock_server.scenario.model import CallbackSpec, Condition, Scenario, is_template
from mock_server.scenario.problems import did_you_mean
from mock_server.scenario.rules.finding import LintFinding, callbacks_of, operations_of
from mock_server.scenario.rules.texts import FOREIGN_TEMPLATE
from mock_server.scenario.templates import Members
from mock_server.scenario.vocabulary import Vocabulary
from mock_server.scenario.yaml_text import one_line


def unusable_addresses(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    nowhere = next(
        (
            condition
            for condition in scenario.match
            if condition.written == vocabulary.callback_url and _wants_none(condition)
        ),
        None,
    )
    for path, callback, _beside in callbacks_of(scenario):
        if callback.url is None and nowhere is not None:
            message = (
                f"requests without `{nowhere.written}` have no receiver, unless the account has an address"
            )
            yield LintFinding(
                (*path, "event"),
                "unreceivable",
                message,
                f"add `url`, or remove `{nowhere.written}` from `match`",
            )
        if callback.url is None or is_template(callback.url) or FOREIGN_TEMPLATE.search(callback.url):
            continue
        try:
            parse_target(callback.url)
        except TargetError as error:
            message = f"no one can receive a callback at `{callback.url}`: {error}"
            fix = one_line(error.meant) if error.meant else None
            remedy = f"write `{fix}`" if fix else error.remedy
            yield LintFinding((*path, "url"), "unreceivable", message, remedy, fix=fix)


def _wants_none(condition: Condition) -> bool:
    return not condition.matcher.holds("http://localhost/hook") and any(
        map(condition.matcher.holds, (MISSING, None, ""))
    )


def pointless_deliveries(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    for path, callback, siblings in callbacks_of(scenario):
        transmissions = delivery_directives.plan(callback.deliver)
        if transmissions and all(each.directive == "drop" for each in transmissions):
            yield LintFinding(
                (*path, "deliver"),
                "unreceivable",
                "every word is `drop`, so no one receives it",
                "for no callback at all write `callbacks: []`",
            )
        for index, raw in enumerate(callback.deliver):
            finding = _directive(delivery_directives.parse_directive(raw), callback, siblings, vocabulary)
            if finding is not None:
                yield LintFinding((*path, "deliver", index), *finding)


def _directive(
    transmission: tampering.Transmission,
    callback: CallbackSpec,
    siblings: tuple[CallbackSpec, ...],
    vocabulary: Vocabulary,
) -> tuple[str, str, str] | None:
    name, value = transmission
    if (
        name in delivery_directives.SIGNED_ONLY or (name, value) == ("corrupt", "signature")
    ) and not vocabulary.schemes:
        return "without-effect", f"callbacks of {vocabulary.provider} carry no signature", f"remove `{name}`"
    if name == "scheme" and value not in vocabulary.schemes:
        message = f"{vocabulary.provider} has no signature scheme `{value}`"
        return "without-effect", message, did_you_mean(value, vocabulary.schemes)
    if name == "swap-with":
        others = [other.event for other in siblings if other is not callback]
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
                f"`{value}` is not an outcome of {vocabulary.provider}",
                did_you_mean(value, outcomes),
            )
    return None


def unusual_request_types(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    """Events that the vendor never sends about a request of that type; a ``merge`` that says the type is
    meant so."""
    operations = operations_of(scenario, vocabulary) if scenario.operations is not None else []
    usual = [operation.request_type for operation in operations if operation.request_type]
    for path, callback, _beside in callbacks_of(scenario):
        known = vocabulary.events[callback.event].request_types if callback.event in vocabulary.events else ()
        if callback.request_type is not None and callback.request_type not in vocabulary.request_types:
            continue
        request_type = callback.request_type or next((name for name in usual if name not in known), "")
        if (
            known
            and request_type
            and request_type not in known
            and "requestType" not in _names_in(callback.merge)
        ):
            key = "requestType" if callback.request_type else "event"
            message = f"{vocabulary.provider} sends `{callback.event}` about {' or '.join(known)}, not about {request_type}"
            remedy = f"write another event or `requestType`; to send it anyway, add `merge: {{requestType: {request_type}}}`"
            yield LintFinding((*path, key), "unusual-request-type", message, remedy)


def _names_in(merge: Any) -> Collection[str]:
    return merge.names if isinstance(merge, Members) else merge if isinstance(merge, Mapping) else ()


def after_the_last_event(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    """Callbacks that are scheduled behind an event after which the vendor sends nothing."""
    for path, callback, siblings in callbacks_of(scenario):
        position = next(index for index, other in enumerate(siblings) if other is callback)
        earlier = [
            other for index, other in enumerate(siblings) if (other.after, index) < (callback.after, position)
        ]
        last = next((other.event for other in earlier if _is_last(other.event, vocabulary)), None)
        if last is not None and not _is_last(callback.event, vocabulary):
            message = f"{vocabulary.provider} sends nothing after `{last}`, so `{callback.event}` is not sent"
            yield LintFinding(
                (*path, "event"), "after-last-event", message, "give it an earlier `after`, or remove it"
            )


def _is_last(event: str, vocabulary: Vocabulary) -> bool:
    return event in vocabulary.events and vocabulary.events[event].last
