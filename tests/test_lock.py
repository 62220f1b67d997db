"""The lock files hold what setup.cfg asks for, with hashes, and the image and CI install from them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from release.lock import BUILD, EXTRAS, build_requirements, covered, requirements

ROOT = Path(__file__).resolve().parents[1]
FILES = (*EXTRAS, BUILD)
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
ENTRY = re.compile(r"^(\S+==\S+(?: ; [^\\\n]+)?) ?((?:\\\n    --hash=sha256:[0-9a-f]{64} ?)*)$", re.MULTILINE)


def entries(name: str) -> list[tuple[Requirement, int]]:
    """Each pinned package and the number of its hashes."""
    text = (ROOT / name).read_text("utf-8")
    pins = [(Requirement(pin.strip()), hashes.count("--hash=")) for pin, hashes in ENTRY.findall(text)]
    assert len(pins) == text.count("==") - text.count(" == '") > 5
    return pins


def pinned(name: str, python: str) -> dict[str, str]:
    """Name and version of what is installed on one Python."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.5",
        "platform_python_implementation": "CPython",
    }
    return {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin, _ in entries(name)
        if pin.marker is None or pin.marker.evaluate(environment)
    }


@pytest.mark.parametrize("name", FILES)
def test_every_package_has_hashes(name: str) -> None:
    assert [str(pin) for pin, hashes in entries(name) if hashes == 0] == []


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", ["requirements.lock", BUILD])
def test_it_covers_what_is_asked_for(name: str, python: str) -> None:
    required = [Requirement(line) for line in dict(covered())[name]]
    versions = pinned(name, python)
    missing = [
        str(one)
        for one in required
        if not (
            one.extras
            or one.specifier.contains(versions.get(canonicalize_name(one.name), "0"), prereleases=True)
        )
    ]
    assert missing == [], "make lock"


def test_extras_are_read_with_what_they_include() -> None:
    assert {"redis>=5.0.8", "trustme>=1.2", "anyio>=4.4", "twine>=6.0"} <= set(
        requirements("test", "release")
    )
    assert any(line.startswith("setuptools") for line in build_requirements())
    assert any(line.startswith("mypy") for line in build_requirements())


def test_no_file_names_an_index() -> None:
    assert [name for name in FILES if "://" in (ROOT / name).read_text("utf-8")] == []


def test_the_image_and_ci_install_nothing_else() -> None:
    recipe = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    installs = re.findall(r"/pip (?:install|wheel) [^&\n]*", recipe)
    assert len(installs) == 4
    assert [line for line in installs if "--require-hashes" not in line and "--no-index" not in line] == []
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "--require-hashes --requirement requirements-ci.lock" in makefile
