"""``python -m benchmarks.diagnosis``: processor time for naming the mistake in a wrong signature of the corpus, its bodies
padded to 100 kB. The corpus' digests are not of the padded bodies, so nearly every search looks to its end: the dearest case."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from mock_server.core.http import Request
from mock_server.providers.context import UnitOfWork
from tests.corpora.signing import judge
from tests.corpora.signing.cases import FORM, FROZEN

SIZE = 100_000
ROUNDS = 3
_NOTE = "Flat 3/27, Karangahape Road, Tāmaki Makaurau 1010: O'Dwyer & Ngāpōtiki <kyc@kāinga.example>, 50 % + GST; "


class Figures(NamedTuple):
    """Milliseconds of the processor, each search at its fastest of `ROUNDS`."""

    searches: int
    median: float
    slowest: float


def measured(every: int = 16) -> Figures:
    """Over every so manyth row of the corpus."""
    times = sorted(min(_taken(search) for _ in range(ROUNDS)) for search in _searches(every))
    return Figures(len(times), times[len(times) // 2], times[-1])


def _taken(search: Callable[[], Any]) -> float:
    begun = time.thread_time()
    search()
    return (time.thread_time() - begun) * 1000


def _searches(every: int) -> Iterator[Callable[[], Any]]:
    services, providers = judge.services(), judge.providers()
    unit = UnitOfWork(services, services.accounts.default(), int(FROZEN) / 1000, "http://localhost:8484")
    for row in judge.rows()[::every]:
        provider = providers[row["vendor"]]
        if row["vendor"] != FORM:
            body = _padded(row["body"]).encode()
            yield lambda body=body, row=row, provider=provider: provider.explain_message(  # type: ignore[misc]
                unit, body, {"signature": row["signature"]}
            )
        elif "data" in (fields := dict(parse_qsl(row.get("body", ""), keep_blank_values=True))):
            form = urlencode({**fields, "data": _padded(fields["data"])}).encode()
            headers = {"content-type": "application/x-www-form-urlencoded", "host": "localhost:8484"}
            request = Request(row["method"], row["path"], "", headers, form)
            yield lambda request=request, provider=provider: provider.explain(unit, request)  # type: ignore[misc]


def _padded(text: str) -> str:
    """The JSON as it is written, with one more member."""
    note = (_NOTE * (SIZE // len(_NOTE.encode()) + 1))[: SIZE - len(_NOTE)]
    return f'{text.rstrip()[:-1]},"note":{json.dumps(note, ensure_ascii=False)}}}'


if __name__ == "__main__":
    result = measured(1)
    print(
        f"{result.searches} searches of {SIZE // 1000} kB: median {result.median:.0f} ms, slowest {result.slowest:.0f} ms"
    )
