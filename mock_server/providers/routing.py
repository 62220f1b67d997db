"""Which vendor serves a request: by prefix mount, host name or path. Both APIs stand at the root, and below
``/cloudcheck`` and so on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from mock_server.core.exceptions import ProviderError
from mock_server.core.http import Request, Route

ADMIN = "/__admin"
"""The control API, and the dashboard below it."""
HOSTED = "/__hosted"
"""The files of the hosted pages, below every mount."""
_BROWSERS = frozenset(
    {"/favicon.ico", "/robots.txt", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png"}
)
"""What browsers ask for on their own."""


class EndpointRow(NamedTuple):
    """One path of a vendor."""

    path: str
    """A part that varies is a name in braces: ``/live/download/{token}/{id}/``."""
    methods: tuple[str, ...]
    operation: str = ""
    """Name of what it does, for vendors that leave routing to `defaults.ProviderDefaults`."""

    def matches(self, path: str) -> bool:
        """Whether the path matches this row's path."""
        pattern, parts = self.path.split("/"), path.split("/")
        return len(pattern) == len(parts) and all(
            each == part or (each.startswith("{") and part) for each, part in zip(pattern, parts)
        )


class Routed(Protocol):
    """The part of a provider that routing needs."""

    @property
    def name(self) -> str: ...

    def endpoints(self) -> Sequence[EndpointRow]:
        """Every path that is served, for those who look for the nearest one."""
        ...

    def serves(self, path: str) -> bool:
        """Whether the path is one of this vendor's, whatever the method."""
        ...

    def is_hosted_page(self, path: str) -> bool:
        """Whether the path is a page for a customer's browser: not the API's, though below the same root or
        mount."""
        ...

    @property
    def page_roots(self) -> Sequence[str]:
        """What links to hosted pages begin with. A browser that asks for anything else below them gets a page
        that says so; a client that does not ask for HTML gets the vendor's error."""
        ...

    def operation(self, method: str, path: str) -> str:
        """Name of the operation. Raises `ProviderError` in the vendor's manner for another method or an
        unknown path."""
        ...


class Router:
    """Finds routes. Knows the vendors, and our own paths."""

    def __init__(self, vendors: Mapping[str, Routed]) -> None:
        self._vendors = vendors
        self.mounts = tuple(f"/{name}" for name in vendors)

    def resolve(self, method: str, path: str, host: str = "", accept: str = "") -> Route:
        """The route of a request. ``path``: decoded, with any mount; ``host`` and ``accept``: the headers.

        A mount, or a host whose first label is a vendor's name, names the vendor outright."""
        mount, below = split_mount(path, host, self.mounts)
        if (not mount or below == "/") and _is_ours(method, below, accept):
            return Route(below, mount, to_app=True)
        named = self._vendors.get(mount[1:] or vendor_label(host))
        browser = method in ("GET", "HEAD") and "text/html" in accept
        if below.startswith(f"{HOSTED}/") or any(
            vendor.is_hosted_page(below) or (browser and _is_broken_link(vendor, below))
            for vendor in self._vendors.values()
            if not mount or vendor is named
        ):
            return Route(below, mount, to_app=True)
        vendor = named or next((one for one in self._vendors.values() if one.serves(below)), None)
        if vendor is None:
            return Route(below, mount)
        return Route(below, mount, vendor.name, _operation(vendor, method, below))

    def route_of(self, request: Request) -> Route:
        """The route of a request that comes from no adapter: from a file, or the journal."""
        headers = request.headers
        return self.resolve(
            request.method, request.mount + request.path, headers.get("host", ""), headers.get("accept", "")
        )


def split_mount(path: str, host: str, mounts: Sequence[str]) -> tuple[str, str]:
    """The mount a path begins with and the path below it: ``/cloudcheck/verify/`` → ``("/cloudcheck",
    "/verify/")``.

    ``("", path)`` without one. A host whose first label is the name of a mount
    (``shuftipro.localhost:8484``) belongs to that vendor alone: below it no other vendor's prefix is
    recognised."""
    if not path.startswith(tuple(mounts)):
        return "", path
    label = f"/{vendor_label(host)}"
    for mount in (label,) if label in mounts else mounts:
        if path.startswith(mount) and path[len(mount) : len(mount) + 1] in ("/", ""):
            return mount, path[len(mount) :] or "/"
    return "", path


def is_control(path: str) -> bool:
    """Whether the path is one of the control API."""
    return path.startswith(ADMIN) and path[len(ADMIN) : len(ADMIN) + 1] in ("", "/")


def vendor_label(host: str) -> str:
    """The first label of a Host header, in lower case: where a vendor's name stands, if one does."""
    return host.partition(":")[0].partition(".")[0].lower()


def _is_ours(method: str, path: str, accept: str) -> bool:
    if path.startswith(ADMIN):
        return is_control(path)
    if path == "/":  # a person who has typed the address into a browser
        return method in ("GET", "HEAD") and "text/html" in accept
    return path in _BROWSERS or path.startswith("/.well-known/")


def _is_broken_link(vendor: Routed, path: str) -> bool:
    """Whether it is meant to be a link to a page of the vendor's, and is none."""
    return path.startswith(tuple(vendor.page_roots)) and not any(
        row.matches(path) or row.matches(f"{path}/") for row in vendor.endpoints()
    )


def _operation(vendor: Routed, method: str, path: str) -> str:
    try:
        return vendor.operation(method, path)
    except ProviderError:
        return ""
