"""Scenarios compiled: immutable values, ready to be matched and rendered. Positions stay for messages."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from random import Random
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from mock_server.core.random import Draws
from mock_server.scenario.matchers import Matcher


class Named(Protocol):
    """Something with a name, which templates see as ``account.name``."""

    @property
    def name(self) -> str: ...


class RenderSource(Protocol):
    """What a rendering draws from: one call of one account."""

    def get(self, path: tuple[str, ...]) -> object:
        """The fact at a match path, such as ``("body",)`` or ``("header", "user-agent")``; `matchers.MISSING`
        without one."""
        ...

    @property
    def draws(self) -> Draws: ...

    @property
    def now(self) -> float:
        """The account's time, in seconds since the epoch."""
        ...

    @property
    def account(self) -> Named: ...

    @property
    def locale(self) -> str | None:
        """Of the generated names and addresses; None: ``en_US``."""
        ...


class Template(ABC):
    """A value with template text somewhere in it. Values without any stay as they are."""

    __slots__ = ()

    @abstractmethod
    def render(self, source: RenderSource) -> Any:
        """The value for this call. Raises `templates.RenderError`."""


def is_template(value: object) -> bool:
    """Whether the value needs rendering."""
    return isinstance(value, Template)


class Delay(Struct, frozen=True):
    """How long to wait before an answer: ``fixed`` seconds; ``uniform`` between two; ``lognormal`` by median
    and sigma."""

    kind: str
    first: float
    """Seconds; the lower bound, or the median."""
    second: float = 0.0
    """The upper bound in seconds, or sigma."""

    def draw(self, random: Random) -> float:
        """Seconds."""
        if self.kind == "uniform":
            return random.uniform(self.first, self.second)
        if self.kind == "lognormal":
            return self.first * math.exp(random.gauss(0.0, self.second))
        return self.first


class Respond(Struct, frozen=True):
    """How to answer. At most one of ``outcome``, ``error``, a body and ``fault``; none of them: as the
    provider would by itself."""

    outcome: str | None = None
    error: str | None = None
    """Code or event, as text."""
    body: Any = None
    """Verbatim JSON value or text; may be a `Template`."""
    has_body: bool = False
    """True: ``body`` was given, be it null."""
    fault: str | None = None
    """One of `core.http.FAULTS`."""
    status: int | None = None
    headers: tuple[tuple[str, Any], ...] = ()
    """Values are text or a `Template`."""
    delay: Delay | None = None
    merge: Any = None
    """Patch for the generated answer, see `rendering.merge`; may be a `Template`."""
    fields: Any = None
    """Of an error: names of the fields at fault, a list, a text, or a `Template`."""
    detail: Any = None
    service: Any = None
    key: Any = None
    message: Any = None
    decline: Any = None
    """Decline codes: a list, or service → list."""
    review: Any = None
    """What a review says, a mapping; may be a `Template`."""

    @property
    def is_bare_status(self) -> bool:
        """True: its answer is only a status that is not a success, so the body is empty. A success
        changes the built-in answer."""
        other = (
            self.outcome is not None
            or self.error is not None
            or self.has_body
            or self.fault is not None
            or self.merge is not None
        )
        return not other and self.status is not None and self.status >= 300

    @property
    def stands_alone(self) -> bool:
        """True: the answer needs neither a valid request nor anything stored. False: it is made from a
        request that is valid."""
        return self.error is not None or self.has_body or self.fault is not None or self.is_bare_status


class CallbackSpec(Struct, frozen=True):
    """One callback to send."""

    event: str
    after: float = 0.0
    """Seconds on the account's clock."""
    url: Any = None
    """Text or a `Template`; None: where the provider sends it."""
    merge: Any = None
    attempts: int | None = None
    """None: as the provider does."""
    deliver: tuple[Any, ...] = ()
    """Words as `core.delivery_directives` reads them, JSON values."""
    request_type: str | None = None
    reference: Any = None
    """Text or a `Template`; None: the request's own."""


class Step(Struct, frozen=True):
    """One answer of a scenario."""

    respond: Respond | None = None
    """None: as the provider would by itself."""
    callbacks: tuple[CallbackSpec, ...] | None = None
    """None: the provider's own; empty: none."""
    shares_callbacks: bool = False
    """True: they are written at the scenario, not at the step."""
    times: int = 1
    """How many calls in a row it answers."""


class Counted(Struct, frozen=True):
    """What a sequence counts, and what comes after its last step."""

    by: tuple[tuple[str, ...], ...] = ()
    """Paths of the facts whose calls are counted together; empty: the reference of the call."""
    then: str = "repeat"
    """``repeat`` the last step, ``restart`` with the first, or ``stop``: the next scenario answers."""


class Condition(NamedTuple):
    """One entry of ``match``."""

    path: tuple[str, ...]
    """``("body", "details", "name", "family")``; header names in lower case."""
    matcher: Matcher
    written: str
    """The path as the file has it."""


class Scenario(Struct, frozen=True):
    """One named rule."""

    name: str
    provider: str
    steps: tuple[Step, ...]
    """At least one; more than one only in a sequence."""
    description: str = ""
    priority: int = 0
    operations: frozenset[str] | None = None
    """Operations it answers; None: all."""
    match: tuple[Condition, ...] = ()
    """The conditions except the operation."""
    is_default: bool = False
    """True: it has no ``match``, and stands in for the provider's built-in behaviour."""
    is_sequence: bool = False
    locale: str | None = None
    file: str = "<inline>"
    line: int = 0
    column: int = 0
    row: str = ""
    """The row that it is made of, such as ``customers.csv:3``; empty: none."""
    tags: tuple[str, ...] = ()
    off: str = ""
    """Why it is not in force, such as "has `enabled: false`"; empty: it is."""
    replaces: str = ""
    """``file:line`` of the scenario of an earlier path that it stands in for; empty: none."""
    operation_written: str = ""
    """What ``match`` demands of the operation, in words; empty: nothing."""
    before_checks: bool = False
    """True: it answers before anything about the request is checked."""
    steps_path: tuple[str, ...] = ("sequence",)
    """Where the steps of a sequence are, below the scenario."""
    counted: Counted = Counted()
    chance: float = 1.0
    """The share of the requests that it answers."""
    sets: tuple[tuple[str, Any], ...] = ()
    """Named values of the account that it sets when it answers; JSON values or a `Template`."""

    @property
    def source(self) -> str:
        """``file:line``, or ``<inline>``."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def calls(self) -> int:
        """How many calls the sequence answers until its last step has had its times."""
        return sum(step.times for step in self.steps)

    @property
    def may_decline(self) -> bool:
        """True: it may leave a request that matches to the next scenario."""
        return self.chance < 1.0 or self.counted.then == "stop"

    def has_step(self, position: int) -> bool:
        """Whether it answers the call at that position, counted from 0."""
        return self.counted.then != "stop" or position < self.calls

    def step_for(self, position: int) -> Step:
        """The step of the call at that position, counted from 0; the last one repeats unless the sequence starts
        again."""
        if self.counted.then == "restart":
            position %= self.calls
        for step in self.steps:
            if position < step.times:
                return step
            position -= step.times
        return self.steps[-1]
