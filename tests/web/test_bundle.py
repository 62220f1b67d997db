"""A run of an account in one file: what is in it, what is not, and that it can be run again."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec
import pytest

from mock_server.core.exceptions import ConfigError
from mock_server.web.bundle.model import Bundle, read, write
from mock_server.web.bundle.pseudonyms import Pseudonyms
from mock_server.web.bundle.rerun import rerun
from tests.web.kit import CHECK, PERSON, Kit

SECRET = "s3cr€t-that-nobody-may-see"
ACME = {
    "cloudcheck": {"key": "acme-key", "secret": SECRET},
    "shuftipro": {"client_id": "acme", "secret_key": SECRET + "-2"},
}
PROOF = "data:image/jpeg;base64,/9j/4AAQSkZJRg" + "QUJD" * 400


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, accounts={"acme": ACME}, seed=7) as kit:
        yield kit


def bundle(kit: Kit, account: str = "test-a", **query: Any) -> Bundle:
    return msgspec.convert(kit.get("bundle", account=account, **query), Bundle, strict=False)


def differences(bundle: Bundle) -> list[tuple[str, ...]]:
    return [outcome.differences for outcome in rerun(bundle)]


def busy(kit: Kit, account: str = "test-a") -> None:
    """Both vendors, accepted, refused, by scenario, with pauses between."""
    kit.verify("Ngata", "order 1 + ā", account=account)
    kit.clock.advance(3)
    kit.verify("Marlowe", "order-2", account=account)
    kit.verify("O'Brien", "order-3", account=account, secret="wrong")
    kit.clock.advance(60)
    kit.check(account, background_checks={**PERSON, "name": {"first_name": "Aroha", "last_name": "Ngāta"}})
    kit.check(account)
    kit.check(account, reference="check-2", country="Nowhere")
    document = {"proof": PROOF, "supported_types": ["passport"], "name": "", "dob": ""}
    kit.check(account, reference="check-3", background_checks=None, document=document)


def test_a_run_again_answers_the_same_bytes(kit: Kit) -> None:
    busy(kit)
    run = bundle(kit)
    assert [exchange.status for exchange in run.journal] == [200, 200, 200, 200, 400, 400, 200]
    assert differences(run) == [()] * 7


def test_a_run_with_personal_data_left_in(kit: Kit) -> None:
    busy(kit)
    run = bundle(kit, personal=1)
    assert b"Ng\\u0101ta" in run.journal[3].request.body
    assert differences(run) == [()] * 7


def test_personal_data_become_pseudonyms_of_the_same_form(kit: Kit) -> None:
    busy(kit)
    raw = msgspec.json.encode(bundle(kit))
    shown = " ".join(
        (exchange.request.body + exchange.body).decode()
        for exchange in msgspec.json.decode(raw, type=Bundle).journal
    )
    assert [
        word for word in ("Ngata", "Aroha", "Okafor", "1987-03-14", "QUJD" * 20, "Tamsin") if word in shown
    ] == []
    assert "Marlowe" in shown
    assert "order+1" in shown


def test_secrets_of_a_declared_account_are_not_in_it(kit: Kit) -> None:
    credentials = {"key": "acme-key", "secret": SECRET}
    kit.verify("Okafor", "order-1", account="acme", **credentials)
    kit.post(
        "signature/explain", {"provider": "cloudcheck", "path": "/verify/", "params": {}}, account="acme"
    )
    authorization = {"Authorization": ACME_BASIC}
    for headers in (authorization, {"Authorization": authorization["Authorization"][:-4] + "AAA="}):
        kit.http.post("/", json=CHECK, headers=headers)
    run = bundle(kit, "acme")
    text = msgspec.json.encode(run).decode()
    bodies = b"".join(exchange.request.body for exchange in run.journal).decode()
    assert (SECRET in text, SECRET in bodies, authorization["Authorization"] in text) == (False, False, False)
    assert run.sections["cloudcheck"] == {"key": "acme-key", "secret": "stand-in-cloudcheck-secret"}
    assert differences(run)[0] == ()
    assert differences(run)[1] == ()


ACME_BASIC = "Basic YWNtZTpzM2Ny4oKsdC10aGF0LW5vYm9keS1tYXktc2VlLTI="
SPELLINGS = {
    "as it is": SECRET,
    "in capitals": SECRET.upper(),
    "percent-encoded": quote(SECRET, safe=""),
    "percent-encoded twice": quote(quote(SECRET, safe=""), safe=""),
    "escaped as in JSON": json.dumps(SECRET)[1:-1],
    "escaped as in HTML": SECRET.replace("€", "&euro;"),
    "read as Latin-1": SECRET.encode().decode("cp1252"),
    "Base64": b64encode(SECRET.encode()).decode(),
    "Base64 within more": b64encode(f'{{"a":"{SECRET}"}}'.encode()).decode(),
    "hexadecimal": SECRET.encode().hex(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_not_in_it_in_any_spelling(kit: Kit, spelling: str) -> None:
    written = SPELLINGS[spelling]
    body = json.dumps({**CHECK, "reference": f"trace {written}"}, ensure_ascii=False)
    headers = {"Authorization": ACME_BASIC, "X-Trace": quote(written, safe="&;")}
    kit.http.post(f"/?trace={quote(written, safe='&;')}", data=body.encode(), headers=headers)
    scenario = {"provider": "shuftipro", "name": "mine", "description": f"for {written}"}
    kit.post("scenarios", {**scenario, "respond": {"outcome": "declined"}}, account="acme")
    archive = bundle(kit, "acme")
    (exchange,) = archive.journal
    request = exchange.request
    texts = [request.headers["x-trace"], request.query, request.body.decode(), exchange.body.decode()]
    for text in (*texts, archive.inline[0]["description"]):
        assert "stand-in" in text
        assert written not in unquote(text)


def test_inline_scenarios_pins_and_the_clock_are_part_of_it(kit: Kit) -> None:
    kit.put("clock", {"freeze": "2031-05-06T07:08:09Z"})
    scenario = {"name": "mine", "match": {"operation": "verification"}, "respond": {"outcome": "declined"}}
    kit.post("scenarios", {"provider": "shuftipro", **scenario})
    kit.put("scenarios/pinned", {"name": "mine"})
    assert kit.check()["event"] == "verification.declined"
    run = bundle(kit)
    assert (run.pinned, [one["name"] for one in run.inline], run.seed) == ("mine", ["mine"], 7)
    assert differences(run) == [()]


ROWS = """\
version: 1
provider: shuftipro
scenarios:
  - name: "customer {{ row.id }}"
    tags: [sheet]
    rows: _data/customers.csv
    match: {operation: verification, body.reference: "{{ row.id }}"}
    respond: {outcome: "{{ row.outcome }}"}
  - {name: late, tags: [slow], match: {operation: verification}, respond: {status: 503}}
"""


def test_tables_and_tags_are_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "_data").mkdir()
    (tmp_path / "_data" / "customers.csv").write_text("id,outcome\ncheck-1,declined\n")
    (tmp_path / "unused.csv").write_text("id\n1\n")
    with Kit(tmp_path, scenarios=ROWS, tags="sheet", seed=7) as kit:
        assert kit.check()["event"] == "verification.declined"
        assert kit.check(reference="check-2")["event"] == "verification.accepted"
        run = bundle(kit)
    assert [file.path for file in run.scenarios] == ["1/_data/customers.csv", "1/some.yaml"]
    assert (run.tags, run.skip_tags) == (["sheet"], [])
    assert differences(run) == [(), ()]


def test_variables_of_the_scenarios_are_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_SHOP", "Kāinga & Co 🏠")
    monkeypatch.setenv("MOCK_HOOK_TOKEN", "t0k3n-that-nobody-may-see")
    monkeypatch.setenv("MOCK_UNUSED", "not in it")
    scenario = (
        "version: 1\nprovider: cloudcheck\nscenarios:\n  - name: shop\n    respond:\n      status: 503\n"
        '      body: "{{ env.MOCK_SHOP }} {{ env.MOCK_HOOK_TOKEN }} {{ env.MOCK_ABSENT | default(1) }}"\n'
    )
    with Kit(tmp_path, scenarios=scenario) as kit:
        kit.verify()
        run = bundle(kit)
    assert run.environment == {"MOCK_SHOP": "Kāinga & Co 🏠", "MOCK_HOOK_TOKEN": "stand-in-MOCK_HOOK_TOKEN"}
    assert run.journal[0].body.decode() == "Kāinga & Co 🏠 stand-in-MOCK_HOOK_TOKEN 1"
    for name in ("MOCK_SHOP", "MOCK_HOOK_TOKEN"):
        monkeypatch.delenv(name)
    assert differences(run) == [()]
    assert "MOCK_SHOP" not in os.environ


def test_a_bundle_cannot_set_other_variables(kit: Kit) -> None:
    busy(kit)
    for name in ("PATH", "MOCK_SERVER_ADMIN_TOKEN"):
        with pytest.raises(ConfigError, match=f"scenarios cannot read: {name}"):
            differences(msgspec.structs.replace(bundle(kit), environment={name: "x"}))


def test_what_differs_is_said_member_by_member(kit: Kit) -> None:
    kit.check()
    run = bundle(kit)
    [exchange] = run.journal
    body = json.loads(exchange.body)
    body["event"] = "verification.declined"
    body["extra"] = 1
    del body["reference"]
    changed = msgspec.structs.replace(
        exchange, status=201, body=json.dumps(body).encode(), headers=[*exchange.headers, ("X-Other", "1")]
    )
    [said] = differences(msgspec.structs.replace(run, journal=[changed]))
    assert said == (
        "status: was 201, is 200",
        "header x-other: was 1, is not there",
        'body event: was "verification.declined", is "verification.accepted"',
        "body extra: is missing",
        "body reference: is new",
    )
    text = msgspec.structs.replace(exchange, body=b"not JSON")
    [[line]] = differences(msgspec.structs.replace(run, journal=[text]))
    assert line.startswith('body, from byte 0: was "not JSON", is "{')


def test_timers_of_the_vendor_run_when_they_are_due(kit: Kit) -> None:
    kit.verify("Okafor", "order-1")
    kit.clock.advance(90 * 86_400)
    kit.verify("Okafor", "order-2")
    assert differences(bundle(kit)) == [(), ()]


@pytest.mark.parametrize("name", ["run.json", "deep/run.json.gz"])
def test_a_bundle_is_written_and_read_back(kit: Kit, tmp_path: Path, name: str) -> None:
    kit.check()
    run = bundle(kit)
    write(tmp_path / name, msgspec.json.encode(run))
    assert read(tmp_path / name) == run


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{}", "is not a bundle"),
        (b"\x1f\x8b\x08", "is not a bundle"),
        (b"\xff\xfe", "is not a bundle"),
    ],
    ids=["another document", "cut off", "not text"],
)
def test_what_is_no_bundle_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read(tmp_path / "x")


def test_a_bundle_of_another_version_is_refused(kit: Kit, tmp_path: Path) -> None:
    write(tmp_path / "x", msgspec.json.encode(msgspec.structs.replace(bundle(kit), version=9)))
    with pytest.raises(ConfigError, match="is a bundle of version 9; this mock server reads version 1"):
        read(tmp_path / "x")
    with pytest.raises(ConfigError, match="No such file"):
        read(tmp_path / "missing")


def test_a_bundle_cannot_write_outside_its_folder(kit: Kit) -> None:
    kit.check()
    run = bundle(kit)
    file = msgspec.structs.replace(run.scenarios[0], path="../../evil.yaml")
    with pytest.raises(ConfigError, match="outside its folder"):
        list(rerun(msgspec.structs.replace(run, scenarios=[file])))


@pytest.mark.parametrize(
    ("key", "value", "form"),
    [
        ("name", "Tamsin", r"[A-Z][a-z]{5}"),
        ("first_name", "Ngā", r"[A-Z][a-z]ō"),
        ("dob", "1987-03-14", r"1987-01-01"),
        ("phone", "+6421 555-0199", r"\+64\d\d \d{3}-\d{4}"),
        ("email", "a.b@example.test", r"[a-z]\.[a-z]@[a-z]{7}\.[a-z]{4}"),
        ("ip_address", "10.1.2.3", r"192\.0\.2\.\d+"),
        ("reference", "customer-1", r"customer-1"),
        ("name", "Al", r"Al"),
        ("family", "Marlowe", r"Marlowe"),
    ],
    ids=lambda value: value,
)
def test_forms(key: str, value: str, form: str) -> None:
    pseudonyms = Pseudonyms(0, "test-a", ["marlowe"])
    pseudonyms.learn({"list": [{key: value}]})
    import re

    assert re.fullmatch(form, pseudonyms.text(value))


def test_only_whole_words_are_replaced() -> None:
    pseudonyms = Pseudonyms(0, "test-a", [])
    pseudonyms.learn({"number": "12345", "name": "Ann"})
    assert pseudonyms.text("9123456 Annual") == "9123456 Annual"


def test_a_file_of_a_form_keeps_its_type_and_size() -> None:
    pseudonyms = Pseudonyms(0, "test-a", [])
    image = b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 2
    kind = "multipart/form-data; boundary=b"
    head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x.png"\r\n\r\n'
    body = pseudonyms.body(head + image + b"\r\n--b--\r\n", kind)
    assert body == head + image[:64] + bytes(len(image) - 64) + b"\r\n--b--\r\n"


def test_a_state_is_exported_and_starts_another_account(kit: Kit) -> None:
    kit.put("clock", {"freeze": "2023-11-14T22:13:30Z"})
    kit.check(reference="ordér 1")
    kit.verify("Marlowe", "order-2")
    exported = kit.get("state/export")
    assert {record["provider"] for record in exported["records"]} == {"cloudcheck", "shuftipro"}
    kit.check(account="test-b", reference="is-replaced")
    assert kit.post("state/import", exported, account="test-b") == {"records": len(exported["records"])}
    assert kit.get("state/export", account="test-b") == {**exported, "account": "test-b"}
    assert kit.get("clock", account="test-b")["now"] == "2023-11-14T22:13:30.000Z"
    assert kit.check(account="test-b", reference="ordér 1")["event"] == "request.invalid"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.update(version=2), "a state of version 2 cannot be read"),
        (lambda state: state["records"].append(state["records"][0]), "two records have the same"),
    ],
    ids=["version", "twice"],
)
def test_a_state_that_cannot_be_imported(kit: Kit, change: Any, message: str) -> None:
    kit.check()
    state = kit.get("state/export")
    change(state)
    status, problem = kit.call("POST", "state/import", state, account="test-b")
    assert (status, problem["detail"].startswith(message)) == (422, True)
