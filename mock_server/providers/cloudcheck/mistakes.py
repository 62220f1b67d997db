"""The mistakes that clients make when they sign, as data. Adding one is one entry here and one row in its
test.

Each mistake turns the right way of signing into the ways that somebody who makes it would sign. The doctor
(`diagnosis`) looks which of them, alone or in pairs, gives the digest that was sent. Sources: the vendor's
overview page for what is right, the negative vectors and the clients of the wire reference for what goes
wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mock_server.providers.cloudcheck import recipes
from mock_server.providers.cloudcheck.recipes import Variants

PARAMS, DATA, VALUES, ORDER, JOIN, PATH, SECRET, CHARSET, MAC = range(9)


class Mistake(NamedTuple):
    """One known mistake."""

    id: str
    stage: int
    """Mistakes of different stages can be made together; lower stages come first when signing."""
    explanation: str
    fix: str
    variants: Variants


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "last-semicolon-missing",
        JOIN,
        "There is no ; after the last parameter.",
        "End the text with a ; too: each parameter, the last one included, is followed by one.",
        recipes.joined(("", "=", ";", "")),
    ),
    Mistake(
        "trailing-slash-missing",
        PATH,
        "The path was signed without the slash at its end.",
        "Sign the path exactly as it is requested, such as /verify/ with its slash.",
        recipes.slash_missing,
    ),
    Mistake(
        "trailing-slash-added",
        PATH,
        "The path was signed with a slash at its end that the request does not have.",
        "Sign the path exactly as it is requested, such as /verify/pdf without a slash.",
        recipes.slash_added,
    ),
    Mistake(
        "path-encoded",
        PATH,
        "The path was signed percent-encoded.",
        "Sign the path as it is decoded, such as /verify/, not %2Fverify%2F.",
        recipes.path_encoded,
    ),
    Mistake(
        "full-url",
        PATH,
        "The scheme or host was signed with the path.",
        "Begin the text with the path alone, such as /verify/.",
        recipes.full_url,
    ),
    Mistake(
        "mount-prefix",
        PATH,
        "The prefix under which the mock is reached was signed with the path.",
        "Sign the path below the prefix: /verify/, not /cloudcheck/verify/.",
        recipes.mounted,
    ),
    Mistake(
        "query-included",
        PATH,
        "The query string was signed with the path.",
        "Begin the text with the path alone; the parameters of the query follow it, sorted, as name=value;.",
        recipes.query_included,
    ),
    Mistake(
        "method-included",
        PATH,
        "The HTTP method was signed.",
        "Begin the text with the path; the method is not part of it.",
        recipes.method_included,
    ),
    Mistake(
        "path-incomplete",
        PATH,
        "The path, or the slash at its beginning, was left out.",
        "Begin the text with the path, such as /verify/.",
        recipes.path_bare,
    ),
    Mistake(
        "ampersand-joins",
        JOIN,
        "The parameters were joined with &, as in a query string.",
        "Write name=value; for each parameter, with a ; after every one and nothing else between them.",
        recipes.joined(("", "=", "&", ""), ("?", "=", "&", ""), ("", "=", "&", "&"), ("?", "=", "&", "&")),
    ),
    Mistake(
        "other-joins",
        JOIN,
        "The parameters were joined in another way than with name=value;.",
        "Write name=value; for each parameter, with nothing between the path and the first name.",
        recipes.joined(
            ("", "=", "", ""),
            ("", "", "", ""),
            ("?", "=", ";", ";"),
            (";", "=", ";", ";"),
            ("", "=", "; ", ";"),
            ("", "=", "; ", "; "),
            ("", ":", ";", ";"),
            ("", "=", "\n", ""),
            ("\n", "=", "\n", ""),
            ("", "=", ",", ""),
            ("", "=", "|", ""),
            ("", "=", ";\n", ";"),
            (" ", "=", ";", ";"),
        ),
    ),
    Mistake(
        "plus-as-space",
        VALUES,
        "A + in the query or body arrived as a space.",
        "Percent-encode values when sending: + becomes %2B.",
        recipes.plus_lost,
    ),
    Mistake(
        "values-encoded",
        VALUES,
        "The values were URL-encoded before they were signed.",
        "Sign the plain values; encode them only in the body or the query.",
        recipes.encoded,
    ),
    Mistake(
        "line-ends",
        DATA,
        "The line ends or outer spaces of data were changed between signing and sending.",
        "Send the very string that was signed; compact JSON avoids the question.",
        recipes.line_ends,
    ),
    Mistake(
        "data-reserialised",
        DATA,
        "Another spelling of the JSON in data was signed than was sent (spaces, key order, \\/ or \\u escapes).",
        "Serialise data once, keep the string, and use that very string both for the signature and in the request.",
        recipes.reserialised,
    ),
    Mistake(
        "data-stringified",
        DATA,
        "Something else than the JSON text of data was signed, such as [object Object] or a text in quotes.",
        "Sign the JSON string that is sent as data.",
        recipes.stringified,
    ),
    Mistake(
        "data-left-out",
        PARAMS,
        "The parameter data was not signed.",
        "Sign all parameters but signature, data among them.",
        recipes.without("data"),
    ),
    Mistake(
        "common-left-out",
        PARAMS,
        "One of key, nonce and timestamp was not signed.",
        "Sign all parameters but signature: key, nonce and timestamp too.",
        recipes.without("key", "nonce", "timestamp"),
    ),
    Mistake(
        "parameter-left-out",
        PARAMS,
        "A further parameter was sent, but not signed.",
        "Sign all parameters but signature, optional ones such as username too.",
        recipes.without_another,
    ),
    Mistake(
        "signature-included",
        PARAMS,
        "The parameter signature itself was signed.",
        "Leave signature out of the text.",
        recipes.signature_included,
    ),
    Mistake(
        "empty-dropped",
        PARAMS,
        "A parameter with an empty value was not signed.",
        "Sign an empty parameter as name=;, or do not send it.",
        recipes.empty_dropped,
    ),
    Mistake(
        "file-signed",
        PARAMS,
        "The uploaded file was signed as a parameter.",
        "Sign the form fields only; leave the file part out.",
        recipes.file_signed,
    ),
    Mistake(
        "repeated-parameter",
        PARAMS,
        "A parameter that was sent more than once was signed in another way than the server reads it.",
        "Send each parameter once. One that has to be sent twice is signed as name=first;name=second;, in the order of sending.",
        recipes.repeated,
    ),
    Mistake(
        "sorted-ignoring-case",
        ORDER,
        "The parameters were sorted without regard to upper and lower case.",
        "Sort the names by code point, upper case before lower case.",
        recipes.ignoring_case,
    ),
    Mistake(
        "unsorted",
        ORDER,
        "The parameters were not sorted by name.",
        "Sort the parameters by name before joining them.",
        recipes.as_sent,
    ),
    Mistake(
        "timestamp-signed-otherwise",
        VALUES,
        "The timestamp was signed in another unit than it was sent in.",
        "Make the timestamp once, in milliseconds, and use that value for both.",
        recipes.timestamp_unit,
    ),
    Mistake(
        "key-for-secret",
        SECRET,
        "The access key was used where the secret belongs.",
        "The HMAC key is the API secret; the access key is the parameter key.",
        recipes.key_for_secret,
    ),
    Mistake(
        "secret-padded",
        SECRET,
        "The secret has a line break, a space, quotes or a byte order mark around it.",
        "Trim the secret where it is read from a file or variable.",
        recipes.padded_secret,
    ),
    Mistake(
        "secret-transformed",
        SECRET,
        "The secret was decoded, re-encoded, changed in case, or empty.",
        "Use the secret's characters as they are, as UTF-8 bytes.",
        recipes.decoded_secret,
    ),
    Mistake(
        "other-secret",
        SECRET,
        "The secret of another account was used.",
        "Use the secret that belongs to the access key that is sent.",
        recipes.others_secret,
    ),
    Mistake(
        "charset-latin-1",
        CHARSET,
        "The text was turned into Latin-1 bytes.",
        "Hash the UTF-8 bytes of the text.",
        recipes.charset("latin-1", "cp1252"),
    ),
    Mistake(
        "charset-utf-16",
        CHARSET,
        "The text was turned into UTF-16 bytes.",
        "Hash the UTF-8 bytes of the text.",
        recipes.charset("utf-16-le", "utf-16-be", "utf-16"),
    ),
    Mistake(
        "plain-hash",
        MAC,
        "A plain SHA-256 was made instead of an HMAC.",
        "Make an HMAC SHA-256 with the secret as its key.",
        recipes.mac("sha256-text", "sha256-text-secret", "sha256-secret-text"),
    ),
    Mistake(
        "other-hash",
        MAC,
        "The HMAC was made with another hash than SHA-256.",
        "Use SHA-256.",
        recipes.mac(
            "hmac-md5", "hmac-sha1", "hmac-sha512", "hmac-sha384", "hmac-sha224", "md5-text", "sha1-text"
        ),
    ),
    Mistake(
        "hmac-arguments-swapped",
        MAC,
        "The text was used as the HMAC's key and the secret as its message.",
        "The secret is the key, the text is the message.",
        recipes.mac("hmac-swapped"),
    ),
)
"""In the order in which they are named when several would explain a digest: the likelier first."""

FORMATS: Mapping[str, tuple[str, str]] = {
    "base64": ("The digest was sent as Base64.", "Send the digest as 64 hexadecimal digits."),
    "upper-case": ("The digest was sent in upper case.", "Send the hexadecimal digits in lower case."),
    "hex-of-hex": (
        "The hexadecimal text was itself turned into hexadecimal digits or Base64.",
        "Turn the digest's bytes into hexadecimal digits once.",
    ),
    "padded": (
        "There are spaces, a prefix or separators in the digest.",
        "Send the 64 hexadecimal digits alone.",
    ),
}
"""Mistakes in how the right digest was written down: id → explanation, fix."""
