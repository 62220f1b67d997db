"""Every option of ``serve`` as one table, the fields of `Config`: a new option is one row."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from mock_server.core.exceptions import ConfigError

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


def option(default: T, help: str, *, choices: tuple[str, ...] = (), metavar: str = "") -> T:  # noqa: A002
    """A field of `Config` that is an option."""
    known = {"help": help, "choices": choices, "metavar": metavar}
    row: T = field(default=default, metadata=known)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The options in force, one field each, with the accounts and settings of the config file.

    The fields are the table: the command line, the environment, the config file and the documentation read it.
    ``--config`` itself is not among them: it says where the rest is read from."""

    host: str = option("127.0.0.1", "Address to listen on.")
    port: int = option(8484, "Port to listen on; 0 takes a free one.")
    port_file: str = option("", "Write the port into this file once the server listens.", metavar="FILE")
    scenarios: tuple[str, ...] = option(
        (), "Scenario file or directory; ./scenarios, else the shipped ones, when not given.", metavar="PATH"
    )
    tags: tuple[str, ...] = option(
        (), "Only scenarios with one of these tags; all when not given.", metavar="TAG,…"
    )
    skip_tags: tuple[str, ...] = option((), "No scenario with one of these tags.", metavar="TAG,…")
    store: str = option("memory", "Where state is stored: memory, sqlite:PATH or redis://…", metavar="URL")
    workers: int = option(1, "Server processes; more than one needs a shared store.")
    seed: int = option(
        0, "Seed of everything random: the same seed, account and reference give the same answer."
    )
    watch: bool = option(True, "Reload scenario files when they change.")
    journal_limit: int = option(1000, "Requests stored for each account, and as many finished callbacks.")
    record_limit: int = option(5000, "Verifications stored for each account; the oldest are deleted first.")
    journal_body_limit: int = option(
        BODY_LIMIT,
        "Bytes of each request and response body that are stored; of a longer one also its length and SHA-256.",
        metavar="BYTES",
    )
    journal_bytes: int = option(
        64 * MIB,
        "Bytes of requests stored for each account, and as many of finished callbacks; the oldest are deleted first.",
        metavar="BYTES",
    )
    record_bytes: int = option(
        64 * MIB,
        "Bytes of verifications stored for each account; the oldest are deleted first.",
        metavar="BYTES",
    )
    total_bytes: int = option(
        256 * MIB,
        "Bytes of requests, callbacks and verifications of all accounts; those of the account that was idle longest are deleted first.",
        metavar="BYTES",
    )
    public_base_url: str = option(
        "", "What links that are handed out begin with; the caller's own Host when not given.", metavar="URL"
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
    )
    admin_token: str = option("", "Bearer token that /__admin demands; none when not given.", metavar="T")
    admin_host: tuple[str, ...] = option(
        (),
        "Further Host name under which /__admin may be reached; *.NAME for all names below it.",
        metavar="HOST",
    )
    cors: tuple[str, ...] = option(
        (), "Origin that may call the vendor endpoints from a browser; * for any.", metavar="ORIGIN"
    )
    mock_headers: bool = option(True, "Send the X-Mock-… headers.")
    max_body: int = option(
        32 * 1024 * 1024, "Largest request body in bytes; a larger one is answered 413.", metavar="BYTES"
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


_ORIGIN_EXAMPLE = "write for example http://localhost:5173, or * for any"


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
        values[option.name] = _convert(option, next(written, option.default))
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
            options[known[name].name] = text
    return options, warnings


def from_file(path: str | Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Options, accounts and settings of a config file (YAML). Raises `ConfigError` with the place."""
    import yaml

    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--config {path}: {error}") from None
    try:
        document = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise ConfigError(f"{place}: {getattr(error, 'problem', None) or error}") from None
    if not isinstance(document, dict):
        raise ConfigError(f"{path}:1:1: a config file is a mapping with accounts, settings and options")
    options = {
        str(key).replace("-", "_"): value
        for key, value in document.items()
        if key not in ("accounts", "settings")
    }
    for name in options:
        if name not in BY_NAME:
            raise ConfigError(
                f"{path}: unknown key {name!r}{_suggest(name, [*BY_NAME, 'accounts', 'settings'])}"
            )
    return options, _mapping(path, document, "accounts"), _mapping(path, document, "settings")


def _mapping(path: str | Path, document: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key) or {}
    if not isinstance(value, dict) or not all(isinstance(inner, dict) for inner in value.values()):
        raise ConfigError(f"{path}: {key} must be a mapping of mappings")
    return {str(name): inner for name, inner in value.items()}


def _convert(option: Option, value: Any) -> Any:
    if option.many:
        items = _several(option, value) if isinstance(value, str) else value
        if not isinstance(items, Iterable):
            raise ConfigError(f"{option.flag}: {value!r} is not a list")
        return tuple(str(item) for item in items)
    if option.kind is bool:
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off"):
            return False
        raise ConfigError(f"{option.flag}: {value!r} is neither true nor false")
    if option.kind is int:
        try:
            if isinstance(value, (bool, float)):
                raise ValueError
            return int(value)
        except (TypeError, ValueError):
            raise ConfigError(f"{option.flag}: {value!r} is not a whole number") from None
    text = str(value)
    if option.choices and text not in option.choices:
        raise ConfigError(f"{option.flag}: {text!r} is none of {', '.join(option.choices)}")
    return text


def _several(option: Option, text: str) -> list[str]:
    """The items of a text, separated by commas or spaces; a path that exists may have such in its name."""
    return [text] if option.metavar == "PATH" and Path(text).exists() else text.replace(",", " ").split()


_AT_LEAST_ONE = (
    "workers",
    "journal_limit",
    "journal_body_limit",
    "journal_bytes",
    "record_limit",
    "record_bytes",
    "total_bytes",
    "max_body",
)


def _check(config: Config) -> None:
    if not 0 <= config.port <= 65535:
        raise ConfigError(f"--port: {config.port} is not between 0 and 65535")
    for name in _AT_LEAST_ONE:
        if getattr(config, name) < 1:
            raise ConfigError(f"{BY_NAME[name].flag}: must be at least 1, not {getattr(config, name)}")
    if config.workers > 1 and config.store == "memory":
        raise ConfigError(
            "--workers: several processes need a store they share; add --store sqlite:PATH or --store redis://HOST"
        )
    if bool(config.tls_cert) != bool(config.tls_key):
        raise ConfigError("--tls-cert and --tls-key belong together; give both")
    if config.tls_self_signed and config.tls_cert:
        raise ConfigError("--tls-self-signed makes a certificate; leave --tls-cert and --tls-key out")


def origins(values: Any) -> tuple[str, ...]:
    """Origins of pages, as a browser writes them; ``*`` is any. Raises ``ValueError`` with a remedy."""
    items = values.replace(",", " ").split() if isinstance(values, str) else values
    if not isinstance(items, (list, tuple)):
        raise ValueError(f"{values!r} is not a list of origins; {_ORIGIN_EXAMPLE}")
    return tuple(map(_origin, items))


def _origin(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not an origin; {_ORIGIN_EXAMPLE}")
    if value in ("*", "null"):
        return value
    scheme, separator, host = value.rstrip("/").partition("://")
    if not (scheme and separator and host) or "/" in host or "*" in value:
        raise ValueError(f"{value!r} is not an origin; {_ORIGIN_EXAMPLE}")
    usual = {"http": ":80", "https": ":443"}.get(scheme.lower(), " ")
    return f"{scheme}://{host}".lower().removesuffix(usual)


def _suggest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), 1, 0.6)
    return f"; did you mean {close[0]}?" if close else ""
