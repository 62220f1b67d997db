from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mock_server.core.target import parse_target
from mock_server.delivery.answer import Answer, SendFailure
from mock_server.delivery.client import make_client
from mock_server.delivery.connectivity import (
    GOOD,
    NOTE,
    PROBLEM,
    ConnectivityFinding,
    ConnectivityResult,
    check,
    judge,
    probe,
)
from mock_server.delivery.targets import AddressRefusal, Policy
from tests import receivers
from tests.receivers import Receiver, answers, free_port

REFUSED = Answer(error="connection refused by localhost:3000", failure=SendFailure.CONNECTION_REFUSED)


def result(
    url: str = "http://localhost:3000/hooks",
    answer: Answer | None = Answer(200),
    rewrite: tuple[str, ...] = (),
    **more: object,
) -> ConnectivityResult:
    target = parse_target(url)
    options = {"addresses": (("127.0.0.1", None),), "answer": answer, **more}
    return ConnectivityResult(target, Policy.build(rewrite=rewrite).destination(target))._replace(**options)  # type: ignore[arg-type]


def failed(failure: SendFailure, status: int = 0) -> Answer:
    return Answer(status, error="the reason", failure=failure)


NOT_ALLOWED = (
    ("8.8.8.8", AddressRefusal("8.8.8.8 is not private", "start with --callback-allow localhost")),
)
NEVER_ALLOWED = (("169.254.169.254", AddressRefusal("callbacks never go there")),)
UNKNOWN: dict[str, Any] = {"name_error": "unknown", "addresses": ()}


@pytest.mark.parametrize(
    ("probed", "level", "about", "message", "remedy"),
    [
        (result(), GOOD, "answer", "answers", ""),
        (result(answer=failed(SendFailure.UNSUCCESSFUL_STATUS, 405)), GOOD, "answer", "405", ""),
        (
            result(answer=failed(SendFailure.UNSUCCESSFUL_STATUS, 404)),
            NOTE,
            "answer",
            "404",
            "check the path",
        ),
        (result(answer=failed(SendFailure.UNSUCCESSFUL_STATUS, 502)), NOTE, "answer", "502", "log"),
        (result(answer=failed(SendFailure.REDIRECTED, 302)), PROBLEM, "answer", "the reason", "redirects to"),
        (result(answer=REFUSED), PROBLEM, "answer", "refused", "port 3000"),
        (result("http://app:3000/", REFUSED), PROBLEM, "answer", "refused", "0.0.0.0:3000"),
        (
            result(answer=failed(SendFailure.CERTIFICATE_NOT_TRUSTED)),
            PROBLEM,
            "answer",
            "the reason",
            "--callback-ca",
        ),
        (
            result("https://localhost/", failed(SendFailure.TLS_FAILED)),
            PROBLEM,
            "answer",
            "the reason",
            "http://localhost/",
        ),
        (result(answer=failed(SendFailure.TIMED_OUT)), PROBLEM, "answer", "the reason", "firewall"),
        (
            result(answer=failed(SendFailure.PROXY_FAILED)),
            PROBLEM,
            "answer",
            "the reason",
            "--callback-proxy",
        ),
        (result(answer=failed(SendFailure.NOT_HTTP)), PROBLEM, "answer", "the reason", "check the port"),
        (
            result(
                answer=Answer(
                    404, error="a mock server answered; give another", failure=SendFailure.ANSWERED_BY_MOCK
                )
            ),
            PROBLEM,
            "answer",
            "a mock server answered",
            "give another",
        ),
        (result(answer=failed(SendFailure.CONNECTION_CLOSED)), PROBLEM, "answer", "the reason", "log"),
        (result(**UNKNOWN), PROBLEM, "name", "does not resolve", "spelling"),
        (
            result("http://host.docker.internal/", **UNKNOWN),
            PROBLEM,
            "name",
            "not resolve",
            "--add-host=host.docker.internal:host",
        ),
        (result(addresses=NOT_ALLOWED), PROBLEM, "allow-list", "private", "--callback-allow localhost"),
        (result(addresses=NEVER_ALLOWED), PROBLEM, "allow-list", "never", ""),
    ],
)
def test_each_cause_has_its_remedy(
    probed: ConnectivityResult, level: str, about: str, message: str, remedy: str
) -> None:
    last = judge(probed)[-1]
    assert (last.level, last.about) == (level, about)
    assert message in last.message
    assert remedy in last.remedy
    assert bool(last.remedy) == bool(remedy)


def test_a_remedy_does_not_depend_on_the_text_of_an_error() -> None:
    texts = ("certificate refused, timed out: TLS", "")
    remedies = {
        judge(result(answer=Answer(error=text, failure=failure)))[-1].remedy
        for text in texts
        for failure in [SendFailure.NOT_HTTP]
    }
    assert remedies == {"check the port: localhost:3000 speaks another protocol"}


@pytest.mark.parametrize(
    ("engine", "resolves", "remedy"),
    [
        ("docker", True, "--callback-rewrite localhost=host.docker.internal, or"),
        ("docker", False, "--add-host=host.docker.internal:host-gateway"),
        ("podman", True, "localhost=host.containers.internal"),
        ("kubernetes", False, "service or pod"),
    ],
)
@pytest.mark.parametrize(
    "url", ["http://localhost:3000/", "http://127.0.0.1:3000/", "http://[::1]:3000/", "http://app.localhost/"]
)
def test_localhost_in_a_container_is_recognised(url: str, engine: str, resolves: bool, remedy: str) -> None:
    first = judge(result(url, REFUSED, container=engine, host_name_resolves=resolves))[0]
    assert (first.level, first.about) == (PROBLEM, "container")
    assert remedy in first.remedy
    assert ("--add-host" in first.remedy) == (not resolves and engine == "docker")


def test_in_a_container_a_rewritten_or_remote_address_is_no_problem() -> None:
    assert [each.level for each in judge(result(container="docker")) if each.about != "name"] == [NOTE, GOOD]
    rewritten = judge(result(rewrite=("localhost=app:80",), container="docker"))
    assert "replaced by app:80" in rewritten[0].message
    assert PROBLEM not in {each.level for each in rewritten}
    assert "container" not in {each.about for each in judge(result("http://app:3000/", container="docker"))}


def test_some_addresses_of_a_name_may_be_refused() -> None:
    findings = judge(result(addresses=(("169.254.0.1", AddressRefusal("link-local")), ("127.0.0.1", None))))
    assert [each.level for each in findings] == [GOOD, NOTE, GOOD]


def run(url: str, policy: Policy | None = None, container: str = "") -> list[ConnectivityFinding]:
    policy = policy or Policy()
    return judge(asyncio.run(probe(url, policy, make_client(policy), timeout=2.0, container=container)))


def test_a_receiver_that_is_there_is_found_and_gets_no_callback() -> None:
    with Receiver(answers(405)) as receiver:
        assert [each.level for each in run(receiver.url)] == [GOOD]
        assert [each.level for each in run(f"http://localhost:{receiver.port}/")] == [GOOD, GOOD]
        assert {request.method for request in receiver.requests} == {"OPTIONS"}


def test_a_missing_receiver_is_distinguished_from_other_causes() -> None:
    assert "refused" in run(f"http://127.0.0.1:{free_port()}/")[-1].message
    assert run("http://nowhere.invalid/")[-1].about == "name"
    assert run("http://169.254.169.254/")[-1].about == "allow-list"
    with Receiver(receivers.closes) as receiver:
        assert "closed without an answer" in run(receiver.url)[-1].message


def test_in_docker_the_name_of_the_machine_is_looked_up() -> None:
    first = run(f"http://localhost:{free_port()}/", container="docker")[0]
    assert (first.level, first.about) == (PROBLEM, "container")
    assert "host.docker.internal" in first.remedy


def test_check_does_it_all_at_once() -> None:
    with Receiver() as receiver:
        assert check(receiver.url, Policy(), make_client(Policy()))[-1].level == GOOD


def test_a_url_that_cannot_be_called_is_a_problem() -> None:
    (finding,) = check("/hooks", Policy(), make_client(Policy()))
    assert (finding.level, finding.about) == (PROBLEM, "url")
    assert "relative" in finding.message
    assert finding.remedy == "write for example http://localhost:3000/hook"
