"""Every option of ``serve`` as one table: the command line, the environment and the config file are read
through it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.core.exceptions import ConfigError

ENV_PREFIX = "MOCK_SERVER_"


class Option(NamedTuple):
    """One option: ``--journal-limit`` on the command line, ``MOCK_SERVER_JOURNAL_LIMIT``, ``journal_limit``
    in the config file."""

    name: str
    kind: type
    default: Any
    help: str
    many: bool = False
    choices: tuple[str, ...] = ()
    metavar: str = ""

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return ENV_PREFIX + self.name.upper()


OPTIONS = (
    Option("host", str, "127.0.0.1", "Address to listen on."),
    Option("port", int, 8484, "Port to listen on; 0 takes a free one."),
    Option("port_file", str, "", "Write the port into this file once the server listens.", metavar="FILE"),
    Option(
        "scenarios",
        str,
        (),
        "Scenario file or directory; ./scenarios, else the shipped ones, when not given.",
        many=True,
        metavar="PATH",
    ),
    Option("store", str, "memory", "Where state is kept: memory, sqlite:PATH or redis://…", metavar="URL"),
    Option("workers", int, 1, "Server processes; more than one needs a shared store."),
    Option(
        "seed",
        int,
        0,
        "Seed of everything random: the same seed, account and reference give the same answer.",
    ),
    Option("watch", bool, True, "Reload scenario files when they change."),
    Option("journal_limit", int, 1000, "Requests kept for each account."),
    Option("record_limit", int, 5000, "Verifications kept for each account; the oldest leave first."),
    Option(
        "public_base_url",
        str,
        "",
        "What links that are handed out begin with; the caller's own Host when not given.",
        metavar="URL",
    ),
    Option(
        "callback_allow",
        str,
        (),
        "Host or network that callbacks may go to, beside loopback and private networks.",
        many=True,
        metavar="HOST|CIDR",
    ),
    Option(
        "callback_rewrite",
        str,
        (),
        "Replace a callback's host: localhost=host.docker.internal.",
        many=True,
        metavar="FROM=TO",
    ),
    Option("callback_proxy", str, "", "Proxy for callbacks.", metavar="URL"),
    Option(
        "callback_ca",
        str,
        "",
        "Certificate authorities trusted for callbacks, beside the usual ones.",
        metavar="FILE",
    ),
    Option("callback_verify", bool, True, "Check the certificates of https callbacks."),
    Option("admin_token", str, "", "Bearer token that /__admin demands; none when not given.", metavar="T"),
    Option(
        "admin_host",
        str,
        (),
        "Further Host name under which /__admin may be reached.",
        many=True,
        metavar="HOST",
    ),
    Option(
        "cors",
        str,
        (),
        "Origin that may call the vendor endpoints from a browser; * for any.",
        many=True,
        metavar="ORIGIN",
    ),
    Option("mock_headers", bool, True, "Send the X-Mock-… headers."),
    Option(
        "max_body",
        int,
        32 * 1024 * 1024,
        "Largest request body in bytes; a larger one is answered 413.",
        metavar="BYTES",
    ),
    Option("tls_cert", str, "", "Serve https with this certificate chain (PEM).", metavar="FILE"),
    Option("tls_key", str, "", "Its private key (PEM).", metavar="FILE"),
    Option(
        "tls_self_signed",
        bool,
        False,
        "Serve https with a certificate made on the spot, and print how to trust it.",
    ),
    Option("log_format", str, "text", "Form of the log lines on stderr.", choices=("text", "json")),
    Option(
        "log_level",
        str,
        "info",
        "How much is logged; debug has a line for every request.",
        choices=("debug", "info", "warning", "error"),
    ),
)
"""``--config`` itself is not among them: it says where the rest is read from."""

BY_NAME: Mapping[str, Option] = {option.name: option for option in OPTIONS}


@dataclass(frozen=True, slots=True)
class Config:
    """The options in force, checked, with the accounts and settings of the config file."""

    values: Mapping[str, Any]
    accounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


_ORIGIN_EXAMPLE = "write for example http://localhost:5173, or * for any"


def build(
    *layers: Mapping[str, Any],
    accounts: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Config:
    """Config from layers of given options, the strongest first, over the defaults. Raises `ConfigError` with
    a remedy."""
    values = {}
    for option in OPTIONS:
        given = next(
            (layer[option.name] for layer in layers if layer.get(option.name) is not None), option.default
        )
        values[option.name] = _convert(option, given)
    _check(values)
    try:
        values["cors"] = origins(values["cors"])
    except ValueError as error:
        raise ConfigError(f"--cors: {error}") from None
    return Config(values, accounts or {}, settings or {})


def from_environment(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Options among the ``MOCK_SERVER_…`` variables, and a warning for each that is none."""
    given: dict[str, Any] = {}
    warnings = []
    known = {option.variable: option for option in OPTIONS}
    others = {ENV_PREFIX + "CONFIG", ENV_PREFIX + "URL", ENV_PREFIX + "ACCOUNT", ENV_PREFIX + "COMPILE"}
    for name, text in environ.items():
        if not name.startswith(ENV_PREFIX) or name in others:
            continue
        if name not in known:
            warnings.append(f"{name} is not a known variable{_suggest(name, known)}")
        elif text != "":
            given[known[name].name] = text
    return given, warnings


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


def _convert(option: Option, given: Any) -> Any:
    if option.many:
        items = given.replace(",", " ").split() if isinstance(given, str) else given
        if not isinstance(items, Iterable):
            raise ConfigError(f"{option.flag}: {given!r} is not a list")
        return tuple(str(item) for item in items)
    if option.kind is bool:
        if isinstance(given, bool):
            return given
        word = str(given).strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("0", "false", "no", "off"):
            return False
        raise ConfigError(f"{option.flag}: {given!r} is neither true nor false")
    if option.kind is int:
        try:
            if isinstance(given, (bool, float)):
                raise ValueError
            return int(given)
        except (TypeError, ValueError):
            raise ConfigError(f"{option.flag}: {given!r} is not a whole number") from None
    text = str(given)
    if option.choices and text not in option.choices:
        raise ConfigError(f"{option.flag}: {text!r} is none of {', '.join(option.choices)}")
    return text


def _check(values: Mapping[str, Any]) -> None:
    if not 0 <= values["port"] <= 65535:
        raise ConfigError(f"--port: {values['port']} is not between 0 and 65535")
    for name in ("workers", "journal_limit", "record_limit", "max_body"):
        if values[name] < 1:
            raise ConfigError(f"{BY_NAME[name].flag}: must be at least 1, not {values[name]}")
    if values["workers"] > 1 and values["store"] == "memory":
        raise ConfigError(
            "--workers: several processes need a store they share; add --store sqlite:PATH or --store redis://HOST"
        )
    if bool(values["tls_cert"]) != bool(values["tls_key"]):
        raise ConfigError("--tls-cert and --tls-key belong together; give both")
    if values["tls_self_signed"] and values["tls_cert"]:
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
