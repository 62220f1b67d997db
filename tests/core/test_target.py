from __future__ import annotations

import pytest

from mock_server.core.target import CallbackTarget, TargetError, check_url, parse_target


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://localhost:3000/hook", CallbackTarget("http", "localhost", 3000, "/hook", "localhost:3000")),
        ("http://localhost", CallbackTarget("http", "localhost", 80, "/", "localhost")),
        (
            "https://App.Example.test/a?b=c#d",
            CallbackTarget("https", "app.example.test", 443, "/a?b=c", "app.example.test"),
        ),
        (
            "https://app.example.test:443/",
            CallbackTarget("https", "app.example.test", 443, "/", "app.example.test"),
        ),
        ("http://[::1]:8080/x", CallbackTarget("http", "::1", 8080, "/x", "[::1]:8080")),
        ("http://[fe80::1%25eth0]/", CallbackTarget("http", "fe80::1", 80, "/", "[fe80::1]")),
        ("http://localhost.:80/", CallbackTarget("http", "localhost", 80, "/", "localhost")),
        (
            "http://user:p%40ss@localhost/",
            CallbackTarget("http", "localhost", 80, "/", "localhost", "user:p@ss"),
        ),
        (
            "http://localhost@203.0.113.9/",
            CallbackTarget("http", "203.0.113.9", 80, "/", "203.0.113.9", "localhost"),
        ),
        (
            "http://bücher.test/straße?q=ä",
            CallbackTarget("http", "xn--bcher-kva.test", 80, "/stra%C3%9Fe?q=%C3%A4", "xn--bcher-kva.test"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_url_is_parsed(url: str, target: CallbackTarget) -> None:
    assert parse_target(url) == target


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "no callback URL"),
        ("/hooks", "relative"),
        ("ftp://localhost/", "only http and https"),
        ("mailto:someone", "only http and https can be called, not 'mailto'"),
        ("http://localhost:0/", "not a number from 1 to 65535"),
        ("http://localhost:port/", "not a number from 1 to 65535"),
        ("file:///etc/passwd", "only http and https"),
        ("http:///hooks", "has no host"),
        ("http://localhost:99999/", "not a number from 1 to 65535"),
        ("http://[::1/", "malformed"),
        ("http://example.test\\@localhost/", "backslash"),
        ("http://localhost/a b", "space"),
        ("http://localhost/\r\nX: y", "control character"),
        ("http://\u00ad\u200b.test/", "not a host name"),
    ],
    ids=repr,
)
def test_a_url_that_cannot_be_called_says_why(url: str, says: str) -> None:
    with pytest.raises(TargetError, match=says):
        parse_target(url)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("localhost:3000/hooks", "http://localhost:3000/hooks"),
        ("localhost", "http://localhost"),
        ("127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("[::1]:3000/hooks?a=b", "http://[::1]:3000/hooks?a=b"),
        ("//app.example.test/hooks", "http://app.example.test/hooks"),
        ("app.example.test?a=b", "http://app.example.test?a=b"),
    ],
)
def test_an_address_without_a_scheme_says_what_was_meant(url: str, meant: str) -> None:
    with pytest.raises(TargetError, match="the URL has no scheme") as caught:
        parse_target(url)
    assert (caught.value.meant, caught.value.remedy) == (meant, f"write {meant}")
    assert parse_target(meant)


def test_a_message_has_place_reason_and_remedy() -> None:
    check_url("webhook_url", "")
    check_url("webhook_url", "http://localhost:3000/hooks")
    with pytest.raises(ValueError, match="webhook_url: ") as caught:
        check_url("webhook_url", "ftp://" + "x" * 200)
    reason = "cannot be called: only http and https can be called, not 'ftp'"
    remedy = "write for example http://localhost:3000/hook"
    assert str(caught.value) == f"webhook_url: 'ftp://{'x' * 94}…' {reason}; {remedy}"
