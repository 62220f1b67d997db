from __future__ import annotations

import random

import pytest

from mock_server.store.lazy_heap import LazyHeap


def test_the_first_is_the_valid_entry_with_the_lowest_key() -> None:
    keys = {"a": 3.0, "b": 2.0}
    heap: LazyHeap[str] = LazyHeap(lambda key, item: keys.get(item) == key)
    for item, key in keys.items():
        heap.push(key, item)
    assert heap.first() == (2.0, "b")
    del keys["b"]
    assert heap.first() == (3.0, "a")
    del keys["a"]
    assert heap.first() is None


def test_of_equal_keys_the_one_added_first_is_first() -> None:
    heap: LazyHeap[str] = LazyHeap(lambda key, item: True)
    for item in ("b", "a", "c"):
        heap.push(1.0, item)
    assert heap.first() == (1.0, "b")


@pytest.mark.parametrize("seed", range(5))
def test_outdated_entries_do_not_pile_up(seed: int) -> None:
    draw = random.Random(seed)
    keys = {"far": 1e9}
    heap: LazyHeap[str] = LazyHeap(lambda key, item: keys.get(item) == key)
    heap.push(1e9, "far")
    for number in range(5000):
        item = f"item-{number % 20}"
        keys[item] = draw.random()
        heap.push(keys[item], item)
        assert heap.first() == min(((key, name) for name, key in keys.items()))
    assert len(heap) <= 2 * len(keys) + 64
