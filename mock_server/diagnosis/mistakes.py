"""The mistakes that people make when they sign or check, as data. Adding one is one entry here, and a row in a test of each vendor
that it applies to.

A mistake turns the right way of signing into the ways of somebody who makes it. `search` looks which of them, alone or in pairs,
give the signature at hand; nothing else names one. A vendor says which stages apply to it, and has its own words for the
``{document}`` that is signed and the ``{construction}`` that is right. Sources: the vendors' pages for what is right; negative
vectors, clients' code and ``tests/corpora/signing`` for what goes wrong. Long because a mistake is one entry here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from mock_server.diagnosis import keys, parameters, texts
from mock_server.diagnosis.recipe import Case, Recipe, Variant, Variants, setting


class Stage(IntEnum):
    """What a mistake changes, in the order of signing. Two mistakes of different stages can be made together."""

    JSON = 0
    TEXT = 1
    PARAMETERS = 2
    VALUES = 3
    ORDER = 4
    JOIN = 5
    PATH = 6
    SECRET = 7
    KEY = 8
    MAC = 9
    CHARSET = 10
    SPELLING = 11


TEXT, SECRET, CONSTRUCTION, REQUEST = "text", "secret", "construction", "request"
KINDS: Mapping[Stage, str] = {
    Stage.JSON: TEXT,
    Stage.TEXT: TEXT,
    Stage.PARAMETERS: REQUEST,
    Stage.VALUES: REQUEST,
    Stage.ORDER: REQUEST,
    Stage.JOIN: REQUEST,
    Stage.PATH: REQUEST,
    Stage.SECRET: SECRET,
    Stage.KEY: CONSTRUCTION,
    Stage.MAC: CONSTRUCTION,
    Stage.CHARSET: TEXT,
    Stage.SPELLING: CONSTRUCTION,
}
"""How the documentation groups the stages."""


class Mistake(NamedTuple):
    """One known mistake."""

    id: str
    stage: Stage
    explanation: str
    """``{document}``, ``{construction}`` and ``{digits}`` are the vendor's words, ``{how}`` the variant's."""
    fix: str
    variants: Variants
    weight: int = 1
    """How unlikely it is to be one of two: 0, 1, 2 or 3."""


def macs(*ways: tuple[str, str, str]) -> Variants:
    """Each way: form and hash, what is made of the secret (empty: what is right), and in words."""

    def variants(recipe: Recipe, case: Case) -> list[Variant]:
        return [setting(how, mac=mac, **({"key": key} if key else {})) for mac, key, how in ways]

    return variants


def made_of_secret(*ways: tuple[str, str]) -> Variants:
    """Each way: a key of `construction.KEYS`, and in words."""
    return lambda recipe, case: [setting(how, key=key) for key, how in ways]


def other_scheme(recipe: Recipe, case: Case) -> list[Variant]:
    hashed = recipe.key == "sha256"
    how = (
        "the secret as it is, not its SHA-256"
        if hashed
        else "the SHA-256 of the secret, not the secret as it is"
    )
    return [setting(how, key="as-is" if hashed else "sha256")]


def charsets(*names: str) -> Variants:
    return lambda recipe, case: [setting(charset=name) for name in names]


def _nothing(recipe: Recipe, case: Case) -> list[Variant]:
    """Of a mistake that is seen in the digest as it is written."""
    return []


_ONE_TEXT = "{one_text}"
_PARTS = "Write name=value; for each parameter, with nothing else before, between or behind them."

MISTAKES: tuple[Mistake, ...] = (
    # -- the request
    Mistake(
        "last-semicolon-missing",
        Stage.JOIN,
        "The ; after the last parameter is missing.",
        "End the text with a ; too: each parameter, the last one included, is followed by one.",
        parameters.joined((b"", b"=", b";", b"")),
        0,
    ),
    Mistake(
        "trailing-slash-missing",
        Stage.PATH,
        "The path was signed without the slash at its end.",
        "Sign the path exactly as it is requested, such as /verify/ with its slash.",
        parameters.slash_missing,
        0,
    ),
    Mistake(
        "trailing-slash-added",
        Stage.PATH,
        "The path was signed with a slash at its end that the request does not have.",
        "Sign the path exactly as it is requested, such as /verify/pdf without a slash.",
        parameters.slash_added,
        0,
    ),
    Mistake(
        "plus-as-space",
        Stage.VALUES,
        "A + was sent as it is and arrived as a space.",
        "Percent-encode values when sending: + becomes %2B.",
        parameters.plus_lost,
        0,
    ),
    Mistake(
        "text-trimmed",
        Stage.TEXT,
        "White space or a character at an end of {document} was taken away.",
        "Keep {document} with every byte of it.",
        texts.trimmed,
    ),
    Mistake(
        "byte-order-mark",
        Stage.TEXT,
        "A byte order mark was put before {document}, or taken away from it.",
        "Write UTF-8 without a byte order mark; in .NET with new UTF8Encoding(false).",
        texts.marked,
    ),
    Mistake(
        "line-ends",
        Stage.TEXT,
        "The line breaks of {document} were changed.",
        _ONE_TEXT,
        texts.line_ends,
    ),
    Mistake(
        "text-ended",
        Stage.TEXT,
        "A line break or a space was added to {document}.",
        "Use {document} without adding to it; beware of echo, of println and of editors.",
        texts.ended,
        0,
    ),
    Mistake(
        "json-rewritten",
        Stage.JSON,
        "The JSON of {document} was parsed and written again{how}.",
        _ONE_TEXT,
        texts.rewritten,
        0,
    ),
    Mistake(
        "path-encoded",
        Stage.PATH,
        "The path was signed percent-encoded.",
        "Sign the path as it is decoded, such as /verify/, not %2Fverify%2F.",
        parameters.path_encoded,
    ),
    Mistake(
        "full-url",
        Stage.PATH,
        "The scheme or host was signed with the path.",
        "Begin the text with the path alone, such as /verify/.",
        parameters.full_url,
        0,
    ),
    Mistake(
        "mount-prefix",
        Stage.PATH,
        "The prefix under which the mock is reached was signed with the path.",
        "Sign the path below the prefix, such as /verify/; the prefix is the mock's own.",
        parameters.mounted,
    ),
    Mistake(
        "query-included",
        Stage.PATH,
        "The query string, or its question mark, was signed with the path.",
        "Begin the text with the path alone; the parameters of the query follow it, sorted, as name=value;.",
        parameters.query_included,
    ),
    Mistake(
        "method-included",
        Stage.PATH,
        "The HTTP method was signed.",
        "Begin the text with the path; the method is not part of it.",
        parameters.method_included,
    ),
    Mistake(
        "path-incomplete",
        Stage.PATH,
        "The path, or a part of it, was left out.",
        "Begin the text with the whole path, such as /verify/.",
        parameters.path_bare,
    ),
    Mistake(
        "path-changed",
        Stage.PATH,
        "The path was signed with a doubled slash, or in other letters than it was requested.",
        "Sign the path exactly as it is requested, such as /verify/.",
        parameters.path_doubled,
        2,
    ),
    Mistake(
        "ampersand-joins",
        Stage.JOIN,
        "The parameters were joined with &, as in a query string.",
        _PARTS,
        parameters.joined(
            (b"", b"=", b"&", b""), (b"?", b"=", b"&", b""), (b"", b"=", b"&", b"&"), (b"?", b"=", b"&", b"&")
        ),
        0,
    ),
    Mistake(
        "other-joins",
        Stage.JOIN,
        "The parameters were joined in another way than with name=value;.",
        _PARTS,
        parameters.joined(
            (b"", b"=", b"", b""),
            (b"", b"", b"", b""),
            (b"?", b"=", b";", b";"),
            (b"?", b"=", b";", b""),
            (b";", b"=", b";", b";"),
            (b";", b"=", b";", b""),
            (b"", b"=", b"; ", b";"),
            (b"", b"=", b"; ", b"; "),
            (b"", b"=", b"; ", b""),
            (b"", b":", b";", b";"),
            (b"", b": ", b";", b";"),
            (b"", b" = ", b";", b";"),
            (b"", b"=", b"\n", b""),
            (b"", b"=", b"\n", b"\n"),
            (b"\n", b"=", b"\n", b""),
            (b"\n", b"=", b"\n", b"\n"),
            (b"\n", b"=", b";", b";"),
            (b"\n", b"=", b"&", b""),
            (b"", b"=", b",", b""),
            (b"", b"=", b", ", b""),
            (b"", b"=", b",", b","),
            (b"", b"=", b"|", b""),
            (b"|", b"=", b"|", b""),
            (b"", b"=", b" ", b""),
            (b"", b"=", b";\n", b";"),
            (b"", b"=", b";\n", b";\n"),
            (b" ", b"=", b";", b";"),
            (b":", b"=", b";", b";"),
            (b"&", b"=", b"&", b""),
            (b"", b":", b",", b""),
            (b"", b"=", b";", b";;"),
            (b"", b"=", b";", b";\n"),
            (b"", b"=", b";", b"\n"),
            (b"", b"=", b";", b"; "),
        ),
    ),
    Mistake(
        "parameters-as-json",
        Stage.JOIN,
        "The parameters were signed as one JSON object, or their values without their names.",
        _PARTS,
        parameters.as_json,
        2,
    ),
    Mistake(
        "values-encoded",
        Stage.VALUES,
        "The values were URL-encoded before they were signed{how}.",
        "Sign the plain values; encode them only in the body or the query.",
        parameters.encoded,
        0,
    ),
    Mistake(
        "document-left-out",
        Stage.PARAMETERS,
        "The parameter {document} was not signed.",
        "Sign all parameters but signature, {document} among them.",
        parameters.document_left_out,
    ),
    Mistake(
        "common-left-out",
        Stage.PARAMETERS,
        "A parameter that every request has was not signed{how}.",
        "Sign all parameters but signature: key, nonce and timestamp too.",
        parameters.transport_left_out,
    ),
    Mistake(
        "empty-dropped",
        Stage.PARAMETERS,
        "A parameter with an empty value was not signed.",
        "Sign an empty parameter as name=;, or do not send it.",
        parameters.empty_dropped,
    ),
    Mistake(
        "parameter-left-out",
        Stage.PARAMETERS,
        "A further parameter was sent, but not signed{how}.",
        "Sign all parameters but signature, optional ones such as username too.",
        parameters.others_left_out,
    ),
    Mistake(
        "signature-included",
        Stage.PARAMETERS,
        "The parameter signature itself was signed.",
        "Leave signature out of the text.",
        parameters.signature_included,
    ),
    Mistake(
        "secret-in-text",
        Stage.PARAMETERS,
        "The secret was put into the text, too.",
        "Use the secret as the key of the HMAC, and nowhere else.",
        parameters.secret_included,
        2,
    ),
    Mistake(
        "file-signed",
        Stage.PARAMETERS,
        "The uploaded file was signed as a parameter.",
        "Sign the form fields only; leave the file part out.",
        parameters.file_signed,
    ),
    Mistake(
        "ampersand-in-value",
        Stage.PARAMETERS,
        "A value holds an & that was sent as it is; what stands behind it arrived as a parameter of its own.",
        "Percent-encode values when sending: & becomes %26. Let the HTTP client write the form.",
        parameters.ampersand_in_value,
    ),
    Mistake(
        "percent-in-value",
        Stage.PARAMETERS,
        "A value holds a % that was sent as it is, so the parameter could not be decoded.",
        "Percent-encode values when sending: % becomes %25. Let the HTTP client write the form.",
        parameters.dropped_signed,
    ),
    Mistake(
        "repeated-parameter",
        Stage.PARAMETERS,
        "A parameter that was sent more than once was signed in another way than the server reads it.",
        "Send each parameter once. One that has to be sent twice is signed as name=first;name=second;, in the order of sending.",
        parameters.repeated,
    ),
    Mistake(
        "sorted-otherwise",
        Stage.ORDER,
        "The parameters were sorted without regard to upper and lower case, or as texts with their values.",
        "Sort the names by code point, upper case before lower case.",
        parameters.ignoring_case,
    ),
    Mistake(
        "unsorted",
        Stage.ORDER,
        "The parameters were not sorted by name.",
        "Sort the parameters by name before joining them.",
        parameters.as_sent,
        0,
    ),
    Mistake(
        "timestamp-signed-otherwise",
        Stage.VALUES,
        "The timestamp was signed in another unit than it was sent in.",
        "Make the timestamp once, in milliseconds, and use that value for both.",
        parameters.timestamp_unit,
    ),
    Mistake(
        "timestamp-taken-twice",
        Stage.VALUES,
        "The time was taken twice: the timestamp that was signed is another one than was sent.",
        "Make the timestamp once, keep it, and use it both for the signature and in the request.",
        parameters.timestamp_twice,
        2,
    ),
    Mistake(
        "nonce-made-twice",
        Stage.VALUES,
        "The nonce that was signed is another one than was sent.",
        "Make the nonce once, keep it, and use it both for the signature and in the request.",
        parameters.nonce_twice,
        3,
    ),
    Mistake(
        "encoded-twice",
        Stage.VALUES,
        "The values were percent-encoded twice when they were sent.",
        "Encode values once. Where the HTTP client writes the form, hand it the plain values.",
        parameters.encoded_twice,
    ),
    Mistake(
        "plus-in-value",
        Stage.VALUES,
        "One + among the spaces of a value was sent as it is and arrived as a space.",
        "Percent-encode values when sending: + becomes %2B. Encoding the spaces alone is not enough.",
        parameters.plus_in_value,
        3,
    ),
    Mistake(
        "sent-in-another-charset",
        Stage.VALUES,
        "The values were sent in another character set than UTF-8, or as UTF-8 twice.",
        "Send UTF-8, and declare it: Content-Type: application/x-www-form-urlencoded; charset=utf-8.",
        parameters.sent_in_another_charset,
    ),
    Mistake(
        "values-trimmed",
        Stage.VALUES,
        "The values were trimmed before they were signed, but sent as they were.",
        "Change values first; then sign and send the same ones.",
        parameters.trimmed,
    ),
    Mistake(
        "values-quoted",
        Stage.VALUES,
        "The values were put in quotes before they were signed.",
        "Sign the plain values.",
        parameters.quoted,
        2,
    ),
    Mistake(
        "words-spelled-otherwise",
        Stage.VALUES,
        "A truth value, or nothing, was signed as the language spells it (True, 1, None), and sent in other letters.",
        "Turn every value into its text once; sign and send that text.",
        parameters.words,
        2,
    ),
    Mistake(
        "letter-case",
        Stage.VALUES,
        "Names or values were signed in lower or upper case, and sent as they are.",
        "Sign names and values in the letters in which they are sent.",
        parameters.lower_cased,
        2,
    ),
    # -- the text
    Mistake(
        "slashes-unescaped",
        Stage.TEXT,
        r"\/ in {document} was turned into /, or / into \/.",
        _ONE_TEXT,
        texts.unescaped_slashes,
    ),
    Mistake(
        "letters-unescaped",
        Stage.TEXT,
        r"The escapes \uXXXX in {document} were turned into letters, or spelled in other letters.",
        _ONE_TEXT,
        texts.unescaped_letters,
    ),
    Mistake(
        "blanks-removed",
        Stage.TEXT,
        "White space inside of {document} was taken away.",
        _ONE_TEXT,
        texts.blanks,
        2,
    ),
    Mistake(
        "data-stringified",
        Stage.JSON,
        "Something else than the JSON text of {document} was signed{how}.",
        _ONE_TEXT,
        texts.stringified,
    ),
    Mistake(
        "text-missing",
        Stage.JSON,
        "Nothing was signed where {document} belongs: it was empty, or an empty object.",
        "Read {document} before a framework does, and once only; see that the variable holds it when it is hashed.",
        texts.emptied,
    ),
    Mistake(
        "json-in-a-string",
        Stage.JSON,
        "{Document} was encoded as JSON twice: a string that holds JSON was signed, or what such a string holds.",
        _ONE_TEXT,
        texts.quoted,
    ),
    Mistake(
        "document-as-form",
        Stage.JSON,
        "The members of {document} were signed as a form, not its JSON text.",
        _ONE_TEXT,
        texts.as_form,
        2,
    ),
    Mistake(
        "document-in-part",
        Stage.JSON,
        "A part of {document} was signed, not all of it{how}.",
        _ONE_TEXT,
        texts.part,
        3,
    ),
    Mistake(
        "html-escaped",
        Stage.TEXT,
        "{Document} was HTML-escaped, as htmlspecialchars and sanitisers do, or its entities were resolved.",
        "Sanitise values where they are shown, not before they are signed.",
        texts.entities,
    ),
    Mistake(
        "backslashes",
        Stage.TEXT,
        "Backslashes were added to {document}, as addslashes and SQL escaping do, or taken away, as stripslashes does.",
        "Escape values where they are stored, not before they are signed.",
        texts.backslashes,
    ),
    Mistake(
        "unicode-normalised",
        Stage.TEXT,
        "The letters of {document} were normalised: ā as one character or as a and a macron, or without its macron.",
        "Normalise before, or not at all; sign the characters that are sent.",
        texts.normalised,
    ),
    Mistake(
        "document-letter-case",
        Stage.TEXT,
        "{Document} was changed to lower or upper case.",
        _ONE_TEXT,
        texts.letter_case,
        2,
    ),
    Mistake(
        "document-encoded",
        Stage.TEXT,
        "{Document} was percent-encoded or decoded.",
        _ONE_TEXT,
        texts.percent_encoded,
    ),
    Mistake(
        "document-base64",
        Stage.TEXT,
        "{Document} was turned into Base64 or hexadecimal digits before it was signed.",
        _ONE_TEXT,
        texts.as_base64,
        2,
    ),
    Mistake(
        "charset-latin-1",
        Stage.CHARSET,
        "The text was turned into Latin-1 bytes, or into single bytes of its characters.",
        "Hash the UTF-8 bytes of the text.",
        charsets("latin-1", "cp1252", "low bytes", "low halves"),
    ),
    Mistake(
        "charset-utf-16",
        Stage.CHARSET,
        "The text was turned into UTF-16 bytes.",
        "Hash the UTF-8 bytes of the text; in .NET with Encoding.UTF8, not Encoding.Unicode.",
        charsets("utf-16-le", "utf-16-be", "utf-16 with mark", "utf-16-be with mark", "utf-32-le"),
    ),
    Mistake(
        "charset-ascii",
        Stage.CHARSET,
        "The text was turned into ASCII: letters beyond it became ?, or were left out.",
        "Hash the UTF-8 bytes of the text; in .NET with Encoding.UTF8, not Encoding.ASCII.",
        charsets("question marks", "question marks for halves", "left out", "entities"),
    ),
    Mistake(
        "mojibake",
        Stage.CHARSET,
        "UTF-8 was taken for Latin-1 and encoded again: ā became Ä\x81.",
        "Decode and encode with the same character set, UTF-8; in PHP without utf8_encode.",
        charsets("mojibake", "mojibake cp1252"),
    ),
    Mistake(
        "charset-marked",
        Stage.CHARSET,
        "A byte order mark was put before the text.",
        "Encode UTF-8 without a byte order mark; in .NET with new UTF8Encoding(false).",
        charsets("utf-8 with mark"),
    ),
    # -- the construction
    Mistake(
        "wrong-scheme",
        Stage.KEY,
        "The other of the two schemes was used: {how}.",
        "Use the scheme of the account: hashed if it was registered after 15 March 2023, else legacy.",
        other_scheme,
        0,
    ),
    Mistake(
        "secret-hashed",
        Stage.KEY,
        "The secret was hashed before it was used{how}.",
        "{construction}",
        made_of_secret(
            ("sha256", ", with SHA-256"),
            ("sha256 bytes", ", with SHA-256, into bytes"),
            ("sha256 upper", ", with SHA-256, into upper-case digits"),
            ("sha256 twice", " twice, with SHA-256"),
            ("sha256 base64", ", with SHA-256, into Base64"),
            ("md5", ", with MD5"),
            ("sha1", ", with SHA-1"),
            ("sha512", ", with SHA-512"),
        ),
        1,
    ),
    Mistake(
        "hmac",
        Stage.MAC,
        "An HMAC was made{how}.",
        "{construction}",
        macs(
            ("hmac sha256", "as-is", ""),
            ("hmac sha256", "sha256", " with the SHA-256 of the secret as its key"),
            ("hmac sha256", "sha256 bytes", " with the bytes of the secret's SHA-256 as its key"),
            ("hmac sha512", "as-is", " with SHA-512"),
            ("hmac sha1", "as-is", " with SHA-1"),
            ("hmac md5", "as-is", " with MD5"),
            ("hmac sha384", "as-is", " with SHA-384"),
            ("hmac sha512", "sha256", " with SHA-512"),
            ("hmac sha1", "sha256", " with SHA-1"),
            ("hmac md5", "sha256", " with MD5"),
        ),
        0,
    ),
    Mistake(
        "plain-hash",
        Stage.MAC,
        "A plain hash was made{how}, not an HMAC.",
        "{construction}",
        macs(
            ("text sha256", "", " of the text alone"),
            ("text+key sha256", "", " of the text and the secret behind it"),
            ("key+text sha256", "", " of the secret and the text behind it"),
            ("text+key sha256", "sha256", " of the text and the secret's SHA-256 behind it"),
            ("text:key sha256", "", " of text and secret, with a : between them"),
            ("key:text sha256", "", " of secret and text, with a : between them"),
            ("key+text+key sha256", "", " of the text between two secrets"),
            ("text+key sha1", "", " with SHA-1 of text and secret"),
            ("text+key md5", "", " with MD5 of text and secret"),
            ("text+key sha512", "", " with SHA-512 of text and secret"),
            ("text sha1", "", " with SHA-1 of the text alone"),
            ("text md5", "", " with MD5 of the text alone"),
            ("text sha512", "", " with SHA-512 of the text alone"),
        ),
        0,
    ),
    Mistake(
        "secret-missing",
        Stage.MAC,
        "The body alone was hashed, without the secret{how}.",
        "{construction}",
        macs(
            ("text sha256", "", ""),
            ("text sha512", "", ", with SHA-512"),
            ("text sha1", "", ", with SHA-1"),
            ("text md5", "", ", with MD5"),
        ),
        0,
    ),
    Mistake(
        "secret-misplaced",
        Stage.MAC,
        "The secret was put in another place than right behind the body{how}.",
        "{construction}",
        macs(
            ("key+text sha256", "", ": before it"),
            ("key+text+key sha256", "", ": before and behind it"),
            ("text:key sha256", "", ", with a : between them"),
            ("key:text sha256", "", ": before it, with a : between them"),
            ("text.key sha256", "", ", with a . between them"),
            ("text|key sha256", "", ", with a | between them"),
            ("text key sha256", "", ", with a space between them"),
            ("text line key sha256", "", ", with a line break between them"),
        ),
        1,
    ),
    Mistake(
        "other-hash",
        Stage.MAC,
        "Another hash than SHA-256 was used{how}.",
        "{construction}",
        lambda recipe, case: [
            setting(f": {name}", mac=f"{recipe.mac.rpartition(' ')[0]} {algorithm}")
            for algorithm, name in (
                ("sha1", "SHA-1"),
                ("sha512", "SHA-512"),
                ("md5", "MD5"),
                ("sha384", "SHA-384"),
                ("sha224", "SHA-224"),
                ("sha3_256", "SHA3-256"),
                ("sha3_512", "SHA3-512"),
                ("sha3_224", "SHA3-224"),
            )
        ],
        0,
    ),
    Mistake(
        "hmac-arguments-swapped",
        Stage.MAC,
        "The text was used as the HMAC's key and the secret as its message.",
        "The secret is the key, the text is the message.",
        macs(("hmac swapped sha256", "", ""), ("hmac swapped sha1", "", ""), ("hmac swapped sha512", "", "")),
        1,
    ),
    Mistake(
        "hashed-before",
        Stage.MAC,
        "The text was hashed before it was signed, or the result once more{how}.",
        "{construction}",
        macs(
            ("hmac of hash sha256", "", ": the digits of its hash were signed"),
            ("hmac of hash bytes sha256", "", ": the bytes of its hash were signed"),
            ("hmac of base64 sha256", "", ": its Base64 was signed"),
            ("hash of hmac sha256", "", ": the result was hashed"),
            ("hmac with hashed key sha256", "", ": the secret was hashed"),
            ("twice sha256", "", ": hashed twice"),
            ("twice bytes sha256", "", ": hashed twice"),
            (
                "text without key twice sha256",
                "",
                ": the body was hashed before the secret was put behind it",
            ),
            ("key sha256", "", ": only the secret was hashed"),
        ),
        2,
    ),
    # -- the secret
    Mistake(
        "secret-padded",
        Stage.SECRET,
        "The secret was used with {how}.",
        "Trim the secret where it is read from a file or a variable, and copy it whole.",
        keys.padded,
        0,
    ),
    Mistake(
        "id-for-secret",
        Stage.SECRET,
        "The {identifier} was used where the secret belongs.",
        "Use the {secret}; the {identifier} only says who is calling.",
        keys.identifier,
        0,
    ),
    Mistake(
        "other-secret",
        Stage.SECRET,
        "Another secret was used: {how}.",
        "Use the {secret} that belongs to the {identifier} that is sent.",
        keys.others,
        0,
    ),
    Mistake(
        "secret-absent",
        Stage.SECRET,
        "The secret was not there when it was used; in its place stood {how}.",
        "Set the variable that the secret is read from, and stop at start where it is missing.",
        keys.absent,
        0,
    ),
    Mistake(
        "secret-by-the-shell",
        Stage.SECRET,
        "The shell, or a file of variables, has changed the secret: $… was replaced, a backslash taken away, or # taken for a comment.",
        "Put the secret in single quotes.",
        keys.by_the_shell,
    ),
    Mistake(
        "secret-transformed",
        Stage.SECRET,
        "The secret was used {how}.",
        "Use the secret's characters as they are, as UTF-8 bytes.",
        keys.transformed,
    ),
    Mistake(
        "secret-with-id",
        Stage.SECRET,
        "The {identifier}, or a word such as Basic, was joined to the secret.",
        "Use the {secret} alone.",
        keys.with_identifier,
        2,
    ),
    Mistake(
        "placeholder-for-secret",
        Stage.SECRET,
        "A placeholder was used that should have been replaced by the secret: {how}.",
        "Fill the placeholder in the configuration, and stop at start where a value still looks like one.",
        keys.placeholders,
        2,
    ),
    # -- the digest as it is written
    Mistake(
        "base64",
        Stage.SPELLING,
        "The digest was written as Base64.",
        "Write the digest as {digits} hexadecimal digits.",
        _nothing,
    ),
    Mistake(
        "upper-case",
        Stage.SPELLING,
        "The digest was written in upper case.",
        "Write the hexadecimal digits in lower case.",
        _nothing,
    ),
    Mistake(
        "hex-of-hex",
        Stage.SPELLING,
        "The digest was written down twice: its digits, or its Base64, were themselves turned into hexadecimal digits or Base64.",
        "Turn the digest's bytes into hexadecimal digits once.",
        _nothing,
    ),
    Mistake(
        "digest-padded",
        Stage.SPELLING,
        "There are spaces, quotes, a prefix such as sha256= or separators in the digest.",
        "Write the {digits} hexadecimal digits alone.",
        _nothing,
    ),
    Mistake(
        "digest-cut",
        Stage.SPELLING,
        "Only the beginning of the digest was written.",
        "Write all {digits} hexadecimal digits.",
        _nothing,
    ),
    Mistake(
        "zeros-missing",
        Stage.SPELLING,
        "The hexadecimal digits lack leading zeros, or a byte was written with its sign.",
        "Write each byte as two digits, such as %02x; not with BigInteger.toString(16) or Integer.toHexString.",
        _nothing,
    ),
    Mistake(
        "digest-printed",
        Stage.SPELLING,
        "The bytes of the digest were printed as the language shows them, such as b'…' or a list of numbers.",
        "Write the digest's bytes as {digits} hexadecimal digits.",
        _nothing,
    ),
    Mistake(
        "digest-is-a-word",
        Stage.SPELLING,
        "In place of the digest stands what a language writes for a missing value or an object.",
        "Write the digest's bytes as {digits} hexadecimal digits; look whether the function that signs is awaited.",
        _nothing,
    ),
    Mistake(
        "no-digest",
        Stage.SPELLING,
        "The signature is not a digest: it is neither hexadecimal digits nor Base64 of one.",
        "Write the digest's bytes as {digits} hexadecimal digits.",
        _nothing,
    ),
)
"""Of one stage, the likelier first: the first that gives the signature is named."""
BY_ID: Mapping[str, Mistake] = {mistake.id: mistake for mistake in MISTAKES}
