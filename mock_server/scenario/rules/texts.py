"""Texts in `match` that are compared letter by letter, although they look as if they meant more: wildcards,
templates, curly quotes and characters that look like others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.scenario.lookalikes import suspicious
from mock_server.scenario.matchers import MATCHERS, WrittenValue, written_values
from mock_server.scenario.model import Scenario
from mock_server.scenario.rules.finding import LintFinding, Path
from mock_server.scenario.vocabulary import Vocabulary
from mock_server.scenario.yaml_text import has_template, one_line

_REQUEST_TIME = re.compile(r"\{[{%]-?\s*(?:if |for |set )?\s*(?!vars\b|row\b|env\b)\w")
"""A template that needs more than what is known when the file is loaded."""


def misleading_texts(written: Mapping[str, Any], _: Scenario, __: Vocabulary) -> Iterator[LintFinding]:
    """Each such text of `match`."""
    match = written.get("match")
    for path, condition in match.items() if isinstance(match, Mapping) else ():
        for value in written_values(condition):
            if isinstance(value.value, str):
                finding = _check(("match", path, *value.path), value, value.value)
                if finding is not None:
                    yield finding


def _check(at: Path, written: WrittenValue, text: str) -> LintFinding | None:
    if has_template(text):
        return _template(at, text)
    suspect = suspicious(text)
    if suspect is not None:
        plain = one_line(suspect.plain)
        return LintFinding(
            at, "odd-character", f"{_shown(text)} {suspect.what}", f"write `{plain}`", fix=plain
        )
    if written.matcher == "equals" and (fix := without_operator(text)):
        message = f"{_shown(text)} is compared letter by letter; operators are not supported"
        return LintFinding(at, "operator", message, f"write `{fix}`", fix=None if "in" in at[2:] else fix)
    if "*" in text and written.matcher in MATCHERS and MATCHERS[written.matcher].is_literal:
        return _wildcard(at, written.matcher, text)
    return None


_OPERATORS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "!=": "not", "<>": "not", "=~": "regex"}
_OPERATOR = re.compile(r"(<=?|>=?|!=|<>|=~) ?(\S.*)")


def without_operator(text: str) -> str:
    """``< 5`` as a matcher; empty where no operator stands at the beginning."""
    match = _OPERATOR.fullmatch(text)
    if match is None:
        return ""
    argument = match[2] if re.fullmatch(r"-?\d+(\.\d+)?", match[2]) else one_line(match[2])
    return f"{{{_OPERATORS[match[1]]}: {argument}}}"


def _shown(text: str) -> str:
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`"


_BARE = re.compile(r"\{\{\s*(?!(?:request|verification|account|now|state|fake|random|uuid)\b)(\w+)\s*\}\}")
FOREIGN_TEMPLATE = re.compile(
    r"\$\{\s*((?:request|body|params|header|query|vars|row|env|now|account|state)\b[\w.\['\]-]*)\s*\}"
)
"""A template as other tools write it; group 1 is the name in it."""
_BELOW_REQUEST = ("body", "params", "header", "query")


def foreign_templates(written: Mapping[str, Any], _: Scenario, __: Vocabulary) -> Iterator[LintFinding]:
    """Templates of another tool in an answer, which are sent as they are."""
    for key in ("respond", "sequence", "callbacks", "set"):
        for at, text in _texts(written.get(key), (key,)):
            dollar = FOREIGN_TEMPLATE.search(text)
            if dollar is not None:
                name = f"request.{dollar[1]}" if dollar[1].split(".")[0] in _BELOW_REQUEST else dollar[1]
                message = f"`{dollar[0]}` is sent as it is: a template stands between {{{{ and }}}}"
                yield LintFinding(at, "literal-template", message, f"write `{{{{ {name} }}}}`")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index))


def _template(at: Path, text: str) -> LintFinding | None:
    if not _REQUEST_TIME.search(text):
        return None
    message = "a template in `match` is compared as it is written"
    name = _BARE.search(text)
    variable = f"for a variable of the file write `{{{{ vars.{name[1]} }}}}`; else " if name else ""
    return LintFinding(at, "literal-template", message, variable + _TEMPLATE_REMEDY)


_TEMPLATE_REMEDY = (
    "write the value itself; for a day relative to now write `{before: -18y}` or `{after: -18y}`"
)


def _wildcard(at: Path, matcher: str, text: str) -> LintFinding | None:
    """A text that begins or ends with a star, as in file names."""
    middle = text.strip("*")
    if not middle or "*" in middle or middle == text:
        return None
    message = f"{_shown(text)} is compared letter by letter: `*` is not a wildcard"
    if matcher != "equals":
        return LintFinding(at, "wildcard", message, f"write `{one_line(middle)}`", fix=one_line(middle))
    kind = "contains" if text[0] == text[-1] else "suffix" if text[0] == "*" else "prefix"
    fix = f"{{{kind}: {one_line(middle)}}}"
    return LintFinding(at, "wildcard", message, f"write `{fix}`", fix=None if "in" in at[2:] else fix)
