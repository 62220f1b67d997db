"""Whether it is a scenario's turn: where its sequence stands, and whether its chance is drawn.

What is read here is a precondition of the commit, so requests that arrive together never get the same turn."""

from __future__ import annotations

import hashlib
import json

from mock_server.core.random import Draws
from mock_server.providers.context import RequestContext
from mock_server.scenario.facts import MISSING
from mock_server.scenario.model import Scenario
from mock_server.store.base import StepKey

_LONGEST = 200
"""Characters of the value that a sequence counts by; of a longer one the digest counts."""
_CHANCE = "\nchance"
"""Follows the scenario's name in the key of how often it was asked; no name has a line break."""


def declines(context: RequestContext, scenario: Scenario) -> bool:
    """Whether the scenario leaves the request, which it matches, to the next one."""
    if scenario.chance < 1.0 and not _is_drawn(context, scenario):
        return True
    return not scenario.has_step(position(context, scenario))


def take(context: RequestContext, scenario: Scenario) -> int:
    """The position of this call in the scenario's sequence, counted from 0; the commit moves it on."""
    reached = position(context, scenario)
    context.transaction.steps[step_key(context, scenario)] = reached
    return reached


def position(context: RequestContext, scenario: Scenario) -> int:
    """How many calls the sequence has answered."""
    if not scenario.is_sequence:
        return 0
    return context.store.step(context.account.name, step_key(context, scenario))


def step_key(context: RequestContext, scenario: Scenario) -> StepKey:
    """What the sequence counts by, for this call. Calls that lack it are counted together."""
    if not scenario.counted.by:
        return StepKey(scenario.name, context.reference)
    values = [_value(context, path) for path in scenario.counted.by]
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    if len(text) > _LONGEST:
        text = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return StepKey(scenario.name, text)


def _value(context: RequestContext, path: tuple[str, ...]) -> object:
    if path == ("reference",):
        return context.reference
    value = context.get(path)
    return None if value is MISSING else value


def _is_drawn(context: RequestContext, scenario: Scenario) -> bool:
    """Drawn by seed, account and how often the scenario was asked: a run repeats, whatever process answers."""
    key = StepKey(scenario.name + _CHANCE, "")
    asked = context.store.step(context.account.name, key)
    context.transaction.ask(key, asked)
    draws = Draws(context.services.seed, context.account.name, scenario.name)
    return draws.random(f"chance-{asked}").random() < scenario.chance
