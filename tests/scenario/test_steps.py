"""The lint names steps that no call can reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.providers import registry
from mock_server.scenario import lint

VOCABULARIES = {name: provider.vocabulary for name, provider in registry.build({}).items()}
DECLINED, ACCEPTED = {"respond": {"outcome": "declined"}}, {"respond": {"outcome": "accepted"}}
ERROR = {"respond": {"error": "request.invalid"}}


def warnings(folder: Path, sequence: Any, operation: str = "verification") -> list[tuple[str, str]]:
    scenario = {
        "name": "again",
        "match": {"operation": operation, "body.reference": "r-1"},
        "sequence": sequence,
    }
    path = folder / "again.yaml"
    path.write_text(json.dumps({"version": 1, "provider": "shuftipro", "scenarios": [scenario]}))
    problems = lint.check([path], VOCABULARIES)
    return [(problem.path, problem.rule) for problem in problems]


@pytest.mark.parametrize(
    ("sequence", "path"),
    [
        ([DECLINED, ACCEPTED], "scenarios[0].sequence[1]"),
        ([ERROR, DECLINED, ACCEPTED], "scenarios[0].sequence[2]"),
        ({"steps": [{}, ACCEPTED]}, "scenarios[0].sequence.steps[1]"),
        (
            {"by": ["reference", "body.email"], "steps": [DECLINED, ACCEPTED]},
            "scenarios[0].sequence.steps[1]",
        ),
    ],
    ids=["after an outcome", "after an error and an outcome", "after the built-in answer", "among others"],
)
def test_a_step_that_no_call_reaches(tmp_path: Path, sequence: Any, path: str) -> None:
    assert warnings(tmp_path, sequence) == [(path, "unreachable-step")]


@pytest.mark.parametrize(
    "sequence",
    [
        [ERROR, ACCEPTED],
        {"by": "body.email", "steps": [DECLINED, ACCEPTED]},
        {"by": "account", "steps": [DECLINED, ACCEPTED]},
    ],
    ids=["after an error", "by the address", "by the account"],
)
def test_steps_that_calls_reach(tmp_path: Path, sequence: Any) -> None:
    assert warnings(tmp_path, sequence) == []


def test_an_operation_that_repeats_its_reference(tmp_path: Path) -> None:
    steps = [{"respond": {"outcome": "pending"}}, {"respond": {"outcome": "accepted"}}]
    assert warnings(tmp_path, steps, "status") == []
