"""What a receiver really does, inferred from which messages it accepts and which it refuses.

A vendor has a table of `Pattern`, tried in order: the first whose conditions hold is what the receiver does, and the reason for
most of what it answers wrongly. Where the genuine message is refused, the vendor's probes are sent as well: the same message
under signatures that known mistakes give. One that is accepted tells what the receiver computes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

Headers = tuple[tuple[str, str], ...]


class Seen(NamedTuple):
    """What became of the cases of an audit."""

    accepted: frozenset[str]
    """Ids of cases that were answered with 2xx."""
    statuses: Mapping[str, int]
    """Id → status; 0: no answer."""
    forged: frozenset[str]
    """Ids of all forgeries that a check of the signature refuses, whatever else it does."""


class Pattern(NamedTuple):
    """One thing that receivers do."""

    id: str
    explanation: str
    fix: str
    holds: Callable[[Seen], bool]


class MistakenSignature(NamedTuple):
    """The genuine message under a signature that a mistake gives."""

    id: str
    """Of the mistake, and which way of making it."""
    explanation: str
    fix: str
    headers: Headers
    body: bytes


class Reasoning(NamedTuple):
    """What a vendor adds to an audit so that it can infer."""

    patterns: Sequence[Pattern]
    probes: Sequence[MistakenSignature] = ()
    """Sent only where the genuine message is refused."""
    fixes: Mapping[str, str] = {}
    """Language → the few lines that check correctly."""


class Inference(NamedTuple):
    """What the receiver really does."""

    id: str
    explanation: str
    fix: str
    language: str = ""
    """Its likely language; empty: its headers do not tell."""
    snippets: Mapping[str, str] = {}
    """Language → the lines that check correctly: of the likely language, or of the usual ones."""

    def in_words(self) -> str:
        """Cause, fix, and the lines to write."""
        lines = [self.explanation, f"Fix: {self.fix}"]
        for language, snippet in self.snippets.items():
            lines += ["", f"{language}:", *(f"    {line}" for line in snippet.split("\n"))]
        return "\n".join(lines)


def accepts(*ids: str) -> Callable[[Seen], bool]:
    """Whether all of these are accepted."""
    return lambda seen: seen.accepted.issuperset(ids)


def only(allowed: Collection[str], least: Collection[str]) -> Callable[[Seen], bool]:
    """A test for receivers that accept the genuine message, at least one of the ``least`` forgeries and none
    outside ``allowed``."""

    def holds(seen: Seen) -> bool:
        accepted_forgeries = seen.accepted & seen.forged
        return (
            "genuine" in seen.accepted
            and bool(accepted_forgeries & {*least})
            and accepted_forgeries <= {*allowed}
        )

    return holds


_LANGUAGES = (
    ("PHP", ("php", "laravel", "symfony")),
    ("Node", ("express", "node", "next.js", "fastify", "koa", "nestjs")),
    (
        "Python",
        (
            "werkzeug",
            "gunicorn",
            "uvicorn",
            "python",
            "hypercorn",
            "django",
            "wsgiserver",
            "aiohttp",
            "twisted",
        ),
    ),
    ("C#", ("kestrel", "asp.net", "microsoft-iis")),
    ("Java", ("jetty", "coyote", "tomcat", "undertow", "java", "jboss", "netty")),
    ("Ruby", ("puma", "webrick", "passenger", "unicorn", "thin")),
)
_USUAL = ("PHP", "Node", "Python")
_COOKIES = (
    ("PHP", "phpsessid"),
    ("PHP", "laravel_session"),
    ("Java", "jsessionid"),
    ("Node", "connect.sid"),
    ("C#", ".aspnetcore"),
)


def language_of(headers: Headers) -> str:
    """The likely language of a receiver that answers with these headers; empty if unknown."""
    by_name = {name.lower(): value.lower() for name, value in headers}
    for name in ("x-powered-by", "server"):
        for language, words in _LANGUAGES:
            if any(word in by_name.get(name, "") for word in words):
                return language
    if "x-runtime" in by_name:
        return "Ruby"
    if "x-aspnet-version" in by_name:
        return "C#"
    return next((language for language, cookie in _COOKIES if cookie in by_name.get("set-cookie", "")), "")


def infer(seen: Seen, reasoning: Reasoning, probed: Collection[str], headers: Headers) -> Inference | None:
    """What the receiver does; None: what it should, as far as can be seen. ``probed``: ids of probes that it accepts;
    ``headers``: of one of its answers."""
    language = language_of(headers)
    snippets = {
        name: reasoning.fixes[name]
        for name in ([language] if language in reasoning.fixes else _USUAL)
        if name in reasoning.fixes
    }
    probe = next((probe for probe in reasoning.probes if probe.id in probed), None)
    if probe is not None and not seen.forged <= seen.accepted:
        return Inference(probe.id, probe.explanation, probe.fix, language, snippets)
    pattern = next((pattern for pattern in reasoning.patterns if pattern.holds(seen)), None)
    return (
        None
        if pattern is None
        else Inference(pattern.id, pattern.explanation, pattern.fix, language, snippets)
    )
