"""One wrong and one right snippet for each mistake and language, from ``docs/snippets``: the data behind the page and its proof.

A signature is made in steps, and each mistake departs from one of them, so a wrong snippet stands in place of one right step. A file
has ``right``, the steps of a request; ``callback``, those that a callback makes otherwise; and ``wrong``, by mistake: a snippet, one
for ``request`` and one for ``callback``, or why there is ``none``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from mock_server.diagnosis.mistake import Stage
from mock_server.diagnosis.mistakes import BY_ID, MISTAKES
from mock_server.diagnosis.search import Profile
from mock_server.providers.cloudcheck.mistakes import PROFILE
from mock_server.providers.shuftipro.mistakes import PROFILES

FOLDER = Path(__file__).parent / "snippets"
LANGUAGES = ("python", "node", "php", "go", "java", "ruby")
REQUEST, CALLBACK = "request", "callback"
DIRECTIONS: Mapping[str, Profile] = {REQUEST: PROFILE, CALLBACK: PROFILES["hashed"]}
"""Cloudcheck's requests are signed, Shufti Pro's callbacks are checked."""
STEPS: Mapping[str, Sequence[str]] = {
    REQUEST: (
        "secret",
        "document",
        "fields",
        "names",
        "path",
        "text",
        "octets",
        "key",
        "digest",
        "signature",
        "wire",
    ),
    CALLBACK: ("secret", "document", "text", "octets", "key", "digest", "signature"),
}
"""In the order in which they are made. ``wire`` is the form as it is sent, without the signature."""
_STEP: Mapping[Stage, str] = {
    Stage.JSON: "document",
    Stage.TEXT: "document",
    Stage.PARAMETERS: "fields",
    Stage.VALUES: "fields",
    Stage.ORDER: "names",
    Stage.JOIN: "text",
    Stage.PATH: "path",
    Stage.SECRET: "secret",
    Stage.KEY: "key",
    Stage.MAC: "digest",
    Stage.CHARSET: "octets",
    Stage.SPELLING: "signature",
}
_WHEN_SENDING = frozenset(
    {
        "plus-as-space",
        "ampersand-in-value",
        "percent-in-value",
        "repeated-parameter",
        "encoded-twice",
        "plus-in-value",
        "sent-in-another-charset",
        "sent-as-utf-16",
        "file-as-field",
    }
)
"""What was signed is right, and was sent in another way."""


class Snippet(NamedTuple):
    """A mistake in a language."""

    wrong: str
    """The lines that make it; empty where the language has none."""
    right: str
    """Those that belong in their place."""
    none: str = ""
    """Why there is none."""


@cache
def read(language: str) -> Mapping[str, Mapping[str, str | Mapping[str, str]]]:
    """The file of a language."""
    document: Mapping[str, Mapping[str, str | Mapping[str, str]]] = yaml.safe_load(
        (FOLDER / f"{language}.yaml").read_text("utf-8")
    )
    return document


def name(language: str) -> str:
    return str(read(language)["language"])


def codes(direction: str) -> list[str]:
    """The mistakes that can be made there."""
    profile = DIRECTIONS[direction]
    return [each.id for each in MISTAKES if each.stage in profile.stages and each.id not in profile.without]


def step(code: str) -> str:
    """The step from which the mistake departs."""
    return "wire" if code in _WHEN_SENDING else _STEP[BY_ID[code].stage]


def right(language: str, direction: str) -> dict[str, str]:
    """The steps of the right signature."""
    file = read(language)
    own = {**file["right"], **(file["callback"] if direction == CALLBACK else {})}
    return {each: str(own[each]) for each in STEPS[direction]}


def snippet(language: str, direction: str, code: str) -> Snippet:
    """Raises ``LookupError`` where the language has no entry."""
    entry = read(language)["wrong"].get(code)
    if entry is None:
        raise LookupError(
            f"docs/snippets/{language}.yaml has no entry {code!r} below wrong: add the lines that make it, or none: and why"
        )
    lines = right(language, direction)[step(code)]
    if isinstance(entry, str):
        return Snippet(entry, lines)
    return Snippet("", lines, entry["none"]) if "none" in entry else Snippet(entry[direction], lines)


def program(language: str, direction: str, code: str = "") -> list[str]:
    """All steps, one of them with this mistake; without one the right ones."""
    lines = right(language, direction)
    if code:
        lines[step(code)] = snippet(language, direction, code).wrong
    return [*lines.values()]
