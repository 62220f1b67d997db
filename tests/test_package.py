"""What a wheel and a source distribution carry. `make test-wheel` shows that a compiled wheel behaves like a
plain one."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
from setuptools import build_meta

ROOT = Path(__file__).resolve().parents[1]
SOURCE = "https://github.com/your-org/kyc-mock-server"
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")
NEEDED = ("setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE", "LICENSES-third-party.md")
"""What a wheel is built from, beside the package, the scenarios and the plans."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as far as it is packed."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("mock_server", "scenarios", "examples/plans"):
        shutil.copytree(ROOT / name, copy / name, ignore=IGNORED)
    for name in (*NEEDED, "MANIFEST.in"):
        shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def built(copy: Path) -> Path:
    """The tree that a wheel is packed from, built in the copy."""
    make(copy, "build")
    return copy / "build" / "lib"


def make(copy: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "setup.py", "-q", *command], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def files(folder: Path) -> set[str]:
    paths = (
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    )
    return {path.relative_to(folder).as_posix() for path in paths}


def test_the_wheel_has_every_file_of_the_package(built: Path) -> None:
    assert set() == files(ROOT / "mock_server") - files(built / "mock_server")


def test_the_wheel_holds_the_shipped_files_and_nothing_else(built: Path) -> None:
    assert files(ROOT / "scenarios") == files(built / "mock_server" / "shipped_scenarios")
    assert files(ROOT / "examples" / "plans") == files(built / "mock_server" / "shipped_plans")
    assert [path.name for path in built.iterdir()] == ["mock_server"]


def test_the_installed_package_finds_its_scenarios(built: Path, tmp_path: Path) -> None:
    script = "from mock_server.core import shipped; print(shipped.scenarios(), shipped.plans())"
    output = subprocess.run(
        [sys.executable, "-c", script], cwd=built, capture_output=True, text=True, check=True
    )
    folders = (built / "mock_server" / name for name in ("shipped_scenarios", "shipped_plans"))
    assert " ".join(map(str, folders)) == output.stdout.strip()


def test_a_source_distribution_has_all_that_a_wheel_is_built_from(copy: Path) -> None:
    make(copy, "sdist", "--formats=tar")
    [archive] = (copy / "dist").iterdir()
    with tarfile.open(archive) as packed:
        held = {name.partition("/")[2] for name in packed.getnames()}
    expected = {
        f"{folder}/{name}"
        for folder in ("mock_server", "scenarios", "examples/plans")
        for name in files(ROOT / folder)
    }
    assert set() == {*expected, *NEEDED} - held


def test_a_registry_page_has_the_licence_and_working_links(copy: Path) -> None:
    make(copy, "egg_info")
    metadata = message_from_string((copy / "kyc_mock_server.egg-info" / "PKG-INFO").read_text("utf-8"))
    targets = re.findall(r"\]\(([^)]*)\)", str(metadata.get_payload()))
    assert metadata["License"] == "MIT"
    assert sorted(metadata.get_all("License-File") or ()) == ["LICENSE", "LICENSES-third-party.md"]
    assert metadata.get_all("Project-URL") == [f"Source, {SOURCE}"]
    assert [target for target in targets if not target.startswith(f"{SOURCE}/")] == []
    linked = [target.split("/main/")[1] for target in targets]
    assert [name for name in linked if not (ROOT / name).exists()] == []


def test_a_wheel_has_the_same_bytes_wherever_it_is_built(copy: Path, tmp_path: Path) -> None:
    """In another folder, with other times of its files and another umask."""
    other = shutil.copytree(
        copy, tmp_path / "elsewhere", ignore=shutil.ignore_patterns("build", "dist", "*.egg-info")
    )
    for path in other.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    wheels = []
    for folder, umask in ((copy, 0o022), (other, 0o077)):
        out = tmp_path / f"out-{umask}"
        done = subprocess.run(
            [sys.executable, "setup.py", "-q", "bdist_wheel", "--dist-dir", out],
            cwd=folder,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000"},
            umask=umask,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        wheels.append(next(out.glob("*.whl")))
    assert wheels[0].name == wheels[1].name
    assert contents(wheels[0]) == contents(wheels[1])
    assert wheels[0].read_bytes() == wheels[1].read_bytes()


def contents(wheel: Path) -> list[tuple[str, tuple[int, ...], int, int]]:
    """Name, time, mode and checksum of each file, in their order."""
    with zipfile.ZipFile(wheel) as packed:
        return [(info.filename, info.date_time, info.external_attr, info.CRC) for info in packed.infolist()]


def compiled_modules() -> list[str]:
    """Reads the table in setup.py, which cannot be imported without running it."""
    tree = ast.parse((ROOT / "setup.py").read_text("utf-8"))
    [table] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMPILED_PACKAGES"
    ]
    packages: dict[str, list[str]] = ast.literal_eval(table)
    return [f"mock_server/{folder}/{name}.py" for folder, names in packages.items() for name in names]


def test_every_module_to_compile_exists() -> None:
    assert [path for path in compiled_modules() if not (ROOT / path).is_file()] == []


def test_a_plain_wheel_needs_no_compiler(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy)
    monkeypatch.delenv("MOCK_SERVER_COMPILE", raising=False)
    assert not any(
        requirement.startswith("mypy") for requirement in build_meta.get_requires_for_build_wheel()
    )


def test_a_compiled_wheel_asks_for_mypyc(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy)
    monkeypatch.setenv("MOCK_SERVER_COMPILE", "1")
    assert any(requirement.startswith("mypy") for requirement in build_meta.get_requires_for_build_wheel())
