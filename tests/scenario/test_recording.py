"""Recorded exchanges become scenarios in which nobody can be recognised."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.scenario.personal import LONG
from mock_server.scenario.recording import RecordedExchange, Recording
from tests.scenario.postcard import VOCABULARY

REQUEST = {
    "reference": "order-4711",
    "email": "tamsin@shop.example",
    "person": {"first_name": "Tamsin", "last-name": "Okafor", "dob": "1987-03-14"},
    "consent": "Yes",
}
PARAMS = {"key": "real-key-1", "username": "agent.7", "data": "{}"}
SECRETS = {"real-key-1": "(key)", "real-secret-1": "(secret)"}


def recorded(
    answer: Any, *, operation: str = "send", body: Any = REQUEST, status: int = 200, kind: str = ""
) -> RecordedExchange:
    return RecordedExchange(operation, PARAMS, body, status, answer, kind)


def respond(answer: Any, **options: Any) -> Any:
    recording = Recording("postcard", SECRETS)
    recording.add(recorded(answer, **options))
    return recording.document()["scenarios"][0]["respond"]


@pytest.mark.parametrize(
    ("came", "written"),
    [
        ({"reference": "order-4711"}, {"reference": "{{ request.body.reference }}"}),
        ({"by": "agent.7"}, {"by": "{{ request.params.username }}"}),
        ({"to": "Tamsin"}, {"to": "{{ request.body.person.first_name | default(fake.first_name()) }}"}),
        ({"to": "Okafor"}, {"to": '{{ request.body.person["last-name"] | default(fake.last_name()) }}'}),
        ({"text": "for order-4711."}, {"text": "for {{ request.body.reference }}."}),
        ({"dob": "1990-01-01"}, {"dob": "{{ fake.date_of_birth(minimum_age=18, maximum_age=80) | string }}"}),
        ({"name": {"last_name": "Someone"}}, {"name": {"last_name": "{{ fake.last_name() }}"}}),
        ({"full_name": "Some One"}, {"full_name": "{{ fake.name() }}"}),
        (
            {"sources": [{"success": True, "name": "Registry"}]},
            {"sources": [{"success": True, "name": "Registry"}]},
        ),
        (
            {"document_number": 12345678, "passport_number": "LA123456", "licence": "12345678"},
            {
                "document_number": "{{ random.integer(10000000, 99999999) }}",
                "passport_number": "{{ random.token(8) | upper }}",
                "licence": "{{ random.digits(8) }}",
            },
        ),
        ({"first_name": True}, {"first_name": True}),
        ({"first_name": ""}, {"first_name": ""}),
        ({"note": "write to some.one@else.example"}, {"note": "write to {{ fake.email() }}"}),
        ({"id": "7e86a37f-1c79-4e1c-aa4b-6cddaa966737"}, {"id": "{{ uuid() }}"}),
        ({"url": f"https://v.example/{'a1' * 20}/x"}, {"url": "https://v.example/{{ random.hex(40) }}/x"}),
        ({"url": f"https://v.example/{'Zx9' * 16}"}, {"url": "https://v.example/{{ random.token(48) }}"}),
        ({"seen_at": "from 203.0.113.9"}, {"seen_at": "from {{ '192.0.2.' ~ random.integer(1, 254) }}"}),
        ({"key": "real-key-1/real-secret-1"}, {"key": "(key)/(secret)"}),
        ({"image": "A" * (LONG + 1)}, {"image": f"(left out: {LONG + 1} characters)"}),
        (
            {"hint": "{{ name }} {% if %} {# x #}"},
            {"hint": "{{ '{{' }} name }} {{ '{%' }} if %} {{ '{#' }} x #}"},
        ),
        ({"country": "NZ", "score": 0.5, "ok": None}, {"country": "NZ", "score": 0.5, "ok": None}),
        (
            ["Tamsin", {"city": "Oslo"}],
            [
                "{{ request.body.person.first_name | default(fake.first_name()) }}",
                {"city": "{{ fake.city() }}"},
            ],
        ),
        ("a text", "a text"),
    ],
    ids=str,
)
def test_what_is_personal_or_secret_becomes_a_template(came: Any, written: Any) -> None:
    assert respond(came) == {"body": written}


def test_status_and_type_are_kept_where_they_are_not_the_usual_ones() -> None:
    assert respond("down", status=503, kind="text/plain") == {
        "status": 503,
        "headers": {"Content-Type": "text/plain"},
        "body": "down",
    }


def test_a_scenario_is_reached_by_a_reference_of_its_own() -> None:
    recording = Recording("postcard", {})
    names = [recording.add(recorded({}, body={"reference": reference})) for reference in ("first", "second")]
    names.append(recording.add(RecordedExchange("send", {"reference": "third"}, None, 200, {})))
    names.append(recording.add(recorded({}, body={})))
    assert names == ["recorded-send-1", "recorded-send-2", "recorded-send-3", "recorded-send"]
    assert [scenario["match"] for scenario in recording.document()["scenarios"]] == [
        {"operation": "send", "body.reference": {"prefix": "recorded-1-"}},
        {"operation": "send", "body.reference": {"prefix": "recorded-2-"}},
        {"operation": "send", "params.reference": {"prefix": "recorded-3-"}},
        {"operation": "send"},
    ]


def test_repeated_exchanges_of_one_reference_become_a_sequence() -> None:
    recording = Recording("postcard", {})
    for state in ("pending", "accepted"):
        recording.add(recorded({"state": state}))
    (scenario,) = recording.document()["scenarios"]
    assert [{"respond": {"body": {"state": state}}} for state in ("pending", "accepted")] == scenario[
        "sequence"
    ]
    assert "respond" not in scenario


def test_the_document_is_a_scenario_file() -> None:
    from mock_server.scenario.loader import compile_inline

    recording = Recording("postcard", SECRETS)
    recording.add(recorded({"to": "Tamsin", "id": "7e86a37f-1c79-4e1c-aa4b-6cddaa966737", "hint": "{{ x }}"}))
    assert [scenario.name for scenario in compile_inline(recording.document(), {"postcard": VOCABULARY})] == [
        "recorded-send-1"
    ]
