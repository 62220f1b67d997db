"""`mock-server try` says, without a server, which scenario answers and with what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mock_server.cli.main import verbs
from mock_server.providers import registry

PLAN = """\
version: 1
provider: %s
scenarios:
  - name: "customer {{ row.id }}"
    rows: [{id: a, outcome: %s}, {id: b, outcome: %s}]
    match: {operation: %s, body.reference: {prefix: "shop-{{ row.id }}-"}}
    respond: {outcome: "{{ row.outcome }}", delay: 2s}
    callbacks: [{event: %s, after: 5m, url: "http://localhost:9/{{ row.id }}", deliver: [ok, duplicate]}]
"""
VENDORS = {
    "shuftipro": ("accepted", "declined", "verification", "verification.declined"),
    "cloudcheck": ("verified", "not-verified", "verify", "PEP_MATCH_REVIEW"),
}


def plan(folder: Path, provider: str) -> Path:
    file = folder / "plan.yaml"
    file.write_text(PLAN % (provider, *VENDORS[provider]))
    return file


def tried(*arguments: object) -> str:
    result = CliRunner().invoke(verbs, ["try", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def rows_of(*arguments: object) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = json.loads(tried(*arguments, "--format", "json"))
    return shown


@pytest.mark.parametrize("provider", VENDORS)
def test_each_operation_gets_a_sample_and_each_scenario_a_request(tmp_path: Path, provider: str) -> None:
    shown = rows_of(plan(tmp_path, provider), "--limit", 1)
    samples = [one for one in shown if "meant_for" not in one]
    vendor = registry.build({})[provider].samples
    assert vendor is not None
    assert [one["operation"] for one in samples] == list(vendor.OPERATIONS)
    assert {one["scenario"] for one in samples} == {None}
    assert [one["refusal"] for one in samples] == [None] * len(samples)
    assert {one["status"] for one in samples} == {200}
    fitted = [(one["scenario"]["name"], one["outcome"], one["delay"]) for one in shown if "meant_for" in one]
    assert fitted == [
        ("customer a", VENDORS[provider][0], 2.0),
        ("customer b", VENDORS[provider][1], 2.0),
    ]


def test_callbacks_and_near_misses_are_shown(tmp_path: Path) -> None:
    file = plan(tmp_path, "shuftipro")
    text = tried(file, "--limit", 1)
    assert "callback  verification.declined after 300 s to http://localhost:9/b, deliver" in text
    assert f"scenario  customer a at {file}:5\n" in text
    assert 'body.reference: expected begins with "shop-a-", actual "try-0001"' in text
    assert "status    200 declined after 2 s" in text


BODY = {
    "reference": "shop-b-7",
    "country": "NZ",
    "background_checks": {"name": {"first_name": "Māia", "last_name": "陳"}, "dob": "1987-03-14"},
}


def test_a_body_alone_is_sent_with_credentials(tmp_path: Path) -> None:
    file, body = plan(tmp_path, "shuftipro"), tmp_path / "body.json"
    body.write_text(json.dumps(BODY))
    (one,) = rows_of(file, body)
    assert (one["scenario"]["name"], one["outcome"], one["body"]["reference"]) == (
        "customer b",
        "declined",
        "shop-b-7",
    )
    (status,) = rows_of(file, body, "--operation", "status")
    assert (status["operation"], status["scenario"]) == ("status", None)


def test_a_body_may_stand_on_the_command_line(tmp_path: Path) -> None:
    (one,) = rows_of(plan(tmp_path, "shuftipro"), json.dumps(BODY))
    assert one["scenario"]["name"] == "customer b"


@pytest.mark.parametrize(
    ("file", "request_text", "said"),
    [
        ("gone.yaml", "", "FILE: gone.yaml: no such file or directory"),
        (
            "",
            '{"reference": "Māui',
            "REQUEST: The value ends before its JSON does. Write it with a JSON library",
        ),
        ("", "gone.http", "gone.http: No such file or directory"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, file: str, request_text: str, said: str) -> None:
    result = CliRunner().invoke(verbs, ["try", file or str(plan(tmp_path, "shuftipro")), request_text])
    assert result.exit_code == 2
    assert said in result.output


def test_a_whole_request_is_sent_with_right_credentials(tmp_path: Path) -> None:
    file, request = plan(tmp_path, "shuftipro"), tmp_path / "request.json"
    request.write_text(json.dumps({"method": "POST", "path": "/", "json": BODY}))
    (one,) = rows_of(file, request)
    assert (one["status"], one["scenario"]["name"], one["refusal"]) == (200, "customer b", None)


def test_what_is_refused_says_why(tmp_path: Path) -> None:
    file, body = plan(tmp_path, "shuftipro"), tmp_path / "body.json"
    body.write_text(json.dumps({**BODY, "country": "Nowhere"}))
    text = tried(file, body)
    assert "refused   request.invalid: " in text
    assert "status    400" in text


def test_an_unknown_operation_is_named(tmp_path: Path) -> None:
    file, body = plan(tmp_path, "shuftipro"), tmp_path / "body.json"
    body.write_text(json.dumps(BODY))
    result = CliRunner().invoke(verbs, ["try", str(file), str(body), "--operation", "verify"])
    assert result.exit_code == 2
    assert "unknown operation 'verify'; use verification, status" in result.output


def test_tags_choose_here_too(tmp_path: Path) -> None:
    assert rows_of(plan(tmp_path, "shuftipro"), "--tags", "none") == []


def test_the_list_of_files_has_rows_and_what_is_switched_off(tmp_path: Path) -> None:
    file = plan(tmp_path, "shuftipro")
    (tmp_path / "rows.csv").write_text("id\nMāia\n", "utf-8")
    text = PLAN % ("shuftipro", *VENDORS["shuftipro"])
    more = "  - {name: 'of {{ row.id }}', rows: rows.csv, match: {account: x}, respond: {status: 503}}\n"
    file.write_text(text + more + "  - {name: off, enabled: false, respond: {status: 503}}\n", "utf-8")
    result = CliRunner().invoke(verbs, ["scenarios", "--scenarios", str(file)], catch_exceptions=False)
    lines = [line.split() for line in result.output.splitlines() if line.startswith(("of", "off"))]
    assert [(line[0], line[-1].rpartition("/")[2]) for line in lines] == [
        ("of", "rows.csv:2"),
        ("off", "plan.yaml:10"),
    ]
    assert lines[1][1] == "(off)"
