"""Whether a callback URL can be reached from here, and if not, what to change: the output of `mock-server
doctor`.

`probe` looks up and tries, `judge` decides what to report; only the first has effects.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import NamedTuple

from mock_server.core.target import CallbackTarget, TargetError, parse_target
from mock_server.delivery.answer import Answer, SendFailure
from mock_server.delivery.client import HttpClient, OutgoingRequest
from mock_server.delivery.connector import look_up, refuse_name
from mock_server.delivery.targets import AddressRefusal, Destination, Policy

GOOD, NOTE, PROBLEM = "good", "note", "problem"

HOST_NAMES: Mapping[str, str] = {"docker": "host.docker.internal", "podman": "host.containers.internal"}
"""The name of the host machine inside a container, by engine."""


class ConnectivityFinding(NamedTuple):
    """One result of the check."""

    level: str
    """``good``, ``note`` or ``problem``: with a problem, callbacks do not arrive."""
    about: str
    """``url``, ``container``, ``name``, ``allow-list`` or ``answer``."""
    message: str
    remedy: str = ""
    """How to fix it; empty: nothing to fix."""


class ConnectivityResult(NamedTuple):
    """What `probe` has determined."""

    target: CallbackTarget
    destination: Destination
    """Where it is connected to, after the rewrite rules."""
    container: str = ""
    """Engine of the container this runs in: ``docker``, ``podman``, ``kubernetes`` or ``container``; empty:
    none."""
    host_name_resolves: bool = False
    """Whether the name of the host machine in `HOST_NAMES` resolves."""
    addresses: tuple[tuple[str, AddressRefusal | None], ...] = ()
    """Each address, and why it is refused; None: it is allowed. A name that is refused unasked stands for its addresses."""
    name_error: str = ""
    answer: Answer | None = None
    """The outcome of one attempt; None: none was made."""

    @property
    def where(self) -> str:
        return f"{self.destination.host}:{self.destination.port}"


def check(
    url: str, policy: Policy, client: HttpClient, *, timeout: float = 5.0, container: str = ""
) -> list[ConnectivityFinding]:
    """Resolve and try the URL as the server would. Blocks for up to ``timeout`` seconds; not for an event
    loop.

    ``container``: as `ConnectivityResult.container`."""
    try:
        return judge(asyncio.run(probe(url, policy, client, timeout=timeout, container=container)))
    except TargetError as error:
        return [ConnectivityFinding(PROBLEM, "url", str(error), error.remedy)]


def remedy(url: str, policy: Policy, answer: Answer, *, container: str = "") -> str:
    """What to change after an attempt that got no answer. Empty where the error itself says so. Raises
    `TargetError`."""
    if answer.failure is SendFailure.NOT_ALLOWED:
        return ""
    target = parse_target(url)
    name_error = answer.error if answer.failure is SendFailure.NAME_NOT_RESOLVED else ""
    tried = ConnectivityResult(
        target,
        policy.destination(target),
        container,
        host_name_resolves=True,
        name_error=name_error,
        answer=answer,
    )
    return next((finding.remedy for finding in judge(tried) if finding.level == PROBLEM), "")


async def probe(
    url: str, policy: Policy, client: HttpClient, *, timeout: float, container: str
) -> ConnectivityResult:
    """Look the target up and send it one ``OPTIONS`` request, which no receiver takes for a callback. Raises
    `TargetError`."""
    target = parse_target(url)
    destination = policy.destination(target)
    result = ConnectivityResult(target, destination, container)
    if container in HOST_NAMES:
        result = result._replace(host_name_resolves=await _resolves(HOST_NAMES[container]))
    try:
        if (public := refuse_name(policy, target, destination)) is not None:
            refusals: dict[str, AddressRefusal | None] = {destination.host: public}
        else:
            addresses = await asyncio.wait_for(look_up(destination), timeout)
            refusals = {each: policy.refusal(target.host, each) for each in addresses}
        result = result._replace(addresses=tuple(refusals.items()))
    except (OSError, asyncio.TimeoutError) as error:
        result = result._replace(name_error=getattr(error, "strerror", "") or "no answer from the resolver")
    headers = (("User-Agent", "mock-server doctor"),)
    answer = await client.send(OutgoingRequest(url, b"", headers, "OPTIONS", timeout))
    await client.close()
    return result._replace(answer=answer)


async def _resolves(host: str) -> bool:
    try:
        return bool(await look_up(Destination(host, 0)))
    except socket.gaierror:
        return False


def judge(result: ConnectivityResult) -> list[ConnectivityFinding]:
    """What to report, the first cause first."""
    findings = [*_judge_container(result), *_judge_name(result)]
    explained = any(finding.level == PROBLEM and finding.about != "container" for finding in findings)
    if result.answer is not None and not explained:
        findings.append(_judge_answer(result.answer, result))
    return findings


def _judge_container(result: ConnectivityResult) -> list[ConnectivityFinding]:
    target, destination = result.target, result.destination
    if destination != (target.host, target.port):
        message = f"{target.host}:{target.port} is replaced by {destination.host}:{destination.port}, by --callback-rewrite"
        return [ConnectivityFinding(NOTE, "container", message)]
    if not result.container or not _is_loopback(destination.host):
        return []
    engine = result.container
    here = f"this runs in a container ({engine}), where {destination.host} is the container itself"
    if result.answer is not None and result.answer.status:
        return [ConnectivityFinding(NOTE, "container", f"{here}; something answers there")]
    message = f"{here} and not your machine"
    name = HOST_NAMES.get(engine)
    if name is None:
        remedy = "use the name of the service or pod that the receiver runs in"
        return [ConnectivityFinding(PROBLEM, "container", message, remedy)]
    remedy = f"start with --callback-rewrite localhost={name}, or use the name of the receiver's service"
    if not result.host_name_resolves:
        remedy += (
            f"; {name} does not resolve here yet: start the container with --add-host={name}:host-gateway"
        )
    return [ConnectivityFinding(PROBLEM, "container", message, remedy)]


def _judge_name(result: ConnectivityResult) -> list[ConnectivityFinding]:
    destination = result.destination
    if result.name_error:
        remedy = "check the spelling, and DNS"
        if destination.host in HOST_NAMES.values():
            remedy = f"add --add-host={destination.host}:host-gateway to the container"
        return [
            ConnectivityFinding(
                PROBLEM, "name", f"{destination.host} does not resolve: {result.name_error}", remedy
            )
        ]
    refusals = [refusal for _, refusal in result.addresses if refusal is not None]
    allowed = [address for address, refusal in result.addresses if refusal is None]
    if not allowed:
        return [ConnectivityFinding(PROBLEM, "allow-list", *refusal) for refusal in refusals]
    findings = [
        ConnectivityFinding(NOTE, "allow-list", f"{refusal.reason}; the other addresses are used")
        for refusal in refusals
    ]
    if [destination.host] != allowed:
        findings.insert(0, ConnectivityFinding(GOOD, "name", f"{destination.host} is {', '.join(allowed)}"))
    return findings


def _judge_answer(answer: Answer, result: ConnectivityResult) -> ConnectivityFinding:
    where, path = result.where, result.target.path
    if answer.failure is SendFailure.ANSWERED_BY_MOCK:
        message, _, fix = answer.error.partition("; ")
        return ConnectivityFinding(PROBLEM, "answer", message, fix)
    if answer.status == 404:
        message = f"{where} answers 404 to OPTIONS {path}"
        return ConnectivityFinding(
            NOTE, "answer", message, "if callbacks get the same answer, check the path"
        )
    if answer.status >= 500:
        return ConnectivityFinding(NOTE, "answer", f"{where} answers {answer.status}", _READ_LOG)
    if answer.failure in (None, SendFailure.UNSUCCESSFUL_STATUS):
        message = f"{where} answers (with {answer.status} to OPTIONS, which does not matter)"
        return ConnectivityFinding(GOOD, "answer", message)
    remedy = _REMEDIES.get(answer.failure)
    return ConnectivityFinding(PROBLEM, "answer", answer.error, remedy(result) if remedy else _READ_LOG)


_READ_LOG = "read the receiver's log"


def _start_receiver(result: ConnectivityResult) -> str:
    port = result.destination.port
    if _is_loopback(result.destination.host):
        return f"start the receiver on port {port}"
    return f"start the receiver, and let it listen on 0.0.0.0:{port}, not on 127.0.0.1 only"


_REMEDIES: Mapping[SendFailure | None, Callable[[ConnectivityResult], str]] = {
    SendFailure.CERTIFICATE_NOT_TRUSTED: lambda _: (
        "pass its authority with --callback-ca FILE, or start with --no-callback-verify"
    ),
    SendFailure.TLS_FAILED: lambda it: (
        f"the receiver may speak plain HTTP: write http://{it.target.authority}{it.target.path}"
    ),
    SendFailure.CONNECTION_REFUSED: _start_receiver,
    SendFailure.TIMED_OUT: lambda it: (
        "check for a firewall" + (", and the container's network" if it.container else "")
    ),
    SendFailure.PROXY_FAILED: lambda _: (
        "check the address and the credentials in --callback-proxy, and the proxy's log"
    ),
    SendFailure.REDIRECTED: lambda _: "register the address it redirects to",
    SendFailure.NOT_HTTP: lambda it: f"check the port: {it.where} speaks another protocol",
}


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
