"""Files for CI services, editors and containers: their syntax by the services' own schemas, and their commands run."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import check_jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from click.testing import CliRunner, Result

from mock_server.core.config import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    "vendor.github-workflows": [".github/workflows/*.yml", "examples/*/ci.yml"],
    "vendor.github-actions": ["action.yml"],
    "vendor.gitlab-ci": ["examples/*/.gitlab-ci.yml"],
    "vendor.compose-spec": ["compose.yaml"],
}
FILES = [
    pytest.param(schema, path, id=str(path.relative_to(ROOT)))
    for schema, patterns in SCHEMAS.items()
    for pattern in patterns
    for path in sorted(ROOT.glob(pattern))
]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([\w./$()-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def check(schema: str, path: Path) -> Result:
    return CliRunner().invoke(check_jsonschema.main, ["--builtin-schema", schema, str(path)])


@pytest.mark.parametrize(("schema", "path"), FILES)
def test_a_file_is_what_its_service_reads(schema: str, path: Path) -> None:
    done = check(schema, path)
    assert done.exit_code == 0, done.output


def test_the_schemas_find_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yml"
    path.write_text(
        (ROOT / "action.yml").read_text("utf-8").replace("using: composite", "uses: composite"), "utf-8"
    )
    assert check("vendor.github-actions", path).exit_code == 1


def test_every_kind_of_file_is_there() -> None:
    assert {schema for schema in SCHEMAS if not any(ROOT.glob(SCHEMAS[schema][0]))} == set()


def commands(path: Path) -> Iterator[str]:
    for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
        for step in job["steps"]:
            yield from step.get("run", "").splitlines()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_what_is_there(path: Path) -> None:
    lines = list(commands(path))
    assert lines
    targets = [
        word for line in lines if line.startswith("make ") for word in line.split()[1:] if "=" not in word
    ]
    files = [word for line in lines for word in line.split() if word.startswith(("release/", ".ci/"))]
    assert [target for target in targets if target not in TARGETS] == []
    assert [name for name in files if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_do_no_more_than_it_needs(path: Path) -> None:
    document = yaml.safe_load(path.read_text("utf-8"))
    assert document["permissions"] == {"contents": "read"}
    assert [name for name, job in document["jobs"].items() if "timeout-minutes" not in job] == []


def test_a_release_is_published_without_a_secret() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert {*jobs["publish"]["needs"], jobs["image"]["needs"], jobs["wheels"]["needs"]} == {
        "wheels",
        "plain",
        "check",
    }
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"GITHUB_TOKEN"}


class Job:
    """What a runner gives to the steps of a job."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")}
        for path in self.files.values():
            path.touch()

    def step(self, number: int, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Runs a step of the action as the runner does, with its inputs or their defaults."""
        action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
        values = {name: definition["default"] for name, definition in action["inputs"].items()} | inputs
        step = action["runs"]["steps"][number]
        environment = {
            name: re.sub(
                r"^\$\{\{ inputs\.(\w+)(?: \|\| github\.action_path)? \}\}$",
                lambda match: values[match[1]],
                value,
            )
            for name, value in step["env"].items()
        }
        assert not [value for value in environment.values() if "${{" in value]
        assert "${{" not in step["run"]
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("MOCK_SERVER_")},
                **{name: str(path) for name, path in self.files.items()},
                **environment,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "RUNNER_TEMP": str(self.folder),
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    yield Job(tmp_path)
    for path in tmp_path.glob("mock-server.pid"):
        try:
            os.kill(int(path.read_text()), signal.SIGTERM)
        except ProcessLookupError:  # it refused to start
            pass


def ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return json.load(answer)


def test_the_action_starts_a_server(job: Job) -> None:
    scenarios = job.folder / "my scenarios"
    scenarios.mkdir()
    (scenarios / "one.yaml").write_text(
        "version: 1\nprovider: cloudcheck\nscenarios:\n- {name: Whānau, match: {operation: verify}, respond: {error: 111}}\n",
        "utf-8",
    )
    done = job.step(1, scenarios=str(scenarios), options="--seed 7 --no-watch")
    assert done.returncode == 0, done.stdout + done.stderr
    output = (job.folder / "GITHUB_OUTPUT").read_text().strip()
    url = output.removeprefix("url=")
    assert (job.folder / "GITHUB_ENV").read_text().strip() == f"MOCK_SERVER_URL={url}"
    listed = ask(f"{url}/__admin/scenarios")["scenarios"]
    assert [one["name"] for one in listed] == ["Whānau"]
    assert json.loads((job.folder / "mock-server.json").read_text("utf-8"))["seed"] == 7


def test_the_action_fails_with_the_reason(job: Job) -> None:
    done = job.step(1, options="--seed much")
    assert done.returncode == 1
    assert "--seed" in done.stderr


def test_the_action_installs_itself_unless_told_otherwise() -> None:
    install = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["runs"]["steps"][0]
    assert install["env"] == {"PACKAGE": "${{ inputs.package || github.action_path }}"}


def test_the_action_installs_a_package(job: Job) -> None:
    """With a package of nothing, since there is no index here."""
    package = job.folder / "empty package"
    package.mkdir()
    (package / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "nothing"\nversion = "1"\n'
    )
    (package / "backend.py").write_text(BACKEND)
    done = job.step(0, package=str(package))
    assert done.returncode == 0, done.stdout + done.stderr
    folder = (job.folder / "GITHUB_PATH").read_text().strip()
    assert Path(folder, "pip").exists()
    assert list(Path(folder).parent.glob("lib/*/site-packages/nothing-1.dist-info")) != []


BACKEND = """
import zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "nothing-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        wheel.writestr("nothing-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: nothing\\nVersion: 1\\n")
        wheel.writestr("nothing-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("nothing-1.dist-info/RECORD", "")
    return name
"""


def test_the_development_container_prepares_the_tests() -> None:
    document = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    command = document["postCreateCommand"].split()
    targets = (ROOT / "Makefile").read_text("utf-8").replace("$(VENV)", ".venv")
    assert command[0] == "make"
    assert [target for target in command[1:] if not re.search(rf"(?m)^{re.escape(target)}:", targets)] == []
    assert document["forwardPorts"] == [8484]
    schemas = document["customizations"]["vscode"]["settings"]["yaml.schemas"]
    assert [name for name in schemas if not (ROOT / name).is_file()] == []


TESTCONTAINERS = sorted((ROOT / "examples" / "testcontainers").glob("*.*"))


@pytest.mark.parametrize("path", TESTCONTAINERS, ids=lambda path: path.name)
def test_a_container_of_a_test_run_names_what_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    known = {option.variable for option in OPTIONS}
    recipe = (ROOT / "Dockerfile").read_text("utf-8")
    assert set(re.findall(r"MOCK_SERVER_[A-Z_]+", text)) - known == set()
    assert set(re.findall(r"\b\d{4}\b", text)) == set(re.findall(r"EXPOSE (\d+)", recipe))
    assert set(re.findall(r"/__admin/\w+", text)) == {"/__admin/ready", "/__admin/health"}
    if path.suffix == ".py":
        ast.parse(text)


def test_both_languages_are_there() -> None:
    assert [path.suffix for path in TESTCONTAINERS] == [".java", ".py"]
