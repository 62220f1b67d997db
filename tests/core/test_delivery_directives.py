from __future__ import annotations

from typing import Any

import pytest

from mock_server.core.delivery_directives import (
    DIRECTIVES,
    leaves_before_response,
    parse_directive,
    plan,
    problems,
)
from mock_server.core.tampering import Transmission


@pytest.mark.parametrize("directive", DIRECTIVES.values(), ids=list(DIRECTIVES))
def test_every_example_is_what_the_table_says(directive: Any) -> None:
    """The examples of the table are valid YAML and parse to their own directive."""
    import yaml

    assert parse_directive(yaml.safe_load(directive.example)).directive == directive.name
    assert directive.description.endswith(".")
    assert bool(directive.choices) == (directive.argument == "choice")


@pytest.mark.parametrize(
    ("raw", "transmission"),
    [
        ("ok", Transmission("ok")),
        ({"late": "30s"}, Transmission("late", 30.0)),
        ({"late": 2}, Transmission("late", 2.0)),
        ({"truncate": 0}, Transmission("truncate", 0)),
        ({"corrupt": "json"}, Transmission("corrupt", "json")),
        ({"content-type": "text/html"}, Transmission("content-type", "text/html")),
        ({"stale": "1d"}, Transmission("stale", 86400.0)),
    ],
    ids=repr,
)
def test_a_directive_parses(raw: Any, transmission: Transmission) -> None:
    assert parse_directive(raw) == transmission


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("okay", "unknown `deliver` word"),
        (7, "unknown `deliver` word"),
        ({}, "mapping of one key"),
        ({"late": "1s", "slow": "1s"}, "mapping of one key"),
        ("late", "requires an argument"),
        ({"late": None}, "requires an argument"),
        ({"late": "soon"}, "not a duration"),
        ({"late": "-1s"}, "negative"),
        ({"ok": True}, "takes no argument"),
        ({"truncate": -1}, "whole number"),
        ({"truncate": True}, "whole number"),
        ({"truncate": "40"}, "whole number"),
        ({"corrupt": "header"}, "signature or body or json"),
        ({"scheme": ["legacy"]}, "legacy or hashed"),
        ({"content-type": "a\r\nb: c"}, "takes a text"),
        ({"swap-with": ""}, "takes a text"),
    ],
    ids=repr,
)
def test_a_wrong_directive_says_what_to_write(raw: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_directive(raw)
    assert says in problems(["ok", raw])[0][1]


def test_problems_are_all_told_with_their_place() -> None:
    assert [index for index, _ in problems(["ok", "nope", {"late": "x"}, "before-response"])] == [1, 2, 3]
    assert problems(["before-response", "duplicate"]) == []


@pytest.mark.parametrize(
    ("deliver", "directives"),
    [
        ([], []),
        (["duplicate"], ["ok", "duplicate"]),
        (["drop", "duplicate"], ["drop", "ok", "duplicate"]),
        ([{"corrupt": "signature"}, "ok", "duplicate"], ["corrupt", "ok", "duplicate"]),
    ],
    ids=repr,
)
def test_a_list_is_planned_as_transmissions(deliver: list[Any], directives: list[str]) -> None:
    assert [each.directive for each in plan(deliver)] == directives


def test_before_response_is_known_from_the_list() -> None:
    assert leaves_before_response(["before-response", "ok"])
    assert not leaves_before_response(["ok"])
    assert not leaves_before_response([])
