"""Which files are read, and which of their scenarios are in force: `enabled`, tags, overlays."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.scenario import lint
from mock_server.scenario.facts import MappingFacts
from mock_server.scenario.files import find
from mock_server.scenario.loader import ScenarioSet, compile_inline, load, read
from mock_server.scenario.problems import ScenarioProblems
from mock_server.scenario.selection import near_misses, select
from mock_server.scenario.switches import Tags
from tests.scenario.postcard import VOCABULARIES, document, write

SCENARIOS = document("""
- {name: plain, match: {account: a}, respond: {outcome: lost}}
- {name: slow, tags: [net, slow], match: {account: b}, respond: {outcome: lost}}
- {name: down, tags: [net, māori], match: {account: c}, respond: {outcome: lost}}
- {name: off, tags: [net], enabled: false, match: {account: d}, respond: {outcome: lost}}
""")


def names(scenarios: ScenarioSet) -> list[str]:
    return [one.name for one in scenarios.scenarios("postcard")]


def switched_off(scenarios: ScenarioSet) -> dict[str, str]:
    return {one.name: one.off for one in scenarios.disabled("postcard")}


CHOICES = [
    (Tags(), ["plain", "slow", "down"]),
    (Tags(["net"]), ["slow", "down"]),
    (Tags(["slow", "māori"]), ["slow", "down"]),
    (Tags((), ["slow"]), ["plain", "down"]),
    (Tags(["net"], ["slow"]), ["down"]),
    (Tags(["nobody"]), []),
]


@pytest.mark.parametrize(("tags", "expected"), CHOICES, ids=[str(tuple(tags)) for tags, _ in CHOICES])
def test_tags_choose(tmp_path: Path, tags: Tags, expected: list[str]) -> None:
    assert names(load([write(tmp_path, SCENARIOS)], VOCABULARIES, tags)) == expected


def test_what_is_switched_off_says_why(tmp_path: Path) -> None:
    scenarios = load([write(tmp_path, SCENARIOS)], VOCABULARIES, Tags(["slow", "net"], ["māori"]))
    assert switched_off(scenarios) == {
        "plain": "has no tag of --tags slow,net",
        "down": "has the tag `māori` of --skip-tags",
        "off": "has `enabled: false`",
    }


def test_what_is_switched_off_neither_answers_nor_is_found(tmp_path: Path) -> None:
    scenarios = load([write(tmp_path, SCENARIOS)], VOCABULARIES)
    facts = MappingFacts({"account": "d"})
    assert select(scenarios, "postcard", "send", facts, "off") is None
    miss = near_misses(scenarios, "postcard", "send", facts, 1)[0]
    assert (miss.scenario.name, [(one.path, one.expected, one.reason) for one in miss.differences]) == (
        "off",
        [("enabled", "true", "has `enabled: false`")],
    )
    assert len(near_misses(scenarios, "postcard", "send", facts, 9)) == 4


def test_a_tag_that_no_scenario_has_is_named(tmp_path: Path) -> None:
    scenarios = load([write(tmp_path, SCENARIOS)], VOCABULARIES)
    everything = (*scenarios.scenarios("postcard"), *scenarios.disabled("postcard"))
    assert Tags(["nett"], ["zzz", "slow"]).unknown(everything) == [
        "--tags nett: no scenario has this tag; did you mean `net`?",
        "--skip-tags zzz: no scenario has this tag; use one of: `māori`, `net`, `slow`",
    ]


def test_a_tag_is_one_word(tmp_path: Path) -> None:
    file = write(tmp_path, document("- {name: a, tags: [ok, 'a b', 'a,b', ''], respond: {outcome: lost}}"))
    problems = [(problem.rule, problem.column) for problem in lint.check([file], VOCABULARIES)]
    assert problems == [("bad-tag", 26), ("bad-tag", 33), ("bad-tag", 40)]


def test_enabled_may_depend_on_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = {
        "provider": "postcard",
        "name": "a",
        "enabled": "{{ env.MOCK_DOWN | default('no') == 'yes' }}",
        "respond": {"outcome": "lost"},
    }
    assert compile_inline(scenario, VOCABULARIES)[0].off == "has `enabled: false`"
    monkeypatch.setenv("MOCK_DOWN", "yes")
    assert compile_inline(scenario, VOCABULARIES)[0].off == ""


def test_what_is_switched_off_shadows_nothing(tmp_path: Path) -> None:
    scenarios = "- {name: a, enabled: false, priority: 1, respond: {outcome: lost}}\n- {name: b, respond: {outcome: lost}}"
    assert lint.check([write(tmp_path, document(scenarios))], VOCABULARIES) == []


def test_a_later_path_replaces_a_scenario_in_its_place(tmp_path: Path) -> None:
    base, staging = tmp_path / "base", tmp_path / "staging"
    write(
        base,
        document(
            "- {name: a, match: {account: a}, respond: {outcome: lost}}\n- {name: b, match: {account: b}, respond: {outcome: lost}}"
        ),
    )
    write(
        staging,
        document(
            "- {name: c, match: {account: c}, respond: {outcome: lost}}\n- {name: a, match: {account: x}, respond: {outcome: returned}}"
        ),
    )
    scenarios = load([base, staging], VOCABULARIES)
    assert names(scenarios) == ["a", "b", "c"]
    first = scenarios.scenarios("postcard")[0]
    assert first.replaces.endswith("base/cards.yaml:4")
    assert first.source.endswith("staging/cards.yaml:5")
    assert select(scenarios, "postcard", "send", MappingFacts({"account": "a"})) is None


def test_an_overlay_can_switch_off(tmp_path: Path) -> None:
    write(tmp_path / "base", document("- {name: a, respond: {outcome: lost}}"))
    write(tmp_path / "over", document("- {name: a, enabled: false, respond: {}}"))
    scenarios = load([tmp_path / "base", tmp_path / "over"], VOCABULARIES)
    assert (names(scenarios), list(switched_off(scenarios))) == ([], ["a"])


def test_twice_in_one_path_stays_a_mistake(tmp_path: Path) -> None:
    write(tmp_path / "base", document("- {name: a, respond: {outcome: lost}}"))
    for name in ("x.yaml", "y.yaml"):
        write(tmp_path / "over", document("- {name: a, respond: {outcome: lost}}"), name)
    with pytest.raises(
        ScenarioProblems, match=r"y.yaml:4:12: the name `a` is taken by the scenario at .*x.yaml:4"
    ):
        load([tmp_path / "base", tmp_path / "over"], VOCABULARIES)


FILES = ["B.YML", "a.Yaml", "sub/c.yaml", "_off/d.yaml", "_e.yaml", ".f.yaml", "sub/.g/h.yaml", "i.yaml.off", "j.json", "k.txt",
         "README.md", "scenario.schema.json", "used.csv", "unused.csv"]  # fmt: skip


def test_files_are_read_by_their_names(tmp_path: Path) -> None:
    for name in FILES:
        write(tmp_path, "", name)
    files = find([tmp_path])
    assert [file.path.relative_to(tmp_path).as_posix() for file in files.read] == [
        "B.YML",
        "a.Yaml",
        "sub/c.yaml",
    ]
    assert [file.name for file in files.unread] == ["i.yaml.off", "j.json", "k.txt", "unused.csv", "used.csv"]


def test_a_table_that_is_used_counts_as_read(tmp_path: Path) -> None:
    for name in ("used.csv", "unused.csv"):
        write(tmp_path, "id\n1\n", name)
    write(tmp_path, document("- {name: '{{ row.id }}', rows: used.csv, respond: {outcome: lost}}"))
    assert [file.name for file in read([tmp_path], VOCABULARIES).unread] == ["unused.csv"]
