"""Percent-encoding as the functions of the usual languages do it."""

from __future__ import annotations

import pytest

from mock_server.diagnosis.percent_encoding import ENCODERS, decode, encode

TEXT = "% ā/~!a-_.*'()J".encode()


@pytest.mark.parametrize(
    ("safe", "encoded"),
    [
        (b"", b"%25%20%C4%81%2F~%21a-_."),
        (b"/", b"%25%20%C4%81/~%21a-_."),
        (b" !", b"%25 %C4%81%2F~!a-_."),
    ],
)
def test_a_percent_sign_is_encoded_once(safe: bytes, encoded: bytes) -> None:
    assert encode("% ā/~!a-_.".encode(), safe) == encoded


@pytest.mark.parametrize(
    ("how", "encoded"),
    [
        ("as rawurlencode does", b"%25%20%C4%81%2F~%21a-_.%2A%27%28%29J"),
        ("as a form is", b"%25+%C4%81%2F~%21a-_.%2A%27%28%29J"),
        ("as encodeURIComponent does", b"%25%20%C4%81%2F~!a-_.*'()J"),
        ("as URLEncoder does", b"%25+%C4%81%2F%7E%21a-_.*%27%28%29J"),
        ("as Python's quote does", b"%25%20%C4%81/~%21a-_.%2A%27%28%29J"),
        ("in lower case", b"%25%20%c4%81%2f~%21a-_.%2a%27%28%29J"),
        ("in lower case, as a form is", b"%25+%c4%81%2f~%21a-_.%2a%27%28%29J"),
        ("in lower case, as HttpUtility.UrlEncode does", b"%25+%c4%81%2f~!a-_.*%27()J"),
        ("as encodeURI does", b"%25%20%C4%81/~!a-_.*'()J"),
        ("twice", b"%2525%2520%25C4%2581%252F~%2521a-_.%252A%2527%2528%2529J"),
    ],
)
def test_each_function_encodes_its_own_way(how: str, encoded: bytes) -> None:
    assert ENCODERS[how](TEXT) == encoded


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        (b"%25%20%C4%81=%3d", "% ā==".encode()),
        (b"a+b", b"a+b"),
        (b"100%", b"100%"),
        (b"100%&%41", b"100%&A"),
        (b"%4", b"%4"),
        (b"%zz%41", b"%zzA"),
        (b"a%\nb%41", b"a%\nbA"),
        (b"a%\rb%41", b"a%\rbA"),
        (b"%0A%0D", b"\n\r"),
        (b"a \n%41", b"a \nA"),
        (b"a \r%41", b"a \rA"),
        (b"", b""),
        (b"%\r", b"%\r"),
        (b"%\n", b"%\n"),
        (b"%zz=41", b"%zz=41"),
    ],
)
def test_escapes_are_decoded(encoded: bytes, value: bytes) -> None:
    assert decode(encoded) == value
