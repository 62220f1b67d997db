"""A customer of both vendors who sends, to a running server, a request that a given scenario has to answer.

What to send follows from the scenario's own ``match``: a good request of its operation, changed until every
condition holds."""

from __future__ import annotations

import base64
import http.client
import itertools
import json
import time
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mock_server.client import Account
from mock_server.providers.cloudcheck.routes import BY_NAME
from mock_server.scenario.date_bounds import Bound
from mock_server.scenario.facts import MISSING, walk
from mock_server.scenario.matchers import Matcher
from mock_server.scenario.model import Scenario
from tests.providers.cloudcheck.harness import FORM, JPEG, digest, form, multipart

PATIENCE = 5.0
"""Seconds a client waits for an answer; `IMPATIENT` where none is to come."""
IMPATIENT = 0.3
NUMBERS = itertools.count(100)


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names."""
    body: bytes
    took: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def exchange(
    url: str,
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    patience: float = PATIENCE,
) -> Answer:
    """One request on a connection of its own. Raises what ``http.client`` and the socket raise."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=patience)
    begun = time.monotonic()
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        content = response.read()
        return Answer(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            content,
            time.monotonic() - begun,
        )
    finally:
        connection.close()


# --- values that hold


def candidates(matcher: Matcher) -> Iterable[Any]:
    """Values that may hold, made of what the matcher names."""
    argument = matcher.argument
    if matcher.kind in ("any", "all"):
        inner = [list(candidates(one)) for one in matcher.inner]
        yield from itertools.chain.from_iterable(inner)
        yield from ("".join(map(str, parts)) for parts in itertools.product(*inner))
    elif matcher.kind == "not":
        yield from ("something-else", *candidates(matcher.inner[0]))
    elif matcher.kind == "in":
        yield from argument
    elif matcher.kind == "prefix":
        yield f"{argument}{next(NUMBERS)}"
    elif matcher.kind == "suffix":
        yield f"some{argument}"
    elif matcher.kind == "contains":
        yield from (f"a{argument}b", [argument])
    elif matcher.kind == "regex":
        yield REGEXES[argument.pattern]
    elif matcher.kind == "exists":
        yield from ({}, "") if argument else (MISSING,)
    elif matcher.kind in ("before", "after"):
        yield from dates_around(argument)
    elif matcher.kind in ("gt", "gte", "lt", "lte"):
        yield from DATES if isinstance(argument, str) else (argument, argument + 1, argument - 1)
    else:
        yield argument


DATES = ("1955-05-05", "1977-03-14", "2001-01-01", "2012-12-12")


def dates_around(bound: Bound) -> Iterable[str]:
    """Dates or instants a little before and after the bound."""
    point = bound.at(time.time())
    if isinstance(point, datetime):
        yield from (f"{point + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}" for minutes in (-1, 1))
    else:
        yield from (str(point + timedelta(days)) for days in (-2, 2))


REGEXES = {r"^show-case-\d{4}$": "show-case-1234"}


def value_for(matcher: Matcher, present: Any) -> Any:
    """The present value where it holds, else one that does, of the same type if there is one."""
    matcher = matcher.at(time.time())
    values = [value for value in (present, *candidates(matcher)) if matcher.holds(value)]
    return next((value for value in values if type(value) is type(present)), values[0])


def put(body: Any, path: tuple[str, ...], value: Any) -> None:
    """Set or, for `MISSING`, remove what is at the path."""
    for part, after in itertools.pairwise(path):
        if isinstance(body, list):
            body = body[int(part)]
        else:
            body = body.setdefault(part, [{}] if after.isdecimal() else {})
    if value is MISSING:
        body.pop(path[-1], None)
    else:
        body[path[-1]] = value


class Conditions:
    """What a scenario's conditions ask of the parts of a request."""

    def __init__(self, scenario: Scenario) -> None:
        self._matchers: dict[tuple[str, ...], Matcher] = {
            condition.path: condition.matcher for condition in scenario.match
        }

    def one(self, *path: str) -> Any:
        """A value for that path; `MISSING` where there is no condition on it."""
        matcher = self._matchers.get(path)
        return MISSING if matcher is None else value_for(matcher, MISSING)

    @property
    def services(self) -> set[str]:
        """First names below ``body``."""
        return {path[1] for path in self._matchers if path[0] == "body" and len(path) > 1}

    def below(self, root: str, base: Any) -> Any:
        """``base`` changed so that the conditions below ``root`` hold."""
        changed = deepcopy(base)
        for path, matcher in self._matchers.items():
            if path[0] == root and len(path) > 1:
                put(changed, path[1:], value_for(matcher, walk(changed, path[1:])))
        return changed


# --- the vendors


class Customer:
    """Sends the same request again and again, with a new nonce where one is needed, and a new reference where
    the scenario counts by something else."""

    def __init__(self, account: Account, scenario: Scenario, operation: str, callback_url: str) -> None:
        self.account = account
        self.conditions = Conditions(scenario)
        self.sent = 0
        self.at: float | None = None
        """The account's time, where its clock is set; None: the machine's."""
        self._is_new_each_time = bool(scenario.counted.by)
        self.callback_url = callback_url
        self.headers = self.conditions.below("header", {})
        self.operation = operation
        self._prepared: Any = None

    def send(self, patience: float = PATIENCE) -> Answer:
        self.sent += 1
        if self._prepared is None or self._is_new_each_time:
            self._prepared = self.prepare()
            moment = self.conditions.one("now")
            if moment is not MISSING:
                self.account.clock.freeze(moment)
        return self.again(self._prepared, patience)

    def prepare(self) -> Any:
        """Do what has to come before, and say what to send."""
        raise NotImplementedError

    def again(self, prepared: Any, patience: float) -> Answer:
        raise NotImplementedError


PERSON: dict[str, Any] = {
    "details": {
        "name": {"given": "Tamsin", "family": "Okafor"},
        "dateofbirth": "1977-03-14",
        "driverslicence": {"number": "EX204518", "version": "111"},
    },
    "reference": "ref-1",
    "consent": "Yes",
}
HOOK = "http://127.0.0.1:9/back"


class CloudcheckCustomer(Customer):
    """Prepared: path, parameters, files."""

    def call(
        self,
        operation: str,
        params: Mapping[str, str],
        files: Any = None,
        patience: float = PATIENCE,
        path: str = "",
    ) -> Answer:
        """One signed request."""
        endpoint = BY_NAME[operation]
        path = path or endpoint.path
        key, secret = self.account.cloudcheck
        signed = {
            "key": key,
            "nonce": f"n-{next(NUMBERS)}",
            "timestamp": str(int((self.at or time.time()) * 1000)),
            **params,
        }
        signed["signature"] = digest(secret, path, signed)
        if endpoint.method == "GET":
            return exchange(self.account.url, "GET", f"{path}?{form(signed)}", None, self.headers, patience)
        kind, body = (FORM, form(signed).encode()) if files is None else multipart(signed, files)
        return exchange(
            self.account.url, endpoint.method, path, body, {"Content-Type": kind, **self.headers}, patience
        )

    def again(self, prepared: Any, patience: float) -> Answer:
        path, params, files = prepared
        if BY_NAME[self.operation].access == "browser":
            headers = {"Content-Type": "application/json", "x-api-key": self.account.name, **self.headers}
            return exchange(
                self.account.url,
                "POST",
                BY_NAME[self.operation].path,
                json.dumps(params).encode(),
                headers,
                patience,
            )
        return self.call(self.operation, params, files, patience, path)

    def prepare(self) -> tuple[str, Mapping[str, str], Any]:
        path, params, files = PREPARE[self.operation](self)
        if BY_NAME[self.operation].method == "POST" and isinstance(params, dict) and self.operation in DATA:
            params = {"data": json.dumps(self.conditions.below("body", params))}
        return (
            path,
            {
                name: value
                for name, value in self.conditions.below("params", {"key": "test-", **params}).items()
                if name != "key"
            },
            files,
        )

    def data(self, operation: str, value: Any, files: Any = None) -> Any:
        """The answer to a request with that ``data``, which must succeed."""
        answer = self.call(operation, {"data": json.dumps(value)}, files)
        assert answer.status == 200, answer
        return answer.json

    @cached_property
    def reference(self) -> str:
        """The reference that the stored record has to have."""
        reference = self.conditions.one("verification", "reference")
        return "ref-1" if reference is MISSING else reference


Prepared = tuple[str, Any, Any]
Prepare = Callable[[CloudcheckCustomer], Prepared]
FILES = {"file": ("licence.jpg", JPEG)}
ADDRESS = {"payload": [{"fullAddress": "18 exam", "country": "NZ"}], "sourceOfTruth": "NZAD"}


def plain(**params: Any) -> Prepare:
    return lambda customer: ("", dict(params), None)


def data(value: Any, files: Any = None) -> Prepare:
    return lambda customer: ("", deepcopy(value), files)


def verified(parameter: str) -> Prepare:
    def prepare(customer: CloudcheckCustomer) -> Prepared:
        answer = customer.data("verify", {**PERSON, "reference": customer.reference})
        return "", {parameter: answer["verification"]["verificationReference"]}, None

    return prepare


def captured(parameter: str, **more: str) -> Prepare:
    def prepare(customer: CloudcheckCustomer) -> Prepared:
        answer = customer.data("live", {"reference": customer.reference, "callback": HOOK})
        return "", {parameter: answer["capture"]["captureReference"], **more}, None

    return prepare


def started(operation: str, wrapper: str, **more: Any) -> Prepare:
    def prepare(customer: CloudcheckCustomer) -> Prepared:
        answer = customer.data(operation, {"reference": customer.reference, **more})
        return "", {"token": answer[wrapper]["token"]}, None

    return prepare


def gone(customer: CloudcheckCustomer) -> Prepared:
    recipient = {"reference": customer.reference, "givenName": "Ida", "emailAddress": "ida@example.test"}
    answer = customer.data("go-create", {"reference": "batch-1", "recipients": [recipient]})
    return "", {"token": answer["go"]["recipients"][0]["token"]}, None


def associated(customer: CloudcheckCustomer) -> str:
    person = {
        "reference": customer.reference,
        "personDetail": {"name": {"given": "Ida", "family": "Marlowe"}},
    }
    answer = customer.data("watchlist-create", {"associations": [person]})
    return str(answer["associations"][0]["associationReference"])


def reviewed(customer: CloudcheckCustomer) -> Prepared:
    reference = associated(customer)
    match = customer.call("watchlist-get", {"associationReference": reference}).json["matches"][0]
    return (
        "",
        {
            "associationReference": reference,
            "review": {"matchId": match["matchId"], "decision": "CLEARED", "notes": "no"},
        },
        None,
    )


def grown(customer: CloudcheckCustomer) -> Prepared:
    token = customer.call(
        "tree-request", {"entityNumber": str(customer.conditions.one("verification", "number"))}
    ).json["token"]
    if customer.operation == "tree-pdf":
        customer.account.clock.advance("1m")  # a report is there when the analysis has ended
    return "", {"token": token}, None


def photographed(customer: CloudcheckCustomer) -> Prepared:
    _, params, _ = captured("captureReference")(customer)
    customer.account.decide(customer.reference, "match")
    images = customer.call("live-response", params).json["capture"]["images"]
    return urlsplit(images[0]["url"]).path, {}, None


def documented(customer: CloudcheckCustomer) -> Prepared:
    answer = customer.data("doc-runcheck", {"reference": customer.reference, "consent": "Yes"}, FILES)
    return "", {"token": answer["document"]["token"]}, None


BANK = {"callback": HOOK}
PREPARE: Mapping[str, Prepare] = {
    "verify": data(PERSON),
    "verify-response": verified("verificationReference"),
    "verify-pdf": verified("reference"),
    "peid": plain(peid="7654321"),
    "peid-pdf": plain(peid="7654321"),
    "live": data({"reference": "ref-1", "callback": HOOK}),
    "live-response": captured("captureReference"),
    "live-upload": captured("captureToken", imageData=base64.encodebytes(JPEG).decode(), id="1"),
    "live-download": photographed,
    "options": plain(),
    "watchlist-create": data({"associations": [{"personDetail": {"name": {"family": "Okafor"}}}]}),
    "watchlist-delete": lambda customer: ("", {"associationReferences": [associated(customer)]}, None),
    "watchlist-list": plain(),
    "watchlist-get": lambda customer: ("", {"associationReference": associated(customer)}, None),
    "watchlist-review": reviewed,
    "tree-entities": plain(searchTerm="Acme"),
    "tree-request": plain(entityNumber="1234567"),
    "tree-result": grown,
    "tree-pdf": grown,
    "idscan-initiate": data({"reference": "ref-1"}),
    "idscan-results": started("idscan-initiate", "idscan"),
    "akahu-initiate": data({"reference": "ref-1", **BANK}),
    "akahu-results": started("akahu-initiate", "akahu", **BANK),
    "credfin-initiate": data({"reference": "ref-1", **BANK}),
    "credfin-results": started("credfin-initiate", "credfin", **BANK),
    "doc-runcheck": data({"reference": "ref-1", "consent": "Yes"}, FILES),
    "doc-results": documented,
    "mrz-runcheck": data({"reference": "ref-1", "consent": "Yes"}, FILES),
    "forms-create": data({"reference": "ref-1"}),
    "forms-results": started("forms-create", "form"),
    "go-create": data(
        {
            "reference": "ref-1",
            "recipients": [{"reference": "g1", "givenName": "Ida", "emailAddress": "ida@example.test"}],
        }
    ),
    "go-results": gone,
    "address-find": data(ADDRESS),
    "address-retrieve": data({"payload": [{"id": "NZ|NZAD|18-0-0"}]}),
    "address-phone": data({"payload": [{"phone": "+64 21 123 4567"}]}),
    "address-email": data({"payload": [{"email": "a@example.test"}]}),
    "addresslookup-find": data(ADDRESS),
    "addresslookup-retrieve": data({"payload": [{"id": "NZ|NZAD|18-0-0"}]}),
}
DATA = frozenset(
    name
    for name in PREPARE
    if not name.startswith(("peid", "live-upload", "tree", "addresslookup"))
    and BY_NAME[name].method == "POST"
)
"""Operations whose body is the parameter ``data``."""


class ShuftiCustomer(Customer):
    """Prepared: method, path, body."""

    def call(self, method: str, path: str, body: Any, patience: float = PATIENCE) -> Answer:
        name, secret = self.account.shuftipro
        basic = base64.b64encode(f"{name}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json", **self.headers}
        return exchange(
            self.account.url,
            method,
            path,
            None if body is None else json.dumps(body).encode(),
            headers,
            patience,
        )

    def again(self, prepared: Any, patience: float) -> Answer:
        method, path, body = prepared
        return self.call(method, path, body, patience)

    @property
    def stored(self) -> str:
        """Reference of a verification that was made before, and which the operation is about."""
        reference = self.conditions.one("body", "reference")
        reference = self.conditions.one("verification", "reference") if reference is MISSING else reference
        return "ref-000001" if reference is MISSING else reference

    def create(self, reference: str) -> Any:
        answer = self.call("POST", "/", {**CHECK, "reference": reference, "callback_url": self.callback_url})
        assert answer.status == 200, answer
        return answer.json

    def prepare(self) -> tuple[str, str, Any]:
        if self.operation == "verification":
            asked = {key: COMPLETE[key] for key in self.conditions.services if key in COMPLETE}
            base = {
                **CHECK,
                **asked,
                "reference": f"ref-{next(NUMBERS):06}",
                "callback_url": self.callback_url,
            }
            return "POST", "/", self.conditions.below("body", base)
        if self.operation in ("status", "delete"):
            reference = self.stored
            self.create(reference)
            comment = {"comment": "no longer needed"} if self.operation == "delete" else {}
            return "POST", f"/{self.operation}", {"reference": reference, **comment}
        if self.operation == "proof":
            return self._proof()
        return OTHERS[self.operation]

    def _proof(self) -> tuple[str, str, Any]:
        reference = self.stored
        answer = self.call("POST", "/", {"reference": reference, "document": {**COMPLETE["document"]}})
        assert answer.status == 200, answer
        status = self.call("POST", "/status", {"reference": reference}).json
        url = next(value for value in _texts(status["proofs"]) if "/api/pea/" in value)
        return "POST", urlsplit(url).path, {"access_token": status["proofs"]["access_token"]}


PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
CHECK: dict[str, Any] = {
    "country": "NZ",
    "background_checks": {"name": {"first_name": "Ada", "last_name": "Okafor"}, "dob": "1987-03-14"},
}
COMPLETE: dict[str, Any] = {
    "document": {
        "proof": PICTURE,
        "supported_types": ["passport"],
        "name": {"first_name": "Ada", "last_name": "Okafor"},
    },
    "face": {"proof": PICTURE},
    "address": {"proof": PICTURE, "supported_types": ["utility_bill"], "full_address": "18 Example Rise"},
}
"""What a service has in it, where the scenario only asks that it is there."""
OTHERS: Mapping[str, tuple[str, str, Any]] = {
    "account-info": ("GET", "/account/info/", None),
    "access-token": ("POST", "/get/access/token", None),
    "decline-reasons": ("GET", "/decline/reasons/", None),
}


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


CUSTOMERS: Mapping[str, type[Customer]] = {"cloudcheck": CloudcheckCustomer, "shuftipro": ShuftiCustomer}
