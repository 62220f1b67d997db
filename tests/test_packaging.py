"""What is installed is all that is needed: every data file of the package is in the wheel's list."""

from __future__ import annotations

import configparser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mock_server"


def metadata() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg")
    return parser


def test_every_data_file_is_carried_by_the_wheel() -> None:
    patterns = metadata()["options.package_data"]["*"].split()
    packages = [path.parent for path in PACKAGE.rglob("__init__.py")]
    carried = {path for package in packages for pattern in patterns for path in package.glob(pattern)}
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert files
    assert not sorted(str(path.relative_to(ROOT)) for path in files - carried)


def test_every_folder_of_code_is_a_package() -> None:
    assert not sorted(
        {
            str(path.parent.relative_to(ROOT))
            for path in PACKAGE.rglob("*.py")
            if not (path.parent / "__init__.py").exists()
        }
    )


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").lower()
    options = metadata()
    asked = options["options"]["install_requires"].split("\n") + options["options.extras_require"][
        "redis"
    ].split("\n")
    names = [
        requirement.split(">")[0].split(";")[0].strip().lower()
        for requirement in asked
        if requirement.strip()
    ]
    assert not [name for name in names if name not in text]
