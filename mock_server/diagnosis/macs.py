"""Mistakes in how text and secret become a digest: another key, another combination, another hash, another character set."""

from __future__ import annotations

from mock_server.diagnosis.recipe import Case, Recipe, Variant, Variants, setting


def variants_of(*ways: tuple[str, str, str]) -> Variants:
    """Each way: form and hash, a key of `construction.KEYS` (empty: the right one), and in words."""

    def variants(recipe: Recipe, case: Case) -> list[Variant]:
        return [setting(how, mac=mac, **({"key": key} if key else {})) for mac, key, how in ways]

    return variants


def keys_of(*ways: tuple[str, str]) -> Variants:
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


hashed_secret = keys_of(
    ("sha256", ", with SHA-256"),
    ("sha256 bytes", ", with SHA-256, into bytes"),
    ("sha256 upper", ", with SHA-256, into upper-case digits"),
    ("sha256 twice", " twice, with SHA-256"),
    ("sha256 base64", ", with SHA-256, into Base64"),
    ("md5", ", with MD5"),
    ("sha1", ", with SHA-1"),
    ("sha512", ", with SHA-512"),
)
hmacs = variants_of(
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
)
plain_hashes = variants_of(
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
)
without_secret = variants_of(
    ("text sha256", "", ""),
    ("text sha512", "", ", with SHA-512"),
    ("text sha1", "", ", with SHA-1"),
    ("text md5", "", ", with MD5"),
)
secret_elsewhere = variants_of(
    ("key+text sha256", "", ": before it"),
    ("key+text+key sha256", "", ": before and behind it"),
    ("text:key sha256", "", ", with a : between them"),
    ("key:text sha256", "", ": before it, with a : between them"),
    ("text.key sha256", "", ", with a . between them"),
    ("text|key sha256", "", ", with a | between them"),
    ("text key sha256", "", ", with a space between them"),
    ("text line key sha256", "", ", with a line break between them"),
)


def other_hash(recipe: Recipe, case: Case) -> list[Variant]:
    return [
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
    ]


hashed_before = variants_of(
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
)
swapped_arguments = variants_of(
    ("hmac swapped sha256", "", ""), ("hmac swapped sha1", "", ""), ("hmac swapped sha512", "", "")
)
