"""The shape of successful answers, for the test person that the vendor has given the user.

The only requests of calibrate that are not harmless: the vendor runs them, may bill them and keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mock_server.core.exceptions import ConfigError
from mock_server.providers.accounts import Account
from mock_server.providers.base import Provider
from mock_server.providers.probes import ProbeAnswer, Probes
from mock_server.providers.samples import Samples
from mock_server.scenario.facts import MISSING
from mock_server.web.calibration.asking import Pace, Sender, new_mark, obstacle
from mock_server.web.calibration.comparing import ABSENT, AnswerDifference, shape_of
from mock_server.web.calibration.ours import Ours
from mock_server.web.calibration.report import ReportedDifference, ReportedShape
from mock_server.web.calibration.upstream import UpstreamError

UNIQUE = "{unique}"
"""In a text of the file: twelve letters and digits, new in each run, for references that must be."""
_MEMBERS = {"operation", "body", "outcome"}
_EXAMPLE = "write requests: [{operation: …, body: {…}}]"


class PersonaRequest(NamedTuple):
    """One request of the file."""

    operation: str
    body: Any
    outcome: str = ""
    """What the vendor makes of the test person, where it is not what the mock usually answers."""


def read(path: str, provider: Provider) -> list[PersonaRequest]:
    """The requests of a YAML or JSON file. Raises `ConfigError` with a remedy."""
    import yaml

    samples = provider.samples
    if samples is None:
        raise ConfigError(f"--persona: {provider.title} has no sample requests to build on")
    try:
        document = yaml.safe_load(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--persona {path}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise ConfigError(f"--persona {path}:{line}: not valid YAML or JSON; {_EXAMPLE}") from None
    rows = document.get("requests") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not rows:
        raise ConfigError(f"--persona {path}: it has no requests; {_EXAMPLE}")
    return [_request(path, number, row, provider, samples) for number, row in enumerate(rows, 1)]


def _request(path: str, number: int, row: Any, provider: Provider, samples: Samples) -> PersonaRequest:
    where = f"--persona {path}, request {number}"
    if not isinstance(row, dict) or not set(row) <= _MEMBERS or not isinstance(row.get("operation"), str):
        raise ConfigError(f"{where}: a request has operation, body and outcome; {_EXAMPLE}")
    operation, outcome = row["operation"], row.get("outcome") or ""
    if operation not in samples.OPERATIONS:
        raise ConfigError(f"{where}: unknown operation {operation!r}; use {', '.join(samples.OPERATIONS)}")
    known = provider.vocabulary.operations[operation].outcomes
    if outcome and outcome not in known:
        raise ConfigError(f"{where}: unknown outcome {outcome!r}; use {', '.join(known)}")
    return PersonaRequest(operation, row.get("body"), outcome)


def ask(
    requests: Sequence[PersonaRequest],
    provider: Provider,
    kit: Probes,
    account: Account,
    sender: Sender,
    pace: Pace,
    ours: Ours,
) -> Iterator[ReportedShape]:
    """Send each request once and compare the answer's shape with that of the mock's answer."""
    samples = provider.samples
    if samples is None:
        return  # `read` has refused the file
    mark = new_mark()
    for each in requests:
        at = pace.wait()
        request = samples.sign(samples.request(each.operation, _unique(each.body, mark)), account, at)
        try:
            answer = sender.send(request)
        except UpstreamError as error:
            yield ReportedShape(each.operation, str(error))
            continue
        problem = obstacle(answer) or _refusal(kit, answer)
        if problem:
            yield ReportedShape(each.operation, problem)
            continue
        mock = ours.answer(request, at, each.outcome)
        service = shape_of(kit.tidy(answer.document))
        differences = shape_differences(service, shape_of(kit.tidy(mock.document)))
        yield ReportedShape(
            each.operation, "", service, tuple(ReportedDifference(*one) for one in differences)
        )


def _unique(value: Any, mark: str) -> Any:
    if isinstance(value, str):
        return value.replace(UNIQUE, mark)
    if isinstance(value, Mapping):
        return {name: _unique(inner, mark) for name, inner in value.items()}
    return [_unique(inner, mark) for inner in value] if isinstance(value, list) else value


def _refusal(kit: Probes, answer: ProbeAnswer) -> str:
    """Why the answer is not a success."""
    if answer.document is MISSING:
        return f"the service answered {answer.status} without JSON"
    if not 200 <= answer.status < 300 or kit.refused(answer):
        return f"the service refused it: {answer.status} {kit.brief(answer)}; check the file"
    return ""


def shape_differences(service: Mapping[str, str], mock: Mapping[str, str]) -> list[AnswerDifference]:
    """Members that only one of them has, and members whose types differ. Leaves out everything below a member that
    differs, and below a list that is empty in one of them."""
    differences: list[AnswerDifference] = []
    skipped: list[str] = []
    for path in [*service, *(path for path in mock if path not in service)]:
        if any(path.startswith(f"{above}{sign}") for above in skipped for sign in (".", "[")):
            continue
        one, other = service.get(path, ABSENT), mock.get(path, ABSENT)
        if one == other:
            continue
        skipped.append(path)
        if not (path.endswith("[]") and ABSENT in (one, other)):
            differences.append(AnswerDifference(path, one, other))
    return differences
