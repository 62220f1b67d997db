"""A scenario with `rows` is one for each row of a table: a sheet, a YAML file, or a list in the file itself."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from mock_server.scenario import lint, rows, schema, source
from mock_server.scenario.facts import MappingFacts
from mock_server.scenario.loader import ScenarioSet, compile_inline, load
from mock_server.scenario.model import Scenario
from mock_server.scenario.problems import ScenarioProblems
from mock_server.scenario.rendering import render
from mock_server.scenario.selection import select
from tests.scenario.postcard import VOCABULARIES, RequestContext, document, write

SCENARIO = """
- name: "to {{ row.id }}"
  rows: customers.csv
  match: {operation: send, body.reference: "{{ row.reference }}"}
  respond: {outcome: "{{ row.outcome }}", decline: "{{ row.codes | split(';') }}"}
"""
SHEET = """id,reference,outcome,codes,name
1,shop-1,delivered,,Ngāta
2,"shop-2, or 3",returned,P01;P02,"Aroha ""Joe"" O'Neill"
3,shop 3 🐑,lost,,陳大文
"""


def put(folder: Path, scenarios: str = SCENARIO, **tables: str | bytes) -> Path:
    """The file with the scenarios, and tables beside it: ``customers="id\\n1"`` is customers.csv."""
    for name, text in tables.items():
        raw = text if isinstance(text, bytes) else text.encode()
        (folder / f"{name.replace('_yaml', '.yaml') if '_yaml' in name else name + '.csv'}").write_bytes(raw)
    return write(folder, document(scenarios))


def scenarios_of(folder: Path) -> tuple[Scenario, ...]:
    return load([folder], VOCABULARIES).scenarios("postcard")


def findings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(folder)
    return [str(problem) for problem in lint.check([Path("cards.yaml")], VOCABULARIES)]


def test_a_sheet_makes_a_scenario_of_each_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, customers=SHEET)
    assert findings(tmp_path, monkeypatch) == []
    scenarios = scenarios_of(Path())
    assert [(one.name, one.row, one.source) for one in scenarios] == [
        ("to 1", "customers.csv:2", "cards.yaml:4"),
        ("to 2", "customers.csv:3", "cards.yaml:4"),
        ("to 3", "customers.csv:4", "cards.yaml:4"),
    ]
    responds = [one.steps[0].respond for one in scenarios]
    assert [(one.outcome, one.decline) for one in responds if one is not None] == [
        ("delivered", []),
        ("returned", ["P01", "P02"]),
        ("lost", []),
    ]
    assert scenarios[1].match[0].matcher.holds("shop-2, or 3")
    assert scenarios[2].match[0].matcher.holds("shop 3 🐑")


SHEETS: dict[str, str | bytes] = {
    "commas": b"id,name\n1,Ng\xc4\x81ta\n",
    "semicolons": "id;name\n1;Ngāta\n",
    "tabs": "id\tname\n1\tNgāta\n",
    "byte order mark": "id,name\n1,Ngāta\n".encode("utf-8-sig"),
    "line ends of Windows": "id,name\r\n1,Ngāta\r\n",
    "no line end": "id,name\n1,Ngāta",
    "quoted": '"id","name"\n"1","Ngāta"\n',
    "spaces after the separator": 'id, name\n1, "Ngāta"\n',
    "empty lines and rows": "id,name\n\n1,Ngāta\n,\n\n",
    "a separator in a quoted header": '"id","name","a;b;c;d"\n1,Ngāta,x\n',
    "empty cells at the end": "id,name\n1,Ngāta,,\n",
}


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_sheets_are_read_as_programs_write_them(tmp_path: Path, sheet: str | bytes) -> None:
    put(
        tmp_path, '- {name: "{{ row.id }} {{ row.name }}", rows: customers.csv, respond: {}}', customers=sheet
    )
    assert [one.name for one in scenarios_of(tmp_path)] == ["1 Ngāta"]


def test_a_cell_with_line_ends_counts_its_lines(tmp_path: Path) -> None:
    put(
        tmp_path,
        '- {name: "{{ row.id }}", rows: customers.csv, respond: {}}',
        customers='id,a\n1,"x\n\ny"\n2,z\n',
    )
    assert [one.row.rpartition(":")[2] for one in scenarios_of(tmp_path)] == ["2", "5"]


MORE = "- {id: a1, n: 503}\n- {id: b2, n: 404}\n"
TABLES = {
    "YAML": ("rows: more.yaml", {"more_yaml": MORE}),
    "inline": ("rows: [{id: a1, n: 503}, {id: b2, n: 404}]", {}),
    "a name with a variable": (
        "rows: \"{{ env.MOCK_NONE | default('more') }}.yaml\"",
        {"more_yaml": MORE},
    ),
}


@pytest.mark.parametrize(("rows", "tables"), TABLES.values(), ids=TABLES)
def test_a_value_that_is_one_expression_keeps_its_type(
    tmp_path: Path, rows: str, tables: dict[str, str]
) -> None:
    put(
        tmp_path,
        f'- {{name: "x {{{{ row.id }}}}", {rows}, respond: {{status: "{{{{ row.n }}}}"}}}}',
        **tables,
    )
    responses = [one.steps[0].respond for one in scenarios_of(tmp_path)]
    assert [one.status for one in responses if one is not None] == [503, 404]


def test_a_row_reaches_every_key_and_templates_of_a_request(tmp_path: Path) -> None:
    scenario = """
- name: "{{ row.id }}"
  rows: [{id: a, mail: a@x.test, wait: 2s, n: 2}, {id: b, mail: b@x.test, wait: 1s, n: 3}]
  description: "For {{ row.mail }}"
  match: {operation: send, body.to.name: {in: ["{{ row.id }}", "{{ row.mail }}"]}}
  set: {last: "{{ row.id }}"}
  sequence:
    by: body.to.name
    steps:
      - times: "{{ row.n }}"
        respond: {body: "{{ row.id }} of {{ request.body.reference }}", headers: {X-Row: "{{ row.mail }}"}}
      - callbacks: [{event: card.returned, after: "{{ row.wait }}", url: "http://x.test/{{ row.id }}/{{ request.body.reference }}"}]
"""
    put(tmp_path, scenario)
    second = scenarios_of(tmp_path)[1]
    context = RequestContext({"body": {"reference": "r-7"}})
    respond, callbacks = second.steps[0].respond, second.steps[1].callbacks
    assert respond is not None
    assert callbacks is not None
    assert (second.name, second.description, second.steps[0].times) == ("b", "For b@x.test", 3)
    assert render(respond.body, context) == "b of r-7"
    assert (respond.headers, second.sets) == ((("X-Row", "b@x.test"),), (("last", "b"),))
    assert (callbacks[0].after, render(callbacks[0].url, context)) == (1.0, "http://x.test/b/r-7")


def test_what_looks_like_a_template_in_a_cell_stays_text(tmp_path: Path) -> None:
    put(
        tmp_path,
        '- {name: "{{ row.id }}", rows: customers.csv, respond: {body: ["{{ row.id }}", "{{ row.id }} {{ now }}"]}}',
        customers="id\n{{ request.body.x }}\n",
    )
    respond = scenarios_of(tmp_path)[0].steps[0].respond
    assert respond is not None
    assert render(respond.body, RequestContext()) == [
        "{{ request.body.x }}",
        "{{ request.body.x }} 2026-01-01T00:00:00.000Z",
    ]


def mistake(scenarios: str, *expected: str, **tables: str | bytes) -> Any:
    return pytest.param(scenarios, tables, list(expected), id=expected[0].partition("; ")[0][:70])


NAMED = '- {name: "{{ row.id }}", rows: customers.csv, respond: {outcome: "{{ row.outcome }}"}}'
MISTAKES = [
    mistake(
        NAMED,
        "cards.yaml:4:68: customers.csv has no column `outcome`; did you mean `outcme`? [bad-template]",
        customers="id,outcme\n1,lost\n2,lost\n",
    ),
    mistake(
        NAMED,
        "customers.csv:3:1: postcard has no outcome `lots` (for `respond.outcome` at cards.yaml:4); "
        "did you mean `lost`? [unknown-outcome]",
        customers="id,outcome\n1,lost\n2,lots\n",
    ),
    mistake(
        NAMED.replace("respond", "match: {operation: send, body.reference: '{{ row.ref }}'}, respond"),
        "customers.csv:4:1: the name `7` is taken by the scenario at customers.csv:2 (for `name` at cards.yaml:4); "
        "put a column that differs into the name [same-name]",
        customers="id,outcome,ref\n7,lost,a\n8,lost,b\n7,lost,c\n",
    ),
    mistake(
        "- {name: all, rows: customers.csv, match: {operation: send}, respond: {outcome: lost}}",
        "cards.yaml:4:12: all 2 rows make a scenario with the name `all`; put a column into it, such as "
        "`all {{ row.id }}` [same-name]",
        customers="id\n1\n2\n",
    ),
    mistake(
        NAMED.replace("customers.csv", "custommers.csv"),
        "cards.yaml:4:34: the file `custommers.csv` does not exist; did you mean `customers.csv`? [bad-rows]",
        customers="id\n1\n",
    ),
    mistake(
        NAMED,
        "cards.yaml:4:34: the file `customers.csv` does not exist; use one of: `cards.yaml` [bad-rows]",
    ),
    mistake(
        NAMED.replace("customers.csv", "../customers.csv"),
        "cards.yaml:4:34: `../customers.csv` is outside the scenario folder .; move the file there, and write its "
        "path from here [bad-rows]",
    ),
    mistake(
        NAMED.replace("customers.csv", "/etc/passwd"),
        "cards.yaml:4:34: `/etc/passwd` is outside the scenario folder .; move the file there, and write its path "
        "from here [bad-rows]",
    ),
    mistake(
        NAMED.replace("customers.csv", "customers.xlsx"),
        "cards.yaml:4:34: `customers.xlsx` is not a table; save it as `CSV UTF-8`, and write customers.csv [bad-rows]",
    ),
    mistake(
        NAMED.replace("customers.csv", "customers.tsv"),
        "cards.yaml:4:34: `customers.tsv` is not a table; rename it to customers.csv; tabs may separate its cells "
        "[bad-rows]",
    ),
    mistake(
        NAMED.replace("customers.csv", "customers.json"),
        "cards.yaml:4:34: `customers.json` is not a table; name a file that ends in .csv, .yaml or .yml [bad-rows]",
    ),
    mistake(
        NAMED,
        "customers.csv:1:1: the cells are separated by `|`; separate them with `,`, `;` or tabs [bad-rows]",
        customers="id|outcome\n1|lost\n",
    ),
    mistake(
        "- {name: '{{ row.id }}', rows: customers.csv, respond: {status: '{{ row.status }}', body: x}}",
        'customers.csv:2:1: `status` must be a whole number, not the text "503" (for `respond.status` at '
        'cards.yaml:4); a cell is a text; write `"{{ row.status | int }}"` in the scenario [wrong-type]',
        customers="id,status\n1,503\n",
    ),
    mistake(
        "- {name: '{{ row.id }}', rows: customers.csv, enabled: '{{ row.on }}', respond: {status: 503}}",
        'customers.csv:2:1: `enabled` must be true or false, not the text "no" (for `enabled` at cards.yaml:4); '
        "a cell is a text; write `\"{{ row.on == 'yes' }}\"` in the scenario [wrong-type]",
        customers="id,on\n1,no\n",
    ),
    mistake(
        "- {name: '{{ row.id }}', rows: customers.csv, enabled: '{{ row.on }}', respond: {status: 503}}",
        'customers.csv:2:1: `enabled` must be true or false, not the text "TRUE" (for `enabled` at cards.yaml:4); '
        "a cell is a text; write `\"{{ row.on | lower == 'true' }}\"` in the scenario [wrong-type]",
        customers="id,on\n1,TRUE\n",
    ),
    mistake(
        "- {name: '{{ row.id }}', rows: customers.csv, respond: {body: '{{ row.last-name }}'}}",
        "cards.yaml:4:65: customers.csv has no column `last`; write `row['last-name']` [bad-template]",
        customers="id,last-name\n1,Ngāta\n",
    ),
    mistake(
        NAMED,
        "customers.csv:2:6: byte 0xe4 is not UTF-8; save it as UTF-8; in a spreadsheet choose `CSV UTF-8` [bad-rows]",
        customers=b"id,outcome\n1,los\xe4\n",
    ),
    mistake(
        NAMED,
        "customers.csv:1:1: the file is UTF-16; save it as UTF-8; in a spreadsheet choose `CSV UTF-8` [bad-rows]",
        customers="id,outcome\n1,lost\n".encode("utf-16"),
    ),
    mistake(
        NAMED,
        "customers.csv:3:1: the row has 1 cell, and the header names 2; separate every cell with `;`, empty ones "
        'too, and quote a cell that has `;` in it: "…" [bad-rows]',
        "customers.csv:4:1: the row has 3 cells, and the header names 2; separate every cell with `;`, empty ones "
        'too, and quote a cell that has `;` in it: "…" [bad-rows]',
        customers="id;outcome\n1;lost\n2\n3;lost;lost\n",
    ),
    mistake(
        NAMED,
        'customers.csv:3:1: a cell that begins with a quote (") is not closed, or goes on after it; close it, and '
        'write "" for a quote within a cell [bad-rows]',
        customers='id,outcome\n1,lost\n2,"lost\n3,lost\n',
    ),
    mistake(
        NAMED,
        "customers.csv:1:1: column 3 has no name; name it, or remove it; the first line of a table holds the names of its "
        "columns [bad-rows]",
        "customers.csv:1:1: two columns have the name `id`; give one of them another name [bad-rows]",
        customers="id,outcome,,id\n1,lost,x,2\n",
    ),
    mistake(
        NAMED,
        "customers.csv:1:1: the table is empty; begin it with a line of column names [bad-rows]",
        customers="\n",
    ),
    mistake(
        NAMED,
        "cards.yaml:4:34: warning: customers.csv has no rows; add some, or remove the scenario [empty-rows]",
        customers="id,outcome\n",
    ),
    mistake(
        "- {name: '{{ row.id }}', rows: [{id: 1}, {id: a, no: b}, 7], respond: {body: '{{ row.no }}'}}",
        "cards.yaml:4:60: row 3 is not a mapping; write for example `{id: a1, outcome: accepted}` [bad-rows]",
    ),
    mistake(
        "- {name: 'n{{ row.id }}', rows: [{id: 1}, {id: a, no: b}], respond: {body: '{{ row.no }}'}}",
        "cards.yaml:4:36: unknown name `no` in the row at cards.yaml:4; use one of: `id` (for `respond.body` at "
        "cards.yaml:4) [bad-template]",
    ),
    mistake(
        "- {name: one, rows: 7, respond: {}}",
        "cards.yaml:4:23: `rows` must be the name of a file, or a list of mappings; write for example "
        "`rows: customers.csv`, or `rows: [{id: a1}, {id: b2}]` [bad-rows]",
    ),
    mistake(
        NAMED.replace("customers.csv", "more.yaml"),
        "more.yaml:1:1: a table is a list of mappings; write for example `- {id: a1}` [bad-rows]",
        more_yaml="id: 1\n",
    ),
]


@pytest.mark.parametrize(("scenarios", "tables", "expected"), MISTAKES)
def test_a_mistake_is_told_at_its_row(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scenarios: str,
    tables: dict[str, Any],
    expected: list[str],
) -> None:
    put(tmp_path, scenarios, **tables)
    assert findings(tmp_path, monkeypatch) == expected


def test_of_many_wrong_rows_the_first_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = "id,outcome\n" + "".join(f"{number},lots\n" for number in range(1000))
    put(tmp_path, NAMED, customers=sheet)
    assert len(findings(tmp_path, monkeypatch)) == 20


def test_of_many_doubtful_rows_the_first_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = "- {name: 'n{{ row.id }}', rows: customers.csv, match: {body.to.country: '{{ row.to }}'}, respond: {}}"
    put(tmp_path, scenario, customers="id,to\n" + "".join(f"{number},“{number}”\n" for number in range(100)))
    messages = findings(tmp_path, monkeypatch)
    assert len(messages) == 20
    assert messages[0].startswith("customers.csv:2:1: warning: `“0”` begins and ends with curly quotes")


def test_a_key_that_is_wrong_is_told_once_and_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = "- {name: 'n{{ row.id }}', rows: customers.csv, match: {account: '{{ row.id }}'}, respond: {bdy: '{{ row.id }}'}}"
    put(tmp_path, scenario, customers="id\n1\n2\n")
    assert findings(tmp_path, monkeypatch) == [
        "cards.yaml:4:94: `bdy` is not a key of `respond`; did you mean `body`? [unknown-key]"
    ]


def test_a_table_below_the_folder_that_was_given_is_in_reach(tmp_path: Path) -> None:
    (tmp_path / "_data").mkdir()
    (tmp_path / "_data" / "c.csv").write_text("id\n1\n")
    text = document('- {name: "{{ row.id }}", rows: ../_data/c.csv, respond: {}}')
    write(tmp_path, text, "sub/cards.yaml")
    assert [one.name for one in scenarios_of(tmp_path)] == ["1"]
    with pytest.raises(ScenarioProblems, match="is outside the scenario folder"):
        load([tmp_path / "sub"], VOCABULARIES)


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("id\n1\n")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "customers.csv").symlink_to(tmp_path / "secret.csv")
    write(tmp_path / "in", document(NAMED))
    with pytest.raises(ScenarioProblems, match="is outside the scenario folder"):
        load([tmp_path / "in"], VOCABULARIES)


def test_a_table_in_yaml_is_no_scenario_file(tmp_path: Path) -> None:
    put(tmp_path, '- {name: "{{ row.id }}", rows: a.yaml, respond: {}}', a_yaml="- {id: 1}\n")
    loaded = load([tmp_path], VOCABULARIES)
    assert [Path(file).name for file in loaded.files] == ["cards.yaml"]
    (tmp_path / "cards.yaml").write_text(document("- {name: x, respond: {}}"))
    with pytest.raises(ScenarioProblems, match="must be a mapping"):
        load([tmp_path], VOCABULARIES)


@pytest.mark.parametrize(
    ("limit", "most", "says"),
    [("MAX_ROWS", 2, "3 rows; the limit is 2"), ("MAX_BYTES", 8, "9 bytes; the limit is 8")],
)
def test_a_table_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, says: str
) -> None:
    monkeypatch.setattr(rows, limit, most)
    put(tmp_path, NAMED, customers="id\n1\n2\n3\n")
    messages = findings(tmp_path, monkeypatch)
    assert [says in one for one in messages] == [True], messages


def test_over_http_the_rows_are_in_the_document() -> None:
    scenario = {
        "provider": "postcard",
        "name": "{{ row.id }}",
        "rows": [{"id": "a", "outcome": "lost"}, {"id": "b", "outcome": "lots"}],
        "respond": {"outcome": "{{ row.outcome }}"},
    }
    with pytest.raises(ScenarioProblems) as raised:
        compile_inline(scenario, VOCABULARIES)
    assert str(raised.value).startswith(
        "<inline>: scenarios[0].respond.outcome: postcard has no outcome `lots` (in row 2); did you mean"
    )
    with pytest.raises(ScenarioProblems, match=r"has no folder with tables; write the rows themselves"):
        compile_inline({**scenario, "rows": "customers.csv"}, VOCABULARIES)


def test_an_editor_accepts_rows() -> None:
    read, _ = source.read("f.yaml", document(SCENARIO).encode())
    validator = Draft7Validator(schema.document(VOCABULARIES))
    assert [error.message for error in validator.iter_errors(read.value)] == []


def best_of(count: int, action: Any) -> float:
    """Seconds of processor time of the fastest run."""
    taken = []
    for _ in range(count):
        begun = time.process_time()
        action()
        taken.append(time.process_time() - begun)
    return min(taken)


def sheet_of(count: int) -> str:
    return "id,reference,outcome,codes,name\n" + "".join(
        f"{number},shop-{number:05},{'lost' if number % 2 else 'returned'},{'' if number % 2 else 'P01;P02'},Ngāta {number}\n"
        for number in range(count)
    )


def test_ten_thousand_rows_load_in_two_seconds(tmp_path: Path) -> None:
    put(tmp_path, customers=sheet_of(10_000))
    assert best_of(3, lambda: load([tmp_path], VOCABULARIES)) < 2


def test_ten_thousand_rows_answer_in_the_time_of_ten(tmp_path: Path) -> None:
    sets: list[ScenarioSet] = []
    for count in (10, 10_000):
        put(tmp_path, customers=sheet_of(count))
        sets.append(load([tmp_path], VOCABULARIES))
    facts = MappingFacts({"body": {"reference": "shop-00007"}})

    def ask(scenarios: ScenarioSet) -> None:
        for _ in range(2000):
            scenario = select(scenarios, "postcard", "send", facts)
            assert scenario is not None
            assert scenario.name == "to 7"

    ask(sets[1])
    few, many = (best_of(5, lambda scenarios=each: ask(scenarios)) for each in sets)
    assert many < 3 * few


def test_a_folder_in_the_place_of_a_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").mkdir()
    with pytest.raises(ScenarioProblems) as caught:
        load([put(tmp_path, NAMED)], VOCABULARIES)
    assert [(one.message, one.remedy) for one in caught.value.problems] == [
        ("`customers.csv` is a folder", "name a file")
    ]


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
def test_a_sheet_may_name_its_separator_as_spreadsheets_do(separator: str) -> None:
    text = "\ufeffsep=,\r\nid,outcome\r\n1,lost\r\n2,returned\r\n".replace(",", separator)

    table = rows.read_csv("customers.csv", text.encode())

    assert table.problems == []
    assert [row.values for row in table.rows] == [
        {"id": "1", "outcome": "lost"},
        {"id": "2", "outcome": "returned"},
    ]
    assert [row.place.line for row in table.rows] == [3, 4]
