"""JSON as the libraries of the usual languages write it again after parsing it: one row a library.

A row says which characters it escapes and how, how it spells numbers, how it orders keys, and how it lays the text out. Sources
are the libraries' documentation and source; ``tests/corpora/signing`` holds them to what the real ones write. Rows that write the
same for the document at hand are written once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import msgspec

from mock_server.diagnosis.json_layouts import LAYOUTS
from mock_server.diagnosis.json_numbers import NUMBERS
from mock_server.diagnosis.json_orders import ORDERS, SHAPES, SORTS

LOWER, UPPER = "x", "X"


class Escapes(NamedTuple):
    """What is escaped beyond what JSON demands."""

    marks: str = ""
    """Characters written as ``\\u003c`` …"""
    digits: str = LOWER
    """Case of the hexadecimal digits of these."""
    letters: str = ""
    """Case of the digits of letters beyond ASCII; empty: they are not escaped."""
    slash: bool = False


_LINES = "\u2028\u2029"
ESCAPES: Mapping[str, Escapes] = {
    "none": Escapes(),
    "lines": Escapes(_LINES),
    "slash": Escapes(slash=True),
    "slash-lines": Escapes(_LINES, slash=True),
    "ascii": Escapes(letters=LOWER),
    "ascii-upper": Escapes(letters=UPPER),
    "ascii-slash": Escapes(letters=LOWER, slash=True),
    "go": Escapes("<>&" + _LINES),
    "gson": Escapes("<>&='" + _LINES),
    "newtonsoft": Escapes("\x85" + _LINES),
    "newtonsoft-html": Escapes("<>&'\"" + "\x85" + _LINES),
    "newtonsoft-ascii": Escapes(letters=LOWER),
    "system-text-json": Escapes("\"&'+<>`\x7f", UPPER, UPPER),
    "php-hex": Escapes("<>&'\"", UPPER, LOWER, slash=True),
    "php-hex-unescaped": Escapes("<>&'\"", UPPER),
}


class Writer(NamedTuple):
    """How one library writes JSON."""

    language: str
    library: str
    escapes: str
    numbers: str
    """A key of `NUMBERS`."""
    orders: tuple[str, ...] = ("sent",)
    """Keys of `ORDERS`."""
    layouts: tuple[str, ...] = ("compact",)
    """Keys of `LAYOUTS`."""
    shape: str = "as-sent"
    """What becomes of members: a key of `SHAPES`."""


_BOTH, _TOP = ("sent", "sorted"), ("sent", "sorted", "sorted-top")
_PY, _JS = ("spaced", "compact", "2", "4"), ("compact", "2", "4", "tab")
_NET = ("compact", "2", "2-crlf")
_PHP = ("compact", "4")
_GO = ("compact", "compact-line", "2", "tab")

WRITERS: tuple[Writer, ...] = (
    Writer("JavaScript", "JSON.stringify", "none", "javascript", (*_TOP, "listed", "sorted-maps"), _JS),
    Writer("Python", "json.dumps", "ascii", "python", _BOTH, _PY),
    Writer("Python", "json.dumps with ensure_ascii=False", "none", "python", _BOTH, _PY),
    Writer("PHP", "json_encode", "ascii-slash", "php", _TOP, _PHP, "php"),
    Writer("PHP", "json_encode of objects", "ascii-slash", "php", _TOP, _PHP),
    Writer("PHP", "JSON_UNESCAPED_SLASHES", "ascii", "php", _TOP, _PHP, "php"),
    Writer("PHP", "JSON_UNESCAPED_UNICODE", "slash-lines", "php", _TOP, _PHP, "php"),
    Writer("PHP", "JSON_UNESCAPED_SLASHES|JSON_UNESCAPED_UNICODE", "lines", "php", _TOP, _PHP, "php"),
    Writer("Go", "encoding/json", "go", "go", ("sorted", "sent"), _GO),
    Writer("Go", "encoding/json with SetEscapeHTML(false)", "lines", "go", ("sorted", "sent"), _GO),
    Writer("Go", "encoding/json with json.Number", "go", "as-sent", ("sorted", "sent"), _GO),
    Writer("Java", "Jackson", "none", "java", _BOTH, ("compact", "jackson")),
    Writer("Java", "Gson of a JsonElement", "gson", "as-sent", _BOTH, ("compact", "2"), "no-nulls"),
    Writer("Java", "Gson", "gson", "java", _BOTH, ("compact", "2"), "no-nulls"),
    Writer("Java", "Gson of a Map", "gson", "gson", _BOTH, ("compact", "2"), "no-nulls"),
    Writer("Java", "Gson with disableHtmlEscaping", "lines", "as-sent", _BOTH, ("compact", "2"), "no-nulls"),
    Writer("C#", "System.Text.Json", "system-text-json", "as-sent", _BOTH, _NET),
    Writer("C#", "System.Text.Json with UnsafeRelaxedJsonEscaping", "none", "as-sent", _BOTH, _NET),
    Writer("C#", "Newtonsoft.Json", "newtonsoft", "dotnet", _BOTH, _NET),
    Writer("Rust", "serde_json", "none", "rust", ("sorted", "sent"), ("compact", "2")),
    Writer("Ruby", "JSON.generate", "none", "ruby", _BOTH, ("compact", "2")),
    Writer("Ruby", "ActiveSupport to_json", "go", "ruby", _BOTH),
    Writer("Java", "Jackson with ESCAPE_NON_ASCII", "ascii-upper", "java", _BOTH, ("compact", "jackson")),
    Writer("Java", "Gson of a Map with disableHtmlEscaping", "lines", "gson", _BOTH, ("compact", "2")),
    Writer("PHP", "Symfony's JsonResponse", "php-hex", "php", _BOTH, ("compact",), "php"),
    Writer("PHP", "JSON_PRESERVE_ZERO_FRACTION", "ascii-slash", "php-zeros", _BOTH, _PHP, "php"),
    Writer("PHP", "JSON_HEX_TAG and the like", "php-hex-unescaped", "php", _BOTH, _PHP, "php"),
    Writer("C#", "Newtonsoft.Json with EscapeHtml", "newtonsoft-html", "dotnet", _BOTH, _NET),
    Writer("C#", "Newtonsoft.Json with EscapeNonAscii", "newtonsoft-ascii", "dotnet", _BOTH, _NET),
    Writer("Java", "Gson with serializeNulls", "gson", "as-sent", _BOTH, ("compact", "2")),
    Writer("Go", "encoding/json of a RawMessage", "go", "as-sent", ("untouched",), _GO),
    Writer(
        "Go", "json.Compact or json.Indent", "none", "as-sent", ("untouched",), ("compact", "2", "4", "tab")
    ),
    Writer("Java", "org.json", "none", "java-org", ("java-hash", "sent"), ("compact", "2", "4")),
    Writer("Java", "json-simple", "slash", "java", ("java-hash",)),
    Writer("Ruby", "JSON.generate with ascii_only", "ascii", "ruby", _BOTH, ("compact", "2")),
    Writer("Swift", "JSONSerialization", "slash", "javascript", _BOTH, ("compact", "2")),
)
"""In the order in which they are named where several write the same."""


class Written(NamedTuple):
    """One text, and the libraries that write it."""

    text: bytes
    writers: tuple[Writer, ...]


_PLAIN_NUMBER = re.compile(r"-?(?:[1-9]\d{0,14}|0)\Z")


def parsed(text: bytes) -> Any:
    """The document as ``json.loads`` has it; None: it is not JSON in UTF-8, or nested deeper than anybody writes."""
    try:
        return None if _is_wide(text) else json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_wide(text: bytes) -> bool:
    """Whether it is UTF-16 or UTF-32, which ``json.loads`` reads too."""
    return b"\0" in text


def spellings(text: bytes) -> Iterator[Written]:
    """The texts that the libraries write for the same document, likelier ones first, each once; the text itself is not among
    them."""
    document = _Document.read(text)
    if document is None:
        return
    groups: dict[_Style, list[Writer]] = {}
    for style, writer in _styles():
        group = groups.setdefault(document.reduced(style), [])
        if writer not in group:
            group.append(writer)
    seen = {text}
    for style, writers in groups.items():
        written = document.write(style)
        if written is not None and written not in seen:
            seen.add(written)
            yield Written(written, tuple(writers))


def writers_of(text: bytes, written: bytes) -> tuple[Writer, ...]:
    """The libraries that write the text as ``written``."""
    return next((spelling.writers for spelling in spellings(text) if spelling.text == written), ())


class _Style(NamedTuple):
    order: str
    shape: str
    numbers: str
    escapes: Escapes
    layout: str


def _styles() -> Iterator[tuple[_Style, Writer]]:
    """Every way of every library, each library's own first ways before the second ones of any."""
    ways = [
        (
            place,
            number,
            _Style(order, writer.shape, writer.numbers, ESCAPES[writer.escapes], layout),
            writer,
        )
        for number, writer in enumerate(WRITERS)
        for place, (order, layout) in enumerate(
            (order, layout) for order in writer.orders for layout in writer.layouts
        )
    ]
    return ((style, writer) for _, _, style, writer in sorted(ways, key=lambda way: way[:2]))


class _Document:
    """A parsed document, and its compact texts as far as they were needed."""

    def __init__(self, text: bytes, tree: Any, odd: list[str], *, has_numbers: bool) -> None:
        """``odd``: numbers that a library may write otherwise; in the tree stand their places in this list."""
        self._text, self._tree, self._odd = text, tree, odd
        self._has_numbers = has_numbers
        self._bases: dict[tuple[str, str, str], bytes | None] = {}
        self._escaped: dict[tuple[str, str, str, Escapes], bytes] = {}
        plain = self._base("sent", "as-sent", "as-sent") or b""
        self._orders: dict[str, str] = {}
        self._marks = frozenset(mark for mark in _MARKS if _occurs(mark, plain))
        self._beyond_ascii = not plain.isascii()
        self._letters = "".join({*plain.decode()} - _ASCII) if self._beyond_ascii else ""
        self._has_slash = b"/" in plain
        self._has_php_list, self._has_null = b"{}" in plain or b'{"0":' in plain, b"null" in plain

    @classmethod
    def read(cls, text: bytes) -> _Document | None:
        if _is_wide(text):
            return None
        numbers: list[str] = []
        odd: list[str] = []

        def number(raw: str) -> msgspec.Raw:
            numbers.append(raw)
            if _PLAIN_NUMBER.match(raw):
                return msgspec.Raw(raw.encode())
            odd.append(raw)
            return msgspec.Raw(b"\1%d\2" % (len(odd) - 1))

        try:
            tree = json.loads(text, parse_int=number, parse_float=number, parse_constant=number)
            document = cls(text, tree, odd, has_numbers=bool(numbers))
        except (ValueError, RecursionError, msgspec.MsgspecError):
            return None
        return document if isinstance(tree, (dict, list, str)) else None

    def reduced(self, style: _Style) -> _Style:
        """The same style without what makes no difference to this document, so that equal ones are equal."""
        escapes = style.escapes
        letters = escapes.letters if self._beyond_ascii else ""
        marks = "".join(
            [mark for mark in escapes.marks if mark in self._marks and not (letters and mark > "\x7f")]
        )
        numbers = style.numbers
        if not self._odd and (numbers != "gson" or not self._has_numbers):
            numbers = "as-sent"
        return _Style(
            self._order(style.order),
            self._shape(style.shape),
            numbers,
            Escapes(marks, escapes.digits if marks else LOWER, letters, escapes.slash and self._has_slash),
            style.layout,
        )

    def _shape(self, shape: str) -> str:
        """``as-sent`` for a shape that is the same here."""
        makes_a_difference = {"php": self._has_php_list, "no-nulls": self._has_null}
        return shape if makes_a_difference.get(shape) else "as-sent"

    def _order(self, order: str) -> str:
        """``sent`` for an order that is the same here."""
        if order not in self._orders:
            same = self._base(order, "as-sent", "as-sent") == self._base("sent", "as-sent", "as-sent")
            self._orders[order] = "sent" if same else order
        return self._orders[order]

    def write(self, style: _Style) -> bytes | None:
        """None: it cannot be written so."""
        base = self._base(*style[:3])
        if base is None:
            return None
        known = (*style[:3], style.escapes)
        if known not in self._escaped:
            self._escaped[known] = _escape(base, style.escapes, self._letters)
        try:
            return LAYOUTS[style.layout](self._escaped[known])
        except msgspec.MsgspecError:  # NaN, which no layout knows
            return None

    def _base(self, order: str, shape: str, numbers: str) -> bytes | None:
        """Compact, with no escape but those of JSON."""
        known = (order, shape, numbers)
        if known not in self._bases:
            self._bases[known] = self._compact(*known)
        return self._bases[known]

    def _compact(self, order: str, shape: str, numbers: str) -> bytes | None:
        if order in _SLOW and len(self._text) > _LONG:
            return None
        tree, spell = self._tree, NUMBERS[numbers]
        try:
            if numbers == "gson":  # it spells all of them
                hook = partial(_spelled, spell)
                tree = json.loads(self._text, parse_int=hook, parse_float=hook, parse_constant=hook)
            if order == "untouched":
                return msgspec.json.format(self._text, indent=-1)
            tree = SHAPES[shape](tree)
            text = msgspec.json.encode(ORDERS[order](tree), order=SORTS.get(order))
            return (
                _ODD.sub(lambda match: spell(self._odd[int(match[1])]).encode(), text) if self._odd else text
            )
        except (ValueError, msgspec.MsgspecError):
            return None


_ODD = re.compile(rb"\x01(\d+)\x02")
_SLOW, _LONG = frozenset({"java-hash", "listed"}), 20_000
"""Orders that are worked out key by key, and bytes beyond which they are not."""
_ASCII = frozenset(map(chr, range(128)))
_MARKS = sorted({mark for escapes in ESCAPES.values() for mark in escapes.marks})


def _occurs(mark: str, text: bytes) -> bool:
    return (b'\\"' if mark == '"' else mark.encode()) in text


def _spelled(spell: Callable[[str], str], raw: str) -> msgspec.Raw:
    return msgspec.Raw(spell(raw).encode())


def _escape(text: bytes, escapes: Escapes, letters: str) -> bytes:
    """``letters``: those beyond ASCII that the text has."""
    code = f"\\u{{:04{escapes.digits}}}"
    for mark in escapes.marks:
        escaped = code.format(ord(mark)).encode()
        if mark == '"':
            text = text.replace(b"\\\\", b"\0").replace(b'\\"', escaped).replace(b"\0", b"\\\\")
        else:
            text = text.replace(mark.encode(), escaped)
    if "+" in escapes.marks:
        text = re.sub(rb"(?<=\d[eE])\\u002B(?=\d+[,\]}])", b"+", text)
    if escapes.slash:
        text = text.replace(b"/", b"\\/")
    return _ascii(text, letters, f"\\u{{:04{escapes.letters}}}") if escapes.letters else text


def _ascii(text: bytes, letters: str, code: str) -> bytes:
    if len(letters) > _MANY:
        whole = text.decode()
        return _BEYOND_ASCII.sub(lambda match: _units(match[0], code), whole).encode()
    for letter in letters:
        text = text.replace(letter.encode(), _units(letter, code).encode())
    return text


_MANY = 64
"""Letters; beyond that, one pass with a pattern is quicker than one replacement for each."""
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def _units(letter: str, code: str) -> str:
    units = letter.encode("utf-16-be")
    return "".join([code.format(high << 8 | low) for high, low in zip(units[::2], units[1::2])])
