"""What templates can name: ``request``, ``verification``, ``account``, ``now``, ``uuid()``, ``random`` and
``fake``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from random import Random
from typing import Any

from mock_server.core.clock import isoformat
from mock_server.scenario.facts import MISSING
from mock_server.scenario.model import RenderSource
from mock_server.scenario.problems import did_you_mean
from mock_server.scenario.values import Absent, Function, Namespace

DEFAULT_LOCALE = "en_US"
MAX_LENGTH = 10_000
"""Of what ``random`` draws."""
MAX_FAKE = 1_000
"""Of a count or length that a Faker method is given."""
LOAD_TIME = ("vars", "env", "row")
"""Known when the file is loaded."""
TOP = (
    *("request", "verification", "account", "state", "now", "uuid", "random", "fake", "range"),
    *LOAD_TIME,
)
ACCOUNT = ("name",)
REQUEST = ("method", "path", "header", "query", "params", "body")


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
        return [name for name in REQUEST if self._source.get((name,)) is not MISSING]


class HeaderNames(Namespace):
    """``request.header['User-Agent']``, in upper or lower case."""

    __slots__ = ("_source",)
    title = "request.header"

    def __init__(self, source: RenderSource) -> None:
        self._source = source

    def look(self, name: str) -> Any:
        return self._source.get(("header", name.lower()))

    def known(self) -> Iterable[str]:
        headers = self._source.get(("header",))
        return list(headers) if isinstance(headers, Mapping) else ()


class StateNames(Namespace):
    """``state.*``: the account's named values, which scenarios set."""

    __slots__ = ("_source",)
    title = "state"

    def __init__(self, source: RenderSource) -> None:
        self._source = source

    def look(self, name: str) -> Any:
        return self._source.get(("state", name))

    def known(self) -> Iterable[str]:
        values = self._source.get(("state",))
        return list(values) if isinstance(values, Mapping) else ()


class AccountNames(Namespace):
    """``account.name``."""

    __slots__ = ("_account",)
    title = "account"

    def __init__(self, account: Any) -> None:
        self._account = account

    def look(self, name: str) -> Any:
        return self._account.name if name == "name" else MISSING

    def known(self) -> Iterable[str]:
        return ACCOUNT


class RandomNames(Namespace):
    """``random.*``: draws that depend on the seed, the account and the reference only."""

    __slots__ = ("_count", "_source")
    title = "random"

    def __init__(self, source: RenderSource) -> None:
        self._source = source
        self._count = 0

    def look(self, name: str) -> Any:
        draw = DRAWS.get(name)
        return (
            MISSING if draw is None else Function(f"random.{name}", lambda *args: draw(self._next(), *args))
        )

    def known(self) -> Iterable[str]:
        return DRAWS

    def _next(self) -> Random:
        self._count += 1
        return self._source.draws.random(f"template-{self._count}")


def _length(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_LENGTH:
        raise ValueError(f"a length is a whole number from 0 to {MAX_LENGTH:,}")
    return value


_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _drawn(alphabet: str) -> Callable[[Random, Any], str]:
    return lambda random, length: "".join(random.choices(alphabet, k=_length(length)))


def _choice(random: Random, items: Any) -> Any:
    if not isinstance(items, list) or not items:
        raise ValueError("it takes a list that is not empty, such as ['a', 'b']")
    return random.choice(items)


def _integer(random: Random, low: Any, high: Any) -> int:
    if not all(isinstance(bound, int) and not isinstance(bound, bool) for bound in (low, high)) or low > high:
        raise ValueError("it takes two whole numbers, the smaller first, such as integer(1, 6)")
    return random.randint(low, high)


def _any_number(random: Random, low: Any = 0.0, high: Any = 1.0) -> float:
    if not all(isinstance(bound, (int, float)) and not isinstance(bound, bool) for bound in (low, high)):
        raise ValueError("it takes two numbers, such as number(0, 1)")
    return random.uniform(low, high)


DRAWS: Mapping[str, Callable[..., Any]] = {
    "integer": _integer,
    "number": _any_number,
    "choice": _choice,
    "hex": _drawn(_DIGITS + "abcdef"),
    "digits": _drawn(_DIGITS),
    "token": _drawn(_LETTERS + _DIGITS),
}
"""``integer(1, 6)``, ``number(0, 1)``, ``choice([…])``, ``hex(64)``, ``digits(6)``, ``token(48)``."""


class FakeNames(Namespace):
    """``fake.*``: Faker's methods, drawing from a generator of this rendering."""

    __slots__ = ("_faker", "_random")
    title = "fake"

    def __init__(self, source: RenderSource) -> None:
        self._faker = faker(source.locale or DEFAULT_LOCALE)
        self._random = source.draws.random("faker")

    def look(self, name: str) -> Any:
        if name not in self._faker.names:
            return MISSING
        return Function(
            f"fake.{name}", lambda *args, **kwargs: self._faker.make(self._random, name, args, kwargs)
        )

    def known(self) -> Iterable[str]:
        return sorted(self._faker.names)


class LocaleFaker:
    """Faker for one locale. It takes many milliseconds to build, so all renderings share it, and each lends
    it its own generator."""

    def __init__(self, locale: str) -> None:
        from faker import Factory

        self._generator = Factory.create(locale)
        self._lock = threading.Lock()
        self.names = frozenset(_formatters(self._generator))

    def make(self, random: Random, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The formatter's value. Raises ``ValueError``, ``TypeError`` and what else the formatter raises for
        arguments it cannot take."""
        formatter = getattr(self._generator, name)
        _check_arguments(formatter, args, kwargs)
        with self._lock:
            self._generator.random = random
            return formatter(*args, **kwargs)


@cache
def faker(locale: str) -> LocaleFaker:
    """The shared Faker of the locale. Raises ``AttributeError`` for an unknown one."""
    return LocaleFaker(locale)


_COMMON = """
    address building_number city company company_email country country_code credit_card_number currency_code date date_of_birth date_time
    email first_name first_name_female first_name_male free_email iban ipv4 ipv6 iso8601 job last_name locale mac_address md5 name
    name_female name_male paragraph password past_date phone_number postcode random_digit random_element random_int safe_email sentence
    sha1 sha256 ssn street_address street_name text url user_agent user_name uuid4 word words
"""
COMMON_FAKES = frozenset(_COMMON.split())
"""Methods that every locale has, so that a template with one of them can be checked without importing
Faker."""
_NO_DATA = """
    binary csv dsv enum fixed_width get_words_list image json json_bytes psv pydict pyiterable pylist pyobject pyset pystr_format pystruct
    pytimezone pytuple tar time_delta time_series tsv uuid1 uuid7 xml zip
"""
_REFUSED = frozenset(_NO_DATA.split())
"""Methods that make no JSON value, or files, or something of any size, or draw from elsewhere than the
generator."""
_SIZES = ("nb", "num", "length", "char", "digit", "count", "size")


def _formatters(generator: Any) -> Iterable[str]:
    """Names of what its providers can make."""
    for provider in generator.get_providers():
        for name in dir(provider):
            if not name.startswith("_") and name not in _REFUSED and callable(getattr(provider, name)):
                yield name


def _check_arguments(formatter: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Keep arguments from asking for output without end."""
    if not args and not kwargs:
        return
    from inspect import signature

    asked = 1
    try:
        arguments = signature(formatter).bind(*args, **kwargs).arguments
    except TypeError:
        taken = ", ".join(signature(formatter).parameters)
        raise ValueError(f"it takes {taken or 'nothing'}") from None
    for parameter, value in arguments.items():
        if isinstance(value, (str, list, dict, tuple)) and len(value) > MAX_FAKE:
            raise ValueError(f"`{parameter}` is longer than {MAX_FAKE:,}")
        if isinstance(value, int) and any(word in parameter for word in _SIZES):
            asked *= max(1, abs(value))
    if asked > MAX_FAKE:
        raise ValueError(f"it is asked for more than {MAX_FAKE:,}")


class _Uuids:
    """The successive UUIDs of one rendering."""

    __slots__ = ("_count", "_source")

    def __init__(self, source: RenderSource) -> None:
        self._source = source
        self._count = 0

    def next(self) -> str:
        self._count += 1
        return self._source.draws.uuid(f"template-{self._count}")


class Names(dict[str, Any]):
    """The names of one rendering, each made when a template first asks for it."""

    __slots__ = ("_source",)

    def __init__(self, source: RenderSource) -> None:
        super().__init__()
        self._source = source

    def __missing__(self, name: str) -> Any:
        make = _MAKERS.get(name)
        if make is None:
            return Absent(f"unknown name `{name}` in a template; {did_you_mean(name, TOP)}")
        value = self[name] = make(self._source)
        return value


def _verification(source: RenderSource) -> Any:
    value = source.get(("verification",))
    return Absent("this request names no stored verification") if value is MISSING else value


_MAKERS: Mapping[str, Callable[[RenderSource], Any]] = {
    "request": RequestNames,
    "verification": _verification,
    "account": lambda source: AccountNames(source.account),
    "state": StateNames,
    "now": lambda source: isoformat(source.now),
    "uuid": lambda source: Function("uuid", _Uuids(source).next),
    "random": RandomNames,
    "fake": FakeNames,
}
