"""``state``: the named values that scenarios have set for an account."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from mock_server.core.clock import EARLIEST, LATEST, ClockState
from mock_server.core.records import Record
from mock_server.providers.named_values import PROVIDER as NAMED_VALUES
from mock_server.providers.named_values import NamedValues
from mock_server.store.base import Transaction
from mock_server.web import serializers
from mock_server.web.admin import answers
from mock_server.web.admin.clock import check
from mock_server.web.admin.problems import ControlProblem, unknown
from mock_server.web.admin.table import AdminRequest, Body, ControlRoute, Query, described

VERSION = 1


class RecordBody(Body):
    """A record, as `GET state/export` has it."""

    provider: str
    kind: str
    key: str
    status: str
    created: Annotated[float, described("Seconds since the epoch, on the account's clock.")]
    data: Annotated[Any, described("What the vendor keeps of it.")]
    aliases: tuple[str, ...] = ()


class ClockPart(Body):
    """The account's clock."""

    frozen: Annotated[
        float | None, described("The instant at which it stands, in seconds since the epoch.")
    ] = None
    offset: Annotated[float, described("Seconds by which it differs from real time.")] = 0.0


class StateBody(Body):
    """A whole state."""

    version: Annotated[int, described("Of the format.", 1)]
    records: list[RecordBody]
    clock: ClockPart = msgspec.field(default_factory=ClockPart)
    account: Annotated[str, described("Where it came from; not looked at.")] = ""


def export(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """Named values are records too. Journal, callbacks and nonces are not part of it."""
    store, name = request.service.store, request.account.name
    clock = store.account(name).clock
    return {
        "version": VERSION,
        "account": name,
        "clock": {"frozen": clock.frozen, "offset": clock.offset},
        "records": [_exported(record) for record in store.records(name)],
    }


def load(request: AdminRequest[Query, StateBody]) -> dict[str, Any]:
    """The account is reset first."""
    body, store, name = request.body, request.service.store, request.account.name
    if body.version != VERSION:
        raise ControlProblem(
            422, f"a state of version {body.version} cannot be read", f"export one of version {VERSION}"
        )
    places = [(record.provider, record.kind, record.key) for record in body.records]
    if len({*places}) < len(places):
        raise ControlProblem(422, "two records have the same provider, kind and key", "leave one of them out")
    clock = ClockState(body.clock.frozen, body.clock.offset)
    check(clock.at(request.service.clock.now()))
    transaction = Transaction(name)
    transaction.records = [_imported(request, number, each) for number, each in enumerate(body.records)]
    store.reset(name)
    if store.commit(transaction) is not None:
        raise ControlProblem(
            409, "a request has come meanwhile", "import the state before the account is used"
        )
    store.update(name, lambda state: state._replace(clock=clock))
    request.service.dispatcher.wake()
    return {"records": len(transaction.records)}


def _exported(record: Record) -> dict[str, Any]:
    return {
        "provider": record.provider,
        "kind": record.kind,
        "key": record.key,
        "status": record.status,
        "created": record.created,
        "aliases": list(record.aliases),
        "data": msgspec.Raw(record.data),
    }


def _imported(request: AdminRequest[Any, Any], number: int, body: RecordBody) -> Record:
    """Raises `ControlProblem` for what its provider could not read."""
    at, providers = f"records[{number}]", request.service.providers
    if body.provider != NAMED_VALUES and body.provider not in providers:
        raise unknown(f"{at}.provider", body.provider, [*providers, NAMED_VALUES], 422)
    if not EARLIEST <= body.created <= LATEST:
        raise ControlProblem(
            422, f"{at}.created: it is not within the years 1970 to 9999", "give seconds since 1970"
        )
    record = Record(
        body.provider,
        body.kind,
        body.key,
        body.status,
        body.created,
        msgspec.json.encode(body.data),
        body.aliases,
    )
    try:
        if body.provider != NAMED_VALUES:
            providers[body.provider].check_record(record)
    except ValueError as error:
        raise ControlProblem(422, f"{at}: {error}", "import what GET state/export gives") from None
    return record


def show(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """By name; `reset` removes them."""
    values = NamedValues(request.service.store, request.account.name)
    return {"state": serializers.SecretRedactor(request.account).value(dict(sorted(values.items())))}


ROUTES = (
    ControlRoute(
        "GET",
        "/state",
        show,
        "The account's named values, which scenarios write with `set` and read as `state.NAME`.",
        {"state": "name → value"},
        returns=answers.NamedValues,
    ),
    ControlRoute(
        "GET",
        "/state/export",
        export,
        "The account's records and clock, to start a run from.",
        {
            "version": "of the format",
            "account": "its name",
            "clock": "frozen and offset",
            "records": "in order of creation, each with provider, kind, key, status, created, aliases, data",
        },
        returns=answers.State,
    ),
    ControlRoute(
        "POST",
        "/state/import",
        load,
        "Reset the account and give it these records and this clock.",
        {"records": "how many"},
        body=StateBody,
        also={409: "the account is in use", 422: "it cannot be read"},
        returns=answers.Imported,
    ),
)
