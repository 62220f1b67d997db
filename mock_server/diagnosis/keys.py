"""What is used where the secret belongs: the secret spoiled on its way, another one, or what should have been replaced by it."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from mock_server.diagnosis.recipe import Case, Recipe, Variant, setting


def changed(how: str, change: Callable[..., bytes], *bound: Any) -> Variant:
    return Variant(lambda recipe: recipe._replace(secret=change(recipe.secret, *bound)), how)


def padded(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for before, after, how in (
        (b"", b"\n", "a line break behind it"),
        (b"", b" ", "a space behind it"),
        (b"", b"\r\n", "a line break (CR LF) behind it"),
        (b"", b"\r", "a carriage return behind it"),
        (b" ", b"", "a space before it"),
        (b'"', b'"', "double quotes around it"),
        (b"'", b"'", "single quotes around it"),
        (b"\xef\xbb\xbf", b"", "a byte order mark before it"),
        (b"", b"\t", "a tab behind it"),
        (b"", b"\0", "a zero byte behind it"),
        (b" ", b" ", "spaces around it"),
        (b"\n", b"\n", "line breaks around it"),
        (b"`", b"`", "backticks around it"),
        (b'"', b'"\n', "quotes and a line break"),
        (b"", b";", "a ; behind it"),
        (b"", b",", "a , behind it"),
        (b"", b"&", "an & behind it, as OAuth has it"),
        (b"=", b"", "an = before it"),
        (b"b'", b"'", "b'…' around it, as Python prints bytes"),
        (b"\xc2\xa0", b"", "a no-break space before it"),
        (b"", b"\xc2\xa0", "a no-break space behind it"),
        (b"", b"\xe2\x80\x8b", "a zero width space behind it"),
    ):
        yield changed(how, lambda secret, before, after: before + secret + after, before, after)
    yield changed("no white space at its ends, which it has", bytes.strip)
    yield changed("one character less at its end", lambda secret: secret[:-1])
    yield changed("one character less at its beginning", lambda secret: secret[1:])


_SHELL = re.compile(rb"\$(?:[A-Za-z_]\w*|\d|\{[^}]*\})")


def by_the_shell(recipe: Recipe, case: Case) -> Iterator[Variant]:
    yield changed("", lambda secret: _SHELL.sub(b"", secret))
    yield changed("", lambda secret: secret.replace(b"$$", b"$"))
    yield changed("", lambda secret: re.sub(rb"\\(.)", rb"\1", secret))
    yield changed("", lambda secret: secret.partition(b"#")[0].rstrip())
    yield changed("", lambda secret: re.sub(rb"%(\w+)%", b"", secret))


def transformed(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for how, change in _TRANSFORMS:
        try:
            secret = change(recipe.secret)
        except (ValueError, binascii.Error):
            continue
        yield setting(how, secret=secret)


_TRANSFORMS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("changed to upper case", bytes.upper),
    ("changed to lower case", bytes.lower),
    ("turned into hexadecimal digits", lambda secret: secret.hex().encode()),
    ("turned into Base64", base64.b64encode),
    (
        "decoded from Base64",
        lambda secret: base64.b64decode(secret.rstrip(b"=") + b"=" * (-len(secret.rstrip(b"=")) % 4)),
    ),
    (
        "decoded from URL-safe Base64",
        lambda secret: base64.urlsafe_b64decode(secret.rstrip(b"=") + b"=" * (-len(secret.rstrip(b"=")) % 4)),
    ),
    ("decoded from hexadecimal digits", lambda secret: bytes.fromhex(secret.decode())),
    ("percent-encoded", lambda secret: quote(secret, safe="").encode()),
    ("percent-encoded", lambda secret: quote_plus(secret).encode()),
    ("percent-decoded", lambda secret: unquote_plus(secret.decode()).encode()),
    ("HTML-escaped", lambda secret: html.escape(secret.decode()).encode()),
    ("written as a JSON string", lambda secret: json.dumps(secret.decode(), ensure_ascii=False).encode()),
    ("turned into UTF-16", lambda secret: secret.decode().encode("utf-16-le")),
    ("reversed", lambda secret: secret[::-1]),
    ("written twice", lambda secret: secret * 2),
    ("cut to 32 characters", lambda secret: secret[:32]),
    ("cut to 16 characters", lambda secret: secret[:16]),
    ("cut to 64 characters", lambda secret: secret[:64]),
    ("filled up with zero bytes to 32", lambda secret: secret.ljust(32, b"\0")),
    ("rid of its hyphens", lambda secret: secret.replace(b"-", b"")),
)


def identifier(recipe: Recipe, case: Case) -> Iterator[Variant]:
    if case.identifier:
        own = case.identifier.encode("utf-8", "surrogatepass")
        yield setting(secret=own)
        yield Variant(
            lambda recipe: recipe._replace(
                secret=own,
                pairs=tuple((name, recipe.secret if value == own else value) for name, value in recipe.pairs),
            )
        )


def with_identifier(recipe: Recipe, case: Case) -> Iterator[Variant]:
    own = case.identifier.encode("utf-8", "surrogatepass")
    if own:
        for before, after in ((own + b":", b""), (own, b""), (b"", own), (b"", b":" + own)):
            yield changed("", lambda secret, before, after: before + secret + after, before, after)
        yield changed("", lambda secret: base64.b64encode(own + b":" + secret))
        yield changed("", lambda secret: b"Basic " + base64.b64encode(own + b":" + secret))
        yield changed("", lambda secret: b"Bearer " + secret)


def others(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for other in case.secrets:
        yield setting(other.name, secret=other.value.encode("utf-8", "surrogatepass"))


def absent(recipe: Recipe, case: Case) -> Iterator[Variant]:
    for value in (
        "",
        "undefined",
        "null",
        "None",
        "nil",
        "NULL",
        "false",
        "[object Object]",
        "NaN",
        "true",
        "0",
    ):
        yield setting(value or "nothing", secret=value.encode())


_FORMS = (
    "${%s}",
    "$%s",
    "{{ %s }}",
    "{{%s}}",
    "%%%s%%",
    "<%s>",
    "#{%s}",
    "@%s@",
    "${{ secrets.%s }}",
    "${env:%s}",
    "$(%s)",
    "%s",
    "__%s__",
    "[%s]",
)
_WORDS = (
    "secret", "your-secret", "your_secret", "YOUR_SECRET", "<your-secret>", "changeme", "change-me", "xxx", "test", "password",
    "your-api-secret", "your_api_secret", "your_secret_key", "your-secret-key", "YOUR_SECRET_KEY", "<secret>", "TODO", "example",
    "secret_key", "api_secret", "***", "********", "REDACTED", "[FILTERED]",
)  # fmt: skip


def placeholders(recipe: Recipe, case: Case) -> Iterator[Variant]:
    named = (
        form % name for name in (*case.variables, "secret", "api_secret", "secret_key") for form in _FORMS
    )
    for value in dict.fromkeys((*named, *_WORDS)):
        yield setting(value, secret=value.encode())
