"""``python -m benchmarks.install``: what ``pip install .`` brings, as Markdown tables.

Installs a copy of the checkout into two virtual environments below a temporary folder: the first with an empty pip
cache, the second with what the first has fetched. Needs a package index, nothing else. What each package is for
is read from the table in ARCHITECTURE.md."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.report import machine

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "__pycache__", "build", "*.egg-info", "out"
)
OURS = ("mock_server.client", "mock_server.testing", "mock_server.cli")
MODULES = {"pyyaml": "yaml"}
"""What is imported of a package whose first module says little of its cost."""

LIST = """
import json
from importlib import metadata
modules = {}
for module, names in metadata.packages_distributions().items():
    for name in names:
        modules.setdefault(name.lower(), []).append(module)
def size(file):
    path = file.locate()
    return path.stat().st_size if path.is_file() else 0
print(json.dumps([
    {
        "name": each.name,
        "version": each.version,
        "bytes": sum(map(size, each.files or [])),
        "modules": modules.get(each.name.lower(), []),
        "requires": [one for one in each.requires or [] if "extra ==" not in one],
    }
    for each in metadata.distributions() if each.name not in ("pip", "setuptools")
]))
"""
IMPORT = "import sys, time; t = time.perf_counter(); import {module}; print((time.perf_counter() - t) * 1e3)"


class Package(NamedTuple):
    """One installed distribution."""

    name: str
    version: str
    bytes: int
    modules: list[str]
    requires: list[str]

    @property
    def module(self) -> str:
        """The module whose import is measured; a package's own name before others that it brings."""
        public = sorted(name for name in self.modules if not name.startswith("_"))
        return MODULES.get(normal(self.name), next(iter(public), ""))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def install(source: Path, folder: Path, cache: Path) -> tuple[Path, float]:
    """The interpreter of a new virtual environment with the package, and the seconds of ``pip install``."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    command: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--cache-dir",
        cache,
        source,
    ]
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return python, time.perf_counter() - started


def output(python: Path, code: str) -> str:
    return subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True).stdout


def import_time(python: Path, module: str) -> float:
    """Milliseconds in a fresh interpreter, the best of several."""
    return min(float(output(python, IMPORT.format(module=module))) for _ in range(RUNS))


def loaded_at_start(python: Path, folder: Path) -> set[str]:
    """Top modules that a server has imported when it says that it listens."""
    log = folder / "imports"
    command: list[str | Path] = [
        python,
        "-I",
        "-X",
        "importtime",
        "-m",
        "mock_server",
        "serve",
        "--port",
        "0",
        "--no-watch",
    ]
    with log.open("w") as stderr:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=stderr, text=True)
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
        text = log.read_text()
        process.terminate()
        process.wait()
    if json.loads(line)["event"] != "listening":
        raise RuntimeError(f"the server did not start: {line}{text}")
    return {name.split(".")[0] for name in re.findall(r"(?m)^import time:.*\| +([\w.]+)$", text)}


def purposes() -> dict[str, str]:
    """What ARCHITECTURE.md says each direct dependency is for."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## Dependencies")[2]
    rows = re.findall(r"(?m)^\| ([^|]+) \| ([^|]+) \| [\d.]+ \|", text)
    return {normal(name.strip()): purpose for names, purpose in rows for name in names.split(",")}


def why(package: Package, packages: list[Package]) -> str:
    users = [
        each.name
        for each in packages
        if normal(package.name) in {normal(re.split(r"[^\w.-]", one, maxsplit=1)[0]) for one in each.requires}
    ]
    return purposes().get(normal(package.name)) or f"needed by {', '.join(sorted(users))}"


def rows(python: Path, folder: Path) -> Iterator[tuple[Package, str]]:
    packages = [Package(**each) for each in json.loads(output(python, LIST))]
    early = loaded_at_start(python, folder)
    for package in sorted(packages, key=lambda each: -each.bytes):
        if normal(package.name) == "kyc-mock-server":
            yield package, f"| **{package.name}** | {package.bytes / 1e6:.1f} | | | this package |"
            continue
        when = "at start" if early & set(package.modules) else "later"
        cost = import_time(python, package.module)
        name = f"{package.name} {package.version}"
        yield (
            package,
            f"| {name} | {package.bytes / 1e6:.1f} | {cost:.0f} | {when} | {why(package, packages)} |",
        )


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source"
        shutil.copytree(ROOT, source, ignore=NOT_COPIED)
        _, cold = install(source, folder / "cold", folder / "cache")
        python, warm = install(source, folder / "warm", folder / "cache")
        table = list(rows(python, folder))
        ours = {module: import_time(python, module) for module in OURS}
    total = sum(package.bytes for package, _ in table) / 1e6
    print(f"{machine()}\n")
    print(f"{len(table)} packages, {total:.0f} MB with compiled `.pyc` files.")
    print(f"`pip install .`: {cold:.1f} s with an empty pip cache, {warm:.1f} s with a filled one.")
    print("Import: " + ", ".join(f"`{module}` {cost:.0f} ms" for module, cost in ours.items()) + ".\n")
    print("| package | MB | import, ms | imported | for |\n|---|---:|---:|---|---|")
    print("\n".join(row for _, row in table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
