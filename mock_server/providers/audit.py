"""``mock-server audit``: is a receiver's callback handler right? It is sent what is genuine, what is forged
and what is awkward.

The messages are a table of cases, the vendor's own (``providers/<vendor>/audit.py``); here they are sent,
judged and shown."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mock_server.core.exceptions import MockServerError
from mock_server.core.target import parse_target
from mock_server.delivery.answer import Answer, SendFailure
from mock_server.delivery.client import CallbackClient, HttpClient, OutgoingRequest
from mock_server.delivery.connectivity import remedy
from mock_server.delivery.targets import Policy
from mock_server.providers.audit_patterns import Inference, MistakenSignature, Reasoning, Seen, infer

if TYPE_CHECKING:
    from rich.console import RenderableType

GENUINE, FORGED, AWKWARD, PROBE = "genuine", "forged", "awkward", "probe"
"""Kinds of case. ``genuine``: the vendor sends it; anything but a 2xx fails the audit. ``forged``: the vendor
cannot have sent it; a 2xx fails the audit. ``awkward``: it can happen, and how to answer is the receiver's
choice; another answer than the best is advice. ``probe``: the genuine message, which was refused, under a signature that a known
mistake gives; one that is accepted shows what the receiver computes."""

RIGHT, WRONG, ADVICE = "right", "wrong", "advice"
"""Verdicts."""


class AuditCase(NamedTuple):
    """One transmission of an audit."""

    id: str
    kind: str
    sent: str
    """What is sent, in words."""
    means: str
    """What it means for the user when the receiver gets this one wrong."""
    headers: tuple[tuple[str, str], ...]
    body: bytes
    accept: bool = True
    """Whether the best answer to an awkward one is a 2xx."""
    may_close: bool = False
    """Whether closing the connection without an answer refuses it as well: a body that need not be read to
    its end."""


class AuditRow(NamedTuple):
    """A case and what came of it."""

    case: AuditCase
    answer: Answer
    took: float
    """Seconds."""
    verdict: str

    @property
    def expected(self) -> str:
        """What a right receiver answers."""
        if self.case.kind in (FORGED, PROBE):
            return "400, 401 or 403"
        return "2xx" if self.case.kind == GENUINE or self.case.accept else "4xx"

    @property
    def answered(self) -> str:
        """What this one answered."""
        return str(self.answer.status) if self.answer.status else self.answer.error

    @property
    def meaning(self) -> str:
        """What the answer means; empty where it is the right one."""
        if self.verdict == RIGHT:
            return ""
        if self.case.kind == FORGED and self.verdict == ADVICE:
            return "It was not accepted, but it seems to have broken the receiver: refuse it with 401, or anybody can fill its error log."
        return self.case.means


class AuditReport(NamedTuple):
    """All that was found out."""

    provider: str
    url: str
    scheme: str
    """Empty where the vendor's callbacks carry no signature."""
    rows: tuple[AuditRow, ...]
    inference: Inference | None = None
    """What the receiver really does; None: nothing wrong was inferred."""
    remedy: str = ""
    """What to change where the receiver did not answer; empty where the error itself says so."""

    @property
    def reached(self) -> bool:
        """Whether the receiver has answered at all."""
        return any(row.answer.status for row in self.rows)

    @property
    def wrong(self) -> list[AuditRow]:
        """What fails the audit: a forgery accepted, or a genuine callback refused."""
        return [row for row in self.rows if row.verdict == WRONG]

    @property
    def exit_code(self) -> int:
        return 1 if self.wrong else 0

    @property
    def summary(self) -> str:
        """One line."""
        if not self.reached:
            return "; ".join(filter(None, (f"nothing was judged: {self.rows[0].answer.error}", self.remedy)))
        forged = [row for row in self.rows if row.case.kind == FORGED]
        accepted = sum(row.verdict == WRONG for row in forged)
        refused = sum(row.verdict == WRONG for row in self.rows if row.case.kind == GENUINE)
        parts = [f"{accepted} of {len(forged)} forgeries accepted"] if forged else []
        parts.append(f"{refused} genuine callbacks refused" if refused else "every genuine callback accepted")
        advice = Counter(row.verdict for row in self.rows)[ADVICE]
        return ", ".join(parts) + (f", {advice} to consider" if advice else "")

    def as_json(self) -> dict[str, Any]:
        """JSON-able; no secret in it."""
        return {
            "provider": self.provider,
            "url": self.url,
            "scheme": self.scheme,
            "ok": not self.wrong,
            "summary": self.summary,
            "remedy": self.remedy,
            "inference": None if self.inference is None else self.inference._asdict(),
            "rows": [_row_as_json(row) for row in self.rows],
        }

    def as_table(self) -> RenderableType:
        """A table for the terminal."""
        from rich.console import Group
        from rich.text import Text

        if self.inference is not None:
            return Group(Text(self.inference.in_words() + "\n"), self._as_table())
        return self._as_table()

    def _as_table(self) -> RenderableType:
        from rich.table import Table
        from rich.text import Text

        what = " ".join(filter(None, (self.provider, self.scheme)))
        table = Table(title=Text(f"Audit of {self.url} ({what})"), caption=Text(self.summary))
        for name in ("case", "kind", "sent", "expected", "answered", "verdict", "what it means"):
            table.add_column(name, overflow="fold")
        for row in self.rows:
            case, style = row.case, {RIGHT: "green", WRONG: "bold red", ADVICE: "yellow"}[row.verdict]
            texts = (
                case.id,
                case.kind,
                case.sent,
                row.expected,
                row.answered,
                (row.verdict, style),
                row.meaning,
            )
            table.add_row(*(Text(*each) if isinstance(each, tuple) else Text(each) for each in texts))
        return table


class Audited(Protocol):
    """The part of a provider that an audit needs."""

    @property
    def name(self) -> str: ...

    def audit_cases(
        self, reference: Callable[[str], str], *, scheme: str, secret: str
    ) -> Sequence[AuditCase]: ...

    def audit_reasoning(self, genuine: bytes, *, scheme: str, secret: str) -> Reasoning: ...


def run(
    provider: Audited,
    url: str,
    *,
    secret: str = "",
    scheme: str = "",
    reference: str = "",
    policy: Policy | None = None,
    client: CallbackClient | None = None,
    timeout: float = 15.0,
    container: str = "",
) -> AuditReport:
    """Send the receiver at ``url`` every case of the vendor, one after the other, and judge what it answers.
    One that does not answer the genuine callback is sent nothing else: its silence says nothing.

    ``reference``: one that the receiver knows, where it answers 404 to others; by default each case has one
    of its own, so that a receiver that remembers what it has handled judges each. ``container``: as
    `connectivity.Probe.container`. Raises `MockServerError` for a vendor without an audit or a scheme it does
    not have, and its `TargetError` for an address that cannot be called. Not for an event loop."""
    cases = _cases(provider, scheme, secret, reference)
    policy = policy or Policy()
    parse_target(url)
    report = asyncio.run(_run(provider, url, scheme, secret, cases, client or HttpClient(policy), timeout))
    if report.reached:
        return report
    return report._replace(remedy=remedy(url, policy, report.rows[0].answer, container=container))


def _cases(provider: Audited, scheme: str, secret: str, reference: str) -> Sequence[AuditCase]:
    stem = f"audit-{secrets.token_hex(4)}"
    try:
        return provider.audit_cases(lambda name: reference or f"{stem}-{name}", scheme=scheme, secret=secret)
    except ValueError as error:
        raise MockServerError(str(error)) from None


async def _run(
    provider: Audited,
    url: str,
    scheme: str,
    secret: str,
    cases: Sequence[AuditCase],
    client: CallbackClient,
    timeout: float,
) -> AuditReport:
    async def send(case: AuditCase) -> AuditRow:
        begun = time.perf_counter()
        answer = await client.send(OutgoingRequest(url, case.body, case.headers, "POST", timeout))
        return AuditRow(case, answer, time.perf_counter() - begun, judge(case, answer))

    genuine = await send(next(case for case in cases if case.kind == GENUINE))
    if not genuine.answer.status:
        await client.close()
        return AuditReport(provider.name, url, scheme, (genuine,))
    rows = [genuine if case is genuine.case else await send(case) for case in cases]
    reasoning = provider.audit_reasoning(genuine.case.body, scheme=scheme, secret=secret)
    if genuine.verdict == WRONG:
        rows += [await send(_probe(probe)) for probe in reasoning.probes]
    await client.close()
    inference = _inferred(rows, reasoning, genuine.answer)
    return AuditReport(provider.name, url, scheme, tuple(rows), inference)


def _probe(probe: MistakenSignature) -> AuditCase:
    sent = "the genuine message under the signature of a known mistake"
    return AuditCase(probe.id, PROBE, sent, probe.explanation, probe.headers, probe.body)


def _inferred(rows: Sequence[AuditRow], reasoning: Reasoning, answer: Answer) -> Inference | None:
    taken = frozenset(row.case.id for row in rows if 200 <= row.answer.status < 300)
    probed = {row.case.id for row in rows if row.case.kind == PROBE}
    forged = frozenset(row.case.id for row in rows if row.case.kind == FORGED)
    statuses = {row.case.id: row.answer.status for row in rows}
    return infer(Seen(taken - probed, statuses, forged), reasoning, taken & probed, answer.headers)


def judge(case: AuditCase, answer: Answer) -> str:
    """The verdict. A status counts as given also where the rest of the answer did not come."""
    accepted = 200 <= answer.status < 300
    refused = 400 <= answer.status < 500 or (
        case.may_close and not answer.status and answer.failure is not SendFailure.TIMED_OUT
    )
    if case.kind == GENUINE:
        return RIGHT if accepted and not answer.error else WRONG
    if case.kind == PROBE:
        return ADVICE if accepted else RIGHT
    if case.kind == FORGED:
        return WRONG if accepted else RIGHT if refused else ADVICE
    return RIGHT if (accepted if case.accept else refused) else ADVICE


def _row_as_json(row: AuditRow) -> dict[str, Any]:
    return {
        "case": row.case.id,
        "kind": row.case.kind,
        "sent": row.case.sent,
        "expected": row.expected,
        "status": row.answer.status,
        "error": row.answer.error,
        "seconds": round(row.took, 4),
        "verdict": row.verdict,
        "meaning": row.meaning,
    }
