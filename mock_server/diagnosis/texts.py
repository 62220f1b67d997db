"""How the text of a document is altered before it is signed: rewritten by a library, turned into a string, escaped, trimmed."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote, unquote, urlencode

from mock_server.diagnosis.json_writers import WRITERS, Writer, spellings
from mock_server.diagnosis.percent_encoding import ENCODERS
from mock_server.diagnosis.recipe import Case, Recipe, Variant, Variants, with_document, with_values

BOM = b"\xef\xbb\xbf"


def documents(*changes: Callable[[bytes], bytes]) -> Variants:
    """Each change of the document's bytes."""

    def variants(recipe: Recipe, case: Case) -> Iterator[Variant]:
        for change in changes:
            yield with_values(_of_document, case.document, change)

    return variants


def _of_document(name: bytes, value: bytes, document: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return change(value) if name == document else value


def texts(*changes: Callable[[str], str], everything: bool = False) -> Variants:
    """Each change of the document as text; with ``everything`` also of all values. What is not UTF-8 stays as
    it is."""

    def variants(recipe: Recipe, case: Case) -> Iterator[Variant]:
        for change in changes:
            yield with_values(_of_document, case.document, as_bytes(change))
            if everything and len(recipe.pairs) > 1:
                yield with_values(lambda name, value, change: change(value), as_bytes(change))

    return variants


def as_bytes(change: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """The change of a text, for its UTF-8."""

    def changed(value: bytes) -> bytes:
        try:
            return change(value.decode()).encode()
        except UnicodeError:
            return value

    return changed


# -- written again
def rewritten(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """As each library writes the document after parsing it."""
    if case.text is None:
        return
    for written in spellings(case.text):
        yield with_document(
            case,
            written.text,
            f", as {names(written.writers)} {'does' if len(written.writers) == 1 else 'do'}",
        )


def names(writers: Sequence[Writer]) -> str:
    """Some libraries, each with its language; the first of each language first."""
    known = sorted(writers, key=WRITERS.index)
    first = {writer.language: writer for writer in reversed(known)}
    ordered = sorted(known, key=lambda writer: first[writer.language] is not writer)
    shown = [f"{writer.library} ({writer.language})" for writer in ordered][:_SHOWN]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


_SHOWN = 4


# -- turned into a string
def stringified(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """What languages write for an object that is not JSON."""
    for text in ("[object Object]", "Array", "null", "undefined", "None", "[object Promise]", "true", "1"):
        yield with_document(case, text.encode(), f": {text}")
    if case.json is not None and case.text is not None and len(case.text) < _LONG:
        for text, language in _printed(case.json):
            yield with_document(case, text.encode("utf-8", "replace"), f", as {language} prints an object")


_LONG = 20_000


def _printed(value: Any) -> Iterator[tuple[str, str]]:
    yield str(value), "Python"
    yield _java(value), "Java"
    yield _ruby(value), "Ruby"
    yield _go(value), "Go"


def _java(value: Any) -> str:
    """``Map.toString``."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java, value)) + "]"
    return _word(value, "null")


def _ruby(value: Any) -> str:
    """``Hash#inspect``."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_ruby(key)}=>{_ruby(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_ruby, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else _word(value, "nil")


def _go(value: Any) -> str:
    """``%v`` of a map, whose keys are sorted."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{_go(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(_go, value)) + "]"
    return _word(value, "<nil>")


def _word(value: Any, nothing: str) -> str:
    if value is None:
        return nothing
    return str(value).lower() if isinstance(value, bool) else str(value)


def emptied(recipe: Recipe, case: Case) -> Iterable[Variant]:
    """The body was already consumed, or not read yet."""
    return [with_document(case, text) for text in (b"", b"{}", b"[]", b'""')]


def quoted(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """A JSON string that holds the JSON text: encoded twice; or the inner text of such a string."""
    if case.text is None:
        return
    try:
        text = case.text.decode()
    except UnicodeDecodeError:
        return
    once = json.dumps(text, ensure_ascii=False)
    for string in dict.fromkeys(
        (once, json.dumps(text), once.replace("/", "\\/"), json.dumps(text).replace("/", "\\/"))
    ):
        yield with_document(case, string.encode())
    go = re.sub("[<>&\u2028\u2029]", lambda match: f"\\u{ord(match[0]):04x}", once)
    yield with_document(case, go.encode())
    yield with_document(case, once.replace('\\"', '"').encode())
    if isinstance(case.json, str):
        yield with_document(case, case.json.encode("utf-8", "replace"))


def as_form(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """The members of the document as a form."""
    if isinstance(case.json, dict) and case.text is not None and len(case.text) < _LONG:
        pairs = [pair for key, value in case.json.items() for pair in _bracketed(key, value)]
        of_php = [pair for key, value in case.json.items() for pair in _bracketed(key, value, php_number)]
        for text in (
            urlencode(pairs),
            urlencode(of_php),
            urlencode(case.json),
            urlencode([(key, _object(value)) for key, value in case.json.items()])
            .replace("%2A", "*")
            .replace("~", "%7E"),
            urlencode(pairs, quote_via=quote),
            "&".join(f"{name}={value}" for name, value in pairs),
            "".join(value for _, value in pairs),
        ):
            yield with_document(case, text.encode("utf-8", "replace"))


def _object(value: Any) -> str:
    """``String(value)`` of JavaScript."""
    if isinstance(value, dict):
        return "[object Object]"
    return ",".join(map(_object, value)) if isinstance(value, list) else _word(value, "null")


def _bracketed(name: str, value: Any, number: Callable[[float], str] = str) -> Iterator[tuple[str, str]]:
    """As PHP's ``http_build_query`` names them. ``number``: how numbers are written."""
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _bracketed(f"{name}[{key}]", inner, number)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield name, number(value)
    elif value is not None:
        yield name, ("1" if value else "0") if isinstance(value, bool) else str(value)


def php_number(value: float) -> str:
    """As PHP prints a number: 14 digits, an integer beyond 64 bits as a float."""
    if isinstance(value, int) and abs(value) < 1 << 63:
        return str(value)
    text = re.sub(r"(?<=E[+-])0+", "", f"{value:.14G}")
    return re.sub(r"^(-?\d)E", r"\1.0E", text)


def part(recipe: Recipe, case: Case) -> Iterator[Variant]:
    """One member of the document alone, or all but one."""
    if (
        isinstance(case.json, dict)
        and case.text is not None
        and len(case.text) < _LONG
        and len(case.json) <= 20
    ):
        for key, value in case.json.items():
            inner = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            yield with_document(case, inner.encode("utf-8", "replace"), f": only {key[:40]}")
            if isinstance(value, str):
                yield with_document(case, value.encode("utf-8", "replace"), f": only {key[:40]}")
            rest = {name: other for name, other in case.json.items() if name != key}
            text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
            yield with_document(case, text.encode("utf-8", "replace"), f": all but {key[:40]}")


# -- escaped, trimmed
trimmed = documents(
    bytes.strip,
    bytes.rstrip,
    bytes.lstrip,
    lambda text: text[:-1],
    lambda text: text[1:],
)


def _appended(end: bytes, text: bytes) -> bytes:
    return text + end


ended = documents(*(partial(_appended, end) for end in (b"\n", b"\r\n", b" ", b"\0", b"\r", b"\n\n")))
marked = documents(lambda text: BOM + text, lambda text: text.removeprefix(BOM))
line_ends = documents(
    lambda text: text.replace(b"\r\n", b"\n"),
    lambda text: text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    lambda text: text.replace(b"\r\n", b"").replace(b"\n", b""),
    lambda text: text.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
    lambda text: re.sub(rb"\s*\r?\n\s*", b"", text) if b"\n" in text else text,
)
unescaped_slashes = documents(
    lambda text: text.replace(b"\\/", b"/"),
    lambda text: text.replace(b"\\/", b"/").replace(b"/", b"\\/"),
)
blanks = documents(
    lambda text: re.sub(rb"\s+", b"", text),
    lambda text: re.sub(rb"\s+", b" ", text),
    lambda text: text.replace(b" ", b""),
)
entities = texts(
    html.escape,
    lambda text: html.escape(text, quote=False),
    lambda text: html.escape(text).replace("&#x27;", "&#039;"),
    lambda text: html.escape(text).replace("&#x27;", "&#39;"),
    lambda text: html.escape(text).replace("&#x27;", "'"),
    lambda text: html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    lambda text: _named(html.escape(text).replace("&#x27;", "&#039;")),
    lambda text: _numbered(html.escape(text).replace("&#x27;", "&#39;")),
    html.unescape,
    everything=True,
)


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_TO_NUMBERS = re.compile("[\xa0-\xff\U00010000-\U0010ffff]")


def _numbered(text: str) -> str:
    """.NET's ``WebUtility.HtmlEncode``."""
    for letter in {*_TO_NUMBERS.findall(text)}:
        text = text.replace(letter, f"&#{ord(letter)};")
    return text


def _named(text: str) -> str:
    """PHP's ``htmlentities``."""
    from html.entities import codepoint2name

    for letter in {*_BEYOND_ASCII.findall(text)}:
        name = codepoint2name.get(ord(letter))
        text = text.replace(letter, f"&{name};") if name else text
    return text


backslashes = texts(
    lambda text: re.sub(r"(['\"\\\0])", r"\\\1", text),
    lambda text: text.replace("\\", "\\\\").replace("'", "\\'"),
    lambda text: text.replace("'", "\\'"),
    lambda text: text.replace('"', '\\"'),
    lambda text: text.replace("\\", "\\\\"),
    lambda text: re.sub(r"\\(.)", r"\1", text),
    lambda text: text.replace("\\\\", "\\"),
    lambda text: text.replace("\\", ""),
    everything=True,
)


def _letters(text: str) -> str:
    """``\\uXXXX`` beyond ASCII turned into letters, and nothing else."""
    return re.sub(r"(?:\\u[0-9a-fA-F]{4})+", lambda match: _letter(match[0]), text)


@lru_cache(256)
def _letter(escaped: str) -> str:
    return (
        "".join(c if ord(c) > 127 else f"\\u{ord(c):04x}" for c in json.loads(f'"{escaped}"'))
        .encode("utf-16", "surrogatepass")
        .decode("utf-16", "replace")
    )


unescaped_letters = texts(
    _letters,
    lambda text: re.sub(r"\\u([0-9a-f]{4})", lambda match: f"\\u{match[1].upper()}", text),
    lambda text: re.sub(r"\\u([0-9A-F]{4})", lambda match: f"\\u{match[1].lower()}", text),
    lambda text: _letters(text).replace("\\/", "/"),
)


def _unless_combining(match: re.Match[str]) -> str:
    return "" if unicodedata.combining(match[0]) else match[0]


normalised = texts(
    partial(unicodedata.normalize, "NFC"),
    partial(unicodedata.normalize, "NFD"),
    partial(unicodedata.normalize, "NFKC"),
    partial(unicodedata.normalize, "NFKD"),
    lambda text: _BEYOND_ASCII.sub(_unless_combining, unicodedata.normalize("NFD", text)),
    everything=True,
)
letter_case = texts(
    str.lower,
    str.upper,
    lambda text: text.encode().lower().decode(),
    lambda text: text.encode().upper().decode(),
    everything=True,
)
percent_encoded = documents(
    *(
        ENCODERS[how]
        for how in (
            "as rawurlencode does",
            "as a form is",
            "in lower case, as HttpUtility.UrlEncode does",
            "as encodeURIComponent does",
            "as encodeURI does",
            "as Python's quote does",
        )
    ),
    as_bytes(unquote),
)
as_base64 = documents(
    base64.b64encode,
    lambda text: base64.urlsafe_b64encode(text).rstrip(b"="),
    lambda text: text.hex().encode(),
)
