"""What answers a request: a scenario, which of its steps, and at which stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mock_server.core.exceptions import ProviderError
from mock_server.providers.context import RequestContext
from mock_server.scenario.model import Respond, Scenario, Step

DEFAULT_RESPOND = Respond()


class Choice(NamedTuple):
    """What answers a request."""

    scenario: Scenario | None = None
    """None: the built-in behaviour, or a refusal."""
    step: Step = Step()
    position: int = 0
    """1 is the first call of a sequence."""
    invalid: ProviderError | None = None
    """Why the request is not valid, where the answer does not depend on that."""

    @property
    def respond(self) -> Respond:
        return self.step.respond or DEFAULT_RESPOND

    @property
    def is_early(self) -> bool:
        """Whether it answers before the checks."""
        return self.scenario is not None and self.scenario.before_checks


BUILT_IN = Choice()


class AnsweredEarly(Exception):
    """A scenario answers before the checks that are under way."""

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice


class UncheckedFacts:
    """The facts of a request of which nothing has been checked; it is taken apart when a scenario asks for
    what is in it."""

    def __init__(self, context: RequestContext, collect: Callable[[RequestContext], None]) -> None:
        """``collect``: as `Provider.collect_facts`."""
        self._call = context
        self._collect = collect

    @property
    def now(self) -> float:
        """The account's time."""
        return self._call.now

    def get(self, path: tuple[str, ...]) -> object:
        """The fact at the path, as `RequestContext.get`."""
        if path[0] in ("params", "body"):
            self._collect(self._call)
        return self._call.get(path)
