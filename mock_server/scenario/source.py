"""A YAML text as plain JSON values, with the place of every key and value.

Scalars are read as YAML 1.2 and JSON do: only ``true`` and ``false`` are booleans (``yes``, ``no``, ``on``,
``off`` stay text, and so does a consent of ``Yes``), dates stay text, and so do numbers with a leading zero,
since those are codes and phone numbers. Size, nesting and the expansion of aliases are limited; a tag can
make nothing but the plain values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mock_server.scenario import yaml_errors
from mock_server.scenario.problems import NOWHERE, Place, Problem, key_path
from mock_server.scenario.yaml_text import one_line, quoted

try:
    from yaml.cyaml import CParser as _Parser  # type: ignore[attr-defined]
except ImportError:  # PyYAML built without libyaml: five times slower, otherwise alike
    from yaml.composer import Composer
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class _Parser(Reader, Scanner, Parser, Composer):  # type: ignore[no-redef]
        def __init__(self, stream: str) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)


MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 200_000

Path = Sequence["str | int"]

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})|0x[0-9a-fA-F]{1,15}|0o[0-7]{1,20}")
_FLOAT = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+|[1-9][0-9]*(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?"
)
_FIRST = frozenset("-+.0123456789~nNtTfF")
_PLAIN, _TEXT, _MERGE = "", "tag:yaml.org,2002:str", "<<"
_CORE_TAG = "tag:yaml.org,2002:"
_CORE = frozenset(f"{_CORE_TAG}{name}" for name in ("int", "float", "bool", "null", "map", "seq")) | {_TEXT}


class _Limit(Exception):
    """A limit is passed: the node, what is wrong, what to do."""

    def __init__(self, node: Node | None, message: str, remedy: str) -> None:
        super().__init__(message)
        self.node = node
        self.message = message
        self.remedy = remedy


class _Misread(Exception):
    """YAML reads it otherwise than it was meant."""

    def __init__(self, cause: yaml_errors.SyntaxCause) -> None:
        super().__init__(cause.message)
        self.cause = cause


class _Composer(_Parser):
    """Composes nodes; leaves the meaning of plain scalars to `_Reader`, and stops before deep nesting can
    exhaust the stack."""

    def __init__(self, text: str) -> None:
        self._depth = 0
        super().__init__(text)

    def resolve(self, kind: type, _value: str, implicit: Any) -> str:
        return _TEXT if kind is ScalarNode and not implicit[0] else _PLAIN

    def descend_resolver(self, parent: Node | None, _index: Any) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Limit(parent, f"nested more than {MAX_DEPTH} deep", "make it flatter")

    def ascend_resolver(self) -> None:
        self._depth -= 1


class Source:
    """One file: its text, its plain value and its places. ``value`` is None for a file of nothing but
    comments."""

    def __init__(self, file: str, text: str, value: Any, root: Node | None, *, broken: bool = False) -> None:
        self.file = file
        self.text = text
        self.value = value
        self.broken = broken
        """True: it is not YAML, or passes a limit."""
        self._root = root
        self._children: dict[int, _Children] = {}
        """By the node's identity, made when first asked for: a large mapping is searched once."""

    def place(self, path: Path, *, key: bool = False) -> Place:
        """The place of the value at the path, or of its key with ``key``. If the path does not exist, the place of
        its nearest ancestor."""
        node, key_node = self._root, None
        for part in path:
            child = self._child(node, part)
            if child is None:
                break
            key_node, node = child
        return _place(key_node if key and key_node is not None else node)

    def _child(self, node: Node | None, part: str | int) -> tuple[Node | None, Node] | None:
        if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            return None, node.value[part]
        if not isinstance(node, MappingNode):
            return None
        children = self._children.get(id(node))
        if children is None:
            children = self._children[id(node)] = _children(node)
        return children.get(part)

    def names(self, index: int) -> Mapping[str, Any]:
        """What templates of the scenario at that place know since the file was loaded."""
        return {}

    def row(self, index: int) -> str:
        """The row that the scenario at that place is made of, such as ``customers.csv:3``; empty: none."""
        return ""

    def group(self, index: int) -> int:
        """The place in the file of what the scenario at that place is made of."""
        return index

    def problem(
        self,
        path: Path,
        rule: str,
        message: str,
        remedy: str = "",
        *,
        key: bool = False,
        severity: str = "error",
        fix: str | None = None,
    ) -> Problem:
        """A problem at that place; ``fix`` is dropped where the value goes over several lines."""
        place = self.place(path, key=key)
        return Problem(
            self.file,
            place.line,
            place.column,
            message,
            remedy,
            severity,
            rule,
            place.length,
            key_path(path),
            fix if place.is_whole else None,
        )


class _Wrapped(Source):
    """A text that is one scenario with its provider, read as the file of that one."""

    def place(self, path: Path, *, key: bool = False) -> Place:
        inner = path[2:] if tuple(path[:2]) == ("scenarios", 0) else path
        return super().place(inner, key=key)


def wrapped(written: Source, whole: Any) -> Source:
    """The text as a file with the value ``whole``: either its own one, or that in which it is the only scenario."""
    is_whole = not isinstance(written.value, Mapping) or "scenarios" in written.value
    kind = Source if is_whole else _Wrapped
    return kind(written.file, written.text, whole, written._root)


def inline(value: Any) -> Source:
    """A document that came as JSON: no lines, only key paths."""
    return Source("<inline>", "", value, None)


def read(file: str, raw: bytes) -> tuple[Source, list[Problem]]:
    """Parse one file. Where YAML itself is broken the value is None and the problems say so."""
    text, problem = _decode(file, raw)
    if problem is None:
        try:
            root = _Composer(text).get_single_node()
        except yaml.MarkedYAMLError as error:
            problem = yaml_errors.syntax(file, text, error)
        except yaml.reader.ReaderError:
            problem = yaml_errors.unreadable(file, text, _first_control(text))
        except _Limit as limit:
            problem = _over(file, limit)
    if problem is not None:
        return Source(file, text, None, None, broken=True), [problem]
    if root is None:
        return Source(file, text, None, None), []
    reader = _Reader(file, text)
    try:
        return Source(file, text, reader.value(root, 0), root), reader.problems
    except _Limit as limit:
        return Source(file, text, None, None, broken=True), [_over(file, limit)]
    except _Misread as misread:
        return Source(file, text, None, None, broken=True), [yaml_errors.problem(file, misread.cause)]


def _over(file: str, limit: _Limit) -> Problem:
    place = _place(limit.node)
    return Problem(file, place.line, place.column, limit.message, limit.remedy, rule="yaml-limit")


def _decode(file: str, raw: bytes) -> tuple[str, Problem | None]:
    if len(raw) > MAX_BYTES:
        return "", Problem(
            file,
            1,
            1,
            f"the file has {len(raw):,} bytes; the limit is {MAX_BYTES:,}",
            "split it",
            rule="yaml-limit",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "", yaml_errors.undecodable(file, raw, error)
    if "\x00" in text[:4]:
        return "", Problem(file, 1, 1, "the file is in UTF-16", "save it as UTF-8", rule=yaml_errors.RULE)
    return text, None


_CONTROL = (
    (0x00, 0x08),
    (0x0B, 0x0C),
    (0x0E, 0x1F),
    (0x7F, 0x84),
    (0x86, 0x9F),
    (0xD800, 0xDFFF),
    (0xFFFE, 0xFFFF),
)


def _first_control(text: str) -> int:
    return next((index for index, character in enumerate(text) if _is_control(character)), 0)


def _is_control(character: str) -> bool:
    return any(low <= ord(character) <= high for low, high in _CONTROL)


def _place(node: Node | None) -> Place:
    if node is None:
        return NOWHERE
    start, end = node.start_mark, node.end_mark
    is_whole = end is not None and end.line == start.line
    length = end.column - start.column if is_whole else 1
    return Place(start.line + 1, start.column + 1, max(1, length), is_whole and length > 0)


_Children = dict["str | int", "tuple[Node | None, Node]"]


def _children(node: MappingNode) -> _Children:
    """Key → key node and value node; the mapping's own before those of `<<`, the first before the second."""
    own: _Children = {}
    merged: _Children = {}
    for key, value in node.value:
        if key.value == _MERGE:
            for base in value.value if isinstance(value, SequenceNode) else [value]:
                if isinstance(base, MappingNode):
                    merged = {**_children(base), **merged}
        elif isinstance(key, ScalarNode):
            own.setdefault(key.value, (key, value))
    return {**merged, **own}


class _Reader:
    """Nodes to plain values, noting what cannot be one."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._lines = text.split("\n")
        self.problems: list[Problem] = []
        self._count = 0

    def _note(self, node: Node, rule: str, message: str, remedy: str = "") -> None:
        place = _place(node)
        self.problems.append(
            Problem(self.file, place.line, place.column, message, remedy, rule=rule, length=place.length)
        )

    def value(self, node: Node, depth: int) -> Any:
        self._count += 1
        if self._count > MAX_NODES:
            message = f"more than {MAX_NODES:,} values, aliases counted as often as they are used"
            raise _Limit(node, message, "split the file, or use fewer aliases")
        if depth > MAX_DEPTH:
            raise _Limit(node, "an alias that holds itself", "remove the alias")
        tag = node.tag
        if tag is not _PLAIN and tag is not _TEXT and tag not in _CORE:
            if tag[:1] == "!" and isinstance(node, ScalarNode) and not node.style:
                return self._exclamation(node)
            self._note(
                node, "yaml-tag", f"the tag `{tag.replace(_CORE_TAG, '!!')}` is not allowed", "remove it"
            )
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if isinstance(node, SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        assert isinstance(node, MappingNode)
        return self._mapping(node, depth + 1)

    def _exclamation(self, node: ScalarNode) -> str | None:
        """A text that begins with an exclamation mark, which makes its first word a tag."""
        start, end = node.start_mark, node.end_mark
        line = self._lines[start.line]
        text = (
            line[start.column : end.column].rstrip()
            if end.line == start.line
            else line[start.column :].rstrip()
        )
        if text.startswith("!="):
            fix = f"{{not: {one_line(text[2:].strip())}}}"
            message, remedy, value = f"`{text}` is not a condition", f"write `{fix}`", None
        else:
            fix = quoted(text)
            message, remedy, value = "a text cannot begin with `!`", f"put the text in quotes: `{fix}`", text
        cause = yaml_errors.SyntaxCause(start.line + 1, start.column + 1, message, remedy, len(text), fix)
        self.problems.append(yaml_errors.problem(self.file, cause))
        return value

    def _scalar(self, node: ScalarNode) -> Any:
        text: str = node.value
        if node.tag == _TEXT:
            return text
        if text and text[0] not in _FIRST:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return int(text, 0)
        if _FLOAT.fullmatch(text):
            number = float(text)
            return number if math.isfinite(number) else text
        return text

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if type(key_node) is not ScalarNode or (key == "" and key_node.tag is _PLAIN):
                self._bad_key(node, key_node)
                continue
            if key[:1] != key[:1].strip() and key_node.tag is _PLAIN:
                self._odd_indentation(key_node)
            if key == _MERGE and key_node.tag is _PLAIN:
                self._merge(value_node, merged, depth)
                continue
            if key in own:
                message = f"the key `{key}` appears twice in this mapping, first on line {lines[key]}"
                self._note(key_node, "duplicate-key", message, "remove one of them")
                continue
            lines[key] = key_node.start_mark.line + 1
            own[key] = self.value(value_node, depth)
        return {**merged, **own} if merged else own

    def _odd_indentation(self, key_node: Node) -> None:
        line = key_node.start_mark.line
        cause = yaml_errors.odd_indentation(self._lines[line], line + 1)
        if cause is not None:
            raise _Misread(cause)

    def _bad_key(self, node: MappingNode, key_node: Node) -> None:
        """A key that is not text: mostly a template without quotes."""
        line = node.start_mark.line
        cause = yaml_errors.unquoted_template(self._lines[line], line + 1)
        if cause is not None and isinstance(key_node, MappingNode):
            self.problems.append(yaml_errors.problem(self.file, cause))
        else:
            self._note(key_node, "yaml-key", "a key must be a text", "write `name: value`")

    def _merge(self, node: Node, merged: dict[str, Any], depth: int) -> None:
        for base in node.value if isinstance(node, SequenceNode) else [node]:
            if not isinstance(base, MappingNode):
                self._note(base, "yaml-merge", "`<<` takes a mapping, or a list of them", "write `<<: *name`")
                continue
            for key, value in self.value(base, depth).items():
                merged.setdefault(key, value)
