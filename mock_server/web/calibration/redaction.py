"""What a report says of an answer: without secrets, references and what is somebody's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.scenario.recording import ADDRESS, FAKES, PATTERNS

_NAMES = {
    "fake.email()": "(email)",
    "uuid()": "(id)",
    "random.hex(64)": "(hex digits)",
    "random.token(48)": "(token)",
}
_NOT_PERSONAL = frozenset({"version", "useragent", "number"})
_SHORT = 4
"""Credentials of fewer characters stand in too many words to be looked for."""


class Redactor:
    """Replaces texts. ``secrets``: credential → what it is called; ``marks``: what probes have sent as references."""

    def __init__(self, secrets: Mapping[str, str], marks: Iterable[str] = ()) -> None:
        known = {text: f"({name})" for text, name in secrets.items() if len(text) >= _SHORT}
        known |= dict.fromkeys(marks, "(mark)")
        self._known = dict(sorted(known.items(), key=lambda item: len(item[0]), reverse=True))

    def facts(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Names stay, but for what is known in them."""
        return {self.text(name): self._fact(name, value) for name, value in facts.items()}

    def _fact(self, name: str, value: Any) -> Any:
        if isinstance(value, (list, Mapping)):
            return type(value)()
        if not isinstance(value, str) or not value:
            return value
        key = re.sub(r"[^a-z]", "", name.rpartition(".")[2].rpartition(" ")[2].lower())
        personal = name.startswith("body ") and key in FAKES and key not in _NOT_PERSONAL
        return "(personal)" if personal else self.text(value)

    def text(self, text: str) -> str:
        """The text with stand-ins."""
        for known, stand_in in self._known.items():
            text = text.replace(known, stand_in)
        for pattern, expression in PATTERNS:
            text = pattern.sub(_NAMES[expression], text)
        return ADDRESS.sub("(address)", text)
