"""The mock server in a container that lives as long as a test run. Needs pytest, testcontainers and Docker.

docker build --tag kyc-mock-server . && pip install testcontainers pytest && pytest test_sign_up.py"""

import json
import urllib.request
from collections.abc import Iterator

import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy


@pytest.fixture(scope="session")
def mock_url() -> Iterator[str]:
    """Base URL of both vendors' APIs."""
    container = (
        DockerContainer("kyc-mock-server:latest")
        .with_exposed_ports(8484)
        # Callbacks to localhost are meant for this machine.
        .with_env("MOCK_SERVER_CALLBACK_REWRITE", "localhost=host.docker.internal")
        .with_kwargs(extra_hosts={"host.docker.internal": "host-gateway"})
        .waiting_for(HttpWaitStrategy(8484, "/__admin/ready").for_status_code(200))
    )
    with container:
        yield f"http://{container.get_container_host_ip()}:{container.get_exposed_port(8484)}"


def test_the_server_is_there(mock_url: str) -> None:
    with urllib.request.urlopen(f"{mock_url}/__admin/health") as answer:
        assert json.load(answer)["status"] == "ok"
