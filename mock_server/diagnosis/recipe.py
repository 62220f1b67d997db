"""A way to arrive at a digest, the right one or a mistaken one, and what is known of the message that was signed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from mock_server.diagnosis.json_writers import parsed

Pairs = tuple[tuple[bytes, bytes], ...]
"""Names and values, UTF-8."""


class Recipe(NamedTuple):
    """One way to arrive at a digest: a text, a key made of a secret, and a construction.

    The text of a form is its path, then ``name=value;`` of each pair. A body that is signed as it is has one pair without a
    name, and empty separators."""

    path: bytes
    pairs: Pairs
    """In the order in which they are joined."""
    secret: bytes
    lead: bytes = b""
    """Between the path and the first name."""
    equals: bytes = b"="
    between: bytes = b";"
    last: bytes = b";"
    charset: str = "utf-8"
    """What the text is turned into before it is hashed."""
    key: str = "as-is"
    """What is made of the secret: a key of `construction.KEYS`."""
    mac: str = "hmac sha256"
    """Form and hash: `construction.digest`."""

    def text(self) -> bytes:
        """What is hashed, as UTF-8."""
        parts = [name + self.equals + value for name, value in self.pairs]
        return b"".join((self.path, self.lead, self.between.join(parts), self.last))


def of_body(body: bytes, secret: bytes, key: str, mac: str) -> Recipe:
    """The recipe of a body that is signed as it is."""
    return Recipe(b"", ((b"", body),), secret, equals=b"", between=b"", last=b"", key=key, mac=mac)


class OtherSecret(NamedTuple):
    """A secret, or a value next to one, that may have been used in place of the right one."""

    name: str
    """In words, such as ``the secret of account acme``; never the secret itself."""
    value: str
    is_secret: bool = True
    """False: an identifier, which may be shown."""


@dataclass(frozen=True)
class Case:
    """What is known of the message, besides the right recipe."""

    document: bytes = b"data"
    """The parameter that holds JSON; empty for a body that is signed as it is."""
    sent: Pairs = ()
    """Decoded parameters in the order in which they came, the signature not among them."""
    raw: Mapping[bytes, Sequence[bytes]] = field(default_factory=dict)
    """Values of each parameter as they were on the wire, before decoding."""
    wire: tuple[bytes, ...] = ()
    """The query and the form as they were on the wire, cut at each ``&``; empty where a form has another format."""
    dropped: Mapping[bytes, bytes] = field(default_factory=dict)
    """Raw values of parameters that could not be decoded."""
    query: str = ""
    method: str = ""
    mount: str = ""
    raw_path: str = ""
    """The path as sent, where it was percent-encoded; empty: as it is signed."""
    hosts: tuple[str, ...] = ()
    """``scheme://host`` that the caller may have signed."""
    identifier: str = ""
    """The public half of the credentials: access key, client id."""
    secrets: tuple[OtherSecret, ...] = ()
    """Of other accounts and vendors, and other values of the same configuration."""
    variables: tuple[str, ...] = ("SECRET", "API_SECRET", "SECRET_KEY")
    """Names under which an application keeps the secret."""
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    """Name and content of uploaded files by parameter."""
    file_fields: tuple[bytes, ...] = ()
    """Parameters that have to come as files."""
    text: bytes | None = None
    """The document, as it has to be signed. None without one."""

    @cached_property
    def json(self) -> Any:
        """The document parsed; None where it is not JSON."""
        return parsed(self.text) if self.text is not None else None


class Variant(NamedTuple):
    """One way of making a mistake."""

    change: Callable[[Recipe], Recipe]
    """From a recipe to the mistaken one; an equal one where it makes no difference."""
    how: str = ""
    """The way in words, for the ``{how}`` of the explanation."""


Variants = Callable[[Recipe, Case], Iterable[Variant]]
"""From the right recipe to the ways in which somebody departs from it."""


def setting(how: str = "", **values: Any) -> Variant:
    """A variant that replaces these members."""
    return Variant(lambda recipe: recipe._replace(**values), how)


def by_name(pairs: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """Sorted by name; values of one name keep their order."""
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


def departing(change: Callable[..., Recipe], *bound: Any, how: str = "") -> Variant:
    """A variant that makes ``change(recipe, *bound)`` of a recipe."""
    return Variant(lambda recipe: change(recipe, *bound), how)


def with_values(change: Callable[..., bytes], *bound: Any, how: str = "") -> Variant:
    """A variant in which each value is what ``change(name, value, *bound)`` makes of it."""
    return Variant(
        lambda recipe: recipe._replace(
            pairs=tuple([(name, change(name, value, *bound)) for name, value in recipe.pairs])
        ),
        how,
    )


def with_document(case: Case, text: bytes, how: str = "") -> Variant:
    """A variant in which another text stands for the document."""
    return with_values(lambda name, value: text if name == case.document else value, how=how)
