"""What the dashboard asks of the control API besides lists: notices, copies, samples, scenarios of a request."""

from __future__ import annotations

import ast
import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server.core.exceptions import StoreError
from mock_server.web.app import create_app
from mock_server.web.http.serving import LiveServer
from mock_server.web.service import Service
from tests.web.kit import Kit


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def notices(kit: Kit, **query: Any) -> dict[str, Any]:
    return {notice["kind"]: notice for notice in kit.get("notices", **query)["notices"]}


def test_nothing_is_unusual_at_first(kit: Kit) -> None:
    assert notices(kit) == {}


def test_what_is_unusual_is_told_with_the_way_back(kit: Kit) -> None:
    kit.put("scenarios/pinned", {"name": "marlowe"})
    kit.put("scenarios/cloudcheck/down", {"enabled": False})
    kit.put("clock", {"offset": "-2h"})
    shown = notices(kit)
    assert set(shown) == {"pinned", "switched-off", "clock"}
    assert shown["clock"]["title"] == "The clock of this account is 2 h behind real time."
    assert shown["switched-off"]["text"] == "down"
    for notice in shown.values():
        assert kit.call(notice["undo"]["method"], notice["undo"]["path"])[0] == 200
    assert notices(kit) == {}


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ({"offset": "2h"}, "error 103"),
        ({"offset": "5s"}, "still accepted"),
        ({"freeze": "2030-01-01T00:00:00Z"}, "error 103"),
    ],
    ids=str,
)
def test_a_moved_clock_tells_what_becomes_of_signed_requests(kit: Kit, clock: Any, said: str) -> None:
    kit.put("clock", clock)
    assert said in notices(kit)["clock"]["text"]


def test_notices_of_all_accounts_name_theirs(kit: Kit) -> None:
    kit.put("scenarios/pinned", {"name": "marlowe"}, account="test-a")
    kit.verify(account="test-b")
    (notice,) = kit.get("notices", account="*")["notices"]
    assert (notice["account"], "the account test-a" in notice["text"]) == ("test-a", True)


def test_a_broken_file_and_a_store_that_fails_are_told(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    kit.file.write_text("scenarios: [")
    kit.call("POST", "scenarios/reload")
    assert "some.yaml" in notices(kit)["broken"]["details"][0]

    def fail(*_: Any) -> Any:
        raise StoreError("the store x.db cannot be used: the disk is full; free some disk space")

    monkeypatch.setattr(kit.service.store, "entries", fail)
    answer = kit.get("notices")
    assert "the disk is full" in answer["notices"][-1]["text"]
    assert (answer["clock"], answer["counts"]) == (None, {})
    monkeypatch.setattr(kit.service.store, "account", fail)
    status, document = kit.call("GET", "clock")
    assert (status, document["detail"]) == (503, str(fail.__doc__ or document["detail"]))
    assert "the disk is full" in document["detail"]


@pytest.mark.parametrize("account", ["test-a", "test-b", "*"])
def test_notices_have_the_clock_and_what_the_lists_count(kit: Kit, account: str) -> None:
    for reference in ("tūī 1", "tūī 2"):
        kit.verify(reference=reference)
    kit.check(callback_url="http://127.0.0.1:9/")
    kit.verify(account="test-b")
    for whose in ("test-a", "default"):
        kit.put("clock", {"freeze": "2026-01-01T00:00:00Z"}, account=whose)
    answer = kit.get("notices", account=account)
    lists = ("requests", "callbacks", "verifications")
    assert answer["counts"] == {name: kit.get(name, account=account)["total"] for name in lists}
    assert answer["counts"]["requests"] == {"test-a": 3, "test-b": 1, "*": 4}[account]
    assert answer["clock"]["frozen"] is (account != "test-b")


def test_a_change_of_the_scenario_files_shows_in_the_notices(kit: Kit) -> None:
    head = "version: 1\nprovider: cloudcheck\nscenarios:\n- name: busy\n  match: {operation: verify}\n"
    for respond, expected in (("{status: 503, body: busy}", True), ("{outcome: verified}", False)):
        kit.file.write_text(f"{head}  respond: {respond}\n")
        kit.post("scenarios/reload")
        assert ("chaos" in notices(kit)) is expected


def test_a_scenario_is_switched_off_for_one_account_only(kit: Kit) -> None:
    kit.put("scenarios/cloudcheck/down", {"enabled": False})
    assert kit.verify(reference="down-1")["verification"]["verificationSuccess"] is True
    assert kit.verify(reference="down-1", account="test-b") is None
    listed = {one["name"]: one["switched_off"] for one in kit.get("scenarios")["scenarios"]}
    assert listed == {"marlowe": False, "down": True}
    kit.put("scenarios/cloudcheck/down", {"enabled": True})
    assert kit.verify(reference="down-2") is None


def test_a_reset_switches_all_on(kit: Kit) -> None:
    kit.put("scenarios/cloudcheck/down", {"enabled": False})
    kit.post("reset")
    assert kit.verify(reference="down-1") is None


def test_an_unknown_scenario_cannot_be_switched_off(kit: Kit) -> None:
    status, problem = kit.call("PUT", "scenarios/cloudcheck/marlow", {"enabled": False})
    assert (status, problem["remedy"]) == (404, "did you mean marlowe?")


def test_a_scenario_is_shown_as_it_is_written(tmp_path: Path) -> None:
    text = """\
version: 1
provider: cloudcheck
scenarios:
  # Whoever is called so.
  - name: first   # of two

    match: {operation: verify}
    respond:
      outcome: pep-match
  # The next one.

  - name: second
    respond: {outcome: verified}
"""
    kit = Kit(tmp_path, scenarios=text)
    assert kit.get("scenarios/cloudcheck/first")["yaml"] == (
        "# Whoever is called so.\n- name: first   # of two\n\n  match: {operation: verify}\n"
        "  respond:\n    outcome: pep-match\n"
    )
    assert (
        kit.get("scenarios/cloudcheck/second")["yaml"] == "- name: second\n  respond: {outcome: verified}\n"
    )
    kit.post("scenarios", {"provider": "cloudcheck", "name": "inline-ū", "respond": {"outcome": "partial"}})
    shown = yaml.safe_load(kit.get("scenarios/cloudcheck/inline-ū")["yaml"])
    assert shown["name"] == "inline-ū"


@pytest.mark.parametrize("vendor", ["cloudcheck", "shuftipro"])
def test_a_scenario_of_a_request_answers_the_next_one(kit: Kit, vendor: str) -> None:
    send = {
        "cloudcheck": lambda reference: kit.verify('O\'Brien "Ngāio" + 🥝', reference),
        "shuftipro": lambda reference: kit.check(reference=reference),
    }[vendor]
    send("the-first-one")
    entry = kit.newest()
    text = kit.get(f"requests/{entry['id']}/scenario")["yaml"]
    document = yaml.safe_load(text)
    (name,) = (scenario["name"] for scenario in document["scenarios"])
    assert document["scenarios"][0]["respond"] == {"outcome": entry["outcome"]}
    kit.post("scenarios", {"yaml": text})
    send("the-second-one")
    assert kit.newest()["scenario"] == name


def test_a_text_that_is_no_yaml_says_where(kit: Kit) -> None:
    status, problem = kit.call("POST", "scenarios", {"yaml": "name: [\n"})
    assert (status, problem["problems"][0]["line"] > 0) == (422, True)


def test_a_refusal_is_explained_as_text(kit: Kit) -> None:
    kit.verify(signature="0" * 64)
    text = kit.get(f"requests/{kit.newest()['id']}/copy", form="explanation")["text"]
    assert "POST /verify/ → 200 (cloudcheck, verify, error 106)" in text
    assert "What has to be signed: /verify/data=" in text


def test_an_unknown_form_is_a_mistake(kit: Kit) -> None:
    kit.verify()
    status, problem = kit.call("GET", f"requests/{kit.newest()['id']}/copy", form="pytst")
    assert (status, problem["remedy"]) == (400, "did you mean pytest?")


@pytest.fixture
def live(kit: Kit) -> Iterator[LiveServer]:
    service = Service(kit.service.config)
    with LiveServer(service, lambda: create_app(service)) as running:
        yield running


PROGRAMS = {
    "curl": lambda text, file: shlex.split(text),
    "node": lambda text, file: [_program("node"), str(file)],
    "php": lambda text, file: [_program("php"), str(file)],
}


def _program(name: str) -> str:
    path = shutil.which(name)
    assert path, f"{name} is not installed; make test installs it"
    return path


def ask(live: LiveServer, path: str, method: str = "GET") -> Any:
    from urllib.request import Request, urlopen

    with urlopen(Request(f"{live.url}/__admin/{path}", method=method), timeout=10) as response:
        return json.load(response)


@pytest.mark.parametrize("vendor", ["cloudcheck", "shuftipro"])
@pytest.mark.parametrize("form", PROGRAMS)
def test_a_copied_request_is_accepted(live: LiveServer, tmp_path: Path, vendor: str, form: str) -> None:
    sent = ask(live, f"providers/{vendor}/first?account=test-a", "POST")
    assert sent["status"] == 200
    text = ask(live, f"requests/{sent['request']}/copy?account=test-a&form={form}")["text"]
    text = text.replace("first-steps-", "copied-")
    if (vendor, form) == ("cloudcheck", "curl"):  # signed: it is sent as it was copied
        text = ask(live, f"requests/{sent['request']}/copy?account=test-a&form={form}")["text"]
    file = tmp_path / {"node": "sample.mjs", "php": "sample.php"}.get(form, "sample.sh")
    file.write_text(text)
    done = subprocess.run(PROGRAMS[form](text, file), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    newest = ask(live, "requests?account=test-a&limit=1&brief=1")["requests"][0]
    assert newest["id"] != sent["request"]
    assert (newest["provider"], newest["error"], newest["fate"]) == (vendor, "", "passed")


@pytest.mark.parametrize("vendor", ["cloudcheck", "shuftipro"])
def test_a_copied_pytest_is_python(kit: Kit, vendor: str) -> None:
    sent = kit.post(f"providers/{vendor}/first")
    text = kit.get(f"requests/{sent['request']}/copy", form="pytest")["text"]
    (function,) = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    assert function.name == "test_request"


def test_only_public_secrets_are_shown(tmp_path: Path) -> None:
    kit = Kit(tmp_path, accounts={"acme": {"shuftipro": {"secret_key": "deep-secret-9"}}})
    kit.post("providers/shuftipro/first", account="acme")
    entry = kit.newest("acme")["id"]
    texts = [
        kit.get("providers/shuftipro/first", account="acme"),
        *(kit.get(f"requests/{entry}/copy", account="acme", form=form) for form in ("curl", "node", "php")),
    ]
    assert "deep-secret-9" not in str(texts)
    assert "YOUR-SECRET" in str(texts)
    assert "test-a-secret" in str(kit.get("providers/shuftipro/first"))


def test_states_that_allow_nothing_offer_nothing(kit: Kit) -> None:
    kit.check(background_checks=None, document={"supported_types": ["passport"], "name": ""})
    assert "cancelled" in kit.get("verifications/check-1")["decisions"]
    kit.post("verifications/check-1/decide", {"outcome": "accepted"})
    assert "cancelled" not in kit.get("verifications/check-1")["decisions"]
    kit.post("verifications/check-1/decide", {"outcome": "deleted"})
    assert kit.get("verifications/check-1")["decisions"] == []
    kit.verify("Okafor", "plain")
    kit.verify("Marlowe", "match")
    assert kit.get("verifications/plain")["decisions"] == []
    assert kit.get("verifications/match")["decisions"][0] == "cleared"


DISTURBING: list[tuple[dict[str, Any], str]] = [
    (
        {"chance": "10%", "respond": {"status": 503, "body": "busy"}},
        "10 % of verify requests: status 503 (<inline>).",
    ),
    ({"respond": {"fault": "reset"}}, "All verify requests: the connection breaks (reset) (<inline>)."),
    (
        {"respond": {"outcome": "verified", "delay": "30s"}},
        "All verify requests: 30 s or more of waiting (<inline>).",
    ),
    (
        {"chance": "50%", "respond": {"outcome": "pep-match"}},
        "50 % of verify requests: answered by this scenario (<inline>).",
    ),
    (
        {"sequence": [{"respond": {"status": 502}}, {"respond": {"outcome": "verified"}}]},
        "All verify requests: status 502 (<inline>).",
    ),
]


@pytest.mark.parametrize(("scenario", "text"), DISTURBING, ids=[text for _, text in DISTURBING])
def test_what_disturbs_every_request_is_told_with_the_way_back(
    kit: Kit, scenario: dict[str, Any], text: str
) -> None:
    name = "chaos / ngāi tātou 50%"
    kit.post(
        "scenarios", {"provider": "cloudcheck", "name": name, "match": {"operation": "verify"}, **scenario}
    )
    notice = notices(kit)["chaos"]
    assert (notice["title"], notice["text"]) == (f"{name} disturbs this account.", text)
    undo = notice["undo"]
    assert kit.call(undo["method"], undo["path"], undo["body"])[0] == 200
    assert set(notices(kit)) == {"switched-off"}


@pytest.mark.parametrize(
    "scenario",
    [
        {
            "match": {"operation": "verify", "body.reference": {"prefix": "flaky-"}},
            "chance": "10%",
            "respond": {"status": 503},
        },
        {"match": {"operation": "verify"}, "respond": {"outcome": "not-verified"}},
        {"match": {"operation": "verify"}, "enabled": False, "respond": {"fault": "reset"}},
    ],
    ids=["some", "an-outcome", "disabled"],
)
def test_what_disturbs_some_requests_or_none_is_not_unusual(kit: Kit, scenario: dict[str, Any]) -> None:
    kit.post("scenarios", {"provider": "cloudcheck", "name": "mine", **scenario})
    assert "chaos" not in notices(kit)


def test_no_shipped_scenario_disturbs_everybody(tmp_path: Path) -> None:
    from mock_server.core import shipped

    kit = Kit(tmp_path, scenarios="version: 1\nprovider: cloudcheck\nscenarios: []\n")
    kit.service.scenario_paths = [shipped.scenarios()]
    kit.service.reload()
    assert kit.get("scenarios")["total"] > 50
    assert notices(kit) == {}
