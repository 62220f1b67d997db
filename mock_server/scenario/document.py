"""The shape of a scenario file, key by key. The JSON Schema and the shape check are made from these classes
and nothing else.

A docstring says what the mapping is; ``NOUN`` is how a message calls it; each key has a description and an
example. What depends on the vendor (operations, outcomes, events …) is not shape: the compiler and the schema
take it from the `Vocabulary`. Long because it is the whole language."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union

from msgspec import UNSET, Meta, Struct, UnsetType, field

T = TypeVar("T")
Opt = Union[T, UnsetType]  # noqa: UP007 - evaluated where `|` is not defined for a TypeVar and a class by Python 3.10

DURATION = "duration"
"""Marks a duration in the schema's ``format``: ``500ms``, ``2s``, ``1h30m`` or a number of seconds."""


NAME = r"^[^\s\x00-\x1f\x7f-\x9f\u2028\u2029]([^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\s\x00-\x1f\x7f-\x9f\u2028\u2029])?(?![\s\S])"
"""Text of every script on one line, without white space at its ends; as Python and JavaScript read it."""
LOCALE = r"^[a-z]{2,3}(_[A-Z][A-Za-z]{1,3})?$"
PATTERNS = {
    NAME: "must be a text on one line that neither begins nor ends with a space",
    LOCALE: "must be a language with or without a country",
}
"""What a message says in place of a pattern."""


def _key(description: str, *examples: Any, **limits: Any) -> Meta:
    return Meta(description=description, examples=list(examples), **limits)


def _duration(description: str, *examples: Any, **limits: Any) -> Meta:
    described = f"{description} Such as 500ms, 2s, 5m, 1h30m, 7d, or a number of seconds."
    return Meta(
        description=described, examples=list(examples), extra_json_schema={"x-kind": DURATION}, **limits
    )


class Closed(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Base: an unknown key is a mistake."""

    NOUN: ClassVar[str] = "this mapping"


Condition = dict[str, Any] | list[Any] | str | int | float | bool | None
"""A bare value, or a mapping of matchers, whose shape `matchers.MATCHERS` knows."""


class Lognormal(Closed, frozen=True):
    """A lognormal distribution: most answers near the median, a few much later, as real services do."""

    NOUN: ClassVar[str] = "`lognormal`"

    median: Annotated[str | int | float, _duration("Half of the draws are below.", "300ms")]
    sigma: Annotated[float, _key("Spread: 0 is none, 0.5 moderate, 1 wide.", 0.5, ge=0, le=3)]


class Distribution(Closed, frozen=True):
    """A delay that is drawn for each reference."""

    NOUN: ClassVar[str] = "a delay"

    uniform: Opt[
        Annotated[
            list[str | int | float],
            _duration("Evenly between two durations.", ["200ms", "2s"], min_length=2, max_length=2),
        ]
    ] = UNSET
    lognormal: Opt[
        Annotated[Lognormal, _key("Around a median, with a long tail.", {"median": "300ms", "sigma": 0.5})]
    ] = UNSET


class Respond(Closed, frozen=True):
    """The answer. At most one of `outcome`, `error`, `body` and `fault`; with none of them the provider
    answers by itself."""

    NOUN: ClassVar[str] = "`respond`"

    outcome: Opt[
        Annotated[
            str, _key("A realistic generated answer of this kind; `merge` changes details of it.", "verified")
        ]
    ] = UNSET
    error: Opt[
        Annotated[str | int, _key("The vendor's error with this code or event, in the vendor's shape.", 111)]
    ] = UNSET
    body: Opt[
        Annotated[
            Any,
            _key(
                "Exactly this: a mapping or list is sent as JSON, a text as text.",
                {"hello": "world"},
                "upstream unavailable",
            ),
        ]
    ] = UNSET
    fault: Opt[
        Annotated[
            Literal["reset", "empty", "truncate", "garbage", "hang"],
            _key(
                "The connection breaks. reset: it is reset. empty: closed without a byte. truncate: closed in the middle of the answer. "
                "garbage: bytes that are not HTTP. hang: nothing comes, until the client gives up.",
                "reset",
            ),
        ]
    ] = UNSET
    status: Opt[
        Annotated[
            int,
            _key(
                "HTTP status instead of the usual one; an error status alone is an empty answer.",
                503,
                ge=200,
                le=599,
            ),
        ]
    ] = UNSET
    headers: Opt[
        Annotated[
            dict[str, Any],
            _key("Header fields to add. A list sends the field more than once.", {"Retry-After": "5"}),
        ]
    ] = UNSET
    delay: Opt[
        Annotated[
            str | int | float | Distribution,
            _duration(
                "Wait before the first byte: a duration, or drawn from a distribution.",
                "1500ms",
                {"uniform": ["200ms", "2s"]},
            ),
        ]
    ] = UNSET
    merge: Opt[
        Annotated[
            dict[str, Any],
            _key(
                "Merged into the generated answer: mappings are merged, lists element by element, everything else is replaced.",
                {"verification": {"reference": "abc"}},
            ),
        ]
    ] = UNSET
    fields: Opt[Annotated[str | list[str], _key("With `error`: the fields at fault.", ["name.family"])]] = (
        UNSET
    )
    detail: Opt[
        Annotated[str | list[str], _key("With `error`: detailed messages.", ["must not be empty"])]
    ] = UNSET
    service: Opt[Annotated[str, _key("With `error`: the service it is about.", "document")]] = UNSET
    key: Opt[Annotated[str, _key("With `error`: the parameter it is about.", "dob")]] = UNSET
    message: Opt[
        Annotated[str, _key("With `error`: the message instead of the usual one.", "The name is too long.")]
    ] = UNSET
    decline: Opt[
        Annotated[
            list[str] | dict[str, list[str]],
            _key(
                "With a declining `outcome`: the decline codes, alone or by service.",
                {"document": ["D03"]},
                ["D03"],
            ),
        ]
    ] = UNSET
    review: Opt[
        Annotated[
            dict[str, Any],
            _key(
                "With `outcome`: what a reviewer has noted.",
                {"decision": "APPROVED", "notes": "Cleared by hand"},
            ),
        ]
    ] = UNSET


class Callback(Closed, frozen=True):
    """One callback or webhook that is sent after the answer."""

    NOUN: ClassVar[str] = "a callback"

    event: Annotated[str, _key("What it tells.", "card.returned")]
    after: Opt[
        Annotated[
            str | int | float,
            _duration(
                "When it leaves, counted from the answer on the account's clock; 0 when not given.", "500ms"
            ),
        ]
    ] = UNSET
    url: Opt[
        Annotated[
            str,
            _key("Where it goes instead of the usual address.", "http://localhost:3000/hook", min_length=1),
        ]
    ] = UNSET
    merge: Opt[
        Annotated[
            dict[str, Any],
            _key("Merged into the generated payload, like `merge` of `respond`.", {"event": "something.new"}),
        ]
    ] = UNSET
    attempts: Opt[Annotated[int, _key("How often it is tried at most.", 3, ge=1, le=100)]] = UNSET
    deliver: Opt[
        Annotated[
            list[Any],
            _key("How it travels: words played in order, one a transmission.", ["drop", "ok"], min_length=1),
        ]
    ] = UNSET
    request_type: Opt[
        Annotated[str, _key("The kind of request that a webhook is about.", "VERIFICATION")]
    ] = field(name="requestType", default=UNSET)
    reference: Opt[
        Annotated[
            str,
            _key("The reference it speaks of instead of the request's own.", "somebody-else-1", min_length=1),
        ]
    ] = UNSET


class Step(Closed, frozen=True):
    """One answer of a sequence."""

    NOUN: ClassVar[str] = "a step"

    respond: Opt[Annotated[Respond, _key("The answer of this call.", {"error": 111})]] = UNSET
    callbacks: Opt[
        Annotated[list[Callback], _key("What is sent after this call's answer; [] sends nothing.", [])]
    ] = UNSET
    times: Opt[
        Annotated[int, _key("How many calls in a row it answers; 1 when not given.", 100, ge=1, le=1_000_000)]
    ] = UNSET


class Sequence(Closed, frozen=True):
    """Answers of consecutive calls, what counts as one customer's calls, and what comes after the last step."""

    NOUN: ClassVar[str] = "a sequence"

    steps: Annotated[
        list[Step],
        _key(
            "One answer after the other.",
            [{"times": 2, "respond": {"error": 111}}, {"respond": {"outcome": "verified"}}],
            min_length=1,
        ),
    ]
    by: Opt[
        Annotated[
            str | Annotated[list[str], Meta(min_length=1)],
            _key(
                "Calls with the same value of this are counted together: `reference` (when not given), `account`, a path of "
                "the request such as body.email, or a list of paths.",
                "body.email",
                "account",
                ["body.email", "body.country"],
            ),
        ]
    ] = UNSET
    then: Opt[
        Annotated[
            Literal["repeat", "restart", "stop"],
            _key(
                "After the last step. repeat: it answers all further calls. restart: the first step comes next. "
                "stop: the next scenario answers.",
                "stop",
            ),
        ]
    ] = UNSET


class Defaults(Closed, frozen=True):
    """Defaults of every scenario of the file: a scenario's own values win, mappings are merged, tags add
    up."""

    NOUN: ClassVar[str] = "`defaults`"

    description: Opt[Annotated[str, _key("For people.", "The passport is a forgery.")]] = UNSET
    enabled: Opt[Annotated[bool, _key("false: it is not asked, as if it were not there.", False)]] = UNSET
    tags: Opt[
        Annotated[list[str], _key("Words to choose by: `serve --tags a,b --skip-tags c`.", ["onboarding"])]
    ] = UNSET
    priority: Opt[
        Annotated[int, _key("Higher is asked first; 0 when not given.", 10, ge=-1_000_000, le=1_000_000)]
    ] = UNSET
    locale: Opt[
        Annotated[
            str,
            _key(
                "Language and country of what `fake` makes in templates.",
                "de_DE",
                pattern=LOCALE,
            ),
        ]
    ] = UNSET
    before: Opt[
        Annotated[
            Literal["checks"],
            _key(
                "checks: it answers before the key, the signature and the request are checked, as a gateway would: "
                "with a status, body or fault and nothing else.",
                "checks",
            ),
        ]
    ] = UNSET
    chance: Opt[
        Annotated[
            str | float | int,
            _key(
                "The share of the matching requests that it answers; the next scenario answers the others. Drawn by seed, "
                "account and how often it was asked, so a run repeats.",
                "10%",
                0.1,
            ),
        ]
    ] = UNSET
    set: Opt[
        Annotated[
            dict[str, Any],
            _key(
                "Named values of the account, written when it answers; null removes one. `match: {state.NAME: …}` and "
                "`{{ state.NAME }}` read them.",
                {"step": "retried"},
                min_length=1,
            ),
        ]
    ] = UNSET
    match: Opt[
        Annotated[
            dict[str, Condition],
            _key(
                "Every entry must hold: a path of the request with a value that it equals, or with a matcher. "
                "Without match: the provider's default answer.",
                {"operation": "verify", "body.reference": {"prefix": "flaky-"}},
            ),
        ]
    ] = UNSET
    respond: Opt[Annotated[Respond, _key("The answer.", {"outcome": "verified"})]] = UNSET
    sequence: Opt[
        Annotated[
            Annotated[list[Step], Meta(min_length=1)] | Sequence,
            _key(
                "Answers of consecutive calls of one account and reference; the last one repeats. As a mapping with `by`, "
                "`then` and `steps` it counts by something else.",
                [{"respond": {"error": 111}}, {"respond": {"outcome": "verified"}}],
                {"by": "account", "then": "restart", "steps": [{"times": 9}, {"respond": {"error": 111}}]},
            ),
        ]
    ] = UNSET
    callbacks: Opt[
        Annotated[
            list[Callback],
            _key(
                "What is sent after the answer instead of the provider's own callbacks; [] sends nothing.",
                [{"event": "card.returned", "after": "2s"}],
            ),
        ]
    ] = UNSET


class Scenario(Defaults, frozen=True, kw_only=True):
    """One named rule: which requests it answers (`match`), and how (`respond` or `sequence`, and
    `callbacks`)."""

    NOUN: ClassVar[str] = "a scenario"

    name: Annotated[
        str,
        _key(
            "Unique among the provider's scenarios; pins, the journal and the X-Mock-Scenario header use it.",
            "forged-document",
            min_length=1,
            max_length=100,
            pattern=NAME,
        ),
    ]
    rows: Opt[
        Annotated[
            str | list[dict[str, Any]],
            _key(
                "A scenario for each row of a table: a CSV or YAML file in the scenario folder, or a list. `{{ row.COLUMN }}` in "
                "all other keys is the row's value.",
                "customers.csv",
                [{"id": "a1", "name": "Ngāta"}],
            ),
        ]
    ] = UNSET


class File(Closed, frozen=True, kw_only=True):
    """Scenarios of one provider."""

    NOUN: ClassVar[str] = "a scenario file"

    version: Annotated[Literal[1], _key("Version of this language.", 1)]
    provider: Annotated[str, _key("Whose API the scenarios are for.", "postcard")]
    vars: Opt[
        Annotated[
            dict[str, Any],
            _key(
                "Named values: `{{ vars.NAME }}` in the scenarios of this file. They may use `{{ env.MOCK_NAME }}`.",
                {"shop": "shop-", "hooks": "{{ env.MOCK_HOOKS | default('http://localhost:3000') }}"},
            ),
        ]
    ] = UNSET
    defaults: Opt[
        Annotated[
            Defaults,
            _key("Defaults of every scenario of this file.", {"respond": {"delay": "200ms"}}),
        ]
    ] = UNSET
    scenarios: Annotated[
        list[Scenario],
        _key(
            "The rules, asked in this order.",
            [{"name": "always-down", "respond": {"status": 503, "body": "down"}}],
        ),
    ]
