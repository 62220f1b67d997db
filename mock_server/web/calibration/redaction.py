"""Redacts the answers in a report: no secrets, no references, no personal data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mock_server.scenario import personal
from mock_server.web.calibration.comparing import LONGEST

_SHORT = 4
"""Credentials of fewer characters stand in too many words to be looked for."""


class ReportRedactor:
    """Replaces texts. ``secrets``: credential → what it is called; ``marks``: what probes have sent as references;
    ``sent``: documents of requests about a person."""

    def __init__(
        self, secrets: Mapping[str, str], marks: Iterable[str] = (), sent: Iterable[Any] = ()
    ) -> None:
        self._redactor = personal.PersonalRedactor(
            [
                *(known for document in sent for known in personal.personal(document)),
                *(personal.Known(mark, "mark") for mark in marks),
                *(personal.Known(text, name) for text, name in secrets.items() if len(text) >= _SHORT),
            ]
        )
        self._redacted: dict[str, str] = {}
        """Most texts of a report occur in many answers."""

    def facts(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Names stay, but for what is known in them."""
        return {self.text(name): self._fact(name, value) for name, value in facts.items()}

    def _fact(self, name: str, value: Any) -> Any:
        if isinstance(value, (list, Mapping)):
            return type(value)()
        if not isinstance(value, (str, int, float)) or isinstance(value, bool) or value == "":
            return value
        kind, _, path = name.partition(" ")
        parent, _, key = path.rpartition(".")
        if kind == "body" and personal.kind_of(key, parent) is not None:
            return "(personal)"
        text = self.text(str(value))[:LONGEST]  # cut afterwards: half of a secret would not be found
        return value if text == str(value) else text

    def text(self, text: str) -> str:
        """The text with stand-ins."""
        if text not in self._redacted:
            self._redacted[text] = self._redactor.text(text)
        return self._redacted[text]
