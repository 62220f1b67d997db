"""Proves the snippets of ``docs/mistakes.md``: each is run in its language, and the doctor is asked what it makes of the signature.

``python -m tests.docs.snippets --all`` does so in all six languages; the suite in those that it needs anyway. All snippets of a
language are one program, which is given the messages and prints a signature, and what is sent, for each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

from docs.signing_snippets import CALLBACK, DIRECTIONS, LANGUAGES, REQUEST, codes, program, snippet
from mock_server.core.clock import ManualClock
from mock_server.core.http import Request
from mock_server.core.ids import ProcessIds
from mock_server.providers import registry
from mock_server.providers.accounts import Accounts
from mock_server.providers.context import Services, UnitOfWork
from mock_server.store import open_store

IN_SUITE = ("python", "node", "php")
RIGHT = "right"
KEY, SECRET, OTHER = "snippet-key-1", "mock-$Tk4-Secret-Not-Real-0123456789", "another-secret-not-real"
_FROZEN = 1_700_000_000_000
_ENVIRONMENT = {"API_KEY": KEY, "SECRET_KEY": SECRET, "OTHER_SECRET": OTHER}
_FILES = {"secret.txt": f"{SECRET}\n", "secret.env": f'SECRET_KEY="{SECRET}"\n'}
DATA = '{"event":"verification.accepted",  "name":"M\\u0101ia O\'Neil & T\u016b Zo\u00eb <b>", "reference":"order\\/7"}'
_AS_PHP_WRITES = json.dumps(json.loads(DATA), separators=(",", ":")).replace("/", "\\/")
_PLAIN = '{"event":"accepted"}'
_ZEROS = '{"reference":"order-111"}'
"""Both signatures of it begin with a zero."""
_AND = '{"event":"a&b"}'
_ACCENT = '{"name":"Zo\u00eb"}'
_SENT = {
    "key": KEY,
    "nonce": "17",
    "timestamp": str(_FROZEN),
    "data": DATA,
    "username": "mia",
    "Zone": "NZ/1",
}
_BARE = {name: value for name, value in _SENT.items() if name != "Zone"} | {"data": _PLAIN}
_WORDS = {**_SENT, "consent": "true", "note": ""}


class Message(NamedTuple):
    """What is signed. ``data``: the callback's body, and the member of ``sent``."""

    data: str = DATA
    sent: Mapping[str, str] = _SENT
    route: str = "/verify/"
    method: str = "POST"
    mount: str = ""
    file: bool = False
    """Whether a file is sent with the form."""


def _with_data(data: str) -> Message:
    return Message(data, {**_SENT, "data": data})


MESSAGES: Mapping[str, Message] = {
    "json-rewritten": _with_data(_AS_PHP_WRITES),
    "data-stringified": _with_data(_AS_PHP_WRITES),
    "json-in-a-string": _with_data(_AS_PHP_WRITES),
    "zeros-missing": _with_data(_ZEROS),
    "text-trimmed": _with_data(f"{DATA}\r\n"),
    "line-ends": _with_data(DATA.replace("  ", "\r\n  ")),
    "charset-latin-1": _with_data(_ACCENT),
    "trailing-slash-added": Message(route="/verify/pdf"),
    "mount-prefix": Message(mount="/mock"),
    "query-included": Message(method="GET"),
    "file-signed": Message(file=True),
    "file-as-field": Message(route="/doc/runcheck/"),
    "empty-dropped": Message(sent=_WORDS),
    "words-spelled-otherwise": Message(sent=_WORDS),
    "values-trimmed": Message(sent={**_SENT, "username": " mia "}),
    "plus-as-space": Message(_PLAIN, {**_BARE, "username": "mia+mere"}),
    "ampersand-in-value": Message(_AND, {"key": KEY, "nonce": "17", "timestamp": str(_FROZEN), "data": _AND}),
    "percent-in-value": Message(_PLAIN, {**_BARE, "username": "100%"}),
    "plus-in-value": Message(_PLAIN, {**_BARE, "username": "mia mere + co"}),
    "sent-in-another-charset": Message(_ACCENT, {**_BARE, "data": _ACCENT, "username": "Zo\u00eb"}),
}
"""By mistake; the others are made with the usual one."""
SAME_AS: Mapping[tuple[str, str], str] = {(CALLBACK, "charset-marked"): "byte-order-mark"}
"""What is one mistake by two names there, since the text is the document."""


class Case(NamedTuple):
    """One program to run. ``code``: the mistake; `RIGHT`: none. ``message``: a key of `MESSAGES`, or empty."""

    direction: str
    code: str
    message: str


def cases(language: str) -> list[Case]:
    """The right signature of every message, and each mistake that the language has."""
    mistakes = [
        Case(direction, code, code if code in MESSAGES else "")
        for direction in DIRECTIONS
        for code in codes(direction)
        if not snippet(language, direction, code).none
    ]
    messages = dict.fromkeys((case.direction, case.message) for case in mistakes)
    return [*(Case(direction, RIGHT, message) for direction, message in messages), *mistakes]


# -- one program of all of them
class Frame(NamedTuple):
    """What a program needs around the snippets."""

    file: str
    command: Sequence[str]
    head: str
    function: str
    """With ``%d`` for the number of the case and ``%s`` for the snippets."""
    call: str
    """``%d``: number, ``%s``: data, sent, route."""
    main: str = ""
    """What opens the calls, and what ends the file."""
    tail: str = ""


_PYTHON = Frame(
    "sign.py",
    (sys.executable,),
    "import base64, hashlib, hmac, html, io, json, os, re, unicodedata\nfrom urllib.parse import quote, urlencode\n"
    'def milliseconds_now(): return "1700000000007"\ndef next_nonce(): return "18"\n',
    "def case%d(data, sent, route):\n%s    return signature, wire\n",
    'print(%d, *case%d(%s), sep="\\t")\n',
)
_NODE = Frame(
    "sign.mjs",
    ("node",),
    'import { createHash, createHmac } from "node:crypto";\nimport { readFileSync } from "node:fs";\n'
    'import { execSync } from "node:child_process";\n'
    'const millisecondsNow = () => "1700000000007", nextNonce = () => "18";\n',
    "function case%d(data, sent, route) {\n%s    return [signature, wire];\n}\n",
    'console.log([%d, ...case%d(%s)].join("\\t"));\n',
)
_PHP = Frame(
    "sign.php",
    ("php", "-d", "display_errors=stderr", "-d", "error_reporting=E_ALL&~E_WARNING"),
    "<?php\nfunction milliseconds_now() { return '1700000000007'; }\nfunction next_nonce() { return '18'; }\n",
    "function case%d($data, $sent, $route) {\n%s    return [$signature, $wire];\n}\n",
    'echo implode("\\t", [%d, ...case%d(%s)]), "\\n";\n',
)
_RUBY = Frame(
    "sign.rb",
    ("ruby", "-W0"),
    "Encoding.default_external = Encoding::UTF_8\n"
    "require 'cgi'; require 'digest'; require 'json'; require 'openssl'; require 'stringio'; require 'uri'\n"
    "def milliseconds_now = '1700000000007'\ndef next_nonce = '18'\n",
    "def case%d(data, sent, route)\n%s    [signature, wire]\nend\n",
    'puts [%d, *case%d(%s)].join("\\t")\n',
)
_GO = Frame(
    "sign.go",
    ("go", "run"),
    "package main\nimport (\n"
    + "".join(
        f'\t"{name}"\n'
        for name in [
            "crypto/hmac",
            "crypto/md5",
            "crypto/sha256",
            "crypto/sha512",
            "encoding/base64",
            "encoding/binary",
            "encoding/hex",
            "encoding/json",
            "fmt",
            "html",
            "io",
            "net/url",
            "os",
            "regexp",
            "sort",
            "strconv",
            "strings",
            "unicode/utf16",
            "unicode/utf8",
        ]
    )
    + ')\nfunc millisecondsNow() string { return "1700000000007" }\nfunc nextNonce() string { return "18" }\n'
    "func say(number int) func(string, string) {"
    ' return func(signature, wire string) { fmt.Printf("%d\\t%s\\t%s\\n", number, signature, wire) } }\n',
    "func case%d(data string, sent map[string]string, route string) (string, string) {\n%s\treturn signature, wire\n}\n",
    "\tsay(%d)(case%d(%s))\n",
    "func main() {\n",
    "}\n",
)
_JAVA = Frame(
    "Sign.java",
    ("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1"),
    "import static java.net.URLEncoder.encode;\nimport static java.nio.charset.StandardCharsets.*;\n"
    + "".join(
        f"import {name};\n"
        for name in [
            "java.io.ByteArrayInputStream",
            "java.math.BigInteger",
            "java.nio.file.Files",
            "java.nio.file.Path",
            "java.security.MessageDigest",
            "java.text.Normalizer",
            "java.util.*",
            "java.util.regex.Pattern",
            "javax.crypto.Mac",
            "javax.crypto.spec.SecretKeySpec",
        ]
    )
    + 'public class Sign {\nstatic String millisecondsNow() { return "1700000000007"; }\nstatic String nextNonce() { return "18"; }\n'
    "static Map<String, String> map(String... all) { var made = new LinkedHashMap<String, String>();"
    " for (int i = 0; i < all.length; i += 2) made.put(all[i], all[i + 1]); return made; }\n"
    "static void say(int number, String[] made) {"
    ' System.out.println(number + "\\t" + made[0] + "\\t" + made[1]); }\n',
    "static String[] case%d(String data, Map<String, String> sent, String route) throws Exception {\n%s"
    "    return new String[] {signature, wire};\n}\n",
    "say(%d, case%d(%s));\n",
    "public static void main(String[] given) throws Exception {\n",
    "}\n}\n",
)
FRAMES: Mapping[str, Frame] = {
    "python": _PYTHON,
    "node": _NODE,
    "php": _PHP,
    "go": _GO,
    "java": _JAVA,
    "ruby": _RUBY,
}
_NO_WIRE = {
    "python": 'wire = ""',
    "node": 'const wire = "";',
    "php": "$wire = '';",
    "go": 'wire := ""',
    "java": 'String wire = "";',
    "ruby": 'wire = ""',
}


def source(language: str, run: Sequence[Case]) -> str:
    """The program that runs them."""
    frame, functions, calls = FRAMES[language], "", ""
    for number, case in enumerate(run):
        functions += frame.function % (number, _body(language, case))
        message = MESSAGES.get(case.message, Message())
        arguments = ", ".join(
            (_text(language, message.data), _map(language, message.sent), _text(language, message.route))
        )
        calls += frame.call % (number, number, arguments)
    return frame.head + functions + frame.main + calls + frame.tail


def _body(language: str, case: Case) -> str:
    lines = program(language, case.direction, "" if case.code == RIGHT else case.code)
    if case.direction == CALLBACK:
        lines.append(_NO_WIRE[language])
    if language == "go":  # which refuses variables that nothing reads
        names = ("secret", "document", "text", "octets", "key", "digest")
        lines += [
            f"_ = {each}"
            for each in (*names, *(("fields", "names", "path") if case.direction == REQUEST else ()))
        ]
    return "".join(f"    {line}\n" for part in lines for line in part.splitlines())


def _text(language: str, text: str) -> str:
    """A literal."""
    if language == "php":
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    quoted = json.dumps(text)
    return quoted.replace("#", "\\#") if language == "ruby" else quoted


def _map(language: str, members: Mapping[str, str]) -> str:
    between, before, after = {
        "python": (": ", "{", "}"),
        "node": (": ", "{", "}"),
        "php": (" => ", "[", "]"),
        "ruby": (" => ", "{", "}"),
        "go": (": ", "map[string]string{", "}"),
        "java": (", ", "map(", ")"),
    }[language]
    parts = (_text(language, name) + between + _text(language, value) for name, value in members.items())
    return before + ", ".join(parts) + after


def signed(language: str) -> list[tuple[Case, str, str]]:
    """Each case with its signature and the form that was sent with it."""
    run, frame = cases(language), FRAMES[language]
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {**_FILES, frame.file: source(language, run)}.items():
            (Path(folder) / name).write_bytes(content.encode())
        done = subprocess.run(
            [*frame.command, frame.file],
            cwd=folder,
            env={**os.environ, **_ENVIRONMENT},
            capture_output=True,
            encoding="utf-8",
            timeout=600,
        )
    if done.returncode:
        raise RuntimeError(f"the snippets in {language} do not run: {done.stderr[-4000:]}")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [(run[int(number)], signature, wire) for number, signature, wire in rows]


# -- what the doctor says
@cache
def _services() -> tuple[Services, dict[str, Any]]:
    clock = ManualClock(_FROZEN / 1000)
    providers = dict(registry.build({"cloudcheck": {"signature_case": "lower"}}))
    store = open_store("memory", journal_limit=10, clock=clock)
    accounts = Accounts(
        {
            "default": {
                "cloudcheck": {"key": KEY, "secret": SECRET},
                "shuftipro": {"client_id": KEY, "secret_key": SECRET},
            },
            "other": {
                "cloudcheck": {"key": "other-key", "secret": OTHER},
                "shuftipro": {"client_id": "other-id", "secret_key": OTHER},
            },
        },
        providers.values(),
        store,
    )
    settings = {name: provider.settings for name, provider in providers.items()}
    return Services(store, accounts, ProcessIds("t"), seed=0, settings=settings), providers


def named(case: Case, signature: str, wire: str) -> list[str]:
    """The codes that the doctor gives; none of a right signature."""
    services, providers = _services()
    unit = UnitOfWork(services, services.accounts.default(), _FROZEN / 1000, "http://localhost:8484")
    message = MESSAGES.get(case.message, Message())
    if case.direction == CALLBACK:
        explanation = providers["shuftipro"].explain_message(
            unit, message.data.encode(), {"signature": signature}
        )
    else:
        explanation = providers["cloudcheck"].explain(unit, _request(message, signature, wire))
    if explanation["valid"] != (not explanation["mistakes"]):
        raise AssertionError(f"a signature is both right and mistaken: {explanation}")
    return [mistake["id"] for mistake in explanation["mistakes"]]


def _request(message: Message, signature: str, wire: str) -> Request:
    form = f"{wire}&signature={quote(signature, safe='')}"
    kind, body = "application/x-www-form-urlencoded", form.encode()
    if message.file:
        kind, body = "multipart/form-data; boundary=edge", _multipart(form)
    query = form if message.method == "GET" else ""
    headers = {"content-type": kind, "host": "localhost:8484"}
    return Request(
        message.method,
        message.route,
        query,
        headers,
        b"" if query else body,
        mount=message.mount,
        origin=f"http://localhost:8484{message.mount}",
    )


def _multipart(form: str) -> bytes:
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parse_qsl(form, keep_blank_values=True)
    ]
    file = (
        '--edge\r\nContent-Disposition: form-data; name="file"; filename="passport.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\nJPEG\r\n--edge--\r\n"
    )
    return "".join((*parts, file)).encode()


def expected_codes(case: Case) -> list[str]:
    return [] if case.code == RIGHT else [SAME_AS.get((case.direction, case.code), case.code)]


def wrongly_judged(signatures: Iterable[tuple[Case, str, str]]) -> list[str]:
    """Of what `signed` gives, that which the doctor names otherwise than the page does."""
    judged = [(case, named(case, signature, wire)) for case, signature, wire in signatures]
    return [
        f"{case.direction} {case.code} {case.message}: named {codes}"
        for case, codes in judged
        if codes != expected_codes(case)
    ]


def main(arguments: Sequence[str]) -> int:
    failed = False
    for language in LANGUAGES:
        program = FRAMES[language].command[0]
        if shutil.which(program) is None:
            print(f"{language}: left out, since {program} is not installed")
            failed = failed or "--all" in arguments
            continue
        problems, run = wrongly_judged(signed(language)), cases(language)
        failed = failed or bool(problems)
        wrong = sum(case.code != RIGHT for case in run)
        print(
            f"{language}: {wrong} wrong and {len(run) - wrong} right signatures, {len(problems)} judged otherwise"
        )
        for problem in problems:
            print(f"  {problem}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
