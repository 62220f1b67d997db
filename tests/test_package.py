"""What a wheel and a source distribution carry, and when a wheel is compiled. That it is, and behaves the same, `make test-wheel` shows."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
MADE = shutil.ignore_patterns("__pycache__", "*.pyc")
NEEDED = ("setup.cfg", "setup.py", "compiled_wheel.py", "pyproject.toml", "README.md")
"""What a wheel is built from, beside the package and the scenarios."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout as far as it is packed."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("mock_server", "scenarios"):
        shutil.copytree(ROOT / name, copy / name, ignore=MADE)
    for name in (*NEEDED, "MANIFEST.in"):
        shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def built(copy: Path) -> Path:
    """The tree that a wheel is packed from, built in the copy."""
    make(copy, "build")
    return copy / "build" / "lib"


def make(copy: Path, *command: str) -> None:
    done = subprocess.run([sys.executable, "setup.py", "-q", *command], cwd=copy, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr


@pytest.fixture(scope="module")
def backend() -> ModuleType:
    spec = spec_from_file_location("compiled_wheel", ROOT / "compiled_wheel.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def test_a_source_distribution_has_all_that_a_wheel_is_built_from(copy: Path) -> None:
    make(copy, "sdist", "--formats=tar")
    [archive] = (copy / "dist").iterdir()
    with tarfile.open(archive) as packed:
        held = {name.partition("/")[2] for name in packed.getnames()}
    wanted = {f"{folder}/{name}" for folder in ("mock_server", "scenarios") for name in files(ROOT / folder)}
    assert set() == {*wanted, *NEEDED} - held


def test_every_module_to_compile_is_there(backend: ModuleType) -> None:
    modules = [ROOT / "mock_server" / folder / f"{name}.py" for folder, names in backend.HOT.items() for name in names.split()]
    assert not [str(path) for path in modules if not path.is_file()]
    assert len(modules) == len(set(modules))


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [("MOCK_SERVER_COMPILE", "0", "MOCK_SERVER_COMPILE is 0"), ("CC", "no-such-compiler -O", "no C compiler (no-such-compiler)")],
)
def test_what_keeps_a_wheel_from_being_compiled(
    backend: ModuleType,
    copy: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    says: str,
) -> None:
    monkeypatch.chdir(copy)
    monkeypatch.setenv(variable, value)
    assert [] == backend.extensions()
    assert says in capsys.readouterr().err
    assert not set(backend.TOOLS) & set(backend.get_requires_for_build_wheel()), "nothing is fetched that is not used"
