from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_server.core.delivery_directives import DIRECTIVES, parse_directive, tamper
from mock_server.core.records import Message
from mock_server.core.tampering import (
    Earlier,
    Original,
    Tampered,
    change_body,
    change_text,
    choose_earlier,
    replace,
)

BODY = b'{"reference":"ref-1","event":"done","ok":true,"n":12}'


def sign(
    message: Message, body: bytes, *, scheme: str | None, secret: str | None
) -> tuple[tuple[str, str], ...]:
    """A vendor that does not exist: SHA-256 over scheme, secret and body."""
    return (
        ("X-Seal", hashlib.sha256(f"{scheme or 'hashed'}:{secret or 'own'}:".encode() + body).hexdigest()),
    )


def unsigned(
    message: Message, body: bytes, *, scheme: str | None, secret: str | None
) -> tuple[tuple[str, str], ...]:
    return ()


def message(body: bytes = BODY, **changes: Any) -> Message:
    bare = Message("c-1", "default", "acme", "done", "ref-1", "http://localhost/", body, (), 100.0, 100.0)
    headers = (("Content-Type", "application/json"), *sign(bare, body, scheme=None, secret=None))
    return bare._replace(headers=headers)._replace(**changes)


def play(
    word: Any, sent: Message | None = None, signer: Any = sign, earlier: Earlier | None = None
) -> Tampered:
    return tamper(Original(sent or message(), parse_directive(word), signer, earlier))


def seal(body: bytes, scheme: str | None = None, secret: str | None = None) -> str:
    return sign(message(), body, scheme=scheme, secret=secret)[0][1]


@pytest.mark.parametrize("word", ["ok", "drop", {"swap-with": "x"}, {"status-changed": "x"}], ids=repr)
def test_words_of_time_and_order_leave_the_message_as_it_is(word: Any) -> None:
    assert Tampered(message().headers, BODY) == play(word)


@pytest.mark.parametrize("word", ["duplicate", "before-response", {"late": "2s"}, {"slow": "5s"}], ids=repr)
def test_words_that_only_say_what_they_did(word: Any) -> None:
    sent = play(word)
    assert (message().headers, BODY) == sent[:2]
    assert sent.done
    assert (5.0 if word == {"slow": "5s"} else 0.0) == sent.trickle


def test_a_corrupt_signature_differs_in_one_digit() -> None:
    sent = play({"corrupt": "signature"})
    wrong, right = dict(sent.headers)["X-Seal"], seal(BODY)
    assert sent.body == BODY
    assert sum(a != b for a, b in zip(wrong, right, strict=True)) == 1
    assert set(wrong) <= set("0123456789abcdef")
    assert play({"corrupt": "signature"}) == sent


def test_a_corrupt_body_is_still_json_under_the_old_signature() -> None:
    sent = play({"corrupt": "body"})
    assert seal(BODY) == dict(sent.headers)["X-Seal"]
    assert json.loads(BODY) != json.loads(sent.body)
    assert len(BODY) == len(sent.body)


@given(
    st.recursive(
        st.text() | st.integers() | st.booleans() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_changed_body_is_never_the_same(value: Any) -> None:
    for body in (
        json.dumps(value).encode(),
        json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"),
    ):
        changed = change_body(body)
        assert body != changed
        assert change_body(body) == changed


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(min_size=1), min_size=1))
def test_a_changed_object_with_texts_stays_json(value: dict[str, str]) -> None:
    assert set(value) == set(json.loads(change_body(json.dumps(value).encode())))


@pytest.mark.parametrize(
    ("text", "changed"), [("ab9", "ab0"), ("abf", "abe"), ("Az", "Ay"), ("a-", "b-"), ("", "0"), ("é", "é0")]
)
def test_a_text_is_changed_within_its_alphabet(text: str, changed: str) -> None:
    assert change_text(text) == changed


@pytest.mark.parametrize("body", [BODY, BODY + b"\n", b"[]", b"{", b""], ids=repr)
def test_corrupt_json_is_none_and_correctly_signed(body: bytes) -> None:
    sent = play({"corrupt": "json"}, message(body))
    with pytest.raises(json.JSONDecodeError):
        json.loads(sent.body)
    assert seal(sent.body) == dict(sent.headers)["X-Seal"]


@pytest.mark.parametrize(
    ("word", "scheme", "secret"),
    [
        ({"secret": "other"}, None, "other"),
        ({"scheme": "legacy"}, "legacy", None),
        ({"scheme": "hashed"}, "hashed", None),
    ],
    ids=repr,
)
def test_another_secret_or_scheme_signs_the_same_body(
    word: Any, scheme: str | None, secret: str | None
) -> None:
    sent = play(word)
    assert sent.body == BODY
    assert [("Content-Type", "application/json"), ("X-Seal", seal(BODY, scheme, secret))] == list(
        sent.headers
    )


@pytest.mark.parametrize(
    "word", [{"corrupt": "signature"}, {"secret": "other"}, {"scheme": "legacy"}], ids=repr
)
def test_where_nothing_is_signed_that_is_said(word: Any) -> None:
    sent = play(word, signer=unsigned)
    assert (message().headers, BODY) == sent[:2]
    assert sent.done.startswith("nothing:")


def test_truncate_cuts_under_the_signature_of_the_whole() -> None:
    sent = play({"truncate": 10})
    assert (BODY[:10], message().headers) == (sent.body, sent.headers)
    assert play({"truncate": 0}).body == b""
    assert play({"truncate": 10_000}).done.startswith("nothing:")


def test_another_content_type_takes_the_place_of_the_first() -> None:
    sent = play({"content-type": "text/html"})
    assert (("Content-Type", "text/html"), ("X-Seal", seal(BODY))) == sent.headers


def test_stale_replays_headers_and_body_of_the_earlier_one() -> None:
    old = message(b'{"old":1}', id="c-0", event="begun")
    sent = play({"stale": "24h"}, earlier=Earlier(old, 90_000.0))
    assert (old.headers, old.body) == (sent.headers, sent.body)
    assert "c-0" in sent.done
    assert "asked for" not in sent.done
    assert "asked for" in play({"stale": "24h"}, earlier=Earlier(old, 5.0)).done
    assert play({"stale": "24h"}).done.startswith("nothing:")


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ([], None),
        ([("c-0", "ref-1", 0.0, "acme")], "c-0"),
        ([("c-0", "ref-1", 0.0, "other")], None),
        ([("c-2", "ref-1", 101.0, "acme")], None),
        (
            [("c-a", "ref-1", 0.0, "acme"), ("c-b", "ref-1", 30.0, "acme"), ("c-c", "ref-1", 90.0, "acme")],
            "c-b",
        ),
        ([("c-b", "ref-1", 80.0, "acme"), ("c-a", "ref-1", 70.0, "acme")], "c-a"),
        ([("c-a", "ref-9", 0.0, "acme"), ("c-b", "ref-1", 90.0, "acme")], "c-b"),
        ([("c-a", "ref-9", 0.0, "acme")], "c-a"),
    ],
    ids=repr,
)
def test_what_is_replayed(others: list[tuple[str, str, float, str]], chosen: str | None) -> None:
    candidates = [
        message(id=name, reference=reference, created=created, provider=provider)
        for name, reference, created, provider in others
    ]
    earlier = choose_earlier(message(), [*candidates, message()], now=100.0, age=50.0)
    assert chosen == (None if earlier is None else earlier.message.id)


def test_headers_are_replaced_in_any_case_and_in_their_place() -> None:
    assert replace((("a", "1"), ("seal", "old"), ("c", "3")), (("Seal", "new"), ("D", "4"))) == (
        ("a", "1"),
        ("Seal", "new"),
        ("c", "3"),
        ("D", "4"),
    )


def test_every_word_of_the_table_can_be_played() -> None:
    import yaml

    for word in DIRECTIVES.values():
        assert tamper(Original(message(), parse_directive(yaml.safe_load(word.example)), sign, None)).headers
