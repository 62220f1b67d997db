"""``python -m release.lock``: every package of the image, of its build and of CI, pinned with hashes.

One file each, valid for every supported Python and platform. Needs a package index."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = {"requirements.lock": ("redis",), "requirements-ci.lock": ("test", "release")}
"""What each file covers beside what always is needed."""
BUILD = "requirements-build.lock"


def configuration() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", "utf-8")
    return parser


def requirements(*extras: str) -> list[str]:
    """The lines of setup.cfg, those of the named extras included."""
    parser = configuration()
    texts = [parser["options"]["install_requires"]]
    texts += [parser["options.extras_require"][extra] for extra in extras]
    return [line for text in texts for line in text.split("\n") if line]


def build_requirements() -> list[str]:
    """What a compiled wheel is built with: from pyproject.toml and the table in setup.py."""
    declared = re.findall(
        r'^requires = \["(.*)"\]$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE
    )
    for node in ast.parse((ROOT / "setup.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMPILER":
            declared += ast.literal_eval(node.value)
    return declared


def covered() -> Iterator[tuple[str, list[str]]]:
    """Each lock file, and what it has to hold."""
    for name, extras in EXTRAS.items():
        yield name, requirements(*extras)
    yield BUILD, build_requirements()


def main() -> int:
    minimum = configuration()["options"]["python_requires"].removeprefix(">=")
    for name, wanted in covered():
        command = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--generate-hashes",
        ]
        command += ["--python-version", minimum, "--custom-compile-command", "make lock", "--no-annotate"]
        command += ["--upgrade", "--no-emit-find-links", "--no-emit-index-url", "--output-file", name, "-"]
        subprocess.run(command, input="\n".join(wanted), text=True, check=True, cwd=ROOT)
        print(f"{name}: {(ROOT / name).read_text('utf-8').count('==')} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
