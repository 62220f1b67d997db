"""The notation of ``answers.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mock_server.providers.answer_types import load

TEXT = {"type": "string"}


def loaded(monkeypatch: pytest.MonkeyPatch, folder: Path, kind: str) -> Any:
    package = folder / "vendor"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "answers.yaml").write_text(f"operations: {{ask: {kind}}}\ntypes: {{Kind: text}}\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(__import__("sys").modules, "vendor", raising=False)
    return load("vendor", {"Code": {"enum": [1, 2]}}).operations["ask"]


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("text", TEXT),
        ("null", {"type": "null"}),
        ("image/png", "image/png"),
        ("[Code]", {"type": "array", "items": {"$ref": "#/components/schemas/Code"}}),
        ("text | Kind", {"anyOf": [TEXT, {"$ref": "#/components/schemas/Kind"}]}),
        ('{a: whole, "b?": any}', {"type": "object", "properties": {"a": {"type": "integer"}, "b": {}}, "required": ["a"]}),
        ('{"*": text}', {"type": "object", "additionalProperties": TEXT}),
        ('{"*": any}', {"type": "object", "additionalProperties": True}),
    ],
)  # fmt: skip
def test_a_type_is_a_schema(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, schema: Any) -> None:
    assert loaded(monkeypatch, tmp_path, kind) == schema


def test_an_unknown_type_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown type 'txt'"):
        loaded(monkeypatch, tmp_path, "txt")
