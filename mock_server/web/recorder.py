"""The recorder: a service for the production server that forwards to a real vendor and writes what came back
as scenarios or as signing vectors."""

from __future__ import annotations

import json
import logging
import os
import threading
import zlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from mock_server.core import nesting
from mock_server.core.exceptions import ConfigError, ProviderError
from mock_server.core.http import Arrival, Request, Response, Route
from mock_server.providers.base import Provider
from mock_server.providers.context import RequestContext, Services
from mock_server.providers.mediatypes import MULTIPART, parse_header
from mock_server.providers.multipart import parts
from mock_server.providers.probes import ProbeAnswer
from mock_server.providers.routing import Router
from mock_server.providers.unserved import plain
from mock_server.scenario.disguise import Disguise
from mock_server.scenario.facts import MISSING
from mock_server.scenario.personal import Known, PersonalRedactor
from mock_server.scenario.recording import RecordedExchange, Recording, personal_of
from mock_server.web.http import wire_errors

log = logging.getLogger("mock_server")

_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
    }
    | {"content-length", "accept-encoding", "content-encoding", "date", "server"}
)
TIMEOUT = 60.0


class Recorder:
    """As the front's service. Everything is forwarded; what one operation of the vendor answered in text is
    recorded."""

    blocking = True

    def __init__(
        self,
        provider: Provider,
        services: Services,
        upstream: str,
        folder: Path,
        account: str,
        environ: Mapping[str, str],
        *,
        as_vector: bool = False,
    ) -> None:
        """``account``: the mock account that the caller uses; ``as_vector``: write signing vectors, not scenarios.
        Raises `ConfigError` without real credentials in the environment."""
        self._router = Router({provider.name: provider})
        self._provider, self._services, self._upstream, self._account = (
            provider,
            services,
            upstream.rstrip("/"),
            account,
        )
        if provider.forwarding is None:
            raise ConfigError(f"the real service of {provider.name} cannot be recorded")
        self._vendor = provider.forwarding
        self._credentials = tuple(environ.get(name, "") for name in self._vendor.VARIABLES)
        missing = [name for name, value in zip(self._vendor.VARIABLES, self._credentials) if not value]
        if missing:
            raise ConfigError(
                f"the real credentials are missing: set {' and '.join(missing)} in the environment"
            )
        stand_ins = {
            value: f"({name.lower()})" for name, value in zip(self._vendor.VARIABLES, self._credentials)
        }
        self._recording = Recording(provider.name, stand_ins)
        self.file = (
            _free(folder, f"{provider.name}-vectors", ".json")
            if as_vector
            else _free(folder, f"{provider.name}-recorded", ".yaml")
        )
        self._vectors: list[Mapping[str, Any]] | None = [] if as_vector else None
        self.recorded = 0
        self._lock = threading.Lock()

    # -- what the front calls
    def resolve(self, method: str, path: str, host: str = "", accept: str = "") -> Route:
        """All of it to `handle_all`, whatever the path."""
        return self._router.resolve(method, path, host).replace(to_app=False)

    def handle_all(self, arrivals: Sequence[Arrival]) -> list[Response]:
        return [self.handle(arrival) for arrival in arrivals]

    def handle(self, arrival: Arrival) -> Response:
        request = arrival.request
        if arrival.refusal is not None:
            log.info("%s %s refused: %s", request.method, request.path, plain(arrival.refusal).strip())
            return wire_errors.answer(arrival.refusal)
        try:
            answer = send(self._upstream, self._vendor.re_sign(request, self._credentials))
        except (OSError, HTTPException) as error:
            log.error("%s %s was not forwarded: %s", request.method, request.path, error)
            return _problem(502, f"the upstream cannot be reached: {error}")
        account = self._services.accounts.get(self._account)
        signed = self._vendor.answer_headers(answer.body, account) if account is not None else ()
        again = {name.lower() for name, _ in signed}
        log.info(
            "%s %s → %d, %s",
            request.method,
            request.path,
            answer.status,
            self._note(request, arrival.route.operation, answer),
        )
        return Response(
            answer.status,
            (*(pair for pair in answer.headers if pair[0].lower() not in again), *signed),
            answer.body,
        )

    def failure_headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        """No page records."""
        return ()

    def release(self, deliveries: Sequence[tuple[str, str]]) -> None:
        """Nothing is delivered."""

    def deliver_first(self, deliveries: Sequence[tuple[str, str]]) -> None:
        """Nothing is delivered."""

    def start(self, loop: object = None) -> None:
        """Starts nothing."""

    def stop(self) -> list[str]:
        return []

    # -- what becomes of it
    def _note(self, request: Request, operation: str, answered: UpstreamAnswer) -> str:
        """Record the exchange; in words what became of it."""
        if not operation:
            return "not recorded: the mock server does not know this operation"
        if self._vectors is not None:
            return self._note_vector(self._vectors, request, operation, answered)
        try:
            answer, text_type = _read(answered.body, answered.content_type)
        except ValueError:
            return f"not recorded: {answered.content_type or 'an answer without Content-Type'} cannot be written into a scenario"
        facts = self._facts(request, operation)
        with self._lock:
            name = self._recording.add(
                RecordedExchange(
                    operation,
                    facts.params,
                    facts.body,
                    answered.status,
                    answer,
                    text_type,
                    documents(request),
                )
            )
            self._write()
            self.recorded += 1
        return f"recorded as {name}"

    def _note_vector(
        self, vectors: list[Mapping[str, Any]], request: Request, operation: str, answered: UpstreamAnswer
    ) -> str:
        facts = self._facts(request, operation)
        recorded = RecordedExchange(
            operation, facts.params, facts.body, answered.status, None, "", documents(request)
        )
        known = [*personal_of(recorded), *(Known(text, "secret") for text in self._credentials)]
        account = self._services.accounts.get(self._account)
        if account is None:
            return f"not recorded: the account {self._account} is not declared"
        headers = {name.lower(): value for name, value in answered.headers}
        answer = ProbeAnswer(answered.status, headers, answered.body)
        try:
            vector = self._vendor.vector(
                request, answer, account, self._credentials[1], Disguise(PersonalRedactor(known))
            )
        except ValueError as error:
            return f"not recorded: {error}"
        with self._lock:
            vectors.append({"id": f"recorded-{len(vectors) + 1}", **vector})
            self._put(json.dumps(vectors, indent=1, ensure_ascii=False) + "\n")
            self.recorded += 1
        return f"recorded as {vectors[-1]['id']}"

    def _facts(self, request: Request, operation: str) -> RequestContext:
        """Parameters and body as scenarios see them; what the mock itself would refuse does not matter
        here."""
        context = RequestContext(self._services, request, operation, 0.0)
        for stage in (self._provider.authenticate, self._provider.validate):
            try:
                stage(context)
            except (ProviderError, LookupError, AttributeError, TypeError, ValueError):
                continue
        if context.body is MISSING:
            context.body = _data(request, context.params)
        return context

    def _write(self) -> None:
        import yaml

        text = yaml.dump(
            self._recording.document(),
            Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper),
            sort_keys=False,
            allow_unicode=True,
            width=140,
        )
        self._put(
            f"# Recorded; personal data and secrets are templates. Look it through before you share it.\n{text}"
        )

    def _put(self, text: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        pending = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        pending.write_text(text, "utf-8")
        pending.replace(self.file)


class UpstreamAnswer(NamedTuple):
    """What the upstream has answered; its headers without those of the connection."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def content_type(self) -> str:
        return next((value for name, value in self.headers if name.lower() == "content-type"), "")


def send(upstream: str, request: Request) -> UpstreamAnswer:
    """Forward the request; follow no redirect. Raises ``OSError`` or ``http.client.HTTPException``."""
    parts = urlsplit(upstream)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    headers = {name: value for name, value in request.headers.items() if name not in _HOP}
    target = f"{parts.path.rstrip('/')}{quote(request.path, safe='/%:@!$&()*+,;=~')}{'?' + request.query if request.query else ''}"
    with closing(kind(parts.hostname or "", parts.port, timeout=TIMEOUT)) as connection:
        connection.request(
            request.method, target, request.body or None, {**headers, "Accept-Encoding": "identity"}
        )
        response = connection.getresponse()
        body, coding = decoded(response.read(), response.getheader("Content-Encoding", ""))
        response_headers = tuple(
            (name, value) for name, value in response.getheaders() if name.lower() not in _HOP
        )
        if coding:
            response_headers += (("Content-Encoding", coding),)
        return UpstreamAnswer(response.status, response_headers, body)


def decoded(body: bytes, coding: str) -> tuple[bytes, str]:
    """The body without the codings that a service has used although it was asked for none, and those that are left:
    such as ``br``, which the client has to undo."""
    codings = [word for word in coding.lower().replace(",", " ").split() if word != "identity"]
    while codings and codings[-1] in ("gzip", "x-gzip", "deflate"):
        try:
            body = _inflated(body)
        except zlib.error:
            break
        codings.pop()
    return body, ", ".join(codings)


def _inflated(body: bytes) -> bytes:
    """Of gzip and zlib by its header, else without one, as some senders write ``deflate``. Raises ``zlib.error``."""
    try:
        return zlib.decompress(body, 47)
    except zlib.error:
        return zlib.decompress(body, -15)


def _read(body: bytes, kind: str) -> tuple[Any, str]:
    """The answer as JSON, or as text with its type. Raises ``ValueError`` for what is neither."""
    if not body:
        return "", kind
    text = body.decode("utf-8")
    try:
        answer = nesting.loads(text)
        if nesting.is_deeper(answer):
            raise ValueError(f"the answer is nested deeper than {nesting.DEPTH} levels")
        return answer, ""
    except ValueError:
        if not kind.startswith("text/"):
            raise
        return text, kind


def _data(request: Request, params: Mapping[str, str]) -> Any:
    """The JSON of a request that the provider did not get to."""
    for text in (params.get("data", ""), request.body.decode("utf-8", "replace")):
        try:
            value = nesting.loads(text)
            return MISSING if nesting.is_deeper(value) else value
        except ValueError:
            continue
    return MISSING


def documents(request: Request) -> list[Any]:
    """All names and values of a request: headers, query and body, in any format."""
    kind = request.headers.get("content-type", "")
    body, _ = decoded(request.body, request.headers.get("content-encoding", ""))
    documents: list[Any] = [dict(request.headers), _fields(request.query)]
    if parse_header(kind).value == MULTIPART:
        documents += [{part.name: part.content.decode("utf-8", "replace")} for part in parts(body, kind)]
        return documents
    text = body.decode("utf-8", "replace")
    try:
        document = nesting.loads(text)
        return [*documents, None if nesting.is_deeper(document) else document]
    except ValueError:
        return [*documents, _fields(text)]


def _fields(text: str) -> dict[str, list[str]]:
    """Of a form; empty for what is none."""
    try:
        return parse_qs(text, keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        return {}


def _free(folder: Path, stem: str, suffix: str) -> Path:
    """A file in the folder that does not exist yet."""
    number = 1
    while (path := folder / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}").exists():
        number += 1
    return path


def _problem(status: int, detail: str) -> Response:
    document = {"type": "about:blank", "title": "Recorder", "status": status, "detail": detail}
    return Response(status, (("Content-Type", "application/problem+json"),), json.dumps(document).encode())
