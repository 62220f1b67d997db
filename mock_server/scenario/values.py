"""The values templates work on, and what one rendering may spend.

A template sees JSON values, a `Namespace` that it may ask for names, and a `Function` that it may call;
nothing else. Python's attribute access has no part in it."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server.core.nesting import DEPTH, is_deeper
from mock_server.scenario.facts import MISSING
from mock_server.scenario.problems import did_you_mean

MAX_WORK = 200_000
"""Loop turns, and characters and items taken or made, of one template text."""
MAX_SECONDS = 1.0
"""Processor time, so that a busy machine fails no template."""
_SHOWN = 80
"""Characters of a value that a message shows."""


class TemplateError(ValueError):
    """A template cannot be used or has failed; ``remedy`` says what to do, where that is known."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy


class Budget:
    """What one rendering may still do."""

    __slots__ = ("_deadline", "_left")

    def __init__(self) -> None:
        self._left = MAX_WORK
        self._deadline = 0.0
        """Set by the first that spends: most renderings spend once."""

    def spend(self, amount: int) -> None:
        """Raises `TemplateError` when nothing is left."""
        self._left -= amount
        if self._left < 0:
            raise TemplateError(
                f"the template does too much: more than {MAX_WORK:,} loop turns, characters and items"
            )
        now = time.thread_time()
        if not self._deadline:
            self._deadline = now + MAX_SECONDS
        elif now > self._deadline:
            raise TemplateError(f"the template takes more than {MAX_SECONDS:g} s of processor time")


class Absent:
    """What a template asks for and is not there. ``default`` can replace it; any other use fails with the
    hint."""

    __slots__ = ("hint",)

    def __init__(self, hint: str) -> None:
        self.hint = hint


class Function:
    """Something a template may call."""

    __slots__ = ("call", "name")

    def __init__(self, name: str, call: Callable[..., Any]) -> None:
        self.name = name
        self.call = call


class Namespace:
    """Something a template may ask for names."""

    __slots__ = ()
    title = ""

    def look(self, name: str) -> Any:
        """The value of that name, or `MISSING`."""
        raise NotImplementedError

    def known(self) -> Iterable[str]:
        """The names there are, for messages."""
        return ()


def look(owner: Any, name: Any) -> Any:
    """What ``owner.name`` and ``owner[name]`` mean in a template; an `Absent` for an unknown
    thing."""
    if isinstance(owner, Absent):
        return owner
    if isinstance(owner, Mapping):
        value = owner.get(name if isinstance(name, str) else str(name), MISSING)
        return _absent(name, "", owner) if value is MISSING else value
    if isinstance(owner, Namespace):
        value = owner.look(name) if isinstance(name, str) else MISSING
        return _absent(name, owner.title, owner.known()) if value is MISSING else value
    if isinstance(owner, (list, str)):
        return _item(owner, name)
    return Absent(
        f"`{name}` is asked of {json.dumps(owner) if is_scalar(owner) else 'something'}, which has nothing below"
    )


def _absent(name: Any, owner: str, known: Iterable[str]) -> Absent:
    remedy = did_you_mean(str(name), [str(key) for key in known])
    return Absent(f"unknown name `{name}`{f' in {owner}' if owner else ''}{f'; {remedy}' if remedy else ''}")


_INDEX = re.compile(r"-?[0-9]{1,9}")


def _item(owner: list[Any] | str, name: Any) -> Any:
    if isinstance(name, str) and _INDEX.fullmatch(name):
        name = int(name)
    kind = "text" if isinstance(owner, str) else "list"
    if isinstance(name, slice) or (isinstance(name, int) and not isinstance(name, bool)):
        try:
            return owner[name]
        except (IndexError, TypeError, ValueError):
            return Absent(f"no item {name}: the {kind} has {len(owner)}")
    return Absent(f"a {kind} has no `{name}`; use a filter, such as `| length`")


def call(function: Any, args: Iterable[Any], kwargs: Mapping[str, Any], budget: Budget) -> Any:
    """Call what a template calls. Raises `TemplateError` for what cannot be called, and when it fails."""
    if isinstance(function, Absent):
        raise TemplateError(function.hint)
    if not isinstance(function, Function):
        raise TemplateError(
            "only functions can be called, such as uuid(), fake.name() and random.integer(1, 6)"
        )
    args = [use(argument) for argument in args]
    kwargs = {name: use(argument) for name, argument in kwargs.items()}
    budget.spend(sum(map(measure, args)) + sum(map(measure, kwargs.values())))
    return _guarded(f"{function.name}()", function.call, args, kwargs, budget)


def apply(
    name: str,
    filter_: Callable[..., Any],
    args: Iterable[Any],
    kwargs: Mapping[str, Any],
    budget: Budget,
    takes: str = "",
) -> Any:
    """Run a filter; its first argument may be `Absent` for ``default`` only. ``takes``: what it does, in words."""
    first, *others = args
    if name not in ("default", "d"):
        first = use(first)
    args = [first, *map(use, others)]
    kwargs = {key: use(argument) for key, argument in kwargs.items()}
    budget.spend(sum(map(measure, args)) + sum(map(measure, kwargs.values())))
    return _guarded(f"the filter `{name}`", filter_, args, kwargs, budget, takes)


def _guarded(
    what: str,
    function: Callable[..., Any],
    args: Iterable[Any],
    kwargs: Mapping[str, Any],
    budget: Budget,
    takes: str = "",
) -> Any:
    try:
        value = plain(function(*args, **kwargs))
    except TemplateError:
        raise
    except ValueError as error:  # the function wrote this message
        raise TemplateError(f"{what}: {error}") from error
    except Exception as error:
        arguments = [*map(_shown, args), *(f"{name}={_shown(value)}" for name, value in kwargs.items())]
        remedy = f"it takes {takes}" if takes else ""
        raise TemplateError(f"{what} does not take {', '.join(arguments) or 'nothing'}", remedy) from error
    budget.spend(measure(value))
    return value


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def kind(value: Any) -> str:
    """What a value is, in a word or two."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    kinds = ((str, "a text"), ((int, float), "a number"), ((list, tuple), "a list"), (Mapping, "a mapping"))
    return next((word for types, word in kinds if isinstance(value, types)), "a function")


def use(value: Any) -> Any:
    """The value, which must exist."""
    if isinstance(value, Absent):
        raise TemplateError(value.hint)
    return value


def measure(value: Any, levels: int = DEPTH) -> int:
    """How much work a value is: its characters or items and those below, roughly. Raises `TemplateError` for
    one nested too deep."""
    if isinstance(value, str):
        return 1 + len(value)
    if isinstance(value, (list, tuple, Mapping)):
        if not levels:
            raise _too_deep()
        return (
            1
            + len(value)
            + sum(
                measure(item, levels - 1)
                for item in (value.values() if isinstance(value, Mapping) else value)
            )
        )
    return 1


def _too_deep() -> TemplateError:
    return TemplateError(f"the value is nested deeper than {DEPTH} levels")


def is_scalar(value: Any) -> bool:
    """Whether it is a text, a number, a boolean or null."""
    return value is None or isinstance(value, (str, int, float))


def plain(value: Any, levels: int = DEPTH) -> Any:
    """The value as JSON has it, dates and decimals turned into text and numbers. Raises `TemplateError` for
    what is none."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        if not -(1 << 63) <= value < 1 << 64:
            raise TemplateError("the number is too large for JSON", "make it a text with `| string`")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TemplateError(f"{value} is not a JSON value")
        return value
    if isinstance(value, (list, tuple, Mapping)) and not levels:
        raise _too_deep()
    if isinstance(value, Mapping):
        return {str(key): plain(item, levels - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, levels - 1) for item in value]
    return _odd(value)


def _odd(value: Any) -> Any:
    if isinstance(value, Function):
        raise TemplateError(f"`{value.name}` is a function", f"write {value.name}()")
    if isinstance(value, Namespace):
        raise TemplateError(
            f"`{value.title}` is not a value", f"ask for something in it: {did_you_mean('', value.known())}"
        )
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if type(value).__name__ == "Decimal":
        return plain(float(value))
    raise TemplateError("this is not a JSON value", "write for example {{ request.body.reference }}")


def result(value: Any) -> Any:
    """What a value that is exactly one expression becomes. JSON values are not copied."""
    if isinstance(value, (str, int, float, dict, list)) or value is None:
        if isinstance(value, (dict, list)) and is_deeper(value):
            raise _too_deep()
        return value if isinstance(value, (str, dict, list)) else plain(value)
    return plain(use(value))


def text_of(value: Any) -> str:
    """A value within a text: JSON's words for booleans, lists and mappings; nothing for null."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    value = plain(use(value))
    if isinstance(value, (bool, list, dict)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)
