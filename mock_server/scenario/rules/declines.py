"""Decline codes that do not fit the services of the request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mock_server.scenario.model import Condition, Scenario
from mock_server.scenario.rules.finding import LintFinding, Path, responds_of
from mock_server.scenario.vocabulary import Vocabulary


def unfit_declines(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[LintFinding]:
    for path, respond in responds_of(scenario):
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
                yield LintFinding((*path, "decline", index), "excluded-service", message, remedy)


def _declined_services(
    scenario: Scenario, vocabulary: Vocabulary, path: Path, decline: Mapping[str, Sequence[str]]
) -> Iterator[LintFinding]:
    for service, codes in decline.items():
        if service not in vocabulary.services:
            continue
        condition = _excluding(scenario, service)
        if condition is not None:
            message = f"`match` excludes requests with the service `{service}`, so nothing is left to decline"
            yield LintFinding(
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
                yield LintFinding(
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


_ASKED: tuple[Any, ...] = ({}, {"proof": ""}, "", [], True)
"""How a request can ask for a service."""


def _either(names: Sequence[str]) -> str:
    return " or ".join(f"`{name}`" for name in names)
