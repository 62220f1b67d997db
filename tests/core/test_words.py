from __future__ import annotations

from typing import Any

import pytest

from mock_server.core.words import WORDS, Step, leaves_before_response, parse_word, plan, problems


@pytest.mark.parametrize("word", WORDS.values(), ids=list(WORDS))
def test_every_example_is_what_the_table_says(word: Any) -> None:
    """The examples of the table are valid YAML and parse to their own word."""
    import yaml

    assert word.name == parse_word(yaml.safe_load(word.example)).word
    assert word.description.endswith(".")
    assert bool(word.choices) == (word.argument == "choice")


@pytest.mark.parametrize(
    ("raw", "step"),
    [
        ("ok", Step("ok")),
        ({"late": "30s"}, Step("late", 30.0)),
        ({"late": 2}, Step("late", 2.0)),
        ({"truncate": 0}, Step("truncate", 0)),
        ({"corrupt": "json"}, Step("corrupt", "json")),
        ({"content-type": "text/html"}, Step("content-type", "text/html")),
        ({"stale": "1d"}, Step("stale", 86400.0)),
    ],
    ids=repr,
)
def test_a_word_parses(raw: Any, step: Step) -> None:
    assert step == parse_word(raw)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("okay", "no deliver word"),
        (7, "no deliver word"),
        ({}, "mapping of one key"),
        ({"late": "1s", "slow": "1s"}, "mapping of one key"),
        ("late", "needs an argument"),
        ({"late": None}, "needs an argument"),
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
def test_a_wrong_word_says_what_to_write(raw: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_word(raw)
    assert says in problems(["ok", raw])[0][1]


def test_problems_are_all_told_with_their_place() -> None:
    found = problems(["ok", "nope", {"late": "x"}, "before-response"])
    assert [1, 2, 3] == [index for index, _ in found]
    assert [] == problems(["before-response", "duplicate"])


@pytest.mark.parametrize(
    ("deliver", "words"),
    [
        ([], []),
        (["duplicate"], ["ok", "duplicate"]),
        (["drop", "duplicate"], ["drop", "ok", "duplicate"]),
        ([{"corrupt": "signature"}, "ok", "duplicate"], ["corrupt", "ok", "duplicate"]),
    ],
    ids=repr,
)
def test_a_plan_has_one_step_for_each_transmission(deliver: list[Any], words: list[str]) -> None:
    assert words == [step.word for step in plan(deliver)]


def test_before_response_is_known_from_the_list() -> None:
    assert leaves_before_response(["before-response", "ok"])
    assert not leaves_before_response(["ok"])
    assert not leaves_before_response([])
