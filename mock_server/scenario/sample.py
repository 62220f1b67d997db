"""Renders each template once when its file is read, so that a template which can never work is reported with
its place.

What a request brings (``request``, ``verification``, ``account``, ``state``) is unknown at that time: a failure that
depends on it is not a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_server.core.random import Draws
from mock_server.scenario.names import Names
from mock_server.scenario.values import Absent, TemplateError

if TYPE_CHECKING:
    from mock_server.scenario.sandbox import Program

_UNKNOWN = "known only when a request arrives"
_NOW = 1_767_225_600.0
"""2026-01-01, in seconds since the epoch."""


class _SampleAccount:
    name = "default"


class _SampleSource:
    """The `RenderSource` of no request in particular."""

    now = _NOW
    account = _SampleAccount()
    draws = Draws(0, "default", "sample")

    def __init__(self, locale: str | None) -> None:
        self.locale = locale

    def get(self, path: tuple[str, ...]) -> object:
        return Absent(_UNKNOWN)


def uses_faker(program: Program) -> bool:
    """Whether rendering needs Faker, which takes longer to import than a server takes to start."""
    return any(chain[0] == "fake" for chain in program.chains)


def failure(
    program: Program, locale: str | None, bound: Mapping[str, Any], *, with_faker: bool
) -> TemplateError | None:
    """Why the template fails whatever the request holds; None: it can work. Without Faker, ``fake`` is
    unknown as well. ``bound``: what is known since the file was loaded."""
    names = Names(_SampleSource(locale))
    unknown = (
        ("request", "verification", "account", "state")
        if with_faker
        else ("request", "verification", "account", "state", "fake")
    )
    names.update(dict.fromkeys(unknown, Absent(_UNKNOWN)))
    names.update(bound)
    try:
        program.run(names)
    except TemplateError as error:
        return None if _UNKNOWN in error.message else error
    return None
