"""The examples' own tests, run with their own commands against a server, and their CI files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.core import config
from mock_server.web.admin import routes
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
COMMANDS = {
    "behave": [sys.executable, "-m", "behave", "--no-color", "--format", "progress"],
    "django": [sys.executable, "manage.py", "test"],
    "node": ["node", "--test"],
    "php": ["php", "test.php"],
    "python": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_onboarding.py"],
}
SOURCES = {"java": "src/**/*.java", "rust": "tests/**/*.rs"}
CONTROL = re.compile(r'control\(\s*"([A-Z]+)",\s*(?:&format!\()?"([^"?]+)')


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    service = Service(config.build())
    with LiveServer(service, lambda: create_app(service)) as server:
        yield server.url


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_passes_its_own_tests(name: str, url: str, tmp_path: Path) -> None:
    directory = shutil.copytree(EXAMPLES / name, tmp_path / name)
    environment = {**os.environ, "MOCK_SERVER_URL": url, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        COMMANDS[name], cwd=directory, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_example_without_pytest_passes(tmp_path: Path) -> None:
    directory = shutil.copytree(EXAMPLES / "python", tmp_path / "python")
    command = [sys.executable, "-m", "unittest", "-q", "test_with_unittest"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "OK")


def test_make_examples_runs_every_example() -> None:
    script = (EXAMPLES / "run").read_text("utf-8")
    assert [path.parent.name for path in ci_files() if f"run {path.parent.name} " not in script] == []


@pytest.mark.parametrize("name", ["java", "rust"])
def test_compiled_examples_call_what_the_control_api_has(name: str) -> None:
    text = "".join(path.read_text("utf-8") for path in sorted((EXAMPLES / name).glob(SOURCES[name])))
    called = {(method, re.sub("%s|{id}", "<request_id>", path)) for method, path in CONTROL.findall(text)}
    served = {(route.method, route.path.lstrip("/")) for route in routes()}
    assert sorted(called - served) == []
    assert ("GET", "requests/unmatched") in called


def ci_files() -> list[Path]:
    return sorted([*EXAMPLES.glob("*/ci.yml"), *EXAMPLES.glob("*/.gitlab-ci.yml")])


def lines(document: Any) -> Iterator[str]:
    """The commands of a GitHub or GitLab job."""
    for job in document.get("jobs", {}).values():
        yield from (step["run"] for step in job["steps"] if "run" in step)
    for job in document.values():
        if isinstance(job, dict) and "script" in job:
            yield from job["script"]


@pytest.mark.parametrize("path", ci_files(), ids=lambda path: path.parent.name)
def test_a_ci_file_runs_the_tests_that_are_there(path: Path) -> None:
    commands = list(lines(yaml.safe_load(path.read_text("utf-8"))))
    files = {
        "behave": "behave",
        "django": "python manage.py test",
        "python": "pytest test_onboarding.py",
        "node": "npm test",
        "php": "php test.php",
        "ruby": "ruby test_onboarding.rb",
        "go": "go test ./...",
        "java": "mvn --batch-mode test",
        "rust": "cargo test --locked",
    }
    assert files[path.parent.name] in commands


def test_every_example_has_a_ci_file() -> None:
    assert sorted([*COMMANDS, "go", "java", "ruby", "rust"]) == [path.parent.name for path in ci_files()]
