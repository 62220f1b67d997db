"""Every option of ``serve`` as one table, the fields of `Config`: a new option is one row."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from mock_server.core.exceptions import ConfigError
from mock_server.core.option_checks import base_url, host_name, listening_address, origins

MIB = 2**20
BODY_LIMIT = MIB
ENV_PREFIX = "MOCK_SERVER_"
T = TypeVar("T")


class Option(NamedTuple):
    """What is known of one option: ``--journal-limit`` on the command line, ``MOCK_SERVER_JOURNAL_LIMIT``,
    ``journal_limit`` in the config file."""

    name: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    metavar: str = ""
    least: int = 0
    most: int = 0
    """Bounds of a number; none where ``most`` is 0."""
    check: Callable[[str], None] | None = None
    """Raises ``ValueError`` with a remedy for a text, or one of several, that cannot be used."""

    @property
    def kind(self) -> type:
        return type(self.default)

    @property
    def many(self) -> bool:
        return isinstance(self.default, tuple)

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return ENV_PREFIX + self.name.upper()


def option(default: T, help: str, **more: Any) -> T:  # noqa: A002
    """A field of `Config` that is an option; ``more``: as in `Option`."""
    row: T = field(default=default, metadata={"help": help, **more})
    return row


_NUMBERS = 10**12
"""The largest number of anything that is stored, far more than any machine has room for."""
_WORKERS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The options in force, one field each, with the accounts and settings of the config file.

    The fields are the table: the command line, the environment, the config file and the documentation read it.
    ``--config`` itself is not among them: it says where the rest is read from."""

    host: str = option("127.0.0.1", "Address to listen on.", check=listening_address)
    port: int = option(8484, "Port to listen on; 0 takes a free one.", most=65535)
    port_file: str = option("", "Write the port into this file once the server listens.", metavar="FILE")
    scenarios: tuple[str, ...] = option(
        (), "Scenario file or directory; ./scenarios, else the shipped ones, when not given.", metavar="PATH"
    )
    tags: tuple[str, ...] = option(
        (), "Only scenarios with one of these tags; all when not given.", metavar="TAG,…"
    )
    skip_tags: tuple[str, ...] = option((), "No scenario with one of these tags.", metavar="TAG,…")
    store: str = option("memory", "Where state is stored: memory, sqlite:PATH or redis://…", metavar="URL")
    workers: int = option(1, "Server processes; more than one needs a shared store.", least=1, most=_WORKERS)
    seed: int = option(
        0, "Seed of everything random: the same seed, account and reference give the same answer."
    )
    watch: bool = option(True, "Reload scenario files when they change.")
    journal_limit: int = option(
        1000, "Requests stored for each account, and as many finished callbacks.", least=1, most=_NUMBERS
    )
    record_limit: int = option(
        5000, "Verifications stored for each account; the oldest are deleted first.", least=1, most=_NUMBERS
    )
    journal_body_limit: int = option(
        BODY_LIMIT,
        "Bytes of each request and response body that are stored; of a longer one also its length and SHA-256.",
        metavar="BYTES",
        least=1,
        most=_NUMBERS,
    )
    journal_bytes: int = option(
        64 * MIB,
        "Bytes of requests stored for each account, and as many of finished callbacks; the oldest are deleted first.",
        metavar="BYTES",
        least=1,
        most=_NUMBERS,
    )
    record_bytes: int = option(
        64 * MIB,
        "Bytes of verifications stored for each account; the oldest are deleted first.",
        metavar="BYTES",
        least=1,
        most=_NUMBERS,
    )
    total_bytes: int = option(
        256 * MIB,
        "Bytes of requests, callbacks and verifications of all accounts; those of the account that was idle longest are deleted first.",
        metavar="BYTES",
        least=1,
        most=_NUMBERS,
    )
    public_base_url: str = option(
        "",
        "What links that are handed out begin with; the caller's own Host when not given.",
        metavar="URL",
        check=partial(base_url, "https://mock.example.test"),
    )
    callback_allow: tuple[str, ...] = option(
        (),
        "Host or network that callbacks may go to, in addition to loopback and private networks.",
        metavar="HOST|CIDR",
    )
    callback_rewrite: tuple[str, ...] = option(
        (), "Replace a callback's host: localhost=host.docker.internal.", metavar="FROM=TO"
    )
    callback_proxy: str = option("", "Proxy for callbacks.", metavar="URL")
    callback_ca: str = option(
        "", "Certificate authorities trusted for callbacks, in addition to the usual ones.", metavar="FILE"
    )
    callback_verify: bool = option(True, "Check the certificates of https callbacks.")
    otlp_endpoint: str = option(
        "",
        "Send OpenTelemetry spans there by OTLP over HTTP, such as http://localhost:4318; requires the extra otel.",
        metavar="URL",
        check=partial(base_url, "http://localhost:4318"),
    )
    admin_token: str = option("", "Bearer token that /__admin demands; none when not given.", metavar="T")
    admin_host: tuple[str, ...] = option(
        (),
        "Further Host name under which /__admin may be reached; *.NAME for all names below it.",
        metavar="HOST",
        check=host_name,
    )
    cors: tuple[str, ...] = option(
        (), "Origin that may call the vendor endpoints from a browser; * for any.", metavar="ORIGIN"
    )
    mock_headers: bool = option(True, "Send the X-Mock-… headers.")
    max_body: int = option(
        32 * 1024 * 1024,
        "Largest request body in bytes; a larger one is answered 413.",
        metavar="BYTES",
        least=1,
        most=_NUMBERS,
    )
    tls_cert: str = option("", "Serve https with this certificate chain (PEM).", metavar="FILE")
    tls_key: str = option("", "Its private key (PEM).", metavar="FILE")
    tls_self_signed: bool = option(
        False, "Serve https with a self-signed certificate, and print how to trust it."
    )
    log_format: str = option("text", "Form of the log lines on stderr.", choices=("text", "json"))
    log_level: str = option(
        "info",
        "How much is logged; debug has a line for every request.",
        choices=("debug", "info", "warning", "error"),
    )

    accounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


OPTIONS = tuple(
    Option(one.name, one.default, **one.metadata) for one in fields(Config) if "help" in one.metadata
)
BY_NAME: Mapping[str, Option] = {option.name: option for option in OPTIONS}


def build(
    *layers: Mapping[str, Any],
    accounts: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Config:
    """Config from layers of given options, the strongest first, over the defaults. Raises `ConfigError` with
    a remedy."""
    values: dict[str, Any] = {}
    for option in OPTIONS:
        written = (layer[option.name] for layer in layers if layer.get(option.name) is not None)
        values[option.name] = convert(option, next(written, option.default))
    for name in ("tags", "skip_tags"):
        values[name] = tuple(tag for item in values[name] for tag in item.replace(",", " ").split())
    try:
        values["cors"] = origins(values["cors"])
    except ValueError as error:
        raise ConfigError(f"--cors: {error}") from None
    config = Config(**values, accounts=accounts or {}, settings=settings or {})
    _check(config)
    return config


def openings(config: Config) -> list[str]:
    """Warnings of how strangers reach the server."""
    warnings = []
    if not _is_loopback(config.host) and not config.admin_token:
        warnings.append(
            f"--host {config.host} without --admin-token: any caller who reaches this port controls the server; set a token,"
            " or listen on 127.0.0.1"
        )
    if "*" in config.cors:
        warnings.append(
            "--cors *: a page of any site that a browser here shows can call the vendors' endpoints; name the origins"
            " that need it"
        )
    return warnings


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def from_environment(
    environ: Mapping[str, str], is_known: Callable[[str], bool] = lambda variable: False
) -> tuple[dict[str, Any], list[str]]:
    """Options among the ``MOCK_SERVER_…`` variables, and a warning for each that is none. ``is_known``: whether
    another one means something to somebody else."""
    options: dict[str, Any] = {}
    warnings = []
    known = {option.variable: option for option in OPTIONS}
    others = {ENV_PREFIX + "CONFIG", ENV_PREFIX + "COMPILE"}
    for name, text in environ.items():
        if not name.startswith(ENV_PREFIX) or name in others:
            continue
        if name not in known and is_known(name):
            continue
        if name not in known:
            warnings.append(f"{name} is not a known variable{_suggest(name, known)}")
        elif text != "":
            options[known[name].name] = convert(known[name], text, name)
    return options, warnings


def convert(option: Option, value: Any, place: str = "") -> Any:
    """The value as the option has it. Raises `ConfigError` with a remedy. ``place``: what the user has written;
    empty: the flag."""
    place = place or option.flag
    if option.many:
        return _texts(option, value, place)
    if option.kind is bool:
        return _truth(value, place)
    if option.kind is int:
        return _number(option, value, place)
    if isinstance(value, (list, dict, bool)):
        raise ConfigError(f"{place}: {_shown(value)} is not a text; write one value")
    text = str(value)
    if option.choices and text not in option.choices:
        raise ConfigError(f"{place}: {_shown(text)} is none of {', '.join(option.choices)}")
    _check_text(option, text, place)
    return text


def _texts(option: Option, value: Any, place: str) -> tuple[str, ...]:
    items = _several(option, value) if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or any(isinstance(item, (list, dict)) for item in items):
        raise ConfigError(f"{place}: {_shown(value)} is not a list of texts; write for example [a, b]")
    for item in items:
        _check_text(option, str(item), place)
    return tuple(str(item) for item in items)


def _check_text(option: Option, text: str, place: str) -> None:
    try:
        if option.check is not None:
            option.check(text)
    except ValueError as error:
        raise ConfigError(f"{place}: {error}") from None


def _truth(value: Any, place: str) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ConfigError(f"{place}: {_shown(value)} is neither true nor false")


def _number(option: Option, value: Any, place: str) -> int:
    try:
        if isinstance(value, (bool, float)):
            raise ValueError
        number = int(value)
    except (TypeError, ValueError):
        raise ConfigError(
            f"{place}: {_shown(value)} is not a whole number; write for example {option.default}"
        ) from None
    if option.most and not option.least <= number <= option.most:
        raise ConfigError(
            f"{place}: {_shown(number)} is not between {option.least} and {option.most};"
            f" write for example {option.default}"
        )
    return number


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_SHOWN = 60
"""Characters of a value that a message repeats."""


def _several(option: Option, text: str) -> list[str]:
    """The items of a text, separated by commas or spaces; a path that exists may have such in its name."""
    return [text] if option.metavar == "PATH" and Path(text).exists() else text.replace(",", " ").split()


def _check(config: Config) -> None:
    if config.workers > 1 and config.store == "memory":
        raise ConfigError(
            "--workers: several processes need a store they share; add --store sqlite:PATH or --store redis://HOST"
        )
    if bool(config.tls_cert) != bool(config.tls_key):
        raise ConfigError("--tls-cert and --tls-key belong together; give both")
    if config.tls_self_signed and config.tls_cert:
        raise ConfigError("--tls-self-signed makes a certificate; leave --tls-cert and --tls-key out")


def _suggest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1, 0.6)
    return f"; did you mean {close[0]}?" if close else ""
