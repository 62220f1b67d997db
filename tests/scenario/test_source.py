"""YAML is read as JSON people mean it, safely, and every key and value knows its place."""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml.nodes import MappingNode

from mock_server.scenario import source
from mock_server.scenario.problems import Place


def value_of(text: str) -> Any:
    read, problems = source.read("f.yaml", text.encode())
    assert problems == []
    return read.value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("nan", "nan"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
        ("12:30:45", "12:30:45"),
        ("0211234567", "0211234567"),
        ("007", "007"),
        ("-07", "-07"),
        ("0", 0),
        ("-0", 0),
        ("+5", 5),
        ("18", 18),
        ("-18", -18),
        ("1_000", "1_000"),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.50", 1.5),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1.5e-3", 0.0015),
        ("1e999", "1e999"),
        ("1.2.3", "1.2.3"),
        ("9223372036854775807", 9223372036854775807),
        ("99999999999999999999999", "99999999999999999999999"),
        ("'18'", "18"),
        ('"true"', "true"),
        ("!!str 18", "18"),
        ("!!int 18", 18),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("=", "="),
        ("[1, a, [true]]", [1, "a", [True]]),
        ("{a: 1, 2: b, true: c}", {"a": 1, "2": "b", "true": "c"}),
    ],
)
def test_scalars_mean_what_json_and_yaml_1_2_say(written: str, expected: Any) -> None:
    value = value_of(f"k: {written}")["k"]
    assert (value, type(value)) == (expected, type(expected))


def test_a_merge_key_is_laid_below_the_mapping_s_own() -> None:
    text = "base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\nuse: {<<: [*b, *o], x: 9}\n"
    assert value_of(text)["use"] == {"x": 9, "y": 2, "z": 4}


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"], ids=["empty", "comment", "marker"])
def test_a_file_without_content_is_no_mistake(text: str) -> None:
    assert value_of(text) is None


PLACES = """a: one
list:
  - two
  - deep: three
quoted: "four"
ünicode: fünf
base: &x {k: v}
via: {<<: *x}
"""


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        (("a",), False, Place(1, 4, 3)),
        (("a",), True, Place(1, 1, 1)),
        (("list", 1, "deep"), False, Place(4, 11, 5)),
        (("list", 1, "deep"), True, Place(4, 5, 4)),
        (("list", 1, "gone"), False, Place(4, 5, 1)),
        (("list", 7), False, Place(3, 3, 1)),
        (("quoted",), False, Place(5, 9, 6)),
        (("ünicode",), False, Place(6, 10, 4)),
        (("via", "k"), False, Place(7, 14, 1)),
        ((), False, Place(1, 1, 1)),
    ],
)
def test_every_key_and_value_knows_its_place(path: tuple[str | int, ...], key: bool, place: Place) -> None:
    assert source.read("f.yaml", PLACES.encode())[0].place(path, key=key)[:3] == place[:3]


def test_a_document_without_lines_has_no_place() -> None:
    assert source.inline({"a": 1}).place(("a",)) == Place(0, 0, 1)


@pytest.mark.parametrize(
    ("raw", "line", "column", "message", "remedy"),
    [
        (b"a: 1\n\tb: 2\n", 2, 1, "indented with a tab", "indent it by no space"),
        (b"a:\n  b: @x\n", 2, 6, "a text cannot begin with `@`", 'quotes: `"@x"`'),
        (b"a: b: c\n", 1, 4, "a text with a colon", 'write `"b: c"`'),
        (b"a: [1, 2\nb: 3\n", 1, 4, "the bracket `[` opened here is not closed", "write `[1, 2]`"),
        (b"a: 'x\n", 1, 4, "the quote ' opened here is not closed", "close it"),
        (b"a: *x\n", 1, 4, "stands for an anchor", "anchor"),
        (b"a: 1\n---\nb: 2\n", 2, 1, "a file holds one document", "remove the line"),
        (b"a: ok\nb: \xff\n", 2, 4, "not UTF-8", "save the file as UTF-8"),
        (b"a: ok\nb: x\x07y\n", 2, 5, "control character", "double quotes"),
        (b'a: "\\q"\n', 1, 4, "a backslash in double quotes", "single quotes"),
        (b"a: 1\nb: 2\na: 3\n", 3, 1, "the key `a` appears twice", "remove one"),
        (b"? [a]\n: 1\n", 1, 3, "a key must be a text", "write `name: value`"),
        (b"a: !!python/object:os.system x\n", 1, 4, "is not allowed", "remove it"),
        (b"a: !custom x\n", 1, 4, "a text cannot begin with `!`", 'quotes: `"!custom x"`'),
        (b"a: !custom [x]\n", 1, 4, "the tag `!custom` is not allowed", "remove it"),
        (b"a: {<<: 3}\n", 1, 9, "takes a mapping", "`<<: *name`"),
        (b"a: " + b"[" * 80 + b"]" * 80, 1, 66, "nested more than 64 deep", "flatter"),
        (b"a: &x [*x]\n", 1, 4, "an alias that holds itself", "remove the alias"),
        (b"x" * (source.MAX_BYTES + 1), 1, 1, "the limit is", "split it"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_not_yaml_is_placed_and_mended(
    raw: bytes, line: int, column: int, message: str, remedy: str
) -> None:
    _, problems = source.read("f.yaml", raw)
    assert [(problem.line, problem.column) for problem in problems] == [(line, column)]
    assert message in problems[0].message
    assert remedy in problems[0].remedy


def test_aliases_cannot_blow_a_small_file_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    read, problems = source.read("f.yaml", "\n".join(lines).encode())
    assert read.broken
    assert "aliases" in problems[0].message


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "], ids=repr)
def test_a_hundred_thousand_brackets_are_refused_and_do_not_crash(opening: str) -> None:
    read, problems = source.read("f.yaml", (opening * 100_000).encode())
    assert read.broken
    assert len(problems) == 1


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\r", "\r\n", "\n"], ids=repr)
@pytest.mark.parametrize("text", ["{{{}0", "0{}0:", "0:{}0", "a: 1{}b: {{", "{}{}- [:"], ids=repr)
def test_every_end_of_a_line_is_one(text: str, end: str) -> None:
    """As the parser counts lines."""
    read, problems = source.read("f.yaml", text.replace("{}", end).replace("{{", "{").encode())
    assert read.broken
    assert 1 <= problems[0].line <= 3


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcäö-_ 1", min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_json_is_yaml_and_comes_back_the_same(value: Any) -> None:
    read, problems = source.read("f.yaml", json.dumps({"v": value}, ensure_ascii=False).encode())
    assert problems == []
    assert read.value == {"v": value}


@given(st.binary(max_size=60) | st.text("ab:-[]{}&*!|>'\"\n #%@`<,?0.~\t", max_size=40).map(str.encode))
def test_no_bytes_make_the_reader_fail(raw: bytes) -> None:
    read, problems = source.read("f.yaml", raw)
    assert read.value is None or not read.broken
    assert all(problem.message and problem.rule for problem in problems)


def test_the_pure_python_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may have been built without libyaml."""
    monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    spec = spec_from_file_location("pure_source", source.__file__)
    assert spec is not None
    assert spec.loader is not None
    pure = module_from_spec(spec)
    spec.loader.exec_module(pure)
    text = b"a: [1, yes, {b: 'c', <<: {d: 007}}]\n"
    assert pure._Composer.__mro__[1] is not source._Composer.__mro__[1]
    assert pure.read("f.yaml", text)[0].value == value_of(text.decode())
    assert pure.read("f.yaml", b"[" * 500)[1][0].rule == "yaml-limit"


def test_a_large_mapping_is_searched_once_for_all_its_places(monkeypatch: pytest.MonkeyPatch) -> None:
    read, _ = source.read("f.yaml", "".join(f"key{number}: 1\n" for number in range(2_000)).encode())
    searched: list[object] = []
    children = source._children

    def counting(node: MappingNode) -> source._Children:
        searched.append(node)
        return children(node)

    monkeypatch.setattr(source, "_children", counting)
    places = [read.place((f"key{number}",), key=True).line for number in range(2_000)]
    assert places == list(range(1, 2_001))
    assert len(searched) == 1
