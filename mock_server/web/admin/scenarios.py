"""``scenarios``: what is in force for an account, inline scenarios, pins, reload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from mock_server.core.answers import Scenario as ScenarioAnswer
from mock_server.core.records import AccountState
from mock_server.scenario.loader import ScenarioSet, compile_inline, read_draft, read_inline, read_text
from mock_server.scenario.model import Scenario
from mock_server.scenario.problems import ERROR, ScenarioProblems
from mock_server.web.admin import answers, words
from mock_server.web.admin.problems import ControlProblem, finding, refused, unknown
from mock_server.web.admin.scenario_files import scenario_file
from mock_server.web.admin.scenario_source import source_text
from mock_server.web.admin.table import AdminRequest, Body, ControlRoute, Query, described


class ScenarioListQuery(Query):
    """Whose."""

    provider: Annotated[str, described("Vendor.", "cloudcheck")] = ""


class AddQuery(Query):
    """In the place of what."""

    replaces: Annotated[
        str, described("An inline scenario of the account, as provider/name: what it was added with goes.")
    ] = ""


class CheckBody(Body):
    """A text to check."""

    yaml: Annotated[str, described("A scenario with its provider, or a whole file.")]
    file: Annotated[str, described("The scenario file that it is for, where it is for one.")] = ""


class PinBody(Body):
    """What to pin."""

    name: Annotated[str, described("A scenario of this account.", "forged-document")]


class SwitchBody(Body):
    """On or off."""

    enabled: Annotated[bool, described("False: it does not answer this account.", False)]


def listing(request: AdminRequest[ScenarioListQuery, None]) -> dict[str, Any]:
    """In the order in which they are asked."""
    words.check(request.service, provider=request.query.provider)
    store, name = request.service.store, request.account.name
    state, counts = store.account(name), store.scenario_counts(name)
    loaded = _set(request)
    scenarios = [
        {
            **show(scenario),
            "answered": int(counts.get(scenario.name, 0)),
            "pinned": scenario.name == state.pinned,
            "switched_off": f"{provider}/{scenario.name}" in state.switched_off,
        }
        for provider in request.service.providers
        if request.query.provider in ("", provider)
        for scenario in (*loaded.scenarios(provider), *loaded.disabled(provider))
    ]
    return {"scenarios": scenarios, "total": len(scenarios), "next": None, "pinned": state.pinned or None}


def add(request: AdminRequest[AddQuery, dict[str, Any]]) -> dict[str, Any]:
    """Until the account is reset, and before the files' scenarios of the same priority."""
    from mock_server.scenario.lint import findings

    vocabularies = request.service.vocabularies
    body = request.body
    if set(body) == {"yaml"}:
        body, loaded = read_text(str(body["yaml"]), vocabularies)
    else:
        loaded = read_inline(body, vocabularies)
    problems = findings(loaded, vocabularies)
    errors = [problem for problem in problems if problem.severity == ERROR]
    if errors:
        raise refused("the scenario cannot be used", ScenarioProblems(errors))
    compiled = compile_inline(body, vocabularies)
    names = {f"{scenario.provider}/{scenario.name}" for scenario in compiled}
    document = msgspec.json.encode(body, enc_hook=str)
    replaces = request.query.replaces

    def change(state: AccountState) -> AccountState:
        old = [one for one in state.inline if replaces in _names(request, one)]
        if replaces and not old:
            raise unknown("inline scenario", replaces, _all_names(request, state.inline), 404)
        clash = names & _all_names(request, [one for one in state.inline if one not in old])
        if clash:
            raise ControlProblem(
                409,
                f"this account already has an inline scenario {min(clash).partition('/')[2]!r}",
                "give it another name, or reset the account",
            )
        if old:
            return state._replace(inline=tuple(document if one in old else one for one in state.inline))
        return state._replace(inline=(*state.inline, document))

    request.service.store.update(request.account.name, change)
    return {
        "scenarios": [show(scenario) for scenario in compiled],
        "total": len(compiled),
        "next": None,
        "warnings": [finding(problem) for problem in problems],
    }


def check(request: AdminRequest[Query, CheckBody]) -> dict[str, Any]:
    """Nothing is stored, and nothing changes."""
    from mock_server.scenario.lint import findings

    body, vocabularies = request.body, request.service.vocabularies
    if body.file:
        loaded = read_draft(scenario_file(request.service, body.file), body.yaml, vocabularies)
    else:
        _, loaded = read_text(body.yaml, vocabularies)
    problems = findings(loaded, vocabularies)
    return {
        "usable": all(problem.severity != ERROR for problem in problems),
        "problems": [finding(problem) for problem in problems],
    }


def one(request: AdminRequest[Query, None], provider: str, name: str) -> dict[str, Any]:
    """As it is written: where it is in a file, with its comments."""
    state = request.service.store.account(request.account.name)
    scenario = _of_name(request, provider, name)
    switched_off = f"{provider}/{name}" in state.switched_off
    text = source_text(scenario, request.service.scenario_paths, state.inline)
    return {**show(scenario), "switched_off": switched_off, "yaml": text}


def switch(request: AdminRequest[Query, SwitchBody], provider: str, name: str) -> dict[str, Any]:
    """Until the account is reset; files stay as they are."""
    _of_name(request, provider, name)
    word, enabled = f"{provider}/{name}", request.body.enabled

    def change(state: AccountState) -> AccountState:
        others = tuple(other for other in state.switched_off if other != word)
        return state._replace(switched_off=others if enabled else (*others, word))

    request.service.store.update(request.account.name, change)
    return {"switched_off": not enabled}


def switch_on(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """Of all that are switched off for the account."""
    request.service.store.update(request.account.name, lambda state: state._replace(switched_off=()))
    return {"switched_off": []}


def _of_name(request: AdminRequest[Any, Any], provider: str, name: str) -> Scenario:
    loaded = _set(request)
    known = {one.name: one for one in (*loaded.disabled(provider), *loaded.scenarios(provider))}
    if name not in known:
        raise unknown("scenario", name, known, 404)
    return known[name]


def reload(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """What is wrong with the files leaves the last good set in force."""
    from mock_server.scenario.lint import check

    service = request.service
    try:
        service.reload()
    except ScenarioProblems as error:
        raise refused("the scenario files were not reloaded", error) from None
    loaded = service.scenarios.loaded
    findings = [finding(problem) for problem in check(service.scenario_paths, service.vocabularies)]
    return {
        "loaded": sum(len(loaded.scenarios(name)) for name in service.providers),
        "message": service.reloaded.message if service.reloaded else "",
        "files": list(loaded.files),
        "problems": findings,
    }


def pin(request: AdminRequest[Query, PinBody]) -> dict[str, Any]:
    """It answers every request of its provider and operations, whatever its other conditions."""
    name, loaded = request.body.name, _set(request)
    switched_off = {
        scenario.name: scenario
        for provider in request.service.providers
        for scenario in loaded.disabled(provider)
    }
    if name in switched_off:
        why = f"the scenario {name!r} {switched_off[name].off}, so it cannot answer"
        raise ControlProblem(409, why, "switch it on first")
    if not any(loaded.named(provider, name) for provider in request.service.providers):
        names = [
            scenario.name for provider in request.service.providers for scenario in loaded.scenarios(provider)
        ]
        raise unknown("scenario", name, names, 404)
    request.service.store.update(request.account.name, lambda state: state._replace(pinned=name))
    return {"pinned": name}


def unpin(request: AdminRequest[Query, None]) -> dict[str, Any]:
    """Every scenario has its turn again."""
    request.service.store.update(request.account.name, lambda state: state._replace(pinned=""))
    return {"pinned": None}


def show(scenario: Scenario) -> dict[str, Any]:
    """``line`` 0: added over the control API."""
    return {
        "name": scenario.name,
        "provider": scenario.provider,
        "operations": sorted(scenario.operations) if scenario.operations is not None else None,
        "description": scenario.description,
        "priority": scenario.priority,
        "before": "checks" if scenario.before_checks else "",
        "file": scenario.file,
        "line": scenario.line,
        "source": scenario.source,
        "row": scenario.row,
        "tags": list(scenario.tags),
        "enabled": not scenario.off,
        "off": scenario.off,
        "replaces": scenario.replaces,
        "inline": not scenario.line,
        "steps": len(scenario.steps),
        "sequence": _sequence(scenario) if scenario.is_sequence else None,
        "chance": scenario.chance,
        "set": [name for name, _ in scenario.sets],
        "match": [f"{condition.written} {condition.matcher.expected}" for condition in scenario.match],
    }


def _sequence(scenario: Scenario) -> dict[str, Any]:
    by = [".".join(path) for path in scenario.counted.by] or ["reference"]
    return {"by": by, "then": scenario.counted.then, "calls": scenario.calls}


def _set(request: AdminRequest[Any, Any]) -> ScenarioSet:
    return request.service.scenarios.of(
        request.account.name, request.service.store.account(request.account.name)
    )


def _names(request: AdminRequest[Any, Any], document: bytes) -> set[str]:
    """``provider/name`` of each scenario of an inline document."""
    compiled = compile_inline(msgspec.json.decode(document), request.service.vocabularies)
    return {f"{scenario.provider}/{scenario.name}" for scenario in compiled}


def _all_names(request: AdminRequest[Any, Any], documents: Sequence[bytes]) -> set[str]:
    return {name for document in documents for name in _names(request, document)}


_LIST = {"scenarios": "each with name, provider, file, line, answered", "total": "how many", "next": "null"}

ROUTES = (
    ControlRoute(
        "GET",
        "/scenarios",
        listing,
        "What is in force for the account, in the order in which it is asked; then what is switched off.",
        {**_LIST, "pinned": "name of the pinned one, or null"},
        ScenarioListQuery,
        returns=answers.Scenarios,
    ),
    ControlRoute(
        "POST",
        "/scenarios",
        add,
        "Add one scenario (its keys and a provider), a file's mapping, or either as a text in yaml, for this account until it is reset.",
        {**_LIST, "warnings": "what the lint would warn of"},
        query=AddQuery,
        body=dict,
        body_schema={
            "description": "A whole file, or one scenario with its provider.",
            "anyOf": [
                {"$ref": "scenario.schema.json"},
                {
                    "type": "object",
                    "required": ["name", "provider"],
                    "properties": {"name": {"type": "string"}, "provider": {"type": "string"}},
                },
            ],
        },
        status=201,
        also={
            404: "nothing to replace exists",
            409: "the name is taken",
            422: "it cannot be used; problems lists why",
        },
        returns=answers.Scenarios,
    ),
    ControlRoute(
        "POST",
        "/scenarios/check",
        check,
        "Check a scenario or a file that is being written; nothing is stored.",
        {"usable": "whether it has no error", "problems": "what the lint says, warnings included"},
        body=CheckBody,
        returns=answers.Checked,
    ),
    ControlRoute(
        "POST",
        "/scenarios/reload",
        reload,
        "Load the files again.",
        {
            "loaded": "how many scenarios are in force",
            "message": "the same in words, and how many files have changed",
            "files": "where from",
            "problems": "what the lint says, warnings included",
        },
        also={422: "the files cannot be used; the last good set stays in force"},
        returns=answers.Reloaded,
    ),
    ControlRoute(
        "PUT",
        "/scenarios/pinned",
        pin,
        "Let one scenario answer.",
        {"pinned": "its name"},
        body=PinBody,
        also={404: "no such scenario", 409: "it is switched off"},
        returns=answers.Pinned,
    ),
    ControlRoute(
        "GET",
        "/scenarios/<provider>/<path:name>",
        one,
        "One scenario and its YAML.",
        {"yaml": "as it is written", "switched_off": "whether it does not answer this account"},
        also={404: "no such scenario"},
        returns=ScenarioAnswer,
    ),
    ControlRoute(
        "DELETE",
        "/scenarios/pinned",
        unpin,
        "Let each have its turn again.",
        {"pinned": "null"},
        returns=answers.Pinned,
    ),
    ControlRoute(
        "PUT",
        "/scenarios/<provider>/<path:name>",
        switch,
        "Switch a scenario off for this account, or on again.",
        {"switched_off": "whether it does not answer this account"},
        body=SwitchBody,
        also={404: "no such scenario"},
        returns=answers.SwitchedOff,
    ),
    ControlRoute(
        "DELETE",
        "/scenarios/switched-off",
        switch_on,
        "Switch on every scenario that is off for this account.",
        {"switched_off": "none"},
        returns=answers.SwitchedOn,
    ),
)
