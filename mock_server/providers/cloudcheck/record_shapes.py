"""What the data of each kind of record must have to be read: for records that come from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from mock_server.core.records import Record
from mock_server.providers.sections import readable

Text = str | None
Name = dict[str, Text] | str | None


class _Answered(Struct, kw_only=True):
    """``reply`` is what a scenario's merge may have made of it."""

    reference: str
    ordinal: int = 0
    reply: Any


class _Journey(Struct, kw_only=True):
    """A capture, a scan, a form: something with a page, which ends later."""

    reference: str
    token: str
    settled: str
    origin: str
    reply: dict[str, Any]
    ordinal: int = 0
    verificationReference: Text = ""  # noqa: N815
    callback: Text = ""
    notificationUrl: Text = ""  # noqa: N815
    webhookUrl: Text = ""  # noqa: N815
    quiet: bool = False
    ended: Text = ""
    several: bool = False
    name: Name = None
    address: dict[str, Any] | str | None = None
    emailAddress: Text = None  # noqa: N815


class _Capture(_Journey, kw_only=True):
    images: tuple[int, int, int]
    uploaded: list[int]


class _Bank(_Journey, kw_only=True):
    several: bool


class _Image(Struct):
    image: str
    reference: Text = ""


class _Match(Struct, kw_only=True):
    matchId: str  # noqa: N815
    peid: int
    latestReview: dict[str, Any] | None  # noqa: N815


class _PersonName(Struct, forbid_unknown_fields=True):
    given: str
    middle: str
    family: str


class _Person(Struct, kw_only=True):
    name: _PersonName
    birthYear: str  # noqa: N815
    gender: str


class _Entity(Struct):
    name: str


class _Association(Struct, kw_only=True):
    reference: str
    associationReference: str  # noqa: N815
    vendorId: str  # noqa: N815
    createdBy: str  # noqa: N815
    type: str
    countryCode: str  # noqa: N815
    whitelistPeids: str  # noqa: N815
    createdDate: str  # noqa: N815
    deletedDate: Text  # noqa: N815
    hasAlerts: bool  # noqa: N815
    matches: list[_Match]
    ordinal: int = 0


class _PersonAssociation(_Association, kw_only=True):
    personDetail: _Person  # noqa: N815


class _EntityAssociation(_Association, kw_only=True):
    entityDetail: _Entity  # noqa: N815


class _Owner(Struct):
    name: Any
    role: Any
    shareholding: Any
    address: Any


class _Company(Struct):
    name: Any
    entityNumber: Any  # noqa: N815
    entityType: Any  # noqa: N815
    entityStatus: Any  # noqa: N815
    owners: list[_Owner]


class _Tree(Struct, kw_only=True):
    reference: str
    number: str
    settled: str
    created: str
    ordinal: int = 0
    completedDate: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    entity: _Company | msgspec.UnsetType = msgspec.UNSET


SHAPES: Mapping[str, type[Struct]] = {
    "verification": _Answered,
    "document": _Answered,
    "capture": _Capture,
    "image": _Image,
    "idscan": _Journey,
    "akahu": _Bank,
    "credfin": _Bank,
    "form": _Journey,
    "go": _Journey,
    "tree": _Tree,
    "association": _Association,
}
"""By kind."""


def check(record: Record) -> None:
    """Raise ``ValueError`` with the place of the error if the record cannot be read."""
    shape = SHAPES.get(record.kind)
    if shape is None:
        raise ValueError(f"kind: unknown kind {record.kind!r}; there are {', '.join(SHAPES)}")
    try:
        value = msgspec.json.decode(record.data, type=shape)
        if isinstance(value, _Association):
            kind = _PersonAssociation if value.type == "PERSON" else _EntityAssociation
            msgspec.json.decode(record.data, type=kind)
    except msgspec.ValidationError as error:
        raise ValueError(readable(str(error), "data")) from None
