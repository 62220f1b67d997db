"""What a wheel carries."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MADE = shutil.ignore_patterns("__pycache__", "*.pyc")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree that a wheel is packed from, built in a copy."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("mock_server", "scenarios"):
        shutil.copytree(ROOT / name, copy / name, ignore=MADE)
    for name in ("setup.cfg", "setup.py", "pyproject.toml", "MANIFEST.in", "README.md"):
        shutil.copy(ROOT / name, copy)
    done = subprocess.run([sys.executable, "setup.py", "-q", "build"], cwd=copy, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return copy / "build" / "lib"


def files(folder: Path) -> set[str]:
    kept = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc" and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix() for path in kept}


def test_the_wheel_has_every_file_of_the_package(built: Path) -> None:
    assert set() == files(ROOT / "mock_server") - files(built / "mock_server")


def test_the_wheel_has_the_shipped_scenarios_and_nothing_else(built: Path) -> None:
    assert files(ROOT / "scenarios") == files(built / "mock_server" / "shipped_scenarios")
    assert ["mock_server"] == [path.name for path in built.iterdir()]


def test_the_installed_package_finds_its_scenarios(built: Path, tmp_path: Path) -> None:
    script = "from mock_server.web.service import shipped_scenarios; print(shipped_scenarios())"
    found = subprocess.run([sys.executable, "-c", script], cwd=built, capture_output=True, text=True, check=True)
    assert str(built / "mock_server" / "shipped_scenarios") == found.stdout.strip()
