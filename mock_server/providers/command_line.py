"""What ``sign``, ``verify``, ``audit`` and ``demo`` ask of a vendor: a module of the vendor's that satisfies
`CommandLine`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from mock_server.providers.accounts import Account


class SignOrder(NamedTuple):
    """What to sign: a request where there is a ``path``, else a ``body`` that stands alone, such as a
    callback's."""

    account: Account
    """Its secret is the one to sign with."""
    path: str = ""
    method: str = "POST"
    data: str = ""
    """The parameter ``data`` of a form."""
    params: Sequence[tuple[str, str]] = ()
    """Further parameters, in the order in which they are signed where their order counts."""
    key: str = ""
    nonce: str = ""
    timestamp: str = ""
    body: bytes = b""
    scheme: str = ""


class Signed(NamedTuple):
    """What to send. No secret is in it."""

    signature: str
    canonical: str = ""
    """The text that is signed, where it is not the body itself."""
    scheme: str = ""
    params: Mapping[str, str | list[str]] = {}
    """All parameters of a form, the signature among them."""
    headers: Mapping[str, str] = {}
    """The headers of a body."""


class DemoStage(Protocol):
    """Where a vendor shows itself: a server and a receiver that run, and a terminal."""

    @property
    def callback_url(self) -> str: ...

    @property
    def account(self) -> Account: ...

    def say(self, what: str, value: str) -> None:
        """One step and what was seen of it."""
        ...

    def check(self, what: str, holds: bool, seen: object) -> None:
        """One step that must come out right; the demo ends where it does not."""
        ...

    def send(
        self, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[bytes, Any, Mapping[str, str]]:
        """Raw body, its JSON, and the headers of the answer to a POST; lower-case names."""
        ...

    def receive(self) -> tuple[bytes, Any, Mapping[str, str]]:
        """The same of the callback, once it has come."""
        ...

    def delivered(self, reference: str) -> tuple[str, int]:
        """State and number of attempts of the reference's callback, once it has been delivered."""
        ...


class CommandLine(Protocol):
    """How a vendor is used on the command line."""

    @property
    def SIGNS_REQUESTS(self) -> bool: ...  # noqa: N802 - modules satisfy this

    @property
    def SIGNATURE_HEADER(self) -> str:  # noqa: N802
        """Name of the header that signs a body; empty: callbacks carry no signature."""
        ...

    @property
    def SCHEMES(self) -> Sequence[str]:  # noqa: N802
        """Words of ``--scheme``; none where there is but one way."""
        ...

    @property
    def DEMO(self) -> str:  # noqa: N802
        """Heading of what `demo` shows, such as ``POST /verify/``; empty: nothing."""
        ...

    def scheme_of(self, account: Account) -> str:
        """The account's own scheme."""
        ...

    def sign(self, order: SignOrder) -> Signed:
        """Raises ``ValueError`` with a remedy for what the vendor does not sign."""
        ...

    def demo(self, stage: DemoStage) -> None:
        """Every signature checked by the few lines a client would write."""
        ...
