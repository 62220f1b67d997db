"""Each limit has a row of ``docs/limits.md`` and a test, and what the row says is so."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import mock_server
from docs.limits import CONFIG, GROUPS, WIRE
from mock_server.core.config import BY_NAME
from mock_server.providers import registry
from mock_server.store.base import Limits

ROOT = Path(__file__).parents[2]
ROWS = [row for rows in GROUPS.values() for row in rows]
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
}
LIMIT = re.compile(r"(?:MAX|LONGEST|MOST|DEPTH)(?:_\w+)?|(?:\w+_)?LIMIT")
"""Names of constants that bound something."""
OTHERS = {
    "core.config:BODY_LIMIT": "the default of an option",
    "store.open:RECORD_LIMIT": "the default of an option",
    "providers.pipeline:BODY_LIMIT": "the default of an option",
    "providers.other_secrets:MOST": "secrets that are tried for an explanation",
    "providers.shuftipro.pages:LONGEST_ANSWER": "a field of a form of the hosted page",
    "providers.cloudcheck.pages:LONGEST_NAME": "a field of a form of the hosted page",
    "web.hosted:LONGEST_WAIT": "the hosted page asks again by itself",
    "web.calibration.asking:LONGEST_WAIT": "what calibrate waits for a service that limits rates",
    "web.calibration.comparing:LONGEST": "characters of a text that calibrate compares and shows",
    "client.receiver_handler:LONGEST": "a delay of the receiver in tests",
    "providers.cloudcheck.handlers.tree:MOST_ENTITIES": "the vendor's own",
    "providers.cloudcheck.handlers.watchlist:MOST": "the vendor's own",
    "providers.cloudcheck.handlers.forms:MOST_RECIPIENTS": "the vendor's own",
    "web.admin.state:MOST": "all records of an account, which --record-limit bounds",
    "web.bundle.making:MOST": "all requests of an account, which --journal-limit bounds",
    "client.calls:MOST": "of the client; the server's is a row",
    "web.trial:MAX_SCENARIOS": "scenarios that are listed",
    "scenario.expansion:MAX_SPOILT_ROWS": "rows that are reported",
}
"""Constants with such a name that bound nothing a user sends."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what[:50])
def test_a_limit_has_a_test(row: object) -> None:
    assert row.test in TESTS  # type: ignore[attr-defined]


def test_every_option_that_bounds_something_is_a_row() -> None:
    bounding = {name for name in BY_NAME if re.search("limit|bytes|max_", name)}
    assert {row.option for row in ROWS if row.option} == bounding


def test_every_limit_of_the_wire_and_of_the_store_is_a_row() -> None:
    shown = {row.value for row in ROWS}
    assert [name for name, value in WIRE._asdict().items() if value not in shown] == []
    stored = {
        CONFIG.journal_limit,
        CONFIG.record_limit,
        CONFIG.journal_bytes,
        CONFIG.record_bytes,
        CONFIG.total_bytes,
    }
    assert {*Limits(CONFIG.journal_limit, CONFIG.record_limit)} == stored


def test_every_setting_of_a_row_exists_and_has_its_value() -> None:
    settings = [provider.settings for provider in registry.build({}).values()]
    for row in ROWS:
        if row.setting:
            assert [getattr(each, row.setting) for each in settings if hasattr(each, row.setting)] == [
                row.value
            ]


def test_every_constant_that_bounds_something_is_a_row() -> None:
    source = (ROOT / "docs/limits.py").read_text("utf-8")
    missing = []
    for module in walk_packages(mock_server.__path__, "mock_server."):
        if "__main__" in module.name or module.ispkg:
            continue
        text = Path(str(import_module(module.name).__file__)).read_text("utf-8")
        short = module.name.removeprefix("mock_server.")
        for name in re.findall(r"^([A-Z][A-Z_]+)(?:: \w+)? = [0-9(]", text, re.MULTILINE):
            used = f"{short.rpartition('.')[2]}.{name}" in source
            if LIMIT.fullmatch(name) and not used and f"{short}:{name}" not in OTHERS:
                missing.append(f"{short}:{name}")
    assert missing == []
