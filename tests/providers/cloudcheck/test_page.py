"""``docs/cloudcheck.md`` holds the tables as the code has them. ``python -m
tests.providers.cloudcheck.test_page`` writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from mock_server.providers.cloudcheck.endpoint import Endpoint
from mock_server.providers.cloudcheck.fidelity import ROWS
from mock_server.providers.cloudcheck.routes import ENDPOINTS
from mock_server.providers.cloudcheck.settings import Settings

PAGE = Path(__file__).resolve().parents[3] / "docs" / "cloudcheck.md"


def endpoints() -> list[str]:
    head = ["| operation | method, path | required | outcomes |", "|---|---|---|---|"]
    return head + [_endpoint(endpoint) for endpoint in ENDPOINTS]


def _endpoint(endpoint: Endpoint) -> str:
    place = f"{', '.join(endpoint.methods)} `{endpoint.path}`{'' if endpoint.published else ' *'}"
    required = ", ".join(f"`{name}`" for name in endpoint.required)
    access = {"signed": "", "browser": "header `x-api-key`", "open": "no signature"}[endpoint.access]
    return f"| `{endpoint.name}` | {place} | {required or access} | {', '.join(endpoint.outcomes)} |"


def settings() -> list[str]:
    names = dict.fromkeys(row.setting for row in ROWS if row.setting)
    readings = {name: [row for row in ROWS if row.setting == name] for name in names}
    rows = {
        name: (group[0].default, " ".join(row.reading for row in group)) for name, group in readings.items()
    }
    rows["paths"] = ("{}", "Paths of the endpoints with a star, by operation.")
    hints = get_type_hints(Settings)
    head = ["| setting | default | or | what it is about |", "|---|---|---|---|"]
    return head + [
        f"| `{name}` | {_code(default)} | {_others(hints[name], default)} | {reading} |"
        for name, (default, reading) in rows.items()
    ]


def _code(value: str) -> str:
    return f"`{value}`" if value else "empty"


def _others(hint: Any, default: str) -> str:
    if get_origin(hint) is not Literal:
        return ""
    return ", ".join(_code(str(value)) for value in get_args(hint) if str(value) != default)


TABLES = {"endpoints": endpoints, "settings": settings}


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
