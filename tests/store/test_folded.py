"""What is kept folded is as if it had been kept openly: journal and records, told in groups, looked at in between or not."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from mock_server.core.records import Record
from mock_server.store.codec import pack, unpack_entries
from mock_server.store.folded import Folded
from mock_server.store.journal import Journal
from mock_server.store.packing import Fold
from mock_server.store.shelf import Shelf
from tests.contract.values import entry, record

KEYS = "abcdefgh"
LIMIT = 3


def fold(records: Sequence[Record]) -> Fold:
    names = tuple(name for each in records for name in (each.key, *each.aliases))
    return Fold(sum(each.version == 0 for each in records), names, pack(list(records)))


def looks(shelf: Shelf, key: str) -> tuple[object, ...]:
    """All that can be asked about a key."""
    kinds = ("verification", "capture", "")
    expected = tuple(shelf.expects(record(key, version, kind=kind)) for kind in kinds[:2] for version in range(3))
    return (*(shelf.find("cloudcheck", kind, key) for kind in kinds), *expected)


class Told:
    """A shelf that is told openly, and another that is told the same in folds."""

    def __init__(self) -> None:
        self.open, self.folded = Shelf(LIMIT), Shelf(LIMIT)
        self.pending: list[Record] = []

    def write(self, key: str, kind: str, aliases: tuple[str, ...]) -> None:
        """As an exchange does: the version that was read, a new record where there is none."""
        known = self.open.find("cloudcheck", kind, key)
        # An alias finds a record too, but it is the key that is written.
        version = known.version if known is not None and known.key == key else 0
        made = record(key, version, kind=kind, aliases=aliases, created=float(len(self.pending)))
        self.open.put(made)
        self.pending.append(made)

    def tell(self) -> None:
        if self.pending:
            self.folded.add(fold(self.pending))
        self.pending = []


WRITE = st.tuples(
    st.just("write"),
    st.sampled_from(KEYS),
    st.sampled_from(["verification", "capture"]),
    st.lists(st.sampled_from(KEYS), max_size=2).map(tuple),
)
LOOK = st.tuples(st.just("look"), st.sampled_from(KEYS), st.just(""), st.just(()))
TELL = st.just(("tell", "", "", ()))
DUMP = st.just(("dump", "", "", ()))


@given(st.lists(st.one_of(WRITE, WRITE, WRITE, TELL, TELL, LOOK, DUMP), max_size=60))
def test_a_shelf_that_is_told_in_folds_is_like_one_that_is_told_openly(steps: list[tuple[str, str, str, tuple[str, ...]]]) -> None:
    told = Told()
    for what, key, kind, aliases in steps:
        if what == "write":
            told.write(key, kind, aliases)
            continue
        told.tell()
        if what == "look":
            assert looks(told.folded, key) == looks(told.open, key)
        elif what == "dump":
            again = Shelf(LIMIT)
            again.load(*told.folded.dump())
            told.folded = again
    told.tell()
    for key in KEYS:
        assert looks(told.folded, key) == looks(told.open, key)
    assert told.folded.all() == told.open.all()
    assert bool(told.folded) == bool(told.open)


@example([0], set(), {0})
@given(st.lists(st.integers(0, 4), max_size=30), st.sets(st.integers(0, 29)), st.sets(st.integers(0, 29)))
def test_a_journal_that_is_told_in_folds_is_like_one_that_is_told_openly(sizes: list[int], looked: set[int], dumped: set[int]) -> None:
    openly, folded, count = Journal(LIMIT), Journal(LIMIT), 0
    for number, size in enumerate(sizes):
        entries = [entry(f"r-{count + each}") for each in range(size)]
        count += size
        for each in entries:
            openly.note(each)
        if entries:
            folded.add(Fold(size, (), pack(entries)))
        if number in looked:
            assert list(folded.entries().items()) == list(openly.entries().items())
        if number in dumped:
            again = Journal(LIMIT)
            again.load(folded.dump())
            folded = again
    assert bool(folded) == bool(openly)
    assert list(folded.entries().items()) == list(openly.entries().items())
    folded.clear()
    assert not folded
    assert not folded.entries()


def test_what_can_no_longer_be_remembered_is_dropped_without_having_been_taken_apart() -> None:
    folded = Folded(10)
    for number in range(1000):
        assert folded.add(Fold(4, (f"n{number}",), pack([]))) == (number >= 2)
    assert len(folded.folds()) == 3
    assert "n999" in folded
    assert "n997" in folded
    assert "n900" not in folded


def test_changes_of_what_is_older_do_not_gather_for_ever() -> None:
    shelf = Shelf(LIMIT)
    shelf.put(record("a"))
    for version in range(1, 100):
        shelf.add(fold([record("a", version)]))
    older, newer = shelf.dump()
    assert len(older) == 1
    assert len(newer) <= 2 * LIMIT
    assert shelf.find("cloudcheck", "verification", "a") == record("a", 100)


def test_the_journal_of_a_dump_is_folded() -> None:
    journal = Journal(5)
    journal.note(entry("r-1"))
    journal.add(Fold(2, (), pack([entry("r-2"), entry("r-3")])))
    assert [each.id for part in journal.dump() for each in unpack_entries(part.body)] == ["r-1", "r-2", "r-3"]
