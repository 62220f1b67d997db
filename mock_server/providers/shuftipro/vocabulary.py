"""What scenario files may say about Shufti Pro."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.providers.shuftipro.declines import DECLINES, fits
from mock_server.providers.shuftipro.endpoints import ENDPOINTS
from mock_server.providers.shuftipro.errors import ERRORS
from mock_server.providers.shuftipro.events import (
    ACCEPTED,
    CANCELLED,
    DECLINED,
    DELETED,
    EVENTS,
    REVIEW,
    TIMEOUT,
)
from mock_server.providers.shuftipro.field_types import COUNTRY
from mock_server.providers.shuftipro.lifecycle import DECISIONS
from mock_server.providers.shuftipro.magic import OUTCOMES, TABLE
from mock_server.providers.shuftipro.services import SERVICES
from mock_server.providers.shuftipro.signing import SCHEMES
from mock_server.providers.shuftipro.verification import KIND, Verification
from mock_server.scenario.vocabulary import TEXT, Event, FieldType, Vocabulary

_AFTER: Mapping[str, tuple[str, ...]] = {
    REVIEW: ("review", "pending", "received"),
    ACCEPTED: ("accepted", "received", "pending", "review"),
    DECLINED: ("declined", "received", "pending", "review"),
    CANCELLED: ("cancelled", "pending"),
    TIMEOUT: ("timeout", "pending"),
}
"""Event → outcomes of the request after which it is sent."""

_STATE = FieldType(
    (TEXT,),
    values=tuple(EVENTS),
    spellings={name.partition(".")[2]: name for name in EVENTS if name.startswith("verification.")},
)
"""How a verification stands is one of the events."""


VOCABULARY = Vocabulary(
    provider="shuftipro",
    operations={name: endpoint.operation for name, endpoint in ENDPOINTS.items()},
    errors={code: kind.meaning for code, kind in ERRORS.items()},
    events={
        name: Event(
            name, kind.callback, kind.description, last=name == DELETED, outcomes=_AFTER.get(name, ())
        )
        for name, kind in EVENTS.items()
    },
    declining="declined",
    undeclined=frozenset({"accepted", "received", "timeout"}),
    declines={code: row.reason for code, row in DECLINES.items()},
    decline_services={
        code: tuple(service for service in SERVICES if fits(code, service)) for code in DECLINES
    },
    statuses=(200, 400, 401, 402, 403, 404, 409, 429, 500, 504, 524),
    services=tuple(SERVICES),
    magic=TABLE,
    decisions={KIND: DECISIONS},
    schemes=tuple(SCHEMES),
    record_fields=frozenset({*Verification.__struct_fields__, "status", "kind", "key", "created"}),
    record_types={
        **dict.fromkeys(("status", "event"), _STATE),
        "kind": FieldType((TEXT,), values=(KIND,)),
        "outcome": FieldType((TEXT,), values=tuple(OUTCOMES)),
        "country": COUNTRY,
    },
    callback_url="body.callback_url",
)
