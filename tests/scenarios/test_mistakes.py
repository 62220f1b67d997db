"""The tables of mistakes: what the lint says, where, and that its remedies are right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scenarios.mistakes.table import Mistake, answer, mistakes, problems_of, repaired

MISTAKES = list(mistakes())
FIXABLE = [mistake for mistake in MISTAKES if any("fix" in each for each in mistake.answers)]


def title(mistake: Mistake) -> str:
    return f"{mistake.table}: {mistake.title}"


@pytest.mark.parametrize("mistake", MISTAKES, ids=title)
def test_the_lint_says_what_the_table_says(tmp_path: Path, mistake: Mistake) -> None:
    answers = [answer(problem, mistake.text, tmp_path) for problem in problems_of(tmp_path, mistake.text)]
    assert answers == mistake.answers


@pytest.mark.parametrize("mistake", FIXABLE, ids=title)
def test_each_fix_removes_its_problem_and_adds_none(tmp_path: Path, mistake: Mistake) -> None:
    problems = problems_of(tmp_path, mistake.text)
    for problem in problems:
        if problem.fix is not None:
            left = problems_of(tmp_path, repaired(mistake.text, problem))
            assert {each.rule for each in left if each.line == problem.line} <= {
                each.rule for each in problems if each != problem
            }
            assert len(left) < len(problems)


def test_no_message_shows_a_pattern_or_a_type_of_python() -> None:
    inner = re.compile(r"\(\?|\[\^|\\[dws]\b|\b(?:str|int|dict|NoneType|float)\b|<class")
    says = [each["says"] for mistake in MISTAKES for each in mistake.answers]
    assert [text for text in says if inner.search(text.replace("'^\\d{6}$'", ""))] == []


def test_each_mistake_has_an_answer_with_a_remedy() -> None:
    assert [mistake.title for mistake in MISTAKES if not mistake.answers] == []
    says = [each["says"] for mistake in MISTAKES for each in mistake.answers]
    assert [text for text in says if "; " not in text] == []
