"""``docs/shuftipro.md`` holds the tables as the code has them. ``python -m
tests.providers.shuftipro.test_page`` writes them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from mock_server.providers.shuftipro.events import EVENTS
from mock_server.providers.shuftipro.fidelity import ROWS
from mock_server.providers.shuftipro.magic import OUTCOMES
from mock_server.providers.shuftipro.services import SERVICES, ServiceKey
from mock_server.providers.shuftipro.settings import Settings
from mock_server.providers.shuftipro.vocabulary import VOCABULARY

PAGE = Path(__file__).resolve().parents[3] / "docs" / "shuftipro.md"


def table(head: str, rows: Iterable[Iterable[str]]) -> list[str]:
    columns = head.split(", ")
    return [
        f"| {' | '.join(columns)} |",
        "|" + "---|" * len(columns),
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def endpoints() -> list[str]:
    rows = (
        (f"`{one.name}`", f"{one.method} `{one.path}`", ", ".join(one.outcomes))
        for one in VOCABULARY.operations.values()
    )
    return table("operation, method and path, outcomes", rows)


def services() -> list[str]:
    rows = (
        (f"`{one.name}`", _comes(one), " or ".join(_and(paths) for paths in one.needs) or _required(one))
        for one in SERVICES.values()
    )
    return table("service, somebody has to come, has to have", rows)


def _comes(service: ServiceKey) -> str:
    if service.user:
        return "always"
    if service.proof:
        return "without a `proof`"
    return {
        "kyb": "for documents (`labels`, `enable_extra_proofs`)",
        "ekyc": "without data",
        "eidv": "without data",
    }.get(service.name, "never")


def _and(paths: tuple[str, ...]) -> str:
    return " and ".join(f"`{path}`" for path in paths)


def _required(service: ServiceKey) -> str:
    return _and(tuple(field.key for field in service.fields if field.required))


def outcomes() -> list[str]:
    return table("outcome, what it does", ((f"`{name}`", effect) for name, effect in OUTCOMES.items()))


def events() -> list[str]:
    rows = (
        (f"`{name}`", "yes" if one.http else "no", "yes" if one.callback else "no", one.description)
        for name, one in EVENTS.items()
    )
    return table("event, in answers, by callback, what it says", rows)


def settings() -> list[str]:
    hints = get_type_hints(Settings)
    rows = (
        (
            f"`{row.setting}`",
            _code(row.default),
            _others(hints[row.setting], row.default),
            _cell(row.topic, row.reading),
        )
        for row in ROWS
        if row.setting
    )
    return table("setting, default, or, what it is about", rows)


def _cell(topic: str, reading: str) -> str:
    return f"{topic}: {reading}.".replace("|", "\\|")


def _code(value: Any) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _others(hint: Any, default: Any) -> str:
    if get_origin(hint) is not Literal:
        return ""
    return ", ".join(_code(value) for value in get_args(hint) if value != default)


TABLES = {
    "endpoints": endpoints,
    "services": services,
    "outcomes": outcomes,
    "events": events,
    "settings": settings,
}


def written(text: str) -> str:
    """The page with its tables made anew."""
    for name, make in TABLES.items():
        block = f"<!-- {name} -->\n" + "\n".join(make()) + f"\n<!-- /{name} -->"
        start, end = (text.index(mark) for mark in (f"<!-- {name} -->", f"<!-- /{name} -->"))
        text = text[:start] + block + text[end + len(f"<!-- /{name} -->") :]
    return text


@pytest.mark.parametrize("name", TABLES)
def test_the_page_has_the_table(name: str) -> None:
    assert "\n".join(TABLES[name]()) in PAGE.read_text("utf-8")


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
