"""The quick way to render: texts whose expressions are names, calls with constants and filters, such as
``{{ request.body.reference }}``, ``{{ random.integer(1, 6) }}`` or ``{{ now | shift('1d') | date }}``.

That is nearly all that scenario files hold, and it spares a server the import of Jinja, and a request most of its work. Everything
else is the sandbox's; both mean the same by what both can do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mock_server.scenario.filters import FILTERS
from mock_server.scenario.values import Budget, apply, call, look, result, text_of

Chain = tuple[str, ...]
"""A name and what is asked of it: ``("request", "body", "reference")``."""


class Program(NamedTuple):
    """Template text ready to run."""

    run: Callable[[Mapping[str, Any]], Any]
    """Names → value. Raises `values.TemplateError`."""
    chains: tuple[Chain, ...]
    """Every name that is used, for static checks."""


_SLOT = re.compile(r"\{\{(?![-+])(.*?)(?<![-+])\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>\d+(?:\.\d+)?)(?![\w.])|(?P<text>'[^'\\{}]*'|\"[^\"\\{}]*\")|(?P<mark>[.\[\]()|,=-]))"
)
_WORDS: Mapping[str, Any] = {"true": True, "True": True, "false": False, "False": False, "none": None, "None": None}
_RESERVED = frozenset({"and", "or", "not", "in", "is", "if", "else", "for"}) | _WORDS.keys()


def compile_quickly(text: str) -> Program | None:
    """None where the text needs the sandbox, be it to refuse it."""
    if "{%" in text or "{#" in text or "\r" in text:
        return None
    pieces = _SLOT.split(text)
    if any("{{" in piece for piece in pieces[::2]):
        return None
    try:
        expressions = [_Parser(piece).expression() for piece in pieces[1::2]]
    except _NotQuick:
        return None
    chains = tuple(expression.chain for expression in expressions)
    if pieces[0] == pieces[-1] == "" and len(pieces) == 3:
        return Program(_whole(expressions[0]), chains)
    return Program(_mixed(pieces[::2], expressions), chains)


def _whole(expression: _Expression) -> Callable[[Mapping[str, Any]], Any]:
    return lambda names: result(expression.value(names, Budget()))


def _mixed(texts: list[str], expressions: list[_Expression]) -> Callable[[Mapping[str, Any]], Any]:
    def run(names: Mapping[str, Any]) -> str:
        budget = Budget()
        parts = [texts[0]]
        for expression, after in zip(expressions, texts[1:]):
            part = text_of(expression.value(names, budget))
            budget.spend(len(part))
            parts += (part, after)
        return "".join(parts)

    return run


class _NotQuick(Exception):
    pass


class _Call(NamedTuple):
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


class _Expression(NamedTuple):
    head: str
    tail: tuple[Any, ...]
    """Names and indexes to look up, and `_Call`s."""
    filters: tuple[tuple[str, _Call], ...]

    @property
    def chain(self) -> Chain:
        names = []
        for part in self.tail:
            if isinstance(part, _Call):
                break
            names.append(str(part))
        return (self.head, *names)

    def value(self, names: Mapping[str, Any], budget: Budget) -> Any:
        value = names[self.head]
        for part in self.tail:
            value = call(value, part.args, part.kwargs, budget) if isinstance(part, _Call) else look(value, part)
        for name, arguments in self.filters:
            value = apply(name, FILTERS[name], (value, *arguments.args), arguments.kwargs, budget)
        return value


class _Parser:
    """``name ( .name | .0 | [constant] | (constants) )* ( | filter(constants) )*``"""

    def __init__(self, text: str) -> None:
        self._tokens = self._split(text)
        self._kind, self._token = next(self._tokens)

    @staticmethod
    def _split(text: str) -> Iterator[tuple[str, str]]:
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise _NotQuick
            yield match.lastgroup, match[match.lastgroup]
            position = match.end()
        while True:
            yield "end", ""

    def _next(self) -> str:
        token = self._token
        self._kind, self._token = next(self._tokens)
        return token

    def _take(self, mark: str) -> bool:
        if self._kind == "mark" and self._token == mark:
            self._next()
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise _NotQuick

    def _name(self) -> str:
        if self._kind != "name":
            raise _NotQuick
        return self._next()

    def expression(self) -> _Expression:
        head = self._name()
        if head in _RESERVED:
            raise _NotQuick
        tail, filters = tuple(self._tail()), []
        while self._take("|"):
            name = self._name()
            if name not in FILTERS:
                raise _NotQuick
            filters.append((name, self._arguments() if self._take("(") else _Call((), {})))
        if self._kind != "end":
            raise _NotQuick
        return _Expression(head, tail, tuple(filters))

    def _tail(self) -> Iterator[Any]:
        while True:
            if self._take("."):
                yield self._index() if self._kind == "number" else self._name()
            elif self._take("["):
                yield self._key()
                self._expect("]")
            elif self._take("("):
                yield self._arguments()
            else:
                return

    def _index(self) -> int:
        if "." in self._token:
            raise _NotQuick
        return int(self._next())

    def _key(self) -> str | int:
        key = self._constant()
        if not isinstance(key, (str, int)) or isinstance(key, bool):
            raise _NotQuick
        return key

    def _arguments(self) -> _Call:
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        while not self._take(")"):
            if args or kwargs:
                self._expect(",")
            if self._kind == "name" and self._token not in _WORDS:
                name = self._next()
                self._expect("=")
                kwargs[name] = self._constant()
            elif kwargs:
                raise _NotQuick
            else:
                args.append(self._constant())
        return _Call(tuple(args), kwargs)

    def _constant(self) -> Any:
        if self._take("["):
            items: list[Any] = []
            while not self._take("]"):
                if items:
                    self._expect(",")
                items.append(self._constant())
            return items
        negative = self._take("-")
        if self._kind == "number":
            token = self._next()
            number = float(token) if "." in token else int(token)
            return -number if negative else number
        if negative:
            raise _NotQuick
        if self._kind == "text":
            return self._next()[1:-1]
        if self._kind == "name" and self._token in _WORDS:
            return _WORDS[self._next()]
        raise _NotQuick
