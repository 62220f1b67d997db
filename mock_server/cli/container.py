"""Which container engine this process runs in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_CGROUPS = {
    "kubepods": "kubernetes",
    "docker": "docker",
    "libpod": "podman",
    "containerd": "container",
    "lxc": "container",
}


def container_engine(root: Path = Path("/"), environ: Mapping[str, str] = os.environ) -> str:
    """``docker``, ``podman``, ``kubernetes`` or ``container``; empty: this process runs in none."""
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
    for part, engine in _CGROUPS.items():
        if part in groups:
            return engine
    return "container" if environ.get("container") else ""
