"""Files next to the package in a checkout, and in it once it is installed (``setup.py`` puts them there)."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def scenarios() -> Path:
    """The folder of the scenario files that are served where no others are named."""
    return _either("shipped_scenarios", "scenarios")


def is_packaged(folder: Path) -> bool:
    """Whether it lies in the installed package, which the next installation replaces."""
    return _PACKAGE in folder.resolve().parents


def plans() -> Path:
    """The folder of test plans, with a folder for each vendor: what a tester starts from."""
    return _either("shipped_plans", "examples/plans")


def _either(installed: str, checkout: str) -> Path:
    packaged = _PACKAGE / installed
    return packaged if packaged.is_dir() else _PACKAGE.parent / checkout
