"""What templates can name: ``request``, ``verification``, ``account``, ``now``, ``uuid()``, ``random`` and ``fake``.

Nothing here is reached by Python's attribute access: the sandbox asks a `Namespace` for its names and calls a `Function`, and
knows no other objects than these and JSON values.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from random import Random
from typing import Any

from mock_server.core.clock import isoformat
from mock_server.scenario.matchers import MISSING
from mock_server.scenario.model import RenderSource

DEFAULT_LOCALE = "en_US"
MAX_ARGUMENT = 10_000
"""The largest count, length or size an argument may ask for."""
TOP = ("request", "verification", "account", "now", "uuid", "random", "fake", "range")
REQUEST = ("method", "path", "header", "query", "params", "body")


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


class RequestNames(Namespace):
    """``request.*``: the facts of the request, each fetched when it is asked for."""

    __slots__ = ("_source",)
    title = "request"

    def __init__(self, source: RenderSource) -> None:
        self._source = source

    def look(self, name: str) -> Any:
        if name == "header":
            return HeaderNames(self._source)
        return self._source.get((name,)) if name in REQUEST else MISSING

    def known(self) -> Iterable[str]:
        return REQUEST


class HeaderNames(Namespace):
    """``request.header['User-Agent']``, in any case."""

    __slots__ = ("_source",)
    title = "request.header"

    def __init__(self, source: RenderSource) -> None:
        self._source = source

    def look(self, name: str) -> Any:
        return self._source.get(("header", name.lower()))

    def known(self) -> Iterable[str]:
        headers = self._source.get(("header",))
        return list(headers) if isinstance(headers, Mapping) else ()


class RandomNames(Namespace):
    """``random.*``: draws that depend on the seed, the account and the reference only."""

    __slots__ = ("_count", "_source")
    title = "random"

    def __init__(self, source: RenderSource) -> None:
        self._source = source
        self._count = 0

    def look(self, name: str) -> Any:
        draw = _DRAWS.get(name)
        return MISSING if draw is None else Function(f"random.{name}", lambda *args: draw(self._next(), *args))

    def known(self) -> Iterable[str]:
        return _DRAWS

    def _next(self) -> Random:
        self._count += 1
        return self._source.draws.random(f"template-{self._count}")


def _length(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_ARGUMENT:
        raise ValueError(f"a length must be a whole number from 0 to {MAX_ARGUMENT:,}")
    return value


_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _choice(random: Random, items: Any) -> Any:
    if not isinstance(items, (list, tuple, str)) or not items:
        raise ValueError("choice takes a list that is not empty")
    return random.choice(items)


_DRAWS: Mapping[str, Callable[..., Any]] = {
    "integer": lambda random, low, high: random.randint(low, high),
    "number": lambda random, low=0.0, high=1.0: random.uniform(low, high),
    "choice": _choice,
    "hex": lambda random, length: "".join(random.choices(_DIGITS + "abcdef", k=_length(length))),
    "digits": lambda random, length: "".join(random.choices(_DIGITS, k=_length(length))),
    "token": lambda random, length: "".join(random.choices(_LETTERS + _DIGITS, k=_length(length))),
}
"""Name → draw. ``integer(1, 6)``, ``number(0, 1)``, ``choice([…])``, ``hex(64)``, ``digits(6)``, ``token(48)``."""
RANDOM = tuple(_DRAWS)


class FakeNames(Namespace):
    """``fake.*``: Faker's methods, drawing from a generator of this rendering."""

    __slots__ = ("_faker", "_random")
    title = "fake"

    def __init__(self, source: RenderSource) -> None:
        self._faker = faker(source.locale or DEFAULT_LOCALE)
        self._random = source.draws.random("faker")

    def look(self, name: str) -> Any:
        return Function(f"fake.{name}", self._bound(name)) if name in self._faker.names else MISSING

    def known(self) -> Iterable[str]:
        return sorted(self._faker.names)

    def _bound(self, name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: self._faker.make(self._random, name, args, kwargs)


class LocaleFaker:
    """Faker for one locale. Building one takes many milliseconds, so all renderings share it and each lends it its own generator."""

    def __init__(self, locale: str) -> None:
        from faker import Factory

        self._generator = Factory.create(locale)
        self._lock = threading.Lock()
        self.names = frozenset(_formatters(self._generator))

    def make(self, random: Random, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The formatter's value. Raises ``ValueError`` or ``TypeError`` for arguments it cannot take."""
        formatter = getattr(self._generator, name)
        _check_arguments(name, formatter, args, kwargs)
        with self._lock:
            self._generator.random = random
            return formatter(*args, **kwargs)


@cache
def faker(locale: str) -> LocaleFaker:
    """The shared Faker of the locale. Raises ``AttributeError`` for an unknown locale."""
    return LocaleFaker(locale)


_NOT_DATA = frozenset(
    "binary csv dsv tsv psv zip tar image json json_bytes xml fixed_width enum pyobject pystruct pydict pylist pyset pytuple pyiterable "
    "profile get_providers optional unique generator bothify_all file_path unix_device unix_partition random_elements random_sample "
    "random_choices passport_full format parse".split()
) - {"passport_full", "file_path", "unix_device", "unix_partition"}
"""Methods that make no JSON value, or one of unlimited size, or take Python objects."""
_SIZED = ("nb", "num", "length", "char", "digit", "count", "size", "rows", "max_nb", "depth")


def _formatters(generator: Any) -> Iterable[str]:
    """Names of what its providers can make."""
    for provider in generator.get_providers():
        for name in dir(provider):
            if not name.startswith("_") and name not in _NOT_DATA and not name.startswith(("add_", "set_")) and callable(getattr(provider, name)):
                yield name


def _check_arguments(name: str, formatter: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if not args and not kwargs:
        return
    bound = _signature(formatter).bind(*args, **kwargs)
    for parameter, value in bound.arguments.items():
        if isinstance(value, (str, list, tuple, dict)) and len(value) > MAX_ARGUMENT:
            raise ValueError(f"fake.{name}: `{parameter}` is too long")
        if isinstance(value, int) and any(word in parameter for word in _SIZED) and abs(value) > MAX_ARGUMENT:
            raise ValueError(f"fake.{name}: `{parameter}` must be at most {MAX_ARGUMENT:,}")


def _signature(formatter: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(formatter)


class AccountNames(Namespace):
    """``account.name``, and what else the account shows of itself."""

    __slots__ = ("_account",)
    title = "account"

    def __init__(self, account: Any) -> None:
        self._account = account

    def look(self, name: str) -> Any:
        return self._account.name if name == "name" else self._facts().get(name, MISSING)

    def known(self) -> Iterable[str]:
        return ["name", *self._facts()]

    def _facts(self) -> Mapping[str, Any]:
        return getattr(self._account, "facts", None) or {}


class _Counter:
    """Names for the successive draws of one rendering."""

    __slots__ = ("_count", "_source")

    def __init__(self, source: RenderSource) -> None:
        self._source = source
        self._count = 0

    def uuid(self) -> str:
        self._count += 1
        return self._source.draws.uuid(f"template-{self._count}")


class LazyNames(dict[str, Any]):
    """The names of one rendering, each made when a template first asks for it."""

    __slots__ = ("_source",)

    def __init__(self, source: RenderSource) -> None:
        super().__init__()
        self._source = source

    def __missing__(self, name: str) -> Any:
        make = _MAKERS.get(name)
        if make is None:
            raise KeyError(name)
        value = self[name] = make(self._source)
        return value


_MAKERS: Mapping[str, Callable[[RenderSource], Any]] = {
    "request": RequestNames,
    "verification": lambda source: source.get(("verification",)),
    "account": lambda source: AccountNames(source.account),
    "now": lambda source: isoformat(source.now),
    "uuid": lambda source: Function("uuid", _Counter(source).uuid),
    "random": RandomNames,
    "fake": FakeNames,
}
