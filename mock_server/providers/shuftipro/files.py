"""``proofs`` of a status, and the files behind them: pictures and a report that open, drawn when they are
fetched.

The vendor's newer addresses are fetched by POST with the token in the body, the older ones by GET with it in
the query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mock_server.core.exceptions import ProviderError
from mock_server.core.records import UsedValue
from mock_server.providers.base import PendingResponse
from mock_server.providers.context import RequestContext
from mock_server.providers.shuftipro import events, gate, links, tokens
from mock_server.providers.shuftipro.case import has_back
from mock_server.providers.shuftipro.errors import unauthorized
from mock_server.providers.shuftipro.parsing import parse
from mock_server.providers.shuftipro.phpjson import EMPTY_OBJECT
from mock_server.providers.shuftipro.routes import FILES, OLD_FILES
from mock_server.providers.shuftipro.services import SERVICES
from mock_server.providers.shuftipro.settings import NAME, Settings
from mock_server.providers.shuftipro.unread import find_problem
from mock_server.providers.shuftipro.verification import KIND, Verification, keep, read
from mock_server.providers.shuftipro.work import WORK, Work

DOWNLOAD = "proof"
"""Purpose of the tokens of files, and kind of the claims that use them up."""
REPORT = "verification_report"
_FRESH = "ask /status for the proofs again: each of its answers has a token of its own"
_UNKNOWN = {"check": "file", "remedy": _FRESH}
_EXTENSIONS = {"image/png": "png", "application/pdf": "pdf"}


class VerificationFile(NamedTuple):
    """One file of a verification."""

    service: str
    side: str
    extension: str

    @property
    def name(self) -> str:
        """What its address depends on."""
        return f"{self.service} {self.side}"


def files(verification: Verification) -> Iterator[VerificationFile]:
    """What was shown or uploaded, then the report. A video is stored as a still picture."""
    for name, values in verification.services.items():
        if SERVICES[name].proof and isinstance(values, dict):
            yield VerificationFile(name, "proof", _EXTENSIONS.get(values.get("proof", ""), "jpg"))
            if has_back(values):
                yield VerificationFile(
                    name, "additional_proof", _EXTENSIONS.get(values.get("additional_proof", ""), "jpg")
                )
    yield VerificationFile("", REPORT, "pdf")


def proofs(context: RequestContext, verification: Verification, settings: Settings) -> Any:
    """The addresses. Each status request gets its own token: the record counts them."""
    proof_files = list(files(verification))
    if len(proof_files) == 1 and settings.aml_proofs == "empty":
        return EMPTY_OBJECT
    section = context.stash[WORK].section
    size = tokens.PROOF_BYTES if settings.proof_style == "pea" else tokens.OLD_PROOF_BYTES
    purpose = f"{DOWNLOAD} {verification.reference}"
    ends = context.now + settings.proof_ttl
    number = tokens.number(context.draws, purpose, verification.proof_tokens)
    token = tokens.mint(context.account.name, section.secret_key, purpose, ends, number, size).hex()
    verification.proof_tokens += 1
    keep(context, verification, context.record)
    listed: dict[str, Any] = {}
    for file in proof_files:
        path = links.file_token(context.account.name, verification.handle, file.name, context.draws)
        url = f"{context.origin}{FILES}{path}"
        if settings.proof_style == "storage":
            url = f"{context.origin}{OLD_FILES}{path}/{file.service or 'report'}/{file.side}.{file.extension}?access_token={token}"
        if file.service:
            listed.setdefault(file.service, {})[file.side] = url
        else:
            listed |= {"access_token": token, REPORT: url}
    return listed


def authenticate(context: RequestContext, settings: Settings, directory: tokens.Directory) -> Work:
    """Enter the account that the address leads to, and check the token. Raises 401, or 404 for an address
    that leads nowhere."""
    path = context.request.path
    old = path.startswith(OLD_FILES)
    place = links.file_place(path[len(OLD_FILES if old else FILES) :].strip("/").partition("/")[0])
    account = directory.find(context.services.accounts, place.tag) if place is not None else None
    if place is None or account is None:
        raise ProviderError("404", evidence=_UNKNOWN)
    work = gate.enter(context, account)
    record = context.store.record(account.name, NAME, KIND, place.handle)
    if record is None or record.key == place.handle:
        raise ProviderError("404", evidence=_UNKNOWN)
    context.record = record
    context.reference = record.key
    work.verification = read(record)
    sent = context.query.get("access_token") if old else parse(context.request).get("access_token")
    unread = None if sent or old else find_problem(context.request, by_content_type=False)
    if unread is not None:
        raise unauthorized(unread.evidence())
    _spend(
        context,
        work,
        sent if isinstance(sent, str) else "",
        place.file if settings.proof_downloads == "each" else "",
    )
    return work


def _spend(context: RequestContext, work: Work, text: str, file: str) -> None:
    """Check the token and use it up."""
    size = len(text) // 2
    token = tokens.from_hex(text, size) if size in (tokens.PROOF_BYTES, tokens.OLD_PROOF_BYTES) else None
    ends = (
        tokens.check(token, work.section.secret_key, f"{DOWNLOAD} {context.reference}")
        if token is not None
        else None
    )
    if ends is None:
        raise unauthorized({"check": "access_token", "problem": "unknown", "remedy": _FRESH})
    if ends <= context.now:
        raise unauthorized({"check": "access_token", "problem": "expired", "remedy": _FRESH})
    value = f"{text} {file}"
    used = context.store.find_used(context.account.name, DOWNLOAD, value)
    if used is not None:
        raise unauthorized({"check": "access_token", "problem": "used", "by": used.by, "remedy": _FRESH})
    context.transaction.used_values.append(UsedValue(DOWNLOAD, value, context.now, ends, context.entry_id))


def serve(context: RequestContext, work: Work) -> PendingResponse:
    """The file."""
    from mock_server.providers.shuftipro import drawing

    verification = work.verification
    assert verification is not None
    token = links.file_place(
        context.request.path.strip("/").split("/")[2 if context.request.path.startswith(FILES) else 1]
    )
    digits = token.file if token is not None else ""
    file = next(
        (file for file in files(verification) if _digits(context, verification, file) == digits), None
    )
    if file is None or verification.event == events.DELETED:
        raise ProviderError("404", evidence=_UNKNOWN)
    context.outcome = "served"
    if file.side == REPORT:
        return PendingResponse(200, drawing.report(verification), "application/pdf")
    return PendingResponse(200, *drawing.proof(verification, file.service, file.side, file.extension))


def _digits(context: RequestContext, verification: Verification, file: VerificationFile) -> str:
    return links.file_token(context.account.name, verification.handle, file.name, context.draws)[-8:]
