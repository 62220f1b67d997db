"""What a vendor supplies: the Provider protocol.

A vendor is a package with one entry point in the group ``mock_server.providers``; its object satisfies `Provider`.
`defaults.ProviderDefaults` has an implementation of everything that it need not write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mock_server.core.http import Request
from mock_server.core.records import Message, Record
from mock_server.providers.accounts import Account, AccountHolder
from mock_server.providers.api_notes import ApiNotes
from mock_server.providers.context import RequestContext, UnitOfWork
from mock_server.providers.pending_response import PendingResponse as PendingResponse
from mock_server.providers.rejection import Rejecter
from mock_server.providers.specification import Specified
from mock_server.scenario.model import CallbackSpec, Respond
from mock_server.scenario.vocabulary import Vocabulary

if TYPE_CHECKING:
    from mock_server.providers.audit import AuditCase
    from mock_server.providers.audit_patterns import Reasoning
    from mock_server.providers.command_line import CommandLine
    from mock_server.providers.probes import ProbeAnswer, Probes
    from mock_server.providers.samples import Samples
    from mock_server.scenario.disguise import Disguise


class Decision(NamedTuple):
    """What a reviewer decides about a pending verification."""

    outcome: str
    decline: Any = None
    """Shufti: codes, or service → codes."""
    review: Mapping[str, Any] | None = None
    """Cloudcheck: what the review says (``decision``, ``notes``, ``matchId`` …)."""
    merge: Any = None


FidelityRow = Mapping[str, Any] | tuple[Any, ...]
"""A named tuple, or a mapping."""


class Forwarding(Protocol):
    """How a request is signed again with real credentials, on its way to the real service."""

    @property
    def VARIABLES(self) -> Sequence[str]:  # noqa: N802 - modules satisfy this
        """Environment variables that hold the credentials."""
        ...

    def re_sign(self, request: Request, credentials: Sequence[str]) -> Request: ...

    def answer_headers(self, body: bytes, account: Account) -> tuple[tuple[str, str], ...]:
        """Headers that the mock account's client expects over the answer."""
        ...

    def vector(
        self, request: Request, answer: ProbeAnswer, account: Account, secret: str, disguise: Disguise
    ) -> Mapping[str, Any]:
        """A signing vector of the exchange, signed with the secret that the vendor's documentation of the mock has.
        ``account``: the caller's; ``secret``: of the real service. Raises ``ValueError`` with the reason where it has none."""
        ...


class Provider(AccountHolder, Specified, Rejecter, Protocol):
    """What a vendor supplies. ``context`` and ``unit`` are filled in and read; effects happen through their
    ``transaction`` only."""

    @property
    def title(self) -> str:
        """The vendor's own spelling of its name."""
        ...

    @property
    def vocabulary(self) -> Vocabulary: ...

    @property
    def fidelity(self) -> Sequence[FidelityRow]:
        """How sure each reading of the vendor is."""
        ...

    @property
    def api_notes(self) -> ApiNotes:
        """What descriptions of the vendor's API say in addition to its vocabulary."""
        ...

    @property
    def forwarding(self) -> Forwarding | None:
        """What the recorder needs; None: the vendor's real service cannot be recorded."""
        ...

    @property
    def page_roots(self) -> Sequence[str]:
        """What links to hosted pages begin with; its blueprint has a page for a link below them that is none."""
        ...

    @property
    def hosted_pages(self) -> str:
        """``module:function`` that makes the Flask blueprint of the vendor's pages; empty: it has none."""
        ...

    @property
    def command_line(self) -> CommandLine | None:
        """How ``sign``, ``verify`` and ``demo`` work for the vendor; None: they do not."""
        ...

    @property
    def samples(self) -> Samples | None:
        """Requests as a client writes them; None: the dashboard offers none."""
        ...

    @property
    def probes(self) -> Probes | None:
        """What `mock-server calibrate` asks of the real service; None: it cannot be calibrated."""
        ...

    @property
    def callback_setting(self) -> str:
        """Name of the account's setting that says where callbacks go; empty: none."""
        ...

    def clock_warning(self, skew: float) -> str:
        """What becomes of requests that are signed with the real time while the account's clock is ``skew``
        seconds ahead of it; empty: nothing."""
        ...

    def decisions_of(self, record: Record) -> Sequence[str]:
        """What a reviewer can decide about the record as it stands."""
        ...

    def check_record(self, record: Record) -> None:
        """Raise ``ValueError`` with a place for a record, such as an imported one, that the provider could not
        read."""
        ...

    def audit_cases(
        self, reference: Callable[[str], str], *, scheme: str, secret: str
    ) -> Sequence[AuditCase]:
        """What `mock-server audit` sends to a receiver. Raises ``ValueError`` with a remedy."""
        ...

    def audit_reasoning(self, genuine: bytes, *, scheme: str, secret: str) -> Reasoning:
        """How `mock-server audit` infers what a receiver does. ``genuine``: the body of the genuine message."""
        ...

    @property
    def settings(self) -> object:
        """The provider's own settings object, which only it reads."""
        ...

    def authenticate(self, context: RequestContext) -> None:
        """Find the account and `UnitOfWork.enter` it, check the credentials or the signature, take what may
        be used once: by `Transaction.use_up` whatever is answered, by ``transaction.used_values`` only where
        the answer is not an error. Raises `ProviderError`.

        Where it raises before entering an account, the request is journalled under the default one."""
        ...

    def validate(self, context: RequestContext) -> None:
        """Parse and check the request: ``context.body``, ``context.reference``, ``context.record``. Raises
        `ProviderError`."""
        ...

    def collect_facts(self, context: RequestContext) -> None:
        """Fill in ``context.params``, ``context.body`` and ``context.reference`` as far as they can be read
        and are not there yet.

        Asked of a request that is not valid, or of which nothing has been checked, for the scenarios that
        answer it all the same. Raises nothing."""
        ...

    def compose(self, context: RequestContext, respond: Respond) -> PendingResponse:
        """The answer to ``respond.outcome`` (None: the built-in behaviour, magic values included). Sets
        ``context.outcome``/``context.error``.

        May raise `ProviderError`, such as 105 or 110: then nothing is written but what `Transaction.use_up`
        has taken."""
        ...

    def persist(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec] | None
    ) -> None:
        """After ``merge``, for a composed answer: remember records, and enqueue messages (None: the vendor's
        own; else as `send_callbacks`)."""
        ...

    def send_callbacks(
        self, context: RequestContext, pending: PendingResponse, callbacks: Sequence[CallbackSpec]
    ) -> None:
        """Enqueue a scenario's callbacks and remember nothing. Called alone for scripted errors, verbatim
        bodies and faults."""
        ...

    def encode(self, context: RequestContext, payload: Any) -> bytes:
        """The payload as the vendor's JSON bytes."""
        ...

    def sign(self, context: RequestContext, body: bytes) -> tuple[tuple[str, str], ...]:
        """Headers over exactly those bytes, Content-Type not among them."""
        ...

    def re_sign(
        self, unit: UnitOfWork, body: bytes, *, scheme: str | None, secret: str | None
    ) -> tuple[tuple[str, str], ...]:
        """Signature headers of an outgoing callback, with another scheme or secret where given."""
        ...

    def decide(self, unit: UnitOfWork, record: Record, decision: Decision) -> None:
        """A reviewer's decision: rewrite the record, enqueue what follows. Raises ``ValueError`` with a
        remedy."""
        ...

    def trigger(
        self, unit: UnitOfWork, event: str, reference: str, options: Mapping[str, Any]
    ) -> list[Message]:
        """The messages of an event fired by hand. Raises ``ValueError`` with a remedy."""
        ...

    def timer(self, unit: UnitOfWork, message: Message) -> None:
        """A timer of this provider has fallen due: rewrite the record, enqueue what follows."""
        ...

    def explain(self, unit: UnitOfWork, request: Request) -> dict[str, Any]:
        """Check the request's signature again and say what is wrong with it.

        ``{"valid": bool, "canonical": str, "expected": str, "received": str, "mistakes": [{"id",
        "explanation", "fix"}]}``; no secrets."""
        ...

    def explain_message(
        self, unit: UnitOfWork, body: bytes, headers: Mapping[str, str], *, scheme: str | None = None
    ) -> dict[str, Any]:
        """The same for a signed body that stands alone, such as a callback as its receiver has it; lower-case
        header names."""
        ...

    def explain_text(self, unit: UnitOfWork, text: str, signature: str) -> dict[str, Any]:
        """The same for the text alone that somebody has signed, and the signature that was made of it (empty: not
        given). Raises ``ValueError`` with a remedy for an unknown text."""
        ...
