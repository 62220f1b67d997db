"""What `mock-server calibrate` asks of a vendor's real service: harmless requests as a table.

A vendor's module satisfies `Probes`. Each probe is refused or unknown by construction, and says why; its answer is
compared with the mock's. Which setting an answer decides is a member of the probe; the value is the one, of the
candidates, with which the mock gives the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from mock_server.core import nesting
from mock_server.core.http import Request
from mock_server.providers.accounts import Account
from mock_server.scenario.facts import MISSING

ACCOUNT = "account: "
"""In front of a name in ``decides``: a member of the account, not a setting."""


class ProbeAnswer(NamedTuple):
    """What a service has answered to one request."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def document(self) -> Any:
        """The JSON of the body; ``MISSING`` where it is none."""
        try:
            document = nesting.loads(self.body)
            return MISSING if nesting.is_deeper(document) else document
        except ValueError:
            return MISSING


class Probe(NamedTuple):
    """One row of a vendor's table."""

    id: str
    sends: str
    """What is sent, in a few words."""
    harmless: str
    """Why nothing can come of it."""
    asks: tuple[Any, ...]
    """The vendor's own; sent one after the other, and the answer to the last one is compared."""
    decides: tuple[str, ...] = ()
    """Names of settings, ``error_position.verify`` for a key of a mapping, or `ACCOUNT` and a member of the account."""
    sentences: tuple[str, ...] = ()
    """Ids of the sentences of the specification that the answer shows."""
    only_shape: bool = False
    """Names and types of the answer are compared, its values are not: they are the account's own."""


class ProbeStage(NamedTuple):
    """What a request of a probe is made with."""

    account: Account
    now: float
    """When it is sent, in seconds since the epoch."""
    mark: str
    """Twelve letters and digits of this probe and run alone, for references, tokens and nonces."""
    earlier: Sequence[ProbeAnswer] = ()
    """Answers to the probe's requests before this one."""


class CannotAsk(Exception):
    """A request cannot be made, since an earlier answer of its probe lacks something; the message says what."""


Candidates = Callable[[Mapping[str, ProbeAnswer]], Iterable[Any]]
"""From the answers by probe to the values that a setting may have."""


def among(*values: Any) -> Candidates:
    """The same values whatever was answered."""
    return lambda _answers: values


class Probes(Protocol):
    """A vendor's table, and how its requests are made and its answers read."""

    @property
    def PROBES(self) -> Sequence[Probe]:  # noqa: N802 - modules satisfy this
        """In the order of sending. The first has the right credentials: where its answer denies them, nothing else is sent."""
        ...

    @property
    def CANDIDATES(self) -> Mapping[str, Candidates]:  # noqa: N802
        """Name, as in `Probe.decides` → its values, in the order in which settings are decided."""
        ...

    @property
    def HEADERS(self) -> Sequence[str]:  # noqa: N802
        """Lower-case names of the headers that are compared."""
        ...

    def request(self, ask: Any, stage: ProbeStage) -> Request:
        """Raises `CannotAsk`."""
        ...

    def facts(self, answer: ProbeAnswer, account: Account) -> Mapping[str, Any]:
        """What of an answer is compared in addition to status, headers and JSON members: name → value."""
        ...

    def tidy(self, document: Any) -> Any:
        """The JSON of an answer for the comparison, such as a list by the names of its items."""
        ...

    def brief(self, answer: ProbeAnswer) -> str:
        """The answer in a word, such as its error code."""
        ...

    def denied(self, answer: ProbeAnswer) -> str:
        """Why the credentials are not accepted; empty: they are."""
        ...

    def refused(self, answer: ProbeAnswer) -> bool:
        """Whether the answer is an error, whatever its status."""
        ...

    def obstacle(self, answer: ProbeAnswer) -> str:
        """Why the answer does not decide the question, such as a product that the account lacks; empty: it does."""
        ...

    def created(self, answer: ProbeAnswer) -> str:
        """What the answer says was created; empty: nothing."""
        ...
