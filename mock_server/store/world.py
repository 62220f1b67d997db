"""What the memory store keeps of one account."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import NamedTuple

from mock_server.core.records import AccountState, Entry, Place, Record
from mock_server.store.agenda import Agenda
from mock_server.store.base import StepKey, Writes
from mock_server.store.claims import ClaimLog, Digest
from mock_server.store.dumps import WorldDump
from mock_server.store.packing import Commit, PackedEntry, packed

UNSET = AccountState()


class Limits(NamedTuple):
    """How much of an account is remembered."""

    journal: int
    """Journal entries, and as many finished deliveries."""
    records: int
    """Records, and as many sequences."""


class Names:
    """Which records have a name, in order of creation. A bare place where there is one, since there mostly is."""

    __slots__ = ("_of",)

    def __init__(self) -> None:
        self._of: dict[str, dict[str, Place | dict[Place, None]]] = {}

    def add(self, provider: str, name: str, place: Place) -> None:
        places = self._of.get(provider)
        if places is None:
            places = self._of[provider] = {}
        held = places.setdefault(name, place)
        if held is place:
            return
        if isinstance(held, dict):
            held[place] = None
        elif held != place:
            places[name] = {held: None, place: None}

    def sort(self, provider: str, name: str, order: Iterable[Place]) -> None:
        """Put the places in that order: one of them took the name after it was created."""
        held = self._of[provider].get(name)
        if isinstance(held, dict):
            self._of[provider][name] = {place: None for place in order if place in held}

    def remove(self, provider: str, name: str, place: Place) -> None:
        held = self._of[provider].get(name)
        if isinstance(held, dict):
            held.pop(place, None)
            if held:
                return
        self._of[provider].pop(name, None)

    def newest(self, provider: str, name: str, kind: str) -> Place | None:
        """The newest place with the name, of one kind or (empty) of any."""
        held = self._of.get(provider, {}).get(name)
        if held is None:
            return None
        places = reversed(held) if isinstance(held, dict) else (held,)
        return next((place for place in places if not kind or place[1] == kind), None)


class World:
    """Not thread-safe: the store's lock guards it."""

    __slots__ = (
        "agenda",
        "alarm",
        "aliases",
        "claims",
        "counters",
        "counts",
        "digest",
        "journal",
        "kinds",
        "limits",
        "order",
        "records",
        "state",
        "steps",
        "tallies",
    )

    def __init__(self, limits: Limits, digest: Digest) -> None:
        """``digest``: by what claims are known."""
        self.limits = limits
        self.digest = digest
        self.state = UNSET
        self.claims: dict[str, ClaimLog] = {}
        self.records: dict[Place, Record] = {}
        """As they were written: with the version that had been read."""
        self.order: deque[Place] = deque()
        self.kinds: dict[str, set[str]] = {}
        """By provider, those of which there has been a record."""
        self.aliases = Names()
        self.steps: OrderedDict[StepKey, int] = OrderedDict()
        self.tallies: dict[str, float] = {}
        self.counters: dict[str, tuple[int, float]] = {}
        self.journal: OrderedDict[str, Entry | PackedEntry] = OrderedDict()
        self.counts: dict[str, int] = {}
        self.agenda = Agenda(limits.journal)
        self.alarm: float | None = None
        """Real time at which the store will next look at the agenda; None: it will not."""

    def empty(self) -> bool:
        return self.state == UNSET and not (
            self.claims or self.records or self.steps or self.tallies or self.counters or self.journal or self.counts or len(self.agenda)
        )

    def conflict(self, writes: Writes) -> str | None:
        """The precondition that does not hold, as `Store.commit` names it."""
        for claim in writes.claims:
            log = self.claims.get(claim.kind)
            if log is not None and log.find(claim.value, self.digest(claim.value), claim.at) is not None:
                return "claim"
        for record in writes.records:
            known = self.records.get(record.place)
            if (0 if known is None else known.version + 1) != record.version:
                return "record"
        if writes.step is not None:
            key, position = writes.step
            if self.steps.get(key, 0) != position:
                return "step"
        return None

    def apply(self, writes: Writes) -> None:
        """Everything but the messages, with which the store's departures have to do."""
        if writes.entry is not None:
            self._note(writes.entry)
        for claim in writes.claims:
            self._claim(claim.kind, self.digest(claim.value), claim.at, claim.expires, claim.by)
        for record in writes.records:
            self._keep(record)
        if writes.step is not None:
            self._advance(*writes.step)
        for name, amount in writes.tallies:
            self.tallies[name] = self.tallies.get(name, 0.0) + amount

    def apply_commit(self, commit: Commit) -> None:
        """The same of several exchanges."""
        for entry in commit.entries:
            self._note(entry)
        for known in commit.claims:
            self._claim(known.kind, known.digest, known.at, known.expires, known.by)
        for record in commit.records:
            self._keep(record)
        for key, position in commit.steps:
            self._advance(key, position)
        for name, amount in commit.tallies.items():
            self.tallies[name] = self.tallies.get(name, 0.0) + amount

    def _note(self, entry: Entry | PackedEntry) -> None:
        journal = self.journal
        journal[entry.id] = entry
        if len(journal) > self.limits.journal:
            journal.popitem(last=False)
        if entry.scenario:
            self.counts[entry.scenario] = self.counts.get(entry.scenario, 0) + 1

    def _claim(self, kind: str, digest: int, at: float, expires: float, by: str) -> None:
        log = self.claims.get(kind)
        if log is None:
            log = self.claims[kind] = ClaimLog(kind)
        log.add(digest, at, expires, by)

    def _advance(self, key: StepKey, position: int) -> None:
        self.steps[key] = position + 1
        self.steps.move_to_end(key)
        if len(self.steps) > self.limits.records:
            self.steps.popitem(last=False)

    def find(self, provider: str, kind: str, key: str) -> Record | None:
        """As `Store.record`."""
        if kind:
            found = self.records.get((provider, kind, key))
        else:
            found = self._find_in_any_kind(provider, key)
        if found is None:
            place = self.aliases.newest(provider, key, kind)
            found = None if place is None else self.records[place]
        return None if found is None else found.replace(version=found.version + 1)

    def _find_in_any_kind(self, provider: str, key: str) -> Record | None:
        places = [(provider, kind, key) for kind in self.kinds.get(provider, ()) if (provider, kind, key) in self.records]
        if len(places) > 1:
            places = [next(place for place in reversed(self.order) if place in places)]
        return self.records[places[0]] if places else None

    def _keep(self, record: Record) -> None:
        place = record.place
        known = self.records.get(place)
        self.records[place] = record
        if known is not None:
            self._rename(place, known.aliases, record.aliases)
            return
        self.order.append(place)
        kinds = self.kinds.get(place[0])
        if kinds is None:
            kinds = self.kinds[place[0]] = set()
        kinds.add(place[1])
        for alias in record.aliases:
            self.aliases.add(place[0], alias, place)
        if len(self.records) > self.limits.records:
            self._forget_oldest_record()

    def _rename(self, place: Place, before: tuple[str, ...], after: tuple[str, ...]) -> None:
        for alias in set(before).difference(after):
            self.aliases.remove(place[0], alias, place)
        for alias in set(after).difference(before):
            self.aliases.add(place[0], alias, place)
            self.aliases.sort(place[0], alias, self.order)

    def _forget_oldest_record(self) -> None:
        place = self.order.popleft()
        for alias in self.records.pop(place).aliases:
            self.aliases.remove(place[0], alias, place)

    def dump(self) -> WorldDump:
        """All of it, as plain values."""
        return WorldDump(
            self.state,
            {kind: log.dump() for kind, log in self.claims.items()},
            [self.records[place] for place in self.order],
            [(key.scenario, key.reference, position) for key, position in self.steps.items()],
            self.tallies,
            self.counters,
            [packed(entry) for entry in self.journal.values()],
            self.counts,
            self.agenda.dump(),
        )

    def load(self, dump: WorldDump) -> None:
        """Take over what was dumped."""
        self.state = dump.state
        for kind, rows in dump.claims.items():
            self.claims[kind] = ClaimLog(kind)
            self.claims[kind].load(*rows)
        for record in dump.records:
            self._keep(record)
        self.steps = OrderedDict((StepKey(scenario, reference), position) for scenario, reference, position in dump.steps)
        self.tallies, self.counters, self.counts = dump.tallies, dump.counters, dump.counts
        self.journal = OrderedDict((entry.id, entry) for entry in dump.journal)
        self.agenda.load(dump.agenda)
