"""Says why a text is not YAML, in words for testers: the place of the cause, which is often not where the parser
gave up, and what to write instead.

Each detector knows one cause and looks at the lines up to the parser's place; the first that finds its cause is
believed. Long because it is the whole list of causes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

import yaml

from mock_server.scenario.problems import Problem
from mock_server.scenario.yaml_text import one_line, quoted

RULE = "yaml-syntax"


class SyntaxCause(NamedTuple):
    """Why the text cannot be read; ``line`` and ``column`` count from 1."""

    line: int
    column: int
    message: str
    remedy: str
    length: int = 1
    fix: str | None = None


class BrokenText(NamedTuple):
    """A text, where its parser gave up, and where it began what it was reading then; places count from 0."""

    lines: list[str]
    said: str
    line: int
    column: int
    began: tuple[int, int] | None


def syntax(file: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """The problem of a text that the parser refuses."""
    mark, context = error.problem_mark or error.context_mark, error.context_mark
    broken = BrokenText(
        _BREAK.split(text),
        f"{error.problem or ''} {error.context or ''}",
        mark.line if mark is not None else 0,
        mark.column if mark is not None else 0,
        (context.line, context.column) if context is not None else None,
    )
    cause = next(cause for detect in _DETECTORS if (cause := detect(broken)) is not None)
    return problem(file, cause)


def problem(file: str, cause: SyntaxCause) -> Problem:
    """The problem of a file with that cause."""
    return Problem(
        file,
        cause.line,
        cause.column,
        cause.message,
        cause.remedy,
        "error",
        RULE,
        cause.length,
        "",
        cause.fix,
    )


def unreadable(file: str, text: str, index: int) -> Problem:
    """The problem of a character that must not stand in YAML."""
    line, column = text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
    code = f"\\x{ord(text[index]):02x}" if ord(text[index]) < 256 else f"\\u{ord(text[index]):04x}"
    message = f"the control character {_number(text[index])} cannot stand in a file"
    remedy = f"remove it, or write it as `{code}` in double quotes"
    return Problem(file, line, column, message, remedy, rule=RULE, fix="")


def undecodable(file: str, raw: bytes, error: UnicodeDecodeError) -> Problem:
    """The problem of a file that is not UTF-8."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in raw[:4]:
        return Problem(file, 1, 1, "the file is in UTF-16", "save it as UTF-8", rule=RULE)
    before = raw[: error.start].decode("utf-8-sig", "replace")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    character = raw[error.start : error.start + 1].decode("cp1252", "replace")
    message = f"the file is not UTF-8: this looks like `{character}` in an older encoding"
    return Problem(file, line, column, message, "save the file as UTF-8", rule=RULE)


# --- lines

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line of YAML 1.1, by which its parser counts."""
_KEY = re.compile(r"\s*(?:- +)*[\w.$/-]+:(?:\s|$)")
_INDENT = re.compile(r"[^\S\n]*")


def _indent(line: str) -> str:
    match = _INDENT.match(line)
    return match[0] if match is not None else ""


def _is_empty(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _before(broken: BrokenText, line: int) -> int | None:
    """The last line with something on it before that one."""
    return next((index for index in range(line - 1, -1, -1) if not _is_empty(broken.lines[index])), None)


def _number(character: str) -> str:
    return f"U+{ord(character):04X}"


# --- detectors

_CONFLICT = re.compile(r"(<{7}|>{7}|\|{7}|={7})(?: |$)")


def _conflict(broken: BrokenText) -> SyntaxCause | None:
    for index, line in enumerate(broken.lines):
        if match := _CONFLICT.match(line):
            message = "this line is left over from a Git merge conflict"
            remedy = "keep one of the two versions, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`"
            return SyntaxCause(index + 1, 1, message, remedy, len(match[1]))
    return None


def _odd_indentation(broken: BrokenText) -> SyntaxCause | None:
    for index, line in enumerate(broken.lines[: broken.line + 1]):
        cause = odd_indentation(line, index + 1)
        if cause is not None:
            return cause
    return None


def odd_indentation(line: str, number: int) -> SyntaxCause | None:
    """What is wrong with the characters before the first word of a line."""
    indent = _indent(line)
    odd = next((character for character in indent if character not in " \t\r"), "")
    if not odd or _is_empty(line):
        return None
    name = unicodedata.name(odd, "unnamed").lower()
    message = f"this line is indented with the {name} ({_number(odd)}), which only looks like a space"
    fix = " " * len(indent)
    return SyntaxCause(number, 1, message, "indent it with ordinary spaces", len(indent), fix)


def _tab(broken: BrokenText) -> SyntaxCause | None:
    for index, line in enumerate(broken.lines[: broken.line + 1]):
        indent = _indent(line)
        if "\t" in indent and not _is_empty(line):
            fix = " " * _expected(broken, index)
            message = "this line is indented with a tab, which YAML does not allow"
            return SyntaxCause(index + 1, 1, message, f"indent it by {_spaces(len(fix))}", len(indent), fix)
    return None


def _expected(broken: BrokenText, line: int) -> int:
    """How far a line is indented that goes on where the line before it ends."""
    before = _before(broken, line)
    if before is None:
        return 0
    text = broken.lines[before].expandtabs(2)
    match = re.match(r" *(?:- +)*", text)
    column = match.end() if match is not None else 0
    return column + 2 if text.rstrip().endswith(":") else column


def _spaces(count: int) -> str:
    return "no space" if not count else f"{count} space{'' if count == 1 else 's'}"


_OPENING = re.compile(r"(?:^[ \t]*(?:- +)*|[:,?-][ ]+|[\[{,][ ]*)([\"'])|(?:^|[ \t])#[^\n]*", re.MULTILINE)
_CLOSING = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL),
    "'": re.compile(r"'(?:[^']|'')*'", re.DOTALL),
}


def _open_quote(broken: BrokenText) -> SyntaxCause | None:
    text = "\n".join(broken.lines)
    position = 0
    while match := _OPENING.search(text, position):
        position = match.end()
        if match[1] is None:
            continue
        closed = _CLOSING[match[1]].match(text, match.start(1))
        below = closed[0].split("\n")[1:] if closed is not None else []
        if closed is not None and not any(map(_KEY.match, below)):
            position = closed.end()
            continue
        line = text.count("\n", 0, match.start(1))
        if line > broken.line:
            return None
        column = match.start(1) - (text.rfind("\n", 0, match.start(1)) + 1)
        rest = broken.lines[line][column:].rstrip()
        message = f"the quote {match[1]} opened here is not closed"
        remedy = f"close it at the end of the text: `{rest}{match[1]}`"
        return SyntaxCause(line + 1, column + 1, message, remedy, len(rest), f"{rest}{match[1]}")
    return None


_BLOCK_TEMPLATE = re.compile(r"\s*(?:- +)*(?:[\w.$/-]+:[ ]+)?([^\s\"'\[{#|>][^{]*?\{[{%].*|\{[{%].*)$")
_FLOW_TEMPLATE = re.compile(r"(?<=[:,\[{] )([^,\[\]{}\"'\n]*\{[{%].*?[}%]\}[^,\[\]{}\n]*)")


def unquoted_template(line: str, number: int) -> SyntaxCause | None:
    """A template on the line that is not in quotes."""
    if "{{" not in line and "{%" not in line:
        return None
    match = _BLOCK_TEMPLATE.match(line) or _FLOW_TEMPLATE.search(line)
    if match is None:
        return None
    text = match[1].rstrip()
    message, fix = "a template must be in quotes", quoted(text)
    return SyntaxCause(number, match.start(1) + 1, message, f"write `{fix}`", len(text), fix)


def _template(broken: BrokenText) -> SyntaxCause | None:
    for index in dict.fromkeys((broken.line, broken.began[0] if broken.began else broken.line)):
        if index < len(broken.lines) and (cause := unquoted_template(broken.lines[index], index + 1)):
            return cause
    return None


def _behind_a_quote(broken: BrokenText) -> SyntaxCause | None:
    line = broken.lines[broken.line] if broken.line < len(broken.lines) else ""
    behind = line[: broken.column].rstrip().endswith(('"', "'")) and line[broken.column :].strip()
    if not behind or "escape" in broken.said or "hexdecimal" in broken.said:
        return None
    match = re.match(r"\s*(?:- +)*[\w.$/-]+: +((?P<quote>[\"']).*?)\s*$", line)
    if match is None:
        return None
    value, mark = match[1], match["quote"]
    inner = value[1:-1] if value.endswith(mark) and value.count(mark) % 2 else value
    fix = quoted(inner)
    message = "a text goes on after its closing quote"
    return SyntaxCause(
        broken.line + 1, match.start(1) + 1, message, f"put all of it in quotes: `{fix}`", len(value), fix
    )


_GLUED_DASH = re.compile(r"\s*(-([A-Za-z_][\w.$/-]*: .*\S))")


def _glued_dash(broken: BrokenText) -> SyntaxCause | None:
    for index, line in enumerate(broken.lines[: broken.line + 1]):
        if match := _GLUED_DASH.match(line):
            fix = f"- {match[2]}"
            after = next((text for text in broken.lines[index + 1 :] if not _is_empty(text)), "")
            is_whole = len(_indent(after)) != match.start(2)
            message = "a space is missing after the dash"
            remedy = (
                f"write `{fix}`" if is_whole else f"write `{fix}`, and indent the lines below by one more"
            )
            return SyntaxCause(
                index + 1, match.start(1) + 1, message, remedy, len(match[1]), fix if is_whole else None
            )
    return None


_FALSE_COLON = re.compile(r"\s*(?:- +)*(([\w.$/-]+)\s*([：﹕︓])\s*(.*\S))")
_FALSE_DASH = re.compile(r"\s*(([–—−‒•‐])\s*(\S.*))")


def _lookalike(broken: BrokenText) -> SyntaxCause | None:
    """A character that only looks like a colon or a dash."""
    for index, line in enumerate(broken.lines[: broken.line + 1]):
        if match := _FALSE_COLON.match(line):
            fix = f"{match[2]}: {match[4]}"
            message = f"`{match[3]}` ({_number(match[3])}) only looks like a colon"
            return SyntaxCause(index + 1, match.start(1) + 1, message, f"write `{fix}`", len(match[1]), fix)
        if match := _FALSE_DASH.match(line):
            fix = f"- {match[3]}"
            message = f"`{match[2]}` ({_number(match[2])}) only looks like a dash"
            return SyntaxCause(index + 1, match.start(1) + 1, message, f"write `{fix}`", len(match[1]), fix)
    return None


def _missing_colon(broken: BrokenText) -> SyntaxCause | None:
    if "could not find expected ':'" in broken.said and broken.began is not None:
        return _without_colon(broken.lines[broken.began[0]], broken.began[0] + 1)
    before = _before(broken, broken.line)
    if "mapping values are not allowed" in broken.said and before is not None:
        line = broken.lines[before]
        deeper = len(_indent(broken.lines[broken.line])) > len(_indent(line))
        if not _KEY.match(line) and (deeper or line.lstrip().startswith("- ")):
            return _without_colon(line, before + 1)
    return None


def _without_colon(line: str, number: int) -> SyntaxCause:
    match = re.match(r"\s*(?:-(?= +))?\s*", line)
    start = match.end() if match is not None else 0
    text = line[start:].rstrip()
    if glued := re.match(r"([\w.$/-]+):(\S.*)", text):
        fix = f"{glued[1]}: {glued[2]}"
        return SyntaxCause(
            number, start + 1, "a space is missing after the colon", f"write `{fix}`", len(text), fix
        )
    if named := re.match(r"([\w.$/-]+)\s+(\S.*)", text):
        fix = f"{named[1]}: {named[2]}"
        return SyntaxCause(
            number, start + 1, f"a colon is missing after `{named[1]}`", f"write `{fix}`", len(text), fix
        )
    return SyntaxCause(
        number, start + 1, f"`{text}` has no colon", f"write `{text}: …`, or remove it", len(text) or 1
    )


def _colon_in_text(broken: BrokenText) -> SyntaxCause | None:
    if "mapping values are not allowed" not in broken.said:
        return None
    match = re.match(
        r"\s*(?:- +)*[\w.$/-]+: +([^\"'\[{|>#].*: .*|[^\"'\[{|>#].*:)\s*$", broken.lines[broken.line]
    )
    if match is None:
        return None
    fix = quoted(match[1])
    message = "a text with a colon followed by a space must be in quotes"
    return SyntaxCause(broken.line + 1, match.start(1) + 1, message, f"write `{fix}`", len(match[1]), fix)


_OF_INDENTATION = (
    "mapping values are not allowed",
    "did not find expected key",
    "did not find expected '-'",
    "expected <block end>",
    "did not find expected <document start>",
    "expected '<document start>'",
)


def _indentation(broken: BrokenText) -> SyntaxCause | None:
    line = broken.lines[broken.line] if broken.line < len(broken.lines) else ""
    wrong = len(_indent(line))
    at_start = broken.column == wrong or "mapping values" in broken.said
    if not any(part in broken.said for part in _OF_INDENTATION) or not at_start or not line.strip():
        return None
    levels = _levels(broken, is_item=line.lstrip().startswith("- "))
    if not levels:
        return None
    if not wrong and min(levels) > 0:
        first = next(index for index, text in enumerate(broken.lines) if not _is_empty(text))
        return SyntaxCause(
            first + 1,
            1,
            "the file begins with an indented line",
            "remove the spaces before it",
            min(levels),
            "",
        )
    right = min(levels, key=lambda level: (abs(level - wrong), -level))
    if right == wrong:
        return None
    after = next((text for text in broken.lines[broken.line + 1 :] if not _is_empty(text)), "")
    alone = len(_indent(after)) != wrong
    fix = " " * right if wrong else " " * right + line[0]
    message = f"this line is indented by {_spaces(wrong)}, and its neighbours by {right}"
    remedy = f"indent it by {_spaces(right)}"
    return SyntaxCause(broken.line + 1, 1, message, remedy, wrong or 1, fix if alone else None)


def _levels(broken: BrokenText, *, is_item: bool) -> list[int]:
    """How far keys, or list items, are indented in the blocks that are open before the line."""
    open_levels: list[tuple[int, bool]] = []
    for line in broken.lines[: broken.line]:
        if _is_empty(line):
            continue
        for column, item in _columns(line):
            open_levels = [level for level in open_levels if level[0] < column or level == (column, item)]
            open_levels.append((column, item))
    return [column for column, item in open_levels if item is is_item]


def _columns(line: str) -> Iterator[tuple[int, bool]]:
    """Where list items and the first key of a line begin."""
    column = len(_indent(line))
    while (match := re.match(r"- +", line[column:])) is not None:
        yield column, True
        column += match.end()
    yield column, False


_BRACKETS = {"{": "}", "[": "]"}


def _bracket(broken: BrokenText) -> SyntaxCause | None:
    if "did not find expected ',' or" not in broken.said and "expected ',' or" not in broken.said:
        return None
    assert broken.began is not None
    (start, column), line = broken.began, broken.lines[broken.line] if broken.line < len(broken.lines) else ""
    opened = broken.lines[start][column : column + 1]
    here = line[broken.column : broken.column + 1]
    if here in ("}", "]") and opened in _BRACKETS and here != _BRACKETS[opened]:
        message = f"`{opened}` is closed with `{here}`"
        fix = f"{_BRACKETS[opened]}{here}"
        return SyntaxCause(
            broken.line + 1, broken.column + 1, message, f"close it with `{_BRACKETS[opened]}`", 1, fix
        )
    if broken.line > start and (not line.strip() or _KEY.match(line)):
        rest = broken.lines[start][column:].rstrip()
        closing = "".join(reversed([_BRACKETS[mark] for mark in _open_marks(rest)]))
        message = f"the bracket `{opened}` opened here is not closed"
        return SyntaxCause(
            start + 1, column + 1, message, f"write `{rest}{closing}`", len(rest), f"{rest}{closing}"
        )
    match = re.search(r"(?<=\S)\s+([\w.\"'-]+)\s*$", line[: broken.column]) if here == ":" else None
    at = match.start() if match is not None else broken.column
    word = match[0] if match is not None else here
    message = "a comma is missing before this"
    remedy = "separate what stands in brackets by commas, and put a text with a bracket or comma in quotes"
    return SyntaxCause(
        broken.line + 1, at + 1, message, remedy, max(1, len(word)), f",{word}" if match is not None else None
    )


def _open_marks(text: str) -> list[str]:
    marks: list[str] = []
    for character in re.sub(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'", "", text):
        if character in _BRACKETS:
            marks.append(character)
        elif character in "}]" and marks:
            marks.pop()
    return marks


_QUOTE_IT = "put the text in quotes"
_BACKSLASH = "a backslash in double quotes begins a special character"
_DOUBLE_IT = "write \\\\ for a backslash, or use single quotes"
_SAYINGS = (
    ("unknown escape character", _BACKSLASH, _DOUBLE_IT),
    ("hexdecimal", _BACKSLASH, _DOUBLE_IT),
    (
        "undefined alias",
        "a text that begins with `*` stands for an anchor, and none above has this name",
        "put the text in quotes, or write the anchor `&name` above",
    ),
    ("an alias", "a text cannot begin with `*`", _QUOTE_IT),
    ("an anchor", "a text cannot begin with `&`", _QUOTE_IT),
    ("a tag", "a text cannot begin with `!`", _QUOTE_IT),
    (
        "expected a single document",
        "a file holds one document, and `---` begins another",
        "remove the line, or move what follows to a file of its own",
    ),
    (
        "block sequence entries",
        "a list item cannot start on the line of its key",
        "begin the list on the next line, or write it as [a, b]",
    ),
    ("cannot start any token", "a text cannot begin with this character", _QUOTE_IT),
    (
        "a block scalar",
        "nothing may stand after `|` or `>`",
        "begin the text on the next line, or put it in quotes",
    ),
    ("node content", "a value is missing here", "write it, or remove the comma"),
    ("directive", "a line cannot begin with `%`", _QUOTE_IT),
)
"""Part of what the parser says, message, remedy."""


def _saying(broken: BrokenText) -> SyntaxCause:
    line = broken.lines[broken.line] if broken.line < len(broken.lines) else ""
    for part, message, remedy in _SAYINGS:
        if part in broken.said:
            return _of_saying(broken, line, part, message, remedy)
    if (here := line[broken.column : broken.column + 1]) in ("}", "]"):
        return SyntaxCause(
            broken.line + 1, broken.column + 1, f"`{here}` closes no bracket", "remove it", 1, ""
        )
    remedy = "check its indentation, and the quotes, brackets and colons on it and on the line above"
    return SyntaxCause(broken.line + 1, broken.column + 1, "this line cannot be understood", remedy)


def _of_saying(broken: BrokenText, line: str, part: str, message: str, remedy: str) -> SyntaxCause:
    column = broken.column
    if part in ("an alias", "an anchor", "a tag") and broken.began is not None:
        column = broken.began[1]
    if message == _BACKSLASH:
        return _escape(broken, line, message, remedy)
    if not remedy.startswith(_QUOTE_IT):
        return SyntaxCause(broken.line + 1, column + 1, message, remedy)
    in_brackets = bool(_open_marks(line[:column]))
    match = re.match(r"[^,\[\]{}]*[^,\[\]{}\s]" if in_brackets else r".*\S", line[column:])
    text = match[0] if match is not None else ""
    if operator := re.fullmatch(r">(=?) ?(\S+)", text):
        matcher = f"{{{'gte' if operator[1] else 'gt'}: {one_line(operator[2])}}}"
        message = f"`{text}` is not a condition"
        return SyntaxCause(broken.line + 1, column + 1, message, f"write `{matcher}`", len(text), matcher)
    fix = quoted(text) if text else None
    shown = "this" if not text else "a backquote" if text[0] == "`" else f"`{text[0]}`"
    message = message.replace("this character", shown)
    return SyntaxCause(
        broken.line + 1,
        column + 1,
        message,
        remedy if fix is None else remedy.replace(_QUOTE_IT, f"{_QUOTE_IT}: `{fix}`"),
        len(text) or 1,
        fix,
    )


def _escape(broken: BrokenText, line: str, message: str, remedy: str) -> SyntaxCause:
    start = broken.began[1] if broken.began is not None else broken.column
    match = _CLOSING['"'].match(line, start)
    if match is None or "'" in match[0]:
        return SyntaxCause(broken.line + 1, broken.column + 1, message, remedy)
    fix = f"'{match[0][1:-1]}'"
    return SyntaxCause(broken.line + 1, start + 1, message, f"{remedy}: `{fix}`", len(match[0]), fix)


_DETECTORS: tuple[Callable[[BrokenText], SyntaxCause | None], ...] = (
    _conflict,
    _odd_indentation,
    _tab,
    _open_quote,
    _template,
    _behind_a_quote,
    _glued_dash,
    _lookalike,
    _missing_colon,
    _colon_in_text,
    _indentation,
    _bracket,
    _saying,
)
