"""Turns written values into templates where there is something to render, and leaves all others as they
are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mock_server.core.exceptions import MockServerError
from mock_server.scenario.model import RenderSource, Template
from mock_server.scenario.names import Names

if TYPE_CHECKING:
    from mock_server.scenario.sandbox import Program

MARKS = ("{{", "{%", "{#")


class RenderError(MockServerError):
    """A template failed on a request. The message begins with ``file:line:col`` of its text."""


class Text(Template):
    """One text with template marks."""

    __slots__ = ("_bound", "_run", "chains", "text", "where")

    def __init__(
        self, text: str, where: str, program: Program, bound: Mapping[str, Any] | None = None
    ) -> None:
        """``bound``: names that are known since the file was loaded."""
        self.text = text
        self.where = where
        self.chains = program.chains
        """The names it uses."""
        self._run = program.run
        self._bound = bound

    def render(self, source: RenderSource) -> Any:
        return self.filled(Names(source))

    def filled(self, names: dict[str, Any]) -> Any:
        """The value, with the names of one rendering."""
        if self._bound:
            names.update(self._bound)
        try:
            return self._run(names)
        except ValueError as error:
            raise RenderError(f"{self.where}: {error}") from None

    def __repr__(self) -> str:
        return f"Text({self.text!r})"


class Members(Template):
    """A mapping with templates somewhere below."""

    __slots__ = ("_members",)

    def __init__(self, members: Iterable[tuple[str, Any]]) -> None:
        self._members = tuple(members)

    @property
    def members(self) -> Iterator[tuple[str, Any]]:
        """The keys and values at its top."""
        return iter(self._members)

    @property
    def names(self) -> frozenset[str]:
        """The keys at its top."""
        return frozenset(key for key, _ in self._members)

    @property
    def parts(self) -> Iterator[Any]:
        """The values at its top."""
        return (value for _, value in self._members)

    def render(self, source: RenderSource) -> dict[str, Any]:
        return self.filled(Names(source))

    def filled(self, names: dict[str, Any]) -> dict[str, Any]:
        return {key: fill(value, names) for key, value in self._members}

    def __repr__(self) -> str:
        return f"Members({dict(self._members)!r})"


class Items(Template):
    """A list with templates somewhere below."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = tuple(items)

    @property
    def parts(self) -> Iterator[Any]:
        """The values at its top."""
        return iter(self._items)

    def render(self, source: RenderSource) -> list[Any]:
        return self.filled(Names(source))

    def filled(self, names: dict[str, Any]) -> list[Any]:
        return [fill(value, names) for value in self._items]

    def __repr__(self) -> str:
        return f"Items({list(self._items)!r})"


def texts_in(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Each template in a value, with its place."""
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, Members):
        for key, inner in value.members:
            yield from texts_in(inner, (*path, key))
    elif isinstance(value, Items):
        for index, inner in enumerate(value.parts):
            yield from texts_in(inner, (*path, index))


def chains_in(value: Any) -> Iterator[tuple[str, ...]]:
    """The names that the templates in a value use, each with what is asked of it."""
    if isinstance(value, Text):
        yield from value.chains
    elif isinstance(value, (Members, Items)):
        for inner in value.parts:
            yield from chains_in(inner)


def fill(value: Any, names: dict[str, Any]) -> Any:
    """The value, rendered where it is a template."""
    return value.filled(names) if isinstance(value, (Text, Members, Items)) else value


@lru_cache(maxsize=4096)
def compile_text(text: str) -> Program:
    """A text is compiled once, however many rows of a table share it. Raises `values.TemplateError` for one that is
    not a valid template."""
    from mock_server.scenario.sandbox import compile_template

    return compile_template(text)


def has_marks(text: str) -> bool:
    """Whether a text has template marks in it."""
    return "{" in text and any(mark in text for mark in MARKS)


_MARK = re.compile(r"\{[{%#]")


def literal(value: Any) -> Any:
    """The value with its texts escaped, which templates then leave unchanged."""
    if isinstance(value, str):
        return _MARK.sub(lambda match: f"{{{{ '{match[0]}' }}}}", value) if has_marks(value) else value
    if isinstance(value, dict):
        return {key: literal(item) for key, item in value.items()}
    return [literal(item) for item in value] if isinstance(value, list) else value


Path = tuple["str | int", ...]
Compile = Callable[[str, Path], Any]


def compile_value(value: Any, path: Path, compile_text: Compile) -> Any:
    """The value itself where nothing in it needs rendering, else a `Template`. ``compile_text`` makes one of
    a text with marks."""
    if isinstance(value, str):
        return compile_text(value, path) if has_marks(value) else value
    if isinstance(value, dict):
        members = [(key, compile_value(item, (*path, key), compile_text)) for key, item in value.items()]
        return Members(members) if any(isinstance(item, Template) for _, item in members) else value
    if isinstance(value, list):
        items = [compile_value(item, (*path, index), compile_text) for index, item in enumerate(value)]
        return Items(items) if any(isinstance(item, Template) for item in items) else value
    return value
