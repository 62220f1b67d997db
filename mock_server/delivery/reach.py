"""Can a callback URL be reached from here, and if not, what to change: what `mock-server doctor` shows.

`probe` looks and tries, `judge` decides what to say; only the first has effects.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from mock_server.delivery.connection import Answer
from mock_server.delivery.targets import Place, Policy, Target, TargetError, parse_target
from mock_server.delivery.transport import HttpTransport, Outgoing, look_up

GOOD, NOTE, PROBLEM = "good", "note", "problem"

HOST_NAMES: Mapping[str, str] = {"docker": "host.docker.internal", "podman": "host.containers.internal"}
"""What the machine outside is called inside a container, by its engine."""


class Finding(NamedTuple):
    """One thing that was found out."""

    level: str
    """``good``, ``note`` or ``problem``: with a problem, callbacks do not arrive."""
    about: str
    """``url``, ``container``, ``name``, ``allow-list`` or ``answer``."""
    message: str
    remedy: str = ""
    """What to do about it; empty: nothing."""


class Facts(NamedTuple):
    """What `probe` found out."""

    url: str
    target: Target | None = None
    wrong: str = ""
    """Why the URL cannot be called; then nothing else is known."""
    place: Place | None = None
    """Where it is connected to, after the rewrite rules."""
    container: str = ""
    """Engine of the container this runs in: ``docker``, ``podman``, ``kubernetes`` or ``container``; empty: none."""
    host_name_resolves: bool = False
    """Whether the machine outside can be called by its name in `HOST_NAMES`."""
    addresses: tuple[tuple[str, str], ...] = ()
    """Address and why it is refused; empty: it is allowed."""
    name_error: str = ""
    answer: Answer | None = None
    """What came of one attempt; None: none was made."""


def examine(url: str, policy: Policy, transport: HttpTransport, *, timeout: float = 5.0) -> list[Finding]:
    """Resolve and try the URL as the server would. Blocks for ``timeout`` seconds at the most, and is not for an event loop."""
    return judge(asyncio.run(probe(url, policy, transport, timeout=timeout, container=container_of())))


async def probe(url: str, policy: Policy, transport: HttpTransport, *, timeout: float, container: str) -> Facts:
    """Look the target up and send it one ``OPTIONS`` request, which no receiver takes for a callback."""
    try:
        target = parse_target(url)
    except TargetError as error:
        return Facts(url, wrong=str(error), container=container)
    place = policy.place(target)
    facts = Facts(url, target, place=place, container=container)
    if container in HOST_NAMES:
        facts = facts._replace(host_name_resolves=bool(await _addresses(Place(HOST_NAMES[container], 0))))
    try:
        found = await asyncio.wait_for(look_up(place), timeout)
        facts = facts._replace(addresses=tuple((address, policy.refusal(target.host, address)) for address in found))
    except (OSError, asyncio.TimeoutError) as error:
        facts = facts._replace(name_error=getattr(error, "strerror", "") or "no answer from the resolver")
    answer = await transport.send(Outgoing(url, b"", (("User-Agent", "mock-server doctor"),), "OPTIONS", timeout))
    await transport.close()
    return facts._replace(answer=answer)


async def _addresses(place: Place) -> list[str]:
    try:
        return await look_up(place)
    except socket.gaierror:
        return []


def container_of(root: Path = Path("/"), environ: Mapping[str, str] = os.environ) -> str:
    """The engine of the container this process runs in, as in `Facts.container`."""
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    if (root / ".dockerenv").exists():
        return "docker"
    if (root / "run/.containerenv").exists():
        return "podman"
    try:
        groups = (root / "proc/1/cgroup").read_text()
    except OSError:
        groups = ""
    for mark, engine in (
        ("kubepods", "kubernetes"),
        ("docker", "docker"),
        ("libpod", "podman"),
        ("containerd", "container"),
        ("lxc", "container"),
    ):
        if mark in groups:
            return engine
    return "container" if environ.get("container") else ""


def judge(facts: Facts) -> list[Finding]:
    """What to say of the facts, the first cause first."""
    if facts.target is None or facts.place is None:
        return [Finding(PROBLEM, "url", facts.wrong, "write an absolute address, such as http://localhost:3000/callbacks")]
    findings = [*_of_container(facts, facts.target, facts.place), *_of_name(facts, facts.place)]
    if facts.answer is not None and not any(found.level == PROBLEM and found.about != "container" for found in findings):
        findings.append(_of_answer(facts.answer, facts.target, facts.place, facts.container))
    return findings


def _of_container(facts: Facts, target: Target, place: Place) -> list[Finding]:
    if place != (target.host, target.port):
        return [
            Finding(NOTE, "container", f"{target.host}:{target.port} is replaced by {place.host}:{place.port}, as --callback-rewrite says")
        ]
    if not facts.container or not _is_loopback(place.host):
        return []
    engine = facts.container
    if facts.answer is not None and facts.answer.status:
        return [
            Finding(
                NOTE, "container", f"this runs in a container ({engine}), so {place.host} is the container itself; something answers there"
            )
        ]
    message = f"this runs in a container ({engine}), where {place.host} is the container itself and not your machine"
    name = HOST_NAMES.get(engine)
    if name is None:
        return [Finding(PROBLEM, "container", message, "use the name of the service or pod that the receiver runs in")]
    remedy = f"start with --callback-rewrite localhost={name}, or use the name of the service that the receiver runs in"
    if not facts.host_name_resolves:
        remedy += f"; {name} is not known here yet: start the container with --add-host={name}:host-gateway"
    return [Finding(PROBLEM, "container", message, remedy)]


def _of_name(facts: Facts, place: Place) -> list[Finding]:
    if facts.name_error:
        remedy = (
            f"add --add-host={place.host}:host-gateway to the container"
            if place.host in HOST_NAMES.values()
            else "check the spelling, and DNS"
        )
        return [Finding(PROBLEM, "name", f"{place.host} does not resolve: {facts.name_error}", remedy)]
    refusals = [reason for _, reason in facts.addresses if reason]
    allowed = [address for address, reason in facts.addresses if not reason]
    if not allowed:
        remedy = "" if any("never go there" in reason for reason in refusals) else f"start with --callback-allow {place.host}"
        return [Finding(PROBLEM, "allow-list", refusal, remedy) for refusal in refusals]
    resolved = [] if [place.host] == allowed else [Finding(GOOD, "name", f"{place.host} is {', '.join(allowed)}")]
    return [*resolved, *(Finding(NOTE, "allow-list", f"{refusal}; the other addresses are used") for refusal in refusals)]


def _of_answer(answer: Answer, target: Target, place: Place, container: str) -> Finding:
    where = f"{place.host}:{place.port}"
    if 300 <= answer.status < 400:
        return Finding(PROBLEM, "answer", answer.error, "register the address it redirects to")
    if answer.status == 404:
        return Finding(
            NOTE, "answer", f"{where} answers 404 to OPTIONS {target.path}", "check the path, should callbacks get the same answer"
        )
    if answer.status >= 500:
        return Finding(NOTE, "answer", f"{where} answers {answer.status}", "look at the receiver's log")
    if answer.status:
        return Finding(GOOD, "answer", f"{where} answers (with {answer.status} to OPTIONS, which does not matter)")
    return Finding(PROBLEM, "answer", answer.error, _remedy(answer.error, target, place, container))


def _remedy(error: str, target: Target, place: Place, container: str) -> str:
    if "certificate" in error:
        return "give its authority with --callback-ca FILE, or start with --no-callback-verify"
    if error.startswith("TLS"):
        return f"the receiver seems to speak plain HTTP: write http://{target.authority}{target.path}"
    if "refused" in error and not _is_loopback(place.host):
        return f"start the receiver, and let it listen on 0.0.0.0:{place.port}, not on 127.0.0.1 only"
    if "refused" in error:
        return f"start the receiver on port {place.port}"
    if "timed out" in error:
        return "a firewall may be in the way" + (", or the container's network" if container else "")
    return "look at the receiver's log"


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
