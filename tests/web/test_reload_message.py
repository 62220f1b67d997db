"""What the server says when scenario files come into force, and of files that it does not read."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from mock_server.core import config as configuration
from mock_server.scenario.problems import ScenarioProblems
from mock_server.web.service import Service

FILE = "version: 1\nprovider: shuftipro\nscenarios:\n"
ONE = "  - {name: %s, tags: [%s], match: {account: %s}, respond: {status: 503}}\n"
BROKEN = "  - {name: x, respnd: {}}\n"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(FILE + ONE % (name, "t", name))
    return tmp_path


def service_of(folder: Path, **options: object) -> Service:
    return Service(configuration.build({"scenarios": [str(folder)], "watch": False, **options}))


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    messages = [record.getMessage() for record in caplog.records if record.name == "mock_server"]
    caplog.clear()
    return messages


def test_each_good_reading_is_confirmed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mock_server")
    assert service_of(folder).reloaded is None
    service = service_of(folder)
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text(FILE + ONE % (name, "t", name) + ONE % (f"{name}2", "t", "x"))
    service.reload()
    assert said(caplog) == ["reloaded: 4 scenarios, 2 files changed"]
    (folder / "a.yaml").unlink()
    service.reload()
    assert said(caplog) == ["reloaded: 2 scenarios, 1 file changed"]
    service.reload()
    assert said(caplog) == ["reloaded: 2 scenarios, no files changed"]
    assert service.reloaded is not None
    assert service.reloaded.message == "reloaded: 2 scenarios, no files changed"


def test_a_broken_file_that_is_fixed_is_confirmed_too(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mock_server")
    service = service_of(folder)
    (folder / "a.yaml").write_text(FILE + BROKEN)
    with pytest.raises(ScenarioProblems):
        service.reload()
    assert "scenarios not reloaded" in said(caplog)[0]
    (folder / "a.yaml").write_text(FILE + ONE % ("fixed", "t", "a"))
    service.reload()
    assert said(caplog) == ["reloaded: 2 scenarios, 1 file changed"]


def test_files_that_are_not_read_are_named_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mock_server")
    (folder / "old.yaml.off").write_text("")
    service = service_of(folder)
    assert service.notices() == [
        "not read: " + str(folder / "old.yaml.off") + "; scenario files end in .yaml or .yml"
    ]
    (folder / "notes.txt").write_text("")
    service.reload()
    service.reload()
    assert said(caplog) == [
        "reloaded: 2 scenarios, no files changed",
        f"not read: {folder / 'notes.txt'}; scenario files end in .yaml or .yml",
        "reloaded: 2 scenarios, no files changed",
    ]


def test_tags_are_options_like_any_other(folder: Path) -> None:
    (folder / "b.yaml").write_text(FILE + ONE % ("b", "slow", "b"))
    variables, warnings = configuration.from_environment({"MOCK_SERVER_SKIP_TAGS": "slow,other"})
    assert warnings == []
    config = configuration.build(
        {"tags": ("t,slow",)}, variables, {"scenarios": [str(folder)], "watch": False}
    )
    assert (config.tags, config.skip_tags) == (("t", "slow"), ("slow", "other"))
    service = Service(config)
    assert [one.name for one in service.scenarios.loaded.scenarios("shuftipro")] == ["a"]
    assert service.notices() == [
        "--skip-tags other: no scenario has this tag; use one of: `slow`, `t`",
    ]
