"""What a template may not do, it cannot: each attack is refused when the file is read, or stopped soon when
it runs."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.scenario.names import Names
from mock_server.scenario.templates import compile_text
from mock_server.scenario.values import TemplateError
from tests.scenario.postcard import RequestContext

FACTS = {
    "body": {"text": "abc", "list": [1, 2], "map": {"__class__": "mine"}, "huge": "x" * 300_000},
    "header": {},
}


def outcome(text: str) -> object:
    return compile_text(text).run(Names(RequestContext(FACTS)))


ESCAPES = {
    "class of a text": "{{ ''.__class__.__mro__ }}",
    "class by item": "{{ ''['__class__'] }}",
    "class by filter": "{{ '' | attr('__class__') }}",
    "class by map": "{{ [''] | map(attribute='__class__') | list }}",
    "class of a fact": "{{ request.body.text.__class__ }}",
    "class of the request": "{{ request.__class__ }}",
    "slot of the request": "{{ request._source }}",
    "slot by item": "{{ request['_source'] }}",
    "account behind": "{{ account._account }}",
    "globals of a function": "{{ uuid.__globals__ }}",
    "call behind a function": "{{ uuid.call }}",
    "method of a list": "{{ request.body.list.append(3) }}",
    "method of a mapping": "{{ request.body.map.update({'a': 1}) }}",
    "format of a text": "{{ '{0.__class__}'.format(1) }}",
    "formatting operator": "{{ '%s' % request }}",
    "format filter": "{{ '%s' | format(1) }}",
    "Jinja's own names": "{{ lipsum.__globals__ }}",
    "cycler": "{{ cycler('a').__init__ }}",
    "namespace": "{% set n = namespace(a=1) %}",
    "self": "{{ self.__init__ }}",
    "loop's insides": "{% for x in [1] %}{{ loop._iterator }}{% endfor %}",
    "loop's call": "{% for x in [1] %}{{ loop.cycle('a') }}{% endfor %}",
    "generator of Faker": "{{ fake._faker }}",
    "provider of Faker": "{{ fake.add_provider('os') }}",
    "parse of Faker": "{{ fake.parse('{{ image }}') }}",
    "binary of Faker": "{{ fake.binary(10) }}",
    "zip of Faker": "{{ fake.zip() }}",
    "include": "{% include '/etc/passwd' %}",
    "import": "{% import 'x' as y %}",
    "extends": "{% extends 'x' %}",
    "from": "{% from 'x' import y %}",
    "macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "call block": "{% call x() %}{% endcall %}",
    "block": "{% block a %}{{ self.a() }}{% endblock %}",
    "do": "{% do x %}",
    "debug": "{% debug %}",
    "with": "{% with a=1 %}{% endwith %}",
    "filter block": "{% filter upper %}a{% endfilter %}",
    "autoescape": "{% autoescape true %}{% endautoescape %}",
    "recursive loop": "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "star arguments": "{{ uuid(*[1]) }}",
    "double star arguments": "{{ uuid(**{'a': 1}) }}",
    "random filter": "{{ [1, 2] | random }}",
    "environment": "{{ request.environ }}",
    "unbounded nesting": "{{ " + "(" * 200 + "1" + ")" * 200 + " }}",
    "unbounded depth": "{{ " + "-" * 5_000 + "1 }}",
    "a very long text": "{{ now }}" + "x" * 30_000 + "{% if 1 %}{% endif %}",
}


@pytest.mark.parametrize("text", ESCAPES.values(), ids=ESCAPES)
def test_nothing_but_values_is_in_reach(text: str) -> None:
    with pytest.raises(TemplateError) as caught:
        outcome(text)
    assert "/etc" not in str(caught.value)


def test_a_field_may_be_called_like_something_dangerous() -> None:
    assert outcome("{{ request.body.map.__class__ }}") == "mine"


BOMBS = {
    "power": "{{ 9 ** 9 ** 9 ** 9 }}",
    "power step by step": "{% set a = 10 ** 60 %}{% set b = a * a * a * a * a * a * a * a * a * a * a * a * a %}{{ b }}",
    "shift by power": "{{ 2 ** 100000 }}",
    "text times": "{{ 'a' * 1000000000 }}",
    "times text": "{{ 1000000000 * 'a' }}",
    "list times": "{{ [1] * 1000000000 }}",
    "text times text times": "{{ 'aaaaaaaaaa' * 10000 * 10000 }}",
    "doubling by ~": "".join(f"{{% set a{n} = a{n - 1} ~ a{n - 1} %}}" for n in range(1, 40)).join(
        ["{% set a0 = 'aaaaaaaa' %}", "{{ a39 }}"]
    ),
    "doubling by +": "".join(f"{{% set a{n} = a{n - 1} + a{n - 1} %}}" for n in range(1, 40)).join(
        ["{% set a0 = [1] %}", "{{ a39 }}"]
    ),
    "doubling by replace": "{{ 'aaaaaaaaaa'" + " | replace('a', 'aaaaaaaaaa')" * 12 + " }}",
    "doubling by join": "{{ ['aaaaaaaaaa']"
    + " | join('') | split('a') | join('aaaaaaaaaaaaaaaa')" * 8
    + " }}",
    "range": "{% for a in range(1000000000) %}{% endfor %}",
    "nested loops": "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}x{% endfor %}{% endfor %}{% endfor %}",
    "loops without output": "{% for a in range(9999) %}{% for b in range(9999) %}{% set x = a + b %}{% endfor %}{% endfor %}",
    "sorting in a loop": "{% for a in range(9999) %}{{ range(9999) | sort | length }}{% endfor %}",
    "searching in a loop": "{% for a in range(9999) %}{{ request.body.huge | replace('y', 'z') | length }}{% endfor %}",
    "comparing in a loop": "{% for a in range(9999) %}{% if request.body.huge == request.body.huge ~ '' %}{% endif %}{% endfor %}",
    "much output": "{% for a in range(9999) %}{{ request.body.huge }}{% endfor %}",
    "many expressions": "{{ random.hex(10000) }}" * 100,
    "long draw": "{{ random.hex(100000000) }}",
    "long Faker text": "{{ fake.text(100000000) }}",
    "many Faker texts": "{{ fake.texts(1000, 1000) }}",
    "many Faker words": "{{ fake.words(nb=100000000) }}",
    "long Faker password": "{{ fake.password(length=100000000) }}",
    "large Faker number": "{{ fake.random_number(digits=100000) }}",
    "padded number": "{{ '%1000000000d' % 1 }}",
    "date form": "{{ now | date('" + "%c" * 1000 + "') }}",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_nothing_runs_or_grows_for_long(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(TemplateError):
        outcome(text)
    assert time.process_time() - begun < 10.0  # without a limit it would be hours


def test_a_large_value_of_the_request_may_be_given_back() -> None:
    assert outcome("{{ request.body.huge }}") is FACTS["body"]["huge"]


def test_what_a_template_makes_is_its_own() -> None:
    """A name that one text sets is unknown to the next, and to the next rendering of the same."""
    program = compile_text("{% if seen is defined %}again{% else %}first{% endif %}{% set seen = 1 %}")
    names = Names(RequestContext(FACTS))
    assert [program.run(names), program.run(names)] == ["first", "first"]


SYNTAX = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "if",
        "else",
        "endif",
        "for",
        "in",
        "endfor",
        "set",
        "=",
        "request",
        ".",
        "body",
        "text",
        "list",
        "[",
        "]",
        "(",
        ")",
        "|",
        "upper",
        "~",
        "+",
        "*",
        "'a'",
        "1",
        "9",
        ",",
        ":",
        "is",
        "not",
        "and",
        "loop",
        "range",
        "fake",
        "name",
        "{{-",
        "-}}",
        "%",
        "**",
        "-",
        '"',
        "\\",
    ]
)


@given(st.lists(SYNTAX, max_size=14).map(" ".join))
def test_no_text_makes_anything_but_a_value_or_a_template_error(text: str) -> None:
    try:
        value = outcome(text)
    except TemplateError:
        return
    assert value is None or isinstance(value, (str, int, float, list, dict))
