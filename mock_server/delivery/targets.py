"""Where callbacks may go: rewriting a target, and the allow-list of addresses. Pure; nothing is looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from mock_server.core.exceptions import ConfigError
from mock_server.core.target import CallbackTarget

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

HOME: tuple[Network, ...] = tuple(
    map(ip_network, ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
"""Loopback and private networks: always allowed."""

NEVER: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), what)
    for network, what in (
        ("169.254.0.0/16", "a link-local address, where clouds keep their metadata"),
        ("fe80::/10", "a link-local address"),
        ("fd00:ec2::/32", "a cloud metadata address"),
        ("fd20:ce::/32", "a cloud metadata address"),
        ("100.100.100.200/32", "a cloud metadata address"),
        ("192.0.0.192/32", "a cloud metadata address"),
        ("168.63.129.16/32", "a cloud metadata address"),
        ("0.0.0.0/8", "the unspecified address"),
        ("::/128", "the unspecified address"),
        ("224.0.0.0/4", "a multicast address"),
        ("ff00::/8", "a multicast address"),
        ("240.0.0.0/4", "a reserved or broadcast address"),
    )
)
"""Never allowed."""

_EMBEDDED_AT_END = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("::/96"))
_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?", re.IGNORECASE)
_LOCAL_ENDINGS = (
    "arpa", "corp", "docker", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain",
    "localhost", "private", "test",
)  # fmt: skip
"""Last parts of names that are not public: they may appear later, as containers do."""
_PUBLIC_ENDINGS = frozenset(("com", "org", "net", "edu", "gov", "mil", "info", "biz"))
"""Last parts of names that are public for certain; so are those of two letters, the countries. Others, such as
``app``, ``shop`` or ``int``, are also names that people give to parts of a cluster."""
_NOT_COUNTRIES = frozenset(("ci", "qa"))
"""Of two letters, and in use for parts of a cluster."""
_HOME_DOMAINS = (
    "localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "nip.io", "sslip.io", "xip.io", "traefik.me",
)  # fmt: skip
"""Public domains whose names stand for this machine or for an address in a private network."""


class AddressRefusal(NamedTuple):
    """Why an address may not be connected to."""

    reason: str
    remedy: str = ""
    """What allows it; empty: nothing does."""


class Destination(NamedTuple):
    """Where to connect to."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The allow-list, and the hosts that are replaced before connecting."""

    networks: tuple[Network, ...] = HOME
    names: frozenset[str] = frozenset()
    """Hosts that may be called wherever they are; ``*.example.test`` stands for all below it."""
    rewrites: Mapping[str, str] = field(default_factory=dict)
    """``host`` or ``host:port`` → the same of what to connect to instead. Host header and TLS name stay the
    URL's."""

    @classmethod
    def build(cls, allow: Iterable[str] = (), rewrite: Iterable[str] = ()) -> Policy:
        """From ``HOST|CIDR…`` and ``FROM=TO…`` as given on the command line. Raises `ConfigError` with a
        remedy."""
        networks, names = list(HOME), set()
        for entry in allow:
            network = _network(entry)
            if network is not None:
                networks.append(network)
            elif _NAME.fullmatch(entry):
                names.add(entry.lower().rstrip("."))
            else:
                raise ConfigError(
                    f"--callback-allow {entry}: write a host (app.example.test, *.example.test) or a network (10.1.0.0/16)"
                )
        return cls(tuple(networks), frozenset(names), dict(_rewrite(entry) for entry in rewrite))

    def destination(self, target: CallbackTarget) -> Destination:
        """Where to connect to for the target; rewrites are not chained."""
        to = self.rewrites.get(f"{target.host}:{target.port}") or self.rewrites.get(target.host)
        if to is None:
            return Destination(target.host, target.port)
        host, port = _split(to)
        return Destination(host, target.port if port is None else port)

    def trusts(self, host: str) -> bool:
        """Whether the name is on the list, so that any address it has will do."""
        if not self.names:
            return False
        return host in self.names or any(
            name.startswith("*.") and host.endswith(name[1:]) for name in self.names
        )

    def refuse_name(self, host: str) -> AddressRefusal | None:
        """Why a public name may not be called, without asking the name server; None: its addresses decide.

        They decide too where a network was added to the list: the name may lead there. Names in the machine's own
        hosts file are not meant to be passed."""
        if self.networks != HOME or self.trusts(host) or not is_public(host):
            return None
        reason = (
            f"{host} is a public name, and callbacks go to this machine and to private networks only;"
            f" allow it with --callback-allow {host}"
        )
        return AddressRefusal(reason, remedy=f"start with --callback-allow {host}")

    def unknown(self, host: str) -> AddressRefusal | None:
        """Why a name that does not resolve may not be called wherever it is; None: it may come to resolve."""
        if self.trusts(host) or "." not in host or host.rpartition(".")[2] in _LOCAL_ENDINGS:
            return None
        reason = f"{host} does not resolve here, and is not on the list of hosts; allow it with --callback-allow {host}"
        return AddressRefusal(reason, remedy=f"start with --callback-allow {host}")

    def refusal(self, host: str, address: str) -> AddressRefusal | None:
        """Why that address of the host may not be connected to; None: it may."""
        try:
            ip = unwrap(ip_address(address.partition("%")[0]))
        except ValueError:
            return AddressRefusal(f"{address!r} is not an address")
        for network, what in NEVER:
            if ip.version == network.version and ip in network:
                return AddressRefusal(f"{_named(host, ip)} is {what}; callbacks never go there")
        if self.trusts(host) or any(
            ip.version == network.version and ip in network for network in self.networks
        ):
            return None
        message = f"{_named(host, ip)} is not on this machine or a private network; allow it with --callback-allow {host}"
        return AddressRefusal(message, remedy=f"start with --callback-allow {host}")


def is_public(host: str) -> bool:
    """Whether the name is one of the internet for certain, by its last part alone."""
    rest, _, ending = host.rpartition(".")
    if not rest or any(host == domain or host.endswith(f".{domain}") for domain in _HOME_DOMAINS):
        return False
    return ending in _PUBLIC_ENDINGS or (
        len(ending) == 2 and ending.isalpha() and ending not in _NOT_COUNTRIES
    )


def near(address: str) -> bool:
    """Whether the address is loopback or private, so that no proxy is asked for it."""
    try:
        ip = unwrap(ip_address(address))
    except ValueError:
        return False
    return any(ip.version == network.version and ip in network for network in HOME)


def unwrap(ip: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, compatible, NAT64, 6to4), else the address
    itself."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if int(ip) > 1 and any(ip in network for network in _EMBEDDED_AT_END):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _named(host: str, ip: Address) -> str:
    return host if host == str(ip) else f"{host} ({ip})"


def _network(entry: str) -> Network | None:
    try:
        return ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return None


def _split(place: str) -> tuple[str, int | None]:
    """``host``, ``host:port``, ``[v6]:port`` or a bare IPv6 address. Raises ``ValueError``."""
    if place.startswith("["):
        host, _, rest = place[1:].partition("]")
        port = rest.removeprefix(":")
    elif place.count(":") == 1:
        host, _, port = place.partition(":")
    else:
        host, port = place, ""
    if not _is_host(host) or (port and not (port.isdecimal() and 0 < int(port) <= 65535)):
        raise ValueError(place)
    return host.lower(), int(port) if port else None


def _is_host(text: str) -> bool:
    return _network(text) is not None if ":" in text else _NAME.fullmatch(text) is not None


def _rewrite(entry: str) -> tuple[str, str]:
    source, _, to = entry.strip().partition("=")
    try:
        host, port = _split(source)
        _split(to.strip())
    except ValueError:
        raise ConfigError(
            f"--callback-rewrite {entry}: write FROM=TO, such as localhost=host.docker.internal"
            " or localhost:3000=app:80"
        ) from None
    return host if port is None else f"{host}:{port}", to.strip()
