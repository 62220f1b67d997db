"""What is stored of a verification, from its creation to its deletion."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_server.core.records import Record
from mock_server.providers.context import UnitOfWork
from mock_server.providers.sections import check_names, readable
from mock_server.providers.shuftipro.settings import NAME
from mock_server.store.base import StoreReader

KIND = "verification"
_NONE = msgspec.Raw(b"null")


class Verification(msgspec.Struct, omit_defaults=True):
    """The data of a record. All but the first two are left out where they are empty."""

    reference: str
    event: str
    """How it stands, as ``/status`` says it."""
    email: Any = None
    """As sent, like ``country``."""
    country: Any = None
    services: dict[str, Any] = {}
    """Service → its parameters as sent, in the order of results; of a proof only the media type."""
    options: dict[str, Any] = {}
    """The other parameters as sent."""
    callback_url: str = ""
    redirect_url: str = ""
    useragent: str = ""
    """Of the end user, else of the caller."""
    ip: str = ""
    locale: str = ""
    """Of what is read from documents."""
    url: str = ""
    """``verification_url``; empty: the user need not come."""
    expires: float = 0.0
    """Account time at which the URL ends."""
    outcome: str = ""
    """How it is going to end; empty: as the reviewer or the customer decides."""
    decline: dict[str, list[str]] | None = None
    """Service → codes of that end."""
    turn: int = 0
    """Rises with every decision, so that what was planned before it does not happen any more."""
    proof_tokens: int = 0
    """How many access tokens of its files were issued."""
    polls: int = 0
    """How often the status was asked while it was open."""
    codes: dict[str, Any] = {}
    """``declined_reason`` and so on of a cancellation."""
    answer: msgspec.Raw = _NONE
    """The result as it was sent."""
    handle: str = ""
    """What its links are found by."""
    scheduled_until: float = 0.0
    """Account time of the last callback that was scheduled for later; 0: none was."""
    history: list[tuple[float, str]] = []
    """(account time, event)."""

    @property
    def onsite(self) -> bool:
        """Whether the user has to come."""
        return bool(self.url)

    def result(self) -> dict[str, Any]:
        """The result as it was sent; empty: none."""
        result = msgspec.json.decode(self.answer)
        return result if isinstance(result, dict) else {}


_decode = msgspec.json.Decoder(Verification).decode
_encode = msgspec.json.Encoder().encode


def read(record: Record) -> Verification:
    """The record's data."""
    return _decode(record.data)


def check(record: Record) -> None:
    """Raise ``ValueError`` for a record that cannot be read."""
    if record.kind != KIND:
        raise ValueError(f"kind: unknown kind {record.kind!r}; there is {KIND}")
    try:
        verification = read(record)
    except msgspec.ValidationError as error:
        raise ValueError(readable(str(error), "data")) from None
    from mock_server.providers.shuftipro.services import SERVICES

    check_names("data.services", verification.services, SERVICES)
    if verification.reference != record.key:
        raise ValueError("data.reference: it is not the key of the record")


def find(store: StoreReader, account: str, reference: str) -> Record | None:
    """The account's record of the reference itself, not of a link's handle that happens to be equal."""
    record = store.record(account, NAME, KIND, reference)
    return record if record is not None and record.key == reference else None


def keep(unit: UnitOfWork, verification: Verification, before: Record | None) -> Record:
    """Write the verification with the exchange, in place of what this exchange has written of it before."""
    aliases = (verification.handle,) if verification.handle else ()
    record = Record(
        NAME, KIND, verification.reference, verification.event,
        before.created if before is not None else unit.now, _encode(verification), aliases, before.version if before is not None else 0,
    )  # fmt: skip
    if unit.transaction.records:
        unit.transaction.records[:] = [other for other in unit.transaction.records if other.key != record.key]
    unit.remember(record)
    return record
