"""What templates know when a file is loaded: ``vars``, ``env`` and ``row``. A text that needs nothing else is filled
in at once; one that also needs the request is rendered with each answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_server.scenario.facts import MISSING
from mock_server.scenario.names import LOAD_TIME
from mock_server.scenario.templates import Text, literal
from mock_server.scenario.values import Absent, Namespace, TemplateError

if TYPE_CHECKING:
    from mock_server.scenario.sandbox import Program

ENV_PREFIX = "MOCK_"
OPTIONS_PREFIX = "MOCK_SERVER_"
"""Of the server's own options, a token among them: templates do not read these."""
RENDERED_LATER = frozenset({"respond", "callbacks", "sequence", "set"})
"""Keys of a scenario below which templates are rendered with each answer."""
_MENTIONS = re.compile(rf"\b(?:{'|'.join(LOAD_TIME)})\b")
_ONE_NAME = re.compile(r"\{\{ *[a-z]+\.\w+ *\}\}")
Path = tuple["str | int", ...]


class Table(Namespace):
    """Names with values: the variables of a file, or the columns of a row."""

    __slots__ = ("_values", "title")

    def __init__(self, title: str, values: Mapping[str, Any]) -> None:
        self.title = title
        self._values = values

    def look(self, name: str) -> Any:
        if self._values:
            return self._values.get(name, MISSING)
        return Absent(f"unknown name `{name}` in {self.title}; write it into `{self.title}`")

    def known(self) -> Iterable[str]:
        return self._values


class EnvNames(Namespace):
    """``env.MOCK_…``: the environment variables that scenario files may read."""

    __slots__ = ("_environ",)
    title = "env"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def look(self, name: str) -> Any:
        if not name.startswith(ENV_PREFIX) or name.startswith(OPTIONS_PREFIX):
            why = "is an option of the server" if name.startswith(OPTIONS_PREFIX) else "cannot be read"
            raise TemplateError(f"the variable `{name}` {why}", f"name it `{_allowed(name)}`")
        default = f"write `{{{{ env.{name} | default('…') }}}}`"
        return self._environ.get(name, Absent(f"the variable `{name}` is not set; set it, or {default}"))

    def known(self) -> Iterable[str]:
        return [name for name in self._environ if name.startswith(ENV_PREFIX)]


def _allowed(name: str) -> str:
    return ENV_PREFIX + name.removeprefix(OPTIONS_PREFIX)


class FillFailure(NamedTuple):
    """Why a text cannot be filled in."""

    path: Path
    """Its place below the scenario."""
    error: TemplateError


class LoadTimeText(Text):
    """A text that is filled in when its file is loaded."""

    __slots__ = ("_failures", "_path", "_plain")

    def __init__(self, text: str, path: Path, program: Program, failures: list[FillFailure]) -> None:
        """``failures``: gets what goes wrong."""
        super().__init__(text, "", program)
        self._path = path
        self._failures = failures
        self._plain = program.chains[0] if _ONE_NAME.fullmatch(text.strip()) else None
        """A table and a name in it, where the text is nothing else: most texts of a table's rows are."""

    def filled(self, names: dict[str, Any]) -> Any:
        """The value; what looks like a template in it stays text."""
        try:
            value = MISSING if self._plain is None else names[self._plain[0]].look(self._plain[1])
            if not isinstance(value, (str, int, float)):
                value = self._run(names)
        except TemplateError as error:
            self._failures.append(FillFailure(self._path, error))
            return None
        return literal(value) if self._path[0] in RENDERED_LATER else value


def mentions_load_time(text: str) -> bool:
    """Whether one of the names may be in a text with template marks."""
    return _MENTIONS.search(text) is not None


def heads(program: Program) -> set[str]:
    """The outside names that a template uses."""
    return {chain[0] for chain in program.chains} - {"range"}
