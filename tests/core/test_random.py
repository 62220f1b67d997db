"""Draws depend on the seed, the account, the reference and their name, and on nothing else."""

from __future__ import annotations

import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.ids import ProcessIds
from mock_server.core.random import Draws

NAMES = st.text(max_size=20)


@given(st.integers(), NAMES, NAMES, NAMES)
def test_the_same_four_give_the_same_draws(seed: int, account: str, reference: str, name: str) -> None:
    one, two = Draws(seed, account, reference), Draws(seed, account, reference)
    assert one.uuid(name) == two.uuid(name)
    assert one.token(name, 48) == two.token(name, 48)
    assert one.random(name).random() == two.random(name).random()


def test_each_of_the_four_matters() -> None:
    drawn = {
        Draws(*arguments).hex("x")
        for arguments in [(0, "a", "r"), (1, "a", "r"), (0, "b", "r"), (0, "a", "s")]
    } | {Draws(0, "a", "r").hex("y")}
    assert len(drawn) == 5


@given(st.text(), st.text())
def test_a_uuid_is_version_4_in_lower_case(reference: str, name: str) -> None:
    text = Draws(0, "a", reference).uuid(name)
    assert text == str(uuid.UUID(text))
    assert uuid.UUID(text).version == 4
    assert uuid.UUID(text).variant == uuid.RFC_4122


def test_tokens_are_letters_and_digits_of_the_length_asked_for() -> None:
    assert re.fullmatch("[A-Za-z0-9]{48}", Draws(0, "a", "r").token("t", 48))


def test_a_lone_surrogate_in_a_reference_is_no_obstacle() -> None:
    assert Draws(0, "a", "\ud800").hex("x")


def test_ids_count_within_a_process_and_differ_between_processes() -> None:
    one, two = ProcessIds(), ProcessIds()
    drawn = [one.next("r"), one.next("r"), two.next("r")]
    assert len(set(drawn)) == 3
    assert drawn[0].startswith("r-")
