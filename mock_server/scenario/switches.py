"""Which scenarios are in force: those that are not switched off in their file, and that have the tags asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from mock_server.scenario.diagnostics import Notes, Path
from mock_server.scenario.facts import shown
from mock_server.scenario.model import Scenario
from mock_server.scenario.problems import did_you_mean

_TAG = re.compile(r"[^\s,]+")
SWITCHED_OFF = "has `enabled: false`"


class Tags(NamedTuple):
    """The tags of ``--tags`` and ``--skip-tags``."""

    selected: Sequence[str] = ()
    """A scenario must have one of these, if there are any."""
    skipped: Sequence[str] = ()
    """A scenario must have none of these."""

    def switched(self, scenario: Scenario) -> Scenario:
        """The scenario, switched off where its tags do not fit."""
        reason = self._reason(scenario.tags)
        return replace(scenario, off=reason) if reason and not scenario.off else scenario

    def _reason(self, tags: Sequence[str]) -> str:
        skipped = [tag for tag in self.skipped if tag in tags]
        if skipped:
            return f"has the tag `{skipped[0]}` of --skip-tags"
        if self.selected and not any(tag in tags for tag in self.selected):
            return f"has no tag of --tags {','.join(self.selected)}"
        return ""

    def unknown(self, scenarios: Iterable[Scenario]) -> list[str]:
        """A sentence for each tag that no scenario has."""
        known = sorted({tag for scenario in scenarios for tag in scenario.tags})
        options = [("--tags", tag) for tag in self.selected] + [("--skip-tags", tag) for tag in self.skipped]
        return [
            f"{option} {tag}: no scenario has this tag; {did_you_mean(tag, known) or 'give some `tags: [x]`'}"
            for option, tag in options
            if tag not in known
        ]


def compile_tags(notes: Notes, written: Sequence[str] | UnsetType, path: Path) -> tuple[str, ...]:
    """The tags, each once."""
    if written is UNSET:
        return ()
    for index, tag in enumerate(written):
        if not _TAG.fullmatch(tag):
            message = f"the tag {shown(tag)} has a space or comma in it, or is empty"
            notes.note((*path, index), "bad-tag", message, "write one word, such as `slow-network`")
    return tuple(dict.fromkeys(written))
