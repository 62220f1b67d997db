"""A path in another tool's notation, or one that no request has, leads to ours."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from mock_server.scenario import lint
from mock_server.scenario.path_notations import flattened, respelled
from tests.scenario.postcard import VOCABULARY, document, write
from tests.scenario.test_mistakes import CALLBACK, MATCH, ONE, problems_and_place

BY = "- {name: one, match: {operation: send}, sequence: {by: %s, steps: [{respond: {outcome: lost}}, {respond: {}}]}}"


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("$.body.to.name", "body.to.name"),
        ("$['body'][\"to\"]", "body.to"),
        ("body/to/name", "body.to.name"),
        ("/body/to", "body.to"),
        ("request.body.to", "body.to"),
        ("body.stamps[0].value", "body.stamps.0.value"),
        ("body.to.name", "body.to.name"),
        ("header.X-A/b", "header.X-A/b"),
    ],
)
def test_a_path_of_another_notation_has_one_of_ours(written: str, plain: str) -> None:
    assert respelled(written) == plain


def test_nested_fields_have_a_path_each() -> None:
    value = {"name": {"family": "Ngāta", "given": "Mere"}, "country": "NZ"}

    assert (
        flattened("body.to", value)
        == "body.to.name.family: Ngāta, body.to.name.given: Mere, body.to.country: NZ"
    )


CASES = [
    pytest.param(MATCH % "«$.body.to.name»: x", "write `body.to.name`", id="json-path"),
    pytest.param(MATCH % "«$.to.name»: x", "write `body.to.name`", id="json-path-of-the-body"),
    pytest.param(MATCH % "«body/to/name»: x", "write `body.to.name`", id="slashes"),
    pytest.param(MATCH % "«request.body.to.name»: x", "write `body.to.name`", id="as-in-templates"),
    pytest.param(
        MATCH % "operation: send, «params.data.reference»: x", "write `body.reference`", id="below-a-parameter"
    ),
    pytest.param(
        MATCH % "operation: send, «'body.stamps[0].value'»: 3", "write `body.stamps.0.value`", id="index-in-brackets"
    ),
    pytest.param(
        MATCH % "operation: send, «body.tags.*»: red", "write `body.tags: {contains: red}`", id="star-for-an-item"
    ),
    pytest.param(
        MATCH % "operation: send, «body.stamps.*.value»: 3", "such as `body.stamps.0.value`", id="star-in-the-middle"
    ),
    pytest.param(
        MATCH % "body.to: {«name»: {family: Ngāta}}", "`body.to.name.family: Ngāta`", id="nested-mappings"
    ),
    pytest.param(MATCH % "body.to.name: {«ignoreCase»: true}", "`{regex: '(?i)^marlowe$'}`", id="upper-and-lower-case"),
    pytest.param(MATCH % "«any»: [{body.weight: 3}]", "for either of two fields write two scenarios", id="any-of-fields"),
    pytest.param(BY % "«body.to.nme»", "did you mean `body.to.name`?", id="counted-by-one"),
    pytest.param(BY % "[account, «body.to.nme»]", "did you mean `body.to.name`?", id="counted-by-several"),
    pytest.param(
        ONE % "body: {a: 1, b: {c: [x, «'{{ request.body.refrence }}'»]}}", "`body.reference`?", id="place-of-a-template"
    ),
    pytest.param(
        CALLBACK % "event: card.returned, url: 'http://localhost/', reference: «'{{ request.body.refrence }}'»",
        "`body.reference`?",
        id="template-of-a-callback",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "remedy"), CASES)
def test_the_path_that_is_meant_is_named_at_its_place(tmp_path: Path, marked: str, remedy: str) -> None:
    problems, place = problems_and_place(tmp_path, marked)

    assert [(problem.line, problem.column, problem.length) for problem in problems] == [place]
    assert remedy in problems[0].remedy


@pytest.mark.parametrize("path", ["body.tags.0", "body.stamps.3.value", "params.data", "params.data.1"])
def test_a_path_that_requests_have_is_right(tmp_path: Path, path: str) -> None:
    assert (
        lint.check(
            [write(tmp_path, document(MATCH % f"operation: send, {path}: x"))], {"postcard": VOCABULARY}
        )
        == []
    )


@pytest.mark.parametrize(
    "by",
    [
        "body.reference",
        "params.reference",
        "reference",
        "[body.to.name, reference]",
        "[account, body.reference]",
    ],
)
def test_steps_counted_by_the_reference_and_more_are_unreachable(tmp_path: Path, by: str) -> None:
    once = msgspec.structs.replace(VOCABULARY.operations["send"], reference_once=True, params=None)
    vocabulary = msgspec.structs.replace(VOCABULARY, operations={"send": once})

    problems = lint.check([write(tmp_path, document(BY % by))], {"postcard": vocabulary})

    assert [problem.rule for problem in problems] == ["unreachable-step"]


def test_contains_of_a_mapping_in_a_mapping_is_pointless() -> None:
    from mock_server.scenario.rules.types import mistyped_values
    from mock_server.scenario.vocabulary import MAPPING, FieldType
    from tests.scenario.postcard import inline

    send = msgspec.structs.replace(VOCABULARY.operations["send"], fields={"to": FieldType((MAPPING,))})
    written = {"match": {"operation": "send", "body.to": {"contains": {"name": "Ngāta"}}}}
    scenario = inline(match=written["match"])

    findings = list(
        mistyped_values(written, scenario, msgspec.structs.replace(VOCABULARY, operations={"send": send}))
    )

    assert [finding.remedy for finding in findings] == ["write its fields with dots: `body.to.name: Ngāta`"]
