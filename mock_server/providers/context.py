"""What a provider works on: an account at one moment, and one request to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar, cast
from urllib.parse import parse_qsl

import msgspec

from mock_server.core.clock import isoformat
from mock_server.core.http import Request
from mock_server.core.ids import Ids
from mock_server.core.random import Draws
from mock_server.core.records import AccountState, Message, Record
from mock_server.providers.accounts import Account, Accounts
from mock_server.providers.named_values import NamedValues
from mock_server.scenario.facts import MISSING, walk
from mock_server.scenario.model import Respond
from mock_server.store.base import StoreReader, Transaction, VendorStore

T = TypeVar("T")
D = TypeVar("D")


class Services:
    """The injected effects, and what holds for the whole server. One object for all requests."""

    __slots__ = ("accounts", "ids", "public_base_url", "seed", "settings", "store")

    def __init__(
        self,
        store: VendorStore,
        accounts: Accounts,
        ids: Ids,
        *,
        seed: int,
        settings: Mapping[str, object],
        public_base_url: str = "",
    ) -> None:
        self.store = store
        self.accounts = accounts
        self.ids = ids
        self.seed = seed
        self.settings = settings
        """Provider name → that provider's own settings object."""
        self.public_base_url = public_base_url


class UnitOfWork:
    """One account at one moment, with the writes that are being prepared for it."""

    # Defaults stand in the class: there is one object a request, and most of this is never set.
    reference = ""
    entry_id = ""
    """Of the journal entry that is being made or explained; empty: none."""
    entered = False
    account: Account
    state: AccountState
    now: float
    """The account's time."""
    transaction: Transaction
    _draws: Draws | None = None

    def __init__(self, services: Services, account: Account | None, real: float, origin: str = "") -> None:
        """``account`` None: `enter` follows once the credentials have been read."""
        self.services = services
        self.store: StoreReader = services.store
        self.origin = services.public_base_url or origin
        """Links that are handed out begin with it."""
        self.real = real
        if account is not None:
            self.enter(account)

    def enter(self, account: Account) -> None:
        """Become the account: its state, its time, its writes."""
        self.entered = True
        self.account = account
        self.state = self.store.account(account.name)
        self.now = self.state.clock.at(self.real)
        self.transaction = Transaction(account.name)

    @property
    def draws(self) -> Draws:
        """Random draws of this account and reference."""
        if self._draws is None:
            self._draws = Draws(self.services.seed, self.account.name, self.reference)
        return self._draws

    def draw_by(self, text: str) -> None:
        """Let the draws depend on ``text`` without a reference."""
        self._draws = Draws(self.services.seed, self.account.name, text)

    def new_id(self, prefix: str) -> str:
        return self.services.ids.next(prefix)

    def remember(self, record: Record) -> None:
        """Write the record with the exchange."""
        self.transaction.records.append(record)

    def send(self, message: Message) -> None:
        """Enqueue the message with the exchange."""
        self.transaction.messages.append(message)
        if message.kind == "callback":
            self.met(message.provider, "event", message.event)

    def met(self, provider: str, group: str, word: str) -> None:
        """Count a word of the vendor's for the coverage report: an event or a request type that is sent, a
        decline code that is given."""
        self.transaction.met(provider, group, word)


class StashKey(Generic[T]):
    """Names a value of one type that a stage of a provider leaves for a later one."""


class Stash(Protocol):
    """What the stages of a provider hand on to one another, each value under a `StashKey` of its type: a dictionary."""

    def __setitem__(self, key: StashKey[T], value: T, /) -> None: ...

    def __getitem__(self, key: StashKey[T], /) -> T:
        """Raises ``KeyError`` where no stage has left one."""
        ...

    def get(self, key: StashKey[T], default: D, /) -> T | D: ...


class RequestContext(UnitOfWork):
    """One request on its way through the pipeline. The provider fills it in; the scenario engine reads it as
    facts."""

    params: Mapping[str, str] = MappingProxyType({})
    """Decoded form, query or multipart parameters: ``params.*``."""
    body: Any = MISSING
    """The JSON body, or what stands for it: ``body.*``."""
    record: Record | None = None
    """The stored record that the request names: ``verification.*``."""
    respond: Respond | None = None
    """What the scenario answers with; None: the built-in behaviour."""
    outcome = ""
    error = ""
    refused = False
    is_stranger = False
    """Whether its credentials name no account."""
    locale: str | None = None
    evidence: dict[str, Any] | None = None
    on_enter: Callable[[RequestContext], None] | None = None
    """Called as soon as the account is known, before anything is checked; may raise to answer at once."""
    _query: dict[str, str] | None = None
    _verification: Any = None
    _named_values: NamedValues | None = None

    def __init__(self, services: Services, request: Request, operation: str, real: float) -> None:
        super().__init__(services, None, real, request.origin)
        self.request = request
        self.operation = operation
        self.entry_id = services.ids.next("r")
        self.stash = cast(Stash, {})

    def enter(self, account: Account) -> None:
        super().enter(account)
        if self.on_enter is not None:
            self.on_enter(self)

    @property
    def query(self) -> dict[str, str]:
        if self._query is None:
            self._query = dict(parse_qsl(self.request.query, keep_blank_values=True))
        return self._query

    @property
    def named_values(self) -> NamedValues:
        """What scenarios have set for the account: ``state.*``."""
        if self._named_values is None:
            self._named_values = NamedValues(self.store, self.account.name)
        return self._named_values

    @property
    def verification(self) -> Any:
        """The stored record as a mapping, or `MISSING`."""
        if self.record is None:
            return MISSING
        if self._verification is None:
            data = msgspec.json.decode(self.record.data)
            known = {
                "status": self.record.status,
                "kind": self.record.kind,
                "key": self.record.key,
                "created": self.record.created,
            }
            self._verification = {**data, **known} if isinstance(data, dict) else known
        return self._verification

    def get(self, path: tuple[str, ...]) -> object:
        """The fact at the path of a scenario's match, or `MISSING`. Header names in lower case."""
        head = path[0]
        if head == "body":
            return walk(self.body, path, 1)
        if head == "operation":
            return self.operation
        if head == "params":
            return walk(self.params, path, 1)
        if head == "header":
            return (
                self.request.headers.get(path[1].lower(), MISSING) if len(path) > 1 else self.request.headers
            )
        if head == "query":
            return walk(self.query, path, 1)
        if head == "verification":
            return walk(self.verification, path, 1)
        if head == "state":
            return walk(self.named_values, path, 1)
        if head == "method":
            return self.request.method
        if head == "path":
            return self.request.path
        if head == "account":
            return self.account.name
        if head == "now":
            return isoformat(self.now)
        return MISSING
