"""What the type checker has to see where the parts meet."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

PRELUDE = """\
from mock_server.core import config
from mock_server.providers.context import RequestContext, StashKey

PEOPLE: StashKey[list[str]] = StashKey()


def use(context: RequestContext) -> None:
"""
LINES = {
    "a misspelt option": ("config.build().journal_limt", "attr-defined"),
    "an option of another type": ("host: int = config.build().host", "assignment"),
    "a misspelt option that is replaced": ("config.Config(jornal_limit=5)", "call-arg"),
    "a vendor's settings, not narrowed": ("context.services.settings['harbour'].zone", "attr-defined"),
    "a vendor's section, not narrowed": ("context.account.sections['harbour'].webhook_url", "attr-defined"),
    "a stashed value of another type": ("context.stash[PEOPLE] = 5", "misc"),
    "a stashed value, used as another type": ("ada: int = context.stash[PEOPLE][0]", "assignment"),
    "an attribute that the request has not": ("context.made", "attr-defined"),
    "what is right": ("limit: int = config.build().journal_limit", ""),
}


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """Line → code of its error, of one run of mypy over all lines. It reads the cache of ``make lint``, where that has run."""
    folder = tmp_path_factory.mktemp("typing")
    program = folder / "program.py"
    program.write_text(PRELUDE + "".join(f"    {line}\n" for line, _ in LINES.values()))
    command = [sys.executable, "-m", "mypy", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    pairs = re.findall(r"program\.py:(\d+): error: .*\[([\w-]+)\]", done.stdout)
    return {int(line): code for line, code in pairs}


@pytest.mark.parametrize("name", LINES)
def test_where_parts_meet_the_type_checker_sees(name: str, errors: dict[int, str]) -> None:
    line = PRELUDE.count("\n") + 1 + list(LINES).index(name)
    actual = errors.get(line, "")
    assert actual == LINES[name][1]


def test_no_attribute_is_looked_up_for_the_type_checker() -> None:
    """``__getattr__`` makes every misspelling an `Any`."""
    package = ROOT / "mock_server"
    having = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if re.search(r"def __getattr__.*-> Any", path.read_text("utf-8"))
    }
    assert having == set()
