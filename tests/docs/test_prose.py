"""The reader of sentences finds what it should, at the right place."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import prose

ROWS = prose.words()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This is no file.", ["is no file"]),
        ("It is no longer there.", []),
        ("There is\nno such path.", ["There is no", "is no such"]),
        ("A value is stored next to the record.", []),
        ("It lies beside the record and is kept.", ["kept", "beside"]),
        ("The secret ends with a blank.", ["blank"]),
        ("Separate them by a blank line.", []),
    ],
)
def test_words_to_avoid(text: str, expected: list[str]) -> None:
    assert sorted(finding.text for finding in prose.check("page", text, ROWS)) == sorted(expected)


def test_a_finding_has_its_line() -> None:
    [finding] = prose.check("docs/page.md", "One.\nTwo.\nIt wants a file.\n", ROWS)
    assert str(finding) == 'docs/page.md:3: \'wants\': "requires", "expects" or "must be"'


def test_code_is_not_prose() -> None:
    page = "Set `kept`.\n\n```yaml\nkept: beside\n```\n\nIt is kept.\n"
    [finding] = prose.check("page", prose.prose(Path("page.md"), page), ROWS)
    assert finding.place == "page:7"


def test_every_word_of_the_list_says_what_to_write() -> None:
    assert [row for row in ROWS if not row.instead] == []
