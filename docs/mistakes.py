"""``docs/mistakes.md``: every mistake that the signature doctor knows, with an example made by the code, and the figures of the
corpus of wrong signings."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docs import signing_snippets as snippets
from docs.signing_snippets import DIRECTIONS, LANGUAGES
from mock_server.diagnosis import difference
from mock_server.diagnosis.construction import encoded
from mock_server.diagnosis.json_writers import WRITERS
from mock_server.diagnosis.mistake import CONSTRUCTION, KINDS, REQUEST, SECRET, TEXT, Mistake
from mock_server.diagnosis.mistakes import MISTAKES
from mock_server.diagnosis.recipe import Case, OtherSecret, Recipe, Variant, by_name, of_body
from mock_server.diagnosis.search import Profile, sentences
from mock_server.providers.cloudcheck.mistakes import PROFILE
from mock_server.providers.shuftipro.mistakes import PROFILES

FIGURES = Path(__file__).resolve().parents[1] / "tests" / "corpora" / "signing" / "figures.json"
_VENDORS: Mapping[str, Profile] = {"Cloudcheck requests": PROFILE, "Shufti Pro callbacks": PROFILES["hashed"]}
_TITLES = {
    TEXT: "The text was changed",
    SECRET: "Another secret was used",
    CONSTRUCTION: "Another construction was made",
    REQUEST: "The request was put into the text in another way",
}
_DATA = '{"name":"Māia & <Tū>","note":"a/b \\u00eb 1%41","x":1.0}\r\n'.encode()
_SENT = (
    (b"key", b"K1"),
    (b"nonce", b"17"),
    (b"timestamp", b"1700000000000"),
    (b"data", _DATA),
    (b"username", b" Hemi O'Neil "),
    (b"Zone", b""),
    (b"zone", b"true"),
    (b"zone", b"Zo\xc3\x83\xc2\xab 2"),
    (b"x", b""),
)
_SECRET = b"ab$PATH/x-0123456789abcdef"
_CASE = Case(
    document=b"data",
    sent=_SENT,
    raw={b"username": [b"+Hemi%20O'Neil "]},
    wire=tuple(f"{quote(name)}={quote(value)}".encode() for name, value in _SENT),
    dropped={b"rate": b"100%"},
    query="key=K1&nonce=17",
    method="POST",
    mount="/mock",
    raw_path="/%76erify/",
    hosts=("https://api.example.test",),
    identifier="K1",
    secrets=(OtherSecret("the secret of account acme", "acme-secret"),),
    files={"file": ("passport.jpg", b"JPEG")},
    file_fields=(b"file",),
    text=_DATA,
)
_FORM = Recipe(b"/verify/", by_name(_SENT), _SECRET)
_PDF = _FORM._replace(path=b"/verify/pdf")
_UPLOAD = _FORM._replace(path=b"/doc/runcheck/", pairs=by_name((*_SENT, (b"file", b"JPEG"))))
_WIDE = _FORM._replace(pairs=by_name((*_SENT[:-1], (b"x", "NZ ā".encode("utf-16-le")))))
_BODY = of_body(_DATA, _SECRET, "sha256", "text+key sha256")
_DIGEST = hmac.digest(b"secret", b"text", hashlib.sha256)
_WRITTEN: Mapping[str, str] = {
    "base64": b64encode(_DIGEST).decode(),
    "upper-case": _DIGEST.hex().upper(),
    "hex-of-hex": _DIGEST.hex().encode().hex(),
    "digest-padded": f"sha256={_DIGEST.hex()}",
    "digest-cut": _DIGEST.hex()[:32],
    "zeros-missing": "".join(f"{byte:x}" for byte in _DIGEST),
    "digest-printed": str([*_DIGEST]),
    "digest-is-a-word": "[object Promise]",
    "no-digest": "my signature",
}
"""How the digest of the examples is written wrongly."""
_SHOWN = 44


def page(table: Callable[[Sequence[str], Any], str]) -> str:
    """The page below its title. ``table``: from head and rows to Markdown."""
    parts = [_figures(table), "## Signing in six languages", _RIGHT, *map(_whole, DIRECTIONS)]
    for kind, title in _TITLES.items():
        parts += [f"## {title}", *(_entry(each) for each in MISTAKES if KINDS[each.stage] == kind)]
    languages = dict.fromkeys(writer.language for writer in WRITERS)
    writers = [
        (language, "; ".join(writer.library for writer in WRITERS if writer.language == language))
        for language in languages
    ]
    parts += ["## Libraries whose JSON is recognised", table(("language", "libraries"), writers)]
    return "\n\n".join(parts)


_RIGHT = (
    "A signature is made in these steps, and each mistake below departs from one of them: `-` marks the lines that make it, `+` the\n"
    "right ones in their place. Imports are left out; Java is 17 or newer, Go 1.19 or newer. `data` is the JSON text, or the callback's\n"
    "body as it arrived; a request has its parameters in `sent` and its path in `route`. The file `secret.txt` ends with a line break,\n"
    "and `secret.env` has the secret, which contains a `$`, in double quotes. `make examples` runs every snippet, and the doctor must\n"
    "accept the right ones and name exactly the one mistake of each wrong one (in a\n"
    "callback, `charset-marked` gives the bytes of `byte-order-mark`)."
)
_SNIPPET_TITLES = {
    snippets.REQUEST: "A Cloudcheck request, signed",
    snippets.CALLBACK: "A Shufti Pro callback, checked",
}


def _whole(direction: str) -> str:
    """The right program of each language."""
    shown = ("\n".join(snippets.program(language, direction)) for language in LANGUAGES)
    return _details(_SNIPPET_TITLES[direction], zip(map(snippets.name, LANGUAGES), shown))


def _wrong_and_right(code: str) -> Iterator[tuple[str, str]]:
    where = [direction for direction in DIRECTIONS if code in snippets.codes(direction)]
    for language in LANGUAGES:
        by_snippet = {snippets.snippet(language, direction, code): direction for direction in reversed(where)}
        for snippet, direction in reversed(by_snippet.items()):
            title = snippets.name(language) + (f", {direction}" if len(by_snippet) > 1 else "")
            yield title, snippet.none or _compared(*snippet[:2])


def _compared(wrong: str, right: str) -> str:
    """The lines that are wrong, then those that belong in their place; others are the same in both."""
    before, after = wrong.splitlines(), right.splitlines()
    lines: list[str] = []
    for what, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            lines += [f"  {line}" for line in before[start:end]]
        else:
            lines += [f"- {line}" for line in before[start:end]]
            lines += [f"+ {line}" for line in after[first:last]]
    return "\n".join(lines)


def _details(summary: str, parts: Iterable[tuple[str, str]]) -> str:
    """HTML without empty lines, which every renderer of Markdown leaves as it is."""
    shown = "\n".join(f"{title}\n<pre>{escape(text, quote=False)}</pre>" for title, text in parts)
    return f"<details>\n<summary>{summary}</summary>\n{shown}\n</details>"


def _entry(mistake: Mistake) -> str:
    """What the doctor says of it, an example, and the code; lines of a callback where they are others than a request's."""
    where = {
        name: profile
        for name, profile in _VENDORS.items()
        if mistake.stage in profile.stages and mistake.id not in profile.without
    }
    example, how = _example(mistake, *where)
    said = sentences(mistake, how, next(iter(where.values())).words)
    return "\n\n".join(
        [
            f"### `{mistake.id}`",
            f"{said['explanation']} ({', '.join(where)})",
            f"Example: {example}",
            f"Fix: {said['fix']}",
            _details("Wrong and right in six languages", _wrong_and_right(mistake.id)),
        ]
    )


def _example(mistake: Mistake, first: str, *others: str) -> tuple[str, str]:
    """What is signed in place of what, and the variant in words."""
    if mistake.id in _WRITTEN:
        return _code(_WRITTEN[mistake.id]), ""
    recipes = (_FORM, _PDF, _UPLOAD, _WIDE) if first.startswith("Cloudcheck") else (_BODY,)
    case = (
        _CASE
        if recipes[0] is _FORM
        else Case(document=b"", identifier="K1", secrets=_CASE.secrets, text=_DATA)
    )
    for right in recipes:
        for variant in mistake.variants(right, case):
            shown = _shown(right, variant)
            if shown:
                return shown, variant.how
    raise LookupError(f"no example shows {mistake.id}")


def _shown(right: Recipe, variant: Variant) -> str:
    changed = variant.change(right)
    if changed.charset != right.charset:
        raw = encoded(right.text(), changed.charset)
        sample = encoded("ā".encode(), changed.charset)
        return "" if raw is None or sample is None else f"{_code('ā')} as the bytes {_code(sample.hex(' '))}"
    differs = difference.between(right.text(), changed.text())
    if differs is not None:
        return f"{_code(differs.signed)} in place of {_code(differs.right)}"
    if changed.secret != right.secret:
        return f"{_code(changed.secret.decode('utf-8', 'replace')) or 'nothing'} in place of {_code(right.secret.decode())}"
    return f"{changed.mac}, secret {changed.key}" if changed != right else ""


def _code(text: str) -> str:
    """Inline code on one line; JSON escapes for what cannot be seen."""
    visible = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    cut = visible if len(visible) <= _SHOWN else f"{visible[:_SHOWN]}…"
    return (
        f"`` {cut} ``"
        if "`" in cut
        else f"`{cut}`"
        if cut.strip() == cut and cut
        else f"`` {cut} ``"
        if cut
        else ""
    )


def _figures(table: Callable[[Sequence[str], Any], str]) -> str:
    figures = json.loads(FIGURES.read_text("utf-8"))
    every = [*figures["languages"].values()]
    rows, right = sum(count["rows"] for count in every), sum(count["right"] for count in every)
    library = figures["libraries"]
    confused: dict[str, list[str]] = {}
    for mistake, named, count in figures["confusion"]:
        if mistake != named:
            confused.setdefault(mistake, []).append(f"{named} ({count})")
    named = {mistake: count for mistake, name, count in figures["confusion"] if mistake == name}
    return "\n\n".join(
        [
            "## How often the doctor is right",
            f"`tests/corpora/signing` holds {rows} wrong signings, made by programs in eight languages over realistic messages\n"
            f"(`make corpora`; those of C# by the documented rules); nine HTTP clients send those with a file. The doctor names\n"
            f"{right} of them exactly as they were made: {100 * right / rows:.1f} %. It blames no right secret, and names no\n"
            "mistake for 10,000 random digests. Of JSON that\n"
            f"a library has written again, the sentence names that library in {library['right']} of {library['rows']} cases;\n"
            "in the others several libraries write the same, and it names some of them.",
            table(("language", "signings", "named exactly"), _counts(figures["languages"])),
            table(("kind", "signings", "named exactly"), _counts(figures["kinds"])),
            "What was made, and what was named:",
            table(
                ("made", "named so", "named otherwise"),
                [
                    (f"`{mistake}`", str(named.get(mistake, 0)), ", ".join(confused.get(mistake, ())))
                    for mistake in dict.fromkeys(each[0] for each in figures["confusion"])
                ],
            ),
        ]
    )


def _counts(counted: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str, str]]:
    return [(name, str(count["rows"]), str(count["right"])) for name, count in counted.items()]


INTRO = (
    "A signature is wrong for a reason, and most reasons are known. The doctor tries them, alone and in pairs, and names those that\n"
    "give the signature at hand; nothing else names one. It speaks in the log, in the journal (`mock-server explain ID`), on the\n"
    "dashboard, and in `mock-server verify`. Where it finds nothing, it says what it has excluded: id `unknown`; where one character\n"
    "of the text explains the signature, id `one-place`. Mistakes made together are named together."
)
