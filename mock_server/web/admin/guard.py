"""Who may call ``/__admin``: no page of a foreign site, neither directly nor by DNS rebinding, no callback of our
own that an alias has led here, and no one without the token."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Collection, Iterable
from urllib.parse import urlsplit

from flask import Request, Response

from mock_server.web.admin.problems import ControlProblem

OPEN = frozenset({"/__admin/health", "/__admin/ready"})
"""What probes ask for, who often cannot send a token."""
_NAMES = frozenset({"localhost", "host.docker.internal"})


def make_guard(
    token: str, hosts: Collection[str], is_own_callback: Callable[[bytes], bool]
) -> Callable[[Request], Response | None]:
    """A check that answers with a refusal, or None for a request that may go on. ``is_own_callback``: whether a
    callback with that body is under way."""
    expected = token.encode("utf-8", "surrogateescape")
    named = frozenset(host.lower() for host in hosts)

    def check(request: Request) -> Response | None:
        host = host_name(request.host)
        if not trusted(host, named):
            remedy = f"use localhost or an IP address, or start the server with --admin-host {host or 'NAME'}"
            return ControlProblem(
                403, f"the control API does not answer under the name {host!r}", remedy
            ).response()
        if _foreign(request):
            return ControlProblem(
                403,
                "the control API does not answer pages of other sites",
                "call it from the same origin, or without a browser",
            ).response()
        if is_own_callback(request.get_data()):
            return ControlProblem(
                403,
                "this is a callback of this mock server, which never calls its own control API",
                "look where a proxy or an alias sends the callback's address, and give the callback another one",
            ).response()
        if token and request.path not in OPEN and not _presented(request, expected):
            refusal = ControlProblem(
                401,
                "the control API asks for its token",
                "send Authorization: Bearer TOKEN, with the value of --admin-token",
            ).response()
            refusal.headers.add("WWW-Authenticate", 'Bearer realm="mock-server"')
            refusal.headers.add("WWW-Authenticate", 'Basic realm="mock-server", charset="UTF-8"')
            return refusal
        return None

    return check


def host_name(host: str) -> str:
    """The name of a Host header without its port, in lower case and without a final dot."""
    name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".")


def trusted(name: str, named: Collection[str] = ()) -> bool:
    """Whether no stranger can make the name point at us: loopback names, IP addresses, names without a dot
    (as containers have on their network) and those the user has named."""
    if name in _NAMES or name in named or name.endswith((".localhost", *_endings(named))):
        return True
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return bool(name) and "." not in name
    return True


def _endings(named: Iterable[str]) -> list[str]:
    """``.svc.cluster.local`` of ``*.svc.cluster.local``."""
    return [host[1:] for host in named if host.startswith("*.")]


def _foreign(request: Request) -> bool:
    """Whether a browser says that another site's page is the caller."""
    if (
        request.headers.get("Sec-Fetch-Site") == "cross-site"
        and request.headers.get("Sec-Fetch-Mode") != "navigate"
    ):
        return True
    origin = request.headers.get("Origin")
    if not origin:
        return False
    return urlsplit(origin).netloc.lower() != request.host.lower()


def _presented(request: Request, expected: bytes) -> bool:
    """Whether the request has the token: as a bearer token, or as the password that a browser prompts for."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = rest.strip().encode("latin-1", "replace")  # the received bytes, which are UTF-8
    elif scheme.lower() == "basic" and request.authorization is not None:
        token = (request.authorization.password or "").encode("utf-8", "replace")
    else:
        return False
    return hmac.compare_digest(token, expected)
