"""Which account of the memory store has a delivery that may leave next, and which deliveries are held or leased."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from math import inf

from mock_server.core.records import Delivery
from mock_server.store.selecting import TICK, real_due
from mock_server.store.world import World


class Departures:
    """Not thread-safe: the store's lock guards it. Costs nothing while nothing is due, however many accounts wait."""

    def __init__(self, worlds: Mapping[str, World]) -> None:
        self._worlds = worlds
        self._alarms: list[tuple[float, str]] = []
        """A heap: when to look at which account. Never too late; too early costs a look."""
        self._away: dict[tuple[str, str], float] = {}
        """Held and leased deliveries, and the real time at which they come back unasked."""
        self._back = inf
        """No later than the first of them, and put right when it has come: to seek the first each time would cost a look at all."""

    def ring(self, account: str, world: World) -> None:
        """The account's deliveries or its clock have changed: see that it is looked at in time for the first of them."""
        head = world.agenda.head()
        at = inf if head is None else real_due(world.state.clock, head.due)
        if at == inf or (world.alarm is not None and world.alarm <= at):
            return
        world.alarm = at
        heappush(self._alarms, (at, account))
        if len(self._alarms) > 2 * len(self._worlds) + 64:
            self._alarms[:] = [(each.alarm, name) for name, each in self._worlds.items() if each.alarm is not None]
            heapify(self._alarms)

    def send_away(self, account: str, delivery_id: str, until: float) -> None:
        """A delivery is held or leased until that real time."""
        self._away[account, delivery_id] = until
        self._back = min(self._back, until)

    def lease(self, account: str, world: World, delivery: Delivery, until: float) -> Delivery:
        """Give a delivery away, whether or not it is due."""
        self.send_away(account, delivery.message.id, until)
        return world.agenda.lease(delivery, until)

    def returned(self, account: str, delivery_id: str) -> None:
        """Its hold or lease, if there was one, has been ended."""
        self._away.pop((account, delivery_id), None)

    def away(self, account: str) -> dict[str, float]:
        """The account's held and leased deliveries, and until when they are."""
        return {delivery_id: until for (name, delivery_id), until in self._away.items() if name == account}

    def forget(self, account: str) -> None:
        """The account is gone."""
        for away in [away for away in self._away if away[0] == account]:
            del self._away[away]

    def due(self, real: float) -> bool:
        """Whether it is worth while to look for what is due."""
        return real >= self._back or (bool(self._alarms) and self._alarms[0][0] <= real + TICK)

    def take(self, real: float, lease_until: float, limit: int, account: str) -> list[Delivery]:
        """As `Store.take_due`."""
        taken: list[Delivery] = []
        self._bring_back(real)
        if account:
            world = self._worlds.get(account)
            while world is not None and len(taken) < limit and self._take(account, world, real, lease_until, taken):
                pass
            return taken
        while self._alarms and self._alarms[0][0] <= real + TICK and len(taken) < limit:
            at, name = heappop(self._alarms)
            world = self._worlds.get(name)
            if world is not None and world.alarm == at:
                world.alarm = None
                # Not later than the alarm: what is due after it waits until the other accounts have had their turn.
                self._take(name, world, min(at, real), lease_until, taken)
                self.ring(name, world)
        return taken

    def next_due(self, real: float) -> float | None:
        """As `Store.next_due`."""
        soonest = min(self._soonest_alarm(), self._back if self._away else inf)
        return None if soonest == inf else max(soonest, real)

    def _take(self, account: str, world: World, until: float, lease_until: float, taken: list[Delivery]) -> bool:
        """Lease the account's first delivery to the caller if it is due by ``until`` (real)."""
        head = world.agenda.head()
        if head is None or real_due(world.state.clock, head.due) > until + TICK:
            return False
        taken.append(self.lease(account, world, head, lease_until))
        return True

    def _bring_back(self, real: float) -> None:
        """End the holds and leases whose time is up."""
        if real < self._back:
            return
        for account, delivery_id in [key for key, until in self._away.items() if until <= real]:
            del self._away[account, delivery_id]
            world = self._worlds[account]
            world.agenda.free(delivery_id)
            self.ring(account, world)
        self._back = min(self._away.values(), default=inf)

    def _soonest_alarm(self) -> float:
        """Real time of the first alarm that is still right; alarms that come too early are put right on the way."""
        while self._alarms:
            at, name = self._alarms[0]
            world = self._worlds.get(name)
            if world is not None and world.alarm == at:
                head = world.agenda.head()
                if head is not None and real_due(world.state.clock, head.due) <= at:
                    return at
                world.alarm = None
                self.ring(name, world)
            else:
                heappop(self._alarms)
        return inf
