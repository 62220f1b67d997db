"""The tables of mistakes: what the lint says, where, and that its remedies are right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scenarios.mistakes.table import Mistake, all_repaired, answer, mistakes, problems_of, repaired

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
    """What is not YAML hides the problems of the rest, which then have their turn."""
    problems = problems_of(tmp_path, mistake.text)
    for problem in problems:
        if problem.fix is not None:
            left = problems_of(tmp_path, repaired(mistake.text, problem))
            assert problem not in left
            assert len(left) < len(problems) or problem.rule == "yaml-syntax"


@pytest.mark.parametrize("mistake", MISTAKES, ids=title)
def test_a_file_that_follows_the_remedies_has_no_problems(tmp_path: Path, mistake: Mistake) -> None:
    text = mistake.fixed or all_repaired(tmp_path, mistake.text)
    assert [str(problem) for problem in problems_of(tmp_path, text)] == []


def test_no_message_shows_a_pattern_or_a_type_of_python() -> None:
    inner = re.compile(r"\(\?|\[\^|\\[dws]\b|\b(?:str|int|dict|NoneType|float)\b|<class")
    says = [each["says"] for mistake in MISTAKES for each in mistake.answers]
    assert [text for text in says if inner.search(re.sub("`[^`]*`|'[^']*'", "", text))] == []


def test_no_message_is_the_yaml_library_s() -> None:
    sayings = re.compile(
        r"not YAML|did not find|while (?:parsing|scanning)|block (?:mapping|end)|scalar|token|stream"
    )
    says = [each["says"] for mistake in MISTAKES for each in mistake.answers]
    assert [text for text in says if sayings.search(text)] == []


def test_each_mistake_has_an_answer_with_a_remedy() -> None:
    assert [mistake.title for mistake in MISTAKES if not mistake.answers] == []
    says = [each["says"] for mistake in MISTAKES for each in mistake.answers]
    assert [text for text in says if "; " not in text] == []
