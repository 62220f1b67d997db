"""Scenarios, coverage, fidelity and the server's own state over the control API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.core import shipped
from mock_server.scenario.lint import check
from mock_server.scenario.problems import ERROR
from mock_server.web.admin.coverage import counts
from tests.web.kit import SCENARIOS, Kit

INLINE = {
    "provider": "cloudcheck",
    "name": "mine",
    "match": {"operation": "verify"},
    "respond": {"outcome": "not-verified"},
}


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def test_the_list_tells_place_and_use(kit: Kit) -> None:
    kit.verify("Marlowe")
    kit.verify("Marlowe")
    first, second = kit.get("scenarios")["scenarios"]
    assert tuple(
        first[name]
        for name in ("name", "provider", "operations", "description", "line", "answered", "pinned", "inline")
    ) == ("marlowe", "cloudcheck", ["verify"], "A match.", 4, 2, False, False)
    assert f"{first['file']}:4" == first["source"]
    assert first["match"] == ['body.details.name.family "Marlowe"']
    assert (second["name"], second["answered"]) == ("down", 0)
    assert kit.get("scenarios", provider="shuftipro")["total"] == 0


SHEET = """\
version: 1
provider: cloudcheck
scenarios:
  - name: "customer {{ row.id }}"
    tags: [sheet]
    rows: customers.csv
    match: {operation: verify, body.reference: "{{ row.id }}"}
    set: {customer: "{{ row.name }}"}
    respond: {outcome: not-verified}
  - {name: off, enabled: false, match: {operation: verify}, respond: {status: 503}}
"""


def sheet(folder: Path, **options: Any) -> Kit:
    (folder / "customers.csv").write_text("id;name\nm-1;Ngāta\nm-2;陳\n", "utf-8")
    return Kit(folder, scenarios=SHEET, **options)


def test_the_list_has_rows_tags_and_what_is_switched_off(tmp_path: Path) -> None:
    kit = sheet(tmp_path, skip_tags="other")
    shown = kit.get("scenarios")["scenarios"]
    assert [
        (one["name"], one["row"].rpartition("/")[2], one["tags"], one["enabled"], one["off"]) for one in shown
    ] == [
        ("customer m-1", "customers.csv:2", ["sheet"], True, ""),
        ("customer m-2", "customers.csv:3", ["sheet"], True, ""),
        ("off", "", [], False, "has `enabled: false`"),
    ]
    status, problem = kit.call("PUT", "scenarios/pinned", {"name": "off"})
    assert (status, problem["detail"]) == (
        409,
        "the scenario 'off' has `enabled: false`, so it cannot answer",
    )
    kit.put("scenarios/pinned", {"name": "customer m-2"})


@pytest.mark.parametrize("store", ["memory", "sqlite:{folder}/s.db"], ids=["memory", "sqlite"])
def test_rows_set_values_and_are_explained(tmp_path: Path, store: str) -> None:
    kit = sheet(tmp_path, store=store.format(folder=tmp_path))
    assert kit.verify(reference="m-2")["verification"]["verificationSuccess"] is False
    assert kit.get("state")["state"] == {"customer": "陳"}
    entry = kit.get("requests")["requests"][0]
    assert entry["scenario"] == "customer m-2"
    explanation = kit.get(f"requests/{entry['id']}/explain")
    assert explanation["scenario"]["row"].endswith("customers.csv:3")
    misses = {miss["name"]: miss for miss in explanation["near_misses"]}
    assert misses["customer m-1"]["row"].endswith("customers.csv:2")
    assert misses["off"]["differences"][-1]["reason"] == "has `enabled: false`"


def test_rows_can_be_added_over_http(kit: Kit) -> None:
    scenario = {
        "provider": "cloudcheck",
        "name": "mine {{ row.id }}",
        "rows": [{"id": "a"}, {"id": "b"}],
        "match": {"operation": "verify", "body.reference": "{{ row.id }}"},
        "respond": {"outcome": "not-verified"},
    }
    added = kit.post("scenarios", scenario)
    assert [(one["name"], one["row"]) for one in added["scenarios"]] == [
        ("mine a", "row 1"),
        ("mine b", "row 2"),
    ]
    assert kit.verify(reference="b")["verification"]["verificationSuccess"] is False


def test_ready_says_what_was_reloaded_and_what_is_not_read(kit: Kit) -> None:
    assert (kit.get("ready")["reloaded"], kit.get("ready")["unread"]) == (None, [])
    (kit.file.parent / "old.yaml.off").write_text("")
    assert kit.post("scenarios/reload")["message"] == "reloaded: 2 scenarios, no files changed"
    ready = kit.get("ready")
    assert ready["reloaded"] == "reloaded: 2 scenarios, no files changed"
    assert [Path(file).name for file in ready["unread"]] == ["old.yaml.off"]


def test_how_often_it_answered_survives_the_journal(tmp_path: Path) -> None:
    kit = Kit(tmp_path, journal_limit=1)
    for _ in range(3):
        kit.verify("Marlowe")
    assert (kit.get("requests")["total"], kit.get("scenarios")["scenarios"][0]["answered"]) == (1, 3)
    kit.post("reset")
    assert kit.get("scenarios")["scenarios"][0]["answered"] == 0


def test_a_pinned_scenario_answers_until_it_is_unpinned(kit: Kit) -> None:
    assert kit.put("scenarios/pinned", {"name": "marlowe"}) == {"pinned": "marlowe"}
    kit.verify("Okafor")
    assert kit.newest()["scenario"] == "marlowe"
    assert (
        kit.get("scenarios")["pinned"],
        [scenario["pinned"] for scenario in kit.get("scenarios")["scenarios"]],
    ) == ("marlowe", [True, False])
    assert kit.call("DELETE", "scenarios/pinned") == (200, {"pinned": None})
    kit.verify("Okafor", "ref-2")
    assert kit.newest()["scenario"] == ""


@pytest.mark.parametrize(
    "definition",
    [
        INLINE,
        {
            "version": 1,
            "provider": "cloudcheck",
            "scenarios": [{name: INLINE[name] for name in ("name", "match", "respond")}],
        },
    ],
    ids=["one", "file"],
)
def test_an_inline_scenario_answers_for_its_account_until_reset(kit: Kit, definition: dict[str, Any]) -> None:
    added = kit.post("scenarios", definition)
    assert [(scenario["name"], scenario["inline"]) for scenario in added["scenarios"]] == [("mine", True)]
    kit.verify()
    assert (kit.newest()["scenario"], kit.newest()["outcome"]) == ("mine", "not-verified")
    kit.verify(account="test-b")
    assert kit.newest("test-b")["scenario"] == ""
    assert kit.get("scenarios")["scenarios"][0]["name"] == "mine"
    status, document = kit.call("POST", "scenarios", definition)
    assert (status, "mine" in document["detail"]) == (409, True)
    kit.post("reset")
    kit.verify()
    assert kit.newest()["scenario"] == ""


def test_every_problem_of_an_inline_scenario_is_listed(kit: Kit) -> None:
    wrong = {
        "provider": "cloudcheck",
        "name": "x",
        "match": {"operation": "verfy"},
        "respond": {"outcome": "verified", "statsu": 200},
    }
    status, document = kit.call("POST", "scenarios", wrong)
    assert status == 422
    assert {"statsu", "verfy"} <= {
        word for problem in document["problems"] for word in problem["message"].replace("`", " ").split()
    }


ENDLESS = {**INLINE, "match": {"operation": "verify", "body.reference": {"regex": "(a|a)*$"}}}


def test_an_endless_regular_expression_does_not_delay_the_answer(kit: Kit) -> None:
    added = kit.post("scenarios", ENDLESS)
    assert [problem["rule"] for problem in added["warnings"]] == ["slow-regex"]
    assert kit.verify("Okafor", "a" * 60 + "!")["verification"]["reference"] == "a" * 60 + "!"
    entry = kit.newest()
    assert entry["scenario"] == ""
    (miss,) = kit.get(f"requests/{entry['id']}/explain", near_misses=1)["near_misses"]
    assert miss["differences"] == [
        {
            "path": "body.reference",
            "expected": "matches /(a|a)*$/",
            "actual": "a" * 60 + "!",
            "reason": "undecided: the regular expression takes more than 20 ms on it",
        }
    ]


def test_adding_a_scenario_returns_what_the_lint_warns_of(kit: Kit) -> None:
    definition = {**INLINE, "match": {"operation": "verify", "body.reference": {"regex": "(a+)+$"}}}
    (warning,) = kit.post("scenarios", definition)["warnings"]
    assert (warning["rule"], warning["path"]) == ("slow-regex", "scenarios[0].match.body.reference")


REFUSED = {
    "a template that can never work": {"outcome": "verified", "merge": {"a": "{{ 1 | shift('x') }}"}},
    "a Faker method that fails": {"outcome": "verified", "merge": {"a": "{{ fake.pyint('x') }}"}},
    "a pattern that is very large": {"outcome": "verified"},
}


@pytest.mark.parametrize(("name", "respond"), REFUSED.items(), ids=REFUSED)
def test_what_the_lint_refuses_cannot_be_added(
    kit: Kit, tmp_path: Path, name: str, respond: dict[str, Any]
) -> None:
    pattern = "((a{900}){900}){900}" if "pattern" in name else "^a$"
    definition = {
        **INLINE,
        "match": {"operation": "verify", "body.reference": {"regex": pattern}},
        "respond": respond,
    }
    status, answer = kit.call("POST", "scenarios", definition)
    scenario = {key: value for key, value in definition.items() if key != "provider"}
    file = tmp_path / "lint.yaml"
    file.write_text(json.dumps({"version": 1, "provider": "cloudcheck", "scenarios": [scenario]}))
    refused = [problem for problem in check([file], kit.service.vocabularies) if problem.severity == ERROR]
    assert status == 422
    assert [(problem["rule"], problem["message"]) for problem in answer["problems"]] == [
        (problem.rule, problem.message) for problem in refused
    ]


def test_reloading_takes_what_the_files_say_now(kit: Kit) -> None:
    kit.file.write_text(SCENARIOS.replace("name: marlowe", "name: renamed"))
    answer = kit.post("scenarios/reload")
    assert (answer["loaded"], answer["problems"]) == (2, [])
    assert kit.get("scenarios")["scenarios"][0]["name"] == "renamed"


def test_ready_reports_that_broken_files_leave_the_last_good_set(kit: Kit) -> None:
    kit.file.write_text(SCENARIOS.replace("outcome: pep-match", "outcom: pep-match"))
    status, document = kit.call("POST", "scenarios/reload")
    assert (status, document["problems"][0]["line"]) == (422, 7)
    ready = kit.get("ready")
    assert (ready["scenarios"], ready["status"]) == (2, "ready")
    assert "some.yaml:7:" in ready["reload_error"]
    kit.verify("Marlowe")
    assert kit.newest()["scenario"] == "marlowe"
    kit.file.write_text(SCENARIOS)
    kit.post("scenarios/reload")
    assert (kit.get("ready")["reload_error"], kit.get("ready")["problems"]) == (None, [])


def test_the_version_tells_what_is_running(tmp_path: Path) -> None:
    version = Kit(tmp_path, seed=7).get("version")
    assert tuple(version[name] for name in ("name", "seed", "store", "providers")) == (
        "kyc-mock-server",
        7,
        "memory",
        ["cloudcheck", "shuftipro"],
    )


def met(kit: Kit, group: str, provider: str = "cloudcheck") -> dict[str, int]:
    rows = kit.get("coverage", group=group, provider=provider)["coverage"]
    return {row["word"]: row["count"] for row in rows if row["count"]}


def test_coverage_counts_every_word_that_was_met(kit: Kit) -> None:
    kit.verify("Marlowe")
    kit.verify(secret="wrong")
    kit.verify(reference="down-1")
    kit.verify(nonce="n-1")
    assert met(kit, "operation") == {"verify": 4}
    assert met(kit, "outcome") == {"verify pep-match": 1}
    assert met(kit, "error") == {"104": 1, "106": 1}
    assert met(kit, "status") == {"200": 3, "503": 1}
    assert met(kit, "operation", "shuftipro") == {}


def test_coverage_counts_what_is_answered_and_what_is_sent(tmp_path: Path) -> None:
    with Kit(tmp_path) as kit:
        kit.check(callback_url="http://127.0.0.1:9/")
        assert met(kit, "event", "shuftipro") == {"verification.accepted": 2}
        kit.post(
            "events", {"event": "verification.declined", "reference": "check-1", "url": "http://127.0.0.1:9/"}
        )
        kit.check(country="Nowhere")
        assert met(kit, "event", "shuftipro") == {
            "verification.accepted": 2,
            "verification.declined": 1,
            "request.invalid": 1,
        }
        assert met(kit, "status", "shuftipro") == {"200": 1, "400": 1}


def test_coverage_counts_decline_codes(kit: Kit) -> None:
    respond = {"outcome": "declined", "decline": {"background_checks": ["SPDR10"]}}
    kit.post(
        "scenarios",
        {"provider": "shuftipro", "name": "no", "match": {"operation": "verification"}, "respond": respond},
    )
    answer = kit.check()
    assert dict.fromkeys(answer["declined_codes"], 1) == met(kit, "decline", "shuftipro")


@pytest.mark.parametrize("which", [{}, {"all": 1}], ids=["account", "all"])
def test_coverage_of_all_accounts_outlives_resets(kit: Kit, which: dict[str, int]) -> None:
    def met(**query: Any) -> dict[str, int]:
        rows = kit.get("coverage", group="outcome", provider="shuftipro", **query)["coverage"]
        return {row["word"]: row["count"] for row in rows if row["count"]}

    for account in ("test-a", "test-b"):
        kit.check(account=account)
    assert met() == {"verification accepted": 1}
    assert met(all=1) == {"verification accepted": 2}
    for _ in range(2):
        kit.post("reset", **which)
    assert met() == {}
    assert met(all=1) == {"verification accepted": 2}
    kit.check(account="test-a")
    assert met(all=1) == {"verification accepted": 3}
    assert "*run" not in [account["name"] for account in kit.get("accounts")["accounts"]]


def test_coverage_survives_the_journal_and_ends_with_the_account(tmp_path: Path) -> None:
    kit = Kit(tmp_path, journal_limit=1)
    kit.verify(secret="wrong")
    kit.verify()
    assert met(kit, "error") == {"106": 1}
    assert {
        row["word"]: row["count"] for row in kit.get("coverage", account="test-b")["coverage"] if row["count"]
    } == {}
    kit.post("reset")
    assert met(kit, "error") == {}


def test_coverage_sums_by_group_and_in_all(kit: Kit) -> None:
    kit.verify(secret="wrong")
    coverage = kit.get("coverage", provider="cloudcheck", group="error")
    total = len(kit.service.vocabularies["cloudcheck"].errors)
    percent = round(100 / total, 1)
    assert (total, 1, percent) == (coverage["total"], coverage["met"], coverage["percent"])
    assert [
        {"provider": "cloudcheck", "group": "error", "total": total, "met": 1, "percent": percent}
    ] == coverage["groups"]
    groups = {(row["provider"], row["group"]) for row in kit.get("coverage")["groups"]}
    assert {
        (name, group)
        for name in ("cloudcheck", "shuftipro")
        for group in ("operation", "outcome", "error", "status", "event")
    } <= groups


def test_other_tallies_are_no_coverage() -> None:
    assert counts({"shuftipro spent": 3.0}) == {}


@pytest.mark.parametrize("provider", ["cloudcheck", "shuftipro"])
def test_fidelity_lists_what_is_assumed(kit: Kit, provider: str) -> None:
    rows = kit.get("fidelity", provider=provider)["fidelity"]
    assert rows
    assert {row["provider"] for row in rows} == {provider}
    assert len(rows) < kit.get("fidelity")["total"]


@pytest.mark.parametrize("provider", ["cloudcheck", "shuftipro"])
def test_the_specification_is_listed_sentence_by_sentence(kit: Kit, provider: str) -> None:
    answer = kit.get("specification", provider=provider)
    rows = kit.service.providers[provider].specification
    assert answer["specification"] == [{"provider": provider, **row._asdict()} for row in rows]
    assert answer["total"] == len(rows)


def test_specifications_of_all_vendors_are_listed_without_provider(kit: Kit) -> None:
    answer = kit.get("specification")
    assert {row["provider"] for row in answer["specification"]} == {"cloudcheck", "shuftipro"}
    assert answer["total"] == len(answer["specification"])


def test_the_specification_of_an_unknown_provider_is_refused(kit: Kit) -> None:
    status, problem = kit.call("GET", "specification", provider="cloudchek")
    assert (status, "cloudcheck" in problem["remedy"]) == (400, True)


WRONG = [
    ("provider: cloudcheck\nname: mine\nrespond: {outcom: verified}\n", 3, "unknown-key"),
    ("version: 1\nprovider: cloudcheck\nscenarios:\n  - name: a\n    respnd: {}\n", 5, "unknown-key"),
    ("name: mine\n", 1, "missing-key"),
    ("provider: owl\nname: mine\nrespond: {outcome: verified}\n", 1, "unknown-provider"),
    ("name: [\n", 2, "yaml-syntax"),
]


@pytest.mark.parametrize(("text", "line", "rule"), WRONG, ids=[rule + str(line) for _, line, rule in WRONG])
def test_a_text_is_checked_with_its_lines(kit: Kit, text: str, line: int, rule: str) -> None:
    report = kit.post("scenarios/check", {"yaml": text})
    assert report["usable"] is False
    assert (report["problems"][0]["line"], report["problems"][0]["rule"]) == (line, rule)
    assert kit.get("scenarios")["total"] == 2
    _, problem = kit.call("POST", "scenarios", {"yaml": text})
    assert problem["problems"][0]["line"] == line


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "words", "{}"])
def test_a_text_that_is_no_scenario_is_not_usable(kit: Kit, text: str) -> None:
    report = kit.post("scenarios/check", {"yaml": text})
    assert report["usable"] is False
    assert report["problems"][0]["message"]


def test_a_warning_leaves_a_text_usable(kit: Kit) -> None:
    text = "provider: cloudcheck\nname: mine\nmatch: {operation: verify, body.refrence: x}\nrespond: {outcome: verified}\n"
    report = kit.post("scenarios/check", {"yaml": text})
    assert report["usable"] is True
    assert (report["problems"][0]["severity"], report["problems"][0]["line"]) == ("warning", 3)


def test_an_inline_scenario_is_replaced_in_its_place(kit: Kit) -> None:
    kit.post("scenarios", INLINE)
    kit.post("scenarios", {**INLINE, "name": "after"})
    kit.post("scenarios", {**INLINE, "name": "tāmaki"}, replaces="cloudcheck/mine")
    names = [one["name"] for one in kit.get("scenarios")["scenarios"] if one["inline"]]
    assert names == ["tāmaki", "after"]
    taken, _ = kit.call("POST", "scenarios", {**INLINE, "name": "after"}, replaces="cloudcheck/tāmaki")
    assert taken == 409
    status, missing = kit.call("POST", "scenarios", INLINE, replaces="cloudcheck/mine")
    assert (status, missing["detail"]) == (404, "unknown inline scenario 'cloudcheck/mine'")


def test_a_scenario_file_is_read_and_written(kit: Kit) -> None:
    file = kit.get("scenarios")["scenarios"][0]["file"]
    before = kit.get("scenario-files", file=file)
    assert (before["yaml"], before["writable"]) == (SCENARIOS, True)
    text = SCENARIOS.replace("pep-match", "not-verified") + "# ngā mihi\n"
    written = kit.put("scenario-files", {"yaml": text, "version": before["version"]}, file=file)
    assert written["yaml"] == text
    assert [problem["rule"] for problem in written["problems"]] == ["magic-value"]
    assert kit.get("scenario-files", file=file)["version"] == written["version"] != before["version"]
    assert kit.verify("Marlowe")["verification"]["verificationSuccess"] is False
    for version, remedy in (
        (before["version"], "read it again"),
        ("", "choose another name, or read the file first"),
    ):
        status, stale = kit.call("PUT", "scenario-files", {"yaml": text, "version": version}, file=file)
        assert (status, stale["remedy"]) == (409, remedy)


def test_a_file_with_an_error_is_not_written(kit: Kit) -> None:
    file = kit.get("scenarios")["scenarios"][0]["file"]
    version = kit.get("scenario-files", file=file)["version"]
    wrong = {"yaml": SCENARIOS.replace("outcome", "outcom"), "version": version}
    status, refused = kit.call("PUT", "scenario-files", wrong, file=file)
    assert (status, refused["problems"][0]["line"]) == (422, 7)
    status, twice = kit.call("PUT", "scenario-files", {"yaml": SCENARIOS}, file="twice.yaml")
    assert status == 422
    assert "the name `marlowe` is taken" in twice["detail"]
    assert kit.get("scenario-files", file=file)["version"] == version
    assert kit.call("GET", "scenario-files", file="twice.yaml")[0] == 404
    assert kit.get("ready")["reload_error"] is None


def test_a_file_is_written_beside_a_broken_one(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("version: 1\nprovider: cloudcheck\nscenarios: {}\n")
    file = kit.get("scenarios")["scenarios"][0]["file"]
    text = {"yaml": "# empty\n", "version": kit.get("scenario-files", file=file)["version"]}
    written = kit.put("scenario-files", text, file=file)
    errors = [problem for problem in written["problems"] if problem["severity"] == "error"]
    assert [Path(problem["file"]).name for problem in errors] == ["broken.yaml"]
    assert Path(file).read_text() == "# empty\n"
    assert kit.get("scenarios")["total"] == 2


def test_a_new_file_goes_into_the_scenario_folder(kit: Kit) -> None:
    text = SCENARIOS.replace("marlowe", "a").replace("down", "b")
    written = kit.put("scenario-files", {"yaml": text}, file="team a/new.yaml")
    assert Path(written["file"]).read_text() == text
    assert kit.get("scenarios")["total"] == 4
    status, gone = kit.call("PUT", "scenario-files", {"yaml": text, "version": "abc"}, file="other.yaml")
    assert (status, gone["detail"]) == (404, "unknown scenario file 'other.yaml'")


@pytest.mark.parametrize(
    "name",
    ["../out.yaml", "a/../../out.yaml", "_a.yaml", ".a.yaml", "a.json", "", "a\\b.yaml", "/tmp/a.yaml"],
)
def test_a_file_outside_or_that_is_not_read_is_refused(kit: Kit, tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.parent.rglob("*"))
    assert kit.call("PUT", "scenario-files", {"yaml": SCENARIOS}, file=name)[0] == 422
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_a_file_of_the_installed_package_is_not_written(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    file = kit.get("scenarios")["scenarios"][0]["file"]
    monkeypatch.setattr(shipped, "_PACKAGE", Path(file).parents[1])
    read = kit.get("scenario-files", file=file)
    assert read["writable"] is False
    text = {"yaml": f"{SCENARIOS}# more\n", "version": read["version"]}
    status, refused = kit.call("PUT", "scenario-files", text, file=file)
    assert status == 409
    assert "mock-server init" in refused["remedy"]


def test_a_scenario_switched_off_for_the_account_is_not_pinned(kit: Kit) -> None:
    kit.put("scenarios/cloudcheck/down", {"enabled": False})
    status, refused = kit.call("PUT", "scenarios/pinned", {"name": "down"})
    assert (status, refused["remedy"]) == (409, "switch it on first")
    assert "'down' is switched off for this account" in refused["detail"]
    assert kit.put("scenarios/pinned", {"name": "down"}, account="test-b") == {"pinned": "down"}
    kit.put("scenarios/cloudcheck/down", {"enabled": True})
    assert kit.put("scenarios/pinned", {"name": "down"}) == {"pinned": "down"}
