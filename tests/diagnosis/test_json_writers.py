"""How libraries write JSON again: numbers, escapes, order, layout, each as the library's documentation has it."""

# ruff: noqa: E501  the texts are easier to read unbroken

from __future__ import annotations

import json
import subprocess

import pytest

from mock_server.diagnosis.json_numbers import NUMBERS
from mock_server.diagnosis.json_orders import by_java_hash
from mock_server.diagnosis.json_writers import WRITERS, spellings, writers_of

DOCUMENT = (
    '{"b":{"name":"Māia <O\'Neil> & \\"Co\\" + 🦊/=","list":[1,{"x":null},[]],"map":{}},"a":[true,1.0,0.10,1e21,12345678901234567890]}'
).encode()
NUMBER_ROWS = {
    "javascript": ("1", "0.1", "1e+21", "12345678901234567000", "0"),
    "go": ("1", "0.1", "1e+21", "12345678901234567000", "-0"),
    "python": ("1.0", "0.1", "1e+21", "12345678901234567890", "-0.0"),
    "php": ("1", "0.1", "1.0e+21", "1.2345678901234567e+19", "-0"),
    "php-zeros": ("1.0", "0.1", "1.0e+21", "1.2345678901234567e+19", "-0.0"),
    "java": ("1.0", "0.1", "1.0E21", "12345678901234567890", "-0.0"),
    "gson": ("1.0", "0.1", "1.0E21", "1.2345678901234567E19", "-0.0"),
    "dotnet": ("1.0", "0.1", "1E+21", "12345678901234567890", "-0.0"),
    "rust": ("1.0", "0.1", "1e21", "12345678901234567890", "-0.0"),
    "ruby": ("1.0", "0.1", "1.0e+21", "12345678901234567890", "-0.0"),
    "java-org": ("1", "0.1", "1E+21", "12345678901234567890", "-0"),
    "as-sent": ("1.0", "0.10", "1e21", "12345678901234567890", "-0.0"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_spelled_as_the_library_does(name: str) -> None:
    sent = ("1.0", "0.10", "1e21", "12345678901234567890", "-0.0")
    assert tuple(NUMBERS[name](raw) for raw in sent) == NUMBER_ROWS[name]


WRITTEN = {
    "JSON.stringify": (
        '{"b":{"name":"Māia <O\'Neil> & \\"Co\\" + 🦊/=","list":[1,{"x":null},[]],"map":{}},"a":[true,1,0.1,1e+21,12345678901234567000]}'
    ),
    "json_encode": (
        '{"b":{"name":"M\\u0101ia <O\'Neil> & \\"Co\\" + \\ud83e\\udd8a\\/=","list":[1,{"x":null},[]],"map":[]},'
        '"a":[true,1,0.1,1.0e+21,1.2345678901234567e+19]}'
    ),
    "Symfony's JsonResponse": (
        '{"b":{"name":"M\\u0101ia \\u003CO\\u0027Neil\\u003E \\u0026 \\u0022Co\\u0022 + \\ud83e\\udd8a\\/=","list":[1,{"x":null},[]],"map":[]},'
        '"a":[true,1,0.1,1.0e+21,1.2345678901234567e+19]}'
    ),
    "encoding/json": (
        '{"a":[true,1,0.1,1e+21,12345678901234567000],'
        '"b":{"list":[1,{"x":null},[]],"map":{},"name":"Māia \\u003cO\'Neil\\u003e \\u0026 \\"Co\\" + 🦊/="}}'
    ),
    "Gson of a Map": (
        '{"b":{"name":"Māia \\u003cO\\u0027Neil\\u003e \\u0026 \\"Co\\" + 🦊/\\u003d","list":[1.0,{},[]],"map":{}},'
        '"a":[true,1.0,0.1,1.0E21,1.2345678901234567E19]}'
    ),
    "System.Text.Json": (
        '{"b":{"name":"M\\u0101ia \\u003CO\\u0027Neil\\u003E \\u0026 \\u0022Co\\u0022 \\u002B \\uD83E\\uDD8A/=","list":[1,{"x":null},[]],"map":{}},'
        '"a":[true,1.0,0.10,1e21,12345678901234567890]}'
    ),
    "Newtonsoft.Json": (
        '{"b":{"name":"Māia <O\'Neil> & \\"Co\\" + 🦊/=","list":[1,{"x":null},[]],"map":{}},"a":[true,1.0,0.1,1E+21,12345678901234567890]}'
    ),
    "serde_json": (
        '{"a":[true,1.0,0.1,1e21,12345678901234567890],'
        '"b":{"list":[1,{"x":null},[]],"map":{},"name":"Māia <O\'Neil> & \\"Co\\" + 🦊/="}}'
    ),
    "ActiveSupport to_json": (
        '{"b":{"name":"Māia \\u003cO\'Neil\\u003e \\u0026 \\"Co\\" + 🦊/=","list":[1,{"x":null},[]],"map":{}},'
        '"a":[true,1.0,0.1,1.0e+21,12345678901234567890]}'
    ),
    "json.dumps": (
        '{"b": {"name": "M\\u0101ia <O\'Neil> & \\"Co\\" + \\ud83e\\udd8a/=", "list": [1, {"x": null}, []], "map": {}}, '
        '"a": [true, 1.0, 0.1, 1e+21, 12345678901234567890]}'
    ),
}


@pytest.mark.parametrize("library", WRITTEN)
def test_a_library_writes_what_it_writes(library: str) -> None:
    assert library in [writer.library for writer in writers_of(DOCUMENT, WRITTEN[library].encode())]


def test_php_writes_numbered_maps_as_lists() -> None:
    """As a real ``php`` does with what it has read into arrays, and does not with objects."""
    text = '{"a":{"0":"x"},"b":{"0":{"0":1,"1":{}}},"c":{"1":1,"0":2},"d":{"00":1},"e":{"0":1,"2":2}}'
    for assoc, library in (("true", "json_encode"), ("false", "json_encode of objects")):
        program = f"echo json_encode(json_decode(stream_get_contents(STDIN), {assoc}));"
        written = subprocess.run(
            ["php", "-r", program], input=text.encode(), capture_output=True, check=True
        ).stdout
        spaced = text.replace(":", " : ").encode()
        assert library in [writer.library for writer in writers_of(spaced, written)], written


def test_jacksons_pretty_printer_keeps_lists_on_one_line() -> None:
    pretty = '{\n  "a" : 1,\n  "l" : [ 1, 2, {\n    "x" : [ ]\n  }, { } ]\n}'
    writers = writers_of(b'{"a":1,"l":[1,2,{"x":[]},{}]}', pretty.encode())
    assert [writer.library for writer in writers] == ["Jackson", "Jackson with ESCAPE_NON_ASCII"]


def test_python_layouts_are_those_of_the_standard_library() -> None:
    value = json.loads(DOCUMENT)
    for options in ({}, {"separators": (",", ":")}, {"indent": 2}, {"indent": 4, "sort_keys": True}):
        text = json.dumps(value, **options).encode()
        assert "json.dumps" in [writer.library for writer in writers_of(DOCUMENT, text)], options


def test_a_hash_map_of_java_lists_its_keys_by_their_hash() -> None:
    """As Java 17 lists them."""
    keys = ["reference", "event", "email", "country", "verification_data", "verification_result", "info"]
    listed = ["reference", "country", "verification_data", "verification_result", "event", "email", "info"]
    assert by_java_hash(keys) == listed


@pytest.mark.parametrize("text", ["", "{", "1", "nul", "[" * 3000, '{"a":"\\ud800"}', '{"a":NaN}'], ids=repr)
def test_what_is_no_document_has_only_spellings_that_can_be_written(text: str) -> None:
    assert all(written.text for written in spellings(text.encode()))


def test_each_text_comes_once_and_never_the_document_itself() -> None:
    texts = [written.text for written in spellings(DOCUMENT)]
    assert (len(texts), DOCUMENT in texts) == (len({*texts}), False)
    assert {writer.library for written in spellings(DOCUMENT) for writer in written.writers} == {
        writer.library for writer in WRITERS
    }
