"""``python -m release.check``: build what a release publishes, check it, and install it where it has to run.

Steps: changelog and version; wheel from the source distribution; their metadata and content; an environment for
each Python that is there, with the oldest packages that setup.cfg allows and with the newest, in each the demo, the
shipped scenarios and a report; the image's build commands; the frozen names. ``--quick`` leaves out all Pythons but
the oldest and the newest, ``--compiled`` builds and installs a compiled wheel as well. Needs a package index."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mock_server import __version__
from release import surface
from release.lock import configuration, covered

ROOT = Path(__file__).resolve().parents[1]
SMOKE = Path(__file__).with_name("smoke.py")
BIN = Path(sys.executable).parent
UV = (sys.executable, "-m", "uv")
EPOCH = "1790000000"
BOUNDS = {"oldest packages": "lowest-direct", "newest packages": "highest"}


class Step(NamedTuple):
    """One line of the result; ``check`` returns what is wrong."""

    name: str
    check: Callable[[], list[str]]


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> list[str]:
    """Nothing where the command succeeds, else the end of what it printed."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return []
    return (done.stdout + done.stderr).strip().splitlines()[-15:] or [
        f"{command[0]} ended with {done.returncode}"
    ]


def changelog() -> list[str]:
    """The version is one, and the changelog says what is new in it."""
    problems = []
    if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", __version__):
        problems.append(f"mock_server/__init__.py: {__version__} is not a version")
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    sections = re.split(r"(?m)^## ", text)[1:]
    names = [section.split("\n", 1)[0] for section in sections]
    if names[:1] not in (["Unreleased"], [__version__]) and not names[0].startswith(f"{__version__} "):
        problems.append(f"CHANGELOG.md: the first section is {names[0]}, must be Unreleased or {__version__}")
    if "\n- " not in sections[0]:
        problems.append(f"CHANGELOG.md: nothing stands under {names[0]}")
    return problems


def locks() -> list[str]:
    """The lock files hold all that setup.cfg asks for; what the tests need changes more often than the rest."""
    problems = []
    for name, wanted in covered():
        pinned = re.findall(r"(?m)^([\w.-]+)==", (ROOT / name).read_text("utf-8"))
        names = {canonicalize_name(each) for each in pinned}
        missing = [line for line in wanted if canonicalize_name(Requirement(line).name) not in names]
        problems += [f"{name}: {line} is missing; run make lock" for line in missing]
    return problems


def checkout(folder: Path) -> Path:
    """A copy of the files that git knows, or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    archive = subprocess.run(
        ["tar", "--create", "--null", "--files-from=-"],
        cwd=ROOT,
        input=listed.stdout,
        capture_output=True,
        check=True,
    )
    folder.mkdir()
    subprocess.run(["tar", "--extract"], cwd=folder, input=archive.stdout, check=True)
    return folder


def built(folder: Path, pattern: str) -> Path:
    files = sorted(folder.glob(pattern))
    if len(files) != 1:
        raise FileNotFoundError(f"{pattern}: {len(files)} files in {folder}")
    return files[0]


def pythons() -> dict[str, str]:
    """Supported versions that are installed, oldest first, and an interpreter of each: on PATH, or from pyenv."""
    classifiers = configuration()["metadata"]["classifiers"]
    found = {}
    for version in re.findall(r"Python :: (3\.\d+)", classifiers):
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        for candidate in (*sorted(pyenv.glob(f"{version}.*/bin/python")), shutil.which(f"python{version}")):
            # A shim of pyenv is on PATH whether or not its version can be used.
            if candidate and not run(
                candidate, "-c", f"import sys; assert sys.version.startswith('{version}.')"
            ):
                found[version] = str(candidate)
                break
    return found


def installation(folder: Path, python: str, resolution: str, wheel: Path) -> list[str]:
    """The wheel in an environment of its own, and the smoke test there."""
    interpreter = folder / "bin" / "python"
    return (
        run(*UV, "venv", "--quiet", "--python", python, folder)
        or run(*UV, "pip", "install", "--quiet", "--python", interpreter, "--resolution", resolution, wheel)
        or run(*UV, "pip", "check", "--quiet", "--python", interpreter)
        or run(interpreter, "-I", "-W", "error::DeprecationWarning:mock_server", SMOKE, cwd=folder)
    )


def image_commands(tree: Path, root: Path) -> list[str]:
    """The RUN commands of the image's first stage, as a builder would run them, with ``root`` for its ``/``."""
    recipe = (tree / "Dockerfile").read_text("utf-8").replace("\\\n", " ").split("\nFROM ")[0]
    commands = re.findall(r"^RUN (.*)$", recipe, re.MULTILINE)
    for command in commands[1:]:  # the first installs a compiler with apt-get
        here = command.replace("/opt/", f"{root}/opt/").replace("python -m venv", f"{sys.executable} -m venv")
        problems = run("sh", "-ec", here, cwd=tree, COMPILE="0")
        if problems:
            return [command, *problems]
    return run(root / "opt" / "mock-server" / "bin" / "python", "-I", SMOKE, cwd=root)


def steps(work: Path, arguments: argparse.Namespace) -> Iterator[Step]:
    dist, tree = work / "dist", checkout(work / "tree")
    yield Step("changelog and version", changelog)
    yield Step("names of the frozen surface", surface.missing)
    yield Step(
        "sdist, and a wheel from it",
        lambda: run(*UV, "build", "--quiet", "--out-dir", dist, tree, SOURCE_DATE_EPOCH=EPOCH),
    )
    yield Step(
        "twine check --strict",
        lambda: run(BIN / "twine", "check", "--strict", built(dist, "*.whl"), built(dist, "*.tar.gz")),
    )
    yield Step("check-wheel-contents", lambda: run(BIN / "check-wheel-contents", built(dist, "*.whl")))
    # The tenth point is for a licence classifier, which setuptools calls deprecated.
    yield Step("pyroma", lambda: run(BIN / "pyroma", "--min=9", built(dist, "*.tar.gz")))
    yield Step("image: build commands", lambda: image_commands(tree, work))
    found = pythons()
    names = list(found)
    if arguments.quick:
        names = sorted({names[0], names[-1]}, key=names.index)
    wheels = {"": dist}
    if arguments.compiled:
        wheels["compiled, "] = work / "compiled"
        yield Step(
            "compiled wheel",
            lambda: run(
                *UV,
                "build",
                "--quiet",
                "--wheel",
                "--out-dir",
                work / "compiled",
                tree,
                MOCK_SERVER_COMPILE="1",
            ),
        )
    for kind, folder in wheels.items():
        for name in names if not kind else [f"{sys.version_info.major}.{sys.version_info.minor}"]:
            for packages, resolution in BOUNDS.items():
                yield Step(
                    f"Python {name}, {kind}{packages}",
                    lambda name=name, packages=packages, resolution=resolution, kind=kind, folder=folder: (
                        installation(  # type: ignore[misc]
                            work / f"{kind}{name} {packages}", found[name], resolution, built(folder, "*.whl")
                        )
                    ),
                )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m release.check")
    parser.add_argument("--quick", action="store_true", help="the oldest and the newest Python only")
    parser.add_argument("--compiled", action="store_true", help="a compiled wheel, too; needs a C compiler")
    arguments = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        for step in steps(Path(name), arguments):
            started = time.perf_counter()
            problems = step.check()
            failed += bool(problems)
            print(
                f"{'FAILED' if problems else 'ok':8}{step.name} ({time.perf_counter() - started:.1f} s)",
                flush=True,
            )
            for problem in problems:
                print(f"        {problem}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
