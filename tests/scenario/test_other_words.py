"""A key that is right in another place of the file, and another tool's word, lead to what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.scenario.rules.merges import stray_merges
from tests.scenario.postcard import VOCABULARY, inline
from tests.scenario.test_mistakes import CALLBACK, MATCH, ONE, problems_and_place

TWO_STEPS = "- {name: one, match: {operation: send}, sequence: {by: account, %s}}"

CASES = [
    pytest.param(
        ONE % "outcome: lost, «callbacks»: []",
        "it is a key of the scenario; move it next to `respond`",
        id="callbacks-in-respond",
    ),
    pytest.param(
        "- {name: one, «outcome»: lost}", "write it below `respond`: `respond: {outcome: lost}`", id="outcome-alone"
    ),
    pytest.param(
        "- {name: one, respond: {delay: 1s}, «outcome»: lost}", "move it into `respond`", id="outcome-next-to-respond"
    ),
    pytest.param(
        TWO_STEPS % "steps: [{«outcome»: lost}, {respond: {outcome: delivered}}]",
        "write it below `respond`: `respond: {outcome: lost}`",
        id="outcome-in-a-step",
    ),
    pytest.param(
        TWO_STEPS % "steps: [{«chance»: 10%, respond: {outcome: lost}}]",
        "it is a key of the scenario; move it next to `sequence`",
        id="chance-in-a-step",
    ),
    pytest.param(
        TWO_STEPS % "«times»: 2, steps: [{respond: {outcome: lost}}]", "write it into a step", id="times-in-a-sequence"
    ),
    pytest.param(
        ONE % "outcome: lost, «times»: 2", "it is a key of a step; move it next to `respond`", id="times-in-respond"
    ),
    pytest.param(
        "- {name: one, respond: {outcome: lost}, «body.to.name»: Rawiri}",
        "write it below `match`: `match: {body.to.name: Rawiri}`",
        id="path-outside-match",
    ),
    pytest.param(
        "- {name: one, respond: {outcome: lost}, «vars»: {a: 1}}", "move it to the top level", id="vars-in-a-scenario"
    ),
    pytest.param(
        CALLBACK % "event: card.returned, «priority»: 1", "move it next to `callbacks`", id="priority-in-a-callback"
    ),
    pytest.param(
        "version: 1\nprovider: postcard\nscenarios: []\n«match»: {operation: send}\n",
        "write it below `scenarios`, in an item that begins with `- name: …`",
        id="match-in-the-file",
    ),
    pytest.param("- {name: one, «when»: {operation: send}}", "did you mean `match`?", id="when"),
    pytest.param("- {name: one, «then»: {outcome: lost}}", "did you mean `respond`?", id="then"),
    pytest.param(ONE % "«statusCode»: 503", "did you mean `status`?", id="statusCode"),
    pytest.param(ONE % "«fixedDelayMilliseconds»: 20", "did you mean `delay`?", id="fixedDelayMilliseconds"),
    pytest.param(ONE % "status: 500, «code»: 500", "`status` is already there; remove this key", id="code-twice"),
    pytest.param(CALLBACK % "event: card.returned, «delay»: 2s", "did you mean `after`?", id="delay-of-a-callback"),
    pytest.param(CALLBACK % "event: card.returned, «retries»: 3", "did you mean `attempts`?", id="retries"),
    pytest.param(ONE % "delay: {«min»: 1s, max: 3s}", "write `{uniform: [1s, 3s]}`", id="min-and-max"),
    pytest.param(ONE % "fault: «timeout»", "write `hang`", id="fault-timeout"),
    pytest.param(ONE % "fault: «CONNECTION_RESET_BY_PEER»", "write `reset`", id="fault-of-another-tool"),
    pytest.param(ONE % "fault: «trunkate»", "write `truncate`", id="fault-misspelt"),
    pytest.param(TWO_STEPS % "then: «loop», steps: [{respond: {outcome: lost}}]", "write `restart`", id="then-loop"),
    pytest.param(
        TWO_STEPS % "steps: [{times: «twice», respond: {outcome: lost}}]", "write `2`", id="times-twice"
    ),
    pytest.param(ONE % "status: «404 Not Found», body: gone", "write `404`", id="status-line"),
    pytest.param("- {name: one, tags: «'smoke, slow'», respond: {}}", "write `[smoke, slow]`", id="tags-in-a-text"),
    pytest.param("- {name: one, enabled: «no», respond: {}}", "write `false`", id="enabled-no"),
    pytest.param("- {name: one, chance: «1 in 10», respond: {}}", "write `10%`", id="one-in-ten"),
    pytest.param("- {name: one, chance: «1/4», respond: {}}", "write `25%`", id="a-fraction"),
    pytest.param("- {name: one, chance: «5 percent», respond: {}}", "write `5%`", id="per-cent"),
    pytest.param("- {name: one, chance: «3/2», respond: {}}", "write for example 10%", id="more-than-one"),
    pytest.param(ONE % "outcome: lost, delay: «1s-3s»", "write `{uniform: [1s, 3s]}`", id="delay-range"),
    pytest.param(ONE % "outcome: lost, delay: «1 to 3s»", "write `{uniform: [1s, 3s]}`", id="delay-range-in-words"),
    pytest.param(
        ONE % "outcome: lost, delay: «'{{ random.integer(1, 3) }}s'»", "a delay takes no template", id="delay-template"
    ),
    pytest.param(CALLBACK % "event: card.returned, deliver: [«never»]", "write `drop`", id="never"),
    pytest.param(CALLBACK % "event: card.returned, deliver: [«twice»]", "write `duplicate`", id="twice"),
    pytest.param(
        CALLBACK % "event: card.returned, deliver: [«wrong-signature»]", "write `{corrupt: signature}`", id="signature"
    ),
    pytest.param("- {name: one, set: {«state.step»: done}, respond: {}}", "write `step`", id="state-in-set"),
    pytest.param("- {name: one, locale: «mi_NZ», respond: {}}", "write `en_NZ`", id="locale-of-the-country"),
    pytest.param(MATCH % "body.sent: {after: «-18 years»}", "write `-18y`", id="years-in-words"),
    pytest.param(MATCH % "body.sent: {after: «-18Y»}", "write `-18y`", id="unit-in-upper-case"),
    pytest.param(MATCH % "body.sent: {after: «today-18y»}", "write `-18y`", id="from-today"),
    pytest.param(MATCH % "body.sent: {after: «-6M»}", "write a date such as", id="minutes-or-months"),
    pytest.param(MATCH % "body.sent: {before: «tomorrow»}", "write `+1d`", id="tomorrow"),
    pytest.param(MATCH % "body.sent: {before: «31.12.2005»}", "write `2005-12-31`", id="day-month-year"),
    pytest.param(MATCH % "now: {after: «'22:00'»}", "a time of day needs its day", id="time-of-day"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "remedy"), CASES)
def test_a_key_or_word_leads_to_what_is_meant(tmp_path: Path, marked: str, remedy: str) -> None:
    problems, place = problems_and_place(tmp_path, marked)

    assert [(problem.line, problem.column, problem.length) for problem in problems][:1] == [place]
    assert remedy in problems[0].remedy


def test_another_word_for_a_required_key_does_not_count_as_missing(tmp_path: Path) -> None:
    problems, _ = problems_and_place(tmp_path, TWO_STEPS % "«responses»: [{respond: {outcome: lost}}]")

    assert [problem.rule for problem in problems] == ["unknown-key"]


def test_a_merge_with_dots_is_written_as_mappings() -> None:
    from msgspec.structs import replace

    send = replace(VOCABULARY.operations["send"], answer=frozenset({"card"}))
    merge = {"card.stamp.value": 3}
    written = {"match": {"operation": "send"}, "respond": {"outcome": "lost", "merge": merge}}

    findings = list(stray_merges(written, inline(**written), replace(VOCABULARY, operations={"send": send})))

    assert [finding.remedy for finding in findings] == [
        "write mappings, not dots: `merge: {card: {stamp: {value: 3}}}`"
    ]
