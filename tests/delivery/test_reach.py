from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mock_server.delivery.connection import Answer
from mock_server.delivery.reach import GOOD, NOTE, PROBLEM, Facts, Finding, container_of, examine, judge, probe
from mock_server.delivery.targets import Policy, parse_target
from mock_server.delivery.transport import make_transport
from tests import receivers
from tests.receivers import Receiver, answers, free_port

REFUSED = Answer(error="connection refused by localhost:3000; nothing listens there")


def facts(
    url: str = "http://localhost:3000/hooks", answer: Answer | None = Answer(200), rewrite: tuple[str, ...] = (), **more: object
) -> Facts:
    target = parse_target(url)
    given = {"addresses": (("127.0.0.1", ""),), "answer": answer, **more}
    return Facts(url, target, place=Policy.build(rewrite=rewrite).place(target))._replace(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "level", "about", "says", "remedy"),
    [
        (Facts("x", wrong="the URL is relative"), PROBLEM, "url", "relative", "absolute address"),
        (facts(), GOOD, "answer", "answers", ""),
        (facts(answer=Answer(405, error="answered 405")), GOOD, "answer", "405", ""),
        (facts(answer=Answer(404, error="answered 404")), NOTE, "answer", "404", "check the path"),
        (facts(answer=Answer(502, error="answered 502")), NOTE, "answer", "502", "log"),
        (facts(answer=Answer(302, error="answered 302, a redirect to x")), PROBLEM, "answer", "redirect", "redirects to"),
        (facts(answer=REFUSED), PROBLEM, "answer", "refused", "port 3000"),
        (facts("http://app:3000/", REFUSED), PROBLEM, "answer", "refused", "0.0.0.0:3000"),
        (facts(answer=Answer(error="TLS: the certificate of x is not trusted")), PROBLEM, "answer", "not trusted", "--callback-ca"),
        (facts("https://localhost/", Answer(error="TLS: no secure connection")), PROBLEM, "answer", "TLS", "http://localhost/"),
        (facts(answer=Answer(error="timed out after 5 s")), PROBLEM, "answer", "timed out", "firewall"),
        (facts(answer=Answer(error="the connection was closed without an answer")), PROBLEM, "answer", "closed", "log"),
        (facts(name_error="Name not known", addresses=()), PROBLEM, "name", "does not resolve", "spelling"),
        (
            facts("http://host.docker.internal/", name_error="unknown", addresses=()),
            PROBLEM,
            "name",
            "does not resolve",
            "--add-host=host.docker.internal:host-gateway",
        ),
        (facts(addresses=(("8.8.8.8", "not on a private network"),)), PROBLEM, "allow-list", "private", "--callback-allow localhost"),
        (facts(addresses=(("169.254.169.254", "callbacks never go there"),)), PROBLEM, "allow-list", "never", ""),
    ],
)
def test_what_is_found_is_said_with_what_to_do(found: Facts, level: str, about: str, says: str, remedy: str) -> None:
    last = judge(found)[-1]
    assert (level, about) == (last.level, last.about)
    assert says in last.message
    assert remedy in last.remedy
    assert bool(remedy) == bool(last.remedy)


@pytest.mark.parametrize(
    ("engine", "resolves", "remedy"),
    [
        ("docker", True, "--callback-rewrite localhost=host.docker.internal, or"),
        ("docker", False, "--add-host=host.docker.internal:host-gateway"),
        ("podman", True, "localhost=host.containers.internal"),
        ("kubernetes", False, "service or pod"),
    ],
)
@pytest.mark.parametrize("url", ["http://localhost:3000/", "http://127.0.0.1:3000/", "http://[::1]:3000/", "http://app.localhost/"])
def test_localhost_in_a_container_is_recognised(url: str, engine: str, resolves: bool, remedy: str) -> None:
    first = judge(facts(url, REFUSED, container=engine, host_name_resolves=resolves))[0]
    assert (PROBLEM, "container") == (first.level, first.about)
    assert remedy in first.remedy
    assert ("--add-host" in first.remedy) == (not resolves and engine == "docker")


def test_in_a_container_what_answers_or_is_rewritten_or_elsewhere_is_no_problem() -> None:
    assert [NOTE, GOOD] == [each.level for each in judge(facts(container="docker")) if each.about != "name"]
    rewritten = judge(facts(rewrite=("localhost=app:80",), container="docker"))
    assert "replaced by app:80" in rewritten[0].message
    assert PROBLEM not in {each.level for each in rewritten}
    assert "container" not in {each.about for each in judge(facts("http://app:3000/", container="docker"))}


def test_some_addresses_of_a_name_may_be_refused() -> None:
    found = judge(facts(addresses=(("169.254.0.1", "link-local"), ("127.0.0.1", ""))))
    assert [GOOD, NOTE, GOOD] == [each.level for each in found]


@pytest.mark.parametrize(
    ("files", "environ", "engine"),
    [
        ({}, {}, ""),
        ({".dockerenv": ""}, {}, "docker"),
        ({"run/.containerenv": ""}, {}, "podman"),
        ({"proc/1/cgroup": "0::/"}, {}, ""),
        ({"proc/1/cgroup": "12:cpu:/docker/abc"}, {}, "docker"),
        ({"proc/1/cgroup": "12:cpu:/kubepods/besteffort/x"}, {}, "kubernetes"),
        ({"proc/1/cgroup": "1:name=systemd:/machine.slice/libpod-1.scope"}, {}, "podman"),
        ({"proc/1/cgroup": "1:x:/system.slice/containerd.service"}, {}, "container"),
        ({".dockerenv": ""}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({}, {"container": "lxc"}, "container"),
    ],
    ids=repr,
)
def test_a_container_is_recognised(tmp_path: Path, files: dict[str, str], environ: dict[str, str], engine: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert engine == container_of(tmp_path, environ)


def run(url: str, policy: Policy | None = None, container: str = "") -> list[Finding]:
    policy = policy or Policy()
    return judge(asyncio.run(probe(url, policy, make_transport(policy), timeout=2.0, container=container)))


def test_a_receiver_that_is_there_is_found_and_gets_no_callback() -> None:
    with Receiver(answers(405)) as receiver:
        assert [GOOD] == [each.level for each in run(receiver.url)]
        assert [GOOD, GOOD] == [each.level for each in run(f"http://localhost:{receiver.port}/")]
        assert {"OPTIONS"} == {got.method for got in receiver.got}


def test_a_receiver_that_is_not_there_is_told_apart_from_other_causes() -> None:
    assert "refused" in run(f"http://127.0.0.1:{free_port()}/")[-1].message
    assert "name" == run("http://nowhere.invalid/")[-1].about
    assert "allow-list" == run("http://169.254.169.254/")[-1].about
    assert "url" == run("nonsense")[-1].about
    with Receiver(receivers.closes) as receiver:
        assert "closed without an answer" in run(receiver.url)[-1].message


def test_in_docker_the_name_of_the_machine_is_looked_up() -> None:
    first = run(f"http://localhost:{free_port()}/", container="docker")[0]
    assert (PROBLEM, "container") == (first.level, first.about)
    assert "host.docker.internal" in first.remedy


def test_examine_does_it_all_at_once() -> None:
    with Receiver() as receiver:
        assert GOOD == examine(receiver.url, Policy(), make_transport(Policy()))[-1].level
