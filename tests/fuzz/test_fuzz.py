"""Every machine for a moment; ``make fuzz`` runs them for an hour."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.machines import MACHINES, SMUGGLING, raw_http


@pytest.mark.parametrize("name", MACHINES)
def test_nothing_but_a_proper_answer_comes_of_it(name: str) -> None:
    check, strategies = MACHINES[name]

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.tuples(*strategies))
    def run(values: tuple[object, ...]) -> None:
        check(*values)

    run()


@pytest.mark.parametrize("data", SMUGGLING, ids=range(len(SMUGGLING)))
def test_no_request_is_smuggled(data: bytes) -> None:
    raw_http(data)
