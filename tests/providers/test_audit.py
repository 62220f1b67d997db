"""The audit against receivers as people write them: one that is right, and many that are wrong, each in its
own way."""

from __future__ import annotations

import hmac
import io
import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256, sha512
from typing import Any

import pytest

from mock_server.core.exceptions import MockServerError
from mock_server.delivery.answer import Answer, SendFailure
from mock_server.providers import audit, registry
from mock_server.providers.audit import (
    ADVICE,
    AWKWARD,
    FORGED,
    GENUINE,
    PROBE,
    RIGHT,
    WRONG,
    AuditCase,
    AuditReport,
    judge,
)
from mock_server.providers.defaults import ProviderDefaults
from mock_server.providers.shuftipro import phpjson
from tests.receivers import Behaviour, Conversation, ReceivedRequest, Receiver, free_port, never_answers

SECRET = "mock-secret-QvT7dR2mZk4Lw9Xb"
Check = Callable[[ReceivedRequest], bool]


def expected(body: bytes, scheme: str = "hashed", secret: str = SECRET) -> str:
    """The signature as the specification words it, not as the mock computes it."""
    tail = sha256(secret.encode()).hexdigest() if scheme == "hashed" else secret
    return sha256(body + tail.encode()).hexdigest()


def receiver(check: Check, *, size: int = 1_000_000, error: int = 401) -> Behaviour:
    """A handler that answers 200 to what passes the check, and ``error`` to what does not."""

    async def behave(talk: Conversation, request: ReceivedRequest) -> None:
        try:
            status = 413 if len(request.body) > size else 200 if check(request) else error
        except Exception:
            status = 500
        talk.answer(status)

    return behave


def right(request: ReceivedRequest) -> bool:
    return hmac.compare_digest(request.headers.get("signature", ""), expected(request.body)) and isinstance(
        json.loads(request.body), dict
    )


def right_sp_signature(request: ReceivedRequest) -> bool:
    return hmac.compare_digest(request.headers.get("sp_signature", ""), expected(request.body))


def right_by_bytes(request: ReceivedRequest) -> bool:
    try:
        return hmac.compare_digest(
            bytes.fromhex(request.headers.get("signature", "")), bytes.fromhex(expected(request.body))
        )
    except ValueError:
        return False


def never_looks(request: ReceivedRequest) -> bool:
    return True


def looks_only_where_there_is_a_header(request: ReceivedRequest) -> bool:
    return not request.headers.get("signature") or right(request)


def checks_json_of_its_own(request: ReceivedRequest) -> bool:
    parsed, _ = json.JSONDecoder().raw_decode(request.body.decode())
    return request.headers.get("signature") == expected(phpjson.encode(parsed))


def checks_an_hmac(request: ReceivedRequest) -> bool:
    return request.headers.get("signature") == hmac.new(SECRET.encode(), request.body, "sha256").hexdigest()


def compares_a_prefix(request: ReceivedRequest) -> bool:
    return bool(request.headers.get("signature")) and expected(request.body).startswith(
        request.headers["signature"]
    )


def searches_for_the_signature(request: ReceivedRequest) -> bool:
    return expected(request.body) in request.headers.get("signature", "")


def takes_either_scheme(request: ReceivedRequest) -> bool:
    return request.headers.get("signature") in (expected(request.body), expected(request.body, "legacy"))


def has_no_secret(request: ReceivedRequest) -> bool:
    return request.headers.get("signature") == expected(request.body, "legacy", "")


def checks_that_it_looks_like_one(request: ReceivedRequest) -> bool:
    return len(request.headers.get("signature", "")) == 64


def reads_the_header_in_one_spelling(request: ReceivedRequest) -> bool:
    return right(request) and not json.loads(request.body)["reference"].endswith("header-case")


def refuses_everything(request: ReceivedRequest) -> bool:
    return False


def forgets_nothing() -> Check:
    seen: set[bytes] = set()

    def check(request: ReceivedRequest) -> bool:
        if request.body in seen:
            return False
        seen.add(request.body)
        return right(request)

    return check


FORGERIES = {
    "no-header", "empty-header", "plain-hash", "wrong-secret", "other-scheme", "hmac", "secret-first", "cut-signature", "padded-signature",
    "altered-body", "other-references", "reserialised", "truncated", "empty-body", "duplicate-keys", "extra-content", "huge",
}  # fmt: skip
PROVIDERS = registry.build({})
SIXTY_FOUR = FORGERIES - {"no-header", "empty-header", "cut-signature", "padded-signature", "huge"}


class Unaudited(ProviderDefaults):
    name = "unaudited"


def run(behave: Behaviour, **more: Any) -> AuditReport:
    with Receiver(behave) as opened:
        return audit.run(
            PROVIDERS["shuftipro"],
            f"{opened.url}/callbacks",
            **{"scheme": "hashed", "secret": SECRET, **more},
        )


def ids(report: AuditReport, verdict: str) -> set[str]:
    return {row.case.id for row in report.rows if row.verdict == verdict}


def test_there_are_twelve_forgeries_or_more_and_a_genuine_callback() -> None:
    report = run(receiver(right))
    assert {row.case.id for row in report.rows if row.case.kind == FORGED} == FORGERIES
    assert len(FORGERIES) >= 12
    assert [row.case.id for row in report.rows if row.case.kind == GENUINE] == ["genuine"]


@pytest.mark.parametrize("check", [right, right_sp_signature, right_by_bytes])
def test_a_right_receiver_passes(check: Check) -> None:
    report = run(receiver(check))
    assert (set(), 0) == (ids(report, WRONG), report.exit_code)
    assert {"upper-case"} & ids(report, ADVICE) == ({"upper-case"} if check is right_by_bytes else set())
    assert "0 of 17 forgeries accepted, every genuine callback accepted" in report.summary


@pytest.mark.parametrize("scheme", ["hashed", "legacy"])
def test_a_right_receiver_passes_by_the_scheme_of_its_account_only(scheme: str) -> None:
    def by_scheme(request: ReceivedRequest) -> bool:
        return request.headers.get("signature") == expected(request.body, scheme)

    assert run(receiver(by_scheme), scheme=scheme).exit_code == 0
    other = "legacy" if scheme == "hashed" else "hashed"
    assert ids(run(receiver(by_scheme), scheme=other), WRONG) == {"genuine", "other-scheme"}


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (never_looks, FORGERIES - {"huge"}),
        (looks_only_where_there_is_a_header, {"no-header", "empty-header"}),
        (checks_json_of_its_own, {"reserialised", "duplicate-keys", "extra-content"}),
        (checks_an_hmac, {"genuine", "hmac"}),
        (compares_a_prefix, {"cut-signature"}),
        (searches_for_the_signature, {"padded-signature"}),
        (takes_either_scheme, {"other-scheme"}),
        (has_no_secret, {"genuine", "plain-hash"}),
        (checks_that_it_looks_like_one, SIXTY_FOUR),
        (refuses_everything, {"genuine"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_wrong_receiver_fails_only_for_what_it_does_wrong(check: Check, wrong: set[str]) -> None:
    report = run(receiver(check))
    assert ids(report, WRONG) == wrong
    assert report.exit_code == 1
    assert all(row.meaning for row in report.rows if row.verdict != RIGHT)
    assert not any(row.meaning for row in report.rows if row.verdict == RIGHT)


def digest_of(text: bytes, secret: str = SECRET) -> str:
    """The signature of another text, by the scheme of the account."""
    return sha256(text + sha256(secret.encode()).hexdigest().encode()).hexdigest()


def computes(expected_by: Callable[[bytes], str]) -> Check:
    """A receiver that compares with what it computes itself."""
    return lambda request: request.headers.get("signature", "") == expected_by(request.body)


def as_node_does(body: bytes) -> bytes:
    return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()


def legacy_checker(request: ReceivedRequest) -> bool:
    return request.headers.get("signature") == expected(request.body, "legacy")


def ignores_case(request: ReceivedRequest) -> bool:
    return request.headers.get("signature", "").lower() == expected(request.body)


def present(request: ReceivedRequest) -> bool:
    return bool(request.headers.get("signature"))


def either_key(request: ReceivedRequest) -> bool:
    return request.headers.get("signature") in (
        expected(request.body),
        expected(request.body, secret=SECRET + "-not"),
    )


def right_by_encoded_text(request: ReceivedRequest) -> bool:
    return hmac.compare_digest(request.headers.get("signature", "").encode(), expected(request.body).encode())


KEY = sha256(SECRET.encode()).hexdigest().encode()
WHAT_IT_DOES: list[tuple[str, Check, int, str]] = [
    ("right", right, 401, ""),
    ("right-sp", right_sp_signature, 401, ""),
    ("right-404", lambda request: right(request) and request.path != "/", 401, ""),
    ("right-tuple", lambda request: (request.headers.get("signature"),) == (expected(request.body),) and request.method == "POST", 403, ""),
    ("right-bytes", right_by_encoded_text, 400, ""),
    ("right-raw", lambda request: request.headers.get("sp_signature", request.headers.get("signature")) == expected(request.body), 401, ""),
    ("by bytes", right_by_bytes, 401, "ignores-case"),
    ("lower", ignores_case, 401, "ignores-case"),
    ("repetition", forgets_nothing(), 409, "refuses-repetition"),
    ("404", refuses_everything, 404, "unknown-reference"),
    ("nothing", never_looks, 401, "checks-nothing"),
    ("presence", present, 401, "checks-presence"),
    ("form", checks_that_it_looks_like_one, 401, "checks-form"),
    ("optional", looks_only_where_there_is_a_header, 401, "checks-only-where-present"),
    ("own JSON", checks_json_of_its_own, 401, "json-rewritten"),
    ("prefix", compares_a_prefix, 401, "prefix-only"),
    ("contains", searches_for_the_signature, 401, "searches"),
    ("either scheme", takes_either_scheme, 401, "both-schemes"),
    ("either secret", either_key, 401, "another-secret"),
    ("HMAC", checks_an_hmac, 401, "hmac 0"),
    ("JSON of Node", computes(lambda body: digest_of(as_node_does(body))), 401, "json-rewritten 0"),
    ("JSON of Python", computes(lambda body: digest_of(json.dumps(json.loads(body)).encode())), 401, "json-rewritten 1"),
    ("legacy", legacy_checker, 401, "wrong-scheme 0"),
    ("line break", computes(lambda body: digest_of(body, SECRET + "\n")), 401, "secret-padded 0"),
    ("no secret", computes(lambda body: sha256(body).hexdigest()), 401, "secret-missing 0"),
    ("Base64", computes(lambda body: b64encode(bytes.fromhex(expected(body))).decode()), 401, "base64"),
    ("SHA-512", computes(lambda body: sha512(body + KEY).hexdigest()), 401, "other-hash 1"),
    ("secret first", computes(lambda body: sha256(KEY + body).hexdigest()), 401, "secret-misplaced 0"),
    ("undefined", computes(lambda body: digest_of(body, "undefined")), 401, "secret-absent 1"),
    ("everything", refuses_everything, 401, "refuses-everything"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "error", "does"), [row[1:] for row in WHAT_IT_DOES], ids=[row[0] for row in WHAT_IT_DOES]
)
def test_what_a_receiver_does_is_inferred(check: Check, error: int, does: str) -> None:
    report = run(receiver(check, error=error))
    assert (report.inference.id if report.inference is not None else "") == does


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ((("X-Powered-By", "PHP/8.2.1"),), "PHP"),
        ((("X-Powered-By", "Express"),), "Node"),
        ((("Server", "Werkzeug/3.0 Python/3.11"),), "Python"),
        ((("Server", "gunicorn"),), "Python"),
        ((("Server", "Kestrel"),), "C#"),
        ((("Server", "Apache-Coyote/1.1"),), "Java"),
        ((("Set-Cookie", "JSESSIONID=1"),), "Java"),
        ((("X-Runtime", "0.01"),), "Ruby"),
        ((("Server", "nginx"),), ""),
        ((), ""),
    ],
)
def test_the_fix_is_in_the_language_of_the_receiver(
    headers: tuple[tuple[str, str], ...], language: str
) -> None:
    async def behave(talk: Conversation, request: ReceivedRequest) -> None:
        talk.answer(200, headers=headers)

    inference = run(behave).inference
    assert inference is not None
    assert (inference.language, [*inference.snippets]) == (
        language,
        [language] if language else ["PHP", "Node", "Python"],
    )
    assert "Fix: " in inference.in_words()
    assert all("401" in snippet or "nauthorized" in snippet for snippet in inference.snippets.values())


def test_a_receiver_that_is_not_there_has_nothing_inferred() -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    assert audit.run(PROVIDERS["shuftipro"], url, scheme="hashed", secret=SECRET).inference is None


def test_probes_are_sent_only_where_the_genuine_message_is_refused() -> None:
    assert {row.case.kind for row in run(receiver(right)).rows} == {GENUINE, FORGED, AWKWARD}
    probes = [row for row in run(receiver(refuses_everything)).rows if row.case.kind == PROBE]
    assert (len(probes) > 20, {row.verdict for row in probes}) == (True, {RIGHT})
    assert SECRET not in str(probes)


def test_a_receiver_without_a_size_limit_accepts_the_huge_one() -> None:
    assert ids(run(receiver(never_looks, size=10_000_000)), WRONG) == FORGERIES


def test_duplicates_and_spellings_are_advice_and_no_failure() -> None:
    assert ids(run(receiver(forgets_nothing(), error=409)), ADVICE) == {"duplicate", "replay"}
    spelling = run(receiver(reads_the_header_in_one_spelling))
    assert (ids(spelling, ADVICE), spelling.exit_code) == ({"header-case"}, 0)


def test_what_breaks_the_receiver_is_advice() -> None:
    """It answers 500 to what is no JSON before it looks at the signature: not accepted, but not refused
    either."""

    def parses_first(request: ReceivedRequest) -> bool:
        json.loads(request.body)
        return right(request)

    report = run(receiver(parses_first))
    assert ids(report, ADVICE) == {"truncated", "empty-body", "extra-content"}
    assert report.exit_code == 0
    assert {row.meaning for row in report.rows if row.verdict == ADVICE} == {
        "It was not accepted, but it seems to have broken the receiver: refuse it with 401, or anybody can fill its error log."
    }


def test_a_receiver_of_some_references_is_asked_about_one_of_them() -> None:
    def knows_one(request: ReceivedRequest) -> bool:
        return right(request) and json.loads(request.body)["reference"] == "order-7"

    assert ids(run(receiver(knows_one, error=404)), WRONG) == {"genuine"}
    assert run(receiver(knows_one, error=404), reference="order-7").exit_code == 0


def test_each_case_has_a_reference_of_its_own() -> None:
    with Receiver(receiver(right)) as opened:
        for _ in range(2):
            audit.run(PROVIDERS["shuftipro"], opened.url, scheme="hashed", secret=SECRET)
        genuine = [request.body for request in opened.requests if right_sp_signature(request)]
    events = [json.loads(body) for body in genuine]
    accepted = [each["reference"] for each in events if each["event"] == "verification.accepted"]
    assert len(set(accepted)) == 4, (
        "the genuine one and header-case, twice; what is repeated repeats the genuine one"
    )


@pytest.mark.parametrize(("provider", "scheme"), [("shuftipro", "hashed"), ("cloudcheck", "")])
def test_a_receiver_that_is_not_there_is_reported_once(provider: str, scheme: str) -> None:
    port = free_port()
    report = audit.run(PROVIDERS[provider], f"http://127.0.0.1:{port}/", scheme=scheme, secret=SECRET)
    assert report.exit_code == 1
    assert [row.case.kind for row in report.rows] == [GENUINE]
    reason = f"connection refused by 127.0.0.1:{port}; nothing listens there"
    assert report.summary == f"nothing was judged: {reason}; start the receiver on port {port}"


def test_a_receiver_that_does_not_answer_is_asked_once() -> None:
    with Receiver(never_answers) as opened:
        report = audit.run(PROVIDERS["shuftipro"], opened.url, scheme="hashed", secret=SECRET, timeout=0.2)
        assert len(opened.requests) == 1
    assert report.summary.startswith("nothing was judged: timed out after 0.2 s without an answer; check")


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("http://169.254.169.254/", "callbacks never go there"),
        ("http://shop.example.com/", "allow it with --callback-allow shop.example.com"),
        ("http://receiver.invalid/", "check the spelling, and DNS"),
    ],
)
def test_an_address_that_cannot_be_reached_has_one_remedy(url: str, remedy: str) -> None:
    report = audit.run(PROVIDERS["shuftipro"], url, scheme="hashed", secret=SECRET)
    assert (report.exit_code, report.summary.count(";"), report.summary.endswith(remedy)) == (1, 1, True)


@pytest.mark.parametrize(
    ("provider", "scheme", "says"),
    [
        ("unaudited", "hashed", "no audit"),
        ("shuftipro", "md5", "unknown signature scheme 'md5'"),
        ("cloudcheck", "hashed", "carry no signature"),
    ],
)
def test_what_cannot_be_audited_says_why(provider: str, scheme: str, says: str) -> None:
    with pytest.raises(MockServerError, match=says):
        audit.run(PROVIDERS.get(provider) or Unaudited({}), "http://127.0.0.1/", scheme=scheme, secret=SECRET)


CASE = AuditCase("x", GENUINE, "", "", (), b"")


@pytest.mark.parametrize(
    ("kind", "answer", "verdict"),
    [
        (GENUINE, Answer(200), RIGHT),
        (GENUINE, Answer(204), RIGHT),
        (GENUINE, Answer(302, error="a redirect"), WRONG),
        (GENUINE, Answer(error="refused"), WRONG),
        (GENUINE, Answer(200, error="timed out in the middle of the answer"), WRONG),
        (FORGED, Answer(200), WRONG),
        (FORGED, Answer(200, error="timed out in the middle of the answer"), WRONG),
        (FORGED, Answer(401, error="answered 401"), RIGHT),
        (FORGED, Answer(500, error="answered 500"), ADVICE),
        (FORGED, Answer(302, error="a redirect"), ADVICE),
        (FORGED, Answer(error="closed"), ADVICE),
        (AWKWARD, Answer(200), RIGHT),
        (AWKWARD, Answer(409, error="answered 409"), ADVICE),
    ],
)
def test_how_an_answer_is_judged(kind: str, answer: Answer, verdict: str) -> None:
    assert judge(CASE._replace(kind=kind), answer) == verdict


def test_awkward_callbacks_may_be_refused_and_a_body_left_unread() -> None:
    refusable = CASE._replace(kind=AWKWARD, accept=False)
    assert [judge(refusable, Answer(status)) for status in (400, 200)] == [RIGHT, ADVICE]
    huge = CASE._replace(kind=FORGED, may_close=True)
    failures = SendFailure.CONNECTION_CLOSED, SendFailure.TIMED_OUT
    verdicts = [judge(huge, Answer(error="the reason", failure=failure)) for failure in failures]
    assert verdicts == [RIGHT, ADVICE]


def test_the_report_can_be_read_by_people_and_programs() -> None:
    from rich.console import Console

    report = run(receiver(never_looks))
    data = json.loads(json.dumps(report.as_json()))
    assert not data["ok"]
    assert len(report.rows) == len(data["rows"])
    row = next(each for each in data["rows"] if each["case"] == "no-header")
    assert (
        row["kind"],
        row["status"],
        row["verdict"],
        row["expected"],
    ) == ("forged", 200, "wrong", "400, 401 or 403")
    out = io.StringIO()
    Console(file=out, width=200).print(report.as_table())
    text = out.getvalue()
    assert all(each.case.id in text for each in report.rows)
    assert report.summary in text
    assert SECRET not in text + json.dumps(data)


# -- Cloudcheck
# ------------------------------------------------------------------------------------------------

DOCUMENTED = {
    "VERIFICATION",
    "WATCHLIST_MONITORING",
    "CAPTURE",
    "IDSCAN",
    "AKAHU",
    "CREDFIN",
    "DOCUMENT_CHECK",
}


def cloudcheck(check: Check, **more: Any) -> AuditReport:
    with Receiver(receiver(check, **more)) as opened:
        return audit.run(PROVIDERS["cloudcheck"], opened.url)


def tolerant(request: ReceivedRequest) -> bool:
    try:
        event = json.loads(request.body)
    except ValueError:
        return False
    return isinstance(event, dict) and all(
        isinstance(event.get(key), str) for key in ("requestType", "eventType", "reference")
    )


def test_a_tolerant_receiver_of_webhooks_passes() -> None:
    report = cloudcheck(tolerant, error=400)
    assert {row.verdict for row in report.rows} == {RIGHT}
    assert report.summary == "every genuine callback accepted"


def knows(types: set[str]) -> Check:
    return lambda request: tolerant(request) and json.loads(request.body)["requestType"] in types


def one_reference(request: ReceivedRequest) -> bool:
    return tolerant(request) and "," not in json.loads(request.body)["reference"]


@pytest.mark.parametrize(
    ("check", "wrong", "advice"),
    [
        (knows(DOCUMENTED), set(), {"unknown-request-type"}),
        (knows(DOCUMENTED - {"WATCHLIST_MONITORING"}), {"watchlist-monitoring"}, {"unknown-request-type"}),
        (one_reference, {"watchlist-monitoring", "several-references"}, {"spaces-in-the-list"}),
        (never_looks, set(), {"no-json", "empty-body", "other-types", "no-object"}),
    ],
    ids=["closed-list", "list-of-the-page", "one-reference", "never-looks"],
)
def test_what_a_receiver_of_webhooks_does_not_stand(check: Check, wrong: set[str], advice: set[str]) -> None:
    report = cloudcheck(check, error=400)
    assert (ids(report, WRONG), ids(report, ADVICE)) == (wrong, advice)


def test_a_receiver_of_webhooks_that_breaks_is_told() -> None:
    def trusting(request: ReceivedRequest) -> bool:
        json.loads(request.body)["reference"].split(",")
        return True

    assert ids(cloudcheck(trusting), ADVICE) == {"no-json", "empty-body", "other-types", "no-object"}


@pytest.mark.parametrize(
    ("check", "error", "does"),
    [
        (tolerant, 400, ""),
        (never_looks, 400, "reads-nothing"),
        (one_reference, 400, "single-reference"),
        (knows(DOCUMENTED), 400, "closed-types"),
        (refuses_everything, 404, "unknown-reference"),
        (refuses_everything, 401, "expects-signature"),
    ],
)
def test_what_a_receiver_of_webhooks_does_is_inferred(check: Check, error: int, does: str) -> None:
    inference = cloudcheck(check, error=error).inference
    assert (inference.id if inference is not None else "") == does


def test_a_repeated_webhook_that_is_refused_is_advice() -> None:
    seen: set[bytes] = set()

    def once(request: ReceivedRequest) -> bool:
        fresh = request.body not in seen
        seen.add(request.body)
        return fresh and tolerant(request)

    assert ids(cloudcheck(once, error=409), ADVICE) == {"repeated", "older-again"}
