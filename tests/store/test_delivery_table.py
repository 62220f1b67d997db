from __future__ import annotations

import random
from functools import partial

import pytest

from mock_server.core.records import CANCELLED, DELIVERED, FAILED, PENDING, Delivery
from mock_server.store import delivery_table
from mock_server.store.base import DeliveryFilter
from mock_server.store.delivery_table import DeliveryTable
from mock_server.store.filters import delivery_matches, page
from mock_server.store.value_index import ValueIndex
from tests.contract.values import message

EVENTS, REFERENCES, PROVIDERS = (
    ("done", "review"),
    ("ref 1", "ref+2", "Māori 🙂"),
    ("shuftipro", "cloudcheck"),
)
STATES = (PENDING, DELIVERED, FAILED, CANCELLED)


def a_delivery(number: int, draw: random.Random) -> Delivery:
    return Delivery(
        message(
            f"d-{number}",
            event=draw.choice(EVENTS),
            reference=draw.choice(REFERENCES),
            provider=draw.choice(PROVIDERS),
            request_id=f"r-{number // 2}",
            kind=draw.choice(("callback", "callback", "timer")),
        )
    )


def a_filter(draw: random.Random) -> DeliveryFilter:
    def maybe(*values: str) -> str:
        return draw.choice(("", "", *values))

    return DeliveryFilter(
        maybe(*EVENTS),
        maybe(*REFERENCES),
        maybe(*STATES),
        maybe(*PROVIDERS),
        maybe("r-3", "r-99"),
        draw.choice(("callback", "timer", "")),
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_search_finds_what_a_look_at_all_of_them_finds(seed: int) -> None:
    draw = random.Random(seed)
    table, limit = DeliveryTable(limit=10, most=2**20), 10
    known: dict[str, Delivery] = {}
    finished: list[str] = []
    for number in range(60):
        known[f"d-{number}"] = a_delivery(number, draw)
        table.add(known[f"d-{number}"])
        name = draw.choice(list(known))
        before, after = known[name].state, draw.choice(STATES)
        known[name] = known[name]._replace(state=after)
        table.replace(known[name])
        if before != PENDING and after == PENDING:
            finished.remove(name)
        elif before == PENDING and after != PENDING:
            finished.append(name)
            if len(finished) > limit:
                del known[finished.pop(0)]
        where, count, older = a_filter(draw), draw.randrange(8), draw.choice(("", "", *known, "unknown"))
        newest_first = list(reversed(known.items()))
        expected = page(newest_first, partial(delivery_matches, where=where), count, older)
        assert table.search(where, count, older) == expected
        assert len(table) == len(known)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the deliveries that a search has looked at."""
    seen: list[str] = []

    def matches(delivery: Delivery, where: DeliveryFilter) -> bool:
        seen.append(delivery.message.id)
        return delivery_matches(delivery, where)

    monkeypatch.setattr(delivery_table, "delivery_matches", matches)
    return seen


@pytest.mark.parametrize(
    ("where", "total", "most"),
    [
        (DeliveryFilter(), 5001, 10),
        (DeliveryFilter(state=PENDING), 5000, 11),
        (DeliveryFilter(state=DELIVERED), 1, 1),
        (DeliveryFilter(state=FAILED), 0, 1),
        (DeliveryFilter(event="rare"), 1, 1),
        (DeliveryFilter(event="rare", state=PENDING), 0, 1),
        (DeliveryFilter(provider="cloudcheck"), 1, 1),
        (DeliveryFilter(reference="ref-17"), 1, 1),
        (DeliveryFilter(request_id="r-17", state=PENDING), 1, 1),
        (DeliveryFilter(reference="unknown"), 0, 0),
    ],
    ids=str,
)
def test_a_list_costs_what_it_shows(where: DeliveryFilter, total: int, most: int, looks: list[str]) -> None:
    table = DeliveryTable(limit=10, most=2**20)
    table.add(Delivery(message("d-0", event="rare", provider="cloudcheck", reference="first")))
    for number in range(1, 5001):
        table.add(
            Delivery(
                message(
                    f"d-{number}",
                    event="done",
                    provider="shuftipro",
                    reference=f"ref-{number}",
                    request_id=f"r-{number}",
                )
            )
        )
    table.replace(table["d-0"]._replace(state=DELIVERED))
    assert table.search(where, 10, "")[1] == total
    assert len(looks) <= most


def test_an_index_keeps_the_order_of_creation() -> None:
    index: ValueIndex[str, str] = ValueIndex()
    for name in ("d-1", "d-2", "d-3"):
        index.add("ref-1", name)
    assert list(index.newest_first("ref-1")) == ["d-3", "d-2", "d-1"]
    for name in ("d-2", "d-3", "d-1"):
        index.remove("ref-1", name)
    assert list(index.newest_first("ref-1")) == []
