"""What an endpoint is: one row of the route table. Each file of `handlers` lists the rows of one product."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from mock_server.core.records import Record
from mock_server.providers.accounts import Account
from mock_server.providers.base import PendingResponse
from mock_server.providers.cloudcheck.errors import TOP
from mock_server.providers.cloudcheck.settings import AccountSection, Position, Settings
from mock_server.providers.context import RequestContext, Services, UnitOfWork
from mock_server.scenario.model import CallbackSpec

NAME = "cloudcheck"
TRANSPORT = ("signature", "nonce", "timestamp")
"""Required on every signed endpoint in addition to ``key``."""

FILE = "file"
"""The one parameter that may come as a file part."""

Callbacks = Sequence[CallbackSpec] | None


def nothing(context: RequestContext) -> None:
    """An endpoint whose parameters need no further check."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation."""

    name: str
    method: str
    path: str
    """Exact; a name in braces stands for one part of the path."""
    permission: str
    """The product that an account needs for it; empty: none."""
    outcomes: Mapping[str, str]
    """Outcome → one sentence. The first is the built-in behaviour."""
    answer: Callable[[RequestContext, str], PendingResponse]
    check: Callable[[RequestContext], None] = nothing
    """Parses and checks; the gate has been passed."""
    keep: Callable[[RequestContext, PendingResponse, Callbacks], None] | None = None
    """Stores what the answer has made, and sends what follows."""
    required: tuple[str, ...] = ()
    """Parameters it requires in addition to the common ones; a file part counts."""
    access: Literal["signed", "browser", "open"] = "signed"
    """``browser``: by ``x-api-key``; ``open``: neither key nor signature."""
    position: Position = TOP
    """Where its own errors stand, those of the gate apart."""
    tells_success: bool = False
    """Each answer has ``success`` at the top level, errors too: its clients parse none without."""
    also: tuple[str, ...] = ()
    """Further methods."""
    published: bool = True
    """False: the path is an assumption, and can be set."""
    body: frozenset[str] | None = None
    params: frozenset[str] | None = None
    names_record: bool = False
    """The request names a stored record."""

    @property
    def methods(self) -> tuple[str, ...]:
        """All methods it takes."""
        return (self.method, *self.also)

    @property
    def usual(self) -> str:
        """The outcome of the built-in behaviour."""
        return next(iter(self.outcomes))


def settings_in(services: Services) -> Settings:
    """The server's settings for Cloudcheck."""
    settings = services.settings[NAME]
    assert isinstance(settings, Settings)
    return settings


def settings_of(unit: UnitOfWork) -> Settings:
    """As `settings_in`."""
    settings = unit.services.settings[NAME]
    assert isinstance(settings, Settings)
    return settings


def section_of(account: Account) -> AccountSection:
    """Cloudcheck's part of the account."""
    return account.section(NAME, AccountSection)


def reply(context: RequestContext, payload: Any) -> PendingResponse:
    """A JSON answer."""
    return PendingResponse(200, payload, settings_of(context).content_type)


def data_of(record: Record) -> dict[str, Any]:
    """What a record holds."""
    data: dict[str, Any] = msgspec.json.decode(record.data)
    return data


def reference_of(record: Record) -> str:
    """The caller's own reference; the record's key where it gave none."""
    reference = data_of(record).get("reference")
    return reference if isinstance(reference, str) and reference else record.key
