"""Templates give what their names and filters say; values keep their type; draws depend on seed, account and
reference alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.scenario.facts import MISSING
from mock_server.scenario.lint import check
from mock_server.scenario.locale_check import locales
from mock_server.scenario.model import Delay, is_template
from mock_server.scenario.names import COMMON_FAKES, Names, faker
from mock_server.scenario.problems import ScenarioProblems
from mock_server.scenario.rendering import RenderError, merge, render
from mock_server.scenario.templates import Text, compile_text, compile_value
from tests.scenario.postcard import VOCABULARIES, RequestContext, inline

FACTS: dict[str, Any] = {
    "method": "POST",
    "path": "/send",
    "body": {
        "reference": "ref-1",
        "to": {"name": "Ana", "items": 3, "keys": ["k"]},
        "list": [{"a": 1}, "two"],
        "weight": 18,
        "share": 0.5,
        "express": True,
        "note": None,
        "born": "2000-02-29",
        "0": "zero",
    },
    "header": {"user-agent": "curl/8.0"},
    "query": {"q": "x y"},
    "params": {"n": "5"},
    "verification": {"status": "lost"},
}


def rendered(text: str, context: RequestContext | None = None) -> Any:
    value = compile_value(
        text, (), lambda template, _path: Text(template, "f.yaml:3:5", compile_text(template))
    )
    return render(value, context or RequestContext(FACTS))


VALUES = [
    ("plain", "plain"),
    ("{ {not} }", "{ {not} }"),
    ("{{ request.body.reference }}", "ref-1"),
    ("{{request.body.weight}}", 18),
    ("{{ request.body.share }}", 0.5),
    ("{{ request.body.express }}", True),
    ("{{ request.body.note }}", None),
    ("{{ request.body.to }}", FACTS["body"]["to"]),
    ("{{ request.body.list }}", FACTS["body"]["list"]),
    ("{{ request.body.list.0.a }}", 1),
    ("{{ request.body.list[1] }}", "two"),
    ("{{ request.body.list[-1] }}", "two"),
    ("{{ request.body['to'].name }}", "Ana"),
    ("{{ request.body.to.items }}", 3),
    ("{{ request.body.to.keys.0 }}", "k"),
    ("{{ request.body[0] }}", "zero"),
    ("{{ request.header['User-Agent'] }}", "curl/8.0"),
    ("{{ request.method }} {{ request.path }}", "POST /send"),
    ("{{ request.query.q }}", "x y"),
    ("{{ request.params.n }}", "5"),
    ("{{ request.params.n | int }}", 5),
    ("{{ verification.status }}", "lost"),
    ("{{ account.name }}/", "acme/"),
    ("{{ now }}", "2026-01-01T00:00:00.000Z"),
    ("a {{ request.body.weight }} b", "a 18 b"),
    ("a{{ request.body.express }}", "atrue"),
    ("a{{ request.body.note }}", "a"),
    ("a {{ request.body.list }}", 'a [{"a":1},"two"]'),
    ("{{ request.body.weight }}{{ request.body.weight }}", "1818"),
    (" {{ request.body.weight }}", " 18"),
    ("{{ request.body.weight }}\n", "18\n"),
    ("{{ request.body.gone | default('none') }}", "none"),
    ("{{ request.body.gone.deeper.still | default(7) }}", 7),
    ("{{ request.body.note | default('x', true) }}", "x"),
    ("{{ request.body.gone | default(none) }}", None),
    ("{{ request.body.reference | upper }}", "REF-1"),
    ("{{ request.body.reference | replace('ref', 'R') | lower }}", "r-1"),
    ("{{ request.body.list | length }}", 2),
    ("{{ request.body.list | last | truncate(2) }}", "tw"),
    ("{{ request.body.to | tojson }}", '{"name": "Ana", "items": 3, "keys": ["k"]}'),
    ("{{ request.body.share | round }}", 0),
    ("{{ request.body.share | round(1) | string }}", "0.5"),
    ("{{ 'a b&c' | urlencode }}", "a%20b%26c"),
    ("{{ request.body.reference | base64 }}", "cmVmLTE="),
    ("{{ request.body.reference | sha256 | truncate(8) }}", "9ebcefdf"),
    ("{{ 'a,b' | split(',') | join('-') }}", "a-b"),
    ("{{ [3, 1, 3] | unique | sort }}", [1, 3]),
    ("{{ request.body.to | items | first }}", ["name", "Ana"]),
    ("{{ now | date }}", "2026-01-01"),
    ("{{ now | date('%d.%m.%Y %H:%M') }}", "01.01.2026 00:00"),
    ("{{ now | epoch }}", 1767225600),
    ("{{ now | millis }}", 1767225600000),
    ("{{ now | shift('-5m') }}", "2025-12-31T23:55:00.000Z"),
    ("{{ now | shift('1d') | date }}", "2026-01-02"),
    ("{{ now | shift(years=-18) | date }}", "2008-01-01"),
    ("{{ request.body.born | shift(years=1) }}", "2001-02-28"),
    ("{{ request.body.born | shift(months=12, by='1d') }}", "2001-03-01"),
    ("{{ '2024-01-31' | shift(months=1) }}", "2024-02-29"),
    ("{{ request.body.weight + 1 }}", 19),
    ("{{ request.body.weight > 17 and request.body.express }}", True),
    ("{{ 'old' if request.body.weight >= 18 else 'young' }}", "old"),
    ("{{ 'a' ~ request.body.weight ~ none }}", "a18"),
    ("{{ {'a': [1, request.body.weight]} }}", {"a": [1, 18]}),
    ("{{ (1, 2) }}", [1, 2]),
    ("{{ 'x' in request.query.q }}", True),
    ("{{ request.body.gone is defined }}", False),
    ("{{ 'ab' * 3 }}", "ababab"),
    ("{{ 7 // 2 }}", 3),
    ("{{ 'abc'[1:] }}", "bc"),
    ("{% if request.body.express %}fast{% else %}slow{% endif %}", "fast"),
    (
        "{% for item in request.body.list %}{{ loop.index }}{% if not loop.last %},{% endif %}{% endfor %}",
        "1,2",
    ),
    ("{% for key in request.body.to %}{{ key }} {% endfor %}", "name items keys "),
    ("{% set x = request.body.weight %}{{ x }}", "18"),
    ("{% for n in range(3) %}{{ n }}{% endfor %}", "012"),
    ("{% raw %}{{ as it is }}{% endraw %}", "{{ as it is }}"),
    ("{# remark #}x", "x"),
    ("{{- request.body.weight -}} ", 18),
    ("{{ range(3) | join(',') }}", "0,1,2"),
    ("{% for n in range(2) %}{{ random.integer(7, 7) }}{% endfor %}", "77"),
    (
        "{% for item in request.body.list %}{{ request.body.reference | replace('ref', loop.index | string) }} {% endfor %}",
        "1-1 2-1 ",
    ),
    ("{% for n in [1, 2] %}{% for m in range(n) %}{{ m }}{% endfor %};{% endfor %}", "0;01;"),
]


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[text for text, _ in VALUES])
def test_a_template_gives(text: str, expected: Any) -> None:
    value = rendered(text)
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ request.body.refrence }}", "unknown name `refrence`; did you mean `reference`?"),
        ("{{ request.body.to.zip }}", "unknown name `zip`; use one of: `name`, `items`, `keys`"),
        ("{{ request.body.list.9 }}", "no item 9: the list has 2"),
        ("{{ request.body.list.name }}", "a list has no `name`; use a filter"),
        ("{{ request.body.reference.upper }}", "a text has no `upper`"),
        ("{{ request.body.weight.real }}", "`real` is asked of 18, which has nothing below"),
        (
            "{{ request.header['X-Gone'] }}",
            "unknown name `X-Gone` in request.header; use one of: `user-agent`",
        ),
        ("{{ request.cookie }}", "unknown name `cookie` in request; use one of: `method`"),
        ("{{ account.secret }}", "unknown name `secret` in account; use one of: `name`"),
        ("{{ nothing }}", "unknown name `nothing`"),
        ("x {{ request.body.gone | upper }}", "unknown name `gone`"),
        ("{{ request.body.weight | upper }}", "the filter `upper`: takes a text, not 18"),
        ("{{ 'x' | date }}", "the filter `date`: 'x' is not an instant"),
        ("{{ 'x' | int }}", 'the filter `int`: "x" is not a number'),
        ("{{ now | shift('soon') }}", "the filter `shift`: 'soon' is not a duration"),
        ("{{ [] | first }}", "the filter `first`: the list is empty"),
        ("{{ request }}", "`request` is not a value; ask for something in it"),
        ("{{ uuid }}", "`uuid` is a function; write uuid()"),
        ("{{ fake.name }}", "`fake.name` is a function; write fake.name()"),
        ("{{ fake.naem() }}", "unknown name `naem` in fake; did you mean `name`?"),
        ("{{ fake.random_int(1, 2, 3, 4) }}", "fake.random_int(): it takes min, max, step"),
        (
            "{{ random.integer(6, 1) }}",
            "random.integer(): it takes two whole numbers, the smaller first, such as integer(1, 6)",
        ),
        ("{{ random.choice([]) }}", "random.choice(): it takes a list that is not empty"),
        ("{{ random.hex(-1) }}", "random.hex(): a length is a whole number from 0"),
        ("{% for x in request.body.weight %}{% endfor %}", "`for` goes through lists, mappings and texts"),
        ("{% if request.body.gone %}x{% endif %}", "unknown name `gone`"),
        ("{{ request.body.gone + 1 }}", "unknown name `gone`"),
        ("{{ 1 / 0 }}", "a number is divided by zero; check the divisor with `if`"),
        ("{{ 1e308 * 10 }}", "inf is not a JSON value"),
        ("{{ 10 ** 20 }}", "too large for JSON"),
        ("{{ 1e300 ** 2 }}", "the number becomes too large"),
        ("{{ request.body.reference + 1 }}", "`+` does not work on a text and a number; join texts with ~"),
        ("{{ request.body.to - request.body.list }}", "`-` does not work on a mapping and a list"),
        ("{{ none * true }}", "`*` does not work on null and true or false"),
        ("{{ uuid / 2 }}", "`/` does not work on a function and a number"),
        ("{{ 1 if request.body.reference < 2 }}", "values of different kinds are compared"),
        (
            "{{ request.body.weight | length }}",
            "the filter `length` does not take 18; it takes a text, a list or",
        ),
        (
            "{{ request.body.reference | replace }}",
            "; it takes a text, and two more, as in replace('a', 'b')",
        ),
        ("{{ request.body.reference | upper(1) }}", ", 1; it takes a text"),
        ("{{ request.body.weight | join(sep=',') }}", 'does not take 18, sep=","; it takes a list, and a'),
        (
            "{{ [1, 'a'] | sort }}",
            'the filter `sort` does not take [1, "a"]; it takes a list of texts, or one of',
        ),
        ("{{ [] | max }}", "the filter `max`: the list is empty"),
        ("{{ '' | last }}", "the filter `last`: the text is empty"),
        ("{{ 'a' | float }}", 'the filter `float`: "a" is not a number'),
        ("{{ 'a' | split('') }}", "the filter `split`: the separator is empty"),
        ("{{ ('x' * 500) | items }}", "x…; it takes a mapping"),
        ("{{ range(1.5) }}", "range() takes one to three whole numbers; write for example range(3)"),
        ("{{ range(1, 5, 0) }}", "range() takes one to three whole numbers"),
        ("{{ range() }}", "range() takes one to three whole numbers"),
        ("{{ range(10 ** 18) }}", "range() makes at most 10,000 numbers"),
        ("{{ random.number('a', 1) }}", "random.number(): it takes two numbers, such as number(0, 1)"),
        ("{{ random.integer(1) }}", "random.integer() does not take 1"),
    ],
)
def test_what_cannot_be_rendered_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(RenderError) as caught:
        rendered(text)
    assert str(caught.value).startswith("f.yaml:3:5: ")
    assert message in str(caught.value)


def test_a_request_without_a_record_has_no_verification() -> None:
    with pytest.raises(RenderError, match="names no stored verification"):
        rendered("{{ verification.status }}", RequestContext({"body": {}}))
    assert rendered("{{ verification.status | default('new') }}", RequestContext({"body": {}})) == "new"


def body_of(written: Any) -> Any:
    respond = inline(respond={"body": written}).steps[0].respond
    assert respond is not None
    return respond.body


def test_values_without_templates_are_kept_and_not_copied() -> None:
    body = {"a": [1, {"b": "c"}], "d": "{ }"}
    assert render(body_of(body), RequestContext()) is body
    mixed = body_of({"kept": body, "made": ["{{ now }}", body]})
    assert is_template(mixed)
    output = render(mixed, RequestContext())
    assert output == {"kept": body, "made": ["2026-01-01T00:00:00.000Z", body]}
    assert output["kept"] is body
    assert render(mixed, RequestContext()) is not output


DRAWN = "{{ uuid() }} {{ uuid() }} {{ fake.name() }} {{ fake.iban() }} {{ random.hex(8) }} {{ random.integer(0, 9999) }}"


def test_draws_depend_on_the_reference_and_nothing_else() -> None:
    first = rendered(DRAWN, RequestContext(FACTS, reference="a"))
    assert first == rendered(DRAWN, RequestContext(FACTS, reference="a", now=5.0))
    assert first != rendered(DRAWN, RequestContext(FACTS, reference="b"))
    one, other = first.split()[:2]
    assert one != other


def test_other_renderings_in_between_change_nothing() -> None:
    program = compile_text("{{ fake.name() }}").run
    alone = [program(names) for names in [Names(RequestContext(reference="a"))] for _ in range(3)]
    mine, theirs = Names(RequestContext(reference="a")), Names(RequestContext(reference="b"))
    mixed = []
    for _ in range(3):
        mixed.append(program(mine))
        program(theirs)
    assert mixed == alone


def test_the_locale_decides_whose_names_are_made() -> None:
    japanese = rendered("{{ fake.last_name() }}", RequestContext(locale="ja_JP"))
    assert not japanese.isascii()
    assert rendered("{{ fake.postcode() }}", RequestContext(locale="en_NZ")).isdigit()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{{ fake.date_of_birth() }}", str),
        ("{{ fake.date_time() }}", str),
        ("{{ fake.latitude() }}", float),
        ("{{ fake.currency() }}", list),
        ("{{ fake.words(3) }}", list),
        ("{{ fake.pybool() }}", bool),
        ("{{ fake.simple_profile() }}", dict),
        ("{{ random.number() }}", float),
        ("{{ random.choice([1, 'a']) }}", (int, str)),
        ("{{ random.digits(6) }}", str),
    ],
)
def test_whatever_is_drawn_is_json(text: str, kind: type | tuple[type, ...]) -> None:
    value = rendered(text)
    assert isinstance(value, kind)
    json.dumps(value)


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "ja_JP", "en_NZ", "pt_BR", "ar_SA", "zh_CN"])
def test_the_common_methods_exist_in_every_locale_and_make_json(locale: str) -> None:
    assert locale in locales()
    fakes = faker(locale)
    assert fakes.names >= COMMON_FAKES
    context = RequestContext(locale=locale)
    for name in sorted(COMMON_FAKES):
        json.dumps(rendered(f"{{{{ fake.{name}() }}}}", context))


def test_every_method_that_templates_may_call_makes_json() -> None:
    context = RequestContext()
    for name in sorted(faker("en_US").names):
        json.dumps(rendered(f"{{{{ fake.{name}() }}}}", context), allow_nan=False)


def test_each_call_in_a_loop_draws_anew() -> None:
    first, second = rendered("{% for n in [1, 2] %}{{ uuid() }} {% endfor %}").split()
    assert first != second


def test_a_file_without_templates_imports_neither_jinja_nor_faker() -> None:
    """A server that uses no template does not pay for them at its start."""
    check = (
        "import sys\n"
        "from mock_server.scenario.templates import compile_value\n"
        "from mock_server.scenario.locale_check import locales\n"
        "assert 'de_DE' in locales() and compile_value({'a': ['{ b }']}, (), None) == {'a': ['{ b }']}\n"
        "print([m for m in ('jinja2', 'faker', 'difflib') if m in sys.modules])\n"
    )
    done = run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ range('a') }}", "range()"),
        (
            "{{ random.integer(6, 1) }}",
            "random.integer(): it takes two whole numbers, the smaller first, such as integer(1, 6)",
        ),
        ("{% for x in 5 %}{% endfor %}", "`for` goes through lists, mappings and texts"),
        ("{{ 'x' | date }}", "the filter `date`: 'x' is not an instant"),
        ("{{ now | shift('soon') }}", "the filter `shift`: 'soon' is not a duration"),
        ("{{ uuid }}", "`uuid` is a function; write uuid()"),
        ("{{ 10 ** 20 }}", "too large for JSON"),
    ],
)
def test_a_template_that_can_never_work_is_refused_at_loading(text: str, message: str) -> None:
    with pytest.raises(ScenarioProblems) as caught:
        inline(respond={"body": {"x": text}})
    assert message in str(caught.value)


def test_lint_renders_templates_that_use_faker(tmp_path: Path) -> None:
    text = """
version: 1
provider: postcard
scenarios:
- {name: odd, match: {operation: send}, respond: {body: {x: "{{ fake.random_int(1, 2, 3, 4) }}"}}}
"""
    (tmp_path / "odd.yaml").write_text(text)
    [problem] = check([tmp_path], VOCABULARIES)
    assert "fake.random_int(): it takes min, max, step" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "{{ request.body.weight / 0 if request.body.weight == 0 else 1 }}",
        "{{ request.body.born | shift(years=18) }}",
        "{% for item in request.body.items %}{{ item.name }}{% endfor %}",
        "{{ verification.status | upper }}",
        "{{ account.name }}",
        "{{ request.header['X-Trace'] | default(uuid()) }}",
    ],
)
def test_a_template_that_depends_on_the_request_is_accepted(text: str) -> None:
    assert is_template(body_of({"x": text}))


# --- merge


@pytest.mark.parametrize(
    ("base", "patch", "expected"),
    [
        ({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"c": 9}}, {"a": 1, "b": {"c": 9, "d": 3}}),
        ({"a": 1}, {"b": {"c": {"d": 1}}}, {"a": 1, "b": {"c": {"d": 1}}}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": {"b": 1}}, {"a": 5}, {"a": 5}),
        ({"a": 5}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": [1, 2, 3]}, {"a": [9]}, {"a": [9]}),
        ({"a": [1, 2]}, {"a": []}, {"a": []}),
        ({"a": [{"x": 1, "y": 2}, {"x": 3}]}, {"a": [{"x": 9}]}, {"a": [{"x": 9, "y": 2}]}),
        ({"a": [{"x": 1}]}, {"a": [{"y": 2}, {"z": 3}]}, {"a": [{"x": 1, "y": 2}, {"z": 3}]}),
        ({"a": [1, {"x": 1}]}, {"a": [{"x": 2}, {"y": 2}]}, {"a": [{"x": 2}, {"x": 1, "y": 2}]}),
        ({"a": "text"}, {"a": [{"x": 1}]}, {"a": [{"x": 1}]}),
        ("text", {"a": 1}, {"a": 1}),
        ({"a": 1}, {}, {"a": 1}),
    ],
)
def test_merge(base: Any, patch: Any, expected: Any) -> None:
    original = json.dumps(base)
    assert merge(base, patch) == expected
    assert json.dumps(base) == original


MAPPINGS = st.recursive(
    st.integers() | st.text(max_size=2) | st.none(),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=6,
)


@given(MAPPINGS, MAPPINGS)
def test_merging_twice_is_merging_once_and_changes_no_argument(base: Any, patch: Any) -> None:
    before = json.dumps([base, patch])
    once = merge(base, patch)
    assert merge(once, patch) == once
    assert merge(base, {}) == (base if isinstance(base, dict) else {})
    assert json.dumps([base, patch]) == before


# --- delay


def test_delays_are_drawn_from_their_distribution() -> None:
    from random import Random

    assert Delay("fixed", 1.5).draw(Random(1)) == 1.5
    uniform = [Delay("uniform", 0.2, 2.0).draw(Random(seed)) for seed in range(500)]
    assert min(uniform) >= 0.2
    assert max(uniform) <= 2.0
    assert 0.9 < sum(uniform) / 500 < 1.3
    lognormal = sorted(Delay("lognormal", 0.3, 0.5).draw(Random(seed)) for seed in range(501))
    assert 0.27 < lognormal[250] < 0.33
    assert lognormal[-1] > 0.9
    assert Delay("lognormal", 0.3, 0.0).draw(Random(7)) == pytest.approx(0.3)


def test_missing_is_falsy_and_shows_itself() -> None:
    assert not MISSING
    assert repr(MISSING) == "MISSING"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{{ request.body.to.items() }}",
            "`items()` cannot be called: values have no functions; write `| items`",
        ),
        ("{{ request.body.name.upper() }}", "write `| upper`"),
        ("{{ request.body.to.keys() }}", "write `{% for key in … %}`"),
        ("{{ 'a'.strip() }}", "write `| trim`"),
        ("{{ (now | date).isoformat() }}", "write `| date`"),
        ("{{ account.name.casefold() }}", "use a filter, such as `| length`"),
        ("{{ fake.name().upper() }}", "write `| upper`"),
        ("{{ 1e400 }}", "the number becomes too large"),
        ("{{ account.key }}", "unknown name `account.key`; use one of: `name`"),
    ],
)
def test_what_no_request_can_render_is_refused_when_the_file_is_read(text: str, message: str) -> None:
    with pytest.raises(ScenarioProblems) as caught:
        body_of({"x": text})
    assert message in str(caught.value)
