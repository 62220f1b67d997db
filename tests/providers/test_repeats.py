"""Which refusals of strangers are recorded."""

from __future__ import annotations

from mock_server.providers.repeats import RECORDED, WINDOW, RepeatedRefusal, Repeats


def record(
    repeats: Repeats, ids: range, now: float = 1000.0, kind: str = "404", caller: str = "10.0.0.1"
) -> list[RepeatedRefusal]:
    return [repeats.record(kind, caller, f"r-{number}", now) for number in ids]


def test_so_many_are_recorded_and_the_last_stands_for_the_rest() -> None:
    repeats = record(Repeats(), range(1, RECORDED + 4))
    last = f"r-{RECORDED}"
    assert [each.entry_id for each in repeats] == [
        *(f"r-{number}" for number in range(1, RECORDED)),
        last,
        last,
        last,
        last,
    ]
    assert [each.is_last for each in repeats] == [*[False] * (RECORDED - 1), True, False, False, False]


def test_they_are_recorded_again_after_a_while() -> None:
    repeats = Repeats()
    record(repeats, range(RECORDED + 1), 1000.0)
    assert record(repeats, range(99, 100), 1000.0 + WINDOW - 0.001)[0].entry_id == f"r-{RECORDED - 1}"
    assert record(repeats, range(100, 101), 1000.0 + WINDOW)[0].entry_id == "r-100"


def test_a_clock_that_was_put_back_hides_nothing() -> None:
    repeats = Repeats()
    record(repeats, range(RECORDED + 1), 1000.0)
    assert record(repeats, range(99, 100), 900.0)[0].entry_id == "r-99"


def test_kinds_and_callers_are_counted_apart() -> None:
    repeats = Repeats()
    record(repeats, range(RECORDED + 1))
    assert record(repeats, range(50, 51), kind="400")[0].entry_id == "r-50"
    assert record(repeats, range(51, 52), caller="10.0.0.2")[0].entry_id == "r-51"


def test_callers_without_number_take_no_memory_without_end() -> None:
    repeats = Repeats()
    for number in range(5000):
        repeats.record("404", f"10.0.{number}", "r-1", 1000.0)
    assert len(repeats._windows) <= 1000
