"""The control API as a table of routes: dispatch, validation and ``openapi.json`` are made from it and
nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from mock_server.core.clock import parse_duration, parse_instant
from mock_server.core.nesting import DEPTH, is_deeper
from mock_server.core.plain_words import in_words
from mock_server.providers.accounts import Account
from mock_server.web.admin.problems import ControlProblem
from mock_server.web.event_bus import Change, EventBus
from mock_server.web.http.parking import Parking
from mock_server.web.service import Service

Q = TypeVar("Q", bound="Query")
B = TypeVar("B")
T = TypeVar("T")
LONGEST_WAIT = 300.0


def described(description: str, *examples: Any, **limits: Any) -> Meta:
    """What the OpenAPI document says of a parameter or member."""
    return Meta(description=description, examples=list(examples) or None, **limits)


class Query(Struct, forbid_unknown_fields=True, kw_only=True):
    """Query parameters of every call."""

    account: Annotated[
        str, described("The account it is about; the lists take `*`: all of them.", "test-checkout")
    ] = "default"


class Body(Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of request bodies: an unknown member is a mistake."""


class Waiting(Exception):
    """The answer is still to come, and no thread waits for it."""


@dataclass(frozen=True, slots=True)
class AdminRequest(Generic[Q, B]):
    """One control call, parsed."""

    service: Service
    event_bus: EventBus
    account: Account
    query: Q
    body: B
    origin: str
    """``scheme://host[:port]`` under which the caller reached us."""
    link: Callable[[Mapping[str, Any]], str]
    """This call's own address with other query parameters."""
    disconnected: Callable[[], bool]
    """Whether the caller has hung up."""
    routes: Callable[[], tuple[ControlRoute, ...]]
    """All calls of the control API."""
    accounts: tuple[Account, ...] = ()
    """Whose items a list shows: the one account, or all there are."""
    parking: Parking | None = None
    """Where the answer can wait without a thread; None: under another host."""
    outage: str = ""
    """Why the store cannot be used, so that nothing is known of any account; empty: it can."""

    def until(
        self, wants: Callable[[Change], bool], look: Callable[[], T | None], timeout: float
    ) -> T | None:
        """The result of ``look``, now or after a change of the account that ``wants`` accepts; None after
        ``timeout`` seconds. Raises `Waiting` if the call must be repeated."""
        name, parking = self.account.name, self.parking
        if parking is None:
            return self.event_bus.until(name, wants, look, timeout, self.disconnected)
        if parking.is_new:
            parking.follow(lambda wake: self.event_bus.subscribe(name, wants, lambda _: wake()).end, timeout)
        result = look()
        if result is None and timeout > 0 and not parking.is_last:
            raise Waiting
        return result


View = Callable[..., Any]
"""Takes an `AdminRequest` and the parts of the path; gives JSON-able data, or a Flask response. Raises
`ControlProblem`."""


@dataclass(frozen=True, slots=True)
class ControlRoute:
    """One call."""

    method: str
    path: str
    """Below ``/__admin``, with Flask's ``<name>`` or ``<path:name>`` for the parts that vary."""
    view: View
    summary: str
    answer: Mapping[str, str] = field(default_factory=dict)
    """Members of the answer, and what each is; empty: not an object."""
    query: type[Query] = Query
    body: type[Any] | None = None
    """A `Body`, or ``dict`` for any object; None: the body is not read."""
    body_schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    """Of a body that is ``dict``."""
    status: int = 200
    also: Mapping[int, str] = field(default_factory=dict)
    """Further statuses and when they occur."""
    content_type: str = "application/json"
    returns: Any = None
    """Type of the answer, from which its schema is made; None: not JSON."""
    lists: bool = False
    """Takes ``account=*``."""
    storeless: bool = False
    """Is about the server, not an account, and answers although the store cannot be used."""
    has_partial_answer: bool = False
    """Answers what can be said while the store cannot be used: see `AdminRequest.outage`."""


def parse_query(kind: type[Q], parameters: Mapping[str, str]) -> Q:
    """Raises `ControlProblem` for an unknown parameter or a bad value."""
    return _convert(
        "parameter", kind, parameters, lambda: msgspec.convert(dict(parameters), kind, strict=False)
    )


def parse_body(kind: type[Any], data: bytes) -> Any:
    """Raises `ControlProblem` for what is not a JSON object of that kind, or nested too deep; no body at all is an
    empty object."""
    try:
        document = msgspec.json.decode(data or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _unreadable(data) from None
    except RecursionError:
        raise _too_deep() from None
    if is_deeper(document):
        raise _too_deep()
    if not isinstance(document, dict):
        raise ControlProblem(400, "the body is not a JSON object", "send an object, such as {}")
    if not (isinstance(kind, type) and issubclass(kind, Struct)):
        return document
    return _convert("member", kind, document, lambda: msgspec.convert(document, kind))


def _unreadable(data: bytes) -> ControlProblem:
    from mock_server.providers.jsonproblems import find_problem

    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return ControlProblem(400, f"the body is not UTF-8 from byte {error.start} on", "encode it in UTF-8")
    has_surrogate = "\\ud" in text.lower()
    said = "it names half of a character, such as \\ud800" if has_surrogate else "a number in it is too large"
    problem = find_problem(text, "the body", said)
    return ControlProblem(400, f"t{problem.explanation[1:].rstrip('.')}", problem.fix)


def _too_deep() -> ControlProblem:
    return ControlProblem(
        400, f"the body is nested deeper than {DEPTH} levels", "send less deeply nested JSON"
    )


def _convert(what: str, kind: type[Any], members: Mapping[str, Any], convert: Callable[[], T]) -> T:
    from mock_server.web.admin.problems import unknown

    known = [item.encode_name for item in msgspec.structs.fields(kind)]
    stranger = next((name for name in members if name not in known), None)
    if stranger is not None:
        raise unknown(what, stranger, known)
    try:
        return convert()
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$.")
        detail = in_words(text)
        raise ControlProblem(
            400, f"{place.rstrip('`')}: {detail}" if place else detail, f"it takes: {', '.join(known)}"
        ) from None


def duration(name: str, text: str | float, longest: float | None = None) -> float:
    """Seconds from a parameter or member. Raises `ControlProblem`."""
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise ControlProblem(400, f"{name}: {error}") from None
    if longest is not None and not 0 <= seconds <= longest:
        raise ControlProblem(400, f"{name}: {text!r} is not between 0 and {longest:g} seconds")
    return seconds


def instant(name: str, text: str | float) -> float:
    """Seconds since the epoch from a parameter or member. Raises `ControlProblem`."""
    if isinstance(text, str):
        try:
            return float(text)
        except ValueError:
            pass
    try:
        return parse_instant(text)
    except ValueError as error:
        raise ControlProblem(400, f"{name}: {error}") from None
