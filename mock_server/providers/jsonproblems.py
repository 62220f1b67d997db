"""What is wrong with a text that should be JSON. A mistake is named only where the text is JSON once it is
repaired."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

from mock_server.providers.problems import RequestProblem

_LONGEST = 20_000
"""Characters of a text that is repaired."""
_STRINGS = r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)'
"""A string, or the rest of the text where one does not end: to try again from each quote would take time
without end."""
_LITERALS = {
    "True": "true",
    "False": "false",
    "None": "null",
    "undefined": "null",
    "NaN": "null",
    "Infinity": "null",
}


class _Mistake(NamedTuple):
    id: str
    says: str
    fix: str
    repair: Callable[[str], str]


def find_problem(text: str, subject: str, said: str = "") -> RequestProblem:
    """What keeps the text from being a JSON object. ``subject``: what it is, as "the body". ``said``: by the
    parser that refused it."""
    name = subject[:1].upper() + subject[1:]
    error = _error(text)
    if error is None:
        return _not_an_object(text, name, said)
    for ids in _explanations(text) if len(text) <= _LONGEST else ():
        mistakes = [_MISTAKES[each] for each in ids]
        says = "; ".join(mistake.says for mistake in mistakes)
        return RequestProblem(
            mistakes[0].id, f"{name} is not JSON: {says}.", " ".join(mistake.fix for mistake in mistakes)
        )
    return _beyond_repair(text, name, error)


def _beyond_repair(text: str, name: str, error: str) -> RequestProblem:
    whole = "Write it with a JSON library, and send it whole."
    if not text.strip():
        return RequestProblem("json-empty", f"{name} is empty.", "Send a JSON object: {…}.")
    if text.startswith("[object "):
        return RequestProblem(
            "json-object-text",
            f"{name} is {text[:40]!r}, the text of a JavaScript object.",
            "Write it with JSON.stringify.",
        )
    if error.startswith("Unterminated string") or error.endswith(f"(char {len(text.rstrip())})"):
        return RequestProblem("json-cut-off", f"{name} ends before its JSON does.", whole)
    if _FORM.fullmatch(text):
        return RequestProblem("json-malformed", f"{name} is a form, not JSON.", "Send a JSON object: {…}.")
    return RequestProblem("json-malformed", f"{name} is not JSON: {_plain(error)}.", whole)


_FORM = re.compile(r"[\w.\[\]%+-]+=[^\s{]*")
_PLACE = re.compile(r"(.*?)(?: at)?: (line \d+ column \d+) \(char \d+\)")
_SAYINGS = {
    "Expecting value": "a value is missing, or is not one of JSON",
    "Expecting property name": "a name in double quotes is missing",
    "Expecting ',' delimiter": "a comma is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Extra data": "something follows its end",
    "Invalid \\": "a backslash begins nothing that JSON knows",
    "Invalid control character": "a control character stands in a string",
    "Illegal trailing comma": "a comma stands before a closing bracket",
}


def _plain(error: str) -> str:
    """What Python's parser says, in plain words."""
    match = _PLACE.fullmatch(error)
    said = match[1] if match is not None else error
    plain = next((words for start, words in _SAYINGS.items() if said.startswith(start)), said)
    return f"{plain} ({match[2]})" if match is not None else plain


def _explanations(text: str) -> list[tuple[str, ...]]:
    """The fewest repairs that make JSON of the text: one of them, or all that are needed one after the
    other."""
    for name, mistake in _MISTAKES.items():
        if _error(mistake.repair(text)) is None:
            return [(name,)]
    used: list[str] = []
    for name, mistake in _MISTAKES.items():
        repaired = mistake.repair(text)
        if repaired != text:
            used, text = [*used, name], repaired
            if _error(text) is None:
                return [tuple(used)]
    return []


def _error(text: str) -> str | None:
    """What a JSON parser says; None: nothing."""
    try:
        json.loads(text, parse_constant=_refuse, parse_int=str)
    except RecursionError:
        return "it is nested too deeply"
    except ValueError as error:
        return str(error)
    return None


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not a JSON value")


def _not_an_object(text: str, name: str, said: str) -> RequestProblem:
    value = json.loads(text, parse_int=float)
    if isinstance(value, dict):
        remedy = "Nest it less deeply." if "nested" in said else "Send another value there."
        return RequestProblem(
            "json-unreadable", f"{name} is JSON, but the server cannot read it: {said}.", remedy
        )
    if isinstance(value, str) and _error(value) is None:
        return RequestProblem(
            "json-twice", f"{name} is JSON within a JSON string.", "Write it as JSON once, not twice."
        )
    kind = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}.get(
        type(value), "a number"
    )
    return RequestProblem(
        "json-not-object", f"{name} is {kind}, not a JSON object.", "Send a JSON object: {…}."
    )


# -- repairs
# ---------------------------------------------------------------------------------------------------
def _outside_strings(pattern: str, replace: Callable[[re.Match[str]], str]) -> Callable[[str], str]:
    """A function that replaces matches outside strings."""
    either = re.compile(rf"({_STRINGS})|{pattern}", re.DOTALL)
    return lambda text: either.sub(lambda match: match[0] if match[1] is not None else replace(match), text)


def _single_quotes(text: str) -> str:
    return _QUOTED.sub(
        lambda match: match[0] if match[1] is not None else json.dumps(re.sub(r"\\(.)", r"\1", match[2])),
        text,
    )


_QUOTED = re.compile(rf"({_STRINGS})|'((?:[^'\\]|\\.)*)(?:'|\\?\Z)", re.DOTALL)


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text.strip(), validate=True).decode()
    except ValueError:
        return text


_MISTAKES = {
    mistake.id: mistake
    for mistake in (
        _Mistake(
            "byte-order-mark", "it begins with a byte order mark", "Write UTF-8 without a byte order mark.",
            lambda text: text.removeprefix("\ufeff"),
        ),
        _Mistake("json-utf-16", "it is in UTF-16", "Encode it in UTF-8.", lambda text: text.replace("\0", "")),
        _Mistake("json-html", "its quotes are written for HTML (&quot;)", "Do not escape it for HTML.", html.unescape),
        _Mistake("json-encoded-twice", "it is percent-encoded twice", "Percent-encode the form once.", unquote),
        _Mistake("json-base64", "it is in Base64", "Send the JSON text itself.", _from_base64),
        _Mistake(
            "json-slashes", "its quotes are escaped with backslashes", "Do not escape the JSON text again.",
            lambda text: text.replace('\\"', '"'),
        ),
        _Mistake(
            "json-typographic", "it has typographic quotes", 'Write straight double quotes (").',
            lambda text: re.sub("[“”„]", '"', text),
        ),
        _Mistake(
            "json-comments", "it has comments", "Leave comments out.",
            _outside_strings(r"//[^\n]*|/\*(?:.*?\*/|.*\Z)", lambda _: " "),
        ),
        _Mistake(
            "json-single-quotes", "it has single quotes, as the text of a Python or JavaScript object has", "Write it with a JSON library.",
            _single_quotes,
        ),
        _Mistake(
            "json-literals", "it has True, False, None, NaN or undefined", "Write true, false and null.",
            _outside_strings(rf"\b(?:{'|'.join(_LITERALS)})\b", lambda match: _LITERALS[match[0]]),
        ),
        _Mistake(
            "json-bare-names", "it has names without quotes", "Put each name in double quotes.",
            _outside_strings(r"(?<=[{,\s])([A-Za-z_$][\w$]*)(\s*:)", lambda match: f'"{match[2]}"{match[3]}'),
        ),
        _Mistake(
            "json-trailing-comma", "it has a comma before a closing bracket", "Leave that comma out.",
            _outside_strings(r",(\s*[}\]])", lambda match: match[2]),
        ),
        _Mistake(
            "json-control-characters", "it has line breaks or other control characters within a string",
            "Write them as \\n, \\t and so on.",
            lambda text: re.sub(_STRINGS, lambda match: re.sub(r"[\0-\x1f]", " ", match[0]), text, flags=re.DOTALL),
        ),
    )
}  # fmt: skip
"""By id, in the order in which several are repaired."""
