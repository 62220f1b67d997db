"""Values on the command line that are more than text. All raise ``click.UsageError`` naming the option."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from mock_server.core import nesting
from mock_server.core.clock import parse_duration
from mock_server.core.target import check_url


def seconds(name: str, text: str) -> float:
    """A duration."""
    try:
        duration = parse_duration(text)
    except ValueError as error:
        raise click.UsageError(f"{name}: {error}") from None
    if duration < 0:
        raise click.UsageError(f"{name}: {text!r} is negative; write for example 10s")
    return duration


def address(name: str, text: str) -> str:
    """An address that something can be sent to; empty: none."""
    try:
        check_url(name, text)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return text


def json_object(name: str, text: str) -> dict[str, Any] | None:
    """An object; None for no text."""
    if not text:
        return None
    try:
        value = nesting.loads(text)
    except ValueError as error:
        from mock_server.providers.jsonproblems import find_problem

        problem = find_problem(text, "the value", str(error))
        raise click.UsageError(f"{name}: {problem.explanation} {problem.fix}") from None
    if not isinstance(value, dict):
        raise click.UsageError(f"{name}: give a JSON object, such as {{}}")
    return value


def pairs(name: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    """``NAME=VALUE`` items, in the order in which they are written; a name may come more than once."""
    parsed = []
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key:
            raise click.UsageError(f"{name}: {text!r} is not NAME=VALUE")
        parsed.append((key, value))
    return parsed


def declines(texts: Iterable[str]) -> list[str] | dict[str, list[str]] | None:
    """``SPDR03`` or ``document=SPDR03``, mixed at will only where all name their service; several with commas."""
    codes = [code for one in texts for code in one.split(",") if code]
    if not codes:
        return None
    if not any("=" in code for code in codes):
        return codes
    by_service: dict[str, list[str]] = {}
    for code in codes:
        service, sign, value = code.partition("=")
        if not sign:
            raise click.UsageError(
                f"--decline: {code!r} names no service, the others do; write SERVICE={code}"
            )
        by_service.setdefault(service, []).append(value)
    return by_service
