"""The files that run several servers: read as their engines would, since there may be no engine where the tests run, and
with the programs that they start where those are here."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import redis
import yaml

from mock_server import __version__
from mock_server.cli.main import VERBS
from mock_server.core.config import BY_NAME
from mock_server.web.admin import routes
from mock_server.web.admin.table import LONGEST_WAIT
from tests.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]
BALANCER = ROOT / "examples/cluster/haproxy.cfg"
MANIFESTS = sorted((ROOT / "examples/kubernetes").glob("*.yaml"))
VARIABLES = {option.variable for option in BY_NAME.values()}
PATHS = {f"/__admin{route.path}" for route in routes() if route.method == "GET"}
EXPOSED = int(re.findall(r"^EXPOSE (\d+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)[0])
Document = dict[str, Any]


def documents(path: Path) -> list[Document]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def cluster() -> dict[tuple[str, str], Document]:
    """The manifests of the cluster by kind and name."""
    manifests = documents(ROOT / "examples/kubernetes/cluster.yaml")
    return {(each["kind"], each["metadata"]["name"]): each for each in manifests}


def compose() -> dict[str, Document]:
    services: dict[str, Document] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    return services


def containers(path: Path) -> Iterator[Document]:
    for each in documents(path):
        if "template" in each["spec"]:
            yield from each["spec"]["template"]["spec"]["containers"]


def servers(path: Path) -> list[Document]:
    return [each for each in containers(path) if each["name"] == "mock-server"]


by_manifest = pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)


@by_manifest
@pytest.mark.parametrize("version", ["1.31", kubernetes_validate.latest_version()])
def test_a_manifest_is_what_kubernetes_reads(path: Path, version: str) -> None:
    for each in documents(path):
        kubernetes_validate.validate(each, version, strict=True)


def test_the_schema_finds_mistakes() -> None:
    deployment = cluster()["Deployment", "kyc-mock"]
    deployment["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        kubernetes_validate.validate(deployment, "1.31", strict=True)


@by_manifest
def test_every_image_has_a_version(path: Path) -> None:
    tags = dict(each["image"].split(":") for each in containers(path))
    assert "latest" not in tags.values()
    assert tags["kyc-mock-server"] == __version__


def test_every_image_of_compose_has_a_version() -> None:
    images = [each["image"] for each in compose().values() if "build" not in each]
    assert sorted(image.partition(":")[0] for image in images) == ["haproxy", "redis"]
    assert [image for image in images if not re.search(r":\d+\.\d+-alpine$", image)] == []


@by_manifest
def test_a_server_is_started_as_it_can_be(path: Path) -> None:
    for server in servers(path):
        assert [verb for verb in server.get("args", []) if verb not in VERBS] == []
        assert [
            each["name"]
            for each in server["env"]
            if each["name"].startswith("MOCK_SERVER_") and each["name"] not in VARIABLES
        ] == []
        assert [port["containerPort"] for port in server["ports"]] == [EXPOSED]


@by_manifest
def test_a_variable_is_set_before_it_is_used(path: Path) -> None:
    for container in containers(path):
        known: set[str] = set()
        for each in container["env"]:
            assert set(re.findall(r"\$\((\w+)\)", each.get("value", ""))) <= known
            known.add(each["name"])
        assert set(re.findall(r"\$\((\w+)\)", " ".join(container.get("args", [])))) <= known


@by_manifest
def test_a_server_is_probed_where_it_answers(path: Path) -> None:
    [server] = servers(path)
    probes = {name: probe["httpGet"] for name, probe in server.items() if name.endswith("Probe")}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startupProbe": "/__admin/ready",
        "readinessProbe": "/__admin/ready",
        "livenessProbe": "/__admin/health",
    }
    assert {probe["path"] for probe in probes.values()} <= PATHS
    assert {probe["port"] for probe in probes.values()} == {server["ports"][0]["name"]}


def test_a_pod_ends_after_its_last_request() -> None:
    pod = cluster()["Deployment", "kyc-mock"]["spec"]["template"]["spec"]
    [server] = pod["containers"]
    program, seconds = server["lifecycle"]["preStop"]["exec"]["command"]
    assert program == "sleep"
    assert 0 < int(seconds) < pod["terminationGracePeriodSeconds"] - 5


def test_every_container_of_the_cluster_has_limits() -> None:
    for each in containers(ROOT / "examples/kubernetes/cluster.yaml"):
        assert {*each["resources"]["limits"]} == {*each["resources"]["requests"]} == {"cpu", "memory"}
        assert each["securityContext"]["allowPrivilegeEscalation"] is False
        assert each["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_two_servers_share_one_store() -> None:
    manifests = cluster()
    deployment = manifests["Deployment", "kyc-mock"]["spec"]
    assert deployment["replicas"] == 2
    [server] = deployment["template"]["spec"]["containers"]
    store = next(each["value"] for each in server["env"] if each["name"] == "MOCK_SERVER_STORE")
    [port] = manifests["Service", "kyc-redis"]["spec"]["ports"]
    assert store == f"redis://:$(REDIS_PASSWORD)@kyc-redis:{port['port']}/0"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Service", "kyc-mock"),
        ("PodDisruptionBudget", "kyc-mock"),
        ("Service", "kyc-redis"),
    ],
)
def test_a_selector_finds_its_pods(kind: str, name: str) -> None:
    manifests = cluster()
    owner = manifests.get(("Deployment", name)) or manifests["StatefulSet", name]
    labels = owner["spec"]["template"]["metadata"]["labels"]
    assert owner["spec"]["selector"]["matchLabels"] == labels
    selector = manifests[kind, name]["spec"]["selector"]
    assert selector.get("matchLabels", selector) == labels
    for port in manifests[kind, name]["spec"].get("ports", []):
        [container] = owner["spec"]["template"]["spec"]["containers"]
        assert port["targetPort"] in {each["name"] for each in container["ports"]}


def test_every_secret_is_made_by_the_command_at_the_top() -> None:
    text = (ROOT / "examples/kubernetes/cluster.yaml").read_text("utf-8")
    [(name, arguments)] = re.findall(r"^# kubectl create secret generic (\S+) (.*)$", text, re.MULTILINE)
    created = {
        (name, key)
        for key in re.findall(r"--from-literal=([\w-]+)=\"\$\(openssl rand -hex 16\)\"", arguments)
    }
    used = {
        (each["valueFrom"]["secretKeyRef"]["name"], each["valueFrom"]["secretKeyRef"]["key"])
        for container in containers(ROOT / "examples/kubernetes/cluster.yaml")
        for each in container["env"]
        if "valueFrom" in each
    }
    assert created == used
    assert {key for _, key in used} == {"admin-token", "redis-password"}


def balancer(**replaced: str) -> str:
    """The balancer's configuration with the names of the composition replaced."""
    text = BALANCER.read_text("utf-8")
    for name, address in replaced.items():
        text = text.replace(f"{name.replace('_', '-')}:8484", address)
    return text


def test_haproxy_reads_the_balancers_file(tmp_path: Path) -> None:
    path = tmp_path / "haproxy.cfg"
    path.write_text(balancer(kyc_one="127.0.0.1:1", kyc_two="127.0.0.1:2"), "utf-8")
    done = subprocess.run(["haproxy", "-c", "-f", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()


def test_the_balancer_knows_every_server_of_the_composition() -> None:
    text, services = BALANCER.read_text("utf-8"), compose()
    replicas = {name for name, each in services.items() if "build" in each and "profiles" in each}
    assert len(replicas) == 2
    assert dict(re.findall(r"^  server \w+ ([\w-]+):(\d+)$", text, re.MULTILINE)) == dict.fromkeys(
        replicas, str(EXPOSED)
    )
    assert {*services["balancer"]["depends_on"]} == replicas
    assert re.findall(r"uri (\S+)", text) == ["/__admin/health"]
    assert "/__admin/health" in PATHS


def test_the_balancer_waits_longer_than_a_wait() -> None:
    seconds = dict(
        re.findall(r"^  timeout (client|server) (\d+)s$", BALANCER.read_text("utf-8"), re.MULTILINE)
    )
    assert min(map(int, seconds.values())) > LONGEST_WAIT
    assert {*seconds} == {"client", "server"}


def test_the_composition_listens_on_this_machine_only() -> None:
    ports = [port for each in compose().values() for port in each.get("ports", [])]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert len(set(ports)) == len(ports) == 2


def test_the_servers_of_the_composition_share_one_store() -> None:
    services = compose()
    for name in ("kyc-one", "kyc-two"):
        assert services[name]["environment"]["MOCK_SERVER_STORE"] == "redis://redis:6379/0"
        assert {*services[name]["environment"]} <= VARIABLES
        assert [verb for verb in services[name]["command"] if verb not in VERBS] == []
        assert services[name]["depends_on"] == {"redis": {"condition": "service_healthy"}}
    assert {name for name, each in services.items() if "mem_limit" not in each} == {"kyc"}


@pytest.mark.parametrize("source", ["compose", "kubernetes"])
def test_redis_takes_its_options(source: str, tmp_path: Path) -> None:
    if source == "compose":
        command = compose()["redis"]["command"]
    else:
        [container] = cluster()["StatefulSet", "kyc-redis"]["spec"]["template"]["spec"]["containers"]
        command = [word.replace("$(REDIS_PASSWORD)", "secret") for word in container["args"]]
    server = RedisServer(tmp_path, durable=False)
    assert command[0] == "redis-server"
    server.start(*command[1:])
    try:
        password = "secret" if "--requirepass" in command else None
        with redis.Redis(port=server.port, password=password, decode_responses=True) as client:
            stored = client.config_get("appendonly", "appendfsync", "maxmemory-policy")
    finally:
        server.kill()
    assert stored == {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
