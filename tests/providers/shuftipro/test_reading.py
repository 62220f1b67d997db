"""What arrives: bodies as PHP would read them, and callers as the vendor sees them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mock_server.core.http import Request
from mock_server.providers.shuftipro.countries import COUNTRIES
from mock_server.providers.shuftipro.info import agent, geolocation
from mock_server.providers.shuftipro.parsing import parse
from tests.providers.shuftipro.harness import AML, PICTURE, ShuftiHarness, json_of

FORM = "application/x-www-form-urlencoded"


def read(body: bytes, content_type: str = "application/json", strict: bool = False) -> Any:
    return parse(
        Request("POST", "/", "", {"content-type": content_type} if content_type else {}, body), strict
    )


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b"reference=ref-1&a=", {"reference": "ref-1", "a": ""}),
        (
            b"document[proof]=x&document[name][first_name]=A+B",
            {"document": {"proof": "x", "name": {"first_name": "A B"}}},
        ),
        (
            b"document%5Bsupported_types%5D%5B%5D=a&document[supported_types][]=b",
            {"document": {"supported_types": ["a", "b"]}},
        ),
        (b"f[0]=a&f[1]=b", {"f": ["a", "b"]}),
        (b"f[1]=b", {"f": {"1": "b"}}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a=1&a[b]=2", {"a": {"b": "2"}}),
        (b"a[=1", {"a[": "1"}),
        (b"[]=1", {"0": ["1"]}),
        (b"a=%FF%C3%AB", {"a": "�ë"}),
        (b"x" + b"[a]" * 500 + b"=1", None),
        (b"&".join(b"a%d=1" % number for number in range(1001)), {}),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else "",
)
def test_forms(body: bytes, values: Any) -> None:
    result = read(body, FORM)
    if values is None:
        depth = 0
        while isinstance(result, dict):
            depth, result = depth + 1, next(iter(result.values()))
        assert depth == 65
    else:
        assert result == values


@pytest.mark.parametrize(
    ("body", "content_type", "lenient", "strict"),
    [
        (b'{"a":1}', "application/json; charset=utf-8", {"a": 1}, {"a": 1}),
        (b'{"a":1}', "application/vnd.api+json", {"a": 1}, {"a": 1}),
        (b'{"a":1}', "", {"a": 1}, {}),
        (b' {"a":1}', FORM, {"a": 1}, {' {"a":1}': ""}),
        (b"a=1", "", {"a": "1"}, {}),
        (b"a=1", "application/json", {}, {}),
        (b"plain", "text/plain", {}, {}),
    ],
)
def test_the_content_type_may_count_or_not(body: bytes, content_type: str, lenient: Any, strict: Any) -> None:
    assert read(body, content_type) == lenient
    assert read(body, content_type, strict=True) == strict


def test_a_form_makes_a_verification() -> None:
    shop = ShuftiHarness()
    form = (
        "reference=form-000001&callback_url=http%3A%2F%2F127.0.0.1%3A9%2Fhook&ttl=30&background_checks[name][first_name]=Ingrid"
        "&background_checks[name][last_name]=Solvang&background_checks[filters][]=pep&background_checks[dob]=1979-11-04"
    )
    response = shop.send("POST", "/", form.encode(), headers={"content-type": FORM})
    answer = json_of(response)
    assert (
        answer["event"],
        answer["verification_data"]["background_checks"]["aml_data"]["filters"],
    ) == ("verification.accepted", ["pep"])
    status = shop.send("POST", "/status", b"reference=form-000001", headers={"content-type": FORM})
    assert json_of(status)["event"] == "verification.accepted"


def multipart(*fields: tuple[str, str], line: str = "\r\n") -> bytes:
    """Each field with what follows ``form-data; name=`` and its content."""
    framed = [
        f"--b{line}Content-Disposition: form-data; name={head}{line}{line}{content}{line}"
        for head, content in fields
    ]
    return ("".join(framed) + f"--b--{line}").encode()


PERSON = (
    ("reference", "multi-00001"),
    ('"country"', "NZ"),
    ("callback_url", "http://127.0.0.1:9/hook"),
    ('"background_checks[name][first_name]"', "Tāmihana"),
    ("background_checks[name][last_name]", "Ngā-Puhi O'Connor"),
    ('"background_checks[filters][]"', "pep"),
    ('"background_checks[filters][]"', "sanction"),
    ("background_checks[dob]", "1979-11-04"),
)


def test_a_multipart_form_makes_a_verification() -> None:
    shop = ShuftiHarness()
    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = json_of(shop.send("POST", "/", multipart(*PERSON), headers=headers))
    assert answer["event"] == "verification.accepted"
    checks = answer["verification_data"]["background_checks"]
    assert checks["name"] | {"middle_name": ""} == {
        "first_name": "Tāmihana",
        "middle_name": "",
        "last_name": "Ngā-Puhi O'Connor",
    }
    assert checks["aml_data"]["filters"] == ["pep", "sanction"]
    status = shop.send("POST", "/status", multipart(("reference", "multi-00001")), headers=headers)
    assert json_of(status)["event"] == "verification.accepted"


FILE_PARTS = [
    pytest.param("reference", "", "reference", "The reference must be a string.", id="reference"),
    pytest.param("document[proof]", "document", "proof", "The proof must be a string.", id="proof"),
    pytest.param("document", "document", "", "The document must be an array.", id="service"),
    pytest.param("email", "", "email", "The email must be a string.", id="email"),
]


@pytest.mark.parametrize(("name", "service", "key", "message"), FILE_PARTS)
def test_a_file_part_is_not_a_text(name: str, service: str, key: str, message: str) -> None:
    shop = ShuftiHarness()
    fields = [
        field
        for field in (*PERSON, ('"document[name]"', ""))
        if field[0].strip('"') != name and not field[0].startswith('"document')
    ]
    body = multipart(*fields, (f'"{name}"; filename="a.png"', "picture"))
    response = shop.send("POST", "/", body, headers={"content-type": "multipart/form-data; boundary=b"})
    assert json_of(response)["error"] == {"service": service, "key": key, "message": message}
    evidence = shop.entry().evidence or {}
    assert (evidence["check"], evidence["explanation"]) == (
        "file-part",
        f"Sent as a file: {name}. The API reads text only.",
    )
    assert evidence["remedy"] == "Send a file as Base64 text in a field, such as data:image/png;base64,…"


def test_a_large_body_of_flat_json_is_read() -> None:
    filters = [f"adverse-media-{number}" for number in range(600)]
    answer = json_of(
        ShuftiHarness().ask({"background_checks": {**AML["background_checks"], "filters": filters}})
    )
    assert filters == answer["verification_data"]["background_checks"]["aml_data"]["filters"]


def test_files_are_not_kept() -> None:
    shop = ShuftiHarness(check_proofs=False)
    shop.ask({"reference": "ref-big", "document": {"proof": PICTURE, "additional_proof": "AAAA"}})
    document = shop.record("ref-big").services["document"]
    assert document == {"proof": "image/png", "additional_proof": "application/octet-stream"}


# -- callers
# ---------------------------------------------------------------------------------------------------
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/75.0.3770.100 Safari/537.36"


@pytest.mark.parametrize(
    ("useragent", "desktop", "phone", "device", "browser", "platform"),
    [
        ("", False, False, "0", "", ""),
        ("mock-client/1.0", False, False, "0", "", ""),
        ("python-requests/2.31", False, False, "0", "", ""),
        (MAC, True, False, "Macintosh", "Chrome - 75.0.3770.100", "OS X - 10_14_0"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", True, False, "Linux", "Firefox - 128.0", "Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Edg/120.1", True, False, "Windows", "Edge - 120.1", "Windows - 10.0"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1) Version/17.1 Mobile Safari/604.1", False, True, "iPhone", "Safari - 17.1", "iOS - 17_1"),
        ("Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X) Version/17.1 Safari/604.1", False, False, "iPad", "Safari - 17.1", "iOS - 17_1"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/120.0 Mobile", False, True, "Android", "Chrome - 120.0", "AndroidOS - 14"),
        ("Mozilla/5.0 (Linux; Android 14; Tab) OPR/80.1 Safari/537.36", False, False, "Android", "Opera - 80.1", "AndroidOS - 14"),
        ("Mozilla/5.0 (X11; CrOS x86_64 15.1) Odd/1", True, False, "Chromebook", "", "ChromeOS - 15.1"),
        ("Mozilla/5.0 (Unknown)", False, False, "0", "", ""),
    ],
)  # fmt: skip
def test_agents(useragent: str, desktop: bool, phone: bool, device: str, browser: str, platform: str) -> None:
    expected = {
        "is_desktop": desktop,
        "is_phone": phone,
        "useragent": useragent,
        "device_name": device,
        "browser_name": browser,
        "platform_name": platform,
    }
    assert agent(useragent, browser_name=True) == expected
    assert agent(useragent) == {**expected, "browser_name": ""}


def test_places() -> None:
    place = geolocation("2001:db8::1", "NO", extras=True)
    assert tuple(
        place[key]
        for key in (
            "ip",
            "country_name",
            "country_code",
            "city",
            "continent_name",
            "continent_code",
            "timezone",
            "ip_type",
            "currency",
        )
    ) == ("2001:db8::1", "Norway", "NO", "Oslo", "Europe", "EU", "Europe/Oslo", "ipv6", "NOK")
    assert "ip_type" not in geolocation("127.0.0.1", "NO")


@pytest.mark.parametrize(("country", "where"), [("NO", "NO"), ("no", "NO"), (None, "AT"), ("", "AT")])
def test_callers_sit_where_the_request_is_about(country: str | None, where: str) -> None:
    answer = json_of(
        ShuftiHarness(geolocation_country="AT", result_has_contact=True).ask({"country": country, **AML})
    )
    assert (answer["info"]["geolocation"]["country_code"], answer["country"]) == (where, country)


@pytest.mark.parametrize("code", [code for code, country in COUNTRIES.items() if country.region_code])
def test_the_region_of_a_country(code: str) -> None:
    """A code of ISO 3166-2 without the country, and a name with it."""
    country = COUNTRIES[code]
    assert re.fullmatch(r"[A-Z0-9]{1,3}", country.region_code)
    assert country.region_name


def test_most_places_have_a_region_and_a_postal_code() -> None:
    placed = [country for country in COUNTRIES.values() if country.region_code and country.postal_code]
    assert len(placed) > 120
    assert {COUNTRIES[code].region_code for code in ("DE", "NZ", "GB", "US")} == {"HE", "WGN", "ENG", "DC"}
