"""Every mistake a tester can make is answered at its place, with what is wrong and what to do: ``«…»`` marks
where."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_server.scenario import lint
from mock_server.scenario.loader import load
from mock_server.scenario.problems import ERROR, WARNING, Problem, ScenarioProblems
from tests.scenario.postcard import VOCABULARIES, document, write

ONE = "- {name: one, match: {operation: send}, respond: {%s}}"
CALLBACK = "- {name: one, match: {operation: send}, callbacks: [{%s}]}"
MATCH = "- {name: one, match: {%s}, respond: {status: 200}}"
EARLY = "- {name: one, before: checks, match: {operation: send}, respond: {%s}}"


def problems_and_place(
    folder: Path, marked: str, provider: str = "postcard"
) -> tuple[list[Problem], tuple[int, int, int]]:
    """The findings in the scenarios, and the place that their text marks."""
    text = marked if marked.startswith(("version", "provider", "«")) else document(marked, provider)
    before, _, rest = text.partition("«")
    within, _, after = rest.partition("»")
    file = write(folder, before + within + after)
    length = len(within) if "\n" not in within else 1
    return lint.check([file], VOCABULARIES), (
        before.count("\n") + 1,
        len(before) - before.rfind("\n"),
        length,
    )


SHAPE = [
    (
        "- «name： one»\n  respond: {outcome: lost}",
        "yaml-syntax",
        "`：` (U+FF1A) only looks like a colon",
        "write `name: one`",
    ),
    (
        "«– name: one»\n  respond: {outcome: lost}",
        "yaml-syntax",
        "`–` (U+2013) only looks like a dash",
        "write `- name: one`",
    ),
    (ONE % "outcome: lost" + "«}»", "yaml-syntax", "`}` closes no bracket", "remove it"),
    (
        "version: 1\nprovider: postcard\ndefaults: {respond: {«outcom»: lost}}\nscenarios:\n"
        "- {name: one, respond: {outcome: lost}}\n",
        "unknown-key",
        "`outcom` is not a key of `respond`",
        "use one of: `error`",
    ),
    (
        "- {name: «" + "x" * 101 + "», respond: {outcome: lost}}",
        "out-of-range",
        "`name` must have at most 100 characters",
        "write for example",
    ),
    (
        "- {name: one, «respons»: {}}",
        "unknown-key",
        "`respons` is not a key of a scenario",
        "did you mean `respond`?",
    ),
    (ONE % "«colour»: red", "unknown-key", "`colour` is not a key of `respond`", "use one of: `outcome`"),
    (ONE % "«statuz»: 200", "unknown-key", "`statuz` is not a key of `respond`", "did you mean `status`?"),
    (
        CALLBACK % "event: card.returned, «retries»: 3",
        "unknown-key",
        "`retries` is not a key of a callback",
        "did you mean `attempts`?",
    ),
    (
        MATCH % "body.weight: {«above»: 3}",
        "unknown-key",
        "`above` is not a matcher",
        "did you mean `gt`?",
    ),
    (
        MATCH % "body.weight: {«prefixx»: 3}",
        "unknown-key",
        "`prefixx` is not a matcher",
        "did you mean `prefix`?",
    ),
    (
        MATCH % "body.to: {«colour»: red}",
        "unknown-key",
        "`colour` is not a matcher",
        "write its path with dots: `body.to.colour: red`",
    ),
    (
        MATCH % "body.weight: {not: {«colour»: red}}",
        "unknown-key",
        "`colour` is not a matcher",
        "use one of: `in`",
    ),
    (
        MATCH % "body.weight: {not: «{equals: 3}»}",
        "unknown-key",
        "`equals` is not a matcher",
        "write the bare value: `3`",
    ),
    (MATCH % "body.to.name: {«prefix»: }", "empty-value", "`prefix` is empty", "write for example flaky-"),
    (
        MATCH % "body.to.name: {prefix: «[a]»}",
        "wrong-type",
        "`prefix` must be a text or a number, not a list",
        "write `{any: [{prefix: a}]}`",
    ),
    (
        MATCH % "body.to.name: {exists: «'yes'»}",
        "wrong-type",
        '`exists` must be true or false, not the text "yes"',
        "write `true`",
    ),
    (
        MATCH % "body.to.name: {any: «[]»}",
        "out-of-range",
        "`any` must have at least 1 in it",
        "write for example [{prefix: a-}, {prefix: b-}]",
    ),
    ("- «{respond: {}}»", "missing-key", "a scenario needs `name`", "add for example `name: "),
    (
        CALLBACK.replace("{%s}", "«{after: 1s}»"),
        "missing-key",
        "a callback needs `event`",
        "add for example `event: card.delivered`",
    ),
    (
        "- {name: one, priority: «high», respond: {}}",
        "wrong-type",
        '`priority` must be a whole number, not the text "high"',
        "write for example 10",
    ),
    ("- {name: one, priority: «1.5», respond: {}}", "wrong-type", "not 1.5", ""),
    ("- {name: «12», respond: {}}", "wrong-type", "`name` must be a text, not 12", ""),
    ("- {name: one, «respond»: }", "empty-value", "`respond` is empty", "write for example"),
    (ONE % "merge: «[1]»", "wrong-type", "`merge` must be a mapping, not a list", ""),
    (
        ONE % "fault: «explode»",
        "wrong-type",
        '`fault` must be "empty" or "garbage" or "hang" or "reset" or "truncate"',
        "write for example reset",
    ),
    (
        ONE % "outcome: «[lost]»",
        "wrong-type",
        "`outcome` must be a text, not a list",
        "write for example delivered",
    ),
    (
        ONE % "error: «true»",
        "wrong-type",
        "`error` must be a text or a whole number, not true",
        "write for example 7",
    ),
    ("- {name: one, match: «here», respond: {}}", "wrong-type", "`match` must be a mapping", ""),
    (
        "- {name: one, before: «request», respond: {status: 503}}",
        "wrong-type",
        '`before` must be "checks"',
        "write for example checks",
    ),
    ("- «just a text»", "wrong-type", "a scenario must be a mapping", ""),
    ("- {name: one, sequence: «[]»}", "out-of-range", "`sequence` must have at least 1 in it", ""),
    (
        ONE % "status: «999»",
        "out-of-range",
        "`status` must be at most 599, and is 999",
        "write for example 503",
    ),
    (ONE % "delay: {uniform: «[1s]»}", "out-of-range", "`uniform` must have at least 2", "[200ms, 2s]"),
    (ONE % "delay: {lognormal: {median: 1s, sigma: «7»}}", "out-of-range", "`sigma` must be at most 3", ""),
    (ONE % "delay: {lognormal: «{sigma: 1}»}", "missing-key", "`lognormal` needs `median`", ""),
    (CALLBACK % "event: card.returned, attempts: «0»", "out-of-range", "`attempts` must be at least 1", ""),
    ('- {name: «"a\\nb"», respond: {}}', "out-of-range", "`name` must be a text on one line", ""),
    (
        "- {name: one, locale: «German», respond: {}}",
        "out-of-range",
        "`locale` must be a language with or without a country",
        "de_DE",
    ),
    (
        "«provider: postcard\nscenarios: []»\n",
        "missing-key",
        "a scenario file needs `version`",
        "`version: 1`",
    ),
    ("version: «2»\nprovider: postcard\nscenarios: []\n", "wrong-type", "`version` must be 1, not 2", ""),
    (
        "version: 1\nprovider: «pstcard»\nscenarios: []\n",
        "unknown-provider",
        "unknown provider `pstcard`",
        "did you mean `postcard`?",
    ),
    (
        "«version: 1\nscenarios: []»\n",
        "missing-key",
        "a scenario file needs `provider`",
        "`provider: postcard`",
    ),
    ("«-» just a list\n", "wrong-type", "the file must be a mapping, not a list", ""),
]

MEANING = [
    (
        "- {name: one, match: {operation: send}, set: «{}»}",
        "out-of-range",
        "`set` must have at least 1 in it, and is {}",
        "write for example {step: retried}",
    ),
    (
        "- {name: one, tags: [«1»], respond: {outcome: lost}}",
        "wrong-type",
        "an item of `tags` must be a text, not 1",
        "write for example [onboarding]",
    ),
    (
        "- {name: one, match: {operation: send}, sequence: [«lost»]}",
        "wrong-type",
        "a step must be a mapping",
        "write for example [{respond: {error: 7}}, {respond: {outcome: delivered}}]",
    ),
    ("- {name: one, «respond»: null}", "empty-value", "`respond` is empty", "{outcome: delivered}"),
    (
        "- {name: one, «callbacks»: null}",
        "empty-value",
        "`callbacks` is empty",
        "[{event: card.delivered, after: 2s}]",
    ),
    (
        CALLBACK % "event: card.returned, deliver: [«{corrupt: sig}»]",
        "bad-deliver",
        "corrupt takes signature or body or json, not 'sig'",
        "write for example {corrupt: signature}",
    ),
    (
        ONE % r'outcome: lost, headers: {«X-A»: "a\x85b"}',
        "bad-header",
        "cannot be sent in the header `X-A`",
        "use printable Latin characters",
    ),
    (
        ONE % "body: {at: «\"{{ now | date('yyyy-MM-dd HH:mm') }}\"»}",
        "bad-template",
        "'yyyy-MM-dd HH:mm' gives the same text for each date; write for example '%Y-%m-%d %H:%M'",
        "",
    ),
    (
        "version: 1\nprovider: postcard\nvars: {a: «'{{ vars.b }}'», b: 1}\nscenarios:\n"
        "- {name: one, respond: {outcome: lost}}\n",
        "bad-template",
        "`vars.b` is not known yet",
        "write `b` above `a`",
    ),
    (ONE % "body: «'{{ vars.x }}'»", "bad-template", "unknown name `x` in vars; write it into `vars`", ""),
    (
        EARLY % "«outcome»: lost",
        "before-checks",
        "`outcome` cannot answer before the checks",
        "use `status`, `body` or `fault`",
    ),
    (
        EARLY % "«error»: 7, status: 503",
        "before-checks",
        "`error` cannot answer before the checks",
        "or remove `before: checks`",
    ),
    (
        EARLY % "status: 503, «merge»: {a: 1}",
        "before-checks",
        "`merge` cannot answer before the checks",
        "use `status`",
    ),
    (
        EARLY.replace("{%s}", "«{delay: 1s}»"),
        "before-checks",
        "`before: checks` needs an answer",
        "add `status`, `body` or `fault`",
    ),
    (
        "- {name: one, before: checks, sequence: [«{}»]}",
        "before-checks",
        "`before: checks` needs an answer",
        "add `respond` with",
    ),
    (
        "- {name: one, before: checks, respond: {status: 503}, «callbacks»: []}",
        "before-checks",
        "nothing is sent before the checks",
        "remove `callbacks`",
    ),
    (
        "- {name: one, before: checks, sequence: [{respond: {status: 503}, «callbacks»: [{event: card.returned}]}]}",
        "before-checks",
        "nothing is sent before the checks",
        "remove `callbacks`",
    ),
    (
        "- {name: one, before: checks, match: {«verification.status»: lost}, respond: {status: 503}}",
        "before-checks",
        "`verification.status` is not known before the checks",
        "match the request itself",
    ),
    (
        MATCH % "operation: «sendd»",
        "unknown-operation",
        "postcard has no operation `sendd`",
        "did you mean `send`?",
    ),
    (
        MATCH % "operation: «{in: [send, trakc]}»",
        "unknown-operation",
        "no operation `trakc`",
        "did you mean `track`?",
    ),
    (
        MATCH % "operation: «{prefix: x}»",
        "unknown-operation",
        'no operation of postcard fits begins with "x"',
        "use one of: `send`, `track`",
    ),
    (MATCH % "«bdy.to.name»: x", "unknown-path", "a path cannot begin with `bdy`", "did you mean `body`?"),
    (MATCH % "«to.name»: x", "unknown-path", "a path cannot begin with `to`", "write `body.to.name`"),
    (MATCH % "«body..name»: x", "unknown-path", "`body..name` must name a field", ""),
    (MATCH % "«header»: x", "unknown-path", "`header` must name a field", "`header.name`"),
    (
        MATCH % "«method.x»: x",
        "unknown-path",
        "`method` is a text and has nothing below",
        "match `method` itself",
    ),
    (
        MATCH % "body.to.name: {regex: «'(['»}",
        "bad-regex",
        "the regular expression is not valid: the bracket [ at character 2 is not closed",
        "single quotes",
    ),
    (
        MATCH % "body.to.name: {any: [{regex: «'*'»}]}",
        "bad-regex",
        "nothing precedes the repetition at character 1",
        "",
    ),
    (
        MATCH % "body.sent: {after: «18y»}",
        "bad-date",
        "`18y` is not a date, an instant or an offset",
        "write `-18y` for the past",
    ),
    (
        MATCH % "body.sent: {not: {before: «29.11.2008»}}",
        "bad-date",
        "`29.11.2008` is not a date",
        "write `2008-11-29`",
    ),
    (MATCH % "body.to.name: «{}»", "empty-matcher", "the matcher is empty", "`in`"),
    (
        ONE % "outcome: «delivred»",
        "unknown-outcome",
        "postcard has no outcome `delivred`",
        "did you mean `delivered`?",
    ),
    (
        ONE % "outcome: «found»",
        "unknown-outcome",
        "the operation `send` has no outcome `found`, which `track` has",
        "use one of",
    ),
    (
        "- {name: one, respond: {outcome: «fund»}}",
        "unknown-outcome",
        "postcard has no outcome `fund`",
        "did you mean `found`?",
    ),
    (ONE % "error: «8»", "unknown-error", "postcard has no error `8`", "use one of: `7`"),
    (
        ONE % "outcome: lost, «error»: 7",
        "several-answers",
        "this has `outcome` and `error`",
        "remove all but one",
    ),
    (ONE % "body: x, «fault»: reset", "several-answers", "this has `body` and `fault`", "remove all but one"),
    (
        ONE % "outcome: lost, «fields»: [a]",
        "without-effect",
        "`fields` has no effect without `error`",
        "add `error`",
    ),
    (
        ONE % "error: 7, «decline»: [P01]",
        "without-effect",
        "`decline` has no effect without `outcome`",
        "",
    ),
    (
        ONE % "body: x, «merge»: {a: 1}",
        "without-effect",
        "`merge` changes a generated answer",
        "write it into `body`",
    ),
    (ONE % 'headers: {«X-A»: "a\\nb"}', "bad-header", "cannot be sent in the header `X-A`", "no line breaks"),
    (ONE % "headers: {«'X A'»: b}", "bad-header", "`X A` cannot be the name of a header", "write `X-A`"),
    (ONE % "headers: {X-A: «{a: 1}»}", "bad-header", "must be a text or a list of texts", ""),
    (ONE % "delay: «soon»", "bad-duration", "'soon' is not a duration", "500ms"),
    (ONE % "delay: «-3»", "bad-duration", "-3 is negative", "0 or longer"),
    (ONE % "delay: «{}»", "bad-delay", "either `uniform` or `lognormal`", "{uniform: [200ms, 2s]}"),
    (ONE % "delay: {uniform: «[2s, 1s]»}", "bad-delay", "the first duration is longer", "shorter one first"),
    (ONE % "delay: {uniform: [1s, «2 weeks»]}", "bad-duration", "'2 weeks' is not a duration", ""),
    (
        ONE % "outcome: lost, decline: [«P09»]",
        "unknown-decline",
        "`P09` is not a decline code of postcard",
        "use one of: `P01`, `P02`",
    ),
    (
        ONE % "outcome: lost, decline: {«phto»: [P01]}",
        "unknown-service",
        "postcard has no service `phto`",
        "did you mean `photo`?",
    ),
    (
        CALLBACK % "event: «card.delivred»",
        "unknown-event",
        "postcard has no event `card.delivred`",
        "did you mean `card.delivered`?",
    ),
    (
        CALLBACK % "event: «card.invalid»",
        "no-callback-event",
        "`card.invalid` is never sent as a callback",
        "use one of: `card.delivered`",
    ),
    (CALLBACK % "event: card.returned, after: «later»", "bad-duration", "'later' is not a duration", ""),
    (
        CALLBACK % "event: card.returned, requestType: «CRAD»",
        "unknown-request-type",
        "`CRAD` is not a request type",
        "did you mean `CARD`?",
    ),
    (
        CALLBACK % "event: card.returned, deliver: [ok, «dropp»]",
        "bad-deliver",
        "unknown `deliver` word 'dropp'",
        "did you mean `drop`?",
    ),
    (
        CALLBACK % "event: card.returned, deliver: [«{late: soon}»]",
        "bad-deliver",
        "'soon' is not a duration",
        "",
    ),
    (
        CALLBACK % "event: card.returned, deliver: [«{corrupt: nose}»]",
        "bad-deliver",
        "corrupt takes signature or body or json",
        "",
    ),
    (
        CALLBACK % "event: card.returned, deliver: [ok, «before-response»]",
        "bad-deliver",
        "must be the first word",
        "",
    ),
    (
        CALLBACK % "event: card.returned, deliver: [«{ok: 1}»]",
        "bad-deliver",
        "ok takes no argument",
        "write ok",
    ),
    (
        "- {name: one, «respond»: {}, sequence: [{}]}",
        "respond-and-sequence",
        "`respond` or `sequence`, not both",
        "move it",
    ),
    (
        "- {name: «one», match: {body.to.name: x}}",
        "no-answer",
        "scenario `one` has no response",
        "add `respond`",
    ),
    (
        "- {name: one, respond: {}, match: {body.weight: 1}}\n- {name: «one», respond: {}, match: {body.weight: 2}}",
        "same-name",
        "the name `one` is taken by the scenario at ",
        "another name",
    ),
    ("- {name: one, locale: «xx_XX», respond: {}}", "unknown-locale", "Faker has no locale `xx_XX`", ""),
    (
        ONE % 'merge: {a: «"{{ request.bdy }}"»}',
        "unknown-name",
        "unknown name `request.bdy`",
        "did you mean `body`?",
    ),
    (
        ONE % 'merge: {a: «"{{ reqest.body }}"»}',
        "unknown-name",
        "unknown name `reqest` in a template",
        "did you mean `request`?",
    ),
    (
        ONE % 'merge: {a: [1, «"x {{ fake.naem() }}"»]}',
        "unknown-name",
        "Faker has no `naem` for en_US",
        "did you mean `name`?",
    ),
    (
        ONE % 'merge: {a: «"{{ random.integr(1, 2) }}"»}',
        "unknown-name",
        "unknown name `random.integr`",
        "did you mean `integer`?",
    ),
    (
        ONE % 'merge: {a: «"{% if request.bdy %}x{% endif %}"»}',
        "unknown-name",
        "unknown name `request.bdy`",
        "",
    ),
    (
        ONE % "merge: {a: «\"{{ now | shft('1d') }}\"»}",
        "bad-template",
        "unknown filter `shft`",
        "did you mean `shift`?",
    ),
    (ONE % 'merge: {a: «"{{ now "»}', "bad-template", "the template is not closed", "close it"),
    (
        ONE % "merge: {a: «\"{% include 'x' %}\"»}",
        "bad-template",
        "`include` cannot be used in templates",
        "if, for and set",
    ),
    (
        ONE % 'headers: {X-A: «"{{ nw }}"»}',
        "unknown-name",
        "unknown name `nw` in a template",
        "did you mean `now`?",
    ),
    (
        CALLBACK % 'event: card.returned, url: «"{{ request.quary.u }}"»',
        "unknown-name",
        "unknown name `request.quary`",
        "`query`",
    ),
]

DOUBTFUL = [
    (
        ONE % "body: {reference: «'${request.body.reference}'»}",
        "literal-template",
        "`${request.body.reference}` is sent as it is",
        "write `{{ request.body.reference }}`",
    ),
    (
        CALLBACK % "event: card.returned, url: «'http://localhost/${ body.reference }'»",
        "literal-template",
        "`${ body.reference }` is sent as it is",
        "write `{{ request.body.reference }}`",
    ),
    (
        MATCH % "body.to.name: «'{{ shop }}-1'»",
        "literal-template",
        "a template in `match` is compared as it is written",
        "for a variable of the file write `{{ vars.shop }}`; else write the value itself",
    ),
    (
        ONE % "body: «'{{ request.body.refrence }}'»",
        "impossible-path",
        "no request of these operations has `body.refrence`, which a template uses",
        "did you mean `body.reference`?",
    ),
    (
        CALLBACK % "event: card.returned, merge: {a: [1, «'{{ request.body.to.nme | d(1) }}'»]}",
        "impossible-path",
        "no request of these operations has `body.to.nme`, which a template uses",
        "did you mean `body.to.name`?",
    ),
    (
        ONE % "outcome: lost, headers: «{X-A: '{{ request.params.dta }}'}»",
        "impossible-path",
        "no request of these operations has `params.dta`, which a template uses",
        "did you mean `params.data`?",
    ),
    (MATCH % "method: «post»", "impossible-value", "`method` is never `post`", "write `POST`"),
    (MATCH % "method: «{in: [get, put]}»", "impossible-value", "`method` is never `get`", "did you mean"),
    (
        MATCH % "path: «send/»",
        "impossible-value",
        "`path` begins with a slash, and `send/` does not",
        "write `/send`",
    ),
    (MATCH % "path: «{prefix: admin}»", "impossible-value", "`path` begins with a slash", "write `/admin`"),
    (
        MATCH % "body.weight: «{gt: 5, lte: 3}»",
        "impossible-value",
        "no value is above 5 and 3 or below",
        "exchange the two bounds",
    ),
    (
        MATCH % "body.sent: «{gte: '2024-02', lt: '2024-01'}»",
        "impossible-value",
        'no value is "2024-02" or above and below "2024-01"',
        "exchange the two bounds",
    ),
    (
        MATCH % "body.reference: «{all: [a, b]}»",
        "impossible-value",
        'no value is "a" and "b"',
        "for one of several write `any` or `in`",
    ),
    (
        MATCH % "body.reference: «{in: [a, b], prefix: c}»",
        "impossible-value",
        'no value is one of "a", "b" and begins with "c"',
        "for one of several write `any` or `in`",
    ),
    (
        MATCH % "body.reference: «{prefix: ''}»",
        "matches-all",
        "every text has an empty text",
        "{exists: true}",
    ),
    (
        MATCH % "body.reference: «{regex: ''}»",
        "matches-all",
        "every text has an empty text",
        "{exists: true}",
    ),
    (
        MATCH % "body.reference: «{any: [{contains: ''}, {prefix: a}]}»",
        "matches-all",
        "every text has an empty text in it",
        "{exists: true}",
    ),
    (
        MATCH % "body.reference: «{regex: '/^a$/i'}»",
        "delimited-regex",
        "the slashes of `/^a$/i` are compared, too",
        "write `'(?i)^a$'`",
    ),
    (
        MATCH % "body.reference: «{regex: '/a+/g'}»",
        "delimited-regex",
        "the slashes of `/a+/g` are compared, too",
        "write `'a+'`",
    ),
    (
        "- {name: one, match: {operation: send, «state.stepp»: x}, set: {step: x}, respond: {outcome: lost}}",
        "unset-state",
        "no scenario sets `state.stepp`",
        "did you mean `state.step`?",
    ),
    (
        "- {name: one, match: {operation: send, «state.colour.name»: x}, respond: {outcome: lost}}",
        "unset-state",
        "no scenario sets `state.colour`",
        "add `set: {colour: …}` to the scenario that comes before",
    ),
    (
        CALLBACK % "event: card.returned, url: «http://localhost:8484/x/%5F_admin/reset»",
        "unreceivable",
        "callbacks never call the control API of a mock server",
        "write for example http://localhost:3000/hook",
    ),
    (
        MATCH % "operation: send, «body.to.nme»: x",
        "impossible-path",
        "no request of `send` has `body.to.nme`",
        "did you mean `body.to.name`?",
    ),
    (
        MATCH % "operation: send, «params.dta»: x",
        "impossible-path",
        "no request of `send` has `params.dta`",
        "did you mean `params.data`?",
    ),
    (
        MATCH % "operation: send, «verification.status»: x",
        "impossible-path",
        "no request of `send` has `verification.status`",
        "",
    ),
    (
        MATCH % "operation: track, «verification.stats»: x",
        "impossible-path",
        "has `verification.stats`",
        "did you mean `verification.status`?",
    ),
    (
        MATCH % "operation: track, «body.to.name»: x",
        "impossible-path",
        "no request of `track` has `body.to.name`",
        "",
    ),
    (MATCH % "«body.unknown»: x", "impossible-path", "none of its requests has `body.unknown`", ""),
    (
        MATCH % "operation: send, body.to.name: «nobody»",
        "magic-value",
        "this takes over `Nobody`, which by itself gives outcome lost",
        "another value",
    ),
    (MATCH % "operation: send, body.reference: «{prefix: lost-in}»", "magic-value", "takes over `lost-`", ""),
    (MATCH % "operation: send, body.reference: «{in: [a, lost-9]}»", "magic-value", "takes over `lost-`", ""),
    (
        "- {name: one, match: {operation: send, body.photo: {exists: false}}, respond: {outcome: lost, decline: {«photo»: [P01]}}}",
        "excluded-service",
        "`match` excludes requests with the service `photo`",
        "`body.photo` there",
    ),
    (
        CALLBACK % "event: card.returned, url: «ftp://x/y»",
        "unreceivable",
        "no one can receive a callback at `ftp://x/y`",
        "http://localhost:3000/hook",
    ),
    (CALLBACK % "event: card.returned, url: «'http://[::1'»", "unreceivable", "no one can receive", ""),
    (
        "- {name: one, match: {operation: send, body.hook: {exists: false}}, callbacks: [{event: «card.returned»}]}",
        "unreceivable",
        "requests without `body.hook` have no receiver",
        "add `url`",
    ),
    (
        MATCH % "body.sent: «{after: -18y, before: -20y}»",
        "empty-range",
        "no date is after -18y and before -20y",
        "exchange the two",
    ),
    (MATCH % "body.sent: «{after: 2026-01-01, before: 2026-01-02}»", "empty-range", "no date is", "two days"),
    (
        MATCH % "body.to.name: «{not: {regex: '^(\\w+)*$'}}»",
        "slow-regex",
        "can take very long",
        "repeat once",
    ),
    (
        CALLBACK % "event: card.returned, deliver: «[drop, drop]»",
        "unreceivable",
        "every word is `drop`",
        "`callbacks: []`",
    ),
    (
        CALLBACK % "event: card.returned, deliver: [«{scheme: hashed}»]",
        "without-effect",
        "no signature scheme `hashed`",
        "use one of: `legacy`",
    ),
    (
        CALLBACK % "event: card.returned, deliver: [«{swap-with: card.delivered}»]",
        "without-effect",
        "no other callback here",
        "add one",
    ),
    (
        CALLBACK % "event: card.returned, deliver: [«{status-changed: eaten}»]",
        "unknown-outcome",
        "`eaten` is not an outcome of postcard",
        "use one of",
    ),
    (
        CALLBACK % "event: parcel.weighed, requestType: «CARD»",
        "unusual-request-type",
        "postcard sends `parcel.weighed` about PARCEL, not about CARD",
        "to send it anyway, add `merge: {requestType: CARD}`",
    ),
    (
        "- {name: one, match: {operation: send}, callbacks: [{event: «parcel.weighed»}]}",
        "unusual-request-type",
        "postcard sends `parcel.weighed` about PARCEL, not about CARD",
        "write another event or `requestType`",
    ),
    (
        ONE % "merge: {born: «2023-02-30»}",
        "bad-date",
        "`2023-02-30` is not a date of the calendar",
        "1987-03-14",
    ),
    (MATCH % "body.sent: {lt: «2023-13-01»}", "bad-date", "`2023-13-01` is not a date", ""),
    (ONE % "merge: {share: [«120 %»]}", "bad-percentage", "`120 %` is not a percentage", "0% to 100%"),
    (
        "- {name: a, match: {body.weight: {gt: 1}}, respond: {}}\n- {name: «b», match: {body.weight: {gt: 2}}, respond: {}}",
        "shadowed",
        "`a` at",
        "put this one before it",
    ),
    (
        "- {name: «a», match: {body.weight: 1}, respond: {}}\n- {name: b, priority: 1, respond: {}}",
        "shadowed",
        "`b` at",
        "give this one a higher priority",
    ),
    (
        "- {name: «a», priority: 1, match: {body.weight: 1}, respond: {}}\n- {name: b, before: checks, respond: {status: 503}}",
        "shadowed",
        "answers before the checks and answers all its requests",
        "remove `before: checks` there",
    ),
]


def check(folder: Path, marked: str, rule: str, message: str, remedy: str, severity: str) -> None:
    problems, place = problems_and_place(folder, marked)
    assert [problem.rule for problem in problems] == [rule], problems
    only = problems[0]
    assert (only.line, only.column, only.length) == place
    assert message in only.message
    assert remedy in only.remedy
    assert only.severity == severity


@pytest.mark.parametrize(("marked", "rule", "message", "remedy"), SHAPE)
def test_a_mistake_of_shape(tmp_path: Path, marked: str, rule: str, message: str, remedy: str) -> None:
    check(tmp_path, marked, rule, message, remedy, ERROR)


@pytest.mark.parametrize(("marked", "rule", "message", "remedy"), MEANING)
def test_a_mistake_of_meaning(tmp_path: Path, marked: str, rule: str, message: str, remedy: str) -> None:
    check(tmp_path, marked, rule, message, remedy, ERROR)


@pytest.mark.parametrize(("marked", "rule", "message", "remedy"), DOUBTFUL)
def test_what_is_doubtful_is_a_warning_and_the_file_loads(
    tmp_path: Path, marked: str, rule: str, message: str, remedy: str
) -> None:
    check(tmp_path, marked, rule, message, remedy, WARNING)
    assert load([tmp_path], VOCABULARIES).scenarios("postcard")


@pytest.mark.parametrize("word", ["{corrupt: signature}", "{secret: other}", "{scheme: hashed}"])
def test_a_signature_word_has_no_effect_where_callbacks_carry_none(tmp_path: Path, word: str) -> None:
    problems, _ = problems_and_place(
        tmp_path, f"- {{name: one, callbacks: [{{event: home, deliver: [{word}]}}]}}", "pigeon"
    )
    assert [problem.message for problem in problems] == ["callbacks of pigeon carry no signature"]


@pytest.mark.parametrize("path", ["operation", "now"])
def test_a_sequence_counts_by_what_tells_customers_apart(tmp_path: Path, path: str) -> None:
    marked = f"- {{name: one, match: {{operation: send}}, sequence: {{by: «{path}», steps: [{{}}]}}}}"
    message, remedy = f"a sequence cannot count by `{path}`", "write `reference`, `account` or a path such as"
    check(tmp_path, marked, "unknown-path", message, remedy, ERROR)


def test_an_empty_file_is_a_warning(tmp_path: Path) -> None:
    problems, _ = problems_and_place(tmp_path, "«»# later\n")
    assert [(problem.rule, problem.severity, problem.line) for problem in problems] == [
        ("empty-file", WARNING, 0)
    ]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    problems = lint.check([tmp_path / "gone.yaml"], VOCABULARIES)
    assert [(problem.rule, problem.message) for problem in problems] == [
        ("unreadable", "the file cannot be read: No such file or directory")
    ]


@pytest.mark.parametrize(
    "scenarios",
    [
        "- {name: one, match: {operation: send, body.stamps.0.value: 3}, respond: {outcome: lost}}",
        "- {name: one, match: {operation: send, body.to: {exists: true}}, respond: {outcome: lost}}",
        "- {name: one, match: {operation: send, body.to.name: Nobody}, respond: {outcome: lost}}",
        "- {name: one, match: {operation: send, body.photo: {exists: true}}, respond: {outcome: lost, decline: {photo: [P01]}}}",
        "- {name: one, match: {operation: track, verification.status: lost}, respond: {outcome: found}}",
        "- {name: one, match: {operation: send}, callbacks: []}",
        "- {name: one, match: {body.weight: 3, header.X-A: a}, sequence: [{}, {respond: {error: 7}}, {callbacks: []}]}",
        "- {name: a, match: {body.weight: {gt: 2}}, respond: {}}\n- {name: b, match: {body.weight: {gt: 1}}, respond: {}}",
        "- {name: one, match: {operation: send, body.hook: {exists: true}}, callbacks: [{event: card.returned}]}",
        "- {name: one, match: {operation: send, body.hook: {not: http://x/}}, callbacks: [{event: card.returned}]}",
        "- {name: one, match: {operation: send, body.hook: {exists: false}}, callbacks: [{event: card.returned, url: http://x/}]}",
        "- {name: one, match: {body.to.name: {regex: '^(ab)+[a-z]*(\\+\\))*$'}}, respond: {}}",
        "- {name: z, respond: {}}\n- {name: a, match: {body.weight: 1}, respond: {}}",
        CALLBACK
        % "event: card.returned, url: '{{ request.body.hook }}', deliver: [{scheme: legacy}, {corrupt: signature}]",
        "- {name: one, callbacks: [{event: card.returned, deliver: [{swap-with: card.delivered}]}, {event: card.delivered}]}",
        CALLBACK % "event: parcel.weighed, requestType: PARCEL",
        CALLBACK % "event: parcel.weighed, requestType: CARD, merge: {requestType: CARD}",
        CALLBACK % "event: parcel.weighed, requestType: CARD, merge: {requestType: '{{ request.method }}'}",
        "- {name: one, match: {operation: track}, callbacks: [{event: parcel.weighed}]}",
        ONE % "body: 'a 100% sure 2024-02-29', delay: 0",
        EARLY % "status: 503, body: down, headers: {Retry-After: 5}, delay: 1s",
        "- {name: one, before: checks, match: {path: /x}, sequence: [{respond: {status: 503}}, {respond: {fault: reset}}]}",
        "- {name: a, before: checks, match: {body.weight: 1}, respond: {status: 503}}\n- {name: b, match: {body.weight: 2}, respond: {}}",
    ],
)
def test_nothing_is_said_of_what_is_right(tmp_path: Path, scenarios: str) -> None:
    assert lint.check([write(tmp_path, document(scenarios))], VOCABULARIES) == []


def test_all_mistakes_of_all_files_are_reported_in_one_run(tmp_path: Path) -> None:
    write(tmp_path, document(ONE % "statuz: 1, outcome: delivred, delay: soon"), "a.yaml")
    write(tmp_path, "a: [1\n", "b.yaml")
    write(
        tmp_path,
        document(CALLBACK.replace("one", "two") % "event: card.invalid, attempts: many"),
        "sub/c.yml",
    )
    with pytest.raises(ScenarioProblems) as caught:
        load([tmp_path], VOCABULARIES)
    reported = [(Path(problem.file).name, problem.rule) for problem in caught.value.problems]
    assert reported == [
        ("a.yaml", "unknown-key"),
        ("a.yaml", "unknown-outcome"),
        ("a.yaml", "bad-duration"),
        ("b.yaml", "yaml-syntax"),
        ("c.yml", "no-callback-event"),
        ("c.yml", "wrong-type"),
    ]
    assert str(caught.value).count("\n") == 5


def test_a_mistake_brings_no_follow_up_complaints(tmp_path: Path) -> None:
    """What is wrong is left out: that must not look as if the scenario said nothing, or matched
    everything."""
    problems, place = problems_and_place(
        tmp_path, "- {name: one, «respnd»: {outcome: lost}}\n- {name: two, respond: {outcome: lost}}"
    )
    assert [(problem.rule, problem.line, problem.column, problem.length) for problem in problems] == [
        ("unknown-key", *place)
    ]
