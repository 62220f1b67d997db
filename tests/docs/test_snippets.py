"""The snippets of ``docs/mistakes.md`` make the mistakes that they stand for. ``make examples`` proves those of all six languages."""

from __future__ import annotations

import pytest

from docs import build
from docs.signing_snippets import DIRECTIONS, LANGUAGES, codes, name, read, right, snippet, step
from tests.docs import snippets

EVERY = [(direction, code) for direction in DIRECTIONS for code in codes(direction)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mistake_of_every_vendor_has_an_entry(language: str) -> None:
    assert {*read(language)["wrong"]} == {code for _, code in EVERY}
    for direction, code in EVERY:
        entry = snippet(language, direction, code)
        assert entry.right == right(language, direction)[step(code)]
        assert entry.none.endswith(".") if entry.none else entry.wrong not in ("", entry.right), code


@pytest.fixture(scope="module")
def page() -> str:
    return build.signature_mistakes()


@pytest.mark.parametrize("code", dict.fromkeys(code for _, code in EVERY))
def test_the_page_has_each_mistake_in_six_languages(code: str, page: str) -> None:
    part = page.partition(f"\n### `{code}`\n")[2].partition("</details>")[0]
    assert [each for each in LANGUAGES if f"\n{name(each)}" not in part] == []


@pytest.mark.parametrize("language", snippets.IN_SUITE)
def test_the_doctor_names_exactly_the_mistake_of_each_snippet(language: str) -> None:
    assert snippets.wrongly_judged(snippets.signed(language)) == []


def test_a_snippet_that_makes_another_mistake_is_found() -> None:
    signatures = {case: (signature, wire) for case, signature, wire in snippets.signed("python")}
    usual = [snippets.Case("request", code, "") for code in (snippets.RIGHT, "unsorted", "full-url")]
    exchanged = [(case, *signatures[other]) for case, other in zip(usual, [*usual[1:], usual[0]])]
    assert snippets.wrongly_judged(exchanged) == [
        "request right : named ['unsorted']",
        "request unsorted : named ['full-url']",
        "request full-url : named []",
    ]
