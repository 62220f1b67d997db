"""What is personal or secret in recorded traffic: one table, and one search that recorder and calibration share.

A value is found by the name of its member, by its form (an e-mail address, a card number), or because a request had it
under such a name. The last kind is found in every usual spelling (`spellings`). What stands in its place is the
caller's: a template in a scenario, a word in a report."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any, NamedTuple

from mock_server.core import nesting
from mock_server.scenario.spellings import date_of, encoded_runs, is_inside, pattern_of

MIN_LENGTH = 2
"""A shorter value of a request is not looked for in the answer: it would be found everywhere."""
LONG = 1000
"""A longer text without spaces is an image or a document, and left out."""


class PersonalKind(NamedTuple):
    """One row: what a value is, and how another one is drawn."""

    name: str
    expression: str
    """A template's; ``{n}`` is the number of characters of the value."""
    keys: str
    """Names of members in lower case without separators."""
    number: str = "random.integer({low}, {high})"
    """The expression where the value is a number."""


_DOCUMENT = "random.token({n}) | upper"
KINDS: tuple[PersonalKind, ...] = (
    PersonalKind("given name", "fake.first_name()", "firstname firstnames given givenname givennames middlename middlenames middle forename"
         " forenames preferredname"),
    PersonalKind("family name", "fake.last_name()", "lastname lastnames family familyname surname maidenname fathername mothername"
         " mothersmaidenname"),
    PersonalKind("name", "fake.name()", "fullname name displayname accountname cardholder cardholdername nameoncard holdername"),
    PersonalKind("email", "fake.email()", "email emailaddress mail"),
    PersonalKind("phone", "fake.phone_number()", "phone phonenumber mobile mobilenumber cellphone telephone landline fax"),
    PersonalKind("date of birth", "fake.date_of_birth(minimum_age=18, maximum_age=80) | string", "dob dateofbirth birthdate birthday"),
    PersonalKind("address", "fake.street_address()", "address fulladdress addressline address1 address2 line1 line2 addresselement"),
    PersonalKind("street", "fake.street_name()", "street streetname"),
    PersonalKind("house number", "random.digits({n})", "streetnumber unitnumber housenumber flatnumber buildingnumber"),
    PersonalKind("place", "fake.city()", "suburb city town placeofbirth birthplace"),
    PersonalKind("post code", "random.digits({n})", "postcode postalcode zip zipcode"),
    PersonalKind("document number", _DOCUMENT, "number documentnumber passport passportnumber passportno licence license licencenumber"
         " licensenumber driverlicence driverslicence driverlicensenumber driverslicencenumber cardnumber licencecardnumber"
         " idnumber identitynumber nationalid visanumber"
         " certificatenumber registrationnumber citizenshipnumber stocknumber mrz"),
    PersonalKind("document version", "random.digits({n})", "version licenceversion licenseversion versionnumber cardversion"),
    PersonalKind("tax number", "random.digits({n})", "ird irdnumber tfn taxfilenumber ssn socialsecuritynumber taxid"),
    PersonalKind("health number", _DOCUMENT, "nhi nhinumber medicare medicarenumber medicarecardnumber individualreferencenumber"),
    PersonalKind("card", "random.digits({n})",
                 "pan creditcard creditcardnumber cvv cvc bankaccount bankaccountnumber accountnumber iban bsb"),
    PersonalKind("IP address", "'192.0.2.' ~ random.integer(1, 254)", "ip ipaddress remoteaddress clientip xforwardedfor xrealip"),
    PersonalKind("place on the map", "fake.latitude() | string", "latitude lat", "fake.latitude() | float"),
    PersonalKind("place on the map", "fake.longitude() | string", "longitude lng lon", "fake.longitude() | float"),
    PersonalKind("user agent", "request.header['User-Agent'] | default('')", "useragent"),
    PersonalKind("picture", "random.token({n})", "image photo picture selfie portrait faceimage documentimage"),
    PersonalKind("token", "random.token({n})", "accesstoken refreshtoken idtoken authtoken bearertoken apikey apisecret clientsecret secret"
         " secretkey password passwd passphrase sessionid session csrftoken"
         " xapikey privatekey authorization proxyauthorization cookie setcookie"),
)  # fmt: skip
"""The table. A row of it is all that a new kind of value needs."""
BY_KEY: Mapping[str, PersonalKind] = {key: kind for kind in KINDS for key in kind.keys.split()}
BY_NAME: Mapping[str, PersonalKind] = {kind.name: kind for kind in KINDS}
_ID = PersonalKind("id", "uuid()", "")
_HEX = PersonalKind("hex digits", "random.hex({n})", "")
_TOKEN = BY_NAME["token"]
_NAMES = frozenset({"given name", "family name", "name"})
REFERENCES = frozenset(
    [
        "reference",
        "verificationreference",
        "capturereference",
        "callbackurl",
        "redirecturl",
        "notificationurl",
        "webhookurl",
        "username",
    ]
)
"""Names of members of a request whose values are the caller's own, and come from the request at hand when a scenario
answers."""
_OF_A_DOCUMENT = re.compile(
    "licen|passport|document|card|identity|visa|certificate|medicare|phone|mobile|street|address|citizen|details"
)
_WORDS = frozenset({"number", "version"})
"""Personal within these only; elsewhere they count things and versions."""


def plain(key: str) -> str:
    """A member's name in lower case without separators."""
    return re.sub(r"[^a-z0-9]", "", key.lower())


def kind_of(key: str, parent: str = "") -> PersonalKind | None:
    """What a member's value is. ``parent``: the name of the member that it is in. None: nothing of somebody's."""
    name = plain(key)
    if name in _WORDS and not _OF_A_DOCUMENT.search(plain(parent)):
        return None
    return BY_KEY.get(name) or BY_KEY.get(name.rstrip("0123456789"))


class Known(NamedTuple):
    """A value that must not be written."""

    text: str
    label: str
    expression: str = ""
    """A template's; empty: the label stands for it in scenarios as well."""
    kind: str = ""


class PersonalValue(NamedTuple):
    """A place in a text whose content must not be written."""

    label: str
    expression: str


# -- by their form


def _is_card(digits: str) -> bool:
    """Whether the length and the Luhn check digit are those of a payment card."""
    numbers = [int(digit) for digit in re.sub(r"\D", "", digits)]
    doubled = [
        digit if place % 2 == 0 else sum(divmod(2 * digit, 10))
        for place, digit in enumerate(reversed(numbers))
    ]
    return 14 <= len(numbers) <= 19 and sum(doubled) % 10 == 0


def _is_v4(text: str) -> bool:
    try:
        return bool(IPv4Address(text))
    except AddressValueError:
        return False


def _is_v6(text: str) -> bool:
    try:
        return bool(IPv6Address(text))
    except AddressValueError:
        return False


def _is_secret(text: str) -> bool:
    """Whether it is what follows ``Basic`` or ``Bearer``, not a word of a sentence."""
    return bool(re.search(r"\d", text) or re.search(r"[a-z][A-Z]|=$", text))


def _always(text: str) -> bool:
    return True


class Form(NamedTuple):
    """A form that values of a kind have wherever they stand."""

    kind: PersonalKind
    pattern: re.Pattern[str]
    """The whole match is replaced, or the group ``it`` where there is one."""
    holds: Callable[[str], bool] = _always


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_LONG_RUN = Form(BY_NAME["picture"], re.compile(r"[A-Za-z0-9+/=_-]{200,}"))
"""Looked for first: nothing else has to be found in what may be megabytes."""
FORMS: tuple[Form, ...] = (
    Form(_TOKEN, re.compile(r"\b(?:Basic|Bearer)(?:\s|\+|%20)+(?P<it>[A-Za-z0-9+/=._~%-]{6,})", re.IGNORECASE), _is_secret),
    Form(_TOKEN, re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?")),
    Form(BY_NAME["picture"], re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,(?P<it>[A-Za-z0-9+/=%_\\-]+)")),
    Form(BY_NAME["email"], re.compile(r"(?:[\w.+'’-]|%[0-9A-Fa-f]{2})+(?:@|%40|\\u0040|&#64;|&#x40;|&commat;)[\w-]+(?:\.[\w-]+)+")),
    Form(_ID, re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b")),
    Form(_HEX, re.compile(r"\b[0-9a-fA-F]{32,}\b")),
    Form(_TOKEN, re.compile(r"\b(?=[A-Za-z0-9]*[0-9])(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{32,}\b")),
    Form(BY_NAME["date of birth"], re.compile(
        rf"\b(?:born|dob|d\.o\.b|date\W{{0,3}}of\W{{0,3}}birth|birth\W{{0,3}}date)\b\W{{0,5}}(?:on |is |was )?"
        rf"(?P<it>\d{{1,4}}(?:[-/. ]{{1,2}}(?:\d{{1,4}}|{_MONTH})){{2}}|\d{{8}}|{_MONTH} \d{{1,2}},? \d{{4}})", re.IGNORECASE)),
    Form(BY_NAME["card"], re.compile(r"(?<![\w.])[2-6]\d{3}(?:[ -]?\d){10,15}(?![\w])"), _is_card),
    Form(BY_NAME["phone"], re.compile(r"(?:\+|%2B|&#43;|\\u002b)\d(?:[ ().-]{0,2}\d){7,13}(?!\d)", re.IGNORECASE)),
    Form(BY_NAME["phone"], re.compile(r"(?<![\w.-])(?:0(?:2\d|[34679]|4\d\d|800|508)|\(0\d{1,2}\))[ -]?\d{3}[ -]?\d{3,4}(?![\w-])")),
    Form(BY_NAME["tax number"], re.compile(r"(?<![\w-])\d{2,3}[- ]\d{3}[- ]\d{3}(?![\w-])")),
    Form(BY_NAME["health number"], re.compile(r"(?<![\w-])[2-6]\d{3}[ -]\d{5}[ -]\d(?![\w-])")),
    Form(BY_NAME["card"], re.compile(r"(?<![\w-])\d{2}-\d{4}-\d{7}-\d{2,3}(?![\w-])")),
    Form(BY_NAME["document number"], re.compile(r"(?<![\w-])[A-Z]{1,2}\d{6,7}(?![\w-])")),
    Form(BY_NAME["IP address"], re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), _is_v4),
    Form(BY_NAME["IP address"], re.compile(r"(?<![\w:.])[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:]*(?![\w:])"), _is_v6),
)  # fmt: skip
"""A bank account of New Zealand, an IRD number, a passport and a licence have forms of their own; so have Medicare cards
and tax file numbers of Australia."""


def expression_of(kind: PersonalKind, value: Any) -> str:
    """How another value like this one is drawn, as long as it is."""
    if isinstance(value, (int, float)):
        digits = len(str(abs(int(value))))
        return kind.number.format(low=10 ** (digits - 1) if digits > 1 else 0, high=10**digits - 1)
    text = str(value)
    if kind.expression == _DOCUMENT and text.isdecimal():
        return f"random.digits({len(text)})"
    return kind.expression.replace("{n}", str(len(text)))


class PersonalRedactor:
    """Finds what must not be written. ``known``: values, such as those of `personal` and of credentials."""

    def __init__(self, known: Iterable[Known]) -> None:
        by_text = {each.text: each for each in known if MIN_LENGTH <= len(each.text) <= LONG}
        ordered = sorted(by_text.values(), key=lambda each: len(each.text), reverse=True)
        self._known = [(pattern_of(each.text, each.kind), each) for each in ordered]
        self._shortest_run = len(ordered[-1].text) // 2 if ordered else 0
        """Encoding makes a text longer; some spellings of it are shorter, down to its half."""

    def pieces(self, text: str) -> list[str | PersonalValue]:
        """The text in pieces: what may be written, and findings in place of what may not."""
        pieces = self._known_in(_split([text], lambda piece: _formed(piece, _LONG_RUN)))
        for form in FORMS:
            pieces = _split(pieces, lambda piece, form=form: _formed(piece, form))  # type: ignore[misc]
        return pieces

    def known(self, text: str) -> list[str | PersonalValue]:
        """The same, with findings in place of known values only, whatever form others have."""
        return self._known_in([text])

    def _known_in(self, pieces: list[str | PersonalValue]) -> list[str | PersonalValue]:
        for pattern, known in self._known:
            finding = PersonalValue(known.label, known.expression)
            pieces = _split(pieces, lambda piece, p=pattern, f=finding: _findings(piece, p, f))  # type: ignore[misc]
        return _split(pieces, self._runs)

    def text(self, text: str) -> str:
        """The text with words in parentheses."""
        return "".join(piece if isinstance(piece, str) else f"({piece.label})" for piece in self.pieces(text))

    def _runs(self, text: str) -> Iterator[tuple[int, int, PersonalValue]]:
        """Base64 and hexadecimal digits of texts that hold a known value."""
        for begin, end, decoded in encoded_runs(text, self._shortest_run):
            if any(is_inside(known.text, pattern, decoded) for pattern, known in self._known):
                yield begin, end, PersonalValue(_TOKEN.name, f"random.token({end - begin})")


_Finder = Callable[[str], Iterator[tuple[int, int, PersonalValue]]]


def _split(pieces: list[str | PersonalValue], find: _Finder) -> list[str | PersonalValue]:
    result: list[str | PersonalValue] = []
    for piece in pieces:
        if not isinstance(piece, str):
            result.append(piece)
            continue
        at = 0
        for begin, end, finding in find(piece):
            if begin >= at:
                result += [piece[at:begin], finding] if begin > at else [finding]
                at = end
        if at < len(piece) or not piece:
            result.append(piece[at:])
    return result


def _findings(
    text: str, pattern: re.Pattern[str], finding: PersonalValue
) -> Iterator[tuple[int, int, PersonalValue]]:
    return ((*match.span(), finding) for match in pattern.finditer(text))


def _formed(text: str, form: Form) -> Iterator[tuple[int, int, PersonalValue]]:
    for match in form.pattern.finditer(text):
        group: str | int = "it" if "it" in form.pattern.groupindex else 0
        if form.holds(match[group]):
            yield *match.span(group), PersonalValue(form.kind.name, expression_of(form.kind, match[group]))


# -- in requests


def personal(document: Any, path: str = "") -> Iterator[Known]:
    """The values of a request that are somebody's or the caller's own. ``path``: where the request stands in a
    template, such as ``request.body``; empty: drawn again."""
    yield from _leaves(document, path, ("", ""))


def _leaves(value: Any, path: str, keys: tuple[str, str]) -> Iterator[Known]:
    """``keys``: names of the member and of the one around it."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, _below(path, str(name)), (str(name), keys[0]))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]" if path else "", keys)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield from _values(value, path, keys)


def _below(path: str, name: str) -> str:
    if not path:
        return ""
    from json import dumps

    return f"{path}.{name}" if re.fullmatch(r"[A-Za-z_]\w*", name) else f"{path}[{dumps(name)}]"


def _values(value: str | float, path: str, keys: tuple[str, str]) -> Iterator[Known]:
    text = str(value)
    document = _nested(text)
    if document is not None:
        yield from _leaves(document, "", keys)
        return
    kind = kind_of(*keys)
    if plain(keys[0]) in REFERENCES:
        yield Known(text, "mark", path or "uuid()", "reference")
    elif kind is not None and (isinstance(value, str) or len(text) >= 5):
        drawn = expression_of(kind, value)
        yield Known(text, kind.name, _with_default(path, drawn) if path else drawn, kind.name)
        yield from _parts(text, kind)


def _nested(text: str) -> Any:
    """The JSON object or list that a text is; None: another text."""
    if text[:1] not in ("{", "["):
        return None
    try:
        document = nesting.loads(text)
    except ValueError:
        return None
    return None if nesting.is_deeper(document) else document


def _with_default(path: str, drawn: str) -> str:
    return f"{path} | default({drawn.replace(' | string', '')})"


def _parts(text: str, kind: PersonalKind) -> Iterator[Known]:
    """What an answer may repeat of the value alone."""
    if kind.name in _NAMES or kind.name in ("address", "street"):
        least = 3 if kind.name in _NAMES else 4
        for word in re.findall(r"[^\W\d_](?:[^\W\d_]|['’ʻʼ-])+", text):
            if len(word) >= least and word != text and word.lower() not in _STREETS:
                yield Known(word, kind.name, kind.expression, kind.name)
    if kind.name == "date of birth" and date_of(text) is None:
        for year in re.findall(r"(?:19|20)\d\d", text):
            yield Known(year, kind.name, "random.digits(4)", "year")
    if kind is _TOKEN:
        yield from _credentials(text)


_STREETS = frozenset(
    {"street", "road", "avenue", "place", "drive", "lane", "crescent", "terrace", "close", "court", "highway", "parade", "quay", "unit"}
    | {"flat", "level", "suite", "north", "south", "east", "west", "zealand", "australia"}
)  # fmt: skip
"""Words that are in too many addresses to be anybody's."""


def _credentials(text: str) -> Iterator[Known]:
    """User and password of ``Basic``, the token of ``Bearer``, the values of cookies."""
    scheme, _, rest = text.partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = (
                base64.b64decode(rest + "=" * (-len(rest) % 4)).decode("utf-8", "replace").partition(":")
            )
        except ValueError:
            return
        for part in (rest, user, password):
            yield Known(part, _TOKEN.name, f"random.token({len(part)})", _TOKEN.name)
    elif scheme.lower() == "bearer":
        yield Known(rest, _TOKEN.name, f"random.token({len(rest)})", _TOKEN.name)
    else:
        for part in re.findall(r"=([^;=]{4,})", text):
            yield Known(part, _TOKEN.name, f"random.token({len(part)})", _TOKEN.name)
