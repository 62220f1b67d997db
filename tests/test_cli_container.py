from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.cli.container import container_engine


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
def test_a_container_is_recognised(
    tmp_path: Path, files: dict[str, str], environ: dict[str, str], engine: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert container_engine(tmp_path, environ) == engine
