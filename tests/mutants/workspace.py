"""A copy of the checkout in which mutmut has put all mutants of one module, and their tests."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import ndiff
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mutmut.mutation.file_mutation import MutatedFile

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "mutants"
COPIED = (
    "mock_server",
    "tests",
    "scenarios",
    "docs",
    "examples",
    "README.md",
    "Makefile",
    "setup.cfg",
    "setup.py",
    "pyproject.toml",
)
OPTIONS = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir=.")
KILLED, SURVIVED = "k", "s"


class Function(NamedTuple):
    """What is known of the mutants of one function."""

    digest: str
    """Of the function's text."""
    verdicts: str
    """`KILLED` or `SURVIVED` for each mutant, in their order."""


class Survivor(NamedTuple):
    """A mutant that no test notices, named so that it is found again when lines move."""

    function: str
    original: str
    mutant: str


def test_module(
    module: str, tests: Sequence[str], known: Mapping[str, Function], *, again: bool
) -> tuple[dict[str, Function], list[Survivor], int]:
    """Test the mutants of the functions that are not ``known`` as they are now; all functions and survivors
    of the module, and the number of mutants tested.

    ``again``: also the survivors that are known.
    """
    folder = copy_checkout(module.removesuffix(".py").replace("/", "."))
    mutated = _mutate(folder, module)
    names = mutated.mutant_names
    digests = _digests((ROOT / module).read_text("utf-8"))
    verdicts = dict(
        _verdicts(
            names,
            {name: function for name, function in known.items() if digests.get(name) == function.digest},
        )
    )
    asked = [name for name in names if verdicts.get(name) != KILLED and (again or name not in verdicts)]
    if asked:
        verdicts.update(_test(folder, module, tests, asked))
    functions: dict[str, Function] = {}
    for name in names:
        before = functions.get(function_of(name), Function(digests[function_of(name)], ""))
        functions[function_of(name)] = before._replace(verdicts=before.verdicts + verdicts[name])
    survivors = [_survivor(mutated, name) for name in names if verdicts[name] == SURVIVED]
    return functions, survivors, len(asked)


def copy_checkout(name: str) -> Path:
    """A folder with what the tests need."""
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for each in COPIED:
        if (ROOT / each).is_dir():
            shutil.copytree(ROOT / each, folder / each)
        else:
            shutil.copy2(ROOT / each, folder / each)
    return folder


def pytest(folder: Path, arguments: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest there."""
    command = [sys.executable, "-m", "pytest", *OPTIONS, *arguments]
    variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def function_of(mutant: str) -> str:
    """mutmut's name of the function that a mutant was made of."""
    return mutant.rpartition("__mutmut_")[0]


def _mutate(folder: Path, module: str) -> MutatedFile:
    """Put every mutant of every function into the file."""
    from mutmut.mutation.file_mutation import mutate_file_contents

    mutated = mutate_file_contents(module, (ROOT / module).read_text("utf-8"))
    (folder / module).write_text(mutated.code, "utf-8")
    return mutated


def _digests(source: str) -> dict[str, str]:
    """mutmut's name of each function → digest of its text."""
    digests: dict[str, str] = {}
    tree = ast.parse(source)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for prefix, body in [("x_", tree.body), *((f"xǁ{node.name}ǁ", node.body) for node in classes)]:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_source_segment(source, node) or ""
                digests[prefix + node.name] = sha256(text.encode()).hexdigest()[:12]
    return digests


def _verdicts(names: Sequence[str], known: Mapping[str, Function]) -> Iterator[tuple[str, str]]:
    """The verdicts that are known already."""
    for function, (_, verdicts) in known.items():
        yield from zip([name for name in names if function_of(name) == function], verdicts)


def _test(folder: Path, module: str, tests: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    plan, answer = folder / "plan.json", folder / "verdicts.json"
    dotted = module.removesuffix(".py").replace("/", ".")
    plan.write_text(json.dumps({"module": dotted, "mutants": list(names)}), "utf-8")
    options = [
        "-m",
        "not hypothesis",
        "-p",
        "tests.mutants.forks",
        "--assert=plain",
        "--tb=native",
    ]  # neither explains a failure at length
    result = pytest(folder, [*options, *tests], MUTANTS_PLAN=str(plan), MUTANT_UNDER_TEST="stats")
    if result.returncode or not answer.exists():
        raise SystemExit(
            f"the tests of {module} fail without a mutant:\n{result.stdout[-3000:]}{result.stderr[-3000:]}"
        )
    results: dict[str, str] = json.loads(answer.read_text("utf-8"))
    at_import = [name for name in names if results[name] == "at import"]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        codes = pool.map(lambda name: _exit_code(folder, tests, f"{dotted}.{name}"), at_import)
        results |= {name: KILLED if code else SURVIVED for name, code in zip(at_import, codes)}
    return results


def _exit_code(folder: Path, tests: Sequence[str], mutant: str) -> int:
    """Of pytest in a process of its own, for what runs as the module is imported."""
    return pytest(folder, ["-x", "-m", "not hypothesis", *tests], MUTANT_UNDER_TEST=mutant).returncode


def _survivor(mutated: MutatedFile, name: str) -> Survivor:
    original, mutant = (_lines(mutated, each) for each in (f"{function_of(name)}__mutmut_orig", name))
    changes = [line for line in ndiff(original, mutant) if line[0] in "-+"]
    before, after = ("\n".join(line[2:] for line in changes if line[0] == sign) for sign in "-+")
    return Survivor(function_of(name).removeprefix("x").lstrip("_ǁ").replace("ǁ", "."), before, after)


def _lines(mutated: MutatedFile, name: str) -> list[str]:
    """Of a function that mutmut has written, without indentation and with the function's own name."""
    span = mutated.line_span_by_function_name[name]
    lines = mutated.code.splitlines()[span.start - 1 : span.end]
    return [line.replace(name, "", 1).strip() for line in lines]
