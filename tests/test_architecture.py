"""The shape of the package, as ARCHITECTURE.md draws it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mock_server"

LAYERS = (
    ("cli", "pytest_plugin"),
    ("testing",),
    ("client",),
    ("web",),
    ("providers",),
    ("scenario", "delivery", "diagnosis"),
    ("store",),
    ("core",),
)
"""From left to right: a module imports only from layers to its right, and layers in one bracket never import
each other."""
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
LATE = (
    "anyio",
    "faker",
    "flask",
    "jsonschema",
    "opentelemetry",
    "prometheus_client",
    "redis",
    "regex",
    "requests",
    "rich",
    "sqlite3",
    "urllib3",
    "werkzeug",
)
"""What a server that has just started has not imported: each costs more than it may, and is imported where it
is first needed. Jinja comes with the templates of the shipped scenarios."""
LONG = 400


class Import(NamedTuple):
    """One import statement's target, as a dotted name."""

    importer: str
    target: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


SOURCES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def tree(name: str) -> ast.Module:
    """A module's code. Not parsed on import: each worker of a parallel run imports this file."""
    return ast.parse(SOURCES[name].read_text("utf-8"), str(SOURCES[name]))


def targets(name: str, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The modules an import statement names; ``from package import module`` names the module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ""
    if node.level:
        package = name.split(".") if SOURCES[name].name == "__init__.py" else name.split(".")[:-1]
        base = ".".join([*package[: len(package) - node.level + 1], *([base] if base else [])])
    for alias in node.names:
        yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in SOURCES else base


def imports(name: str) -> list[Import]:
    """Every import of a module, also those inside functions."""
    statements = (node for node in ast.walk(tree(name)) if isinstance(node, (ast.Import, ast.ImportFrom)))
    return [Import(name, target, node.lineno) for node in statements for target in targets(name, node)]


@cache
def all_imports() -> list[Import]:
    return [edge for name in SOURCES for edge in imports(name)]


def layer(module: str) -> str:
    """``mock_server.web.app`` → ``web``; empty for the package itself and for what is not ours."""
    parts = module.split(".")
    return parts[1] if parts[0] == "mock_server" and len(parts) > 1 else ""


def test_every_module_is_in_a_layer() -> None:
    assert {layer(name) for name in SOURCES} - {"", "__main__"} <= set(RANK)


@pytest.mark.parametrize("name", RANK)
def test_a_layer_imports_only_from_its_right(name: str) -> None:
    ours = [
        edge
        for edge in all_imports()
        if layer(edge.importer) == name and layer(edge.target) not in ("", name)
    ]
    wrong = [str(edge) for edge in ours if RANK[layer(edge.target)] <= RANK[name]]
    assert not wrong, "\n".join(wrong)


def test_no_module_imports_itself_through_others() -> None:
    """Imports inside functions and for type checkers count, too."""
    graph: dict[str, set[str]] = {name: set() for name in SOURCES}
    for edge in all_imports():
        if edge.target in SOURCES and edge.target != edge.importer:
            graph[edge.importer].add(edge.target)
    try:
        list(TopologicalSorter(graph).static_order())
        circle: list[str] = []
    except CycleError as error:
        circle = error.args[1]
    assert circle == []


def provider_rank(module: str) -> tuple[int, str]:
    """Inside ``providers``: registry, then the vendors, then what they share."""
    parts = module.split(".")[2:]
    if parts[:1] == ["registry"]:
        return 0, "registry"
    if parts and (PACKAGE / "providers" / parts[0]).is_dir():
        return 1, parts[0]
    return 2, ""


def test_vendors_know_neither_the_registry_nor_each_other() -> None:
    ours = [edge for edge in all_imports() if layer(edge.importer) == layer(edge.target) == "providers"]
    wrong = []
    for edge in ours:
        (rank, vendor), (target_rank, target_vendor) = (
            provider_rank(edge.importer),
            provider_rank(edge.target),
        )
        if target_rank < rank or (rank == target_rank == 1 and vendor != target_vendor):
            wrong.append(str(edge))
    assert not wrong, "\n".join(wrong)


def test_only_web_knows_flask() -> None:
    wrong = [
        str(edge)
        for edge in all_imports()
        if edge.target.split(".")[0] in ("flask", "werkzeug") and layer(edge.importer) != "web"
    ]
    assert not wrong, "\n".join(wrong)


VENDORS = [path.name for path in (PACKAGE / "providers").iterdir() if (path / "__init__.py").is_file()]
NEUTRAL = ("scenario", "delivery", "diagnosis", "store", "core", "client", "cli", "pytest_plugin", "testing")


class WithoutProse(ast.NodeTransformer):
    """Leaves out docstrings, which may name a vendor as an example."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        is_prose = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Pass() if is_prose else node


@pytest.mark.parametrize("name", [name for name in SOURCES if layer(name) in NEUTRAL])
def test_what_serves_every_vendor_names_none(name: str) -> None:
    """Of ``cli`` also the docstrings: they are what ``--help`` prints."""
    assert sorted(VENDORS) == ["cloudcheck", "shuftipro"]
    parsed = ast.parse(SOURCES[name].read_text("utf-8"))
    code = ast.unparse(parsed if layer(name) == "cli" else WithoutProse().visit(parsed)).lower()
    assert [vendor for vendor in (*VENDORS, "shufti") if vendor in code] == []


@pytest.mark.parametrize(
    "name", [name for name, path in SOURCES.items() if "Generic[" in path.read_text("utf-8")]
)
def test_no_named_tuple_is_generic(name: str) -> None:
    """Python 3.10 cannot import one, and no type checker says so."""
    classes = [node for node in ast.walk(tree(name)) if isinstance(node, ast.ClassDef)]
    bases = {node.name: [ast.unparse(base).split("[")[0] for base in node.bases] for node in classes}
    assert [one for one, names in bases.items() if {"NamedTuple", "Generic"} <= set(names)] == []


DASHBOARD = sorted((PACKAGE / "web" / "dashboard" / "static").glob("*.*"))


@pytest.mark.parametrize("path", DASHBOARD, ids=[path.name for path in DASHBOARD])
def test_the_dashboard_names_no_vendor(path: Path) -> None:
    """Its words come from the control API."""
    text = path.read_text("utf-8").lower()
    assert [vendor for vendor in (*VENDORS, "shufti") if vendor in text] == []


@pytest.mark.parametrize(
    "name",
    [name for name, path in SOURCES.items() if path.read_text("utf-8").count("\n") > LONG] or ["mock_server"],
)
def test_a_long_module_gives_its_reason(name: str) -> None:
    docstring = ast.get_docstring(tree(name)) or ""
    lines = SOURCES[name].read_text("utf-8").count("\n")
    assert lines <= LONG or "long because" in docstring.lower(), (
        f"{name} has {lines} lines: split it, or say in its docstring that it is long because …"
    )


def test_every_module_says_what_it_is_for() -> None:
    assert not [name for name in SOURCES if tree(name).body and not ast.get_docstring(tree(name))]


NAMESAKES = (
    *(f"mock_server.providers.{vendor}" for vendor in VENDORS),
    *(f"mock_server.web.hosted.{vendor}" for vendor in VENDORS),
    "mock_server.client.aio",
    "mock_server.client",
    "mock_server.web.admin.answers",
    "mock_server.core.answers",
    "mock_server.scenario.document",
)
"""Packages whose classes may have the name of their counterparts elsewhere: what each vendor has, the asynchronous and the
synchronous client, and what the OpenAPI document and the schema of scenario files call as what it describes."""


def test_a_class_name_stands_for_one_thing() -> None:
    places: dict[tuple[str, str], list[str]] = {}
    for name in SOURCES:
        package = next((package for package in NAMESAKES if f"{name}.".startswith(f"{package}.")), "")
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.ClassDef):
                places.setdefault((package, node.name), []).append(name)
    assert {key: names for key, names in places.items() if len(names) > 1} == {}


VAGUE = {"made", "given", "wanted", "found", "told", "kept", "got", "thing", "things"}
"""Names that fit every value, so they tell a reader nothing about this one."""
FROZEN = {
    "mock_server.providers.cloudcheck.people.Person.given": "the vendor's member for a given name",
    "mock_server.providers.cloudcheck.record_shapes._PersonName.given": "a member of stored records",
    "mock_server.providers.cloudcheck.sources.Persona.given": "the vendor's member for a given name",
}
"""Vague names that stay, and why."""


class Vague(NamedTuple):
    """A vague name, and where it is given to something."""

    name: str
    """With the classes and functions around it."""
    line: int


def bound_name(node: ast.AST) -> str:
    """The name that a node gives to something; empty for other nodes."""
    if isinstance(node, ast.Name):
        return node.id if isinstance(node.ctx, ast.Store) else ""
    if isinstance(node, ast.Attribute):
        return node.attr if isinstance(node.ctx, ast.Store) else ""
    if isinstance(node, ast.alias):
        return node.asname or ""
    if isinstance(node, ast.arg):
        return node.arg
    if isinstance(
        node,
        (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar),
    ):
        return node.name or ""
    return ""


def vague_names(node: ast.AST, scope: str) -> Iterator[Vague]:
    """The vague names of variables, parameters, attributes, functions and classes below the node."""
    for child in ast.iter_child_nodes(node):
        name = bound_name(child)
        if name.strip("_").lower() in VAGUE:
            yield Vague(f"{scope}.{name}", getattr(child, "lineno", 0))
        is_scope = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        yield from vague_names(child, f"{scope}.{name}" if is_scope else scope)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("found = 1", "m.found"),
        ("KEPT: int = 1", "m.KEPT"),
        ("def read(given): pass", "m.read.given"),
        ("async def _told(): pass", "m._told"),
        ("class Reader:\n    def close(self):\n        self._kept = 1", "m.Reader.close._kept"),
        ("class Tags(NamedTuple):\n    wanted: str", "m.Tags.wanted"),
        ("class Found: pass", "m.Found"),
        ("names = [made for made in names]", "m.made"),
        ("read = lambda got: got", "m.got"),
        ("try: pass\nexcept OSError as thing: pass", "m.thing"),
        ("match value:\n    case [got, *_]: pass", "m.got"),
        ("match value:\n    case [_, *things]: pass", "m.things"),
        ("from json import loads as found", "m.found"),
    ],
)
def test_a_vague_name_is_noticed(source: str, name: str) -> None:
    assert [vague.name for vague in vague_names(ast.parse(source), "m")] == [name]


def test_names_are_nouns_of_what_they_hold() -> None:
    wrong = [
        f"{SOURCES[module].relative_to(ROOT)}:{vague.line}: `{vague.name.rpartition('.')[2]}` fits every value;"
        " name what it holds, such as `record`, `filters`, `settings` or `problems`"
        for module in SOURCES
        for vague in vague_names(tree(module), module)
        if vague.name not in FROZEN
    ]
    assert not wrong, "\n".join(wrong)


def test_each_frozen_name_exists() -> None:
    names = {vague.name for module in SOURCES for vague in vague_names(tree(module), module)}
    assert set(FROZEN) - names == set()


PROBE = f"""
import json, sys
from mock_server.core import config
from mock_server.web.service import Service
service = Service(config.build())
print(json.dumps([name for name in {LATE!r} if name in sys.modules]))
service.stop()
"""


def test_a_server_that_has_just_started_has_imported_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, cwd=ROOT, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []
