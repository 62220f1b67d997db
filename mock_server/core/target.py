"""An address that a person has typed, taken apart: where a callback goes. Pure; nothing is looked up."""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from mock_server.core.exceptions import MockServerError

_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\\]")
_CONTROL = "__admin"
"""First part of the control API's paths, on whatever address it is reached."""
_PORTS = {"http": 80, "https": 443}
_WITHOUT_SCHEME = re.compile(r"(//)?([A-Za-z0-9][\w.-]*|\[[0-9A-Fa-f:.]+\])(:\d+)?([/?#]\S*)?")
_EXAMPLE = "http://localhost:3000/hook"
_SHOWN = 100
"""Characters of an address that a message repeats."""


class TargetError(MockServerError):
    """The URL cannot be called; the text says why."""

    def __init__(self, reason: str, meant: str = "") -> None:
        """``meant``: the address that was probably meant."""
        super().__init__(reason)
        self.meant = meant

    @property
    def remedy(self) -> str:
        """What to write instead."""
        return f"write {self.meant}" if self.meant else f"write for example {_EXAMPLE}"


class CallbackTarget(NamedTuple):
    """A callback URL, taken apart."""

    scheme: str
    host: str
    """Lower case, IDNA-encoded, without brackets, zone or final dot."""
    port: int
    path: str
    """Path and query, percent-encoded where the URL was not."""
    authority: str
    """The Host header."""
    credentials: str | None = None
    """``user:password`` of the URL; None without one."""

    @property
    def authorization(self) -> str:
        """The credentials as a Basic ``Authorization`` header, as a browser sends them; empty without
        any."""
        if self.credentials is None:
            return ""
        text = self.credentials if ":" in self.credentials else f"{self.credentials}:"
        return "Basic " + base64.b64encode(text.encode()).decode()


@lru_cache(512)
def parse_target(url: str) -> CallbackTarget:
    """Parse an absolute http(s) URL. Raises `TargetError`."""
    if not url:
        raise TargetError("no callback URL")
    if _UNPRINTABLE.search(url):
        raise TargetError("the URL contains a space, a backslash or a control character")
    parts, port = split_url(url)
    if parts.scheme not in _PORTS:
        raise _unknown_scheme(url, parts.scheme)
    host = _host(parts.hostname or "")
    if _CONTROL in unquote(parts.path).split("/"):
        raise TargetError(
            f"the URL has {_CONTROL} in its path: callbacks never call the control API of a mock server"
        )
    default = _PORTS[parts.scheme]
    name = f"[{host}]" if ":" in host else host
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    user = parts.netloc.rpartition("@")[0] if "@" in parts.netloc else None
    return CallbackTarget(
        parts.scheme,
        host,
        default if port is None else port,
        re.sub(
            r"[^\x21-\x7e]",
            lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "replace")),
            path,
        ),
        name if port in (None, default) else f"{name}:{port}",
        None if user is None else unquote(user),
    )


def check_url(key: str, url: str) -> None:
    """Raise ``ValueError`` with place and remedy for an address that nothing can be sent to; empty: none is given."""
    try:
        if url:
            parse_target(url)
    except TargetError as error:
        shown = url if len(url) <= _SHOWN else f"{url[:_SHOWN]}…"
        raise ValueError(f"{key}: {shown!r} cannot be called: {error}; {error.remedy}") from None


def split_url(url: str) -> tuple[SplitResult, int | None]:
    """Its parts and its port; None: that of its scheme. Raises `TargetError`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise TargetError("the URL is malformed: its host is not a name or an address") from None
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise TargetError("the port of the URL is not a number from 1 to 65535")
    return parts, port


def _unknown_scheme(url: str, scheme: str) -> TargetError:
    if _WITHOUT_SCHEME.fullmatch(url):
        return TargetError("the URL has no scheme", f"http://{url.removeprefix('//')}")
    if not scheme:
        return TargetError("the URL is relative")
    return TargetError(f"only http and https can be called, not {scheme!r}")


def _host(name: str) -> str:
    host = name.partition("%")[0].rstrip(".")
    if not host:
        raise TargetError("the URL has no host")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise TargetError(f"{host!r} is not a host name") from None
    return host
