"""Writes the pages of this folder that are made from the code: ``make docs``.
``tests/docs/test_generated.py`` holds them to it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from docs import mistakes
from docs.charts import charts
from docs.drawing import layered
from docs.limits import GROUPS
from mock_server.cli.main import FINDINGS, FINE, PORT_TAKEN, USAGE, VERBS, verbs
from mock_server.core.config import OPTIONS
from mock_server.core.delivery_directives import DIRECTIVES
from mock_server.providers import registry
from mock_server.providers.base import Provider
from mock_server.providers.probes import Probe, Probes
from mock_server.providers.specification import SpecificationSentence
from mock_server.scenario.vocabulary import Vocabulary
from mock_server.web.admin import routes
from mock_server.web.admin.fidelity import rows_of
from mock_server.web.admin.openapi import document
from mock_server.web.api_description import openapi
from mock_server.web.api_description import requests as api_requests
from mock_server.web.calibration.asking import ProbeExchange
from mock_server.web.calibration.comparing import facts_of
from mock_server.web.calibration.ours import Ours

DOCS = Path(__file__).resolve().parent
NAMES = {"cloudcheck": "Cloudcheck", "shuftipro": "Shufti Pro"}
DEPTH = "../"
"""From this folder to the checkout's."""
NOTE = "<!-- made by make docs; do not edit -->"


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell(text) for text in line) + " |" for line in lines)


def cell(text: Any) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def code(text: Any) -> str:
    return f"`{text}`" if text not in ("", None) else ""


def page(title: str, intro: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", NOTE, intro, *parts]) + "\n"


def fidelity() -> str:
    """What each provider assumes."""
    parts = []
    for name, provider in registry.build({}).items():
        rows = [
            (
                row["topic"],
                row["reading"],
                row["grade"],
                row["source"],
                code(row["setting"]),
                default(row),
                probe(row.get("probe", "")),
            )
            for row in rows_of(provider)
        ]
        parts += [
            f"## {NAMES.get(name, name)}",
            table(
                ("topic", "how the mock reads it", "grade", "evidence", "setting", "default", "probe"), rows
            ),
        ]
    return page(
        "Fidelity",
        "How sure each reading of the vendors' APIs is. Grades: **D** documented by the vendor, **K** read out of a vendor's SDK, **R** a\n"
        "recorded reply, **S** seen in recorded traffic or clients' code, **C** what clients send or expect, **M** a third party's mock,\n"
        "**A** assumed. A setting is changed in the config file, under `settings:` and the provider's name. A probe is the harmless\n"
        "request of [`mock-server calibrate`](calibrate.md) whose answer decides the row at the real service; a row without one says why.\n"
        "`GET /__admin/fidelity` answers the same.",
        *parts,
    )


def probe(text: str) -> str:
    """``id, id-*; remark``, or ``none: reason``."""
    if text.startswith("none: "):
        return text
    names, semicolon, remark = text.partition("; ")
    return ", ".join(map(code, filter(None, names.split(", ")))) + semicolon + remark


def limits() -> str:
    """What is bounded, by how much."""
    parts = []
    for title, rows in GROUPS.items():
        shown = [(row.what, row.shown, row.over, row.changed_by, code(row.test)) for row in rows]
        parts += [f"## {title}", table(("limit", "default", "beyond it", "changed by", "shown by"), shown)]
    return page(
        "Limits",
        "Everything that is bounded, so that no request, file or receiver can take the memory or time of a server that others use.\n"
        "Where the fourth column is empty the limit is fixed. [Reliability](reliability.md) has the memory of a server at these limits,\n"
        "[scale](scale.md) the cost of a request.",
        *parts,
    )


def specification() -> str:
    """What the mock makes of each sentence."""
    parts = []
    for name, provider in registry.build({}).items():
        title = NAMES.get(name, name)
        parts.append(f"## {title}")
        for heading in dict.fromkeys(row.section for row in provider.specification):
            rows = [
                (*sentence(row), shown_by(provider, row))
                for row in provider.specification
                if row.section == heading
            ]
            parts += [
                f"### {title}: {heading}",
                table(("sentence", "default", "setting", "test", "probe"), rows),
            ]
    return page(
        "Specification",
        "Every sentence of the two specifications that states behaviour: what the mock does where nothing is set, the setting that\n"
        "changes it, the test that shows it, and the probes of [`mock-server calibrate`](calibrate.md) whose answer shows what the real\n"
        "service does. A setting is changed in the config file, under `settings:` and the provider's name;\n"
        "*account* means a member of the account. What the specifications leave open is in [fidelity.md](fidelity.md).\n"
        "`GET /__admin/specification` answers the same without the probes.",
        *parts,
    )


def sentence(row: SpecificationSentence) -> tuple[str, str, str, str]:
    file, _, name = row.test.partition("::")
    return row.sentence.replace("<", "&lt;"), row.default, setting(row.setting), f"[{name}]({DEPTH}{file})"


def shown_by(provider: Provider, row: SpecificationSentence) -> str:
    """The probes whose answer shows the sentence at the real service."""
    probes = provider.probes.PROBES if provider.probes is not None else ()
    names = [code(each.id) for each in probes if row.id in each.sentences]
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")


def setting(text: str) -> str:
    """``account: secret`` → *account* `secret`; reasons for none as they are."""
    if text.startswith("none: "):
        return text
    named = (name.partition(": ") for name in text.split(", "))
    return ", ".join(f"*account* {code(member)}" if colon else code(kind) for kind, colon, member in named)


def default(row: Mapping[str, Any]) -> str:
    if not row["setting"]:
        return ""
    value = row["default"]
    return code(str(value).lower() if isinstance(value, bool) else value)


def magic_values() -> str:
    """Values that give an outcome with no file edited."""
    parts = []
    for name, provider in registry.build({}).items():
        rows = [
            (
                code(one.path),
                ("begins with " if one.prefix else "") + code(one.value),
                one.gives,
                "any" if one.operation == "*" else one.operation,
            )
            for one in provider.vocabulary.magic
        ]
        parts += [f"## {NAMES.get(name, name)}", table(("field", "value", "gives", "operation"), rows)]
    return page(
        "Magic values",
        "A value in a request that gives an outcome with no file edited. A scenario that matches the request wins over them.\n"
        "The dashboard shows this table too, and so does `mock-server schema --values`.",
        *parts,
    )


def codes() -> str:
    """Every error, decline code and event, with the shortest way to get it."""
    parts = []
    for name, provider in registry.build({}).items():
        words = provider.vocabulary
        prefixes = {
            one.gives: f"{one.path.removeprefix('body.')} {one.value}…"
            for one in words.magic
            if one.prefix and one.path == "body.reference"
        }
        parts += [
            f"## {NAMES.get(name, name)}: errors",
            table(
                ("error", "meaning", "magic value", "in a scenario"),
                [
                    (
                        code(error),
                        meaning,
                        code(prefixes.get(f"error {error}", "")),
                        code(f"respond: {{error: {error}}}"),
                    )
                    for error, meaning in words.errors.items()
                ],
            ),
        ]
        if words.declines:
            parts += [
                f"## {NAMES.get(name, name)}: decline codes",
                table(
                    ("code", "reason", "services", "magic value", "in a scenario"),
                    [
                        (
                            code(decline),
                            reason,
                            ", ".join(words.decline_services.get(decline, ())),
                            code(prefixes.get(f"outcome {words.declining}, decline {decline}", "")),
                            code(
                                f"respond: {{outcome: {words.declining}, decline: {{{_service(words, decline)}: [{decline}]}}}}"
                            ),
                        )
                        for decline, reason in words.declines.items()
                    ],
                ),
            ]
        parts += [
            f"## {NAMES.get(name, name)}: events",
            table(
                ("event", "meaning", "send it now"),
                [
                    (
                        code(event),
                        row.description,
                        code(f"mock-server trigger {event} --reference REFERENCE") if row.callback else "",
                    )
                    for event, row in words.events.items()
                ],
            ),
        ]
    return page(
        "Error codes, decline codes and events",
        "Every code of the vendors, what it means, and how to get it: with a value in the request and no file, or with a scenario.",
        *parts,
    )


def _service(words: Vocabulary, decline: str) -> str:
    """A service that the vendor declines with the code."""
    return next(iter(words.decline_services.get(decline, ())), "document")


def control_api() -> str:
    """Every call under ``/__admin``."""
    description = document(routes())
    parts = []
    for path, methods in description["paths"].items():
        for method, call in methods.items():
            parts += [f"## {method.upper()} {path}", call["summary"], *_call(description, call)]
    return page(
        "Control API",
        "Every call is about one account: add `?account=NAME`; without it, `default` is meant. Errors are RFC 9457 problem documents\n"
        "with a `remedy`. `GET /__admin/openapi.json` describes the same to programs.",
        *parts,
    )


def _call(description: Mapping[str, Any], call: Mapping[str, Any]) -> list[str]:
    parameters = {
        one["name"]: one for one in call["parameters"] if one["in"] == "query" and one["name"] != "account"
    }
    reference = (
        call.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("schema", {})
        .get("$ref", "")
    )
    members = description["components"]["schemas"].get(reference.rpartition("/")[2], {}).get("properties", {})
    answer = next(iter(next(iter(call["responses"].values()))["content"].values()))["schema"].get(
        "properties", {}
    )
    titled = {"parameter": parameters, "member of the body": members, "member of the answer": answer}
    return [
        table(
            (title, "what it is"),
            [(code(name), one.get("description", "")) for name, one in described.items()],
        )
        for title, described in titled.items()
        if described
    ]


def command_line() -> str:
    """Every verb and flag."""
    options = [(code(one.flag), code(one.variable), one.help, code(shown(one.default))) for one in OPTIONS]
    parts = [
        f"Exit codes: {FINE} fine, also after SIGTERM or SIGINT; {FINDINGS} findings, not ready, or a check failed;\n"
        f"{USAGE} usage or configuration; {PORT_TAKEN} the port is taken.",
        "## Options of serve",
        "A flag beats the variable, which beats the `--config` file (the name with `_` for `-`), which beats the default.",
        table(("flag", "variable", "what it does", "default"), options),
    ]
    for verb in VERBS:
        with click.Context(verbs, info_name="mock-server") as context:
            command = verbs.get_command(context, verb)
            assert command is not None
            parts += [f"## {verb}", re.sub(r"\s*\n\s*", " ", (command.help or "").split("\n\n")[0])]
            if isinstance(command, click.Group):
                for name, part in command.commands.items():
                    parts += [part.help or "", *_flags(click.Context(part, info_name=f"{verb} {name}"))]
            elif verb != "serve":
                parts += _flags(click.Context(command, parent=context, info_name=verb))
    return page(
        "Command line",
        "`mock-server VERB`, or `python -m mock_server VERB`; without a verb, `serve` is meant.",
        *parts,
    )


def _flags(context: click.Context) -> list[str]:
    options = [one for one in context.command.params if isinstance(one, click.Option) and one.name != "help"]
    arguments = [
        one.metavar or (one.name or "").upper()
        for one in context.command.params
        if isinstance(one, click.Argument)
    ]
    usage = code(" ".join(["mock-server", str(context.info_name), *arguments]))
    return (
        [usage, table(("flag", "what it does"), [(code(_written(one)), one.help or "") for one in options])]
        if options
        else [usage]
    )


def _written(option: click.Option) -> str:
    """``--format text|json``."""
    value = option.metavar or (
        "|".join(map(str, option.type.choices)) if isinstance(option.type, click.Choice) else ""
    )
    return " ".join(filter(None, ["/".join([*option.opts, *option.secondary_opts]), value]))


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value in ("", ()) else str(value)


def import_graph() -> str:
    """The packages as boxes and what each imports as arrows, without those that a longer way replaces."""
    edges = {(one, other) for one, other in package_imports() if one != other}
    names = sorted({name for edge in edges for name in edge})
    reachable: dict[str, set[str]] = {name: {other for one, other in edges if one == name} for name in names}
    for _ in names:
        for name in names:
            reachable[name] |= {further for other in reachable[name] for further in reachable[other]}
    direct = [
        (one, other)
        for one, other in sorted(edges)
        if not any((one, between) in edges and other in reachable[between] for between in names)
    ]
    return layered(direct, "The packages and what they import")


REQUEST_FLOW = (
    ("client", "adapter: read the bytes, resolve the route"),
    ("adapter: read the bytes, resolve the route", "authenticate"),
    ("authenticate", "validate"),
    ("validate", "select a scenario"),
    ("select a scenario", "compose and render"),
    ("authenticate", "refuse"),
    ("validate", "refuse"),
    ("refuse", "sign"),
    ("compose and render", "sign"),
    ("sign", "commit: record, nonce, journal, callbacks"),
    ("commit: record, nonce, journal, callbacks", "response"),
    ("commit: record, nonce, journal, callbacks", "delivery queue"),
    ("delivery queue", "attempt: tamper, send"),
    ("attempt: tamper, send", "receiver"),
)


def request_flow() -> str:
    """One request, from the client to its response and its callbacks."""
    return layered(REQUEST_FLOW, "The way of one request, and of its callbacks")


def package_imports() -> Iterator[tuple[str, str]]:
    """Importing and imported package, for each import statement of the product."""
    root = DOCS.parent
    modules = {
        ".".join(path.relative_to(root).with_suffix("").parts): path
        for path in root.glob("mock_server/**/*.py")
    }
    for name, path in modules.items():
        for node in _statements(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    target = f"{node.module}.{alias.name}"
                    yield from _edge(name, target if target in modules else node.module)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements of a module, without the expressions in them: four times as fast as `ast.walk`."""
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        for inner in getattr(node, field, ()):
            yield inner
            yield from _statements(inner)


def _edge(name: str, target: str) -> Iterator[tuple[str, str]]:
    if target.startswith("mock_server.") and name != "mock_server.__main__":
        yield _box(name), _box(target)


def _box(module: str) -> str:
    """``mock_server.web.http.wire`` → ``web.http``; what is in no package of `BOXES` counts to its layer."""
    layer, _, rest = module.removeprefix("mock_server.").partition(".")
    return next((box for box in BOXES if f"{layer}.{rest}.".startswith(f"{box}.")), layer)


BOXES = ("providers.registry", "providers.cloudcheck", "providers.shuftipro", "web.http")
"""Packages and modules within a layer that have a box of their own."""


def deliver_words(name: str, mark: str, *head: str) -> str:
    """A page with its table of the ``deliver`` words made anew, as many columns as it has."""
    rows = [
        (code(word.example), word.description, "yes" if word.repeats else "no")[: len(head)]
        for word in DIRECTIVES.values()
    ]
    before, begin, rest = (DOCS / name).read_text("utf-8").partition(f"<!-- {mark} -->\n")
    after = rest[re.match(r"(\|.*\n)*", rest).end() :]  # type: ignore[union-attr]
    return f"{before}{begin}{table(head, rows).replace('| --- ', '|---').replace('--- |', '---|')}\n{after}"


def vendor_openapi(vendor: str) -> str:
    """OpenAPI 3.1 of an emulated API."""
    return _json(openapi.document(registry.load(vendor)))


def vendor_postman(vendor: str) -> str:
    return _json(api_requests.collection(registry.load(vendor)))


def vendor_http(vendor: str) -> str:
    return api_requests.http_file(registry.load(vendor))


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def calibrate() -> str:
    """calibrate.md with its tables of settings made again."""
    text = (DOCS / "calibrate.md").read_text("utf-8")
    before, rest = text.split(FOUND_BEGINS)
    parts = []
    for name, provider in registry.build({}).items():
        kit = provider.probes
        if kit is not None and kit.CANDIDATES:
            named = {
                setting: setting.partition(".")[0] + ".…" * ("." in setting) for setting in kit.CANDIDATES
            }
            first = {shown: setting for setting, shown in reversed(named.items())}
            rows = [
                (code(shown), *decided(provider, kit, first[shown]))
                for shown in dict.fromkeys(named.values())
            ]
            parts += [f"### {NAMES.get(name, name)}: settings", table(("setting", "decided by", "how"), rows)]
    return before + FOUND_BEGINS + "\n" + "\n\n".join(parts) + "\n\n" + FOUND_ENDS + rest.split(FOUND_ENDS)[1]


FOUND_BEGINS, FOUND_ENDS = "<!-- found: made by make docs; do not edit -->\n", "<!-- end of found -->"
_MOST = 4
"""Values that are shown one by one."""
_READ_OFF = "the value that the answer has"


def decided(provider: Provider, kit: Probes, setting: str) -> tuple[str, str]:
    """The probes that decide a setting, and what answer means what value."""
    probes = [each for each in kit.PROBES if setting in each.decides]
    named = ", ".join(code(each.id) for each in probes[:_MOST])
    more = f" and {len(probes) - _MOST} more" if len(probes) > _MOST else ""
    values = list(kit.CANDIDATES[setting]({}))
    if len(values) > _MOST:
        return named + more, "between the last value that is accepted and the first that is refused"
    return named + more, _meanings(provider, kit, setting, probes, values) if len(values) > 1 else _READ_OFF


def _meanings(
    provider: Provider, kit: Probes, setting: str, probes: Sequence[Probe], values: Sequence[Any]
) -> str:
    """What differs between the values, in the one probe and fact that tells most of them apart."""
    ours = Ours(partial(registry.load, provider.name), {}, {})
    by_probe: dict[str, list[dict[str, Any]]] = {}
    for value in values:
        exchanges = [
            ProbeExchange(each, f"calibrate{number:03}", (1.7e9,) * len(each.asks), ())
            for number, each in enumerate(probes)
        ]
        answers = ours.answers(kit, exchanges, {setting: value})
        account = ours.account({setting: value})
        for each in probes:
            by_probe.setdefault(each.id, []).append(facts_of(kit, each, answers[each.id], account))
    differing: dict[str, list[str]] = {}
    for name, facts in by_probe.items():
        for fact in dict.fromkeys(key for one in facts for key in one):
            seen = [str(one.get(fact, "none")) or "empty" for one in facts]
            if len(set(seen)) > 1:
                differing.setdefault(f"{code(name)}, {fact}", seen)
                break
    if len(values) == 2:
        differing = dict([next(iter(differing.items()))])
    return "; ".join(
        f"{where}: " + ", ".join(f"{one} for {code(shown_value(v))}" for v, one in zip(values, seen))
        for where, seen in differing.items()
    )


def shown_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def signature_mistakes() -> str:
    """What the signature doctor knows."""
    return page("Signature mistakes", mistakes.INTRO, mistakes.page(table))


def scale_curves() -> str:
    """What `make curves` has measured."""
    panels = {f"Processor time by {what}": lines for what, lines in _measured()["curves"].items()}
    return charts(panels, "Processor time of a request as everything grows")


def _measured() -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((DOCS / "curves.json").read_text("utf-8"))
    return figures


PAGES: Mapping[str, Callable[[], str]] = {
    "calibrate.md": calibrate,
    "callbacks.md": partial(deliver_words, "callbacks.md", "words", "word", "does", "retries repeat it"),
    "scenarios.md": partial(deliver_words, "scenarios.md", "deliver words", "word", "what happens"),
    "specification.md": specification,
    "fidelity.md": fidelity,
    "limits.md": limits,
    "magic-values.md": magic_values,
    "codes.md": codes,
    "mistakes.md": signature_mistakes,
    "control-api.md": control_api,
    "command-line.md": command_line,
    "import-graph.svg": import_graph,
    "request-flow.svg": request_flow,
    "scale-curves.svg": scale_curves,
    **{
        f"openapi/{vendor}{ending}": partial(make, vendor)
        for vendor in NAMES
        for ending, make in (
            (".json", vendor_openapi),
            (".postman.json", vendor_postman),
            (".http", vendor_http),
        )
    },
}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), "utf-8")
        print(f"docs/{name}")
