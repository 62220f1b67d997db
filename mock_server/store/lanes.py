"""The order within lanes: pending deliveries of one lane are attempted one after the other."""

from __future__ import annotations

from bisect import insort

from mock_server.core.records import Message


def _first_due(place: tuple[float, str]) -> float:
    return place[0]


class Lanes:
    """The pending deliveries of one account, by lane. A message without a lane waits for no other."""

    __slots__ = ("_lanes",)

    def __init__(self) -> None:
        self._lanes: dict[str, list[tuple[float, str]]] = {}

    def first(self, lane: str) -> str | None:
        """The id of the first delivery in the lane."""
        places = self._lanes.get(lane)
        return places[0][1] if places else None

    def is_first(self, message: Message) -> bool:
        return not message.lane or self._lanes[message.lane][0][1] == message.id

    def enter(self, message: Message, *, behind_first: bool) -> None:
        """Add a message with a lane, by its first due time; ``behind_first``: not before the first of the
        lane."""
        places = self._lanes.setdefault(message.lane, [])
        insort(places, (message.due, message.id), lo=int(behind_first), key=_first_due)

    def leave(self, message: Message) -> str | None:
        """Remove a message; the id of the delivery that is first now."""
        if not message.lane:
            return None
        places = self._lanes[message.lane]
        places.remove((message.due, message.id))
        if places:
            return places[0][1]
        del self._lanes[message.lane]
        return None
