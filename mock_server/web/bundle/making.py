"""A bundle from an account of a running server."""

from __future__ import annotations

import base64
import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

import mock_server
from mock_server.core.http import Request
from mock_server.core.records import Entry
from mock_server.providers.accounts import Account, credentials_of, replaced, secrets_of
from mock_server.scenario.files import SUFFIXES
from mock_server.scenario.load_time import ENV_PREFIX, OPTIONS_PREFIX
from mock_server.scenario.model import Condition
from mock_server.web import explanation, serializers
from mock_server.web.bundle.model import (
    FORMAT,
    VERSION,
    Bundle,
    BundledExchange,
    BundledFile,
    LeftOut,
    SentRequest,
)
from mock_server.web.bundle.pseudonyms import Pseudonyms
from mock_server.web.bundle.stand_ins import StandIns
from mock_server.web.service import Service

MOST = 1_000_000
_VARIABLE = re.compile(rf"\benv\.({ENV_PREFIX}\w+)")
_SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSPHRASE|KEY|CREDENTIAL")
_WIRE = frozenset(
    {"tls", "http", "http-version", "proxy", "host", "server", "time", "size", "target", "header"}
)
"""Checks of the wire layer: what they refuse has not come whole."""


def make(service: Service, account: Account, *, personal: bool = False) -> Bundle:
    """``personal``: leave personal data as they are."""
    declared = service.accounts.declared(account.name)
    stand_in = with_stand_ins(account, declared)
    state = service.store.account(account.name)
    entries = list(reversed(service.store.entries(account.name, limit=MOST)[0]))
    pseudonyms = Pseudonyms(service.config.seed, account.name, _known_words(service))
    if not personal:
        for entry in entries:
            shown = serializers.request(entry.request)
            pseudonyms.learn([shown.get("json"), shown["params"]])
    files = list(_scenario_files(service))
    environment, hidden = variables([*(file.text for file in files), *map(bytes.decode, state.inline)])
    hider = _Hider(service, account, stand_in, pseudonyms, hidden)
    hide = hider.stand_ins.value
    return Bundle(
        format=FORMAT,
        version=VERSION,
        account=account.name,
        seed=service.config.seed,
        versions={"kyc-mock-server": mock_server.__version__, "python": platform.python_version()},
        clock={"frozen": state.clock.frozen, "offset": state.clock.offset},
        pinned=state.pinned,
        settings=hide(dict(service.config.settings)),
        sections=hide(_sections(stand_in, declared)),
        public_base_url=hide(service.config.public_base_url),
        tags=list(service.config.tags),
        skip_tags=list(service.config.skip_tags),
        redacted=not personal,
        scenarios=[BundledFile(file.path, hide(file.text)) for file in files],
        environment=hide(environment),
        inline=[hide(msgspec.json.decode(document)) for document in state.inline],
        journal=[hider.exchange(entry) for entry in entries if not _is_incomplete(entry)],
        cut=[_left_out(entry) for entry in entries if _is_cut(entry)],
    )


def with_stand_ins(account: Account, declared: Mapping[str, Any]) -> Account:
    """The account with secrets that may be shown. An undeclared account's secrets follow from its name and are public."""
    sections = {
        vendor: replaced(
            section,
            **{
                field: f"stand-in-{vendor}-{field}"
                for field in secrets_of(section)
                if (declared.get(vendor) or {}).get(field)
            },
        )
        for vendor, section in account.sections.items()
    }
    return Account(account.name, sections, account.cors)


def _sections(account: Account, declared: Mapping[str, Any]) -> dict[str, Any]:
    """What was declared of the account, its secrets as `account` has them."""
    return {
        key: {
            field: getattr(account.sections[key], field) if field in secrets else value
            for field, value in part.items()
        }
        if key in account.sections and (secrets := secrets_of(account.sections[key])) is not None
        else part
        for key, part in declared.items()
    }


class _Hider:
    """Exchanges without secrets and personal data, signed again where that changed what was signed."""

    def __init__(
        self,
        service: Service,
        account: Account,
        stand_in: Account,
        pseudonyms: Pseudonyms,
        hidden: Mapping[str, str],
    ) -> None:
        """``hidden``: further secrets, and what stands in for each."""
        self._service, self._account, self._stand_in = service, account, stand_in
        self._pseudonyms = pseudonyms
        self.stand_ins = StandIns(
            {
                str(getattr(section, name)): str(getattr(stand_in.sections[vendor], name))
                for vendor, section in account.sections.items()
                for name in secrets_of(section)
                if getattr(section, name)
            }
            | dict(hidden)
        )

    def exchange(self, entry: Entry) -> BundledExchange:
        request = self._pseudonyms.request(entry.request)
        vendor = self._service.providers.get(entry.provider)
        forwarding = vendor.forwarding if vendor is not None else None
        if forwarding is not None and self._is_signed(entry) and self._is_changed(entry, request):
            section = self._stand_in.sections[entry.provider]
            request = forwarding.re_sign(request, tuple(credentials_of(section).values()))
        kind = {name.lower(): value for name, value in entry.headers}.get("content-type", "")
        body = self.stand_ins.content(self._pseudonyms.body(entry.body, kind))
        headers = [(name, self.stand_ins.text(self._pseudonyms.text(value))) for name, value in entry.headers]
        if forwarding is not None:
            signed = dict(forwarding.answer_headers(body, self._stand_in))
            headers = [(name, signed.get(name, value)) for name, value in headers]
        return BundledExchange(
            entry.id,
            entry.at,
            entry.real,
            entry.operation,
            SentRequest(*msgspec.structs.astuple(self._bare(request))),
            entry.status,
            headers,
            body,
            entry.scenario,
        )

    def _is_signed(self, entry: Entry) -> bool:
        return bool(explanation.explain(self._service, entry, 0).get("valid"))

    def _is_changed(self, entry: Entry, request: Request) -> bool:
        return request != entry.request or bool(self.stand_ins)

    def _bare(self, request: Request) -> Request:
        """No secret is left, wherever it stood."""
        sent = request.headers
        headers = {name: self.stand_ins.text(value) for name, value in sent.items()}
        if self._is_ours(sent):
            headers["authorization"] = sent["authorization"]
        elif self.stand_ins and "authorization" in sent:
            headers |= serializers.headers({"authorization": sent["authorization"]}.items())
        return request.replace(
            path=self.stand_ins.text(request.path),
            query=self.stand_ins.text(request.query),
            headers=headers,
            body=self.stand_ins.content(request.body),
        )

    def _is_ours(self, headers: Mapping[str, str]) -> bool:
        """Whether these credentials are the stand-ins."""
        shown = {
            "Basic " + base64.b64encode(":".join(credentials_of(section).values()).encode()).decode()
            for section in self._stand_in.sections.values()
        }
        return headers.get("authorization") in shown


def variables(texts: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The environment variables that scenario files name and that are set, those that look like secrets with
    stand-ins; and the secrets with their stand-ins."""
    shown: dict[str, str] = {}
    hidden: dict[str, str] = {}
    for name in dict.fromkeys(name for text in texts for name in _VARIABLE.findall(text)):
        value = os.environ.get(name)
        if value is None or name.startswith(OPTIONS_PREFIX):
            continue
        shown[name] = value
        if value and _SECRET.search(name):
            shown[name] = hidden[value] = f"stand-in-{name}"
    return shown, hidden


def _is_cut(entry: Entry) -> bool:
    return entry.request_cut is not None or entry.body_cut is not None


def _left_out(entry: Entry) -> LeftOut:
    parts = (
        ("request", entry.request_cut, entry.request.body),
        ("response", entry.body_cut, entry.body),
    )
    why = [f"{name} {cut.said(len(body))}" for name, cut, body in parts if cut is not None]
    return LeftOut(entry.id, "; ".join(why))


def _is_incomplete(entry: Entry) -> bool:
    """Whether the journal does not have all of it."""
    return _is_cut(entry) or _came_incomplete(entry)


def _came_incomplete(entry: Entry) -> bool:
    return not entry.operation and (entry.evidence or {}).get("check") in _WIRE


def _scenario_files(service: Service) -> Iterator[BundledFile]:
    """Scenario files and their tables of rows."""
    tables = service.scenarios.loaded.tables
    for number, scenario_path in enumerate(service.scenario_paths, 1):
        root = scenario_path if scenario_path.is_dir() else scenario_path.parent
        below = [path for path in sorted(root.rglob("*")) if path.is_file()]
        for path in below:
            is_scenario = path.suffix.lower() in SUFFIXES and scenario_path in (root, path)
            if is_scenario or path.resolve() in tables:
                yield BundledFile(f"{number}/{path.relative_to(root).as_posix()}", _text(path))


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


def _known_words(service: Service) -> Iterator[str]:
    """What scenarios compare with, and the magic values of the vendors."""
    for name, vocabulary in service.vocabularies.items():
        yield from _texts(msgspec.to_builtins(vocabulary.magic, enc_hook=str))
        for scenario in service.scenarios.loaded.scenarios(name):
            yield from (_expected(condition) for condition in scenario.match)


def _expected(condition: Condition) -> str:
    return condition.matcher.expected.strip('"')


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        yield from (text for value in document.values() for text in _texts(value))
        yield from document
    elif isinstance(document, list):
        yield from (text for value in document for text in _texts(value))
