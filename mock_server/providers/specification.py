"""A vendor's specification as a table: each sentence that states behaviour, with what the mock makes of it.

A vendor's rows stand in its own `specification` module and are read through the provider object.
`tests.specification` holds the whole text and sees to it that no sentence is without a row, and no row
without a test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

NO_CHOICE = "none: the sentence leaves no choice"
"""For ``setting``."""
SCENARIO = "none: a scenario or a magic value asks for it"
"""For ``setting``, where nothing in a request of its own leads there."""


class SpecificationSentence(NamedTuple):
    """One sentence. No member is empty."""

    id: str
    section: str
    """Heading under which the sentence stands."""
    sentence: str
    """As the vendor wrote it; ``…`` stands for what is left out."""
    default: str
    """What the mock does where nothing is set."""
    setting: str
    """Names of the settings that change it, ``account: NAME`` for a member of an account, or ``none:`` and
    the reason."""
    test: str
    """Node id of the test that shows it."""


class Specified(Protocol):
    """A vendor with such a table."""

    @property
    def specification(self) -> Sequence[SpecificationSentence]:
        """The rows, in the order of the vendor's text; empty where it has none."""
        ...


def section(
    file: str, heading: str, *rows: tuple[str, str, str, str, str]
) -> Iterator[SpecificationSentence]:
    """Rows under one heading: id, sentence, default, setting, name of the test in ``file``."""
    for identifier, sentence, default, setting, test in rows:
        yield SpecificationSentence(identifier, heading, sentence, default, setting, f"{file}::{test}")
